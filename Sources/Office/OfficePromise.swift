import Community
import OpLog
import Store

extension OfficeCore {
  /// What this office's counter may tell a person of an account on a day, if it may record at all
  /// (``stop``); nil where it has no number yet.
  ///
  /// - Throws: ``OfficeError/store(_:)``.
  package func promise(
    of account: OpID, on day: BusinessDate
  ) throws(OfficeError) -> SpendingPromise? {
    // The birth date is in the body, which no fold reads.
    if let refusal = try ageRefusal(of: account, on: day) { return SpendingPromise(bar: refusal) }
    return try OfficeError.wrap { () throws(StoreError) in
      try store.promise(of: account, on: day)
    }
  }
}
