import OpLog
import Simulation
import Store

extension Store {
  /// Takes in what the workload brings, as a hub does; in a transaction of its own.
  func take(_ delivery: Delivery) throws(StoreError) {
    try write { () throws(StoreError) in
      guard let op = delivery.receipt, let receipt = try? Receipt(op) else {
        for run in delivery.runs { try take(run) }
        return
      }
      try take([op])
      for (run, covered) in zip(delivery.runs, receipt.runs) {
        try stage(run)
        try fold(upTo: covered.upTo, staged: run)
      }
    }
  }
}
