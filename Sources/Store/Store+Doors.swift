import OpLog

/// What a hub keeps about the doors of its offices besides its ops.
extension Store {
  /// Until when a revoked replica may bring what it had not sent, in ms since 1970-01-01 UTC; nil when
  /// nobody let it in again.
  package func readmission(of replica: ReplicaID) throws(StoreError) -> Int64? {
    try readmissions().first { $0.replica == replica }?.until
  }

  /// Lets a revoked replica in until a time, or no more; inside ``write(_:)``.
  package func setReadmission(
    of replica: ReplicaID, until: Int64?
  ) throws(StoreError) {
    var kept = try readmissions().filter { $0.replica != replica }
    if let until { kept.append((replica, until)) }
    guard !kept.isEmpty else { return try clear(.readmissions) }
    var bytes: [UInt8] = []
    for (replica, until) in kept {
      bytes.appendBigEndian(replica.rawValue)
      bytes.appendBigEndian(UInt64(bitPattern: until))
    }
    try set(.readmissions, bytes)
  }

  private func readmissions() throws(StoreError) -> [(replica: ReplicaID, until: Int64)] {
    let bytes = try setting(.readmissions) ?? []
    return stride(from: 0, to: bytes.count - 11, by: 12).compactMap { start in
      let number = bytes[start..<start + 4].reduce(0) { $0 << 8 | UInt32($1) }
      let until = bytes[start + 4..<start + 12].reduce(0) { $0 << 8 | UInt64($1) }
      return ReplicaID(rawValue: number).map { ($0, Int64(bitPattern: until)) }
    }
  }

  /// The offices that hold another branch of a former hub's log than this hub, ascending.
  package func branchedOffices() throws(StoreError) -> [ReplicaID] { try replicas(in: .branched) }

  /// Notes whether an office holds another branch; inside ``write(_:)``.
  package func setBranched(
    _ replica: ReplicaID, _ isBranched: Bool
  ) throws(StoreError) {
    var offices = Set(try branchedOffices())
    if isBranched { offices.insert(replica) } else { offices.remove(replica) }
    try set(.branched, offices)
  }

  /// The offices that have called since the roll-call began, ascending.
  package func callers() throws(StoreError) -> [ReplicaID] { try replicas(in: .callers) }

  /// Notes that an office called; inside ``write(_:)``.
  package func noteCaller(_ replica: ReplicaID) throws(StoreError) {
    try set(.callers, Set(try callers() + [replica]))
  }

  /// Up to which ops hubs' logs say nothing about the clock: somebody said that it was wrong then.
  package func clockConfirmed() throws(StoreError) -> [OpID] {
    let bytes = try setting(.clockConfirmed) ?? []
    return stride(from: 0, to: bytes.count - 7, by: 8).compactMap { start in
      OpID(packed: bytes[start..<start + 8].reduce(0) { $0 << 8 | Int64($1) })
    }
  }

  /// Keeps such ops instead of those before; inside ``write(_:)``.
  package func setClockConfirmed(_ ends: [OpID]) throws(StoreError) {
    var bytes: [UInt8] = []
    for end in ends { bytes.appendBigEndian(UInt64(bitPattern: end.packed)) }
    try set(.clockConfirmed, bytes)
  }

  /// The ends of logs that were shown and could not be taken in, with their stamps in ms since 1970-01-01
  /// UTC: they are later than the clock allowed.
  package func clockShown() throws(StoreError) -> [(end: OpID, stamp: Int64)] {
    let bytes = try setting(.clockShown) ?? []
    func number(_ start: Int) -> Int64 {
      bytes[start..<start + 8].reduce(0) { $0 << 8 | Int64($1) }
    }
    return stride(from: 0, to: bytes.count - 15, by: 16).compactMap { start in
      OpID(packed: number(start)).map { ($0, number(start + 8)) }
    }
  }

  /// Keeps such ends instead of those before; inside ``write(_:)``.
  package func setClockShown(_ ends: [(end: OpID, stamp: Int64)]) throws(StoreError) {
    var bytes: [UInt8] = []
    for (end, stamp) in ends {
      bytes.appendBigEndian(UInt64(bitPattern: end.packed))
      bytes.appendBigEndian(UInt64(bitPattern: stamp))
    }
    try set(.clockShown, bytes)
  }

  private func replicas(in name: SettingName) throws(StoreError) -> [ReplicaID] {
    let bytes = try setting(name) ?? []
    return stride(from: 0, to: bytes.count - 3, by: 4).compactMap { start in
      let number = bytes[start..<start + 4].reduce(0) { $0 << 8 | UInt32($1) }
      return ReplicaID(rawValue: number)
    }
  }

  private func set(
    _ name: SettingName, _ replicas: Set<ReplicaID>
  ) throws(StoreError) {
    var bytes: [UInt8] = []
    for replica in replicas.sorted() { bytes.appendBigEndian(replica.rawValue) }
    try set(name, bytes)
  }
}
