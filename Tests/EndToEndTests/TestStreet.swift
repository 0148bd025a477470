import Foundation
import Testing

/// A street of real processes: a hub that listens on a free port, and offices enrolled in it.
final class TestStreet: Sendable {
  /// Holds all data.
  let folder: ScratchFolder
  /// The hub.
  let hub: RunningProcess
  /// The hub's address.
  let url: String
  /// The two sheets of paper from which its key can be made again.
  let shares: [String]

  /// Makes a hub and starts it.
  init() async throws {
    folder = try ScratchFolder()
    let data = folder.path("hub")
    let made = try await ProcessKit.run(
      ["hub", "init", "--name", "青龙街道", "--data", data, "--json"])
    try #require(made.exit == 0, "\(made.err)")
    shares = try #require(try made.object()["paper_shares"] as? [String])
    (hub, url) = try await RunningProcess.hub(data: data)
  }

  /// Runs a command on the hub's folder.
  func hub(_ words: String..., json: Bool = false) async throws -> ProcessResult {
    let options = ["--data", folder.path("hub")] + (json ? ["--json"] : [])
    return try await ProcessKit.run(["hub"] + words + options)
  }

  /// Invites an office of a community, 青龙街 where none is named, whose awards post on the spot.
  ///
  /// - Returns: The code, and the id of each member of staff.
  func invite(
    staff: String, community: String = "青龙街"
  ) async throws -> (code: String, staff: [String]) {
    let invited = try await hub(
      "invite", "--community", community, "--staff", staff, "--policy",
      "award.posting=on_the_spot,award.max_per_day=off,redeem.item_limit=off,points.expiry=off,"
        + "redeem.minor_per_day=off,backdate.max_days=off,standin.max_days=off",
      json: true
    ).object()
    let people = try #require(invited["staff"] as? [[String: String]])
    return (try #require(invited["code"] as? String), people.compactMap { $0["id"] })
  }

  /// Enrols an office with one member of staff.
  func office(_ name: String, community: String = "青龙街") async throws -> TestOffice {
    let (code, staff) = try await invite(staff: name, community: community)
    let office = TestOffice(data: folder.path(name), staff: try #require(staff.first))
    let made = try await office.run("office", "init", "--hub", url, "--code", code)
    try #require(made.exit == 0, "\(made.err)")
    return office
  }
}

/// One office of a test street.
struct TestOffice: Sendable {
  /// Its data folder.
  let data: String
  /// A member of its staff with every role.
  let staff: String

  /// Runs a command on its folder.
  func run(
    _ words: String..., input: String = "", environment: [String: String] = [:]
  ) async throws -> ProcessResult {
    try await ProcessKit.run(
      words + ["--data", data], input: input, environment: environment)
  }

  /// Records something that must succeed.
  ///
  /// - Returns: The op's id.
  @discardableResult
  func record(_ words: String...) async throws -> String {
    let result = try await ProcessKit.run(
      ["record"] + words + ["--as", staff, "--json", "--data", data])
    try #require(result.exit == 0, "\(words): \(result.out)\(result.err)")
    return try #require(try result.object()["op"] as? String)
  }

  /// Syncs once; must end equal to the hub.
  func sync() async throws {
    let result = try await run("office", "sync", "--json", "--attempts", "1")
    try #require(result.exit == 0, "\(result.out)\(result.err)")
    #expect(try result.object()["digest_equal"] as? Bool == true)
  }
}
