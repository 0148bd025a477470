import OpLog

/// References of ops, in columns: whose log, seen from the op's writer, and where in it; or a dictionary of
/// ids.
struct SegmentReferences {
  private var ids: [Int64] = []
  private var logs: [Int64] = []
  private var seqs: [Int64] = []
  private var next = 0

  var count: Int { max(ids.count, seqs.count) }

  private enum Mode {
    static let pairs: UInt8 = 0
    static let dictionary: UInt8 = 1
  }

  private enum Log {
    static let own: UInt64 = 0
    /// That of the hub which issued the writer's id.
    static let hub: UInt64 = 1
    static let others: UInt64 = 2
  }

  /// The number of another log, seen from a writer.
  static func number(of replica: ReplicaID, seenFrom writer: ReplicaID) -> UInt64 {
    if replica == writer { return Log.own }
    if replica.isHub, replica.incarnation == writer.incarnation { return Log.hub }
    let distance = Int64(replica.rawValue) - Int64(writer.rawValue)
    return Log.others + SegmentWriter.zigzag(distance)
  }

  /// The id of an op in the log of a number; the shortest number only.
  static func id(
    in log: UInt64, _ seq: UInt64, seenFrom writer: ReplicaID
  ) throws(SegmentError) -> OpID {
    let number: Int64
    switch log {
    case Log.own: number = Int64(writer.rawValue)
    case Log.hub: number = Int64(writer.incarnation) * Int64(ReplicaID.idsPerIncarnation)
    default:
      guard log < 1 << 40 else { throw .outOfRange }
      number = Int64(writer.rawValue) + SegmentReader.zigzag(log - Log.others)
    }
    guard let raw = UInt32(exactly: number), let replica = ReplicaID(rawValue: raw),
      let id = OpID(replica, seq)
    else { throw .outOfRange }
    guard self.number(of: replica, seenFrom: writer) == log else { throw .notCanonical }
    return id
  }

  // MARK: Writing

  init() {}

  mutating func append(_ id: OpID, by writer: ReplicaID) {
    ids.append(id.packed)
    logs.append(Int64(Self.number(of: id.replica, seenFrom: writer)))
    seqs.append(Int64(id.seq))
  }

  /// The number of the only reference's log, and its seq.
  var single: (log: UInt64, seq: UInt64) { (UInt64(logs[0]), UInt64(seqs[0])) }

  func write(to writer: inout SegmentWriter) {
    guard count > 1 else {
      guard count == 1 else { return }
      writer.varint(single.log)
      return writer.varint(single.seq)
    }
    var pairs = SegmentWriter()
    pairs.byte(Mode.pairs)
    pairs.integers(logs)
    pairs.integers(seqs)
    let entries = SegmentWriter.ascending(ids)
    guard entries.count < ids.count else { return writer.raw(pairs.bytes) }
    var dictionary = SegmentWriter()
    dictionary.byte(Mode.dictionary)
    dictionary.entries(entries, level: 0)
    if entries.count > 1 {
      dictionary.integers(ids.map { Int64(SegmentWriter.index(of: $0, in: entries)) })
    }
    writer.raw(dictionary.bytes.count < pairs.bytes.count ? dictionary.bytes : pairs.bytes)
  }

  // MARK: Reading

  /// Takes over the only reference of a column.
  init(log: UInt64, seq: UInt64) throws(SegmentError) {
    guard let seq = Int64(exactly: seq), let log = Int64(exactly: log) else { throw .outOfRange }
    logs = [log]
    seqs = [seq]
  }

  init(_ count: Int, from reader: inout SegmentReader) throws(SegmentError) {
    self.init()
    guard count > 1 else {
      guard count == 1 else { return }
      let log = try reader.varint()
      self = try SegmentReferences(log: log, seq: try reader.varint())
      return
    }
    switch try reader.byte() {
    case Mode.pairs:
      logs = try reader.integers(count)
      seqs = try reader.integers(count)
    case Mode.dictionary:
      let entries = try reader.entries(1...count, level: 0)
      guard entries.count > 1 else {
        ids = Array(repeating: entries[0], count: count)
        return
      }
      let indices = try reader.indices(count, below: entries.count)
      guard Set(indices).count == entries.count else { throw .notCanonical }
      ids = indices.map { entries[$0] }
    default: throw .outOfRange
    }
  }

  /// The next reference, which an op of `writer` has.
  mutating func take(by writer: ReplicaID) throws(SegmentError) -> OpID {
    defer { next += 1 }
    guard ids.isEmpty else {
      guard let id = OpID(packed: ids[next]), id.packed >> 32 <= Int64(EnvelopeLimits.replicaMax)
      else { throw .outOfRange }
      return id
    }
    guard let log = UInt64(exactly: logs[next]), let seq = UInt64(exactly: seqs[next]) else {
      throw .outOfRange
    }
    return try Self.id(in: log, seq, seenFrom: writer)
  }
}
