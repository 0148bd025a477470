import OpLog

/// How ops of a kind merge when offices made them apart.
package enum MergeClass: String, Sendable {
  /// A fact: always kept, each is its own entity.
  case fact = "F"
  /// Unique by a natural key: a repeat is a duplicate.
  case unique = "N"
  /// A register per field: an update names what it replaces; concurrent updates are a fork.
  case register = "R"
  /// A state machine: an illegal step is flagged and kept.
  case stateMachine = "S"
  /// Only the hub decides.
  case hub = "H"
}

/// A field of the detached body; bodies are JSON objects of strings.
package struct BodyField: Sendable, Equatable {
  /// The JSON name.
  package let name: String
  /// Bytes of UTF-8.
  package let length: ClosedRange<Int>
  /// Whether a body without it is refused.
  package let isRequired: Bool
}

/// One row of the op catalogue: all that the rest of the program knows about a kind.
///
/// A class, because every op carries its kind through its fold.
package final class Kind: Sendable {
  /// The number in the envelope; never reused.
  package let number: KindNumber
  /// The name in JSON and on the command line.
  package let name: String
  /// What staff call it.
  package let words: Words
  /// The payload's fields and limits.
  package let schema: PayloadSchema
  /// The fields of the detached body; empty for kinds without one.
  package let body: [BodyField]
  /// How ops of this kind merge.
  package let merge: MergeClass
  /// The natural key, in words; empty for kinds without one.
  package let naturalKey: String
  /// Who may record it; empty for kinds that only the hub or an office's program writes.
  package let roles: [Role]
  /// Whether an office's program writes it by itself, in nobody's name.
  package let isByProgram: Bool
  /// Whether an office may record it without the hub.
  package let isOffline: Bool
  /// Whether a business date after received_at + 1 day holds it back.
  package let isDated: Bool
  /// Whether a person stands with it for what others recorded: approvals, reversals, resolutions.
  package let isSigned: Bool
  /// Whether it is a decision that only one place may take: one behind the bound of its log is none.
  package let isDecision: Bool
  /// Which tables its fold reads beside its own.
  package let reads: [String]
  /// The fold; nil for receipts, which the log itself reads.
  package let fold: (any Fold.Type)?

  init(
    number: KindNumber, name: String, words: Words, schema: PayloadSchema, body: [BodyField],
    merge: MergeClass, naturalKey: String, roles: [Role], isByProgram: Bool, isOffline: Bool,
    isDated: Bool, isSigned: Bool, isDecision: Bool, reads: [String], fold: (any Fold.Type)?
  ) {
    self.number = number
    self.name = name
    self.words = words
    self.schema = schema
    self.body = body
    self.merge = merge
    self.naturalKey = naturalKey
    self.roles = roles
    self.isByProgram = isByProgram
    self.isOffline = isOffline
    self.isDated = isDated
    self.isSigned = isSigned
    self.isDecision = isDecision
    self.reads = reads
    self.fold = fold
  }

  /// Whether its receipt may change what it does: such ops are folded again when it comes.
  package var isOrdered: Bool { merge == .register || merge == .stateMachine }

  /// Whether an appointment that ended before the business date takes the right to it: that may be
  /// known only later, and then such ops are folded again.
  package var endsWithAppointment: Bool { isDated || isSigned }

  /// Whether it moves figures of a month, so that one of a closed month is posted in the next: what is
  /// about points and stock, and the reversals of awards.
  package var isPostedInMonth: Bool { isDated || fold is ReverseFold.Type }

  /// Whether it has no effect behind the bound of its log (``LogBounds``): decisions, what a person
  /// stands with for others, and what moves rights.
  ///
  /// Facts and the street's registers count whenever they turn up.
  package var needsStanding: Bool { isDecision || isSigned || isByProgram }

  /// Whether only the hub writes this kind.
  package var isHubOnly: Bool { roles.isEmpty && !isByProgram }
}

/// One admitted op on its way into the tables.
///
/// A class, because a dozen calls pass it on: one reference counts less than those inside.
package final class Entry: Sendable {
  /// The op.
  package let op: Op
  /// Its payload, read by the kind's schema.
  package let payload: Payload
  /// Its row of the catalogue.
  package let kind: Kind
  /// Whether it was never folded before; else its inputs changed (a receipt came).
  package let isFirst: Bool

  /// Makes an entry.
  package init(op: Op, payload: Payload, kind: Kind, isFirst: Bool) {
    self.op = op
    self.payload = payload
    self.kind = kind
    self.isFirst = isFirst
  }
}

/// Turns the ops of a kind into rows.
package protocol Fold: Sendable {
  /// Folds one op, or folds it again because its inputs changed.
  ///
  /// The result is a function of the set of ops alone: any order that has causes before effects
  /// gives the same rows.
  static func fold<S: FoldState>(_ entry: Entry, in state: S) throws(S.Failure)

  /// Why a counter may not record the op that was just folded; nil when it may.
  ///
  /// Asked with all that the office knows, inside the transaction that folded the op. What a fold can
  /// say of an op whoever brings it is a verdict, not a refusal.
  static func refusal<S: FoldState>(of entry: Entry, in state: S) throws(S.Failure) -> Refusal?
}

extension Entry {
  /// Folds the op by its kind, unless it stands behind its log's bound and needs standing.
  ///
  /// That a person's data was erased is no decision any more but a fact: it never comes back.
  package func fold<S: FoldState>(in state: S) throws(S.Failure) {
    if kind.needsStanding, try state.isLate(op.id), try !DecideFold.isErasure(self, in: state) {
      return try state.settle(op.id, Verdict(.void, [.late]), isFirst: isFirst)
    }
    try kind.fold?.fold(self, in: state)
  }
}

extension Fold {
  /// Most kinds may always be recorded.
  package static func refusal<S: FoldState>(
    of entry: Entry, in state: S
  ) throws(S.Failure) -> Refusal? { nil }
}
