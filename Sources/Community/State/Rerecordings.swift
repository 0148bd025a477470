import OpLog

/// Which op counts where one thing was recorded again.
///
/// A PC that finds that its database was copied goes on under a new id and records again what the hub
/// does not hold of it; each such op says in `was` the chain hash of the first original. Of the
/// original, should it turn up after all, and of all ops of one community that say the same `was`,
/// one counts: the original, else the lowest id. The others are duplicates, and whoever names one of
/// them means the one that counts. A function of the set of admitted ops; a replica that learns of a
/// better one after it folded another folds its logs anew.
package struct Rerecordings: Sendable {
  /// What was recorded: the first 8 bytes of the original's chain hash, and in which community.
  ///
  /// Other communities have no say in it: whoever wrote a lower id could take another's record away.
  private struct Original: Hashable {
    let hash: Int64
    let community: Int64

    init(_ hash: Digest, community: Int64) {
      self.hash = hash.bytes.prefix(8).reduce(0) { $0 << 8 | Int64($1) }
      self.community = community
    }

    init(hash: Int64, community: Int64) {
      self.hash = hash
      self.community = community
    }
  }

  /// The records of one thing.
  private struct Records {
    var original: OpID?
    /// Those made again, in no order.
    var again: Set<OpID> = []

    var counting: OpID? { original ?? again.min() }
  }

  private var records: [Original: Records] = [:]
  private var originals: [OpID: Original] = [:]
  /// Whether a record came that counts in place of one that was folded.
  package private(set) var mustRefold = false

  /// Nothing was recorded again.
  package init() {}

  /// Reads what the rows of ``Tables/recordedAgain`` say.
  package init(_ rows: [[Cell]]) {
    for row in rows {
      guard let op = row[0].id, let hash = row[1].integer, let community = row[2].integer else {
        continue
      }
      let original = Original(hash: hash, community: community)
      add(op, to: original, isOriginal: row[4] == .integer(1))
    }
    mustRefold = false
  }

  /// Whether nothing was recorded again, as on most streets for ever.
  package var isEmpty: Bool { originals.isEmpty }

  /// The same before any of it is folded anew.
  package var settled: Rerecordings {
    var settled = self
    settled.mustRefold = false
    return settled
  }

  /// Whether a community recorded again what had a chain hash, and the record is admitted.
  package func hold(_ was: Digest, community: Int64) -> Bool {
    records[Original(was, community: community)] != nil
  }

  /// The op that counts where this one is a record of something; the op itself for all others.
  ///
  /// O(1), or O(records of the same thing).
  package func counting(_ id: OpID) -> OpID {
    guard let original = originals[id] else { return id }
    return records[original]?.counting ?? id
  }

  /// An op as folds read it: what it names are the records that count.
  package func reading(_ op: Op) -> Op {
    guard !originals.isEmpty, op.references.contains(where: { counting($0) != $0 }) else {
      return op
    }
    return op.naming(counting) ?? op
  }

  /// Takes in an op that was just admitted, and writes its row where it is one of several records.
  ///
  /// - Parameters:
  ///   - op: The op.
  ///   - state: The tables.
  ///   - hash: Its chain hash; asked only on a street where something was recorded again.
  ///   - find: The admitted op with a chain hash, or nil.
  /// - Throws: What the state throws.
  package mutating func take<S: FoldState>(
    _ op: Op, in state: S, hash: (OpID) throws(S.Failure) -> Digest?,
    find: (Digest) throws(S.Failure) -> Op?
  ) throws(S.Failure) {
    guard op.was != nil || !originals.isEmpty, !op.id.replica.isHub,
      let community = try Standing.community(of: op.id.replica, in: state)
    else { return }
    if originals[op.id] == nil {
      if let was = op.was {
        let original = Original(was, community: community)
        if records[original] == nil { try note(was, original, in: state, find: find) }
        add(op.id, to: original, isOriginal: false)
      } else if let hash = try hash(op.id) {
        let original = Original(hash, community: community)
        guard records[original] != nil else { return }
        add(op.id, to: original, isOriginal: true)
      }
    }
    if originals[op.id] != nil { try writeRow(of: op.id, in: state) }
  }

  /// Takes in an original that was admitted before anybody said that it was recorded again.
  private mutating func note<S: FoldState>(
    _ was: Digest, _ original: Original, in state: S, find: (Digest) throws(S.Failure) -> Op?
  ) throws(S.Failure) {
    guard let first = try find(was), first.was == nil,
      try Standing.community(of: first.id.replica, in: state) == original.community
    else { return }
    add(first.id, to: original, isOriginal: true)
    try writeRow(of: first.id, in: state)
  }

  private mutating func add(_ op: OpID, to original: Original, isOriginal: Bool) {
    let before = records[original]?.counting
    if isOriginal {
      records[original, default: Records()].original = op
    } else {
      records[original, default: Records()].again.insert(op)
    }
    originals[op] = original
    if before != nil, before != records[original]?.counting { mustRefold = true }
  }

  private func writeRow<S: FoldState>(of op: OpID, in state: S) throws(S.Failure) {
    guard let original = originals[op] else { return }
    try state.insert(
      Tables.recordedAgain,
      [
        .id(op), .integer(original.hash), .integer(original.community), .id(counting(op)),
        .integer(records[original]?.original == op ? 1 : 0),
      ])
  }
}

extension Tables {
  /// The records of what was recorded again: `counts` is the one that does, `is_original` 1 for the
  /// op whose chain hash the others say in `was`, of which 8 bytes are here.
  package static let recordedAgain = Table(
    154, "recorded_again", .reference, key: [.integer("op")],
    [
      .integer("was"), .integer("community"), .integer("counts"), .integer("is_original"),
    ],
    standingDesk: { row in
      guard let op = row[0].integer, row[3] == row[0], row[4] == .integer(0) else { return [] }
      return [DeskEntry(.recordedAgain, subject: op)]
    })
}

extension Payload {
  /// The payload with other ops in the place of those that it names.
  package func naming(_ other: (OpID) -> OpID) -> Payload {
    Payload(
      values: values.map { value in
        switch value {
        case .reference(let id): .reference(other(id))
        // A list is a set in ascending order.
        case .references(let ids): .references(Set(ids.map(other)).sorted())
        case .records(let records):
          .records(records.map { Payload(values: $0).naming(other).values })
        default: value
        }
      })
  }
}
