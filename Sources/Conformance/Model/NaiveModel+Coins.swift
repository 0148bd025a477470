import Community
import OpLog

/// Coins with a number.
extension NaiveModel {
  private struct Coin: Hashable {
    let denomination: Int64
    let serial: Int64
  }

  private struct Move {
    let day: BusinessDate
    let id: OpID
    let isOut: Bool
  }

  /// What the coins are worth that an op brought and that are kept for a look: of each number the moves
  /// are followed day by day, one coin being out or not.
  func keptCoins() -> [OpID: Int64] {
    var worth: [OpID: [Int64: Int64]] = [:]
    for (coin, moves) in numberedMoves() {
      let days = Set(moves.map(\.day)).sorted()
      // What comes back on the first day may have been handed out without its number.
      var isOut = !moves.contains { $0.day == days.first && $0.isOut }
      for day in days {
        let today = moves.filter { $0.day == day }
        var times = today.count(where: \.isOut) + (isOut ? 1 : 0)
        for move in today.filter({ !$0.isOut }).sorted(by: { $0.id < $1.id }) {
          if times > 0 {
            times -= 1
          } else {
            worth[move.id, default: [:]][coin.denomination, default: 0] += coin.denomination
          }
        }
        isOut = times > 0
      }
    }
    return worth.reduce(into: [:]) { kept, entry in
      // More numbers than coins of a sort are a slip of the pen.
      for (denomination, points) in entry.value {
        let coins = (ops[entry.key]?.records("coins") ?? [])
          .filter { $0.integer(1) == denomination }.reduce(0) { $0 + ($1.integer(2) ?? 0) }
        kept[entry.key, default: 0] += min(points, denomination * coins)
      }
    }
  }

  private func numberedMoves() -> [Coin: [Move]] {
    var moves: [Coin: [Move]] = [:]
    func note(_ fact: Fact, isOut: Bool) {
      let coins = Set(
        fact.records("serials").map {
          Coin(denomination: $0.integer(1) ?? 0, serial: $0.integer(2) ?? 0)
        })
      for coin in coins {
        moves[coin, default: []].append(
          Move(day: fact.op.occurredOn, id: fact.op.id, isOut: isOut))
      }
    }
    for issue in ops("coin.issue") where !isInFuture(issue.op) {
      guard let resident = issue.reference("resident"), exists(resident, "resident.register"),
        issue.references("awards").allSatisfy({ ops[$0]?.reference("resident") == resident })
      else { continue }
      note(issue, isOut: true)
    }
    for collect in ops("coin.collect") where !isInFuture(collect.op) {
      let redemption = collect.reference("redemption").flatMap { ops[$0] }
      if let redemption, sale(redemption) == nil { continue }
      let resident = collect.reference("resident")
      if redemption == nil, let resident, !exists(resident, "resident.register") { continue }
      note(collect, isOut: false)
    }
    for redemption in ops("redemption.record") where !isInFuture(redemption.op) {
      guard sale(redemption) != nil, voids(of: redemption).isEmpty else { continue }
      note(redemption, isOut: false)
    }
    return moves
  }
}
