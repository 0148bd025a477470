import OpLog

/// An op with its chain hash.
struct PlacedOp {
  let op: Op
  let hash: Digest
  var seq: UInt64 { op.id.seq }
}

/// The branches of a log from where the first of them left it: each op by its chain hash.
struct BranchNodes {
  let first: UInt64
  /// The chain hash before each.
  var before: [Digest: Digest] = [:]
  /// Those of which it is known that others have their places.
  private var lost: Set<Digest> = []

  init(first: UInt64) { self.first = first }

  /// Adds the ops that lead to a head to those that are known; false where not all of them are held.
  func follow(_ head: Head, _ known: inout Set<Digest>) -> Bool {
    var path: [Digest] = []
    var (seq, hash) = (head.seq, head.hash)
    while seq >= first, !known.contains(hash) {
      guard let next = before[hash] else { return false }
      path.append(hash)
      seq -= 1
      hash = next
    }
    known.formUnion(path)
    return true
  }

  /// Forgets all ops but those that are known.
  mutating func keep(_ known: Set<Digest>) {
    before = before.filter { known.contains($0.key) }
  }

  /// Gives the ops up to a head their places, unless others have them already.
  mutating func choose(_ head: Head, _ chosen: inout [UInt64: Digest]) {
    var path: [Digest] = []
    var (seq, hash) = (head.seq, head.hash)
    while seq >= first, chosen[seq] != hash {
      // Not held here, or not wholly.
      guard let next = before[hash] else { return }
      path.append(hash)
      guard chosen[seq] == nil, !lost.contains(hash) else {
        lost.formUnion(path)
        return
      }
      seq -= 1
      hash = next
    }
    for hash in path.reversed() {
      seq += 1
      chosen[seq] = hash
    }
  }
}
