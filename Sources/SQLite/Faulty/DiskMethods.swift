import CSQLite

/// The functions through which SQLite uses a ``FaultyDisk`` (https://sqlite.org/vfs.html).
enum DiskMethods {
  /// SQLite's extended codes of I/O errors, which Swift cannot import.
  private enum Failure {
    static let read = SQLITE_IOERR | (1 << 8)
    static let shortRead = SQLITE_IOERR | (2 << 8)
    static let write = SQLITE_IOERR | (3 << 8)
    static let sync = SQLITE_IOERR | (4 << 8)
    static let truncate = SQLITE_IOERR | (6 << 8)
    static let size = SQLITE_IOERR | (7 << 8)
    static let delete = SQLITE_IOERR | (10 << 8)
    static let deleteMissing = SQLITE_IOERR | (23 << 8)
    static let access = SQLITE_IOERR | (13 << 8)
    static let lock = SQLITE_IOERR | (15 << 8)
    static let mapSize = SQLITE_IOERR | (19 << 8)
  }

  /// What SQLite allocates for an open file.
  private struct OpenFile {
    var base: sqlite3_file
    var handle: Unmanaged<DiskHandle>?
  }

  private typealias File = UnsafeMutablePointer<sqlite3_file>?
  private typealias VFS = UnsafeMutablePointer<sqlite3_vfs>?

  private static func opened(_ file: File) -> UnsafeMutablePointer<OpenFile>? {
    file.map { UnsafeMutableRawPointer($0).assumingMemoryBound(to: OpenFile.self) }
  }

  /// The handle of an open file; nil for one that an earlier start of the machine opened.
  private static func live(_ file: File) -> DiskHandle? {
    guard let handle = opened(file)?.pointee.handle?.takeUnretainedValue(),
      handle.disk.hasPower, handle.start == handle.disk.start
    else { return nil }
    return handle
  }

  private static func disk(_ vfs: VFS) -> FaultyDisk? {
    guard let data = vfs?.pointee.pAppData else { return nil }
    return Unmanaged<FaultyDisk>.fromOpaque(data).takeUnretainedValue()
  }
}

extension DiskMethods {
  /// The functions of a disk.
  static func ofDisk(
    name: UnsafePointer<CChar>, disk: UnsafeMutableRawPointer
  ) -> sqlite3_vfs {
    var vfs = sqlite3_vfs()
    vfs.iVersion = 2
    vfs.szOsFile = Int32(MemoryLayout<OpenFile>.size)
    vfs.mxPathname = 512
    vfs.zName = name
    vfs.pAppData = disk
    vfs.xOpen = { DiskMethods.open($0, $1, $2, $3, $4) }
    vfs.xDelete = { DiskMethods.delete($0, $1, isSynced: $2 != 0) }
    vfs.xAccess = { DiskMethods.access($0, $1, $2, $3) }
    vfs.xFullPathname = { _, path, capacity, out in
      guard let path, let out else { return SQLITE_CANTOPEN }
      DiskMethods.copy(path, out, Int(capacity))
      return SQLITE_OK
    }
    vfs.xRandomness = { _, count, out in
      for index in 0..<Int(count) { out?[index] = CChar(truncatingIfNeeded: index &* 89) }
      return count
    }
    vfs.xSleep = { _, microseconds in microseconds }
    vfs.xCurrentTimeInt64 = { _, time in
      // 2026-01-01 12:00 UTC in ms of the Julian day.
      time?.pointee = 2_461_042 * 86_400_000
      return SQLITE_OK
    }
    return vfs
  }

  private static func copy(
    _ path: UnsafePointer<CChar>, _ out: UnsafeMutablePointer<CChar>, _ capacity: Int
  ) {
    var index = 0
    while index < capacity - 1, path[index] != 0 {
      out[index] = path[index]
      index += 1
    }
    out[index] = 0
  }

  private static func open(
    _ vfs: VFS, _ path: UnsafePointer<CChar>?, _ file: File, _ flags: Int32,
    _ outFlags: UnsafeMutablePointer<Int32>?
  ) -> Int32 {
    guard let disk = disk(vfs), let file, let opened = opened(file) else { return SQLITE_CANTOPEN }
    opened.initialize(to: OpenFile(base: sqlite3_file(pMethods: nil), handle: nil))
    guard disk.hasPower else { return SQLITE_CANTOPEN }
    let name = path.map { String(cString: $0) }
    let makes = flags & SQLITE_OPEN_CREATE != 0
    let isNew = name.map { !disk.contains($0) } ?? true
    switch disk.effect(on: .open) {
    case .error, .shortWrite: return SQLITE_CANTOPEN
    case .full where isNew: return SQLITE_CANTOPEN
    case .powerCut:
      _ = disk.open(name, makes: makes)
      return SQLITE_CANTOPEN
    default: break
    }
    guard let handle = disk.open(name, makes: makes || name == nil) else { return SQLITE_CANTOPEN }
    opened.pointee.handle = Unmanaged.passRetained(handle)
    opened.pointee.base.pMethods = disk.fileMethods
    outFlags?.pointee = flags
    return SQLITE_OK
  }

  private static func delete(
    _ vfs: VFS, _ path: UnsafePointer<CChar>?, isSynced: Bool
  ) -> Int32 {
    guard let disk = disk(vfs), let path, disk.hasPower else { return Failure.delete }
    let name = String(cString: path)
    switch disk.effect(on: .delete) {
    case nil: return disk.delete(name, isDurable: isSynced) ? SQLITE_OK : Failure.deleteMissing
    case .powerCut: _ = disk.delete(name, isDurable: false)
    default: break
    }
    return Failure.delete
  }

