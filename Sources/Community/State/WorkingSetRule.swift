import OpLog

/// Which rows of a table a counter needs before it has the history (Protocol/checkpoint.md §3).
package enum WorkingSetRule: Sendable {
  /// All rows; the ops in these columns, ids or lists of ids, come along, so that new ops may name them.
  case whole(naming: [Int])
  /// Those from a time on, which stands in a column in these units.
  case since(column: Int, TimeUnit)
  /// Those for which this holds; the ops in these columns come along.
  case open(naming: [Int], @Sendable ([Cell]) -> Bool)
  /// None: what is closed, what follows from the history, and what a new op reads only by naming an op
  /// that is not here either.
  case none

  /// How a column counts time.
  package enum TimeUnit: Sendable {
    /// The year, and the month 1...12 in the column behind it.
    case yearAndMonth
    /// year × 12 + month − 1.
    case month
    /// year × 4 + quarter − 1.
    case quarter
    case year
  }

  /// The rule of a table.
  package static func of(_ table: Table) -> WorkingSetRule { rules[table.number] ?? .none }

  /// The columns that name the ops that come along.
  package var naming: [Int] {
    switch self {
    case .whole(let columns), .open(let columns, _): columns
    case .since, .none: []
    }
  }

  /// Every table has a rule; a test says so.
  package static let rules: [Int: WorkingSetRule] = {
    var rules: [Int: WorkingSetRule] = [:]
    for (table, rule) in reference + work + counter + others + accounts {
      rules[table.number] = rule
    }
    return rules
  }()

  private static let reference: [(Table, WorkingSetRule)] = [
    (Tables.street, .whole(naming: [0])), (Tables.community, .whole(naming: [0])),
    (Tables.replica, .whole(naming: [1])), (Tables.staff, .whole(naming: [0])),
    (Tables.staffEnd, .whole(naming: [])), (Tables.policy, .whole(naming: [0])),
    (Tables.activity, .whole(naming: [0])), (Tables.item, .whole(naming: [0])),
    (Tables.resident, .whole(naming: [0])), (Tables.field, .whole(naming: [])),
    (Tables.retirement, .whole(naming: [1])), (Tables.custodyGive, .whole(naming: [])),
    (Tables.custody, .whole(naming: [])), (Tables.residence, .whole(naming: [])),
    (Tables.recordedAgain, .whole(naming: [])), (Tables.decision, .whole(naming: [])),
    (Tables.request, .whole(naming: [])), (Tables.residentRequest, .whole(naming: [])),
    (Tables.departure, .whole(naming: [])), (Tables.consent, .whole(naming: [])),
    (Tables.household, .whole(naming: [0])), (Tables.householdMember, .whole(naming: [])),
    (Tables.volunteer, .whole(naming: [0])), (Tables.appeal, .whole(naming: [])),
    (Tables.pinReset, .whole(naming: [])), (Tables.ageBand, .whole(naming: [])),
  ]

  // A month's limits are those of all its awards, and hours count by the year.
  private static let work: [(Table, WorkingSetRule)] = [
    (Tables.award, .none), (Tables.mergedAward, .none), (Tables.attendance, .none),
    (Tables.awardClaim, .since(column: 1, .yearAndMonth)),
    (Tables.lostAward, .since(column: 1, .yearAndMonth)),
    (Tables.awardMonth, .since(column: 1, .year)), (Tables.tierYear, .since(column: 1, .year)),
    (Tables.awardError, .none), (Tables.coverProposal, .none),
  ]

  private static let counter: [(Table, WorkingSetRule)] = [
    (Tables.redemption, .none), (Tables.redemptionLine, .none), (Tables.redemptionStep, .none),
    (Tables.returnedLine, .none), (Tables.otherPrice, .none), (Tables.poolSale, .none),
    (Tables.guardedSale, .none), (Tables.pointsTransfer, .none), (Tables.offerVoid, .none),
    (Tables.itemPrice, .whole(naming: [1])), (Tables.offer, .whole(naming: [0])),
    (Tables.offerUse, .whole(naming: [])), (Tables.keptGoods, .whole(naming: [])),
    (Tables.reservation, .none), (Tables.residentTake, .since(column: 1, .month)),
    (Tables.quarterTake, .since(column: 1, .quarter)),
    (Tables.householdClaim, .since(column: 3, .month)),
    (Tables.householdTake, .since(column: 1, .month)),
    (Tables.householdMonth, .since(column: 1, .month)),
    (Tables.itemTake, .since(column: 2, .year)), (Tables.limitOverride, .whole(naming: [])),
    (Tables.standInCover, .none), (Tables.standInDebt, .whole(naming: [])),
    (Tables.openDebit, .none),
  ]

  private static let others: [(Table, WorkingSetRule)] = [
    (Tables.stockReceipt, .none), (Tables.transferStep, .none), (Tables.stockCount, .none),
    (Tables.stockWriteOff, .none), (Tables.shelfMove, .whole(naming: [])),
    (Tables.vaultMove, .whole(naming: [])),
    (
      Tables.stockTransfer,
      .open(naming: [0]) { row in
        let (sent, received, lost) = (row[5].integer, row[7].integer, row[8].integer)
        return (sent ?? 0) > (received ?? 0) + (lost ?? 0)
      }
    ),
    (Tables.rightsRequest, .none), (Tables.rightUse, .none), (Tables.openRequest, .none),
    (Tables.heldRight, .whole(naming: [])), (Tables.officeBudget, .whole(naming: [])),
    (Tables.coinMove, .none), (Tables.coinPoints, .none), (Tables.coinAward, .none),
    (Tables.coinSerial, .whole(naming: [])), (Tables.keptCoin, .whole(naming: [])),
    (Tables.expiryYear, .whole(naming: [])), (Tables.expiryOffice, .whole(naming: [])),
    (Tables.expiry, .whole(naming: [])), (Tables.period, .whole(naming: [])),
    (Tables.periodBasis, .whole(naming: [])), (Tables.settlement, .whole(naming: [])),
    (Tables.cover, .none), (Tables.furtherCover, .none), (Tables.resolution, .none),
  ]

  private static let accounts: [(Table, WorkingSetRule)] = AccountTable.allCases.map {
    ($0.table, .whole(naming: []))
  }
}
