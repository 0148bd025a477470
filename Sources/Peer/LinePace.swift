/// How much one exchange may ask for on a line, by how the line has been.
///
/// A chunk is all or nothing: what had come of one when the line was cut comes again. So a chunk
/// takes a twenty-fourth of the time for which the line holds: the half of it that is lost on average is
/// some 3 % of what comes, since round trips take their time too. It never takes more than some three
/// seconds: beyond that, the round trips that larger chunks save hardly show.
package struct LinePace: Equatable, Sendable {
  /// What one request and its answer moved, and how long that took.
  package struct Sample: Equatable, Sendable {
    /// Bytes of the request, with its head.
    package var sent: Int
    /// Bytes of the answer as far as it came, with its head.
    package var received: Int
    /// Milliseconds before the answer's first byte.
    package var waited: Int64
    /// Milliseconds from then to the last byte that came.
    package var moved: Int64

    /// Makes a sample.
    package init(sent: Int, received: Int, waited: Int64, moved: Int64) {
      self.sent = sent
      self.received = received
      self.waited = waited
      self.moved = moved
    }
  }

  /// Chunks move between these: 4 KiB pass a line of 64 kbit/s in half a second, 1 MiB is what a hub
  /// takes.
  package static let chunkBytes: ClosedRange<Int> = 4 << 10...1 << 20

  /// The first chunk on a line that was never measured: two seconds of 64 kbit/s.
  package static let firstChunk = 16 << 10

  /// For how long a line is taken to hold, in ms.
  package static let calmMilliseconds: ClosedRange<Int64> = 8_000...64_000

  /// The share of that time that a chunk may take.
  private static let shares: Int64 = 24
  /// Less than this says nothing about bandwidth: it passes in one packet or two.
  private static let sampleBytes = 2 << 10
  /// A chunk grows to at most so many times the one before: one measurement may be wrong.
  private static let growthMax = 4
  /// The share of the calm that a range may take, and the longest, in ms.
  private static let rangeShares: Int64 = 4
  private static let rangeMilliseconds: Int64 = 5_000
  /// A measure that no line has, so that sums stay small.
  private static let rateMax = 1 << 30

  /// Bytes of ops that one exchange may move.
  package private(set) var chunk: Int
  /// Bytes a second that the line moves; nil before the first measurement.
  package private(set) var rate: Int?
  /// For how long the line holds between two cuts, in ms.
  package private(set) var calm: Int64
  /// How long exchanges have succeeded since the last cut, in ms.
  private var sinceCut: Int64 = 0
  /// The shortest wait for the answer to a small request; it is no matter of bandwidth.
  private var latency: Int64?

  /// A pace.
  ///
  /// - Parameters:
  ///   - rate: Bytes a second that were measured before; nil for a new line.
  ///   - calm: For how long it held then, in ms.
  package init(rate: Int? = nil, calm: Int64? = nil) {
    self.rate = rate.map { min(max($0, 1), Self.rateMax) }
    self.calm = Self.clamped(calm ?? 32_000)
    chunk = Self.firstChunk
    if self.rate != nil { chunk = fitting }
  }

  /// An exchange succeeded; without a sample, nobody can measure this line.
  package mutating func moved(_ sample: Sample?) {
    guard let sample else {
      chunk = min(chunk * 2, Self.chunkBytes.upperBound)
      return
    }
    sinceCut += sample.waited + sample.moved
    calm = Self.clamped(max(calm, sinceCut))
    if sample.sent < Self.sampleBytes { latency = min(latency ?? .max, sample.waited) }
    measure(sample)
    if rate != nil { chunk = min(fitting, chunk * Self.growthMax) }
  }

  /// An exchange failed; with a sample, the line was cut.
  package mutating func failed(_ sample: Sample?) {
    let half = max(chunk / 2, Self.chunkBytes.lowerBound)
    guard let sample, sample.received > 0 || sinceCut > 0 else {
      chunk = half
      return
    }
    let held = sinceCut + sample.waited + sample.moved
    calm = Self.clamped((calm + held) / 2)
    sinceCut = 0
    measure(sample)
    chunk = rate == nil ? half : min(chunk, fitting)
  }

  /// Bytes of a file that one request may ask for, where what comes before a cut is kept.
  ///
  /// It is what passes in a quarter of the time for which the line holds, and in five seconds at most. A
  /// longer one would hardly save a round trip, and a process that is killed loses what it had of it.
  package var rangeBytes: Int {
    guard let rate else { return chunk }
    let time = min(calm / Self.rangeShares, Self.rangeMilliseconds)
    return min(max(Int(Int64(rate) * time / 1_000), chunk), Self.chunkBytes.upperBound)
  }

  /// What passes in a chunk's share of the time for which the line holds.
  private var fitting: Int {
    let bytes = Int64(rate ?? 0) * (calm / Self.shares) / 1_000
    return min(max(Int(bytes), Self.chunkBytes.lowerBound), Self.chunkBytes.upperBound)
  }

  private mutating func measure(_ sample: Sample) {
    let bytes = sample.sent + sample.received
    guard bytes >= Self.sampleBytes else { return }
    let time = max(sample.waited + sample.moved - (latency ?? 0), 1)
    let measured = min(max(Int(Int64(bytes) * 1_000 / time), 1), Self.rateMax)
    rate = rate.map { ($0 + measured) / 2 } ?? measured
  }

  private static func clamped(_ milliseconds: Int64) -> Int64 {
    min(max(milliseconds, calmMilliseconds.lowerBound), calmMilliseconds.upperBound)
  }
}
