import Community
import Conformance
import Testing

/// The invariant of what a lost PC had can fail.
@Suite struct LeftBooksTests {
  private static let retirement: [Cell] = [
    .integer(4097), .integer(1), .integer(9), .integer(4098), .null,
  ]

  @Test(
    "what is left at a lost PC, or was taken twice, is found",
    arguments: [
      (vault: 0, heir: 4098, findings: 0), (3, 4098, 1), (-3, 4098, 1), (0, 4099, 1),
    ] as [(vault: Int64, heir: Int64, findings: Int)])
  func left(vault: Int64, heir: Int64, findings: Int) {
    let found = Invariants.lost { table in
      switch table.number {
      case Tables.retirement.number: [Self.retirement]
      case Tables.coinBox.number: [[4097, 2, vault, -vault, 0, 0].map(Cell.integer)]
      case Tables.vaultMove.number: [[4097, 2, heir, 5].map(Cell.integer)]
      default: []
      }
    }
    #expect(found.count == findings, "\(found)")
  }
}
