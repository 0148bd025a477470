import Community
import Glibc
import OpLog
import Store

/// The words after a command's name, sorted into positionals and options.
struct Arguments: Sendable {
  /// What stands without `--`, in order.
  let positionals: [String]
  /// Where results and errors go.
  let console: Console
  private let values: [String: String]
  private let flags: Set<String>

  /// Sorts the words by what the command's usage allows; options may stand anywhere.
  ///
  /// - Throws: A usage error that names the first option that is unknown, doubled, or lacks a value.
  init(_ words: some Sequence<String>, usage: String) throws(CommandError) {
    let grammar = Grammar(usage: usage)
    var positionals: [String] = []
    var values: [String: String] = [:]
    var flags: Set<String> = []
    var pending = ArraySlice(Array(words))
    console = Console(for: pending)
    while let word = pending.popFirst() {
      guard word.hasPrefix("--") else {
        positionals.append(word)
        continue
      }
      let parts = word.dropFirst(2).split(
        separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let name = String(parts[0])
      // One that may have a value has it where the next word is none of its own kind.
      let isBare = grammar.open.contains(name) && pending.first?.hasPrefix("--") ?? true
      if grammar.flags.contains(name) || isBare, parts.count == 1 {
        flags.insert(name)
        continue
      }
      guard grammar.valued.contains(name) || grammar.open.contains(name) else {
        throw .unknownOption(word)
      }
      guard let value = parts.count == 2 ? String(parts[1]) : pending.popFirst() else {
        throw .usage(Words("选项 --\(name) 缺少值", "option --\(name) needs a value"))
      }
      guard values.updateValue(value, forKey: name) == nil else {
        throw .usage(Words("选项 --\(name) 出现了两次", "option --\(name) is given twice"))
      }
    }
    self.positionals = positionals
    self.values = values
    self.flags = flags
    if let text = values["lang"], Language(rawValue: text) == nil {
      throw .badValue(option: "lang", text, "zh | en")
    }
  }

  /// The value of an option; nil when it is not given.
  func option(_ name: String) -> String? { values[name] }

  /// The value of an option that must be given.
  func required(_ name: String) throws(CommandError) -> String {
    guard let value = values[name] else {
      throw .usage(Words("缺少选项 --\(name)", "option --\(name) is missing"))
    }
    return value
  }

  /// The words of an option that takes several, with commas of any input method between them.
  func list(_ name: String) -> [String] {
    (option(name) ?? "").split(whereSeparator: PersonName.separators.contains).map(String.init)
  }

  /// The two persons that an option names, in ascending order.
  ///
  /// - Throws: A usage error without it, and for fewer, more, or one person twice.
  func twoPersons(_ name: String) throws(CommandError) -> [OpID] {
    let text = try required(name)
    let ids = list(name).map { OpID($0) }
    let persons = Set(ids.compactMap { $0 })
    guard ids.count == 2, persons.count == 2 else {
      throw .notTwoApprovers(option: name, text)
    }
    return persons.sorted()
  }

  /// Whether an option without a value is given.
  func flag(_ name: String) -> Bool { flags.contains(name) }

  /// The number that an option gives; nil when it is not given.
  ///
  /// - Throws: A usage error for what is no number or outside of the range.
  func integer(
    _ name: String, in range: ClosedRange<Int> = 0...Int.max
  ) throws(CommandError) -> Int? {
    guard let text = values[name] else { return nil }
    guard let number = Int(text), range.contains(number) else {
      throw .badValue(option: name, text, "\(range.lowerBound)…\(range.upperBound)")
    }
    return number
  }

  /// The positional at a place; nil when there are fewer.
  func positional(_ index: Int) -> String? {
    index < positionals.count ? positionals[index] : nil
  }

  /// The op that a positional names by its id, `4097-12`.
  ///
  /// - Parameters:
  ///   - index: The place of the positional.
  ///   - what: What is named, such as 申请 and `the request`.
  ///   - list: The command that lists the ids.
  /// - Returns: The id; whether there is such an op is not looked at.
  /// - Throws: A usage error where nothing or no id stands there.
  func id(
    at index: Int = 0, of what: Words, listedBy list: String
  ) throws(CommandError) -> OpID {
    guard let id = positional(index).flatMap({ OpID($0) }) else {
      throw .usage(
        Words("请写明\(what.chinese)编号", "name \(what.english) by id"),
        advice: Words("\(list) 会列出编号", "\(list) lists the ids"))
    }
    return id
  }

  /// The date that an option gives; nil when it is not given.
  func date(_ name: String) throws(CommandError) -> BusinessDate? {
    guard let text = option(name) else { return nil }
    guard let date = BusinessDate(text) else {
      throw .badValue(option: name, text, example: "2026-01-13")
    }
    return date
  }

  /// The month that `--month` names, by its first day.
  func month() throws(CommandError) -> BusinessDate {
    let text = try required("month")
    guard let month = BusinessDate(month: text) else {
      throw .badValue(option: "month", text, example: "2026-01")
    }
    return month
  }

  /// The text of an option that must be one of some words, by its place among them.
  func choice(_ name: String, of words: [String]) throws(CommandError) -> Int64 {
    let text = try required(name)
    guard let index = words.firstIndex(of: text) else {
      throw .badValue(option: name, text, words.joined(separator: ", "))
    }
    return Int64(index)
  }

  /// Refuses more positionals than the command has a use for.
  func expect(atMost count: Int) throws(CommandError) {
    guard positionals.count > count else { return }
    let word = positionals[count]
    throw .usage(Words("多余的参数 \(word)", "surplus argument \(word)"))
  }

  /// The data folder: `--data`, else `LINLI_DATA`, else `./linli-data`.
  var dataFolder: String {
    values["data"] ?? environmentVariable("LINLI_DATA") ?? "./linli-data"
  }
}

/// A variable of the environment; nil when it is missing or empty.
func environmentVariable(_ name: String) -> String? {
  guard let value = getenv(name), value.pointee != 0 else { return nil }
  return String(cString: value)
}

extension CommandError {
  static func unknownOption(_ word: String) -> CommandError {
    .usage(Words("没有选项 \(word)", "there is no option \(word)"))
  }

