import OpLog

/// A working set as bytes, in columns (Protocol/checkpoint.md §4).
package enum CheckpointFile {
  /// The first byte.
  package static let version: UInt8 = 1

  /// How a column is written, in the low three bits of the byte before it.
  enum Form: UInt8 {
    /// Integers as one column.
    case integers
    /// Their upper and lower 32 bits, each as a column: ids.
    case halves
    case texts
    /// Texts that are lists of ids.
    case lists
  }

  /// In the byte before a column: not every row has a value.
  static let hasAbsent: UInt8 = 1 << 3
}

/// The limits of a checkpoint; checked when one is written and when one is read.
package enum CheckpointLimits {
  /// Bytes of the file: ten years of fifty offices need some 8 MiB.
  package static let bytesMax = 32 << 20
  /// Values of all rows; columns of equal values take no space, so this bounds what a small file unfolds
  /// to: 128 MiB.
  package static let cellsMax = 4_194_304
  /// Tables: more than a catalogue has.
  package static let tablesMax = 256
  /// Columns of a table: more than the widest has.
  package static let columnsMax = 64
  /// Rows of a table.
  package static let rowsMax = 1_048_576
}

/// What a part of a checkpoint takes.
package struct CheckpointPart: Sendable {
  /// The table's number; nil for what is no table.
  package let table: Int?
  /// The column's index; nil for what is no column.
  package let column: Int?
  /// What it is, where it is no column.
  package let name: String
  /// Its bytes.
  package let byteCount: Int
}

// checkpoint := version ‖ catalogue ‖ head ‖ ops ‖ received_at ‖ since ‖ lives ‖ tables
//               ‖ hashes ‖ segment ‖ check:u32be                       (Protocol/checkpoint.md)
extension CheckpointFile {
  /// Writes a working set.
  ///
  /// - Throws: ``SegmentError/tooMany`` beyond ``CheckpointLimits``.
  package static func encode(_ set: WorkingSet) throws(SegmentError) -> [UInt8] {
    try encodeInParts(set).bytes
  }

  /// Writes a working set, and says what each part of it takes.
  package static func encodeInParts(
    _ set: WorkingSet
  ) throws(SegmentError) -> (bytes: [UInt8], parts: [CheckpointPart]) {
    guard set.tables.count <= CheckpointLimits.tablesMax,
      set.tables.reduce(0, { $0 + $1.count * $1.columns.count }) <= CheckpointLimits.cellsMax,
      set.tables.allSatisfy({ $0.count <= CheckpointLimits.rowsMax })
    else { throw .tooMany }
    precondition(set.ops.count == set.hashes.count, "caller bug: a hash for each op")
    var writer = SegmentWriter()
    var parts: [CheckpointPart] = []
    var start = 0
    func note(_ name: String, table: Int? = nil, column: Int? = nil) {
      parts.append(
        CheckpointPart(
          table: table, column: column, name: name, byteCount: writer.bytes.count - start))
      start = writer.bytes.count
    }
    writer.byte(version)
    writer.varint(UInt64(set.catalogue))
    writer.raw(set.head.bytes)
    writer.varint(set.opCount)
    writer.varint(UInt64(set.receivedAt))
    writer.varint(UInt64(set.since))
    writer.varint(set.lives.count)
    for life in set.lives {
      writer.varint(UInt64(life.number))
      var random: [UInt8] = []
      random.appendBigEndian(life.randomBits)
      writer.raw(random)
    }
    writer.varint(set.tables.count)
    note("head")
    for table in set.tables {
      writer.varint(table.number)
      writer.varint(table.count)
      writer.varint(table.columns.count)
      note("table", table: table.number)
      for (index, column) in table.columns.enumerated() {
        writer.column(column)
        note("column", table: table.number, column: index)
      }
    }
    writer.varint(set.ops.count)
    if !set.ops.isEmpty { writer.halves(set.ops.map(\.id.packed)) }
    note("ids of ops")
    for hash in set.hashes { writer.raw(hash.bytes) }
    note("hashes of ops")
    let segment = try Segment.encode(set.ops, held: Self.held(set.ops.map(\.id), set.hashes))
    writer.varint(segment.count)
    writer.raw(segment)
    note("ops")
    let check = CRC32.of(writer.bytes)
    var bytes = writer.bytes
    bytes.appendBigEndian(check)
    guard bytes.count <= CheckpointLimits.bytesMax else { throw .tooMany }
    return (bytes, parts)
  }

  /// The hashes that both sides know when the ops are written and read.
  private static func held(_ ids: [OpID], _ hashes: [Digest]) -> (ReplicaID, UInt64) -> Digest? {
    let known = Dictionary(zip(ids, hashes)) { first, _ in first }
    return { replica, seq in OpID(replica, seq).flatMap { known[$0] } }
  }

  /// Reads a working set.
  ///
  /// - Throws: ``SegmentError`` for anything but one whole file within the limits.
  package static func decode(_ bytes: [UInt8]) throws(SegmentError) -> WorkingSet {
    guard bytes.count <= CheckpointLimits.bytesMax else { throw .tooMany }
    var reader = try SegmentReader(bytes, version: version)
    guard let catalogue = UInt32(exactly: try reader.varint()) else { throw .outOfRange }
    let head = try reader.hubHead()
    let opCount = try reader.varint()
    guard opCount <= UInt64(Int64.max) else { throw .outOfRange }
    let receivedAt = try reader.bounded(by: EnvelopeLimits.integerMax)
    let since = try reader.bounded(by: BusinessDate.range.upperBound)
    var lives: [Incarnation] = []
    for _ in 0..<(try reader.count(1...WireLimits.incarnationsMax)) {
      let life = try reader.life()
      if let last = lives.last, last.number >= life.number { throw .notCanonical }
      lives.append(life)
    }
    var tables: [TableRows] = []
    var cells = 0
    for _ in 0..<(try reader.count(0...CheckpointLimits.tablesMax)) {
      let table = try reader.table(&cells)
      if let last = tables.last, last.number >= table.number { throw .notCanonical }
      tables.append(table)
    }
    let count = try reader.count(0...SegmentLimits.opsMax)
    var ids: [OpID] = []
    for packed in count == 0 ? [] : try reader.halves(count) {
      guard let id = OpID(packed: packed) else { throw .outOfRange }
      if let last = ids.last, last >= id { throw .notCanonical }
      ids.append(id)
    }
    var hashes: [Digest] = []
    for _ in 0..<count {
      guard let hash = Digest(Array(try reader.raw(Digest.byteCount))) else { throw .truncated }
      hashes.append(hash)
    }
    let segment = Array(try reader.raw(try reader.count(0...reader.left)))
    try reader.finish()
    let ops = try Segment.decode(segment, held: held(ids, hashes))
    guard ops.map(\.id) == ids else { throw .notCanonical }
    return WorkingSet(
      catalogue: catalogue, head: head, opCount: opCount, receivedAt: receivedAt, since: since,
      lives: lives, tables: tables, ops: ops, hashes: hashes)
  }
}
