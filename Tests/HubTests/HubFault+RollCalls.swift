import Hub
import OpLog
import Wire

/// Hubs that are wrong about roll-calls.
extension HubFault {
  static let inRollCalls: [HubFault] = [
    HubFault("believes any head in a roll-call", ["sync.8.6.a"]) { hub, call in
      let answer = hub.real(call)
      guard call.path == ["v1", "rollcall"], problem(answer) == .sealMismatch,
        let request = try? RollCallRequest(decoding: call.body, hub.codec), request.page == nil
      else { return answer }
      var other = call
      other.body = RollCallRequest(incarnations: request.incarnations, heads: []).encode(hub.codec)
      return hub.real(other)
    },
    HubFault("takes a page that nobody sealed", ["sync.8.6.b"]) { hub, call in
      let answer = hub.real(call)
      guard call.path == ["v1", "rollcall"], problem(answer) == .sealMismatch,
        let request = try? RollCallRequest(decoding: call.body, hub.codec), request.page != nil
      else { return answer }
      var other = call
      other.body = RollCallRequest(incarnations: request.incarnations, heads: []).encode(hub.codec)
      return hub.real(other)
    },
    becomes(
      "says in a roll-call that it gives no checkpoints", .rollCall, .notFound,
      ["checkpoint.2.6.a"], path: "checkpoint"),
    HubFault("gives a checkpoint in a roll-call", ["checkpoint.2.6.a"]) { hub, call in
      let answer = hub.real(call)
      guard call.path == ["v1", "checkpoint"], problem(answer) == .rollCall else { return answer }
      return HubAnswer(status: 200, contentType: "application/json", body: Array("{}".utf8))
    },
    becomes(
      "does not say that a body waits for the roll-call", .rollCall, .busy, ["sync.8.2.b"],
      path: "bodies"),
    becomes(
      "does not say that an enrolment waits for the roll-call", .rollCall, .busy,
      ["sync.8.2.a"], path: "enroll"),
    rollCalls("asks for no log in a roll-call", ["sync.8.4.b"], blocks: true) { reply, _ in
      reply.wish = nil
    },
    rollCalls("seals its first op with another secret", ["sync.8.1.a", "sync.8.4.a"]) {
      reply, _ in
      reply.seal = .zero
    },
    HubFault("forgets every page that it is given", ["sync.8.6.c", "sync.8.6.d"]) { hub, call in
      guard call.path == ["v1", "rollcall"],
        var request = try? RollCallRequest(decoding: call.body, hub.codec),
        !request.heads.isEmpty
      else { return hub.real(call) }
      request.page = nil
      var other = call
      other.body = request.encode(hub.codec)
      return hub.real(other)
    },
    becomes(
      "does not say what is wrong with a page", .chainBroken, .sealMismatch, ["sync.8.6.c"],
      path: "rollcall"),
    HubFault("goes on with a database that was set back", ["sync.8.7.a"], blocks: true) {
      hub, call in
      guard call.path == ["v1", "rollcall"], hub.key.incarnation.number > 1,
        var request = try? RollCallRequest(decoding: call.body, hub.codec)
      else { return hub.real(call) }
      request.heads.removeAll { $0.head.replica == hub.key.incarnation.hub }
      var other = call
      other.body = request.encode(hub.codec)
      return hub.real(other)
    },
    HubFault("takes nothing in a roll-call", ["sync.8.2.c"], blocks: true) { hub, call in
      guard hub.key.incarnation.number > 1, let request = hub.request(call), !request.ops.isEmpty
      else { return hub.real(call) }
      return hub.core.answer(Problem(.rollCall, detail: "not now"))
    },
    HubFault("believes the lives that an office names", ["sync.8.3.a"]) { hub, call in
      var answer = hub.real(call)
      let text = String(decoding: call.body, as: UTF8.self)
      if call.path == ["v1", "rollcall"], text.contains(#""random":"0102030405060708""#) {
        hub.notes["later"] = []
      }
      guard call.path == ["v1"], hub.notes.removeValue(forKey: "later") != nil else {
        return answer
      }
      let card = String(decoding: answer.body, as: UTF8.self)
      answer.body = Array(card.replacing(#""number":1"#, with: #""number":8"#).utf8)
      return answer
    },
  ]

  /// A hub that changes each reply to a roll-call.
  private static func rollCalls(
    _ name: String, _ breaks: Set<String>, blocks: Bool = false,
    _ change: @escaping @Sendable (inout RollCallReply, FilteredHub) -> Void
  ) -> HubFault {
    HubFault(name, breaks, blocks: blocks) { hub, call in
      let answer = hub.real(call)
      guard call.path == ["v1", "rollcall"], let replica = replica(of: call),
        var reply = try? RollCallReply(decoding: answer.body, asker: replica, hub.codec)
      else { return answer }
      change(&reply, hub)
      return HubAnswer(
        status: 200, contentType: "application/json", body: reply.encode(hub.codec))
    }
  }
}
