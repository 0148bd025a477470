import Community
import Hub
import OpLog
import Store
import Wire

/// The persons who can sign for the street today, as its administrator should know them.
struct StandingApprovers {
  /// Each person's earliest appointment.
  let ids: [OpID]
  private let names: [String]

  /// Reads who stands.
  init(of store: Store) throws(StoreError) {
    ids = try HubAdmin.approvers(on: BusinessDate(stamp: Machine.now()), in: store)
    names = try ids.map { (id) throws(StoreError) in
      try store.staffName(id).map { "\($0) \(id)" } ?? id.description
    }
  }

  /// What the administrator should know of them; nil where there is nothing to say.
  func words(inRollCall isOpen: Bool) -> Words? {
    guard !isOpen else { return rollCallWords }
    guard ids.count <= HubAdmin.signers else { return nil }
    return ids.count < HubAdmin.signers
      ? Words(
        "街道只有 \(ids.count) 名审核人员；服务器坏了重建，要两人签字。请用 linli hub staff appoint 再任用",
        "the street has \(ids.count) approvers, and a hub's recovery needs two to sign: appoint more with "
          + "linli hub staff appoint")
      : Words(
        "街道有 2 名审核人员；服务器坏了重建，两人都要签字。最好再任用一名",
        "the street has 2 approvers, and a hub's recovery needs both to sign: better appoint a third"
      )
  }

  /// Who may end the roll-call, and what to do where there are too few.
  private var rollCallWords: Words {
    let list = names.joined(separator: ", ")
    let (chinese, english) = (list.isEmpty ? "无" : list, list.isEmpty ? "none" : list)
    guard ids.count < HubAdmin.signers else {
      return Words("可签字的审核人员: \(chinese)", "approvers who may end it: \(english)")
    }
    return Words(
      "可签字的审核人员: \(chinese)；要两人。站点点到后可用 linli hub staff appoint 姓名 --community 社区 "
        + "--roles approver 任用，各站都会看到",
      "approvers who may end it: \(english); it takes two. Once offices have called, appoint one with "
        + "linli hub staff appoint NAME --community NAME --roles approver: every desk shows it")
  }
}
