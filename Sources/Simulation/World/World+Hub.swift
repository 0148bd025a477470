import Community
import Hub
import OpLog
import Store

/// What the street's administrator does at the hub, where the power may fail too.
extension World {
  private enum Act: Int, CaseIterable {
    case decide, close, reopen, settle, expire, end, rules, budget, reverse

    var weight: Int {
      switch self {
      case .decide: 50
      case .close: 14
      case .reopen: 4
      case .settle: 5
      case .expire: 7
      case .end: 8
      case .rules: 12
      case .budget: 4
      case .reverse: 10
      }
    }

    /// What is counted where a period was kept, and where the hub refused it.
    var deeds: (done: HubDeed, refused: HubDeed?) {
      switch self {
      case .close: (.close, .closeRefused)
      case .expire: (.expire, .expireRefused)
      // Where nobody owes anything there is nothing to refuse.
      case .settle: (.settle, nil)
      default: (.reopen, .reopenRefused)
      }
    }
  }

  /// Does one thing at the hub, right or wrong.
  func actAsHub() throws(Violation) {
    guard let act = Act(rawValue: random.weighted(Act.allCases.map(\.weight))) else { return }
    switch act {
    case .decide: try decideSomething()
    case .close, .reopen, .settle, .expire: try keepPeriods(act)
    case .end: try replaceStaff()
    case .rules: try changePolicy()
    case .budget: try setBudget()
    case .reverse: try takeBackClosing()
    }
  }

  /// Carries something out at the hub; the power may fail before its commit, and then it may be done
  /// again.
  func actAtHub(
    _ what: String, _ body: (Store, _ now: Int64) throws(StoreError) -> Void
  ) throws(Violation) {
    // Who acts at the hub hears first that it takes nothing by its clock.
    try tendHubClock()
    if arms(.hubCrashBeforeCommit) { hub.disk.failBeforeCommit(1) }
    let fault = hub.disk.isSound ? armDisk(hub.disk, Fault.hubDisk) : nil
    var failure: StoreError?
    do throws(StoreError) { try body(hub.store, hubNow) } catch { failure = error }
    if endFault(fault, of: hub.disk), failure?.isOfDisk == true {
      try goOnAfterFaultAtHub("what it \(what)")
      return
    }
    if hub.disk.hasFailed {
      marks.hit(.hubCrashBeforeCommit)
      note("the hub crashes before it \(what)")
      try hub.restart(at: time)
      guard random.happens(500) else { return }
      failure = nil
      do throws(StoreError) { try body(hub.store, hubNow) } catch { failure = error }
    }
    hub.disk.restorePower()
    if failure == .rollCall {
      marks.hit(refused: FormFault.rollCall.rawValue)
      return note("the hub may not yet do this: it \(what)")
    }
    if let failure { throw Violation("crash-free", "the hub \(what): \(failure)") }
    note("the hub \(what)")
    guard strikes(.hubCrashAfterCommit) else { return }
    try hub.restart(at: time)
  }

  /// Decides a request that is open, once in a while one that is not.
  private func decideSomething() throws(Violation) {
    let open = try must("list requests") { try hub.store.openRequests().map(\.id) }
    let asked = Self.askingKinds.flatMap { known.made[$0] ?? [] }
    guard let request = random.pick(open.isEmpty || random.happens(80) ? asked : open) else {
      return
    }
    let isApproved = random.happens(750)
    var outcome = DecisionOutcome.notOpen
    try actAtHub("decides \(request), approved: \(isApproved)") { (store, now) throws(StoreError) in
      let today = BusinessDate(stamp: now)
      let asker = open.contains(request) ? try store.op(request).actor : nil
      let able = try HubAdmin.approvers(on: today, in: store).filter { $0 != asker }
      outcome = try HubAdmin.decide(
        request, isApproved: isApproved, by: Array(able.prefix(2)), in: store, now: now)
    }
    switch outcome {
    case .decided: marks.hit(HubDeed.decided)
    case .notOpen: marks.hit(HubDeed.notOpen)
    case .approvedElsewhere: marks.hit(HubDeed.approvedElsewhere)
    default: break
    }
    guard case .decided(let id) = outcome else { return }
    known.made[64, default: []].append(id)
    try spoilDecision(id)
  }

  private static let askingKinds: [KindNumber] = [47, 48, 50, 53, 57, 58, 59]

  // MARK: Months and years

  private func keepPeriods(_ act: Act) throws(Violation) {
    let (year, month, _) = BusinessDate(stamp: hubNow).civil
    let months = year * 12 + month - 1 - Int(random.within(0...2))
    let ended = Int64(year) - random.within(1...2)
    let reason = random.within(0...2)
    guard var first = BusinessDate(year: months / 12, month: months % 12 + 1, day: 1),
      let community = try communityID(random.below(staff.count))
    else { return }
    if act == .settle, let owed = random.pick(try monthsOwed(before: year * 12 + month)) {
      first = owed
    }
    let staff = staff.flatMap(\.self)
    let approvers = [random.below(staff.count), random.below(staff.count)].map { staff[$0] }
    try actAtHub("keeps its books (\(act) \(first))") { (store, now) throws(StoreError) in
      let result = Result { () throws(ClosingRefusal) in
        switch act {
        case .close: _ = try HubAdmin.close(first, of: community, in: store, now: now)
        case .expire: _ = try HubAdmin.expire(ended, of: community, in: store, now: now)
        case .settle: try Self.settle(first, in: store, now: now)
        default:
          guard Set(approvers).count == 2 else { return }
          _ = try HubAdmin.reopen(
            first, of: community, approvers: approvers, reason: reason, in: store, now: now)
        }
      }
      switch result {
      case .success: self.marks.hit(act.deeds.done)
      case .failure(.store(let error)): throw error
      case .failure: if let refused = act.deeds.refused { self.marks.hit(refused) }
      }
    }
    if act == .close { try spoilMonths() }
  }

