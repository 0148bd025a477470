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
    [--label TEXT] [--policy key=value,key=value] [--new-community]
    """
  static let example = """
    linli hub invite --community 青龙街 --staff 王敏,李强 --policy award.posting=on_the_spot \
    --data hub
    """

  static func run(_ arguments: Arguments) async throws(CommandError) -> Int32 {
    try arguments.expect(atMost: 0)
    let community = try arguments.required("community")
    let label = arguments.option("label") ?? community
    try CommandError.check(community, fits: FieldType.text(1...60), option: "community")
    guard !PersonalData.isIn(community) else {
      throw CommandError(Refusal.personalData(field: "--community"))
    }
    try CommandError.check(label, fits: FieldType.text(1...60), option: "label")
    let names = arguments.list("staff").map(PersonName.tidied)
    let roles = try NewStaff.roles(arguments)
    let staff = try names.map { (name) throws(CommandError) in
      try NewStaff(name: name, roles: roles)
    }
    let invitation = OfficeInvitation(
      community: community, label: label, staff: staff,
      policy: try PolicyText.changes(arguments.list("policy")))
    let code = InvitationCode.make(random: Machine.random)
    let store = try DataFolder(arguments).openHubStore()
    let isNew = try isNew(community, isMeant: arguments.flag("new-community"), store)
    let ids: [OpID]
    do throws(StaffRefusal) {
      ids = try HubAdmin.invite(
        invitation, codeHash: SHA256.hash(Array(code.utf8)), to: store, now: Machine.now())
    } catch {
      // Nobody is appointed in a community that is not there yet.
      if isNew, case .namesMissing = error { throw namesMissing(error, community) }
      throw error.commandError
    }
    let communityID = try CommandError.wrap { () throws(StoreError) in
      try store.community(named: community)
    }
    if isNew, !arguments.console.isJSON {
      let id = communityID?.description ?? ""
      arguments.console.out(
        Words("新社区 \(community)  \(id)", "new community \(community)  \(id)"))
    }
    if !isNew, !invitation.policy.isEmpty, !arguments.console.isJSON {
      arguments.console.out(
        Words(
          "已改 \(community) 的规则；先试算用 linli policy set --preview",
          "the rules of \(community) are changed; linli policy set --preview tries a change first"))
    }
    show(code, communityID, isNew, zip(names, ids).map { ($0, $1) }, arguments.console)
    return ExitCode.ok
  }

  /// Whether a community is not known yet.
  ///
  /// - Throws: A usage error for a name that one slip of the hand makes of a known one, unless it is
  ///   meant.
  private static func isNew(
    _ name: String, isMeant: Bool, _ store: Store
  ) throws(CommandError) -> Bool {
    let known = try CommandError.wrap { () throws(StoreError) in try store.communityNames() }
    guard !known.values.contains(name) else { return false }
    guard !isMeant, let similar = known.values.sorted().first(where: { $0.isOneSlip(from: name) })
    else { return true }
    throw CommandError(
      exit: ExitCode.usage, code: "similar-community",
      message: Words(
        "没有社区 \(name)，但有 \(similar)", "there is no community \(name), but there is \(similar)"),
      advice: Words(
        "写 \(similar)；确为新社区则加 --new-community",
        "write \(similar), or add --new-community if it is a new one"))
  }

  /// What a rebuilt hub says that lacks names, where the community is still to be made.
  private static func namesMissing(_ refusal: StaffRefusal, _ community: String) -> CommandError {
    let error = refusal.commandError
    return .refused(
      error.code, error.message,
      advice: Words(
        "各站点都同步后再邀请；或先去掉 --staff，有了社区 \(community) 再用 linli hub staff appoint 任用: "
          + "是其中一人加 --person 编号，都不是加 --other-person",
        "invite once all offices have synced; or leave --staff out, and appoint them once there is a community "
          + "\(community), with linli hub staff appoint: one of them --person with the id, none of them "
          + "--other-person"))
  }

  private static func show(
    _ code: String, _ community: OpID?, _ isNew: Bool, _ staff: [(name: String, id: OpID)],
    _ console: Console
  ) {
    guard console.isJSON else {
      console.out(Words("入网码 \(code) (14 天内有效，只能用一次)", "code \(code) (once, within 14 days)"))
      for person in staff { console.out("\(person.name)  \(person.id)") }
      return
    }
    console.json { json in
      json.member("code", code)
      if let community {
        json.member("community", community)
        json.member("community_is_new", isNew)
      }
      json.member("staff", each: staff) { json, person in
        json.member("name", person.name)
        json.member("id", person.id)
      }
    }
  }
}

extension String {
  /// Whether one letter put in, left out, or changed, or only spaces and case, tell two names apart.
  fileprivate func isOneSlip(from other: String) -> Bool {
    let (one, two) = (
      lowercased().filter { !$0.isWhitespace }, other.lowercased().filter { !$0.isWhitespace }
    )
    let start = zip(one, two).prefix { $0 == $1 }.count
    let end = zip(one.dropFirst(start).reversed(), two.dropFirst(start).reversed())
      .prefix { $0 == $1 }.count
    return max(one.count, two.count) - start - end <= 1
  }
}
