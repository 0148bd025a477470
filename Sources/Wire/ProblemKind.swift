/// What can be wrong with a request; the raw value is the stable end of the problem's type.
package enum ProblemKind: String, CaseIterable, Sendable {
  case malformedJSON = "malformed-json"
  case malformedOp = "malformed-op"
  case missingField = "missing-field"
  case wrongType = "wrong-type"
  case outOfRange = "out-of-range"
  case unknownField = "unknown-field"
  case unsupportedMediaType = "unsupported-media-type"
  /// A file is no bundle, or not as its maker wrote it.
  case malformedBundle = "malformed-bundle"
  case notFound = "not-found"
  case methodNotAllowed = "method-not-allowed"
  case tooLarge = "too-large"
  /// No token, or one that the hub never issued.
  case unauthorized = "unauthorized"
  case tokenRevoked = "token-revoked"
  /// The street retired the replica: its log is taken, and nothing is given to it any more.
  case retired = "retired"
  /// Somebody else's log or body.
  case forbidden = "forbidden"
  case sealMismatch = "seal-mismatch"
  /// The ops do not continue the log that the hub holds; the detail names its head.
  case chainBroken = "chain-broken"
  /// Ops between the log that the hub holds and the first one sent are not there.
  case gap = "gap"
  /// Another op stands at the same place of the log.
  case fork = "fork"
  /// The asker holds a hub head that this hub never had.
  case unknownProgress = "unknown-progress"
  /// The hub is in a later life than the asker knows.
  case newIncarnation = "new-incarnation"
  /// The hub was rebuilt, and nobody has closed its roll-call yet: it decides nothing.
  case rollCall = "roll-call"
  case codeInvalid = "code-invalid"
  case codeUsed = "code-used"
  case bodyMismatch = "body-mismatch"
  /// No op that the hub holds names this body.
  case bodyUnknown = "body-unknown"
  /// The person was erased; the body is refused for ever.
  case bodyErased = "body-erased"
  case busy = "busy"
  case storageFull = "storage-full"
  case `internal` = "internal"

  /// The `type` of the problem document.
  package var type: String { ProblemKind.typePrefix + rawValue }

  /// The HTTP status.
  package var status: Int {
    switch self {
    case .malformedJSON, .malformedOp, .missingField, .wrongType, .outOfRange, .unknownField,
      .malformedBundle:
      400
    case .unauthorized, .tokenRevoked: 401
    case .forbidden, .codeInvalid, .retired: 403
    case .notFound, .bodyUnknown: 404
    case .methodNotAllowed: 405
    case .chainBroken, .gap, .fork, .unknownProgress, .newIncarnation, .codeUsed: 409
    case .bodyErased: 410
    case .tooLarge: 413
    case .unsupportedMediaType: 415
    case .sealMismatch, .bodyMismatch: 422
    case .internal: 500
    case .busy, .rollCall: 503
    case .storageFull: 507
    }
  }

  /// Whether the same request may succeed later without anybody doing anything at the office.
  package var isWorthRetrying: Bool {
    switch self {
    case .busy, .rollCall, .storageFull, .internal: true
    default: false
    }
  }

  /// A short English sentence, the same for all problems of the kind.
  package var title: String {
    switch self {
    case .malformedJSON: "The message is not JSON as this protocol wants it."
    case .malformedOp: "The message holds something that is not an op."
    case .missingField: "A field is missing."
    case .wrongType: "A field has the wrong type."
    case .outOfRange: "A field has a value that it may not have."
    case .unknownField: "A field is not known."
    case .unsupportedMediaType: "This kind of content is not taken here."
    case .malformedBundle: "The file is no bundle, or it was damaged."
    case .notFound: "There is nothing at this address."
    case .methodNotAllowed: "This address does not take this method."
    case .tooLarge: "The message is too large."
    case .unauthorized: "The request has no token of an office that is enrolled here."
    case .tokenRevoked: "The office's token was revoked."
    case .retired: "The office was retired."
    case .forbidden: "The token does not give this right."
    case .sealMismatch: "The seal does not fit the log."
    case .chainBroken: "The ops do not continue the log."
    case .gap: "Ops are missing before those sent."
    case .fork: "Another op has the same id."
    case .unknownProgress: "The hub does not know this part of its own log."
    case .newIncarnation: "The hub has begun a new life."
    case .rollCall: "The hub is being rebuilt and decides nothing yet."
    case .codeInvalid: "The code is not valid."
    case .codeUsed: "The code was used already."
    case .bodyMismatch: "The body is not the one that its digest names."
    case .bodyUnknown: "No op names this body."
    case .bodyErased: "The body was erased."
    case .busy: "The hub is busy."
    case .storageFull: "The hub has no space left."
    case .internal: "The hub has failed."
    }
  }

  private static let typePrefix = "urn:linli:problem:"

  /// Reads the `type` of a problem document; nil for one of another version.
  package init?(type: String) {
    guard type.hasPrefix(ProblemKind.typePrefix) else { return nil }
    self.init(rawValue: String(type.dropFirst(ProblemKind.typePrefix.count)))
  }
}
