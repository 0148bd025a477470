import Community
import OpLog

/// What holds of the ops themselves: two persons, no personal data, one outcome.
extension Invariants {
  /// What does not hold of the ops that a replica has folded.
  package static func findings(of facts: [Fact], in view: any ReplicaView) throws -> [String] {
    var verdicts: [OpID: Verdict] = [:]
    for fact in facts { verdicts[fact.op.id] = try view.verdict(of: fact.op.id) }
    var findings = facts.filter { verdicts[$0.op.id] == nil }.map { "\($0.op.id) has no outcome" }
    findings += try rowsAndOutcomes(verdicts, in: view)
    findings += countedTwice(facts, verdicts)
    findings += try signedAlone(facts, verdicts, in: view)
    findings += try personalData(in: facts, verdicts, view)
    return findings
  }

  /// A row that says what became of its op says what the op's outcome is.
  private static func rowsAndOutcomes(
    _ verdicts: [OpID: Verdict], in view: any ReplicaView
  ) throws -> [String] {
    var findings: [String] = []
    let voided = try view.rows(of: Tables.redemptionStep).filter {
      $0[2] == .text("void") && $0[3] == .text("posted")
    }
    let bookedBack = Set(voided.compactMap(\.[0].id))
    for table in Tables.all {
      guard let state = table.columns.firstIndex(where: { $0.name == "state" }),
        let key = table.columns.firstIndex(where: { $0.name == "op" || $0.name == "id" })
      else { continue }
      for row in try view.rows(of: table) {
        guard let said = Outcome(rawValue: row[state].text), let op = row[key].id else { continue }
        let outcome = verdicts[op]?.outcome
        guard outcome != said,
          table !== Tables.coinMove
            || !areApart(said, outcome, isBookedBack: bookedBack.contains(op))
        else { continue }
        let found = outcome?.rawValue ?? "nothing"
        findings.append("\(op) is \(found), but \(said.rawValue) in \(table.name)")
      }
    }
    return findings
  }

  /// Coins that an op without effect names move nothing, and that is all that their rows say; those of a
  /// redemption that was voided came, and the void's own row takes them back.
  private static func areApart(
    _ said: Outcome, _ outcome: Outcome?, isBookedBack: Bool
  ) -> Bool {
    said == .void ? outcome != .posted : said == .posted && outcome == .void && isBookedBack
  }

  /// Kinds of which one op counts for what these fields name, however many say the same.
  private static let uniqueBy = [
    "award.grant": ["resident", "activity", "session", "role"], "redemption.void": ["redemption"],
    "points.cover": ["loss"], "standin.cover": ["debit"], "standin.owed": ["debit"],
    "offer.void": ["use"], "rights.grant": ["request"], "closing.reverse": ["closing"],
    "points.expire_year": ["community", "year", "rule", "office"],
    "period.close": ["community", "month"],
    "settlement.post": ["month", "from", "to"], "request.decide": ["request"],
    "appeal.decide": ["appeal"],
  ]

  /// What a field of a natural key means where an op does not say it.
  private static let unsaid = ["session": "1", "role": "0"]

  /// One op of a natural key counts, and one record of a slip: after a PC was copied there are several.
  private static func countedTwice(
    _ facts: [Fact], _ verdicts: [OpID: Verdict]
  ) -> [String] {
    var keys: [[String]: OpID] = [:]
    var findings: [String] = []
    func count(_ key: [String], _ op: OpID) {
      guard let other = keys.updateValue(op, forKey: key) else { return }
      findings.append("\(other) and \(op) count both: \(key.joined(separator: " "))")
    }
    for fact in facts where verdicts[fact.op.id]?.outcome == .posted {
      count(["slip", (fact.op.was ?? fact.hash).description], fact.op.id)
      guard let name = fact.kind?.name, let fields = uniqueBy[name] else { continue }
      let values = fields.map { field in
        fact.reference(field)?.description ?? fact.integer(field).map(String.init)
          ?? unsaid[field] ?? "-"
      }
      count([name] + values, fact.op.id)
    }
    return findings
  }

  /// Which field names what another person recorded, or decides.
  private static let decidedBy: [String: (field: String, reason: DeskReason)] = [
    "award.approve": ("awards", .approvedByRecorder),
    "award.reject": ("awards", .approvedByRecorder),
    "award.reverse": ("award", .reversedByRecorder), "points.cover": ("loss", .ownRecord),
    "resident.reactivate": ("departure", .ownRecord), "offer.void": ("use", .ownRecord),
  ]

