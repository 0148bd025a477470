/// What no text file of the repository may hold, be it code, prose, or data.
enum TextRule {
  // Each is written in two parts, so that this file is not a finding itself.
  private static let markers = ["TO" + "DO", "FIX" + "ME", "XX" + "X"]
  private static let workplaces = ["/" + "work/", ".." + "/shared"]

  static func findings(path: String, text: String) -> [Finding] {
    let markers = markers.flatMap { marker in
      lines(of: text, holding: marker).map {
        Finding(path: path, line: $0, message: "`\(marker)`: do it now, or leave it unsaid")
      }
    }
    let workplaces = workplaces.flatMap { workplace in
      lines(of: text, holding: workplace).map {
        Finding(path: path, line: $0, message: "`\(workplace)` exists only where it was written")
      }
    }
    return markers + workplaces
  }

  /// The lines that hold a needle which is not part of a longer word or path.
  private static func lines(of text: String, holding needle: String) -> [Int] {
    guard text.contains(needle) else { return [] }
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    return lines.indices.filter { index in
      lines[index].ranges(of: needle).contains { range in
        let before = lines[index][..<range.lowerBound].last
        let after = lines[index][range.upperBound...].first
        return !isWordLike(before) && (needle.hasSuffix("/") || !isWordLike(after))
      }
    }.map { $0 + 1 }
  }

  private static func isWordLike(_ character: Character?) -> Bool {
    character.map { $0.isLetter || $0.isNumber || $0 == "." || $0 == "_" } ?? false
  }
}
