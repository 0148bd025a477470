import OpLog

/// Entries of a hub's log as JSON, in replies to a sync and in the pages of a roll-call.
extension JSONWriter {
  /// Writes entries as an array.
  mutating func entries(_ entries: [HubEntry], _ codec: OpJSON) {
    openArray()
    for entry in entries { entry.write(codec, to: &self) }
    closeArray()
  }
}

extension JSONReader {
  /// Reads an array of entries.
  mutating func entries(_ codec: OpJSON) throws(WireError) -> [HubEntry] {
    var entries: [HubEntry] = []
    try array(max: WireLimits.entriesMax) { (json) throws(WireError) in
      entries.append(try HubEntry(from: &json, codec))
    }
    return entries
  }
}

extension [HubEntry] {
  /// The ops in all runs of all entries.
  var coveredOpCount: Int { reduce(0) { $0 + $1.runs.reduce(0) { $0 + $1.ops.count } } }
}

extension HubEntry {
  fileprivate func write(_ codec: OpJSON, to json: inout JSONWriter) {
    json.openObject()
    json.key("op")
    codec.write(op, to: &json)
    json.key("runs")
    json.openArray()
    for run in runs {
      json.openObject()
      json.key("index")
      json.integer(Int64(run.index))
      json.key("ops")
      json.ops(run.ops, codec)
      json.closeObject()
    }
    json.closeArray()
    json.closeObject()
  }

  fileprivate init(from json: inout JSONReader, _ codec: OpJSON) throws(WireError) {
    var op: Op?
    var runs: [EntryRun]?
    try json.object { (name, json) throws(WireError) in
      switch name {
      case "op": op = try codec.read(from: &json)
      case "runs": runs = try EntryRun.list(from: &json, codec)
      default: throw .unknownField(field: "")
      }
    }
    self.init(op: try op.required("op"), runs: try runs.required("runs"))
  }
}

extension EntryRun {
  /// Reads the runs of one entry, whose indices ascend.
  fileprivate static func list(
    from json: inout JSONReader, _ codec: OpJSON
  ) throws(WireError) -> [EntryRun] {
    var runs: [EntryRun] = []
    try json.array(max: EnvelopeLimits.receiptRunsMax) { (json) throws(WireError) in
      let run = try EntryRun(from: &json, codec)
      if let last = runs.last, run.index <= last.index { throw .outOfRange(field: "index") }
      runs.append(run)
    }
    return runs
  }

  private init(from json: inout JSONReader, _ codec: OpJSON) throws(WireError) {
    var index: Int?
    var ops: [Op]?
    try json.object { (name, json) throws(WireError) in
      switch name {
      case "index": index = try json.runIndex()
      case "ops": ops = try json.ops(codec)
      default: throw .unknownField(field: "")
      }
    }
    self.init(index: try index.required("index"), ops: try ops.required("ops"))
  }
}
