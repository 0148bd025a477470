import OpLog
import Testing

/// The golden values were computed with Python's hashlib from the grammars beside the functions.
@Suite struct ChainTests {
  private let street: StreetID
  private let incarnation: Incarnation
  private let office: ReplicaID

  init() throws {
    street = try #require(StreetID((0..<16).map { UInt8($0) }))
    incarnation = try #require(Incarnation(number: 1, randomBits: 0x0123_4567_89AB_CDEF))
    office = try #require(ReplicaID(rawValue: 4097))
  }

  @Test func `hashes a log op by op`() throws {
    let start = Chain.start(street: street, incarnation: incarnation, replica: office)
    #expect(hex(start) == "a2cdab9f3447940c55c0b0f20764f52dcb8c422ce7abe5711a816506caad98fc")
    let first = Chain.next(after: start, try Op(smallFields()).bytes)
    #expect(hex(first) == "33e83ecc7535089803fdf52857700d6547219d3a25dc7452ef76ecd1d9c1832f")
    let second = Chain.next(after: first, try Op(fullFields()).bytes)
    #expect(hex(second) == "e1ea141ef6dcc3001312e90540c469e0394768854b4ca5dab46ed87c19ab72d4")
  }

  @Test func `a log starts differently in every street, incarnation, and replica`() throws {
    let other = try #require(StreetID([UInt8](repeating: 9, count: 16)))
    let later = try #require(Incarnation(number: 2, randomBits: 0x0123_4567_89AB_CDEF))
    let twin = try #require(Incarnation(number: 1, randomBits: 1))
    let starts = [
      Chain.start(street: street, incarnation: incarnation, replica: office),
      Chain.start(street: other, incarnation: incarnation, replica: office),
      Chain.start(street: street, incarnation: later, replica: office),
      Chain.start(street: street, incarnation: twin, replica: office),
      Chain.start(street: street, incarnation: incarnation, replica: incarnation.hub),
    ]
    #expect(Set(starts).count == starts.count)
  }

  @Test func `the check value covers the named ops' hashes in order`() throws {
    let start = Chain.start(street: street, incarnation: incarnation, replica: office)
    let first = Chain.next(after: start, try Op(smallFields()).bytes)
    #expect(Chain.names(of: [Digest]()) == nil)
    #expect(Chain.names(of: [start]) == 0x8B09_0607_43D0_5EE9)
    #expect(Chain.names(of: [start, first]) == 0x4D66_3126_0174_291C)
    #expect(Chain.names(of: [first, start]) != 0x4D66_3126_0174_291C)
  }

  @Test func `a head is 44 bytes, big-endian`() throws {
    let start = Chain.start(street: street, incarnation: incarnation, replica: office)
    let head = Head(
      replica: office, seq: 345, hash: Chain.next(after: start, try Op(smallFields()).bytes))
    #expect(head.bytes.count == 44)
    #expect(
      Hex.encode(head.bytes) == "000010010000000000000159"
        + "33e83ecc7535089803fdf52857700d6547219d3a25dc7452ef76ecd1d9c1832f")
  }

  @Test func `incarnations and streets have limits`() throws {
    #expect(Incarnation(number: 0, randomBits: 1) == nil)
    #expect(Incarnation(number: 524_288, randomBits: 1) == nil)
    #expect(try #require(Incarnation(number: 524_287, randomBits: 0)).hub.rawValue == 2_147_479_552)
    #expect(Hex.encode(incarnation.bytes) == "000000010123456789abcdef")
    #expect(StreetID([UInt8](repeating: 0, count: 15)) == nil)
    #expect(StreetID([UInt8](repeating: 0, count: 17)) == nil)
    #expect(street.description == "000102030405060708090a0b0c0d0e0f")
  }

  @Test func `keys and seals come from the master key`() throws {
    let key = [UInt8](repeating: 0x5A, count: 32)
    let start = Chain.start(street: street, incarnation: incarnation, replica: office)
    let head = Head(
      replica: office, seq: 345, hash: Chain.next(after: start, try Op(smallFields()).bytes))
    let secret = Seal.secret(
      masterKey: key, street: street, incarnation: incarnation, replica: office)
    #expect(
      Hex.encode(secret) == "a1cac92a9989e66ecd6006679ee7c561e6d8f4ac2896619b4a31865085df7c3a")
    let token = Seal.token(
      masterKey: key, street: street, incarnation: incarnation, replica: office, generation: 2)
    #expect(hex(token) == "f11bc11390a658c02e698097de6feba76c990d0c28dbd42a5b2dd6e4733545f1")
    #expect(
      hex(Seal.ofOffice(secret: secret, head))
        == "a7527a1400905e662aa6e4ec083ca6d6b6c10bc81af54a5cefa5b1d66ca61fc4")
    #expect(
      hex(Seal.ofSuccessor(masterKey: key, head))
        == "2ddbf777bdb7bdefd213c72d3b7ab90d039c56753be53c7dce2e9218b84461cd")
  }

  @Test func `the seal for an office is over the seal for successors too`() throws {
    let head = Head(replica: office, seq: 1, hash: .zero)
    let (good, flipped) = (Digest.zero, SHA256.hash([]))
    let secret = [UInt8](repeating: 0x5A, count: 32)
    let seal = Seal.ofHub(secret: secret, head, successorSeal: good)
    #expect(seal == HMAC.sha256(key: secret, head.bytes + good.bytes))
    #expect(seal != Seal.ofHub(secret: secret, head, successorSeal: flipped))
    #expect(seal != Seal.ofOffice(secret: secret, head))
  }

  private func hex(_ digest: Digest) -> String { Hex.encode(digest.bytes) }
}
