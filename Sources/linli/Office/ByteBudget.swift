import Office

/// How much may go over the line in a day, as somebody typed it: `20` or `0.5`, in MB, or `off`.
struct ByteBudget {
  /// Bytes; nil for no end.
  let bytes: Int64?

  /// Reads the text; nil for one that is no budget, and for one that an office does not take.
  init?(_ text: String) {
    guard text != "off" else {
      bytes = nil
      return
    }
    let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    let isDigits = parts.allSatisfy { part in
      !part.isEmpty && part.utf8.allSatisfy { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
    }
    guard isDigits, parts[0].utf8.count <= 7, let whole = Int64(parts[0]) else { return nil }
    let digits = parts.count == 2 ? parts[1].prefix(6) : ""
    let fraction = Int64(digits + String(repeating: "0", count: 6 - digits.count)) ?? 0
    let bytes = whole * 1_000_000 + fraction
    guard OfficeCore.budgetBytes.contains(bytes) else { return nil }
    self.bytes = bytes
  }
}
