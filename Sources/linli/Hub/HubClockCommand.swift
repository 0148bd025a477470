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
    let reading = try Reading(of: store)
    let console = arguments.console
    console.answer(reading.words) { json in
      json.member("now", reading.now)
      json.member("is_behind", reading.isBehind)
      json.member("written", reading.written)
      json.member("late", reading.late)
    }
    if reading.warning != nil, !console.isJSON { console.out(advice) }
    return reading.isBehind ? ExitCode.checkFailed : ExitCode.ok
  }

  static func details(of words: [String], in language: Language) -> String {
    language(
      Words(
        """
        街道的时钟若比自己写过的记录还早十分钟以上，就不再收记录，以免当天的登记被当作未来的日期。
        点名结束后才交回的旧记录若比时钟还晚，只是这些记录不收，其他照常。
          --confirm    写上一条记录时的时钟才是错的，现在是对的
        """,
        """
        A hub whose clock is more than ten minutes before what it wrote takes no records: today's business
        dates would lie in its future, and what was sold and awarded would wait. Where an office gives what
        a former hub wrote only once the roll-call is over, and that is later, it alone is not taken.
          --confirm    the clock is right now, and was wrong when the hub wrote its last entry
        """))
  }

  /// The hub's clock beside its records.
  struct Reading {
    /// What the clock shows, in ms since 1970-01-01 UTC.
    let now: Int64
    /// When the hub wrote last, where that is later, so that it takes nothing.
    let written: Int64?
    /// When a former hub wrote what came too late for the roll-call, where that is later.
    let late: Int64?

    /// Reads both.
    init(of store: Store) throws(CommandError) {
      now = Machine.now()
      (written, late) = try CommandError.wrap { [now] () throws(StoreError) in
        try store.read { () throws(StoreError) in
          (try HubClock.lead(over: now, of: store), try HubClock.lateLead(over: now, of: store))
        }
      }
    }

    /// Whether the hub takes nothing.
    var isBehind: Bool { written != nil }

    /// What of a hub's status speaks of its clock; nil while it is well.
    var warning: Words? {
      guard isBehind || late != nil else { return nil }
      return Words(
        words.chinese + "。" + advice.chinese, words.english + ". " + advice.english)
    }

    /// What it comes to.
    var words: Words {
      let shown = BeijingTime.text(now)
      if let written {
        let newest = BeijingTime.text(written)
        return Words(
          "时钟 \(shown)，而街道在 \(newest) 已写过记录: 暂不收记录，各站点照常登记",
          "the clock shows \(shown), and the hub wrote something at \(newest): it takes no records now, "
            + "and offices go on recording")
      }
      guard let late else {
        return Words("时钟 \(shown)，正常", "the clock shows \(shown), which can be")
      }
      let newest = BeijingTime.text(late)
      return Words(
        "时钟 \(shown)，而有站点交回的旧记录写于 \(newest): 这些暂不收，其他照常",
        "the clock shows \(shown), and an office brought what a former hub wrote at \(newest): that is not "
          + "taken now, and all else goes on")
    }
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

  private static let advice = Words(
    "请校准时钟；如果现在的时钟才是对的，运行 linli hub clock --confirm",
    "Set the clock; if it is right now and was wrong then, run linli hub clock --confirm")
}
