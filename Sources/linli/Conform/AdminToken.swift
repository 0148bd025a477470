import Community
import Glibc
import Hub
import Office

/// The token of a hub's door, in a file that only its owner reads.
enum AdminToken {
  /// Reads it.
  ///
  /// - Throws: A usage error for a file that others may read, or without at least 22 characters of
  ///   base64url, which 128 random bits have.
  static func read(_ file: String) throws(CommandError) -> String {
    var status = stat()
    guard stat(file, &status) == 0, let text = SmallFile.read(file) else {
      throw .unfit(
        file, Words("无法读取", "cannot be read"),
        Words("先做一个这样的文件", "make such a file first"))
    }
    guard status.st_mode & 0o077 == 0 else {
      throw .unfit(
        file, Words("别的用户也能读", "may be read by other users"),
        Words("chmod 600 \(file)", "chmod 600 \(file)"))
    }
    let token = String(text.drop(while: \.isWhitespace).prefix { !$0.isWhitespace })
    guard HubDoor(token: token, random: Machine.random) != nil else {
      throw .unfit(
        file, Words("不是 128 个随机位", "does not hold 128 random bits"),
        Words(
          "例如 head -c 24 /dev/urandom | base64 | tr '+/' '-_'",
          "for example head -c 24 /dev/urandom | base64 | tr '+/' '-_'"))
    }
    return token
  }
}

extension CommandError {
  fileprivate static func unfit(_ file: String, _ what: Words, _ advice: Words) -> CommandError {
    .usage(
      Words(
        "--admin-token-file \(file) \(what.chinese)", "--admin-token-file \(file) \(what.english)"),
      advice: advice)
  }
}
