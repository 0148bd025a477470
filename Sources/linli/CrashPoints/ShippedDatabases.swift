import Foundation

/// Offices' databases as shipped versions wrote them: `Fixtures/databases` of the clone that this program
/// was built from.
enum ShippedDatabases {
  /// Of each schema before the newest one the file of the oldest catalogue, by its name without `.db`; none
  /// where there is no clone.
  static func oldest() -> [String: [UInt8]] {
    let folder = StreetFixture.root + "/databases"
    var chosen: [Int: (catalogue: Int, name: String)] = [:]
    for file in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] {
      guard let parts = file.wholeMatch(of: /([0-9]+)-([0-9]+)\.db/)?.output,
        let catalogue = Int(parts.1), let schema = Int(parts.2),
        catalogue < chosen[schema]?.catalogue ?? .max
      else { continue }
      chosen[schema] = (catalogue, "\(catalogue)-\(schema)")
    }
    chosen[chosen.keys.max() ?? 0] = nil
    var found: [String: [UInt8]] = [:]
    for (_, name) in chosen.values {
      found[name] = FileManager.default.contents(atPath: "\(folder)/\(name).db").map(Array.init)
    }
    return found
  }
}
