import OpLog

/// Columns of a checkpoint: those of a segment, with values that may be absent.
extension SegmentWriter {
  /// Writes a column in the shortest way.
  mutating func column(_ values: ColumnValues) {
    switch values {
    case .integers(let values):
      let given = values.compactMap { $0 }
      var (plain, split) = (SegmentWriter(), SegmentWriter())
      plain.integers(given)
      split.halves(given)
      let isSplit = split.bytes.count < plain.bytes.count
      begin(isSplit ? .halves : .integers, values.map { $0 != nil }, given.count)
      raw(isSplit ? split.bytes : plain.bytes)
    case .texts(let values):
      let given = values.compactMap { $0 }
      var plain = SegmentWriter()
      var strings = SegmentStrings()
      for text in given { strings.append(Array(text.utf8)[...]) }
      if !given.isEmpty { strings.write(to: &plain) }
      var lists: [UInt8]?
      if !given.isEmpty, let ids = Self.lists(given) {
        var writer = SegmentWriter()
        writer.integers(ids.map { Int64($0.count) })
        writer.halves(ids.flatMap { $0.map(\.packed) })
        lists = writer.bytes
      }
      let isList = lists.map { $0.count < plain.bytes.count } ?? false
      begin(isList ? .lists : .texts, values.map { $0 != nil }, given.count)
      raw(isList ? lists ?? [] : plain.bytes)
    }
  }

  private mutating func begin(_ form: CheckpointFile.Form, _ isGiven: [Bool], _ count: Int) {
    guard count < isGiven.count else { return byte(form.rawValue) }
    byte(form.rawValue | CheckpointFile.hasAbsent)
    integers(isGiven.map { $0 ? 1 : 0 })
  }

  /// Integers in two columns: the upper 32 bits, and the lower; ids have a replica in one and a place in
  /// its log in the other.
  mutating func halves(_ values: [Int64]) {
    integers(values.map { $0 >> 32 })
    integers(values.map { $0 & 0xFFFF_FFFF })
  }

  /// Texts as lists of ids; nil unless all are, in the form in which they are written.
  private static func lists(_ texts: [String]) -> [[OpID]]? {
    var lists: [[OpID]] = []
    for text in texts {
      var ids: [OpID] = []
      for part in text.split(separator: " ", omittingEmptySubsequences: false) {
        guard let id = OpID(part), part == id.description else { return nil }
        ids.append(id)
      }
      lists.append(ids)
    }
    return lists
  }
}

extension SegmentReader {
  /// Reads a table, and counts its cells against the limit before there is room made for them.
  mutating func table(_ cells: inout Int) throws(SegmentError) -> TableRows {
    let number = try count(1...Int(UInt16.max))
    let rows = try count(1...CheckpointLimits.rowsMax)
    let width = try count(1...CheckpointLimits.columnsMax)
    cells += rows * width
    guard cells <= CheckpointLimits.cellsMax else { throw .tooMany }
    var columns: [ColumnValues] = []
    for _ in 0..<width { columns.append(try column(rows)) }
    return TableRows(number: number, count: rows, columns: columns)
  }

  private mutating func column(_ rows: Int) throws(SegmentError) -> ColumnValues {
    let byte = try byte()
    guard let form = CheckpointFile.Form(rawValue: byte & ~CheckpointFile.hasAbsent) else {
      throw .outOfRange
    }
    var places: [Bool]?
    if byte & CheckpointFile.hasAbsent != 0 {
      let given = try integers(rows).map { (value) throws(SegmentError) in
        guard value == 0 || value == 1 else { throw .outOfRange }
        return value == 1
      }
      guard given.contains(false) else { throw .notCanonical }
      places = given
    }
    let count = places.map { $0.count { $0 } } ?? rows
    // Of no values there is one form.
    guard count > 0 || form == .integers || form == .texts else { throw .notCanonical }
    switch form {
    case .integers: return .integers(Self.spread(try integers(count), places))
    case .halves: return .integers(Self.spread(try halves(count), places))
    case .texts: return .texts(Self.spread(try texts(count), places))
    case .lists: return .texts(Self.spread(try lists(count), places))
    }
  }

  /// Puts values where they are given.
  private static func spread<Value>(_ values: [Value], _ places: [Bool]?) -> [Value?] {
    guard let places else { return values }
    var next = values.makeIterator()
    return places.map { $0 ? next.next() : nil }
  }

  private mutating func texts(_ count: Int) throws(SegmentError) -> [String] {
    guard count > 0 else { return [] }
    var strings = try SegmentStrings(count, from: &self)
    var texts: [String] = []
    for _ in 0..<count {
      guard let text = String(validating: strings.take(), as: UTF8.self) else { throw .outOfRange }
      texts.append(text)
    }
    return texts
  }

  private mutating func lists(_ count: Int) throws(SegmentError) -> [String] {
    var left = 0
    let counts = try integers(count).map { (value) throws(SegmentError) in
      guard value >= 1, value <= CheckpointLimits.rowsMax else { throw .outOfRange }
      left += Int(value)
      guard left <= CheckpointLimits.cellsMax else { throw .tooMany }
      return Int(value)
    }
    let ids = try halves(left).map { (packed) throws(SegmentError) in
      guard let id = OpID(packed: packed) else { throw .outOfRange }
      return id.description
    }
    var start = 0
    return counts.map { count in
      defer { start += count }
      return ids[start..<start + count].joined(separator: " ")
    }
  }

  mutating func halves(_ count: Int) throws(SegmentError) -> [Int64] {
    let upper = try integers(count)
    let lower = try integers(count)
    var values: [Int64] = []
    values.reserveCapacity(count)
    for (high, low) in zip(upper, lower) {
      guard Int64(Int32.min)...Int64(Int32.max) ~= high, 0...0xFFFF_FFFF ~= low else {
        throw .outOfRange
      }
      values.append(high << 32 | low)
    }
    return values
  }

  mutating func bounded(by most: Int64) throws(SegmentError) -> Int64 {
    let value = try varint()
    guard value <= UInt64(most) else { throw .outOfRange }
    return Int64(value)
  }

  /// A head: replica, seq, hash.
  mutating func hubHead() throws(SegmentError) -> Head {
    let number = try raw(4).reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    let seq = try raw(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard let replica = ReplicaID(rawValue: number), replica.isHub,
      (1...EnvelopeLimits.seqMax).contains(seq),
      let hash = Digest(Array(try raw(Digest.byteCount)))
    else { throw .outOfRange }
    return Head(replica: replica, seq: seq, hash: hash)
  }

  mutating func life() throws(SegmentError) -> Incarnation {
    let number = try varint()
    let random = try raw(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard let number = UInt32(exactly: number),
      let life = Incarnation(number: number, randomBits: random)
    else { throw .outOfRange }
    return life
  }
}