  static func badValue(option name: String, _ text: String, _ allowed: String) -> CommandError {
    badValue(option: name, text, Words(allowed, allowed))
  }

  static func badValue(option name: String, _ text: String, _ allowed: Words) -> CommandError {
    unfit(
      option: name, text,
      advice: Words("可用: \(allowed.chinese)", "allowed: \(allowed.english)"))
  }

  /// A value that does not fit an option with more values than can be listed.
  static func badValue(
    option name: String, _ text: String, example: String
  ) -> CommandError {
    unfit(option: name, text, advice: Words("例如 \(example)", "for example \(example)"))
  }

  /// What is no id of a resident or of a household.
  static func badResident(option name: String, _ text: String) -> CommandError {
    unfit(
      option: name, text,
      advice: Words(
        "要写编号，例如 4097-2；linli show residents 姓名 可查编号",
        "it takes an id, for example 4097-2; linli show residents NAME finds it"))
  }

  /// What is no id of a member of staff.
  static func badStaff(option name: String, _ text: String) -> CommandError {
    unfit(
      option: name, text,
      advice: Words(
        "要写人员编号，例如 4096-4；linli show staff 可查编号",
        "it takes the id of a member of staff, for example 4096-4; linli show staff lists them"))
  }

  /// What does not name two persons.
  static func notTwoApprovers(option name: String, _ text: String) -> CommandError {
    unfit(
      option: name, text,
      advice: Words(
        "要写两个不同的人员编号，例如 4096-4,4096-5；linli show staff 可查编号",
        "it takes the ids of two different persons, for example 4096-4,4096-5; linli show staff lists "
          + "them"))
  }

  private static func unfit(
    option name: String, _ text: String, advice: Words
  ) -> CommandError {
    .usage(
      Words("选项 --\(name) 不接受 \(text)", "option --\(name) does not take \(text)"), advice: advice)
  }
}
