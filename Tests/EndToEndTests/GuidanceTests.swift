import Community
import Foundation
import OpLog
import Testing

/// What somebody finds out who has the program and README.md and nothing else.
@Suite("Guidance") struct GuidanceTests {
  @Test("help lists every kind with its Chinese name, and every field of each")
  func kinds() async throws {
    let list = try await ProcessKit.run(["help", "record"])
    #expect(list.exit == 0)
    for kind in Catalogue.kinds {
      #expect(list.out.contains(kind.name) && list.out.contains(kind.words.chinese))
      let help = try await ProcessKit.run(["help", kind.name])
      #expect(help.exit == 0)
      let first = Set(help.lines.compactMap { $0.split(separator: " ").first.map(String.init) })
      let fields = kind.schema.fields.map(\.name) + kind.body.map(\.name)
      #expect(first.isSuperset(of: fields), "\(kind.name): \(help.out)")
    }
    let grant = try await ProcessKit.run(["record", "award.grant", "--help"])
    #expect(grant.out.contains("a whole number in 0–1000"))
    #expect(grant.out.contains("one of volunteer, leader, teacher"))
    #expect(grant.out.contains("who may: clerk"))
    #expect(try await ProcessKit.run(["record", "nosuch", "--help"]).exit == 2)
    #expect(try await ProcessKit.run(["help", "nosuch"]).exit == 2)
  }

  @Test("help lists the views with their columns, and the program tells its version")
  func views() async throws {
    let help = try await ProcessKit.run(["help", "show"])
    #expect(help.out.contains("id, name, home, balance, earned"))
    #expect(help.out.contains("id, name, community, roles"))
    #expect(try await ProcessKit.run(["--version"]).out.hasPrefix("linli "))
  }

  @Test("in Chinese every list has Chinese headings")
  func headings() async throws {
    let street = try await TestStreet()
    let office = try await street.office("north")
    let help = try await office.run("help", "show")
    let list = help.lines.drop { !$0.hasPrefix("Views") }.dropFirst()
    let views = list.prefix { $0.hasPrefix("  ") }
      .compactMap { $0.split(separator: " ").first.map(String.init) }
    #expect(views.count > 30)
    for view in views where view != "resident" {
      let list = try await office.run("show", view, "--lang", "zh")
      let first = try #require(list.lines.first, "\(view): \(list.err)")
      #expect(first.allSatisfy { !$0.isASCII || !$0.isLetter }, "\(view): \(first)")
    }
  }

  @Test("one person who was registered at two offices is on both desks, until a file is corrected")
  func onePersonTwice() async throws {
    let street = try await TestStreet()
    let offices = [try await street.office("north"), try await street.office("south")]
    for office in offices { try await office.sync() }
    var files: [String] = []
    for office in offices {
      files.append(
        try await office.record("resident.register", "name=钱进", "phone=15500000001"))
      try await office.record("resident.register", "name=钱途", "phone=15500000001")
    }
    for office in offices + offices { try await office.sync() }
    for office in offices {
      let doubles = try await office.run("desk", "--json").objects()
        .filter { $0["reason"] as? String == "same-person" }
      #expect(doubles.count == 2)
      #expect(doubles.first?["subject"] as? String == files[1])
      #expect(doubles.first?["detail"] as? String == files[0])
    }
    try await offices[1].record(
      "resident.update", "resident=\(files[1])", "phone=15500000002")
    let desk = try await offices[1].run("desk", "--lang", "zh")
    #expect(desk.out.components(separatedBy: "像是建了两份档案").count == 2, "\(desk.out)")
  }

  @Test("in Chinese the hub's refusal has no English in it")
  func refusalInChinese() async throws {
    let street = try await TestStreet()
    let fresh = TestOffice(data: street.folder.path("fresh"), staff: "")
    let made = try await fresh.run(
      "office", "init", "--hub", street.url, "--code", "0000-0000-0000", "--lang", "zh")
    #expect(made.exit == 3)
    let first = try #require(made.err.split(separator: "\n").first)
    #expect(first == "街道没有接受: 入网码无效")
  }

  @Test("an office is named by its number")
  func officeNumbers() async throws {
    let street = try await TestStreet()
    let north = try await street.office("north")
    _ = try await street.office("south")
    try await north.sync()
    let item = try await north.record("item.define", "name=皂", "sort=goods", "points=4")
    try await north.record("stock.receive", "item=\(item)", "quantity=5", "source=donation")
    try await north.record("stock.send", "item=\(item)", "quantity=2", "to=4098")
    let transfer = try await north.run("show", "transfers", "--json").object()
    #expect(transfer["to_office"] as? String ?? "\(transfer)" == "4098")
    let missing = try await north.run(
      "record", "stock.send", "item=\(item)", "quantity=2", "to=4999", "--as", north.staff)
    #expect(missing.exit == 2 && missing.err.contains("an office's number"), "\(missing.err)")
  }

