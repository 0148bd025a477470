import Community
import OpLog

/// A history of a small street, told in the words of staff, and what must come of it.
///
/// `Protocol/scenarios.md` is the format of the files; `Fixtures/scenarios` holds them.
package struct Scenario: Sendable {
  /// A community and the rules in which it differs from the initial ones.
  package struct Community: Sendable {
    /// What the scenario calls it.
    package var name: String
    /// Policy keys and values, as the command line takes them.
    package var policy: [(key: String, value: String)] = []
  }

  /// An office of a community.
  package struct Office: Sendable {
    /// What the scenario calls it.
    package var name: String
    /// The community's name.
    package var community: String
  }

  /// A member of staff of a community.
  package struct Person: Sendable {
    /// What the scenario calls them.
    package var name: String
    /// The community's name.
    package var community: String
    /// What they may do.
    package var roles: [Role]
  }

  /// Something that is recorded at an office or at the hub.
  package struct Record: Sendable {
    /// The office's name, or ``Scenario/hub``.
    package var place: String
    /// The kind's name.
    package var kind: String
    /// Who records it; nil for the first member of staff of the office's community.
    package var actor: String?
    /// The business date; nil for ``Scenario/today``.
    package var date: String?
    /// Payload and body fields as the command line takes them, with `$name` and `@office` in them.
    package var fields: [(name: String, value: String)] = []
    /// What later steps call the op.
    package var name: String?
    /// The code with which the counter must refuse it; nil when it must be recorded.
    package var refusal: String?
    /// Whether a program writes it that asks nothing before it records: an older one.
    package var isUnasked = false

    /// Makes one.
    package init(
      place: String, kind: String, fields: [(name: String, value: String)] = []
    ) {
      self.place = place
      self.kind = kind
      self.fields = fields
    }
  }

  /// One step of the history.
  package enum Step: Sendable {
    /// Something is recorded.
    case record(Record)
    /// The request of an op is sent again with its key; the same op must be the answer.
    case again(name: String)
    /// Offices sync, one after another; with a code, each is refused with it, and stops.
    case sync([String], refusal: String?)
    /// Somebody copies offices' databases; each copy is an office of its own from then on.
    case copy([(copy: String, of: String)])
    /// An office whose database was copied goes on under a new id.
    case rejoin(String)
    /// Offices' clocks are off by so many ms from now on.
    case clocks([(office: String, offset: Int64)])
    /// Something must hold now.
    case check(Expectation)
  }

  /// The name of the place that no office has.
  package static let hub = "hub"

  /// When scenarios begin by the hub's clock, in ms since 1970-01-01 UTC: 2026-01-13 09:00 in China.
  package static let start: Int64 = 1_768_266_000_000

  /// The business date of records that give none.
  package static let today = "2026-01-13"

  /// The name, that of its file without `.json`.
  package var name = ""
  /// Which cases of `COVERAGE.md` it plays.
  package var cases: [String] = []
  /// What happens, for readers.
  package var title = Words("", "")
  /// The communities, in the order of the file.
  package var communities: [Community] = []
  /// The offices, in the order in which they are enrolled.
  package var offices: [Office] = []
  /// The staff.
  package var staff: [Person] = []
  /// What happens.
  package var steps: [Step] = []
  /// What must hold everywhere at the end.
  package var expectation = Expectation()
  /// What staff read for each reason on the desk.
  package var words: [String: Words] = [:]
}

/// What must hold at some replicas.
package struct Expectation: Sendable {
  /// Cells that a row must have; no columns at all mean that there must be no such row.
  package struct Row: Sendable {
    /// The table.
    package var table = ""
    /// The key, with `$name` and `@office` in it.
    package var key: [String] = []
    /// The columns that matter, nil for NULL.
    package var columns: [(name: String, value: String?)]?
  }

  /// How many rows of the scenario have some cells.
  package struct Count: Sendable {
    /// The table.
    package var table = ""
    /// The columns that matter.
    package var columns: [(name: String, value: String?)] = []
    /// How many there must be.
    package var number = 0

    /// Makes one.
    package init(
      table: String = "", columns: [(name: String, value: String?)] = [], number: Int = 0
    ) {
      self.table = table
      self.columns = columns
      self.number = number
    }
  }

  /// An entry of the desk.
  package struct Entry: Sendable {
    /// The reason's code.
    package var reason = ""
    /// The op or entity.
    package var subject = ""
    /// More about it.
    package var detail = "0"

    /// Makes one.
    package init(reason: String = "", subject: String = "") {
      self.reason = reason
      self.subject = subject
    }
  }

  /// The places where it must hold; empty for all of them.
  package var places: [String] = []
  /// Rows.
  package var rows: [Row] = []
  /// Numbers of rows.
  package var counts: [Count] = []
  /// The outcomes of ops by their names.
  package var outcomes: [(name: String, outcome: String)] = []
  /// All that is on the desk about this scenario; nil when it does not matter.
  package var desk: [Entry]?
  /// The files, each with another one, that are surely one person's; nil when it does not matter.
  package var doubles: [(file: String, of: String)]?

  /// Makes one that nothing breaks.
  package init() {}
}
