import OpLog

/// An id that a PC gave up when it rejoined, and that still is the home of something.
package struct FormerID: Sendable, Equatable {
  /// The id.
  package let replica: ReplicaID
  /// The id under which that PC goes on.
  package let successor: ReplicaID
  /// The residents and households whose home it is.
  package let accounts: Int64
  /// The kinds of goods on its shelf.
  package let goods: Int64
}

/// What is left of ids that nobody works under any more, unless another PC has a copy: only two persons at
/// the hub can say that there is none, and give it to the successor (`replica.retire`).
extension Store {
  /// The ids of this office's PC, or at a hub of all, that still are the home of something, ascending; not
  /// those that are retired, or under which another PC was heard of since.
  ///
  /// O(residents) for each such id.
  ///
  /// - Throws: ``StoreError/database(_:)``.
  package func formerIDsInUse() throws(StoreError) -> [FormerID] {
    var found: [FormerID] = []
    for (former, successor) in try givenUp().sorted(by: { $0.key < $1.key }) {
      guard try !isRetired(former), try !isRetired(successor),
        let taken = try enrolment(of: successor)?.op
      else { continue }
      let last = try OpID(former, foldedHead(of: former).seq)
      if let last, try receivedAt(last) ?? 0 > op(taken).stamp { continue }
      let held = try holdings(of: former)
      guard held.accounts > 0 || !held.shelf.isEmpty else { continue }
      found.append(
        FormerID(
          replica: former, successor: successor, accounts: held.accounts,
          goods: Int64(held.shelf.count)))
    }
    return found
  }

  /// Notes at a hub that a PC goes on under another id; inside ``write(_:)``.
  package func noteRejoin(of former: ReplicaID, as successor: ReplicaID) throws(StoreError) {
    var pairs = try rejoined()
    pairs[former] = successor
    var bytes: [UInt8] = []
    for (former, successor) in pairs.sorted(by: { $0.key < $1.key }) {
      bytes.appendBigEndian(former.rawValue)
      bytes.appendBigEndian(successor.rawValue)
    }
    try set(.rejoined, bytes)
  }

  /// The ids that were given up, each with the one that its PC has now.
  private func givenUp() throws(StoreError) -> [ReplicaID: ReplicaID] {
    guard identity.replica.isHub else {
      return Dictionary(
        uniqueKeysWithValues: try formerIDs().map { ($0, identity.replica) })
    }
    let pairs = try rejoined()
    return pairs.mapValues { first in
      var (last, steps) = (first, 0)
      while let next = pairs[last], steps < pairs.count { (last, steps) = (next, steps + 1) }
      return last
    }
  }

  private func rejoined() throws(StoreError) -> [ReplicaID: ReplicaID] {
    let bytes = try setting(.rejoined) ?? []
    var pairs: [ReplicaID: ReplicaID] = [:]
    for start in stride(from: 0, to: bytes.count - 7, by: 8) {
      let numbers = [start, start + 4].map { place in
        bytes[place..<place + 4].reduce(0) { $0 << 8 | UInt32($1) }
      }
      guard let former = ReplicaID(rawValue: numbers[0]),
        let successor = ReplicaID(rawValue: numbers[1])
      else { continue }
      pairs[former] = successor
    }
    return pairs
  }
}
