import OpLog

/// Values as people type them, `field=value` on a command line.
package enum FieldText {
  /// Reads a value.
  ///
  /// Dates are `2026-01-13`, ids `4097-345`; several choices or references stand with commas
  /// between them, in any order; records are a JSON array.
  ///
  /// - Parameters:
  ///   - text: What was typed behind the equals sign.
  ///   - type: What the field may hold.
  /// - Returns: The value, nil unless it fits the type.
  package static func parse(_ text: String, as type: FieldType) -> PayloadValue? {
    guard let value = shape(text, as: type), type.fits(value) else { return nil }
    return value
  }

  private static func shape(_ text: String, as type: FieldType) -> PayloadValue? {
    switch type {
    case .integer, .replica: return Int64(text).map(PayloadValue.integer)
    case .text: return .text(text)
    case .bytes: return Base64URL.decode(text).map(PayloadValue.bytes)
    case .flag: return ["false": 0, "true": 1][text].map(PayloadValue.integer)
    case .choice(let names): return names.firstIndex(of: text).map { .integer(Int64($0)) }
    case .choices(let names):
      let bits = parts(of: text).map { part in names.firstIndex { $0 == part } }
      let known = bits.compactMap(\.self)
      guard known.count == bits.count, Set(known).count == bits.count else { return nil }
      return .integer(known.reduce(0) { $0 | 1 << Int64($1) })
    case .date: return BusinessDate(text).map { .integer(Int64($0.day)) }
    case .reference: return OpID(text).map(PayloadValue.reference)
    case .references:
      let ids = parts(of: text).map { OpID($0) }
      let known = ids.compactMap(\.self)
      return known.count == ids.count ? .references(known.sorted()) : nil
    case .records: return records(text, as: type)
    }
  }

  private static func records(_ text: String, as type: FieldType) -> PayloadValue? {
    do throws(WireError) {
      var json = try JSONReader(Array(text.utf8), max: WireLimits.opBytesMax)
      let value = try FieldJSON.read(type, from: &json)
      try json.finish()
      return value
    } catch { return nil }
  }

  private static func parts(of text: String) -> [Substring] {
    text.isEmpty ? [] : text.split(separator: ",", omittingEmptySubsequences: false)
  }
}