  @Test("a bad value is told with its field and what the field takes")
  func badValues() async throws {
    let street = try await TestStreet()
    let office = try await street.office("north")
    let resident = try await office.record("resident.register", "name=王芳")
    let activity = ["title=扫", "category=labour", "points=3", "held_on=2026-01-12"]
    let cases: [(String, [String])] = [
      (
        "category: labor is not one of labour, lecture",
        ["activity.publish", "category=labor"] + activity.filter { !$0.hasPrefix("category") }
      ),
      (
        "points: 5000 is not a whole number in 0–1000",
        ["activity.publish", "points=5000"] + activity.filter { !$0.hasPrefix("points") }
      ),
      (
        "held_on: soon is not a date",
        ["activity.publish", "held_on=soon"] + activity.filter { !$0.hasPrefix("held") }
      ),
      (
        "title: \"  \" is not a text that is not blank, of at most 120 letters",
        ["activity.publish", "title=  "] + activity.dropFirst()
      ),
      (
        "activity: \(resident) is not the id of activity.publish",
        ["award.grant", "activity=\(resident)", "resident=\(resident)"]
      ),
      ("name: \"　\" is not a name that can be read", ["resident.register", "name=　"]),
      ("phone: 1.39E+10 is not a phone", ["resident.register", "name=a", "phone=1.39E+10"]),
      ("birth_date: 1951-02-29 is not", ["resident.register", "name=a", "birth_date=1951-02-29"]),
      ("birth_date: 9999-01-01 is not", ["resident.register", "name=a", "birth_date=9999-01-01"]),
      ("there is nothing to change", ["resident.update", "resident=\(resident)"]),
      (
        "resident.update has no field colour",
        ["resident.update", "resident=\(resident)", "colour=red"]
      ),
      ("name: \"\" is not a name", ["resident.update", "resident=\(resident)", "name="]),
    ]
    for (message, words) in cases {
      let result = try await ProcessKit.run(
        ["record"] + words + ["--as", office.staff, "--data", office.data])
      #expect(result.exit == 2, "\(words): \(result.err)")
      #expect(result.err.hasPrefix(message), "\(words): \(result.err)")
    }
    try await office.record("resident.register", "name=赵强", "birth_date=1948-02-29")
    #expect(try await office.run("office", "status", "--json").object()["ops"] as? Int == 2)
  }

  @Test("an empty value clears a field, here and at the other office")
  func clearing() async throws {
    let street = try await TestStreet()
    let north = try await street.office("north")
    let south = try await street.office("south")
    let resident = try await north.record("resident.register", "name=王芳", "phone=111")
    try await north.record("resident.update", "resident=\(resident)", "phone=", "note=搬家")
    try await north.record("resident.update", "resident=\(resident)", "note=")
    try await north.sync()
    try await south.sync()
    for office in [north, south] {
      let file = try await office.run("show", "resident", resident, "--json").object()["file"]
      #expect(file as? [String: String] == ["name": "王芳"])
      #expect(try await office.run("desk").out == "nothing to look at\n")
    }
  }

