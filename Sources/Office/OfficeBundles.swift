import Community
import OpLog
import Peer
import Store
import Wire

/// A bundle that an office made.
package struct BundleExport: Sendable {
  /// The file.
  package let bytes: [UInt8]
  /// Its number.
  package let number: UInt32
  /// Own ops in it.
  package let ops: Int
  /// Bodies in it.
  package let bodies: Int
  /// Whether all that the hub lacks found room; else the next one brings the rest.
  package let isComplete: Bool
}

/// What an office took from a receipt file.
package struct ReceiptTaken: Sendable, Equatable {
  /// The number of the bundle that it answers.
  package let number: UInt32
  /// Bundles that the hub did not get.
  package let gaps: [BundleGap]
  /// Whether the file ends as the hub ended it.
  package let isWhole: Bool
  /// Ops of others that came, the hub's included, those held before too.
  package var pulled = 0
  /// Bodies that came.
  package var bodies = 0
  /// Bodies that the hub says it holds.
  package var delivered = 0
  /// Bodies that the hub does not have yet; those recorded since the bundle was made among them.
  package var unsentBodies = 0
  /// Boxes that did not open.
  package var shut = 0
  /// Whether the file ends with the hub holding all of this office's log, and this office the hub's.
  package var isLast = false
  /// How the hub's digest compares with the own one.
  package var comparison = Comparison.none
}

/// The office's side of a sync by files (`bundle.md`).
extension OfficeCore {
  /// Makes a bundle of what the hub lacks, as far as its receipts that are here tell.
  ///
  /// Its number is kept first, so that no two bundles ever bear one, whatever becomes of this one.
  ///
  /// - Parameters:
  ///   - maxBytes: About how large it may be; from ``WireLimits/messageBytesMax`` to
  ///     ``WireLimits/bundleBytesMax``.
  ///   - messageBytes: About how many bytes of ops one message has; replies get twice as many.
  ///   - now: The PC's clock in ms since 1970-01-01 UTC.
  /// - Returns: The file, and what is in it.
  /// - Throws: ``OfficeError/store(_:)``.
  package func exportBundle(
    maxBytes: Int = WireLimits.bundleBytesMax, messageBytes: Int = 512 << 10, now: Int64
  ) throws(OfficeError) -> BundleExport {
    precondition(
      (WireLimits.messageBytesMax...WireLimits.bundleBytesMax).contains(maxBytes),
      "caller bug: size of a bundle")
    precondition(
      WireLimits.chunkBytes.contains(Int64(2 * messageBytes)), "caller bug: size of a message")
    return try OfficeError.wrap { () throws(StoreError) in
      let number = try store.write { () throws(StoreError) in try store.nextBundleNumber() }
      return try store.read { () throws(StoreError) in
        try makeBundle(number, maxBytes: maxBytes, messageBytes: messageBytes, now: now)
      }
    }
  }

  private func makeBundle(
    _ number: UInt32, maxBytes: Int, messageBytes: Int, now: Int64
  ) throws(StoreError) -> BundleExport {
    let (codec, own) = (try hubCodec(), try store.storedHead(of: replica))
    var writer = BundleWriter(
      BundleHeader(
        .bundle, street: store.identity.street, incarnation: try store.newestIncarnation,
        replica: replica, number: number, madeAt: max(now, 0), catalogue: store.edition.version,
        log: own.seq),
      secret: secret)
    var (ops, last, messages) = (0, UInt64?.none, 0)
    // Half of them: places and boxes need room as well.
    while last != own.seq, messages < WireLimits.bundleFramesMax / 2 {
      var request = try makeRequest(maxBytes: messageBytes, after: last, codec.byteCount(of:))
      request.maxBytes = 2 * messageBytes
      let frame = BundleFile.Frame.request(request.encode(codec))
      guard last == nil || writer.byteCount + BundleWriter.byteCount(of: frame) <= maxBytes else {
        break
      }
      writer.add(frame)
      messages += 1
      ops += request.ops.count
      last = request.head.seq
    }
    let isComplete = last == own.seq
    let texts = try bodyTexts(room: maxBytes - writer.byteCount)
    for text in texts.texts { writer.add(text: text) }
    return BundleExport(
      bytes: writer.finish(), number: number, ops: ops, bodies: texts.bodies,
      isComplete: isComplete && texts.isAll)
  }

  /// The names of the bodies that are missing here, then the bodies that the hub lacks.
  private func bodyTexts(
    room: Int
  ) throws(StoreError) -> (texts: [[UInt8]], bodies: Int, isAll: Bool) {
    let missing = try store.missingBodies(limit: WireLimits.bundleBodiesMax)
    var items = missing.map { BundleItem.wanted($0) }
    var left = room
    for digest in try store.unsentBodies(limit: WireLimits.bundleBodiesMax) {
      guard let body = try store.body(digest) else { continue }
      items.append(.body(body.wireBytes))
      left -= body.wireBytes.count
      // One more than fits, so that the next bundle is known to be needed.
      if left < 0 { break }
    }
    let (texts, count) = BundleItem.texts(of: items, room: room)
    return (texts, max(count - missing.count, 0), count == items.count)
  }

