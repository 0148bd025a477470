/// Who may record what, and whom an appointment that ended takes the right from: written down a second
/// time on purpose, because the model goes by no rule of the catalogue.
extension NaiveModel {
  /// The roles that may record a kind, as bits: 1 clerk, 2 approver, 4 grid; 0 where only the hub or a
  /// program does.
  static func roles(of kind: String) -> Int64 { rolesByKind[kind] ?? 0 }

  /// Whether an appointment that ended before its day takes the right to it.
  ///
  /// So it is with what is about points and stock, and what a person signs for others. Others build on
  /// reversals, new PINs, and people who came back, so these stand even when the appointment turns out to
  /// have ended.
  static func endsWithAppointment(_ kind: String) -> Bool { ending.contains(kind) }

  /// The bit of those who approve.
  static let approver: Int64 = 2

  private static let rolesByKind: [String: Int64] = [
    "account.freeze": 2, "account.unfreeze": 2, "activity.amend": 3, "activity.cancel": 3,
    "activity.close": 3, "activity.publish": 3, "activity.reopen": 2, "appeal.file": 7,
    "attendance.check_in": 5, "attendance.check_out": 5, "attendance.supplement": 7,
    "award.approve": 2, "award.grant": 1, "award.reject": 2, "award.reverse": 2,
    "coin.adjust": 3, "coin.collect": 1, "coin.issue": 1, "consent.set": 5, "custody.give": 2,
    "desk.resolve": 2, "household.set_member": 4, "household.upsert_file": 4, "item.define": 3,
    "item.reprice": 3, "offer.publish": 3, "offer.use": 1, "offer.void": 2, "points.cover": 2,
    "points.transfer": 1, "redemption.record": 1, "redemption.return": 3, "redemption.void": 3,
    "reservation.collect": 1, "reservation.place": 1, "reservation.release": 1,
    "resident.deactivate": 5, "resident.erase": 2, "resident.merge": 2, "resident.reactivate": 2,
    "resident.register": 5, "resident.unmerge": 2, "resident.update": 5, "rights.request": 1,
    "staff.reset_pin": 2, "stock.accept": 1, "stock.count": 1, "stock.receive": 1, "stock.send": 1,
    "stock.write_off": 1, "volunteer.enroll": 5, "volunteer.leave": 5,
  ]

  private static let ending: Set<String> = [
    "attendance.supplement", "award.approve", "award.grant", "award.reject",
    "coin.adjust", "coin.collect", "coin.issue", "custody.give", "desk.resolve", "offer.use",
    "offer.void", "points.cover", "points.transfer", "redemption.record", "redemption.return",
    "redemption.void", "reservation.collect", "reservation.place", "reservation.release",
    "stock.accept", "stock.count", "stock.receive",
    "stock.send", "stock.write_off",
  ]
}
