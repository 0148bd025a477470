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
    json.member("id", explanation.op.op.id)
    json.member("title", try names.title(of: explanation.op.op))
    json.key("record")
    try write(explanation.op, nil, to: &json)
    json.key("aspects")
    json.openArray()
    for aspect in explanation.aspects { try write(aspect, to: &json) }
    json.closeArray()
    json.closeObject()
    console.jsonLine(json.bytes)
  }

  private func write(_ aspect: Aspect, to json: inout JSONWriter) throws(StoreError) {
    json.openObject()
    json.member("name", aspect.name)
    try write(aspect.facts, to: &json)
    json.member("rule", aspect.rule?.rawValue)
    json.member("words", aspect.rule.map { names.language($0.words) })
    try json.member("parts", each: aspect.parts) { (json, part) throws(StoreError) in
      json.member("table", part.table)
      try write(part.facts, to: &json)
      json.key("ops")
      json.openArray()
      for traced in part.ops { try write(traced, aspect.name, to: &json) }
      json.closeArray()
    }
    json.closeObject()
  }

  private func write(_ facts: [Fact], to json: inout JSONWriter) throws(StoreError) {
    guard !facts.isEmpty else { return }
    json.member("facts") { json in
      for fact in facts {
        json.key(fact.name)
        switch fact.value {
        case .number(let number): json.integer(number)
        case .id(let id): json.opID(id)
        case .date(let date): json.text(date.description)
        case .text(let text): json.text(text)
        }
      }
    }
  }

  private func write(
    _ traced: OpTrace, _ field: String?, to json: inout JSONWriter
  ) throws(StoreError) {
    let op = traced.op
    json.openObject()
    json.member("op", op.id)
    json.member("role", traced.role)
    json.member("kind", Catalogue.kind(op.kind)?.name ?? "#\(op.kind)")
    if let field { json.member("value", try names.value(of: field, by: op)) }
    json.member("occurred_on", op.occurredOn.description)
    json.member("actor", op.actor)
    json.member("recorder", try names.recorder(of: op))
    writeTravel(of: traced, to: &json)
    json.member("outcome", traced.verdict.outcome.rawValue)
    json.member("rule", traced.rule?.rawValue)
    json.member("replaced_by", traced.replacedBy)
    json.member("posted_month", traced.postedMonth.map { String($0.description.prefix(7)) })
    writeEntries(of: traced, to: &json)
    json.closeObject()
  }

  private func writeTravel(of traced: OpTrace, to json: inout JSONWriter) {
    json.member("replica", traced.op.id.replica.rawValue)
    json.member("office", traced.office)
    json.member("clock", traced.op.stamp)
    guard let receipt = traced.receipt else { return }
    json.member("received_at", receipt.receivedAt)
    json.member("receipt", receipt.id)
  }

  private func writeEntries(of traced: OpTrace, to json: inout JSONWriter) {
    json.member("reasons", each: traced.entries) { json, entry in
      json.member("reason", entry.reason.rawValue)
      json.member("words", names.language(entry.reason.words(about: traced.op.id)))
      if let resolution = entry.resolution {
        json.member("resolved_by", resolution.op)
        json.member("resolution", resolution.outcome)
      }
    }
  }
}
