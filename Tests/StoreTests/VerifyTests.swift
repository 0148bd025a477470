import OpLog
import SQLite
import Store
import Testing

@Suite struct VerifyTests {
  @Test("a sound database has no findings")
  func sound() throws {
    let street = try Street.afterABusyDay()
    for store in [street.hub] + street.offices {
      let report = try store.verify()
      #expect(report.findings.isEmpty)
      #expect(report.firstBadOp == nil)
      #expect(report.ops == (try street.logs().reduce(0) { $0 + $1.count }))
    }
  }

  @Test(
    "the first op with a changed byte is named",
    arguments: [
      "UPDATE log SET op = cast(substr(op, 1, 20) || x'00' || substr(op, 22) AS BLOB)",
      "UPDATE log SET op = substr(op, 1, length(op) - 1)",
      "UPDATE log SET hash = zeroblob(32)",
      "UPDATE log SET kind = kind + 1",
      "UPDATE log SET occurred_on = 0",
    ])
  func changedByte(change: String) throws {
    let store = try Street.afterABusyDay().hub
    try store.connection.execute(change + " WHERE replica = 4097 AND seq >= 4")
    let report = try store.verify()
    #expect(report.firstBadOp == OpID("4097-4"))
    #expect(!report.findings.isEmpty)
  }

  @Test("personal details that were changed in the file are named by their record")
  func changedDetails() throws {
    let store = try Street.afterABusyDay().offices[0]
    try store.connection.execute(
      "UPDATE body SET content = '{\"name\":\"坏人\"}' WHERE op = (SELECT min(op) FROM body)")
    let report = try store.verify()
    #expect(report.findings.count == 1)
    #expect(report.firstBadOp != nil)
  }

  @Test("an op that is gone is named")
  func missingOp() throws {
    let store = try Street.afterABusyDay().hub
    try store.connection.execute("DELETE FROM log WHERE replica = 4098 AND seq = 2")
    #expect(try store.verify().firstBadOp == OpID("4098-2"))
  }

  @Test("a log cut off at its end no longer fits its head")
  func cutOff() throws {
    let store = try Street.afterABusyDay().hub
    try store.connection.execute(
      "DELETE FROM log WHERE replica = 4098 AND seq = (SELECT max(seq) FROM log WHERE replica = 4098)"
    )
    #expect(try !store.verify().findings.isEmpty)
  }
}
