import OpLog

/// A former hub's log that a hub wants to be given, and from where.
package struct RollCallWish: Hashable, Sendable {
  /// Whose log.
  package let hub: ReplicaID
  /// How far somebody gave it already, before its seal was seen.
  package let progress: HubProgress
  /// How far it is held and proved: where to begin if what was given since is another log.
  package let proved: HubProgress

  /// Makes a wish.
  package init(hub: ReplicaID, progress: HubProgress, proved: HubProgress) {
    self.hub = hub
    self.progress = progress
    self.proved = proved
  }
}

/// How a hub answers in a roll-call: who it is, and what it lacks.
///
/// Its first op stands at the start of the chain that the incarnation's bits begin, so the seal over
/// it, made for the asker, proves the bits and the master key at once.
package struct RollCallReply: Equatable, Sendable {
  /// The hub's present life.
  package var incarnation: Incarnation
  /// The first op of its log: `hub.begin`, with the lives before it, in all but the first.
  package var first: Op
  /// The head there, sealed with the asker's secret.
  package var seal: Digest
  /// The head there, sealed for later lives of the hub.
  package var successorSeal: Digest
  /// The asker's log as the hub holds it now.
  package var have: Head
  /// The log that it wants from the asker; nil for none.
  package var wish: RollCallWish?
  /// Whether another office is giving a log just now, so that the asker should ask again later.
  package var mustWait: Bool

  /// Makes a reply.
  package init(
    incarnation: Incarnation, first: Op, seal: Digest, successorSeal: Digest, have: Head,
    wish: RollCallWish?, mustWait: Bool
  ) {
    self.incarnation = incarnation
    self.first = first
    self.seal = seal
    self.successorSeal = successorSeal
    self.have = have
    self.wish = wish
    self.mustWait = mustWait
  }

  /// The reply as JSON.
  package func encode(_ codec: OpJSON) -> [UInt8] {
    var json = JSONWriter()
    json.openObject()
    json.key("incarnation")
    json.incarnation(incarnation)
    json.key("first")
    codec.write(first, to: &json)
    json.key("seal")
    json.digest(seal)
    json.key("successor_seal")
    json.digest(successorSeal)
    json.key("have")
    json.head(have, withReplica: false)
    if let wish {
      json.key("wanted")
      json.openObject()
      json.key("replica")
      json.integer(Int64(wish.hub.rawValue))
      json.key("progress")
      json.progress(wish.progress)
      json.key("proved")
      json.progress(wish.proved)
      json.closeObject()
    }
    json.key("wait")
    json.flag(mustWait)
    json.closeObject()
    return json.bytes
  }

  /// Reads the reply to a request of `asker`.
  ///
  /// - Throws: ``WireError`` naming the first member that is wrong.
  package init(decoding bytes: [UInt8], asker: ReplicaID, _ codec: OpJSON) throws(WireError) {
    var json = try JSONReader(bytes, max: WireLimits.messageBytesMax)
    var incarnation: Incarnation?
    var first: Op?
    var seal: Digest?
    var successorSeal: Digest?
    var place: (seq: UInt64, hash: Digest)?
    var wish: RollCallWish?
    var mustWait: Bool?
    try json.object { (name, json) throws(WireError) in
      switch name {
      case "incarnation": incarnation = try json.incarnation()
      case "first": first = try codec.read(from: &json)
      case "seal": seal = try json.digest()
      case "successor_seal": successorSeal = try json.digest()
      case "have": place = try json.place()
      case "wanted": wish = try RollCallWish(from: &json)
      case "wait": mustWait = try json.flag()
      default: throw .unknownField(field: "")
      }
    }
    try json.finish()
    let have = try place.required("have")
    self.init(
      incarnation: try incarnation.required("incarnation"), first: try first.required("first"),
      seal: try seal.required("seal"),
      successorSeal: try successorSeal.required("successor_seal"),
      have: Head(replica: asker, seq: have.seq, hash: have.hash), wish: wish,
      mustWait: try mustWait.required("wait"))
  }
}

extension RollCallWish {
  fileprivate init(from json: inout JSONReader) throws(WireError) {
    var hub: ReplicaID?
    var progress: HubProgress?
    var proved: HubProgress?
    try json.object { (name, json) throws(WireError) in
      switch name {
      case "replica": hub = try json.replica()
      case "progress": progress = try json.progress()
      case "proved": proved = try json.progress()
      default: throw .unknownField(field: "")
      }
    }
    self.init(
      hub: try hub.required("replica"), progress: try progress.required("progress"),
      proved: try proved.required("proved"))
  }
}
