import Pages
import Testing

/// What the public may see of a person.
@Suite struct MaskingTests {
  @Test(
    "a name shows its first and last character",
    arguments: [
      ("刘娥", "刘*"), ("刘小娥", "刘*娥"), ("欧阳小明", "欧**明"), (" 刘小娥 ", "刘*娥"), ("刘", "*"),
      ("", "*"), ("阿依古丽·买买提", "阿******提"),
    ])
  func names(name: String, label: String) {
    #expect(Masking.name(name, age: nil) == label)
    #expect(Masking.name(name, age: 14) == label)
  }

  @Test("nobody under 14 is named", arguments: [0, 6, 13])
  func children(age: Int) {
    #expect(Masking.name("刘小娥", age: age) == nil)
  }

  @Test(
    "a phone number keeps its ends",
    arguments: [
      ("13812341234", "138****1234"), ("138 1234 1234", "138****1234"),
      ("0532-88881234", "****1234"),
      ("110", "****"), ("", "****"),
    ])
  func phones(number: String, label: String) {
    #expect(Masking.phone(number) == label)
  }

  @Test(
    "an ID number keeps two and three characters",
    arguments: [
      ("350102199001011123", "35*************123"), ("35010219900101112X", "35*************12X"),
      ("350102900101123", "35**********123"), ("12345", "*****"),
    ])
  func idNumbers(number: String, label: String) {
    #expect(Masking.idNumber(number) == label)
  }
}
