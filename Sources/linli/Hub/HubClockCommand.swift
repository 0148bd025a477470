import Community
import Hub
import OpLog
import Store

/// Shows the hub's clock beside its own records, or takes somebody's word that the clock is right now.
enum HubClockCommand: Command {
  static let name = "hub clock"
  static let summary = Words("街道服务器的时钟是否可信", "whether the hub's clock can be believed")
  static let usage = "linli hub clock [--confirm]"
  static let example = "linli hub clock --data hub"

  static func run(_ arguments: Arguments) async throws(CommandError) -> Int32 {
    try arguments.expect(atMost: 0)
    let store = try DataFolder(arguments).openHubStore()
    if arguments.flag("confirm") {
      try CommandError.wrap { () throws(StoreError) in
        try HubClock.confirm(Machine.now(), in: store)
      }
    }
    let now = Machine.now()
    let written = try lead(over: now, of: store)
    let console = arguments.console
    console.answer(words(now: now, written: written)) { json in
      json.member("now", now)
      json.member("is_behind", written != nil)
      json.member("written", written)
    }
    if written != nil, !console.isJSON { console.out(advice) }
    return written == nil ? ExitCode.ok : ExitCode.checkFailed
  }

  static func details(of words: [String], in language: Language) -> String {
    language(
      Words(
        """
        街道的时钟若比自己写过的记录还早十分钟以上，就不再收记录，以免当天的登记被当作未来的日期。
          --confirm    写上一条记录时的时钟才是错的，现在是对的
        """,
        """
        A hub whose clock is more than ten minutes before what it wrote takes no records: today's business
        dates would lie in its future, and what was sold and awarded would wait.
          --confirm    the clock is right now, and was wrong when the hub wrote its last entry
        """))
  }

  /// What of a hub's status speaks of its clock; nil while it is well.
  static func warning(of store: Store) throws(CommandError) -> Words? {
    let now = Machine.now()
    guard let written = try lead(over: now, of: store) else { return nil }
    let state = words(now: now, written: written)
    return Words(state.chinese + "。" + advice.chinese, state.english + ". " + advice.english)
  }

  /// Why the hub writes nothing; at a recovery its own option says that the clock is right now.
  static func behind(_ written: Int64, atRecovery: Bool = false) -> CommandError {
    let time = BeijingTime.text(written)
    return .refused(
      "clock-behind",
      Words(
        "街道的时钟比它自己 \(time) 写的记录还早: 没有写入",
        "the hub's clock is before what it wrote itself at \(time): nothing was written"),
      advice: atRecovery
        ? Words(
          "请校准时钟；如果现在的时钟才是对的，加 --clock-is-right",
          "set the clock; if it is right now and was wrong then, add --clock-is-right")
        : advice)
  }

  static func lead(over now: Int64, of store: Store) throws(CommandError) -> Int64? {
    try CommandError.wrap { () throws(StoreError) in
      try store.read { () throws(StoreError) in try HubClock.lead(over: now, of: store) }
    }
  }

  private static func words(now: Int64, written: Int64?) -> Words {
    let shown = BeijingTime.text(now)
    guard let written else {
      return Words("时钟 \(shown)，正常", "the clock shows \(shown), which can be")
    }
    let newest = BeijingTime.text(written)
    return Words(
      "时钟 \(shown)，而街道在 \(newest) 已写过记录: 暂不收记录，各站点照常登记",
      "the clock shows \(shown), and the hub wrote something at \(newest): it takes no records now, and "
        + "offices go on recording")
  }

  private static let advice = Words(
    "请校准时钟；如果现在的时钟才是对的，运行 linli hub clock --confirm",
    "Set the clock; if it is right now and was wrong then, run linli hub clock --confirm")
}
