import CSQLite

/// A disk in memory that fails as real ones do, for SQLite databases: a VFS under a name of its own.
///
/// Files are opened with ``Connection/init(path:mode:busyTimeoutMilliseconds:on:)``. What is written
/// can be read at once and is durable after a sync. Everything follows from the calls: no clock, no
/// chance of its own. Used by one thread at a time.
package final class FaultyDisk {
  /// The VFS's name.
  let name: String
  /// How many calls of the set kinds came since ``fault`` was set.
  package private(set) var callCount = 0
  /// Whether ``fault`` has happened.
  package private(set) var hasFired = false
  /// Whether the machine runs; after a power cut every call fails until ``restorePower(keeping:)``.
  package private(set) var hasPower = true
  /// What is to go wrong; nil for a disk that works.
  package var fault: DiskFault? {
    didSet {
      callCount = 0
      hasFired = false
    }
  }

  private(set) var start = 0
  var files: [String: DiskFile]
  /// Files whose deletion is not durable yet: the next sync of any file makes it so, as the journal of
  /// ext4 does.
  private(set) var deleted: [String: DiskFile] = [:]
  /// New names that are not durable yet, in the same sense.
  var renamed: [Renaming] = []
  private let vfs = UnsafeMutablePointer<sqlite3_vfs>.allocate(capacity: 1)
  private let methods = UnsafeMutablePointer<sqlite3_io_methods>.allocate(capacity: 1)
  private let cName: UnsafeMutablePointer<CChar>

  /// An empty disk.
  package convenience init() { self.init(files: [:]) }

  /// A disk that holds these files, all of them durable.
  package convenience init(holding contents: [String: [UInt8]]) {
    self.init(files: contents.mapValues { DiskFile(durable: $0) })
  }

  private init(files: [String: DiskFile]) {
    // Before the VFS is registered, which starts the library.
    _ = Connection.hasConfiguredLibrary
    self.files = files
    name = "linli-disk-" + String(UInt(bitPattern: vfs), radix: 16)
    let characters = name.utf8CString
    cName = .allocate(capacity: characters.count)
    for (index, character) in characters.enumerated() { cName[index] = character }
    methods.initialize(to: DiskMethods.ofFile)
    vfs.initialize(
      to: DiskMethods.ofDisk(name: cName, disk: Unmanaged.passUnretained(self).toOpaque()))
    precondition(sqlite3_vfs_register(vfs, 0) == SQLITE_OK, "SQLite takes no more disks")
  }

  deinit {
    sqlite3_vfs_unregister(vfs)
    vfs.deallocate()
    methods.deallocate()
    cName.deallocate()
  }

  /// A disk with the same files, as another process finds them after those of this one were killed.
  package func copy() -> FaultyDisk {
    let copy = FaultyDisk(files: files.mapValues { $0.copy() })
    copy.deleted = deleted.mapValues { $0.copy() }
    copy.renamed = renamed
    return copy
  }

  /// What a reader finds in each file.
  package var contents: [String: [UInt8]] { files.mapValues(\.content) }

  /// Whether nobody has a file open, so that nobody holds a lock either.
  package var isClosed: Bool {
    (Array(files.values) + deleted.values).allSatisfy(\.handles.isEmpty)
  }

  /// The paths of all files, in order.
  package var paths: [String] { files.keys.sorted() }

  /// Takes the power away; what was not synced is lost.
  package func cutPower() { hasPower = false }

  /// Starts the machine again after a power cut, without the fault.
  ///
  /// - Parameter keeps: Decides for each sector that was not synced whether it reached the disk all the
  ///   same; asked file by file, in the order of their names, and from front to back.
  package func restorePower(keeping keeps: (UnsyncedSector) -> Bool) {
    precondition(!hasPower, "caller bug: there was no power cut")
    var kept: [String: DiskFile] = [:]
    for renaming in renamed.reversed() {
      files[renaming.from] = files.removeValue(forKey: renaming.to)
    }
    for (path, file) in deleted where files[path] == nil { files[path] = file }
    for path in paths {
      guard let file = files[path] else { continue }
      let content = file.afterPowerCut(path, keeps: keeps)
      // A file that was never synced may be in no folder.
      if file.isDurable || !content.isEmpty { kept[path] = DiskFile(durable: content) }
    }
    files = kept
    syncNames()
    start += 1
    hasPower = true
    fault = nil
  }

  /// Takes a file away for good, as its owner does with `unlink` and `fsync` of the folder.
  package func remove(_ path: String) { files[path] = nil }

  // MARK: What SQLite asks for

  /// What goes wrong with a call that is about to be done; nil when it works.
  func effect(on call: DiskCall) -> DiskFault.Effect? {
    guard hasPower else { return .powerCut }
    guard let fault else { return nil }
    if fault.calls.contains(call) { callCount += 1 }
    if fault.effect == .full, !fault.isFullOnce, callCount >= fault.number {
      hasFired = true
      return call == .write || call == .open || call == .map ? .full : nil
    }
    guard fault.calls.contains(call), callCount == fault.number else { return nil }
    hasFired = true
    if fault.effect == .powerCut { hasPower = false }
    return fault.effect
  }

  /// Opens or makes a file; nil when there is none and none is to be made.
  func open(_ path: String?, makes: Bool) -> DiskHandle? {
    let file: DiskFile
    if let path {
      guard let found = files[path] ?? (makes ? DiskFile() : nil) else { return nil }
      file = found
      files[path] = file
    } else {
      file = DiskFile()
    }
    let handle = DiskHandle(self, file, path: path, start: start)
    file.handles.append(handle)
    return handle
  }

  func close(_ handle: DiskHandle) {
    handle.unmap()
    handle.file.handles.removeAll { $0 === handle }
  }

  /// The method table of open files.
  var fileMethods: UnsafePointer<sqlite3_io_methods> { UnsafePointer(methods) }

  func contains(_ path: String) -> Bool { files[path] != nil }

  func isEmpty(_ path: String) -> Bool { files[path]?.content.isEmpty ?? true }

  func sync(_ file: DiskFile) {
    file.sync()
    syncNames()
  }

  /// Makes durable which files there are and what they are called.
  func syncNames() {
    deleted.removeAll()
    renamed.removeAll()
  }

  func delete(_ path: String, isDurable: Bool) -> Bool {
    guard let file = files.removeValue(forKey: path) else { return false }
    deleted[path] = isDurable ? nil : file
    return true
  }
}
