import Peer
import Testing

@Suite struct LinePaceTests {
  /// A line that moves so many bytes a second, and answers after so many ms.
  private struct Line {
    var rate: Double
    var latency: Int64 = 600

    func sample(_ received: Int, sent: Int = 600) -> LinePace.Sample {
      LinePace.Sample(
        sent: sent, received: received, waited: latency + Int64(Double(sent) / rate * 1_000),
        moved: Int64(Double(received) / rate * 1_000))
    }
  }

  @Test("a fast line comes to the largest chunks in a few exchanges, whatever its latency")
  func fast() {
    for latency in [1, 40, 600, 3_000] as [Int64] {
      let line = Line(rate: 2_000_000, latency: latency)
      var pace = LinePace()
      for _ in 0..<4 { pace.moved(line.sample(pace.chunk)) }
      #expect(pace.chunk == LinePace.chunkBytes.upperBound, "\(latency) ms")
    }
  }

  @Test("chunks of a slow line take a second or more, and not less where answers come late")
  func slow() {
    for latency in [1, 600, 5_000] as [Int64] {
      let line = Line(rate: 8_000, latency: latency)
      var pace = LinePace()
      for _ in 0..<4 { pace.moved(line.sample(pace.chunk)) }
      #expect((10_000...22_000).contains(pace.chunk), "\(latency) ms: \(pace.chunk)")
      for _ in 0..<60 { pace.moved(line.sample(pace.chunk)) }
      // It has not been cut: more than two seconds of it.
      #expect((20_000...22_000).contains(pace.chunk), "\(latency) ms: \(pace.chunk)")
    }
  }

  @Test("a range of a file takes a quarter of what the line holds, and at most five seconds")
  func ranges() {
    let line = Line(rate: 8_000)
    var pace = LinePace()
    #expect(pace.rangeBytes == LinePace.firstChunk)
    for _ in 0..<30 { pace.moved(line.sample(pace.chunk)) }
    #expect((35_000...42_000).contains(pace.rangeBytes), "\(pace.rangeBytes)")
    for _ in 0..<20 {
      pace.moved(line.sample(8_000))
      pace.failed(line.sample(8_000))
    }
    #expect((14_000...20_000).contains(pace.rangeBytes), "\(pace.rangeBytes)")
    var fast = LinePace(rate: 1 << 30)
    #expect(fast.rangeBytes == LinePace.chunkBytes.upperBound)
    fast.failed(nil)
    #expect(fast.rangeBytes >= fast.chunk)
  }

  @Test("what cuts take is a small share of what comes", arguments: [10, 20, 60])
  func cuts(seconds: Int) {
    let line = Line(rate: 8_000)
    var pace = LinePace()
    // The jitter of the pause behind a cut, and a handshake; without it each cut would hit the same place.
    var state: UInt32 = 1
    func pause() -> Double {
      state = state &* 1_664_525 &+ 1_013_904_223
      return 1.1 + Double(state >> 16) / 65_536 / 2
    }
    var (clock, nextCut, came, wasted) = (0.0, Double(seconds), 0, 0)
    while clock < 3_600 {
      let chunk = pace.chunk
      let whole = line.sample(chunk)
      let end = clock + Double(whole.waited + whole.moved) / 1_000
      if end <= nextCut {
        clock = end
        came += chunk
        pace.moved(whole)
      } else {
        let left = Int64((nextCut - clock) * 1_000)
        let moved = max(left - whole.waited, 0)
        let part = LinePace.Sample(
          sent: 600, received: Int(Double(moved) * line.rate / 1_000),
          waited: min(left, whole.waited), moved: moved)
        wasted += part.received
        pace.failed(part)
        clock = nextCut + pause()
        nextCut += Double(seconds)
      }
    }
    let share = Double(wasted) / Double(came)
    #expect(share <= (seconds < 20 ? 0.08 : 0.05), "\(share)")
    #expect(Double(came) / 3_600 > 0.3 * line.rate, "\(came)")
  }

  @Test("a line that became slow is found out by what came before the cut")
  func slower() {
    var pace = LinePace(rate: 5_000_000, calm: 64_000)
    #expect(pace.chunk == LinePace.chunkBytes.upperBound)
    pace.failed(LinePace.Sample(sent: 600, received: 150_000, waited: 600, moved: 19_000))
    pace.failed(LinePace.Sample(sent: 600, received: 0, waited: 600, moved: 0))
    for _ in 0..<6 {
      pace.failed(LinePace.Sample(sent: 600, received: 100_000, waited: 600, moved: 13_000))
    }
    #expect(pace.chunk <= 128 << 10, "\(pace.chunk)")
  }

  @Test("without a clock chunks double and halve")
  func blind() {
    var pace = LinePace()
    #expect(pace.chunk == LinePace.firstChunk)
    pace.moved(nil)
    #expect(pace.chunk == 2 * LinePace.firstChunk)
    for _ in 0..<20 { pace.moved(nil) }
    #expect(pace.chunk == LinePace.chunkBytes.upperBound)
    for _ in 0..<20 { pace.failed(nil) }
    #expect(pace.chunk == LinePace.chunkBytes.lowerBound)
  }

  @Test("what was measured last time is where it starts")
  func again() {
    var first = LinePace()
    for _ in 0..<4 { first.moved(Line(rate: 8_000).sample(first.chunk)) }
    let next = LinePace(rate: first.rate, calm: first.calm)
    #expect(next.chunk == first.chunk)
    // A small exchange says nothing about it.
    var idle = next
    idle.moved(LinePace.Sample(sent: 500, received: 400, waited: 600, moved: 0))
    #expect(idle.rate == next.rate && idle.chunk == next.chunk)
  }
}
