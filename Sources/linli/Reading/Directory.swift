import Community
import OpLog
import Pages
import Store
import Wire

/// Who and what the street has: lists that `show` makes from the tables and not from a view.
enum Directory: String, CaseIterable {
  /// Members of staff with their roles.
  case staff
  /// The rules in force, a line each.
  case policy
  /// The communities.
  case communities
  /// The replicas of the street.
  case offices

  /// The columns of the list.
  var columns: [String] {
    switch self {
    case .staff:
      ["id", "name", "community", "roles", "person", "valid_from", "valid_to", "ended_on"]
    case .policy: ["community", "key", "value", "meaning", "policy"]
    case .communities: ["id", "name", "offices"]
    case .offices: ["office", "label", "community", "ops", "last_received", "state"]
    }
  }

  /// The list as a database has it now.
  func sheet(of store: Store, in language: Language) throws(StoreError) -> Sheet {
    let names = try store.communityNames()
    return switch self {
    case .staff: Sheet(columns: columns, rows: try staff(store, names))
    case .policy: Sheet(columns: columns, rows: try policies(store, names, language))
    case .communities: Sheet(columns: columns, rows: try communities(store, names))
    case .offices: Sheet(columns: columns, rows: try offices(store, names))
    }
  }

  private func staff(
    _ store: Store, _ names: [OpID: String]
  ) throws(StoreError) -> [[String?]] {
    var rows: [[String?]] = []
    for row in try store.rows(of: Tables.staff) {
      guard let id = row[0].id, let mask = row[2].integer else { continue }
      let roles = Role.allCases.filter { $0.mask & mask != 0 }.map(\.name)
      rows.append([
        id.description, try store.staffName(id), row[1].id.flatMap { names[$0] },
        roles.joined(separator: ","), row[6].id?.description, Self.date(row[3]),
        Self.date(row[4]), Self.date(row[5]),
      ])
    }
    return rows
  }

  private func policies(
    _ store: Store, _ names: [OpID: String], _ language: Language
  ) throws(StoreError) -> [[String?]] {
    var rows: [[String?]] = []
    for (community, name) in names.sorted(by: { $0.key < $1.key }) {
      guard let policy = try store.policy(of: community),
        let values = try store.policyValues(of: community)
      else { continue }
      for (key, value) in zip(Policy.keys, values) {
        rows.append([
          name, key.name, value.map { Self.text($0, key.type) }, language(key.meaning),
          policy.description,
        ])
      }
    }
    return rows
  }

  private func communities(
    _ store: Store, _ names: [OpID: String]
  ) throws(StoreError) -> [[String?]] {
    let replicas = try store.rows(of: Tables.replica)
    return names.sorted { $0.key < $1.key }.map { id, name in
      let offices = replicas.filter { $0[2].id == id }.compactMap { $0[0].integer.map(String.init) }
      return [id.description, name, offices.joined(separator: ",")]
    }
  }

  private func offices(
    _ store: Store, _ names: [OpID: String]
  ) throws(StoreError) -> [[String?]] {
    var rows: [[String?]] = []
    for row in try store.rows(of: Tables.replica) {
      guard let replica = row[0].replica else { continue }
      let head = try store.storedHead(of: replica)
      rows.append([
        replica.description, row[3].text, row[2].id.flatMap { names[$0] }, String(head.seq),
        try store.lastReceived(of: head).map { BeijingTime.text($0) },
        row[4] == .null ? "open" : "revoked",
      ])
    }
    return rows
  }

  /// The day of a cell; nil for none, and for the last of all, with which an end was taken back.
  private static func date(_ cell: Cell) -> String? {
    guard let day = cell.integer, day != BusinessDate.range.upperBound else { return nil }
    return BusinessDate(day: day)?.description
  }

  private static func text(_ value: Int64, _ type: FieldType) -> String {
    guard case .choice(let names) = type, names.indices.contains(Int(value)) else {
      return String(value)
    }
    return names[Int(value)]
  }
}

extension Cell {
  /// The replica that the cell names, or nil.
  fileprivate var replica: ReplicaID? {
    integer.flatMap { UInt32(exactly: $0) }.flatMap { ReplicaID(rawValue: $0) }
  }
}

extension OpID {
  /// The id behind the name of what it is the id of.
  func text(named name: String?) -> String { name.map { "\($0) (\(self))" } ?? description }
}

extension Store {
  /// The communities' names by id.
  func communityNames() throws(StoreError) -> [OpID: String] {
    var names: [OpID: String] = [:]
    for row in try rows(of: Tables.community) {
      if let id = row[0].id { names[id] = row[1].text }
    }
    return names
  }

  /// A community as people tell it from another: its name, where that is known, and its id.
  func communityText(_ id: OpID) throws(StoreError) -> String {
    let name = try row(Tables.community, id: id.packed)?[1].text
    return id.text(named: name)
  }

  /// The name of a member of staff; nil while it is not here, and for an id that nobody has.
  func staffName(_ id: OpID) throws(StoreError) -> String? {
    guard try storedHead(of: id.replica).seq >= id.seq else { return nil }
    return try ResidentFile.value(of: "name", by: op(id), in: self)
  }

  /// When the hub took in the last op of a log, in ms since 1970-01-01 UTC; nil before any.
  func lastReceived(of head: Head) throws(StoreError) -> Int64? {
    try OpID(head.replica, head.seq).flatMap { (id) throws(StoreError) in try receivedAt(id) }
  }
}
