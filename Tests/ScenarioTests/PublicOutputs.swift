import Conformance
import OpLog
import Store
import Testing

/// What reports say of people: they leave the office as files, so no personal data is in them.
enum PublicOutputs {
  private static let personal: Set<String> = ["name", "phone", "address", "birth_date", "id_last4"]

  /// The reports of a store that hold something of a resident's file.
  static func findings(_ store: Store, _ scenario: Scenario) throws -> [String] {
    var secrets: Set<String> = []
    for case .record(let record) in scenario.steps
    where ["resident.register", "resident.update"].contains(record.kind) {
      secrets.formUnion(record.fields.filter { personal.contains($0.name) }.map(\.value))
    }
    var findings: [String] = []
    for text in ["2025-12-01", "2026-01-01"] {
      let month = try #require(BusinessDate(text))
      for name in Store.reportNames {
        let cells = try store.report(name, month: month, of: nil).rows.joined().compactMap(\.self)
        for secret in secrets where cells.contains(where: { $0.contains(secret) }) {
          findings.append("report \(name) holds \(secret)")
        }
      }
    }
    return findings
  }
}
