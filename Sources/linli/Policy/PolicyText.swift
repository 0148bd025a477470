import Community
import Hub
import OpLog
import Wire

/// Rules as staff write and read them: `award.max_per_day=2`, `points.expiry=off`.
enum PolicyText {
  /// Reads changes, one `key=value` each.
  ///
  /// - Throws: A usage error that names the first word that is none, with all keys.
  static func changes(_ words: [String]) throws(CommandError) -> PolicyChanges {
    var changes: PolicyChanges = [:]
    for word in words {
      let pieces = word.split(separator: "=", maxSplits: 1).map(String.init)
      guard pieces.count == 2, let key = Policy.keys.first(where: { $0.name == pieces[0] }) else {
        throw unfit(word, Policy.keys.map(\.name).joined(separator: ", "))
      }
      guard changes[key.name] == nil else {
        throw .usage(Words("规则 \(key.name) 出现了两次", "rule \(key.name) is given twice"))
      }
      guard let value = FieldText.parse(pieces[1], as: key.type), key.type.fits(value),
        case .integer(let number) = value
      else {
        guard pieces[1] == "off" else {
          throw unfit(word, allowed(key))
        }
        // A switch has an `off` of its own; any other rule is then not there.
        changes.updateValue(nil, forKey: key.name)
        continue
      }
      changes.updateValue(number, forKey: key.name)
    }
    return changes
  }

  private static func unfit(_ word: String, _ allowed: String) -> CommandError {
    .usage(
      Words("规则不接受 \(word)", "\(word) is no rule with its value"),
      advice: Words("可用: \(allowed)", "allowed: \(allowed)"))
  }

  /// A value as it is written on the command line.
  static func text(_ value: Int64?, of key: PolicyKey) -> String {
    guard let value else { return "off" }
    guard case .choice(let names) = key.type, names.indices.contains(Int(value)) else {
      return String(value)
    }
    return names[Int(value)]
  }

  private static func allowed(_ key: PolicyKey) -> String {
    switch key.type {
    case .choice(let names): (names.filter { $0 != "off" } + ["off"]).joined(separator: ", ")
    case .integer(let range): "\(range.lowerBound)…\(range.upperBound), off"
    default: "off"
    }
  }
}
