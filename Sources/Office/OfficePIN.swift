import Community
import OpLog
import Store

/// What is wrong with a PIN that somebody gave, or did not give.
package enum PINFault: Equatable, Sendable {
  /// The person has a PIN here, and it was not given.
  case needed(OpID)
  /// It is another one; the next try may be made after so many ms.
  case wrong(wait: Int64)
  /// Too many wrong tries: nothing is compared for so many ms.
  case mustWait(Int64)
  /// It is not 4–12 digits, or all of them are the same.
  case unfit
  /// Who takes another's PIN away has to give one of their own first.
  case ownNeeded(OpID)

  /// The stable code in JSON.
  package var code: String {
    switch self {
    case .needed: "pin-needed"
    case .wrong: "pin-wrong"
    case .mustWait: "pin-wait"
    case .unfit: "pin-unfit"
    case .ownNeeded: "pin-own-needed"
    }
  }
}

/// How PINs are hashed and guesses slowed down (Protocol/decisions/0014).
package enum PINRule {
  /// How often a PIN is hashed: about 0.2 s for each try.
  package static let rounds = 600_000
  /// Digits of a PIN.
  static let digits = 4...12
  /// Wrong tries before anybody has to wait.
  static let freeTries = 3
  /// The first wait and the longest, in ms.
  static let (firstWait, longestWait): (Int64, Int64) = (30_000, 3_600_000)

  /// How long nobody may try after so many wrong tries in a row, in ms: doubled with each.
  static func wait(after failures: Int) -> Int64 {
    guard failures >= freeTries else { return 0 }
    return min(firstWait << Int64(min(failures - freeTries, 20)), longestWait)
  }

  /// Whether a text can be a PIN.
  static func fits(_ pin: String) -> Bool {
    digits.contains(pin.utf8.count) && pin.utf8.allSatisfy { (0x30...0x39).contains($0) }
      && Set(pin.utf8).count > 1
  }
}

/// Signing in: whoever has a PIN here gives it before anything is recorded in their name.
///
/// It guards the counter against a colleague's slip and a visitor's hand, no more: whoever owns the
/// PC's files can do what they like with them.
extension OfficeCore {
  /// Whether a member of staff has a PIN here and did not sign in yet.
  package func needsPIN(_ staff: OpID) throws(OfficeError) -> Bool {
    guard !signedIn.contains(staff) else { return false }
    return try OfficeError.wrap { () throws(StoreError) in try store.pin(of: staff) } != nil
  }

  /// Lets nobody take a PIN away in the name of an approver who did not show who they are.
  ///
  /// Asked where a person types; like every PIN it guards the counter, not the log.
  ///
  /// - Throws: ``OfficeError/pin(_:)``.
  package func checkReset(_ request: RecordRequest) throws(OfficeError) {
    guard request.kind == "staff.reset_pin", let actor = request.actor.flatMap({ OpID($0) }),
      !signedIn.contains(actor)
    else { return }
    throw .pin(.ownNeeded(actor))
  }

  /// Signs a member of staff in until this object goes; nothing happens where they have no PIN.
  ///
  /// A try is counted, durably, before it is compared: whoever kills the program gains none.
  ///
  /// - Parameters:
  ///   - staff: Who they say they are.
  ///   - pin: What they typed.
  ///   - now: The PC's clock in ms since 1970-01-01 UTC.
  /// - Throws: ``OfficeError/pin(_:)``.
  package func signIn(_ staff: OpID, pin: String, now: Int64) throws(OfficeError) {
    guard let kept = try beginTry(of: staff, now: now) else { return }
    let given = PBKDF2.sha256(password: Array(pin.utf8), salt: kept.salt, rounds: kept.rounds)
    guard given.isEqualInConstantTime(to: kept.hash) else {
      throw .pin(.wrong(wait: PINRule.wait(after: kept.failures)))
    }
    try OfficeError.wrap { () throws(StoreError) in
      try store.write { () throws(StoreError) in
        var right = kept
        right.failures = 0
        try store.keep(right, of: staff)
      }
    }
    signedIn.insert(staff)
  }

  /// Sets a member of staff's PIN, the first or another one, and signs them in.
  ///
  /// - Throws: ``OfficeError/pin(_:)`` with `needed` while they have one and did not sign in, `unfit`
  ///   for one that cannot be a PIN; ``OfficeError/badValue(field:)`` for nobody of this community.
  package func setPIN(
    of staff: OpID, to pin: String, random: (Int) -> [UInt8]
  ) throws(OfficeError) {
    let row = try OfficeError.wrap { () throws(StoreError) in
      try store.row(Tables.staff, id: staff.packed)
    }
    guard row?[1].id == community else { throw .badValue(field: "as") }
    guard try !needsPIN(staff) else { throw .pin(.needed(staff)) }
    guard PINRule.fits(pin) else { throw .pin(.unfit) }
    let salt = random(16)
    let hash = PBKDF2.sha256(password: Array(pin.utf8), salt: salt, rounds: pinRounds)
    try OfficeError.wrap { () throws(StoreError) in
      try store.write { () throws(StoreError) in
        let resets = try store.pinResets(of: staff)
        try store.keep(
          KeptPIN(salt: salt, rounds: pinRounds, hash: hash, resets: resets), of: staff)
      }
    }
    signedIn.insert(staff)
  }

  /// Counts a try as failed until it is known to be right; nil where there is no PIN.
  private func beginTry(of staff: OpID, now: Int64) throws(OfficeError) -> KeptPIN? {
    var left: Int64 = 0
    let begun = try OfficeError.wrap { () throws(StoreError) in
      try store.write { () throws(StoreError) -> KeptPIN? in
        guard var pin = try store.pin(of: staff) else { return nil }
        // A clock that was set back starts the wait anew, and never makes it longer than it was.
        let passed = now - pin.triedAt
        if passed < 0 { pin.triedAt = now }
        left = PINRule.wait(after: pin.failures) - max(passed, 0)
        if left <= 0 {
          left = 0
          pin.failures += 1
          pin.triedAt = now
        }
        try store.keep(pin, of: staff)
        return pin
      }
    }
    guard left == 0 else { throw .pin(.mustWait(left)) }
    return begun
  }
}
