import OpLog

/// What an office asks, or says, when its digest is not the hub's.
package enum DigestsQuestion: Hashable, Sendable {
  /// The partitions behind one; nil for the first.
  case partitions(after: Partition?)
  /// The rows of a range, or the spans that they fall into.
  case range(RowRange)
  /// What the office found; none to take back what it said before.
  case found([RowDifference])
}

/// What an office sends to find a row that differs (`POST /v1/digests`).
package struct DigestsRequest: Hashable, Sendable {
  /// The catalogue that folded the office's tables.
  package let catalogue: UInt32
  /// The hub's log as far as the office's state follows it.
  package let head: Head
  /// What it asks or says.
  package let question: DigestsQuestion

  /// Makes a request.
  package init(catalogue: UInt32, head: Head, question: DigestsQuestion) {
    self.catalogue = catalogue
    self.head = head
    self.question = question
  }

  /// The request as JSON.
  package func encode() -> [UInt8] {
    var json = JSONWriter()
    json.openObject()
    json.key("catalogue")
    json.integer(Int64(catalogue))
    json.key("head")
    json.head(head, withReplica: true)
    switch question {
    case .partitions(let after):
      json.key("partitions")
      json.openObject()
      if let after { json.partition(after) }
      json.closeObject()
    case .range(let range):
      json.key("range")
      json.openObject()
      json.partition(range.partition)
      json.rowKey("after", range.after)
      json.rowKey("through", range.through)
      json.closeObject()
    case .found(let rows):
      precondition(rows.count <= WireLimits.differencesMax, "caller bug: too many rows")
      json.key("found")
      json.openArray()
      for row in rows {
        json.openObject()
        json.partition(row.partition)
        json.rowKey("key", row.key)
        json.laneSum("office", row.office)
        json.laneSum("hub", row.hub)
        json.closeObject()
      }
      json.closeArray()
    }
    json.closeObject()
    return json.bytes
  }

  /// Reads a request.
  ///
  /// - Throws: ``WireError`` naming the first member that is wrong.
  package init(decoding bytes: [UInt8]) throws(WireError) {
    var json = try JSONReader(bytes, max: WireLimits.smallMessageBytesMax)
    var catalogue: UInt32?
    var head: Head?
    var question: DigestsQuestion?
    try json.object { (name, json) throws(WireError) in
      let asked: DigestsQuestion
      switch name {
      case "catalogue":
        catalogue = try json.catalogue()
        return
      case "head":
        head = try json.head()
        return
      case "partitions": asked = .partitions(after: try json.optionalPartition())
      case "range": asked = .range(try json.rowRange())
      case "found": asked = .found(try json.differences())
      default: throw .unknownField(field: "")
      }
      guard question == nil else { throw .unknownField(field: "") }
      question = asked
    }
    try json.finish()
    self.init(
      catalogue: try catalogue.required("catalogue"), head: try head.required("head"),
      question: try question.required("partitions"))
  }
}

/// What the hub answers to a question about its digest.
package enum DigestsAnswer: Hashable, Sendable {
  /// Sums of partitions, ascending, and whether there are more.
  case partitions([PartitionSum], hasMore: Bool)
  /// A range of many rows in spans, in order; the last ends where the range does.
  case spans([RowSpan])
  /// All rows of a range of few.
  case rows([RowSum])
}

/// The hub's reply (`POST /v1/digests`).
package struct DigestsReply: Hashable, Sendable {
  /// The hub's log as it stands.
  package let head: Head
  /// The answer; nil when the state is no longer the one asked about, and to what was found.
  package let answer: DigestsAnswer?

  /// Makes a reply.
  package init(head: Head, answer: DigestsAnswer?) {
    self.head = head
    self.answer = answer
  }

  /// The reply as JSON; beyond ``WireLimits`` it is a bug of the caller.
  package func encode() -> [UInt8] {
    var json = JSONWriter()
    json.openObject()
    json.key("head")
    json.head(head, withReplica: true)
    switch answer {
    case .partitions(let sums, let hasMore):
      precondition(sums.count <= WireLimits.partitionsMax, "caller bug: too many partitions")
      json.list("partitions", sums) { json, sum in
        json.partition(sum.partition)
        json.sums(rows: sum.rows, sum.sum)
      }
      json.key("more")
      json.flag(hasMore)
    case .spans(let spans):
      precondition(spans.count <= WireLimits.spansMax, "caller bug: too many spans")
      json.list("spans", spans) { json, span in
        json.rowKey("through", span.through)
        json.sums(rows: span.rows, span.sum)
      }
    case .rows(let rows):
      precondition(rows.count <= WireLimits.spansMax, "caller bug: too many rows")
      json.list("rows", rows) { json, row in
        json.rowKey("key", row.key)
        json.laneSum("sum", row.sum)
      }
    case nil: break
    }
    json.closeObject()
    return json.bytes
  }

  /// Reads a reply.
  ///
  /// - Throws: ``WireError`` naming the first member that is wrong.
  package init(decoding bytes: [UInt8]) throws(WireError) {
    var json = try JSONReader(bytes, max: WireLimits.messageBytesMax)
    var head: Head?
    var partitions: [PartitionSum]?
    var hasMore: Bool?
    var answers: [DigestsAnswer] = []
    try json.object { (name, json) throws(WireError) in
      switch name {
      case "head": head = try json.head()
      case "partitions": partitions = try json.partitionSums()
      case "more": hasMore = try json.flag()
      case "spans": answers.append(.spans(try json.rowSpans()))
      case "rows": answers.append(.rows(try json.rowSums()))
      default: throw .unknownField(field: "")
      }
    }
    try json.finish()
    if let partitions {
      answers.append(.partitions(partitions, hasMore: try hasMore.required("more")))
    } else if hasMore != nil {
      throw .unknownField(field: "more")
    }
    guard answers.count < 2 else { throw .unknownField(field: "partitions") }
    self.init(head: try head.required("head"), answer: answers.first)
  }
}
