import OpLog
import Testing

@Suite struct CheckValuesTests {
  private func naive(_ hashes: [Digest]) -> UInt64? {
    hashes.isEmpty ? nil : SHA256.hash(hashes.flatMap(\.bytes)).firstEightBytes
  }

  private func digest(_ number: Int) -> Digest { SHA256.hash([UInt8(number)]) }

  @Test("a check value is the hash of the hashes, however many there are")
  func counts() {
    for count in 0...9 {
      let hashes = (0..<count).map(digest)
      #expect(Chain.names(of: hashes) == naive(hashes), "\(count) hashes")
    }
  }

  @Test("what is kept of one list never leaks into the next")
  func keepsNothingWrong() {
    var values = CheckValues()
    let lists = [
      [1, 2, 3, 4], [1, 2, 5], [1, 2], [1, 3], [2, 1, 3], [1], [], [1, 2, 3, 4], [3, 2],
    ]
    for list in lists {
      let hashes = list.map(digest)
      #expect(values.value(of: hashes) == naive(hashes), "\(list)")
    }
  }
}
