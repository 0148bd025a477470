import OpLog

/// What befalls a street beside what strikes at every turn: each at most once in a world.
///
/// Drawn before the street's life begins, so that it changes none of the draws of another part.
struct Fate {
  /// Something that happens to the hub or to an office, with a disk that was copied before.
  struct Mishap {
    let fault: Fault
    /// Before which step an old disk is as it was then.
    let copiedAfter: Int
    let strikesAfter: Int
    /// The copy.
    var disk: Disk?
    /// Which office it befalls.
    var office = 0
    /// How far the office's own log went when its disk was copied.
    var ownSeq: UInt64 = 0
    /// When it happened, in ms since 1970-01-01 UTC; nil before.
    var struckAt: Int64?
  }

  /// The hub's.
  var hub: Mishap?
  /// An office that another takes the place of.
  var loss: Mishap?
  /// An office whose disk is copied.
  var copy: Mishap?
  /// The office that has an old disk now, where the hub did not tell it so at once.
  var putBack: ReplicaID?
  /// Whether a bundle from before then has brought the hub what that old disk lacks.
  var isOldDiskShown = false
  /// An id that nobody writes under any more, and the one under which its PC goes on.
  var leftID: (former: ReplicaID, present: ReplicaID)?
  /// After which step a row changes by itself; nil in most worlds.
  var rowChange: Int?
  /// How far the hub's log went that was rolled back, where somebody who had not seen more may call it
  /// first and get another branch of that log.
  var branch: Head?
  /// Offices that hold what that hub forgot, and can give it to nobody.
  var parted: Set<ReplicaID> = []
  /// Whether the hub was ever put back to an old disk, known or not.
  var hasHubFailed = false
}

extension World {
  /// Draws what befalls the street; nothing in a world of the first kinds.
  func drawFate() {
    begin(.fate)
    for fault in [Fault.hubWiped, .hubRestored, .hubRolledBack] where arms(fault) {
      fate.hub = mishap(fault)
    }
    if arms(.officeRetired) { fate.loss = mishap(.officeRetired) }
    for fault in [Fault.officeCopied, .officeSetBack] where arms(fault) {
      fate.copy = mishap(fault)
    }
    let rowChange = random.below(max(1, options.steps))
    if arms(.rowChanged) { fate.rowChange = rowChange }
    if isPlain || options.steps < 4 { fate = Fate() }
  }

  private func mishap(_ fault: Fault) -> Fate.Mishap {
    let last = Int64(options.steps - 1)
    let strike = random.within(min(2, last)...max(last, 0))
    return Fate.Mishap(
      fault: fault, copiedAfter: Int(random.within(max(0, strike - 25)...max(0, strike - 1))),
      strikesAfter: Int(strike))
  }

  /// Lets happen what is to happen after a step.
  func meetFate(at step: Int) throws(Violation) {
    begin(.fateAfter(step))
    if fate.hub?.copiedAfter == step {
      fate.hub?.disk = try must("copy the hub's disk") { try hub.disk.copy() }
    }
    if let hub = fate.hub, hub.strikesAfter == step {
      fate.hub?.struckAt = time
      try loseHub(hub)
    }
    if fate.hasHubFailed, random.happens(120) { _ = try closeRollCall() }
    if fate.loss?.strikesAfter == step { try retireAnOffice() }
    try rejoin(rate: 200)
    if fate.copy?.copiedAfter == step { try copyAnOffice() }
    if fate.rowChange == step { try changeARow() }
    if let copy = fate.copy, copy.strikesAfter == step {
      fate.copy?.struckAt = time
      try useCopy(copy)
    }
    if fate.leftID != nil, random.happens(100) { try retireLeftID() }
  }
}
