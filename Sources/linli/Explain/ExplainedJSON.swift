import Community
import OpLog
import Pages
import Store
import Wire

/// An explanation as one JSON object.
struct ExplainedJSON {
  private let names: ExplainedNames

  init(_ names: ExplainedNames) { self.names = names }

  func write(_ explanation: Explanation, to console: Console) throws(StoreError) {
    var json = JSONWriter()
    json.openObject()
    json.key("id")
    json.opID(explanation.op.op.id)
    json.key("title")
    json.text(try names.title(of: explanation.op.op))
    json.key("record")
    try write(explanation.op, nil, to: &json)
    json.key("aspects")
    json.openArray()
    for aspect in explanation.aspects { try write(aspect, to: &json) }
    json.closeArray()
    json.closeObject()
    console.out(String(decoding: json.bytes, as: UTF8.self))
  }

  private func write(_ aspect: Aspect, to json: inout JSONWriter) throws(StoreError) {
    json.openObject()
    json.key("name")
    json.text(aspect.name)
    try write(aspect.facts, to: &json)
    if let rule = aspect.rule {
      json.key("rule")
      json.text(rule.rawValue)
      json.key("words")
      json.text(names.language(rule.words))
    }
    json.key("parts")
    json.openArray()
    for part in aspect.parts {
      json.openObject()
      if let table = part.table {
        json.key("table")
        json.text(table)
      }
      try write(part.facts, to: &json)
      json.key("ops")
      json.openArray()
      for traced in part.ops { try write(traced, aspect.name, to: &json) }
      json.closeArray()
      json.closeObject()
    }
    json.closeArray()
    json.closeObject()
  }

  private func write(_ facts: [Fact], to json: inout JSONWriter) throws(StoreError) {
    guard !facts.isEmpty else { return }
    json.key("facts")
    json.openObject()
    for fact in facts {
      json.key(fact.name)
      switch fact.value {
      case .number(let number): json.integer(number)
      case .id(let id): json.opID(id)
      case .date(let date): json.text(date.description)
      case .text(let text): json.text(text)
      }
    }
    json.closeObject()
  }

  private func write(
    _ traced: OpTrace, _ field: String?, to json: inout JSONWriter
  ) throws(StoreError) {
    let op = traced.op
    json.openObject()
    json.key("op")
    json.opID(op.id)
    json.key("role")
    json.text(traced.role)
    json.key("kind")
    json.text(Catalogue.kind(op.kind)?.name ?? "#\(op.kind)")
    if let field, let value = try names.value(of: field, by: op) {
      json.key("value")
      json.text(value)
    }
    json.key("occurred_on")
    json.text(op.occurredOn.description)
    if let actor = op.actor {
      json.key("actor")
      json.opID(actor)
    }
    json.key("recorder")
    json.text(try names.recorder(of: op))
    writeTravel(of: traced, to: &json)
    json.key("outcome")
    json.text(traced.verdict.outcome.rawValue)
    if let rule = traced.rule {
      json.key("rule")
      json.text(rule.rawValue)
    }
    if let replacing = traced.replacedBy {
      json.key("replaced_by")
      json.opID(replacing)
    }
    if let month = traced.postedMonth {
      json.key("posted_month")
      json.text(String(month.description.prefix(7)))
    }
    writeEntries(of: traced, to: &json)
    json.closeObject()
  }

  private func writeTravel(of traced: OpTrace, to json: inout JSONWriter) {
    json.key("replica")
    json.integer(Int64(traced.op.id.replica.rawValue))
    if let office = traced.office {
      json.key("office")
      json.text(office)
    }
    json.key("clock")
    json.integer(traced.op.stamp)
    guard let receipt = traced.receipt else { return }
    json.key("received_at")
    json.integer(receipt.receivedAt)
    json.key("receipt")
    json.opID(receipt.id)
  }

  private func writeEntries(of traced: OpTrace, to json: inout JSONWriter) {
    json.key("reasons")
    json.openArray()
    for entry in traced.entries {
      json.openObject()
      json.key("reason")
      json.text(entry.reason.rawValue)
      json.key("words")
      json.text(names.language(entry.reason.words))
      if let resolution = entry.resolution {
        json.key("resolved_by")
        json.opID(resolution.op)
        json.key("resolution")
        json.text(resolution.outcome)
      }
      json.closeObject()
    }
    json.closeArray()
  }
}
