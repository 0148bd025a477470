import Community
import Office
import OpLog
import Store
import Wire

/// What a person should look at before a file is imported: rows that may be here already.
///
/// A file that was changed is another file, so its rows are new to the request keys; only what the
/// office holds can tell that a person is registered, or a balance was brought in, before.
struct ImportDoubts {
  private let sort: ImportSort
  private let date: BusinessDate
  private let office: OfficeCore
  private var people: KnownPeople?
  private var items: [String: String] = [:]
  private var lines: [OpID: Int] = [:]

  init(
    _ sort: ImportSort, on date: BusinessDate, _ office: OfficeCore
  ) throws(CommandError) {
    self.sort = sort
    self.date = date
    self.office = office
    people =
      sort == .residents
      ? try CommandError.wrap { () throws(StoreError) in try KnownPeople(in: office.store) } : nil
    guard sort == .items else { return }
    items = try CommandError.wrap { () throws(StoreError) in
      var items: [String: String] = [:]
      for row in try office.store.rows(of: Tables.item) where row[1].id == office.community {
        items[row[3].text] = row[0].id?.description
      }
      return items
    }
  }

  /// What is doubtful about a row; nil for nothing, and for one that this file brought before.
  mutating func doubt(about row: ImportRow) throws(CommandError) -> Words? {
    let made = try CommandError.wrap { () throws(StoreError) in
      try row.records.last?.key.flatMap { (key) throws(StoreError) in
        try office.store.madeBefore(key)
      }
    }
    switch sort {
    case .items:
      let name = row.fields["name"] ?? ""
      let known = items[name]
      items[name] = known ?? "#\(row.line)"
      guard made == nil, let known else { return nil }
      return Words("同名物品已上架: \(known)", "there is an item of this name: \(known)")
    case .residents:
      let known = people?.like(row.fields)
      people?.add(row.fields, as: "#\(row.line)")
      guard made == nil, let known else { return nil }
      return Words("此人可能已建档: \(known)", "this person seems to have a file: \(known)")
    case .balances:
      guard let resident = row.fields["resident"].flatMap({ OpID($0) }) else { return nil }
      let earlier = lines.updateValue(row.line, forKey: resident)
      guard made == nil else { return nil }
      if let earlier {
        return Words(
          "第 \(earlier) 行已有 \(resident)", "line \(earlier) has \(resident) already")
      }
      return try CommandError.wrap { () throws(StoreError) in try doubt(about: resident) }
    }
  }

  private func doubt(about resident: OpID) throws(StoreError) -> Words? {
    let store = office.store
    guard let file = try store.row(Tables.resident, id: resident.packed) else { return nil }
    if file[7] != .null {
      return Words("\(resident) 的个人信息已删除", "the personal data of \(resident) was erased")
    }
    if let left = file[5].integer, left < Int64(date.day) {
      return Words("\(resident) 已离开", "\(resident) has left")
    }
    if file[2].id != office.community {
      return Words("\(resident) 是其他社区的居民", "\(resident) is of another community")
    }
    return try OpeningBalance.award(of: resident, in: store).map { op in
      Words("\(resident) 已导入过期初余额 \(op)", "\(resident) has an opening balance: \(op)")
    }
  }
}
