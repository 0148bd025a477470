import Community
import OpLog
import SQLite

/// An invitation to enrol: who may use the code, and who did.
package struct Invitation: Sendable {
  /// SHA-256 of the code; the code itself is only on paper.
  package let codeHash: Digest
  /// The community's op.
  package let community: OpID
  /// What the office is called.
  package let label: String
  /// When the code ends, in ms since 1970-01-01 UTC.
  package let expiresAt: Int64
  /// The random bits that came with the code when it was used; nil before.
  package var nonce: [UInt8]?
  /// The replica that was issued for it; nil before.
  package var replica: ReplicaID?

  /// Makes an invitation that nobody used yet.
  package init(codeHash: Digest, community: OpID, label: String, expiresAt: Int64) {
    self.codeHash = codeHash
    self.community = community
    self.label = label
    self.expiresAt = expiresAt
  }
}

/// Somebody's right to record for a community.
package struct Appointment: Sendable, Equatable {
  /// The op, which is the id of the person in this office.
  package let id: OpID
  /// The roles as a bit mask.
  package let roles: Int64
  /// The days on which it stands; the last is `Int64.max` while nobody ended it.
  package let days: ClosedRange<Int64>
}

/// What only a hub keeps and asks.
extension Store {
  /// The invitation with a code's hash, or nil.
  package func invitation(_ codeHash: Digest) throws(StoreError) -> Invitation? {
    try StoreError.wrap { () throws(SQLiteFailure) in
      let select = try connection.prepare(
        """
        SELECT community, label, expires_at, nonce, replica FROM invitation WHERE code_hash = ?1
        """)
      select.bind(1, codeHash.bytes)
      guard try select.step(), let community = OpID(packed: select.integer(0)) else { return nil }
      var found = Invitation(
        codeHash: codeHash, community: community, label: select.text(1),
        expiresAt: select.integer(2))
      found.nonce = select.optionalBytes(3)
      found.replica = select.optionalInteger(4).flatMap {
        ReplicaID(rawValue: UInt32(truncatingIfNeeded: $0))
      }
      return found
    }
  }

  /// Keeps an invitation, or who used it.
  package func keep(_ invitation: Invitation) throws(StoreError) {
    try StoreError.wrap { () throws(SQLiteFailure) in
      let replace = try connection.prepare(
        "REPLACE INTO invitation VALUES(?1, ?2, ?3, ?4, ?5, ?6)")
      replace.bind(1, invitation.codeHash.bytes)
      replace.bind(2, invitation.community.packed)
      replace.bind(3, invitation.label)
      replace.bind(4, invitation.expiresAt)
      if let nonce = invitation.nonce { replace.bind(5, nonce) } else { replace.bindNull(5) }
      if let replica = invitation.replica {
        replace.bind(6, Int64(replica.rawValue))
      } else {
        replace.bindNull(6)
      }
      try replace.run()
    }
  }

  /// The highest replica id that was ever enrolled; the hub's own before the first.
  package func lastReplica() throws(StoreError) -> ReplicaID {
    try StoreError.wrap { () throws(SQLiteFailure) in
      let highest = try connection.scalar("SELECT max(id) FROM replica") ?? 0
      return ReplicaID(rawValue: UInt32(highest)) ?? identity.replica
    }
  }

  /// The community with a name, or nil.
  package func community(named name: String) throws(StoreError) -> OpID? {
    try StoreError.wrap { () throws(SQLiteFailure) in
      let select = try connection.prepare(
        "SELECT id FROM community WHERE name = ?1 ORDER BY id LIMIT 1")
      select.bind(1, name)
      return try select.step() ? OpID(packed: select.integer(0)) : nil
    }
  }

  /// The appointments to a community of whoever has a body's name (``PersonName``), ascending;
  /// O(staff of the street).
  package func appointments(
    of person: Body, to community: OpID
  ) throws(StoreError) -> [Appointment] {
    let name = try tidiedName(in: person)
    return try StoreError.wrap { () throws(SQLiteFailure) in
      let select = try connection.prepare(
        """
        SELECT s.id, s.roles, s.valid_from, min(ifnull(s.valid_to, ?2), ifnull(s.ended_on, ?2)),
          ifnull(json_extract(b.content, '$.name'), '')
          FROM staff s JOIN body_link l ON l.op = s.id JOIN body b ON b.digest = l.digest
         WHERE s.community = ?1 ORDER BY s.id
        """)
      select.bind(1, community.packed)
      select.bind(2, Int64.max)
      var found: [Appointment] = []
      while try select.step() {
        guard PersonName.tidied(select.text(4)) == name, let id = OpID(packed: select.integer(0))
        else { continue }
        let days = select.integer(2)...max(select.integer(2), select.integer(3))
        found.append(Appointment(id: id, roles: select.integer(1), days: days))
      }
      return found
    }
  }

