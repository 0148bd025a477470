import Hub
import Office
import OpLog
import Peer
import SQLite
import Store

/// An office that has just enrolled begins on the hub's checkpoint, and gets the history behind it.
extension CrashStreet {
  /// The files of both sides before it begins.
  struct Newcomer {
    /// The office's files: it has nothing yet.
    let office: FaultyDisk
    /// The hub's files; it has not made a checkpoint.
    let hub: FaultyDisk
  }

  /// Enrols a third office.
  func newcomer() throws -> Newcomer {
    let (office, hub) = (FaultyDisk(), hub.copy())
    let core = try Self.core(try Self.store(on: hub), key)
    let reply = try Self.enrolment(code: "three", label: "新站", staff: [], policy: [:], at: core)
    try Self.enrol(reply.enrolment, on: office)
    try core.store.finish()
    return Newcomer(office: office, hub: hub)
  }

  /// Takes the checkpoint part by part, of every other part half at first, as when the line is cut; records
  /// on it; then gets the history.
  ///
  /// - Parameters:
  ///   - office: The new office.
  ///   - hub: The hub.
  ///   - seen: Told behind each step that is durable.
  /// - Throws: What either side throws, and what `seen` does.
  func begin(_ office: OfficeCore, _ hub: HubCore, seen: (Store) throws -> Void = { _ in }) throws {
    var isCut = false
    while try office.wantsCheckpoint {
      let request = try office.checkpointRequest(maxBytes: 1 << 10)
      var answer = try Self.ask(request, hub)
      isCut = !isCut && request.range != nil
      if isCut {
        answer.body.removeLast(answer.body.count / 2)
        _ = try office.keepBeginning(answer, of: request)
      } else {
        _ = try office.takeCheckpoint(answer, to: request)
      }
      try seen(office.store)
    }
    try record("resident.register", ["name": "新站的"], at: office, form: "newcomer")
    try seen(office.store)
    try Self.sync(office, hub, seen: seen)
  }
}
