import Foundation

/// The files of this repository, read once for all tests.
enum Repository {
  /// A file of text with its path from the root.
  struct TextFile {
    let path: String
    let text: String
  }

  static let root = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// Every file of text but those of hidden folders; `.ci` is part of the project.
  static let textFiles = Result { try readTextFiles() }

  static let swiftFiles = Result {
    try textFiles.get().filter { $0.path.hasSuffix(".swift") }.map {
      SourceFile(path: $0.path, text: $0.text)
    }
  }

  static func topLevel() throws -> [String] { try entries(of: root) }

  static func modules() throws -> [String] { try entries(of: root.appending(path: "Sources")) }

  private static func entries(of folder: URL) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
  }

  private static func readTextFiles() throws -> [TextFile] {
    let folders = ["Sources", "Tests", "Protocol", "Fixtures", ".ci"]
    let inFolders = folders.flatMap { folder in
      let paths = FileManager.default.enumerator(atPath: root.appending(path: folder).path)
      return (paths?.compactMap { $0 as? String } ?? []).map { folder + "/" + $0 }
    }
    return try (topLevel() + inFolders).sorted().compactMap { path in
      let file = root.appending(path: path)
      guard try file.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile == true,
        let text = String(validating: try Data(contentsOf: file), as: UTF8.self)
      else { return nil }
      return TextFile(path: path, text: text)
    }
  }
}