  private static func access(
    _ vfs: VFS, _ path: UnsafePointer<CChar>?, _ flags: Int32,
    _ result: UnsafeMutablePointer<Int32>?
  ) -> Int32 {
    guard let disk = disk(vfs), let path, disk.hasPower else { return Failure.access }
    let name = String(cString: path)
    // As on Linux, an empty file does not count as there: it holds no journal.
    let isThere = flags == SQLITE_ACCESS_EXISTS ? !disk.isEmpty(name) : disk.contains(name)
    result?.pointee = isThere ? 1 : 0
    return SQLITE_OK
  }
}

extension DiskMethods {
  /// The functions of an open file.
  static var ofFile: sqlite3_io_methods {
    var methods = sqlite3_io_methods()
    methods.iVersion = 2
    methods.xClose = { DiskMethods.close($0) }
    methods.xRead = { DiskMethods.read($0, $1, $2, $3) }
    methods.xWrite = { DiskMethods.write($0, $1, $2, $3) }
    methods.xTruncate = { DiskMethods.truncate($0, $1) }
    methods.xSync = { file, _ in DiskMethods.sync(file) }
    methods.xFileSize = { file, size in
      guard let handle = DiskMethods.live(file) else { return Failure.size }
      size?.pointee = Int64(handle.file.content.count)
      return SQLITE_OK
    }
    methods.xLock = { file, level in DiskMethods.live(file)?.lock(level) ?? Failure.lock }
    methods.xUnlock = { file, level in
      DiskMethods.live(file)?.unlock(to: level)
      return SQLITE_OK
    }
    methods.xCheckReservedLock = { file, result in
      guard let handle = DiskMethods.live(file) else { return Failure.lock }
      result?.pointee = handle.isReserved ? 1 : 0
      return SQLITE_OK
    }
    methods.xFileControl = { _, _, _ in SQLITE_NOTFOUND }
    methods.xSectorSize = { _ in 4_096 }
    methods.xDeviceCharacteristics = { _ in SQLITE_IOCAP_POWERSAFE_OVERWRITE }
    methods.xShmMap = { DiskMethods.map($0, $1, $2, $3, $4) }
    methods.xShmLock = { file, first, count, flags in
      DiskMethods.live(file)?.lockSlots(first, count, flags: flags) ?? Failure.lock
    }
    methods.xShmBarrier = { _ in }
    methods.xShmUnmap = { file, _ in
      DiskMethods.live(file)?.unmap()
      return SQLITE_OK
    }
    return methods
  }

  private static func close(_ file: File) -> Int32 {
    guard let opened = opened(file), let handle = opened.pointee.handle else { return SQLITE_OK }
    opened.pointee.handle = nil
    let held = handle.takeRetainedValue()
    held.disk.close(held)
    return SQLITE_OK
  }

  private static func read(
    _ file: File, _ out: UnsafeMutableRawPointer?, _ count: Int32, _ offset: Int64
  ) -> Int32 {
    guard let handle = live(file), let out else { return Failure.read }
    let effect = handle.disk.effect(on: .read)
    guard effect == nil else { return Failure.read }
    let content = handle.file.content
    let start = min(Int(offset), content.count)
    let end = min(Int(offset) + Int(count), content.count)
    let target = UnsafeMutableRawBufferPointer(start: out, count: Int(count))
    content.withUnsafeBytes {
      target.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[start..<end]))
    }
    guard end - start < Int(count) else { return SQLITE_OK }
    // The rest must be zeros (https://sqlite.org/c3ref/io_methods.html).
    for index in (end - start)..<Int(count) { target[index] = 0 }
    return Failure.shortRead
  }

  private static func write(
    _ file: File, _ bytes: UnsafeRawPointer?, _ count: Int32, _ offset: Int64
  ) -> Int32 {
    guard let handle = live(file), let bytes else { return Failure.write }
    let whole = UnsafeRawBufferPointer(start: bytes, count: Int(count))
    switch handle.disk.effect(on: .write) {
    case nil:
      handle.file.write(whole, at: Int(offset))
      return SQLITE_OK
    case .error: return Failure.write
    case .full: return SQLITE_FULL
    case .shortWrite:
      handle.file.write(
        UnsafeRawBufferPointer(rebasing: whole[..<(whole.count / 2)]), at: Int(offset))
      return Failure.write
    case .powerCut:
      handle.file.write(whole, at: Int(offset))
      return Failure.write
    }
  }

  private static func truncate(_ file: File, _ count: Int64) -> Int32 {
    guard let handle = live(file) else { return Failure.truncate }
    let effect = handle.disk.effect(on: .truncate)
    guard effect == nil || effect == .powerCut else { return Failure.truncate }
    handle.file.truncate(to: Int(count))
    return effect == nil ? SQLITE_OK : Failure.truncate
  }

  private static func sync(_ file: File) -> Int32 {
    guard let handle = live(file) else { return Failure.sync }
    switch handle.disk.effect(on: .sync) {
    case nil:
      handle.disk.sync(handle.file)
      return SQLITE_OK
    case .powerCut: break
    default: handle.file.failSync()
    }
    return Failure.sync
  }

  private static func map(
    _ file: File, _ region: Int32, _ bytes: Int32, _ extends: Int32,
    _ out: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
  ) -> Int32 {
    guard let handle = live(file) else { return Failure.mapSize }
    let isNew =
      extends != 0 && max(handle.file.shared.count, handle.file.sharedLeft) <= Int(region)
    if isNew, handle.disk.effect(on: .map) != nil { return Failure.mapSize }
    out?.pointee = handle.map(Int(region), bytes: Int(bytes), extends: extends != 0)
    return SQLITE_OK
  }
}
