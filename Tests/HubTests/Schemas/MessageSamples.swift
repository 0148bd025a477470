import Community
import Foundation
import Hub
import OpLog
import Wire

/// Messages as the documents show them, with the schema of each and the reader that the program has for it.
enum MessageSamples {
  static let codec = OpJSON(SchemaTable(Catalogue.schemas))

  /// Reads a message as the program does; nil where it is well.
  typealias Reader = @Sendable ([UInt8]) -> WireError?

  private static func reader<Message>(
    _ read: @escaping @Sendable ([UInt8]) throws(WireError) -> Message
  ) -> Reader {
    { bytes in
      do throws(WireError) {
        _ = try read(bytes)
        return nil
      } catch { return error }
    }
  }

  /// The messages of `sync.md`, and the readers of all that are read by this program's own.
  static let readers: [String: Reader] = [
    "card": reader { (bytes) throws(WireError) in try HubCard(decoding: bytes) },
    "enroll-request": reader { (bytes) throws(WireError) in try EnrolRequest(decoding: bytes) },
    "enroll-reply": reader { (bytes) throws(WireError) in try EnrolReply(decoding: bytes) },
    "renew-request": reader { (bytes) throws(WireError) in try RenewRequest(decoding: bytes) },
    "renew-reply": reader { (bytes) throws(WireError) in try RenewReply(decoding: bytes) },
    "sync-request": reader { (bytes) throws(WireError) in
      try SyncRequest(decoding: bytes, codec)
    },
    "sync-reply": reader { (bytes) throws(WireError) in
      try SyncReply(decoding: bytes, asker: asker, codec)
    },
    "rollcall-request": reader { (bytes) throws(WireError) in
      try RollCallRequest(decoding: bytes, codec)
    },
    "rollcall-reply": reader { (bytes) throws(WireError) in
      try RollCallReply(decoding: bytes, asker: asker, codec)
    },
    "rights-request": reader { (bytes) throws(WireError) in try RightsQuestion(decoding: bytes) },
    "rights-reply": reader { (bytes) throws(WireError) in try RightsAnswer(decoding: bytes) },
    "digests-request": reader { (bytes) throws(WireError) in try DigestsRequest(decoding: bytes) },
    "digests-reply": reader { (bytes) throws(WireError) in try DigestsReply(decoding: bytes) },
    "checkpoint-card": reader { (bytes) throws(WireError) in
      try CheckpointCard(decoding: bytes)
    },
    "bundle-header": reader { (bytes) throws(WireError) in try BundleHeader(decoding: bytes) },
    "bundle-place": reader { (bytes) throws(WireError) in try BundlePlace(decoding: bytes) },
    "body": reader { (bytes) throws(WireError) in try BodyJSON.check(bytes) },
  ]

  private static let asker = Street.replica(4097)

  /// The schemas of which `sync.md` shows a message.
  static let ofSync = [
    "card", "enroll-request", "enroll-reply", "renew-request", "renew-reply", "sync-request",
    "sync-reply", "rollcall-request", "rollcall-reply", "rights-request", "rights-reply",
    "digests-request", "digests-reply",
  ]

  /// The JSON that stands in the fences of a document.
  static func fenced(in document: String) throws -> [JSONValue] {
    try text(of: document).components(separatedBy: "```json\n").dropFirst().map { part in
      try JSONValue(Array(part.components(separatedBy: "```")[0].utf8))
    }
  }

  /// The JSON in the frames of `bundle.md` §8, with their tags.
  static func frames() throws -> [(tag: Int, JSONValue)] {
    try text(of: "bundle.md").split(separator: "\n").compactMap { line in
      guard let match = line.firstMatch(of: #/^\| ([1-4]) \| [0-9]+ \| [^{]*(\{.*\})` \|/#),
        let tag = Int(match.1)
      else { return nil }
      return (tag, try JSONValue(Array(match.2.utf8)))
    }
  }

  static func text(of document: String) throws -> String {
    try String(
      contentsOf: JSONSchemas.protocolFolder.appending(path: document), encoding: .utf8)
  }

  /// A file of `Fixtures/wire`, without its line break.
  static func fixture(_ name: String) throws -> [UInt8] {
    let file = JSONSchemas.protocolFolder.deletingLastPathComponent()
      .appending(path: "Fixtures/wire/\(name)")
    return Array(try Data(contentsOf: file)).dropLast()
  }
}

extension Street {
  /// A replica's id.
  fileprivate static func replica(_ number: UInt32) -> ReplicaID {
    guard let replica = ReplicaID(rawValue: number) else { preconditionFailure("no replica") }
    return replica
  }
}