  /// The newest policy of a community, or nil.
  package func policy(of community: OpID) throws(StoreError) -> OpID? {
    try StoreError.wrap { () throws(SQLiteFailure) in
      let select = try connection.prepare("SELECT max(id) FROM policy WHERE community = ?1")
      select.bind(1, community.packed)
      return try select.step() ? OpID(packed: select.integer(0)) : nil
    }
  }

  /// The values of a community's newest policy, in the order of `Policy.keys`; nil before the first.
  package func policyValues(of community: OpID) throws(StoreError) -> [Int64?]? {
    guard let policy = try policy(of: community),
      let row = try row(Tables.policy, [policy.packed])
    else { return nil }
    return Policy(row: row).values
  }

  /// A replica as its enrolment says, or nil.
  package func enrolment(
    of replica: ReplicaID
  ) throws(StoreError) -> (op: OpID, community: OpID, label: String, isRevoked: Bool)? {
    guard let row = try row(Tables.replica, [Int64(replica.rawValue)]), let op = row[1].id,
      let community = row[2].id
    else { return nil }
    return (op, community, row[3].text, row[4] != .null)
  }

  /// Whether another replica took a replica's place.
  package func isRetired(_ replica: ReplicaID) throws(StoreError) -> Bool {
    try has(Tables.retirement, id: Int64(replica.rawValue))
  }

  /// What goes to the successor of a replica: how many accounts, and the items on its shelf.
  package func holdings(
    of replica: ReplicaID
  ) throws(StoreError) -> (accounts: Int64, shelf: [(item: OpID, name: String, onHand: Int64)]) {
    try StoreError.wrap { () throws(SQLiteFailure) in
      // A pool's home is the writer of the household's file, in the upper half of its id. What is left
      // of those whose place this replica took goes along.
      let count = try connection.prepare(
        """
        WITH RECURSIVE line(replica) AS (
          VALUES(?1) UNION SELECT t.replica FROM line JOIN retirement t ON t.successor = line.replica)
        SELECT count(*) FROM (
          SELECT id, home FROM resident UNION ALL SELECT id, id >> 32 FROM household) a
         LEFT JOIN custody c ON c.account = a.id
         WHERE c.home = ?1 OR c.home IS NULL AND a.home IN (SELECT replica FROM line)
        """)
      count.bind(1, Int64(replica.rawValue))
      let accounts = try count.step() ? count.integer(0) : 0
      let select = try connection.prepare(
        """
        SELECT s.item, i.name, s.on_hand FROM shelf_item s JOIN item i ON i.id = s.item
         WHERE s.office = ?1 AND s.on_hand != 0 ORDER BY s.item
        """)
      select.bind(1, Int64(replica.rawValue))
      var shelf: [(item: OpID, name: String, onHand: Int64)] = []
      while try select.step() {
        guard let item = OpID(packed: select.integer(0)) else { continue }
        shelf.append((item, select.text(1), select.integer(2)))
      }
      return (accounts, shelf)
    }
  }

  /// The first seq of the run of a hub's receipt that ends at a head; nil when no receipt covers it.
  package func firstSeq(
    ofRunEndingAt head: Head, by hub: ReplicaID
  ) throws(StoreError) -> UInt64? {
    guard hub.incarnation == 1 else {
      return try StoreError.wrap { () throws(SQLiteFailure) in
        try hubRuns.firstSeq(ofRunEndingAt: head, by: hub)
      }
    }
    guard let id = OpID(head.replica, head.seq) else { return nil }
    let run = try StoreError.wrap { () throws(SQLiteFailure) in try receipts.run(covering: id) }
    return run?.seqs.lowerBound
  }

  /// How far a hub's own receipts cover a log; 0 for none.
  package func receiptedSeq(
    of replica: ReplicaID, by hub: ReplicaID
  ) throws(StoreError) -> UInt64 {
    guard hub.incarnation > 1 else { return try receiptedSeq(of: replica) }
    return try StoreError.wrap { () throws(SQLiteFailure) in
      try hubRuns.covered(replica, by: hub)
    }
  }

  /// How far a log has receipts; 0 for none.
  package func receiptedSeq(of replica: ReplicaID) throws(StoreError) -> UInt64 {
    try StoreError.wrap { () throws(SQLiteFailure) in try receipts.covered(replica) }
  }

  /// The state's digest; inside a transaction, with what it has changed.
  package func stateDigest() throws(StoreError) -> StateDigest {
    try flush()
    return try StoreError.wrap { () throws(SQLiteFailure) in try model.digest() }
  }
}
