/// Columns of integers.
extension SegmentWriter {
  /// Writes a column in the shortest way.
  mutating func integers(_ values: [Int64], level: Int = 0) {
    guard values.count > 1 else {
      if let value = values.first { zigzag(value) }
      return
    }
    raw(Self.shortest(values, level: level))
  }

  /// The bytes of a column of at least two values.
  private static func shortest(_ values: [Int64], level: Int) -> [UInt8] {
    let least = values.min() ?? 0
    let span = UInt64(bitPattern: (values.max() ?? 0) &- least)
    let width = span.bitWidth - span.leadingZeroBitCount
    let packedCount = 1 + byteCount(zigzag(least)) + (values.count * width + 7) / 8
    // A column this short cannot become shorter.
    guard width > 0, level < Segment.levelMax, packedCount > 4 else {
      return packed(values, least: least, width: width)
    }
    var best: [UInt8]?
    func offer(_ other: [UInt8]?) {
      guard let other, other.count < (best?.count ?? packedCount) else { return }
      best = other
    }
    offer(runs(values, level: level))
    offer(dictionary(values, width: width, level: level))
    if level == 0, values.count > 2 { offer(deltas(values, level: level)) }
    offer(lengths(values, least: least, level: level))
    return best ?? packed(values, least: least, width: width)
  }

  private static func packed(_ values: [Int64], least: Int64, width: Int) -> [UInt8] {
    var writer = SegmentWriter()
    writer.reserve(11 + (values.count * width + 7) / 8)
    writer.byte(UInt8(width))
    writer.zigzag(least)
    if width > 0 {
      for value in values { writer.put(UInt64(bitPattern: value &- least), width: width) }
      writer.flush()
    }
    return writer.bytes
  }

  /// Equal neighbours once, with how often; nil where few are equal.
  private static func runs(_ values: [Int64], level: Int) -> [UInt8]? {
    var heads: [Int64] = []
    var counts: [Int64] = []
    for value in values {
      if heads.last == value {
        counts[counts.count - 1] += 1
      } else {
        guard heads.count < values.count / 2 else { return nil }
        heads.append(value)
        counts.append(0)
      }
    }
    guard heads.count > 1 else { return nil }
    var writer = SegmentWriter()
    writer.byte(Segment.Mode.runs)
    writer.varint(heads.count)
    writer.integers(heads, level: level + 1)
    writer.integers(counts, level: level + 1)
    return writer.bytes
  }

  /// The values that occur, ascending, and for each place which one; nil where that saves nothing.
  private static func dictionary(_ values: [Int64], width: Int, level: Int) -> [UInt8]? {
    guard width > 1 else { return nil }
    let entries = ascending(values)
    let indexWidth = SegmentReader.width(ofIndexBelow: entries.count)
    guard indexWidth < width, entries.count > 1 else { return nil }
    var writer = SegmentWriter()
    writer.reserve(values.count * indexWidth / 8 + 2 * entries.count)
    writer.byte(Segment.Mode.dictionary)
    writer.entries(entries, level: level)
    for value in values {
      writer.put(UInt64(index(of: value, in: entries)), width: indexWidth)
    }
    writer.flush()
    return writer.bytes
  }

  /// The first value, and the differences of neighbours.
  private static func deltas(_ values: [Int64], level: Int) -> [UInt8] {
    var writer = SegmentWriter()
    writer.byte(Segment.Mode.deltas)
    writer.zigzag(values[0])
    writer.integers(zip(values, values.dropFirst()).map { $1 &- $0 }, level: level + 1)
    return writer.bytes
  }

  /// Each value with as many bits as it has: for columns in which a few values are far larger.
  private static func lengths(_ values: [Int64], least: Int64, level: Int) -> [UInt8] {
    var writer = SegmentWriter()
    writer.byte(Segment.Mode.lengths)
    writer.zigzag(least)
    let lengths = values.map { value in
      let rest = UInt64(bitPattern: value &- least)
      return Int64(rest.bitWidth - rest.leadingZeroBitCount)
    }
    writer.integers(lengths, level: level + 1)
    for (value, length) in zip(values, lengths) where length > 1 {
      let rest = UInt64(bitPattern: value &- least)
      writer.put(rest & ~(1 << UInt64(length - 1)), width: Int(length) - 1)
    }
    writer.flush()
    return writer.bytes
  }

  /// Writes the entries of a dictionary: their count, the first, and how far apart they are, less one.
  mutating func entries(_ entries: [Int64], level: Int) {
    varint(entries.count)
    zigzag(entries[0])
    integers(zip(entries, entries.dropFirst()).map { $1 &- $0 &- 1 }, level: level + 1)
  }

  /// Each value once, ascending.
  static func ascending(_ values: [Int64]) -> [Int64] {
    var sorted = values.sorted()
    var count = 0
    for value in sorted where count == 0 || sorted[count - 1] != value {
      sorted[count] = value
      count += 1
    }
    sorted.removeSubrange(count...)
    return sorted
  }

  /// Where a value stands in ascending entries that have it.
  static func index(of value: Int64, in entries: [Int64]) -> Int {
    var low = 0
    var high = entries.count - 1
    while low < high {
      let middle = (low + high) / 2
      if entries[middle] < value { low = middle + 1 } else { high = middle }
    }
    return low
  }

  private static func byteCount(_ value: UInt64) -> Int {
    max(1, (value.bitWidth - value.leadingZeroBitCount + 6) / 7)
  }
}
