import Community
import OpLog
import SQLite

/// Something that the hub's administrator is asked to decide.
package struct OpenRequest: Sendable, Equatable {
  /// The op that asks.
  package let id: OpID
  /// Its kind.
  package let kind: KindNumber
  /// The residents whom it is about; of a merge both.
  package let residents: [OpID]
}

/// Questions about residents' files and what the hub decides.
extension Store {
  /// What waits for the hub: requests, memberships in two households, and appeals, the oldest first.
  package func openRequests() throws(StoreError) -> [OpenRequest] {
    try StoreError.wrap { () throws(SQLiteFailure) in
      let select = try connection.prepare(
        """
        SELECT id, kind, resident, CASE kind WHEN 47 THEN other END FROM hub_request
         WHERE state = 'open'
        UNION ALL
        SELECT id, 53, resident, NULL FROM household_member m WHERE state = 'contested'
        UNION ALL
        SELECT id, 59, resident, NULL FROM appeal WHERE state = 'filed'
        ORDER BY 1
        """)
      var open: [OpenRequest] = []
      while try select.step() {
        guard let id = OpID(packed: select.integer(0)) else { continue }
        let residents = [select.optionalInteger(2), select.optionalInteger(3)]
        open.append(
          OpenRequest(
            id: id, kind: KindNumber(select.integer(1)),
            residents: residents.compactMap { $0.flatMap(OpID.init(packed:)) }))
      }
      return open
    }
  }

  /// The statements on a purpose that nothing replaced, ascending; at most 8.
  package func liveConsents(
    of resident: OpID, purpose: Int64
  ) throws(StoreError) -> [OpID] {
    let row = try row(Tables.consent, [resident.packed, purpose])
    return Array(OpList.decode(row?[3].text ?? "").prefix(8))
  }

  /// The head and the live versions of a household's file, at most 8; nil when there is none.
  package func household(
    _ household: OpID
  ) throws(StoreError) -> (head: OpID?, versions: [OpID])? {
    guard let row = try row(Tables.household, id: household.packed) else { return nil }
    return (row[2].id, Array(OpList.decode(row[4].text).prefix(8)))
  }
}
