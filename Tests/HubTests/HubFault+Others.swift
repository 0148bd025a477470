import Community
import Hub
import OpLog
import Store
import Wire

/// Hubs that are wrong about enrolment, tokens, bodies, rights, digests, or refusals.
extension HubFault {
  static let others: [HubFault] = [
    HubFault("gives another secret when an enrolment is repeated", ["sync.2.3.b"]) { hub, call in
      let answer = hub.real(call)
      guard call.path == ["v1", "enroll"], answer.status == 201,
        let reply = try? EnrolReply(decoding: answer.body)
      else { return answer }
      let place = "enrolled \(reply.replica)"
      guard hub.notes.updateValue([1], forKey: place) != nil else { return answer }
      let other = EnrolReply(
        street: reply.street, streetName: reply.streetName, incarnation: reply.incarnation,
        replica: reply.replica, community: reply.community, token: reply.token,
        secret: [UInt8](repeating: 7, count: 32), now: reply.now)
      return HubAnswer(status: 201, contentType: "application/json", body: other.encode())
    },
    HubFault("takes a used code from anybody", ["sync.2.3.c"]) { hub, call in
      let answer = hub.real(call)
      guard call.path == ["v1", "enroll"], let request = try? EnrolRequest(decoding: call.body)
      else { return answer }
      if answer.status == 201 { hub.notes[request.code] = answer.body }
      guard problem(answer) == .codeUsed, let body = hub.notes[request.code] else { return answer }
      return HubAnswer(status: 201, contentType: "application/json", body: body)
    },
    HubFault("refuses a call that may wait", ["sync.4.17.a", "sync.4.17.b"]) { hub, call in
      call.wait > 0 ? hub.core.answer(Problem(.notFound, detail: "no queries")) : hub.real(call)
    },
    becomes(
      "calls a code of nobody used", .codeInvalid, .codeUsed,
      ["sync.2.2.1.b", "sync.2.3.d", "sync.11.3.a"]),
    HubFault("takes any token of an id that it knows", ["sync.3.1.a"]) { hub, call in
      let answer = hub.real(call)
      guard problem(answer) == .unauthorized, call.authorization?.hasPrefix("Bearer ") == true,
        let replica = replica(of: call), hub.held(replica).seq >= 0,
        let token = hub.key.token(of: replica), replica.rawValue < 4_900
      else { return answer }
      var other = call
      other.authorization = "Bearer \(replica).\(token)"
      return hub.real(other)
    },
    becomes("tells a revoked office nothing but no", .tokenRevoked, .unauthorized, ["sync.3.1.c"]),
    HubFault("gives bodies to every office", ["bodies.2.3.b", "bodies.2.3.c"]) { hub, call in
      let answer = hub.real(call)
      guard call.method == "GET", problem(answer) == .forbidden,
        let digest = Digest(base64URL: call.path.last ?? ""),
        let body = try? hub.core.store.body(digest)
      else { return answer }
      return HubAnswer(
        status: 200, contentType: "application/octet-stream", body: body.wireBytes)
    },
    done("takes bodies that no op names", "PUT", .bodyUnknown, ["bodies.3.2.b"]),
    done("takes any bytes for a body", "PUT", .bodyMismatch, ["bodies.3.2.a"]),
    done("takes a body from a stranger", "PUT", .forbidden, ["bodies.2.3.a"]),
    done("takes a body of any size", "PUT", .tooLarge, ["limits.0.f"]),
    done("does not look into a body", "PUT", .wrongType, ["bodies.1.2.a"]),
    HubFault("does not take a body twice", ["bodies.3.1.a", "bodies.2.3.b"]) { hub, call in
      let answer = hub.real(call)
      guard call.method == "PUT", answer.status == 204, let name = call.path.last,
        hub.notes.updateValue([1], forKey: name) != nil
      else { return answer }
      return hub.core.answer(Problem(.bodyMismatch, detail: "it is here"))
    },
    HubFault("gives a body without its salt", ["bodies.4.1.a", "bodies.2.3.b", "sync.0.d"]) {
      hub, call in
      var answer = hub.real(call)
      guard call.method == "GET", call.path.starts(with: ["v1", "bodies"]),
        answer.contentType == "application/octet-stream"
      else { return answer }
      answer.body.removeFirst(16)
      return answer
    },
    becomes(
      "mistakes a body to come for one of others", .bodyUnknown, .forbidden,
      ["bodies.3.2.b", "bodies.4.2.a"]),
    becomes("answers nobody about rights", .forbidden, .notFound, ["sync.7.2.a"], path: "rights"),
    HubFault("decides about rights itself", ["sync.7.3.a", "sync.7.3.b"]) { hub, call in
      let answer = hub.real(call)
      guard call.path == ["v1", "rights"], answer.status == 200 else { return answer }
      return HubAnswer(
        status: 200, contentType: "application/json", body: RightsAnswer.granted(9).encode())
    },
    HubFault("gives a checkpoint to anybody", ["checkpoint.2.1.a"]) { hub, call in
      guard call.path.starts(with: ["v1", "checkpoint"]), call.authorization == nil,
        let id = ReplicaID(rawValue: hub.key.incarnation.hub.rawValue + 1),
        let token = hub.key.token(of: id)
      else { return hub.real(call) }
      var other = call
      other.authorization = "Bearer \(id).\(token)"
      return hub.real(other)
    },
    HubFault("seals a checkpoint for somebody else", ["checkpoint.2.2.a"]) { hub, call in
      let answer = hub.real(call)
      guard call.path == ["v1", "checkpoint"], answer.status == 200,
        var card = try? CheckpointCard(decoding: answer.body)
      else { return answer }
      card.seal = .zero
      return HubAnswer(status: 200, contentType: "application/json", body: card.encode())
    },
    HubFault("does not say which file it gives", ["checkpoint.2.3.a"]) { hub, call in
      var answer = hub.real(call)
      if call.path.starts(with: ["v1", "checkpoint"]) {
        answer.headers.removeAll { $0.0 == "ETag" }
      }
      return answer
    },
    HubFault("begins each range at the file's start", ["checkpoint.2.4.a"]) { hub, call in
      var other = call
      if let range = call.range, let last = range.split(separator: "-").last {
        other.range = "bytes=0-\(last)"
      }
      return hub.real(other)
    },
    HubFault("breaks a checkpoint's file off", ["checkpoint.2.3.a"], blocks: true) { hub, call in
      var answer = hub.real(call)
      if call.path.starts(with: ["v1", "checkpoint"]), call.path.count > 2, answer.status < 300 {
        answer.body.removeLast(answer.body.count - 50)
      }
      return answer
    },
    becomes("does not tell a new life", .newIncarnation, .unknownProgress, ["sync.4.8.b"]),
    HubFault("refuses whoever is on another branch", ["sync.8.10.a"]) { hub, call in
      guard hub.key.incarnation.number > 1, let request = hub.request(call), !request.held.isEmpty
      else { return hub.real(call) }
      return hub.core.answer(Problem(.unknownProgress, detail: "this is another branch"))
    },
    HubFault("names another community at an enrolment", ["sync.2.3.a"]) { hub, call in
      let answer = hub.real(call)
      guard call.path == ["v1", "enroll"], answer.status == 201,
        let reply = try? EnrolReply(decoding: answer.body),
        let community = OpID(reply.incarnation.hub, UInt64(reply.replica.rawValue % 4_096))
      else { return answer }
      let other = EnrolReply(
        street: reply.street, streetName: reply.streetName, incarnation: reply.incarnation,
        replica: reply.replica, community: community, token: reply.token, secret: reply.secret,
        now: reply.now)
      return HubAnswer(status: 201, contentType: "application/json", body: other.encode())
    },
    HubFault("lets a PC of another community use a code", ["sync.2.2.1.b"]) { hub, call in
      guard call.path == ["v1", "enroll"], let request = try? EnrolRequest(decoding: call.body),
        request.former != nil,
        let plain = try? EnrolRequest(
          code: request.code, nonce: request.nonce, label: request.label)
      else { return hub.real(call) }
      var other = call
      other.body = plain.encode()
      return hub.real(other)
    },
    HubFault("issues another id when an enrolment is repeated", ["sync.2.3.b", "sync.0.c"]) {
      hub, call in
      if call.path == ["v1", "admin", "invitations"] { hub.late = [call] }
      guard call.path == ["v1", "enroll"],
        let request = try? EnrolRequest(decoding: call.body), let invitation = hub.late.first,
        hub.notes.updateValue([1], forKey: "\(request.code) \(request.nonce)") != nil,
        let code = code(in: hub.real(invitation).body),
        let again = try? EnrolRequest(code: code, nonce: request.nonce, label: request.label)
      else { return hub.real(call) }
      var other = call
      other.body = again.encode()
      return hub.real(other)
    },
    becomes(
      "says of a request that it lacks that it is another's", .notFound, .forbidden,
      ["sync.7.2.b"], path: "rights"),
    HubFault("answers anybody about its digest", ["sync.3.1.a", "sync.9.4.a"]) { hub, call in
      let answer = hub.real(call)
      guard call.path == ["v1", "digests"], problem(answer) == .unauthorized else { return answer }
      let head = hub.held(hub.key.incarnation.hub)
      return HubAnswer(
        status: 200, contentType: "application/json",
        body: DigestsReply(head: head, answer: nil).encode())
    },
    HubFault("takes no report of a row that differs", ["sync.9.5.a"]) { hub, call in
      guard call.path == ["v1", "digests"],
        let request = try? DigestsRequest(decoding: call.body),
        case .found(let rows) = request.question, rows.allSatisfy(\.key.isEmpty)
      else { return hub.real(call) }
      return hub.core.answer(Problem(.outOfRange, detail: "no such row", field: "found"))
    },
    becomes(
      "calls what is no JSON no op", .malformedJSON, .malformedOp,
      ["errors.1.1.b", "limits.0.g"], path: "sync"),
    becomes(
      "knows no address but its own", .notFound, .forbidden, ["errors.1.1.d", "sync.7.2.b"]),
    HubFault("gives sums for another head", ["sync.9.3.c"]) { hub, call in
      guard call.path == ["v1", "digests"], var request = try? DigestsRequest(decoding: call.body)
      else { return hub.real(call) }
      request = DigestsRequest(
        catalogue: Catalogue.version, head: hub.held(hub.key.incarnation.hub),
        question: request.question)
      var other = call
      other.body = request.encode()
      return hub.real(other)
    },
    digests("gives partitions in no order", ["sync.9.3.a"]) { answer in
      guard case .partitions(let sums, let hasMore) = answer else { return answer }
      return .partitions(Array(sums.reversed()), hasMore: hasMore)
    },
    digests("gives rows that do not come to their sum", ["sync.9.3.b"]) { answer in
      guard case .rows(let rows) = answer else { return answer }
      return .rows(Array(rows.dropLast()))
    },
    HubFault("answers a retired office about its digest", ["sync.9.4.b"]) { hub, call in
      let answer = hub.real(call)
      guard call.path == ["v1", "digests"], problem(answer) == .retired else { return answer }
      let head = hub.held(hub.key.incarnation.hub)
      return HubAnswer(
        status: 200, contentType: "application/json",
        body: DigestsReply(head: head, answer: nil).encode())
    },
    HubFault("takes any key", ["sync.9.4.c"]) { hub, call in
      let answer = hub.real(call)
      guard call.path == ["v1", "digests"], problem(answer) == .outOfRange else { return answer }
      let head = hub.held(hub.key.incarnation.hub)
      return HubAnswer(
        status: 200, contentType: "application/json",
        body: DigestsReply(head: head, answer: .rows([])).encode())
    },
    HubFault("answers every refusal with 400", ["errors.1.1.a", "checkpoint.2.4.a"]) { hub, call in
      var answer = hub.real(call)
      if (401..<500).contains(answer.status) { answer.status = 400 }
      return answer
    },
    HubFault("refuses in plain JSON", ["errors.1.1.a", "sync.4.13.d"]) { hub, call in
      var answer = hub.real(call)
      if answer.status >= 400 { answer.contentType = "application/json" }
      return answer
    },
    HubFault("gives no advice", ["errors.1.2.a"]) { hub, call in
      var answer = hub.real(call)
      guard answer.status >= 400 else { return answer }
      let text = String(decoding: answer.body, as: UTF8.self)
      answer.body = Array(text.replacing("\"advice\"", with: "\"hint\"").utf8)
      return answer
    },
    HubFault("does not say when to come again", ["errors.1.2.b"]) { hub, call in
      var answer = hub.real(call)
      answer.headers.removeAll { $0.0 == "Retry-After" }
      return answer
    },
    HubFault("does not say which method", ["errors.1.1.e"]) { hub, call in
      var answer = hub.real(call)
      answer.headers.removeAll { $0.0 == "Allow" }
      return answer
    },
    HubFault("takes any media type", ["errors.1.1.c"]) { hub, call in
      var other = call
      if call.path == ["v1", "sync"], call.method == "POST",
        call.contentType != MediaType.segment
      {
        other.contentType = "application/json"
      }
      return hub.real(other)
    },
    HubFault("names no field", fieldRules) { hub, call in
      let answer = hub.real(call)
      guard answer.status >= 400, let problem = try? Problem(decoding: answer.body),
        problem.field != nil
      else { return answer }
      return hub.core.answer(Problem(problem.kind, detail: problem.detail))
    },
    HubFault("changes the limits on its card", ["sync.1.1.b"]) { hub, call in
      var answer = hub.real(call)
      guard call.path == ["v1"] else { return answer }
      let text = String(decoding: answer.body, as: UTF8.self)
      answer.body = Array(text.replacing("2097152", with: "1048576").utf8)
      return answer
    },
    HubFault("speaks another protocol", ["sync.1.1.a"]) { hub, call in
      var answer = hub.real(call)
      guard call.path == ["v1"] else { return answer }
      let text = String(decoding: answer.body, as: UTF8.self)
      answer.body = Array(text.replacing("\"protocols\":[1]", with: "\"protocols\":[2]").utf8)
      return answer
    },
  ]

