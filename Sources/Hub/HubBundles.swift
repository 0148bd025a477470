import Community
import OpLog
import Store
import Wire

/// What a hub took from a bundle, and the receipt file that answers it.
package struct BundleImport: Sendable {
  /// What the bundle says about itself.
  package let header: BundleHeader
  /// Whether it ends as its office ended it.
  package let isWhole: Bool
  /// How it stands to the office's other bundles; nil where the hub's life is another.
  package fileprivate(set) var standing: BundleRecord.Standing?
  /// Bundles of the office that have not come.
  package fileprivate(set) var gaps: [BundleGap] = []
  /// Those of them that this bundle has shown to be missing.
  package fileprivate(set) var newGaps: [BundleGap] = []
  /// Ops that were new here.
  package fileprivate(set) var ops = 0
  /// Bodies that are held here now.
  package fileprivate(set) var bodies = 0
  /// Those of them that were not held here before.
  package fileprivate(set) var newBodies = 0
  /// Bodies that were not looked at, because the roll-call is open: they are to be brought again behind it.
  package fileprivate(set) var bodiesLeftOut = 0
  /// Why the rest was not taken.
  package fileprivate(set) var problem: Problem?
  /// Whether the hub has more for the office than found room in the receipt file.
  package fileprivate(set) var hasMore = false
  /// The receipt file, for the office.
  package fileprivate(set) var receipt: [UInt8] = []
}

/// A sync by files: what an office exported comes in, and a receipt file goes back.
extension HubCore {
  /// Takes a bundle, and makes the receipt file that answers it.
  ///
  /// Each message in it is taken as if the office had sent it over the line: whoever carried the file
  /// needs no right, and can forge nothing.
  ///
  /// - Parameters:
  ///   - bytes: The file.
  ///   - receiptBytesMax: About how large the receipt file may be; from ``WireLimits/messageBytesMax``.
  ///   - now: The hub's clock in ms since 1970-01-01 UTC.
  /// - Returns: What came, and what could not be taken.
  /// - Throws: `Problem` for what is no bundle, is of another street, or bears a wrong seal, and for what
  ///   may pass by itself, such as a full disk: the same file is to be taken again then.
  package func takeBundle(
    _ bytes: [UInt8], receiptBytesMax: Int, now: Int64
  ) throws(Problem) -> BundleImport {
    let file = try bundle(bytes)
    let office = file.header.replica
    guard let secret = key.secret(of: office), file.isSealed(by: secret) else {
      throw Problem(.sealMismatch, detail: "the bundle is not sealed by replica \(office)")
    }
    // That its file came says nothing about whether an office is online.
    let heard = lastSync[office]
    defer { lastSync[office] = heard }
    var outcome = BundleImport(header: file.header, isWhole: file.isWhole)
    let before = try holding(of: office)
    var latest: (request: SyncRequest, reply: SyncReply)?
    do throws(Problem) {
      try refuseRevoked(office, readmittedAt: now)
      latest = try takeRequests(of: file, now: now)
    } catch {
      guard !error.kind.isWorthRetrying else { throw error }
      outcome.problem = error
    }
    let after = try holding(of: office)
    outcome.ops = Int(after - before)
    try note(file, holding: after, in: &outcome)
    var writer = BundleWriter(
      BundleHeader(
        .receipt, street: key.street, incarnation: key.incarnation, replica: office,
        number: file.header.number, madeAt: max(now, 0), catalogue: store.edition.version,
        log: after, gaps: outcome.gaps),
      secret: secret)
    let items =
      latest == nil ? [] : try takeBodies(of: file, secret, room: receiptBytesMax, &outcome)
    if let latest {
      do throws(Problem) {
        outcome.hasMore = try answer(
          latest, from: office, to: &writer, bytesMax: receiptBytesMax, now: now)
      } catch {
        guard !error.kind.isWorthRetrying else { throw error }
        outcome.problem = error
      }
    }
    if let problem = outcome.problem { writer.add(problem: problem.encode()) }
    let boxes = BundleItem.texts(of: items, room: receiptBytesMax - writer.byteCount)
    for text in boxes.texts { writer.add(text: text) }
    if boxes.count < items.count { outcome.hasMore = true }
    outcome.receipt = writer.finish()
    return outcome
  }

