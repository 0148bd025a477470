import Foundation
import Hub
import Office
import Store
import Testing
import Wire

/// What offices give a rebuilt hub is not what a third one brought of itself.
@Suite struct GivenForkTests {
  @Test(
    "a PC that was set back and calls first does not stop the office that gives its true log",
    arguments: [false, true])
  func setBack(isBegunAgain: Bool) throws {
    let scene = try ThreeOffices()
    let street = scene.street
    let folder = FileManager.default.temporaryDirectory
    let path = folder.path + "/linli-test-\(UUID().uuidString)"
    defer {
      for end in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + end) }
    }
    try scene.offices[2].store.copy(to: path)
    try scene.award(62)
    for office in scene.offices.reversed() { try street.sync(office) }
    let old = try OfficeCore(Store(path: path, mode: .readWrite))
    try street.record(
      "resident.register", ["name": "陈大勇"], at: old, by: scene.staff[0])
    try street.wipeHub()
    try street.meet(old)
    let office = scene.offices[0]
    try street.meet(office)
    #expect(try office.stop == nil)
    if isBegunAgain {
      // On nothing once more, and now the others call first.
      try street.wipeHub()
      try scene.meet()
      try street.succeed(by: scene.staff)
      try scene.meet()
      try scene.expectAgreement()
      #expect(throws: OfficeError.self) { try street.meet(old) }
    }
    try street.record("resident.register", ["name": "刘强"], at: office, by: scene.staff[0])
  }
}
