import Foundation
import Testing

@Suite struct OpsSchemaDocumentTests {
  /// `LINLI_RECORD=1 swift test --filter OpsSchemaDocumentTests` writes the files anew.
  @Test(
    "Protocol/schemas has the catalogue's own payloads and bodies", arguments: ["ops", "bodies"])
  func isGenerated(name: String) throws {
    let file = Repository.root.appending(path: "Protocol/schemas/\(name).json")
    let schema = name == "ops" ? OpsSchema.ops : OpsSchema.bodies
    let text = schema.formatted() + "\n"
    if ProcessInfo.processInfo.environment["LINLI_RECORD"] == "1" {
      try text.write(to: file, atomically: true, encoding: .utf8)
    } else {
      #expect(try String(contentsOf: file, encoding: .utf8) == text)
    }
  }
}
