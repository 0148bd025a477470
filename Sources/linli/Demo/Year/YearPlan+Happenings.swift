import Community
import OpLog
import Simulation

/// What happens beside awards and redemptions: mistakes, gifts, households, coins, reservations,
/// goods between offices, offers, objections, and papers that turn up late.
extension YearPlan {
  private enum Happening: CaseIterable {
    case mistake, comingBack, gift, household, coins, reservation, sending, offer, objection
  }

  private mutating func play(
    _ happening: Happening, _ month: Int, of office: Int
  ) -> [StoryEntry] {
    switch happening {
    case .mistake: mistake(month, of: office)
    case .comingBack: comingBack(month, of: office)
    case .gift: gift(month, of: office)
    case .household: household(month, of: office)
    case .coins: coins(month, of: office)
    case .reservation: reservation(month, of: office)
    case .sending: sending(month, of: office)
    case .offer: offer(month, of: office)
    case .objection: objection(month, of: office)
    }
  }

  /// A month's happenings: in a small plan one of them, else each a few times.
  mutating func happenings(_ month: Int, of office: Int, count: Int) -> [StoryEntry] {
    var entries = arrivals(month, at: office)
    if month > 1, month.isMultiple(of: 2), let late = late(month, of: office) {
      entries.append(late)
    }
    guard count >= 100 else {
      let all = Happening.allCases
      return entries + play(all[(month + office) % all.count], month, of: office)
    }
    for happening in Happening.allCases {
      for _ in 0..<count / 100 { entries += play(happening, month, of: office) }
    }
    return entries
  }

  /// A redemption, as the books have it then.
  mutating func sell(
    _ item: Int, to resident: Int, of home: Int, at office: Int, on date: BusinessDate,
    _ month: Int, name: String? = nil, fields: [(name: String, value: StoryEntry.Value)] = []
  ) -> StoryEntry {
    books.sell(item, to: resident, of: home, at: office, in: month)
    return entry(
      office, date, "redemption.record",
      [
        ("resident", .op("\(home).resident.\(resident)")),
        ("items", .items(["\(office).item.\(item)"])),
      ] + fields, name: name, answer: .posted(home == office ? [] : [.standIn]))
  }

  /// Somebody who does not travel and has so many points; nil for nobody.
  private mutating func somebody(with points: Int, at office: Int) -> Int? {
    let people = (travellerCount..<residentCount).filter {
      books.offices[office].balances[$0] >= points
    }
    return people.isEmpty ? nil : people[random.below(people.count)]
  }

  /// Who has the points for something that is there; nil for nobody.
  private mutating func customer(at office: Int) -> (resident: Int, item: Int)? {
    guard let resident = somebody(with: Self.items[5].points, at: office),
      let item = choose(books.offices[office].balances[resident], at: office)
    else { return nil }
    return (resident, item)
  }

  private mutating func freshName(_ what: String, _ month: Int, _ office: Int) -> String {
    "\(office).\(what).\(month).\(random.next())"
  }

  private func resident(_ number: Int, of office: Int) -> StoryEntry.Value {
    .op("\(office).resident.\(number)")
  }

  /// The wrong item is handed out, and the cashier voids it.
  private mutating func mistake(_ month: Int, of office: Int) -> [StoryEntry] {
    guard let (resident, item) = customer(at: office) else { return [] }
    let name = freshName("mistake", month, office)
    let date = day(13, of: month)
    let sale = sell(item, to: resident, of: office, at: office, on: date, month, name: name)
    books.sell(item, to: resident, of: office, at: office, in: month, times: -1)
    return [
      sale,
      entry(
        office, date, "redemption.void",
        [
          ("redemption", .op(name)), ("goods_returned", .text("true")),
          ("reason", .text("wrong_item")),
        ]),
    ]
  }

