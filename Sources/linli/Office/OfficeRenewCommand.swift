import Community
import HTTPClient
import Office
import OpLog
import Store
import Wire

/// Gets the office's secret by the street's new key.
enum OfficeRenewCommand: Command {
  static let name = "office renew"
  static let summary = Words("街道换密钥后，用换钥码继续", "go on after the street's key was lost, with a code")
  static let usage = "linli office renew --code CODE [--hub URL] [--attempts N]"
  static let example = "linli office renew --code CODE --data office"

  static func run(_ arguments: Arguments) async throws(CommandError) -> Int32 {
    try arguments.expect(atMost: 0)
    let code = InvitationCode.normalised(try arguments.required("code"))
    let attempts = try arguments.integer("attempts", in: 1...100) ?? 5
    let console = arguments.console
    let known = try DataFolder(arguments).openOffice()
    let address = try CommandError.wrap { () throws(OfficeError) in try known.hubAddress }
    let line = try HubLine.open(arguments.option("hub") ?? address)
    let office: OfficeCore
    do throws(OfficeError) {
      office = try await OfficeFolder(arguments.dataFolder, as: Machine.edition).renew(
        code: code, hub: arguments.option("hub"), through: line, random: Machine.random)
    } catch { throw CommandError(error) }
    if !console.isJSON {
      console.out(
        Words(
          "副本 \(office.replica) 已换钥，编号和记录不变",
          "replica \(office.replica) has its new key; its number and records stay"))
    }
    let summary = try await HubLine.sync(office, through: line, attempts: attempts, console)
    console.answer(summary.words) { json in
      json.member("replica", office.replica.rawValue)
      json.summary(summary)
    }
    return ExitCode.ok
  }

  static func details(of words: [String], in language: Language) -> String {
    language(
      Words(
        """
        码由街道管理员当面或用您认得的电话告诉您；别人发来的码不要输入。--hub 要写您认得的地址。
        中途断电或断网，原样再运行一次即可。
        """,
        """
        Take a code only from the street's administrator, in person or by a phone number that you know, and
        name with --hub only an address that you know. If the power or the line fails, run it again as it
        was.
        """))
  }
}