  /// The months over at the hub for which one community owes another something, of the last three.
  private func monthsOwed(before next: Int) throws(Violation) -> [BusinessDate] {
    try must("look for what is owed") {
      try (next - 4..<next - 1).compactMap {
        BusinessDate(year: $0 / 12, month: $0 % 12 + 1, day: 1)
      }.filter { (month) throws(StoreError) in try !hub.store.settlementDue(month).isEmpty }
    }
  }

  /// Closes a month for whoever has not, and settles it.
  private static func settle(
    _ month: BusinessDate, in store: Store, now: Int64
  ) throws(ClosingRefusal) {
    let communities: [OpID]
    do throws(StoreError) {
      communities = try store.rows(of: Tables.community).compactMap(\.[0].id)
    } catch { throw .store(error) }
    for community in communities {
      do throws(ClosingRefusal) {
        _ = try HubAdmin.close(month, of: community, in: store, now: now)
      } catch {
        if case .store = error { throw error }
      }
    }
    _ = try HubAdmin.settle(month, in: store, now: now)
  }

  /// Takes a year's end or a settlement back, once in a while without one of those who have to sign.
  private func takeBackClosing() throws(Violation) {
    let ends = try must("list what ended") {
      try hub.store.rows(of: Tables.expiryYear).compactMap(\.[3].id)
        + hub.store.rows(of: Tables.expiryOffice).compactMap(\.[4].id)
        + hub.store.rows(of: Tables.settlement).compactMap(\.[3].id)
    }
    guard let end = random.pick(ends.sorted()) else { return }
    var staff = staff.flatMap(\.self)
    if random.happens(700) {
      let today = BusinessDate(stamp: hubNow)
      staff = try must("list approvers") { try HubAdmin.approvers(on: today, in: hub.store) }
    }
    guard !staff.isEmpty else { return }
    var approvers = [random.below(staff.count), random.below(staff.count)].map { staff[$0] }
    if random.happens(500) {
      // Two of one community, or one of each of two.
      let sides = [random.below(self.staff.count), random.below(self.staff.count)].sorted()
      let second = sides[0] == sides[1] ? 1 : 0
      // A rebuilt hub may have nobody there.
      approvers = [self.staff[sides[0]].first, self.staff[sides[1]].dropFirst(second).first]
        .compactMap(\.self)
    }
    guard Set(approvers).count == 2 else { return }
    try actAtHub("takes \(end) back") { (store, now) throws(StoreError) in
      let result = Result { () throws(ClosingRefusal) in
        try HubAdmin.reverse(end, approvers: approvers, reason: 3, in: store, now: now)
      }
      switch result {
      case .success: self.marks.hit(HubDeed.reverse)
      case .failure(.store(let error)): throw error
      case .failure: self.marks.hit(HubDeed.reverseRefused)
      }
    }
  }

  private func communityID(_ index: Int) throws(Violation) -> OpID? {
    try must("look up a community") { try hub.store.community(named: "社区\(index + 1)") }
  }

  // MARK: Staff

  /// Ends an appointment; mostly somebody takes the place, and once in a while nobody notices.
  private func replaceStaff() throws(Violation) {
    let community = random.below(staff.count)
    guard !staff[community].isEmpty else { return }
    let place = random.below(staff[community].count)
    let day = BusinessDate(stamp: time).adding(days: random.within(-10...5))
    let old = staff[community][place]
    try actAtHub("ends the appointment of \(old) on \(day)") { (store, now) throws(StoreError) in
      _ = try Self.done { () throws(StaffRefusal) in
        try HubAdmin.end(old, on: day, isSure: true, in: store, now: now)
      }
    }
    guard random.happens(800) else { return }
    let invitation = OfficeInvitation(
      community: "社区\(community + 1)", label: "站",
      staff: [
        try newStaff("新人\(wishes.count)", place < 2 ? secondRoles() : [.grid])
      ], policy: [:])
    let code = salts.bytes(8)
    var appointed: [OpID] = []
    try actAtHub("appoints somebody in the place of \(old)") { (store, now) throws(StoreError) in
      appointed =
        try Self.done { () throws(StaffRefusal) in
          try HubAdmin.invite(invitation, codeHash: SHA256.hash(code), to: store, now: now)
        } ?? []
    }
    if let new = appointed.first,
      try must("look up staff", { try hub.store.row(Tables.staff, [new.packed]) }) != nil
    {
      staff[community][place] = new
    }
  }

  /// What the hub did about staff; nil where it refused.
  static func done<R>(_ act: () throws(StaffRefusal) -> R) throws(StoreError) -> R? {
    do throws(StaffRefusal) {
      return try act()
    } catch {
      guard case .store(let failure) = error else { return nil }
      throw failure
    }
  }
}
