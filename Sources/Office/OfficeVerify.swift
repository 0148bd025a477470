import OpLog
import Store

extension OfficeCore {
  /// Checks the kept seals against the log: each is over a head of it, made with this office's secret.
  package func verifySeals(_ report: inout VerifyReport) throws(OfficeError) {
    try OfficeError.wrap { () throws(StoreError) in
      try store.read { () throws(StoreError) in
        for sealed in try store.sealedHeads() { try check(sealed, &report) }
      }
    }
  }

  private func check(
    _ sealed: SealedHead, _ report: inout VerifyReport
  ) throws(StoreError) {
    guard let id = OpID(sealed.head.replica, sealed.head.seq) else { return }
    let seal =
      sealed.successorSeal.map { Seal.ofHub(secret: secret, sealed.head, successorSeal: $0) }
      ?? Seal.ofOffice(secret: secret, sealed.head)
    if try store.head(of: id.replica, at: id.seq) != sealed.head {
      report.note("the log of \(id.replica) is not what was sealed at \(id)", at: id)
    } else if !seal.isEqualInConstantTime(to: sealed.seal) {
      report.note("the seal at \(id) is not made with this office's secret", at: id)
    }
  }
}
