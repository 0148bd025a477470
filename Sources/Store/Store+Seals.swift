import OpLog
import SQLite

/// A head with the seals that were made over it.
package struct SealedHead: Equatable, Sendable {
  /// The head.
  package let head: Head
  /// The seal between an office and the hub.
  package let seal: Digest
  /// The hub's seal for later incarnations; nil for an office's head.
  package let successorSeal: Digest?

  /// Makes a sealed head.
  package init(head: Head, seal: Digest, successorSeal: Digest?) {
    self.head = head
    self.seal = seal
    self.successorSeal = successorSeal
  }
}

/// The newest seal of each log, kept to be shown later.
extension Store {
  /// Keeps the newest sealed head of a log; inside ``write(_:)``.
  package func keep(_ sealed: SealedHead) throws(StoreError) {
    try StoreError.wrap { () throws(SQLiteFailure) in
      let replace = try connection.prepare("REPLACE INTO seal VALUES(?1, ?2, ?3, ?4, ?5)")
      replace.bind(1, Int64(sealed.head.replica.rawValue))
      replace.bind(2, Int64(sealed.head.seq))
      replace.bind(3, sealed.head.hash.bytes)
      replace.bind(4, sealed.seal.bytes)
      if let seal = sealed.successorSeal {
        replace.bind(5, seal.bytes)
      } else {
        replace.bindNull(5)
      }
      try replace.run()
    }
  }

  /// Seals the hubs' heads that an office keeps with its new secret, where they were right by its former
  /// one; inside ``write(_:)``.
  ///
  /// What stands behind them, the hub's seal for its successors, is needed as long as a hub may ask for
  /// that log, and the former secret is gone.
  package func reseal(from former: [UInt8], to secret: [UInt8]) throws(StoreError) {
    for sealed in try sealedHeads() {
      guard let successor = sealed.successorSeal,
        Seal.ofHub(secret: former, sealed.head, successorSeal: successor)
          .isEqualInConstantTime(to: sealed.seal)
      else { continue }
      let seal = Seal.ofHub(secret: secret, sealed.head, successorSeal: successor)
      try keep(SealedHead(head: sealed.head, seal: seal, successorSeal: successor))
    }
  }

  /// Every sealed head kept, ascending by replica.
  package func sealedHeads() throws(StoreError) -> [SealedHead] {
    try StoreError.wrap { () throws(SQLiteFailure) in
      let select = try connection.prepare("SELECT * FROM seal ORDER BY replica")
      var found: [SealedHead] = []
      while try select.step() {
        guard let replica = ReplicaID(rawValue: UInt32(select.integer(0))),
          let hash = Digest(select.bytes(2)), let seal = Digest(select.bytes(3))
        else { continue }
        let head = Head(replica: replica, seq: UInt64(select.integer(1)), hash: hash)
        let successor = select.optionalBytes(4).flatMap { Digest($0) }
        found.append(SealedHead(head: head, seal: seal, successorSeal: successor))
      }
      return found
    }
  }
}
