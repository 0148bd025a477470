import Community
import OpLog
import SQLite

/// Bodies: whose they are, and which are still under way.
extension Store {
  /// A body held here, or nil.
  package func body(_ digest: Digest) throws(StoreError) -> Body? {
    try StoreError.wrap { () throws(SQLiteFailure) in try bodies.body(digest) }
  }

  /// The op that a body belongs to; nil when none here names it.
  ///
  /// Of several ops that name one digest the first in the canonical order owns it: nobody gets at another
  /// community's body by naming it too, or keeps it past an erasure.
  package func link(ofBody digest: Digest) throws(StoreError) -> BodyLink? {
    var owner: (link: BodyLink, place: (isWaiting: Int, op: OpID))?
    for link in try StoreError.wrap({ () throws(SQLiteFailure) in try bodies.links(digest) }) {
      let run = try StoreError.wrap { () throws(SQLiteFailure) in
        try receipts.run(covering: link.op)
      }
      // Own ops without a receipt come last.
      let isWaiting = run == nil && !link.op.replica.isHub
      let place = (isWaiting ? 1 : 0, run?.receipt ?? link.op)
      if let owner,
        (owner.place.isWaiting, owner.place.op, owner.link.op) < (place.0, place.1, link.op)
      {
        continue
      }
      owner = (link, place)
    }
    return owner?.link
  }

  /// Keeps a body that came over the line; inside ``write(_:)``.
  ///
  /// - Parameters:
  ///   - body: The body.
  ///   - isAtHub: Whether the present hub has it; else it is brought there.
  /// - Throws: ``StoreError/database(_:)``.
  package func keep(_ body: Body, isAtHub: Bool = true) throws(StoreError) {
    try StoreError.wrap { () throws(SQLiteFailure) in
      try bodies.put(body, of: nil, isUploaded: isAtHub)
    }
  }

  /// How many residents of the office's own community have a file of which a part is not here yet.
  ///
  /// - Throws: ``StoreError/database(_:)``.
  package func unseenFiles() throws(StoreError) -> Int {
    try StoreError.wrap { () throws(SQLiteFailure) in
      Int(
        try connection.scalar(
          """
          SELECT count(DISTINCT l.resident) FROM body_missing m JOIN body_link l ON l.op = m.op
           WHERE l.resident IS NOT NULL
          """) ?? 0)
    }
  }

  /// Bodies of the own community's residents and staff that are not here yet; none at a hub.
  package func missingBodies(limit: Int) throws(StoreError) -> [Digest] {
    try StoreError.wrap { () throws(SQLiteFailure) in try bodies.missing(limit: limit) }
  }

  /// How many bodies that a replica's ops name have not come to this hub and were not erased.
  ///
  /// O(bodies of that replica).
  package func absentBodies(of replica: ReplicaID) throws(StoreError) -> Int64 {
    try StoreError.wrap { () throws(SQLiteFailure) in
      let count = try connection.prepare(
        """
        SELECT count(DISTINCT l.digest) FROM body_link l WHERE l.op BETWEEN ?1 AND ?2
           AND NOT EXISTS (SELECT 1 FROM body WHERE digest = l.digest)
           AND NOT EXISTS (SELECT 1 FROM tombstone WHERE digest = l.digest)
        """)
      count.bind(1, Int64(replica.rawValue) << 32)
      count.bind(2, Int64(replica.rawValue) << 32 | 0xFFFF_FFFF)
      return try count.step() ? count.integer(0) : 0
    }
  }

  /// Bodies that the hub does not have yet, and can take.
  package func unsentBodies(limit: Int) throws(StoreError) -> [Digest] {
    let waiting = try waitingFiles()
    return try StoreError.wrap { () throws(SQLiteFailure) in
      try bodies.unsent(limit: limit + waiting.count).filter { !waiting.contains($0) }
    }
  }

  /// How many bodies there are that the hub does not have yet, and can take.
  ///
  /// O(those bodies).
  package func unsentBodyCount() throws(StoreError) -> Int {
    try unsentBodies(limit: Int(Int32.max)).count
  }

  /// Notes that the hub has a body that was recorded here; inside ``write(_:)``.
  ///
  /// Only a body of this community stays here. That of another community's person was kept until
  /// the hub had it, and is erased.
  package func noteSent(_ digest: Digest, community: OpID) throws(StoreError) {
    let isDeleted = try StoreError.wrap { () throws(SQLiteFailure) in
      try bodies.noteSent(digest, community: community.packed)
    }
    if isDeleted { try askForScrub() }
  }
}
