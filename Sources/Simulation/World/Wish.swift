import Office
import OpLog

/// One thing that somebody wants recorded, however often it has to be tried.
struct Wish {
  /// What a receipt for it puts into staff's hands.
  enum Slip {
    case none
    case resident(home: ReplicaID)
    case activity(points: Int64)
    case item
    case grant(sheet: [String: String])
    case reversal(of: Known.Grant)
  }

  var office: Int
  var request: RecordRequest
  var slip: Slip
  /// Every request key that was used for it.
  var keys: [String] = []
  /// The op that staff were told of.
  var op: OpID?
  /// The chain hash there: two copies of a PC write different ops under one id.
  var hash: Digest?
  /// Whether staff were told that it is recorded.
  var isPromised = false
  /// Whether it stands only in a log that a copy of its office's database took the place of.
  var isLost = false
  /// Whether it was refused, or given up.
  var isClosed = false
  /// Why it was refused; nil unless it was.
  var refusal: String?
}
