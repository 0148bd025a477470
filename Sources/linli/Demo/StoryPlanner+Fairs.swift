import OpLog
import Simulation

/// Exchange days: stock comes in, points go out.
extension StoryPlanner {
  /// What all goods redeemed at a community's offices are to be worth in the end, in fen; nil where
  /// nothing was published.
  private func targetFen(of community: Int) -> Int? {
    let figures = street.communities[community].published
    return figures.first { $0.count == .redeemedYuan }.map { $0.value * 100 }
  }

  mutating func holdFair(on date: BusinessDate) {
    restock(on: date)
    for office in street.offices.indices { serve(office, on: date) }
    let noShow = Cast.noShow
    guard street.hasPlot,
      books.balance(of: noShow, at: 1) == street.activities[missedActivity].points,
      let soap = items(of: 0).first(where: { street.items[$0].points == 3 })
    else { return }
    redeem([soap], for: noShow, at: 1, on: date)
  }

  mutating func holdLastFair(on date: BusinessDate) {
    tell(date, "半年最后一次兑换日", "the last exchange day of the half year")
    restock(on: date)
    if street.hasPlot, let nine = items(of: 0).first(where: { street.items[$0].points == 9 }) {
      redeem([nine], for: Cast.spender, at: 0, on: date)
    }
    for office in street.offices.indices {
      let community = street.offices[office].community
      guard let target = targetFen(of: community) else {
        serve(office, on: date)
        continue
      }
      // The community's offices share what is left to the published amount.
      let redeemed = redeemedFen[community]
      let offices = street.offices(of: community)
      let limit = redeemed + (target - redeemed) / (offices.upperBound - office)
      for resident in people(of: office) {
        let basket = fill(
          balance: books.balance(of: resident, at: office), at: office,
          valueMax: limit - redeemedFen[community])
        if !basket.isEmpty { redeem(basket, for: resident, at: office, on: date) }
      }
    }
  }

  /// People of an office come and redeem one thing each.
  private mutating func serve(_ office: Int, on date: BusinessDate) {
    for resident in people(of: office) {
      let balance = books.balance(of: resident, at: office)
      // Most people save up: 9 points buy most items.
      let comes = balance >= 9 ? random.below(4) > 0 : balance >= 3 && random.below(4) == 0
      guard comes, let item = choose(affordableWith: balance, at: office) else { continue }
      redeem([item], for: resident, at: office, on: date)
    }
  }

  /// The items of the highest prices that a balance buys and the shelf has.
  private func fill(balance: Int, at office: Int, valueMax: Int) -> [Int] {
    var basket: [Int] = []
    var (points, value) = (balance, valueMax)
    let byPrice = items(of: street.offices[office].community).sorted {
      (street.items[$1].points, $0) < (street.items[$0].points, $1)
    }
    for index in byPrice {
      let item = street.items[index]
      var left = item.isGoods ? books.shelves[office][index] : 1
      while left > 0, item.points <= points, item.valueFen <= value {
        basket.append(index)
        points -= item.points
        left -= 1
        if item.isGoods { value -= item.valueFen }
      }
    }
    return basket
  }

  private mutating func restock(on date: BusinessDate) {
    for (office, place) in street.offices.enumerated() {
      for index in items(of: place.community) {
        guard let quantity = street.items[index].monthlyStock else { continue }
        record(
          "stock.receive", at: office, on: date,
          [
            ("item", .op("item.\(index)")), ("quantity", .integer(quantity)),
            ("source", .text("donation")),
          ])
        books.receive(quantity, of: index, at: office)
      }
    }
  }

  /// Those who are at home at an office and redeem there, in the order in which they come.
  private mutating func people(of office: Int) -> [Int] {
    let community = street.offices[office].community
    let away = travellers.isEmpty ? [] : travellers[community]
    let first = community == 0 && street.hasPlot ? Cast.mover : 0
    var people = street.residents[community].dropFirst(first).filter {
      street.home(of: $0) == office && !away.contains($0)
    }
    random.shuffle(&people)
    return people
  }

  /// One in twelve takes a service or a course, the others goods.
  private mutating func choose(affordableWith balance: Int, at office: Int) -> Int? {
    let wantsGoods = random.below(12) > 0
    let community = street.offices[office].community
    let left = (targetFen(of: community) ?? .max) - redeemedFen[community]
    let choice = items(of: community).filter {
      let item = street.items[$0]
      return item.points <= balance && item.isGoods == wantsGoods
        && (!wantsGoods || books.shelves[office][$0] > 0) && item.valueFen <= left
    }
    return choice.isEmpty ? nil : choice[random.below(choice.count)]
  }

  /// What a community's points buy.
  func items(of community: Int) -> [Int] {
    street.items.indices.filter { street.items[$0].community == community }
  }
}
