import Foundation
import Testing

/// A list of people that comes in where not everybody's file is here.
@Suite("People whose files are not here") struct UnseenPeopleTests {
  @Test("a list is imported only when somebody answers for those whose files are not here")
  func list() async throws {
    let street = try await TestStreet()
    let office = try await street.office("王敏")
    let other = try await street.office("李强")
    for office in [office, other, office] { try await office.sync() }
    // A hub that calls the roll takes records, and no files of people.
    await street.hub.end(SIGKILL)
    try await street.recoverHub()
    let hub = try await street.serve()
    try await office.record("resident.register", "name=刘小娥")
    for office in [office, other, office, other] {
      try await office.run("office", "sync", "--attempts", "1").expectDone()
    }
    let list = street.folder.path("list.csv")
    try Data("name\n刘小娥\n".utf8).write(to: URL(fileURLWithPath: list))
    func take(_ step: String, _ more: [String] = []) async throws -> ProcessResult {
      try await ProcessKit.run(
        ["import", step, "residents", list, "--rows", "1", "--as", other.staff] + more
          + ["--data", other.data])
    }
    for words in [[], ["--skip-doubtful"]] {
      #expect(try await take("run", words).exit == 1)
    }
    for step in ["check", "run"] {
      let doubtful = try await take(step)
      #expect(doubtful.exit == 1 && doubtful.err.contains("any row"), "\(doubtful.out)")
      #expect(doubtful.err.contains("files of 1 residents"), "\(doubtful.err)")
    }
    #expect(try await other.run("show", "residents", "--json").objects().count == 1)
    let recorded = try await other.run(
      "record", "resident.register", "name=孙明", "--as", other.staff)
    #expect(recorded.exit == 0 && recorded.err.contains("files of 1 residents"), "\(recorded.err)")
    let status = try await other.run("office", "status", "--json").object()
    #expect(status["files_missing"] as? Int == 1)
    try await take("run", ["--anyway", "--skip-doubtful"]).expectDone()
    #expect(try await other.run("show", "residents", "--json").objects().count == 3)
    await hub.end(SIGTERM)
  }
}
