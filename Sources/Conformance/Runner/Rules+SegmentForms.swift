import Community
import OpLog
import Wire

/// What a hub refuses of a segment: segment.md.
extension ConformanceRule {
  static let segmentForms: [ConformanceRule] = [
    ConformanceRule(
      "segment.1.2.a", "版本不同、校验值不符、被截断、后面有多余字节的分段，被拒绝",
      "Another version, a check that differs, an end too early, bytes behind it: such a segment is refused."
    ) { (run) throws(RuleFinding) in
      let made = try MadeSegment.ofNine(run)
      let (body, whole) = (made.head + made.tail, made.segment(made.tail))
      var damaged: [(String, [UInt8])] = [
        ("version 2", MadeSegment.sealed([2] + Array(body.dropFirst()))),
        ("another check value", BundleBytes.turned(whole, 1)),
        ("a bit turned over", BundleBytes.turned(whole, 9)),
        ("a byte behind the last column", MadeSegment.sealed(body + [0])), ("no bytes", []),
        ("2^31 ops in 10 bytes", MadeSegment.sealed([1, 0x80, 0x80, 0x80, 0x80, 0x08])),
      ]
      for count in [1, 3, 7, body.count - 1] {
        damaged.append(
          ("a segment that ends \(count) bytes early", MadeSegment.sealed(body.dropLast(count))))
      }
      try run.refusesAll(damaged, then: whole, made, section: "segment.md §1.2")
    },
    ConformanceRule(
      "segment.1.3.a", "同样的值换一种写法，被拒绝",
      "The same values written in another way are refused."
    ) { (run) throws(RuleFinding) in
      let made = try MadeSegment.ofNine(run)
      let (body, rests) = (made.head + made.tail, MadeSegment.nine.map { UInt64($0) })
      let padded = Array(made.tail.dropLast()) + [made.tail[made.tail.count - 1] | 0x80]
      let others: [(String, [UInt8])] = [
        ("a longer number of ops", MadeSegment.sealed([1, 0x89, 0x00] + Array(body.dropFirst(2)))),
        ("bits behind the last", made.segment(padded)),
        ("more bits than the largest value has", made.packed(width: 3, least: 0, rests)),
        (
          "a least value that does not occur", made.packed(width: 3, least: 1, rests.map { $0 + 1 })
        ),
      ]
      try run.refusesAll(others, then: made.segment(made.tail), made, section: "segment.md §1.3")
    },
    ConformanceRule(
      "segment.3.1.a", "超过 2^63 − 1 的值被拒绝", "Values that pass 2^63 − 1 are refused."
    ) { (run) throws(RuleFinding) in
      let made = try MadeSegment.ofNine(run)
      let rests: [UInt64] = [0, 1, 0, 0, 0, 0, 0, 0, 0]
      try run.refusesAll(
        [("2^63 − 1 and one more", made.packed(width: 1, least: .max - 1, rests))],
        then: made.segment(made.tail), made, section: "segment.md §3.1")
    },
    ConformanceRule(
      "segment.4.4.a", "补不出校验值的分段，被拒绝，一条也不留",
      "A segment that leaves out a `names` which does not follow from what the hub holds is refused."
    ) { (run) throws(RuleFinding) in
      var office = try run.office()
      try run.needsSegments(of: office)
      guard let stranger = ReplicaID(rawValue: office.life.hub.rawValue + 4_000),
        let id = OpID(stranger, 7)
      else { return }
      let hash = SHA256.hash(run.bytes(8))
      var fields = office.made(kind: 60_003) { cbor in
        cbor.map(count: 1)
        cbor.unsigned(1)
        cbor.reference(id)
      }
      (fields.actor, fields.policy, fields.names) = (nil, nil, Chain.names(of: [hash]))
      try office.record(fields, names: false)
      let request = office.request()
      let held = office
      let bytes: [UInt8]
      do throws(SegmentError) {
        bytes = try request.encodeWithSegment { replica, seq in
          replica == stranger ? hash : held.held(replica, seq)
        }
      } catch { return }
      let answer = try run.call(
        .post(
          "/v1/sync", bytes, of: MediaType.segment, accept: MediaType.segmentOrJSON,
          as: office.token))
      try run.expect(
        .malformedOp, section: "segment.md §7.5", answer,
        sent: "an op that names \(id), which nobody wrote, without `names`")
      // With it the same op is taken: it is pending, no more.
      let whole = try run.prepared { () throws(RuleFinding) in
        try run.segmentReply(run.sendSegment(request, of: office), to: office)
      }
      try run.expect(
        whole.have == office.head, sent: "the same op with `names`",
        "it taken (canonical.md §3.3)", came: "\(whole.have)")
    },
    ConformanceRule(
      "segment.6.1.a", "超过条数或项数上限的分段，被拒绝",
      "A segment of more ops or items than the limits is refused."
    ) { (run) throws(RuleFinding) in
      let made = try MadeSegment.ofOne(run)
      var many: [UInt8] = []
      do throws(SegmentError) {
        many = try Segment.encode(run.plainOps(of: made.office, count: WireLimits.opsMax + 1))
      } catch { return }
      // 3,000,000 equal integers are seven bytes.
      let items: [UInt8] = [0xFC] + MadeSegment.number(3_000_000 - 31) + [0, 0, 0]
      try run.refusesAll(
        [("4,097 ops", many), ("3,000,000 items of one op", made.segment(items))],
        then: made.segment(made.tail), made, section: "segment.md §6.1, §7.2")
    },
    ConformanceRule(
      "segment.6.2.a", "分段里不成记录的东西，被拒绝",
      "What comes out of a segment has to be an op, with all limits of one."
    ) { (run) throws(RuleFinding) in
      let made = try MadeSegment.ofOne(run)
      let long = EnvelopeLimits.opBytesMax + 1
      let bytes =
        [0xF9] + MadeSegment.number(UInt64(long - 31)) + [UInt8](repeating: 7, count: long)
      let references: [UInt8] = [0xFC, 65 - 31, 3, 0, 0, 0, 0, 2]
      try run.refusesAll(
        [
          ("an op of more than 32 KiB", made.segment(bytes)),
          ("arrays 10 deep", made.segment([UInt8](repeating: 0x0C, count: 10) + [0x0E])),
          ("65 references", made.segment(references)),
          ("a text that is no UTF-8", made.segment([0x12, 0xC3, 0x28])),
        ], then: made.segment(made.tail), made, section: "segment.md §6.2")
    },
  ]
}

