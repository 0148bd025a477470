import Community
import Hub
import OpLog
import Store
import Wire

/// Hubs that take what they must refuse, refuse what they must take, or forget.
extension HubFault {
  static let pushes: [HubFault] = [
    takes(
      "takes a push with a wrong seal", .sealMismatch,
      ["sync.4.2.d", "sync.4.2.h", "sync.4.13.d"]),
    takes("passes over a gap behind what it holds", .gap, ["sync.4.2.e"], detail: "holds your log"),
    takes("passes over a hole in a push", .gap, ["sync.4.2.b", "sync.4.2.h"], detail: "belongs"),
    takes("takes a fork for a repeat", .fork, ["sync.4.2.f"]),
    takes("does not look where the chain ends", .chainBroken, ["sync.4.2.g"]),
    takes("passes over ops of another log", .forbidden, ["sync.4.2.a"], detail: "of your log"),
    takes("takes more ops than the head says", .outOfRange, ["sync.4.2.c"], detail: "more ops"),
    takes(
      "does not look at the progress", .unknownProgress, ["sync.4.8.a", "sync.4.2.h"]),
    takes("passes over unknown fields", .unknownField, ["errors.1.2.f"], detail: "surplus"),
    HubFault("takes the log that another's token brings", ["sync.3.2.a"]) { hub, call in
      let answer = hub.real(call)
      guard call.path == ["v1", "sync"], problem(answer) == .forbidden,
        let request = hub.request(call),
        request.ops.isEmpty
          || !request.ops.contains(where: {
            $0.id.replica != request.head.replica
          }), let token = hub.key.token(of: request.head.replica)
      else { return answer }
      var other = call
      other.authorization = "Bearer \(request.head.replica).\(token)"
      return hub.real(other)
    },
    HubFault("names another seq than it holds", ["sync.4.2.e"]) { hub, call in
      let answer = hub.real(call)
      guard let problem = try? Problem(decoding: answer.body), problem.kind == .gap else {
        return answer
      }
      return hub.core.answer(Problem(.gap, detail: "something is missing"))
    },
    HubFault("looks at the progress before the seal", ["sync.4.2.h"]) { hub, call in
      let answer = hub.real(call)
      guard problem(answer) == .sealMismatch, let request = hub.request(call),
        let head = try? hub.core.store.head(of: hub.key.incarnation.hub, at: request.hub.seq),
        head.hash != request.hub.hash
      else { return answer }
      return hub.core.answer(Problem(.unknownProgress, detail: "never written"))
    },
    HubFault("keeps what it could of a push that it refused", ["sync.4.2.j"]) { hub, call in
      let answer = hub.real(call)
      guard problem(answer) == .chainBroken, var request = hub.request(call),
        let head = hub.end(of: request), let secret = hub.key.secret(of: head.replica)
      else { return answer }
      request.head = head
      request.seal = Seal.ofOffice(secret: secret, head)
      _ = hub.real(hub.call(call, with: request))
      return answer
    },
    refuses("refuses kinds that it does not know", ["ops.1.3.a"]) { $0.kind == 60_000 },
    refuses("refuses ops without a policy", ["canonical.3.2.b"]) {
      $0.policy == nil && $0.kind == 18 && $0.id.seq == 1
    },
    refuses("refuses clocks of the future", ["canonical.1.3.a"]) { $0.stamp > 4_000_000_000_000 },
    refuses("refuses another check value", ["canonical.3.3.b"]) { $0.names == 0x1234_5678 },
    refuses("refuses what does not fit its kind", ["ops.1.2.a"]) {
      $0.bytes[$0.payload].starts(with: [0xA2, 0x01, 0x26])
    },
    HubFault("takes a repeat for a fork", repeatRules) { hub, call in
      guard let request = hub.request(call), let last = request.ops.last,
        last.id.seq <= hub.held(request.head.replica).seq,
        (try? hub.core.store.holds(request.head)) == true
      else { return hub.real(call) }
      return hub.core.answer(Problem(.fork, detail: "another op \(last.id) is held here"))
    },
    HubFault("loses every push of five ops", ["sync.0.f"]) { hub, call in
      guard let request = hub.request(call), request.ops.count == 5 else { return hub.real(call) }
      return hub.success(for: request.head.replica, call)
    },
    HubFault("takes no more than 500 ops at once", ["limits.0.d"]) { hub, call in
      guard let request = hub.request(call), request.ops.count > 500 else { return hub.real(call) }
      return hub.core.answer(Problem(.outOfRange, detail: "too many", field: "ops"))
    },
    HubFault("takes no more than 1 MiB at once", ["limits.0.b"]) { hub, call in
      guard call.body.count > 1 << 20 else { return hub.real(call) }
      return hub.core.answer(Problem(.tooLarge, detail: "more than 1 MiB"))
    },
    HubFault("passes over a part of what is too much", ["limits.0.c"]) { hub, call in
      let answer = hub.real(call)
      guard let problem = try? Problem(decoding: answer.body), problem.kind == .outOfRange,
        problem.field == "ops", call.body.count > 100_000, let replica = replica(of: call)
      else { return answer }
      return hub.success(for: replica, call)
    },
    takes("takes ops of any size", .malformedOp, ["limits.0.e"], detail: "not an op"),
    takes("takes any number of heads", .outOfRange, ["limits.0.h"], detail: "held"),
    takes("passes over what is no op", .outOfRange, ["errors.1.1.f"], detail: "ops[0]."),
    HubFault("takes any JSON for a payload", ["canonical.2.2.a"]) { hub, call in
      let answer = hub.real(call)
      let text = String(decoding: call.body, as: UTF8.self)
      guard answer.status == 400, text.contains(##""kind":"#60000""##),
        let replica = replica(of: call)
      else { return answer }
      return hub.success(for: replica, call)
    },
    HubFault("refuses what is written by numbers", ["canonical.7.4.a"]) { hub, call in
      let text = String(decoding: call.body, as: UTF8.self)
      guard call.path == ["v1", "sync"], text.contains(##""kind":"#18""##),
        text.contains(##""#1":"扫雪""##)
      else { return hub.real(call) }
      return hub.core.answer(Problem(.unknownField, detail: "#1", field: "ops[0].payload.#1"))
    },
    HubFault("answers a push and stores it with the office's next call", lateRules) {
      hub, call in
      guard let request = hub.request(call), request.ops.count == 3,
        request.head == hub.end(of: request), hub.held(request.head.replica).seq == 0,
        case let answer = hub.real(question(of: request, call, hub)), answer.status == 200,
        var reply = hub.reply(answer, to: request.head.replica)
      else {
        hub.catchUp(hub.request(call)?.head.replica)
        return hub.real(call)
      }
      hub.late.append(call)
      reply.have = request.head
      return hub.answer(answer, with: reply, hub.codec)
    },
  ]

  private static let lateRules: Set<String> = ["sync.4.3.a", "sync.4.3.b"]
  private static let repeatRules: Set<String> = [
    "sync.4.2.i", "sync.0.a", "sync.0.b", "sync.0.e", "sync.0.f", "sync.0.g",
    "sync.4.13.b",
  ]

  /// A hub that answers a refusal of sync as if there were nothing wrong, and stores nothing.
  static func takes(
    _ name: String, _ kind: ProblemKind, _ breaks: Set<String>, detail: String = ""
  ) -> HubFault {
    HubFault(name, breaks) { hub, call in
      let answer = hub.real(call)
      guard call.path == ["v1", "sync"], let problem = try? Problem(decoding: answer.body),
        problem.kind == kind, problem.detail.contains(detail)
      else { return answer }
      guard let replica = replica(of: call) else { return answer }
      return hub.success(for: replica, call)
    }
  }

  /// A hub that refuses a push with some op.
  static func refuses(
    _ name: String, _ breaks: Set<String>, _ isRefused: @escaping @Sendable (Op) -> Bool
  ) -> HubFault {
    HubFault(name, breaks) { hub, call in
      guard let request = hub.request(call), request.ops.contains(where: isRefused) else {
        return hub.real(call)
      }
      return hub.core.answer(Problem(.malformedOp, detail: "no such op", field: "ops"))
    }
  }

  /// The kind of a refusal; nil for what is none.
  static func problem(_ answer: HubAnswer) -> ProblemKind? {
    answer.status < 400 ? nil : (try? Problem(decoding: answer.body))?.kind
  }

  /// The replica that a call says it is of.
  static func replica(of call: HubCall) -> ReplicaID? {
    let number = call.authorization?.dropFirst(7).prefix { $0 != "." }
    return number.flatMap { UInt32($0) }.flatMap { ReplicaID(rawValue: $0) }
  }

  /// The same sync with nothing to push.
  static func question(
    of request: SyncRequest, _ call: HubCall, _ hub: FilteredHub
  ) -> HubCall {
    var question = request
    question.ops = []
    question.head = hub.held(request.head.replica)
    question.seal =
      hub.key.secret(of: request.head.replica).map {
        Seal.ofOffice(secret: $0, question.head)
      } ?? .zero
    return hub.call(call, with: question)
  }
}

extension FilteredHub {
  /// The sync request that a call holds; nil for any other.
  func request(_ call: HubCall) -> SyncRequest? {
    guard call.path == ["v1", "sync"], call.method == "POST" else { return nil }
    guard call.contentType == MediaType.segment else {
      return try? SyncRequest(decoding: call.body, codec)
    }
    let request = try? core.store.readingHashes { (held) throws(WireError) in
      try SyncRequest(decodingSegment: call.body, held: held)
    }
    return try? request?.get()
  }

  /// The same call with another request, in JSON where it was a segment.
  func call(_ call: HubCall, with request: SyncRequest) -> HubCall {
    var other = call
    other.body = request.encode(codec)
    if call.contentType == MediaType.segment { other.contentType = MediaType.json }
    return other
  }

  /// The reply to a sync that an answer holds, in either form; nil for any other.
  func reply(_ answer: HubAnswer, to replica: ReplicaID) -> SyncReply? {
    guard answer.contentType == MediaType.segment else {
      return try? SyncReply(decoding: answer.body, asker: replica, codec)
    }
    let reply = try? core.store.readingHashes { (held) throws(WireError) in
      try SyncReply(decodingSegment: answer.body, asker: replica, held: held)
    }
    return try? reply?.get()
  }

  /// An answer with another reply, in the form that it has.
  func answer(_ answer: HubAnswer, with reply: SyncReply, _ codec: OpJSON) -> HubAnswer {
    guard answer.contentType == MediaType.segment else {
      return HubAnswer(status: 200, contentType: MediaType.json, body: reply.encode(codec))
    }
    let body = try? core.store.readingHashes { (held) throws(SegmentError) in
      try reply.encodeWithSegment(held: held)
    }
    return HubAnswer(
      status: 200, contentType: MediaType.segment, body: (try? body?.get()) ?? [])
  }

  /// Where the ops of a push end that begins a log; nil for any other.
  func end(of request: SyncRequest) -> Head? {
    guard request.ops.first?.id.seq == 1 else { return nil }
    var hash = Chain.start(
      street: key.street, incarnation: key.incarnation, replica: request.head.replica)
    for op in request.ops { hash = Chain.next(after: hash, op.bytes) }
    return Head(
      replica: request.head.replica, seq: UInt64(request.ops.count), hash: hash)
  }

  /// Stores what is held back of a replica.
  mutating func catchUp(_ replica: ReplicaID?) {
    let due = late.filter { request($0)?.head.replica == replica }
    late = late.filter { request($0)?.head.replica != replica }
    for call in due { _ = real(call) }
  }

  /// How the hub holds a log.
  func held(_ replica: ReplicaID) -> Head {
    (try? core.store.foldedHead(of: replica)) ?? Head(replica: replica, seq: 0, hash: .zero)
  }

  /// A right answer to a sync of a replica that asks for nothing.
  func success(for replica: ReplicaID, _ call: HubCall) -> HubAnswer {
    let end = held(key.incarnation.hub)
    let own = held(replica)
    let seal = key.secret(of: replica).map { Seal.ofOffice(secret: $0, own) } ?? .zero
    let request = SyncRequest(
      catalogue: Catalogue.version, head: own, seal: seal, ops: [],
      hub: HubProgress(seq: end.seq, hash: end.hash), incarnation: key.incarnation,
      maxBytes: 1 << 20)
    return real(self.call(call, with: request))
  }
}
