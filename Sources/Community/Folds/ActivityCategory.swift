/// What an activity is: the values of its `category`, in their order.
package enum ActivityCategory {
  /// Their names in records.
  package static let names = [
    "labour", "lecture", "publicity", "service", "report", "other", "opening", "referral",
    "joining",
  ]

  /// What residents report in passing (随手报).
  static let report: Int64 = 4

  /// Balances that were kept on paper before (期初).
  package static let opening: Int64 = 6

  /// Those that are no day's work: balances from before, and points for bringing somebody along or for
  /// joining.
  ///
  /// Their awards are numbers whatever the mode is, without a limit by the day, without hours, and no
  /// person-times.
  package static let withoutWork: [Int64] = [opening, 7, 8]
}
