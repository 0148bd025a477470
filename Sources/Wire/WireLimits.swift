import OpLog

/// The limits of messages; checked when one is written and when one is read.
///
/// What comes in beyond a limit is refused; a message of ours beyond one is a bug and traps. The
/// limits of an op itself are ``EnvelopeLimits``.
package enum WireLimits {
  /// Nesting of objects and arrays.
  ///
  /// An op of a reply stands at 7 (entries, runs, ops); its payload adds 7 maps and one
  /// `{"#ref": …}`: 15, doubled.
  package static let depthMax = 32

  /// Bytes of one op as JSON: 448 KiB.
  ///
  /// An op has at most 32 KiB, and in one of unknown kind `{"#bytes":""},` takes 14 characters for a
  /// byte, the worst there is. By name, the longest payload is a receipt of 256 runs: 22 KiB.
  package static let opBytesMax = 14 * EnvelopeLimits.opBytesMax

  /// Bytes of ops that an asker may want in one reply.
  ///
  /// 4 KiB pass a line of 8 kbit/s in 4 s; beyond 1 MiB the cost of a round trip no longer shows.
  package static let chunkBytes: ClosedRange<Int64> = 4 << 10...1 << 20

  /// Bytes of a sync request or reply: 2 MiB.
  ///
  /// That is the largest chunk, the op that passes it (< ½ MiB), and ½ MiB for heads and seals, runs
  /// and brackets.
  package static let messageBytesMax = 2 << 20

  /// Ops in one request or reply: the largest chunk filled with ops of 256 bytes.
  package static let opsMax = 4096

  /// Hub entries in one reply: each of them may stand for one op.
  package static let entriesMax = 4096

  /// Heads of logs in one request: enough for 50 offices that each replace their PC 20 times.
  package static let headsMax = 1024

  /// Seconds for which a sync may wait for something to be said: below the 30 s after which clients and
  /// proxies take a line for dead.
  package static let waitSecondsMax = 25

  /// Lives of a hub that one message names, as many as `hub.begin` does.
  package static let incarnationsMax = 256

  /// Ops that a rebuilt hub stores before anything proves them: three times ten years of fifty offices,
  /// some 2 GB.
  package static let unprovedOpsMax: UInt64 = 8_000_000

  /// Partitions of a digest in one reply: 100 bytes each.
  package static let partitionsMax = 1024

  /// Spans into which a range of rows is cut, and rows that are listed: 64 × 64 × 64 rows, more than a
  /// table has of one office, are found in three questions.
  package static let spansMax = 64

  /// Rows that differ, as an office reports them: a fault shows in a few, or in all.
  package static let differencesMax = 32

  /// Key columns of a row; tables have at most 5.
  package static let rowKeyMax = 8

  /// Points that a home may grant at once, as in `rights.grant`.
  package static let rightsPoints: ClosedRange<Int64> = 1...10_000

  /// Bytes of a request to enrol, a question about rights or a digest, a reply about rights, a hub card,
  /// or a problem: each is below 12 KiB.
  package static let smallMessageBytesMax = 16 << 10

  /// Bytes of a detached body as it travels, salt and content.
  package static let bodyBytesMax = BodyLimits.wireBytesMax

  /// Bytes of a one-time code: typed by hand, so 64 is plenty.
  package static let codeBytes: ClosedRange<Int> = 1...64

  /// Bytes of an office's label: 20 Chinese characters, as in `replica.enroll`; an empty one takes
  /// the invitation's.
  package static let labelBytes: ClosedRange<Int> = 0...60

  /// Bytes of a street's name: 20 Chinese characters, as in `street.define`.
  package static let streetNameBytes: ClosedRange<Int> = 1...60

  /// Bytes of the nonce by which a repeated request to enrol is known again.
  package static let nonceBytes = 16

  /// Bytes of an office's secret: one HMAC-SHA-256.
  package static let secretBytes = 32

  /// Bytes of a problem's detail: it may quote one value, never a whole op.
  package static let detailBytes: ClosedRange<Int> = 0...2048

  /// Bytes of a bundle or a receipt file: 64 MiB.
  ///
  /// Ten years of one office are 10 MB of canonical ops, some 30 MB as JSON; its residents' files, 2,000
  /// of 1 KB, and heads go beside them. What is more comes with the next one.
  package static let bundleBytesMax = 64 << 20

  /// Frames of a bundle: 64 messages of a MiB and 256 boxes, or up to 512 smaller messages; a place and
  /// its reply count as one.
  package static let bundleFramesMax = 1024

  /// Bytes of bodies in one box: 15 of the largest, some hundreds of ordinary ones.
  package static let boxTextBytesMax = 256 << 10

  /// Bodies that a bundle asks for, or says to be held: 80 boxes of a receipt file full of files of 1 KB.
  package static let bundleBodiesMax = 20_000

  /// Gaps in the numbers of an office's bundles that a hub remembers: more than a year of weekly ones.
  package static let bundleGapsMax = 64
}
