import OpLog
import Testing

@testable import Wire

@Suite("Ops come out of a segment bit for bit, and as the same JSON")
struct SegmentLawTests {
  private static let seeds: Range<UInt64> = 0..<60

  @Test("whatever their kinds, known, unknown, newer, or misfits", arguments: seeds)
  func anyOps(seed: UInt64) throws {
    var random = RandomOps(seed: seed)
    let schemas = (0..<3).map { _ in random.schema() }
    let rows = schemas.enumerated().map { (KindNumber(17 + $0), "sample.\($0)", $1) }
    let codec = OpJSON(SchemaTable(rows))
    var ops: [Op] = []
    for _ in 0..<random.number(0...60) {
      switch random.number(0...3) {
      case 0:
        ops.append(
          try random.op(kind: KindNumber(random.number(1...65_535)), payload: random.anyMap()))
      case 1: ops.append(try random.op(kind: 17, payload: random.anyMap()))
      default:
        let (kind, _, schema) = rows[random.number(0...2)]
        let newer = PayloadSchema(
          schema.fields + (random.number(0...4) == 0 ? [.required("x", .flag)] : []))
        let payload = Payload(values: try random.values(newer.fields))
        ops.append(try random.op(kind: kind, payload: newer.encode(payload)))
      }
    }
    try check(ops, codec)
  }

  @Test("as they stand in the logs of a street, names left out", arguments: seeds)
  func logs(seed: UInt64) throws {
    var street = try SegmentStreet(seed: seed)
    try street.write(count: 20)
    let held = street.hashes
    try street.write(count: street.random.number(1...200))
    let ops = Array(street.ops[20...])
    let bytes = try Segment.encode(ops) { held[.init($0, $1)] }
    #expect(try Segment.decode(bytes) { held[.init($0, $1)] } == ops)
    #expect(ops.contains { $0.names != nil })
    // Without what the reader holds, each check value travels.
    let alone = try Segment.encode(ops)
    #expect(alone.count >= bytes.count)
    #expect(try Segment.decode(alone) == ops)
  }

  @Test("in any order, doubled too", arguments: 0..<20 as Range<UInt64>)
  func shuffled(seed: UInt64) throws {
    var street = try SegmentStreet(seed: seed)
    try street.write(count: 40)
    let ops = (street.ops + street.ops.prefix(5)).shuffled(using: &street.random.generator)
    #expect(try Segment.decode(try Segment.encode(ops)) == ops)
  }

  @Test("each of the ops that other programs are tested with, alone and together")
  func samples() throws {
    let ops = try Sample.opNames.map { try Sample.op($0) }
    for op in ops { try check([op], Sample.codec) }
    try check(ops, Sample.codec)
    try check([], Sample.codec)
  }

  @Test("byte for byte as the fixture, which has all of these ops by name")
  func fixture() throws {
    let ops = try Sample.opNames.sorted().map { try Sample.op($0) }
    let bytes = try Fixture.hex("segment-samples.hex")
    let written = Hex.encode(try Segment.encode(ops))
    #expect(written == Hex.encode(bytes))
    #expect(try Segment.decode(bytes) == ops)
  }

  @Test("at the ends of what an op may hold")
  func extremes() throws {
    var ops: [Op] = []
    let ends: [Int64] = [.min, .min + 1, -1, 0, 1, .max - 1, .max]
    for value in ends {
      for count in [1, 2, 7] {
        ops.append(
          try op(stamp: EnvelopeLimits.integerMax, day: 2_932_896) { cbor in
            cbor.map(count: 3)
            cbor.unsigned(0)
            cbor.integer(value)
            cbor.unsigned(63)
            cbor.array(count: count)
            for index in 0..<count { cbor.integer(index % 2 == 0 ? value : ~value) }
            cbor.unsigned(.max)
            cbor.byteString(Array(repeating: 7, count: 30_000))
          })
      }
      ops.append(try op(stamp: 0, day: 0) { $0.map(count: 0) })
    }
    let deep = try op(stamp: 1, day: 9) { cbor in
      cbor.map(count: 1)
      cbor.unsigned(1)
      for _ in 0..<5 { cbor.array(count: 1) }
      cbor.array(count: 0)
    }
    try check(ops + [deep], OpJSON.byNumbers)
  }

  @Test("what has few values takes few bits, whatever the values are")
  func columns() throws {
    var generator = SeededGenerator(seed: 3)
    let far: [Int64] = [.min, -5, 0, 1 << 40, .max]
    let columns: [(name: String, values: [Int64], most: Int)] = [
      ("equal", Array(repeating: .max, count: 1_000), 12),
      ("dense", (0..<1_000).map { 1 << 50 + $0 }, 24),
      ("few", (0..<1_000).map { _ in far.randomElement(using: &generator) ?? 0 }, 420),
      ("runs", (0..<1_000).map { far[$0 / 200] }, 80),
      ("small", (0..<1_000).map { _ in .random(in: 0...7, using: &generator) }, 380),
      (
        "small, one large",
        [.min] + (0..<1_000).map { _ in .random(in: 0...255, using: &generator) }, 1_100
      ),
      ("any", (0..<1_000).map { _ in .random(in: .min ... .max, using: &generator) }, 8_012),
    ]
    for (name, values, most) in columns {
      var writer = SegmentWriter()
      writer.integers(values)
      #expect(writer.bytes.count <= most, "\(name)")
      var reader = try SegmentReader(Sealed.segment(writer.bytes))
      #expect(try reader.integers(values.count) == values, "\(name)")
      try reader.finish()
    }
  }

