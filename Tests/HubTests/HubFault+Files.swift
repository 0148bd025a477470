import Hub
import OpLog
import Store
import Wire

/// Hubs that are wrong about segments and bundles.
extension HubFault {
  /// Every broken hub.
  static let all = pushes + replies + others + inRollCalls + segments + bundles

  static let segments: [HubFault] = [
    HubFault("takes */* for a word about segments", ["sync.4.13.a"]) { hub, call in
      var other = call
      if call.path == ["v1", "sync"], call.accept?.contains("*/*") == true {
        other.accept = MediaType.segment
      }
      return hub.real(other)
    },
    inSegments("leaves the digest out of a segment", ["sync.4.13.b"]) { reply, _ in
      reply.digest = nil
    },
    inSegments("turns runs round in a segment", ["sync.4.13.e"]) { reply, request in
      guard request.maxBytes == 16 << 10 else { return }
      for entry in reply.entries.indices {
        for run in reply.entries[entry].runs.indices {
          reply.entries[entry].runs[run].ops.reverse()
        }
      }
    },
    HubFault("takes only kinds that it knows from a segment", ["sync.4.13.c"]) { hub, call in
      guard call.contentType == MediaType.segment, let request = hub.request(call),
        request.ops.contains(where: { $0.kind == 60_002 })
      else { return hub.real(call) }
      return hub.core.answer(Problem(.malformedOp, detail: "no such kind", field: "ops"))
    },
    HubFault("refuses in the form that is accepted", ["sync.4.13.d"]) { hub, call in
      var answer = hub.real(call)
      if call.accept == MediaType.segment, answer.status >= 400 {
        answer.contentType = MediaType.segment
      }
      return answer
    },
    takes("takes any CBOR", .outOfRange, ["canonical.2.1.a"], detail: "not a message"),
    takes(
      "does not look at the check of a segment", .malformedOp, ["segment.1.2.a"],
      detail: "not a segment: checksum"),
    takes(
      "takes a segment in any form", .malformedOp, ["segment.1.3.a"],
      detail: "not a segment: notCanonical"),
    takes(
      "does not count what is in a segment", .malformedOp, ["segment.6.1.a"],
      detail: "not a segment: tooMany"),
    takes(
      "takes numbers beyond their range", .malformedOp,
      ["segment.1.2.a", "segment.3.1.a", "segment.6.1.a"],
      detail: "not a segment: outOfRange"),
    takes(
      "makes up what it cannot fill in", .malformedOp, ["segment.4.4.a"],
      detail: "not a segment: unknownNames"),
    takes(
      "takes from a segment what is no op", .malformedOp, ["segment.6.2.a"],
      detail: "not a segment: malformedOp"),
  ]

  static let bundles: [HubFault] = [
    HubFault("takes bundles from their own offices only", ["bundle.7.1.a", "bundle.6.1.b"]) {
      hub, call in
      guard let file = bundle(call), file.header.replica != replica(of: call),
        file.isSealed(by: hub.key.secret(of: file.header.replica) ?? [])
      else { return hub.real(call) }
      return hub.core.answer(Problem(.forbidden, detail: "the token is of another office"))
    },
    receipts(
      "seals receipt files with another secret",
      ["bundle.7.1.a", "bundle.6.1.a", "bundle.6.1.b", "bundle.5.3.a", "bundle.5.4.a"],
      isForged: true
    ) { _ in },
    receipts("says nothing of a refusal", ["bundle.6.1.a", "bundle.6.1.b"]) { file in
      file.frames.removeAll { if case .problem = $0 { true } else { false } }
    },
    receipts("gives no replies to a bundle", ["bundle.7.1.a"]) { file in
      file.frames.removeAll { if case .reply = $0 { true } else { false } }
    },
    receipts("misses no bundle", ["bundle.6.3.a"]) { file in file.header.gaps = [] },
    receipts("says that all came that it misses", ["bundle.6.3.a"]) { file in
      for gap in file.header.gaps.indices { file.header.gaps[gap].hasCome = true }
    },
    receipts("says nothing of bodies", ["bundle.5.3.a", "bundle.5.4.a"]) { file in
      file.items = []
    },
    HubFault("passes over all boxes where one was changed", ["bundle.5.3.a"]) { hub, call in
      guard let file = bundle(call), let secret = hub.key.secret(of: file.header.replica),
        file.items(secret: secret).shut > 0
      else { return hub.real(call) }
      var writer = BundleWriter(file.header, secret: secret)
      for frame in file.frames { if case .request = frame { writer.add(frame) } }
      var other = call
      other.body = writer.finish()
      return hub.real(other)
    },
    HubFault("takes a bundle once", ["bundle.6.2.a"]) { hub, call in
      guard bundle(call) != nil else { return hub.real(call) }
      let name = "bundle \(SHA256.hash(call.body))"
      guard hub.notes.updateValue([1], forKey: name) != nil else { return hub.real(call) }
      return hub.core.answer(Problem(.malformedBundle, detail: "it was here"))
    },
    HubFault("refuses a file that was cut off", ["bundle.2.3.a"]) { hub, call in
      guard bundle(call)?.isWhole == false else { return hub.real(call) }
      return hub.core.answer(Problem(.malformedBundle, detail: "cut off"))
    },
    opened("takes a bundle whoever sealed it", .sealMismatch, ["bundle.3.3.a"]),
    opened("takes a damaged bundle", .malformedBundle, ["bundle.2.2.a"], detail: "damaged"),
    opened("takes any street's bundle", .malformedBundle, ["bundle.7.1.c"], detail: "street"),
    HubFault("stores nothing of a bundle", nothingRules) { hub, call in
      guard let file = bundle(call), let secret = hub.key.secret(of: file.header.replica),
        file.isSealed(by: secret)
      else { return hub.real(call) }
      var writer = BundleWriter(file.header, secret: secret)
      for case .request(let bytes) in file.frames.prefix(1) {
        guard let request = try? SyncRequest(decoding: bytes, hub.codec) else { continue }
        let asking = question(of: request, call, hub)
        writer.add(.request(asking.body))
      }
      var other = call
      other.body = writer.finish()
      return hub.real(other)
    },
  ]

