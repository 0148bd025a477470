import Community
import OpLog
import Wire

/// Where scenarios are played: cores in memory, processes, or another program.
package protocol ScenarioPlayer: AnyObject {
  /// Writes a community, its rules, and staff at the hub; enrols an office where one is named.
  func invite(_ invitation: ScenarioInvitation) async throws -> ScenarioInvitation.Answer

  /// Records something at an office, or has the hub's administrator do it.
  func record(_ request: ScenarioRequest, at place: String) async throws -> ScenarioAnswer

  /// Syncs an office until nothing is left.
  ///
  /// - Returns: The code with which it was refused, and the office stopped; nil when it was not.
  func sync(_ office: String) async throws -> String?

  /// Copies an office's database as another office.
  func copy(_ office: String, as copy: String) async throws

  /// Lets an office that stopped go on under the id that an invitation gives it, and syncs it.
  func rejoin(by invitation: ScenarioInvitation) async throws -> ScenarioInvitation.Answer

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
  /// Whether it is written without a question, as an older program does.
  package var isUnasked: Bool

  /// Makes a request.
  package init(
    kind: String, fields: [String: String], actor: OpID?, date: String, key: String? = nil,
    isUnasked: Bool = false
  ) {
    self.kind = kind
    self.fields = fields
    self.actor = actor
    self.date = date
    self.key = key
    self.isUnasked = isUnasked
  }

  /// The kind and what is said of its payload; nil for a field that the hub fills in.
  ///
  /// - Throws: ``ScenarioError`` when a field does not fit.
  package func stated() throws(ScenarioError) -> (kind: Kind, payload: Payload) {
    guard let kind = Catalogue.kind(named: kind) else {
      throw ScenarioError("there is no kind \(kind)")
    }
    var values: [PayloadValue?] = []
    var left = fields
    for field in kind.body { left[field.name] = nil }
    for field in kind.schema.fields {
      let text = left.removeValue(forKey: field.name)
      let value = text.flatMap { FieldText.parse($0, as: field.type) }
      guard (value != nil) == (text != nil) else {
        throw ScenarioError("\(kind.name): \(field.name) does not fit: \(text ?? "missing")")
      }
      values.append(value)
    }
    guard left.isEmpty else { throw ScenarioError("\(kind.name) has no fields \(left.keys)") }
    return (kind, Payload(values: values))
  }

  /// What an op says otherwise than the request; nil where it says all that is stated.
  package func difference(from op: Op) throws(ScenarioError) -> String? {
    let (kind, stated) = try stated()
    guard op.kind == kind.number, let found = kind.schema.payload(of: op) else {
      return "\(op.id) is no \(kind.name)"
    }
    for (index, field) in kind.schema.fields.enumerated() {
      guard let value = stated.values[index], found.values[index] != value else { continue }
      return "\(op.id) says \(field.name) \(found.values[index].map { "\($0)" } ?? "nothing")"
    }
    return nil
  }
}

/// What a counter answers.
package enum ScenarioAnswer: Sendable, Equatable {
  /// The op, the request's key, and whether an earlier request had made it.
  case recorded(OpID, key: String, isRepeat: Bool)
  /// It was refused with a stable code.
  case refused(code: String)
}
