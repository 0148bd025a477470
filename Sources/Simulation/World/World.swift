import Community
import Hub
import Office
import OpLog
import Peer
import Store
import Wire

/// One street in one seed: a hub, offices, staff, bad lines, crashes, and wrong clocks.
///
/// Everything that happens follows from the seed: no wall clock, no system randomness, no order of
/// a set or dictionary. The nodes are the product's own cores.
final class World {
  let options: WorldOptions
  /// Decides what happens in the present part of the world's life; clocks and request bytes have
  /// generators of their own, so that other clocks change nothing else.
  var random: SplitMix64
  /// What the generators of all parts are made from.
  private let lifeSeed: UInt64
  var salts: SplitMix64
  var mix: FaultMix
  let deeds: [Int]
  /// Whether staff record the first kinds only, under rules that the strictest check knows.
  let isPlain: Bool
  /// How often, in cases of a thousand, days pass between two steps.
  let longPauses: Int
  /// How often, in cases of a thousand, an office begins to sync at a step.
  let syncRate: Int
  /// Whether every chunk is as small as can be.
  let hasSmallChunks: Bool
  /// Whether the first part of a checkpoint broke off.
  var hasCutCheckpoint = false
  private let start: Int64
  var time: Int64
  let hub: HubNode
  var offices: [OfficeNode] = []
  /// The members of staff of each community: two who record, one who only keeps files.
  var staff: [[OpID]] = []
  var line = Line()
  var calls = 0
  var known = Known()
  var wishes: [Wish] = []
  /// Requests that reached the hub, and answers that reached their office, to be sent again.
  var oldCalls: [Call] = []
  var oldAnswers: [(call: Call, answer: PeerResponse)] = []
  /// The last op of the hub's log that each op's writer held when it wrote.
  var hubOpSeen: [OpID: OpID] = [:]
  /// Old copies of disks, and what becomes of them.
  var fate = Fate()
  /// Ops whose writer named what it did not hold.
  var namedAhead: Set<OpID> = []
  /// What redemptions did wherever somebody looked.
  var sales = SaleWatch()
  /// Chain hashes of ops that no form asked for.
  var unasked: Set<Digest> = []
  /// Those of programs that do not ask for a right.
  var unchecked: Set<Digest> = []
  /// The bodies that staff made, each with its salt.
  var salted: [(digest: Digest, salt: [UInt8])] = []
  var marks = Marks()
  var trace: Trace
  private var clocks: SplitMix64
  /// Decides what goes wrong with disks, apart from all else.
  var diskChance = SplitMix64(seed: 0)
  /// Whether the faults are over, and nobody begins anything any more.
  var isHealing = false
  /// Decides which program an office runs, apart from all else.
  var versions: SplitMix64
  /// Decides what becomes of files that are carried, apart from all else.
  var carriers: SplitMix64
  /// Files on their way.
  var parcels: [Parcel] = []
  /// Bundles that the hub took, to be imported again.
  var oldBundles: [[UInt8]] = []

  /// 2026-01-05, 08:00 in UTC+8, and 46 days before: some worlds see months and a year end.
  private static let starts: [Int64] = [1_767_571_200_000, 1_763_596_800_000]
  /// About how long a world lasts, for clocks to go wrong in between: half a year.
  static let span: Int64 = 180 * 86_400_000

  /// A street with its offices enrolled.
  init(_ options: WorldOptions) throws(Violation) {
    self.options = options
    random = SplitMix64(seed: options.seed)
    lifeSeed = random.next()
    salts = SplitMix64(seed: random.next())
    versions = SplitMix64(seed: ~lifeSeed)
    carriers = SplitMix64(seed: lifeSeed ^ 0x6275_6E64_6C65)
    let clockSeed = random.next()
    clocks = SplitMix64(seed: options.hasOtherClocks ? ~clockSeed : clockSeed)
    let drawn = FaultMix(drawnFrom: &random, without: options.absentFaults)
    mix = drawn
    isPlain = random.happens(250)
    deeds = Deed.drawnWeights(from: &random, isPlain: isPlain)
    let isLong = random.happens(300)
    longPauses = isLong ? 250 : 60
    syncRate = Int(random.within(20...250))
    hasSmallChunks = random.happens(drawn[.smallChunks])
    start = Self.starts[isLong ? 1 : 0]
    time = start
    trace = Trace(isKept: options.keepsTrace)
    let isHubClockWrong = random.happens(drawn[.hubClockWrong])
    var hubClock = SplitMix64(seed: random.next())
    hub = try HubNode(&random, now: start)
    if isHubClockWrong {
      marks.hit(.hubClockWrong)
      var ignored = Marks()
      hub.clock = .drawn(from: &hubClock, start: start, span: Self.span, marks: &ignored)
    }
    let communityCount = Int(random.within(1...3))
    for _ in 0..<communityCount { staff.append([]) }
    // Mostly few offices: they meet more often, and a world takes less time.
    let officeCount = 2 + random.weighted([50, 30, 15, 5])
    for index in 0..<min(officeCount, options.leftOut.officesMax) {
      try enrol(community: index % communityCount)
    }
    if hasSmallChunks { marks.hit(.smallChunks) }
    mix = .none
    try syncAll()
    for office in offices { try furnish(office) }
    try syncAll()
    mix = drawn
    trace.open()
    note("the street opens with \(offices.count) offices of \(communityCount) communities")
  }

