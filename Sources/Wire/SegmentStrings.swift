/// Byte strings and texts, in columns: one behind the other, or a dictionary.
struct SegmentStrings {
  private var contents: [ArraySlice<UInt8>] = []
  /// Which of the contents each string is; empty where each has its own.
  private var indices: [Int] = []
  private var next = 0

  private enum Mode {
    static let plain: UInt8 = 0
    static let dictionary: UInt8 = 1
  }

  // MARK: Writing

  init() {}

  mutating func append(_ bytes: ArraySlice<UInt8>) { contents.append(bytes) }

  /// The only string.
  var single: ArraySlice<UInt8> { contents[0] }

  func write(to writer: inout SegmentWriter) {
    guard contents.count > 1 else { return Self.plain(contents, to: &writer) }
    let plainCount = contents.reduce(0) { $0 + $1.count }
    var plain = SegmentWriter()
    plain.byte(Mode.plain)
    Self.plain(contents, to: &plain)
    let entries = Set(contents).sorted { $0.lexicographicallyPrecedes($1) }
    guard plainCount > 0, entries.count < contents.count else { return writer.raw(plain.bytes) }
    let places = Dictionary(uniqueKeysWithValues: entries.enumerated().map { ($1, Int64($0)) })
    var dictionary = SegmentWriter()
    dictionary.byte(Mode.dictionary)
    dictionary.varint(entries.count)
    Self.plain(entries, to: &dictionary)
    if entries.count > 1 { dictionary.integers(contents.map { places[$0] ?? 0 }) }
    writer.raw(dictionary.bytes.count < plain.bytes.count ? dictionary.bytes : plain.bytes)
  }

  private static func plain(_ strings: [ArraySlice<UInt8>], to writer: inout SegmentWriter) {
    guard strings.count > 1 else {
      guard let string = strings.first else { return }
      writer.varint(string.count)
      return writer.raw(string)
    }
    writer.integers(strings.map { Int64($0.count) })
    for string in strings { writer.raw(string) }
  }

  // MARK: Reading

  /// Takes over the only string of a column.
  init(_ string: ArraySlice<UInt8>) { contents = [string] }

  init(_ count: Int, from reader: inout SegmentReader) throws(SegmentError) {
    guard count > 1 else {
      contents = try Self.plain(count, from: &reader)
      return
    }
    switch try reader.byte() {
    case Mode.plain: contents = try Self.plain(count, from: &reader)
    case Mode.dictionary:
      contents = try Self.plain(try reader.count(1...count), from: &reader)
      for (string, next) in zip(contents, contents.dropFirst()) {
        guard string.lexicographicallyPrecedes(next) else { throw .notCanonical }
      }
      guard contents.count > 1 else {
        indices = Array(repeating: 0, count: count)
        return
      }
      indices = try reader.indices(count, below: contents.count)
      guard Set(indices).count == contents.count else { throw .notCanonical }
    default: throw .outOfRange
    }
  }

  private static func plain(
    _ count: Int, from reader: inout SegmentReader
  ) throws(SegmentError) -> [ArraySlice<UInt8>] {
    guard count > 1 else {
      guard count == 1 else { return [] }
      return [try reader.raw(try reader.count(0...reader.left))]
    }
    return try reader.integers(count).map { (length) throws(SegmentError) in
      guard length >= 0, length <= Int64(reader.left) else { throw .truncated }
      return try reader.raw(Int(length))
    }
  }

  /// The next string.
  mutating func take() -> ArraySlice<UInt8> {
    defer { next += 1 }
    return contents[indices.isEmpty ? next : indices[next]]
  }
}
