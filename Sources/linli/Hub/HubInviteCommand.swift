import Community
import Hub
import OpLog
import Store
import Wire

/// Invites an office: a community, its rules, its staff, and a code for paper.
enum HubInviteCommand: Command {
  static let name = "hub invite"
  static let summary = Words(
    "邀请一个站点: 社区、人员、一次性入网码", "invite an office: community, staff, a one-time code")
  static let usage = """
    linli hub invite --community NAME [--staff A,B] [--roles clerk,approver,grid] \
    [--label TEXT] [--policy key=value,key=value]
    """

  static func run(_ arguments: Arguments) async throws(CommandError) -> Int32 {
    try arguments.expect(atMost: 0)
    let community = try arguments.required("community")
    let label = arguments.option("label") ?? community
    try CommandError.check(community, fits: FieldType.text(1...60), option: "community")
    try CommandError.check(label, fits: FieldType.text(1...60), option: "label")
    let names = (arguments.option("staff") ?? "").split(separator: ",").map(String.init)
    let roles = try roles(arguments.option("roles") ?? "clerk,approver,grid")
    var staff: [NewStaff] = []
    for name in names { staff.append(try newStaff(name, roles)) }
    let invitation = OfficeInvitation(
      community: community, label: label, staff: staff,
      policy: try PolicyText.changes(
        (arguments.option("policy") ?? "").split(separator: ",").map(String.init)))
    let code = InvitationCode.make(random: Machine.random)
    let store = try DataFolder(arguments).openHubStore()
    let (ids, communityID) = try CommandError.wrap { () throws(StoreError) in
      let ids = try HubAdmin.invite(
        invitation, codeHash: SHA256.hash(Array(code.utf8)), to: store, now: Machine.now())
      return (ids, try store.community(named: community))
    }
    show(code, communityID, zip(names, ids).map { ($0, $1) }, arguments.console)
    return ExitCode.ok
  }

  private static func show(
    _ code: String, _ community: OpID?, _ staff: [(name: String, id: OpID)], _ console: Console
  ) {
    guard console.isJSON else {
      console.out(Words("入网码 \(code) (14 天内有效，只能用一次)", "code \(code) (once, within 14 days)"))
      for person in staff { console.out("\(person.name)  \(person.id)") }
      return
    }
    console.json { json in
      json.key("code")
      json.text(code)
      if let community {
        json.key("community")
        json.opID(community)
      }
      json.key("staff")
      json.openArray()
      for person in staff {
        json.openObject()
        json.key("name")
        json.text(person.name)
        json.key("id")
        json.opID(person.id)
        json.closeObject()
      }
      json.closeArray()
    }
  }

  private static func newStaff(_ name: String, _ roles: [Role]) throws(CommandError) -> NewStaff {
    try CommandError.check(name, fits: FieldType.text(1...60), option: "staff")
    var json = JSONWriter()
    json.openObject()
    json.key("name")
    json.text(name)
    json.closeObject()
    let content = String(decoding: json.bytes, as: UTF8.self)
    guard let body = Body(salt: Machine.random(16), content: content) else {
      preconditionFailure("a name of 60 bytes fits into a body")
    }
    return NewStaff(roles: roles, body: body)
  }

  private static func roles(_ text: String) throws(CommandError) -> [Role] {
    guard case .integer(let mask)? = FieldText.parse(text, as: .choices(Role.names)) else {
      throw .badValue(option: "roles", text, Role.names.joined(separator: ","))
    }
    return Role.allCases.filter { $0.mask & mask != 0 }
  }
}
