/// One file of a ``FaultyDisk``: its bytes, and what of them would be lost without power.
final class DiskFile {
  /// What a process leaves of a file when it is killed.
  struct State: Hashable {
    /// What a reader sees.
    fileprivate(set) var content: [UInt8] = []
    /// The bytes as they were before each change since the last sync, oldest first.
    fileprivate var undo: [OldBytes] = []
    /// Where bytes were written since the last sync.
    fileprivate var written: [Range<Int>] = []
    /// Sectors that a failed sync left behind, as the disk holds them; no sync writes them again.
    fileprivate var stale: [Int: [UInt8]] = [:]
    fileprivate var durableCount = 0
    /// Whether the file would be there without power.
    fileprivate(set) var isDurable = false
    /// How many regions of shared memory it left, so that there is room for them.
    fileprivate(set) var sharedLeft = 0

    // An array hashes byte by byte, which took a fifth of the time of all crash points.
    func hash(into hasher: inout Hasher) {
      content.withUnsafeBytes { hasher.combine(bytes: $0) }
      hasher.combine(undo)
      hasher.combine(written)
      hasher.combine(stale)
      hasher.combine(durableCount)
      hasher.combine(isDurable)
      hasher.combine(sharedLeft)
    }
  }

  /// What a change replaced.
  fileprivate struct OldBytes: Hashable {
    let offset: Int
    let bytes: [UInt8]

    func hash(into hasher: inout Hasher) {
      hasher.combine(offset)
      bytes.withUnsafeBytes { hasher.combine(bytes: $0) }
    }
  }

  private var now = State()
  /// The connections' handles on this file, for its locks.
  var handles: [DiskHandle] = []
  /// The memory that the connections to a WAL share.
  var shared: [UnsafeMutableRawPointer] = []

  init() {}

  /// A file whose bytes are durable.
  init(durable content: [UInt8]) {
    now.content = content
    now.durableCount = content.count
    now.isDurable = true
  }

  private init(_ state: State) { now = state }

  deinit { freeShared() }

  /// The file as another process finds it after this one was killed.
  func copy() -> DiskFile { DiskFile(left) }

  /// What the process leaves of it when it is killed.
  var left: State {
    var state = now
    state.sharedLeft = max(shared.count, now.sharedLeft)
    return state
  }

  /// What a reader sees.
  var content: [UInt8] { now.content }

  /// Whether the file would be there without power.
  var isDurable: Bool { now.isDurable }

  /// How many regions of shared memory a killed process left.
  var sharedLeft: Int { now.sharedLeft }

  func freeShared() {
    for region in shared { region.deallocate() }
    shared = []
  }

  func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) {
    let end = offset + bytes.count
    saveOld(offset..<end)
    now.written.append(offset..<end)
    if content.count < offset {
      now.content.append(contentsOf: repeatElement(0, count: offset - content.count))
    }
    let inside = min(end, content.count) - offset
    now.content.withUnsafeMutableBytes { held in
      held[offset..<offset + inside].copyBytes(from: bytes[..<inside])
    }
    now.content.append(contentsOf: bytes[inside...])
  }

  func truncate(to count: Int) {
    guard count < content.count else { return }
    saveOld(count..<content.count)
    now.content.removeSubrange(count...)
  }

  func sync() {
    for range in now.written where !now.stale.isEmpty {
      for sector in Self.sectors(range) { now.stale[sector] = nil }
    }
    now.undo.removeAll(keepingCapacity: true)
    now.written.removeAll(keepingCapacity: true)
    now.durableCount = content.count
    now.isDurable = true
  }

  func failSync() {
    let durable = durableContent()
    for range in now.written {
      for sector in Self.sectors(range) where now.stale[sector] == nil {
        now.stale[sector] = Self.sector(sector, of: durable)
      }
    }
  }

  /// What the disk holds after the power came back.
  func afterPowerCut(_ path: String, keeps: (UnsyncedSector) -> Bool) -> [UInt8] {
    var durable = durableContent()
    let sectors = Set(now.written.flatMap { Array(Self.sectors($0)) }).union(now.stale.keys)
      .sorted()
    for index in sectors {
      let sector = UnsyncedSector(path: path, index: index, isLast: index == sectors.last)
      guard keeps(sector) else { continue }
      let new = Self.sector(index, of: content)
      let start = index * UnsyncedSector.bytes
      if durable.count < start + new.count {
        let missing = start + new.count - durable.count
        durable.append(contentsOf: repeatElement(0, count: missing))
      }
      durable.replaceSubrange(start..<start + new.count, with: new)
    }
    return durable
  }

  /// The bytes as the last sync left them.
  private func durableContent() -> [UInt8] {
    var durable = content
    if durable.count < now.durableCount {
      durable.append(contentsOf: repeatElement(0, count: now.durableCount - durable.count))
    }
    for old in now.undo.reversed() {
      durable.replaceSubrange(old.offset..<old.offset + old.bytes.count, with: old.bytes)
    }
    durable.removeSubrange(now.durableCount...)
    for (sector, bytes) in now.stale {
      let start = sector * UnsyncedSector.bytes
      guard start < durable.count else { continue }
      let end = min(start + bytes.count, durable.count)
      durable.replaceSubrange(start..<end, with: bytes[..<(end - start)])
    }
    return durable
  }

  /// Keeps what a change is about to replace, as far as it is durable.
  private func saveOld(_ range: Range<Int>) {
    let end = min(range.upperBound, content.count, now.durableCount)
    guard range.lowerBound < end else { return }
    now.undo.append(
      OldBytes(offset: range.lowerBound, bytes: Array(content[range.lowerBound..<end])))
  }

  private static func sectors(_ range: Range<Int>) -> Range<Int> {
    guard !range.isEmpty else { return 0..<0 }
    let size = UnsyncedSector.bytes
    return range.lowerBound / size..<(range.upperBound - 1) / size + 1
  }

  private static func sector(_ index: Int, of bytes: [UInt8]) -> [UInt8] {
    let start = min(index * UnsyncedSector.bytes, bytes.count)
    return Array(bytes[start..<min(start + UnsyncedSector.bytes, bytes.count)])
  }
}
