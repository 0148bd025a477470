import Foundation
import Testing

/// A hub's disk as people treat it.
extension TestStreet {
  /// The hub's folder.
  var hubData: String { folder.path("hub") }

  /// Serves the hub again where its offices know it.
  func serve(
    _ data: String? = nil, environment: [String: String] = [:]
  ) async throws -> RunningProcess {
    let port = try #require(url.split(separator: ":").last)
    let hub = try RunningProcess(
      ["hub", "serve", "--data", data ?? hubData, "--listen", "127.0.0.1:\(port)"],
      environment: environment)
    try #require(await hub.line() == "listening \(url)")
    return hub
  }

  /// Copies the folder of a hub that is not served.
  func copyHub(as name: String) throws -> String {
    let copy = folder.path(name)
    try FileManager.default.copyItem(atPath: hubData, toPath: copy)
    return copy
  }

  /// Puts the database of a copy back, as it comes with a disk that is set back.
  func putHubBack(from copy: String) throws {
    for end in ["", "-wal", "-shm"] {
      try? FileManager.default.removeItem(atPath: hubData + "/hub.db" + end)
    }
    try FileManager.default.copyItem(atPath: copy + "/hub.db", toPath: hubData + "/hub.db")
  }

  /// Deletes all of a hub but its key, and begins its next life.
  func recoverHub() async throws {
    for file in try FileManager.default.contentsOfDirectory(atPath: hubData)
    where file != "hub.key" { try FileManager.default.removeItem(atPath: hubData + "/" + file) }
    let recovered = try await hub("recover")
    try #require(recovered.exit == 0, "\(recovered.err)")
  }

  /// Ends the roll-call.
  func succeed(by offices: [TestOffice]) async throws {
    let by = offices.map(\.staff).joined(separator: ",")
    let ended = try await hub("succeed", "--by", by, "--yes")
    try #require(ended.exit == 0, "\(ended.out)\(ended.err)")
  }

  /// The hub's state digest.
  func hubDigest() async throws -> String {
    try #require(try await hub("status", json: true).object()["digest"] as? String)
  }
}
