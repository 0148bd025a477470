import Community
import OpLog

/// What a person may take of an item that has a limit of its own.
extension NaiveModel {
  /// A line of a redemption.
  package struct TakenLine: Hashable {
    let redemption: OpID
    let line: Int64

    /// Names one.
    package init(_ redemption: OpID, _ line: Int64) {
      self.redemption = redemption
      self.line = line
    }
  }

  private struct Take {
    let line: TakenLine
    let day: BusinessDate
    let pieces: Int64
    let limit: Int64
    let months: Int
  }

  /// The lines with more than their limit: with them and what the person, whichever file the office found,
  /// took of the item in the same period by lower ids there are too many pieces.
  package func linesOverLimit() -> Set<TakenLine> {
    let files = people()
    struct Person: Hashable {
      let lowestFile: OpID
      let item: OpID
    }
    var takes: [Person: [Take]] = [:]
    for redemption in ops("redemption.record") {
      guard let sale = sale(redemption), let resident = redemption.reference("resident") else {
        continue
      }
      let pieces = keptPieces[redemption.op.id] ?? sale.lines.map { _ in 0 }
      for (index, line) in sale.lines.enumerated() {
        guard let (limit, months) = limit(of: line.item, for: redemption) else { continue }
        let person = Person(lowestFile: files[resident] ?? resident, item: line.item)
        takes[person, default: []].append(
          Take(
            line: TakenLine(redemption.op.id, Int64(index + 1)),
            day: redemption.op.occurredOn, pieces: pieces[index], limit: limit, months: months))
      }
    }
    var over: Set<TakenLine> = []
    for takes in takes.values {
      for take in takes where take.pieces > 0 {
        let before = takes.filter {
          isSamePeriod($0.day, take.day, of: take.months)
            && ($0.line.redemption, $0.line.line) <= (take.line.redemption, take.line.line)
        }
        if before.reduce(0, { $0 + $1.pieces }) > take.limit { over.insert(take.line) }
      }
    }
    return over
  }

  /// The pieces for each person in so many months, as the writer of a redemption knew it.
  private func limit(of item: OpID, for redemption: Fact) -> (pieces: Int64, months: Int)? {
    let named = redemption.references("terms").last { id in
      guard let change = ops[id], change.reference("item") == item, isEntitled(change),
        communities[id.replica] == communities[item.replica]
      else { return false }
      return change.references("replaces").allSatisfy {
        $0 == item || ops[$0]?.kind?.name == "item.reprice" && ops[$0]?.reference("item") == item
      }
    }.flatMap { ops[$0] }
    let defined = ops[item]
    let pieces = named?.integer("limit_per_person") ?? defined?.integer("limit_per_person") ?? 0
    let period = named?.integer("limit_period") ?? defined?.integer("limit_period") ?? 0
    return pieces == 0 ? nil : (pieces, [1, 3, 12][Int(period)])
  }

  private func isSamePeriod(_ one: BusinessDate, _ other: BusinessDate, of months: Int) -> Bool {
    let (first, second) = (one.civil, other.civil)
    return first.year == second.year
      && (Int(first.month) - 1) / months == (Int(second.month) - 1) / months
  }
}
