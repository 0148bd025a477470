import Community
import Foundation
import OpLog
import SQLite
import Simulation
import Store
import Testing

@Suite struct WorkloadTests {
  @Test("W(1000) is the same as ever")
  func isAsKept() throws {
    let file = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../Thresholds/workload.json")
    let kept = try JSONDecoder().decode([String: String].self, from: Data(contentsOf: file))
    #expect(Workload.digest(opCount: 1_000).description == kept["1000"])
  }

  @Test("W(N) holds N ops in the declared mix, and no natural key twice")
  func mix() throws {
    var counts: [KindNumber: Int] = [:]
    var keys: Set<[OpID]> = []
    var receipts = 0
    for delivery in Workload(opCount: 2_000) {
      if delivery.receipt != nil { receipts += 1 }
      for op in delivery.runs.joined() {
        counts[op.kind, default: 0] += 1
        if op.kind == 19 { #expect(keys.insert(op.references).inserted) }
        if op.kind == 17 { #expect(delivery.bodies[try #require(op.body)] != nil) }
      }
    }
    #expect(counts == [19: 1_400, 23: 500, 17: 100])
    #expect(receipts == 4)
  }

  @Test("a store admits every op of the set-up and of the mix")
  func isAdmitted() throws {
    let workload = Workload(opCount: 1_000)
    let store = try Store.create(
      try Connection(path: ":memory:", mode: .readWriteCreate), workload.bystander)
    for delivery in workload.setUp + Array(workload) {
      try store.write { () throws(StoreError) in
        if let receipt = delivery.receipt { try store.take([receipt]) }
        for run in delivery.runs { try store.take(run) }
      }
    }
    let reasons = Set(try store.listing(of: "desk_entries").rows.map { $0[1] })
    #expect(reasons == ["stand-in"])
    #expect(try store.rows(of: Tables.award).count == 700)
  }
}
