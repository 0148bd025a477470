import OpLog
import Wire

/// An office as small as it can be: keys, a log, seals, and what it holds of others' logs.
///
/// It believes what it is given, so that a hub that breaks one rule can be asked about the others;
/// rules look at replies themselves.
struct TestOffice {
  /// What the hub answered to its enrolment.
  let identity: EnrolReply
  /// The nonce that it enrolled with, and its code.
  let code: EnrolRequest
  /// Its staff, by the ids of their appointments.
  let staff: [OpID]
  /// Its own ops.
  private(set) var log: [Op] = []
  /// The chain hashes of its own log, from hash(0).
  private(set) var hashes: [Digest]
  /// How many of its ops the hub said it has.
  var pushed = 0
  /// The newest life of the hub that it knows.
  var life: Incarnation
  /// How much it holds of the hub's log.
  var progress: HubProgress
  /// The hub's entries that it holds whole, in order.
  private(set) var hubLog: [Op] = []
  /// Other logs, as they came, by replica.
  private(set) var others: [ReplicaID: [Op]] = [:]
  /// The chain hashes of the hub's log and of others, from hash(0).
  private(set) var known: [ReplicaID: [Digest]] = [:]
  /// Lives of the hub by their numbers.
  private var lives: [UInt32: Incarnation]
  /// Ops that came again, or with a hole before them; said of what a rule looks at.
  private(set) var disorder: [String] = []

  init(_ identity: EnrolReply, _ code: EnrolRequest, staff: [OpID], life: Incarnation) {
    self.identity = identity
    self.code = code
    self.staff = staff
    self.life = life
    lives = [identity.incarnation.number: identity.incarnation]
    lives[life.number] = life
    let street = identity.street
    hashes = [
      Chain.start(street: street, incarnation: identity.incarnation, replica: identity.replica)
    ]
    let start = Chain.start(street: street, incarnation: life, replica: life.hub)
    known[life.hub] = [start]
    progress = HubProgress(seq: 0, hash: start)
  }

  /// Its id.
  var replica: ReplicaID { identity.replica }

  /// What its calls bear.
  var token: String { "\(replica).\(identity.token)" }

  /// The head of its log after so many ops.
  func head(after count: Int) -> Head {
    Head(replica: replica, seq: UInt64(count), hash: hashes[count])
  }

  /// The head of its whole log.
  var head: Head { head(after: log.count) }

  /// Seals a head.
  func seal(_ head: Head) -> Digest { Seal.ofOffice(secret: identity.secret, head) }

  /// The rules of its community that it has to name.
  var policy: OpID? {
    hubLog.last { $0.kind == 7 && $0.references.first == identity.community }?.id
  }

  // MARK: Recording

  /// An op that it could record now; nil when it is beyond a limit.
  func made(
    kind: KindNumber, stamp: Int64 = 1_768_266_007_000, body: Digest? = nil,
    _ payload: (inout CBORWriter) -> Void
  ) -> OpFields {
    var cbor = CBORWriter()
    payload(&cbor)
    guard let id = OpID(replica, UInt64(log.count + 1)), let date = BusinessDate("2026-01-13")
    else { preconditionFailure("an id and a day within their limits") }
    var fields = OpFields(id: id, stamp: stamp, kind: kind, occurredOn: date, payload: cbor.bytes)
    fields.actor = staff.first
    fields.policy = policy
    fields.body = body
    return fields
  }

  /// Fills in the check value over what an op names, and appends it to the log.
  @discardableResult
  mutating func record(_ fields: OpFields, names: Bool = true) throws(RuleFinding) -> Op {
    var fields = fields
    let op: Op
    do throws(OpError) {
      let plain = try Op(fields)
      if names { fields.names = Chain.names(of: plain.namedOps.compactMap(hash)) }
      op = try Op(fields)
    } catch {
      throw RuleFinding(
        sent: "nothing", expected: "an op", came: "\(error)", isPreparation: true)
    }
    append(op)
    return op
  }

  /// Appends an op to the log.
  mutating func append(_ op: Op) {
    log.append(op)
    hashes.append(Chain.next(after: hashes[hashes.count - 1], op.bytes))
  }

