import OpLog
import Simulation

/// Exchange days: stock comes in, points go out.
extension StoryPlanner {
  /// What all redeemed goods are to be worth in the end, in fen.
  private var targetFen: Int { fixture.published.redeemedYuan * 100 }

  mutating func holdFair(on date: BusinessDate) {
    restock(on: date)
    for office in fixture.offices.indices {
      for resident in people(of: office) {
        let balance = books.balance(of: resident, at: office)
        // Most people save up: 9 points buy most items.
        let comes = balance >= 9 ? random.below(4) > 0 : balance >= 3 && random.below(4) == 0
        guard comes, let item = choose(affordableWith: balance, at: office) else { continue }
        redeem([item], for: resident, at: office, on: date)
      }
    }
    let noShow = Cast.noShow
    guard books.balance(of: noShow, at: 1) == fixture.activities[missedActivity].points,
      let soap = cheapest(of: 3)
    else { return }
    redeem([soap], for: noShow, at: 1, on: date)
  }

  mutating func holdLastFair(on date: BusinessDate) {
    tell(date, "半年最后一次兑换日", "the last exchange day of the half year")
    restock(on: date)
    if let nine = fixture.items.indices.first(where: { fixture.items[$0].points == 9 }) {
      redeem([nine], for: Cast.spender, at: 0, on: date)
    }
    for office in fixture.offices.indices {
      let share = (targetFen - redeemedFen) / (fixture.offices.count - office)
      let limit = redeemedFen + share
      for resident in people(of: office) {
        let basket = fill(
          balance: books.balance(of: resident, at: office), at: office,
          valueMax: limit - redeemedFen)
        if !basket.isEmpty { redeem(basket, for: resident, at: office, on: date) }
      }
    }
  }

  /// The items of the highest prices that a balance buys and the shelf has.
  private func fill(balance: Int, at office: Int, valueMax: Int) -> [Int] {
    var basket: [Int] = []
    var (points, value) = (balance, valueMax)
    let byPrice = fixture.items.indices.sorted {
      (fixture.items[$1].points, $0) < (fixture.items[$0].points, $1)
    }
    for index in byPrice {
      let item = fixture.items[index]
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
    for office in fixture.offices.indices {
      for (index, item) in fixture.items.enumerated() {
        guard let quantity = item.monthlyStock else { continue }
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

  /// Those who are at home at an office and not in the plot, in the order in which they come.
  private mutating func people(of office: Int) -> [Int] {
    var people = (Cast.mover..<fixture.residents.count).filter { self.office(of: $0) == office }
    random.shuffle(&people)
    return people
  }

  /// One in twelve takes a service or a course, the others goods.
  private mutating func choose(affordableWith balance: Int, at office: Int) -> Int? {
    let wantsGoods = random.below(12) > 0
    let choice = fixture.items.indices.filter {
      let item = fixture.items[$0]
      return item.points <= balance && item.isGoods == wantsGoods
        && (!wantsGoods || books.shelves[office][$0] > 0)
        && redeemedFen + item.valueFen <= targetFen
    }
    return choice.isEmpty ? nil : choice[random.below(choice.count)]
  }

  private func cheapest(of points: Int) -> Int? {
    fixture.items.indices.first { fixture.items[$0].points == points }
  }
}
