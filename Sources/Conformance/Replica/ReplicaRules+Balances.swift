import Community
import OpLog
import Wire

/// What a replica that folds balances comes to: state.md §4, and sync.md §4.9.
extension ConformanceRule {
  static let replicaBalances: [ConformanceRule] = [
    balances(
      "state.4.3.a", "两个站点记了同一次积分，只算一次",
      "Of two records of one award in two offices one counts."
    ) { (story) throws(RuleFinding) in
      let resident = try story.theirs(.resident("王芳"))
      let work = try story.theirs(.activity("扫雪", points: 9, on: story.today))
      try story.settle()
      try story.ours(.award(work, to: resident, 9))
      try story.theirs(.award(work, to: resident, 9))
    },
    balances(
      "state.4.3.b", "几次不同的积分，相加", "Awards of several activities and roles add up."
    ) { (story) throws(RuleFinding) in
      let residents = [
        try story.ours(.resident("王芳")), try story.theirs(.resident("刘小娥")),
      ]
      let works = [
        try story.ours(.activity("扫雪", points: 9, on: story.today)),
        try story.theirs(.activity("清扫", points: 4, on: story.today)),
      ]
      try story.settle()
      for resident in residents {
        try story.ours(.award(works[0], to: resident, 9))
        try story.theirs(.award(works[1], to: resident, 4))
        try story.ours(.award(works[0], to: resident, 9, role: "leader"))
      }
    },
    balances(
      "state.4.4.a", "冲正由别人做才算", "A reversal takes the award back when another person made it."
    ) { (story) throws(RuleFinding) in
      let residents = [try story.ours(.resident("王芳")), try story.ours(.resident("刘小娥"))]
      let work = try story.ours(.activity("扫雪", points: 9, on: story.today))
      let awards = [
        try story.ours(.award(work, to: residents[0], 9)),
        try story.ours(.award(work, to: residents[1], 9)),
      ]
      try story.settle()
      // Of the other office's staff, and of the very person who granted it.
      try story.theirs(.reversal(of: awards[0], by: story.theirStaff[1]))
      try story.theirs(.reversal(of: awards[1], by: story.ourStaff[0]))
    },
    balances(
      "state.4.5.a", "兑换扣分", "A redemption takes its price."
    ) { (story) throws(RuleFinding) in
      let resident = try story.ours(.resident("王芳"))
      let work = try story.ours(.activity("扫雪", points: 9, on: story.today))
      let haircut = try story.theirs(
        Draft(
          "item.define",
          [("name", .text("理发")), ("sort", .text("service")), ("points", .number(4))])
      )
      try story.ours(.award(work, to: resident, 9))
      try story.settle()
      try story.ours(
        Draft(
          "redemption.record",
          [
            ("resident", .text(resident.description)), ("basis", .text("home")),
            (
              "lines",
              .records([
                [
                  ("item", .text(haircut.description)), ("quantity", .number(1)),
                  ("price", .number(4)),
                ]
              ])
            ),
          ]))
    },
    balances(
      "state.4.20.a", "转赠从一方到另一方", "A transfer takes from one account what it gives the other."
    ) { (story) throws(RuleFinding) in
      let from = try story.ours(.resident("王芳"))
      let to = try story.theirs(.resident("刘小娥"))
      let work = try story.ours(.activity("扫雪", points: 9, on: story.today))
      try story.ours(.award(work, to: from, 9))
      try story.settle()
      try story.ours(
        Draft(
          "points.transfer",
          [
            ("from", .text(from.description)), ("to", .text(to.description)),
            ("points", .number(5)),
          ]))
    },
    ConformanceRule(
      replica: "sync.4.9.a", "摘要不同，就去找不同的那一行",
      "Where digests differ, it looks for the row that differs.", level: 3
    ) { (street) throws(RuleFinding) in
      let replica = try street.replicaWithNews()
      street.changeReplies(to: replica, sealing: false) { reply, _ in
        guard let digest = reply.digest else { return false }
        reply.digest = StateDigestMessage(
          catalogue: digest.catalogue, value: SHA256.hash(digest.value.bytes))
        return true
      }
      let end = try replica.sync()
      try street.expect(
        !street.line.exchanges(at: "/v1/digests").isEmpty,
        sent: "another digest", "POST /v1/digests (sync.md §4.9)",
        came: end?.rawValue ?? "its end")
      try street.expectToFinish(replica, "another digest")
    },
  ]

