/// A SHA-256 in progress, as FIPS 180-4 defines it.
///
/// A value: a copy taken after some bytes goes on from there by itself. It keeps at most one
/// unfinished block and allocates nothing; the cost is one compression for each 64 bytes, and one
/// or two for the end.
package struct SHA256: Sendable {
  /// The bytes that one compression takes.
  static let blockByteCount = 64

  private var state = HashState.initial
  /// The bytes since the last compression; zero behind them.
  private var block = InlineArray<64, UInt8>(repeating: 0)
  private var byteCount: UInt64 = 0

  private var blockFill: Int { Int(byteCount % UInt64(SHA256.blockByteCount)) }

  /// Starts the hash of a message.
  package init() {}

  /// Returns the hash of one message.
  package static func hash(_ bytes: [UInt8]) -> Digest {
    var hasher = SHA256()
    hasher.update(bytes)
    return hasher.finish()
  }

  /// Returns SHA-256(first ‖ bytes), one step of a hash chain.
  ///
  /// It runs for each op; two compressions up to 87 bytes, no allocation.
  package static func hash(_ first: Digest, _ bytes: [UInt8]) -> Digest {
    var hasher = SHA256()
    hasher.update(first)
    hasher.update(bytes)
    return hasher.finish()
  }

  /// Takes in the next bytes of the message.
  package mutating func update(_ bytes: [UInt8]) { update(bytes.span.bytes) }

  /// Takes in the next bytes of the message.
  package mutating func update(_ bytes: Span<UInt8>) { update(bytes.bytes) }

  /// Takes in the 32 bytes of a digest.
  package mutating func update(_ digest: Digest) {
    digest.withBytes { update($0.bytes) }
  }

  /// Ends the message and returns its hash.
  package consuming func finish() -> Digest {
    let fill = blockFill
    block[fill] = 0x80
    if fill >= 56 {
      compressBlock()  // no room left for the length, so it gets a block of its own
    }
    var last = MessageWords(block.span.bytes, at: 0)
    let bitCount = byteCount << 3
    last.w14 = UInt32(truncatingIfNeeded: bitCount >> 32)
    last.w15 = UInt32(truncatingIfNeeded: bitCount)
    state.compress(last)
    return state.digest
  }

  private mutating func update(_ bytes: RawSpan) {
    let fill = blockFill
    byteCount += UInt64(bytes.byteCount)
    var position = 0
    if fill > 0 {
      position = min(SHA256.blockByteCount - fill, bytes.byteCount)
      store(bytes.extracting(first: position), at: fill)
      guard fill + position == SHA256.blockByteCount else { return }
      compressBlock()
    }
    while bytes.byteCount - position >= SHA256.blockByteCount {
      state.compress(MessageWords(bytes, at: position))
      position += SHA256.blockByteCount
    }
    store(bytes.extracting(droppingFirst: position), at: 0)
  }

  private mutating func store(_ bytes: RawSpan, at fill: Int) {
    var block = block.mutableSpan
    block.withUnsafeMutableBytes { block in
      bytes.withUnsafeBytes {
        UnsafeMutableRawBufferPointer(rebasing: block[fill...]).copyMemory(from: $0)
      }
    }
  }

  private mutating func compressBlock() {
    state.compress(MessageWords(block.span.bytes, at: 0))
    block = InlineArray(repeating: 0)
  }
}

/// A SHA-256 over digests put one after the other: two fill a block, so nothing is copied.
struct DigestPairs: Sendable {
  private var state = HashState.initial
  private var count: UInt64 = 0

  /// Takes in the next two digests; one compression.
  mutating func add(_ first: Digest, _ second: Digest) {
    state.compress(MessageWords(first, second))
    count += 2
  }

  /// Ends the message, with one more digest or without; one compression.
  consuming func finish(_ last: Digest?) -> Digest {
    let end: UInt64 = 0x80 << 56
    let bitCount = (count + (last == nil ? 0 : 1)) * UInt64(Digest.byteCount) << 3
    if let last {
      state.compress(MessageWords(last, Digest(words: end, 0, 0, bitCount)))
    } else {
      state.compress(MessageWords(Digest(words: end, 0, 0, 0), Digest(words: 0, 0, 0, bitCount)))
    }
    return state.digest
  }
}

/// The eight words that one block hands to the next.
private struct HashState {
  var a: UInt32
  var b: UInt32
  var c: UInt32
  var d: UInt32
  var e: UInt32
  var f: UInt32
  var g: UInt32
  var h: UInt32

  static let initial = HashState(
    a: 0x6A09_E667, b: 0xBB67_AE85, c: 0x3C6E_F372, d: 0xA54F_F53A,
    e: 0x510E_527F, f: 0x9B05_688C, g: 0x1F83_D9AB, h: 0x5BE0_CD19)

