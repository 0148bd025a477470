import Community
import Hub
import Office
import OpLog
import SQLite
import Store
import Wire

/// What a store does, each with its files before it.
extension CrashOperation {
  /// All operations, on a street of their own.
  ///
  /// - Parameter databases: Offices' databases as shipped versions left them, by what each is called in the
  ///   table: opening one brings it up to date.
  /// - Returns: Each with its files.
  /// - Throws: ``Violation`` when the street cannot be made.
  package static func all(
    databases: [String: [UInt8]] = [:]
  ) throws(Violation) -> [CrashOperation] {
    try must("make a street") {
      let street = try CrashStreet()
      return try recording(street) + syncing(street) + [beginning(street)] + rejoining(street)
        + keeping(street)
        + recovering(street) + restoring(street) + [retiring(street)] + renewing(street)
        + databases.sorted { $0.key < $1.key }.map { migrating($0.value, called: $0.key) }
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
      let hub = try CrashStreet.core(try process.peerStore(), street.key)
      try CrashStreet.sync(try OfficeCore(try process.running()), hub)
    }
    whole.peer = street.hub
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
    let process = CrashProcess(dirty, peer: nil)
    let held = try OfficeCore(try process.running())
    for form in ["a", "b", "c"] {
      try street.record(
        "item.define", ["name": form, "sort": "goods", "points": "1"], at: held, form: form)
    }
    // The files of a process that was killed: a part of the data is in the WAL.
    let killed = dirty.copy()
    var open = office("open", street, killed) { _ = try $0.running() }
    open.isOpen = false
    let resident = street.residents[0].packed
    return [
      office("rebuild", street, killed) { _ = try $0.running().rebuildAndCompare() },
      open,
      office("checkpoint", street, killed) { process in
        try process.running().finish()
        process.store = nil
      },
      office("close", street, killed) { process in
        _ = try process.running()
        process.store = nil
      },
      try backup(street),
      hub("rebuild-hub", street) { _ = try $0.running().rebuildAndCompare() },
      hub("erase", street) { process in
        let store = try process.running()
        try store.write { () throws(StoreError) in try store.eraseBodies(of: resident) }
      },
    ]
  }

  private static func backup(_ street: CrashStreet) throws -> CrashOperation {
    let path = "backup.db"
    var backup = hub("backup", street) { process in
      process.disk.remove(path)
      try process.running().backUp(to: path, now: CrashStreet.now)
    }
    let whole = try CrashImage(try CrashStreet.store(on: street.hub.copy()))
    backup.inspect = { process, isDone in
      // A backup that was promised is there, even if the power goes now; and no half of one ever is.
      let later = process.disk.copy()
      later.cutPower()
      later.restorePower { _ in false }
      guard isDone || later.paths.contains(path) else { return }
      _ = try Store.restore(path: path, now: CrashStreet.now, on: later)
      let copy = try Store(path: path, mode: .readWrite, on: later)
      guard try CrashImage(copy).equals(whole) else {
        throw Violation("I4", "the backup is not what was to be kept")
      }
    }
    return backup
  }

  private static func rejoining(_ street: CrashStreet) throws -> [CrashOperation] {
    let copied = try street.copied()
    var rejoin = office("rejoin", street, copied.office) { process in
      let hub = try CrashStreet.core(try process.peerStore(), street.key)
      var office = try OfficeCore(try process.running())
      if try office.stop == .copied {
        try office.begin(as: copied.enrolment, hubAddress: "http://hub")
        office = try OfficeCore(office.store)
      }
      try CrashStreet.sync(office, hub)
    } next: { store in
      try store.write { () throws(StoreError) in try store.set(.clockOffset, 0) }
      let office = try OfficeCore(store)
      // Before it has rejoined it records nothing.
      if try office.stop == nil { try defineItem(street, at: office) }
    }
    rejoin.peer = copied.hub
    rejoin.isAtomic = false
    return [rejoin]
  }

