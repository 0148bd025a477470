import Foundation
import Glibc
import Testing

@testable import linli

/// A disk of its own that a test can fill: a tmpfs, which only root may mount.
final class SmallDisk: Sendable {
  /// Whether one can be had; under `LINLI_REQUIRE_TOOLS=1` a test that finds none fails instead of being
  /// skipped.
  static let isThere: Bool = {
    if ProcessInfo.processInfo.environment["LINLI_REQUIRE_TOOLS"] == "1" { return true }
    guard let folder = try? ScratchFolder() else { return false }
    return (try? SmallDisk(at: folder.path("trial"))) != nil
  }()

  /// Where it is mounted.
  let path: String
  private var filler: String { path + "/filler" }

  /// Mounts an empty disk of 4 MiB.
  init(at path: String) throws {
    self.path = path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    try #require(Self.run("mount", "-t", "tmpfs", "-o", "size=4m", "linli-test", path))
  }

  deinit { _ = Self.run("umount", "--lazy", path) }

  /// Takes all that is left of it.
  func fill() throws {
    let file = open(filler, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
    try #require(file >= 0)
    defer { close(file) }
    let page = [UInt8](repeating: 1, count: 4_096)
    while write(file, page, page.count) > 0 {}
    #expect(errno == ENOSPC)
  }

  /// Gives it back.
  func free() { unlink(filler) }

  private static func run(_ words: String...) -> Bool {
    let none = Spawn.Stream.reading("/dev/null")
    let process = Spawn(
      "/usr/bin/env", ["env"] + words, environment: ["PATH=/usr/sbin:/usr/bin:/sbin:/bin"],
      streams: (none, .writing("/dev/null"), .writing("/dev/null")))
    guard let end = process?.wait() else { return false }
    return end.code == 0 && !end.isSignal
  }
}
