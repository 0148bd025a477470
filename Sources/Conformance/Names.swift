import Community
import OpLog

/// What a scenario's names stand for, once they are known.
package struct Names: Sendable {
  /// The ops: records by their names, offices by their enrolment, communities, and staff.
  package private(set) var ops: [String: OpID] = [:]
  /// The offices.
  package private(set) var replicas: [String: ReplicaID] = [:]

  /// No names yet.
  package init() {}

  /// Gives an op a name.
  package mutating func add(_ name: String, _ op: OpID) { ops[name] = op }

  /// Gives an office its name, which also stands for its enrolment.
  package mutating func add(_ name: String, _ replica: ReplicaID, enrolment: OpID) {
    replicas[name] = replica
    ops[name] = enrolment
  }

  /// Whether a text can be a name: letters, digits, and underscores of ASCII.
  package static func isName(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.allSatisfy(isNameByte)
  }

  /// A text with ids in place of `$name`, and replica numbers in place of `@office`.
  ///
  /// - Throws: ``ScenarioError`` for a name that stands for nothing.
  package func resolve(_ text: String) throws(ScenarioError) -> String {
    guard text.utf8.contains(where: { $0 == UInt8(ascii: "$") || $0 == UInt8(ascii: "@") }) else {
      return text
    }
    var resolved: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "$") || byte == UInt8(ascii: "@") else {
        resolved.append(byte)
        continue
      }
      let name = String(decoding: rest.prefix(while: Self.isNameByte), as: UTF8.self)
      rest = rest.dropFirst(name.utf8.count)
      let id = byte == UInt8(ascii: "$") ? ops[name]?.description : replicas[name]?.description
      guard let id else { throw ScenarioError("nothing is called \(name) in \(text)") }
      resolved += Array(id.utf8)
    }
    return String(decoding: resolved, as: UTF8.self)
  }

  /// The op that a name stands for.
  package func op(_ name: String) throws(ScenarioError) -> OpID {
    guard let op = ops[name] else { throw ScenarioError("nothing is called \(name)") }
    return op
  }

  /// The id that `$name` stands for.
  func id(_ text: String) throws(ScenarioError) -> OpID {
    guard let id = OpID(try resolve(text)) else { throw ScenarioError("\(text) is no id") }
    return id
  }

  /// A cell as a column holds it: an id packed, a date as its day.
  func cell(_ text: String?, in column: Column) throws(ScenarioError) -> Cell {
    guard let text = try text.map({ (text) throws(ScenarioError) in try resolve(text) }) else {
      return .null
    }
    return column.isText ? .text(text) : .integer(try integer(text))
  }

  /// An integer: as it stands, an id packed, or a date as its day.
  func integer(_ text: String) throws(ScenarioError) -> Int64 {
    let text = try resolve(text)
    if let number = Int64(text) { return number }
    if let id = OpID(text) { return id.packed }
    if let date = BusinessDate(text) { return Int64(date.day) }
    throw ScenarioError("\(text) is no number, id, or date")
  }

  private static func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
      true
    default: false
    }
  }
}

/// A scenario that cannot be played as it is written.
package struct ScenarioError: Error, CustomStringConvertible {
  /// What is wrong.
  package let description: String

  /// Says what is wrong.
  package init(_ description: String) { self.description = description }
}
