import Foundation
import Glibc
import Testing

/// A street without a line: files in folders, and one neighbour who has a line.
@Suite("bundles") struct BundleTests {
  private static let name = "刘小娥"

  @Test("go by hand: exported, inspected, imported, answered; one lost and one twice")
  func byHand() async throws {
    let street = try await TestStreet()
    let north = try await street.office("north")
    try await north.sync()
    await street.hub.end(SIGTERM)
    let (first, second) = (street.folder.path("1.linli"), street.folder.path("2.linli"))
    let resident = try await north.record("resident.register", "name=\(Self.name)")
    #expect(try await north.run("bundle", "export", first).exit == 0)
    try await north.record("resident.update", "resident=\(resident)", "phone=13800000000")
    // Where nothing can be written no number is used up: the hub would miss that bundle for ever.
    for place in [street.folder.path("none") + "/x", street.folder.url.path] {
      #expect(try await north.run("bundle", "export", place).exit == 5)
    }
    let made = try await north.run("bundle", "export", second, "--json").object()
    #expect(made["number"] as? Int == 2 && made["ops"] as? Int == 2)
    #expect(made["bodies"] as? Int == 2)

    // Anybody can look, and sees nobody's data.
    let seen = try await ProcessKit.run(["bundle", "inspect", second, "--json"])
    #expect(seen.exit == 0, "\(seen.out)\(seen.err)")
    #expect(try seen.object()["replica"] as? Int == 4_097)
    #expect(try seen.object()["head"] as? String == "4097-2")
    #expect(try seen.object()["whole"] as? Bool == true)
    let text = try await ProcessKit.run(["bundle", "inspect", second, "--lang", "zh"])
    #expect(text.out.contains("4097 的第 2 号数据包") && text.out.contains("文件完整"), "\(text.out)")

    // The first one is lost.
    let receipt = street.folder.path("2.receipt")
    let taken = try await street.bundle("import", second, "--receipt", receipt)
    #expect(taken.exit == 0, "\(taken.out)\(taken.err)")
    #expect(
      taken.out.contains("bundle 1 of 4097 never arrived; what was in it came with 2"),
      "\(taken.out)")
    let again = try await street.bundle("import", second)
    #expect(again.exit == 0 && again.out.contains("imported before"), "\(again.out)\(again.err)")
    // What helps is another way to go, and no other copy.
    let back = try await street.bundle("import", receipt)
    #expect(back.exit == 3 && back.err.contains("carry it to 4097"), "\(back.out)\(back.err)")
    let list = try await street.bundle("list")
    #expect(list.out.contains("4097") && list.out.contains("2"), "\(list.out)")

