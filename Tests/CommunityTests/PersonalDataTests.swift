import Community
import OpLog
import Testing

@Suite struct PersonalDataTests {
  @Test(
    "a phone or ID number is found",
    arguments: [
      "13812341234", "电话13812341234。", "138 1234 1234", "+86-138-1234-1234", "8613812341234",
      "１３８１２３４１２３４", "35010219900101112X", "350102199001011123", "350102900101123",
      "302 13800001234", "13800001234 13900001234", "13800001234 302", "3-2-302 138-0000-1234",
      "3 110101199003071234", "1 11010119900307123x", "8 110101900307123",
      "138\u{3000}1234\u{3000}5678", "138－1234－5678", "138–1234–5678", "138.1234.5678",
      "138\u{A0}1234\u{A0}5678", "+86 138 1234 5678", "0532-88881234", "010-62345678",
      "01062345678", "0755 2345 678", "电话62345678", "302 62345678", "0102-62345678",
    ])
  func found(text: String) {
    #expect(PersonalData.isIn(text))
  }

  @Test(
    "other numbers are not",
    arguments: [
      "", "清扫楼道", "2026-01-13 10:00", "4097-345", "12345678901", "20260113", "2025-2026",
      "3000-5000",
      "12345678", "62345678901", "6234567",
      "1381234123", "138123412345", "3栋2单元501",
      "4097-345 4098-12", "2026-01-13 2026-01-14 2026-01-15", "x",
      "14-16 2026-1-13", "13.812.345.678",
    ])
  func notFound(text: String) {
    #expect(!PersonalData.isIn(text))
  }

  @Test func `a payload with one is refused here, and on the desk when it comes in`() throws {
    var scene = try Scene()
    let id = try scene.street.write(
      "item.define", by: scene.a.office, actor: scene.a.clerk,
      ["name": .text("联系 13812341234"), "sort": .integer(0), "points": .integer(1)])
    #expect(try refusal(scene) == .personalData(field: "name"))
    #expect(scene.isOnDesk(.personalData, id))
  }
}
