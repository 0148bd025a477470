import Foundation
import OpLog
import Peer
import Store
import Testing
import Wire

@Suite struct LimitsDocumentTests {
  private static let limits: [(name: String, value: Int)] = [
    ("op bytes", EnvelopeLimits.opBytesMax), ("payload depth", EnvelopeLimits.depthMax),
    ("references of an op", EnvelopeLimits.referencesMax),
    ("seq", Int(EnvelopeLimits.seqMax)), ("replica id", Int(EnvelopeLimits.replicaMax)),
    ("runs of a receipt", EnvelopeLimits.receiptRunsMax),
    ("message bytes", WireLimits.messageBytesMax),
    ("small message bytes", WireLimits.smallMessageBytesMax),
    ("ops of a message", WireLimits.opsMax),
    ("entries of a reply", WireLimits.entriesMax), ("heads of a message", WireLimits.headsMax),
    ("lives in a message", WireLimits.incarnationsMax), ("JSON depth", WireLimits.depthMax),
    ("chunk bytes, least", LinePace.chunkBytes.lowerBound),
    ("chunk bytes, most", LinePace.chunkBytes.upperBound),
    ("seconds of a waiting call", WireLimits.waitSecondsMax),
    ("body content bytes", BodyLimits.contentBytesMax),
    ("body bytes", BodyLimits.wireBytesMax),
    ("partitions of a digest reply", WireLimits.partitionsMax),
    ("spans or rows of a digest reply", WireLimits.spansMax),
    ("differences of a message", WireLimits.differencesMax),
    ("key columns of a row", WireLimits.rowKeyMax),
    ("ops of a segment", SegmentLimits.opsMax), ("items of a segment", SegmentLimits.itemsMax),
    ("op bytes of a segment", SegmentLimits.opBytesMax),
    ("code bytes", WireLimits.codeBytes.upperBound),
    ("label bytes", WireLimits.labelBytes.upperBound),
    ("street name bytes", WireLimits.streetNameBytes.upperBound),
    ("detail bytes", WireLimits.detailBytes.upperBound),
    ("points of a right", Int(WireLimits.rightsPoints.upperBound)),
    ("bundle bytes", WireLimits.bundleBytesMax),
    ("frames of a bundle", WireLimits.bundleFramesMax),
    ("box text bytes", WireLimits.boxTextBytesMax),
    ("bodies asked for by a bundle", WireLimits.bundleBodiesMax),
    ("gaps in an office's bundles", WireLimits.bundleGapsMax),
  ]

  @Test("Protocol/limits.md states each limit as the program has it", arguments: limits.indices)
  func limitIsStated(index: Int) throws {
    let (name, value) = Self.limits[index]
    let file = Repository.root.appending(path: "Protocol/limits.md")
    let text = try String(contentsOf: file, encoding: .utf8)
    #expect(text.contains("\n| \(name) | \(value) |"))
  }
}
