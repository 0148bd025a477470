import OpLog

/// The story of one world, a line for each event; equal seeds tell equal stories.
package struct Trace: Sendable {
  /// The lines; empty unless they are kept.
  package private(set) var lines: [String] = []
  /// The lines between the street's opening and the end of its faults.
  private var faulty = 0..<0
  private let isKept: Bool
  private var sha = SHA256()

  /// An empty story.
  ///
  /// - Parameter isKept: Whether lines are kept, or only their digest.
  package init(isKept: Bool) { self.isKept = isKept }

  /// SHA-256 over the lines so far.
  package var digest: Digest { sha.finish() }

  /// The lines of what may have gone wrong, and the last one: no set-up and no healing.
  var short: [String] {
    let end = faulty.isEmpty ? lines.count : faulty.upperBound
    return Array(lines[faulty.lowerBound..<end] + lines[max(end, lines.count - 1)...])
  }

  /// Notes that the street is open.
  mutating func open() { faulty = lines.count..<lines.count }

  /// Notes that the faults end.
  mutating func heal() { faulty = faulty.lowerBound..<lines.count }

  /// Adds an event.
  mutating func note(_ time: Int64, _ line: String) {
    let whole = "\(time) \(line)"
    sha.update(Array((whole + "\n").utf8))
    if isKept { lines.append(whole) }
  }
}
