import Foundation
import Testing

@Suite("record --json -") struct RecordStreamTests {
  @Test("acknowledges each line in order, and goes on after a bad one")
  func order() async throws {
    let street = try await TestStreet()
    let office = try await street.office("north")
    let lines = [
      #"{"kind":"resident.register","fields":{"name":"王芳"}}"#,
      "no JSON",
      #"{"kind":"resident.register","fields":{"name":"李敏"},"who":1}"#,
      #"{"kind":"nosuch","fields":{}}"#,
      "{\"kind\":\"resident.register\",\"fields\":{\"name\":\"\(String(repeating: "a", count: 70_000))\"}}",
      #"{"kind":"resident.register","fields":{"name":"赵强"},"as":"4096-99"}"#,
      #" {"kind":"activity.publish","fields":{"title":"扫","category":"labour","points":3,"held_on":"2026-01-12"}} "#,
      "",
      #"{"kind":"item.define","fields":{"name":"皂","sort":"goods","points":4},"on":"2026-01-13"}"#,
    ]
    let result = try await office.run(
      "record", "--json", "-", "--as", office.staff, input: lines.joined(separator: "\n"))
    #expect(result.exit == 2, "the code of the first line that failed")
    let answers = try result.objects()
    #expect(
      answers.map { $0["status"] as? String } == [
        "recorded", "refused", "refused", "refused", "refused", "refused", "recorded", "recorded",
      ])
    #expect(answers.compactMap { $0["op"] as? String } == ["4097-1", "4097-2", "4097-3"])
    let codes = answers.compactMap { ($0["error"] as? [String: String])?["code"] }
    #expect(codes == ["bad-line", "bad-line", "unknown-kind", "usage", "unknown-reference"])
  }

  @Test("takes lists and records as JSON")
  func values() async throws {
    let street = try await TestStreet()
    let office = try await street.office("north")
    let resident = try await office.record("resident.register", "name=王芳")
    let activity = try await office.record(
      "activity.publish", "title=扫", "category=labour", "points=9", "held_on=2026-01-12")
    try await office.record("award.grant", "activity=\(activity)", "resident=\(resident)")
    let item = try await office.record("item.define", "name=皂", "sort=goods", "points=4")
    try await office.record("stock.receive", "item=\(item)", "quantity=10", "source=purchase")
    let lines = """
      {"kind":"redemption.record","fields":{"resident":"\(resident)","basis":"home",\
      "lines":[{"item":"\(item)","quantity":2,"price":4}]}}
      {"kind":"resident.update","fields":{"resident":"\(resident)","phone":"111",\
      "replaces_phone":["\(resident)"]}}
      """
    let result = try await office.run(
      "record", "--json", "-", "--as", office.staff, input: lines)
    #expect(result.exit == 0, "\(result.out)")
    let shown = try await office.run("show", "resident", resident, "--json").object()
    #expect(shown["balance"] as? Int == 1)
    #expect((shown["file"] as? [String: String])?["phone"] == "111")
  }

  @Test("a repeated key gives the first op again, and a foreign key is refused")
  func keys() async throws {
    let street = try await TestStreet()
    let office = try await street.office("north")
    let line = #"{"kind":"resident.register","fields":{"name":"王芳"},"key":"4097.AAAAAAAAAAAAAAAA"}"#
    let foreign = line.replacingOccurrences(of: "4097.", with: "4098.")
    let result = try await office.run(
      "record", "--json", "-", "--as", office.staff,
      input: [line, line, foreign].joined(separator: "\n"))
    let answers = try result.objects()
    #expect(answers.map { $0["status"] as? String } == ["recorded", "already", "refused"])
    #expect(answers.map { $0["op"] as? String } == ["4097-1", "4097-1", nil])
    #expect(answers[1]["key"] as? String == "4097.AAAAAAAAAAAAAAAA")
  }

  @Test(
    "answers each line before the next is sent, and a killed process keeps what it acknowledged")
  func dialogue() async throws {
    let street = try await TestStreet()
    let office = try await street.office("north")
    let process = try RunningProcess(
      ["record", "--json", "-", "--as", office.staff, "--data", office.data])
    for number in 1...3 {
      process.send(#"{"kind":"resident.register","fields":{"name":"王芳"}}"#)
      #expect(try #require(await process.line()).contains("\"op\":\"4097-\(number)\""))
    }
    #expect(await process.end(SIGKILL) == (SIGKILL, true))
    #expect(try await office.run("show", "residents", "--json").lines.count == 3)
    #expect(try await office.run("office", "verify").exit == 0)
  }
}
