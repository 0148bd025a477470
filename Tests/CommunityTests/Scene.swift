import Community
import FoldKit
import OpLog
import Testing

/// A street with one of everything, for tests of one rule.
///
/// Office `a` is the first community's, `b` and `c` are the second's. The resident's home is `a`,
/// which also organises the activity (3 points) and sells the item (9 points).
struct Scene {
  var street: Street
  let a: Counter
  let b: Counter
  let c: Counter
  /// An approver who sits at office `a`.
  let approver: Counter
  /// An auditor who sits at office `a`.
  let auditor: Counter
  let resident: OpID
  let activity: OpID
  let item: OpID

  init() throws {
    var street = try Street()
    a = street.counters[0]
    b = street.counters[1]
    c = street.counters[2]
    approver = Counter(office: a.office, clerk: street.staff[2])
    auditor = Counter(office: a.office, clerk: street.staff[3])
    resident = try street.register(at: a)
    activity = try street.publish(points: 3, at: a)
    item = try street.defineItem(points: 9, at: a)
    self.street = street
  }

  /// What the folds make of all that was written.
  var state: MemoryState { MemoryReplica(street.written).state }

  /// What became of an op.
  func verdict(_ id: OpID) -> Verdict? { state.verdicts[id] }

  /// The resident's points.
  func balance() throws -> Int64 { try state.sum("account", [resident.packed], "balance") }

  /// All that the resident ever earned.
  func earned() throws -> Int64 { try state.sum("account", [resident.packed], "earned") }

  /// Grants the resident points for an activity of its own.
  @discardableResult
  mutating func earn(_ points: Int64, at counter: Counter? = nil) throws -> OpID {
    let counter = counter ?? a
    let activity = try street.publish(points: points, at: counter)
    return try street.grant(resident, activity, points: points, at: counter)
  }

  /// The resident redeems one item for some points.
  @discardableResult
  mutating func spend(_ points: Int64, basis: Int64 = 0, at counter: Counter) throws -> OpID {
    try street.redeem(resident, [(item, 1, points)], basis: basis, at: counter)
  }

  /// Whether an op's verdict or a row put this on the desk.
  func isOnDesk(_ reason: DeskReason, _ subject: OpID, detail: Int64 = 0) -> Bool {
    state.desk.contains(DeskEntry(reason, subject: subject.packed, detail: detail))
  }
}
