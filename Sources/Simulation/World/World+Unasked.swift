import Community
import OpLog
import Store

/// What the counter of today refuses, filled in by a program that asks nothing: the desk hears of it.
extension Form {
  static let unasked: [Form] = [
    // Longer than any activity lasts.
    Form("attendance.supplement", 4) { (_, _) throws(Violation) in ["minutes": "1200"] },
    Form("redemption.return", 3) { (world, office) throws(Violation) in
      try voidedSale(world, office).map {
        ["redemption": $0, "lines": #"[{"line":1,"quantity":1}]"#]
      }
    },
    Form("redemption.void", 4) { (world, office) throws(Violation) in
      try voidedSale(world, office).map { ["redemption": $0, "goods_returned": "true"] }
    },
    Form("points.cover", 3) { (world, office) throws(Violation) in
      // Of an account for which another loss was covered already, by somebody who did not look.
      let covers = (world.known.made[15] ?? []).map { world.sheet(of: $0) }
      let losses = try world.losses(at: office).filter { loss in
        !covers.contains { $0["loss"] == loss.id.description }
      }
      let further = losses.filter { loss in covers.contains { $0["account"] == loss.account } }
      let loss = world.random.pick(further.isEmpty ? losses : further)
      return loss.map { ["loss": $0.id.description, "account": $0.account, "points": "1"] }
    },
    Form("redemption.record", 6, overLimit), Form("redemption.record", 4, ofFamily),
    Form("coin.collect", 2) { (_, _) throws(Violation) in
      // Always the same coin.
      [
        "coins": #"[{"denomination":2,"count":1}]"#,
        "serials": #"[{"denomination":2,"serial":1}]"#,
      ]
    },
  ]

  /// A sale that was voided, wherever that was.
  private static func voidedSale(
    _ world: World, _ office: OfficeNode
  ) throws(Violation) -> String? {
    let sales = (world.known.made[32] ?? []).compactMap {
      world.sheet(of: $0)["redemption"].flatMap { OpID($0) }
    }
    return world.random.pick(try world.held(sales, at: office) { $0 })?.description
  }

  /// Somebody of another office is given more than the limits allow, by whoever allowed it before.
  private static func overLimit(
    _ world: World, _ office: OfficeNode
  ) throws(Violation) -> [String: String]? {
    let guests = try world.held(world.known.residents, at: office) { $0.id }
      .filter { $0.home != office.replica }
    let before = (world.known.made[23] ?? []).compactMap { world.sheet(of: $0)["limit_override"] }
    let own = world.staff[office.community][..<2].map(\.description)
    guard let guest = world.random.pick(guests), let item = try world.anyItem(at: office),
      let deciding = world.random.pick(own.filter(before.contains)) ?? own.first
    else { return nil }
    return [
      "resident": guest.id.description, "items": "\(item)*1", "limit_override": deciding,
    ]
  }

  /// A family whose members take more than one of a thing.
  static func ofFamily(
    _ world: World, _ office: OfficeNode
  ) throws(Violation) -> [String: String]? {
    var members: [Known.Resident] = []
    for id in try world.held(world.known.made[53] ?? [], at: office, id: { $0 }) {
      let member = world.sheet(of: id)["resident"]
      members += world.known.residents.filter { $0.id.description == member }
    }
    var rich: [Known.Resident] = []
    for member in members where member.home == office.replica {
      if try world.balance(of: member, at: office) > 2 { rich.append(member) }
    }
    guard let member = world.random.pick(rich) else { return nil }
    let points = try world.balance(of: member, at: office)
    let quantity = world.random.within(2...3)
    let cheap = try world.items(upTo: points / quantity, at: office)
    return world.random.pick(cheap).map {
      ["resident": member.id.description, "items": "\($0)*\(quantity)"]
    }
  }

  /// Somebody who has two files, and the points in the other one.
  static func ofOtherFile(
    _ world: World, _ office: OfficeNode
  ) throws(Violation) -> [String: String]? {
    let files = try world.mergedFiles(at: office).filter { $0.home == office.replica }
    guard let file = world.random.pick(files), let item = try world.anyItem(at: office) else {
      return nil
    }
    return ["resident": file.id.description, "items": "\(item)*1"]
  }

  /// An award that somebody has under another file.
  static func underOtherFile(
    _ world: World, _ office: OfficeNode
  ) throws(Violation) -> [String: String]? {
    let files = try world.mergedFiles(at: office).map(\.id.description)
    let grants = try world.held(world.known.grants, at: office) { $0.id }
      .filter { files.contains($0.sheet["resident"] ?? "") }
    guard let grant = world.random.pick(grants),
      let other = world.random.pick(files.filter { $0 != grant.sheet["resident"] })
    else { return nil }
    return grant.sheet.merging(["resident": other, "minutes": "60"]) { $1 }
  }
}

extension World {
  /// The files that an office knows to be merged with others.
  func mergedFiles(at office: OfficeNode) throws(Violation) -> [Known.Resident] {
    var files: [Known.Resident] = []
    for file in try held(known.residents, at: office, id: { $0.id }) {
      let row = try must("look up a file") {
        try office.store.row(Tables.resident, [file.id.packed])
      }
      if let row, row[4] != .null { files.append(file) }
    }
    return files
  }

  /// What somebody wants at an office that began on a checkpoint: an award taken back of which its
  /// history has not come yet; nil at any other office.
  func earlyWish(at office: OfficeNode) throws(Violation) -> Wish? {
    guard try history(of: office) != nil, random.happens(400),
      let grant = random.pick(known.grants)
    else { return nil }
    return make(
      "award.reverse", ["award": grant.id.description, "cause": "staff_error"], at: office)
  }
}
