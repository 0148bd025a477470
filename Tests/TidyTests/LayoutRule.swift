/// The top level holds what a newcomer looks for, and the manifest names no package.
enum LayoutRule {
  private static let topLevel: Set<String> = [
    "Package.swift", "Sources", "Tests", "Protocol", "Fixtures", "README.md",
    "Package.resolved",  // written by SwiftPM, ignored by git
  ]

  static func findings(topLevel entries: [String]) -> [Finding] {
    entries.filter { !$0.hasPrefix(".") && !topLevel.contains($0) }.map {
      Finding(path: $0, line: 1, message: "move it into one of the folders of the top level")
    }
  }

  static func findings(manifest: SourceFile) -> [Finding] {
    manifest.code.indices.filter { manifest.code(at: $0, reads: [".", "package", "("]) }.map {
      manifest.finding(at: manifest.code[$0], "no packages: the toolchain and libsqlite3 suffice")
    }
  }
}