  @Test("a key that made another record is refused, and the same request is the same")
  func usedKeys() async throws {
    let street = try await TestStreet()
    let office = try await street.office("north")
    let line = #"{"kind":"resident.register","fields":{"name":"王芳"},"key":"4097.AAAAAAAAAAAAAAAA"}"#
    let others = [
      line.replacingOccurrences(of: "王芳", with: "李敏"),
      line.replacingOccurrences(of: #""name""#, with: #""phone":"111","name""#),
      line.replacingOccurrences(of: #""name""#, with: #""age_band":"adult","name""#),
      line.replacingOccurrences(of: "resident.register", with: "item.define"),
    ]
    let result = try await office.run(
      "record", "--json", "-", "--as", office.staff,
      input: ([line, line] + others).joined(separator: "\n"))
    let answers = try result.objects()
    #expect(answers.prefix(2).map { $0["status"] as? String } == ["recorded", "already"])
    for answer in answers.dropFirst(2) {
      let error = try #require(answer["error"] as? [String: String])
      #expect(error["code"] == "key-used")
      #expect(error["message"]?.contains("4097-1") == true)
    }
    #expect(try await office.run("office", "status", "--json").object()["ops"] as? Int == 1)
  }

  @Test("a grant after a reversal is told how")
  func grantAgain() async throws {
    let street = try await TestStreet()
    let office = try await street.office("north,south")
    let second = try #require(
      try await office.run("show", "staff", "--json").objects().last?["id"] as? String)
    let resident = try await office.record("resident.register", "name=王芳")
    let activity = try await office.record(
      "activity.publish", "title=扫", "category=labour", "points=3", "held_on=2026-01-12")
    let grant = ["award.grant", "activity=\(activity)", "resident=\(resident)"]
    let award = try await office.record(grant[0], grant[1], grant[2])
    let reversal = try await office.run(
      "record", "award.reverse", "award=\(award)", "cause=staff_error", "--as", second, "--json"
    ).object()["op"]
    let id = try #require(reversal as? String)
    let refused = try await office.run(
      "record", grant[0], grant[1], grant[2], "--as", office.staff)
    #expect(refused.exit == 3)
    #expect(refused.err.contains("add after=\(id)"), "\(refused.err)")
    try await office.record(grant[0], grant[1], grant[2], "after=\(id)")
    let awards = try await office.run("show", "awards", "--json").objects()
    #expect(awards.map { $0["role"] as? String } == ["volunteer", "volunteer"])
    let log = try await office.run("log", "--limit", "1", "--after", award)
    #expect(log.lines.last?.hasPrefix(id) == true)
    #expect(log.err == "… 1 more; --limit N, --after \(id)\n")
  }

  @Test("lists say what they leave out, and --after goes on there")
  func cuts() async throws {
    let street = try await TestStreet()
    let office = try await street.office("north")
    for name in ["王芳", "李敏", "赵强"] { try await office.record("resident.register", "name=\(name)") }
    let first = try await office.run("show", "residents", "--limit", "2")
    #expect(first.lines.count == 3)
    #expect(first.err == "… 1 more; --limit N, --after 4097-2\n")
    let rest = try await office.run("show", "residents", "--after", "4097-2", "--json")
    #expect(try rest.object()["name"] as? String == "赵强")
    #expect(rest.err.isEmpty)
    #expect(try await office.run("show", "residents", "--after", "4097-9").exit == 2)
    // An id with several rows: the place says behind which of them.
    let values = try await office.run("show", "file_values", "--limit", "7")
    #expect(values.err == "… 8 more; --limit N, --after 4097-1:3\n")
    let behind = try await office.run("show", "file_values", "--after", "4097-1:3", "--json")
    #expect(try behind.objects().count == 8)
    let chinese = try await office.run("show", "residents", "--lang", "zh")
    #expect(chinese.lines.first?.hasPrefix("编号    姓名  归属站") == true)
    let hashes = try await office.run("show", "ops", "--json").objects()
    #expect(hashes.allSatisfy { ($0["hash"] as? String)?.count == 43 })
  }

  @Test("staff, rules, communities, and offices can be listed at the hub and at an office")
  func directory() async throws {
    let street = try await TestStreet()
    let office = try await street.office("王芳")
    for data in [office.data, street.folder.path("hub")] {
      let list = { (view: String) in
        try await ProcessKit.run(["show", view, "--json", "--data", data]).objects()
      }
      let staff = try #require(try await list("staff").first)
      #expect(staff["id"] as? String == office.staff)
      #expect(staff["name"] as? String == "王芳")
      #expect(staff["roles"] as? String == "clerk,approver,grid")
      let rules = try await list("policy")
      #expect(rules.count == Policy.keys.count)
      #expect(rules.first?["value"] as? String == "on_the_spot")
      #expect(try await list("communities").first?["name"] as? String == "青龙街")
      #expect(try await list("offices").first?["label"] as? String == "青龙街")
    }
  }

  @Test("the desk names who and what, and what staff can do")
  func desk() async throws {
    let street = try await TestStreet()
    let office = try await street.office("李强,王敏")
    let second = try #require(
      try await office.run("show", "staff", "--json").objects().last?["id"] as? String)
    let resident = try await office.record("resident.register", "name=王芳")
    let activity = try await office.record(
      "activity.publish", "title=扫雪", "category=labour", "points=3", "held_on=2026-01-12")
    let award = try await office.record(
      "award.grant", "activity=\(activity)", "resident=\(resident)")
    let item = try await office.record("item.define", "name=毛巾", "sort=goods", "points=3")
    try await office.record("stock.receive", "item=\(item)", "quantity=9", "source=donation")
    try await office.record("redemption.record", "resident=\(resident)", "items=\(item)")
    let reversed = try await office.run(
      "record", "award.reverse", "award=\(award)", "cause=fraud", "--as", second)
    #expect(reversed.exit == 0, "\(reversed.err)")
    let desk = try await office.run("desk", "--json").objects()
    #expect(Set(desk.compactMap { $0["reason"] as? String }) == ["overdrawn", "fraud-reversed"])
    let entry = try #require(desk.first { $0["reason"] as? String == "overdrawn" })
    #expect(entry["about"] as? String == "王芳, balance -3")
    #expect((entry["advice"] as? String)?.isEmpty == false)
    #expect(try await office.run("desk", "--lang", "zh").out.contains("王芳, 余额 -3"))
  }

  @Test("a community that a slip of the hand would make is asked about")
  func similarCommunities() async throws {
    let street = try await TestStreet()
    let first = try await street.hub("invite", "--community", "青龙街")
    #expect(first.out.hasPrefix("new community 青龙街"))
    let slip = try await street.hub("invite", "--community", "青尤街")
    #expect(slip.exit == 2)
    #expect(slip.err.contains("there is 青龙街"))
    #expect(try await street.hub("invite", "--community", "青尤街", "--new-community").exit == 0)
    let other = try await street.hub("invite", "--community", "沙坪社区", json: true).object()
    #expect(other["community_is_new"] as? Bool == true)
    let known = try await street.hub("invite", "--community", "青龙街", json: true).object()
    #expect(known["community_is_new"] as? Bool == false)
  }
}