  /// Somebody brings a piece back.
  private mutating func comingBack(_ month: Int, of office: Int) -> [StoryEntry] {
    guard let (resident, item) = customer(at: office) else { return [] }
    let name = freshName("return", month, office)
    let sale = sell(
      item, to: resident, of: office, at: office, on: day(13, of: month), month, name: name)
    books.bringBack(item, from: resident, of: office, in: month)
    return [
      sale,
      entry(
        office, day(15, of: month), "redemption.return",
        [
          ("redemption", .op(name)), ("lines", .text(#"[{"line":1,"quantity":1}]"#)),
          ("condition", .text("good")),
        ]),
    ]
  }

  /// Somebody gives two points to somebody else.
  private mutating func gift(_ month: Int, of office: Int) -> [StoryEntry] {
    guard let giver = somebody(with: 2, at: office) else { return [] }
    let receiver = travellerCount + (giver - travellerCount + 1) % (residentCount - travellerCount)
    guard receiver != giver else { return [] }
    books.give(2, from: giver, to: receiver, of: office)
    return [transfer(2, from: giver, to: resident(receiver, of: office), month, of: office)]
  }

  private func transfer(
    _ points: Int, from giver: Int, to account: StoryEntry.Value, _ month: Int, of office: Int
  ) -> StoryEntry {
    entry(
      office, day(16, of: month), "points.transfer",
      [("from", resident(giver, of: office)), ("to", account), ("points", .integer(points))])
  }

  /// A household of two shares two points and has somebody's hair cut; the other one collects.
  private mutating func household(_ month: Int, of office: Int) -> [StoryEntry] {
    let head = residentCount - 1
    let member = residentCount - 2
    guard member >= travellerCount, books.offices[office].balances[head] >= 2 else { return [] }
    let home = "\(office).household"
    var entries: [StoryEntry] = []
    if books.offices[office].isSetUp.insert("household").inserted {
      let date = day(1, of: month)
      entries.append(
        entry(
          office, date, "household.upsert_file",
          [("building", .text("\(office + 1) 号楼")), ("head", resident(head, of: office))],
          name: home))
      entries += [head, member].map {
        entry(
          office, date, "household.set_member",
          [
            ("household", .op(home)), ("resident", resident($0, of: office)),
            ("from_on", .text(date.description)),
          ])
      }
    }
    books.give(2, from: head, to: nil, of: office)
    entries.append(transfer(2, from: head, to: .op(home), month, of: office))
    books.offices[office].pool -= 2
    books.hand(5, at: office, points: 2, in: month)
    entries.append(
      entry(
        office, day(17, of: month), "redemption.record",
        [
          ("resident", resident(head, of: office)), ("items", .items(["\(office).item.5"])),
          ("pool", .op(home)), ("collector", resident(member, of: office)),
        ]))
    return entries
  }

  /// Somebody takes a coin for three points and pays a towel with it.
  private mutating func coins(_ month: Int, of office: Int) -> [StoryEntry] {
    guard let resident = somebody(with: 3, at: office), books.offices[office].shelf[3] > 0 else {
      return []
    }
    var entries: [StoryEntry] = []
    if books.offices[office].isSetUp.insert("coins").inserted {
      entries.append(
        entry(
          office, day(1, of: month), "coin.adjust",
          [
            ("denomination", .integer(3)), ("quantity", .integer(100)),
            ("reason", .text("printed")),
          ], staff: 1))
    }
    books.issueCoins(3, to: resident, of: office, in: month)
    books.hand(3, at: office, points: 0, in: month)
    let coin = StoryEntry.Value.text(#"[{"denomination":3,"count":1}]"#)
    return entries + [
      entry(
        office, day(18, of: month), "coin.issue",
        [("resident", self.resident(resident, of: office)), ("coins", coin)]),
      entry(
        office, day(18, of: month), "redemption.record",
        [
          ("resident", self.resident(resident, of: office)),
          ("items", .items(["\(office).item.3"])), ("coins", coin),
        ]),
    ]
  }

  /// Goods are kept for somebody, who comes for them.
  private mutating func reservation(_ month: Int, of office: Int) -> [StoryEntry] {
    guard let (resident, item) = customer(at: office), Self.goods.contains(item) else { return [] }
    let kept = freshName("kept", month, office)
    let taken = freshName("taken", month, office)
    let place = entry(
      office, day(19, of: month), "reservation.place",
      [
        ("item", .op("\(office).item.\(item)")), ("resident", self.resident(resident, of: office)),
        ("quantity", .integer(1)), ("expires_on", .text(day(26, of: month).description)),
      ], name: kept)
    let sale = sell(
      item, to: resident, of: office, at: office, on: day(21, of: month), month, name: taken,
      fields: [("reservation", .op(kept))])
    let collect = entry(
      office, day(21, of: month), "reservation.collect",
      [("reservation", .op(kept)), ("redemption", .op(taken))])
    return [place, sale, collect]
  }

  /// Two towels go to the next office, which is known here after the first sync.
  private mutating func sending(_ month: Int, of office: Int) -> [StoryEntry] {
    guard (2...10).contains(month), books.offices[office].shelf[3] >= 2 else { return [] }
    let name = freshName("sent", month, office)
    books.offices[office].shelf[3] -= 2
    books.offices[office].onTheWay.append((name, month, 2))
    let next = (office + 1) % Self.communities.count
    return [
      entry(
        office, day(22, of: month), "stock.send",
        [
          ("item", .op("\(office).item.3")), ("quantity", .integer(2)),
          ("to", .op("\(next).enrolment")),
        ], name: name)
    ]
  }

  /// What the office before sent has arrived, and its record too.
  private mutating func arrivals(_ month: Int, at office: Int) -> [StoryEntry] {
    let before = (office + Self.communities.count - 1) % Self.communities.count
    let arrived = books.offices[before].onTheWay.filter { $0.month <= month - 2 }
    books.offices[before].onTheWay.removeAll { $0.month <= month - 2 }
    return arrived.map { sending in
      books.offices[office].received += sending.pieces
      return entry(
        office, day(11, of: month), "stock.accept",
        [("transfer", .op(sending.name)), ("quantity", .integer(sending.pieces))])
    }
  }

  /// Somebody uses a merchant's offer.
  private mutating func offer(_ month: Int, of office: Int) -> [StoryEntry] {
    guard let resident = somebody(with: 1, at: office) else { return [] }
    let name = "\(office).offer"
    var entries: [StoryEntry] = []
    if books.offices[office].isSetUp.insert("offer").inserted {
      entries.append(
        entry(
          office, day(1, of: month), "offer.publish",
          [
            ("title", .text("磨刀")), ("points", .integer(1)),
            ("valid_to", .text(day(31, of: 12).description)),
          ], name: name))
    }
    books.useOffer(1, by: resident, of: office, in: month)
    entries.append(
      entry(
        office, day(23, of: month), "offer.use",
        [
          ("offer", .op(name)), ("resident", self.resident(resident, of: office)),
          ("times", .integer(1)),
        ]))
    return entries
  }

  /// Somebody objects to an award of the month before; the street has not decided at the year's end.
  private mutating func objection(_ month: Int, of office: Int) -> [StoryEntry] {
    guard let award = books.offices[office].reversible.last else { return [] }
    books.appealCount += 1
    return [
      entry(
        office, day(24, of: month), "appeal.file",
        [
          ("against", .op(award.name)), ("resident", resident(award.resident, of: office)),
          ("grounds", .text("应为 3 分")),
        ], answer: .waits([.awaitingHub]))
    ]
  }

  /// A redemption of the month before that somebody finds on paper; it is posted in the month of its
  /// receipt.
  mutating func late(_ month: Int, of office: Int) -> StoryEntry? {
    guard let (resident, item) = customer(at: office) else { return nil }
    if month > 12 { books.noteLate() }
    return sell(
      item, to: resident, of: office, at: office, on: day(28, of: month - 1), month + 1)
  }
}
