import OpLog
import SQLite
import Store
import Testing

@testable import Community

/// A database that an older version wrote, with ops that only a newer one can fold.
@Suite("An older version's database") struct EditionTests {
  /// A version that knows no awards, not what received goods cost, and nobody who moves to another
  /// community.
  private static let older = Edition(
    version: Catalogue.version - 1,
    kinds: Catalogue.kinds.compactMap { kind in
      switch kind.name {
      case "award.grant": nil
      case "stock.receive": without(from: "unit_cost_fen", kind)
      case "custody.give": without(from: "moves", kind)
      default: kind
      }
    })

  @Test("keeps what it does not know, and folds it after the upgrade as if it had always known it")
  func upgrade() throws {
    let street = try Street()
    let office = street.offices[0]
    let item = PayloadValue.reference(try #require(street.item))
    let resident = try #require(street.residents.first)
    let priced = try street.record(
      office, "stock.receive",
      [
        "item": item, "quantity": .integer(9), "source": .integer(1),
        "unit_cost_fen": .integer(250),
      ])
    let award = try street.record(
      office, "award.grant",
      [
        "activity": .reference(try #require(street.activity)), "resident": .reference(resident),
        "points": .integer(4),
      ])
    let mover = street.residents[1]
    let home = try #require(try street.hub.row(Tables.replica, [4097])?[1].id)
    let given = try street.record(
      street.offices[1], "custody.give",
      [
        "account": .reference(mover), "to": .reference(home), "after": .reference(mover),
        "moves": .integer(0),
      ])
    try street.exchange()

    let connection = try Connection(path: ":memory:", mode: .readWriteCreate)
    let old = try Store.create(connection, Street.identity(4096), as: Self.older)
    let logs = try street.logs()
    try old.write { () throws(StoreError) in for log in logs { try old.take(log) } }
    for op in [priced, award, given] {
      #expect(try old.verdict(of: op) == Verdict(.pending, [.unknownKind]))
    }
    #expect(try old.parkedOp(touching: resident) == award)
    let before = try old.tablesDigest()

    let new = try Store(connection)
    for op in [priced, award, given] { #expect(try new.verdict(of: op) == .plain) }
    #expect(try new.parkedOp(touching: resident) == nil)
    #expect(try new.tablesDigest() == street.hub.tablesDigest())
    #expect(try Store(connection, as: Self.older).tablesDigest() == before)
  }

  /// A kind as it was before a field, and those behind it, were added.
  private static func without(from key: String, _ kind: Kind) -> Kind {
    Kind(
      number: kind.number, name: kind.name, words: kind.words,
      schema: PayloadSchema(Array(kind.schema.fields.prefix { $0.name != key })), body: kind.body,
      merge: kind.merge, naturalKey: kind.naturalKey, roles: kind.roles,
      isByProgram: kind.isByProgram, isOffline: kind.isOffline, isDated: kind.isDated,
      isSigned: kind.isSigned, isDecision: kind.isDecision, reads: kind.reads, fold: kind.fold)
  }
}
