import CSQLite

/// One open file: which disk and file it is, and the locks that it holds.
final class DiskHandle {
  let disk: FaultyDisk
  let file: DiskFile
  let path: String?
  /// Which start of the machine opened it; a handle of an earlier one is dead.
  let start: Int
  /// `SQLITE_LOCK_NONE` to `SQLITE_LOCK_EXCLUSIVE`.
  private(set) var level: Int32 = SQLITE_LOCK_NONE
  /// The slots of the WAL index that are locked here, a bit each.
  private var sharedSlots: UInt32 = 0
  private var exclusiveSlots: UInt32 = 0
  private var mapsShared = false

  init(_ disk: FaultyDisk, _ file: DiskFile, path: String?, start: Int) {
    self.disk = disk
    self.file = file
    self.path = path
    self.start = start
  }

  private var others: some Sequence<DiskHandle> { file.handles.lazy.filter { $0 !== self } }

  /// Takes a lock on the whole file (https://sqlite.org/lockingv3.html §3).
  func lock(_ wanted: Int32) -> Int32 {
    guard level < wanted else { return SQLITE_OK }
    let highest = others.map(\.level).max() ?? SQLITE_LOCK_NONE
    switch wanted {
    case SQLITE_LOCK_SHARED:
      guard highest < SQLITE_LOCK_PENDING else { return SQLITE_BUSY }
    case SQLITE_LOCK_RESERVED:
      guard highest < SQLITE_LOCK_RESERVED else { return SQLITE_BUSY }
    default:
      guard highest < SQLITE_LOCK_PENDING else { return SQLITE_BUSY }
      level = SQLITE_LOCK_PENDING
      guard highest == SQLITE_LOCK_NONE else { return SQLITE_BUSY }
    }
    level = wanted
    return SQLITE_OK
  }

  func unlock(to level: Int32) { self.level = min(self.level, level) }

  /// Whether anybody prepares to write the file.
  var isReserved: Bool { file.handles.contains { $0.level >= SQLITE_LOCK_RESERVED } }

  /// Gives the address of a region of the shared memory; nil when there is none and none is wanted.
  func map(_ region: Int, bytes: Int, extends: Bool) -> UnsafeMutableRawPointer? {
    mapsShared = true
    while extends, file.shared.count <= region {
      let made = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 16)
      made.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
      file.shared.append(made)
    }
    return region < file.shared.count ? file.shared[region] : nil
  }

  /// Takes or releases locks on slots of the shared memory.
  func lockSlots(_ first: Int32, _ count: Int32, flags: Int32) -> Int32 {
    let slots: UInt32 = ((1 << UInt32(count)) - 1) << UInt32(first)
    if flags & SQLITE_SHM_UNLOCK != 0 {
      sharedSlots &= ~slots
      exclusiveSlots &= ~slots
      return SQLITE_OK
    }
    let isExclusive = flags & SQLITE_SHM_EXCLUSIVE != 0
    for other in others {
      let taken = other.exclusiveSlots | (isExclusive ? other.sharedSlots : 0)
      guard taken & slots == 0 else { return SQLITE_BUSY }
    }
    if isExclusive { exclusiveSlots |= slots } else { sharedSlots |= slots }
    return SQLITE_OK
  }

  /// Leaves the shared memory; the last one takes it away, as the next one to come would clear it.
  func unmap() {
    mapsShared = false
    sharedSlots = 0
    exclusiveSlots = 0
    if !file.handles.contains(where: \.mapsShared) { file.freeShared() }
  }
}
