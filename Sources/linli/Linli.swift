import Community
import Glibc
import Wire

/// The program `linli`: finds the command, runs it, and turns its result into an exit code.
@main
enum Linli {
  /// Every command, in the order of the help.
  static var commands: [any Command.Type] {
    [
      HubInitCommand.self, HubServeCommand.self, HubInviteCommand.self, HubRevokeCommand.self,
      HubReadmitCommand.self,
      HubStatusCommand.self, HubClockCommand.self, HubKeyCommand.self, HubBackupCommand.self,
      HubRecoverCommand.self,
      HubRenewCommand.self, HubEnrolCommand.self, HubAdoptCommand.self, HubSucceedCommand.self,
      HubDuplicatesCommand.self, HubDeskListCommand.self, HubDeskShowCommand.self,
      HubDeskDecideCommand.self, HubDeskResolveCommand.self, HubStaffAppointCommand.self,
      HubStaffEndCommand.self,
      HubStaffResetPINCommand.self, HubStaffListCommand.self, HubBudgetSetCommand.self,
      HubBudgetListCommand.self, HubRebuildCommand.self, HubVerifyCommand.self,
      OfficeInitCommand.self, OfficeRejoinCommand.self, OfficeRenewCommand.self,
      OfficeStatusCommand.self,
      OfficeSyncCommand.self,
      OfficeRightsAskCommand.self, OfficeRightsListCommand.self, OfficeRightsReturnCommand.self,
      OfficeRightsWithdrawCommand.self,
      OfficeRebuildCommand.self, OfficeVerifyCommand.self, OfficeBackupCommand.self,
      BundleExportCommand.self, BundleImportCommand.self, BundleInspectCommand.self,
      BundleListCommand.self,
      StaffPINSetCommand.self, StaffPINResetCommand.self,
      RecordCommand.self, AwardCommand.self, ShowCommand.self, DeskListCommand.self,
      DeskShowCommand.self,
      DeskResolveCommand.self, DeskCommand.self, LogCommand.self, ExplainCommand.self,
      PolicyShowCommand.self, PolicySetCommand.self, ReportCommand.self, HubCloseCommand.self,
      HubReopenCommand.self, HubSettleCommand.self, HubExpireCommand.self,
      HubReverseCommand.self,
      HubExpireReservationsCommand.self, HubRetireCommand.self,
      OfficeGiveCommand.self, ImportCommand.self,
      SimulateCommand.self, ConformDriverCommand.self, ConformCommand.self,
      CrashPointsCommand.self, DemoCommand.self,
    ]
  }

  static func main() async {
    exit(await run(Array(CommandLine.arguments.dropFirst())))
  }

  /// Runs a command line that stands behind the program's name.
  ///
  /// - Returns: The exit code.
  static func run(_ typed: [String]) async -> Int32 {
    let words = asked(commandFirst(typed))
    let console = Console(for: words)
    do throws(CommandError) {
      try Machine.checkClockOffset()
      guard words.first != "--version" else { return showVersion(console) }
      guard let command = commands.first(where: { words.starts(with: $0.path) }) else {
        return try help(for: words, console)
      }
      let arguments = try Arguments(words.dropFirst(command.path.count), usage: command.usage)
      guard !arguments.flag("help") else {
        console.out(
          try Help.text(of: command, arguments.positionals, in: console.language))
        return ExitCode.ok
      }
      return try await command.run(arguments)
    } catch {
      console.endProgress()
      console.report(error)
      return error.exit
    }
  }

  /// The common options may stand before the command too.
  private static func commandFirst(_ words: [String]) -> [String] {
    var (rest, options) = (words[...], [String]())
    while let first = rest.first {
      let isPair = ["--data", "--lang"].contains(first)
      guard isPair || first == "--json" || first.hasPrefix("--data=") || first.hasPrefix("--lang=")
      else { break }
      options += rest.prefix(isPair ? 2 : 1)
      rest = rest.dropFirst(isPair ? 2 : 1)
    }
    return Array(rest) + options
  }

  /// `help` in front is `--help` behind; a kind's name stands for `record` with it.
  private static func asked(_ words: [String]) -> [String] {
    guard words.first == "help" else { return words }
    let rest = Array(words.dropFirst())
    let isKind = rest.first.map { Catalogue.kind(named: $0) != nil } ?? false
    return (isKind ? ["record"] : []) + rest + ["--help"]
  }

  private static func showVersion(_ console: Console) -> Int32 {
    console.answer(
      Words(
        "linli \(version)，记录目录 \(Catalogue.version)",
        "linli \(version), catalogue \(Catalogue.version)")
    ) { json in
      json.member("version", version)
      json.member("catalogue", Catalogue.version)
    }
    return ExitCode.ok
  }

  /// The version of this program.
  private static let version = "0.1.0"

  /// Answers words that are no command: the list for `--help`, else a usage error.
  private static func help(for words: [String], _ console: Console) throws(CommandError) -> Int32 {
    let named = words.prefix { !$0.hasPrefix("--") }
    let matching = commands.filter { $0.path.starts(with: named) }
    if words.contains("--help"), !matching.isEmpty {
      console.out(Help.text(of: matching, in: console.language))
      return ExitCode.ok
    }
    guard !named.isEmpty else {
      throw .usage(Words("没有说要做什么", "no command is given"))
    }
    let text = named.prefix(2).joined(separator: " ")
    let names = (matching.isEmpty ? commands : matching).map { $0.name }
    throw .usage(
      Words("没有命令 \(text)", "there is no command \(text)"),
      advice: Words(
        "可用: \(names.joined(separator: "、"))", "commands: \(names.joined(separator: ", "))"))
  }
}

extension Command {
  /// The name's words.
  fileprivate static var path: [String] { name.split(separator: " ").map(String.init) }
}
