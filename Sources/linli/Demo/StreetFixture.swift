import Community
import Foundation
import OpLog

/// One real community in figures: what its street published, and invented people to play it with.
///
/// Members of the file that the demo has no use for are passed over.
struct StreetFixture: Decodable {
  /// The half year's figures, as published.
  struct Published: Decodable {
    let activities: Int
    let personTimes: Int
    let redeemedYuan: Int
  }

  /// The first and the last business date of the half year.
  struct HalfYear: Decodable {
    let from: String
    let to: String
  }

  /// A service point of the community.
  struct Office: Decodable {
    let label: String
    let staff: [String]
  }

  /// What points buy, with its price in points and its value in fen.
  struct Item: Decodable {
    let name: String
    let sort: String
    let points: Int
    let valueFen: Int
    /// How many are put on each office's shelf on each exchange day; nil for what needs no shelf.
    let monthlyStock: Int?

    /// Whether it is taken from a shelf, as services and courses are not.
    var isGoods: Bool { sort == "goods" }
  }

  /// What points are earned with.
  struct Activity: Decodable {
    let title: String
    let category: String
    let points: Int
    let heldOn: String
  }

  /// How many people there are, and what their names are made of.
  struct Residents: Decodable {
    let count: Int
    let surnames: [String]
    let givenNames: [String]
  }

  let street: String
  let community: String
  let halfYear: HalfYear
  let published: Published
  /// Rules that differ from the initial ones, as `hub invite --policy` takes them.
  let policy: [String: String]
  let offices: [Office]
  let items: [Item]
  let activities: [Activity]
  let residents: Residents

  /// The file in the clone that this program was built from.
  static let defaultPath: String = {
    // Sources/linli/Demo/StreetFixture.swift: three folders below the package.
    var root = URL(fileURLWithPath: #filePath)
    for _ in 0..<4 { root.deleteLastPathComponent() }
    return root.path + "/Fixtures/streets/qinglongjie.json"
  }()

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
      self = try decoder.decode(StreetFixture.self, from: data)
    } catch {
      throw .badFixture(path)
    }
    guard isPlayable else { throw .badFixture(path) }
  }

  /// Whether the story finds what it needs: see ``StoryPlanner``.
  private var isPlayable: Bool {
    offices.count == 2 && offices.allSatisfy { $0.staff.count == 2 }
      && residents.count >= 60 && !residents.surnames.isEmpty && !residents.givenNames.isEmpty
      && residents.count <= residents.surnames.count * residents.givenNames.count
      && activities.allSatisfy { BusinessDate($0.heldOn) != nil }
      && BusinessDate(halfYear.from) != nil && BusinessDate(halfYear.to) != nil
  }

  /// The invented name of a resident.
  func name(of resident: Int) -> String {
    let surname = residents.surnames[resident % residents.surnames.count]
    let round = resident / residents.surnames.count
    // 3 a round: with 20 surnames and 30 given names no two of 600 people have the same name.
    let given = (resident + 3 * round) % residents.givenNames.count
    return surname + residents.givenNames[given]
  }

  /// A telephone number that nobody has.
  func phone(of resident: Int) -> String {
    let digits = String(resident)
    return "100-0000-" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
  }
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
