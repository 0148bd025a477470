import Community
import Office
import OpLog
import Store

/// Planted bugs of PCs that were copied.
extension World {
  /// A PC that goes on under a new id as if it had recorded everything again.
  func spoilRejoin(of office: OfficeNode) throws(Violation) {
    guard options.bug == .losingBranchDropped else { return }
    try must("plant a bug") {
      try office.store.write { () throws(StoreError) in try office.store.clear(.stopped) }
    }
  }

  /// What was recorded again, once more or counted twice.
  func spoilRecordedAgain(_ ids: [OpID], at office: OfficeNode) throws(Violation) {
    try must("plant a bug") {
      for op in try ids.map({ try office.store.op($0) }) {
        switch (options.bug, Catalogue.kind(op.kind)?.name) {
        case (.recordedTwice, _): try write(op, at: office.store)
        case (.wasCountedTwice, "award.grant"):
          let award = PlainOp(op, hash: .zero)
          let key = [award.reference(2)?.packed ?? 0]
          try add(award.integer(3) ?? 0, to: [1, 2], of: Tables.account, key, in: office.store)
        default: break
        }
      }
    }
  }
  /// A fold of all logs that learned on its way which record counts, and goes no second time.
  func spoilRebuilt(_ store: Store) throws(Violation) {
    guard options.bug == .secondFoldForgotten else { return }
    for id in try surplusFirst(in: store) {
      try must("plant a bug") {
        let op = PlainOp(try store.op(id), hash: .zero)
        guard Catalogue.kind(op.kind)?.name == "stock.receive", let item = op.reference(1) else {
          return
        }
        let key = [Int64(id.replica.rawValue), item.packed]
        try add(op.integer(2) ?? 0, to: [2, 3], of: Tables.shelfItem, key, in: store)
      }
    }
  }

  /// The records that came before the one of the same thing that counts.
  func surplusFirst(in store: Store) throws(Violation) -> [OpID] {
    try must("look at what was recorded again") {
      try store.rows(of: Tables.recordedAgain).compactMap { row in
        guard let id = row[0].id, let counting = row[3].id, id != counting,
          let received = try store.receivedAt(id), let later = try store.receivedAt(counting)
        else { return nil }
        return received < later ? id : nil
      }
    }
  }
}
