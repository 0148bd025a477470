import Community
import OpLog
import SQLite

/// Bodies that follow who moved to another community, and what staff ask of such moves.
extension Store {
  /// Says anew whose business the bodies of an account's ops are; inside ``write(_:)``.
  ///
  /// At an office of the new community they are missing then, until they come from the hub; an office of
  /// the old one forgets them.
  package func moveBodies(of account: Int64) throws(StoreError) {
    guard let id = OpID(packed: account) else { return }
    let isResident = try has(Tables.resident, id: account)
    let links = try StoreError.wrap { () throws(SQLiteFailure) in
      isResident
        ? try bodies.links(ofResident: account) : try bodies.links(ofHousehold: account)
    }
    var isDeleted = false
    for link in links {
      guard
        let community = try BodyScope.community(ofBodyOf: link.op, movingWith: id, in: self),
        community != link.community
      else { continue }
      let isGone = try StoreError.wrap { () throws(SQLiteFailure) in
        try bodies.move(link.op, link.digest, toCommunity: community)
      }
      isDeleted = isDeleted || isGone
    }
    if isDeleted { try askForScrub() }
  }

  /// The give that moved a resident to a community last; nil for who was registered there, and for who
  /// never came.
  ///
  /// - Throws: ``StoreError/database(_:)``.
  package func arrival(
    of resident: OpID, in community: OpID
  ) throws(StoreError) -> OpID? {
    guard let home = try row(Tables.replica, id: Int64(resident.replica.rawValue)),
      home[2].id != community
    else { return nil }
    return try rows(Tables.residence, under: [resident.packed]).last {
      $0[1] != .integer(0) && $0[3].id == community
    }?[2].id
  }

  /// The community of a resident, or of a household's pool; nil when it is not known here.
  ///
  /// - Throws: ``StoreError/database(_:)``.
  package func community(of account: OpID) throws(StoreError) -> OpID? {
    if let file = try row(Tables.resident, id: account.packed) { return file[2].id }
    return try row(Tables.household, id: account.packed)?[1].id
  }

  /// Who lives in a household on a day, or lived there until the day before it; ascending.
  ///
  /// So whoever goes on after some of them went to another community still finds all. A scan.
  ///
  /// - Throws: ``StoreError/database(_:)``.
  package func members(
    of household: OpID, on day: BusinessDate
  ) throws(StoreError) -> [OpID] {
    let rows = try scan(Tables.householdMember, where: 3, is: household.packed)
    var members: Set<OpID> = []
    for resident in rows.compactMap(\.[0].id) {
      for day in [day, day.adding(days: -1)]
      where try ExpiryNotice.household(of: resident, on: day, in: self) == household.packed {
        members.insert(resident)
      }
    }
    return members.sorted()
  }
}
