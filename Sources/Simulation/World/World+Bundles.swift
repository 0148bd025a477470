import Hub
import Office
import OpLog
import Store
import Wire

/// A bundle or a receipt file in somebody's pocket.
struct Parcel {
  /// The office that it is from, or for.
  let office: Int
  let file: [UInt8]
  let isReceipt: Bool
  /// Whether its end is missing.
  let isCut: Bool
  let arrival: Int64
  /// When the bundle was exported, also that which a receipt file answers.
  let exported: Int64
  /// When this file was made.
  let made: Int64
}

/// Syncs by files, beside those over the line: lost, late, twice, and cut off.
///
/// Carriers draw from a generator of their own, so that a world with them has every other draw of one
/// without.
extension World {
  /// How many files are kept to be imported once more in the end.
  private static let oldBundlesMax = 8

  /// Some offices export a bundle, and what has arrived is imported.
  func carryBundles() throws(Violation) {
    let rate = mix[.bundleCarried]
    // A planted bug is to be found by what its world does without carriers.
    guard rate > 0, options.bug == nil else { return }
    for office in offices where carriers.happens(rate) && !office.isGone {
      let messageBytes = hasSmallChunks ? 2 << 10 : 512 << 10
      let now = office.clock.reading(at: time)
      let bundle = try must("\(office.replica) exports a bundle") {
        try office.core.exportBundle(messageBytes: messageBytes, now: now)
      }
      marks.hit(.bundleCarried)
      note("\(office.replica) exports bundle \(bundle.number) with \(bundle.ops) ops")
      handOver(bundle.bytes, office)
    }
    while let place = parcels.firstIndex(where: { $0.arrival <= time }) {
      let parcel = parcels.remove(at: place)
      if parcel.isReceipt {
        try takeReceipt(parcel, at: offices[parcel.office])
      } else {
        try takeBundle(parcel, of: offices[parcel.office])
      }
    }
  }

  /// Somebody takes a file along: from an hour to twelve days.
  ///
  /// - Parameters:
  ///   - file: A bundle, or the receipt file for one.
  ///   - office: Whose it is.
  ///   - exported: When the bundle was exported that a receipt file answers; nil for a bundle.
  private func handOver(_ file: [UInt8], _ office: OfficeNode, answering exported: Int64? = nil) {
    guard !happens(.bundleLost) else { return }
    for _ in 0...(happens(.bundleTwice) ? 1 : 0) {
      let isCut = happens(.bundleCut)
      let arrival = time + carriers.within(3_600_000...1_000_000_000)
      if parcels.contains(where: { $0.office == office.index && $0.arrival > arrival }) {
        marks.hit(Mishap.bundleLate)
      }
      parcels.append(
        Parcel(
          office: office.index, file: isCut ? file.cut(&carriers) : file,
          isReceipt: exported != nil, isCut: isCut, arrival: arrival, exported: exported ?? time,
          made: time))
    }
  }

  /// Whoever carries a bundle to a hub that takes nothing comes back tomorrow.
  private func comeAgain(with parcel: Parcel) {
    parcels.append(
      Parcel(
        office: parcel.office, file: parcel.file, isReceipt: parcel.isReceipt, isCut: parcel.isCut,
        arrival: time + 86_400_000, exported: parcel.exported, made: parcel.made))
  }

  private func happens(_ mishap: Mishap) -> Bool {
    guard carriers.happens(150) else { return false }
    marks.hit(mishap)
    return true
  }

