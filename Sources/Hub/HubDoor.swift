import Community
import OpLog
import Store
import Wire

/// A door for a program that invites, revokes, and retires offices over the line (`Protocol/conformance.md` §3).
///
/// It is there for tests of the protocol: a street's offices are invited at the hub itself.
package struct HubDoor: Sendable {
  /// SHA-256 of the token that opens it: the token itself is in no memory and in no log.
  private let tokenHash: Digest
  /// Gives that many random bytes.
  let random: @Sendable (Int) -> [UInt8]

  /// What a token is made of: base64url.
  package static let tokenBytes: ClosedRange<Int> = 22...128

  /// Makes one; nil for a token that is too short to be 128 random bits, or no base64url.
  package init?(token: String, random: @escaping @Sendable (Int) -> [UInt8]) {
    let letters = token.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
        true
      default: false
      }
    }
    guard letters, Self.tokenBytes.contains(token.utf8.count) else { return nil }
    tokenHash = SHA256.hash(Array(token.utf8))
    self.random = random
  }

  /// Whether a call bears the token; takes as long for a wrong one as for a right one.
  func opens(for call: HubCall) -> Bool {
    guard let token = call.bearerToken else { return false }
    return SHA256.hash(Array(token.utf8)).isEqualInConstantTime(to: tokenHash)
  }
}

extension HubCore {
  /// Invites, revokes, or retires an office for whoever has the door's token; without a door there is no
  /// such address.
  func administer(
    _ address: HubRoute, _ call: HubCall, now: Int64
  ) throws(Problem) -> HubAnswer {
    guard let door else { throw Problem(.notFound, detail: "there is no such address") }
    try requireJSON(call)
    guard door.opens(for: call) else { throw Self.unknownToken }
    if address == .invitations {
      let request = try Problem.wrap { () throws(WireError) in
        try DoorInvitation(decoding: call.body)
      }
      return .json(try invite(request, door, now: now), status: 201)
    }
    let done = HubAnswer(status: 204, contentType: "application/json", body: [])
    if address == .retirements {
      let request = try Problem.wrap { () throws(WireError) in
        try DoorRetirement(decoding: call.body).retirement
      }
      do throws(RetireRefusal) {
        _ = try HubAdmin.retire(request, in: store, now: now)
      } catch {
        if case .store(let error) = error { throw Problem(error) }
        throw Problem(.outOfRange, detail: "the hub retires nobody so")
      }
      return done
    }
    let replica = try Problem.wrap { () throws(WireError) in
      try DoorRevocation(decoding: call.body).replica
    }
    let isKnown = try Problem.wrap { () throws(StoreError) in
      try HubAdmin.revoke(replica, reason: 0, in: store, now: now)
    }
    guard isKnown else { throw Problem(.notFound, detail: "no replica \(replica) is enrolled") }
    return done
  }

  private func invite(
    _ request: DoorInvitation, _ door: HubDoor, now: Int64
  ) throws(Problem) -> [UInt8] {
    var staff: [NewStaff] = []
    for name in request.staff {
      var content = JSONWriter()
      content.openObject()
      content.key("name")
      content.text(name)
      content.closeObject()
      let salt = door.random(BodyLimits.saltBytes)
      guard let body = Body(salt: salt, content: String(decoding: content.bytes, as: UTF8.self))
      else { throw Problem(.outOfRange, detail: "a name is too long", field: "staff") }
      staff.append(NewStaff(roles: [.clerk, .approver, .grid], body: body))
    }
    let invitation = OfficeInvitation(
      community: request.community, label: request.label, staff: staff, policy: [:])
    let code = Base64URL.encode(door.random(12))
    let ids: [OpID]
    do throws(StaffRefusal) {
      ids = try HubAdmin.invite(
        invitation, codeHash: SHA256.hash(Array(code.utf8)), to: store, now: now)
    } catch {
      if case .store(.refused(.personalData(let field))) = error {
        throw Problem(.outOfRange, detail: "it holds a phone or ID number", field: field)
      }
      if case .store(let error) = error { throw Problem(error) }
      throw Problem(.outOfRange, detail: "the hub appoints nobody so", field: "staff")
    }
    let community = try Problem.wrap { () throws(StoreError) in
      try store.community(named: request.community)
    }
    guard let community else { throw Problem(.internal, detail: "the community is not folded") }
    var json = JSONWriter()
    json.openObject()
    json.key("code")
    json.text(code)
    json.key("community")
    json.opID(community)
    json.key("staff")
    json.openArray()
    for id in ids { json.opID(id) }
    json.closeArray()
    json.closeObject()
    return json.bytes
  }
}

/// What is asked of the door: an office of a community, and who works there.
private struct DoorInvitation {
  let community: String
  let label: String
  let staff: [String]

  init(decoding bytes: [UInt8]) throws(WireError) {
    var json = try JSONReader(bytes, max: WireLimits.smallMessageBytesMax)
    var community: String?
    var label: String?
    var staff: [String]?
    try json.object { (name, json) throws(WireError) in
      switch name {
      case "community": community = try Self.name(&json)
      case "label": label = try Self.name(&json)
      case "staff":
        var names: [String] = []
        try json.array(max: 8) { (json) throws(WireError) in
          names.append(try Self.name(&json))
        }
        staff = names
      default: throw .unknownField(field: "")
      }
    }
    try json.finish()
    guard let community else { throw .missing(field: "community") }
    guard let label else { throw .missing(field: "label") }
    guard let staff else { throw .missing(field: "staff") }
    self.community = community
    self.label = label
    self.staff = staff
  }

  /// A name that can stand in a log and in a listing.
  private static func name(_ json: inout JSONReader) throws(WireError) -> String {
    let text = try json.text(1...60)
    guard HubAdmin.nameType.fits(.text(text)) else { throw .outOfRange(field: "") }
    return text
  }
}

/// Which office takes another's place, and the two who say so.
private struct DoorRetirement {
  let retirement: Retirement

  init(decoding bytes: [UInt8]) throws(WireError) {
    var json = try JSONReader(bytes, max: WireLimits.smallMessageBytesMax)
    var replica: ReplicaID?
    var successor: ReplicaID?
    var approvers: [OpID]?
    try json.object { (name, json) throws(WireError) in
      switch name {
      case "replica": replica = try json.replica()
      case "successor": successor = try json.replica()
      case "approvers":
        var ids: [OpID] = []
        try json.array(max: 2) { (json) throws(WireError) in ids.append(try json.opID()) }
        approvers = ids
      default: throw .unknownField(field: "")
      }
    }
    try json.finish()
    guard let replica else { throw .missing(field: "replica") }
    guard let successor else { throw .missing(field: "successor") }
    guard let approvers else { throw .missing(field: "approvers") }
    retirement = Retirement(
      replica: replica, successor: successor, approvers: approvers, reason: 0)
  }
}

/// Which office's door the caller shuts.
private struct DoorRevocation {
  let replica: ReplicaID

  init(decoding bytes: [UInt8]) throws(WireError) {
    var json = try JSONReader(bytes, max: WireLimits.smallMessageBytesMax)
    var replica: ReplicaID?
    try json.object { (name, json) throws(WireError) in
      switch name {
      case "replica": replica = try json.replica()
      default: throw .unknownField(field: "")
      }
    }
    try json.finish()
    guard let replica else { throw .missing(field: "replica") }
    self.replica = replica
  }
}
