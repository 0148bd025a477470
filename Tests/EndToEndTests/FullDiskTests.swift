import Foundation
import Testing

/// Disks that refuse: nothing is lost, staff hear what to do, and work goes on once the cause is gone.
@Suite("A disk that refuses") struct FullDiskTests {
  @Test(
    "a full disk at an office: the record is refused, reading goes on, and then recording",
    .enabled(if: SmallDisk.isThere, "a small disk takes root to mount"))
  func officeFull() async throws {
    let street = try await TestStreet()
    let disk = try SmallDisk(at: street.folder.path("王敏"))
    let office = try await street.office("王敏")
    let first = try await office.record("resident.register", "name=刘小娥")
    try disk.fill()
    let words = ["record", "resident.register", "name=王芳", "--as", office.staff]
    for (language, told) in [
      ("en", ["the disk is full: nothing was recorded", "free some disk space and try again"]),
      ("zh", ["磁盘已满，没有记录", "清理磁盘后再试"]),
    ] {
      let refused = try await ProcessKit.run(
        words + ["--data", office.data, "--lang", language])
      #expect(refused.exit == 5)
      for line in told { #expect(refused.err.contains(line), "\(refused.err)") }
    }
    let shown = try await office.run("show", "residents")
    #expect(shown.exit == 0)
    #expect(shown.out.contains(first) && !shown.out.contains("王芳"), "\(shown.out)")
    #expect(try await office.run("office", "sync", "--attempts", "1").exit == 5)

    disk.free()
    #expect(try await office.record("resident.register", "name=王芳") == "4097-2")
    try await office.sync()
    #expect(try await office.run("office", "verify").exit == 0)
  }

  @Test(
    "a full disk at the hub: offices go on, are told, and bring all once there is space",
    .enabled(if: SmallDisk.isThere, "a small disk takes root to mount"))
  func hubFull() async throws {
    let street = try await TestStreet()
    let office = try await street.office("王敏")
    await street.hub.end(SIGTERM)
    let disk = try SmallDisk(at: street.folder.path("disk"))
    let data = disk.path + "/hub"
    try FileManager.default.copyItem(atPath: street.folder.path("hub"), toPath: data)
    let (hub, url) = try await RunningProcess.hub(data: data)
    try disk.fill()
    try await office.record("resident.register", "name=刘小娥")
    let refused = try await office.run("office", "sync", "--hub", url, "--attempts", "1")
    #expect(refused.exit == 4)
    #expect(
      refused.err.contains("Go on working here, and tell the administrator"), "\(refused.err)")
    try await office.record("resident.register", "name=王芳")

    disk.free()
    let synced = try await office.run("office", "sync", "--hub", url, "--json")
    #expect(try synced.object()["pushed"] as? Int == 2)
    #expect(try synced.object()["digest_equal"] as? Bool == true)
    #expect(try await ProcessKit.run(["hub", "verify", "--data", data]).exit == 0)
    await hub.end(SIGTERM)
  }

  @Test("an I/O error: what was acknowledged is there, the rest is not, and a retry brings it once")
  func ioError() async throws {
    let street = try await TestStreet()
    let office = try await street.office("王敏")
    let names = (1...8).map { "居民\($0)" }
    let lines = names.enumerated().map { index, name in
      #"{"kind":"resident.register","fields":{"name":"\#(name)"},"on":"2026-01-05","#
        + #""key":"4097.AAAAAAAAAAAAAAA\#(index)"}"#
    }
    let record = ["record", "--json", "-", "--as", office.staff, "--data", office.data]
    let cut = try await ProcessKit.run(
      record, input: lines.joined(separator: "\n"), fileMax: 48)
    #expect(cut.exit == 5, "\(cut.out)\(cut.err)")
    #expect(cut.out.contains("the database file could not be read or written"), "\(cut.out)")
    #expect(cut.out.contains("try again; if it stays, check the disk"))
    let told = try cut.objects().compactMap { $0["op"] as? String }
    #expect(told.count < lines.count)
    let again = try await ProcessKit.run(record, input: lines.joined(separator: "\n"))
    #expect(again.exit == 0, "\(again.out)\(again.err)")
    let ops = try again.objects().compactMap { $0["op"] as? String }
    #expect(ops.prefix(told.count) == told[...])
    #expect(ops == (1...8).map { "4097-\($0)" })

    await street.hub.end(SIGTERM)
    let data = street.folder.path("hub")
    let (sick, sickURL) = try await RunningProcess.hub(data: data, fileMax: 48)
    let refused = try await office.run("office", "sync", "--hub", sickURL, "--attempts", "1")
    #expect(refused.exit == 4, "\(refused.out)\(refused.err)")
    await sick.end(SIGTERM)
    let (hub, url) = try await RunningProcess.hub(data: data)
    let synced = try await office.run("office", "sync", "--hub", url, "--json")
    #expect(try synced.object()["digest_equal"] as? Bool == true, "\(synced.out)")
    let held = try await ProcessKit.run(["show", "residents", "--data", data])
    for name in names { #expect(held.out.contains(name), "\(held.out)") }
    #expect(try await street.hub("verify").exit == 0)
    #expect(try await office.run("office", "verify").exit == 0)
    await hub.end(SIGTERM)
  }
}
