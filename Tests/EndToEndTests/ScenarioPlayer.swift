import Community
import Conformance
import Foundation
import OpLog
import ScenarioKit
import Simulation
import Store
import Testing

/// Plays on real processes through the command line: one hub for all scenarios, two or three offices
/// for each.
///
/// The databases are read through `Store`; what no program of today writes is written so, too.
final class ProcessPlayer: ScenarioPlayer {
  private struct Office {
    let data: String
    /// Takes lines while the office's clock stays as it is.
    var stream: RunningProcess?
    /// The clock's offset in ms.
    var offset: Int64 = 0
  }

  /// Every scenario's communities have rows in the same tables, so these are walked once.
  let checksEverySync = false
  let street: ScenarioStreet
  private var offices: [String: Office] = [:]

  init(_ street: ScenarioStreet) { self.street = street }

  func invite(_ invitation: ScenarioInvitation) async throws -> ScenarioInvitation.Answer {
    var words = ["invite", "--community", invitation.community]
    if !invitation.staff.isEmpty {
      words += ["--staff", invitation.staff.joined(separator: ",")]
      words += ["--roles", invitation.roles.map(\.name).joined(separator: ",")]
    }
    if !invitation.policy.isEmpty {
      let policy = invitation.policy.map { "\($0.key)=\($0.value)" }
      words += ["--policy", policy.joined(separator: ",")]
    }
    let answer = try await street.hub(words)
    let people = try #require(answer["staff"] as? [[String: String]])
    let staff = people.compactMap { $0["id"].flatMap { OpID($0) } }
    let community = try #require((answer["community"] as? String).flatMap { OpID($0) })
    guard let name = invitation.office else {
      return ScenarioInvitation.Answer(community: community, staff: staff, office: nil)
    }
    let code = try #require(answer["code"] as? String)
    let made: ProcessResult
    if let office = offices[name] {
      made = try await run(["office", "rejoin", "--code", code, "--yes", "--json"], at: office)
    } else {
      let office = Office(data: street.newFolder())
      offices[name] = office
      made = try await run(
        ["office", "init", "--hub", street.url, "--code", code, "--json"], at: office)
    }
    let number = try #require(try made.object()["replica"] as? Int)
    let row = try street.store().row(Tables.replica, [Int64(number)])
    return ScenarioInvitation.Answer(
      community: community, staff: staff,
      office: (
        replica: try #require(ReplicaID(rawValue: UInt32(number))),
        enrolment: try #require(row?[1].id)
      ))
  }

  /// An office that stopped takes the code as a new one does.
  func rejoin(
    by invitation: ScenarioInvitation
  ) async throws -> ScenarioInvitation.Answer {
    await endStream(of: invitation.office ?? "")
    return try await invite(invitation)
  }

  func copy(_ office: String, as copy: String) async throws {
    await endStream(of: office)
    let data = street.newFolder()
    try FileManager.default.copyItem(atPath: try self.office(office).data, toPath: data)
    offices[copy] = Office(data: data)
  }

  func record(_ request: ScenarioRequest, at place: String) async throws -> ScenarioAnswer {
    if request.isUnasked { return try await append(request, at: place) }
    guard place != Scenario.hub else { return try await street.administer(request) }
    let stream = try stream(of: place)
    var line: [String: Any] = [
      "kind": request.kind, "fields": request.fields, "on": request.date,
    ]
    line["as"] = request.actor?.description
    line["key"] = request.key
    let bytes = try JSONSerialization.data(withJSONObject: line)
    stream.send(String(decoding: bytes, as: UTF8.self))
    let answer = try #require(await stream.line(), "\(place) ended")
    let object = try #require(
      try JSONSerialization.jsonObject(with: Data(answer.utf8)) as? [String: Any])
    if let op = (object["op"] as? String).flatMap({ OpID($0) }) {
      return .recorded(
        op, key: object["key"] as? String ?? "", isRepeat: object["status"] as? String == "already")
    }
    let error = object["error"] as? [String: Any]
    return .refused(code: error?["code"] as? String ?? answer)
  }

  private func append(_ request: ScenarioRequest, at place: String) async throws -> ScenarioAnswer {
    guard place != Scenario.hub else {
      let op = try request.append(to: street.store(), stamp: Scenario.start)
      return .recorded(op, key: "", isRepeat: false)
    }
    await endStream(of: place)
    let store = try Store(path: try office(place).data + "/office.db", mode: .readWrite)
    let op = try request.append(to: store, stamp: Scenario.start)
    return .recorded(op, key: "", isRepeat: false)
  }

  func sync(_ place: String) async throws -> String? {
    let office = try office(place)
    let words = ["office", "sync", "--json", "--attempts", "3", "--data", office.data]
    let result = try await ProcessKit.run(words, environment: environment(of: office))
    if let code = try result.code { return code }
    #expect(try result.object()["digest_equal"] as? Bool == true, "\(place) differs from the hub")
    return nil
  }

  func setClock(of place: String, to offset: Int64) async throws {
    await endStream(of: place)
    offices[place]?.offset = offset
  }

  func view(of place: String) throws -> any ReplicaView {
    guard place != Scenario.hub else { return try ScenarioMoment(street.store()) }
    return StoreView(try Store(path: try office(place).data + "/office.db", mode: .readWrite))
  }

  /// What the program says of each reason on an office's desk.
  func deskWords(of place: String, in language: String) async throws -> [String: String] {
    let desk = try await run(["desk", "--json", "--lang", language], at: try office(place))
    var words: [String: String] = [:]
    for entry in try desk.objects() {
      guard let reason = entry["reason"] as? String else { continue }
      words[reason] = entry["words"] as? String
    }
    return words
  }

  /// Ends the offices' processes.
  func end() async { for place in offices.keys.sorted() { await endStream(of: place) } }

  private func stream(of place: String) throws -> RunningProcess {
    let office = try office(place)
    if let stream = office.stream { return stream }
    let stream = try RunningProcess(
      ["record", "--json", "-", "--data", office.data], environment: environment(of: office))
    offices[place]?.stream = stream
    return stream
  }

  private func endStream(of place: String) async {
    guard let stream = offices[place]?.stream else { return }
    offices[place]?.stream = nil
    stream.endInput()
    _ = await stream.wait()
  }

  private func run(_ words: [String], at office: Office) async throws -> ProcessResult {
    let result = try await ProcessKit.run(
      words + ["--data", office.data], environment: environment(of: office))
    try #require(result.exit == 0, "\(words): \(result.out)\(result.err)")
    return result
  }

  private func environment(of office: Office) -> [String: String] {
    ["LINLI_CLOCK_OFFSET": "\(street.offset + office.offset / 1_000)"]
  }

  private func office(_ name: String) throws -> Office {
    guard let office = offices[name] else { throw ScenarioError("no office is called \(name)") }
    return office
  }
}