  func takeBundle(_ parcel: Parcel, of office: OfficeNode) throws(Violation) {
    try hub.noteOwnLog()
    let heldBefore = try holdsItsLog(office)
    let taken: BundleImport
    do throws(Problem) {
      taken = try hub.core.takeBundle(
        parcel.file, receiptBytesMax: WireLimits.messageBytesMax, now: hubNow)
    } catch {
      note("the hub does not take a bundle of \(office.replica): \(error.kind)")
      marks.hit(error.kind)
      if error.kind == .internal, isStopped(byClockAt: hubNow) {
        marks.hit(Look.clockShown)
        return comeAgain(with: parcel)
      }
      guard parcel.isCut, error.kind == .malformedBundle else {
        throw Violation("I13", "the hub refuses a bundle of \(office.replica): \(error)")
      }
      return
    }
    let refusal = taken.problem.map { "\($0.kind)" } ?? "none"
    note(
      "the hub takes bundle \(taken.header.number) of \(taken.header.replica): \(taken.ops) ops, "
        + "\(taken.bodies) bodies, refusal \(refusal)")
    if let problem = taken.problem { marks.hit(problem.kind) }
    try noteOldDisk(of: office, by: parcel, heldBefore: heldBefore)
    switch taken.problem?.kind {
    case nil:
      if taken.newGaps.contains(where: \.hasCome) { marks.hit(Look.bundleGapHealed) }
      if oldBundles.count < Self.oldBundlesMax { oldBundles.append(parcel.file) }
    case .newIncarnation, .unknownProgress, .fork, .unauthorized, .tokenRevoked, .retired: break
    default:
      throw Violation("I13", "the hub refuses what is in a bundle: \(refusal)")
    }
    handOver(taken.receipt, office, answering: parcel.exported)
  }

  /// Whether the hub holds no more of an office's log than the office does.
  private func holdsItsLog(_ office: OfficeNode) throws(Violation) -> Bool {
    try must("compare an office's log") {
      try office.store.holds(hub.store.storedHead(of: office.replica))
    }
  }

  /// Notes that a file from before a PC was put back to an old disk brought the hub what that disk lacks.
  private func noteOldDisk(
    of office: OfficeNode, by parcel: Parcel, heldBefore: Bool
  ) throws(Violation) {
    guard fate.putBack == office.replica, heldBefore,
      parcel.exported <= fate.copy?.struckAt ?? .min, try !holdsItsLog(office)
    else { return }
    fate.isOldDiskShown = true
    note("the bundle holds what the old disk of \(office.replica) lacks")
  }

  private func takeReceipt(_ parcel: Parcel, at office: OfficeNode) throws(Violation) {
    guard !office.isGone else { return }
    let (own, now) = (try ownHead(of: office), office.clock.reading(at: time))
    do throws(OfficeError) {
      let taken = try office.core.take(try office.core.carriedFile(parcel.file), now: now)
      note(
        "\(office.replica) takes the receipt file of bundle \(taken.number): \(taken.pulled) ops")
      guard taken.comparison != .different else {
        throw OfficeError.untrusted(.digest)
      }
      if taken.comparison == .equal { marks.hit(Look.bundleDigest) }
    } catch {
      note("\(office.replica) does not take a receipt file: \(error)")
      guard try explains(error, of: office, asking: nil) || isExpected(error, of: parcel) else {
        throw Violation("crash-free", "a receipt file at \(office.replica): \(error)")
      }
    }
    try noticeRejoined(office)
    try noteSeen(behind: own, at: office)
  }

  /// Whether a receipt file may meet this, although nothing is wrong.
  private func isExpected(_ error: OfficeError, of parcel: Parcel) -> Bool {
    switch error {
    // The PC goes on under another id, or on an old disk.
    case .bundle(.receipt), .bundle(.ahead): fate.copy != nil || fate.hasHubFailed
    case .bundle(.fault(.cutAtStart)), .bundle(.fault(.notBundle)): parcel.isCut
    // The hub forgot what the file says, and has written something else since.
    case .untrusted(.chain): fate.branch != nil && parcel.made <= fate.hub?.struckAt ?? .min
    // The PC that exported the bundle is put away; the one that goes on in its place gets the answer.
    case .problem(let problem) where problem.kind == .fork:
      fate.copy?.office == parcel.office && parcel.exported <= fate.copy?.struckAt ?? .min
    case .problem(let problem):
      [.newIncarnation, .unknownProgress, .tokenRevoked].contains(problem.kind)
    default: false
    }
  }

  /// Imports old bundles once more; whoever calls sees that the hub writes nothing.
  func takeOldBundles() {
    // A body that a hub lost with its disk may come back so, after all have asked for it.
    guard !fate.hasHubFailed else { return }
    for file in oldBundles {
      _ = try? hub.core.takeBundle(
        file, receiptBytesMax: WireLimits.messageBytesMax, now: hubNow)
    }
  }
}
