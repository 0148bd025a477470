import Community
import Office
import OpLog
import Store
import Wire

/// Errors of a record, told with what the catalogue and the log know about it.
extension CommandError {
  /// What stopped a record.
  ///
  /// - Parameters:
  ///   - error: The office's error.
  ///   - request: What was to be recorded.
  ///   - store: The office's database.
  init(_ error: OfficeError, of request: RecordRequest, in store: Store) {
    let kind = Catalogue.kind(named: request.kind)
    switch error {
    case .badValue("age_band") where AgeBand.names.contains(request.fields["age_band"] ?? ""):
      self = .otherAge(request.given("age_band"), request.given("birth_date"))
    case .badValue(let field):
      self = .badValue(field, of: kind, given: request.given(field))
    case .dateNeeded: self = .dateNeeded(clockOffset: (try? store.number(.clockOffset)) ?? 0)
    case .missingField(let field):
      self = kind.map { .missing(field, of: $0) } ?? CommandError(error)
    case .badKey(let text):
      let made = RequestKey(text).flatMap { key in try? store.madeBefore(key) }
      self = made.map { .usedKey(text, for: $0) } ?? CommandError(error)
    case .refused(.wouldNotCount(_, let reasons)) where reasons.contains(.doubleAward):
      let reversal = try? store.reversal(before: request)
      self = reversal.map { .grantAgain(after: $0) } ?? CommandError(error)
    default: self.init(error)
    }
  }

  private static func badValue(
    _ field: String, of kind: Kind?, given value: String
  ) -> CommandError {
    let name = ["as", "on"].contains(field) ? "--\(field)" : field
    let wanted = wanted(of: field, kind: kind)
    return CommandError(
      exit: ExitCode.usage, code: "bad-value",
      message: Words(
        "\(name): \(value) 不是\(wanted.chinese)", "\(name): \(value) is not \(wanted.english)"),
      advice: advice(on: field, of: kind))
  }

  /// Nobody said the day, and the PC's clock is not to be believed: how wrong the last sync found it.
  private static func dateNeeded(clockOffset: Int64) -> CommandError {
    guard clockOffset.magnitude > 86_400_000 else { return CommandError(OfficeError.dateNeeded) }
    let gap = BeijingTime.span(clockOffset)
    return CommandError(
      exit: ExitCode.usage, code: "date-needed",
      message: clockOffset > 0
        ? Words(
          "本机时钟比街道慢 \(gap.chinese)", "this PC's clock is \(gap.english) behind the hub's")
        : Words(
          "本机时钟比街道快 \(gap.chinese)", "this PC's clock is \(gap.english) ahead of the hub's"),
      advice: Words(
        "校准时钟后再同步一次；在此之前加上 --on 日期",
        "set the clock and sync once; until then add --on with the date"))
  }

  private static func otherAge(_ band: String, _ born: String) -> CommandError {
    CommandError(
      exit: ExitCode.usage, code: "bad-value",
      message: Words(
        "age_band: \(band) 与出生日期 \(born) 不符",
        "age_band: \(band) does not fit the birth date \(born)"),
      advice: Words(
        "核对出生日期；年龄段可以不写，会按它填", "check the birth date; leave age_band out and it follows from it"))
  }

  private static func missing(_ field: String, of kind: Kind) -> CommandError {
    guard kind.merge != .register || !kind.body.contains(where: { $0.name == field }) else {
      let names = kind.body.map(\.name)
      return CommandError(
        exit: ExitCode.usage, code: "missing-field",
        message: Words("没有写明要改什么", "there is nothing to change"),
        advice: Words(
          "至少写一项: \(names.joined(separator: "、"))",
          "give at least one of \(names.joined(separator: ", "))"))
    }
    let wanted = wanted(of: field, kind: kind)
    return CommandError(
      exit: ExitCode.usage, code: "missing-field",
      message: Words("缺少字段 \(field)", "field \(field) is missing"),
      advice: Words(
        "补上 \(field)=… (\(wanted.chinese))", "add \(field)=… (\(wanted.english))"))
  }

  private static func wanted(of field: String, kind: Kind?) -> Words {
    switch field {
    case "as": return Words("工作人员编号，如 4096-4", "the id of a member of staff, like 4096-4")
    case "on": return FieldType.date.words
    case "items":
      return Words(
        "物品编号*数量(1–99)，如 4097-5*2,4097-8",
        "ids of items with quantities of 1–99, like 4097-5*2,4097-8")
    default: break
    }
    let inPayload = kind?.schema.fields.first { $0.name == field }?.type.words
    let inBody = kind?.body.first { $0.name == field }?.words
    return inPayload ?? inBody ?? Words("合适的值", "a value that fits")
  }

  private static func advice(on field: String, of kind: Kind?) -> Words {
    switch field {
    case "as": Words("用 linli show staff 查看编号", "linli show staff lists the ids")
    default:
      Words(
        "用 linli help \(kind?.name ?? "record") 查看各字段",
        "linli help \(kind?.name ?? "record") lists the fields")
    }
  }

  private static func usedKey(_ key: String, for op: OpID) -> CommandError {
    CommandError(
      exit: ExitCode.usage, code: "key-used",
      message: Words("请求键 \(key) 已用于另一条记录 \(op)", "the key \(key) made another record, \(op)"),
      advice: Words(
        "未记录任何内容；为这条记录换一个键，或不写 --key",
        "nothing was recorded; take another key for this one, or leave --key out"))
  }

  private static func grantAgain(after reversal: OpID) -> CommandError {
    CommandError(
      exit: ExitCode.refused, code: DeskReason.doubleAward.rawValue,
      message: Words("这笔积分已被 \(reversal) 冲正", "this award was taken back by \(reversal)"),
      advice: Words("如需重新发放，加上 after=\(reversal)", "to grant it again, add after=\(reversal)"))
  }
}

extension RecordRequest {
  /// What was given for a field, short enough for a message.
  fileprivate func given(_ field: String) -> String {
    let value = ["as": actor, "on": occurredOn][field] ?? fields[field]
    let text = value ?? ""
    guard !text.allSatisfy(\.isWhitespace) else { return "\"\(text)\"" }
    return text.count <= 60 ? text : text.prefix(60) + "…"
  }
}

extension Store {
  /// The reversal that ended the last round of the award that a request wants to grant, or nil.
  fileprivate func reversal(before request: RecordRequest) throws(StoreError) -> OpID? {
    guard let type = Catalogue.kind(named: "award.grant")?.schema.fields,
      let resident = request.fields["resident"],
      case .integer(let role)? = type.first(where: { $0.name == "role" }).flatMap({
        FieldText.parse(request.fields["role"] ?? "volunteer", as: $0.type)
      })
    else { return nil }
    let awards = try listing(of: "awards", where: ("resident", resident), limit: Int.max)
    let key = [request.fields["activity"], request.fields["session"] ?? "1", String(role)]
    let columns = ["activity", "session", "role"].compactMap { awards.columns.firstIndex(of: $0) }
    guard let round = awards.columns.firstIndex(of: "round"),
      let reversals = awards.columns.firstIndex(of: "reversals")
    else { return nil }
    let last = awards.rows.filter { row in columns.map { row[$0] } == key }
      .max { Int($0[round] ?? "") ?? 0 < Int($1[round] ?? "") ?? 0 }
    return last?[reversals]?.split(separator: " ").first.flatMap { OpID($0) }
  }
}
