import Community
import Wire

/// Which orders `--check-order` plays.
struct OrderRequest {
  /// One order for each.
  var seeds: ClosedRange<UInt64> = 1...1
  /// A fault that must be found.
  var fault: OrderFault?

  /// One order, the first.
  init() {}

  /// What a command line asks for; nil when it does not ask.
  init?(_ arguments: Arguments) throws(CommandError) {
    if let name = arguments.option("fault") {
      guard let fault = OrderFault(rawValue: name) else {
        let names = OrderFault.allCases.map(\.rawValue).joined(separator: " | ")
        throw .badValue(option: "fault", name, names)
      }
      self.fault = fault
    }
    let first = UInt64(try arguments.integer("seed", in: 1...1_000_000_000) ?? 1)
    guard let count = try arguments.integer("check-order", in: 1...1_000_000) else { return nil }
    seeds = first...first + UInt64(count) - 1
  }
}

/// Printing.
extension OrderCheck.Outcome {
  /// What is said to people.
  func lines(_ order: OrderRequest, opCount: Int, _ seconds: String) -> [Words] {
    let seeds = "\(order.seeds.lowerBound)–\(order.seeds.upperBound)"
    let states = digests.sorted { $0.value < $1.value }
    var lines = [
      Words(
        "\(opCount) 条记录，\(order.seeds.count) 种次序(种子 \(seeds))，共投递 \(delivered) 条，\(seconds) 秒",
        "\(opCount) ops in \(order.seeds.count) orders (seeds \(seeds)), \(delivered) ops delivered, \(seconds) s"
      )
    ]
    for state in states.prefix(3) {
      lines.append(
        Words(
          "状态摘要 \(state.key)，首见于种子 \(state.value)",
          "digest \(state.key), first by seed \(state.value)"))
    }
    lines.append(
      isOne
        ? Words("次序不影响结果", "order does not matter")
        : Words(
          "次序改变了结果: \(states.count) 种状态，\(tables.count) 种表",
          "ORDER MATTERS: \(states.count) states, \(tables.count) sets of tables"))
    return lines
  }

  /// The members of the JSON answer, but the time.
  func write(to json: inout JSONWriter, _ order: OrderRequest, opCount: Int) {
    for (name, value) in [
      ("orders", order.seeds.count), ("first_seed", Int(order.seeds.lowerBound)),
      ("ops", opCount), ("delivered", delivered), ("states", digests.count),
      ("table_states", tables.count),
    ] {
      json.key(name)
      json.integer(Int64(value))
    }
    json.key("digests")
    json.openArray()
    for state in digests.sorted(by: { $0.value < $1.value }).prefix(3) { json.digest(state.key) }
    json.closeArray()
  }
}