  /// A rule about balances: what the replica and another office record has to come to what the rules say.
  private static func balances(
    _ id: String, _ chinese: String, _ english: String,
    _ tell: @escaping @Sendable (BalanceStory) throws(RuleFinding) -> Void
  ) -> ConformanceRule {
    ConformanceRule(replica: id, chinese, english, level: 2) { (street) throws(RuleFinding) in
      let story = try BalanceStory(street)
      try street.offices.prepared { () throws(RuleFinding) in
        try tell(story)
        try story.settle()
      }
      try story.expectBalances(english)
    }
  }
}

/// What a replica under test and another office of its community record about some residents.
private final class BalanceStory {
  private let street: ReplicaStreet
  private let replica: TestedReplica
  private var other: TestOffice
  private var residents: [OpID] = []

  init(_ street: ReplicaStreet) throws(RuleFinding) {
    self.street = street
    replica = try street.replica()
    other = try street.offices.office()
    try settle()
  }

  var today: BusinessDate { street.today }
  var ourStaff: [OpID] { replica.staff }
  var theirStaff: [OpID] { other.staff }

  /// Something that the replica records.
  @discardableResult
  func ours(_ draft: Draft) throws(RuleFinding) -> OpID {
    let id = try replica.mustRecord(draft)
    if draft.isResident { residents.append(id) }
    return id
  }

  /// Something that the other office records.
  @discardableResult
  func theirs(_ draft: Draft) throws(RuleFinding) -> OpID {
    let body = street.bench.random(16) + Array(#"{"name":"丁"}"#.utf8)
    let id =
      try draft.isResident ? other.register(body).id : record(draft)
    if draft.isResident { residents.append(id) }
    return id
  }

  private func record(_ draft: Draft) throws(RuleFinding) -> OpID {
    guard let kind = Catalogue.kind(named: draft.kind) else {
      preconditionFailure("there is no \(draft.kind)")
    }
    var payload = JSONWriter()
    draft.write(to: &payload)
    guard var json = try? JSONReader(payload.bytes, max: WireLimits.opBytesMax),
      let values = try? OpJSON.readPayload(kind.schema, from: &json),
      let bytes = try? kind.schema.encode(values)
    else { preconditionFailure("a rule's own \(draft.kind) does not fit") }
    var fields = other.made(kind: kind.number) { _ in }
    fields.payload = bytes
    fields.occurredOn = today
    if let actor = draft.actor { fields.actor = actor }
    return try other.record(fields).id
  }

  /// Lets both hear of each other.
  func settle() throws(RuleFinding) {
    try street.offices.sync(&other)
    try replica.syncToEnd()
    try street.offices.sync(&other)
  }

  /// Wants each resident to have what the rules come to.
  func expectBalances(_ sent: String) throws(RuleFinding) {
    let model = NaiveModel(try street.facts())
    let shown = try replica.balances()
    for resident in residents {
      let expected = model.accounts[resident]?.balance ?? 0
      let came = shown[resident] ?? nil
      try street.expect(
        came == expected, sent: sent, "\(expected) points on \(resident)",
        came: came.map { "\($0)" } ?? "not known")
    }
  }
}

extension Draft {
  fileprivate var isResident: Bool { kind == "resident.register" }

  fileprivate static func resident(_ name: String) -> Draft {
    Draft("resident.register", [("name", .text(name))])
  }

  fileprivate static func award(
    _ activity: OpID, to resident: OpID, _ points: Int64, role: String? = nil
  ) -> Draft {
    Draft(
      "award.grant",
      [
        ("activity", .text(activity.description)), ("resident", .text(resident.description)),
        ("points", .number(points)),
      ] + (role.map { [("role", .text($0))] } ?? []))
  }

  fileprivate static func reversal(of award: OpID, by actor: OpID) -> Draft {
    Draft(
      "award.reverse", [("award", .text(award.description)), ("cause", .text("staff_error"))],
      by: actor)
  }
}
