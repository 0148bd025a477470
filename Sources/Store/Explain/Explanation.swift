import Community
import OpLog

/// Why an entity is as it is: every value with the ops behind it.
///
/// Made of rows, of the log, and of what folds said of ops, and of nothing else; words come later.
package struct Explanation: Sendable {
  /// The op that made the entity, or the op that is asked about.
  package let op: OpTrace
  /// What can be told about it, each under a name.
  package let aspects: [Aspect]

  /// Every role that ``OpTrace/role`` can be, so that each can have words.
  package static let roles = RowReading.roles.union(["record", "replaced", "named_by"])

  /// The names that ``narrowed(to:)`` takes, in order, each once.
  package var fields: [String] {
    var seen: Set<String> = []
    return aspects.flatMap { aspect in
      [aspect.name] + aspect.facts.map(\.name) + aspect.parts.flatMap { $0.facts.map(\.name) }
    }.filter { seen.insert($0).inserted }
  }

  /// The aspects of this name, else what the others say of a value of this name; nil for neither.
  package func narrowed(to field: String) -> Explanation? {
    var found = aspects.filter { $0.name == field }
    if found.isEmpty { found = aspects.compactMap { $0.narrowed(to: field) } }
    return found.isEmpty ? nil : Explanation(op: op, aspects: found)
  }
}

/// One side of an entity: a field of a file, an account, or its rows in a table.
package struct Aspect: Sendable {
  /// The field's, else the table's name.
  package let name: String
  /// What it comes to.
  package var facts: [Fact] = []
  /// How it was decided, where several ops could have.
  package var rule: ExplainRule?
  /// What it comes from.
  package var parts: [ExplainedPart] = []

  fileprivate func narrowed(to field: String) -> Aspect? {
    var aspect = self
    aspect.facts.removeAll { $0.name != field }
    if !aspect.facts.isEmpty {
      for index in parts.indices { aspect.parts[index].facts.removeAll { $0.name != field } }
      return aspect
    }
    aspect.parts = parts.compactMap { part in
      guard part.facts.contains(where: { $0.name == field }) else { return nil }
      var part = part
      part.facts.removeAll { $0.name != field }
      return part
    }
    return aspect.parts.isEmpty ? nil : aspect
  }
}

/// One row, posting, or record behind a value.
package struct ExplainedPart: Sendable {
  /// The table of the row; nil for a record of a field.
  package let table: String?
  /// What the row says, or adds to the sums of an account.
  package var facts: [Fact]
  /// The ops that made it, those that count first.
  package let ops: [OpTrace]
}

/// A named value.
package struct Fact: Equatable, Sendable {
  /// The column's name.
  package let name: String
  /// The value.
  package let value: FactValue

  /// Makes a fact.
  package init(_ name: String, _ value: FactValue) {
    self.name = name
    self.value = value
  }
}

/// A value as people read it, before it has words.
package enum FactValue: Equatable, Sendable {
  case number(Int64)
  case date(BusinessDate)
  case id(OpID)
  case text(String)
}

/// How one of several ops came to count.
package enum ExplainRule: String, Sendable, CaseIterable {
  /// Nobody recorded another value.
  case onlyValue = "only-value"
  /// Each later value named the one that it replaced.
  case replaced = "replaced"
  /// Neither named the other: the one with the later time is shown.
  case laterTime = "later-time"
  /// The same at one time: the larger id is shown.
  case largerID = "larger-id"
  /// The organiser's record counts.
  case organiser = "organiser"
  /// None is the organiser's: the lower value counts.
  case lowerValue = "lower-value"
  /// Equal values: the lower id counts.
  case lowerID = "lower-id"
  /// Of the freezes that the street granted and nobody ended the last day holds.
  case lastFreeze = "last-freeze"
  /// Of the departures that nobody took back the earliest day holds.
  case firstDeparture = "first-departure"
  /// Files of one person go by the one with the lowest id.
  case lowestFile = "lowest-file"
}

/// One op: who recorded it, how it travelled, and what became of it.
package struct OpTrace: Sendable {
  /// The op.
  package let op: Op
  /// What it is to the value: a column's name, or `record`.
  package let role: String
  /// What the fold said of it.
  package let verdict: Verdict
  /// What stands on the desk about it, or did.
  package let entries: [TracedEntry]
  /// What its writer's replica is called; nil for a hub.
  package let office: String?
  /// The hub's receipt, and its time in ms since 1970-01-01 UTC; nil before it.
  package let receipt: (id: OpID, receivedAt: Int64)?
  /// The first day of the month that it counts in, where that is not the month of its date.
  package let postedMonth: BusinessDate?
  /// Why it counts less than the one that does.
  package var rule: ExplainRule?
  /// The op that replaced its value.
  package var replacedBy: OpID?

  /// The time that the tie rule of forks compares: the earlier of clock and receipt.
  package var comparedTime: Int64 { min(op.stamp, receipt?.receivedAt ?? .max) }
}

/// An entry of the desk about an op.
package struct TracedEntry: Equatable, Sendable {
  /// Why it is, or was, on the desk.
  package let reason: DeskReason
  /// The op that took it off, and how.
  package let resolution: TracedResolution?
}

/// How an entry of the desk ended.
package struct TracedResolution: Equatable, Sendable {
  /// The op.
  package let op: OpID
  /// The outcome's name.
  package let outcome: String
}
