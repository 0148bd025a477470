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
      + [language(Words("字段见 linli help KIND", "linli help KIND lists its fields"))])
      .map(\.withoutTrailingSpaces).joined(separator: "\n")
  }

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
    guard field.hasPrefix("replaces_") else { return nil }
    return present
  }

  private static let present = Words("不写则自动填入现有的值", "what stands now where it is left out")

  private static let notes: [String: Words] = [
    "award.grant points": Words("不写则按公布的积分", "what was published where it is left out"),
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
    "stock.count booked": Words("不写则按账面", "what the books say where it is left out"),
    "stock.count as_of": Words("不写则到本站最新记录", "up to the office's last record"),
  ]
}
