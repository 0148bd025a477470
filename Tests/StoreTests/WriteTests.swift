import Community
import Foundation
import OpLog
import SQLite
import Store
import Testing

@Suite struct WriteTests {
  @Test("a refused commit leaves nothing, in the file or in memory")
  func refusedCommit() throws {
    let street = try Street.afterABusyDay()
    let store = street.offices[0]
    let before = try store.tablesDigest()
    let head = try store.storedHead(of: store.identity.replica)
    let draft = try street.draft("resident.register", [:])
    store.connection.onCommit = { false }
    #expect(throws: StoreError.self) {
      try store.write { () throws(StoreError) in _ = try store.append(draft, stamp: street.now) }
    }
    store.connection.onCommit = nil
    #expect(try store.tablesDigest() == before)
    #expect(try store.storedHead(of: store.identity.replica) == head)
    let id = try street.record(store, "resident.register")
    #expect(id.seq == head.seq + 1)
    #expect(try store.verify().findings.isEmpty)
    #expect(try store.stateDigestIsThatOfRows())
  }

  @Test("an error inside a write takes back what came before it")
  func errorInside() throws {
    let street = try Street.afterABusyDay()
    let store = street.offices[1]
    let before = try store.tablesDigest()
    let good = try street.draft("resident.register", [:])
    let bad = try street.draft("stock.receive", ["quantity": .integer(1)])
    #expect(throws: StoreError.payload(.missing(field: "item"))) {
      try store.write { () throws(StoreError) in
        _ = try store.append(good, stamp: street.now)
        _ = try store.append(bad, stamp: street.now)
      }
    }
    #expect(try store.tablesDigest() == before)
    #expect(try store.stateDigestIsThatOfRows())
  }

  @Test("what another connection wrote is seen by the next write")
  func secondConnection() throws {
    let folder = try FileManager.default.url(
      for: .itemReplacementDirectory, in: .userDomainMask,
      appropriateFor: FileManager.default.temporaryDirectory, create: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appending(component: "office.db").path(percentEncoded: false)
    let logs = try Street.afterABusyDay().logs()
    let first = try Street.makeStore(5000, path: path)
    try first.write { () throws(StoreError) in try first.take(logs[0]) }
    let second = try Store(try Connection(path: path, mode: .readWrite))
    try second.write { () throws(StoreError) in try second.take(logs[1]) }
    try first.write { () throws(StoreError) in try first.take(logs[2]) }
    let whole = try Street.makeStore(5000)
    try whole.write { () throws(StoreError) in for log in logs { try whole.take(log) } }
    #expect(try first.tablesDigest() == whole.tablesDigest())
    let replica = try #require(logs[2].first).id.replica
    #expect(
      try second.read { () throws(StoreError) in try second.storedHead(of: replica) }.seq
        == UInt64(logs[2].count))
    #expect(try first.stateDigestIsThatOfRows())
  }

  @Test("a file that holds no replica is not opened")
  func notInitialised() throws {
    #expect(throws: StoreError.notInitialised) {
      try Store(try Connection(path: ":memory:", mode: .readWriteCreate))
    }
  }

  @Test("a file of a newer version is not opened")
  func newerSchema() throws {
    let connection = try Connection(path: ":memory:", mode: .readWriteCreate)
    try connection.execute("PRAGMA user_version=99")
    #expect(throws: StoreError.newerSchema(version: 99)) { try Store(connection) }
  }
}

extension Store {
  /// Whether the digest that is kept up to date is that of the rows.
  fileprivate func stateDigestIsThatOfRows() throws -> Bool {
    let kept = try write { () throws(StoreError) in try stateDigest() }
    return kept.value == (try NaiveDigest.value(of: self))
  }
}
