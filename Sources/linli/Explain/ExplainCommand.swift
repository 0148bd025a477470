import Community
import OpLog
import Store

/// Tells why a value is as it is: the ops behind it, the losers, the rule, who, and how they came.
enum ExplainCommand: Command {
  static let name = "explain"
  static let summary = Words(
    "说明一个数值的来历: 依据哪些记录、按什么规则、谁记录、如何送达",
    "why a value is as it is: its records, the rule, who recorded them, how they travelled")
  static let usage = "linli explain ID [FIELD]"
  static let example = "linli explain 4097-1 balance --data office"

  static func run(_ arguments: Arguments) async throws(CommandError) -> Int32 {
    try arguments.expect(atMost: 2)
    guard let text = arguments.positional(0), let asked = OpID(text) else {
      throw .usage(
        Words("请写明编号", "name what to explain by its id"),
        advice: Words(
          "例如 linli explain 4097-2 balance；编号见 linli show",
          "for example linli explain 4097-2 balance; linli show lists the ids"))
    }
    let store = try DataFolder(arguments).openStore()
    let id = try current(asked, in: store, arguments.console)
    let whole = try told(of: id, in: store) { () throws(StoreError) in
      try store.explanation(of: id)
    }
    let field = arguments.positional(1)
    let wanted = field.map { whole.narrowed(to: $0) } ?? whole
    guard let wanted else { throw .noAspect(field ?? "", of: id, whole.fields) }
    let names = ExplainedNames(store, arguments.console.language, about: id)
    try CommandError.wrap { () throws(StoreError) in
      guard !arguments.console.isJSON else {
        return try ExplainedJSON(names).write(wanted, to: arguments.console)
      }
      try ExplainedText(names, partsMax: field == nil ? partsMax : Int.max)
        .write(wanted, to: arguments.console)
    }
    return ExitCode.ok
  }

  /// The record that a number means: one that this PC printed before it rejoined is that which was
  /// recorded again, unless another PC's record has the number; then both are told.
  private static func current(
    _ asked: OpID, in store: Store, _ console: Console
  ) throws(CommandError) -> OpID {
    let (again, isTaken) = try told(of: asked, in: store) { () throws(StoreError) in
      guard try store.replicas().contains(asked.replica) else {
        throw StoreError.unknownReference(asked)
      }
      return (
        try store.recordedAgain(asked),
        try store.storedHead(of: asked.replica).seq >= asked.seq
      )
    }
    guard let again else { return asked }
    if !console.isJSON {
      console.out(
        Words(
          "本机重新入网前以 \(asked) 登记的，现在是 \(again)",
          "what this PC recorded as \(asked) before it rejoined is \(again) now"))
    }
    return isTaken ? asked : again
  }

  /// What is found of a record, which may only not be here yet.
  private static func told<Answer>(
    of id: OpID, in store: Store, _ find: () throws(StoreError) -> Answer
  ) throws(CommandError) -> Answer {
    do throws(StoreError) {
      return try find()
    } catch {
      if case .unknownReference = error, let history = try ComingHistory.read(from: store) {
        throw history.missing(id)
      }
      throw CommandError(error)
    }
  }

  static func details(of words: [String], in language: Language) -> String {
    language(
      Words(
        """
        ID 是任何记录的编号，见 linli show 和 linli log。FIELD 是其中一项，例如:
          居民 name、phone、balance；物品 shelf_item；发放 award；兑换 redemption
          社区 2026-01(某月的月结)、policy 或一条规则的名称
        不写 FIELD 则列出全部各项，每项先列 \(partsMax) 条；写错时会列出可写的名称。
        """,
        """
        ID is that of any record; linli show and linli log list them. FIELD is one side of it, such as
          name, phone, or balance of a resident; shelf_item of an item; award; redemption;
          2026-01 (a month's closing), policy, or the name of a rule of a community
        Without FIELD all sides are told, \(partsMax) lines of each; a wrong one lists the choices.
        """))
  }

  /// Parts of a side that are told where nobody asks for it alone.
  private static let partsMax = 5
}

extension CommandError {
  /// There is nothing of this name to tell about a record.
  fileprivate static func noAspect(
    _ field: String, of id: OpID, _ choices: [String]
  ) -> CommandError {
    .usage(
      Words("\(id) 没有 \(field) 这一项", "\(id) has no \(field)"),
      advice: Words(
        "可写: \(choices.joined(separator: "、"))", "choices: \(choices.joined(separator: ", "))"))
  }
}