/// A segment of plain ops whose last column can be exchanged.
private struct MadeSegment {
  /// Who wrote the ops.
  let office: TestOffice
  /// Version and columns before the last one.
  let head: [UInt8]
  /// The last column.
  let tail: [UInt8]

  static let nine: [Int64] = [0, 3, 1, 2, 0, 3, 2, 1, 3]

  /// Nine ops with small integers.
  static func ofNine(_ run: ConformanceRun) throws(RuleFinding) -> MadeSegment {
    let tail = [0, 2, 0] + packed(nine.map { UInt64($0) }, width: 2)
    return try MadeSegment(run, tail: tail, nine.map { value in { $0.integer(value) } })
  }

  /// One op with a byte string.
  static func ofOne(_ run: ConformanceRun) throws(RuleFinding) -> MadeSegment {
    let bytes = [UInt8](repeating: 9, count: 100)
    return try MadeSegment(run, tail: [0xF9, 100 - 31] + bytes, [{ $0.byteString(bytes) }])
  }

  private init(
    _ run: ConformanceRun, tail: [UInt8], _ values: [(inout CBORWriter) -> Void]
  ) throws(RuleFinding) {
    var office = try run.office()
    try run.needsSegments(of: office)
    for value in values { try office.writes(value) }
    self.office = office
    self.tail = tail
    var bytes: [UInt8] = []
    do throws(SegmentError) {
      bytes = try Segment.encode(office.log)
    } catch { bytes = [] }
    let body = bytes.dropLast(4)
    guard body.suffix(tail.count).elementsEqual(tail) else {
      throw RuleFinding(
        sent: "nothing", expected: "a segment that ends as the runner expects", came: "another",
        isPreparation: true)
    }
    head = Array(body.dropLast(tail.count))
  }

