import OpLog
import Testing

@Suite struct SealedBoxTests {
  private static let key = Array(UInt8(0)..<32)
  private static let nonce = Array(UInt8(100)..<116)

  private static func text(_ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: 7 * $0) }
  }

  // Python 3, from the grammar in SealedBox.swift:
  //   H = lambda k, m: hmac.new(k, m, hashlib.sha256).digest()
  //   e, a = H(key, b"encrypt"), H(key, b"authenticate")
  //   stream = b"".join(H(e, struct.pack(">I", i)) for i in range(blocks))
  //   c = bytes(x ^ y for x, y in zip(text, stream)); box = c + H(a, c)
  @Test(
    "has the bytes that Python's hmac gives",
    arguments: [
      (0, "bf517421007006d24f8ca48cb359b1279cc2a4c52a13439a2b6a049234675ee7"),
      (1, "18aec81a2c816f006937b548058a08897c5c5b8e8a5c5ae4fbaeb744790b065448"),
      (
        32,
        "18959528e7c78517ae73edf0f1cee3dc1b87fb3bd74e58582dff0b71f109453a"
          + "5ce314079ed283c8d10d13a71e9fabd62ff87af03d66813a812912925bb68d47"
      ),
      (
        33,
        "18959528e7c78517ae73edf0f1cee3dc1b87fb3bd74e58582dff0b71f109453a"
          + "333b2d7e97ec86b22fb36a4978ff4c941d5e9788712cf66e814fbd52f8f00db2f7"
      ),
    ])
  func vectors(count: Int, box: String) {
    #expect(Hex.encode(SealedBox.close(Self.text(count), key: Self.key)) == box)
  }

  @Test(
    "has the bytes that Python's hmac gives, by their SHA-256",
    arguments: [
      (100, "b15d96704fb2aac6f27ac981498b4d192aa2a34b0a119189742591692d6007a6"),
      (300_000, "ad83ec571aeb2ed25286159bce9f90a8acbf0e587aade8b04b5a8436561681ad"),
    ])
  func longVectors(count: Int, sum: String) {
    let box = SealedBox.close(Self.text(count), key: Self.key)
    #expect(Hex.encode(SHA256.hash(box).bytes) == sum)
    #expect(SealedBox.open(box, key: Self.key) == Self.text(count))
  }

  @Test("opens with its key only, and not when any bit of it was changed")
  func changed() {
    let text = Self.text(40)
    let box = SealedBox.close(text, key: Self.key)
    #expect(SealedBox.open(box, key: Self.key) == text)
    #expect(SealedBox.open(box, key: Self.nonce) == nil)
    for bit in 0..<8 * box.count {
      var other = box
      other[bit / 8] ^= 1 << UInt8(bit % 8)
      #expect(SealedBox.open(other, key: Self.key) == nil)
    }
    for end in box.indices {
      #expect(SealedBox.open(Array(box[..<end]), key: Self.key) == nil)
    }
  }

  @Test("seals, keys, and nonces of bundles are those that Python's hmac gives")
  func bundleSeals() {
    let header = Array(#"{"kind":"bundle"}"#.utf8)
    #expect(
      Hex.encode(BundleSeal.ofHeader(secret: Self.key, header).bytes)
        == "63d397f8c86cd9c02c58c2bc87d4030823621f0a450290cb770eebd3e4752f3d")
    #expect(
      Hex.encode(BundleSeal.ofProblem(secret: Self.key, nonce: Self.nonce, header).bytes)
        == "15bd9601573385ca2653d0b646c3d4a2bc39aea06a22b683b83de004f6213be6")
    #expect(
      Hex.encode(BundleSeal.boxKey(secret: Self.key, nonce: Self.nonce, index: 3))
        == "382857f188c7594227c4c63b3aac7c9a59a536937497de5d15638a79145d6791")
    let nonce = BundleSeal.nonce(secret: Self.key, header: header, texts: [Array("abc".utf8), []])
    #expect(Hex.encode(nonce) == "7a0cf1f3cecafe0aec25a77eef68cb74")
  }

  @Test("another text, header, or split of the texts has another nonce")
  func nonces() {
    let files: [([UInt8], [[UInt8]])] = [
      ([1], [[2], [3]]), ([1], [[2, 3]]), ([1], [[2], [4]]), ([2], [[2], [3]]),
      ([1], [[2], [3], []]),
    ]
    let nonces = files.map { BundleSeal.nonce(secret: Self.key, header: $0.0, texts: $0.1) }
    #expect(Set(nonces).count == files.count)
  }
}
