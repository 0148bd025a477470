import Foundation
import SQLite
import Testing

/// Tables that somebody changed with another program, with real processes and files.
@Suite struct DifferenceTests {
  @Test("a row changed with sqlite3 is found, named at office and hub, and mended by a rebuild")
  func changedRow() async throws {
    let street = try await TestStreet()
    let office = try await street.office("王敏")
    let resident = try await office.record("resident.register", "name=刘小娥")
    let activity = try await office.record(
      "activity.publish", "title=扫雪", "category=labour", "points=9", "held_on=2026-01-05", "--on",
      "2026-01-05")
    for session in 1...3 {
      try await office.record(
        "award.grant", "activity=\(activity)", "resident=\(resident)", "session=\(session)",
        "--on", "2026-01-05")
    }
    try await office.sync()
    try change("UPDATE award SET points = 90 WHERE session = 2", in: office.data + "/office.db")

    let verified = try await office.run("office", "verify")
    #expect(verified.exit == 1)
    #expect(verified.out.contains("table award"))
    #expect(verified.out.contains("linli office rebuild"))
    let synced = try await office.run("office", "sync", "--attempts", "1")
    #expect(synced.exit == 1, "\(synced.out)\(synced.err)")
    #expect(synced.err.contains("linli office status"))
    for shown in [try await office.run("office", "status"), try await street.hub("status")] {
      #expect(
        shown.out.contains("row \(activity),\(resident),2,0,0 of table award"), "\(shown.out)")
      #expect(shown.out.contains("linli office rebuild"))
    }
    let told = try await office.run("office", "status", "--json").object()["differences"]
    #expect((told as? [[String: Any]])?.compactMap { $0["table"] as? String } == ["award"])

    let rebuilt = try await office.run("office", "rebuild")
    #expect(rebuilt.exit == 1)
    try await office.sync()
    for shown in [try await office.run("office", "status"), try await street.hub("status")] {
      #expect(!shown.out.contains("table award"), "\(shown.out)")
    }
    #expect(try await office.run("office", "verify").exit == 0)
  }

  @Test("a backup of an office is whole, and no office")
  func officeBackup() async throws {
    let street = try await TestStreet()
    let office = try await street.office("王敏")
    let resident = try await office.record("resident.register", "name=刘小娥")
    try await office.sync()
    let file = street.folder.path("office.backup")
    #expect(try await office.run("office", "backup", file).exit == 0)
    #expect(try await office.run("office", "backup", file).exit == 3)
    let copy = try Connection(path: file, mode: .readWrite)
    let seq = try #require(resident.split(separator: "-").last.flatMap { Int64($0) })
    #expect(try copy.scalar("SELECT seq FROM log WHERE replica = 4097") == seq)
    #expect(
      try copy.scalar(
        "SELECT count(*) FROM meta WHERE key IN ('replica', 'secret', 'token')") == 0)
    copy.close()
    let other = street.folder.path("other")
    try FileManager.default.copyItem(atPath: office.data, toPath: other)
    for end in ["-wal", "-shm"] {
      try? FileManager.default.removeItem(atPath: other + "/office.db" + end)
    }
    try FileManager.default.removeItem(atPath: other + "/office.db")
    try FileManager.default.copyItem(atPath: file, toPath: other + "/office.db")
    let opened = TestOffice(data: other, staff: office.staff)
    let shown = try await opened.run("office", "status")
    #expect(shown.exit == 5)
    #expect(shown.err.contains("this is a backup"), "\(shown.err)")
  }

  private func change(_ sql: String, in file: String) throws {
    let connection = try Connection(path: file, mode: .readWrite)
    try connection.execute(sql)
    connection.close()
  }
}