  /// `POST /v1/bundles`: any office may carry another's.
  func takeBundle(
    _ call: HubCall, from courier: ReplicaID, now: Int64
  ) throws(Problem) -> HubAnswer {
    guard call.contentType == MediaType.bundle else {
      throw Problem(.unsupportedMediaType, detail: "send \(MediaType.bundle)")
    }
    let isRollCallOpen = try isRollCallOpen()
    guard try isEnrolled(courier) || isRollCallOpen else { throw Self.notEnrolled(courier) }
    let outcome = try takeBundle(
      call.body, receiptBytesMax: WireLimits.messageBytesMax, now: now)
    return HubAnswer(status: 200, contentType: MediaType.bundle, body: outcome.receipt)
  }

  private func bundle(_ bytes: [UInt8]) throws(Problem) -> BundleFile {
    let file: BundleFile
    do throws(BundleFault) {
      file = try BundleFile(decoding: bytes)
    } catch { throw error.problem }
    guard file.header.kind == .bundle else {
      throw Problem(.malformedBundle, detail: "this is a receipt file, for an office")
    }
    guard file.header.street == key.street else {
      throw Problem(.malformedBundle, detail: "the bundle is of another street")
    }
    guard case .request = file.frames.first else {
      throw Problem(.malformedBundle, detail: "the file was cut off before its first message")
    }
    return file
  }

  private func holding(of office: ReplicaID) throws(Problem) -> UInt64 {
    try Problem.wrap { () throws(StoreError) in
      try store.read { () throws(StoreError) in try store.foldedHead(of: office).seq }
    }
  }

  /// Takes the requests in order; what is behind one that is refused has nothing to stand on.
  ///
  /// - Returns: The last one, and its reply.
  private func takeRequests(
    of file: BundleFile, now: Int64
  ) throws(Problem) -> (SyncRequest, SyncReply)? {
    let messages = file.frames.compactMap { frame -> [UInt8]? in
      if case .request(let bytes) = frame { bytes } else { nil }
    }
    var latest: (SyncRequest, SyncReply)?
    for (index, bytes) in messages.enumerated() {
      var request = try Problem.wrap { () throws(WireError) in
        try SyncRequest(decoding: bytes, codec)
      }
      // Only the last one's reply is kept.
      if index < messages.count - 1 { request.maxBytes = Int(WireLimits.chunkBytes.lowerBound) }
      latest = (request, try sync(request, from: file.header.replica, now: now, inSegment: false))
    }
    return latest
  }

  /// Notes that a bundle came, and which have not.
  private func note(
    _ file: BundleFile, holding seq: UInt64, in outcome: inout BundleImport
  ) throws(Problem) {
    guard file.header.incarnation == key.incarnation else { return }
    let (office, life) = (file.header.replica, key.incarnation.number)
    (outcome.standing, outcome.gaps, outcome.newGaps) = try Problem.wrap { () throws(StoreError) in
      try store.write { () throws(StoreError) in
        let kept = try store.bundleRecords().first { $0.office == office && $0.life == life }
        let before = kept ?? BundleRecord(of: office, life: life)
        var record = before
        let standing = record.note(
          file.header.number, isWhole: seq >= file.header.log, max: WireLimits.bundleGapsMax)
        if record != kept { try store.keep(record) }
        let gaps = record.gaps.filter { !$0.hasCome || !before.gaps.contains($0) }
        let new = record.gaps.filter { $0.numbers.lowerBound > before.newest }
        return (standing, gaps.map { BundleGap($0) }, new.map { BundleGap($0) })
      }
    }
  }

