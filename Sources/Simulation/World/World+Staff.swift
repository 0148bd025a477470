import Community
import Office
import OpLog
import Store

/// What staff wish to record: chosen from what their office knows, right or wrong.
extension World {
  /// Makes the wish for a deed at an office; nil when there is nothing to do it with.
  func wish(_ deed: Deed, at office: OfficeNode) throws(Violation) -> Wish? {
    if let early = try earlyWish(at: office) { return early }
    return switch deed {
    case .register: try registration(at: office)
    case .update: try update(at: office)
    case .publish: publication(at: office)
    case .award: try award(at: office).map { grant($0, at: office) }
    case .reverse: try reversal(at: office)
    case .grantAgain: try grantAgain(at: office)
    case .defineItem: item(at: office)
    case .receive: try delivery(at: office)
    case .redeem:
      try purchase(at: office).map { make("redemption.record", $0, at: office) }
    case .blunder: try blunder(at: office)
    case .work, .people, .counter, .closing:
      if let forms = deed.forms { try wish(for: forms, at: office) } else { nil }
    case .retry, .repeatOld, .hubAct, .careless: nil
    }
  }

  /// What every new office begins with.
  func furnish(_ office: OfficeNode) throws(Violation) {
    for deed in [Deed.publish, .defineItem, .register, .register, .receive, .award] {
      if let wish = try wish(deed, at: office) {
        wishes.append(wish)
        try attempt(wishes.count - 1)
      }
    }
  }

  /// A wish of somebody who may, on the day that it really is or another that staff confirmed.
  func make(
    _ kind: String, _ fields: [String: String], at office: OfficeNode, by actor: OpID? = nil,
    slip: Wish.Slip = .none
  ) -> Wish {
    var date = BusinessDate(stamp: time)
    if strikes(.futureDate) { date = date.adding(days: random.within(2...40)) }
    if random.happens(150) {
      // Where a year ends, some records are of the year before.
      let days: ClosedRange<Int64> = isPlain || random.happens(800) ? 1...20 : 21...400
      date = date.adding(days: -random.within(days))
    }
    let request = RecordRequest(
      kind: kind, fields: fields, actor: (actor ?? anyActor(at: office)).description,
      occurredOn: date.description)
    return Wish(office: office.index, request: request, slip: slip)
  }

  private func anyActor(at office: OfficeNode) -> OpID {
    staff[office.community][random.below(2)]
  }

  func held<T>(
    _ things: [T], at office: OfficeNode, id: (T) -> OpID
  ) throws(Violation) -> [T] {
    var held: [T] = []
    for thing in things where try office.holds(id(thing)) { held.append(thing) }
    return held
  }

  private func anyResident(at office: OfficeNode) throws(Violation) -> Known.Resident? {
    random.pick(try held(known.residents, at: office) { $0.id })
  }

  // MARK: Residents

  private func registration(at office: OfficeNode) throws(Violation) -> Wish? {
    guard known.residents.count < 24 else { return nil }
    var fields = ["name": "居民\(wishes.count)"]
    if random.happens(300) { fields["phone"] = "138\(wishes.count)" }
    if random.happens(500) { fields["age_band"] = random.pick(["senior", "minor", "child"]) }
    var home = office.replica
    if random.happens(250), let other = random.pick(offices) {
      let enrolment = try must("look up an enrolment") {
        try office.store.row(Tables.replica, [Int64(other.replica.rawValue)])?[1].id
      }
      if let enrolment {
        fields["home"] = enrolment.description
        home = other.replica
      }
    }
    return make("resident.register", fields, at: office, slip: .resident(home: home))
  }

  /// Few residents and fields, so that offices meet; what it replaces is what the office sees.
  private func update(at office: OfficeNode) throws(Violation) -> Wish? {
    guard var resident = try anyResident(at: office) else { return nil }
    if random.happens(100) {
      // Of somebody whose file was erased, if there is anybody.
      for other in try held(known.residents, at: office, id: { $0.id }) {
        let row = try must("look up a file") {
          try office.store.row(Tables.resident, [other.id.packed])
        }
        if row?[7] != .null { resident = other }
      }
    }
    var fields = ["resident": resident.id.description]
    if random.happens(700) {
      fields["phone"] = "139\(wishes.count)"
    } else {
      fields["address"] = "新\(wishes.count)"
    }
    if random.happens(150) {
      fields["note"] = "低保"
      fields["age_band"] = wishes.count.isMultiple(of: 2) ? "child" : "minor"
    }
    return make("resident.update", fields, at: office)
  }

  // MARK: Points in

