import Community
import Office
import Wire

/// `record --json -`: a line in, a durable op, an acknowledgement out.
///
/// An acknowledgement is written after its commit and before the next line is read, so whoever
/// kills the process knows what is recorded: all that was acknowledged, and perhaps one op more,
/// which the same `key` finds again.
struct RecordStream {
  let office: OfficeCore
  /// The recorder of lines that name none.
  let actor: String?
  /// The business date of lines that name none.
  let occurredOn: String?
  let console: Console

  /// Records every line until the end of stdin.
  ///
  /// - Returns: The exit code of the first line that failed, else ok; ``ExitCode/storage`` at once when
  ///   the disk fails; a line that finds the data in use by another program for long is refused alone.
  func run() -> Int32 {
    var input = InputLines()
    var exit = ExitCode.ok
    var number = 0
    while let line = input.next() {
      number += 1
      if line.allSatisfy({ $0 == 0x20 || $0 == 0x0D || $0 == 0x09 }) { continue }
      var request: RecordRequest?
      do throws(CommandError) {
        let wanted = try RecordRequest(line: line)
        request = wanted
        try acknowledge(wanted)
      } catch {
        refuse(request, error, line: number)
        guard error.exit != ExitCode.storage || error.code == "busy" else { return error.exit }
        if exit == ExitCode.ok { exit = error.code == "busy" ? ExitCode.refused : error.exit }
      }
    }
    return exit
  }

  private func acknowledge(_ wanted: RecordRequest) throws(CommandError) {
    var request = wanted
    request.actor = request.actor ?? actor
    request.occurredOn = request.occurredOn ?? occurredOn
    let acknowledgement = try office.acknowledge(request)
    console.json { $0.members(of: acknowledgement) }
  }

  private func refuse(_ request: RecordRequest?, _ failure: CommandError, line: Int) {
    console.json { json in
      json.member("status", "refused")
      json.member("line", line)
      json.member("key", request?.key)
      json.error(failure, in: console.language)
    }
  }
}

extension RecordRequest {
  /// Reads a line such as `{"kind":"award.grant","fields":{"points":3},"as":"4096-4"}`.
  ///
  /// Values of fields are texts, integers, flags, lists of texts, or JSON as records take it.
  ///
  /// - Parameters:
  ///   - line: The line.
  ///   - others: Members that are somebody else's.
  /// - Throws: A usage error that says what is wrong with the line.
  init(line: [UInt8], passingOver others: Set<String> = []) throws(CommandError) {
    guard line.count <= InputLines.bytesMax else {
      throw .usage(
        Words("这一行超过 64 KiB", "the line is longer than 64 KiB"),
        advice: Words("拆成几行", "split it into several lines"))
    }
    do throws(WireError) {
      try self.init(json: line, passingOver: others)
    } catch {
      throw CommandError(
        exit: ExitCode.usage, code: "bad-line",
        message: Words(
          "这一行不对: \(error.words.chinese)", "the line is wrong: \(error.words.english)"),
        advice: Words(
          #"格式: {"kind":"award.grant","fields":{"points":3},"as":"4096-4"}"#,
          #"like {"kind":"award.grant","fields":{"points":3},"as":"4096-4"}"#))
    }
  }

  private init(json line: [UInt8], passingOver others: Set<String>) throws(WireError) {
    let text = 0...InputLines.bytesMax
    var json = try JSONReader(line, max: InputLines.bytesMax)
    var kind: String?
    var request = RecordRequest(kind: "", fields: [:])
    try json.object { (name, json) throws(WireError) in
      switch name {
      case "kind": kind = try json.text(text)
      case "as": request.actor = try json.text(text)
      case "on": request.occurredOn = try json.text(text)
      case "key": request.key = try json.text(text)
      case "fields":
        try json.object { (field, json) throws(WireError) in
          request.fields[field] = try Self.value(&json, of: line)
        }
      case _ where others.contains(name): try json.skip()
      default: throw .unknownField(field: name)
      }
    }
    try json.finish()
    guard let kind else { throw .missing(field: "kind") }
    request.kind = kind
    self = request
  }

  /// One field's value as the text that a command line would have.
  private static func value(
    _ json: inout JSONReader, of line: [UInt8]
  ) throws(WireError) -> String {
    let type = try json.peek()
    let start = json.offset
    switch type {
    case .string: return try json.text(0...InputLines.bytesMax)
    case .null: throw .wrongType(field: "")
    case .array:
      var list = json
      if let texts = try? texts(&list) {
        json = list
        return texts.joined(separator: ",")
      }
    case .number, .flag, .object: break
    }
    try json.skip()
    return String(decoding: line[start..<json.offset], as: UTF8.self)
  }

  /// A list of texts, such as ids.
  private static func texts(_ json: inout JSONReader) throws(WireError) -> [String] {
    var texts: [String] = []
    try json.array(max: 1_000) { (json) throws(WireError) in
      texts.append(try json.text(0...InputLines.bytesMax))
    }
    return texts
  }
}
