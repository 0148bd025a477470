import Community
import Wire

/// A reader of JSON that also repeats what stands under `for`.
struct ScenarioReader {
  var reader: JSONReader
  let bytes: [UInt8]

  static let listMax = 10_000

  mutating func text() throws(WireError) -> String { try reader.text(1...4096) }

  /// The elements of a list; `{"for": {"p": 5}, "each": […]}` stands for five times its elements,
  /// with 1 to 5 in place of `{p}`.
  mutating func list(
    _ element: (inout ScenarioReader) throws(WireError) -> Void
  ) throws(WireError) {
    try reader.array(max: Self.listMax) { (reader) throws(WireError) in
      var json = ScenarioReader(reader: reader, bytes: bytes)
      if let loop = try json.loop() {
        try loop.expand(element)
      } else {
        try element(&json)
      }
      reader = json.reader
    }
  }

  /// Reads a loop; nil, and nothing read, when something else follows.
  private mutating func loop() throws(WireError) -> Loop? {
    guard try reader.peek() == .object else { return nil }
    var loop = Loop()
    var isLoop = false
    var ahead = reader
    try ahead.object { (key, ahead) throws(WireError) in
      if key == "for" {
        isLoop = true
        try ahead.object { (name, ahead) throws(WireError) in
          loop.counters.append((name, Int(try ahead.integer(in: 1...1_000))))
        }
      } else if key == "each" {
        _ = try ahead.peek()
        let start = ahead.offset
        try ahead.skip()
        loop.body = String(decoding: bytes[start..<ahead.offset], as: UTF8.self)
      } else {
        try ahead.skip()
      }
    }
    guard isLoop else { return nil }
    reader = ahead
    return loop
  }

  private struct Loop {
    var counters: [(name: String, count: Int)] = []
    var body = "[]"

    func expand(
      _ element: (inout ScenarioReader) throws(WireError) -> Void
    ) throws(WireError) {
      try expand(counters[...], body, element)
    }

    private func expand(
      _ counters: ArraySlice<(name: String, count: Int)>, _ text: String,
      _ element: (inout ScenarioReader) throws(WireError) -> Void
    ) throws(WireError) {
      guard let counter = counters.first else {
        let bytes = Array(text.utf8)
        var json = ScenarioReader(
          reader: try JSONReader(bytes, max: Scenario.bytesMax), bytes: bytes)
        return try json.list(element)
      }
      for number in 1...counter.count {
        let filled = text.replacing("{\(counter.name)}", with: "\(number)")
        try expand(counters.dropFirst(), filled, element)
      }
    }
  }

  /// The members of an object.
  mutating func members(
    _ member: (String, inout ScenarioReader) throws(WireError) -> Void
  ) throws(WireError) {
    try reader.object { (key, reader) throws(WireError) in
      var json = ScenarioReader(reader: reader, bytes: bytes)
      try member(key, &json)
      reader = json.reader
    }
  }

  /// A text, a number, or null.
  mutating func value() throws(WireError) -> String? {
    switch try reader.peek() {
    case .number:
      return String(try reader.integer(in: -JSONReader.integerMax...JSONReader.integerMax))
    case .null:
      try reader.skip()
      return nil
    default: return try reader.text(0...4096)
    }
  }

  /// Texts and numbers by name.
  mutating func values() throws(WireError) -> [(String, String)] {
    var values: [(String, String)] = []
    try members { (name, json) throws(WireError) in
      guard let value = try json.value() else { throw .wrongType(field: "") }
      values.append((name, value))
    }
    return values
  }

  /// Cells by column.
  mutating func columns() throws(WireError) -> [(name: String, value: String?)] {
    var columns: [(name: String, value: String?)] = []
    try members { (name, json) throws(WireError) in columns.append((name, try json.value())) }
    return columns
  }

  mutating func words() throws(WireError) -> Words {
    var (chinese, english): (String?, String?)
    try members { (language, json) throws(WireError) in
      switch language {
      case "zh": chinese = try json.text()
      case "en": english = try json.text()
      default: throw .unknownField(field: "")
      }
    }
    guard let chinese else { throw .missing(field: "zh") }
    guard let english else { throw .missing(field: "en") }
    return Words(chinese, english)
  }

  mutating func person(_ name: String) throws(WireError) -> Scenario.Person {
    var person = Scenario.Person(name: name, community: "", roles: [.clerk, .approver, .grid])
    try members { (key, json) throws(WireError) in
      switch key {
      case "of": person.community = try json.text()
      case "roles":
        person.roles = []
        try json.list { (json) throws(WireError) in
          let role = try json.text()
          guard let known = Role.allCases.first(where: { $0.name == role }) else {
            throw .outOfRange(field: "")
          }
          person.roles.append(known)
        }
      default: throw .unknownField(field: "")
      }
    }
    return person
  }
}