  var digest: Digest {
    Digest(
      words: UInt64(a) << 32 | UInt64(b), UInt64(c) << 32 | UInt64(d),
      UInt64(e) << 32 | UInt64(f), UInt64(g) << 32 | UInt64(h))
  }

  /// Mixes in one block: 64 rounds, each with one message word and one
  /// constant of FIPS 180-4 §4.2.2.
  mutating func compress(_ block: MessageWords) {
    var words = block
    var next = self
    next.sixteenRounds(
      words,
      [
        0x428A_2F98, 0x7137_4491, 0xB5C0_FBCF, 0xE9B5_DBA5,
        0x3956_C25B, 0x59F1_11F1, 0x923F_82A4, 0xAB1C_5ED5,
        0xD807_AA98, 0x1283_5B01, 0x2431_85BE, 0x550C_7DC3,
        0x72BE_5D74, 0x80DE_B1FE, 0x9BDC_06A7, 0xC19B_F174,
      ])
    words.advance()
    next.sixteenRounds(
      words,
      [
        0xE49B_69C1, 0xEFBE_4786, 0x0FC1_9DC6, 0x240C_A1CC,
        0x2DE9_2C6F, 0x4A74_84AA, 0x5CB0_A9DC, 0x76F9_88DA,
        0x983E_5152, 0xA831_C66D, 0xB003_27C8, 0xBF59_7FC7,
        0xC6E0_0BF3, 0xD5A7_9147, 0x06CA_6351, 0x1429_2967,
      ])
    words.advance()
    next.sixteenRounds(
      words,
      [
        0x27B7_0A85, 0x2E1B_2138, 0x4D2C_6DFC, 0x5338_0D13,
        0x650A_7354, 0x766A_0ABB, 0x81C2_C92E, 0x9272_2C85,
        0xA2BF_E8A1, 0xA81A_664B, 0xC24B_8B70, 0xC76C_51A3,
        0xD192_E819, 0xD699_0624, 0xF40E_3585, 0x106A_A070,
      ])
    words.advance()
    next.sixteenRounds(
      words,
      [
        0x19A4_C116, 0x1E37_6C08, 0x2748_774C, 0x34B0_BCB5,
        0x391C_0CB3, 0x4ED8_AA4A, 0x5B9C_CA4F, 0x682E_6FF3,
        0x748F_82EE, 0x78A5_636F, 0x84C8_7814, 0x8CC7_0208,
        0x90BE_FFFA, 0xA450_6CEB, 0xBEF9_A3F7, 0xC671_78F2,
      ])
    a &+= next.a
    b &+= next.b
    c &+= next.c
    d &+= next.d
    e &+= next.e
    f &+= next.f
    g &+= next.g
    h &+= next.h
  }

  /// After each round the eight letters move on by one place; naming them anew costs nothing.
  @inline(__always)
  private mutating func sixteenRounds(_ w: MessageWords, _ k: InlineArray<16, UInt32>) {
    round(a, b, c, &d, e, f, g, &h, k[0] &+ w.w0)
    round(h, a, b, &c, d, e, f, &g, k[1] &+ w.w1)
    round(g, h, a, &b, c, d, e, &f, k[2] &+ w.w2)
    round(f, g, h, &a, b, c, d, &e, k[3] &+ w.w3)
    round(e, f, g, &h, a, b, c, &d, k[4] &+ w.w4)
    round(d, e, f, &g, h, a, b, &c, k[5] &+ w.w5)
    round(c, d, e, &f, g, h, a, &b, k[6] &+ w.w6)
    round(b, c, d, &e, f, g, h, &a, k[7] &+ w.w7)
    round(a, b, c, &d, e, f, g, &h, k[8] &+ w.w8)
    round(h, a, b, &c, d, e, f, &g, k[9] &+ w.w9)
    round(g, h, a, &b, c, d, e, &f, k[10] &+ w.w10)
    round(f, g, h, &a, b, c, d, &e, k[11] &+ w.w11)
    round(e, f, g, &h, a, b, c, &d, k[12] &+ w.w12)
    round(d, e, f, &g, h, a, b, &c, k[13] &+ w.w13)
    round(c, d, e, &f, g, h, a, &b, k[14] &+ w.w14)
    round(b, c, d, &e, f, g, h, &a, k[15] &+ w.w15)
  }
}

