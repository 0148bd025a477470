import Community
import OpLog

extension FieldType {
  /// What a value must be, as it stands behind "is not".
  var words: Words {
    switch self {
    case .integer(let range):
      Words("\(range.words) 的整数", "a whole number in \(range.words)")
    case .text(let range): Self.text(bytes: range)
    case .bytes(let range):
      Words("\(range.words) 字节的 base64url", "base64url of \(range.words) bytes")
    case .flag: Words("true 或 false", "true or false")
    case .choice(let names):
      Words("\(names.joined(separator: "、")) 之一", "one of \(names.joined(separator: ", "))")
    case .choices(let names):
      Words(
        "\(names.joined(separator: "、")) 中的一项或几项，用逗号隔开",
        "one or more of \(names.joined(separator: ", ")), with commas")
    case .date: Words("日期，如 2026-01-13", "a date like 2026-01-13")
    case .replica: Words("副本编号，如 4097", "a replica's number like 4097")
    case .reference([3]): Words("站点的编号，如 4098", "an office's number, like 4098")
    case .reference([]): Words("任何一条记录的编号，如 4097-5", "the id of any record, like 4097-5")
    case .reference(let kinds):
      Words(
        "\(Self.names(kinds)) 的编号，如 4097-5", "the id of \(Self.names(kinds)), like 4097-5")
    case .references(let kinds, let count):
      Words(
        "\(count.words) 个 \(Self.names(kinds)) 的编号，用逗号隔开",
        "\(count.words) ids of \(Self.names(kinds)), with commas")
    case .records(let fields, let count):
      Words(
        "\(count.words) 条 JSON 记录，含 \(fields.map(\.name).joined(separator: "、"))",
        "JSON of \(count.words) records with \(fields.map(\.name).joined(separator: ", "))")
    }
  }

  /// What a text must be.
  static func text(bytes range: ClosedRange<Int>) -> Words {
    Words(
      "不空白的文字，最多 \(range.upperBound / 3) 个汉字或 \(range.upperBound) 个字母数字",
      "a text that is not blank, of at most \(range.upperBound) letters and digits, or "
        + "\(range.upperBound / 3) Chinese characters")
  }

  private static func names(_ kinds: [KindNumber]) -> String {
    kinds.compactMap { Catalogue.kind($0)?.name }.joined(separator: " | ")
  }
}

extension BodyField {
  /// What a value must be, as it stands behind "is not".
  var words: Words {
    switch name {
    case "birth_date":
      Words("真实且不在将来的日期，如 1950-01-13", "a real date that is not in the future, like 1950-01-13")
    case "phone":
      Words(
        "电话号码: 半角数字 0–9，至少 3 位，可有空格、-、()、开头的 + 和分机前的“转”",
        "a phone number: at least 3 digits 0–9, with blanks, -, (), or a + in front")
    case "name":
      Words(
        "看得见的姓名，最多 \(length.upperBound / 3) 个汉字",
        "a name that can be read, of at most \(length.upperBound) letters, or "
          + "\(length.upperBound / 3) Chinese characters")
    default: FieldType.text(bytes: length)
    }
  }
}

extension ClosedRange where Bound: BinaryInteger {
  /// `0–1000`, or `16` for a single value.
  fileprivate var words: String {
    lowerBound == upperBound ? "\(lowerBound)" : "\(lowerBound)–\(upperBound)"
  }
}
