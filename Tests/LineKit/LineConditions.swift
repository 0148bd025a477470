/// How bad a line is; the ordinary values are a line of which nobody notices anything.
package struct LineConditions: Sendable {
  /// Bytes a second from the client to the hub, for all connections together.
  package var upBytesPerSecond = 1 << 30
  /// Bytes a second from the hub to the client, for all connections together.
  package var downBytesPerSecond = 1 << 30
  /// Milliseconds that each byte is on its way; an answer comes after twice that.
  package var delayMilliseconds: Int64 = 0
  /// After so many ms, and again and again, every connection is cut; nil for never.
  package var cutEveryMilliseconds: Int64?
  /// For how many ms behind a cut there is no line at all.
  package var downMilliseconds: Int64 = 0
  /// After so many ms, and again and again, the line goes silent; nil for never.
  package var stallEveryMilliseconds: Int64?
  /// For how many ms it is silent then; nothing is lost.
  package var stallMilliseconds: Int64 = 0
  /// Each of so many answers never arrives: the hub has made it, and the connection is cut; nil for none.
  package var swallowEvery: Int?

  /// A line of which nobody notices anything.
  package init() {}

  /// The line of the requirements: 64 kbit/s, an answer after 600 ms, cut every 20 s.
  package static var bad: LineConditions {
    var conditions = LineConditions()
    conditions.upBytesPerSecond = 8_000
    conditions.downBytesPerSecond = 8_000
    conditions.delayMilliseconds = 300
    conditions.cutEveryMilliseconds = 20_000
    return conditions
  }
}

/// What went over a simulated line.
package struct LineCounts: Sendable, Equatable {
  /// Bytes that reached the hub.
  package var up = 0
  /// Bytes that reached the client.
  package var down = 0
  /// Connections that were made.
  package var connections = 0
  /// How often the hub began to answer.
  package var answers = 0
  /// Answers that were swallowed.
  package var swallowed = 0
  /// How often the line was cut, whether anybody used it or not.
  package var cuts = 0
  /// Connections that a cut ended.
  package var connectionsCut = 0
  /// The first byte of each range that a client asked for, in order: a number that is not larger than the
  /// one before came again, or began anew.
  package var rangeStarts: [Int] = []
}
