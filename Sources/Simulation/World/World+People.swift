import OpLog

/// Files, households, volunteers, consents, and what the hub is asked about people.
extension Form {
  static let people: [Form] = [
    Form("resident.merge", 10) { (world, office) throws(Violation) in
      guard let keep = try world.any(of: [16], at: office),
        let drop = try world.any(of: [16], at: office)
      else { return nil }
      return ["keep": keep.description, "drop": drop.description]
    },
    Form("resident.unmerge", 5), Form("resident.deactivate", 3), Form("resident.erase", 6),
    Form("consent.set", 8), Form("household.upsert_file", 6),
    Form("household.set_member", 14) { (world, _) throws(Violation) in
      ["from_on": world.day(in: -40...3)]
    },
    Form("volunteer.enroll", 5), Form("volunteer.leave", 4), Form("account.freeze", 6),
    Form("account.unfreeze", 5), Form("appeal.file", 6), Form("resident.reactivate", 3),
    Form("staff.reset_pin", 2),
  ]
}
