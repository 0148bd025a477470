import OpLog

extension Catalogue {
  /// Residents' files, households, volunteers, and consent.
  static let people: [Kind] = [
    row(
      16, "resident.register", "居民建档", "register a resident", RegisterFold.schema, .fact,
      by: [.clerk, .grid], body: UpdateFold.fields, reads: [Tables.replica, Tables.staff],
      fold: RegisterFold.self),
    row(
      17, "resident.update", "信息变更", "change a resident's file", UpdateFold.schema, .register,
      by: [.clerk, .grid], body: UpdateFold.fields,
      reads: [Tables.resident, Tables.replica, Tables.staff], fold: UpdateFold.self),
  ]
}
