import OpLog

/// The story of one world, a line for each event; equal seeds tell equal stories.
package struct Trace: Sendable {
  /// The lines; empty unless they are kept.
  package private(set) var lines: [String] = []
  private let isKept: Bool
  private var sha = SHA256()

  /// An empty story.
  ///
  /// - Parameter isKept: Whether lines are kept, or only their digest.
  package init(isKept: Bool) { self.isKept = isKept }

  /// SHA-256 over the lines so far.
  package var digest: Digest { sha.finish() }

  /// Adds an event.
  mutating func note(_ time: Int64, _ line: String) {
    let whole = "\(time) \(line)"
    sha.update(Array((whole + "\n").utf8))
    if isKept { lines.append(whole) }
  }
}
