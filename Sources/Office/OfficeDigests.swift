import Community
import OpLog
import Peer
import Store
import Wire

/// How a comparison of the two states ended.
package enum Comparison: Sendable, Equatable {
  /// The two do not hold the same ops, or fold them by other catalogues.
  case none
  /// They are equal.
  case equal
  /// The ops are equal and the states are not: one side is damaged, or a program is wrong.
  case different
}

/// The office's side of finding the row in which it differs from the hub.
extension OfficeCore {
  /// Whether rows have to be looked for after a comparison, or a report taken back.
  func beginSearch(after comparison: Comparison, at head: Head) throws(OfficeError) -> Bool {
    guard comparison != .none else { return false }
    return try OfficeError.wrap { () throws(StoreError) in
      try store.read { () throws(StoreError) in
        let isDifferent = comparison == .different
        let known = try store.differences().map(\.row.partition)
        let hasTold = try store.number(.toldDifferences) != nil
        guard isDifferent || !known.isEmpty || hasTold else {
          search = nil
          return false
        }
        // What the hub wrote meanwhile changed nothing about what was found to differ.
        if isDifferent, search != nil {
          search?.head = head
        } else {
          search = try DigestSearch(at: head, isDifferent: isDifferent, known: known, in: store)
        }
        return true
      }
    }
  }

  /// The next question to the hub about its digest, or the report of what was found.
  ///
  /// - Returns: The request, to be kept for the answer, and the same as it goes over the line; nil when
  ///   there is nothing to ask or to say.
  /// - Throws: ``OfficeError/store(_:)`` when what was found cannot be kept.
  package func digestsRequest(
    now: Int64
  ) throws(OfficeError) -> (DigestsRequest, PeerRequest)? {
    guard search != nil, let head = search?.head else { return nil }
    var question = search?.next()
    if question == nil {
      let found = search?.found ?? []
      let hasTold = try OfficeError.wrap { () throws(StoreError) in
        try store.write { () throws(StoreError) in
          try store.keep(found, foundBy: replica, at: now)
        }
        return try store.number(.toldDifferences) != nil
      }
      guard !found.isEmpty || hasTold else {
        search = nil
        return nil
      }
      question = .found(found)
    }
    guard let question else { return nil }
    let request = DigestsRequest(
      catalogue: store.edition.version, head: head, question: question)
    let message = PeerRequest(
      method: "POST", path: "/v1/digests", contentType: "application/json", token: bearer,
      body: request.encode())
    return (request, message)
  }

  /// Takes the hub's answer to a question about its digest.
  ///
  /// - Returns: What to do next.
  /// - Throws: ``OfficeError``; the search is where it was then.
  package func take(
    _ response: PeerResponse, to request: DigestsRequest
  ) throws(OfficeError) -> SyncMachine.Search {
    guard response.status == 200 else { throw OfficeError(refusal: response) }
    let reply: DigestsReply
    do throws(WireError) {
      reply = try DigestsReply(decoding: response.body)
    } catch { throw .wire(error) }
    if case .found(let rows) = request.question {
      try OfficeError.wrap { () throws(StoreError) in
        try store.write { () throws(StoreError) in
          if rows.isEmpty {
            try store.clear(.toldDifferences)
          } else {
            try store.set(.toldDifferences, 1)
          }
        }
      }
      search = nil
      return .done
    }
    return try OfficeError.wrap { () throws(StoreError) in
      try store.read { () throws(StoreError) in
        guard let answer = reply.answer, try follows(request.head) else { return .moved }
        try search?.take(answer, from: store)
        return .goesOn
      }
    }
  }

  /// Whether the state here is still the one of a hub head, with nothing of this office's beside it.
  private func follows(_ head: Head) throws(StoreError) -> Bool {
    let own = try store.storedHead(of: replica).seq
    let (receipted, folded) = (
      try store.receiptedSeq(of: replica), try store.foldedHead(of: head.replica)
    )
    return receipted == own && folded == head
  }

  /// Whether something is known to differ between this office and the hub.
  package var hasDifferences: Bool {
    get throws(OfficeError) {
      try OfficeError.wrap { () throws(StoreError) in try !store.differences().isEmpty }
    }
  }
}
