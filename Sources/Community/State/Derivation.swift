import OpLog

/// Rows that follow from other rows: a day's counted awards, a year's expiry, a household's pool.
///
/// A fold writes the row of its own entity and nothing else. Whatever depends on several entities is
/// derived: when a row changes, those that read it are settled again, before the transaction ends and
/// in the order of ``Derived``. So a late op costs what depends on it, and never the world.
package protocol Derivation: Sendable {
  /// Makes the derived rows under a key again, from what they read.
  ///
  /// A pure function of the rows of lower derivations and of the folds; it may change rows that only
  /// later derivations read.
  static func settle<S: FoldState>(_ key: AccountKey, in state: S) throws(S.Failure)
}

/// Every derivation, in the order in which they are settled: each reads only what those before it
/// and the folds write.
package enum Derived: Int, CaseIterable, Sendable {
  /// The dated ops of a member of staff, when the appointment ends.
  case opsOfStaff
  /// The community of an account, when its home moved.
  case residence
  /// What merges, freezes, erasures, and departures make of a resident.
  case residentStatus
  /// The bodies of a resident who was erased.
  case erasure
  /// The awards of a resident who left.
  case awardsOfResident
  /// The awards and the attendance of an activity, when the activity changes.
  case awardsOfActivity
  /// The lines at other prices of an item, when a price is announced.
  case pricesOfItem
  /// The homes and the shelf of a replica that was retired.
  case retired
  /// A retirement, when the op comes at which it ends the log.
  case endOfLog
  /// The gives to a replica that was revoked.
  case revoked
  /// The debits of an account whose home moved.
  case movedAccount
  /// A debit on trust, when the account's home takes it over.
  case takenOver
  /// The redemptions from pools that name a person, when it becomes known where the person lives.
  case poolSales
  /// The redemptions of a person, when it is said how old the person is.
  case agedSales
  /// The consents of a person, when it is said how old the person is.
  case consents
  /// What a person took under limits of its own, when files are found to be one person's.
  case personTakes
  /// What a person took, under the household.
  case householdTakes
  /// What a household took of each item in a month.
  case householdMonth
  /// Which coins of a number are kept for a look.
  case coinSerials
  /// What came back of a redemption, when coins are handed in for it.
  case redemptionSteps
  /// What an office used before the first use beyond its rights.
  case earlierUses
  /// What an office holds of the rights that it was granted, and what it used beyond them.
  case rightUses
  /// The awards that merged residents have twice; after all that changes award rows.
  case mergedAwards
  /// The awards that count in a resident's month.
  case awardMonth
  /// The points from the hours of a resident's year.
  case tierYear
  /// What mistakes took of a resident's year of awards.
  case awardYear
  /// Whether coins were handed out for awards that count.
  case coinIssues
  /// What the community bears of a loss, when the loss changes.
  case covers
  /// What ended of a resident's points, when they earn or spend, or a year ends.
  case residentExpiry
  /// What the community should bear of a debt; after all that posts to accounts.
  case coverProposal
  /// What of a retired replica's shelf lies on its successor's; after all that moves goods.
  case movedShelf
  /// The coins of a retired replica's vault, in its successor's; after all that moves coins.
  case movedVault
  /// Who has to take a debit on trust over; after all that changes debits and homes.
  case openDebits

  /// What settles it.
  package var type: any Derivation.Type {
    switch self {
    case .opsOfStaff: OpsOfStaff.self
    case .residence: Residence.self
    case .residentStatus: ResidentStatus.self
    case .erasure: Erasure.self
    case .awardsOfResident: AwardsOfResident.self
    case .awardsOfActivity: ActivityAwards.self
    case .pricesOfItem: ItemPrices.self
    case .retired: RetiredReplica.self
    case .endOfLog: EndOfLog.self
    case .revoked: RevokedReplica.self
    case .movedAccount: MovedAccount.self
    case .takenOver: StandInCoverFold.self
    case .poolSales: PoolSales.self
    case .agedSales: AgedSales.self
    case .consents: ConsentFold.self
    case .personTakes: PersonTakes.self
    case .householdTakes: HouseholdTakes.self
    case .householdMonth: HouseholdMonth.self
    case .coinSerials: CoinSerials.self
    case .redemptionSteps: RedemptionSteps.self
    case .earlierUses: EarlierUses.self
    case .rightUses: RightUses.self
    case .mergedAwards: MergedAwards.self
    case .awardMonth: AwardMonth.self
    case .tierYear: TierYear.self
    case .awardYear: AwardYear.self
    case .coinIssues: CoinIssueFold.self
    case .covers: CoverFold.self
    case .residentExpiry: ResidentExpiry.self
    case .coverProposal: CoverProposal.self
    case .movedShelf: ShelfMoves.self
    case .movedVault: VaultMoves.self
    case .openDebits: OpenDebits.self
    }
  }
}

/// A derived row that reads a row: what to settle again when that row changes.
package struct Reader: Hashable, Comparable, Sendable {
  /// What kind of derived row.
  package let derived: Derived
  /// Which one.
  package let key: AccountKey

  /// Makes one; the second part of the key is 0 where one number names the row.
  package init(_ derived: Derived, _ first: Int64, _ second: Int64 = 0) {
    self.derived = derived
    key = AccountKey(first: first, second: second)
  }

  package static func < (left: Reader, right: Reader) -> Bool {
    (left.derived.rawValue, left.key) < (right.derived.rawValue, right.key)
  }
}

/// The readers of what a transaction changed, each once.
package struct ReaderQueue: Sendable {
  private var waiting: Set<Reader> = []
  /// The derivation that is being settled; it may only ask for later ones.
  private var current = -1

  /// An empty queue.
  package init() {}

  /// Asks for a derived row to be settled again; a caller bug while a later one is being settled.
  package mutating func add(_ reader: Reader) {
    precondition(reader.derived.rawValue > current, "\(reader.derived) is asked for too late")
    waiting.insert(reader)
  }

  /// Takes all readers of the first derivation that has any, in the order of their keys; empty when
  /// nothing is left to settle.
  package mutating func take() -> [Reader] {
    guard let first = waiting.lazy.map(\.derived.rawValue).min() else {
      current = -1
      return []
    }
    current = first
    let batch = waiting.filter { $0.derived.rawValue == first }
    waiting.subtract(batch)
    return batch.sorted()
  }

  /// Forgets all, when the transaction failed.
  package mutating func removeAll() {
    waiting.removeAll()
    current = -1
  }
}
