import Community
import OpLog
import Store
import Wire

/// A request that waits for the street, with what the two who decide want to see of it.
struct HubRequest {
  /// What was asked.
  let asked: RequestRecord
  /// The records that it is about, such as the award of a reversal that somebody objects to.
  let records: [RequestRecord]
  /// The residents whom it is about, side by side.
  let residents: [Resident]
  /// Where a resident lives by the records, for a membership in two households.
  let memberships: Sheet
  /// The last day for the decision; nil where there is none.
  let dueOn: String?

  /// A resident's file and account.
  struct Resident {
    let id: OpID
    let community: String?
    let balance: Int64
    let uncovered: Int64
    /// The values of the file by field, as far as they are here.
    let file: [String: String]

    var name: String { file["name"] ?? "" }
  }

  /// Records looked at behind a request: an objection, a reversal, its award, and their like.
  private static let recordsMax = 8

  /// What waits for the street, the oldest first; or the one with an id, if it does.
  static func all(
    in store: Store, only id: OpID? = nil, _ language: Language
  ) throws(CommandError) -> [HubRequest] {
    try CommandError.wrap { () throws(StoreError) in
      try store.read { () throws(StoreError) -> [HubRequest] in
        let subjects = DeskSubject(store, language)
        var requests: [HubRequest] = []
        for open in try store.openRequests() where id == nil || open.id == id {
          guard let request = try HubRequest(open, in: store, subjects) else { continue }
          requests.append(request)
        }
        return requests
      }
    }
  }

  private init?(
    _ open: OpenRequest, in store: Store, _ subjects: DeskSubject
  ) throws(StoreError) {
    guard let asked = try RequestRecord(open.id, in: store, subjects) else { return nil }
    var people = open.residents
    var records: [RequestRecord] = []
    var next = asked.references[...]
    while let id = next.popFirst(), records.count < Self.recordsMax {
      if try store.has(Tables.resident, id: id.packed) {
        if !people.contains(id) { people.append(id) }
      } else if !records.contains(where: { $0.id == id }),
        let record = try RequestRecord(id, in: store, subjects), !record.isNameAlone
      {
        records.append(record)
        next += record.references
      }
    }
    self.asked = asked
    self.records = records
    let names = try store.communityNames()
    residents = try people.map { (id) throws(StoreError) in
      try Resident(id, in: store, names)
    }
    let isMembership = asked.kind == "household.set_member"
    memberships =
      isMembership
      ? try Self.memberships(of: people, in: store) : Sheet(columns: Self.membershipColumns)
    dueOn = try store.row(Tables.appeal, id: asked.id.packed)?[4].integer
      .flatMap { BusinessDate(day: $0)?.description }
  }

  private static let membershipColumns = [
    "id", "resident", "household", "building", "unit", "state", "from_on", "until",
  ]

  private static func memberships(
    of people: [OpID], in store: Store
  ) throws(StoreError) -> Sheet {
    var rows: [[String?]] = []
    for resident in people {
      let members = try store.listing(
        of: "household_members", where: ("resident", resident.description))
      for member in members.records {
        let household = try store.listing(
          of: "households", where: ("id", member["household"] ?? ""), limit: 1
        ).records.first
        rows.append(membershipColumns.map { member[$0] ?? household?[$0] })
      }
    }
    return Sheet(columns: membershipColumns, rows: rows)
  }

  /// Writes the members of its JSON object.
  func write(to json: inout JSONWriter) {
    json.member("request", asked.id)
    asked.write(to: &json)
    json.member("due_on", dueOn)
    json.member("records", each: records) { json, record in
      json.member("id", record.id)
      record.write(to: &json)
    }
    json.member("residents", each: residents) { json, resident in
      json.member("id", resident.id)
      json.member("community", resident.community)
      json.member("balance", resident.balance)
      json.member("uncovered", resident.uncovered)
      for field in ResidentFile.fields { json.member(field, resident.file[field]) }
    }
    json.member("memberships", each: memberships.rows) { json, row in
      for (column, cell) in zip(memberships.columns, row) { json.member(column, cell) }
    }
  }
}

extension HubRequest.Resident {
  fileprivate init(_ id: OpID, in store: Store, _ communities: [OpID: String]) throws(StoreError) {
    self.id = id
    community = try store.row(Tables.resident, id: id.packed)?[2].id.flatMap { communities[$0] }
    let account = try store.row(Tables.account, id: id.packed)
    balance = account?[1].integer ?? 0
    uncovered = account?[4].integer ?? 0
    var file: [String: String] = [:]
    for field in ResidentFile.fields {
      let known = try ResidentFile.values(of: id, field: field, in: store).compactMap(\.value)
      if !known.isEmpty { file[field] = known.joined(separator: " | ") }
    }
    self.file = file
  }
}
