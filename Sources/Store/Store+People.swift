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

/// What a resident's file says, as far as its bodies are here.
package struct PersonHere: Sendable, Equatable {
  /// Whose file it is.
  package let resident: OpID
  /// The name that is shown.
  package let name: String?
  /// The phone number that is shown.
  package let phone: String?
  /// The date of birth that is shown.
  package let birthDate: String?
}

/// Questions about residents' files and what the hub decides.
extension Store {
  /// What waits for the hub: requests, memberships in two households, and appeals, the oldest first.
  ///
  /// A membership that the hub answered may be contested all the same, by another that it approved: no
  /// second answer would count.
  package func openRequests() throws(StoreError) -> [OpenRequest] {
    try StoreError.wrap { () throws(SQLiteFailure) in
      let select = try connection.prepare(
        """
        SELECT id, kind, resident, CASE kind WHEN 47 THEN other END FROM hub_request
         WHERE state = 'open'
        UNION ALL
        SELECT id, 53, resident, NULL FROM household_member m WHERE state = 'contested'
           AND NOT EXISTS(SELECT 1 FROM decision d WHERE d.request = m.id)
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

  /// The date of birth that a resident's file shows; nil where nobody said it, or it is not here.
  package func birthDate(of resident: OpID) throws(StoreError) -> String? {
    try StoreError.wrap { () throws(SQLiteFailure) in
      let select = try connection.prepare(
        "SELECT value FROM file_values WHERE resident = ?1 AND field = 2")
      select.bind(1, resident.packed)
      return try select.step() ? select.optionalText(0) : nil
    }
  }

  /// The people of whose files anything is here.
  ///
  /// O(residents).
  ///
  /// - Throws: ``StoreError/database(_:)``.
  package func peopleHere() throws(StoreError) -> [PersonHere] {
    try StoreError.wrap { () throws(SQLiteFailure) in
      let select = try connection.prepare(
        """
        SELECT resident, max(iif(field = 0, value, NULL)), max(iif(field = 1, value, NULL)),
          max(iif(field = 2, value, NULL))
        FROM file_values WHERE field < 3 GROUP BY resident
        """)
      var people: [PersonHere] = []
      while try select.step() {
        guard let resident = OpID(packed: select.integer(0)) else { continue }
        people.append(
          PersonHere(
            resident: resident, name: select.optionalText(1), phone: select.optionalText(2),
            birthDate: select.optionalText(3)))
      }
      return people
    }
  }

  /// The residents whose name or phone, as far as it is here, or whose volunteer number has a text.
  ///
  /// A few digits are in many phones, so of a phone at least four have to be given. O(residents).
  ///
  /// - Throws: ``StoreError/database(_:)``.
  package func residents(matching text: String) throws(StoreError) -> Set<OpID> {
    let number = Int64(text)
    return try StoreError.wrap { () throws(SQLiteFailure) in
      let select = try connection.prepare(
        """
        SELECT resident FROM file_values WHERE field = 0 AND instr(value, ?1) > 0
        UNION
        SELECT resident FROM file_values
         WHERE field = 1 AND length(?1) >= 4 AND instr(value, ?1) > 0
        UNION
        SELECT resident FROM volunteer WHERE number = ?2
        """)
      select.bind(1, text)
      if let number { select.bind(2, number) } else { select.bindNull(2) }
      var found: Set<OpID> = []
      while try select.step() {
        if let resident = OpID(packed: select.integer(0)) { found.insert(resident) }
      }
      return found
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
