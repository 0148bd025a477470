import Community
import Foundation
import OpLog

/// One real community in figures: what its street published, and invented people to play it with.
///
/// Members of the file that the demo has no use for are passed over.
struct CommunityFixture: Decodable, Sendable {
  /// The first and the last business date of the half year.
  struct HalfYear: Decodable, Sendable {
    let from: String
    let to: String
  }

  /// A published figure that no kind of op carries, such as the number of houses.
  struct Context: Decodable, Sendable {
    let zh: String
    let en: String
    let value: String
  }

  /// A service point of the community.
  struct Office: Decodable, Sendable {
    let label: String
    let staff: [String]
  }

  /// What points buy, with its price in points and its value in fen.
  struct Item: Decodable, Sendable {
    let name: String
    let sort: String
    let points: Int
    let valueFen: Int
    /// How many are put on each office's shelf on each exchange day; nil for what needs no shelf.
    let monthlyStock: Int?

    /// Whether it is taken from a shelf, as services and courses are not.
    var isGoods: Bool { sort == "goods" }
  }

  /// Activities of one title, and how many people came to all of them together.
  struct Series: Decodable, Sendable {
    /// What figures count it under; nil for what only goes on beside.
    let group: String?
    let title: String
    let category: String
    let points: Int
    let personTimes: Int
    /// The same people come each time, so many; nil when anybody may come.
    let people: Int?
    /// When each is held.
    let days: [String]
  }

  /// How many people there are, and what their names are made of.
  struct Residents: Decodable, Sendable {
    let count: Int
    /// The name of the place that their houses are numbered in.
    let address: String
    let surnames: [String]
    let givenNames: [String]
  }

  let community: String
  let halfYear: HalfYear
  let published: [Figure]
  let context: [Context]
  /// Rules that differ from the initial ones, as `hub invite --policy` takes them.
  let policy: [String: String]
  let offices: [Office]
  let items: [Item]
  let programme: [Series]
  let residents: Residents

  /// Reads a fixture.
  ///
  /// - Throws: A storage error when the file is missing, a usage error when it is no fixture.
  init(path: String) throws(CommandError) {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw .storage(
        "fixture-missing", Words("没有演示数据 \(path)", "there is no fixture \(path)"),
        advice: Words(
          "在源码目录中运行，或用 --fixture 指定文件", "run it from the clone, or name the file with --fixture"))
    }
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    do {
      self = try decoder.decode(CommunityFixture.self, from: data)
    } catch {
      throw .badFixture(path)
    }
    guard isPlayable else { throw .badFixture(path) }
  }

  /// Whether the story finds what it needs: see ``StoryPlanner``.
  private var isPlayable: Bool {
    let names = residents.surnames.count * residents.givenNames.count
    let members = programme.reduce(0) { $0 + ($1.people ?? 0) }
    let days = programme.flatMap(\.days) + [halfYear.from, halfYear.to]
    return (1...2).contains(offices.count) && offices.allSatisfy { $0.staff.count == 2 }
      && (60...names).contains(residents.count) && members <= residents.count
      && programme.allSatisfy { !$0.days.isEmpty && $0.people != 0 }
      && days.allSatisfy { BusinessDate($0) != nil }
  }

  /// The invented name of a resident.
  func name(of resident: Int) -> String {
    let surname = residents.surnames[resident % residents.surnames.count]
    let round = resident / residents.surnames.count
    // 3 a round: with 20 surnames and 30 given names no two of 600 people have the same name.
    let given = (resident + 3 * round) % residents.givenNames.count
    return surname + residents.givenNames[given]
  }

  /// The invented address of a resident.
  func address(of resident: Int) -> String { "\(residents.address)\(resident / 20 + 1)号楼" }
}

extension CommandError {
  fileprivate static func badFixture(_ path: String) -> CommandError {
    .usage(
      Words("\(path) 不是可用的演示数据", "\(path) is no fixture that can be played"),
      advice: Words(
        "参照 Fixtures/streets/qinglongjie.json", "compare it with Fixtures/streets/qinglongjie.json")
    )
  }
}
