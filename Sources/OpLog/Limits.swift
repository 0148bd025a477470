/// The limits of an op's envelope; checked when an op is made and when one is read.
///
/// A limit here may grow in a later version and never shrinks: every op that was once accepted stays
/// readable for ever.
package enum EnvelopeLimits {
  /// Bytes of one op's canonical form: a receipt of 256 runs is 12 KiB, everything else is far less.
  package static let opBytesMax = 32 << 10
  /// Nesting of arrays, maps, and tags inside a payload: records of references need 4.
  package static let depthMax = 6
  /// References in one op: a redemption of 20 lines names 24 ops.
  package static let referencesMax = 64
  /// Ops of one replica: 200 a day would take 58,000 years; (replica, seq) fits one 64-bit integer.
  package static let seqMax: UInt64 = 0xFFFF_FFFF
  /// The highest replica id: 2^31 − 1, so that a packed ``OpID`` is never negative.
  package static let replicaMax: UInt32 = 0x7FFF_FFFF
  /// The largest |integer| that JSON readers keep exact: 2^53 − 1.
  package static let integerMax: Int64 = (1 << 53) - 1
  /// Runs in one receipt: a hub commit groups at most this many pushes.
  package static let receiptRunsMax = 256
}

/// The limits of a detached body, wherever it is kept and however it travels.
package enum BodyLimits {
  /// Random bytes before the content.
  package static let saltBytes = 16
  /// Bytes of the content: a file with every field at its limit holds 710, or 4.3 KB where each is
  /// written as a JSON escape.
  package static let contentBytesMax = 16 << 10
  /// Bytes of a body as it travels: salt, then content.
  package static let wireBytesMax = saltBytes + contentBytesMax
}
