import OpLog

/// How many bytes one column of a segment takes, for whoever works on the format.
package struct SegmentPart: Equatable, Sendable {
  /// What the column is: a part of the envelope, or `payload`.
  package let name: String
  /// The kind whose payloads it belongs to; nil for the envelope.
  package let kind: KindNumber?
  /// The keys that lead to it in the payload; items of arrays add none.
  package let path: [UInt64]
  /// Its bytes, those of inner columns not among them.
  package let byteCount: Int
}

/// The items that stand at one place of the payloads of one kind, while ops are taken apart.
final class SegmentItemWriter {
  private var forms: [Int64] = []
  private var mask: UInt8 = 0
  private var integers: [Int64] = []
  private var strings = SegmentStrings()
  private var texts = SegmentStrings()
  private var references = SegmentReferences()
  private var lengths: [Int64] = []
  private var elements: SegmentItemWriter?
  private var flags: [Int64] = []
  private var keySets: [Segment.KeySet] = []
  private var keySetNumbers: [Segment.KeySet: Int64] = [:]
  private var keySetOf: [Int64] = []
  private var members: [UInt64: SegmentItemWriter] = [:]

  /// Takes the item apart at which `cbor` stands.
  func add(
    _ cbor: inout CBORReader, by writer: ReplicaID, _ itemCount: inout Int
  ) throws(CBORError) {
    itemCount += 1
    switch try cbor.peek() {
    case .unsigned, .negative:
      note(.integer)
      integers.append(try cbor.integer())
    case .bytes:
      note(.bytes)
      strings.append(try cbor.byteString(max: EnvelopeLimits.opBytesMax)[...])
    case .text:
      note(.text)
      texts.append(Array(try cbor.text(max: EnvelopeLimits.opBytesMax).utf8)[...])
    case .tag:
      note(.reference)
      references.append(try cbor.reference(), by: writer)
    case .array:
      note(.array)
      let count = try cbor.array(max: EnvelopeLimits.opBytesMax)
      lengths.append(Int64(count))
      let elements = elements ?? SegmentItemWriter()
      self.elements = elements
      for _ in 0..<count { try elements.add(&cbor, by: writer, &itemCount) }
    case .map:
      note(.map)
      let keys = try addMembers(&cbor, by: writer, &itemCount)
      let number = keySetNumbers[keys] ?? Int64(keySets.count)
      if number == Int64(keySets.count) {
        keySets.append(keys)
        keySetNumbers[keys] = number
      }
      keySetOf.append(number)
    case .simple:
      note(.flag)
      flags.append(try cbor.flag() ? 1 : 0)
    }
  }

  /// Takes the members of a map apart.
  ///
  /// - Returns: Its keys.
  func addMembers(
    _ cbor: inout CBORReader, by writer: ReplicaID, _ itemCount: inout Int
  ) throws(CBORError) -> Segment.KeySet {
    var keys = Segment.KeySet()
    var previous: UInt64?
    for _ in 0..<(try cbor.map(max: EnvelopeLimits.opBytesMax)) {
      let key = try cbor.key(after: &previous)
      keys.insert(key)
      let member = members[key] ?? SegmentItemWriter()
      members[key] = member
      try member.add(&cbor, by: writer, &itemCount)
    }
    return keys
  }

  private func note(_ form: Segment.Form) {
    forms.append(Int64(form.rawValue))
    mask |= 1 << form.rawValue
  }

  // MARK: Writing

  /// Writes the columns of all items.
  func write(to out: inout SegmentWriter, _ trace: inout SegmentTrace) {
    if forms.count == 1 { return writeSingle(to: &out, &trace) }
    let seen = Segment.Form.allCases.filter { mask & 1 << $0.rawValue != 0 }
    if seen.count > 1 {
      out.byte(Segment.Form.mixed.rawValue)
      out.byte(mask)
      out.integers(forms)
    } else {
      out.byte(seen[0].rawValue)
    }
    for form in seen { write(form, to: &out) }
    trace.end(out)
    writeInner(to: &out, &trace)
  }

  /// Writes the columns of the items of one form, without those inside them.
  private func write(_ form: Segment.Form, to out: inout SegmentWriter) {
    switch form {
    case .integer: out.integers(integers)
    case .bytes: strings.write(to: &out)
    case .text: texts.write(to: &out)
    case .reference: references.write(to: &out)
    case .array: out.integers(lengths)
    case .map:
      out.varint(keySets.count)
      for keys in keySets { out.keys(keys) }
      if keySets.count > 1 { out.integers(keySetOf) }
    case .flag: out.integers(flags)
    case .mixed: break
    }
  }

  /// Writes the only item.
  private func writeSingle(to out: inout SegmentWriter, _ trace: inout SegmentTrace) {
    switch Segment.Form(rawValue: UInt8(forms[0])) {
    case .integer: out.head(.integer, SegmentWriter.zigzag(integers[0]))
    case .bytes:
      out.head(.bytes, UInt64(strings.single.count))
      out.raw(strings.single)
    case .text:
      out.head(.text, UInt64(texts.single.count))
      out.raw(texts.single)
    case .reference:
      out.head(.reference, references.single.log)
      out.varint(references.single.seq)
    case .array: out.head(.array, UInt64(lengths[0]))
    case .map:
      let keys = keySets[0]
      out.head(.map, keys.high.isEmpty ? keys.low : keys.low | Segment.KeySet.more)
      out.otherKeys(keys)
    case .flag: out.head(.flag, UInt64(flags[0]))
    case .mixed, nil: break
    }
    trace.end(out)
    writeInner(to: &out, &trace)
  }

  /// Writes what stands in the arrays, then what stands in the maps.
  private func writeInner(to out: inout SegmentWriter, _ trace: inout SegmentTrace) {
    if let elements, !elements.forms.isEmpty { elements.write(to: &out, &trace) }
    writeMembers(to: &out, &trace)
  }

  /// Writes what stands in maps, by key.
  func writeMembers(to out: inout SegmentWriter, _ trace: inout SegmentTrace) {
    for (key, member) in members.sorted(by: { $0.key < $1.key }) {
      trace.path.append(key)
      member.write(to: &out, &trace)
      trace.path.removeLast()
    }
  }
}

/// Where in a segment its writer is, and what it wrote so far.
struct SegmentTrace {
  var name = ""
  var kind: KindNumber?
  var path: [UInt64] = []
  private(set) var parts: [SegmentPart] = []
  private var done = 0

  /// Ends a column.
  mutating func end(_ out: SegmentWriter) {
    parts.append(
      SegmentPart(name: name, kind: kind, path: path, byteCount: out.bytes.count - done))
    done = out.bytes.count
  }
}
