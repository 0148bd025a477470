/// Columns of integers.
extension SegmentReader {
  /// Reads a column of so many values; the caller holds the count against a limit.
  mutating func integers(_ count: Int, level: Int = 0) throws(SegmentError) -> [Int64] {
    guard count > 1 else { return count == 0 ? [] : [try zigzag()] }
    let mode = try byte()
    if mode <= Segment.Mode.packedMax { return try packed(count, width: Int(mode)) }
    guard level < Segment.levelMax else { throw .outOfRange }
    switch mode {
    case Segment.Mode.dictionary: return try dictionary(count, level: level)
    case Segment.Mode.deltas: return try deltas(count, level: level)
    case Segment.Mode.lengths: return try lengths(count, level: level)
    case Segment.Mode.runs: return try runs(count, level: level)
    default: throw .outOfRange
    }
  }

  /// Reads a column whose values are below `bound`.
  mutating func indices(_ count: Int, below bound: Int) throws(SegmentError) -> [Int] {
    try integers(count).map { (value) throws(SegmentError) in
      guard value >= 0, value < Int64(bound) else { throw .outOfRange }
      return Int(value)
    }
  }

  private mutating func packed(_ count: Int, width: Int) throws(SegmentError) -> [Int64] {
    let least = try zigzag()
    guard width > 0 else { return Array(repeating: least, count: count) }
    var bits = try bits(count * width)
    var values: [Int64] = []
    values.reserveCapacity(count)
    var all: UInt64 = 0
    var hasLeast = false
    for _ in 0..<count {
      let rest = bits.take(width)
      all |= rest
      hasLeast = hasLeast || rest == 0
      values.append(try sum(least, rest))
    }
    guard hasLeast, all >> UInt64(width - 1) != 0 else { throw .notCanonical }
    return values
  }

  private mutating func dictionary(_ count: Int, level: Int) throws(SegmentError) -> [Int64] {
    let entries = try entries(2...count, level: level)
    let width = Self.width(ofIndexBelow: entries.count)
    var bits = try bits(count * width)
    var isUsed = [Bool](repeating: false, count: entries.count)
    var values: [Int64] = []
    values.reserveCapacity(count)
    for _ in 0..<count {
      let index = Int(bits.take(width))
      guard index < entries.count else { throw .outOfRange }
      isUsed[index] = true
      values.append(entries[index])
    }
    guard !isUsed.contains(false) else { throw .notCanonical }
    return values
  }

  /// The entries of a dictionary, ascending.
  mutating func entries(_ range: ClosedRange<Int>, level: Int) throws(SegmentError) -> [Int64] {
    let count = try count(range)
    var entries = [try zigzag()]
    // Their gaps take no space where all are equal: the range is the caller's limit.
    entries.reserveCapacity(count)
    for gap in try integers(count - 1, level: level + 1) {
      let last = entries[entries.count - 1]
      let next = last &+ gap &+ 1
      guard next > last else { throw .outOfRange }
      entries.append(next)
    }
    return entries
  }

  private mutating func deltas(_ count: Int, level: Int) throws(SegmentError) -> [Int64] {
    var values = [try zigzag()]
    values.reserveCapacity(count)
    for delta in try integers(count - 1, level: level + 1) {
      values.append(values[values.count - 1] &+ delta)
    }
    return values
  }

  private mutating func lengths(_ count: Int, level: Int) throws(SegmentError) -> [Int64] {
    let least = try zigzag()
    let lengths = try integers(count, level: level + 1)
    var total = 0
    for length in lengths {
      guard (0...64).contains(length) else { throw .outOfRange }
      total += max(0, Int(length) - 1)
    }
    guard lengths.contains(0) else { throw .notCanonical }
    var bits = try bits(total)
    return try lengths.map { (length) throws(SegmentError) in
      guard length > 0 else { return least }
      return try sum(least, bits.take(Int(length) - 1) | 1 << UInt64(length - 1))
    }
  }

  private mutating func runs(_ count: Int, level: Int) throws(SegmentError) -> [Int64] {
    let runCount = try self.count(2...count)
    let heads = try integers(runCount, level: level + 1)
    let lengths = try integers(runCount, level: level + 1)
    var values: [Int64] = []
    values.reserveCapacity(count)
    for (index, head) in heads.enumerated() {
      guard index == 0 || heads[index - 1] != head else { throw .notCanonical }
      guard (0..<Int64(count - values.count)).contains(lengths[index]) else { throw .outOfRange }
      values.append(contentsOf: repeatElement(head, count: Int(lengths[index]) + 1))
    }
    guard values.count == count else { throw .outOfRange }
    return values
  }

  /// The least value and what comes on top of it.
  private func sum(_ least: Int64, _ rest: UInt64) throws(SegmentError) -> Int64 {
    let value = least &+ Int64(bitPattern: rest)
    guard value >= least else { throw .outOfRange }
    return value
  }
}
