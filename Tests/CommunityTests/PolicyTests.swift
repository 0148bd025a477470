import Community
import FoldKit
import OpLog
import Testing

@Suite struct PolicyTests {
  @Test func `every key has a name, a column, and an initial value inside its limits`() {
    #expect(Set(Policy.keys.map(\.name)).count == Policy.keys.count)
    #expect(Policy.keys.count == Policy.Name.allCases.count)
    #expect(Policy.keys[Policy.Name.householdPool.rawValue].name == "household.pool")
    for key in Policy.keys {
      if let initial = key.initial { #expect(key.type.fits(.integer(initial)), "\(key.name)") }
      #expect(!key.column.contains("."))
      for language in Language.allCases { #expect(!language(key.meaning).isEmpty) }
    }
  }

  @Test func `a key that is absent is off`() {
    let off = Policy(row: [.integer(1), .integer(2)] + Policy.keys.map { _ in .null })
    #expect(off.awardPosting == .approved)
    #expect(off.visitLimit == 0 && off.personLimit == 0 && off.officeLimit == 0)
    let values = [0, 0, 0, 9, 18, 200, 100].map(Cell.integer)
    let on = Policy(row: values + Policy.keys.dropFirst(5).map { _ in .null })
    #expect(on.awardPosting == .onTheSpot)
    #expect(on.visitLimit == 9 && on.personLimit == 18 && on.officeLimit == 200)
  }

  @Test func `a sanction ends with the next year, where the rules have one`() throws {
    let day = try #require(BusinessDate("2026-01-13"))
    var row: [Cell] = [.integer(1), .integer(2)] + Policy.keys.map { _ in .null }
    #expect(Policy(row: row).sanctionEnd(of: day) == nil)
    row[2 + Policy.Name.fraudSanction.rawValue] = .integer(1)
    #expect(Policy(row: row).sanctionEnd(of: day) == BusinessDate("2027-12-31"))
  }
}
