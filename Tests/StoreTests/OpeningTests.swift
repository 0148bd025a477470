import Community
import Foundation
import OpLog
import SQLite
import Store
import Testing

/// Opening a file that needs no change takes no lock, and nothing is ever overwritten.
@Suite struct OpeningTests {
  @Test("opens and reads while another process writes; only recording has to wait")
  func busyWriter() throws {
    try withFile { path in
      let logs = try Street.afterABusyDay().logs()
      let first = try Street.makeStore(4096, path: path)
      try first.write { () throws(StoreError) in for log in logs { try first.take(log) } }
      try first.connection.begin()
      let second = try Store(
        try Connection(path: path, mode: .readWrite, busyTimeoutMilliseconds: 0))
      #expect(try second.verify().findings.isEmpty)
      #expect(try second.listing(of: "residents").rows.count == 2)
      let failure = #expect(throws: StoreError.self) {
        try second.write { () throws(StoreError) in try second.set(.wholeSeq, 1) }
      }
      #expect(failure?.isBusy == true)
      try first.connection.rollback()
      try second.write { () throws(StoreError) in try second.set(.wholeSeq, 1) }
    }
  }

  @Test("opens and reads a file that cannot be written")
  func readOnly() throws {
    try withFile { path in
      let logs = try Street.afterABusyDay().logs()
      let writer = try Street.makeStore(4096, path: path)
      try writer.write { () throws(StoreError) in for log in logs { try writer.take(log) } }
      let reader = try Store(try Connection(path: path, mode: .readOnly))
      #expect(try reader.verify().findings.isEmpty)
      #expect(try reader.tablesDigest() == writer.tablesDigest())
      let failure = #expect(throws: StoreError.self) {
        try reader.write { () throws(StoreError) in try reader.set(.wholeSeq, 1) }
      }
      guard case .database(let refused)? = failure else {
        Issue.record("no failure of the database")
        return
      }
      #expect(refused.isReadOnly)
    }
  }

  @Test("a file that holds a replica is never made another's")
  func secondIdentity() throws {
    try withFile { path in
      let own = try Street.makeStore(4097, path: path)
      #expect(throws: StoreError.self) { try Street.makeStore(4098, path: path) }
      #expect(try Store(path: path, mode: .readWrite).identity == own.identity)
    }
  }

  @Test("what another process wrote since is no finding")
  func staleMemory() throws {
    try withFile { path in
      let logs = try Street.afterABusyDay().logs()
      let first = try Street.makeStore(5000, path: path)
      try first.write { () throws(StoreError) in try first.take(Array(logs[0][..<6])) }
      let second = try Store(path: path, mode: .readWrite)
      try second.write { () throws(StoreError) in try second.take(logs[0]) }
      #expect(try first.verify().findings.isEmpty)
    }
  }

  @Test("a rebuild compares the tables before and after")
  func comparison() throws {
    let street = try Street.afterABusyDay()
    let sound = try street.hub.rebuildAndCompare()
    #expect(sound.before == sound.after)
    #expect(sound.ops == (try street.logs().reduce(0) { $0 + $1.count }))
    try street.hub.connection.execute("UPDATE resident SET registered_on = 0")
    let edited = try street.hub.rebuildAndCompare()
    #expect(edited.before != edited.after)
    #expect(edited.after == sound.after)
  }

  private func withFile(_ body: (String) throws -> Void) throws {
    let folder = try FileManager.default.url(
      for: .itemReplacementDirectory, in: .userDomainMask,
      appropriateFor: FileManager.default.temporaryDirectory, create: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try body(folder.appending(component: "office.db").path(percentEncoded: false))
  }
}
