import OpLog
import Store

extension HubCore {
  /// Checks the kept seals against the log: each is over a head of it, made with its office's secret.
  package func verifySeals(_ report: inout VerifyReport) throws(StoreError) {
    try store.read { () throws(StoreError) in
      for sealed in try store.sealedHeads() { try check(sealed, &report) }
    }
  }

  private func check(
    _ sealed: SealedHead, _ report: inout VerifyReport
  ) throws(StoreError) {
    guard let id = OpID(sealed.head.replica, sealed.head.seq) else { return }
    if try store.head(of: id.replica, at: id.seq) != sealed.head {
      report.note("the log of \(id.replica) is not what was sealed at \(id)", at: id)
    } else if !key.hasSealed(sealed) {
      report.note("the seal at \(id) is not made with the secret of \(id.replica)", at: id)
    }
  }
}
