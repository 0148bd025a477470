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

  /// Bodies of the own community's residents and staff that are not here yet; none at a hub.
  package func missingBodies(limit: Int) throws(StoreError) -> [Digest] {
    try StoreError.wrap { () throws(SQLiteFailure) in try bodies.missing(limit: limit) }
  }

  /// Bodies recorded here that the hub does not have yet.
  package func unsentBodies(limit: Int) throws(StoreError) -> [Digest] {
    try StoreError.wrap { () throws(SQLiteFailure) in try bodies.unsent(limit: limit) }
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

  /// A small value kept by name: set-up and progress, never facts.
  package func setting(_ name: SettingName) throws(StoreError) -> [UInt8]? {
    try StoreError.wrap { () throws(SQLiteFailure) in try meta.bytes(name.rawValue) }
  }

  /// Forgets a value; inside ``write(_:)``.
  package func clear(_ name: SettingName) throws(StoreError) {
    try StoreError.wrap { () throws(SQLiteFailure) in
      let delete = try connection.prepare("DELETE FROM meta WHERE key = ?1")
      delete.bind(1, name.rawValue)
      try delete.run()
    }
  }

  /// Keeps a small value by name; inside ``write(_:)``.
  package func set(_ name: SettingName, _ value: [UInt8]) throws(StoreError) {
    try StoreError.wrap { () throws(SQLiteFailure) in try meta.set(name.rawValue, value) }
  }

  /// A small number kept by name.
  package func number(_ name: SettingName) throws(StoreError) -> Int64? {
    try StoreError.wrap { () throws(SQLiteFailure) in try meta.integer(name.rawValue) }
  }

  /// Keeps a small number by name; inside ``write(_:)``.
  package func set(_ name: SettingName, _ value: Int64) throws(StoreError) {
    try StoreError.wrap { () throws(SQLiteFailure) in try meta.set(name.rawValue, value) }
  }
}

/// The names under which a store keeps settings.
package enum SettingName: String, Sendable {
  /// The office's community, a packed op id; views read it.
  case community
  /// The secret that seals heads; 32 bytes.
  case secret
  /// The bearer token; 32 bytes.
  case token
  /// The hub's address.
  case hubAddress = "hub_address"
  /// The street's name.
  case streetName = "street_name"
  /// How far the hub's log is held whole, with all that it covers.
  case wholeSeq = "whole_seq"
  /// The run of the next entry that is being received.
  case partRun = "part_run"
  /// How far that run is held.
  case partSeq = "part_seq"
  /// The ids that this PC wrote under before it rejoined, four bytes each.
  case formerIDs = "former_ids"
  /// Present while this office holds another branch of the hub's log than the hub.
  case otherBranch = "other_branch"
  /// Why nothing may be recorded here any more; absent while all is well.
  case stopped
  /// How far the present hub said that it holds this office's log; set when it is a new one.
  case hubHas = "hub_has"
  /// Present while logs that this office holds need not come again from a new hub.
  case resuming
  /// Present while this office still has logs of former hubs to show to a new one.
  case rollCall = "roll_call"
  /// The former hub's log that offices are giving to this hub in parts.
  case givenLog = "given_log"
  /// When the last part of it came, in ms since 1970-01-01 UTC.
  case givenAt = "given_at"
  /// The lives of the hub that only the log being given names, four bytes each.
  case givenLives = "given_lives"
  /// The offices that called while the roll-call is open, four bytes each.
  case callers
  /// The offices that hold another branch of a former hub's log, four bytes each.
  case branched
  /// The ids that PCs gave up, each with the one that its PC took, eight bytes each pair.
  case rejoined
  /// The revoked replicas that may bring what they had not sent, twelve bytes each.
  case readmissions
  /// The first life of this hub with its present master key; absent for a street's first key.
  case keySince = "key_since"
  /// What tells a hub's present master key from the ones before it; 32 bytes that say nothing of the key.
  case keyCheck = "key_check"
  /// The codes with which offices get their secrets by a new master key, 61 bytes each.
  case renewals
  /// The heads of former hubs that offices showed and no seal proves, 48 bytes each.
  case shown
  /// Present at an office that has its secret by a new master key, until the roll-call behind it ended.
  case renewed
  /// Present in a backup, which no hub may serve as it is.
  case backup
  /// An office's last bundle: its id then, the hub's life, and the bundle's number, four bytes each.
  case lastBundle = "last_bundle"
  /// Of each office the bundles that reached this hub, and which did not.
  case bundles
  /// The ops at which hubs' logs ended when somebody said that the clock had been wrong, eight bytes each.
  case clockConfirmed = "clock_confirmed"
  /// Present while the hub holds this office's report of rows that differ.
  case toldDifferences = "told_differences"
  /// When the hub last answered, in ms since 1970-01-01 UTC by the hub's clock.
  case lastContact = "last_contact"
  /// The hub's clock less this PC's at the last contact, ms.
  case clockOffset = "clock_offset"
  /// The catalogue by which the hub folds, as its last digest said.
  case hubCatalogue = "hub_catalogue"
  /// 1 while a receipt may have been taken for what was put away since: the tables are to be folded anew.
  case refold
  /// Present while the hub is known to read segments.
  case hubSegments = "hub_segments"
  /// The day of ``trafficSent`` and ``trafficReceived``, in days since 1970-01-01.
  case trafficDay = "traffic_day"
  /// Bytes sent to the hub on that day.
  case trafficSent = "traffic_sent"
  /// Bytes that came from it on that day.
  case trafficReceived = "traffic_received"
  /// Bytes a day after which only own ops go; absent for no end.
  case byteBudget = "byte_budget"
  /// Bytes a second that the line moved when it was measured last.
  case lineRate = "line_rate"
  /// For how long it held between two cuts, in ms.
  case lineCalm = "line_calm"
  /// What an office works on while its history comes in; see ``Bootstrap``.
  case bootstrap
  /// The card of the checkpoint that a hub gives, or that comes in at an office.
  case checkpoint
  /// When a hub made it, in ms since 1970-01-01 UTC.
  case checkpointMadeAt = "checkpoint_made_at"
  /// Present at an office that began without one, so that it does not ask again.
  case noCheckpoint = "no_checkpoint"
  /// The tables whose rows in the checkpoint were not what the history says.
  case checkpointFaults = "checkpoint_faults"
}
