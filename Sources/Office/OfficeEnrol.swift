import Community
import OpLog
import Peer
import Store
import Wire

extension OfficeFolder {
  /// Becomes an office of a street: uses a one-time code and makes the database.
  ///
  /// Calling it again with the same code after a lost answer gives the same office. A folder that is an
  /// office already is refused before the code is spent.
  ///
  /// - Parameters:
  ///   - code: The code, as the hub's administrator handed it out.
  ///   - hub: The hub's address, kept for later syncs.
  ///   - label: What the office is called; empty takes what the invitation says.
  ///   - former: A folder of the same community's office that cannot go on, such as one that holds another
  ///     branch of the hub's log. What was recorded there and the hub turns out to lack is recorded again by
  ///     the sync that brings the last of the history; until then nothing else is.
  ///   - line: Carries the request to the hub.
  ///   - random: Gives that many random bytes.
  ///   - isolation: The caller's actor.
  /// - Returns: The office, open.
  /// - Throws: ``OfficeError``; no office is made then.
  package func enrol(
    code: String, hub: String, label: String, inPlaceOf former: OfficeFolder? = nil,
    through line: some Transport, random: (Int) -> [UInt8],
    isolation: isolated (any Actor)? = #isolation
  ) async throws(OfficeError) -> OfficeCore {
    guard !isEnrolled else { throw .enrolled(path) }
    let office = try former?.open()
    let reply = try await use(code, label: label, through: line, random: random)
    return try adopt(reply, hubAddress: hub, inPlaceOf: office)
  }

  /// Goes on as an office of the same community under a new id, in the same folder: for a database that
  /// was copied, or an old copy that was put back.
  ///
  /// What the hub does not hold of it is recorded again by the next sync that ends. It may be called
  /// again after anything that kept it from ending; once the office has its new id no code is needed.
  ///
  /// - Parameters:
  ///   - code: A new code for the same community.
  ///   - hub: The hub's address; nil for the one that the office knows.
  ///   - label: What the office is called; empty takes what the invitation says.
  ///   - line: Carries the request to the hub.
  ///   - random: Gives that many random bytes.
  ///   - isolation: The caller's actor.
  /// - Returns: The office, open; it has to sync.
  /// - Throws: ``OfficeError``; ``OfficeError/notStopped`` for an office that may go on as it is,
  ///   ``OfficeError/otherBranch`` for one to which nothing comes back any more,
  ///   ``OfficeError/otherOffice`` for a code of another community.
  package func rejoin(
    code: String, hub: String?, label: String, through line: some Transport,
    random: (Int) -> [UInt8], isolation: isolated (any Actor)? = #isolation
  ) async throws(OfficeError) -> OfficeCore {
    let office = try open()
    switch try office.stop {
    case nil: throw .notStopped
    case .some where try office.isOnOtherBranch: throw .otherBranch
    case .rejoining: return office
    default:
      return try await begin(
        office, code: code, hub: hub, label: label, through: line, random: random)
    }
  }

  /// The same for an office that a hub forgot while it rejoined; see ``OfficeCore/isForgotten``.
  ///
  /// - Throws: As for ``rejoin(code:hub:label:through:random:isolation:)``.
  package func rejoinAgain(
    code: String, label: String, through line: some Transport, random: (Int) -> [UInt8],
    isolation: isolated (any Actor)? = #isolation
  ) async throws(OfficeError) -> OfficeCore {
    let office = try open()
    guard try office.stop == .rejoining, try office.isForgotten else { throw .notStopped }
    return try await begin(
      office, code: code, hub: nil, label: label, through: line, random: random)
  }

  private func begin(
    _ office: OfficeCore, code: String, hub: String?, label: String,
    through line: some Transport, random: (Int) -> [UInt8],
    isolation: isolated (any Actor)? = #isolation
  ) async throws(OfficeError) -> OfficeCore {
    let reply = try await use(
      code, label: label, former: office.replica, through: line, random: random)
    let address = if let hub { hub } else { try office.hubAddress }
    try office.begin(as: reply, hubAddress: address)
    forgetNonce()
    return try OfficeCore(office.store)
  }

  /// Has a code turned into a replica; the same code gives the same answer.
  ///
  /// A hub of a version that does not know what a former id is is asked without it.
  private func use(
    _ code: String, label: String, former: ReplicaID? = nil, through line: some Transport,
    random: (Int) -> [UInt8], isolation: isolated (any Actor)? = #isolation
  ) async throws(OfficeError) -> EnrolReply {
    guard !PersonalData.isIn(label) else { throw .refused(.personalData(field: "label")) }
    let nonce = try nonce(for: code, random: random)
    let request: EnrolRequest
    do throws(WireError) {
      request = try EnrolRequest(code: code, nonce: nonce, label: label, former: former)
    } catch {
      guard case .outOfRange(let field) = error else { throw .wire(error) }
      throw .badValue(field: field)
    }
    let response: PeerResponse
    do throws(TransportError) {
      response = try await line.send(
        PeerRequest(
          method: "POST", path: "/v1/enroll", contentType: "application/json",
          body: request.encode()))
    } catch { throw .transport(error) }
    guard response.status == 201 else {
      let error = OfficeError(refusal: response)
      guard former != nil, case .problem(let problem) = error, problem.kind == .unknownField else {
        throw error
      }
      return try await use(code, label: label, through: line, random: random)
    }
    do throws(WireError) {
      return try EnrolReply(decoding: response.body)
    } catch { throw .wire(error) }
  }
}