  /// Nobody decides alone about what they recorded themselves.
  private static func signedAlone(
    _ facts: [Fact], _ verdicts: [OpID: Verdict], in view: any ReplicaView
  ) throws -> [String] {
    var persons: [OpID: Cell] = [:]
    for row in try view.rows(of: Tables.staff) {
      if let id = row[0].id { persons[id] = row[6] }
    }
    let byID = Dictionary(uniqueKeysWithValues: facts.map { ($0.op.id, $0) })
    var findings: [String] = []
    for fact in facts {
      guard let verdict = verdicts[fact.op.id], verdict.outcome == .posted else { continue }
      var named: [OpID] = []
      var deciders = [fact.op.actor].compactMap { $0 }
      if let rule = decidedBy[fact.kind?.name ?? ""], !verdict.reasons.contains(rule.reason) {
        named = fact.references(rule.field) + [fact.reference(rule.field)].compactMap { $0 }
      } else if ["request.decide", "appeal.decide"].contains(fact.kind?.name) {
        named = [fact.reference("request") ?? fact.reference("appeal")].compactMap { $0 }
        deciders = fact.references("by")
      }
      for decider in deciders {
        for recorder in named.compactMap({ byID[$0]?.op.actor })
        where recorder == decider || persons[recorder] == persons[decider] {
          findings.append("\(fact.op.id): \(decider) decides about what \(recorder) recorded")
        }
      }
    }
    return findings
  }

  /// A phone or ID number in a payload, which nobody can erase, is on the desk until somebody resolves it,
  /// as long as a row shows it.
  private static func personalData(
    in facts: [Fact], _ verdicts: [OpID: Verdict], _ view: any ReplicaView
  ) throws -> [String] {
    let suspects = facts.filter { fact in
      (fact.payload?.values ?? []).contains {
        if case .text(let text)? = $0 { holdsNumber(text) } else { false }
      }
    }
    guard !suspects.isEmpty else { return [] }
    let entries = try view.desk().union(resolved(in: view))
    let told = Set(entries.filter { $0.reason == .personalData }.map(\.subject))
    let shown = try ShownTexts(view)
    return suspects.filter { fact in
      guard !told.contains(fact.op.id.packed),
        let verdict = verdicts[fact.op.id], !verdict.reasons.contains(.personalData)
      else { return false }
      switch fact.kind?.name {
      case "activity.amend":
        guard let activity = fact.reference("activity") else { return true }
        return shown.isNumber(in: activity) && !told.contains(activity.packed)
      case "activity.publish" where shown.amended.contains(fact.op.id):
        return shown.isNumber(in: fact.op.id)
      case "stock.receive": return verdict.outcome == .posted || shown.receipts.contains(fact.op.id)
      default: return verdict.outcome == .posted
      }
    }.map { "\($0.op.id) holds a phone or ID number, and nobody is told" }
  }

  /// Which texts of ops rows show: an amendment takes the place of what an activity said before, and a
  /// receipt of goods has a row also while it is pending, as no other op with a text has.
  private struct ShownTexts {
    let activities: [OpID: [Cell]]
    let amended: Set<OpID>
    let receipts: Set<OpID>

    init(_ view: any ReplicaView) throws {
      let texts = [ActivityRegister.title, .place].map(\.rawValue)
      let rows = try view.rows(of: Tables.activity)
      activities = Dictionary(rows.compactMap { row in row[0].id.map { ($0, row) } }) { $1 }
        .mapValues { [$0[3], $0[13]] }
      amended = Set(
        try view.rows(of: Tables.field).filter { texts.contains($0[1].integer ?? -1) }
          .compactMap(\.[0].id))
      receipts = Set(try view.rows(of: Tables.stockReceipt).compactMap(\.[0].id))
    }

    func isNumber(in activity: OpID) -> Bool {
      (activities[activity] ?? []).contains { holdsNumber($0.text) }
    }
  }

  /// Whether a text holds a mobile phone's 11 digits in a row, or the 17 of an ID number and its end.
  private static func holdsNumber(_ text: String) -> Bool {
    text.split { !($0.isASCII && $0.isNumber) }.contains { digits in
      digits.count >= 17 || digits.count == 11 && digits.first == "1"
    }
  }
}