  private static let nothingRules: Set<String> = [
    "bundle.7.1.a", "bundle.6.1.a", "bundle.6.2.a", "bundle.6.3.a", "bundle.5.3.a",
    "bundle.5.4.a", "bundle.2.2.a", "bundle.2.3.a",
  ]

  private static func bundle(_ call: HubCall) -> BundleFile? {
    guard call.path == ["v1", "bundles"] else { return nil }
    return try? BundleFile(decoding: call.body)
  }

  /// A hub that changes each reply in a segment.
  private static func inSegments(
    _ name: String, _ breaks: Set<String>,
    _ change: @escaping @Sendable (inout SyncReply, SyncRequest) -> Void
  ) -> HubFault {
    HubFault(name, breaks) { hub, call in
      let answer = hub.real(call)
      guard answer.contentType == MediaType.segment, let request = hub.request(call),
        var reply = hub.reply(answer, to: request.head.replica)
      else { return answer }
      change(&reply, request)
      return hub.answer(answer, with: reply, hub.codec)
    }
  }

  /// A hub that answers a refusal of a bundle with a file.
  private static func opened(
    _ name: String, _ kind: ProblemKind, _ breaks: Set<String>, detail: String = ""
  ) -> HubFault {
    HubFault(name, breaks) { hub, call in
      let answer = hub.real(call)
      guard call.path == ["v1", "bundles"], let problem = try? Problem(decoding: answer.body),
        problem.kind == kind, problem.detail.contains(detail)
      else { return answer }
      return HubAnswer(status: 200, contentType: MediaType.bundle, body: [])
    }
  }

  /// What a receipt file says.
  private struct ReceiptFile {
    var header: BundleHeader
    var frames: [BundleFile.Frame]
    var items: [BundleItem]
  }

  /// A hub that changes each receipt file.
  private static func receipts(
    _ name: String, _ breaks: Set<String>, isForged: Bool = false,
    _ change: @escaping @Sendable (inout ReceiptFile) -> Void
  ) -> HubFault {
    HubFault(name, breaks) { hub, call in
      let answer = hub.real(call)
      guard answer.contentType == MediaType.bundle,
        let made = try? BundleFile(decoding: answer.body),
        let secret = hub.key.secret(of: made.header.replica)
      else { return answer }
      var file = ReceiptFile(
        header: made.header, frames: [], items: made.items(secret: secret).items)
      for frame in made.frames {
        if case .box = frame { continue } else { file.frames.append(frame) }
      }
      change(&file)
      // The nonce follows from the header, so it begins anew.
      file.header.nonce = [UInt8](repeating: 0, count: BundleSeal.nonceBytes)
      var writer = BundleWriter(file.header, secret: isForged ? secret.reversed() : secret)
      for frame in file.frames { writer.add(frame) }
      for text in BundleItem.texts(of: file.items, room: 1 << 20).texts { writer.add(text: text) }
      return HubAnswer(status: 200, contentType: MediaType.bundle, body: writer.finish())
    }
  }
}
