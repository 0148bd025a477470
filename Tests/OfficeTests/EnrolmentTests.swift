import Foundation
import HTTPClient
import Office
import Testing

@Suite struct EnrolmentTests {
  @Test("a folder that is an office already is refused before the code is spent")
  func enrolledFolder() async throws {
    let hub = try ExampleHub()
    defer { hub.stop() }
    let line = try HTTPTransport(hub: hub.address)
    let folder = hub.folder + "/office"
    _ = try await OfficeReplica.enrol(
      folder: folder, hub: hub.address, code: hub.code, through: line)
    let failure = await #expect(throws: OfficeFailure.self) {
      try await OfficeReplica.enrol(
        folder: folder, hub: hub.address, code: hub.secondCode, through: line)
    }
    #expect(failure?.code == .refused)
    _ = try await OfficeReplica.enrol(
      folder: hub.folder + "/second", hub: hub.address, code: hub.secondCode, through: line)
  }

  @Test("what holds secrets is readable by its owner only, whatever lay there before")
  func modes() async throws {
    let hub = try ExampleHub()
    defer { hub.stop() }
    let files = FileManager.default
    let secret = hub.folder + "/secret"
    for path in [secret, secret + ".new"] {
      #expect(files.createFile(atPath: path, contents: nil, attributes: [.posixPermissions: 0o666]))
    }
    #expect(SmallFile.write("x", to: secret))
    #expect(try mode(of: secret) == 0o600)
    let folder = hub.folder + "/office"
    try files.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let draft = folder + "/office.db.new"
    #expect(files.createFile(atPath: draft, contents: nil, attributes: [.posixPermissions: 0o666]))
    let office = try await OfficeReplica.enrol(
      folder: folder, hub: hub.address, code: hub.code,
      through: HTTPTransport(hub: hub.address))
    _ = try await office.rows(of: "residents")
    for file in try files.contentsOfDirectory(atPath: folder) {
      #expect(try mode(of: folder + "/" + file) == 0o600, "\(file)")
    }
  }

  private func mode(of path: String) throws -> Int {
    let attributes = try FileManager.default.attributesOfItem(atPath: path)
    return try #require(attributes[.posixPermissions] as? Int)
  }
}
