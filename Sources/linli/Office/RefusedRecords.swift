import Community
import OpLog
import Store

/// Records of a former number of this PC that cannot be recorded again, as its desk tells them.
enum RefusedRecords {
  /// The reason on the desk.
  static let code = "not-recorded-again"
  /// What is the matter.
  static let words = Words(
    "重新入网前登记的，无法用新编号补录", "recorded before this PC rejoined, and cannot be recorded again")
  /// What staff can do about it.
  static let advice = Words(
    "请照纸质凭证重新登记，再用 linli desk resolve 编号 --reason \(code) --outcome noted 注明",
    "record it anew by its receipt, and say so with linli desk resolve ID --reason \(code) --outcome noted"
  )

  /// Rows as of the view `desk_entries`, with why.
  static func rows(in store: Store, _ language: Language) throws(StoreError) -> [[String?]] {
    try store.refusedFormerOps().map {
      [$0.op.id.description, code, language(words(of: $0.reason))]
    }
  }

  private static func words(of reason: RecordingObstacle) -> Words {
    switch reason {
    case .tooLong: Words("太长", "too long")
    case .unfit: Words("内容不合格式", "not well-formed")
    case .namesRefused: Words("所依据的记录也无法补录", "it names another such record")
    case .namesChanged:
      Words("所依据的编号现在是另一条记录", "a number that it goes by is another record now")
    case .namesAbsent:
      Words(
        "所依据的别处记录不在这里", "it goes by another office's record too, which is not here")
    case .noted: Words("已注明", "noted")
    }
  }

  /// How many they are, and where they are listed; nil for none.
  static func words(_ count: Int) -> Words? {
    guard count > 0 else { return nil }
    return Words(
      "注意: 有 \(count) 条旧编号的记录无法补录，不计入: linli desk 会列出",
      "warning: \(count) records of a former number cannot be recorded again and do not count: "
        + "linli desk lists them")
  }

  /// Takes an entry off the desk of this PC, the only one that has it.
  static func resolve(
    _ subject: String, _ outcome: String, in store: Store, _ console: Console
  ) throws(CommandError) {
    guard outcome == "noted" else {
      throw .badValue(option: "outcome", outcome, example: "noted")
    }
    let id = OpID(subject)
    let isNoted = try CommandError.wrap { () throws(StoreError) in
      try store.write { () throws(StoreError) in
        try id.map { (id) throws(StoreError) in try store.noteRefused(id) } ?? false
      }
    }
    guard isNoted else {
      throw .refused(
        "not-on-desk",
        Words("\(subject) 没有这样的事项", "there is no such entry about \(subject)"),
        advice: Words("linli desk 会列出", "linli desk lists them"))
    }
    console.answer(Words("已注明 \(subject)", "noted \(subject)")) { $0.member("subject", subject) }
  }
}
