/// Each module imports only what its row of the import table names.
enum ImportRule {
  static func findings(in file: SourceFile, rows: [String: ImportRow]) -> [Finding] {
    guard let module = file.module, let row = rows[module] else { return [] }
    return imports(in: file).compactMap { token in
      let name = token.text
      let isAllowed =
        if rows[name] == nil {
          row.system?.contains(name) ?? true
        } else {
          row.ours.contains(name)
        }
      return isAllowed
        ? nil : file.finding(at: token, "\(module) must not import \(name): see ImportTable.swift")
    }
  }

  /// Modules that were added without saying what they may import.
  static func findings(modules: [String], rows: [String: ImportRow]) -> [Finding] {
    modules.filter { rows[$0] == nil }.map {
      Finding(path: "Sources/\($0)", line: 1, message: "add a row to ImportTable.swift")
    }
  }

  /// The names of the imported modules, whatever attribute, access, or symbol the import has.
  private static func imports(in file: SourceFile) -> [Token] {
    file.code.indices.compactMap { index in
      guard file.code[index].text == "import", !file.code(at: index - 1, reads: ["."]),
        index + 1 < file.code.count
      else { return nil }
      let next = file.code[index + 1]
      guard symbolKinds.contains(next.text), index + 2 < file.code.count else { return next }
      return file.code[index + 2]
    }
  }

  private static let symbolKinds: Set<String> = [
    "struct", "class", "enum", "protocol", "typealias", "func", "let", "var",
  ]
}
