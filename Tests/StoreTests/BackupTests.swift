import Foundation
import OpLog
import Store
import Testing

/// A backup is whole, marked, and private, or it is not there.
@Suite struct BackupTests {
  @Test("only its owner can read a backup, and no hub goes on with it")
  func privateAndMarked() throws {
    let folder = try Folder()
    let store = try Store.create(path: ":memory:", Folder.hub)
    let file = folder.path("monday.backup")
    // What an interrupted try left.
    try Data("half".utf8).write(to: URL(fileURLWithPath: file + ".part"))
    try store.backUp(to: file, now: 1)
    let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions]
    #expect(mode as? Int == 0o600)
    #expect(try folder.files() == ["monday.backup"])
    #expect(throws: StoreError.isBackup) { _ = try Store(path: file, mode: .readWrite) }
  }

  @Test("a backup replaces no file, and one that fails leaves nothing")
  func fails() throws {
    let folder = try Folder()
    let store = try Store.create(path: ":memory:", Folder.hub)
    let file = folder.path("monday.backup")
    try Data("kept".utf8).write(to: URL(fileURLWithPath: file))
    #expect(throws: StoreError.self) { try store.backUp(to: file, now: 1) }
    #expect(try String(contentsOfFile: file, encoding: .utf8) == "kept")
    #expect(try folder.files() == ["monday.backup"])
    #expect(throws: StoreError.self) { try store.backUp(to: folder.path("no/b"), now: 1) }
  }

  /// A folder that goes with the test.
  private final class Folder {
    static let hub: StoreIdentity = {
      guard let street = StreetID([UInt8](repeating: 7, count: 16)),
        let life = Incarnation(number: 1, randomBits: 9)
      else { preconditionFailure("the parts are well-formed") }
      return StoreIdentity(street: street, incarnation: life, replica: life.hub)
    }()

    private let root = FileManager.default.temporaryDirectory
      .appending(path: "linli-backup-\(UUID().uuidString)")

    init() throws {
      try FileManager.default.createDirectory(at: root, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: root) }

    func path(_ name: String) -> String { root.appending(path: name).path }

    func files() throws -> [String] {
      try FileManager.default.contentsOfDirectory(atPath: root.path)
    }
  }
}
