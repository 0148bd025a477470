extension Marks {
  /// A test that plays what worlds do not reach.
  package struct Proof: Sendable {
    /// Its suite's folder and file, such as `HubTests/DoorTests`.
    package let file: String
    /// Its name.
    package let test: String

    fileprivate init(_ file: String, _ test: String) { (self.file, self.test) = (file, test) }
  }

  /// What worlds do not reach, each with why not and a test that plays it.
  package static let elsewhere: [String: Proof] = [
    // An award of a world is taken back and given again a few times.
    "desk.too-many-rounds": Proof(
      "CommunityTests/ReverseFoldTests", "an award goes round 16 times at most"),
    // The hub refuses to write these; only a faulty hub would.
    "desk.before-deadline": Proof(
      "CommunityTests/ExpiryTests", "a year does not end before its deadline, nor by an office"),
    "desk.second-decision": Proof(
      "CommunityTests/RequestFoldTests",
      "one request, one decision: the first of the hub's log counts"),
    "desk.other-branch": Proof(
      "CommunityTests/LostShelfTests",
      "a retirement whose log ends otherwise than it says is on the desk"),
    // Two approvers end the roll-call of a world, or nobody does.
    "desk.appointed-in-roll-call": Proof(
      "HubTests/SuccessionTests",
      "a street with one approver appoints another in the roll-call, and every desk shows it"),
    // What a line spoils in a part is hardly ever an op still, and with segments it is asked for again
    // in JSON first: once in thousands of worlds.
    "fault.damaged-part-dropped": Proof(
      "HubTests/BranchTests",
      "a part beside the log that the line spoiled is dropped, and comes again"),
    // A PC is copied, and of one of the two only a hub that lost its disk since had heard: too seldom.
    "check.ids-lost": Proof(
      "HubTests/BranchTests", "a PC that goes on behind what was put away hears that it was copied"),
    // Worlds come to these, but not in every thousand.
    "desk.reservation-collected": Proof(
      "CommunityTests/StockStepTests", "28: collected wins over expired"),
    "refused.household-limit": Proof(
      "CommunityTests/TakeLimitTests",
      "a household's month is full: the counter refuses, a sync flags the later one"),
    "refused.paid-already": Proof(
      "CommunityTests/CounterDoorTests", "coins don't pay a second time for a sale that they paid"),
    "hub.approved-elsewhere": Proof(
      "HubTests/TwoHouseholdsTests",
      "of two memberships at once the hub approves one, and answers each once"),
    // The hub's clock was ahead, and then its disk was lost: once in ten thousand worlds.
    "check.clock-shown": Proof(
      "HubTests/HubClockTests",
      "a former hub's log that ends ahead of the clock waits for a word, and is taken then"
    ),
    // No world loses its key.
    "desk.adopted-log": Proof(
      "HubTests/LostKeyTests",
      "and its hub's database has all back that two offices show, once two persons adopt it"),
    "kind.hub.adopt": Proof(
      "HubTests/LostKeyTests",
      "and its hub's database has all back that two offices show, once two persons adopt it"),
    "problem.code-invalid": codes, "problem.code-used": codes,
    // The command line compares the clocks before it asks the core.
    "refused.date-ahead": Proof(
      "EndToEndTests/CommandLineTests",
      "a day that is certainly still to come is refused, by a clock that agrees with the hub's"),
    // The band follows from the birth date wherever the program sees both.
    "refused.age-band-needed": Proof(
      "HubTests/AgeCheckTests",
      "who agrees must be said to be how old; who takes a consent back is asked nothing"),
    // No program of ours sends these, and where a line spoils a message, it is no JSON first.
    "problem.malformed-op": Proof(
      "WireTests/ProblemTests", "are made from each error of the reader"),
    "problem.missing-field": kinds, "problem.wrong-type": kinds,
    "problem.unsupported-media-type": kinds,
    "problem.not-found": kinds, "problem.method-not-allowed": kinds, "problem.too-large": kinds,
    "problem.body-unknown": kinds,
    // The hub of a world is one process.
    "problem.busy": Proof(
      "HubTests/DoorTests",
      "while another process writes, the hub is busy, and takes everything afterwards"),
    // Whoever brings a body hears of its erasure in the sync before.
    "problem.body-erased": Proof(
      "HubTests/HubDeskTests",
      "an erasure is asked for, decided once, and done at the hub and the office"),
  ]

  private static let codes = Proof(
    "HubTests/LostKeyTests", "a code is for one office, once, for a time, and only behind a new key"
  )
  private static let kinds = Proof(
    "HubTests/DoorTests", "what is wrong with a request is said by the kind of its problem")
}