/// One round: `d` and `h` change, the other letters only move.
///
/// The rotations are nested, and choice and majority are in the forms with the fewest steps:
/// rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25), (e & f) ^ (~e & g), and
/// (a & b) ^ (a & c) ^ (b & c) in the standard.
@inline(__always)
private func round(
  _ a: UInt32, _ b: UInt32, _ c: UInt32, _ d: inout UInt32,
  _ e: UInt32, _ f: UInt32, _ g: UInt32, _ h: inout UInt32, _ input: UInt32
) {
  let choice = g ^ (e & (f ^ g))
  let majority = (a & b) ^ (c & (a ^ b))
  let mixed = h &+ rotate(e ^ rotate(e ^ rotate(e, 14), 5), 6) &+ choice &+ input
  d &+= mixed
  h = mixed &+ rotate(a ^ rotate(a ^ rotate(a, 9), 11), 2) &+ majority
}

/// Rotates to the right by 1 to 31 bits.
@inline(__always)
private func rotate(_ word: UInt32, _ count: UInt32) -> UInt32 {
  word &>> count | word &<< (32 &- count)
}

/// Sixteen words of the message schedule.
///
/// Sixteen properties and no array, so that the compiler sees each word and keeps it in a register
/// where it can.
private struct MessageWords {
  var w0: UInt32
  var w1: UInt32
  var w2: UInt32
  var w3: UInt32
  var w4: UInt32
  var w5: UInt32
  var w6: UInt32
  var w7: UInt32
  var w8: UInt32
  var w9: UInt32
  var w10: UInt32
  var w11: UInt32
  var w12: UInt32
  var w13: UInt32
  var w14: UInt32
  var w15: UInt32

  /// Reads the block that starts at `offset`.
  init(_ bytes: RawSpan, at offset: Int) {
    // SAFETY: any four bytes are a UInt32, and the load checks that they lie within the span.
    func word(_ index: Int) -> UInt32 {
      bytes.unsafeLoadUnaligned(fromByteOffset: offset + 4 * index, as: UInt32.self).bigEndian
    }
    w0 = word(0)
    w1 = word(1)
    w2 = word(2)
    w3 = word(3)
    w4 = word(4)
    w5 = word(5)
    w6 = word(6)
    w7 = word(7)
    w8 = word(8)
    w9 = word(9)
    w10 = word(10)
    w11 = word(11)
    w12 = word(12)
    w13 = word(13)
    w14 = word(14)
    w15 = word(15)
  }

  /// A block of two digests.
  init(_ first: Digest, _ second: Digest) {
    w0 = UInt32(truncatingIfNeeded: first.word0 >> 32)
    w1 = UInt32(truncatingIfNeeded: first.word0)
    w2 = UInt32(truncatingIfNeeded: first.word1 >> 32)
    w3 = UInt32(truncatingIfNeeded: first.word1)
    w4 = UInt32(truncatingIfNeeded: first.word2 >> 32)
    w5 = UInt32(truncatingIfNeeded: first.word2)
    w6 = UInt32(truncatingIfNeeded: first.word3 >> 32)
    w7 = UInt32(truncatingIfNeeded: first.word3)
    w8 = UInt32(truncatingIfNeeded: second.word0 >> 32)
    w9 = UInt32(truncatingIfNeeded: second.word0)
    w10 = UInt32(truncatingIfNeeded: second.word1 >> 32)
    w11 = UInt32(truncatingIfNeeded: second.word1)
    w12 = UInt32(truncatingIfNeeded: second.word2 >> 32)
    w13 = UInt32(truncatingIfNeeded: second.word2)
    w14 = UInt32(truncatingIfNeeded: second.word3 >> 32)
    w15 = UInt32(truncatingIfNeeded: second.word3)
  }

  /// Replaces the words by the next sixteen, each in place of the one sixteen before it.
  @inline(__always)
  mutating func advance() {
    extend(&w0, w1, w9, w14)
    extend(&w1, w2, w10, w15)
    extend(&w2, w3, w11, w0)
    extend(&w3, w4, w12, w1)
    extend(&w4, w5, w13, w2)
    extend(&w5, w6, w14, w3)
    extend(&w6, w7, w15, w4)
    extend(&w7, w8, w0, w5)
    extend(&w8, w9, w1, w6)
    extend(&w9, w10, w2, w7)
    extend(&w10, w11, w3, w8)
    extend(&w11, w12, w4, w9)
    extend(&w12, w13, w5, w10)
    extend(&w13, w14, w6, w11)
    extend(&w14, w15, w7, w12)
    extend(&w15, w0, w8, w13)
  }

  @inline(__always)
  private func extend(_ word: inout UInt32, _ after1: UInt32, _ after9: UInt32, _ after14: UInt32) {
    word &+=
      (rotate(after1, 7) ^ rotate(after1, 18) ^ after1 &>> 3) &+ after9
      &+ (rotate(after14, 17) ^ rotate(after14, 19) ^ after14 &>> 10)
  }
}
