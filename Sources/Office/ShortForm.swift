import Community
import OpLog

/// Values as people write them where their fields take something longer.
enum ShortForm {
  /// A value as its field takes it: coins `2:3,3:1` as records, a time of day `09:30` as minutes; any
  /// other as it stands.
  static func plain(_ text: String, of field: Field) -> String {
    switch field.name {
    case "coins": coins(text) ?? text
    case "starts", "ends": minutes(text).map(String.init) ?? text
    default: text
    }
  }

  /// The same as `show items --purse` takes: a denomination and how many of it.
  private static func coins(_ text: String) -> String? {
    var records: [String] = []
    for part in text.split(
      omittingEmptySubsequences: false, whereSeparator: PersonName.separators.contains)
    {
      guard let (denomination, count) = pair(part) else { return nil }
      records.append(#"{"denomination":\#(denomination),"count":\#(count)}"#)
    }
    return "[\(records.joined(separator: ","))]"
  }

  private static func minutes(_ text: String) -> Int64? {
    guard let (hours, minutes) = pair(text[...]), minutes < 60 else { return nil }
    return hours * 60 + minutes
  }

  /// Two numbers with a colon between them, of four digits at most.
  private static func pair(_ text: Substring) -> (Int64, Int64)? {
    let sides = text.split(separator: ":", omittingEmptySubsequences: false)
    guard sides.count == 2,
      sides.allSatisfy({ (1...4).contains($0.count) && $0.allSatisfy(\.isASCII) }),
      let first = Int64(sides[0]), let second = Int64(sides[1]), first >= 0, second >= 0
    else { return nil }
    return (first, second)
  }
}