  /// Takes the bodies, and finds those that the office asks for, no more of them than find room.
  ///
  /// - Returns: What the receipt file says of bodies.
  private func takeBodies(
    of file: BundleFile, _ secret: [UInt8], room: Int, _ outcome: inout BundleImport
  ) throws(Problem) -> [BundleItem] {
    var (said, given): ([BundleItem], [BundleItem]) = ([], [])
    var (asked, left): (Set<Digest>, Int) = ([], room)
    for item in file.items(secret: secret).items {
      do throws(Problem) {
        switch item {
        case .body(let bytes):
          let digest = SHA256.hash(bytes)
          let isHeld = try Problem.wrap { () throws(StoreError) in try store.body(digest) != nil }
          try put(bytes, digest, from: file.header.replica)
          said.append(.held(digest))
          if !isHeld { outcome.newBodies += 1 }
        case .wanted(let digest):
          guard left > 0, asked.count < WireLimits.bundleBodiesMax, asked.insert(digest).inserted
          else { continue }
          try refuseRetired(file.header.replica)
          let bytes = try body(digest, for: file.header.replica)
          left -= bytes.count
          given.append(.body(bytes))
        case .held: break
        }
      } catch {
        // One body never holds up the others; in a roll-call all of them wait.
        guard !error.kind.isWorthRetrying || error.kind == .rollCall else { throw error }
        if error.kind == .rollCall, case .body = item { outcome.bodiesLeftOut += 1 }
      }
    }
    outcome.bodies = said.count
    return said + given
  }

  /// Writes what the office lacks, as far as it fits.
  ///
  /// - Returns: Whether something is left.
  private func answer(
    _ latest: (request: SyncRequest, reply: SyncReply), from office: ReplicaID,
    to writer: inout BundleWriter, bytesMax: Int, now: Int64
  ) throws(Problem) -> Bool {
    var (request, reply) = latest
    var count = 0
    while true {
      let place = BundlePlace(incarnation: request.incarnation, hub: request.hub)
      let frame = BundleFile.Frame.reply(
        place: place.encode(), reply.encode(codec(for: request.catalogue)))
      let isFull = writer.byteCount + BundleWriter.byteCount(of: frame) > bytesMax
      if count > 0, isFull || count >= WireLimits.bundleFramesMax / 2 { return true }
      writer.add(frame)
      count += 1
      guard reply.hasMore else { return false }
      // Behind this reply it is as if the office had taken it and asked again.
      request.ops = []
      request.hub = try progress(behind: reply, from: request.hub)
      reply = try sync(request, from: office, now: now, inSegment: false)
    }
  }

  /// How much of this hub's log somebody holds who took a reply: of the last entry perhaps a part only.
  private func progress(
    behind reply: SyncReply, from start: HubProgress
  ) throws(Problem) -> HubProgress {
    guard let last = reply.entries.last else { return start }
    // A page notes the run in which it ended, also before the first op of it.
    guard let run = last.runs.last, let receipt = try? Receipt(last.op),
      run.ops.last?.id.seq != receipt.runs[run.index].upTo.seq
    else { return HubProgress(seq: reply.head.seq, hash: reply.head.hash) }
    let before = try Problem.wrap { () throws(StoreError) in
      try store.read { () throws(StoreError) in
        try store.head(of: key.incarnation.hub, at: last.op.id.seq - 1)
      }
    }
    return HubProgress(
      seq: last.op.id.seq - 1, hash: before?.hash ?? start.hash, run: run.index,
      upTo: run.ops.last?.id.seq ?? 0)
  }
}

extension BundleGap {
  /// A gap as the store keeps it.
  package init(_ gap: BundleRecord.Gap) { self.init(gap.numbers, hasCome: gap.hasCome) }
}

extension BundleFault {
  /// The problem document that answers a file with this fault.
  fileprivate var problem: Problem {
    switch self {
    case .notBundle: Problem(.malformedBundle, detail: "the file does not begin like a bundle")
    case .otherVersion(let version):
      Problem(.malformedBundle, detail: "a bundle of version \(version); this hub reads version 1")
    case .damaged(let offset): Problem(.malformedBundle, detail: "damaged at byte \(offset)")
    case .cutAtStart:
      Problem(.malformedBundle, detail: "the file was cut off before it says whose it is")
    case .tooLarge(let bytes):
      Problem(.tooLarge, detail: "\(bytes) bytes, at most \(WireLimits.bundleBytesMax)")
    }
  }
}
