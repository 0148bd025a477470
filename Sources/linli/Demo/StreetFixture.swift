import Community
import Foundation
import OpLog

/// The communities of one street, with all their offices, people, goods, and activities in a row.
///
/// Real communities of different towns, as one street that there is not.
struct StreetFixture: Sendable {
  /// A service point.
  struct Office: Sendable {
    let community: Int
    let label: String
    let staff: [String]
  }

  /// What points buy.
  struct Item: Sendable {
    let community: Int
    let name: String
    let sort: String
    let points: Int
    let valueFen: Int
    let monthlyStock: Int?
    let isGoods: Bool
  }

  /// What points are earned with.
  struct Activity: Sendable {
    let community: Int
    /// Which of the community's series it belongs to.
    let series: Int
    let group: String?
    let title: String
    let category: String
    let points: Int
    let heldOn: BusinessDate
    /// The office that organises it.
    let office: Int
  }

  let name = "邻里街道"
  let communities: [CommunityFixture]
  let offices: [Office]
  let items: [Item]
  let activities: [Activity]
  /// The residents of each community; they are numbered through the whole street.
  let residents: [Range<Int>]

  /// How many residents there are.
  var residentCount: Int { residents.last?.upperBound ?? 0 }

  /// The first and the last business date.
  var halfYear: CommunityFixture.HalfYear { communities[0].halfYear }

  /// Whether the people of the plot are there: the first community needs two offices for it.
  var hasPlot: Bool { communities[0].offices.count == 2 }

  /// Puts communities together; at least one.
  init(_ communities: [CommunityFixture]) {
    self.communities = communities
    var offices: [Office] = []
    var items: [Item] = []
    var activities: [Activity] = []
    var residents: [Range<Int>] = []
    for (index, community) in communities.enumerated() {
      let firstOffice = offices.count
      offices += community.offices.map {
        Office(community: index, label: $0.label, staff: $0.staff)
      }
      items += community.items.map {
        Item(
          community: index, name: $0.name, sort: $0.sort, points: $0.points,
          valueFen: $0.valueFen, monthlyStock: $0.monthlyStock, isGoods: $0.isGoods)
      }
      let held = community.programme.enumerated().flatMap { series, row in
        row.days.compactMap(BusinessDate.init).map { (series, row, $0) }
      }
      for (number, (series, row, day)) in held.enumerated() {
        activities.append(
          Activity(
            community: index, series: series, group: row.group, title: row.title,
            category: row.category, points: row.points, heldOn: day,
            office: firstOffice + number % community.offices.count))
      }
      let first = residents.last?.upperBound ?? 0
      residents.append(first..<first + community.residents.count)
    }
    self.offices = offices
    self.items = items
    self.activities = activities
    self.residents = residents
  }

  /// The street of the clone that this program was built from.
  ///
  /// - Throws: What reading a fixture throws.
  static func standard() throws(CommandError) -> StreetFixture {
    var communities: [CommunityFixture] = []
    for file in ["qinglongjie", "tashan", "fuqiao", "licheng", "jinchenyuan"] {
      communities.append(try CommunityFixture(path: "\(folder)/\(file).json"))
    }
    return StreetFixture(communities)
  }

  /// Where those of streets are.
  static let folder = root + "/streets"

  /// Where the fixtures are in the clone.
  static let root: String = {
    // Sources/linli/Demo/StreetFixture.swift: three folders below the package.
    var root = URL(fileURLWithPath: #filePath)
    for _ in 0..<4 { root.deleteLastPathComponent() }
    return root.path + "/Fixtures"
  }()

  /// The community of a resident.
  func community(of resident: Int) -> Int {
    residents.firstIndex { $0.contains(resident) } ?? 0
  }

  /// The offices of a community.
  func offices(of community: Int) -> Range<Int> {
    let first = communities[..<community].reduce(0) { $0 + $1.offices.count }
    return first..<first + communities[community].offices.count
  }

  /// The office at which a resident is at home: those of a community take turns.
  func home(of resident: Int) -> Int {
    let community = community(of: resident)
    let offices = offices(of: community)
    return offices.lowerBound + (resident - residents[community].lowerBound) % offices.count
  }

  /// The invented name of a resident.
  func name(of resident: Int) -> String {
    let community = community(of: resident)
    return communities[community].name(of: resident - residents[community].lowerBound)
  }

  /// The invented address of a resident.
  func address(of resident: Int) -> String {
    let community = community(of: resident)
    return communities[community].address(of: resident - residents[community].lowerBound)
  }

  /// A telephone number that nobody has.
  func phone(of resident: Int) -> String {
    let digits = String(resident)
    return "100-0000-" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
  }
}
