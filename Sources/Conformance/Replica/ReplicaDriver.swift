import Glibc
import OpLog
import Wire

/// The program of the replica under test, driven over its standard streams: a line of JSON is asked, and a
/// line of JSON answers (conformance.md §6).
final class ReplicaDriver {
  /// How long it may take for an answer, in seconds.
  private static let answerSeconds = 20
  /// How long an answer may be, in bytes.
  private static let answerBytesMax = 1 << 20

  private let start: () -> DriverProcess?
  private var process: DriverProcess?
  private var isKilled = false
  private var buffered: [UInt8] = []

  init(start: @escaping () -> DriverProcess?) { self.start = start }

  deinit { end() }

  /// Kills the process where it stands; the next question starts it anew.
  func kill() {
    process?.kill()
    isKilled = true
  }

  /// Ends the process, if there is one.
  func end() {
    process?.finish()
    process = nil
    buffered = []
    isKilled = false
  }

  /// Asks for something, and serves the line meanwhile.
  ///
  /// - Parameters:
  ///   - verb: What is asked for.
  ///   - line: What the replica calls the hub through.
  ///   - members: Writes what else is in the question.
  /// - Returns: The answer; nil when the process was killed before it came.
  /// - Throws: What came in place of an answer.
  func ask(
    _ verb: String, over line: ReplicaLine, _ members: (inout JSONWriter) -> Void = { _ in }
  ) throws(RuleFinding) -> DriverAnswer? {
    if isKilled { end() }
    guard let process = process ?? start() else {
      throw RuleFinding(
        sent: "the replica's command", expected: "a program that starts", came: "none",
        isPreparation: true)
    }
    self.process = process
    var json = JSONWriter()
    json.openObject()
    json.key("do")
    json.text(verb)
    members(&json)
    json.closeObject()
    write(json.bytes + [UInt8(ascii: "\n")], to: process.input)
    guard let answer = try read(from: process.output, over: line, verb) else { return nil }
    do throws(WireError) {
      return try DriverAnswer(answer)
    } catch {
      throw RuleFinding(
        sent: "`\(verb)` to the driver", expected: "an answer (conformance.md §6)",
        came: String(decoding: answer.prefix(200), as: UTF8.self))
    }
  }

  private func read(
    from output: Int32, over line: ReplicaLine, _ verb: String
  ) throws(RuleFinding) -> [UInt8]? {
    let end = CutLine.now() + Self.answerSeconds
    while buffered.count <= Self.answerBytesMax {
      if let lineEnd = buffered.firstIndex(of: UInt8(ascii: "\n")) {
        defer { buffered.removeSubrange(...lineEnd) }
        return Array(buffered[..<lineEnd])
      }
      guard line.wait(for: output, until: end) else { break }
      let part = [UInt8](unsafeUninitializedCapacity: 64 << 10) { buffer, filled in
        filled = max(0, Glibc.read(output, buffer.baseAddress, buffer.count))
      }
      if part.isEmpty { break }
      buffered += part
    }
    if isKilled { return nil }
    // Whatever it is doing, the next rule finds it as it should be.
    kill()
    throw RuleFinding(
      sent: "`\(verb)` to the driver",
      expected: "an answer within \(Self.answerSeconds) s (conformance.md §6)",
      came: "its end, or nothing")
  }

  private func write(_ bytes: [UInt8], to input: Int32) {
    var sent = 0
    while sent < bytes.count {
      let count = bytes.withUnsafeBytes {
        Glibc.write(input, $0.baseAddress?.advanced(by: sent), bytes.count - sent)
      }
      guard count > 0 else { return }  // It has ended: reading says so.
      sent += count
    }
  }
}

/// What the replica's program answers.
struct DriverAnswer {
  /// How a sync ended.
  enum End: String {
    /// Nothing is left.
    case done
    /// Something failed, and another sync may succeed.
    case again
    /// A person has to act first.
    case stopped
  }

  /// What it can do, 1 … 3.
  private(set) var level: Int?
  /// The id that it was enrolled with.
  private(set) var replica: ReplicaID?
  /// How a sync ended.
  private(set) var end: End?
  /// The op that was recorded.
  private(set) var op: OpID?
  /// Why nothing was recorded.
  private(set) var refused: String?
  /// The heads of the logs that it holds.
  private(set) var heads: [Head]?
  /// The balance of each account, nil where it is not known.
  private(set) var balances: [OpID: Int64?]?
  /// Why it could not do what was asked.
  private(set) var why: String?
  /// The beginning of the line that it answered with.
  private let line: String

  init(_ bytes: [UInt8]) throws(WireError) {
    line = String(decoding: bytes.prefix(200), as: UTF8.self)
    var json = try JSONReader(bytes, max: 1 << 20)
    try json.object { (name, json) throws(WireError) in
      switch name {
      case "level": level = Int(try json.integer(in: 1...3))
      case "replica": replica = try json.replica()
      case "end":
        guard let known = End(rawValue: try json.text(0...16)) else { throw .outOfRange(field: "") }
        end = known
      case "op": op = try json.opID()
      case "refused": refused = try json.text(0...1_000)
      case "heads":
        var heads: [Head] = []
        try json.array(max: 100_000) { (json) throws(WireError) in heads.append(try json.head()) }
        self.heads = heads
      case "balances":
        var balances: [OpID: Int64?] = [:]
        try json.object { (account, json) throws(WireError) in
          guard let id = OpID(account) else { throw .outOfRange(field: "") }
          guard try json.peek() == .number else {
            balances[id] = .some(nil)
            return try json.skip()
          }
          balances[id] = .some(try json.integer(in: -(1 << 53)...1 << 53))
        }
        self.balances = balances
      case "why": why = try json.text(0...10_000)
      default: try json.skip()
      }
    }
    try json.finish()
  }

  /// The answer in a few words; its line where it has none of these members.
  var words: String {
    let known = [
      end.map { "end \($0.rawValue)" }, op.map { "op \($0)" }, refused.map { "refused \($0)" },
      replica.map { "replica \($0)" }, why,
    ].compactMap(\.self)
    return known.isEmpty ? line : known.joined(separator: ", ")
  }
}
