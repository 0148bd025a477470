import Community
import Hub
import Office
import OpLog
import SQLite
import Store

/// What a store does, each with its files before it.
extension CrashOperation {
  /// All operations, on a street of their own.
  ///
  /// - Throws: ``Violation`` when the street cannot be made.
  package static func all() throws(Violation) -> [CrashOperation] {
    try must("make a street") {
      let street = try CrashStreet()
      return try recording(street) + syncing(street) + keeping(street)
    }
  }

  private static func recording(_ street: CrashStreet) throws -> [CrashOperation] {
    let (disk, resident) = (street.offices[0], street.residents[0].description)
    let item = street.item?.description ?? ""
    return [
      office("record", street, disk) { process in
        try street.record(
          "redemption.record", ["resident": resident, "items": "\(item)*1"],
          at: try OfficeCore(try process.running()), form: "x")
      },
      office("register", street, disk) { process in
        try street.record(
          "resident.register", ["name": "新来的"], at: try OfficeCore(try process.running()),
          form: "x")
      },
    ]
  }

  private static func syncing(_ street: CrashStreet) throws -> [CrashOperation] {
    let office = try CrashStreet.office(on: street.offices[0].copy())
    let (request, message) = try office.syncRequest(maxBytes: 100_000)
    let hub = try CrashStreet.core(try CrashStreet.store(on: street.hub.copy()), street.key)
    let answer = try CrashStreet.ask(message, hub)
    // What stands behind the transaction are questions whose answers only help the next exchange.
    var apply = Self.office("apply", street, street.offices[0]) { process in
      let office = try OfficeCore(try process.running())
      _ = try office.take(answer, to: request, now: CrashStreet.now)
    }
    apply.failsWhole = false
    var push = Self.hub("push", street) { process in
      let hub = try CrashStreet.core(try process.running(), street.key)
      _ = try CrashStreet.ask(message, hub)
    }
    push.failsWhole = false
    var whole = Self.office("sync", street, street.offices[0]) { process in
      guard let disk = process.hub else { preconditionFailure("this operation has a hub") }
      let hub = try CrashStreet.core(try CrashStreet.store(on: disk), street.key)
      try CrashStreet.sync(try OfficeCore(try process.running()), hub)
    }
    whole.hub = street.hub
    whole.isAtomic = false
    var enrol = Self.office("enrol", street, FaultyDisk()) { process in
      process.store = nil
      for suffix in ["", "-wal", "-journal"] { process.disk.remove(CrashProcess.path + suffix) }
      try CrashStreet.enrol(street.enrolments[0], on: process.disk)
    } next: { store in
      try store.write { () throws(StoreError) in try store.set(.wholeSeq, 0) }
    }
    enrol.isOpen = false
    return [
      apply, push, whole, enrol,
    ]
  }

  private static func keeping(_ street: CrashStreet) throws -> [CrashOperation] {
    let dirty = street.offices[1].copy()
    let process = CrashProcess(dirty, hub: nil)
    let held = try OfficeCore(try process.running())
    for form in ["a", "b", "c"] {
      try street.record(
        "item.define", ["name": form, "sort": "goods", "points": "1"], at: held, form: form)
    }
    // The files of a process that was killed: a part of the data is in the WAL.
    let killed = dirty.copy()
    var open = office("open", street, killed) { _ = try $0.running() }
    open.isOpen = false
    var migrate = office("migrate", street, try old(killed)) { _ = try $0.running() }
    migrate.isOpen = false
    migrate.isReadable = false
    var backup = office("backup", street, killed) { process in
      for path in ["backup.db", "backup.db-journal"] { process.disk.remove(path) }
      try process.running().connection.vacuum(into: "backup.db")
    }
    backup.inspect = { process in
      // A backup that was promised is there, even if the power goes now.
      let later = process.disk.copy()
      later.cutPower()
      later.restorePower { _ in false }
      let report = try Store(path: "backup.db", mode: .readWrite, on: later).verify()
      if let finding = report.findings.first { throw Violation("I4", "the backup: \(finding)") }
    }
    let resident = street.residents[0].packed
    return [
      office("rebuild", street, killed) { _ = try $0.running().rebuildAndCompare() },
      migrate, open,
      office("checkpoint", street, killed) { process in
        try process.running().finish()
        process.store = nil
      },
      office("close", street, killed) { process in
        _ = try process.running()
        process.store = nil
      },
      backup,
      hub("erase", street) { process in
        let store = try process.running()
        try store.write { () throws(StoreError) in try store.eraseBodies(of: resident) }
      },
    ]
  }

  /// A database as version 1 of its schema left it, by taking away what the later ones add.
  private static func old(_ disk: FaultyDisk) throws -> FaultyDisk {
    let old = disk.copy()
    let connection = try Connection(path: CrashProcess.path, mode: .readWrite, on: old)
    try connection.execute(
      """
      DROP TABLE former_op; DROP TABLE difference; DROP TABLE incarnation; DROP TABLE pin;
      DROP TABLE tombstone;
      DROP INDEX body_unsent; ALTER TABLE body DROP COLUMN op; DROP TABLE parked_ref;
      DROP VIEW residents; PRAGMA user_version=1; PRAGMA wal_checkpoint(TRUNCATE)
      """)
    connection.close()
    return old
  }

  private static func office(
    _ name: String, _ street: CrashStreet, _ disk: FaultyDisk,
    _ act: @escaping (CrashProcess) throws -> Void, next: ((Store) throws -> Void)? = nil
  ) -> CrashOperation {
    CrashOperation(
      name: name, disk: disk, act: act,
      next: next
        ?? { store in
          try street.record(
            "item.define", ["name": "面", "sort": "goods", "points": "1"],
            at: try OfficeCore(store), form: "next")
        })
  }

  private static func hub(
    _ name: String, _ street: CrashStreet, _ act: @escaping (CrashProcess) throws -> Void
  ) -> CrashOperation {
    CrashOperation(name: name, disk: street.hub, act: act) { store in
      let invitation = OfficeInvitation(community: "和平社区", label: "站", staff: [], policy: [:])
      _ = try HubAdmin.invite(
        invitation, codeHash: .zero, to: store, now: CrashStreet.now)
    }
  }
}
