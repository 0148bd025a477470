import Glibc

/// The lines of stdin, each handed out as soon as it is there.
struct InputLines {
  /// Bytes of a line that are kept; one byte more tells that it was longer.
  static let bytesMax = 64 << 10

  private var buffer = [UInt8](repeating: 0, count: 64 << 10)
  private var unread = 0..<0

  /// The next line without its end, waiting for it; nil at the end of the input.
  ///
  /// The last line may lack its end. Of a line that is too long, ``bytesMax`` + 1 bytes are given.
  mutating func next() -> [UInt8]? {
    var line: [UInt8] = []
    var isStarted = false
    while !unread.isEmpty || fill() {
      isStarted = true
      let end = buffer[unread].firstIndex(of: UInt8(ascii: "\n"))
      line += buffer[unread.lowerBound..<(end ?? unread.upperBound)].prefix(
        Self.bytesMax + 1 - line.count)
      unread = (end.map { $0 + 1 } ?? unread.upperBound)..<unread.upperBound
      if end != nil { return line }
    }
    return isStarted ? line : nil
  }

  /// Reads more; false at the end of the input.
  private mutating func fill() -> Bool {
    while true {
      let count = read(STDIN_FILENO, &buffer, buffer.count)
      if count < 0, errno == EINTR { continue }
      unread = 0..<max(count, 0)
      return count > 0
    }
  }
}
