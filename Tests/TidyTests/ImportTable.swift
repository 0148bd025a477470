/// What one module may import: an upper bound, not a list of what it needs.
struct ImportRow {
  /// Modules of this package.
  let ours: Set<String>
  /// Modules of the toolchain and C module maps; nil allows all.
  let system: Set<String>?

  init(_ ours: Set<String> = [], system: Set<String>? = []) {
    self.ours = ours
    self.system = system
  }
}

/// The direction of imports; SwiftPM builds an undeclared import of a transitive target.
enum ImportTable {
  static let rows: [String: ImportRow] = [
    "CSQLite": ImportRow(),
    "CLinux": ImportRow(),
    "OpLog": ImportRow(),
    "Community": ImportRow(["OpLog"]),
    "Wire": ImportRow(["OpLog"]),
    "Peer": ImportRow(["OpLog", "Wire"]),
    "SQLite": ImportRow(["CSQLite"], system: ["Glibc"]),
    "Store": ImportRow(["OpLog", "Community", "SQLite"], system: ["Glibc"]),
    "HTTP": ImportRow(["CLinux"], system: ["Glibc", "Synchronization"]),
    "HTTPClient": ImportRow(
      ["Peer", "Wire"],
      system: ["Glibc", "Dispatch", "Foundation", "FoundationNetworking", "Synchronization"]),
    "Pages": ImportRow(["Community"]),
    "Hub": ImportRow(
      ["OpLog", "Community", "Wire", "Store", "HTTP", "Pages"],
      system: ["Glibc", "Dispatch", "Foundation", "FoundationEssentials", "Synchronization"]),
    "Office": ImportRow(
      ["OpLog", "Community", "Wire", "Peer", "Store"],
      system: ["Glibc", "Dispatch", "FoundationEssentials", "Synchronization"]),
    "Console": ImportRow(["OpLog", "Community", "HTTP", "Office", "Pages"]),
    // Its line cuts bytes off, which no client does: it has sockets of its own.
    "Conformance": ImportRow(["OpLog", "Community", "Wire"], system: ["Glibc"]),
    "Simulation": ImportRow(
      ["OpLog", "Community", "Wire", "Peer", "SQLite", "Store", "Hub", "Office", "Conformance"],
      system: ["Glibc"]),
    "linli": ImportRow(libraries, system: nil),
    // In Tests: the benchmark over processes has the line of their tests.
    "LineKit": ImportRow([], system: ["Foundation", "Synchronization"]),
    "linli-bench": ImportRow(
      libraries.union(["LineKit"]), system: ["Glibc", "Foundation"]),
  ]

  private static let libraries: Set<String> = [
    "OpLog", "Community", "Wire", "Peer", "SQLite", "Store", "HTTP", "HTTPClient", "Pages", "Hub",
    "Office", "Console", "Conformance", "Simulation", "CLinux",
  ]
}
