import Community
import OpLog
import Pages
import Store

/// An explanation as lines for people.
struct ExplainedText {
  private let names: ExplainedNames
  private let partsMax: Int
  private var language: Language { names.language }

  init(_ names: ExplainedNames, partsMax: Int) {
    self.names = names
    self.partsMax = partsMax
  }

  func write(_ explanation: Explanation, to console: Console) throws(StoreError) {
    let record = explanation.op
    console.out("\(record.op.id)  \(try names.title(of: record.op))")
    for line in try details(of: record) { console.out("  \(line)") }
    var told: Set<OpID> = [record.op.id]
    for aspect in explanation.aspects {
      console.out("")
      let sums = try text(aspect.facts)
      // The fields of a file are a resident's, and the name among them a person's.
      let name =
        ResidentFile.fields.contains(aspect.name)
        ? Headings.text(aspect.name, of: "residents", in: language) : heading(aspect.name)
      console.out(sums.isEmpty ? name : "\(name): \(sums)")
      if let rule = aspect.rule { console.out("  \(language(rule.words))") }
      for part in aspect.parts.prefix(partsMax) {
        for line in try lines(of: part, in: aspect.name, &told) { console.out("  \(line)") }
      }
      let more = aspect.parts.count - partsMax
      guard more > 0 else { continue }
      let command = "linli explain \(record.op.id) \(aspect.name)"
      console.out(Words("  … 还有 \(more) 条: \(command)", "  … \(more) more: \(command)"))
    }
  }

  /// A part's lines; who recorded an op, and how it came, is told once.
  private func lines(
    of part: ExplainedPart, in aspect: String, _ told: inout Set<OpID>
  ) throws(StoreError) -> [String] {
    var lines: [String] = []
    let facts = try text(part.facts)
    let table = part.table.flatMap { $0 == aspect ? nil : heading($0) }
    let head = [table, facts.isEmpty ? nil : facts].compactMap { $0 }.joined(separator: "  ")
    if !head.isEmpty { lines.append(head) }
    let indent = head.isEmpty ? "" : "  "
    for traced in part.ops {
      let role = ExplainWords.roles[traced.role].map { language($0) } ?? traced.role
      var line = "\(role) \(traced.op.id) \(try names.title(of: traced.op))"
      if ["shown", "live", "replaced"].contains(traced.role) {
        line = "\(role) \(traced.op.id): \(try value(of: aspect, by: traced.op))"
      }
      lines.append(indent + line)
      let isNew = told.insert(traced.op.id).inserted
      let more = isNew ? try details(of: traced) : decisions(on: traced)
      lines += more.map { "\(indent)  \($0)" }
    }
    return lines
  }

  private func value(of field: String, by op: Op) throws(StoreError) -> String {
    guard ResidentFile.registers.contains(field) else { return try names.title(of: op) }
    guard let value = try names.value(of: field, by: op) else {
      return language(Words("(资料不在本机)", "(its body is not here)"))
    }
    return value.isEmpty ? language(Words("(空)", "(nothing)")) : value
  }

  /// Who, when, under which rules, how it travelled, what became of it, and why.
  private func details(of traced: OpTrace) throws(StoreError) -> [String] {
    let who = try names.recorder(of: traced.op)
    let date = traced.op.occurredOn
    let rules = traced.op.policy.map { language(Words("，依据规则 \($0)", ", under the rules \($0)")) }
    return [
      language(Words("\(who)，业务日期 \(date)", "\(who), for \(date)")) + (rules ?? ""),
      language(travel(of: traced)),
    ] + decisions(on: traced)
  }

  /// What became of an op, and why.
  private func decisions(on traced: OpTrace) -> [String] {
    var lines = [language(traced.verdict.outcome.words)]
    if let rule = traced.rule { lines[0] += ": \(language(rule.words))" }
    if let replacing = traced.replacedBy {
      lines.append(language(Words("被 \(replacing) 取代", "replaced by \(replacing)")))
    }
    for entry in traced.entries { lines.append(text(of: entry, about: traced.op.id)) }
    if let month = traced.postedMonth {
      let name = month.description.prefix(7)
      lines.append(language(Words("计入 \(name)", "posted in \(name)")))
    }
    return lines
  }

  private func text(of entry: TracedEntry, about op: OpID) -> String {
    let words = language(entry.reason.words(about: op))
    guard let resolution = entry.resolution else { return "\(entry.reason.rawValue): \(words)" }
    let (op, outcome) = (resolution.op, resolution.outcome)
    return "\(entry.reason.rawValue): \(words) "
      + language(Words("(\(op) 已处理: \(outcome))", "(\(op) resolved it: \(outcome))"))
  }

  private func travel(of traced: OpTrace) -> Words {
    let clock = BeijingTime.text(traced.op.stamp)
    guard !traced.op.id.replica.isHub else {
      return Words("街道记录，时钟 \(clock)", "written by the hub, its clock \(clock)")
    }
    let office = "\(traced.office ?? "") (\(traced.op.id.replica))"
    guard let receipt = traced.receipt else {
      return Words(
        "\(office) 记录，本站时钟 \(clock)；还没有街道回执",
        "recorded at \(office), its clock \(clock); no receipt of the hub yet")
    }
    let received = BeijingTime.text(receipt.receivedAt)
    return Words(
      "\(office) 记录，本站时钟 \(clock)；街道 \(received) 收到，回执 \(receipt.id)",
      "recorded at \(office), its clock \(clock); received by the hub \(received), in its log "
        + "\(receipt.id)")
  }

  private func text(_ facts: [Fact]) throws(StoreError) -> String {
    var parts: [String] = []
    for fact in facts { parts.append("\(heading(fact.name)) \(try fact.text(names))") }
    return parts.joined(separator: ", ")
  }

  private func heading(_ name: String) -> String {
    language == .chinese ? ExplainHeadings.text(name) : name
  }
}
