/// Why the arguments make no sense.
struct UsageError: Error {
  let message: String
}

/// What the command line asks for.
struct Options {
  enum Mode: String {
    case local, apply, raw, wire, checkpoint, line, help
  }

  let mode: Mode
  private(set) var opCount = 100_000
  private(set) var roundCount = 3
  private(set) var directory: String?
  private(set) var isJSON = false
  private(set) var isChecked = false

  /// The columns of a segment that are shown, the largest first.
  private(set) var columnCount = 1_000

  /// Every op is kept in memory before the clock starts, about 400 bytes each.
  static let opCountMax = 10_000_000

  init(_ arguments: [String]) throws(UsageError) {
    guard !arguments.contains("--help") else {
      mode = .help
      return
    }
    guard let first = arguments.first, let mode = Mode(rawValue: first) else {
      throw UsageError(message: "say what to measure: local, apply, raw, wire, checkpoint, or line")
    }
    self.mode = mode
    var rest = arguments.dropFirst()
    while let name = rest.popFirst() {
      switch name {
      case "--ops":
        guard let count = rest.popFirst().flatMap({ Int($0) }), count.isMultiple(of: 20),
          (20...Self.opCountMax).contains(count)
        else {
          throw UsageError(message: "--ops wants a multiple of 20, at most \(Self.opCountMax)")
        }
        opCount = count
      case "--rounds":
        guard let count = rest.popFirst().flatMap({ Int($0) }), (1...99).contains(count) else {
          throw UsageError(message: "--rounds wants a number from 1 to 99")
        }
        roundCount = count
      case "--data":
        guard let path = rest.popFirst() else { throw UsageError(message: "--data wants a folder") }
        directory = path
      case "--json": isJSON = true
      case "--check": isChecked = true
      default: throw UsageError(message: "unknown option \(name)")
      }
    }
  }
}
