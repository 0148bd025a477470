import Foundation

/// A new temporary directory, removed with everything in it when released.
final class ScratchDirectory {
  private let url: URL

  init() throws {
    url = try FileManager.default.url(
      for: .itemReplacementDirectory, in: .userDomainMask,
      appropriateFor: FileManager.default.temporaryDirectory, create: true)
  }

  deinit {
    try? FileManager.default.removeItem(at: url)
  }

  /// The path of a file in this directory.
  func path(_ name: String) -> String {
    url.appending(component: name).path(percentEncoded: false)
  }
}
