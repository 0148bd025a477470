import Community
import OpLog
import Store

/// Offices whose program is older than the others': what it does not know it keeps, and folds after its
/// upgrade.
extension World {
  /// How often a step brings an upgrade to an older office, in cases of a thousand.
  private static let upgradeRate = 40

  /// Kinds that an older program may not know yet; without any other a street has no residents, or no
  /// hub.
  private static let latecomers: [Kind] = {
    let forms = Form.work + Form.people + Form.counter + Form.closing
    let kept: Set<String> = ["award.grant", "award.approve", "redemption.record"]
    return Catalogue.kinds.filter { kind in
      forms.contains { $0.kind == kind.name } && !kept.contains(kind.name)
    }
  }()

  /// What the program of a new office knows.
  func drawnEdition() -> Edition {
    guard versions.happens(mix[.olderVersion]) else { return .present }
    marks.hit(.olderVersion)
    var absent: Set<KindNumber> = []
    for _ in 0...versions.below(6) {
      if let kind = versions.pick(Self.latecomers) { absent.insert(kind.number) }
    }
    return Edition(
      version: Catalogue.version - 1,
      kinds: Catalogue.kinds.filter { !absent.contains($0.number) })
  }

  /// Sometimes an office gets the program of the others.
  func upgradeSomeone() throws(Violation) {
    for office in offices where office.isOlder && versions.happens(Self.upgradeRate) {
      try upgrade(office)
    }
  }

  /// Starts the present program at an office that has an older one.
  func upgrade(_ office: OfficeNode) throws(Violation) {
    guard office.isOlder, !office.isGone else { return }
    let before = try unread(at: office)
    try office.upgrade()
    let after = try unread(at: office)
    if after < before { marks.hit(Look.unparked) }
    note("\(office.replica) gets the present program: \(before) ops unread, then \(after)")
  }

  private func unread(at office: OfficeNode) throws(Violation) -> Int {
    let listing = try must("read the desk") {
      try office.store.listing(of: "desk_entries", limit: 10_000)
    }
    return listing.rows.count { $0[1] == DeskReason.unknownKind.rawValue }
  }
}
