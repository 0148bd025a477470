import Community
import Office
import OpLog
import Store
import Wire

/// Shows the rules of a community.
enum PolicyShowCommand: Command {
  static let name = "policy show"
  static let summary = Words("社区规则", "the rules of a community")
  static let usage = "linli policy show [--community NAME]"
  static let example = "linli policy show --data office"

  static func run(_ arguments: Arguments) async throws(CommandError) -> Int32 {
    try arguments.expect(atMost: 0)
    let store = try DataFolder(arguments).openStore()
    let community = try store.communityNamed(by: arguments)
    let values = try CommandError.wrap { () throws(StoreError) in
      try store.policyValues(of: community)
    }
    guard let values else { throw CommandError(OfficeError.notReady) }
    let rules = zip(Policy.keys, values).map { ($0, PolicyText.text($1, of: $0)) }
    let console = arguments.console
    guard console.isJSON else {
      console.table(
        [Words("规则", "rule"), Words("值", "value"), Words("含义", "meaning")],
        rules.map { key, text in [key.name, text, console.language(key.meaning)] })
      return ExitCode.ok
    }
    console.json { json in
      json.member("community", community)
      json.member("policy") { json in
        for (key, text) in rules {
          json.key(key.name)
          json.text(text)
        }
      }
    }
    return ExitCode.ok
  }
}

extension Store {
  /// The community that `--community` names; an office's own where the option is missing.
  func communityNamed(by arguments: Arguments) throws(CommandError) -> OpID {
    guard let name = arguments.option("community") else {
      let own = try CommandError.wrap { () throws(StoreError) in try number(.community) }
      if let own = own.flatMap(OpID.init(packed:)) { return own }
      _ = try arguments.required("community")
      throw CommandError(StoreError.notInitialised)
    }
    let known = try CommandError.wrap { () throws(StoreError) in try community(named: name) }
    guard let known else {
      throw .refused(
        "unknown-community", Words("没有社区 \(name)", "there is no community \(name)"),
        advice: Words("核对名称", "check the name"))
    }
    return known
  }
}