  /// A part of a world's life.
  ///
  /// Each draws from a generator of its own, so that leaving one out changes no other's draws.
  enum Part {
    case step(Int)
    case check(after: Int)
    case lateEnrolment, loss, hubLoss, healing, quiet, fate
    case fateAfter(Int)

    fileprivate var number: UInt64 {
      switch self {
      case .step(let step): 16 + 2 * UInt64(step)
      case .check(let step): 17 + 2 * UInt64(step)
      case .lateEnrolment: 1
      case .loss: 2
      case .hubLoss: 3
      case .healing: 4
      case .quiet: 5
      case .fate: 6
      case .fateAfter(let step): 1 << 32 + UInt64(step)
      }
    }
  }

  /// Begins to draw for a part of the world's life.
  func begin(_ part: Part) {
    var seeds = SplitMix64(seed: lifeSeed &+ part.number)
    random = SplitMix64(seed: seeds.next())
    diskChance = SplitMix64(seed: seeds.next())
  }

  /// Whether a fault strikes now; then it is marked.
  func strikes(_ fault: Fault) -> Bool {
    guard arms(fault) else { return false }
    marks.hit(fault)
    return true
  }

  /// Whether a fault is to strike as soon as it can; it is marked when it does.
  func arms(_ fault: Fault) -> Bool { random.happens(mix[fault]) }

  /// Adds an event to the story.
  func note(_ line: @autoclosure () -> String) { trace.note(time, line()) }

  /// The hub's wall clock.
  var hubNow: Int64 { hub.clock.reading(at: time) }

  // MARK: Enrolment

  /// Invites an office of a community and lets it enrol.
  func enrol(community: Int) throws(Violation) {
    let reply = try issueID(community, code: "code-\(offices.count)")
    let office = try OfficeNode(
      index: offices.count, community: community, reply, as: drawnEdition())
    if strikes(.officeClockWrong) {
      office.clock = .drawn(from: &clocks, start: start, span: Self.span, marks: &marks)
    }
    offices.append(office)
    note("office \(office.replica) of community \(community) enrols")
  }

  /// Turns a new code into a replica id, over a line that may lose the answer.
  func issueID(_ community: Int, code: String) throws(Violation) -> EnrolReply {
    try tendHubClock()
    let appointed = try invite(community, code: code)
    staff[community] += appointed
    let nonce = salts.bytes(16)
    let request = try must("make a request to enrol") {
      try EnrolRequest(code: code, nonce: nonce, label: "站\(offices.count + 1)")
    }
    var first: EnrolReply?
    while true {
      let answer = hub.core.handle(
        HubCall(
          method: "POST", path: ["v1", "enroll"], contentType: "application/json",
          body: request.encode()), now: hubNow)
      let reply = try must("enrol") { try EnrolReply(decoding: answer.body) }
      if let first, first.replica != reply.replica || first.secret != reply.secret {
        throw Violation("I8", "one code and nonce made replicas \(first.replica), \(reply.replica)")
      }
      first = reply
      if strikes(.enrolmentAnswerLost) {
        if random.happens(500) { try hub.restart(at: time) }
        continue
      }
      return reply
    }
  }

  private func invite(_ community: Int, code: String) throws(Violation) -> [OpID] {
    let isNew = staff[community].isEmpty
    let persons: [NewStaff] =
      try isNew
      ? [
        newStaff("王芳", [.clerk, .approver, .grid]), newStaff("李敏", secondRoles()),
        newStaff("张伟", [.grid]),
      ] : []
    let policy = isNew ? drawnPolicy() : [:]
    let invitation = OfficeInvitation(
      community: "社区\(community + 1)", label: "站", staff: persons, policy: policy)
    return try must("invite an office") {
      try HubAdmin.invite(
        invitation, codeHash: SHA256.hash(Array(code.utf8)), to: hub.store, now: hubNow)
    }
  }

  /// What the second person of a community may do: mostly all, else not to approve.
  func secondRoles() -> [Role] {
    isPlain || random.happens(700) ? [.clerk, .approver, .grid] : [.clerk, .grid]
  }

  func newStaff(_ name: String, _ roles: [Role]) throws(Violation) -> NewStaff {
    guard let body = Body(salt: salts.bytes(16), content: #"{"name":"\#(name)"}"#) else {
      throw Violation("crash-free", "a member of staff has no body")
    }
    return NewStaff(roles: roles, body: body)
  }
}
