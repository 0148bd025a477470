import Community

/// What the story expects of points and goods: a naive model of one hub and its offices.
///
/// It is a second, independent reckoning: a list of events per place, no ops, no folds, no SQL.
struct StoryBooks {
  /// A line of a sign-in sheet, or a report: somebody's part in one session of an activity.
  struct SheetLine: Hashable {
    let activity: Int
    let resident: Int
    var session = 1
  }

  /// One event that moves points.
  enum Event {
    /// A sheet line; the same line from two offices counts once.
    case award(SheetLine, points: Int)
    /// The line is taken back, whoever wrote it.
    case reversal(SheetLine, points: Int)
    /// Goods handed out.
    case redemption(resident: Int, points: Int)
  }

  /// What one place knows.
  struct Knowledge {
    fileprivate(set) var balances: [Int]
    fileprivate var sheetLines: Set<SheetLine> = []
    fileprivate var reversedLines: Set<SheetLine> = []
    fileprivate var seen = 0

    fileprivate init(residentCount: Int) { balances = Array(repeating: 0, count: residentCount) }

    /// Takes an event in; false when it was known already.
    @discardableResult
    fileprivate mutating func learn(_ event: Event) -> Bool {
      switch event {
      case .award(let line, let points):
        guard sheetLines.insert(line).inserted else { return false }
        balances[line.resident] += points
      case .reversal(let line, let points):
        guard reversedLines.insert(line).inserted else { return false }
        balances[line.resident] -= points
      case .redemption(let resident, let points): balances[resident] -= points
      }
      return true
    }

    /// Lines that count.
    var personTimes: Int { sheetLines.count - reversedLines.count }
    /// Lines that were ever written down, each once.
    var keys: Int { sheetLines.count }
    /// Lines that were taken back.
    var reversals: Int { reversedLines.count }
  }

  /// What the hub knows.
  private(set) var hub: Knowledge
  /// What each office knows.
  private(set) var offices: [Knowledge]
  /// What lies on each office's shelf, by item.
  private(set) var shelves: [[Int]]
  /// Points given and spent, by what counts at the end.
  private(set) var pointsIn = 0
  private(set) var pointsOut = 0
  /// Sheet lines that another office had written as well.
  private(set) var duplicates = 0

  private var log: [(office: Int, event: Event)] = []
  private var unsent: [[Event]]

  init(residentCount: Int, officeCount: Int, itemCount: Int) {
    hub = Knowledge(residentCount: residentCount)
    offices = Array(repeating: hub, count: officeCount)
    shelves = Array(repeating: Array(repeating: 0, count: itemCount), count: officeCount)
    unsent = Array(repeating: [], count: officeCount)
  }

  /// The balance of a resident as an office knows it.
  func balance(of resident: Int, at office: Int) -> Int { offices[office].balances[resident] }

  /// An office writes an event down.
  mutating func record(_ event: Event, at office: Int) {
    offices[office].learn(event)
    unsent[office].append(event)
  }

  /// An office puts goods on its shelf.
  mutating func receive(_ quantity: Int, of item: Int, at office: Int) {
    shelves[office][item] += quantity
  }

  /// An office takes goods from its shelf.
  mutating func issue(_ item: Int, at office: Int) { shelves[office][item] -= 1 }

  /// An office pushes what it wrote and learns what the hub has from others.
  mutating func sync(_ office: Int) {
    for event in unsent[office] {
      let isNew = hub.learn(event)
      switch event {
      case .award where !isNew: duplicates += 1
      case .award(_, let points): pointsIn += points
      case .reversal(_, let points): pointsIn -= isNew ? points : 0
      case .redemption(_, let points): pointsOut += points
      }
      log.append((office, event))
    }
    unsent[office] = []
    for (writer, event) in log[offices[office].seen...] where writer != office {
      offices[office].learn(event)
    }
    offices[office].seen = log.count
  }
}
