import Community
import Office
import OpLog
import Pages
import Store
import Wire

/// Lists the people who seem to have two files, in whichever communities: only the hub has all names.
enum HubDuplicatesCommand: Command {
  static let name = "hub duplicates"
  static let summary = Words("疑似重复的居民档案", "people who seem to have two files")
  static let usage = "linli hub duplicates"
  static let example = "linli hub duplicates --data hub"

  /// A file with what there is to compare.
  private struct Side {
    let id: OpID
    let community: String
    let file: [String: String]

    init(_ id: OpID, _ people: [OpID: PersonHere], _ store: Store) throws(StoreError) {
      self.id = id
      let person = people[id]
      file = ["name": person?.name, "phone": person?.phone, "birth_date": person?.birthDate]
        .compactMapValues(\.self)
      let community = try store.row(Tables.resident, id: id.packed)?[2].integer
      let row = try community.flatMap { (id) throws(StoreError) in
        try store.row(Tables.community, id: id)
      }
      self.community = row?[1].text ?? ""
    }
  }

  static func run(_ arguments: Arguments) async throws(CommandError) -> Int32 {
    try arguments.expect(atMost: 0)
    let store = try DataFolder(arguments).openHubStore()
    let console = arguments.console
    let pairs = try CommandError.wrap { () throws(StoreError) in try Self.pairs(in: store) }
    for pair in pairs where console.isJSON {
      console.json { json in
        json.member("likeness", pair.isSure ? "sure" : "likely")
        json.member("words", console.language(words(pair.isSure)))
        json.member("files", each: [pair.of, pair.file]) { json, side in
          json.member("id", side.id)
          json.member("community", side.community)
          for field in fields { json.member(field, side.file[field]) }
        }
      }
    }
    guard !console.isJSON else { return ExitCode.ok }
    guard !pairs.isEmpty else {
      console.out(Words("没有疑似重复的档案", "nobody seems to have two files"))
      return ExitCode.ok
    }
    let titles =
      [Words("编号", "id"), Words("社区", "community")]
      + fields.map { name in
        Words(Headings.text(name, in: .chinese), Headings.text(name, in: .english))
      }
      + [Words("事由", "reason")]
    console.table(
      titles,
      pairs.flatMap { pair in
        [pair.of, pair.file].map { side in
          [side.id.description, side.community] + fields.map { side.file[$0] ?? "" }
            + [side.id == pair.of.id ? console.language(words(pair.isSure)) : ""]
        }
      })
    console.out(
      Words(
        "核对后请社区审核人员用 resident.merge 申请合并，再用 hub desk decide 两人批准",
        "when it is one person, an approver of the community asks with resident.merge, and two persons "
          + "grant it with hub desk decide"))
    return ExitCode.ok
  }

  private static let fields = ["name", "phone", "birth_date"]

  private static func words(_ isSure: Bool) -> Words {
    isSure ? SamePerson.words : SamePerson.likely
  }

  private static func pairs(
    in store: Store
  ) throws(StoreError) -> [(file: Side, of: Side, isSure: Bool)] {
    var people: [OpID: PersonHere] = [:]
    for person in try store.peopleHere() { people[person.resident] = person }
    return try KnownPeople.doubles(in: store).map { (double) throws(StoreError) in
      (
        try Side(double.file, people, store), try Side(double.of, people, store), double.isSure
      )
    }
  }
}
