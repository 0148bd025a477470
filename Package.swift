// swift-tools-version: 6.2
import PackageDescription

/// Every Swift target is built in Swift 6 mode with these settings; a warning is an error.
let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

/// For modules in which the tests spend their time.
///
/// Optimised in debug builds too, they run in a third of it; overflow, bounds, and preconditions are
/// checked as ever.
let hot: [SwiftSetting] = [.unsafeFlags(["-O"], .when(configuration: .debug))]

/// A library module; `TidyTests` holds the upper bound of what each may import.
func module(
  _ name: String, _ dependencies: [Target.Dependency] = [], _ settings: [SwiftSetting] = []
) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: strict + settings)
}

func tests(of name: String, _ dependencies: [Target.Dependency]) -> Target {
  .testTarget(name: name + "Tests", dependencies: dependencies, swiftSettings: strict)
}

/// In-memory folds and seeded chance, for the tests of several modules.
let foldKit = Target.target(
  name: "FoldKit", dependencies: ["OpLog", "Community"], path: "Tests/FoldKit",
  swiftSettings: strict + hot)

/// The scenarios of `Fixtures/scenarios`.
let scenarioKit = Target.target(
  name: "ScenarioKit", dependencies: ["Conformance"],
  path: "Tests/ScenarioKit", swiftSettings: strict)

/// A bad line, for the tests of processes and the benchmark of them.
let lineKit = Target.target(
  name: "LineKit", dependencies: [], path: "Tests/LineKit", swiftSettings: strict)

let package = Package(
  name: "linli",
  products: [
    .library(name: "Linli", targets: ["Office", "HTTPClient"]),
    .executable(name: "linli", targets: ["linli"]),
    .executable(name: "linli-bench", targets: ["linli-bench"]),
  ],
  targets: [
    .systemLibrary(name: "CSQLite", providers: [.apt(["libsqlite3-dev"])]),
    .systemLibrary(name: "CLinux"),
    module("OpLog", [], hot),
    module("Community", ["OpLog"], hot),
    module("Wire", ["OpLog"], hot),
    module("Peer", ["OpLog", "Wire"]),
    module("SQLite", ["CSQLite"], hot),
    module("Store", ["OpLog", "Community", "SQLite"], hot),
    module("HTTP", ["CLinux"]),
    module("HTTPClient", ["Peer"]),
    module("Pages", ["Community"]),
    module("Hub", ["OpLog", "Community", "Wire", "Store", "HTTP", "Pages"], hot),
    module("Office", ["OpLog", "Community", "Wire", "Peer", "Store"], hot),
    module("Conformance", ["OpLog", "Community", "Wire"], hot),
    module(
      "Simulation",
      [
        "OpLog", "Community", "Wire", "Peer", "SQLite", "Store", "Hub", "Office", "Conformance",
      ], hot),
    .executableTarget(
      name: "linli",
      dependencies: [
        "CLinux", "OpLog", "Community", "Wire", "Peer", "SQLite", "Store", "HTTP", "HTTPClient",
        "Pages", "Hub", "Office", "Conformance", "Simulation",
      ],
      swiftSettings: strict),
    .executableTarget(
      name: "linli-bench",
      dependencies: [
        "OpLog", "Community", "Wire", "SQLite", "Store", "Hub", "Simulation", "LineKit",
      ],
      swiftSettings: strict),
    foldKit,
    scenarioKit,
    lineKit,
    tests(of: "OpLog", ["OpLog"]),
    tests(of: "Community", ["OpLog", "Community", "Conformance", "FoldKit"]),
    tests(of: "Wire", ["OpLog", "Wire"]),
    tests(of: "SQLite", ["SQLite"]),
    tests(of: "Store", ["OpLog", "Community", "SQLite", "Store"]),
    tests(of: "HTTP", ["HTTP"]),
    tests(of: "HTTPClient", ["Peer", "HTTPClient"]),
    tests(
      of: "Hub",
      [
        "OpLog", "Community", "Wire", "Peer", "SQLite", "Store", "HTTP", "Hub", "Office",
        "Conformance",
      ]),
    tests(of: "Office", ["OpLog", "Wire", "Peer", "Store", "Hub", "Office", "HTTPClient"]),
    tests(
      of: "Simulation",
      ["OpLog", "Community", "SQLite", "Store", "Hub", "Office", "Simulation"]),
    tests(of: "Protocol", ["OpLog", "Community", "Wire", "Peer", "Store", "Conformance"]),
    tests(
      of: "Scenario",
      [
        "OpLog", "Community", "Wire", "Peer", "SQLite", "Store", "Pages", "Hub", "Office",
        "Conformance", "Simulation", "FoldKit", "ScenarioKit",
      ]),
    tests(
      of: "EndToEnd",
      [
        "linli", "OpLog", "Community", "Wire", "Peer", "SQLite", "Store", "Office", "HTTPClient",
        "Conformance", "Simulation", "ScenarioKit", "LineKit",
      ]),
    tests(of: "Tidy", []),
  ]
)
