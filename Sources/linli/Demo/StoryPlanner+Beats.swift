import Community
import OpLog

/// What each beat of the calendar brings.
extension StoryPlanner {
  mutating func play(_ beat: Beat, on date: BusinessDate) {
    switch beat {
    case .opening: open(on: date)
    case .programme(let month): publish(month: month, on: date)
    case .sheet(let activity): enterSheet(activity, on: date)
    case .fair: holdFair(on: date)
    case .lastFair: holdLastFair(on: date)
    case .round: sync(round: Array(street.offices.indices.dropFirst(plotOffices)), on: date)
    case .wholeRound: sync(round: Array(street.offices.indices), on: date)
    case .travel: travel(on: date)
    case .travelTooFar: travelTooFar(on: date)
    case .sync(let office): sync(office, on: date)
    case .killHub(let office): killHub(office, on: date)
    case .trySync(let office):
      tell(
        date, "\(label(office)): 线路中断，照常记账", "\(label(office)): the line is cut, work goes on")
      steps.append(.trySync(office: office))
    case .clock(let office, let year): setClock(of: office, to: year, on: date)
    case .clockNoticed(let office): check(.clockWarning(office: office, true))
    case .reversal: reverse(on: date)
    case .secondSheet: enterSecondSheet(on: date)
    case .spendAtHome, .spendOnTrust, .debtSeen, .refusal, .debtRepaid:
      playSpender(beat, on: date)
    case .edit(let office): edit(at: office, on: date)
    case .forkSeen(let office):
      tell(
        date, "\(label(office)): 两个电话并列在待处理: \(newPhone(0))、\(newPhone(1))",
        "\(label(office)): both numbers are on the desk: \(newPhone(0)), \(newPhone(1))")
      check(fork(at: office, [newPhone(0), newPhone(1)]))
      check(.desk(office: office, .fork, 1))
    case .forkClosed: closeFork(on: date)
    }
  }

  func label(_ office: Int) -> String { street.offices[office].label }

  private func name(_ resident: Int) -> String { street.name(of: resident) }

  /// How many offices have a part in the plot; they are the first ones.
  private var plotOffices: Int { street.hasPlot ? 2 : 0 }

  private mutating func open(on date: BusinessDate) {
    tell(
      date, "\(street.residentCount) 位居民建档，\(street.items.count) 种商品上架",
      "\(street.residentCount) residents and \(street.items.count) items are registered")
    for resident in 0..<street.residentCount {
      record(
        "resident.register", at: street.home(of: resident), on: date,
        [
          ("name", .text(name(resident))), ("phone", .text(street.phone(of: resident))),
          ("address", .text(street.address(of: resident))),
        ], name: "resident.\(resident)")
    }
    for (index, item) in street.items.enumerated() {
      record(
        "item.define", at: street.offices(of: item.community).lowerBound, on: date,
        [
          ("name", .text(item.name)), ("sort", .text(item.sort)),
          ("points", .integer(item.points)), ("value_fen", .integer(item.valueFen)),
        ], name: "item.\(index)")
    }
    publish(month: 1, on: date)
    sync(round: Array(street.offices.indices), on: date)
    // Office 0 was before office 1, whose residents and activities it needs.
    if street.hasPlot { sync(0, on: date) }
  }

  private mutating func publish(month: Int, on date: BusinessDate) {
    for (index, activity) in street.activities.enumerated()
    where activity.heldOn.civil.month == month {
      record(
        "activity.publish", at: activity.office, on: date,
        [
          ("title", .text(activity.title)), ("category", .text(activity.category)),
          ("points", .integer(activity.points)), ("held_on", .text(activity.heldOn.description)),
        ], name: "activity.\(index)")
    }
  }

  private mutating func enterSheet(_ activity: Int, on date: BusinessDate) {
    // The first of the staff keeps the sheets, so that the second may reverse.
    for line in sheets[activity] {
      award(line, at: street.activities[activity].office, on: date, staff: 0)
    }
  }

  private mutating func enterSecondSheet(on date: BusinessDate) {
    let activity = street.activities[doubleSheet]
    let sheet = sheets[doubleSheet]
    tell(
      date, "\(label(1)): 又录入了一遍\(activity.title)的签到表(\(sheet.count) 人)",
      "\(label(1)): enters the sheet of \(activity.title) once more (\(sheet.count) people)")
    for line in sheet { award(line, at: 1, on: date, staff: 0) }
  }