  /// Records an activity, the plainest op that there is.
  @discardableResult
  mutating func publish(_ title: String = "扫雪") throws(RuleFinding) -> Op {
    try record(
      made(kind: 18) { cbor in
        cbor.map(count: 4)
        cbor.unsigned(1)
        cbor.text(title)
        cbor.unsigned(2)
        cbor.unsigned(0)
        cbor.unsigned(3)
        cbor.unsigned(3)
        cbor.unsigned(4)
        cbor.unsigned(20_466)
      })
  }

  /// Records a person's file; with `home`, of another office's community.
  @discardableResult
  mutating func register(_ body: [UInt8], home: OpID? = nil) throws(RuleFinding) -> Op {
    try record(
      made(kind: 16, body: SHA256.hash(body)) { cbor in
        cbor.map(count: home == nil ? 0 : 1)
        guard let home else { return }
        cbor.unsigned(1)
        cbor.reference(home)
      })
  }

  /// The chain hash of an op that it holds.
  func hash(_ id: OpID) -> Digest? {
    let hashes = id.replica == replica ? self.hashes : known[id.replica] ?? []
    return id.seq < UInt64(hashes.count) ? hashes[Int(id.seq)] : nil
  }

  /// The chain hash of a log at a seq, 0 for its start, as far as the hub holds it too: so both sides of a
  /// segment know it (segment.md §4.4).
  func held(_ replica: ReplicaID, _ seq: UInt64) -> Digest? {
    if replica == self.replica { return seq <= UInt64(pushed) ? hashes[Int(seq)] : nil }
    if let hashes = known[replica] {
      return seq < UInt64(hashes.count) ? hashes[Int(seq)] : nil
    }
    guard seq == 0, let life = lives[replica.incarnation] else { return nil }
    return Chain.start(street: identity.street, incarnation: life, replica: replica)
  }

  // MARK: Syncing

  /// What it asks of the hub: pushes all behind what the hub has, unless told otherwise.
  func request(pushing ops: [Op]? = nil, maxBytes: Int = 1 << 20) -> SyncRequest {
    SyncRequest(
      catalogue: ConformanceRun.catalogue, head: head, seal: seal(head),
      ops: ops ?? Array(log[pushed...]), hub: progress, incarnation: life, maxBytes: maxBytes)
  }

  /// What it asks without pushing anything: its head is the one that the hub has.
  func question(maxBytes: Int = 1 << 20) -> SyncRequest {
    let head = head(after: pushed)
    return SyncRequest(
      catalogue: ConformanceRun.catalogue, head: head, seal: seal(head), ops: [], hub: progress,
      incarnation: life, maxBytes: maxBytes)
  }

  /// Takes a reply as it is, and notes what is not in order.
  mutating func take(_ reply: SyncReply) {
    for entry in reply.entries {
      guard entry.op.id.replica == life.hub, entry.op.id.seq == progress.seq + 1 else {
        disorder.append("entry \(entry.op.id) behind \(life.hub)-\(progress.seq)")
        continue
      }
      learnLives(from: entry.op)
      var last: (run: Int, upTo: UInt64)?
      for run in entry.runs {
        for op in run.ops {
          add(op)
          last = (run.index, op.id.seq)
        }
      }
      guard isWhole(entry) else {
        progress = HubProgress(
          seq: progress.seq, hash: progress.hash, run: last?.run ?? progress.run,
          upTo: last?.upTo ?? progress.upTo)
        continue
      }
      let hash = Chain.next(after: progress.hash, entry.op.bytes)
      hubLog.append(entry.op)
      known[life.hub, default: []].append(hash)
      progress = HubProgress(seq: entry.op.id.seq, hash: hash)
    }
    if reply.have.seq <= UInt64(log.count) { pushed = Int(reply.have.seq) }
  }

  /// Takes over what another office of the street holds, so that a new one need not pull it again.
  ///
  /// Only from one that has recorded nothing: its ops would be missing.
  mutating func takeOver(from other: TestOffice) {
    guard other.log.isEmpty, other.life == life else { return }
    progress = other.progress
    hubLog = other.hubLog
    others = other.others
    known = other.known
    lives = other.lives
  }

