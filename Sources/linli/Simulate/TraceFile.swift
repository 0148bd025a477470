import Community
import Glibc

/// The file that stories are written to, a line for each event.
final class TraceFile {
  private let path: String
  private let file: UnsafeMutablePointer<FILE>
  private var isWhole = true

  init(_ path: String) throws(CommandError) {
    guard let file = fopen(path, "w") else { throw Self.unwritable(path) }
    self.path = path
    self.file = file
  }

  func write(_ lines: [String]) {
    for line in lines where fputs(line + "\n", file) < 0 { isWhole = false }
  }

  func close() throws(CommandError) {
    guard fclose(file) == 0, isWhole else { throw Self.unwritable(path) }
  }

  private static func unwritable(_ path: String) -> CommandError {
    .storage(
      "trace-file", Words("无法写入 \(path)", "\(path) cannot be written"),
      advice: Words("换一个文件", "choose another file"))
  }
}
