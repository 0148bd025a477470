import OpLog

/// The counter, the shelves, and the coins.
extension Form {
  static let counter: [Form] = [
    Form("redemption.record", 16, purchase), Form("redemption.void", 8, ofRedemption),
    Form("redemption.return", 8) { (world, office) throws(Violation) in
      guard let fields = try ofRedemption(world, office) else { return nil }
      let line = world.random.happens(900) ? 1 : 2
      let quantity = world.random.within(1...2)
      return fields.merging(["lines": #"[{"line":\#(line),"quantity":\#(quantity)}]"#]) { $1 }
    },
    Form("item.reprice", 4), Form("reservation.place", 8, ofItem), Form("reservation.release", 3),
    Form("reservation.collect", 6) { (world, office) throws(Violation) in
      guard let reservation = try world.any(of: [35], at: office) else { return nil }
      let sales = try world.held(world.known.made[23] ?? [], at: office) { $0 }
      let own = sales.filter { world.sheet(of: $0)["reservation"] == reservation.description }
      let sale = world.random.pick(own.isEmpty ? sales : own)
      return sale.map {
        ["reservation": reservation.description, "redemption": $0.description]
      }
    },
    Form("offer.publish", 3), Form("offer.use", 6),
    Form("points.transfer", 6) { (world, office) throws(Violation) in
      let home = try world.held(world.known.residents, at: office) { $0.id }
        .filter { $0.home == office.replica }
      return world.random.pick(home).map { ["from": $0.id.description, "points": "1"] }
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
    Form("coin.adjust", 7) { (world, _) throws(Violation) in
      guard world.random.happens(800) else { return [:] }
      return ["reason": "printed", "quantity": "\(world.random.within(5...30))"]
    },
    Form("coin.issue", 6) { (world, office) throws(Violation) in
      guard let grant = try world.any(of: [19], at: office),
        let resident = world.sheet(of: grant)["resident"]
      else { return nil }
      let fields = ["coins": coins(world), "resident": resident]
      return world.random.happens(500)
        ? fields.merging(["awards": grant.description]) { $1 } : fields
    },
    Form("coin.collect", 5) { (world, _) throws(Violation) in ["coins": coins(world)] },
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
    if world.random.happens(300) { fields["coins"] = coins(world) }
    return fields
  }

  private static func ofItem(
    _ world: World, _ office: OfficeNode
  ) throws(Violation) -> [String: String]? {
    try world.anyItem(at: office).map { ["item": $0.description] }
  }

  private static func ofRedemption(
    _ world: World, _ office: OfficeNode
  ) throws(Violation) -> [String: String]? {
    let all = try world.held(world.known.made[23] ?? [], at: office) { $0 }
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

  private static func coins(_ world: World) -> String {
    let twos = #"{"denomination":2,"count":\#(world.random.within(1...2))}"#
    guard world.random.happens(400) else { return "[\(twos)]" }
    return "[\(twos),{\"denomination\":3,\"count\":1}]"
  }
}
