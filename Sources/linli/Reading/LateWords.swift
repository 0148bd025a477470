import Community
import OpLog
import Pages

/// What came too late, told by who wrote it.
extension DeskReason {
  /// ``words`` for an entry about an op: of a former hub's log nobody retired a PC.
  func words(about op: OpID?) -> Words {
    guard self == .late, op?.replica.isHub == true else { return words }
    return Words(
      "旧街道服务器的决定，点名结束后才出现: 无效",
      "decided by a former hub, and turned up after the roll-call had ended: it has no effect")
  }

  /// ``advice`` for an entry about an op.
  func advice(about op: OpID?) -> Words {
    guard self == .late, op?.replica.isHub == true else { return advice }
    return Words("如仍需要，请街道重新决定", "let the street decide it again if it is still wanted")
  }
}
