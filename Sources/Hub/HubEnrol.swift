import Community
import OpLog
import Store
import Wire

/// Enrolment: a one-time code becomes a replica.
extension HubCore {
  func enrol(_ request: EnrolRequest, now: Int64) throws(Problem) -> EnrolReply {
    try refuseInRollCall()
    let codeHash = SHA256.hash(Array(request.code.utf8))
    let outcome = try Problem.wrap { () throws(StoreError) in
      try store.write { () throws(StoreError) -> Result<ReplicaID, Problem> in
        guard var invitation = try store.invitation(codeHash) else {
          return .failure(Problem(.codeInvalid, detail: "no invitation has this code"))
        }
        if let replica = invitation.replica {
          guard invitation.nonce == request.nonce else {
            return .failure(Problem(.codeUsed, detail: "this code has been used"))
          }
          return .success(replica)
        }
        guard now <= invitation.expiresAt else {
          return .failure(Problem(.codeInvalid, detail: "the invitation has expired"))
        }
        let former = try request.former.flatMap { (id) throws(StoreError) in
          try store.enrolment(of: id)
        }
        // Nothing is issued: the PC could not take it, and its own community's code would come too late.
        guard former == nil || former?.community == invitation.community else {
          return .failure(
            Problem(.codeInvalid, detail: "the code is for another community than the PC's own"))
        }
        let label = request.label.isEmpty ? invitation.label : request.label
        guard HubAdmin.nameType.fits(.text(label)) else {
          return .failure(
            Problem(.outOfRange, detail: "the label has control characters", field: "label"))
        }
        guard !PersonalData.isIn(label) else {
          return .failure(Problem(.outOfRange, detail: "the label holds a phone or ID number"))
        }
        let replica = try issue(invitation, label: label, now: now)
        invitation.nonce = request.nonce
        invitation.replica = replica
        try store.keep(invitation)
        if former != nil, let id = request.former { try store.noteRejoin(of: id, as: replica) }
        return .success(replica)
      }
    }
    switch outcome {
    case .failure(let problem): throw problem
    case .success(let replica): return try reply(to: replica, now: now)
    }
  }

  private func issue(
    _ invitation: Invitation, label: String, now: Int64
  ) throws(StoreError) -> ReplicaID {
    let last = try store.lastReplica()
    guard let replica = ReplicaID(rawValue: max(last, store.identity.replica).rawValue + 1),
      replica.incarnation == key.incarnation.number
    else { throw .envelope(.outOfRange(field: "replica")) }
    let payload = Payload(values: [
      .integer(Int64(replica.rawValue)), .reference(invitation.community), .text(label),
    ])
    try HubAdmin.write(payload, EnrollFold.kind, to: store, now: now)
    return replica
  }

  private func reply(to replica: ReplicaID, now: Int64) throws(Problem) -> EnrolReply {
    let (enrolment, name) = try Problem.wrap { () throws(StoreError) in
      (try store.enrolment(of: replica), try store.setting(.streetName))
    }
    guard let enrolment, let issuer = key.issuer(of: replica), let token = key.token(of: replica),
      let secret = key.secret(of: replica)
    else { throw Problem(.internal, detail: "the enrolment is not folded") }
    return EnrolReply(
      street: key.street, streetName: String(decoding: name ?? [], as: UTF8.self),
      incarnation: issuer, replica: replica, community: enrolment.community, token: token,
      secret: secret, now: now)
  }
}

/// Bodies: personal data for the hub and the person's own community only.
extension HubCore {
  func body(_ digest: Digest, for replica: ReplicaID) throws(Problem) -> [UInt8] {
    try refuseInRollCall()
    try checkScope(of: digest, replica, isBringing: false)
    try refuseErased(digest)
    let body = try Problem.wrap { () throws(StoreError) in try store.body(digest) }
    guard let body else { throw Problem(.bodyUnknown, detail: "the body has not reached the hub") }
    return body.wireBytes
  }

  func put(_ bytes: [UInt8], _ digest: Digest, from replica: ReplicaID) throws(Problem) {
    guard bytes.count <= BodyLimits.wireBytesMax else {
      throw Problem(.tooLarge, detail: "a body has at most \(BodyLimits.wireBytesMax) bytes")
    }
    guard let body = Body(wire: bytes), body.digest == digest else {
      throw Problem(.bodyMismatch, detail: "SHA-256(salt, content) is not the digest")
    }
    try Problem.wrap { () throws(WireError) in try BodyJSON.check(Array(body.content.utf8)) }
    try refuseInRollCall()
    try checkScope(of: digest, replica, isBringing: true)
    try refuseErased(digest)
    try Problem.wrap { () throws(StoreError) in
      try store.write { () throws(StoreError) in try store.keep(body) }
    }
  }

  private func refuseErased(_ digest: Digest) throws(Problem) {
    let isErased = try Problem.wrap { () throws(StoreError) in try store.isErased(digest) }
    guard !isErased else { throw Problem(.bodyErased, detail: "the body was erased") }
  }

  /// Offices of the person's community may bring and read a body; its writer, wherever, may bring it,
  /// and so may the offices beside the writer: one of them may go on from the writer's log.
  private func checkScope(
    of digest: Digest, _ replica: ReplicaID, isBringing: Bool
  ) throws(Problem) {
    let (link, community, writers) = try Problem.wrap { () throws(StoreError) in
      try store.read { () throws(StoreError) in
        let link = try store.link(ofBody: digest)
        let writers = try link.flatMap { (link) throws(StoreError) in
          try store.enrolment(of: link.op.replica)?.community
        }
        return (link, try store.enrolment(of: replica)?.community, writers)
      }
    }
    guard let link else { throw Problem(.bodyUnknown, detail: "no op here vouches for this body") }
    guard let community, community == link.community || isBringing && community == writers else {
      throw Problem(.forbidden, detail: "the body belongs to another community")
    }
  }
}
