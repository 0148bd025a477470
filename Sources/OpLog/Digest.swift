/// A SHA-256 value: a chain hash, the digest of a body, or a seal.
///
/// The 32 bytes are kept as four big-endian words, so that a copy counts no references. Digests
/// sort as their bytes do.
package struct Digest: Hashable, Comparable, Sendable {
  /// The length of every digest, in bytes.
  package static let byteCount = 32

  /// The digest of 32 zero bytes, for a place where no hash stands yet.
  package static let zero = Digest(words: 0, 0, 0, 0)

  let word0: UInt64
  let word1: UInt64
  let word2: UInt64
  let word3: UInt64

  init(words word0: UInt64, _ word1: UInt64, _ word2: UInt64, _ word3: UInt64) {
    self.word0 = word0
    self.word1 = word1
    self.word2 = word2
    self.word3 = word3
  }

  /// Takes over 32 bytes.
  ///
  /// - Returns: `nil` unless there are exactly 32 bytes.
  package init?(_ bytes: some Collection<UInt8>) {
    guard bytes.count == Digest.byteCount else { return nil }
    // An array and its slices lend their storage; a walk by index would cost ten times as much.
    self =
      bytes.withContiguousStorageIfAvailable { Digest(UnsafeRawBufferPointer($0).bytes) }
      ?? Digest([UInt8](bytes).span.bytes)
  }

  private init(_ bytes: RawSpan) {
    // SAFETY: any eight bytes are a UInt64, and the load checks that they lie within the span.
    func word(_ index: Int) -> UInt64 {
      bytes.unsafeLoadUnaligned(fromByteOffset: 8 * index, as: UInt64.self).bigEndian
    }
    self.init(words: word(0), word(1), word(2), word(3))
  }

  /// Reads the 43 characters of ``description``.
  ///
  /// - Returns: `nil` for any other text, padded or non-canonical base64url included.
  package init?(base64URL text: String) {
    guard let bytes = Base64URL.decode(text) else { return nil }
    self.init(bytes)
  }

  /// The 32 bytes in a new array.
  package var bytes: [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(Digest.byteCount)
    append(to: &bytes)
    return bytes
  }

  /// Appends the 32 bytes to a buffer of the caller.
  package func append(to bytes: inout [UInt8]) {
    withBytes { bytes.append(contentsOf: $0) }
  }

  /// The first 8 bytes as a big-endian word, for a short fingerprint.
  package var firstEightBytes: UInt64 { word0 }

  /// Whether both are the same, in a time that tells nothing about where they differ.
  ///
  /// Use it for seals and tokens; `==` may stop at the first different word.
  @inline(never)
  package func isEqualInConstantTime(to other: Digest) -> Bool {
    let differences =
      (word0 ^ other.word0) | (word1 ^ other.word1) | (word2 ^ other.word2)
      | (word3 ^ other.word3)
    return differences == 0
  }

  /// Whether the bytes of `left` come before the bytes of `right`.
  package static func < (left: Digest, right: Digest) -> Bool {
    (left.word0, left.word1, left.word2, left.word3)
      < (right.word0, right.word1, right.word2, right.word3)
  }

  /// Lends the 32 bytes without an allocation.
  func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    let words: InlineArray<4, UInt64> = [
      word0.bigEndian, word1.bigEndian, word2.bigEndian, word3.bigEndian,
    ]
    return words.span.withUnsafeBytes(body)
  }
}

extension Digest: CustomStringConvertible {
  /// The 43 characters of the bytes as base64url.
  package var description: String { Base64URL.encode(bytes) }
}
