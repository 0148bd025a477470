import Testing

@Suite struct LayoutRuleTests {
  @Test("the top level takes only its known entries and dot-files")
  func topLevel() {
    let entries = [".ci", ".build", "Package.swift", "Sources", "README.md", "scripts", "a.txt"]
    #expect(LayoutRule.findings(topLevel: entries).map(\.path) == ["scripts", "a.txt"])
  }

  @Test("the manifest names no package")
  func manifest() {
    let used = SourceFile(
      path: "Package.swift", text: "let package = Package(\n  dependencies: [.package(url: a)])")
    #expect(LayoutRule.findings(manifest: used).map(\.line) == [2])
    let unused = SourceFile(path: "Package.swift", text: "let package = Package(name: a)")
    #expect(LayoutRule.findings(manifest: unused).isEmpty)
  }
}
