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
}
