import OpLog
import Store
import Wire

/// The way from two digests that differ to the rows that do: partitions, then spans, then rows.
///
/// Holds what is still to be asked; both sides' states must be those of one hub head at each answer.
struct DigestSearch {
  /// A partition in which something differs, and where in it to look.
  private struct Suspect {
    let partition: Partition
    /// The sums kept of its rows differ from the hub's, or from the rows.
    let isSumWrong: Bool
    /// Whether a row in it was found.
    var hasRow = false
    /// The ranges to be looked at, the next one last.
    var ranges: [RowRange]

    init(_ partition: Partition, isSumWrong: Bool) {
      self.partition = partition
      self.isSumWrong = isSumWrong
      ranges = [RowRange(partition)]
    }
  }

  /// The hub's head that both states follow.
  var head: Head
  /// What was found so far.
  private(set) var found: [RowDifference] = []
  private var suspects: [Suspect] = []
  /// Behind which partition the hub's list goes on; nil in it for its start.
  private var list: Partition??

  /// Begins a search.
  ///
  /// - Parameters:
  ///   - head: The hub's head that both states follow.
  ///   - isDifferent: Whether the digests differ, so that the partitions have to be compared.
  ///   - known: Partitions to look into in any case: something was wrong in them before.
  ///   - store: The office's own.
  /// - Throws: ``StoreError/database(_:)`` when its tables cannot be read.
  init(
    at head: Head, isDifferent: Bool, known: [Partition], in store: Store
  ) throws(StoreError) {
    self.head = head
    list = isDifferent ? .some(nil) : nil
    let kept = try store.partitionSums()
    for partition in Set(known).sorted() {
      let total = try store.sum(of: RowRange(partition))
      let sum = PartitionSum(partition, rows: total.rows, sum: total.sum)
      let isKept =
        total.rows == 0 ? !kept.contains { $0.partition == partition } : kept.contains(sum)
      suspects.append(Suspect(partition, isSumWrong: !isKept))
    }
  }

  /// What to ask next; nil when everything was looked at, or enough was found.
  mutating func next() -> DigestsQuestion? {
    guard found.count < WireLimits.differencesMax else { return nil }
    if let list { return .partitions(after: list) }
    while let suspect = suspects.last {
      if let range = suspect.ranges.last { return .range(range) }
      if suspect.isSumWrong, !suspect.hasRow { note([], in: suspect.partition, nil, nil) }
      suspects.removeLast()
    }
    return nil
  }

  /// Takes the answer to ``next()``.
  mutating func take(_ answer: DigestsAnswer, from store: Store) throws(StoreError) {
    switch answer {
    case .partitions(let theirs, let hasMore):
      try compare(theirs, hasMore: hasMore, in: store)
    case .spans(let spans):
      guard let range = suspects.last?.ranges.last else { return }
      var (after, differing) = (range.after, [RowRange]())
      for span in spans {
        let part = RowRange(range.partition, after: after, through: span.through ?? range.through)
        let own = try store.sum(of: part)
        if own.rows != span.rows || own.sum != span.sum { differing.append(part) }
        after = span.through
      }
      suspects[suspects.count - 1].ranges.removeLast()
      suspects[suspects.count - 1].ranges += differing.reversed()
    case .rows(let theirs):
      guard let range = suspects.last?.ranges.last else { return }
      try compare(theirs, in: range, of: store)
      suspects[suspects.count - 1].ranges.removeLast()
    }
  }

  private mutating func compare(
    _ theirs: [PartitionSum], hasMore: Bool, in store: Store
  ) throws(StoreError) {
    guard let start = list else { return }
    let end = hasMore ? theirs.last?.partition : nil
    let own = try store.partitionSums().filter { sum in
      (start.map { $0 < sum.partition } ?? true) && (end.map { sum.partition <= $0 } ?? true)
    }
    let differing = Set(Set(theirs).symmetricDifference(own).map(\.partition))
    suspects.removeAll { differing.contains($0.partition) }
    suspects += differing.sorted(by: >).map { Suspect($0, isSumWrong: true) }
    list = end.map { .some($0) }
  }

  private mutating func compare(
    _ theirs: [RowSum], in range: RowRange, of store: Store
  ) throws(StoreError) {
    var absent: [[Int64]: LaneSum] = [:]
    for row in theirs { absent[row.key] = row.sum }
    var differing: [RowDifference] = []
    try store.walk(range) { key, sum in
      let their = absent.removeValue(forKey: key)
      guard their != sum, differing.count < WireLimits.differencesMax else { return }
      differing.append(RowDifference(range.partition, key: key, office: sum, hub: their))
    }
    for row in differing { note(row.key, in: row.partition, row.office, row.hub) }
    for row in theirs where absent[row.key] != nil {
      note(row.key, in: range.partition, nil, row.sum)
    }
  }

  private mutating func note(
    _ key: [Int64], in partition: Partition, _ office: LaneSum?, _ hub: LaneSum?
  ) {
    if !key.isEmpty { suspects[suspects.count - 1].hasRow = true }
    guard found.count < WireLimits.differencesMax else { return }
    found.append(RowDifference(partition, key: key, office: office, hub: hub))
  }
}
