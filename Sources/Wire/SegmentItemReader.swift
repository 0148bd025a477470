import OpLog

/// The items that stand at one place of the payloads of one kind, read and not yet put into ops.
final class SegmentItemReader {
  /// The form of each item; empty where all have the same.
  private var forms: [UInt8] = []
  private var form: Segment.Form = .integer
  private var next = 0
  private var integers = Cursor()
  private var strings = SegmentStrings()
  private var texts = SegmentStrings()
  private var references = SegmentReferences()
  private var lengths = Cursor()
  private var elements: SegmentItemReader?
  private var flags = Cursor()
  private var maps = SegmentMembers()

  /// Values that are taken one by one.
  private struct Cursor {
    var values: [Int64] = []
    private var next = 0

    mutating func take() -> Int64 {
      defer { next += 1 }
      return values[next]
    }
  }

  /// Reads the columns of so many items, at least one.
  init(_ count: Int, depth: Int, from reader: inout SegmentReader) throws(SegmentError) {
    guard depth <= EnvelopeLimits.depthMax else { throw .tooDeep }
    try reader.claim(items: count)
    if count == 1 {
      try readSingle(depth: depth, &reader)
    } else {
      try readColumns(count, depth: depth, &reader)
    }
  }

  private func readColumns(
    _ count: Int, depth: Int, _ reader: inout SegmentReader
  ) throws(SegmentError) {
    guard let form = Segment.Form(rawValue: try reader.byte()) else { throw .outOfRange }
    self.form = form
    guard form == .mixed else {
      try read(form, count, &reader)
      return try readInner(depth: depth, &reader)
    }
    let mask = try reader.byte()
    guard mask < 1 << Segment.Form.mixed.rawValue, mask.nonzeroBitCount > 1 else {
      throw .notCanonical
    }
    var counts = [Int](repeating: 0, count: Int(Segment.Form.mixed.rawValue))
    forms = try reader.integers(count).map { (number) throws(SegmentError) in
      guard (0..<Int64(counts.count)).contains(number), mask >> UInt8(number) & 1 == 1 else {
        throw .outOfRange
      }
      counts[Int(number)] += 1
      return UInt8(number)
    }
    for form in Segment.Form.allCases where form != .mixed && mask >> form.rawValue & 1 == 1 {
      guard counts[Int(form.rawValue)] > 0 else { throw .notCanonical }
      try read(form, counts[Int(form.rawValue)], &reader)
    }
    try readInner(depth: depth, &reader)
  }

  /// Reads the columns of so many items of one form, without those inside them.
  private func read(
    _ form: Segment.Form, _ count: Int, _ reader: inout SegmentReader
  ) throws(SegmentError) {
    switch form {
    case .integer: integers.values = try reader.integers(count)
    case .bytes: strings = try SegmentStrings(count, from: &reader)
    case .text: texts = try SegmentStrings(count, from: &reader)
    case .reference: references = try SegmentReferences(count, from: &reader)
    case .array: lengths.values = try reader.integers(count)
    case .map: maps = try SegmentMembers(count, from: &reader)
    case .flag:
      flags.values = try reader.integers(count)
      guard flags.values.allSatisfy({ $0 == 0 || $0 == 1 }) else { throw .outOfRange }
    case .mixed: throw .outOfRange
    }
  }

  private func readSingle(depth: Int, _ reader: inout SegmentReader) throws(SegmentError) {
    let (form, value) = try reader.head()
    self.form = form
    switch form {
    case .integer: integers.values = [SegmentReader.zigzag(value)]
    case .bytes, .text:
      guard value <= UInt64(reader.left) else { throw .truncated }
      let string = SegmentStrings(try reader.raw(Int(value)))
      if form == .bytes { strings = string } else { texts = string }
    case .reference: references = try SegmentReferences(log: value, seq: try reader.varint())
    case .array:
      guard value <= UInt64(SegmentLimits.itemsMax) else { throw .tooMany }
      lengths.values = [Int64(value)]
    case .map: maps = SegmentMembers(try reader.keys(value))
    case .flag:
      guard value <= 1 else { throw .outOfRange }
      flags.values = [Int64(value)]
    case .mixed: throw .outOfRange
    }
    try readInner(depth: depth, &reader)
  }

  /// Reads what stands in the arrays, then what stands in the maps.
  private func readInner(depth: Int, _ reader: inout SegmentReader) throws(SegmentError) {
    var total = 0
    for length in lengths.values {
      guard (0...Int64(SegmentLimits.itemsMax)).contains(length) else { throw .outOfRange }
      total += Int(length)
    }
    if total > 0 { elements = try SegmentItemReader(total, depth: depth + 1, from: &reader) }
    try maps.read(depth: depth + 1, from: &reader)
  }

