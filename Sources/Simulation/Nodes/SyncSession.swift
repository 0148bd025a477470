import Office
import Peer

/// One sync of an office while it runs: the product's machine, and what it waits for.
final class SyncSession {
  /// Decides what comes next.
  var machine: SyncMachine
  /// The call whose answer is awaited, and when patience ends.
  var awaited: (call: Int, until: Int64)?
  /// When a pause ends.
  var resumesAt: Int64?
  /// Bodies that are still to be moved; nil before the list was made.
  var errands: [BodyErrand]?
  /// Requests that were made.
  var callCount = 0
  /// Whether ops travel as JSON for the rest of the sync: an exchange with segments failed.
  var isInJSON = false
  /// Whether it asks for no checkpoint any more: the hub gave one, or may not now.
  var isPlainPull = false
  /// Whether the last exchange compared digests and found them equal.
  var isDigestEqual = false

  init(attemptsMax: Int, owesRollCall: Bool) {
    machine = SyncMachine(attemptsMax: attemptsMax, owesRollCall: owesRollCall)
  }

  /// When something happens of itself: a pause or patience ends.
  var nextWake: Int64? { resumesAt ?? awaited?.until }
}
