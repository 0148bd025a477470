import Community
import Conformance
import OpLog
import Store
import Testing

/// What the street's administrator does, by the program's commands.
extension ScenarioStreet {
  /// Runs the command that does what a request says.
  func administer(_ request: ScenarioRequest) async throws -> ScenarioAnswer {
    let (code, objects) = try await answer(try words(for: request))
    if let code { return .refused(code: code) }
    let ops = objects.compactMap { object in
      ["op", "decision", "retired_by"].lazy.compactMap { object[$0] as? String }.first
        .flatMap { OpID($0) }
    }
    let store = try store()
    // Some commands write several ops.
    let op = try ops.first { try request.difference(from: store.op($0)) == nil } ?? ops.first
    return .recorded(try #require(op, "\(request.kind): \(objects)"), key: "", isRepeat: false)
  }

  private func words(for request: ScenarioRequest) throws -> [String] {
    let fields = request.fields
    func field(_ name: String) throws -> String {
      try #require(fields[name], "\(request.kind) without \(name)")
    }
    func month() throws -> [String] { ["--month", String(try field("month").prefix(7))] }
    switch request.kind {
    case "request.decide":
      return ["hub", "desk", "decide", try field("request"), try field("answer")]
        + option("by", fields["by"])
    case "appeal.decide":
      let isUpheld = fields["decision"] == "upheld"
      return ["hub", "desk", "decide", try field("appeal"), isUpheld ? "approve" : "refuse"]
        + (isUpheld ? ["--remedy", fields["remedy"] ?? "none"] : []) + option("by", fields["by"])
    case "period.close": return try ["hub", "close"] + month() + community(of: request)
    case "period.reopen":
      let close = try field("close")
      let row = try store().rows(of: Tables.period).first { $0[3].id?.description == close }
      let first = try #require(row?[1].integer.flatMap(BusinessDate.init(day:)))
      return [
        "hub", "reopen", "--month", String(first.description.prefix(7)),
        "--by", try field("approvers"), "--reason", try field("reason"),
      ] + option("community", try name(of: row?[0].id))
    case "points.expire_year":
      return ["hub", "expire", "--year", try field("year")] + (try community(of: request))
    case "closing.reverse":
      return [
        "hub", "reverse", try field("closing"), "--by", try field("approvers"),
        "--reason", try field("reason"),
      ]
    case "settlement.post": return try ["hub", "settle"] + month()
    case "reservation.release": return ["hub", "expire-reservations"]
    case "policy.set":
      let changes = fields.filter { $0.key != "community" }.map { "\($0.key)=\($0.value)" }
      return ["policy", "set"] + changes.sorted() + (try community(of: request))
    default: return try wordsOnPeople(for: request)
    }
  }

  /// The same for what is about staff and PCs.
  private func wordsOnPeople(for request: ScenarioRequest) throws -> [String] {
    let fields = request.fields
    func field(_ name: String) throws -> String {
      try #require(fields[name], "\(request.kind) without \(name)")
    }
    switch request.kind {
    case "replica.retire":
      return [
        "hub", "retire", try replica(field("enrolment")), "--to", try replica(field("successor")),
        "--by", try field("approvers"), "--reason", try field("reason"), "--yes",
      ]
    case "budget.set":
      return [
        "hub", "budget", "set", try replica(field("enrolment")), "--limit", try field("limit"),
      ]
    case "staff.appoint":
      return ["hub", "staff", "appoint", try field("name"), "--roles", try field("roles")]
        + option("from", fields["valid_from"]) + option("to", fields["valid_to"])
        + (try community(of: request))
    case "staff.end":
      return ["hub", "staff", "end", try field("staff"), "--on", try field("ended_on"), "--yes"]
    case "staff.reset_pin": return ["hub", "staff", "reset-pin", try field("staff")]
    case "desk.resolve":
      return [
        "hub", "desk", "resolve", try field("subject"), "--reason", try field("reason"),
        "--outcome", try field("outcome"),
      ] + option("undo", fields["undoes"])
    default: throw ScenarioError("no command of the hub does \(request.kind)")
    }
  }

  private func option(_ name: String, _ value: String?) -> [String] {
    value.map { ["--\(name)", $0] } ?? []
  }

  private func community(of request: ScenarioRequest) throws -> [String] {
    option("community", try name(of: request.fields["community"].flatMap { OpID($0) }))
  }

  private func name(of community: OpID?) throws -> String {
    let row = try store().rows(of: Tables.community).first { $0[0].id == community }
    return try #require(row).last?.text ?? ""
  }

  private func replica(_ enrolment: String) throws -> String {
    let row = try store().rows(of: Tables.replica).first { $0[1].id?.description == enrolment }
    return String(try #require(row?[0].integer))
  }
}
