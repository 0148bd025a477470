import Foundation
import SQLite
import Simulation
import Testing

/// A few of the crash points; `linli crash-points` tries them all.
@Suite struct CrashPointTests {
  @Test("an operation is refused or done, and the store goes on, whatever call fails")
  func disks() throws {
    let databases = URL(filePath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Fixtures/databases")
    var shipped: [String: [UInt8]] = [:]
    for name in ["3-7", "7-8"] {
      shipped[name] = Array(try Data(contentsOf: databases.appending(path: name + ".db")))
    }
    for operation in try CrashOperation.all(databases: shipped) {
      let outcome = try CrashOutcome(operation)
      for fault in CrashFault.allCases where !fault.isOfMemory {
        let stride =
          switch (operation.name, fault) {
          case ("record", _): 5
          // It reads ops that its payload names: a read that failed there was swallowed once.
          case ("retire", .read): 10
          // The others are much the same, or long.
          default: 211
          }
        let row = operation.run(fault, to: outcome, stride: stride)
        #expect(
          row.violation == nil, "linli crash-points \(row.operation) --fault \(fault.rawValue)")
      }
    }
  }

  @Test("an operation is refused or done when memory runs out")
  func memory() async {
    // In a process of its own: SQLite takes another allocator only before it is used.
    await #expect(processExitsWith: .success) {
      #expect(ScarceMemory.install())
      for operation in try CrashOperation.all() where operation.name == "record" {
        let row = operation.run(.memory, to: try CrashOutcome(operation), stride: 397)
        #expect(row.reached > 397)
        #expect(row.violation == nil, "linli crash-points record --fault memory")
      }
    }
  }
}
