import Community
import Foundation
import OpLog
import Pages
import ScenarioKit
import Testing
import Wire

/// What `refused` of a scenario may be, as `Protocol/scenarios.md` §3.3 says it.
@Suite struct RefusalDocumentTests {
  private static let document = ScenarioFiles.folder
    .deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Protocol/scenarios.md")

  /// `LINLI_RECORD=1 swift test --filter RefusalDocumentTests` writes the table anew.
  @Test("Protocol/scenarios.md holds every code with which a counter refuses, in words")
  func tableIsGenerated() throws {
    let byCode = Dictionary(grouping: Self.samples, by: \.code)
    #expect(Set(byCode.keys) == Set(RefusalCode.allCases.map(\.rawValue)))
    var rows = ["| code | 中文 | in English |", "|---|---|---|"]
    for code in RefusalCode.allCases.map(\.rawValue).sorted() {
      let sample = try #require(byCode[code]?.first, "\(code)")
      rows.append("| `\(code)` | \(sample.words.chinese) | \(sample.words.english) |")
    }
    let table = rows.joined(separator: "\n") + "\n"
    let text = try String(contentsOf: Self.document, encoding: .utf8)
    let begin = try #require(text.range(of: "<!-- refusals begins -->\n"))
    let end = try #require(text.range(of: "<!-- refusals ends -->"))
    if ProcessInfo.processInfo.environment["LINLI_RECORD"] == "1" {
      let new = text.replacingCharacters(in: begin.upperBound..<end.lowerBound, with: table)
      try new.write(to: Self.document, atomically: true, encoding: .utf8)
    } else {
      #expect(String(text[begin.upperBound..<end.lowerBound]) == table)
    }
  }

  @Test("every code that a scenario asks for is in the protocol's pages")
  func codesAreDescribed() throws {
    let page = try String(contentsOf: Self.document, encoding: .utf8)
    let elsewhere = DeskReason.allCases.map(\.rawValue) + ProblemKind.allCases.map(\.rawValue)
    let pattern = /"refused": *"([a-z-]+)"/
    var codes: Set<String> = []
    for url in try FileManager.default.contentsOfDirectory(
      at: ScenarioFiles.folder, includingPropertiesForKeys: nil)
    where url.pathExtension == "json" {
      let text = try String(contentsOf: url, encoding: .utf8)
      codes.formUnion(text.matches(of: pattern).map { String($0.1) })
    }
    #expect(codes.count > 20)
    for code in codes.sorted() {
      #expect(page.contains("`\(code)`") || elsewhere.contains(code), "\(code)")
    }
  }

  /// One refusal of each code, with numbers as they may be.
  private static let samples: [Refusal] = {
    guard let office = ReplicaID(rawValue: 4_097), let op = OpID(office, 12) else { return [] }
    let day = BusinessDate(day: 20_466) ?? BusinessDate(stamp: 0)
    return ofAccounts(op, day) + ofGoods(op, day) + others(op, day)
  }()

  private static func ofAccounts(_ op: OpID, _ day: BusinessDate) -> [Refusal] {
    [
      .accountNotFirm(op: op), .notEnoughPoints(balance: 3, needed: 8),
      .pointsInOtherFile(balance: 3, needed: 8, file: op, holds: 20),
      .rightFirst(balance: 9, held: 5, needed: 7), .visitLimit(limit: 20),
      .personLimit(limit: 40, uncovered: 35), .officeLimit(limit: 400, uncovered: 390),
      .grantedElsewhere(balance: 20, granted: 15, needed: 8), .notEnoughRights(held: 3, needed: 8),
      .isHome, .askedAlready(request: op, points: 8), .accountFrozen(until: day),
      .residentLeft(on: day), .residentErased, .offlineTooLong(days: 9, limit: 7),
      .minorLimit(limit: 10), .ageBandNeeded(resident: op, band: .minor, on: day),
      .otherCommunity, .poolsAreOff, .quarterLimit(limit: 3), .earnedTooLittle(least: 50),
      .offerLimit(limit: 2), .coverTooLarge(limit: 8), .coverNeeded(loss: op),
      .aboveCap(limit: 500, excess: 20),
    ]
  }

  private static func ofGoods(_ op: OpID, _ day: BusinessDate) -> [Refusal] {
    [
      .notEnoughStock(item: op, onHand: 2), .priceDiffers(item: op, points: 8),
      .reserved(item: op, kept: 2), .itemLimit(item: op, limit: 2, period: .month),
      .householdLimit(item: op, limit: 4), .otherReservation(op), .alreadyReturned,
      .bookedDiffers(item: op, booked: 7), .keptUntilPast(day: day), .coinsNeeded(points: 8),
      .notPayableInCoins(points: 1), .notEnoughCoins(denomination: 3, vault: 2),
      .tooManyCoins(points: 8, enough: [CoinCount(denomination: 2, count: 4)]),
      .paidInCoins(award: op), .paidAlready, .coinsNotPrinted(denomination: 3, printed: 500),
    ]
  }

  private static func others(_ op: OpID, _ day: BusinessDate) -> [Refusal] {
    [
      .wouldNotCount(.duplicate, []), .onlyHub, .byProgram, .claimAbovePublished(points: 3),
      .minutesNeeded, .personalData(field: "title"), .appointmentEnded(on: day), .notOnDesk,
      .dateAhead(today: day), .endsBeforeStart, .frozenUntilPast(day: day),
      .appealTooLate(until: day), .otherCommunityOffice, .sameCommunityOffice, .officeGone,
    ]
  }
}
