import Community
import OpLog
import Pages

/// What `linli help record` and `linli help KIND` print, read from the catalogue.
enum KindHelp {
  /// Every kind with its name in Chinese; those that offices record come first.
  static func list(in language: Language) -> String {
    let width = Catalogue.kinds.map { $0.name.count }.max() ?? 0
    let lines = { (kinds: [Kind]) in
      kinds.map { kind in
        let name = kind.name.padded(to: width)
        return "  \(name)  \(kind.words.chinese.padded(to: 14))"
          + (language == .english ? "  \(kind.words.english)" : "")
      }
    }
    let ours = lines(Catalogue.kinds.filter { !$0.isHubOnly })
    let hubs = lines(Catalogue.kinds.filter(\.isHubOnly))
    return
      ([language(Words("种类:", "Kinds:"))] + ours
      + [language(Words("只由街道记录:", "Recorded by the hub alone:"))] + hubs
      + [language(Words("字段见 linli help KIND", "linli help KIND lists its fields")), language(key)])
      .map(\.withoutTrailingSpaces).joined(separator: "\n")
  }

  /// What `--key` is for.
  private static let key = Words(
    """

    --key KEY  请求键: 不知道上次是否记成时，用同一个键再来一遍，不会重复记。
               写法: 本站编号、一点、16 个 base64url 字符，如 4097.AAECAwQFBgcICQoL；
               不写则生成一个，--json 的 key 就是它。
    """,
    """

    --key KEY  the request's key: where it is not known whether a record was made, the same line with
               the same key records it once. It is the office's number, a dot, and 16 characters of
               base64url, like 4097.AAECAwQFBgcICQoL. One is made where none is given: "key" in --json.
    """)

  /// The fields of a kind: what each takes, whether it must be there, and who may record it.
  static func fields(of kind: Kind, in language: Language) -> String {
    let roles = kind.roles.map { "\($0.name) \($0.words.chinese)" }.joined(separator: ", ")
    let who =
      kind.isHubOnly
      ? language(Words("只有街道", "the hub alone"))
      : kind.isByProgram ? language(Words("程序自动记录", "the program, by itself")) : roles
    var table = Table(
      [Words("字段", "field"), Words("必填", "required"), Words("内容", "value")].map { language($0) })
    for field in kind.schema.fields {
      let note = notes["\(kind.name) \(field.name)"] ?? note(onAnyKind: field.name)
      let isRequired = field.isRequired && !isFilledIn(field.name, of: kind)
      table.add(row(field.name, isRequired, field.type.words, note, language))
    }
    for field in kind.body {
      let isRequired = field.isRequired && kind.merge != .register
      table.add(row(field.name, isRequired, field.words, bodyNote(field, of: kind), language))
    }
    let head = "\(kind.name)  \(kind.words.chinese)  \(kind.words.english)"
    return
      ([head, language(Words("谁可以记录: \(who)", "who may: \(who)"))]
      + table.lines.map { "  " + $0 }).joined(separator: "\n")
  }

  private static func row(
    _ name: String, _ isRequired: Bool, _ value: Words, _ note: Words?, _ language: Language
  ) -> [String] {
    let must = isRequired ? Words("是", "yes") : Words("否", "no")
    let note = note.map { language(Words("；", "; ")) + language($0) } ?? ""
    return [name, language(must), language(value) + note]
  }

  /// Whether the program fills in a required field where nobody gives it.
  private static func isFilledIn(_ field: String, of kind: Kind) -> Bool {
    notes["\(kind.name) \(field)"] != nil
  }

  private static func bodyNote(_ field: BodyField, of kind: Kind) -> Words? {
    guard kind.merge == .register, !field.isRequired else { return nil }
    return Words("写 \(field.name)= 则清除", "\(field.name)= clears it")
  }

  private static func note(onAnyKind field: String) -> Words? {
    switch field {
    case "coins": Words("如 2:3,3:1，即 2 分币 3 枚、3 分币 1 枚", "or 2:3,3:1, three of 2 and one of 3")
    case "starts", "ends": Words("从零点起的分钟，或 09:30", "minutes from midnight, or 09:30")
    default: field.hasPrefix("replaces_") ? present : nil
    }
  }

  private static let present = Words("不写则自动填入现有的值", "what stands now where it is left out")

  private static let limit = Words(
    "每人在 limit_period 内的件数，0 为按社区规则", "pieces in a limit_period; 0 is as the rules say")
  private static let serials = Words(
    #"有号码的币，如 [{"denomination":3,"serial":17}]"#,
    #"of coins with a number, like [{"denomination":3,"serial":17}]"#)
  private static let kept = Words("不写则不变", "as it is where it is left out")

  private static let arrival = Words(
    "从别的社区搬来的居民，自动填入转入记录", "of who moved here, the give that says so is filled in")

  private static let notes: [String: Words] = [
    "activity.publish points": Words(
      "社区规定了这一类的常用分值时可不写", "may be left out where the rules name the usual ones of the category"),
    "award.grant points": Words("不写则按公布的积分", "what was published where it is left out"),
    "activity.publish award_rule": Words(
      "不写则按本社区现行规则", "by the community's rules where it is left out"),
    "activity.publish large": Words("计时上限更高", "credits more minutes"),
    "activity.amend replaces": present,
    "award.grant after": Words("冲正后重新发放时写", "for a new grant after a reversal"),
    "redemption.record lines": Words(
      "通常写 items=4097-5*2,4097-8，按现价", "or items=4097-5*2,4097-8 at the present prices"),
    "redemption.record basis": Words("不写则自动判断", "found out where it is left out"),
    "redemption.return lines": Words(
      #"如 [{"line":1,"quantity":1}]，行号按兑换时的顺序，从 1 起"#,
      #"like [{"line":1,"quantity":1}]; lines count from 1 in the order of the sale"#),
    "item.reprice replaces": present, "consent.set replaces": present,
    "household.upsert_file replaces": present, "custody.give after": present,
    "item.reprice valid_from": Words("不写则从当天起", "from the business date where it is left out"),
    "item.define limit_per_person": limit, "item.reprice limit_per_person": limit,
    "item.reprice limit_period": kept, "item.reprice min_age": kept,
    "redemption.record terms": Words("自动填入", "filled in by the program"),
    "consent.set guardian": Words(
      "未满14岁须写，并写 given_by=guardian", "for a child under 14, with given_by=guardian"),
    "coin.issue serials": serials, "coin.collect serials": serials,
    "redemption.record serials": serials,
    "account.freeze until": Words(
      "作弊(fraud)不写则按规则", "as the rules say where it is left out for fraud"),
    "account.freeze by_two": Words("作弊自动为 true", "true for fraud, by itself"),
    "points.transfer to": Words(
      "已离开的居民不写则为登记的家庭", "of who left, the household named then, where it is left out"),
    "points.transfer points": Words("已离开的居民不写则为全部余额", "of who left, all, where it is left out"),
    "stock.count booked": Words("不写则按账面", "what the books say where it is left out"),
    "custody.give moves": Words(
      "居民随账户搬到对方社区时写 true", "true where the people moved to the other office's community"),
    "resident.deactivate after": arrival, "resident.reactivate after": arrival,
    "stock.count as_of": Words("不写则到本站最新记录", "up to the office's last record"),
  ]
}
