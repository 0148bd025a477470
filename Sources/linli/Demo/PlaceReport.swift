import OpLog
import Store

/// What one place holds: its ops, and what follows from them.
struct PlaceReport {
  let name: String
  /// Ops in all logs.
  var ops: UInt64 = 0
  /// The end of each log, as replica and seq.
  var heads: [Head] = []
  /// The digest of the state.
  let digest: Digest
  /// Each resident's balance, by id.
  var balances: [String: Int] = [:]
  var pointsIn = 0
  var pointsOut = 0
  /// Goods on all shelves.
  var stock = 0
  /// Entries on the desk, by reason.
  var desk: [String: Int] = [:]
  /// Title and date of each activity that was published, by id.
  var activities: [String: (title: String, heldOn: String)] = [:]
  /// Who has an award that counts for an activity, by the activity's id.
  var people: [String: [String]] = [:]
  /// Awards that count, and how many keys were recorded and taken back.
  var personTimes = 0
  var keys = 0
  var reversed = 0
  /// What the goods handed out at the offices of each community are worth, in fen.
  var redeemedFen: [Int: Int] = [:]

  /// Reads a place's database.
  ///
  /// - Parameters:
  ///   - name: What to call the place.
  ///   - database: Its file.
  ///   - communities: The community of each office, by the number of its replica.
  /// - Throws: A storage error when it cannot be read.
  init(
    name: String, database: String, communities: [String: Int]
  ) throws(CommandError) {
    self.name = name
    let rowsMax = 1_000_000
    let store = try CommandError.wrap { () throws(StoreError) in
      try Store(path: database, mode: .readWrite)
    }
    func records(_ view: String) throws(CommandError) -> [[String: String]] {
      try CommandError.wrap { () throws(StoreError) in
        try store.listing(of: view, limit: rowsMax).records
      }
    }
    (digest, heads) = try CommandError.wrap { () throws(StoreError) in
      var heads: [Head] = []
      for replica in try store.replicas() { heads.append(try store.foldedHead(of: replica)) }
      return (try store.stateDigest().value, heads)
    }
    ops = heads.reduce(0) { $0 + $1.seq }
    for resident in try records("residents") {
      balances[resident["id"] ?? ""] = resident.number("balance")
      pointsIn += resident.number("earned")
      pointsOut += resident.number("spent")
    }
    for activity in try records("activities") {
      activities[activity["id"] ?? ""] = (activity["title"] ?? "", activity["held_on"] ?? "")
    }
    for award in try records("awards") {
      keys += 1
      if award["state"] == "reversed" { reversed += 1 }
      guard award["state"] == "posted" else { continue }
      personTimes += 1
      people[award["activity"] ?? "", default: []].append(award["resident"] ?? "")
    }
    // The shelf knows goods by name, and communities have goods of one name.
    var values: [String: Int] = [:]
    for item in try records("items") {
      let definer = item["id"]?.split(separator: "-").first.map(String.init) ?? ""
      values["\(communities[definer] ?? -1) \(item["name"] ?? "")"] = item.number("value_fen")
    }
    for shelf in try records("stock") {
      stock += shelf.number("on_hand")
      let community = communities[shelf["office"] ?? ""] ?? -1
      let value = values["\(community) \(shelf["name"] ?? "")"] ?? 0
      redeemedFen[community, default: 0] += shelf.number("issued") * value
    }
    for entry in try records("desk_entries") { desk[entry["reason"] ?? "", default: 0] += 1 }
  }
}

extension [String: String] {
  /// A column that holds a number; 0 where it is empty.
  fileprivate func number(_ column: String) -> Int { self[column].flatMap { Int($0) } ?? 0 }
}