    for file in [receipt, second + ".receipt", receipt] {
      let answered = try await north.run("bundle", "import", file, "--json")
      #expect(answered.exit == 0, "\(answered.out)\(answered.err)")
      #expect(try answered.object()["number"] as? Int == 2)
    }
    let status = try await north.run("office", "status", "--json").object()
    #expect(status["waiting"] as? Int == 0)
    let digests = try await [
      street.hub("status", json: true), north.run("office", "status", "--json"),
    ].map { try $0.object()["digest"] as? String }
    #expect(Set(digests).count == 1)
    for file in [first, second, receipt] {
      let bytes = try Data(contentsOf: URL(fileURLWithPath: file))
      for word in [Self.name, "13800000000"] {
        #expect(bytes.range(of: Data(word.utf8)) == nil, "\(word) is in \(file)")
      }
    }
  }

  @Test("a month by sticks only, one lost, one taken twice: all agree, and the gap is told")
  func month() async throws {
    let street = try await TestStreet()
    let offices = [try await street.office("north"), try await street.office("south")]
    for office in offices { try await office.sync() }
    // From here on nobody has a line.
    await street.hub.end(SIGTERM)
    let resident = try await offices[0].record("resident.register", "name=\(Self.name)")
    let soap = try await offices[0].record("item.define", "name=肥皂", "sort=goods", "points=2")
    try await offices[0].record("stock.receive", "item=\(soap)", "quantity=4", "source=purchase")
    for week in 1...4 {
      for (place, office) in offices.enumerated() {
        try await recordWeek(week, at: office, resident, place == 0 ? soap : nil)
        let file = street.folder.path("\(place)-\(week).linli")
        #expect(try await office.run("bundle", "export", file).exit == 0)
        // The north's second stick falls into the river.
        if (place, week) == (0, 2) { continue }
        let taken = try await street.bundle("import", file)
        #expect(taken.exit == 0, "\(taken.out)\(taken.err)")
        let gap = "bundle 2 of 4097 never arrived; what was in it came with 3"
        #expect(taken.out.contains("never arrived") == ((place, week) == (0, 3)))
        #expect((place, week) != (0, 3) || taken.out.contains(gap), "\(taken.out)")
        let receipts = [file + ".receipt", file + ".again"]
        if (place, week) == (1, 2) {
          let again = try await street.bundle("import", file, "--receipt", receipts[1])
          #expect(again.exit == 0 && again.out.contains("imported before"), "\(again.out)")
        }
        for receipt in receipts where FileManager.default.fileExists(atPath: receipt) {
          let answered = try await office.run("bundle", "import", receipt)
          #expect(answered.exit == 0, "\(answered.out)\(answered.err)")
        }
      }
    }
    // What the other recorded last comes with one stick more.
    for office in [offices[1], offices[0]] {
      let file = street.folder.path("last-\(office.staff).linli")
      #expect(try await office.run("bundle", "export", file).exit == 0)
      #expect(try await street.bundle("import", file).exit == 0)
      let last = try await office.run("bundle", "import", file + ".receipt", "--json").object()
      #expect(last["digest_equal"] as? Bool == true, "\(last)")
    }
    var states: [String?] = []
    for status in [
      try await street.hub("status", json: true),
      try await offices[0].run("office", "status", "--json"),
      try await offices[1].run("office", "status", "--json"),
    ] { states.append(try status.object()["digest"] as? String) }
    #expect(states[0] != nil && Set(states).count == 1, "\(states)")
    #expect(try await street.hub("verify").exit == 0)
    // 7 awards of 9 points, less 4 pieces of soap for 2 each, whoever asks.
    for office in offices {
      let shown = try await office.run("show", "residents", "--json").object()
      #expect(shown["balance"] as? Int == 55, "\(shown)")
      #expect(shown["name"] as? String == Self.name)
    }
  }

  /// What an office records in a week: both give awards; the first hands goods out as well.
  private func recordWeek(
    _ week: Int, at office: TestOffice, _ resident: String, _ soap: String?
  ) async throws {
    let work = try await office.record(
      "activity.publish", "title=扫雪", "category=labour", "points=9",
      "held_on=2026-01-1\(week)")
    // Nobody else has heard of the resident before the first receipt file.
    guard soap != nil || week > 1 else { return }
    try await office.record("award.grant", "activity=\(work)", "resident=\(resident)")
    guard let soap else { return }
    try await office.record(
      "redemption.record", "resident=\(resident)", "items=\(soap)*1")
  }

  @Test("a neighbour with a line forwards one, and hands the receipt file over")
  func courier() async throws {
    let street = try await TestStreet()
    let north = try await street.office("north")
    let south = try await street.office("south")
    for office in [north, south] { try await office.sync() }
    try await north.record("resident.register", "name=\(Self.name)")
    let file = street.folder.path("north.linli")
    #expect(try await north.run("bundle", "export", file).exit == 0)
    let own = try await north.run("bundle", "import", file, "--json")
    #expect(own.exit == 3 && own.out.contains("own-bundle"), "\(own.out)")

    let kept = try await south.run("bundle", "import", file)
    #expect(kept.exit == 0 && kept.out.contains("kept bundle 1 of 4097"), "\(kept.out)\(kept.err)")
    #expect(try await south.run("bundle", "list").out.contains("waits for the next sync"))
    let synced = try await south.run("office", "sync")
    #expect(
      synced.exit == 0 && synced.out.contains("forwarded bundle 1"), "\(synced.out)\(synced.err)")
    let entry = try await south.run("bundle", "list", "--json").object()
    #expect(entry["state"] as? String == "receipt")
    let receipt = try #require(entry["file"] as? String)
    let wrong = try await south.run("bundle", "import", receipt, "--json")
    #expect(wrong.exit == 3 && wrong.out.contains("others-receipt"), "\(wrong.out)")
    let answered = try await north.run("bundle", "import", receipt, "--json").object()
    #expect(answered["digest_equal"] as? Bool == true)
    #expect(try await north.run("office", "status", "--json").object()["waiting"] as? Int == 0)
  }

  @Test("a hub that was set back hears of it from a bundle, and what to do")
  func setBack() async throws {
    let street = try await TestStreet()
    let north = try await street.office("north")
    try await north.sync()
    await street.hub.end(SIGTERM)
    let old = try street.copyHub(as: "old")
    let paths = ["first", "first.receipt", "second", "second.receipt"].map(street.folder.path)
    try await north.record("resident.register", "name=\(Self.name)")
    #expect(try await north.run("bundle", "export", paths[0]).exit == 0)
    let first = try await ProcessKit.run(
      ["bundle", "import", paths[0], "--receipt", paths[1], "--data", street.hubData])
    #expect(first.exit == 0, "\(first.err)")
    #expect(try await north.run("bundle", "import", paths[1]).exit == 0)

    try street.putHubBack(from: old)
    try await north.record("resident.register", "name=王芳")
    #expect(try await north.run("bundle", "export", paths[2]).exit == 0)
    let second = try await ProcessKit.run(
      [
        "bundle", "import", paths[2], "--receipt", paths[3], "--data", street.hubData, "--lang",
        "en",
      ])
    #expect(second.exit == 1)
    #expect(second.out.contains("over a line"), "\(second.out)")
    #expect(!second.out.contains("never arrived"), "\(second.out)")
    let hub = try await street.serve()
    let synced = try await north.run("office", "sync", "--lang", "en")
    #expect(synced.exit == 0 && synced.out.contains("calls the roll"), "\(synced.out)\(synced.err)")
    await hub.end(SIGTERM)
  }

  @Test("a bundle in a roll-call brings no file of a person, and hub and office say what to do")
  func inRollCall() async throws {
    let street = try await TestStreet()
    let offices = [try await street.office("王敏"), try await street.office("李强")]
    for office in offices { try await office.sync() }
    await street.hub.end(SIGTERM)
    try await street.recoverHub()
    let hub = try await street.serve()
    for office in offices { try await office.run("office", "sync", "--attempts", "1").expectDone() }
    await hub.end(SIGTERM)

    try await offices[0].record("resident.register", "name=\(Self.name)")
    let file = street.folder.path("1.linli")
    try await offices[0].run("bundle", "export", file).expectDone()
    let taken = try await street.bundle("import", file, "--lang", "zh")
    #expect(taken.out.contains("正在点名") && taken.out.contains("没有收"), "\(taken.out)")
    let receipt = file + ".receipt"
    let told = try await offices[0].run("bundle", "import", receipt, "--lang", "en")
    #expect(told.out.contains("bodies not at the hub yet"), "\(told.out)")
    let status = try await offices[0].run("office", "status", "--json").object()
    let owed = try #require(status["bodies_waiting"] as? Int)
    #expect(owed > 0 && status["waiting"] as? Int == 0)

    try await street.succeed(by: offices)
    let last = street.folder.path("2.receipt")
    let again = try await street.bundle("import", file, "--receipt", last)
    #expect(again.out.contains("0 new ops, \(owed) bodies"), "\(again.out)")
    try await offices[0].run("bundle", "import", last).expectDone()
    let after = try await offices[0].run("office", "status")
    #expect(!after.out.contains("not at the hub yet"), "\(after.out)")
  }

  @Test("what is cut off, damaged, or something else ends with what to do, and nothing is lost")
  func damaged() async throws {
    let street = try await TestStreet()
    let north = try await street.office("north")
    try await north.sync()
    try await north.record("resident.register", "name=\(Self.name)")
    let file = street.folder.path("north.linli")
    #expect(try await north.run("bundle", "export", file).exit == 0)
    let bytes = try Data(contentsOf: URL(fileURLWithPath: file))

    func place(_ data: Data) throws -> String {
      let path = street.folder.path("other.linli")
      try data.write(to: URL(fileURLWithPath: path))
      return path
    }
    var flipped = bytes
    flipped[bytes.count / 2] ^= 1
    for data in [flipped, Data(bytes.prefix(5)), Data("hello".utf8), Data(bytes.prefix(400))] {
      let refused = try await street.bundle("import", try place(data), json: true)
      #expect(refused.exit == 1, "\(refused.out)\(refused.err)")
      #expect(refused.out.contains("malformed-bundle"), "\(refused.out)")
    }
    #expect(try await ProcessKit.run(["bundle", "inspect", place(Data())]).exit == 1)
    #expect(try await ProcessKit.run(["bundle", "inspect", street.folder.path("none")]).exit == 5)
    let cut = try place(Data(bytes.dropLast(40)))
    #expect(try await ProcessKit.run(["bundle", "inspect", cut]).exit == 1)
    let taken = try await street.bundle("import", cut)
    #expect(taken.exit == 0 && taken.out.contains("cut off"), "\(taken.out)\(taken.err)")
    let document = street.folder.path("notes.txt")
    try Data("notes".utf8).write(to: URL(fileURLWithPath: document))
    let kept = try await north.run("bundle", "export", document)
    #expect(kept.exit == 3, "\(kept.out)\(kept.err)")
    #expect(try Data(contentsOf: URL(fileURLWithPath: document)) == Data("notes".utf8))
    try await north.sync()
  }

  @Test("a neighbour's bundle that the hub refuses is not sent again")
  func refused() async throws {
    let street = try await TestStreet()
    let north = try await street.office("north")
    let south = try await street.office("south")
    for office in [north, south] { try await office.sync() }
    let file = street.folder.path("north.linli")
    #expect(try await north.run("bundle", "export", file).exit == 0)
    var bytes = try Data(contentsOf: URL(fileURLWithPath: file))
    // The seal over the header stands behind 13 bytes of magic and 5 of the frame; cut, so that no sum
    // tells of it.
    bytes[20] ^= 1
    try bytes.dropLast(37).write(to: URL(fileURLWithPath: file))
    #expect(try await south.run("bundle", "import", file).exit == 0)
    let synced = try await south.run("office", "sync")
    #expect(synced.exit == 0 && synced.err.contains("refused bundle 1 of 4097"), "\(synced.err)")
    #expect(try await south.run("bundle", "list").out.contains("refused by the hub"))
    #expect(try await south.run("office", "sync").err.isEmpty)
  }
}

extension TestStreet {
  /// Runs a command about bundles on the hub's folder.
  fileprivate func bundle(_ words: String..., json: Bool = false) async throws -> ProcessResult {
    let options = ["--data", folder.path("hub")] + (json ? ["--json"] : [])
    return try await ProcessKit.run(["bundle"] + words + options)
  }
}
