import OpLog
import Testing

/// Makes the id of an op from numbers that a test states.
func id(_ replica: UInt32, _ seq: UInt64) throws -> OpID {
  let writer = try #require(ReplicaID(rawValue: replica))
  return try #require(OpID(writer, seq))
}

/// A digest of 32 equal bytes.
func digest(_ byte: UInt8) throws -> Digest {
  try #require(Digest([UInt8](repeating: byte, count: 32)))
}

/// The canonical empty map, the smallest payload.
let emptyPayload: [UInt8] = [0xA0]

/// An op with every field of the envelope; its bytes stand in ``OpTests``.
func fullFields() throws -> OpFields {
  var payload = CBORWriter()
  payload.map(count: 3)
  payload.unsigned(1)
  payload.reference(try id(4097, 12))
  payload.unsigned(2)
  payload.reference(try id(4098, 300))
  payload.unsigned(3)
  payload.integer(3)
  var fields = OpFields(
    id: try id(4097, 345), stamp: 1_760_000_000_123, kind: 19,
    occurredOn: try #require(BusinessDate("2026-01-13")), payload: payload.bytes)
  fields.actor = try id(4096, 6)
  fields.policy = try id(4096, 9)
  fields.names = 0x0102_0304_0506_0708
  fields.body = try digest(0x11)
  fields.was = try digest(0x22)
  return fields
}

/// The smallest op: no optional field, an empty payload.
func smallFields() throws -> OpFields {
  OpFields(
    id: try id(4096, 1), stamp: 0, kind: 1, occurredOn: try #require(BusinessDate(day: 0)),
    payload: emptyPayload)
}
