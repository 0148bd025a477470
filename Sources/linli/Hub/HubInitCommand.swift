import Community
import Hub
import OpLog
import Wire

/// Makes a new street.
enum HubInitCommand: Command {
  static let name = "hub init"
  static let summary = Words(
    "建立街道: 数据库、密钥、两张纸质密钥", "make a street: database, key, two paper shares")
  static let usage = "linli hub init --name STREET"
  static let example = "linli hub init --name 青龙街道 --data hub"

  static func run(_ arguments: Arguments) async throws(CommandError) -> Int32 {
    try arguments.expect(atMost: 0)
    let street = try arguments.required("name")
    try CommandError.check(street, fits: FieldType.text(1...60), option: "name")
    let key = try DataFolder(arguments).makeHub(streetName: street)
    let shares = key.checkedShares(random: Machine.random)
    let console = arguments.console
    if console.isJSON {
      console.json { json in
        json.member("street", key.street.description)
        json.member("name", street)
        json.member("paper_shares", texts: shares)
      }
    } else {
      console.out(
        Words("已建立街道 \(street) (\(key.street))", "made the street \(street) (\(key.street))"))
      console.out(
        Words("把下面两行分别抄在纸上，由两人保管:", "write each line on paper; two people keep them:"))
      for share in shares { console.out(share) }
      console.out(
        Words(
          "密钥文件丢失时，用 linli hub key --join 恢复",
          "should the key file be lost, linli hub key --join brings it back"))
    }
    return ExitCode.ok
  }
}

extension CommandError {
  /// Refuses an option's value that a field could not hold.
  static func check(
    _ text: String, fits type: FieldType, option name: String
  ) throws(CommandError) {
    let isBlank = text.allSatisfy(\.isWhitespace)
    guard isBlank || !type.fits(.text(text)) else { return }
    throw .usage(
      Words(
        "选项 --\(name) 是空白、太长，或有控制字符", "option --\(name) is blank, too long, or has controls"),
      advice: Words("1 到 60 字节", "1 to 60 bytes"))
  }
}
