import Community
import OpLog
import SQLite

/// A code with which an office gets its secret by the street's new master key, under the id that it has.
package struct RenewalCode: Sendable, Equatable {
  /// Whom the code was handed to.
  package let replica: ReplicaID
  /// SHA-256 of the code; the code itself is only on paper.
  package let codeHash: Digest
  /// When the code ends, in ms since 1970-01-01 UTC.
  package let expiresAt: Int64
  /// The 16 random bytes that came with the code when it was used; nil before.
  package var nonce: [UInt8]?

  /// Makes a code that nobody used yet.
  package init(replica: ReplicaID, codeHash: Digest, expiresAt: Int64) {
    self.replica = replica
    self.codeHash = codeHash
    self.expiresAt = expiresAt
  }

  fileprivate static let byteCount = 61

  fileprivate var bytes: [UInt8] {
    var bytes: [UInt8] = []
    bytes.appendBigEndian(replica.rawValue)
    bytes += codeHash.bytes
    bytes.appendBigEndian(UInt64(bitPattern: expiresAt))
    bytes.append(nonce == nil ? 0 : 1)
    return bytes + (nonce ?? [UInt8](repeating: 0, count: 16))
  }

  fileprivate init?(_ bytes: ArraySlice<UInt8>) {
    let bytes = Array(bytes)
    guard let replica = ReplicaID(rawValue: bytes[..<4].reduce(0) { $0 << 8 | UInt32($1) }),
      let codeHash = Digest(Array(bytes[4..<36]))
    else { return nil }
    let end = bytes[36..<44].reduce(0) { $0 << 8 | UInt64($1) }
    self.init(replica: replica, codeHash: codeHash, expiresAt: Int64(bitPattern: end))
    nonce = bytes[44] == 0 ? nil : Array(bytes[45...])
  }
}

/// A head of a former hub's log that an office showed, which no seal can prove.
package struct ShownHead: Sendable, Equatable {
  /// Who showed it.
  package let office: ReplicaID
  /// The head.
  package let head: Head

  fileprivate static let byteCount = 48

  /// Makes one.
  package init(office: ReplicaID, head: Head) {
    self.office = office
    self.head = head
  }

  fileprivate init?(_ bytes: ArraySlice<UInt8>) {
    let bytes = Array(bytes)
    guard let office = ReplicaID(rawValue: bytes[..<4].reduce(0) { $0 << 8 | UInt32($1) }),
      let replica = ReplicaID(rawValue: bytes[4..<8].reduce(0) { $0 << 8 | UInt32($1) }),
      let hash = Digest(Array(bytes[16...]))
    else { return nil }
    let seq = bytes[8..<16].reduce(0) { $0 << 8 | UInt64($1) }
    self.init(office: office, head: Head(replica: replica, seq: seq, hash: hash))
  }
}

/// What a hub whose master key was lost keeps until its offices have secrets by a new one.
extension Store {
  /// The first life of the hub with the present master key; nil where it is the street's first key.
  package func keySince() throws(StoreError) -> UInt32? {
    try number(.keySince).map { UInt32(clamping: $0) }
  }

  /// Keeps that a new master key began with a life: no seal of an office by the former one proves anything
  /// any more; inside ``write(_:)``.
  package func beginKey(with life: UInt32) throws(StoreError) {
    try set(.keySince, Int64(life))
    try clear(.renewals)
    try StoreError.wrap { () throws(SQLiteFailure) in
      try connection.execute("DELETE FROM seal")
    }
  }

  /// The code with a hash, or nil.
  package func renewal(_ codeHash: Digest) throws(StoreError) -> RenewalCode? {
    try renewals().first { $0.codeHash == codeHash }
  }

  /// Keeps a code, or who used it; an earlier one of the same office ends; inside ``write(_:)``.
  package func keep(_ renewal: RenewalCode) throws(StoreError) {
    let kept = try renewals().filter { $0.replica != renewal.replica } + [renewal]
    try set(.renewals, kept.flatMap(\.bytes))
  }

  private func renewals() throws(StoreError) -> [RenewalCode] {
    let bytes = try setting(.renewals) ?? []
    let size = RenewalCode.byteCount
    return stride(from: 0, to: bytes.count - size + 1, by: size).compactMap { start in
      RenewalCode(bytes[start..<start + size])
    }
  }

  /// The newest heads that offices showed of former hubs' logs, which no seal proves.
  package func shownHeads() throws(StoreError) -> [ShownHead] {
    let bytes = try setting(.shown) ?? []
    let size = ShownHead.byteCount
    return stride(from: 0, to: bytes.count - size + 1, by: size).compactMap { start in
      ShownHead(bytes[start..<start + size])
    }
  }

  /// Keeps what an office shows, in place of what it showed before; inside ``write(_:)``.
  package func setShown(
    _ heads: [Head], by office: ReplicaID
  ) throws(StoreError) {
    let others = try shownHeads().filter { $0.office != office }
    let all = others + heads.map { ShownHead(office: office, head: $0) }
    var bytes: [UInt8] = []
    for shown in all {
      bytes.appendBigEndian(shown.office.rawValue)
      bytes += shown.head.bytes
    }
    try set(.shown, bytes)
  }
}
