import Community
import Peer
import Store
import Wire

/// Why an office could not do what a program asked of it.
///
/// Open: later versions may have other codes, so a `switch` over ``code`` needs a default.
public struct OfficeFailure: Error, Hashable, Sendable {
  /// What to decide by.
  public struct Code: Hashable, Sendable, CustomStringConvertible {
    /// The code's name, such as `refused`; stable.
    public let description: String

    /// No office is enrolled in the folder.
    public static let notEnrolled = Code(description: "not-enrolled")
    /// The request is wrong: an unknown kind, field, or view, a missing or unfit value.
    public static let invalid = Code(description: "invalid")
    /// A rule of the community is against it; nothing was recorded.
    public static let refused = Code(description: "refused")
    /// The hub did not answer; what was recorded is safe and goes with the next sync.
    public static let unreachable = Code(description: "unreachable")
    /// The hub answered with a refusal, such as a revoked token.
    public static let rejected = Code(description: "rejected")
    /// The hub's answer, or this database, is not to be believed; keep the folder and ask.
    public static let untrusted = Code(description: "untrusted")
    /// The folder or the disk.
    public static let storage = Code(description: "storage")
  }

  /// What to decide by.
  public let code: Code
  /// More about it for a person: a field, a rule's code, SQLite's words; not stable.
  public let detail: String

  init(_ code: Code, _ detail: String) {
    self.code = code
    self.detail = detail
  }
}

extension OfficeFailure: CustomStringConvertible {
  /// The code and the detail in one line.
  public var description: String { "\(code): \(detail)" }
}

extension OfficeFailure {
  init(_ error: OfficeError) {
    switch error {
    case .unknownKind(let name): self.init(.invalid, "kind \(name)")
    case .unknownField(let kind, let field): self.init(.invalid, "field \(field) of \(kind)")
    case .badValue(let field): self.init(.invalid, "value of \(field)")
    case .missingField(let field): self.init(.invalid, "missing \(field)")
    case .missingActor: self.init(.invalid, "missing by")
    case .dateNeeded: self.init(.invalid, "missing on: the PC's date is not confirmed")
    case .badKey(let key): self.init(.invalid, "key \(key)")
    case .notReady: self.init(.refused, "not-synced")
    case .otherCommunity: self.init(.refused, "other-community")
    case .stopped(let stop): self.init(.refused, "stopped-\(stop.rawValue)")
    case .refused(let refusal): self.init(.refused, refusal.code)
    case .pin(let fault): self.init(.refused, fault.code)
    case .folder(let path): self.init(.storage, "cannot write \(path)")
    case .enrolled(let path): self.init(.refused, "\(path) is an office already")
    case .notStopped: self.init(.refused, "not-stopped")
    case .otherBranch: self.init(.refused, "other-branch")
    case .otherOffice: self.init(.refused, "other-office")
    case .sameNumber: self.init(.refused, "same-number")
    case .store(let error): self.init(error)
    case .transport(let error): self.init(.unreachable, error.text)
    case .problem(let problem) where problem.kind.isWorthRetrying:
      self.init(.unreachable, problem.kind.rawValue)
    case .problem(let problem): self.init(.rejected, problem.kind.rawValue)
    case .wire: self.init(.untrusted, "malformed-answer")
    case .untrusted(let distrust): self.init(.untrusted, distrust.code)
    case .bundle(let refusal): self.init(.invalid, "bundle: \(refusal)")
    }
  }

  init(_ error: StoreError) {
    switch error {
    case .notInitialised: self.init(.notEnrolled, "no office is enrolled here")
    case .unknownReference(let id): self.init(.refused, "unknown op \(id)")
    case .notYet: self.init(.refused, "history-coming")
    case .envelope, .payload: self.init(.invalid, "beyond the limits of its kind")
    case .refused(let refusal): self.init(.refused, refusal.code)
    case .isBackup: self.init(.storage, "a backup")
    case .gap, .fork, .hashMismatch, .unknownIncarnation, .otherIncarnation:
      self.init(.untrusted, "log-mismatch")
    case .rollCall: self.init(.untrusted, "roll-call")
    case .clockBehind: self.init(.refused, "clock-behind")
    case .database(let failure): self.init(.storage, "\(failure)")
    case .newerSchema(let version): self.init(.storage, "schema \(version) is newer")
    case .damaged(let id): self.init(.storage, "op \(id) is damaged")
    }
  }

  /// Runs a call of the core and turns its error into the public one.
  static func wrap<R>(_ body: () throws(OfficeError) -> R) throws(OfficeFailure) -> R {
    do throws(OfficeError) {
      return try body()
    } catch { throw OfficeFailure(error) }
  }
}

extension TransportError {
  /// The system's own words, where it had any.
  fileprivate var text: String {
    switch self {
    case .unreachable(let text), .broken(let text): text
    case .timedOut: "no answer in time"
    }
  }
}

extension Distrust {
  /// A stable word for what is not to be believed.
  fileprivate var code: String {
    switch self {
    case .chain: "hub-chain"
    case .seal: "hub-seal"
    case .formerHub: "former-hub"
    case .olderThanHub: "older-than-hub"
    case .fork: "fork"
    case .digest: "digest"
    }
  }
}