  /// A hub's next life: its beginning on what is left, its roll-call on an empty disk, and the end of it.
  private static func recovering(_ street: CrashStreet) throws -> [CrashOperation] {
    let key = street.nextKey()
    // Before its roll-call has ended it decides nothing.
    let next: (Store) throws -> Void = { store in
      try store.write { () throws(StoreError) in
        try store.noteCaller(street.enrolments[1].replica)
      }
    }
    let recover = CrashOperation(
      name: "recover", disk: street.hub,
      act: { process in
        let store = try process.running()
        guard store.identity.incarnation != key.incarnation else { return }
        try HubAdmin.begin(key, in: store, now: CrashStreet.now)
      }, next: next)
    var rollCall = CrashOperation(
      name: "roll-call", disk: try street.emptyHub(key),
      act: { process in
        let hub = try CrashStreet.core(try process.running(), key)
        try CrashStreet.meet(try OfficeCore(try process.peerStore()), hub)
      }, next: next)
    rollCall.peer = street.offices[0]
    rollCall.isAtomic = false
    let succeed = CrashOperation(
      name: "succeed", disk: try street.calledHub(key),
      act: { process in
        let store = try process.running()
        guard try store.read({ () throws(StoreError) in try store.isRollCallOpen }) else { return }
        _ = try HubAdmin.succeed(by: street.staff, in: store, now: CrashStreet.now)
      }, next: next)
    return [recover, rollCall, succeed]
  }

  /// A new master key: what two offices showed is adopted, and an office gets its secret and gives up what
  /// it alone knows.
  private static func renewing(_ street: CrashStreet) throws -> [CrashOperation] {
    let lost = try street.lostKey()
    let adopt = CrashOperation(
      name: "adopt", disk: lost.shown,
      act: { process in
        let store = try process.running()
        guard try store.read({ () throws(StoreError) in try HubAdmin.adoption(of: store) }) != nil
        else { return }
        _ = try HubAdmin.adopt(by: street.staff, in: store, now: CrashStreet.now)
      },
      next: { store in
        try store.write { () throws(StoreError) in
          try store.noteCaller(street.enrolments[1].replica)
        }
      })
    var renew = office("renew", street, lost.office) { process in
      let hub = try CrashStreet.core(try process.peerStore(), lost.key)
      var office = try OfficeCore(try process.running())
      if try office.store.number(.renewed) == nil,
        try office.store.newestIncarnation != lost.key.incarnation
      {
        try office.renew(lost.renewal, hubAddress: nil)
        office = try OfficeCore(office.store)
      }
      try CrashStreet.meet(office, hub)
    }
    renew.peer = lost.ended
    renew.isAtomic = false
    return [adopt, renew]
  }

  static func office(
    _ name: String, _ street: CrashStreet, _ disk: FaultyDisk,
    _ act: @escaping (CrashProcess) throws -> Void, next: ((Store) throws -> Void)? = nil
  ) -> CrashOperation {
    CrashOperation(
      name: name, disk: disk, act: act,
      next: next ?? { store in try defineItem(street, at: try OfficeCore(store)) })
  }

  static func defineItem(_ street: CrashStreet, at office: OfficeCore) throws {
    try street.record(
      "item.define", ["name": "面", "sort": "goods", "points": "1"], at: office, form: "next")
  }

  static func hub(
    _ name: String, _ street: CrashStreet, on disk: FaultyDisk? = nil,
    _ act: @escaping (CrashProcess) throws -> Void
  ) -> CrashOperation {
    CrashOperation(name: name, disk: disk ?? street.hub, act: act) { store in
      let invitation = OfficeInvitation(community: "和平社区", label: "站", staff: [], policy: [:])
      _ = try HubAdmin.invite(
        invitation, codeHash: .zero, to: store, now: CrashStreet.now)
    }
  }
}
