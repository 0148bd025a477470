import Community
import FoldKit
import OpLog
import Testing

@Suite struct TablesTests {
  @Test func `numbers and names are unique`() {
    let tables = Tables.all
    #expect(Set(tables.map(\.number)).count == tables.count)
    #expect(Set(tables.map(\.name)).count == tables.count)
    #expect(tables.map(\.layer) == tables.map(\.layer).sorted())
  }

  @Test("a key is 1 to 5 integers that are always there", arguments: Tables.all)
  func keys(table: Table) {
    #expect((1...5).contains(table.keyCount))
    #expect(table.columns[..<table.keyCount].allSatisfy { !$0.isText && !$0.isOptional })
    #expect(Set(table.columns.map(\.name)).count == table.columns.count)
  }

  @Test(
    "other tables, kinds, or payloads are another catalogue: raise its version, record the hash")
  func version() {
    let tables = Tables.all.map { table in
      let columns = table.columns.map { "\($0.name) \($0.isText) \($0.isOptional)" }
      return "\(table.number) \(table.name) \(table.layer) \(table.keyCount): "
        + columns.joined(separator: ", ")
    }
    // What was parked is folded after an upgrade only where the version tells that it was one.
    let kinds = Catalogue.kinds.map { kind in
      "\(kind.number) \(kind.name) \(kind.merge) \(kind.roles.map(\.rawValue)) "
        + "\([kind.isByProgram, kind.isDated, kind.isSigned, kind.isDecision]): "
        + Self.text(of: kind.schema.fields)
    }
    let declared = tables + kinds
    let hash = SHA256.hash(Array(declared.joined(separator: "\n").utf8)).description
    #expect([Catalogue.version: hash.prefix(16)] == [9: "7gEyErCDmdtxtV-q"])
  }

  private static func text(of fields: [Field]) -> String {
    fields.map { field in
      let type =
        if case .records(let members, let range) = field.type {
          "\(range) of [\(text(of: members))]"
        } else {
          "\(field.type)"
        }
      return "\(field.name) \(field.isRequired) \(type)"
    }.joined(separator: ", ")
  }

  @Test("every table says which of its rows a counter needs")
  func workingSet() {
    #expect(Set(WorkingSetRule.rules.keys) == Set(Tables.all.map(\.number)))
    for table in Tables.all {
      #expect(WorkingSetRule.of(table).naming.allSatisfy { $0 < table.columns.count })
    }
  }

  @Test func `accounts are sums: they are posted to and post nothing`() {
    let accounts = Tables.all.filter { $0.layer == .accounts }
    #expect(Set(accounts.map(\.number)) == Set(AccountTable.allCases.map(\.table.number)))
    for table in accounts {
      #expect(table.postings == nil)
      #expect(table.keyCount <= 2)
      #expect(table.columns.allSatisfy { !$0.isText && !$0.isOptional })
    }
    #expect(Tables.all.filter { $0.postings != nil }.allSatisfy { $0.layer == .facts })
  }

  @Test func `a posting without an amount for each sum traps`() async {
    await #expect(processExitsWith: .failure) { _ = Posting(.account, 1, amounts: [1]) }
  }

  @Test func `folds read only what the catalogue declares, and layers point one way`() throws {
    var reads: [String: Set<String>] = [:]
    var writes: [String: Set<String>] = [:]
    var folded: Set<KindNumber> = []
    var histories = try (1...120 as ClosedRange<UInt64>).map { seed in
      try History(seed: seed, steps: 150).ops
    }
    histories.append(try returnedAhead())
    for ops in histories {
      let replica = MemoryReplica()
      replica.state.onAccess = { [unowned replica] table, isWrite in
        let kind = replica.folding?.name ?? ""
        if isWrite {
          writes[kind, default: []].insert(table.name)
        } else {
          reads[kind, default: []].insert(table.name)
        }
      }
      for delivery in ops { replica.receive(delivery) }
      folded.formUnion(
        ops.lazy.filter { replica.state.verdicts[$0.op.id]?.outcome == .posted }.map(\.op.kind))
    }
    let tables = Dictionary(uniqueKeysWithValues: Tables.all.map { ($0.name, $0) })
    var sources: [String: Set<String>] = [:]
    for kind in Catalogue.kinds where kind.fold != nil {
      #expect(folded.contains(kind.number), "\(kind.name) is never folded")
      let own = writes[kind.name, default: []]
      let undeclared = reads[kind.name, default: []].subtracting(own).subtracting(kind.reads)
      #expect(undeclared.isEmpty, "\(kind.name)")
      for name in own { sources[name, default: []].formUnion(Set(kind.reads).subtracting(own)) }
    }
    for (name, from) in sources {
      let table = try #require(tables[name])
      #expect(table.layer < .accounts, "folds write \(name)")
      for source in from {
        let read = try #require(tables[source], "\(name) is folded from \(source)")
        #expect(read.layer <= table.layer, "\(name) reads \(source)")
      }
    }
    while let ready = sources.first(where: { $0.value.isDisjoint(with: sources.keys) }) {
      sources[ready.key] = nil
    }
    #expect(sources.isEmpty, "a circle")
  }

  /// A sale whose goods came back before its receipt says that its date is ahead: few random histories
  /// have one.
  private func returnedAhead() throws -> [Delivery] {
    var scene = try Scene()
    scene.street.today = scene.street.today.adding(days: 40)
    let sale = try scene.spend(0, at: scene.a)
    try scene.street.bringBack(sale, 1, at: scene.a)
    try scene.street.receiptForAll()
    return scene.street.written
  }
}
