import Community
import FoldKit
import OpLog
import Testing

@Suite struct CatalogueTests {
  @Test func `numbers and names are unique and lead back to their kind`() {
    let kinds = Catalogue.kinds
    #expect(Set(kinds.map(\.number)).count == kinds.count)
    #expect(Set(kinds.map(\.name)).count == kinds.count)
    for kind in kinds {
      #expect((1...65_535).contains(kind.number))
      #expect(Catalogue.kind(kind.number)?.name == kind.name)
      #expect(Catalogue.kind(named: kind.name)?.number == kind.number)
    }
    for unknown in [0, 9_999, 65_536, .max] as [KindNumber] {
      #expect(Catalogue.kind(unknown) == nil)
    }
    #expect(Catalogue.kind(named: "award.mint") == nil)
  }

  @Test("each row is whole", arguments: Catalogue.kinds)
  func rows(kind: Kind) {
    #expect((kind.fold == nil) == (kind.number == Receipt.kind))
    #expect(kind.isHubOnly == (kind.merge == .hub))
    #expect(kind.isOffline != kind.isHubOnly)
    #expect(kind.merge != .unique || !kind.naturalKey.isEmpty)
    for language in Language.allCases { #expect(!language(kind.words).isEmpty) }
    #expect(
      isName(kind.name.filter { $0 != "." }) && kind.name.contains(".") || kind.name == "receipt")
    #expect(Set(kind.body.map(\.name)).count == kind.body.count)
  }

  @Test("field names are unique, in snake_case", arguments: Catalogue.kinds)
  func fieldNames(kind: Kind) {
    check(kind.schema.fields)
    func check(_ fields: [Field]) {
      #expect(Set(fields.map(\.name)).count == fields.count)
      for field in fields {
        #expect(isName(field.name.filter { $0 != "." }), "\(field.name)")
        if case .records(let inner, _) = field.type { check(inner) }
      }
    }
  }

  @Test("whatever a schema allows fits the envelope", arguments: Catalogue.kinds)
  func sizes(kind: Kind) {
    let most = largest(kind.schema.fields)
    #expect(most.bytes + 150 <= EnvelopeLimits.opBytesMax)
    #expect(most.references <= EnvelopeLimits.referencesMax)
    #expect(most.depth <= EnvelopeLimits.depthMax)
  }

  @Test("a random payload goes there and back", arguments: Catalogue.kinds)
  func payloads(kind: Kind) throws {
    var dice = Dice(seed: UInt64(kind.number))
    for _ in 0..<20 {
      let payload = Payload(values: try RandomPayload.values(kind.schema.fields, using: &dice))
      let writer = try #require(ReplicaID(rawValue: 4097))
      let op = try Op(
        OpFields(
          id: try #require(OpID(writer, 1)), stamp: 0, kind: kind.number,
          occurredOn: BusinessDate(stamp: 0), payload: kind.schema.encode(payload)))
      #expect(try kind.schema.decode(op) == .payload(payload))
    }
  }

  @Test func `a receipt fits its row of the catalogue`() throws {
    var street = try Street()
    let resident = try street.register(at: street.counters[0])
    try street.receiptForAll()
    let delivery = try #require(street.written.last)
    let run = try #require(delivery.payload?.records(1).first)
    #expect(delivery.kind?.name == "receipt")
    #expect(run.integer(1) == Int64(resident.replica.rawValue))
    #expect(run.integer(2) == 1)
  }

  private func isName(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.allSatisfy { (0x61...0x7A).contains($0) || $0 == 0x5F }
  }

  /// The most that a map of such fields can take, heads included.
  private func largest(_ fields: [Field]) -> (bytes: Int, references: Int, depth: Int) {
    var most = (bytes: 9, references: 0, depth: 1)
    for field in fields {
      var one = (bytes: 9, references: 0, depth: 1)
      switch field.type {
      case .integer, .flag, .choice, .choices, .date, .replica: break
      case .text(let range), .bytes(let range): one.bytes += range.upperBound
      case .reference: one = (22, 1, 2)
      case .references(_, let range): one = (9 + 22 * range.upperBound, range.upperBound, 3)
      case .records(let inner, let range):
        let record = largest(inner)
        one = (
          9 + record.bytes * range.upperBound, record.references * range.upperBound,
          record.depth + 1
        )
      }
      most.bytes += 2 + one.bytes
      most.references += one.references
      most.depth = max(most.depth, 1 + one.depth)
    }
    return most
  }
}
