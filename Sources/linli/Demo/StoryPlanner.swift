import Community
import OpLog
import Simulation

/// Makes the story of a half year from a street: one street gives one story.
///
/// People are at home at the office where they are registered, and redeem there within the balance
/// that the office knows. The others are travellers, who redeem at an office of another community
/// only and so never owe anything, and the three people of the plot, who live in the first
/// community and need its two offices.
struct StoryPlanner {
  /// The people of the plot; the first and the third are at home at office 0.
  enum Cast {
    /// Spends 9 points twice while both offices are offline.
    static let spender = 0
    /// Is on a sheet without having come.
    static let noShow = 1
    /// Gives a new telephone number at both offices.
    static let mover = 2
    /// Those who only come and redeem begin here.
    static let firstOther = 3
  }

  /// How many of each community redeem elsewhere.
  private static let travellersOfEach = 3

  let street: StreetFixture
  var random = SplitMix64(seed: 20_260_105)
  var books: StoryBooks
  var steps: [Step] = []
  /// Who is on the sheet of each activity.
  private(set) var sheets: [[StoryBooks.SheetLine]] = []
  /// The travellers of each community; a street of one community has none.
  private(set) var travellers: [[Int]] = []
  /// What the goods redeemed at each community's offices are worth, in fen.
  var redeemedFen: [Int]
  /// The points that each traveller took on trust.
  var onTrust: [Int: Int] = [:]

  init(_ street: StreetFixture) {
    self.street = street
    books = StoryBooks(
      residentCount: street.residentCount, officeCount: street.offices.count,
      itemCount: street.items.count)
    redeemedFen = Array(repeating: 0, count: street.communities.count)
    for community in street.communities.indices { drawSheets(of: community) }
    if street.hasPlot { castPlot() }
    if street.communities.count > 1 {
      travellers = street.communities.indices.map(mostActive)
    }
  }

  /// The whole story.
  static func story(of street: StreetFixture) -> Story {
    var planner = StoryPlanner(street)
    for (date, beat) in StoryCalendar.days(of: street) { planner.play(beat, on: date) }
    var desk: [DeskReason: Int] = [:]
    if street.hasPlot {
      desk[.doubleAward] = planner.sheets[planner.doubleSheet].count
      desk[.overdrawn] = 1
    }
    return Story(steps: planner.steps, books: planner.books, desk: desk)
  }

  /// The activities of an office that are worth 3 points, from a month on.
  private func labour(of office: Int, fromMonth month: Int) -> [Int] {
    street.activities.indices.filter { index in
      let activity = street.activities[index]
      return activity.office == office && activity.points == 3
        && activity.heldOn.civil.month >= month
    }
  }

  /// The activity whose sheet both offices enter: in March, when the other office knows of it.
  var doubleSheet: Int {
    let march = BusinessDate(year: 2026, month: 3, day: 11)
    return labour(of: 0, fromMonth: 3).first { street.activities[$0].heldOn == march } ?? 0
  }

  /// The activity that the no-show did not come to.
  var missedActivity: Int { labour(of: 1, fromMonth: 2).first ?? 0 }

  /// The line that is taken back.
  var missedLine: StoryBooks.SheetLine { .init(activity: missedActivity, resident: Cast.noShow) }

  /// Those of a community who are not in the plot, but for the mover.
  private func others(of community: Int) -> Range<Int> {
    let residents = street.residents[community]
    let isPlot = community == 0 && street.hasPlot
    return residents.lowerBound + (isPlot ? Cast.mover : 0)..<residents.upperBound
  }

  /// Draws who came to what: as many person-times in each series as its fixture says.
  ///
  /// Where more lines are written than people come, they come again in a further session.
  private mutating func drawSheets(of community: Int) {
    var members = Array(others(of: community))
    random.shuffle(&members)
    var teams: [Int: [Int]] = [:]
    for (index, series) in street.communities[community].programme.enumerated() {
      guard let people = series.people else { continue }
      teams[index] = Array(members.suffix(people))
      members.removeLast(people)
    }
    var held: [Int: Int] = [:]
    for (index, activity) in street.activities.enumerated()
    where activity.community == community {
      let series = street.communities[community].programme[activity.series]
      let (each, rest) = series.personTimes.quotientAndRemainder(dividingBy: series.days.count)
      let count = each + (held[activity.series, default: 0] < rest ? 1 : 0)
      held[activity.series, default: 0] += 1
      var people = teams[activity.series] ?? Array(others(of: community))
      random.shuffle(&people)
      sheets.append(
        (0..<count).map { line in
          let (round, place) = line.quotientAndRemainder(dividingBy: people.count)
          return .init(activity: index, resident: people[place], session: round + 1)
        })
    }
  }