  // MARK: Putting ops together

  /// Writes the next item as CBOR.
  func take(
    into cbor: inout CBORWriter, by writer: ReplicaID, _ named: inout [OpID]
  ) throws(SegmentError) {
    // What could be far longer than an op is not built first.
    guard cbor.bytes.count <= EnvelopeLimits.opBytesMax else {
      throw .malformedOp(.tooLarge(bytes: cbor.bytes.count))
    }
    let form = forms.isEmpty ? self.form : Segment.Form(rawValue: forms[next])
    next += 1
    switch form {
    case .integer: cbor.integer(integers.take())
    case .bytes: cbor.byteString(Array(strings.take()))
    case .text:
      guard let text = String(validating: texts.take(), as: UTF8.self) else {
        throw .malformedOp(.malformed(.invalidUTF8))
      }
      cbor.text(text)
    case .reference:
      let id = try references.take(by: writer)
      named.append(id)
      cbor.reference(id)
    case .array:
      let count = Int(lengths.take())
      cbor.array(count: count)
      for _ in 0..<count { try elements?.take(into: &cbor, by: writer, &named) }
    case .map: try maps.take(into: &cbor, by: writer, &named)
    case .flag: cbor.flag(flags.take() == 1)
    case .mixed, nil: preconditionFailure("an item has one form")
    }
  }
}

/// Maps with the columns of their members.
struct SegmentMembers {
  private var keySets: [Segment.KeySet] = []
  /// Which keys each map has; empty where all have the same.
  private var keySetOf: [Int] = []
  private var next = 0
  private var count = 0
  /// For each of the key sets its members, by key.
  private var members: [[(key: UInt64, items: SegmentItemReader)]] = []

  /// No maps.
  init() {}

  /// One map.
  init(_ keys: Segment.KeySet) {
    keySets = [keys]
    count = 1
  }

  /// Maps whose keys are known from elsewhere; `keySetOf` says which each has.
  init(_ keySets: [Segment.KeySet], _ keySetOf: [Int]) {
    self.keySets = keySets
    self.keySetOf = keySetOf
    count = keySetOf.count
  }

  /// Reads the keys of so many maps.
  init(_ count: Int, from reader: inout SegmentReader) throws(SegmentError) {
    self.count = count
    // Each takes a byte at least.
    let setCount = try reader.count(1...max(1, min(count, reader.left)))
    for _ in 0..<setCount { keySets.append(try reader.keys()) }
    guard Set(keySets).count == setCount else { throw .notCanonical }
    guard setCount > 1 else { return }
    keySetOf = try reader.indices(count, below: setCount)
    try Segment.checkFirstUse(keySetOf, of: setCount)
  }

  /// Reads the columns of the members, by key.
  mutating func read(depth: Int, from reader: inout SegmentReader) throws(SegmentError) {
    var uses = [Int](repeating: 0, count: keySets.count)
    if keySetOf.isEmpty {
      if !uses.isEmpty { uses[0] = count }
    } else {
      for index in keySetOf { uses[index] += 1 }
    }
    // A few bytes say 63 keys; each stands for an item at least.
    guard keySets.reduce(0, { $0 + $1.count }) <= SegmentLimits.itemsMax else { throw .tooMany }
    var counts: [UInt64: Int] = [:]
    for (keys, use) in zip(keySets, uses) {
      for key in keys.keys { counts[key, default: 0] += use }
    }
    var columns: [UInt64: SegmentItemReader] = [:]
    for (key, count) in counts.sorted(by: { $0.key < $1.key }) {
      columns[key] = try SegmentItemReader(count, depth: depth, from: &reader)
    }
    members = keySets.map { keys in
      keys.keys.compactMap { key in columns[key].map { (key, $0) } }
    }
  }

  /// Writes the next map as CBOR.
  mutating func take(
    into cbor: inout CBORWriter, by writer: ReplicaID, _ named: inout [OpID]
  ) throws(SegmentError) {
    let map = members[keySetOf.isEmpty ? 0 : keySetOf[next]]
    next += 1
    cbor.map(count: map.count)
    for (key, items) in map {
      cbor.unsigned(key)
      try items.take(into: &cbor, by: writer, &named)
    }
  }
}

extension Segment {
  /// Numbers in a table go by first use, and each is used.
  static func checkFirstUse(_ indices: [Int], of count: Int) throws(SegmentError) {
    var seen = 0
    for index in indices where index >= seen {
      guard index == seen else { throw .notCanonical }
      seen += 1
    }
    guard seen == count else { throw .notCanonical }
  }
}
