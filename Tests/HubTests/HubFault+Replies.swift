import Community
import Hub
import OpLog
import Store
import Wire

/// Hubs whose replies to a sync are not what they should be.
extension HubFault {
  static let replies: [HubFault] = [
    changes("seals its head with another secret", ["sync.4.4.d"]) { reply, _, _ in
      reply.seal = .zero
    },
    changes("says that it has an op which it has not", haveRules) { reply, request, _ in
      guard reply.have.seq == 0, request.ops.isEmpty else { return }
      reply.have = Head(replica: reply.have.replica, seq: 1, hash: .zero)
    },
    changes("gives entries from one place further on", ["sync.4.4.b"]) { reply, request, _ in
      guard request.hub.seq == 2, !reply.entries.isEmpty else { return }
      reply.entries.removeFirst()
    },
    changes("names the head behind its entries", ["sync.4.4.b"]) { reply, request, hub in
      guard request.hub.seq == 2 else { return }
      reply.head = Head(replica: reply.head.replica, seq: reply.head.seq, hash: .zero)
      hub.sealAgain(&reply)
    },
    changes("leaves an op out where a chunk ends inside a run", chunkRules, blocks: true) {
      reply, request, _ in
      guard reply.hasMore, request.maxBytes == 4 << 10,
        let last = reply.entries.last?.runs.last, last.ops.count > 3
      else { return }
      let (entry, run) = (
        reply.entries.count - 1, reply.entries[reply.entries.count - 1].runs.count - 1
      )
      reply.entries[entry].runs[run].ops.remove(at: 1)
    },
    changes("turns the ops of a run round", ["sync.4.4.c"]) { reply, request, _ in
      guard request.ops.count == 1 else { return }
      for entry in reply.entries.indices {
        for run in reply.entries[entry].runs.indices
        where reply.entries[entry].runs[run].ops.count == 4 {
          reply.entries[entry].runs[run].ops.reverse()
        }
      }
    },
    changes("sends the asker's own ops along", ["sync.4.4.c"]) { reply, request, hub in
      for entry in reply.entries.indices {
        guard let receipt = try? Receipt(reply.entries[entry].op) else { continue }
        for (index, run) in receipt.runs.enumerated() where run.upTo.replica == request.head.replica
        {
          guard let op = request.ops.first else { continue }
          reply.entries[entry].runs = [EntryRun(index: index, ops: [op])]
        }
      }
    },
    changes("always has more", ["sync.4.4.e", "sync.4.4.f", "sync.4.17.b"], blocks: true) {
      reply, _, _ in
      reply.hasMore = true
      reply.digest = nil
    },
    changes("says too early that nothing is left", chunkRules, blocks: true) {
      reply, request, _ in
      guard request.maxBytes == 4 << 10 else { return }
      reply.hasMore = false
    },
    changes("gives every office another digest", ["sync.4.4.f"]) { reply, request, _ in
      guard let digest = reply.digest else { return }
      reply.digest = StateDigestMessage(
        catalogue: digest.catalogue,
        value: SHA256.hash(digest.value.bytes + request.head.bytes))
    },
    changes("gives a digest with every chunk", ["sync.4.4.f"]) { reply, _, _ in
      guard reply.digest == nil else { return }
      reply.digest = StateDigestMessage(catalogue: Catalogue.version, value: .zero)
    },
    changes("tells another time than its card", ["sync.4.4.g"]) { reply, _, _ in
      reply.now += 86_400_000
    },
    HubFault("gives as much as it likes", ["sync.4.1.a"]) { hub, call in
      guard var request = hub.request(call), request.hub.seq == 0, request.maxBytes < 1 << 20 else {
        return hub.real(call)
      }
      request.maxBytes = 1 << 20
      return hub.real(hub.call(call, with: request))
    },
    HubFault("writes by name to every office", ["sync.4.12.a"]) { hub, call in
      guard var request = hub.request(call) else { return hub.real(call) }
      request.catalogue = Catalogue.version
      return hub.real(hub.call(call, with: request))
    },
  ]

  private static let chunkRules: Set<String> = ["sync.4.4.e", "sync.4.5.a"]
  private static let haveRules: Set<String> = [
    "sync.4.4.a", "sync.4.2.j", "sync.0.a", "segment.1.2.a", "segment.1.3.a", "segment.3.1.a",
    "segment.6.1.a", "segment.6.2.a", "bundle.2.2.a", "bundle.3.3.a", "bundle.7.1.c",
  ]

  /// A hub that changes each reply to a sync.
  static func changes(
    _ name: String, _ breaks: Set<String>, blocks: Bool = false,
    _ change: @escaping @Sendable (inout SyncReply, SyncRequest, FilteredHub) -> Void
  ) -> HubFault {
    HubFault(name, breaks, blocks: blocks) { hub, call in
      let answer = hub.real(call)
      guard answer.status == 200, let request = hub.request(call),
        var reply = hub.reply(answer, to: request.head.replica)
      else { return answer }
      change(&reply, request, hub)
      let codec = request.catalogue == Catalogue.version ? hub.codec : .byNumbers
      return hub.answer(answer, with: reply, codec)
    }
  }
}

extension FilteredHub {
  /// Seals the head that a reply names.
  func sealAgain(_ reply: inout SyncReply) {
    guard let secret = key.secret(of: reply.have.replica) else { return }
    reply.successorSeal = Seal.ofSuccessor(masterKey: key.masterKey, reply.head)
    reply.seal = Seal.ofHub(secret: secret, reply.head, successorSeal: reply.successorSeal)
  }
}