  /// Reads a file that was carried here.
  ///
  /// - Returns: A receipt file for this office, or another office's bundle; whether their seals are right
  ///   is not looked at.
  /// - Throws: ``OfficeError/bundle(_:)`` for any other file.
  package func carriedFile(_ bytes: [UInt8]) throws(OfficeError) -> BundleFile {
    let file: BundleFile
    do throws(BundleFault) {
      file = try BundleFile(decoding: bytes)
    } catch { throw .bundle(.fault(error)) }
    guard file.header.street == store.identity.street else { throw .bundle(.otherStreet) }
    let isOwn = file.header.replica == replica
    switch (file.header.kind, isOwn) {
    case (.bundle, true): throw .bundle(.own(number: file.header.number))
    case (.receipt, false): throw .bundle(.receipt(of: file.header.replica))
    case (.bundle, false), (.receipt, true): return file
    }
  }

  /// Takes a receipt file: proves each of its replies as if it had come over the line.
  ///
  /// - Parameters:
  ///   - file: A receipt file for this office, from ``carriedFile(_:)``.
  ///   - now: The PC's clock in ms since 1970-01-01 UTC.
  /// - Returns: What came.
  /// - Throws: ``OfficeError``; replies before the one that was not taken stay.
  package func take(_ file: BundleFile, now: Int64) throws(OfficeError) -> ReceiptTaken {
    guard file.header.replica == replica, file.isSealed(by: secret) else {
      throw .untrusted(.seal)
    }
    let newest = try OfficeError.wrap { () throws(StoreError) in try store.newestIncarnation }
    guard file.header.incarnation.number >= newest.number else { throw .untrusted(.formerHub) }
    do throws(OfficeError) {
      var taken = ReceiptTaken(
        number: file.header.number, gaps: file.header.gaps, isWhole: file.isWhole)
      var refusal: OfficeError?
      for frame in file.frames {
        switch frame {
        case .reply(let place, let bytes): try take(bytes, from: place, now: now, &taken)
        case .problem(let seal, let document):
          refusal = try self.refusal(document, seal, in: file)
        case .request, .box: break
        }
      }
      // A retired PC is told which bodies came, as well.
      try takeBodies(of: file, &taken)
      if let refusal { throw refusal }
      taken.unsentBodies = try OfficeError.wrap { () throws(StoreError) in
        try store.unsentBodyCount()
      }
      return taken
    } catch {
      try note(error)
      throw error
    }
  }

  private func take(
    _ bytes: [UInt8], from place: [UInt8], now: Int64, _ taken: inout ReceiptTaken
  ) throws(OfficeError) {
    let start: BundlePlace
    do throws(WireError) {
      start = try BundlePlace(decoding: place)
    } catch { throw .wire(error) }
    let (hub, held, head) = try OfficeError.wrap { () throws(StoreError) in
      try store.read { () throws(StoreError) in
        let life = try store.newestIncarnation
        return (
          try store.head(of: life.hub, at: start.hub.seq), try store.entryProgress(),
          try store.storedHead(of: replica)
        )
      }
    }
    let begins = EntryProgress(
      whole: start.hub.seq, run: start.hub.run, seq: start.hub.upTo)
    guard begins <= held, let hub else { throw .bundle(.ahead(number: taken.number)) }
    guard hub.hash == start.hub.hash else { throw .untrusted(.chain) }
    let request = SyncRequest(
      catalogue: store.edition.version, head: head, seal: .zero, ops: [], hub: start.hub,
      incarnation: start.incarnation, maxBytes: Int(WireLimits.chunkBytes.upperBound))
    let response = PeerResponse(status: 200, contentType: MediaType.json, body: bytes)
    let exchange = try take(response, to: request, now: now, isCarried: true)
    taken.pulled += exchange.pulled
    taken.isLast = exchange.isLast
    taken.comparison = exchange.comparison
  }

  /// The hub's refusal, if it is the hub's.
  private func refusal(
    _ document: [UInt8], _ seal: Digest, in file: BundleFile
  ) throws(OfficeError) -> OfficeError {
    let right = BundleSeal.ofProblem(secret: secret, nonce: file.header.nonce, document)
    guard right.isEqualInConstantTime(to: seal) else { throw .untrusted(.seal) }
    do throws(WireError) {
      return .problem(try Problem(decoding: document))
    } catch { return .wire(error) }
  }

  /// Takes what the boxes hold.
  private func takeBodies(
    of file: BundleFile, _ taken: inout ReceiptTaken
  ) throws(OfficeError) {
    let (items, shut) = file.items(secret: secret)
    taken.shut = shut
    let hub = file.header.incarnation.hub
    // Since it was asked for, a person may have moved away.
    let missing = Set(
      try OfficeError.wrap { () throws(StoreError) in
        try store.missingBodies(limit: WireLimits.bundleBodiesMax)
      })
    for item in items {
      let (digest, isUpload, content): (Digest, Bool, [UInt8])
      switch item {
      case .held(let held): (digest, isUpload, content) = (held, true, [])
      case .body(let bytes): (digest, isUpload, content) = (SHA256.hash(bytes), false, bytes)
      case .wanted: continue
      }
      let request = PeerRequest(method: isUpload ? "PUT" : "GET", path: "/v1/bodies/\(digest)")
      let errand = BodyErrand(digest: digest, request: request, isUpload: isUpload, hub: hub)
      let response = PeerResponse(
        status: isUpload ? 204 : 200, contentType: "application/octet-stream", body: content)
      guard isUpload || missing.contains(digest), try take(response, to: errand) else { continue }
      if isUpload { taken.delivered += 1 } else { taken.bodies += 1 }
    }
  }
}

extension OfficeCore {
  /// The request that forwards a neighbour's bundle; the answer to it is a receipt file for the neighbour.
  package func forwarding(_ bundle: [UInt8]) -> PeerRequest {
    PeerRequest(
      method: "POST", path: "/v1/bundles", contentType: MediaType.bundle, token: bearer,
      body: bundle)
  }
}
