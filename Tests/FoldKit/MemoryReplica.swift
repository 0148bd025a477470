import Community
import OpLog

/// An op as a verified log hands it on: with the chain hash at its place.
package struct Delivery: Sendable {
  /// The op.
  package let op: Op
  /// The chain hash after it.
  package let hash: Digest
  /// The ops that it names.
  package let namedOps: [OpID]
  /// Its row of the catalogue; nil for a kind that is not in it.
  package let kind: Kind?
  /// Its payload; nil where it can't be read.
  package let payload: Payload?

  /// Reads the op once, for all replicas that it is delivered to.
  package init(op: Op, hash: Digest) {
    self.op = op
    self.hash = hash
    namedOps = op.namedOps
    kind = Catalogue.kind(op.kind)
    guard let kind, case .payload(let payload)? = try? kind.schema.decode(op) else {
      payload = nil
      return
    }
    self.payload = payload
  }
}

/// Admits ops after what they name, folds them, and folds them again when their receipt comes.
package final class MemoryReplica {
  /// What an op waits for before it is admitted.
  private enum Cause: Hashable {
    case op(OpID)
    case enrolment(of: ReplicaID)
  }

  /// The tables.
  package private(set) var state = MemoryState()
  /// The kind that is being folded; nil while derived rows are settled.
  package private(set) var folding: Kind?
  private var logs: [ReplicaID: [Delivery]] = [:]
  private var hashes: [OpID: Digest] = [:]
  private var waiting: [Cause: [Delivery]] = [:]
  /// The ops that bound logs.
  private var bounding: [Op] = []
  private var mustRefold = false {
    didSet { state.isOutdated = mustRefold }
  }
  private var isRefolding = false

  /// A replica that received some ops.
  package convenience init(_ deliveries: some Sequence<Delivery>) {
    self.init()
    for delivery in deliveries { receive(delivery) }
  }

  /// A replica that received some ops in transactions that end by chance, as a sync's do.
  package convenience init(_ deliveries: some Sequence<Delivery>, batchedBy dice: inout Dice) {
    self.init()
    let length = Int.random(in: 1...40, using: &dice)
    for delivery in deliveries {
      receive(delivery, isLast: dice.once(in: length))
    }
    state.settleReaders()
    if mustRefold { refold() }
  }

  /// A replica that received nothing yet.
  package init() {}

  /// Takes an op that continues its log; anything else is a repeat or a gap and changes nothing.
  ///
  /// With `isLast` its transaction ends with it: then derived rows are settled.
  package func receive(_ delivery: Delivery, isLast: Bool = true) {
    take(delivery)
    guard isLast else { return }
    state.settleReaders()
    if mustRefold { refold() }
  }

  private func take(_ delivery: Delivery) {
    let id = delivery.op.id
    guard id.seq == UInt64(logs[id.replica, default: []].count) + 1 else { return }
    logs[id.replica, default: []].append(delivery)
    var ready = [delivery]
    while let next = ready.popLast() {
      if let cause = missingCause(of: next) {
        waiting[cause, default: []].append(next)
      } else if admit(next) {
        ready += waiting.removeValue(forKey: .op(next.op.id)) ?? []
        if let replica = newReplica(next) {
          ready += waiting.removeValue(forKey: .enrolment(of: replica)) ?? []
        }
      }
    }
  }

  /// The ops that are not admitted, because something that they name is missing.
  package var waitingOps: Set<OpID> { Set(waiting.values.joined().map(\.op.id)) }

  private func missingCause(of delivery: Delivery) -> Cause? {
    for named in delivery.namedOps where hashes[named] == nil { return .op(named) }
    for record in delivery.namedOps.map(state.rerecordings.counting) where hashes[record] == nil {
      return .op(record)
    }
    let writer = delivery.op.id.replica
    return writer.isHub || state.isEnrolled(writer) ? nil : .enrolment(of: writer)
  }

  /// Folds an op, unless it can't be read or names other ops than it seems to.
  private func admit(_ delivery: Delivery) -> Bool {
    let op = delivery.op
    let problem: DeskReason? =
      if Chain.names(of: delivery.namedOps.compactMap { hashes[$0] }) != op.names {
        .namesMismatch
      } else if delivery.kind == nil {
        .unknownKind
      } else if delivery.payload == nil {
        .malformedPayload
      } else {
        nil
      }
    if let problem {
      state.settle(op.id, Verdict(.pending, [problem]), isFirst: true)
      return false
    }
    hashes[op.id] = delivery.hash
    state.admit(op, hash: delivery.hash)
    learnRecords(of: op)
    if state.rerecordings.counting(op.id) != op.id {
      state.settle(op.id, Verdict(.duplicate), isFirst: true)
    } else if op.kind == Receipt.kind {
      take(op)
    } else {
      fold(delivery, isFirst: true)
    }
    if !isRefolding, LogBounds.kinds.contains(op.kind) { learnBounds(from: op) }
    return true
  }

  /// Folds all logs anew when a bound came after what stands behind it.
  private func learnBounds(from op: Op) {
    bounding.append(op)
    let bounds = LogBounds(bounding) { state.op($0) }
    let changes = bounds.changes(from: state.bounds)
    state.bounds = bounds
    mustRefold =
      mustRefold
      || changes.contains { UInt64(logs[$0.replica, default: []].count) > $0.seq }
  }

  /// Folds all logs anew when a record of something comes that counts before those folded.
  private func learnRecords(of op: Op) {
    var rerecordings = state.rerecordings
    rerecordings.take(
      op, in: state, hash: { hashes[$0] },
      find: { hash in hashes.first { $0.value == hash }.map { state.op($0.key) } })
    mustRefold = mustRefold || rerecordings.mustRefold
    state.rerecordings = rerecordings
  }

  private func refold() {
    foldAnew(knowing: Rerecordings())
    // Some records are known only now.
    if mustRefold { foldAnew(knowing: state.rerecordings.settled) }
    mustRefold = false
  }

  private func foldAnew(knowing rerecordings: Rerecordings) {
    mustRefold = false
    let (held, bounds, access) = (logs, state.bounds, state.onAccess)
    (logs, hashes, waiting) = ([:], [:], [:])
    state = MemoryState()
    // All bounds hold from the start; which ops set them does not depend on the tables.
    state.bounds = bounds
    state.rerecordings = rerecordings
    isRefolding = true
    defer { isRefolding = false }
    state.onAccess = access
    for log in held.sorted(by: { $0.key < $1.key }) {
      for delivery in log.value { take(delivery) }
    }
    state.settleReaders()
  }

  private func fold(_ delivery: Delivery, isFirst: Bool) {
    let op = state.rerecordings.reading(delivery.op)
    guard let kind = delivery.kind, state.rerecordings.counting(op.id) == op.id,
      case .payload(let payload)? = try? kind.schema.decode(op)
    else { return }
    folding = kind
    let entry = Entry(op: op, payload: payload, kind: kind, isFirst: isFirst)
    if !isRefolding, isFirst, EnrollFold.moves(entry, in: state) { mustRefold = true }
    entry.fold(in: state)
    folding = nil
  }

  /// Folds again what a receipt covers as the first.
  private func take(_ op: Op) {
    guard op.id.replica.isHub, let receipt = try? Receipt(op) else {
      return state.settle(op.id, Verdict(.void, [.onlyHub]), isFirst: true)
    }
    let covered = receipt.runs.flatMap { run in
      (logs[run.upTo.replica] ?? []).prefix(Int(run.upTo.seq)).filter {
        guard hashes[$0.op.id] != nil else { return false }
        return state.place(of: $0.op.id).receipt.map { op.id < $0 } ?? true
      }
    }
    state.cover(receipt, by: op)
    for delivery in covered { fold(delivery, isFirst: false) }
    state.settle(op.id, .plain, isFirst: true)
  }

  private func newReplica(_ delivery: Delivery) -> ReplicaID? {
    guard delivery.kind?.name == "replica.enroll", let number = delivery.payload?.integer(1),
      let replica = ReplicaID(rawValue: UInt32(number)), state.isEnrolled(replica)
    else { return nil }
    return replica
  }
}
