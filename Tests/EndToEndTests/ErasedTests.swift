import Foundation
import Testing

/// What was erased stays erased, whatever copy of the hub's database comes back.
@Suite struct ErasedTests {
  @Test("a hub that comes back from an older backup shows nobody who was erased since")
  func fromBackup() async throws {
    let scene = try await Scene()
    try await scene.erase()
    await scene.street.hub.end(SIGKILL)
    try scene.loseDatabase()
    #expect(try await scene.street.hub("recover", "--from", scene.backup).exit == 0)
    try await scene.expectNobody()

    // An office that has not heard of it brings the file again.
    let unheard = scene.offices[1]
    #expect(try await unheard.run("show", "resident", scene.resident).out.contains(Scene.name))
    let port = try #require(scene.street.url.split(separator: ":").last)
    let hub = try RunningProcess(
      ["hub", "serve", "--data", scene.folder, "--listen", "127.0.0.1:\(port)"])
    #expect(await hub.line() == "listening \(scene.street.url)")
    for office in scene.offices[1...] {
      #expect(try await office.run("office", "sync", "--attempts", "1").exit == 0)
    }
    let staff = scene.offices[1...].map(\.staff).joined(separator: ",")
    #expect(try await scene.street.hub("succeed", "--by", staff, "--yes").exit == 0)
    for office in scene.offices[1...] {
      #expect(try await office.run("office", "sync", "--attempts", "1").exit == 0)
    }
    try await scene.expectNobody()
    await hub.end(SIGTERM)
  }

  @Test("of a backup that is older than 30 days no file of a person comes back")
  func oldBackup() async throws {
    let scene = try await Scene()
    await scene.street.hub.end(SIGKILL)
    try scene.loseDatabase()
    let month = ["LINLI_CLOCK_OFFSET": "\(31 * 86_400)"]
    let recovered = try await ProcessKit.run(
      ["hub", "recover", "--from", scene.backup, "--data", scene.folder], environment: month)
    #expect(recovered.exit == 0, "\(recovered.err)")
    #expect(recovered.err.contains("older than 30 days"))
    try await scene.expectNobody()
  }

  /// A street with a resident of whom the hub's backup holds the file.
  private struct Scene {
    static let name = "欧阳独一"

    let street: TestStreet
    let offices: [TestOffice]
    let resident: String
    let backup: String
    var folder: String { street.folder.path("hub") }

    init() async throws {
      street = try await TestStreet()
      var offices: [TestOffice] = []
      for name in ["王敏", "李强", "赵磊"] { offices.append(try await street.office(name)) }
      self.offices = offices
      resident = try await offices[0].record("resident.register", "name=\(Self.name)")
      for office in offices { try await office.sync() }
      backup = street.folder.path("monday.backup")
      #expect(try await street.hub("backup", backup).exit == 0)
    }

    /// The street erases the resident's file; the first office alone hears of it.
    func erase() async throws {
      let request = try await offices[0].record(
        "resident.erase", "resident=\(resident)", "basis=own_wish")
      try await offices[0].sync()
      let two = offices[1...].map(\.staff).joined(separator: ",")
      let decided = try await street.hub("desk", "decide", request, "approve", "--by", two)
      #expect(decided.exit == 0, "\(decided.err)")
      try await offices[0].sync()
    }

    func loseDatabase() throws {
      for end in ["", "-wal", "-shm"] {
        try? FileManager.default.removeItem(atPath: folder + "/hub.db" + end)
      }
    }

    /// Neither a command nor a byte of a file in the hub's folder shows the resident's name.
    func expectNobody() async throws {
      let shown = try await ProcessKit.run(["show", "resident", resident, "--data", folder])
      #expect(!shown.out.contains(Self.name), "\(shown.out)")
      for file in try FileManager.default.contentsOfDirectory(atPath: folder) {
        let bytes = try Data(contentsOf: URL(fileURLWithPath: folder + "/" + file))
        #expect(bytes.range(of: Data(Self.name.utf8)) == nil, "\(file)")
      }
    }
  }
}
