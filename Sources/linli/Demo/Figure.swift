import Community
import OpLog

/// A figure that a street published about a community, and how the demo counts it again.
struct Figure: Decodable, Sendable {
  /// What is counted among the activities of a group, or of the whole community.
  enum Count: String, Decodable, Sendable {
    /// Activities.
    case activities
    /// Activities of different titles.
    case titles
    /// Awards that count.
    case personTimes = "person_times"
    /// People with awards that count.
    case people
    /// The day of the month on which all are held; 0 when there are several.
    case dayOfMonth = "day_of_month"
    /// What the goods handed out by the community's offices are worth; knows no groups.
    case redeemedYuan = "redeemed_yuan"
  }

  /// How near the demo has to come.
  enum Precision: String, Decodable, Sendable {
    case exact
    case atLeast = "at_least"
    /// Within 2 %.
    case about
  }

  let zh: String
  let en: String
  let value: Int
  let count: Count
  /// The group of activities that it is about; nil for all of the community.
  let group: String?
  let precision: Precision?

  /// The figure beside what a place holds.
  func comparison(with facts: CommunityFacts) -> DemoReport.Comparison {
    let found = facts.value(of: self)
    let what = Words(zh, en)
    switch precision ?? .exact {
    case .exact:
      return .init(what: what, expected: String(value), found: found.text)
    case .atLeast:
      return .init(
        what: what, expected: "≥ \(value)", found: found.text,
        isAllowed: found.hundredths >= value * 100)
    case .about:
      // 2 %: the difference, 50 times, is not more than the figure.
      let difference = abs(found.hundredths - value * 100)
      return .init(
        what: what, expected: "≈ \(value)", found: found.text,
        isAllowed: difference * 50 <= value * 100)
    }
  }
}

/// What a place holds of one community.
struct CommunityFacts {
  /// An activity that was published.
  struct Activity {
    /// Nil for what no figure is about.
    let group: String?
    let title: String
    let heldOn: String
    /// Who has an award for it that counts, once for each award.
    let people: [String]
  }

  /// A whole number, or yuan with two decimals.
  struct Value {
    let hundredths: Int
    let text: String

    fileprivate init(_ count: Int) {
      hundredths = count * 100
      text = String(count)
    }

    fileprivate init(fen: Int) {
      hundredths = fen
      text = DemoReport.yuan(fen)
    }
  }

  let activities: [Activity]
  /// What the goods handed out at its offices are worth, in fen.
  let redeemedFen: Int

  /// What a figure is by these facts.
  func value(of figure: Figure) -> Value {
    let counted = activities.filter { figure.group == nil || $0.group == figure.group }
    switch figure.count {
    case .activities: return Value(counted.count)
    case .titles: return Value(Set(counted.map(\.title)).count)
    case .personTimes: return Value(counted.reduce(0) { $0 + $1.people.count })
    case .people: return Value(Set(counted.flatMap(\.people)).count)
    case .dayOfMonth:
      let days = Set(counted.map { BusinessDate($0.heldOn)?.civil.day ?? 0 })
      return Value(days.count == 1 ? days.first ?? 0 : 0)
    case .redeemedYuan: return Value(fen: redeemedFen)
    }
  }
}
