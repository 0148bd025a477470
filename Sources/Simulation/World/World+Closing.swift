import Community
import OpLog
import Store

/// What takes entries off the desk.
extension Form {
  static let closing: [Form] = [
    Form("desk.resolve", 1) { (world, office) throws(Violation) in
      let listing = try must("read the desk") {
        try office.store.listing(of: "desk_entries", limit: 10_000)
      }
      guard let entry = world.random.pick(listing.rows),
        let subject = entry[0].flatMap({ OpID($0) }),
        let reason = entry[1], try office.holds(subject)
      else { return nil }
      let done = try world.held(world.known.made[65] ?? [], at: office) { $0 }
      if let old = world.random.pick(done), world.random.happens(250) {
        let sheet = world.sheet(of: old)
        return ["subject": "", "reason": ""].merging(sheet) { $1 }
          .merging(["undoes": old.description, "outcome": "reopened"]) { $1 }
      }
      let outcomes = DeskReason(rawValue: reason)?.resolutions ?? []
      guard let outcome = world.random.pick(outcomes) else { return nil }
      let other = world.random.happens(60) ? try world.any(of: [16, 19], at: office) : nil
      return [
        "subject": (other ?? subject).description, "reason": reason, "outcome": outcome.name,
      ]
    }
  ]
}
