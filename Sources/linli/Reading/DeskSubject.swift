import Community
import OpLog
import Pages
import Store

/// What an entry of the desk is about, in words: who, what, how many points.
struct DeskSubject {
  private let store: Store
  private let language: Language
  /// Ops that lost their ids: what is told is one of them, and names them where others bear the ids.
  private let branch: [OpID: Op]

  init(_ store: Store, _ language: Language, in branch: [OpID: Op] = [:]) {
    self.store = store
    self.language = language
    self.branch = branch
  }

  /// A line about an op, resident, or item: `王芳`, or `grant an award: 扫雪, 王芳, points 3`.
  func about(_ id: OpID) throws(StoreError) -> String {
    let op = try op(id)
    guard let kind = Catalogue.kind(op.kind) else { return "#\(op.kind)" }
    let name = try self.name(of: op, kind)
    switch kind.name {
    case "resident.register" where branch[id] == nil:
      return (name ?? language(kind.words)) + (try debt(of: id))
    case "item.define": return name ?? language(kind.words)
    default: break
    }
    var parts = try details(of: op, kind)
    if parts.isEmpty, let name { parts = [name] }
    parts.append(op.occurredOn.description)
    if let actor = op.actor, let who = try staffName(actor) {
      parts.append(language(Words("经办 \(who)", "by \(who)")))
    }
    return "\(language(kind.words)): \(parts.joined(separator: ", "))"
  }

  /// What a resident's account is below zero by; empty where it is not.
  private func debt(of resident: OpID) throws(StoreError) -> String {
    let balance = try store.row(Tables.account, id: resident.packed)?[1].integer ?? 0
    guard balance < 0 else { return "" }
    return language(Words(", 余额 \(balance)", ", balance \(balance)"))
  }

  /// What an op names and how many points or goods it is about.
  private func details(of op: Op, _ kind: Kind) throws(StoreError) -> [String] {
    guard let payload = kind.schema.payload(of: op) else { return [] }
    return try details(of: payload, kind.schema.fields)
  }

  private func details(of payload: Payload, _ fields: [Field]) throws(StoreError) -> [String] {
    var parts: [String] = []
    for (field, value) in zip(fields, payload.values) {
      switch value {
      case .reference(let id): parts.append(try name(of: id) ?? id.description)
      case .text(let text): parts.append(text)
      case .integer(let number):
        if let word = Self.counted[field.name] { parts.append("\(language(word)) \(number)") }
      case .records(let records):
        guard case .records(let inner, _) = field.type else { continue }
        for record in records {
          let record = Payload(values: record)
          var words = head(in: record, inner) ?? ""
          if words.isEmpty { words = try details(of: record, inner).joined(separator: " ") }
          if !words.isEmpty { parts.append(words) }
        }
      default: continue
      }
    }
    return parts
  }

  /// The place in a log that a record names, as `4096-17`; nil for a record of another form.
  private func head(in record: Payload, _ fields: [Field]) -> String? {
    guard let replica = fields.firstIndex(where: { $0.name == "replica" }),
      let seq = fields.firstIndex(where: { $0.name == "seq" }),
      let number = record.integer(replica + 1), let place = record.integer(seq + 1)
    else { return nil }
    return "\(number)-\(place)"
  }

  /// The numbers that are worth telling.
  private static let counted = [
    "points": Words("积分", "points"), "quantity": Words("数量", "quantity"),
  ]

  /// What people call a resident, activity, item, or member of staff; nil when it is not here.
  func name(of id: OpID) throws(StoreError) -> String? {
    guard let op = try? op(id), let kind = Catalogue.kind(op.kind) else { return nil }
    return try name(of: op, kind)
  }

  private func name(of op: Op, _ kind: Kind) throws(StoreError) -> String? {
    if kind.name == "resident.register", branch[op.id] == nil {
      let values = try ResidentFile.values(of: op.id, field: "name", in: store)
      let names = values.compactMap(\.value).filter { !$0.isEmpty }
      return names.isEmpty ? nil : names.joined(separator: " | ")
    }
    if kind.name == "replica.enroll" {
      guard let payload = kind.schema.payload(of: op),
        let number = payload.integer(1), let label = payload.text(3)
      else { return nil }
      return "\(number) \(label)"
    }
    if kind.body.contains(where: { $0.name == "name" }) {
      return try ResidentFile.value(of: "name", by: op, in: store)
    }
    guard let payload = kind.schema.payload(of: op),
      let index = kind.schema.fields.firstIndex(where: { ["title", "name"].contains($0.name) })
    else { return nil }
    return payload.text(index + 1)
  }

  private func staffName(_ id: OpID) throws(StoreError) -> String? {
    guard let op = try? op(id) else { return nil }
    return try ResidentFile.value(of: "name", by: op, in: store)
  }

  /// The op that is meant by an id.
  func op(_ id: OpID) throws(StoreError) -> Op {
    if let op = branch[id] { return op }
    return try store.op(id)
  }
}
