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
  ///   - line: Carries the request to the hub.
  ///   - random: Gives that many random bytes.
  ///   - isolation: The caller's actor.
  /// - Returns: The office, open.
  /// - Throws: ``OfficeError``; no office is made then.
  package func enrol(
    code: String, hub: String, label: String, through line: some Transport,
    random: (Int) -> [UInt8], isolation: isolated (any Actor)? = #isolation
  ) async throws(OfficeError) -> OfficeCore {
    guard !isEnrolled else { throw .enrolled(path) }
    let nonce = try nonce(for: code, random: random)
    let request: EnrolRequest
    do throws(WireError) {
      request = try EnrolRequest(code: code, nonce: nonce, label: label)
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
    guard response.status == 201 else { throw OfficeError(refusal: response) }
    let reply: EnrolReply
    do throws(WireError) {
      reply = try EnrolReply(decoding: response.body)
    } catch { throw .wire(error) }
    return try adopt(reply, hubAddress: hub)
  }
}
