import Community
import OpLog

/// Nothing gets lost: goods between shelves, coins between boxes, what was taken and what came back.
extension Invariants {
  /// What is not conserved; `rows` gives the rows of a table.
  package static func lost(_ rows: (Table) throws -> [[Cell]]) rethrows -> [String] {
    try goods(rows) + coins(rows) + returns(rows) + left(rows)
  }

  /// Per item: received − redeemed + returned − written off ± counted = on shelves + in transit.
  private static func goods(_ rows: (Table) throws -> [[Cell]]) rethrows -> [String] {
    var findings: [String] = []
    var there: [Int64: Int64] = [:]
    for row in try rows(Tables.shelfItem) {
      if number(row, 2) != number(row, 3) - number(row, 4) + number(row, 5) {
        findings.append("shelf \(number(row, 0)) of item \(number(row, 1)) does not add up")
      }
      there[number(row, 1), default: 0] += number(row, 2)
    }
    for row in try rows(Tables.stockTransfer) where row[1] != .text("pending") {
      let inTransit = number(row, 5) - number(row, 7) - number(row, 8)
      if inTransit < 0 { findings.append("transfer \(number(row, 0)) delivers more than was sent") }
      there[number(row, 4), default: 0] += inTransit
    }
    var booked: [Int64: Int64] = [:]
    for row in try rows(Tables.stockReceipt) where row[1] == .text("posted") {
      booked[number(row, 3), default: 0] += number(row, 4)
    }
    for row in try rows(Tables.redemptionLine) where row[6] == .integer(1) {
      booked[number(row, 3), default: 0] -= number(row, 4)
    }
    for row in try rows(Tables.returnedLine) {
      booked[number(row, 4), default: 0] += number(row, 6)
    }
    for row in try rows(Tables.stockCount) where row[1] == .text("posted") {
      booked[number(row, 3), default: 0] += number(row, 4) - number(row, 5)
    }
    for row in try rows(Tables.stockWriteOff) where row[1] == .text("posted") {
      booked[number(row, 3), default: 0] -= number(row, 4)
    }
    for row in try rows(Tables.transferStep)
    where row[2] == .text("write_off") && row[3] == .text("posted") {
      booked[number(row, 5), default: 0] -= number(row, 6)
    }
    for item in Set(there.keys).union(booked.keys).sorted() {
      let (found, due) = (there[item, default: 0], booked[item, default: 0])
      if found != due { findings.append("of item \(item) there are \(found), booked are \(due)") }
    }
    return findings
  }

  /// Per box and denomination: vault + out + destroyed = printed.
  private static func coins(_ rows: (Table) throws -> [[Cell]]) rethrows -> [String] {
    try rows(Tables.coinBox).filter {
      number($0, 2) + number($0, 3) + number($0, 4) != number($0, 5)
    }.map { "the coins of \(number($0, 1)) at \(number($0, 0)) are not those that were printed" }
  }

  /// No line gives back more than it took, and nothing is voided twice.
  private static func returns(_ rows: (Table) throws -> [[Cell]]) rethrows -> [String] {
    var back: [[Int64]: Int64] = [:]
    for row in try rows(Tables.returnedLine) {
      back[[number(row, 0), number(row, 2)], default: 0] += number(row, 5)
    }
    var findings: [String] = []
    for row in try rows(Tables.redemptionLine)
    where back[[number(row, 0), number(row, 1)], default: 0] > number(row, 4) {
      findings.append("line \(number(row, 1)) of \(number(row, 0)) gave back more than it took")
    }
    var voided: Set<Int64> = []
    for row in try rows(Tables.redemptionStep)
    where row[2] == .text("void") && row[3] == .text("posted") {
      guard !voided.insert(number(row, 0)).inserted else { continue }
      findings.append("redemption \(number(row, 0)) is voided twice")
    }
    return findings
  }

  /// What a lost PC had is with the last of those that took its place: nothing is left on its shelf or in
  /// its vault, nothing was taken from there twice, and nobody else has it.
  private static func left(_ rows: (Table) throws -> [[Cell]]) rethrows -> [String] {
    var successors: [Int64: Int64] = [:]
    for row in try rows(Tables.retirement) { successors[number(row, 0)] = number(row, 3) }
    guard !successors.isEmpty else { return [] }
    /// Nobody, where they take each other's place in a circle.
    func heir(of office: Int64) -> Int64? {
      var line = [office]
      while let next = successors[line[line.count - 1]] {
        if line.contains(next) { return nil }
        line.append(next)
      }
      return line.count > 1 ? line.last : nil
    }
    var findings: [String] = []
    for (books, moves) in [
      (Tables.shelfItem, Tables.shelfMove), (Tables.coinBox, Tables.vaultMove),
    ] {
      for row in try rows(books) where number(row, 2) != 0 && heir(of: number(row, 0)) != nil {
        findings.append("\(books.name): \(number(row, 2)) are left at \(number(row, 0)), a lost PC")
      }
      for row in try rows(moves) where heir(of: number(row, 0)) != number(row, 2) {
        findings.append("\(moves.name): \(number(row, 2)) is no heir of \(number(row, 0))")
      }
    }
    return findings
  }

  private static func number(_ row: [Cell], _ column: Int) -> Int64 { row[column].integer ?? 0 }
}
