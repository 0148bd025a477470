import OpLog
import Store

/// What one hub commit takes in, and the receipt that the hub writes for it.
package struct Delivery: Sendable {
  /// The hub op that covers the runs; nil where the run is the hub's own log.
  package let receipt: Op?
  /// Ops of one log each, in order, in the order of the receipt's runs.
  package let runs: [[Op]]
  /// The bodies of these ops, by digest.
  package let bodies: [Digest: Body]

  /// The canonical bytes of its ops in canonical order, the receipt first.
  package var bytes: [[UInt8]] {
    (receipt.map { [$0.bytes] } ?? []) + runs.flatMap { $0.map(\.bytes) }
  }

  /// How many ops the runs hold; the receipt is not counted.
  package var opCount: Int { runs.reduce(0) { $0 + $1.count } }
}
