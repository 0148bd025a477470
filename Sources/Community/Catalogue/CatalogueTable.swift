import OpLog

/// The catalogue as the tables of `Protocol/ops.md`; a test keeps the two equal.
package enum CatalogueTable {
  /// One row per kind, then the fields of each kind, as Markdown.
  package static var markdown: String {
    var lines = [
      "The version of the catalogue is \(Catalogue.version).", "",
      "| number | kind | 中文 | merge | natural key | who may | offline | dated | when late | fold reads |",
      "|---|---|---|---|---|---|---|---|---|---|",
    ]
    lines += Catalogue.kinds.map(row)
    for kind in Catalogue.kinds {
      lines += ["", "### \(kind.number) `\(kind.name)` \(kind.words.chinese)", ""]
      lines += ["| key | field | type | required |", "|---|---|---|---|"]
      lines += fields(kind.schema.fields)
      guard !kind.body.isEmpty else { continue }
      let body = kind.body.map { field in
        let bytes = "\(field.length.lowerBound)–\(field.length.upperBound) bytes"
        return "`\(field.name)` (\(bytes)\(field.isRequired ? "" : ", optional"))"
      }
      lines += ["", "Body: \(body.joined(separator: ", "))."]
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// One row per table of the read model, as Markdown for `Protocol/state.md`.
  package static var tables: String {
    let rows = Tables.all.sorted { $0.number < $1.number }.map { table in
      let names = table.columns.map(\.name)
      let key = names[..<table.keyCount].joined(separator: ", ")
      let others = names[table.keyCount...].joined(separator: ", ")
      return "| \(table.number) | `\(table.name)` | \(table.layer) | \(key) | \(others) |"
    }
    let head = ["| no. | table | layer | key | other columns |", "|---|---|---|---|---|"]
    return (head + rows).joined(separator: "\n") + "\n"
  }

  private static func row(_ kind: Kind) -> String {
    let roles = kind.roles.map(\.name).joined(separator: ", ")
    let who = kind.isHubOnly ? "the hub" : kind.isByProgram ? "the office's program" : roles
    let cells = [
      String(kind.number), "`\(kind.name)`", kind.words.chinese, kind.merge.rawValue,
      kind.naturalKey.isEmpty ? "–" : kind.naturalKey, who, kind.isOffline ? "yes" : "no",
      kind.isDated ? "yes" : "no",
      kind.needsStanding ? "void" : "counts",
      kind.reads.isEmpty ? "–" : kind.reads.joined(separator: ", "),
    ]
    return "| " + cells.joined(separator: " | ") + " |"
  }

  private static func fields(_ fields: [Field], prefix: String = "") -> [String] {
    fields.enumerated().flatMap { index, field in
      let key = prefix + String(index + 1)
      let required = field.isRequired ? "yes" : "no"
      let row = "| \(key) | `\(field.name)` | \(describe(field.type)) | \(required) |"
      guard case .records(let inner, _) = field.type else { return [row] }
      return [row] + Self.fields(inner, prefix: key + ".")
    }
  }

  private static func describe(_ type: FieldType) -> String {
    switch type {
    case .integer(let range): "integer \(range.lowerBound)–\(range.upperBound)"
    case .text(let range): "text, \(range.lowerBound)–\(range.upperBound) bytes"
    case .bytes(let range) where range.count == 1: "\(range.lowerBound) bytes"
    case .bytes(let range): "\(range.lowerBound)–\(range.upperBound) bytes"
    case .flag: "true or false"
    case .choice(let names): "one of " + numbered(names)
    case .choices(let names): "set of " + numbered(names)
    case .date: "date"
    case .replica: "replica id"
    case .reference(let kinds) where kinds.isEmpty: "reference to any op"
    case .reference(let kinds): "reference to \(listed(kinds))"
    case .references(let kinds, let count):
      "\(count.lowerBound)–\(count.upperBound) references to \(listed(kinds)), ascending"
    case .records(_, let count): "\(count.lowerBound)–\(count.upperBound) records of"
    }
  }

  private static func numbered(_ names: [String]) -> String {
    names.enumerated().map { "`\($1)` (\($0))" }.joined(separator: ", ")
  }

  private static func listed(_ kinds: [KindNumber]) -> String {
    kinds.map { "`\(Catalogue.kind($0)?.name ?? "#\($0)")`" }.joined(separator: " or ")
  }
}
