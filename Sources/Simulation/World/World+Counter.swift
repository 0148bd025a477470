import OpLog

/// The counter, the shelves, and the coins.
extension Form {
  static let counter: [Form] = [
    Form("redemption.record", 16, purchase), Form("redemption.record", 4, ofFamily),
    Form("redemption.record", 3, ofOtherFile),
    Form("redemption.void", 8) { (world, office) throws(Violation) in
      try ofRedemption(world, office, after: 33)
    },
    Form("redemption.return", 8) { (world, office) throws(Violation) in
      guard let fields = try ofRedemption(world, office, after: 32) else { return nil }
      let line = world.random.happens(900) ? 1 : 2
      let quantity = world.random.within(1...2)
      return fields.merging(["lines": #"[{"line":\#(line),"quantity":\#(quantity)}]"#]) { $1 }
    },
    Form("item.reprice", 4), Form("reservation.place", 8, ofItem),
    Form("reservation.release", 4) { (world, office) throws(Violation) in
      let done = try world.held(world.known.made[37] ?? [], at: office) { $0 }
      if let done = world.random.pick(done), world.random.happens(300) {
        return world.sheet(of: done).filter { $0.key == "reservation" }
      }
      // Kept here, and handed out elsewhere since.
      let sold = try world.unheard(23, at: office).compactMap { world.sheet(of: $0)["reservation"] }
      guard let sold = world.random.pick(sold), world.random.happens(700) else { return [:] }
      return ["reservation": sold]
    },
    Form("reservation.collect", 8, collection),
    Form("offer.publish", 3) { (world, _) throws(Violation) in
      world.random.happens(600) ? ["per_person": "\(world.random.within(1...3))"] : [:]
    },
    Form("offer.use", 10) { (world, office) throws(Violation) in
      let home = try world.held(world.known.residents, at: office) { $0.id }
        .filter { $0.home == office.replica }
      guard let resident = world.random.pick(home), world.random.happens(800) else { return [:] }
      return ["resident": resident.id.description, "times": "\(world.random.within(1...2))"]
    },
    Form("offer.void", 6) { (world, office) throws(Violation) in
      let uses = try world.held(world.known.made[39] ?? [], at: office) { $0 }
      return world.random.pick(uses).map { ["use": $0.description] }
    },
    Form("points.transfer", 12) { (world, office) throws(Violation) in
      let home = try world.held(world.known.residents, at: office) { $0.id }
        .filter { $0.home == office.replica }
      let pool = world.random.happens(700) ? try world.any(of: [52], at: office) : nil
      var rich: [Known.Resident] = []
      for resident in home where try world.balance(of: resident, at: office) > 0 {
        rich.append(resident)
      }
      guard let from = world.random.pick(rich), let pool else {
        return world.random.pick(home).map { ["from": $0.id.description, "points": "1"] }
      }
      let points = min(6, try world.balance(of: from, at: office))
      return ["from": from.id.description, "to": pool.description, "points": "\(points)"]
    },
    Form("stock.send", 8) { (world, office) throws(Violation) in
      let others = world.offices.filter { $0.index != office.index }
      let other = world.random.pick(world.random.happens(50) ? world.offices : others)
      guard let to = try world.enrolment(of: other, at: office),
        let item = try world.anyItem(at: office)
      else { return nil }
      let quantity = world.random.within(1...3)
      return ["to": to.description, "item": item.description, "quantity": "\(quantity)"]
    },
    Form("stock.accept", 10, incoming), Form("stock.count", 4, ofItem),
    Form("stock.write_off", 6) { (world, office) throws(Violation) in
      guard world.random.happens(400), let transfer = try incoming(world, office) else {
        return try ofItem(world, office)
      }
      return transfer.merging(["quantity": "1"]) { $1 }
    },
    Form("coin.adjust", 8) { (world, _) throws(Violation) in
      switch world.random.below(10) {
      case 0: return [:]
      case 1: return ["quantity": "\(world.random.within(-3...0))"]
      default: return ["reason": "printed", "quantity": "\(world.random.within(5...30))"]
      }
    },
    Form("coin.issue", 12) { (world, office) throws(Violation) in
      let paid = world.known.made[40].flatMap { world.random.pick($0) }
      if let paid, world.random.happens(150), world.sheet(of: paid)["awards"] != nil {
        return world.sheet(of: paid)
      }
      guard let grant = try payable(world, office),
        let resident = world.sheet(of: grant)["resident"]
      else { return nil }
      let fields = numbered(world, ["coins": coins(world), "resident": resident])
      return world.random.happens(500)
        ? fields.merging(["awards": grant.description]) { $1 } : fields
    },
    Form("coin.collect", 5) { (world, office) throws(Violation) in
      // Once in a while for what was paid in coins before.
      let paid = try world.held(world.known.made[23] ?? [], at: office) { $0 }
        .filter { world.sheet(of: $0)["coins"] != nil }
      let collected = (world.known.made[41] ?? []).compactMap {
        world.sheet(of: $0)["redemption"]
      }
      if let again = world.random.pick(collected), world.random.happens(400) {
        return ["coins": coins(world), "redemption": again]
      }
      guard let sale = world.random.pick(paid), world.random.happens(300) else {
        return numbered(world, ["coins": coins(world)])
      }
      return ["coins": coins(world), "redemption": sale.description]
    },
  ]

  /// A redemption with more to it than goods and a resident.
  private static func purchase(
    _ world: World, _ office: OfficeNode
  ) throws(Violation) -> [String: String]? {
    guard var fields = try world.purchase(at: office) else { return nil }
    let kept = world.random.happens(300) ? try world.any(of: [35], at: office) : nil
    if let kept, let item = world.sheet(of: kept)["item"],
      let resident = world.sheet(of: kept)["resident"]
    {
      let quantity = world.sheet(of: kept)["quantity"] ?? "1"
      fields = [
        "resident": resident, "items": "\(item)*\(quantity)", "reservation": kept.description,
      ]
    } else {
      fields["reservation"] = nil
    }
    let member = world.random.happens(400) ? try world.any(of: [53], at: office) : nil
    if let member, let family = world.sheet(of: member)["household"] {
      // Once in a while somebody else's pool.
      if world.random.happens(700) { fields["resident"] = world.sheet(of: member)["resident"] }
      if world.random.happens(600) { fields["pool"] = family }
      if let item = fields["items"]?.split(separator: "*").first {
        fields["items"] = "\(item)*\(world.random.within(1...3))"
      }
    }
    if let pool = world.random.pick(try filledPools(world, office)), world.random.happens(400) {
      fields["pool"] = pool.id.description
      let cheap = world.random.pick(try world.items(upTo: pool.points, at: office))
      if let cheap { fields["items"] = "\(cheap)*1" }
    }
    guard world.random.happens(300) else { return fields }
    fields["coins"] = coins(world)
    return numbered(world, fields)
  }

  /// Households that the office knows to have points together.
  private static func filledPools(
    _ world: World, _ office: OfficeNode
  ) throws(Violation) -> [(id: OpID, points: Int64)] {
    var pools: [(id: OpID, points: Int64)] = []
    for pool in try world.held(world.known.made[52] ?? [], at: office, id: { $0 }) {
      let points = try world.balance(of: .init(id: pool, home: office.replica), at: office)
      if points > 0 { pools.append((pool, points)) }
    }
    return pools
  }

  /// A sale of what was kept for the same person, else any; both have to be named.
  private static func collection(
    _ world: World, _ office: OfficeNode
  ) throws(Violation) -> [String: String]? {
    let sales = try world.held(world.known.made[23] ?? [], at: office) { $0 }
    var fitting: [[String: String]] = []
    for kept in try world.held(world.known.made[35] ?? [], at: office, id: { $0 }) {
      let wanted = world.sheet(of: kept)
      for sale in sales {
        let sold = world.sheet(of: sale)
        guard sold["resident"] == wanted["resident"],
          sold["items"]?.split(separator: "*").first.map(String.init) == wanted["item"]
        else { continue }
        fitting.append(["reservation": kept.description, "redemption": sale.description])
      }
    }
    if let pair = world.random.pick(fitting) { return pair }
    return world.random.pick(sales).map { ["redemption": $0.description] }
  }

  private static func ofItem(
    _ world: World, _ office: OfficeNode
  ) throws(Violation) -> [String: String]? {
    try world.anyItem(at: office).map { ["item": $0.description] }
  }

  /// Mostly any sale, once in a while one that had a step of another kind.
  private static func ofRedemption(
    _ world: World, _ office: OfficeNode, after kind: KindNumber
  ) throws(Violation) -> [String: String]? {
    let steps = try world.held(world.known.made[kind] ?? [], at: office) { $0 }
    if let step = world.random.pick(steps), world.random.happens(250) {
      return world.sheet(of: step)["redemption"].map { ["redemption": $0] }
    }
    let all = try world.held(world.known.made[23] ?? [], at: office) { $0 }
    if kind == 33, world.random.happens(200) {
      // Another office took it back, too.
      let elsewhere = try world.unheard(32, at: office).compactMap {
        world.sheet(of: $0)["redemption"].flatMap { OpID($0) }
      }
      let twice = try world.held(elsewhere, at: office) { $0 }
      if let twice = world.random.pick(twice) { return ["redemption": twice.description] }
    }
    let own = all.filter { $0.replica == office.replica }
    let sale = world.random.pick(own.isEmpty || world.random.happens(200) ? all : own.suffix(3))
    return sale.map { ["redemption": $0.description] }
  }

  /// Goods on their way to the office, once in a while to another.
  private static func incoming(
    _ world: World, _ office: OfficeNode
  ) throws(Violation) -> [String: String]? {
    let all = try world.held(world.known.made[43] ?? [], at: office) { $0 }
    let enrolment = try world.enrolment(of: office, at: office)?.description
    let own = all.filter { world.sheet(of: $0)["to"] == enrolment }
    let transfer = world.random.pick(own.isEmpty || world.random.happens(80) ? all : own)
    return transfer.map { ["transfer": $0.description] }
  }

  /// An award, mostly of somebody who has points that coins can be given for.
  private static func payable(_ world: World, _ office: OfficeNode) throws(Violation) -> OpID? {
    var rich: [OpID] = []
    for grant in try world.held(world.known.grants, at: office, id: { $0.id }) {
      guard let resident = grant.sheet["resident"].flatMap({ OpID($0) }),
        try world.balance(of: .init(id: resident, home: office.replica), at: office) >= 5
      else { continue }
      rich.append(grant.id)
    }
    if let grant = world.random.pick(rich) { return grant }
    return try world.any(of: [19], at: office)
  }

  /// Coins of which one has a number, of so few that they meet; most have none.
  private static func numbered(
    _ world: World, _ fields: [String: String]
  ) -> [String: String] {
    guard world.random.happens(400) else { return fields }
    let serial = world.random.within(1...2)
    return fields.merging(["serials": #"[{"denomination":2,"serial":\#(serial)}]"#]) { $1 }
  }

  private static func coins(_ world: World) -> String {
    // Once in a while more than were ever printed.
    if world.random.happens(40) { return #"[{"denomination":3,"count":60}]"# }
    let twos = #"{"denomination":2,"count":\#(world.random.within(1...2))}"#
    guard world.random.happens(400) else { return "[\(twos)]" }
    return "[\(twos),{\"denomination\":3,\"count\":1}]"
  }
}