  /// Puts the spender and the no-show on their sheets.
  private mutating func castPlot() {
    // 9 points to spend twice, then 18 that repay the debt and bring the balance back to 9.
    let spenderComes =
      labour(of: 0, fromMonth: 1).prefix(3) + labour(of: 0, fromMonth: 4).prefix(6)
    for activity in spenderComes {
      sheets[activity][0] = .init(activity: activity, resident: Cast.spender)
    }
    sheets[missedActivity].append(missedLine)
  }

  /// The people of a community who earn most: they have points to spend elsewhere.
  private func mostActive(of community: Int) -> [Int] {
    var points: [Int: Int] = [:]
    for line in sheets.joined() where street.residents[community].contains(line.resident) {
      points[line.resident, default: 0] += street.activities[line.activity].points
    }
    let isPlot = community == 0 && street.hasPlot
    let eligible = points.filter { !isPlot || $0.key >= Cast.firstOther }
    let order = eligible.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
    return order.prefix(Self.travellersOfEach).map(\.key)
  }
}

/// How steps are written.
extension StoryPlanner {
  mutating func tell(_ date: BusinessDate, _ chinese: String, _ english: String) {
    steps.append(.tell(date, Words(chinese, english)))
  }

  /// Lets somebody record something; staff take turns by chance.
  mutating func record(
    _ kind: String, at office: Int, on date: BusinessDate, staff: Int? = nil,
    _ fields: [(name: String, value: StoryEntry.Value)], name: String? = nil,
    answer: StoryEntry.Answer = .posted([])
  ) {
    let staff = staff ?? random.below(street.offices[office].staff.count)
    steps.append(
      .record(
        StoryEntry(
          office: office, staff: staff, date: date, kind: kind, fields: fields, name: name,
          answer: answer)))
  }

  mutating func award(
    _ line: StoryBooks.SheetLine, at office: Int, on date: BusinessDate, staff: Int
  ) {
    var fields: [(name: String, value: StoryEntry.Value)] = [
      ("activity", .op("activity.\(line.activity)")),
      ("resident", .op("resident.\(line.resident)")),
    ]
    if line.session > 1 { fields.append(("session", .integer(line.session))) }
    let isMissed = street.hasPlot && line == missedLine
    record(
      "award.grant", at: office, on: date, staff: staff, fields,
      name: isMissed ? "award.missed" : nil)
    books.record(.award(line, points: street.activities[line.activity].points), at: office)
  }

  /// Hands goods out and takes the points.
  mutating func redeem(
    _ items: [Int], for resident: Int, at office: Int, on date: BusinessDate,
    answer: StoryEntry.Answer = .posted([])
  ) {
    record(
      "redemption.record", at: office, on: date,
      [
        ("resident", .op("resident.\(resident)")),
        ("items", .items(items.map { "item.\($0)" })),
      ], answer: answer)
    guard case .posted = answer else { return }
    for item in items where street.items[item].isGoods {
      books.issue(item, at: office)
      redeemedFen[street.offices[office].community] += street.items[item].valueFen
    }
    let points = items.reduce(0) { $0 + street.items[$1].points }
    books.record(.redemption(resident: resident, points: points), at: office)
  }

  mutating func sync(_ office: Int, on date: BusinessDate) {
    steps.append(.sync(office: office, date))
    books.sync(office)
  }

  /// Offices sync one after another.
  mutating func sync(round offices: [Int], on date: BusinessDate) {
    steps.append(.round(offices, date))
    for office in offices { books.sync(office) }
  }

  mutating func check(_ check: StoryCheck) { steps.append(.check(check)) }
}
