import Community
import OpLog
import Store
import Wire

/// Ids that PCs gave up when they rejoined: accounts and goods stay at them until two persons say that no
/// other PC goes on with a copy.
struct FormerIDs {
  private let ids: [FormerID]

  /// Those that an office, or a hub, knows.
  init(of store: Store) throws(StoreError) { ids = try store.formerIDsInUse() }

  /// What is left at each, and who has to do what; empty for none.
  var words: [Words] {
    ids.map { id in
      let (old, new) = (id.replica, id.successor)
      return Words(
        "注意: \(old) 是 \(new) 那台电脑的旧号，还有 \(id.accounts) 个账户、\(id.goods) 种物品记在它名下。"
          + "没有别的电脑再用它的数据，就由两位审核人员在街道把它们转给 \(new): "
          + "linli hub retire \(old) --to \(new) --by A,B --reason copied",
        "warning: \(old) is the former id of the PC that is \(new) now, and still is the home of "
          + "\(id.accounts) accounts and has \(id.goods) kinds of goods. If no other PC goes on with "
          + "its data, two approvers give them to \(new) at the hub: "
          + "linli hub retire \(old) --to \(new) --by A,B --reason copied")
    }
  }

  /// Writes the member `former`.
  func write(to json: inout JSONWriter) {
    guard !ids.isEmpty else { return }
    json.member("former", each: ids) { json, id in
      json.member("replica", id.replica.rawValue)
      json.member("successor", id.successor.rawValue)
      json.member("accounts", id.accounts)
      json.member("goods", id.goods)
    }
  }
}
