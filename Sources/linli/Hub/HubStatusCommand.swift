import Community
import Hub
import OpLog
import Store
import Wire

/// Shows the street and its replicas.
enum HubStatusCommand: Command {
  static let name = "hub status"
  static let summary = Words("街道和各站点的状态", "the street and its offices")
  static let usage = "linli hub status"
  static let example = "linli hub status --data hub"

  /// One enrolled replica.
  fileprivate struct Row {
    let replica: ReplicaID
    let head: Head
    let community: OpID
    let label: String
    let lastReceived: Int64?
    let isRevoked: Bool
    let isRetired: Bool
  }

  /// All that is shown, from one snapshot.
  fileprivate struct Status {
    let name: String
    let hub: Head
    let communities: [(id: OpID, name: String)]
    let rows: [Row]
    let invitations: [Invitation]
    let digest: Digest
    let approvers: StandingApprovers
    /// Offices that cannot follow this hub.
    let branched: [ReplicaID]
    /// Ids that PCs gave up and that still are the home of something.
    let former: FormerIDs
    /// Offices whose records wait for their enrolment.
    let unenrolled: UnenrolledOffices
    /// How far the roll-call of a rebuilt hub has come; nil when none is open.
    let rollCall: RollCall?
    /// Rows in which the hub and its offices are known to differ.
    let differences: Differences
    /// How many records lost their numbers and are missing.
    let lost: Int
  }

  static func run(_ arguments: Arguments) async throws(CommandError) -> Int32 {
    try arguments.expect(atMost: 0)
    let folder = DataFolder(arguments)
    let store = try folder.openHubStore()
    let status = try CommandError.wrap { () throws(StoreError) in
      try store.read { () throws(StoreError) -> Status in try Self.status(of: store) }
    }
    let clock = try HubClockCommand.Reading(of: store)
    let voidKey = try folder.voidKeyRefusal(in: store)
    let console = arguments.console
    guard !console.isJSON else {
      console.json { json in
        json.write(status, store.identity.street)
        json.member("clock_behind", clock.isBehind)
        json.member("key_void", voidKey != nil)
      }
      return ExitCode.ok
    }
    show(status, console)
    if let warning = clock.warning { console.out(warning) }
    if let voidKey { console.report(voidKey) }
    return ExitCode.ok
  }

  static func details(of words: [String], in language: Language) -> String {
    language(
      Words(
        """
        有问题也以 0 退出。用 --json 时是一个对象，其中:
          clock_behind    时钟比街道自己写过的记录还早，暂不收记录: 见 linli hub clock
          key_void        旁边的 hub.key 已作废，街道服务不会启动: 见 linli hub key --join
        """,
        """
        Whatever it warns of, it ends with 0. With --json it is one object, in which
          clock_behind    says that the clock is before what the hub wrote: it takes no records (linli hub clock)
          key_void        says that hub.key is no longer the street's: it is not served (linli hub key --join)
        """))
  }

  private static func status(of store: Store) throws(StoreError) -> Status {
    let hub = store.identity.replica
    var rows: [Row] = []
    for replica in try store.enrolledReplicas() {
      guard let enrolment = try store.enrolment(of: replica) else { continue }
      let head = try store.foldedHead(of: replica)
      rows.append(
        Row(
          replica: replica, head: head, community: enrolment.community, label: enrolment.label,
          lastReceived: try store.lastReceived(of: head), isRevoked: enrolment.isRevoked,
          isRetired: try store.isRetired(replica)))
    }
    var branched: [ReplicaID] = []
    for office in try store.branchedOffices() where try !store.isRetired(office) {
      branched.append(office)
    }
    let communities = try store.communityNames().sorted { $0.key < $1.key }
    let name = String(decoding: try store.setting(.streetName) ?? [], as: UTF8.self)
    return Status(
      name: name, hub: try store.storedHead(of: hub),
      communities: communities.map { ($0.key, $0.value) }, rows: rows,
      invitations: try store.openInvitations(now: Machine.now()),
      digest: try store.stateDigest().value, approvers: try StandingApprovers(of: store),
      branched: branched,
      former: try FormerIDs(of: store), unenrolled: try UnenrolledOffices(of: store),
      rollCall: try HubAdmin.rollCall(of: store),
      differences: try Differences(of: store),
      lost: try store.lostBranches().reduce(0) { $0 + $1.records.count })
  }

