import Community
import HTTPClient
import Office
import OpLog
import Store
import Wire

/// `linli conform driver`: this program's own office as a replica under test.
enum ConformDriverCommand: Command {
  static let name = "conform driver"
  static let summary = Words(
    "本程序的站点作为被检验的副本", "this program's own office as a replica under test")
  static let usage = "linli conform driver"
  static let example = "linli conform driver"

  static func details(of words: [String], in language: Language) -> String {
    language(
      Words(
        "每行读一个 JSON 问题，每行答一个 JSON，见 Protocol/conformance.md §6。",
        "Reads a question in JSON from each line, and answers with a line of JSON: "
          + "Protocol/conformance.md §6."))
  }

  static func run(_ arguments: Arguments) async throws(CommandError) -> Int32 {
    try arguments.expect(atMost: 0)
    var (input, driver) = (InputLines(), OfficeDriver())
    while let line = input.next() { arguments.console.jsonLine(await driver.answer(line)) }
    return ExitCode.ok
  }
}

/// Offices by their folders, and what the runner asks of them.
struct OfficeDriver {
  private var offices: [String: OfficeCore] = [:]

  /// Answers a question.
  mutating func answer(_ line: [UInt8]) async -> [UInt8] {
    var json = JSONWriter()
    json.openObject()
    do throws(CommandError) {
      let question = try Question(line)
      try await answer(question, line, to: &json)
    } catch {
      json.member("why", "\(error.code): \(error.message.english)")
    }
    json.closeObject()
    return json.bytes
  }

  private mutating func answer(
    _ question: Question, _ line: [UInt8], to json: inout JSONWriter
  ) async throws(CommandError) {
    switch question.verb {
    case "level": json.member("level", 3)
    case "enrol":
      let transport = try HubLine.open(question.hub)
      do throws(OfficeError) {
        let office = try await OfficeFolder(question.data).enrol(
          code: question.code, hub: question.hub, label: "", through: transport,
          random: SystemSource.random)
        offices[question.data] = office
        json.member("replica", office.store.identity.replica.rawValue)
      } catch { throw CommandError(error) }
    case "sync": try await sync(office(question.data), to: &json)
    case "record": try record(line, at: office(question.data), to: &json)
    case "heads":
      let heads = try heads(of: office(question.data).store)
      json.member("heads", each: heads) { json, head in
        json.member("replica", head.replica.rawValue)
        json.member("seq", head.seq)
        json.key("hash")
        json.digest(head.hash)
      }
    case "balances": try balances(of: office(question.data).store, to: &json)
    default: throw .usage(Words("没有 \(question.verb)", "there is no \(question.verb)"))
    }
  }

  private mutating func office(_ data: String) throws(CommandError) -> OfficeCore {
    if let office = offices[data] { return office }
    let office = try CommandError.wrap { () throws(OfficeError) in try OfficeFolder(data).open() }
    offices[data] = office
    return office
  }

  /// One try: what fails is told, and the runner asks again.
  private func sync(
    _ office: OfficeCore, to json: inout JSONWriter
  ) async throws(CommandError) {
    do throws(CommandError) {
      let hub = try CommandError.wrap { () throws(OfficeError) in try office.hubAddress }
      let world = SyncEnvironment(
        line: try HubLine.open(hub), now: Machine.now, random: Machine.anyNumber,
        pause: Machine.pause)
      do throws(OfficeError) {
        _ = try await office.sync(world, attemptsMax: 1)
      } catch { throw CommandError(error) }
      json.member("end", "done")
    } catch {
      let stop = try CommandError.wrap { () throws(OfficeError) in try office.stop }
      json.member("end", stop == nil ? "again" : "stopped")
      json.member("why", "\(error.code): \(error.message.english)")
    }
  }

  private func record(
    _ line: [UInt8], at office: OfficeCore, to json: inout JSONWriter
  ) throws(CommandError) {
    let request = try RecordRequest(line: line, passingOver: ["do", "data"])
    do throws(CommandError) {
      json.member("op", try office.acknowledge(request).op)
    } catch { json.member("refused", error.code) }
  }

  /// As far as somebody vouched for them: ops of an entry that is here in part do not count.
  private func heads(of store: Store) throws(CommandError) -> [Head] {
    try CommandError.wrap { () throws(StoreError) in
      var heads: [Head] = []
      for replica in try store.replicas() {
        let head = try store.foldedHead(of: replica)
        if head.seq > 0 { heads.append(head) }
      }
      return heads
    }
  }

  private func balances(of store: Store, to json: inout JSONWriter) throws(CommandError) {
    let listing = try CommandError.wrap { () throws(StoreError) in
      try store.listing(of: "residents", limit: 10_000)
    }
    guard let id = listing.columns.firstIndex(of: "id"),
      let balance = listing.columns.firstIndex(of: "balance")
    else { preconditionFailure("the view of residents has ids and balances") }
    json.member(
      "balances",
      object: { (json: inout JSONWriter) in
        for row in listing.rows { json.member(row[id] ?? "", row[balance].flatMap { Int64($0) }) }
      })
  }
}

/// A line of the runner.
private struct Question {
  private(set) var verb = ""
  private(set) var data = ""
  private(set) var hub = ""
  private(set) var code = ""

  /// Reads it; members of other verbs are passed over.
  init(_ line: [UInt8]) throws(CommandError) {
    do throws(WireError) {
      var json = try JSONReader(line, max: InputLines.bytesMax)
      let text = 0...InputLines.bytesMax
      try json.object { (name, json) throws(WireError) in
        switch name {
        case "do": verb = try json.text(text)
        case "data": data = try json.text(text)
        case "hub": hub = try json.text(text)
        case "code": code = try json.text(text)
        default: try json.skip()
        }
      }
      try json.finish()
    } catch {
      throw .usage(Words("这一行不对: \(error)", "the line is wrong: \(error)"))
    }
  }
}
