import Community
import OpLog

/// An op as the naive model reads it: with the chain hash at its place, its fields by name.
package struct Fact {
  /// The op.
  package let op: Op
  /// The chain hash after it.
  package let hash: Digest
  /// The op's id.
  package var id: OpID { op.id }
  let namedOps: [OpID]
  /// What kind it is of; nil for an unknown one.
  package let kind: Kind?
  /// Nil for an op that cannot be read.
  package let payload: Payload?

  /// Reads an op.
  package init(_ op: Op, hash: Digest) {
    self.op = op
    self.hash = hash
    namedOps = op.namedOps
    kind = Catalogue.kind(op.kind)
    guard let kind, let payload = kind.schema.payload(of: op) else {
      payload = nil
      return
    }
    self.payload = payload
  }

  /// The op as if it named others.
  private init(_ fact: Fact, payload: Payload?) {
    (op, hash, namedOps, kind) = (fact.op, fact.hash, fact.namedOps, fact.kind)
    self.payload = payload
  }

  /// The op with others in the place of those that its payload names.
  func naming(_ other: (OpID) -> OpID) -> Fact { Fact(self, payload: payload?.naming(other)) }

  func integer(_ field: String) -> Int64? {
    key(of: field).flatMap { payload?.integer($0) }
  }

  func reference(_ field: String) -> OpID? {
    key(of: field).flatMap { payload?.reference($0) }
  }

  func records(_ field: String) -> [Payload] {
    key(of: field).flatMap { payload?.records($0) } ?? []
  }

  func references(_ field: String) -> [OpID] {
    key(of: field).flatMap { payload?.references($0) } ?? []
  }

  private func key(of field: String) -> Int? {
    kind?.schema.fields.firstIndex { $0.name == field }.map { $0 + 1 }
  }
}
