import OpLog
import Testing

@Suite struct SHA256Tests {
  /// FIPS 180-4 examples; NIST's page "Examples with Intermediate Values" prints the same digests.
  @Test(
    "hashes the messages of the standard",
    arguments: [
      ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
      ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
      (
        "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
      ),
      (
        "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmn"
          + "hijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
        "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"
      ),
      (
        String(repeating: "a", count: 1_000_000),
        "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
      ),
    ])
  func standardMessages(message: String, expected: String) {
    #expect(hex(SHA256.hash(Array(message.utf8))) == expected)
  }

  /// NIST CAVP, SHA256ShortMsg.rsp of the byte-oriented vectors.
  @Test(
    "hashes the CAVP short messages",
    arguments: [
      ("d3", "28969cdfa74a12c82f3bad960b0b000aca2ac329deea5c2328ebc6f2ba9802c1"),
      ("11af", "5ca7133fa735326081558ac312c620eeca9970d1e70a4b95533d956f072d1f98"),
      ("b4190e", "dff2e73091f6c05e528896c4c831b9448653dc2ff043528f6769437bc7b975c2"),
      (
        "2d52447d1244d2ebc28650e7b05654bad35b3a68eedc7f8515306b496d75f3e7"
          + "3385dd1b002625024b81a02f2fd6dffb6e6d561cb7d0bd7a",
        "cfb88d6faf2de3a69d36195acec2e255e2af2b7d933997f348e09f6ce5758360"
      ),
      (
        "e2f76e97606a872e317439f1a03fcd92e632e5bd4e7cbc4e97f1afc19a16fde9"
          + "2d77cbe546416b51640cddb92af996534dfd81edb17c4424cf1ac4d75aceeb",
        "18041bd4665083001fba8c5411d2d748e8abbfdcdfd9218cb02b68a78e7d4c23"
      ),
      (
        "5a86b737eaea8ee976a0a24da63e7ed7eefad18a101c1211e2b3650c5187c2a8"
          + "a650547208251f6d4237e661c7bf4c77f335390394c37fa1a9f9be836ac28509",
        "42e61e174fbb3897d6dd6cef3dd2802fe67b331953b06114a65c772859dfc1aa"
      ),
    ])
  func shortMessages(message: String, expected: String) throws {
    let bytes = try #require(Hex.decode(message))
    #expect(hex(SHA256.hash(bytes)) == expected)
  }

  /// NIST CAVP, SHA256Monte.rsp, COUNT = 0: each message is the three digests before it.
  @Test("passes the first round of the CAVP Monte Carlo test")
  func monteCarlo() throws {
    let seed = try digest("6d1e72ad03ddeb5de891e572e2396f8da015d899ef0e79503152d6010a3fe691")
    var last = (seed, seed, seed)
    for _ in 0..<1_000 {
      var hasher = SHA256()
      hasher.update(last.0)
      hasher.update(last.1)
      hasher.update(last.2)
      last = (last.1, last.2, hasher.finish())
    }
    #expect(hex(last.2) == "e93c330ae5447738c8aa85d71a6c80f2a58381d05872d26bdd39f1fcd4f2b788")
  }

  /// The expected value is a chain over messages of every length, made with Python's hashlib:
  /// it meets each way in which a message can end in its last block.
  @Test("chains messages of 0 to 130 bytes as another implementation does")
  func chain() {
    var chained = Digest.zero
    for length in 0...130 { chained = SHA256.hash(chained, message(length)) }
    #expect(hex(chained) == "b43c6913b988e66860246fbffacf839c9a068d1248d35a2b813074808ab86377")
  }

  @Test("gives the same digest however a message of 0 to 130 bytes is cut", arguments: 0...130)
  func chunks(length: Int) {
    let message = message(length)
    let whole = SHA256.hash(message)
    var random = SeededGenerator(seed: UInt64(length))
    for _ in 0..<8 {
      var hasher = SHA256()
      var rest = message[...]
      while !rest.isEmpty {
        let chunk = Array(rest.prefix(Int.random(in: 0...70, using: &random)))
        rest = rest.dropFirst(chunk.count)
        if Bool.random(using: &random) {
          hasher.update(chunk)
        } else {
          hasher.update(chunk.span)
        }
      }
      #expect(hasher.finish() == whole, "length \(length)")
    }
  }

  @Test("hashes a digest and bytes as if they were joined", arguments: 0...130)
  func digestFirst(length: Int) {
    let first = SHA256.hash([1, 2, 3])
    let bytes = message(length)
    #expect(SHA256.hash(first, bytes) == SHA256.hash(first.bytes + bytes))
  }

  @Test("goes on from a copy without a trace in the original")
  func copies() {
    var hasher = SHA256()
    hasher.update(message(70))
    var copy = hasher
    copy.update([1])
    #expect(copy.finish() == SHA256.hash(message(70) + [1]))
    #expect(hasher.finish() == SHA256.hash(message(70)))
  }

  private func message(_ length: Int) -> [UInt8] {
    (0..<length).map { UInt8(truncatingIfNeeded: 7 * $0 + length) }
  }

  private func hex(_ digest: Digest) -> String { Hex.encode(digest.bytes) }

  private func digest(_ hex: String) throws -> Digest {
    let bytes = try #require(Hex.decode(hex))
    return try #require(Digest(bytes))
  }
}

/// SplitMix64: the same seed gives the same numbers in every process.
private struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
    return mixed ^ mixed >> 31
  }
}
