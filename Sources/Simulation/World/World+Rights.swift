import Community
import Conformance
import Hub
import Office
import OpLog
import Store
import Wire

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
        ["account": $0.id.description, "points": "\(world.random.within(1...min($0.balance, 9)))"]
      }
    },
    give,
    onRight,
  ]

  /// A redemption by somebody for whom the home granted something.
  static let onRight = Form("redemption.record", 10) { (world, office) throws(Violation) in
    let rights = try must("look for rights") {
      try office.store.heldRights(leftAt: nil, limit: 16)
    }
    guard let right = world.random.pick(rights), let any = try world.anyItem(at: office) else {
      return nil
    }
    let item = world.random.pick(try world.items(upTo: right.points, at: office)) ?? any
    return ["resident": right.account.description, "items": "\(item)*1"]
  }

  /// An account goes to another office, mostly from its home.
  static let give = Form("custody.give", 6) { (world, office) throws(Violation) in
    var own: [OpID] = []
    for resident in try world.held(world.known.residents, at: office, id: { $0.id }) {
      let home = try must("look up a home") { try office.store.home(of: resident.id) }
      if home == office.replica || world.random.happens(50) { own.append(resident.id) }
    }
    if let pool = try world.any(of: [52], at: office), world.random.happens(300) {
      own.append(pool)
    }
    let isMove = world.random.happens(300)
    let others = world.offices.filter {
      $0 !== office
        && (($0.community == office.community) != isMove || world.random.happens(50))
    }
    guard let account = world.random.pick(own),
      let to = try world.enrolment(of: world.random.pick(others), at: office)
    else { return nil }
    return [
      "account": account.description, "to": to.description,
      "moves": isMove ? "true" : "false",
    ]
  }
}

extension World {
  /// Asks the hub at once what became of a request; only where the home synced a moment ago does the
  /// hub say that an answer may come soon.
  func askHub(about request: OpID, at office: OfficeNode) throws(Violation) {
    let response = answer(to: office.core.rightsQuestion(request))
    let answer: RightsAnswer
    do throws(OfficeError) {
      answer = try office.core.rightsAnswer(response)
    } catch {
      guard case .problem = error else {
        throw Violation("crash-free", "\(office.replica) asks about \(request): \(error)")
      }
      return
    }
    let row = try must("look up a request") { try hub.store.rightsRequest(request) }
    let granted = row?[6] == .null ? nil : row?[7].integer
    switch (answer, granted) {
    case (.granted(let points), let granted?) where points == granted && points > 0: break
    case (.refused, 0?), (.waiting, nil), (.homeOffline, nil): break
    default: throw Violation("I6", "the hub says of \(request): \(answer), and has \(row ?? [])")
    }
    marks.hit(answer.mark)
    if answer == .homeOffline { try withdraw(request, at: office) }
  }

  /// Sometimes whoever asked waits for the answer: the office, the home, and the office again sync.
  func fetchAnswer(at office: OfficeNode) throws(Violation) {
    guard let wish = wishes.last, wish.isPromised, random.happens(800),
      let account = wish.request.fields["account"].flatMap({ OpID($0) })
    else { return }
    let home = try must("look up a home") { try office.store.home(of: account) }
    for other in [office] + offices.filter({ $0.replica == home }) + [office]
    where !other.isGone { try runSync(of: other) }
  }

  /// Somebody who asked for points, and stands at the counter when the answer is there.
  func serveWaiting(at office: OfficeNode) throws(Violation) {
    let rights = try must("look for rights") {
      try office.store.heldRights(leftAt: nil, limit: 1)
    }
    guard !rights.isEmpty, random.happens(700), try !hasStopped(office),
      let wish = try wish(for: [.onRight], at: office)
    else { return }
    wishes.append(wish)
    try attempt(wishes.count - 1)
  }

  /// One resident in four does not wait for a home that is offline.
  private func withdraw(_ request: OpID, at office: OfficeNode) throws(Violation) {
    guard request.seq.isMultiple(of: 4),
      let account = try must(
        "look up a request", { try office.store.rightsRequest(request)?[0].id })
    else { return }
    let now = office.clock.reading(at: time)
    // One that was stopped, or whose disk fails, withdraws nothing.
    guard let withdrawn = try? office.core.withdrawRights(on: account, now: now),
      !withdrawn.isEmpty
    else { return }
    marks.hit(RightsWord.withdrawn)
    note("\(office.replica) withdraws \(withdrawn.map(\.request))")
  }

  /// The street lets an office have more or less out on trust.
  func setBudget() throws(Violation) {
    guard let office = random.pick(offices) else { return }
    let limit = random.within(0...40)
    try actAtHub("sets the budget of \(office.replica) to \(limit)") {
      (store, now) throws(StoreError) in
      do throws(BudgetRefusal) {
        _ = try HubAdmin.setBudget(of: office.replica, to: limit, in: store, now: now)
      } catch {
        guard case .store(let failure) = error else {
          self.marks.hit(HubDeed.budgetRefused)
          return self.note("\(office.replica) gets no budget: \(error)")
        }
        throw failure
      }
      self.marks.hit(HubDeed.budget)
    }
  }

  /// I13: what is left of a right goes back with the first sync of a later day, some hours after the
  /// grant, unless its holder is gone.
  private func checkStranded() throws(Violation) {
    let current = Set(offices.filter(\.isCurrent).map(\.replica))
    let check = try ReplicaCheck("the hub", hub.store)
    let model = NaiveModel(
      check.logs.joined().map { Fact($0.op, hash: $0.hash) }, lost: check.lost)
    let stranded = model.strandedRights(at: hubNow).first { current.contains($0.holder) }
    guard let stranded else { return }
    throw Violation("I13", "\(stranded.holder) still holds a right on \(stranded.account)")
  }

  /// I13: every request has its answer, unless the home is gone, may record nothing more, or has not
  /// taken an account back that it gave away; and what came of them.
  func checkRights() throws(Violation) {
    var gone = Set(offices.filter { !$0.isCurrent }.map { Int64($0.replica.rawValue) })
    // Two approvers may not be there to retire it.
    if let left = fate.leftID { gone.insert(Int64(left.former.rawValue)) }
    let open = try must("read open requests") { try hub.store.rows(of: Tables.openRequest) }
    for row in open where !gone.contains(row[1].integer ?? 0) {
      guard let account = row[2].id,
        try must("look up a home", { try RecordRule.isHeld(account, in: hub.store) })
      else { continue }
      throw Violation("I13", "the home of a request never answered: \(row)")
    }
    try checkStranded()
    for row in try must("read requests", { try hub.store.rows(of: Tables.rightsRequest) })
    where row[6] != .null {
      marks.hit(row[7] == .integer(0) ? Look.rightRefused : .rightGranted)
    }
    for row in try must("read uses", { try hub.store.rows(of: Tables.rightUse) })
    where row[3] != .integer(0) {
      marks.hit(row[4] == .integer(1) ? Look.rightReturned : .rightSpent)
    }
  }
}

extension RightsAnswer {
  fileprivate var mark: RightsWord {
    switch self {
    case .granted: .granted
    case .refused: .refused
    case .waiting: .waiting
    case .homeOffline: .homeOffline
    }
  }
}
