import Community
import Foundation
import OpLog
import Store

/// Looks into the databases of the places and compares them with the story.
struct Inspection {
  let stage: Stage

  /// Whether the hub holds ops of an office for which the office has no receipt.
  func hubIsAhead(of office: Int) throws(CommandError) -> Bool {
    let own = try open(office: office)
    return try CommandError.wrap { () throws(StoreError) in
      let hub = try Store(path: stage.hubDatabase, mode: .readWrite)
      let replica = own.identity.replica
      return try hub.storedHead(of: replica).seq > own.receiptedSeq(of: replica)
    }
  }

  /// How a check of a database fails; nil when it holds.
  func finding(of check: StoryCheck) throws(CommandError) -> Words? {
    switch check {
    case .balance(let office, let resident, let points):
      let store = try open(office: office)
      let id = try stage.id(resident).description
      let (residents, overdrawn) = try CommandError.wrap { () throws(StoreError) in
        (
          try store.listing(of: "residents", where: ("id", id)).records,
          try store.listing(of: "desk_entries", where: ("subject", id)).records
        )
      }
      let found = residents.first?["balance"] ?? "-"
      let isListed = overdrawn.contains { $0["reason"] == DeskReason.overdrawn.rawValue }
      guard found == String(points), isListed == (points < 0) else {
        return Words(
          "\(resident) 余额应为 \(points)，实为 \(found)，待处理: \(isListed)",
          "\(resident): balance \(points) expected, found \(found), on the desk: \(isListed)")
      }
    case .values(let office, let resident, let field, let values):
      let store = try open(office: office)
      let found = try self.values(of: try stage.id(resident), field: field, in: store)
      guard found.sorted() == values.sorted() else {
        return Words(
          "\(resident) 的 \(field) 应为 \(values)，实为 \(found)",
          "\(resident): \(field) \(values) expected, found \(found)")
      }
    case .clockWarning: break  // a matter of what the program says, not of the database
    case .desk(let office, let reason, let count):
      let store = try open(office: office)
      let entries = try CommandError.wrap { () throws(StoreError) in
        try store.listing(of: "desk_entries", where: ("reason", reason.rawValue)).rows
      }
      guard entries.count == count else {
        return Words(
          "待处理 \(reason.rawValue) 应有 \(count) 条，实有 \(entries.count) 条",
          "desk: \(count) × \(reason.rawValue) expected, found \(entries.count)")
      }
    }
    return nil
  }

  /// What stands side by side in a field of a resident's file.
  private func values(
    of resident: OpID, field: String, in store: Store
  ) throws(CommandError) -> [String] {
    let bodies = try CommandError.wrap { () throws(StoreError) in
      var bodies: [String] = []
      for id in try store.liveValues(of: resident, field: field) {
        guard let digest = try store.op(id).body, let body = try store.body(digest) else {
          continue
        }
        bodies.append(body.content)
      }
      return bodies
    }
    return bodies.compactMap { body in
      let values = try? JSONDecoder().decode([String: String].self, from: Data(body.utf8))
      return values?[field]
    }
  }

  private func open(office: Int) throws(CommandError) -> Store {
    try CommandError.wrap { () throws(StoreError) in
      try Store(path: stage.offices[office].database, mode: .readWrite)
    }
  }
}

extension Listing {
  /// The rows with the columns' names.
  var records: [[String: String]] {
    rows.map { row in
      Dictionary(zip(columns, row).compactMap { name, value in value.map { (name, $0) } }) {
        first, _ in first
      }
    }
  }
}
