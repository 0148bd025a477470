import Community
import Store
import Testing

@testable import linli

/// What people read on paper and in the help.
@Suite("Paper") struct PaperTests {
  @Test("a report in Chinese has Chinese cells; for programs its words stay")
  func reports() async throws {
    let street = try await TestStreet()
    let north = try await street.office("王敏")
    let resident = try await north.record("resident.register", "name=刘小娥")
    let activity = try await north.record(
      "activity.publish", "title=award", "category=labour", "points=5", "held_on=2026-01-13",
      "--on", "2026-01-13")
    try await north.sync()
    let south = try await street.office("李强")
    let grant = ["activity=\(activity)", "resident=\(resident)", "--on", "2026-01-13"]
    let award = try await north.record("award.grant", grant[0], grant[1], grant[2], grant[3])
    try await south.record("award.grant", grant[0], grant[1], grant[2], grant[3])
    try await north.sync()
    try await south.sync()
    try await south.record(
      "award.reverse", "award=\(award)", "cause=not_attended", "--on", "2026-01-13")

    func report(_ name: String, _ options: String...) async throws -> ProcessResult {
      let words = ["report", name, "--month", "2026-01", "--data", south.data]
      return try await ProcessKit.run(words + options)
    }
    let ledger = try await report("ledger", "--csv", "--lang", "zh").out
    #expect(ledger.contains(",发放,") && ledger.contains(",冲正,"), "\(ledger)")
    let table = try await report("ledger", "--lang", "zh").out
    #expect(table.contains("发放") && !table.contains("award"), "\(table)")
    let audit = try await report("audit", "--csv", "--lang", "zh").out
    for text in ["积分发放", "同一次服务重复发放，只计一次"] { #expect(audit.contains(text), "\(audit)") }
    #expect(!audit.contains("award.grant") && !audit.contains("double-award"), "\(audit)")
    let json = try await report("audit", "--json", "--lang", "zh").out
    #expect(json.contains("\"kind\":\"award.grant\"") && json.contains("double-award"), "\(json)")
    let month = try await report("month", "--lang", "zh").out
    #expect(month.contains("未结账"), "\(month)")
  }

  @Test("what people wrote is never translated")
  func ownWords() {
    #expect(CellWords.text("coins", in: "item", of: "stock", .chinese) == "coins")
    #expect(CellWords.text("coins", in: "entry", of: "ledger", .chinese) == "信用币")
    #expect(CellWords.text("void", in: "entry", of: "ledger", .chinese) == "作废")
    #expect(CellWords.text("void", in: "outcome", of: "audit", .chinese) == "无效")
    #expect(CellWords.text("coins", in: "entry", of: "ledger", .english) == "coins")
  }

  @Test("in Chinese every kind, reason, outcome, and role of a list has its word")
  func words() {
    for kind in Catalogue.kinds {
      #expect(CellWords.text(kind.name, in: "kind", of: "audit", .chinese) == kind.words.chinese)
    }
    let reasons = DeskReason.allCases.map(\.rawValue)
    let worded = CellWords.text(reasons.joined(separator: " "), in: "reasons", .chinese)
    for reason in reasons { #expect(!worded.contains(reason)) }
    for outcome in ["posted", "pending", "duplicate", "void"] {
      #expect(CellWords.text(outcome, in: "outcome", .chinese) != outcome)
    }
    let roles = CellWords.text("clerk,approver,grid,auditor", in: "roles", .chinese)
    #expect(roles == "记录员、审核员、网格员、监督员")
    for status in ["ok", "new", "already", "wrong", "recorded", "refused"] {
      #expect(CellWords.text(status, in: "status", .chinese) != status)
    }
  }

  @Test("the help of every command has an example that its usage allows")
  func examples() throws {
    for command in Linli.commands {
      let words = command.example.split(separator: " ").map(String.init)
      let path = ["linli"] + command.name.split(separator: " ").map(String.init)
      #expect(words.starts(with: path), "\(command.name)")
      _ = try Arguments(words.dropFirst(path.count), usage: command.usage)
      for language in [Language.chinese, .english] {
        let help = try Help.text(of: command, [], in: language)
        #expect(help.contains("\n  \(command.example)\n"), "\(command.name)")
      }
    }
  }

  @Test("the help of report names every report, and that of policy set every rule")
  func listsInHelp() throws {
    let reports = try Help.text(of: ReportCommand.self, [], in: .english)
    for name in ["month", "expiring"] + Store.reportNames {
      let line = try #require(reports.split(separator: "\n").first { $0.hasPrefix("  \(name) ") })
      #expect(line.split(separator: " ").count > 2, "\(line)")
    }
    let rules = try Help.text(of: PolicySetCommand.self, [], in: .chinese)
    for key in Policy.keys { #expect(rules.contains("  \(key.name) ")) }
  }

  @Test("the help of import explains the control totals and every column of each sort")
  func importHelp() throws {
    let help = try Help.text(of: ImportCommand.self, [], in: .english)
    for sort in ImportSort.allCases {
      let line = try #require(
        help.split(separator: "\n").first { $0.hasPrefix("  \(sort.rawValue) ") })
      for column in sort.columns.required + sort.columns.optional {
        #expect(line.contains(column), "\(line)")
      }
    }
    #expect(help.contains("--rows N  ") && help.contains("--points N  "))
  }
}
