import Conformance
import Hub
import Office
import OpLog
import Peer
import SQLite
import Store
import Testing

/// What the documents show of the rarer calls, as it goes over the line.
extension CorePlayer {
  /// Loses all of the hub but its key, and lets an office give it back what it had.
  ///
  /// - Returns: The messages of the roll-call.
  func rollCall(at place: String) throws -> [String] {
    try loseHub()
    let office = try office(place)
    let (sync, push) = try office.syncRequest(maxBytes: 64 << 10)
    #expect(throws: OfficeError.self) { _ = try office.take(self.send(push), to: sync, now: 0) }
    var messages: [String] = []
    var isDone = false
    while !isDone {
      let (request, message) = try office.rollCallRequest(maxBytes: 64 << 10)
      let answer = send(message)
      messages += [message.body, answer.body].map { String(decoding: $0, as: UTF8.self) }
      isDone = try office.take(answer, to: request)
    }
    return messages
  }

  /// Loses all of the hub, and gets an office its secret by the new key.
  ///
  /// - Returns: The messages of the renewal.
  func renewal(at place: String) throws -> [String] {
    let office = try office(place)
    let code = "8H3T-0QZD-5VNA"
    try loseKey(handing: code, to: office.replica)
    let nonce = Array(SHA256.hash(Array("nonce".utf8)).bytes.prefix(16))
    let message = try office.renewRequest(code: code, nonce: nonce)
    let answer = send(message)
    try office.renew(answer, hubAddress: nil)
    return [message.body, answer.body].map { String(decoding: $0, as: UTF8.self) }
  }

  /// Spoils a row of an office's table, and lets it look for what differs.
  ///
  /// - Returns: The messages of the search.
  func search(afterSpoiling sql: String, at place: String) throws -> [String] {
    let office = try office(place)
    try sync(place)
    try office.store.connection.execute(sql)
    let damaged = try office.store.damagedPartitions()
    for partition in damaged {
      let total = try office.store.sum(of: RowRange(partition))
      try office.store.connection.execute(
        """
        UPDATE digest SET lane_a = \(Int64(bitPattern: total.sum.a)),
         lane_b = \(Int64(bitPattern: total.sum.b))
         WHERE tbl = \(partition.table) AND replica = \(partition.replica)
        """)
    }
    // A transaction that fails drops what is kept in memory.
    try? office.store.write { () throws(StoreError) in throw .notInitialised }
    let (sync, push) = try office.syncRequest(maxBytes: 64 << 10)
    let exchange = try office.take(send(push), to: sync, now: Scenario.start)
    #expect(exchange.comparison == .different)
    var messages: [String] = []
    while let (request, message) = try office.digestsRequest(now: Scenario.start) {
      let answer = send(message)
      messages += [message.body, answer.body].map { String(decoding: $0, as: UTF8.self) }
      #expect(try office.take(answer, to: request) != .moved)
    }
    return messages
  }
}