  private func publication(at office: OfficeNode) -> Wish? {
    guard known.activities.count < 10 else { return nil }
    let points = random.within(2...12)
    var fields = [
      "title": "巡逻\(wishes.count)", "category": random.happens(300) ? "report" : "service",
      "points": "\(points)", "held_on": BusinessDate(stamp: time).description,
    ]
    if !isPlain, random.happens(400) {
      fields["starts"] = "\(random.within(480...600))"
      fields["ends"] = "\(random.within(601...720))"
    }
    if !isPlain, random.happens(300) {
      fields["large"] = "\(random.happens(500))"
      fields["award_rule"] = random.pick(["fixed", "per_hour", "per_four_hours", "tier"])
      if random.happens(200) { fields["category"] = random.pick(["referral", "joining"]) }
    }
    return make("activity.publish", fields, at: office, slip: .activity(points: points))
  }

  func award(at office: OfficeNode) throws(Violation) -> [String: String]? {
    guard let resident = try anyResident(at: office),
      let activity = random.pick(try held(known.activities, at: office) { $0.id })
    else { return nil }
    var fields = [
      "activity": activity.id.description, "resident": resident.id.description,
    ]
    if random.happens(400) { fields["session"] = "\(random.within(1...3))" }
    if random.happens(100) { fields["role"] = "leader" }
    if !isPlain, random.happens(600) { fields["minutes"] = "\(random.within(20...400))" }
    switch random.below(10) {
    case 0: fields["points"] = "\(random.within(0...activity.points))"
    case 1 where random.happens(300): fields["points"] = "\(activity.points + 1)"
    default: break
    }
    return fields
  }

  private func grant(_ fields: [String: String], at office: OfficeNode) -> Wish {
    make("award.grant", fields, at: office, slip: .grant(sheet: Self.key(of: fields)))
  }

  /// What an award is one of: activity, resident, session, and role.
  static func key(of fields: [String: String]) -> [String: String] {
    fields.filter { ["activity", "resident", "session", "role"].contains($0.key) }
  }

  private func reversal(at office: OfficeNode) throws(Violation) -> Wish? {
    guard let grant = random.pick(try held(known.grants, at: office) { $0.id }) else { return nil }
    let others = staff[office.community][..<2].filter { $0 != grant.actor }
    let actor = random.happens(80) ? grant.actor : random.pick(Array(others))
    return make(
      "award.reverse", ["award": grant.id.description, "cause": "staff_error"], at: office,
      by: actor, slip: .reversal(of: grant))
  }

  /// The award was taken back by mistake: a new one names the reversal.
  private func grantAgain(at office: OfficeNode) throws(Violation) -> Wish? {
    guard let reversal = random.pick(try held(known.reversals, at: office) { $0.id }) else {
      return nil
    }
    var fields = reversal.of.sheet
    fields["after"] = reversal.id.description
    return grant(fields, at: office)
  }

  // MARK: Goods

  private func item(at office: OfficeNode) -> Wish? {
    guard known.items.count < 8 else { return nil }
    var fields = [
      "name": "毛巾\(wishes.count)", "sort": random.happens(150) ? "service" : "goods",
      "points": "\(random.within(1...9))",
    ]
    if !isPlain {
      if random.happens(400) { fields["limit_per_person"] = "\(random.within(1...3))" }
      if random.happens(300) { fields["limit_period"] = random.pick(["month", "quarter", "year"]) }
      if random.happens(300) { fields["min_age"] = random.pick(["none", "14", "18"]) }
    }
    return make("item.define", fields, at: office, slip: .item)
  }

  private func delivery(at office: OfficeNode) throws(Violation) -> Wish? {
    guard let item = random.pick(try held(known.items, at: office) { $0 }) else { return nil }
    let fields = [
      "item": item.description, "quantity": "\(random.within(1...12))", "source": "donation",
    ]
    return make("stock.receive", fields, at: office)
  }

  /// Mostly somebody who has points, for goods that are there; else a refusal.
  func purchase(at office: OfficeNode) throws(Violation) -> [String: String]? {
    var residents = try held(known.residents, at: office) { $0.id }
    if random.happens(800) {
      var rich: [Known.Resident] = []
      for resident in residents where try balance(of: resident, at: office) > 0 {
        rich.append(resident)
      }
      residents = rich
    }
    guard let resident = random.pick(residents), let item = try anyItem(at: office) else {
      return nil
    }
    let quantity = random.happens(850) ? 1 : random.within(1...4)
    return ["resident": resident.id.description, "items": "\(item)*\(quantity)"]
  }

