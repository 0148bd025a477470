import Community
import OpLog
import Wire

/// Where scenarios are played: cores in memory, processes, or another program.
package protocol ScenarioPlayer: AnyObject {
  /// Writes a community, its rules, and staff at the hub; enrols an office where one is named.
  func invite(_ invitation: ScenarioInvitation) async throws -> ScenarioInvitation.Answer

  /// Records something at an office, or at the hub.
  func record(_ request: ScenarioRequest, at place: String) async throws -> ScenarioAnswer

  /// Syncs an office until nothing is left.
  func sync(_ office: String) async throws

  /// Moves an office's clock, in ms from the right time.
  func setClock(of office: String, to offset: Int64) async throws

  /// What a place holds now.
  func view(of place: String) throws -> any ReplicaView

  /// Whether the invariants are checked after every sync, or only at the end.
  var checksEverySync: Bool { get }
}

/// What the administrator writes for one invitation.
package struct ScenarioInvitation: Sendable {
  /// What comes of it.
  package struct Answer: Sendable {
    /// The community's op.
    package var community: OpID
    /// The staff's ops, in order.
    package var staff: [OpID] = []
    /// The office and its enrolment.
    package var office: (replica: ReplicaID, enrolment: OpID)?

    /// Says what came of it.
    package init(
      community: OpID, staff: [OpID], office: (replica: ReplicaID, enrolment: OpID)?
    ) {
      self.community = community
      self.staff = staff
      self.office = office
    }
  }

  /// The community's name on the street.
  package var community: String
  /// Its rules where they differ from the initial ones; empty after the first invitation.
  package var policy: [(key: String, value: String)]
  /// Names of staff to appoint.
  package var staff: [String]
  /// What these may do.
  package var roles: [Role]
  /// The office that takes the invitation's code; nil when nobody does.
  package var office: String?

  /// Makes an invitation.
  package init(
    community: String, policy: [(key: String, value: String)], staff: [String], roles: [Role],
    office: String?
  ) {
    self.community = community
    self.policy = policy
    self.staff = staff
    self.roles = roles
    self.office = office
  }
}

/// Something to record, with ids in place of names.
package struct ScenarioRequest: Sendable {
  /// The kind's name.
  package var kind: String
  /// Fields as the command line takes them.
  package var fields: [String: String]
  /// Who records it; nil at the hub.
  package var actor: OpID?
  /// The business date.
  package var date: String
  /// The key of an earlier answer, to ask again.
  package var key: String?

  /// Makes a request.
  package init(
    kind: String, fields: [String: String], actor: OpID?, date: String, key: String? = nil
  ) {
    self.kind = kind
    self.fields = fields
    self.actor = actor
    self.date = date
    self.key = key
  }

  /// The kind and the payload, for players that write the hub's ops themselves.
  ///
  /// - Throws: ``ScenarioError`` when a field does not fit.
  package func payload() throws(ScenarioError) -> (kind: Kind, payload: Payload, date: BusinessDate)
  {
    guard let kind = Catalogue.kind(named: kind), let date = BusinessDate(date) else {
      throw ScenarioError("there is no kind \(kind), or no date \(date)")
    }
    var values: [PayloadValue?] = []
    var left = fields
    for field in kind.schema.fields {
      let text = left.removeValue(forKey: field.name)
      let value = text.flatMap { FieldText.parse($0, as: field.type) }
      guard (value != nil) == (text != nil), value != nil || !field.isRequired else {
        throw ScenarioError("\(kind.name): \(field.name) does not fit: \(text ?? "missing")")
      }
      values.append(value)
    }
    guard left.isEmpty else { throw ScenarioError("\(kind.name) has no fields \(left.keys)") }
    return (kind, Payload(values: values), date)
  }
}

/// What a counter answers.
package enum ScenarioAnswer: Sendable, Equatable {
  /// The op, the request's key, and whether an earlier request had made it.
  case recorded(OpID, key: String, isRepeat: Bool)
  /// It was refused with a stable code.
  case refused(code: String)
}

