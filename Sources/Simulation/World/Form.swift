/// A kind of op that staff record in worlds of all kinds, and what of it is not left to chance.
struct Form: Sendable {
  let kind: String
  /// How likely it is among those of its family.
  let weight: Int
  /// Fields that staff fill in with sense; nil when there is nothing to do it with.
  let fill: @Sendable (World, OfficeNode) throws(Violation) -> [String: String]?

  /// A form whose fields are drawn by the schema, but for those that `fill` gives.
  init(
    _ kind: String, _ weight: Int,
    _ fill: @escaping @Sendable (World, OfficeNode) throws(Violation) -> [String: String]? = {
      (_, _) throws(Violation) in [:]
    }
  ) {
    self.kind = kind
    self.weight = weight
    self.fill = fill
  }
}