  /// Mostly goods that lie on the office's shelf.
  func anyItem(at office: OfficeNode) throws(Violation) -> OpID? {
    let items = try held(known.items, at: office) { $0 }
    var stocked: [OpID] = []
    for item in items where try stock(of: item, at: office) > 0 { stocked.append(item) }
    return random.pick(stocked.isEmpty || random.happens(150) ? items : stocked)
  }

  func balance(
    of resident: Known.Resident, at office: OfficeNode
  ) throws(Violation) -> Int64 {
    try must("look up a balance") {
      try office.store.row(Tables.account, [resident.id.packed])?[1].integer ?? 0
    }
  }

  /// What is on the shelf and costs no more than some points.
  func items(upTo points: Int64, at office: OfficeNode) throws(Violation) -> [OpID] {
    let today = BusinessDate(stamp: time)
    var found: [OpID] = []
    for item in try held(known.items, at: office, id: { $0 })
    where try stock(of: item, at: office) > 0 {
      let price = try must("look up a price") { try office.store.points(ofItem: item, on: today) }
      if let price, price <= points { found.append(item) }
    }
    return found
  }

  func stock(of item: OpID, at office: OfficeNode) throws(Violation) -> Int64 {
    try must("look up a shelf") {
      try office.store.row(
        Tables.shelfItem, [Int64(office.replica.rawValue), item.packed])?[2].integer ?? 0
    }
  }

  // MARK: Blunders

  /// A form that is filled in wrongly.
  private func blunder(at office: OfficeNode) throws(Violation) -> Wish? {
    guard let resident = try anyResident(at: office),
      let item = random.pick(try held(known.items, at: office) { $0 })
    else { return nil }
    let person = resident.id.description
    let keeper = staff[office.community][2]
    switch random.below(13) {
    case 0: return make("resident.update", ["resident": person, "colour": "red"], at: office)
    case 1: return make("stock.receive", ["item": item.description], at: office)
    case 2: return make("community.define", ["name": "假社区"], at: office)
    case 3:
      return make(
        "redemption.record", ["resident": person, "items": "\(item)", "basis": "grant"],
        at: office)
    case 4:
      return make(
        "stock.receive",
        ["item": item.description, "quantity": "3", "source": "donation"], at: office, by: keeper)
    case 5:
      var wish = make("item.define", ["name": "无人", "sort": "goods", "points": "1"], at: office)
      wish.request.actor = nil
      return wish
    case 6:
      var wish = make("item.define", ["name": "错号", "sort": "goods", "points": "1"], at: office)
      wish.request.key = "1.AAAAAAAAAAAAAAAA"
      return wish
    case 7: return make("rights.return", [:], at: office)
    case 8: return try mispriced(at: office)
    case 9:
      let fields = ["item": item.description, "counted": "3", "booked": "77", "as_of": "1"]
      return make("stock.count", fields, at: office)
    case 10: return try overpaid(at: office)
    case 11:
      return make(
        "stock.receive", ["item": item.description, "quantity": "drei", "source": "donation"],
        at: office)
    default:
      return make(
        "redemption.record", ["resident": person, "items": "\(item)*40"], at: office)
    }
  }

  /// Goods at a point less, or more, than they cost.
  private func mispriced(at office: OfficeNode) throws(Violation) -> Wish? {
    guard let (fields, item, price) = try pricedPurchase(at: office) else { return nil }
    let other = price > 1 ? price - 1 : price + 1
    let line = #"[{"item":"\#(item)","quantity":1,"price":\#(other)}]"#
    return make(
      "redemption.record", ["resident": fields["resident"] ?? "", "lines": line], at: office)
  }

  /// Goods for one coin more than they cost.
  private func overpaid(at office: OfficeNode) throws(Violation) -> Wish? {
    guard let (fields, item, price) = try pricedPurchase(at: office) else { return nil }
    let coins = #"[{"denomination":2,"count":\#((price + 1) / 2 + 1)}]"#
    return make(
      "redemption.record",
      ["resident": fields["resident"] ?? "", "items": "\(item)*1", "coins": coins], at: office)
  }

  private func pricedPurchase(
    at office: OfficeNode
  ) throws(Violation) -> (fields: [String: String], item: OpID, price: Int64)? {
    guard let fields = try purchase(at: office),
      let item = fields["items"]?.split(separator: "*").first.flatMap({ OpID(String($0)) }),
      let price = try must(
        "look up a price",
        { try office.store.points(ofItem: item, on: BusinessDate(stamp: time)) })
    else { return nil }
    return (fields, item, price)
  }
}
