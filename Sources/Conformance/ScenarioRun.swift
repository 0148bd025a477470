import Community
import OpLog

/// One playing of one scenario.
package struct ScenarioRun {
  /// What is played.
  package let scenario: Scenario
  /// What the names stand for so far.
  package private(set) var names = Names()
  /// What did not come out as the scenario says.
  package private(set) var findings: [String] = []
  private let player: any ScenarioPlayer
  private var closedMonths = ClosedMonths()
  /// The offices that began as a copy of another, and their communities.
  private var copies: [(name: String, community: String)] = []
  private var requests: [String: (place: String, request: ScenarioRequest, op: OpID)] = [:]

  /// Gets ready to play.
  package init(_ scenario: Scenario, on player: any ScenarioPlayer) {
    self.scenario = scenario
    self.player = player
  }

  /// The places of the scenario: its offices, the copies of them, and the hub.
  package var places: [String] {
    scenario.offices.map(\.name) + copies.map(\.name) + [Scenario.hub]
  }

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
    for office in scenario.offices.dropLast() { _ = try await player.sync(office.name) }
  }

  /// The staff of each community by their roles, the last of them with its first office's code; then
  /// the other offices.
  private func invitations() -> [(community: String, invitation: ScenarioInvitation)] {
    var invitations: [(community: String, invitation: ScenarioInvitation)] = []
    var withOffice: [String: ScenarioInvitation] = [:]
    for community in scenario.communities {
      let staff = scenario.staff.filter { $0.community == community.name }
      var groups: [[Role]] = []
      for person in staff where !groups.contains(person.roles) { groups.append(person.roles) }
      if groups.isEmpty { groups = [[.clerk]] }
      var ofCommunity = groups.map { roles in
        ScenarioInvitation(
          community: "\(scenario.name) \(community.name)", policy: [],
          staff: staff.filter { $0.roles == roles }.map(\.name), roles: roles, office: nil)
      }
      ofCommunity[0].policy = community.policy
      withOffice[community.name] = ofCommunity.removeLast()
      invitations += ofCommunity.map { (community.name, $0) }
    }
    for office in scenario.offices {
      var invitation =
        withOffice.removeValue(forKey: office.community)
        ?? ScenarioInvitation(
          community: "\(scenario.name) \(office.community)", policy: [], staff: [],
          roles: [.clerk], office: nil)
      invitation.office = office.name
      invitations.append((office.community, invitation))
    }
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
    case .sync(let offices, let refusal):
      for office in offices {
        let code = try await player.sync(office)
        if code != refusal {
          findings.append("sync of \(office): \(code ?? "done") instead of \(refusal ?? "done")")
        }
        if player.checksEverySync { try checkInvariants() }
      }
    case .copy(let made):
      for (copy, original) in made { try await self.copy(original, as: copy) }
    case .rejoin(let office): try await rejoin(office)
    case .clocks(let clocks):
      for (office, offset) in clocks { try await player.setClock(of: office, to: offset) }
    case .check(let expectation): try check(expectation)
    }
  }

  private mutating func play(_ record: Scenario.Record) async throws {
    var request = ScenarioRequest(
      kind: record.kind, fields: [:], actor: try actor(of: record),
      date: record.date ?? Scenario.today, isUnasked: record.isUnasked)
    for (name, value) in record.fields {
      request.fields[name] = try hash(value, at: record.place) ?? names.resolve(value)
    }
    let answer = try await player.record(request, at: record.place)
    switch (answer, record.refusal) {
    case (.recorded(let op, let key, _), nil):
      if record.place == Scenario.hub,
        let difference = try request.difference(from: player.view(of: Scenario.hub).op(op))
      {
        findings.append("\(record.kind): \(difference)")
      }
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
    guard let community = community(of: record.place) else { return nil }
    guard let person = scenario.staff.first(where: { $0.community == community }) else {
      throw ScenarioError("\(community) has no staff")
    }
    return try names.op(person.name)
  }

  /// The community of an office, or of a copy of one; nil for the hub.
  private func community(of place: String) -> String? {
    scenario.offices.first { $0.name == place }?.community
      ?? copies.first { $0.name == place }?.community
  }

  private mutating func copy(_ original: String, as copy: String) async throws {
    guard let community = community(of: original), let replica = names.replicas[original] else {
      throw ScenarioError("no office is called \(original)")
    }
    try await player.copy(original, as: copy)
    copies.append((copy, community))
    names.add(copy, replica, enrolment: try names.op(original))
  }

  /// Gives an office another id; what it records again has the names of what it had recorded.
  private mutating func rejoin(_ office: String) async throws {
    guard let community = community(of: office) else {
      throw ScenarioError("no office is called \(office)")
    }
    var recorded: [Digest: String] = [:]
    for (name, request) in requests where request.place == office {
      guard let hash = try player.view(of: office).hash(of: request.op) else { continue }
      recorded[hash] = name
    }
    let answer = try await player.rejoin(
      by: ScenarioInvitation(
        community: "\(scenario.name) \(community)", policy: [], staff: [], roles: [.clerk],
        office: office))
    guard let joined = answer.office else { throw ScenarioError("\(office) got no id") }
    names.add(office, joined.replica, enrolment: joined.enrolment)
    for fact in try player.view(of: office).facts() {
      guard let name = fact.op.was.flatMap({ recorded[$0] }) else { continue }
      names.add(name, fact.op.id)
    }
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
      findings += try self.findings(in: view, at: place).map { "at \(place): \($0)" }
      views.append((place, view))
    }
    // Two copies have other ops under the same ids.
    let ids = Dictionary(grouping: places) { names.replicas[$0] }
    views.removeAll { (ids[names.replicas[$0.place]] ?? []).count > 1 }
    findings += try Invariants.findings(between: views)
  }

  /// What does not hold at a place; where many scenarios share a street, what follows from all ops of
  /// it is left to players that have one of their own.
  package mutating func findings(
    in view: any ReplicaView, at place: String
  ) throws -> [String] {
    var findings = try Invariants.findings(in: view)
    guard player.checksEverySync else { return findings }
    let facts = try view.facts()
    findings += try Invariants.findings(in: view, against: NaiveModel(facts))
    findings += try Invariants.findings(of: facts, in: view)
    findings += try closedMonths.findings(in: view, at: place, facts)
    return findings
  }
}
