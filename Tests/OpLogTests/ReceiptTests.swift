import OpLog
import Testing

@Suite struct ReceiptTests {
  /// Two runs, made by another encoder from the grammar in `Receipt`.
  private static let payloadHex = """
    a10182a3011910010219015903582033e83ecc7535089803fdf52857700d6547219d3a25dc7452ef76ecd1d9c1832f\
    a3011910020201035820a2cdab9f3447940c55c0b0f20764f52dcb8c422ce7abe5711a816506caad98fc
    """

  private func run(_ replica: UInt32, _ seq: UInt64, _ hash: String) throws -> ReceiptRun {
    let bytes = try #require(Hex.decode(hash))
    return ReceiptRun(
      upTo: Head(
        replica: try #require(ReplicaID(rawValue: replica)), seq: seq,
        hash: try #require(Digest(bytes))))
  }

  private func op(_ payload: [UInt8], kind: KindNumber = Receipt.kind) throws -> Op {
    var fields = try smallFields()
    fields.kind = kind
    fields.payload = payload
    return try Op(fields)
  }

  @Test func `has one form, byte for byte`() throws {
    let receipt = Receipt(runs: [
      try run(4097, 345, "33e83ecc7535089803fdf52857700d6547219d3a25dc7452ef76ecd1d9c1832f"),
      try run(4098, 1, "a2cdab9f3447940c55c0b0f20764f52dcb8c422ce7abe5711a816506caad98fc"),
    ])
    #expect(Hex.encode(receipt.payload) == Self.payloadHex)
    #expect(try Receipt(op(receipt.payload)) == receipt)
  }

  @Test("holds at most so many runs", arguments: [1, EnvelopeLimits.receiptRunsMax])
  func runs(count: Int) throws {
    let hash = try digest(7)
    let runs = try (1...count).map { number in
      ReceiptRun(
        upTo: Head(
          replica: try #require(ReplicaID(rawValue: EnvelopeLimits.replicaMax - UInt32(number))),
          seq: EnvelopeLimits.seqMax, hash: hash))
    }
    let op = try op(Receipt(runs: runs).payload)
    #expect(op.bytes.count <= EnvelopeLimits.opBytesMax)
    #expect(try Receipt(op).runs == runs)
    #expect(op.namedOps.isEmpty)
  }

  @Test func `refuses every other payload`() throws {
    let hash = CBORItem.bytes([UInt8](repeating: 7, count: 32))
    func payload(_ runs: [CBORItem]) -> [UInt8] { CBORItem.map([(1, .array(runs))]).encoded }
    func run(_ pairs: [(UInt64, CBORItem)]) -> CBORItem {
      .map(pairs.map { (key: $0.0, value: $0.1) })
    }
    let good = run([(1, .integer(4097)), (2, .integer(1)), (3, hash)])
    #expect(try Receipt(op(payload([good]))).runs.count == 1)
    let refused: [[UInt8]] = [
      CBORItem.map([]).encoded, payload([]), CBORItem.map([(2, .array([good]))]).encoded,
      CBORItem.map([(1, .array([good])), (2, .integer(1))]).encoded,
      CBORItem.map([(1, good)]).encoded, payload([.integer(1)]),
      payload([run([(1, .integer(4097)), (2, .integer(1))])]),
      payload([run([(1, .integer(4097)), (2, .integer(1)), (4, hash)])]),
      payload([run([(1, .integer(0)), (2, .integer(1)), (3, hash)])]),
      payload([run([(1, .integer(0x8000_0000)), (2, .integer(1)), (3, hash)])]),
      payload([run([(1, .integer(1 << 40)), (2, .integer(1)), (3, hash)])]),
      payload([run([(1, .integer(4097)), (2, .integer(0)), (3, hash)])]),
      payload([run([(1, .integer(4097)), (2, .integer(1 << 32)), (3, hash)])]),
      payload([run([(1, .integer(4097)), (2, .integer(1)), (3, .bytes([7]))])]),
      payload(Array(repeating: good, count: EnvelopeLimits.receiptRunsMax + 1)),
    ]
    for payload in refused {
      #expect(throws: CBORError.self, "\(Hex.encode(payload))") { try Receipt(op(payload)) }
    }
    #expect(throws: CBORError.wrongType) { try Receipt(op(payload([good]), kind: 6)) }
  }
}

@Suite struct PlaceTests {
  @Test func `a receipt comes first, then its runs, then the next receipt, own ops last`() throws {
    let (first, second, later) = (try id(4096, 5), try id(4096, 6), try id(8192, 1))
    let order = [
      Place(receipt: first, run: -1, seq: 5), Place(receipt: first, run: 0, seq: 8),
      Place(receipt: first, run: 0, seq: 9), Place(receipt: first, run: 1, seq: 1),
      Place(receipt: second, run: -1, seq: 6), Place(receipt: second, run: 0, seq: 2),
      Place(receipt: later, run: -1, seq: 1), Place(receipt: later, run: 0, seq: 10),
      Place(receipt: nil, run: 0, seq: 11), Place(receipt: nil, run: 0, seq: 12),
    ]
    for (left, a) in order.enumerated() {
      for (right, b) in order.enumerated() {
        #expect((a < b) == (left < right), "\(a) \(b)")
        #expect((a == b) == (left == right))
      }
    }
  }
}

@Suite struct RequestKeyTests {
  @Test func `has one text form`() throws {
    let office = try #require(ReplicaID(rawValue: 4097))
    let key = try #require(RequestKey(replica: office, randomBytes: (0..<12).map { UInt8($0) }))
    #expect(key.description == "4097.AAECAwQFBgcICQoL")
    #expect(RequestKey(key.description) == key)
    #expect(RequestKey(replica: office, randomBytes: [UInt8](repeating: 0, count: 11)) == nil)
    #expect(RequestKey(replica: office, randomBytes: [UInt8](repeating: 0, count: 13)) == nil)
  }

  @Test(
    "refuses every other text",
    arguments: [
      "", ".", "4097", "4097.", ".AAECAwQFBgcICQoL", "0.AAECAwQFBgcICQoL",
      "+4097.AAECAwQFBgcICQoL", "04097.AAECAwQFBgcICQoL", "4097.AAECAwQFBgcICQo",
      "4097.AAECAwQFBgcICQoLDA", "4097.AAECAwQFBgcICQo=", "4097.AAECAwQFBgcICQ+/",
      "4097.AAECAwQFBgcI.QoL", "2147483648.AAECAwQFBgcICQoL", "4097 .AAECAwQFBgcICQoL",
    ])
  func refused(text: String) {
    #expect(RequestKey(text) == nil)
  }
}