  /// The segment with another last column.
  func segment(_ tail: [UInt8]) -> [UInt8] { Self.sealed(head + tail) }

  /// The segment with packed integers as its last column; `least` as it is written.
  func packed(width: Int, least: UInt64, _ rests: [UInt64]) -> [UInt8] {
    segment([0, UInt8(width)] + Self.number(least) + Self.packed(rests, width: width))
  }

  /// Bytes with the check value behind them.
  static func sealed(_ body: some Collection<UInt8>) -> [UInt8] {
    var bytes = Array(body)
    bytes.appendBigEndian(CRC32.of(body))
    return bytes
  }

  /// A number (segment.md §2.1).
  static func number(_ value: UInt64) -> [UInt8] {
    var (bytes, rest): ([UInt8], UInt64) = ([], value)
    while rest > 0x7F {
      bytes.append(UInt8(rest & 0x7F) | 0x80)
      rest >>= 7
    }
    return bytes + [UInt8(rest)]
  }

  /// Bits (segment.md §2.3), for widths that divide no byte too.
  private static func packed(_ values: [UInt64], width: Int) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: (values.count * width + 7) / 8)
    for (index, value) in values.enumerated() {
      for bit in 0..<width where value >> UInt64(bit) & 1 == 1 {
        let place = index * width + bit
        bytes[place / 8] |= 1 << UInt8(place % 8)
      }
    }
    return bytes
  }
}

extension TestOffice {
  /// Records an op of a kind that nobody knows, with one value and nothing that it names.
  fileprivate mutating func writes(_ value: (inout CBORWriter) -> Void) throws(RuleFinding) {
    var fields = made(kind: 60_003) { cbor in
      cbor.map(count: 1)
      cbor.unsigned(1)
      value(&cbor)
    }
    (fields.actor, fields.policy) = (nil, nil)
    fields.occurredOn = BusinessDate(stamp: fields.stamp)
    try record(fields)
  }
}

extension ConformanceRun {
  /// So many small ops of an office, as if it had recorded nothing before.
  fileprivate func plainOps(of office: TestOffice, count: Int) -> [Op] {
    var ops: [Op] = []
    for seq in 1...UInt64(count) {
      guard let id = OpID(office.replica, seq) else { return ops }
      let fields = OpFields(
        id: id, stamp: 1_768_266_007_000, kind: 60_003,
        occurredOn: BusinessDate(stamp: 1_768_266_007_000), payload: [0xA0])
      if let op = try? Op(fields) { ops.append(op) }
    }
    return ops
  }

  /// Wants each of some segments to be refused and nothing of it kept, and a sound one to be taken.
  fileprivate func refusesAll(
    _ damaged: [(String, [UInt8])], then sound: [UInt8], _ made: MadeSegment, section: String
  ) throws(RuleFinding) {
    let (office, request) = (made.office, made.office.request())
    func push(_ segment: [UInt8]) throws(RuleFinding) -> LineAnswer {
      try call(
        .post(
          "/v1/sync", request.encode(segment: segment), of: MediaType.segment,
          accept: MediaType.segmentOrJSON, as: office.token))
    }
    for (sent, segment) in damaged {
      try expect(.malformedOp, section: section, push(segment), sent: "a segment with \(sent)")
    }
    let have = try have(office)
    try expect(
      have == office.head(after: 0), sent: "segments that were refused",
      "nothing of them stored (sync.md §4.2)", came: "a log up to \(have.seq)")
    let reply = try prepared { () throws(RuleFinding) in
      try segmentReply(push(sound), to: office)
    }
    try expect(
      reply.have == office.head, sent: "the sound segment", "it taken", came: "\(reply.have)")
  }
}
