import Community
import OpLog
import Simulation

/// Makes the story of a half year from a fixture: one fixture gives one story.
///
/// Office 0 and office 1 belong to one community. People are at home at the office where they are
/// registered, in turn; so are activities organised. Everybody redeems at home and within the
/// balance that the office knows, but for the three people of the plot.
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

  let fixture: StreetFixture
  var random = SplitMix64(seed: 20_260_105)
  var books: StoryBooks
  var steps: [Step] = []
  /// Who is on the sheet of each activity.
  private(set) var sheets: [[Int]] = []
  /// What the redeemed goods are worth, in fen.
  var redeemedFen = 0

  init(_ fixture: StreetFixture) {
    self.fixture = fixture
    books = StoryBooks(
      residentCount: fixture.residents.count, officeCount: fixture.offices.count,
      itemCount: fixture.items.count)
    sheets = drawSheets()
  }

  /// The whole story.
  static func story(of fixture: StreetFixture) -> Story {
    var planner = StoryPlanner(fixture)
    for (date, beat) in StoryCalendar.days(of: fixture) { planner.play(beat, on: date) }
    return Story(
      steps: planner.steps, books: planner.books,
      desk: [
        .doubleAward: planner.sheets[planner.doubleSheet].count, .standIn: 1, .overdrawn: 1,
      ])
  }

  /// The office at which a resident is at home, or which organises an activity.
  func office(of index: Int) -> Int { index % fixture.offices.count }

  /// The activities of an office that are worth 3 points, from a month on.
  private func labour(of office: Int, fromMonth month: Int) -> [Int] {
    fixture.activities.indices.filter { index in
      let activity = fixture.activities[index]
      let held = BusinessDate(activity.heldOn)?.civil.month ?? 0
      return self.office(of: index) == office && activity.points == 3 && held >= month
    }
  }

  /// The activity whose sheet both offices enter: in March, when the other office knows of it.
  var doubleSheet: Int {
    labour(of: 0, fromMonth: 3).first { fixture.activities[$0].heldOn.hasSuffix("03-11") } ?? 0
  }

  /// The activity that the no-show did not come to.
  var missedActivity: Int { labour(of: 1, fromMonth: 2).first ?? 0 }

  /// Draws who came to what: 600 person-times in all, and one who had not come.
  private mutating func drawSheets() -> [[Int]] {
    let count = fixture.activities.count
    let (each, rest) = fixture.published.personTimes.quotientAndRemainder(dividingBy: count)
    // 9 points to spend twice, then 18 that repay the debt and bring the balance back to 9.
    let spenderComes = Set(
      labour(of: 0, fromMonth: 1).prefix(3) + labour(of: 0, fromMonth: 4).prefix(6))
    return fixture.activities.indices.map { activity in
      var others = Array(Cast.mover..<fixture.residents.count)
      random.shuffle(&others)
      var sheet = Array(others.prefix(each + (activity < rest ? 1 : 0)))
      if spenderComes.contains(activity) { sheet[0] = Cast.spender }
      if activity == missedActivity { sheet.append(Cast.noShow) }
      return sheet
    }
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
    let staff = staff ?? random.below(fixture.offices[office].staff.count)
    steps.append(
      .record(
        StoryEntry(
          office: office, staff: staff, date: date, kind: kind, fields: fields, name: name,
          answer: answer)))
  }

  mutating func award(
    _ resident: Int, activity: Int, at office: Int, on date: BusinessDate, staff: Int
  ) {
    let isMissed = resident == Cast.noShow && activity == missedActivity
    record(
      "award.grant", at: office, on: date, staff: staff,
      [("activity", .op("activity.\(activity)")), ("resident", .op("resident.\(resident)"))],
      name: isMissed ? "award.missed" : nil)
    let points = fixture.activities[activity].points
    books.record(
      .award(resident: resident, activity: activity, points: points), at: office)
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
    for item in items where fixture.items[item].isGoods {
      books.issue(item, at: office)
      redeemedFen += fixture.items[item].valueFen
    }
    let points = items.reduce(0) { $0 + fixture.items[$1].points }
    books.record(.redemption(resident: resident, points: points), at: office)
  }

  mutating func sync(_ office: Int, on date: BusinessDate) {
    steps.append(.sync(office: office, date))
    books.sync(office)
  }

  mutating func check(_ check: StoryCheck) { steps.append(.check(check)) }
}
