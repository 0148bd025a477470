import Foundation
import Testing

/// Only the hub has the names of all communities, so it looks for people who have two files.
@Suite("Two files of one person, at the hub") struct DuplicatesTests {
  @Test("surely one person's, or likely; a family's phone alone says nothing")
  func listed() async throws {
    let street = try await TestStreet()
    let offices = [try await street.office("王敏"), try await street.office("李强")]
    let phone = "phone=15500000001"
    let first = try await offices[0].record(
      "resident.register", "name=钱进", phone, "birth_date=1950-02-03")
    try await offices[0].record(
      "resident.register", "name=钱途", phone, "birth_date=1980-05-06")
    let same = try await offices[1].record("resident.register", "name=钱 进", phone)
    let slip = try await offices[1].record(
      "resident.register", "name=钱近", phone, "birth_date=1950-02-03")
    for office in offices { try await office.sync() }

    let pairs = try await street.hub("duplicates", "--json").objects()
    #expect(pairs.compactMap { $0["likeness"] as? String } == ["sure", "likely"])
    let files = pairs.map { pair in
      (pair["files"] as? [[String: String]] ?? []).compactMap { $0["id"] }
    }
    #expect(files == [[first, same], [first, slip]])
    let text = try await street.hub("duplicates", "--lang", "zh").out
    #expect(text.contains("此人像是建了两份档案") && text.contains("姓名或出生日期不同"), "\(text)")
  }
}
