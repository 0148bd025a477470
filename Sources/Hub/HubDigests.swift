import Community
import OpLog
import Store
import Wire

/// Finding the row in which an office's state differs from the hub's, although their logs are equal.
extension HubCore {
  func digests(
    _ request: DigestsRequest, from replica: ReplicaID, now: Int64
  ) throws(Problem) -> DigestsReply {
    guard try isEnrolled(replica) else { throw Self.notEnrolled(replica) }
    try refuseRetired(replica)
    if case .found(let rows) = request.question {
      for row in rows where !row.key.isEmpty {
        try check(row.key, of: row.partition, field: "found")
      }
      try Problem.wrap { () throws(StoreError) in
        try store.write { () throws(StoreError) in
          try store.keep(rows, foundBy: replica, at: now)
        }
      }
    } else if case .range(let range) = request.question {
      for key in [range.after, range.through] {
        if let key { try check(key, of: range.partition, field: "range") }
      }
    }
    return try Problem.wrap { () throws(StoreError) in
      try store.read { () throws(StoreError) in
        let head = try store.foldedHead(of: store.identity.replica)
        let isSame = head == request.head && request.catalogue == store.edition.version
        return DigestsReply(head: head, answer: isSame ? try answer(request.question) : nil)
      }
    }
  }

  /// Refuses a key that no row of the table can have.
  private func check(
    _ key: [Int64], of partition: Partition, field: String
  ) throws(Problem) {
    let table = Tables.all.first { $0.number == partition.table }
    guard let table, table.keyCount == key.count else {
      throw Problem(.outOfRange, detail: "no such key in table \(partition.table)", field: field)
    }
  }

  private func answer(_ question: DigestsQuestion) throws(StoreError) -> DigestsAnswer? {
    switch question {
    case .partitions(let after):
      let sums = try store.partitionSums().filter { sum in
        after.map { $0 < sum.partition } ?? true
      }
      let page = sums.prefix(WireLimits.partitionsMax)
      return .partitions(Array(page), hasMore: page.count < sums.count)
    case .range(let range):
      let spans = try store.spans(of: range, max: WireLimits.spansMax)
      guard spans.isEmpty else { return .spans(spans) }
      var rows: [RowSum] = []
      try store.walk(range) { rows.append(RowSum(key: $0, sum: $1)) }
      return .rows(rows)
    case .found: return nil
    }
  }
}
