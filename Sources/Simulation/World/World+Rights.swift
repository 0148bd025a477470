import Community
import Hub
import OpLog
import Store

/// Points that residents spend away from home: asked for, granted, used, and given back.
extension Form {
  static let rights: [Form] = [
    Form("rights.request", 10) { (world, office) throws(Violation) in
      guard world.random.happens(900) else {
        return world.random.pick(try world.held(world.known.residents, at: office) { $0.id })
          .map { ["account": $0.id.description] }
      }
      var rich: [(id: OpID, balance: Int64)] = []
      for resident in try world.held(world.known.residents, at: office, id: { $0.id })
      where resident.home != office.replica {
        let balance = try world.balance(of: resident, at: office)
        if balance > 0 { rich.append((resident.id, balance)) }
      }
      return world.random.pick(rich).map {
        ["account": $0.id.description, "points": "\(world.random.within(1...min($0.balance, 5)))"]
      }
    },
    Form("redemption.record", 10) { (world, office) throws(Violation) in
      let rights = try must("look for rights") {
        try office.store.heldRights(grantedBefore: nil, limit: 16)
      }
      guard let right = world.random.pick(rights), let item = try world.anyItem(at: office) else {
        return nil
      }
      return ["resident": right.account.description, "items": "\(item)*1"]
    },
  ]
}

extension World {
  /// The street lets an office have more or less out on trust.
  func setBudget() throws(Violation) {
    guard let office = random.pick(offices) else { return }
    let limit = random.within(0...40)
    try actAtHub("sets the budget of \(office.replica) to \(limit)") {
      (store, now) throws(StoreError) in
      _ = try HubAdmin.setBudget(of: office.replica, to: limit, in: store, now: now)
    }
    marks.hit("hub.budget")
  }

  /// I13: every request has its answer, unless the home is gone; and what came of them.
  func checkRights() throws(Violation) {
    let gone = Set(offices.filter(\.isGone).map { Int64($0.replica.rawValue) })
    let open = try must("read open requests") { try hub.store.rows(of: Tables.openRequest) }
    if let row = open.first(where: { !gone.contains($0[1].integer ?? 0) }) {
      throw Violation("I13", "the home of a request never answered: \(row)")
    }
    for row in try must("read requests", { try hub.store.rows(of: Tables.rightsRequest) })
    where row[6] != .null {
      marks.hit("check.right-\(row[7] == .integer(0) ? "refused" : "granted")")
    }
    for row in try must("read uses", { try hub.store.rows(of: Tables.rightUse) })
    where row[3] != .integer(0) {
      marks.hit("check.right-\(row[4] == .integer(1) ? "returned" : "spent")")
    }
  }
}
