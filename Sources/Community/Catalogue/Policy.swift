import OpLog

/// A rule value that a community sets; `policy.set` carries the complete set, an absent key is off.
package struct PolicyKey: Sendable {
  /// The name in JSON, such as `standin.visit_limit`.
  package let name: String
  /// What it holds.
  package let type: FieldType
  /// The value that `hub invite` writes for a new community.
  package let initial: Int64
  /// What it means.
  package let meaning: Words

  /// The name as an SQL column.
  package var column: String { name.replacing(".", with: "_") }
}

extension String {
  fileprivate func replacing(_ old: Character, with new: Character) -> String {
    String(map { $0 == old ? new : $0 })
  }
}

/// One community's rules, as a `policy.set` op states them; prices and limits of the past never
/// change, because every op names the policy op that it was made under.
package struct Policy: Equatable, Sendable {
  /// How an award posts.
  package enum AwardPosting: Int64, Sendable {
    /// With the grant, as where coins are handed out.
    case onTheSpot
    /// With a second person's approval.
    case approved
  }

  /// Every key, in the order of the payload of `policy.set`, after its `community`.
  package static let keys: [PolicyKey] = [
    PolicyKey(
      name: "award.posting", type: .choice(["on_the_spot", "approved"]), initial: 0,
      meaning: Words("积分何时入账", "when an award posts")),
    PolicyKey(
      name: "standin.visit_limit", type: .integer(0...10_000), initial: 9,
      meaning: Words("代付每次上限", "points on trust per visit")),
    PolicyKey(
      name: "standin.person_limit", type: .integer(0...10_000), initial: 18,
      meaning: Words("代付每人未结上限", "uncovered points on trust per person")),
    PolicyKey(
      name: "standin.office_limit", type: .integer(0...1_000_000), initial: 200,
      meaning: Words("代付每站未结上限", "uncovered points on trust per office")),
    PolicyKey(
      name: "points.value_fen", type: .integer(1...100_000), initial: 100,
      meaning: Words("每分折合(分)", "value of a point in fen")),
  ]

  /// The values in the order of ``keys``; nil is off.
  package var values: [Int64?] { row[2...].map(\.integer) }

  /// How awards post; off means approved, the careful one.
  package var awardPosting: AwardPosting { row[2].integer.flatMap(AwardPosting.init) ?? .approved }
  /// Points on trust in one redemption.
  package var visitLimit: Int64 { row[3].integer ?? 0 }
  /// Uncovered points on trust of one person.
  package var personLimit: Int64 { row[4].integer ?? 0 }
  /// Uncovered points on trust of one office.
  package var officeLimit: Int64 { row[5].integer ?? 0 }

  /// Id, community, and the values.
  private let row: [Cell]

  /// The policy in a row of the table `policy`.
  package init(row: [Cell]) { self.row = row }
}
