/// Choices that a world makes.
extension SplitMix64 {
  /// True in this many of a thousand cases; draws even when it is 0 or 1,000.
  mutating func happens(_ perMille: Int) -> Bool { below(1_000) < perMille }

  /// A number in a range, its ends included.
  mutating func within(_ range: ClosedRange<Int64>) -> Int64 {
    range.lowerBound + Int64(below(Int(range.upperBound - range.lowerBound) + 1))
  }

  /// One of the elements; nil when there are none.
  mutating func pick<Element>(_ elements: [Element]) -> Element? {
    elements.isEmpty ? nil : elements[below(elements.count)]
  }

  /// The index of one of several weights, each as likely as it is large; a caller bug unless one of
  /// them is above 0.
  mutating func weighted(_ weights: [Int]) -> Int {
    var left = below(weights.reduce(0, +))
    for (index, weight) in weights.enumerated() {
      if left < weight { return index }
      left -= weight
    }
    preconditionFailure("a number below the sum falls on one of the weights")
  }
}
