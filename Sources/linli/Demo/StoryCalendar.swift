import OpLog

/// What happens in the half year, and on which day.
enum Beat {
  /// Each office registers its people; the first of a community also defines the items.
  case opening
  /// Each office publishes the activities of a month that it organises.
  case programme(month: Int)
  /// A sign-in sheet is entered by the office that organised the activity.
  case sheet(activity: Int)
  /// Goods are put on the shelves, and people come to redeem.
  case fair
  /// The last fair: people spend what they have until the published amount is reached.
  case lastFair
  /// The offices without a part in the plot have a line for once.
  case round
  /// All offices have one.
  case wholeRound
  /// People redeem at the next community's office.
  case travel
  /// One of them wants more on trust than there is.
  case travelTooFar
  case sync(office: Int)
  /// A sync that the hub's death interrupts.
  case killHub(office: Int)
  /// A try to sync while the line is cut.
  case trySync(office: Int)
  /// A dead battery: the PC's clock shows a year.
  case clock(office: Int, year: Int?)
  /// The office tells its staff that the clock is wrong.
  case clockNoticed(office: Int)
  /// The no-show's award is taken back, after it was spent.
  case reversal
  /// The other office enters a sheet that was entered already.
  case secondSheet
  /// The spender buys for all points at home.
  case spendAtHome
  /// The spender buys again at the other office, which cannot ask.
  case spendOnTrust
  /// The debt is visible at an office.
  case debtSeen(office: Int)
  /// The spender wants to buy with a balance below zero.
  case refusal
  /// The debt is repaid by later awards.
  case debtRepaid
  /// A resident gives a new telephone number at an office.
  case edit(office: Int)
  /// Both numbers stand on an office's desk.
  case forkSeen(office: Int)
  /// One call settles it.
  case forkClosed
}

/// The days of the story, month and day.
enum StoryCalendar {
  /// What happens in every community.
  private static let common: [(day: String, beat: Beat)] = [
    ("01-05", .opening), ("01-13", .fair), ("01-27", .programme(month: 2)), ("01-29", .round),
    ("02-13", .fair), ("02-27", .programme(month: 3)), ("02-28", .round),
    ("03-13", .fair), ("03-27", .programme(month: 4)), ("03-30", .round),
    ("04-13", .fair), ("04-14", .travel), ("04-27", .programme(month: 5)), ("04-29", .round),
    ("05-13", .fair), ("05-14", .travel), ("05-27", .programme(month: 6)), ("05-29", .round),
    ("06-13", .fair), ("06-14", .travel), ("06-15", .travelTooFar), ("06-25", .round),
    ("06-26", .lastFair), ("06-27", .wholeRound), ("06-28", .wholeRound),
    ("06-29", .wholeRound),
  ]

  /// What happens at the two offices of the first community.
  private static let plot: [(day: String, beat: Beat)] = [
    ("01-20", .trySync(office: 0)), ("01-28", .sync(office: 0)), ("02-02", .sync(office: 1)),
    ("02-28", .sync(office: 0)), ("03-02", .sync(office: 1)),
    ("03-06", .reversal), ("03-12", .secondSheet),
    ("03-13", .spendAtHome), ("03-14", .spendOnTrust), ("03-28", .killHub(office: 0)),
    ("04-02", .sync(office: 1)), ("04-02", .debtSeen(office: 1)),
    ("04-03", .sync(office: 0)), ("04-03", .debtSeen(office: 0)),
    ("04-03", .clock(office: 1, year: 2099)), ("04-24", .refusal),
    ("04-28", .sync(office: 0)), ("05-02", .sync(office: 1)), ("05-02", .clockNoticed(office: 1)),
    ("05-20", .edit(office: 0)), ("05-21", .edit(office: 1)), ("05-28", .sync(office: 0)),
    ("05-31", .clock(office: 1, year: nil)),
    ("06-02", .sync(office: 1)), ("06-02", .forkSeen(office: 1)),
    ("06-03", .sync(office: 0)), ("06-03", .forkSeen(office: 0)), ("06-04", .forkClosed),
    ("06-25", .sync(office: 0)), ("06-25", .sync(office: 1)), ("06-25", .sync(office: 0)),
    ("06-25", .debtRepaid),
  ]

  /// All beats of a street's half year in order: the days above and the days of its activities.
  ///
  /// A sheet is entered on the day itself, before all else.
  static func days(of street: StreetFixture) -> [(date: BusinessDate, beat: Beat)] {
    let year = street.halfYear.from.prefix(5)
    let sheets = street.activities.enumerated().map { index, activity in
      (activity.heldOn, Beat.sheet(activity: index))
    }
    let others = (common + (street.hasPlot ? plot : [])).compactMap { day, beat in
      BusinessDate(year + day).map { ($0, beat) }
    }
    let all: [(date: BusinessDate, beat: Beat)] = sheets + others
    // The place in the list keeps what happens on one day in its order.
    let order = all.indices.sorted { (all[$0].date, $0) < (all[$1].date, $1) }
    return order.map { all[$0] }
  }
}
