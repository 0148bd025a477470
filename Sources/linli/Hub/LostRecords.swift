import Community
import OpLog
import Store
import Wire

/// Records that lost their numbers to others and that nobody recorded again, as the hub's desk tells them.
struct LostRecords {
  /// The code of such an entry, as `hub desk resolve --reason` takes it.
  static let code = "number-taken"

  /// One of them, worded.
  private struct Row {
    let record: RequestRecord?
    let id: OpID
    let about: String
    let office: String
  }

  private let rows: [Row]
  private let language: Language

  /// Reads what is missing; inside a read of the store.
  init(of store: Store, _ language: Language) throws(StoreError) {
    self.language = language
    var rows: [Row] = []
    for branch in try store.lostBranches() {
      let subjects = DeskSubject(store, language, in: branch.ops)
      let label = try store.enrolment(of: branch.replica)?.label ?? ""
      for lost in branch.records {
        let id = lost.op.id
        rows.append(
          Row(
            record: try RequestRecord(id, in: store, subjects), id: id,
            about: try subjects.about(id), office: "\(id.replica) \(label)"))
      }
    }
    self.rows = rows
  }

  /// Whether nothing is missing.
  var isEmpty: Bool { rows.isEmpty }

  /// How many they are, and where they are listed; nil for none.
  static func words(_ count: Int) -> Words? {
    guard count > 0 else { return nil }
    return Words(
      "注意: 有 \(count) 条记录的编号归了先送到的记录，本身不计入，也没有补录: linli hub desk list 会列出",
      "warning: \(count) records lost their numbers to others that were received first, count for "
        + "nothing, and were not recorded again: linli hub desk list lists them")
  }

  static let advice = Words(
    "先请写这些记录的电脑用新入网码重新入网(linli office rejoin)，它会用新编号补录，此处随即消失。"
      + "它若不再回来，请按凭证找到当事人，在站点照纸质凭证重新登记，再用 linli hub desk resolve 编号 --reason "
      + "\(code) --outcome noted 注明",
    "first let the PC that wrote them rejoin with a new code (linli office rejoin): it records them "
      + "again, and they leave this list. If it never comes back, find the people by their receipts, "
      + "record what they were given anew at the office, and say so with linli hub desk resolve ID "
      + "--reason \(code) --outcome noted")

  /// A table, and what to do.
  func show(_ console: Console) {
    guard !isEmpty else { return }
    console.out(
      Words("编号已归别的记录，本身不计入:", "their numbers are other records' now, and they do not count:"))
    let titles = [
      Words("旧编号", "former id"), Words("站点", "office"), Words("内容", "what it said"),
    ]
    console.table(titles, rows.map { [$0.id.description, $0.office, $0.about] })
    console.out(Self.advice)
  }

  /// One object each.
  func showJSON(_ console: Console) {
    for row in rows {
      console.json { json in
        json.member("subject", row.id)
        json.member("reason", Self.code)
        json.member("office", row.id.replica.rawValue)
        json.member("about", row.about)
        row.record?.write(to: &json)
        json.member("advice", language(Self.advice))
      }
    }
  }

  /// Takes an entry off the desk.
  static func resolve(
    _ id: OpID, _ outcome: String, in store: Store, _ console: Console
  ) throws(CommandError) {
    guard outcome == "noted" else {
      throw .badValue(option: "outcome", outcome, example: "noted")
    }
    let isNoted = try CommandError.wrap { () throws(StoreError) in
      try store.write { () throws(StoreError) in
        let lost = try store.lostBranches().flatMap(\.records)
        guard lost.contains(where: { $0.op.id == id }) else { return false }
        return try store.noteLost(id, at: Machine.now())
      }
    }
    guard isNoted else {
      throw .refused(
        "not-on-desk",
        Words("\(id) 没有这样的事项", "there is no such entry about \(id)"),
        advice: Words("linli hub desk list 会列出", "linli hub desk list lists them"))
    }
    console.answer(Words("已注明 \(id)", "noted \(id)")) { $0.member("subject", id) }
  }
}