  private func op(
    stamp: Int64, day: Int64, _ write: (inout CBORWriter) -> Void
  ) throws -> Op {
    var cbor = CBORWriter()
    write(&cbor)
    let replica = try Sample.replica(EnvelopeLimits.replicaMax)
    let id = try #require(OpID(replica, EnvelopeLimits.seqMax))
    return try Op(
      OpFields(
        id: id, stamp: stamp, kind: 65_535, occurredOn: try #require(BusinessDate(day: day)),
        payload: cbor.bytes))
  }

  /// Checks both directions, and that JSON of what came out is that of what went in.
  private func check(_ ops: [Op], _ codec: OpJSON) throws {
    let bytes = try Segment.encode(ops)
    let back = try Segment.decode(bytes)
    #expect(back.map(\.bytes) == ops.map(\.bytes))
    #expect(back == ops)
    #expect(try Segment.encode(back) == bytes)
    for (op, other) in zip(ops, back) {
      var json = JSONWriter()
      codec.write(other, to: &json)
      var reader = try JSONReader(json.bytes, max: WireLimits.opBytesMax)
      #expect(try codec.read(from: &reader).bytes == op.bytes)
    }
    let read = try ops.map { op in
      var json = JSONWriter()
      codec.write(op, to: &json)
      var reader = try JSONReader(json.bytes, max: WireLimits.opBytesMax)
      return try codec.read(from: &reader)
    }
    #expect(try Segment.encode(read) == bytes)
  }
}

/// Bytes with a version before and a check value behind them.
enum Sealed {
  static func segment(_ body: some Collection<UInt8>) -> [UInt8] {
    mended([Segment.version] + body + [0, 0, 0, 0])
  }

  /// The same bytes with the right check value in the last four.
  static func mended(_ bytes: [UInt8]) -> [UInt8] {
    guard bytes.count >= 4 else { return bytes }
    var bytes = bytes
    bytes.removeLast(4)
    bytes.appendBigEndian(CRC32.of(bytes))
    return bytes
  }
}

/// The logs of a made-up street whose ops name each other.
struct SegmentStreet {
  struct Place: Hashable {
    let replica: ReplicaID
    let seq: UInt64
    init(_ replica: ReplicaID, _ seq: UInt64) {
      self.replica = replica
      self.seq = seq
    }
  }

  var random: RandomOps
  private(set) var ops: [Op] = []
  /// The chain hash of each log at each seq.
  private(set) var hashes: [Place: Digest] = [:]
  private var seqs: [ReplicaID: UInt64] = [:]
  private let replicas: [ReplicaID]

  init(seed: UInt64) throws {
    random = RandomOps(seed: seed)
    replicas = try [4096, 4097, 4098, 9000, 3].map { try Sample.replica($0) }
    for replica in replicas {
      seqs[replica] = 0
      hashes[Place(replica, 0)] = Sample.digest("start \(replica)")
    }
  }

  mutating func write(count: Int) throws {
    for _ in 0..<count {
      let replica = replicas[random.number(0...replicas.count - 1)]
      let seq = (seqs[replica] ?? 0) + 1
      let id = try #require(OpID(replica, seq))
      var cbor = CBORWriter()
      let named = ops.isEmpty ? [] : (0..<random.number(0...3)).map { _ in someID }
      cbor.map(count: 2)
      cbor.unsigned(1)
      cbor.array(count: named.count)
      for id in named { cbor.reference(id) }
      cbor.unsigned(2)
      cbor.integer(Int64(random.number(0...9)))
      let stamp = 1_770_000_000_000 + Int64(ops.count * 1_777)
      var fields = OpFields(
        id: id, stamp: stamp, kind: KindNumber(random.number(18...20)),
        occurredOn: BusinessDate(stamp: stamp), payload: cbor.bytes)
      if !ops.isEmpty, random.number(0...3) > 0 { fields.actor = someID }
      if !ops.isEmpty, random.number(0...3) > 0 { fields.policy = someID }
      let hashes = try Op(fields).namedOps.map {
        try #require(self.hashes[.init($0.replica, $0.seq)])
      }
      fields.names = Chain.names(of: hashes)
      // Somebody saw other ops under these ids.
      if fields.names != nil, random.number(0...19) == 0 { fields.names = 7 }
      let op = try Op(fields)
      let before = try #require(self.hashes[Place(replica, seq - 1)])
      self.hashes[Place(replica, seq)] = Chain.next(after: before, op.bytes)
      seqs[replica] = seq
      ops.append(op)
    }
  }

  private var someID: OpID {
    mutating get { ops[random.number(0...ops.count - 1)].id }
  }
}
