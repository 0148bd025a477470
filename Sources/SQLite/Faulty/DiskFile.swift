/// One file of a ``FaultyDisk``: its bytes, and what of them would be lost without power.
final class DiskFile {
  /// What a reader sees.
  private(set) var content: [UInt8] = []
  /// The bytes as they were before each change since the last sync, oldest first.
  private var undo: [(offset: Int, bytes: [UInt8])] = []
  /// Where bytes were written since the last sync.
  private var written: [Range<Int>] = []
  /// Sectors that a failed sync left behind, as the disk holds them; no sync writes them again.
  private var stale: [Int: [UInt8]] = [:]
  private var durableCount = 0
  /// Whether the file would be there without power.
  private(set) var isDurable = false
  /// The connections' handles on this file, for its locks.
  var handles: [DiskHandle] = []
  /// The memory that the connections to a WAL share.
  var shared: [UnsafeMutableRawPointer] = []
  /// How many regions of it a killed process left, so that there is room for them.
  private(set) var sharedLeft = 0

  init() {}

  /// A file whose bytes are durable.
  init(durable content: [UInt8]) {
    self.content = content
    durableCount = content.count
    isDurable = true
  }

  deinit { freeShared() }

  /// A file of the same bytes, as another process finds it after this one was killed.
  func copy() -> DiskFile {
    let copy = DiskFile()
    copy.content = content
    copy.undo = undo
    copy.written = written
    copy.stale = stale
    copy.durableCount = durableCount
    copy.isDurable = isDurable
    copy.sharedLeft = max(shared.count, sharedLeft)
    return copy
  }

  func freeShared() {
    for region in shared { region.deallocate() }
    shared = []
  }

  func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) {
    let end = offset + bytes.count
    saveOld(offset..<end)
    written.append(offset..<end)
    if content.count < offset {
      content.append(contentsOf: repeatElement(0, count: offset - content.count))
    }
    let inside = min(end, content.count) - offset
    content.withUnsafeMutableBytes { held in
      held[offset..<offset + inside].copyBytes(from: bytes[..<inside])
    }
    content.append(contentsOf: bytes[inside...])
  }

  func truncate(to count: Int) {
    guard count < content.count else { return }
    saveOld(count..<content.count)
    content.removeSubrange(count...)
  }

  func sync() {
    for range in written where !stale.isEmpty {
      for sector in Self.sectors(range) { stale[sector] = nil }
    }
    undo.removeAll(keepingCapacity: true)
    written.removeAll(keepingCapacity: true)
    durableCount = content.count
    isDurable = true
  }

  func failSync() {
    let durable = durableContent()
    for range in written {
      for sector in Self.sectors(range) where stale[sector] == nil {
        stale[sector] = Self.sector(sector, of: durable)
      }
    }
  }

  /// What the disk holds after the power came back.
  func afterPowerCut(_ path: String, keeps: (UnsyncedSector) -> Bool) -> [UInt8] {
    var durable = durableContent()
    let sectors = Set(written.flatMap { Array(Self.sectors($0)) }).union(stale.keys).sorted()
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
    if durable.count < durableCount {
      durable.append(contentsOf: repeatElement(0, count: durableCount - durable.count))
    }
    for old in undo.reversed() {
      durable.replaceSubrange(old.offset..<old.offset + old.bytes.count, with: old.bytes)
    }
    durable.removeSubrange(durableCount...)
    for (sector, bytes) in stale {
      let start = sector * UnsyncedSector.bytes
      guard start < durable.count else { continue }
      let end = min(start + bytes.count, durable.count)
      durable.replaceSubrange(start..<end, with: bytes[..<(end - start)])
    }
    return durable
  }

  /// Keeps what a change is about to replace, as far as it is durable.
  private func saveOld(_ range: Range<Int>) {
    let end = min(range.upperBound, content.count, durableCount)
    guard range.lowerBound < end else { return }
    undo.append((range.lowerBound, Array(content[range.lowerBound..<end])))
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
