import Community
import OpLog
import Pages
import Store
import Wire

/// Who and what an explanation names, from the bodies that are here.
///
/// A resident is named in full only where the question is about that person; elsewhere, on a shelf's
/// postings or an activity's sheet, the name is masked as on a public list.
struct ExplainedNames {
  let language: Language
  private let store: Store
  private let subject: OpID

  init(_ store: Store, _ language: Language, about subject: OpID) {
    self.store = store
    self.language = language
    self.subject = subject
  }

  /// What a record is: its kind and what it is called, such as `register a resident 王芳`.
  func title(of op: Op) throws(StoreError) -> String {
    guard let kind = Catalogue.kind(op.kind) else { return "#\(op.kind)" }
    let words = language(kind.words)
    return try name(of: op).map { "\(words) \($0)" } ?? words
  }

  /// An id with what it is called: `4097-1 王*芳`.
  func named(_ id: OpID) throws(StoreError) -> String {
    guard let op = try? store.op(id), let name = try name(of: op) else { return id.description }
    return "\(id) \(name)"
  }

  /// Who recorded an op: roles, id, and name; where nobody is named, the hub's administrator, or the
  /// program of an office.
  func recorder(of op: Op) throws(StoreError) -> String {
    guard let actor = op.actor else {
      return language(
        op.id.replica.isHub
          ? Words("街道管理员", "the street's administrator")
          : Words("站点程序(自动)", "the office's program"))
    }
    let mask = try store.row(Tables.staff, id: actor.packed)?[2].integer ?? 0
    let roles = Role.allCases.filter { $0.mask & mask != 0 }
    let entitled = roles.filter { Catalogue.kind(op.kind)?.roles.contains($0) ?? false }
    let words = (entitled.isEmpty ? roles : entitled).map { language($0.words) }
    let name = try? store.staffName(actor)
    return ([words.joined(separator: "/"), actor.description, name ?? ""])
      .filter { !$0.isEmpty }.joined(separator: " ")
  }

  /// What an op says of a field of the subject's file; nil while its body is not here, or for what is
  /// no field.
  func value(of field: String, by op: Op) throws(StoreError) -> String? {
    guard ResidentFile.registers.contains(field) else { return nil }
    return try ResidentFile.value(of: field, by: op, in: store)
  }

  private func name(of op: Op) throws(StoreError) -> String? {
    guard let kind = Catalogue.kind(op.kind) else { return nil }
    if kind.number == 16 {
      let names = try ResidentFile.values(of: op.id, field: "name", in: store)
      guard let name = names.compactMap(\.value).first(where: { !$0.isEmpty }) else { return nil }
      return op.id == subject ? name : Masking.name(name, age: try age(of: op.id))
    }
    guard let payload = kind.schema.payload(of: op),
      let index = kind.schema.fields.firstIndex(where: { ["title", "name"].contains($0.name) })
    else { return kind.number == 6 ? try? store.staffName(op.id) : nil }
    return payload.text(index + 1)
  }

  /// A resident's age in years; nil when no date of birth is here.
  private func age(of resident: OpID) throws(StoreError) -> Int? {
    let values = try ResidentFile.values(of: resident, field: "birth_date", in: store)
    guard let born = values.compactMap(\.value).first(where: { $0.count == 10 }),
      let year = Int(born.prefix(4))
    else { return nil }
    let today = BusinessDate(stamp: Machine.now()).description
    let hadBirthday = born.dropFirst(5) <= today.dropFirst(5)
    return (Int(today.prefix(4)) ?? year) - year - (hadBirthday ? 0 : 1)
  }
}

extension Fact {
  /// The value as people read it, with what an id is called.
  func text(_ names: ExplainedNames) throws(StoreError) -> String {
    switch value {
    case .number(let number): return String(number)
    case .date(let date): return date.description
    case .id(let id): return try names.named(id)
    case .text(let text):
      return CellWords.text(text, in: name, names.language)
    }
  }
}
