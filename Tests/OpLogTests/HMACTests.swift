import OpLog
import Testing

@Suite struct HMACTests {
  struct Vector: Sendable, CustomTestStringConvertible {
    let number: Int
    let key: [UInt8]
    let message: [UInt8]
    let expected: String

    var testDescription: String { "RFC 4231 test case \(number)" }
  }

  static let rfc4231 = [
    Vector(
      number: 1, key: Array(repeating: 0x0B, count: 20), message: Array("Hi There".utf8),
      expected: "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
    Vector(
      number: 2, key: Array("Jefe".utf8), message: Array("what do ya want for nothing?".utf8),
      expected: "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
    Vector(
      number: 3, key: Array(repeating: 0xAA, count: 20), message: Array(repeating: 0xDD, count: 50),
      expected: "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"),
    Vector(
      number: 4, key: Array(0x01...0x19), message: Array(repeating: 0xCD, count: 50),
      expected: "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"),
    Vector(  // published with its first 128 bits only
      number: 5, key: Array(repeating: 0x0C, count: 20),
      message: Array("Test With Truncation".utf8),
      expected: "a3b6167473100ee06e0c796c2955552b"),
    Vector(
      number: 6, key: Array(repeating: 0xAA, count: 131),
      message: Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8),
      expected: "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"),
    Vector(
      number: 7, key: Array(repeating: 0xAA, count: 131),
      message: Array(
        ("This is a test using a larger than block-size key and a larger than block-size data. "
          + "The key needs to be hashed before being used by the HMAC algorithm.").utf8),
      expected: "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"),
  ]

  @Test("gives the published value", arguments: rfc4231)
  func published(vector: Vector) {
    let seal = Hex.encode(HMAC.sha256(key: vector.key, vector.message).bytes)
    #expect(seal.prefix(vector.expected.count) == vector.expected)
  }

  /// The other side of each comparison is the definition of RFC 2104.
  @Test("pads a key up to one block and hashes a longer one", arguments: [0, 1, 63, 64, 65, 128])
  func keyLengths(length: Int) {
    let key = (0..<length).map { UInt8($0) }
    let message: [UInt8] = [1, 2, 3]
    let short = length > 64 ? SHA256.hash(key).bytes : key
    let block = short + Array(repeating: 0, count: 64 - short.count)
    let inner = SHA256.hash(block.map { $0 ^ 0x36 } + message)
    let outer = SHA256.hash(block.map { $0 ^ 0x5C } + inner.bytes)
    #expect(HMAC.sha256(key: key, message) == outer)
  }
}