  private mutating func reverse(on date: BusinessDate) {
    let points = street.activities[missedActivity].points
    tell(
      date, "\(label(1)): \(name(Cast.noShow))没有到场，积分已兑换，由另一人冲正",
      "\(label(1)): \(name(Cast.noShow)) had not come; reversed after it was spent")
    record(
      "award.reverse", at: 1, on: date, staff: 1,
      [("award", .op("award.missed")), ("cause", .text("not_attended"))])
    books.record(.reversal(missedLine, points: points), at: 1)
    check(
      .balance(office: 1, resident: "resident.\(Cast.noShow)", points: -points))
  }

  private mutating func killHub(_ office: Int, on date: BusinessDate) {
    tell(
      date, "\(label(office)): 同步途中街道被杀死，答复丢失；重启后再同步",
      "\(label(office)): the hub is killed in mid-sync, its answer lost; it restarts")
    steps.append(.killHub(duringSyncOf: office))
    sync(office, on: date)
  }

  private mutating func setClock(of office: Int, to year: Int?, on date: BusinessDate) {
    if let year {
      tell(
        date, "\(label(office)): 电脑时钟跳到 \(year) 年", "\(label(office)): the PC's clock shows \(year)"
      )
    } else {
      tell(date, "\(label(office)): 电脑时钟已校正", "\(label(office)): the PC's clock is right again")
    }
    steps.append(.setClock(office: office, year: year))
  }
}

/// The resident whose telephone number changes at both offices.
extension StoryPlanner {
  private func newPhone(_ office: Int) -> String { "100-0000-900\(office + 1)" }

  private func fork(at office: Int, _ values: [String]) -> StoryCheck {
    .values(
      office: office, resident: "resident.\(Cast.mover)", field: "phone", values)
  }

  private mutating func edit(at office: Int, on date: BusinessDate) {
    tell(
      date, "\(label(office)): \(name(Cast.mover))的电话改为 \(newPhone(office))",
      "\(label(office)): \(name(Cast.mover)) gives the number \(newPhone(office))")
    record(
      "resident.update", at: office, on: date,
      [
        ("resident", .op("resident.\(Cast.mover)")),
        ("phone", .text(newPhone(office))),
      ], name: "edit.\(office)")
  }

  private mutating func closeFork(on date: BusinessDate) {
    tell(
      date, "\(label(0)): 打电话核实，以 \(newPhone(1)) 为准",
      "\(label(0)): one call decides for \(newPhone(1))")
    record(
      "resident.update", at: 0, on: date,
      [
        ("resident", .op("resident.\(Cast.mover)")),
        ("phone", .text(newPhone(1))), ("replaces_phone", .ops(["edit.0", "edit.1"])),
      ])
    check(fork(at: 0, [newPhone(1)]))
    check(.desk(office: 0, .fork, 0))
  }
}

/// The resident who spends 9 points at both offices (acceptance scenario B).
extension StoryPlanner {
  private mutating func playSpender(_ beat: Beat, on date: BusinessDate) {
    let spender = Cast.spender
    let id = "resident.\(spender)"
    let nine = items(of: 0).filter { street.items[$0].points == 9 }
    switch beat {
    case .spendAtHome:
      tell(
        date, "\(label(0)): \(name(spender))用全部 9 分兑换",
        "\(label(0)): \(name(spender)) spends all 9 points")
      check(.balance(office: 0, resident: id, points: 9))
      redeem([nine[0]], for: spender, at: 0, on: date)
    case .spendOnTrust:
      tell(
        date, "\(label(1)): \(name(spender))又兑换 9 分，线路中断，凭信任代付",
        "\(label(1)): \(name(spender)) redeems 9 again; nobody can be asked, so on trust")
      redeem([nine[1]], for: spender, at: 1, on: date, answer: .posted([.standIn]))
    case .debtSeen(let office):
      tell(
        date, "\(label(office)): 两次兑换都有效，\(name(spender))余额 −9，列入待处理",
        "\(label(office)): both stand; \(name(spender)) is at −9, listed on the desk")
      check(.balance(office: office, resident: id, points: -9))
    case .refusal:
      tell(
        date, "\(label(0)): \(name(spender))欠 3 分，柜台不予兑换",
        "\(label(0)): \(name(spender)) owes 3 points, so the counter refuses")
      check(.balance(office: 0, resident: id, points: -3))
      redeem([nine[0]], for: spender, at: 0, on: date, answer: .refused("not-enough-points"))
    default:
      tell(
        date, "\(name(spender))的欠分已由后来的积分抵还", "\(name(spender)): later awards have repaid the debt")
      check(.balance(office: 0, resident: id, points: 9))
    }
  }
}
