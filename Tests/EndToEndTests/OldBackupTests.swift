import Foundation
import Testing

/// Somebody puts an old copy of an office's database back.
@Suite("An old copy of an office") struct OldBackupTests {
  @Test("the mark beside it stops it before it records anything, and it goes on under a new id")
  func marked() async throws {
    let street = try await TestStreet()
    let office = try await street.office("王敏")
    try await office.record("resident.register", "name=刘小娥")
    try await office.sync()
    let copy = street.folder.path("copy.db")
    try FileManager.default.copyItem(atPath: office.data + "/office.db", toPath: copy)
    let sent = try await office.record("resident.register", "name=王芳")
    try await office.sync()
    let unsent = try await office.record("resident.register", "name=赵强")
    #expect(sent == "4097-2" && unsent == "4097-3")
    try putBack(copy, at: office)

    let refused = try await office.run(
      "record", "resident.register", "name=钱多", "--as", office.staff)
    #expect(refused.exit == 3)
    #expect(refused.err.contains("this data is an old copy"), "\(refused.err)")
    #expect(refused.err.contains("linli office rejoin"), "\(refused.err)")
    let chinese = try await office.run(
      "record", "resident.register", "name=钱多", "--as", office.staff, "--lang", "zh")
    #expect(chinese.err.contains("这份数据是旧的备份，不能再登记"), "\(chinese.err)")
    #expect(try await office.run("office", "status").out.contains("this data is an old copy"))
    #expect(try await office.run("show", "residents").out.contains("刘小娥"))

    let code = try await street.invite(staff: "王敏").code
    let done = try await office.run("office", "rejoin", "--code", code, "--yes", "--json")
    try #require(done.exit == 0, "\(done.out)\(done.err)")
    #expect(try await office.record("resident.register", "name=钱多") == "4098-1")
    try await office.sync()
    let shown = try await office.run("show", "residents")
    #expect(shown.out.contains("王芳") && shown.out.contains("钱多"), "\(shown.out)")
    try putBack(copy, at: office)
    #expect(try await office.run("office", "status").out.contains("this data is an old copy"))
  }

  @Test("one that agrees with the hub is stopped too: numbers that were printed stay taken")
  func unsent() async throws {
    let street = try await TestStreet()
    let office = try await street.office("王敏")
    try await office.record("resident.register", "name=刘小娥")
    try await office.sync()
    let copy = street.folder.path("copy.db")
    try FileManager.default.copyItem(atPath: office.data + "/office.db", toPath: copy)
    try await office.record("resident.register", "name=王芳")
    try putBack(copy, at: office)
    try await office.sync()
    let record = ["record", "resident.register", "name=赵强", "--as", office.staff]
    #expect(try await ProcessKit.run(record + ["--data", office.data]).exit == 3)

    // A copy without its mark is as good as a PC that is new: the hub has to tell.
    try FileManager.default.removeItem(atPath: office.data + "/office.mark")
    #expect(try await office.record("resident.register", "name=赵强") == "4097-2")
  }

  private func putBack(_ copy: String, at office: TestOffice) throws {
    let database = office.data + "/office.db"
    for end in ["", "-wal", "-shm"] {
      try? FileManager.default.removeItem(atPath: database + end)
    }
    try FileManager.default.copyItem(atPath: copy, toPath: database)
  }
}