/// One playing of one scenario.
package struct ScenarioRun {
  /// What is played.
  package let scenario: Scenario
  /// What the names stand for so far.
  package private(set) var names = Names()
  /// What did not come out as the scenario says.
  package private(set) var findings: [String] = []
  private let player: any ScenarioPlayer
  private var requests: [String: (place: String, request: ScenarioRequest, op: OpID)] = [:]

  /// Gets ready to play.
  package init(_ scenario: Scenario, on player: any ScenarioPlayer) {
    self.scenario = scenario
    self.player = player
  }

  /// The places of the scenario: its offices and the hub.
  package var places: [String] { scenario.offices.map(\.name) + [Scenario.hub] }

  /// Plays the scenario from the first invitation to its last expectation.
  ///
  /// - Throws: What the player throws, and ``ScenarioError``; what merely comes out otherwise is in
  ///   ``findings``.
  package mutating func play() async throws {
    try await setUp()
    for (index, step) in scenario.steps.enumerated() {
      let earlier = findings.count
      do {
        try await play(step)
      } catch {
        throw ScenarioError("\(scenario.name): steps[\(index)]: \(error)")
      }
      for place in findings.indices.dropFirst(earlier) {
        findings[place] = "\(scenario.name): steps[\(index)]: \(findings[place])"
      }
    }
    let earlier = findings.count
    try check(scenario.expectation)
    try checkInvariants()
    for place in findings.indices.dropFirst(earlier) {
      findings[place] = "\(scenario.name): expect: \(findings[place])"
    }
  }

  private mutating func setUp() async throws {
    for invitation in invitations() {
      let answer = try await player.invite(invitation.invitation)
      names.add(invitation.community, answer.community)
      for (person, op) in zip(invitation.invitation.staff, answer.staff) { names.add(person, op) }
      if let name = invitation.invitation.office, let office = answer.office {
        names.add(name, office.replica, enrolment: office.enrolment)
      }
    }
    // An office syncs when it is enrolled; now each learns of those that came after it.
    for office in scenario.offices.dropLast() { try await player.sync(office.name) }
  }

  /// The staff of each community by their roles, then the offices, which take the rest of the codes.
  private func invitations() -> [(community: String, invitation: ScenarioInvitation)] {
    var invitations: [(community: String, invitation: ScenarioInvitation)] = []
    func invite(
      _ community: String, _ policy: [(key: String, value: String)], office: String?,
      staff: [String] = [], roles: [Role] = [.clerk]
    ) {
      let invitation = ScenarioInvitation(
        community: "\(scenario.name) \(community)", policy: policy, staff: staff, roles: roles,
        office: office)
      invitations.append((community, invitation))
    }
    for community in scenario.communities {
      let staff = scenario.staff.filter { $0.community == community.name }
      var groups: [[Role]] = []
      for person in staff where !groups.contains(person.roles) { groups.append(person.roles) }
      for (index, roles) in groups.enumerated() {
        invite(
          community.name, index == 0 ? community.policy : [], office: nil,
          staff: staff.filter { $0.roles == roles }.map(\.name), roles: roles)
      }
    }
    for office in scenario.offices { invite(office.community, [], office: office.name) }
    return invitations
  }

  private mutating func play(_ step: Scenario.Step) async throws {
    switch step {
    case .record(let record): try await play(record)
    case .again(let name):
      guard let earlier = requests[name] else { throw ScenarioError("no request \(name)") }
      let answer = try await player.record(earlier.request, at: earlier.place)
      guard case .recorded(earlier.op, _, isRepeat: true) = answer else {
        return findings.append("\(name) again: \(answer) instead of \(earlier.op)")
      }
    case .sync(let offices):
      for office in offices {
        try await player.sync(office)
        if player.checksEverySync { try checkInvariants() }
      }
    case .clocks(let clocks):
      for (office, offset) in clocks { try await player.setClock(of: office, to: offset) }
    case .check(let expectation): try check(expectation)
    }
  }

  private mutating func play(_ record: Scenario.Record) async throws {
    var request = ScenarioRequest(
      kind: record.kind, fields: [:], actor: try actor(of: record),
      date: record.date ?? Scenario.today)
    for (name, value) in record.fields {
      request.fields[name] = try hash(value, at: record.place) ?? names.resolve(value)
    }
    let answer = try await player.record(request, at: record.place)
    switch (answer, record.refusal) {
    case (.recorded(let op, let key, _), nil):
      guard let name = record.name else { return }
      names.add(name, op)
      request.key = key
      requests[name] = (record.place, request, op)
    case (.refused(let code), let expected?) where code == expected: break
    case (_, let expected):
      findings.append("\(record.kind): \(answer) instead of \(expected ?? "recorded")")
    }
  }

  /// The chain hash that `#op` stands for, as the place holds it; nil for another text.
  private func hash(_ text: String, at place: String) throws -> String? {
    guard text.hasPrefix("#") else { return nil }
    guard let hash = try player.view(of: place).hash(of: names.op(String(text.dropFirst()))) else {
      throw ScenarioError("\(text) is not held at \(place)")
    }
    return hash.description
  }

  private func actor(of record: Scenario.Record) throws(ScenarioError) -> OpID? {
    if let actor = record.actor { return try names.op(actor) }
    guard let office = scenario.offices.first(where: { $0.name == record.place }) else {
      return nil
    }
    guard let person = scenario.staff.first(where: { $0.community == office.community }) else {
      throw ScenarioError("\(office.community) has no staff")
    }
    return try names.op(person.name)
  }

  private mutating func check(_ expectation: Expectation) throws {
    for place in expectation.places.isEmpty ? places : expectation.places {
      let view = try player.view(of: place)
      findings += try expectation.findings(in: view, names).map { "at \(place): \($0)" }
    }
  }

  private mutating func checkInvariants() throws {
    var views: [(place: String, view: any ReplicaView)] = []
    for place in places {
      let view = try player.view(of: place)
      findings += try Invariants.findings(in: view).map { "at \(place): \($0)" }
      views.append((place, view))
    }
    findings += try Invariants.findings(between: views)
  }
}
