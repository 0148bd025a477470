import Community

/// What a person is told of the bodies that are still to be brought to the hub.
enum UnsentBodies {
  /// How many there are, and what brings them.
  static func words(_ count: Int) -> Words {
    Words(
      "资料 \(count) 份还没有送到街道: 同步，或再导出一个数据包(街道点名期间不收资料，点名结束后再送)",
      "bodies not at the hub yet: \(count). Sync, or export another bundle; while the hub calls the roll it "
        + "takes none, so bring them once that has ended")
  }

  /// The same where the day's budget of bytes is spent.
  static func wordsWhenSpent(_ count: Int) -> Words {
    Words(
      "资料 \(count) 份还没有送到街道: 今天的流量已用完，明天的同步会送",
      "bodies not at the hub yet: \(count). The budget of today is spent: a sync takes them tomorrow"
    )
  }
}