  private static func show(_ status: Status, _ console: Console) {
    let titles = [
      Words("副本", "replica"), Words("社区", "community"), Words("名称", "label"),
      Words("记录", "ops"), Words("链头", "head"), Words("最近收到", "last received"), Words("状态", "state"),
    ]
    let hub = [
      status.hub.replica.description, "", status.name, String(status.hub.seq),
      String(status.hub.hash.description.prefix(12)), "",
      console.language(Words("街道", "hub")),
    ]
    let names = Dictionary(uniqueKeysWithValues: status.communities.map { ($0.id, $0.name) })
    let offices = status.rows.map { row in
      let state =
        row.isRetired
        ? Words("已注销", "retired")
        : row.isRevoked ? Words("已停用", "revoked") : Words("正常", "open")
      return [
        row.replica.description, names[row.community] ?? row.community.description, row.label,
        String(row.head.seq), String(row.head.hash.description.prefix(12)),
        row.lastReceived.map { BeijingTime.text($0) } ?? "", console.language(state),
      ]
    }
    console.table(titles, [hub] + offices)
    let communities = status.communities.map { "\($0.name) (\($0.id))" }.joined(separator: ", ")
    console.out(Words("社区 \(communities)", "communities \(communities)"))
    for invitation in status.invitations {
      let name = names[invitation.community] ?? invitation.community.description
      let end = BeijingTime.text(invitation.expiresAt)
      console.out(
        Words(
          "未用的入网码: \(name)，\(invitation.label)，到 \(end) 为止",
          "unused code for \(name), \(invitation.label), until \(end)"))
    }
    console.out(Words("摘要 \(status.digest)", "digest \(status.digest)"))
    let unenrolled = status.unenrolled.words(inRollCall: status.rollCall != nil)
    for line in status.differences.words + status.former.words + unenrolled { console.out(line) }
    LostRecords.words(status.lost).map(console.out)
    let approvers = status.approvers.words(inRollCall: status.rollCall != nil)
    guard let rollCall = status.rollCall else {
      BranchedOffices(status.branched).words.map(console.out)
      if let approvers { console.out(approvers) }
      return
    }
    console.out(
      Words(
        "正在点名(服务器重建后): 收发照常，不作决定；结束时运行 linli hub succeed --by A,B",
        "roll-call (the hub was rebuilt): it takes and gives records and decides nothing; end it with "
          + "linli hub succeed --by A,B"))
    for line in rollCall.words { console.out(line) }
    if let approvers { console.out(approvers) }
  }
}

extension JSONWriter {
  /// Writes what a hub's database says, as members.
  fileprivate mutating func write(_ status: HubStatusCommand.Status, _ street: StreetID) {
    member("street", street.description)
    member("name", status.name)
    head(status.hub)
    member("digest", status.digest.description)
    status.differences.write(to: &self)
    member("communities", each: status.communities) { json, community in
      json.member("id", community.id)
      json.member("name", community.name)
    }
    member("invitations", each: status.invitations) { json, invitation in
      json.member("community", invitation.community)
      json.member("label", invitation.label)
      json.member("expires_at", invitation.expiresAt)
    }
    member("replicas", each: status.rows) { json, row in
      json.head(row.head)
      json.member("community", row.community)
      json.member("label", row.label)
      json.member("last_received", row.lastReceived)
      json.member("revoked", row.isRevoked)
      json.member("retired", row.isRetired)
    }
    member("approvers", texts: status.approvers.ids.map(\.description))
    replicas("branched", status.branched)
    member("lost", Int64(status.lost))
    status.former.write(to: &self)
    status.unenrolled.write(to: &self)
    if let open = status.rollCall { rollCall(open) }
  }

  /// Writes the members `replica`, `ops`, and `head` of a log.
  mutating func head(_ head: Head) {
    member("replica", head.replica.rawValue)
    member("ops", head.seq)
    member("head", head.hash.description)
  }
}
