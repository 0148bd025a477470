import Community
import Hub
import OpLog
import SQLite
import Store
import Wire

/// What a process finds on a disk and makes its own before it goes on: databases of shipped versions, and a
/// hub's backup.
extension CrashOperation {
  /// Opens an office's database as a shipped version left it.
  static func migrating(_ database: [UInt8], called name: String) -> CrashOperation {
    var migrate = CrashOperation(
      name: "migrate-\(name)", disk: FaultyDisk(holding: [CrashProcess.path: database]),
      act: { process in _ = try process.running() },
      next: { store in
        guard let item = Catalogue.kind(named: "item.define"), let day = BusinessDate(day: 20_466)
        else { preconditionFailure("the catalogue has goods") }
        let others = [PayloadValue?](repeating: nil, count: item.schema.fields.count - 3)
        let draft = Draft(
          kind: item, payload: Payload(values: [.text("面"), .integer(0), .integer(2)] + others),
          occurredOn: day)
        _ = try store.write { () throws(StoreError) in try store.append(draft, stamp: 1) }
      })
    migrate.isOpen = false
    migrate.isReadable = false
    return migrate
  }

  /// Makes a hub's backup a hub's database again: one of yesterday, and one so old that the files of
  /// persons are left out of it.
  static func restoring(_ street: CrashStreet) throws -> [CrashOperation] {
    let (hub, path) = (street.hub.copy(), "backup.db")
    try CrashStreet.store(on: hub).backUp(to: path, now: CrashStreet.now)
    guard let backup = hub.contents[path] else { preconditionFailure("the backup is there") }
    return try [("restore", 1), ("restore-old", 31)].map { name, days in
      try restoring(backup, name, street, after: days)
    }
  }

  private static func restoring(
    _ backup: [UInt8], _ name: String, _ street: CrashStreet, after days: Int64
  ) throws -> CrashOperation {
    let now = CrashStreet.now + days * 86_400_000
    func restore(_ process: CrashProcess) throws {
      process.store = nil
      _ = try Store.restore(path: CrashProcess.path, now: now, on: process.disk)
      _ = try process.running()
    }
    let disk = FaultyDisk(holding: [CrashProcess.path: backup])
    let done = CrashProcess(disk.copy(), peer: nil)
    try restore(done)
    let whole = try CrashImage(try done.running())
    let resident = street.residents[0]
    var operation = hub(name, street, on: disk, restore)
    operation.isOpen = false
    operation.isBackup = true
    operation.inspect = { process, isDone in
      do {
        let store = try CrashProcess(process.disk.copy(), peer: nil).running()
        guard try CrashImage(store).equals(whole) else {
          throw Violation("I4", "half of a backup is taken for a hub's database")
        }
        let file = try store.op(resident).body.flatMap { try store.body($0) }
        guard (file == nil) == (name == "restore-old") else {
          throw Violation("I12", "a file of a person is there, or is not, where it should not")
        }
      } catch StoreError.isBackup where !isDone {}
    }
    return operation
  }

  /// Gives what a lost PC held to another office.
  static func retiring(_ street: CrashStreet) -> CrashOperation {
    let (lost, heir) = (street.enrolments[0].replica, street.enrolments[1].replica)
    return hub("retire", street) { process in
      let store = try process.running()
      guard try store.read({ () throws(StoreError) in try !store.isRetired(lost) }) else { return }
      let retirement = Retirement(
        replica: lost, successor: heir, approvers: street.staff, reason: 0)
      _ = try HubAdmin.retire(retirement, in: store, now: CrashStreet.now)
    }
  }
}
