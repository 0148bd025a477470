import Community
import OpLog
import Wire

extension Scenario {
  /// Bytes of a scenario's file.
  package static let bytesMax = 1 << 20

  /// Reads a scenario's file.
  ///
  /// - Throws: ``WireError`` with the path of what is wrong; unknown members are refused.
  package init(decoding bytes: [UInt8]) throws(WireError) {
    var json = ScenarioReader(reader: try JSONReader(bytes, max: Self.bytesMax), bytes: bytes)
    try json.reader.object { (key, reader) throws(WireError) in
      var json = ScenarioReader(reader: reader, bytes: bytes)
      switch key {
      case "name": name = try json.text()
      case "cases": try json.list { (json) throws(WireError) in cases.append(try json.text()) }
      case "title": title = try json.words()
      case "communities":
        try json.members { (name, json) throws(WireError) in
          communities.append(Community(name: name, policy: try json.values()))
        }
      case "offices":
        try json.members { (name, json) throws(WireError) in
          offices.append(Office(name: name, community: try json.text()))
        }
      case "staff":
        try json.members { (name, json) throws(WireError) in
          staff.append(try json.person(name))
        }
      case "steps":
        try json.list { (json) throws(WireError) in steps.append(try json.step()) }
      case "expect": expectation = try json.expectation()
      case "words":
        try json.members { (reason, json) throws(WireError) in words[reason] = try json.words() }
      default: throw .unknownField(field: "")
      }
      reader = json.reader
    }
    try json.reader.finish()
    try checkNames()
  }

  /// Everything that a step may name is declared, once.
  private func checkNames() throws(WireError) {
    guard !name.isEmpty else { throw .missing(field: "name") }
    var known: Set<String> = [Self.hub]
    let declared = communities.map(\.name) + offices.map(\.name) + staff.map(\.name)
    for name in declared + steps.flatMap(\.names) {
      guard Names.isName(name), known.insert(name).inserted else { throw .outOfRange(field: name) }
    }
    let homes = Set(communities.map(\.name))
    for office in offices where !homes.contains(office.community) {
      throw .outOfRange(field: "offices.\(office.name)")
    }
    for person in staff where !homes.contains(person.community) {
      throw .outOfRange(field: "staff.\(person.name)")
    }
    let expectations = [expectation] + steps.compactMap(\.expectation)
    let reasons = Set(expectations.flatMap { ($0.desk ?? []).map(\.reason) })
    for reason in reasons.symmetricDifference(words.keys).sorted() {
      throw .missing(field: words[reason] == nil ? "words.\(reason)" : "desk: \(reason)")
    }
  }
}

extension Scenario.Step {
  fileprivate var names: [String] {
    switch self {
    case .record(let record): record.name.map { [$0] } ?? []
    case .copy(let copies): copies.map(\.copy)
    default: []
    }
  }

  fileprivate var expectation: Expectation? {
    if case .check(let expectation) = self { expectation } else { nil }
  }
}

extension ScenarioReader {
  mutating func step() throws(WireError) -> Scenario.Step {
    var record = Scenario.Record(place: "", kind: "")
    var other: Scenario.Step?
    try members { (key, json) throws(WireError) in
      switch key {
      case "at": record.place = try json.text()
      case "record": record.kind = try json.text()
      case "as": record.actor = try json.text()
      case "on": record.date = try json.text()
      case "fields": record.fields = try json.values()
      case "name": record.name = try json.text()
      case "refused": record.refusal = try json.text()
      case "unasked": record.isUnasked = try json.reader.flag()
      case "again": other = .again(name: try json.text())
      case "sync":
        var offices: [String] = []
        try json.list { (json) throws(WireError) in offices.append(try json.text()) }
        other = .sync(offices, refusal: nil)
      case "copy": other = .copy(try json.values().map { (copy: $0, of: $1) })
      case "rejoin": other = .rejoin(try json.text())
      case "clock":
        var clocks: [(office: String, offset: Int64)] = []
        for (office, text) in try json.values() {
          guard let offset = Self.milliseconds(text) else { throw .outOfRange(field: office) }
          clocks.append((office, offset))
        }
        other = .clocks(clocks)
      case "check": other = .check(try json.expectation())
      default: throw .unknownField(field: "")
      }
    }
    let isRecord = !record.place.isEmpty && !record.kind.isEmpty
    guard isRecord != (other != nil) else { throw .missing(field: "record") }
    if case .sync(let offices, _)? = other { other = .sync(offices, refusal: record.refusal) }
    return other ?? .record(record)
  }

  mutating func expectation() throws(WireError) -> Expectation {
    var expectation = Expectation()
    try members { (key, json) throws(WireError) in
      switch key {
      case "at":
        try json.list { (json) throws(WireError) in expectation.places.append(try json.text()) }
      case "rows":
        try json.list { (json) throws(WireError) in expectation.rows.append(try json.row()) }
      case "counts":
        try json.list { (json) throws(WireError) in expectation.counts.append(try json.count()) }
      case "outcomes": expectation.outcomes = try json.values()
      case "desk":
        var desk: [Expectation.Entry] = []
        try json.list { (json) throws(WireError) in desk.append(try json.entry()) }
        expectation.desk = desk
      case "doubles": expectation.doubles = try json.values().map { (file: $0, of: $1) }
      default: throw .unknownField(field: "")
      }
    }
    return expectation
  }

  private mutating func row() throws(WireError) -> Expectation.Row {
    var row = Expectation.Row()
    try members { (key, json) throws(WireError) in
      switch key {
      case "table": row.table = try json.text()
      case "key":
        try json.list { (json) throws(WireError) in row.key.append(try json.value() ?? "") }
      case "is":
        if try json.reader.peek() == .null {
          try json.reader.skip()
        } else {
          row.columns = try json.columns()
        }
      default: throw .unknownField(field: "")
      }
    }
    return row
  }

  private mutating func count() throws(WireError) -> Expectation.Count {
    var count = Expectation.Count()
    try members { (key, json) throws(WireError) in
      switch key {
      case "table": count.table = try json.text()
      case "where": count.columns = try json.columns()
      case "is": count.number = Int(try json.reader.integer(in: 0...1_000_000))
      default: throw .unknownField(field: "")
      }
    }
    return count
  }

  private mutating func entry() throws(WireError) -> Expectation.Entry {
    var entry = Expectation.Entry()
    try members { (key, json) throws(WireError) in
      switch key {
      case "reason": entry.reason = try json.text()
      case "subject": entry.subject = try json.text()
      case "detail": entry.detail = try json.value() ?? "0"
      default: throw .unknownField(field: "")
      }
    }
    return entry
  }

  /// `+365d`, `-30m`, `0s` as ms.
  private static func milliseconds(_ text: String) -> Int64? {
    let units: [Character: Int64] = ["d": 86_400_000, "h": 3_600_000, "m": 60_000, "s": 1_000]
    guard let unit = text.last.flatMap({ units[$0] }), let number = Int64(text.dropLast()),
      (-400_000...400_000).contains(number)
    else { return nil }
    return number * unit
  }
}
