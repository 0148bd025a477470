import Wire

/// What is left of a failing world when all is left out that its failure does not need: a file of
/// `Fixtures/regressions`.
///
/// It says what the seed's world has, not what happened in it, so it tells the same story as long as
/// worlds are drawn as they were; the story beside it is for readers.
package struct Regression: Sendable, Equatable {
  /// The seed.
  package var seed: UInt64
  /// How many steps the whole world had.
  package var stepCount: Int
  /// The steps that are taken, ascending.
  package var steps: [Int]
  /// The faults that strike, in the order of their list.
  package var faults: [Fault]
  /// How many offices there may be.
  package var officesMax: Int
  /// The bug that was planted; nil for one of our own.
  package var bug: PlantedBug?
  /// The promise that was broken.
  package var promise: String
  /// What happened, a line each.
  package var story: [String]

  /// The world, with its story.
  package var options: WorldOptions {
    var leftOut = LeftOut()
    leftOut.steps = Set(0..<stepCount).subtracting(steps)
    leftOut.faults = Set(Fault.allCases).subtracting(faults)
    leftOut.officesMax = officesMax
    return WorldOptions(
      seed: seed, steps: stepCount, bug: bug, keepsTrace: true, leftOut: leftOut)
  }
}

/// The file: one JSON object, a line for each member and for each event of the story.
extension Regression {
  private static let bytesMax = 1 << 20

  /// Reads a file.
  ///
  /// - Throws: ``WireError`` for anything but such a file.
  package init(decoding bytes: [UInt8]) throws(WireError) {
    var file = Regression(
      seed: 0, stepCount: 0, steps: [], faults: [], officesMax: 0, bug: nil, promise: "", story: [])
    var reader = try JSONReader(bytes, max: Self.bytesMax)
    try reader.object { (key, reader) throws(WireError) in
      switch key {
      case "seed": file.seed = try Self.value(try reader.text(1...20)) { UInt64($0) }
      case "of_steps": file.stepCount = Int(try reader.integer(in: 0...100_000))
      case "steps":
        try reader.array(max: 100_000) { (reader) throws(WireError) in
          file.steps.append(Int(try reader.integer(in: 0...100_000)))
        }
      case "faults":
        try reader.array(max: Fault.allCases.count) { (reader) throws(WireError) in
          file.faults.append(try Self.value(try reader.text(1...99)) { Fault(rawValue: $0) })
        }
      case "offices_max": file.officesMax = Int(try reader.integer(in: 1...99))
      case "bug":
        file.bug = try Self.value(try reader.text(1...99)) { PlantedBug(rawValue: $0) }
      case "promise": file.promise = try reader.text(1...99)
      case "story":
        try reader.array(max: 10_000) { (reader) throws(WireError) in
          file.story.append(try reader.text(0...100_000))
        }
      default: throw WireError.unknownField(field: key)
      }
    }
    try reader.finish()
    self = file
  }

  private static func value<T>(
    _ text: String, _ read: (String) -> T?
  ) throws(WireError) -> T {
    guard let value = read(text) else { throw .outOfRange(field: text) }
    return value
  }

  /// The file's bytes.
  package func encode() -> [UInt8] {
    func text(_ value: String) -> String {
      var json = JSONWriter()
      json.text(value)
      return String(decoding: json.bytes, as: UTF8.self)
    }
    var members = [
      #""seed": "\#(seed)""#, #""of_steps": \#(stepCount)"#, #""steps": \#(steps)"#,
      #""faults": [\#(faults.map { text($0.rawValue) }.joined(separator: ", "))]"#,
      #""offices_max": \#(officesMax)"#,
    ]
    if let bug { members.append(#""bug": \#(text(bug.rawValue))"#) }
    members.append(#""promise": \#(text(promise))"#)
    let lines = story.map { "    " + text($0) }.joined(separator: ",\n")
    members.append("\"story\": [\n\(lines)\n  ]")
    return Array("{\n  \(members.joined(separator: ",\n  "))\n}\n".utf8)
  }
}
