import OpLog

/// The parts of questions about a digest, and of their answers.
extension JSONWriter {
  /// Writes the members that name a partition.
  mutating func partition(_ partition: Partition) {
    key("table")
    integer(Int64(partition.table))
    key("replica")
    integer(Int64(partition.replica))
  }

  /// Writes the key of a row; nothing for nil.
  ///
  /// Its numbers are texts: packed ids pass 2^53.
  mutating func rowKey(_ name: String, _ key: [Int64]?) {
    guard let key else { return }
    self.key(name)
    openArray()
    for value in key { text(String(value)) }
    closeArray()
  }

  /// Writes two lanes as 32 hexadecimal digits; nothing for nil.
  mutating func laneSum(_ name: String, _ sum: LaneSum?) {
    guard let sum else { return }
    key(name)
    text(Hex.encode(sum.bytes))
  }

  /// Writes what some rows come to.
  mutating func sums(rows: UInt64, _ sum: LaneSum) {
    key("rows")
    integer(Int64(rows))
    laneSum("sum", sum)
  }

  /// Writes an array of objects.
  mutating func list<Part>(
    _ name: String, _ parts: [Part], _ members: (inout JSONWriter, Part) -> Void
  ) {
    key(name)
    openArray()
    for part in parts {
      openObject()
      members(&self, part)
      closeObject()
    }
    closeArray()
  }
}

/// The members of one object in a question or an answer, each at most once.
private struct RowMembers {
  var table: Int?
  var replica: UInt32?
  var keys: [String: [Int64]] = [:]
  var sums: [String: LaneSum] = [:]
  var rows: UInt64?

  /// The partition that the members name.
  func partition() throws(WireError) -> Partition {
    Partition(table: try table.required("table"), replica: try replica.required("replica"))
  }

  func key(_ name: String) throws(WireError) -> [Int64] { try keys[name].required(name) }

  func sum() throws(WireError) -> LaneSum { try sums["sum"].required("sum") }
}

extension JSONReader {
  /// Reads an object of some of the members that these messages have.
  private mutating func members(_ names: String...) throws(WireError) -> RowMembers {
    var members = RowMembers()
    try object { (name, json) throws(WireError) in
      guard names.contains(name) else { throw .unknownField(field: "") }
      switch name {
      case "table": members.table = Int(try json.integer(in: 1...Int64(UInt16.max)))
      case "replica": members.replica = UInt32(try json.integer(in: 0...Int64(UInt32.max)))
      case "rows": members.rows = UInt64(try json.integer(in: 0...Int64(UInt32.max)))
      case "sum", "office", "hub":
        let bytes = try json.hex(LaneSum.byteCount...LaneSum.byteCount)
        members.sums[name] = LaneSum(bytes)
      default: members.keys[name] = try json.rowKey()
      }
    }
    return members
  }

  private mutating func rowKey() throws(WireError) -> [Int64] {
    var key: [Int64] = []
    try array(max: WireLimits.rowKeyMax) { (json) throws(WireError) in
      let text = try json.text(1...20)
      guard let value = Int64(text), String(value) == text else { throw .outOfRange(field: "") }
      key.append(value)
    }
    return key
  }

  /// Reads the partition behind which a list goes on; nil for an empty object.
  mutating func optionalPartition() throws(WireError) -> Partition? {
    let members = try members("table", "replica")
    guard members.table != nil || members.replica != nil else { return nil }
    return try members.partition()
  }

  /// Reads a range of rows.
  mutating func rowRange() throws(WireError) -> RowRange {
    let members = try members("table", "replica", "after", "through")
    return RowRange(
      try members.partition(), after: members.keys["after"], through: members.keys["through"])
  }

  /// Reads rows that differ.
  mutating func differences() throws(WireError) -> [RowDifference] {
    var found: [RowDifference] = []
    try array(max: WireLimits.differencesMax) { (json) throws(WireError) in
      let members = try json.members("table", "replica", "key", "office", "hub")
      found.append(
        RowDifference(
          try members.partition(), key: try members.key("key"), office: members.sums["office"],
          hub: members.sums["hub"]))
    }
    return found
  }

  /// Reads the sums of partitions.
  mutating func partitionSums() throws(WireError) -> [PartitionSum] {
    var sums: [PartitionSum] = []
    try array(max: WireLimits.partitionsMax) { (json) throws(WireError) in
      let members = try json.members("table", "replica", "rows", "sum")
      sums.append(
        PartitionSum(
          try members.partition(), rows: try members.rows.required("rows"),
          sum: try members.sum()))
    }
    return sums
  }

  /// Reads the spans of a range.
  mutating func rowSpans() throws(WireError) -> [RowSpan] {
    var spans: [RowSpan] = []
    try array(max: WireLimits.spansMax) { (json) throws(WireError) in
      let members = try json.members("through", "rows", "sum")
      spans.append(
        RowSpan(
          through: members.keys["through"], rows: try members.rows.required("rows"),
          sum: try members.sum()))
    }
    return spans
  }

  /// Reads the rows of a range.
  mutating func rowSums() throws(WireError) -> [RowSum] {
    var rows: [RowSum] = []
    try array(max: WireLimits.spansMax) { (json) throws(WireError) in
      let members = try json.members("key", "sum")
      rows.append(RowSum(key: try members.key("key"), sum: try members.sum()))
    }
    return rows
  }
}
