import Foundation

/// What a benchmark found, for people or as JSON.
struct Report {
  private struct Figure: Encodable {
    let name: String
    let value: Double
    let unit: String
    let gate: Double?
  }

  private struct Document: Encodable {
    let mode: String
    let ops: Int
    let figures: [Figure]
    let notes: [String]
    let passed: Bool
  }

  let mode: String
  let opCount: Int
  private var figures: [Figure] = []
  private var notes: [String] = []
  private(set) var isPassed = true

  init(mode: String, opCount: Int) {
    self.mode = mode
    self.opCount = opCount
  }

  /// Adds a figure; one with a gate fails the check when it is larger.
  mutating func add(_ name: String, _ value: Double, _ unit: String, gate: Double? = nil) {
    figures.append(Figure(name: name, value: value, unit: unit, gate: gate))
    if let gate, value > gate { isPassed = false }
  }

  mutating func note(_ note: Note) {
    notes.append(note.text)
    if !note.isGood { isPassed = false }
  }

  var text: String {
    let rows = figures.map { figure in
      let name = figure.name.padding(toLength: 44, withPad: " ", startingAt: 0)
      // Shares want more digits than bytes and seconds.
      let places = figure.value > 0 && figure.value < 1 ? 4 : 2
      let digits = figure.value.formatted(
        .number.precision(.fractionLength(places)).grouping(.never))
      let value = String(repeating: " ", count: max(0, 12 - digits.count)) + digits
      let verdict = figure.gate.map { " (gate \($0): \(figure.value <= $0 ? "ok" : "OVER"))" }
      return "\(name)\(value) \(figure.unit)\(verdict ?? "")"
    }
    return (["linli-bench \(mode), W(\(opCount))"] + notes + rows).joined(separator: "\n")
  }

  var json: String {
    let document = Document(
      mode: mode, ops: opCount, figures: figures, notes: notes, passed: isPassed)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    guard let data = try? encoder.encode(document) else { return "{}" }
    return String(decoding: data, as: UTF8.self)
  }
}

/// A sentence of a report, and whether all is well.
struct Note {
  let text: String
  let isGood: Bool
}
