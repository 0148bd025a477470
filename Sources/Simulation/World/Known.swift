import OpLog

/// What staff have in their hands: slips with the ids of what was recorded.
struct Known {
  struct Resident {
    let id: OpID
    let home: ReplicaID
  }

  struct Grant {
    let id: OpID
    let actor: OpID
    /// Activity, resident, session, and role, as they were given.
    let sheet: [String: String]
  }

  struct Reversal {
    let id: OpID
    let of: Grant
  }

  var residents: [Resident] = []
  var activities: [(id: OpID, points: Int64)] = []
  var items: [OpID] = []
  var grants: [Grant] = []
  var reversals: [Reversal] = []
  /// All that was recorded, by kind, the oldest first.
  var made: [KindNumber: [OpID]] = [:]
  /// What was written down for each, and by whom.
  var sheets: [OpID: (fields: [String: String], actor: OpID?)] = [:]
  /// Ops of a kind that nobody knows.
  var parked: [OpID] = []

  /// Forgets what is in no log any more.
  mutating func forget(_ isLost: (OpID) -> Bool) {
    residents.removeAll { isLost($0.id) }
    activities.removeAll { isLost($0.id) }
    items.removeAll(where: isLost)
    grants.removeAll { isLost($0.id) }
    reversals.removeAll { isLost($0.id) || isLost($0.of.id) }
    made = made.mapValues { $0.filter { !isLost($0) } }
    sheets = sheets.filter { !isLost($0.key) }
    parked.removeAll(where: isLost)
  }
}