  /// The code in an answer of the door.
  private static func code(in body: [UInt8]) -> String? {
    var json = try? JSONReader(body, max: 1 << 16)
    var code: String?
    try? json?.object { (name, json) throws(WireError) in
      if name == "code" { code = try json.text(1...64) } else { try json.skip() }
    }
    return code
  }

  private static let fieldRules: Set<String> = [
    "errors.1.2.c", "errors.1.2.d", "errors.1.2.e", "errors.1.2.f",
  ]

  /// A hub that refuses for another reason than it has.
  static func becomes(
    _ name: String, _ kind: ProblemKind, _ other: ProblemKind, _ breaks: Set<String>,
    path: String? = nil
  ) -> HubFault {
    HubFault(name, breaks) { hub, call in
      let answer = hub.real(call)
      guard problem(answer) == kind, path == nil || call.path.dropFirst().first == path else {
        return answer
      }
      return hub.core.answer(Problem(other, detail: "no"))
    }
  }

  /// A hub that says 204 to what it must refuse.
  static func done(
    _ name: String, _ method: String, _ kind: ProblemKind, _ breaks: Set<String>
  ) -> HubFault {
    HubFault(name, breaks) { hub, call in
      let answer = hub.real(call)
      guard call.method == method, problem(answer) == kind else { return answer }
      return HubAnswer(status: 204, contentType: "application/octet-stream", body: [])
    }
  }

  /// A hub that changes what it answers about its digest.
  static func digests(
    _ name: String, _ breaks: Set<String>,
    _ change: @escaping @Sendable (DigestsAnswer) -> DigestsAnswer
  ) -> HubFault {
    HubFault(name, breaks) { hub, call in
      let answer = hub.real(call)
      guard call.path == ["v1", "digests"], let reply = try? DigestsReply(decoding: answer.body),
        let found = reply.answer
      else { return answer }
      return HubAnswer(
        status: 200, contentType: "application/json",
        body: DigestsReply(head: reply.head, answer: change(found)).encode())
    }
  }
}
