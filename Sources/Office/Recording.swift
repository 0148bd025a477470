import Community
import OpLog
import Store
import Wire

/// A wish to record something, in the words of the command line and of JSON.
package struct RecordRequest: Sendable {
  /// The kind's name, such as `award.grant`.
  package var kind: String
  /// Payload and body fields by name, as text; records as JSON.
  package var fields: [String: String]
  /// The id of the member of staff who records it.
  package var actor: String?
  /// The business date; nil takes today where the PC's date can be trusted.
  package var occurredOn: String?
  /// The request key; nil makes one.
  package var key: String?

  /// Makes a request.
  package init(
    kind: String, fields: [String: String], actor: String? = nil, occurredOn: String? = nil,
    key: String? = nil
  ) {
    self.kind = kind
    self.fields = fields
    self.actor = actor
    self.occurredOn = occurredOn
    self.key = key
  }
}

/// What staff are told when something is recorded.
package struct Acknowledgement: Sendable, Equatable {
  /// The request's key.
  package let key: String
  /// The op.
  package let op: OpID
  /// What became of it.
  package let verdict: Verdict
  /// Whether an earlier try had recorded it already.
  package let isRepeat: Bool
}

/// Recording at the counter.
extension OfficeCore {
  /// Records something, or says why not; durable when it returns.
  ///
  /// - Parameters:
  ///   - request: What to record.
  ///   - now: The PC's clock in ms since 1970-01-01 UTC; it never blocks work.
  ///   - random: Gives that many random bytes.
  /// - Returns: The op and what became of it.
  /// - Throws: ``OfficeError``; nothing is recorded then.
  package func record(
    _ request: RecordRequest, now: Int64, random: (Int) -> [UInt8]
  ) throws(OfficeError) -> Acknowledgement {
    let key = try requestKey(request.key, random)
    // Under which id an earlier request is recorded is open until the hub's log is here whole.
    if try stop == .rejoining { throw .stopped(.rejoining) }
    let made = try OfficeError.wrap { () throws(StoreError) in try store.madeBefore(key) }
    if let made { return try repeated(key, made, request) }
    guard key.replica == replica else { throw .badKey(key.description) }
    if let stop = try stop { throw .stopped(stop) }
    if let actor = request.actor.flatMap({ OpID($0) }), try needsPIN(actor) {
      throw .pin(.needed(actor))
    }
    let draft = try draft(request, now: now, random: random)
    let recorded = try OfficeError.wrap { () throws(StoreError) in
      try store.record(draft, key: key, stamp: now)
    }
    switch recorded {
    case .written(let op, let verdict):
      return Acknowledgement(
        key: key.description, op: op.id, verdict: verdict, isRepeat: false)
    case .before(let id): return try repeated(key, id, request)
    case .refused(let refusal): throw .refused(refusal)
    }
  }

  /// Answers a request whose key made an op before.
  ///
  /// - Throws: ``OfficeError/badKey(_:)`` when that op says something else than the request.
  private func repeated(
    _ key: RequestKey, _ id: OpID, _ request: RecordRequest
  ) throws(OfficeError) -> Acknowledgement {
    guard try isRepeat(request, of: id) else { throw .badKey(key.description) }
    let verdict = try OfficeError.wrap { () throws(StoreError) in try store.verdict(of: id) }
    return Acknowledgement(key: key.description, op: id, verdict: verdict, isRepeat: true)
  }

  private func requestKey(
    _ text: String?, _ random: (Int) -> [UInt8]
  ) throws(OfficeError) -> RequestKey {
    let key = text.map { RequestKey($0) } ?? RequestKey(replica: replica, randomBytes: random(12))
    guard let key else { throw .badKey(text ?? "") }
    return key
  }
}