  /// Follows a new life of the hub from its start (§8.5).
  mutating func follow(_ reply: RollCallReply) {
    life = reply.incarnation
    lives[life.number] = life
    // All comes again, with the new hub's receipts.
    others = [:]
    known = [:]
    hubLog = []
    let start = Chain.start(street: identity.street, incarnation: life, replica: life.hub)
    known[life.hub] = [start]
    progress = HubProgress(seq: 0, hash: start)
    pushed = Int(min(reply.have.seq, UInt64(log.count)))
  }

  /// The hub's log in pages of a roll-call, none of the ops left out (§8.3); each of a few hundred KiB.
  func pages() -> [RollCallPage] {
    var pages: [[HubEntry]] = [[]]
    var room = Self.pageBytes
    var receipted: [ReplicaID: UInt64] = [:]
    for op in hubLog {
      if room <= 0 {
        pages.append([])
        room = Self.pageBytes
      }
      pages[pages.count - 1].append(HubEntry(op: op, runs: []))
      room -= OpJSON.byNumbers.byteCount(of: op)
      for (index, run) in ((try? Receipt(op))?.runs ?? []).enumerated() {
        let all = run.upTo.replica == replica ? log : others[run.upTo.replica] ?? []
        let start = Int(receipted[run.upTo.replica] ?? 0)
        receipted[run.upTo.replica] = run.upTo.seq
        for covered in all[min(start, all.count)..<min(Int(run.upTo.seq), all.count)] {
          if room <= 0 {
            pages.append([HubEntry(op: op, runs: [])])
            room = Self.pageBytes
          }
          pages[pages.count - 1].add(covered, ofRun: index)
          room -= OpJSON.byNumbers.byteCount(of: covered)
        }
      }
    }
    return pages.indices.map { index in
      RollCallPage(hub: life.hub, entries: pages[index], hasMore: index < pages.count - 1)
    }
  }

  private static let pageBytes = 256 << 10

  private mutating func add(_ op: Op) {
    let replica = op.id.replica
    guard op.id.seq == UInt64(others[replica, default: []].count + 1) else {
      disorder.append("op \(op.id) behind \(replica)-\(others[replica, default: []].count)")
      return
    }
    others[replica, default: []].append(op)
    if known[replica] == nil, let life = lives[replica.incarnation] {
      known[replica] = [
        Chain.start(street: identity.street, incarnation: life, replica: replica)
      ]
    }
    guard let last = known[replica]?.last else { return }
    known[replica]?.append(Chain.next(after: last, op.bytes))
  }

  /// Whether all that a receipt covers is here.
  private func isWhole(_ entry: HubEntry) -> Bool {
    guard entry.op.kind == Receipt.kind, let receipt = try? Receipt(entry.op) else { return true }
    return receipt.runs.allSatisfy { run in
      run.upTo.replica == replica
        || UInt64(others[run.upTo.replica, default: []].count) >= run.upTo.seq
    }
  }

  /// Reads the lives that `hub.begin` names: without their bits no chain of theirs can be checked.
  private mutating func learnLives(from op: Op) {
    guard op.kind == 70 else { return }
    var cbor = CBORReader(op.bytes, in: op.payload)
    do throws(CBORError) {
      var previous: UInt64?
      for _ in 0..<(try cbor.map(max: 8)) {
        guard try cbor.key(after: &previous) == 3 else {
          var ignored: [OpID] = []
          _ = try cbor.skip(collecting: &ignored)
          continue
        }
        for _ in 0..<(try cbor.array(max: 256)) {
          guard try cbor.map(max: 2) == 2, try cbor.unsigned() == 1 else { return }
          let number = UInt32(truncatingIfNeeded: try cbor.unsigned())
          guard try cbor.unsigned() == 2 else { return }
          let bits = try cbor.byteString(max: 8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
          lives[number] = Incarnation(number: number, randomBits: bits)
        }
      }
    } catch { return }  // A hub.begin of another form: its chains stay unchecked.
  }
}

extension [HubEntry] {
  /// Adds an op to a run of the last entry.
  fileprivate mutating func add(_ op: Op, ofRun index: Int) {
    let entry = count - 1
    if self[entry].runs.last?.index == index {
      self[entry].runs[self[entry].runs.count - 1].ops.append(op)
    } else {
      self[entry].runs.append(EntryRun(index: index, ops: [op]))
    }
  }
}
