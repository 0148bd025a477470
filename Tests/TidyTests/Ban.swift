/// A piece of code that this project does not use, and what it uses instead.
struct Ban {
  /// Where a ban holds; `linli` and `linli-bench` are the modules named by their folders.
  enum Scope {
    case everywhere
    case tests
    case modules(Set<String>)
    case allModules(except: Set<String>)

    func contains(_ file: SourceFile) -> Bool {
      switch self {
      case .everywhere: true
      case .tests: file.isTest
      case .modules(let names): file.module.map(names.contains) ?? false
      case .allModules(let exceptions): file.module.map { !exceptions.contains($0) } ?? false
      }
    }
  }

  let code: String
  let scope: Scope
  let instead: String

  init(_ code: String, in scope: Scope = .everywhere, instead: String) {
    self.code = code
    self.scope = scope
    self.instead = instead
  }

  static let all = [
    Ban("try!", instead: "throw, handle the error, or `#require` in a test"),
    Ban("as!", instead: "use `as?` with a guard, or a type that needs no cast"),
    Ban("String(format:", instead: "write the digits with an integer formatter of our own"),
    // A test that holds a server's handler has to hold its thread.
    Ban("DispatchSemaphore", in: .allModules(except: []), instead: "use Mutex, or await"),
    Ban("NSLock", instead: "use Mutex"),
    Ban("fatalError(", instead: "preconditionFailure with a reason for our bugs, throw for input"),
    Ban("print(", in: .allModules(except: commands), instead: "return text; only a command prints"),
    Ban(
      "Data(", in: .modules(byteModules),
      instead: "use [UInt8] to own bytes and Span<UInt8> to read them"),
    Ban(
      ".cancel()", in: .modules(["HTTPClient"]),
      instead: "abandon the answer: cancelling URLSession aborts"),
    Ban("JSONEncoder", in: .modules(codecModules), instead: codec),
    Ban("JSONDecoder", in: .modules(codecModules), instead: codec),
    Ban("JSONSerialization", in: .modules(codecModules), instead: codec),
    Ban(".sleep(", in: .tests, instead: waiting),
    Ban("sleep(", in: .tests, instead: waiting),
    Ban("usleep(", in: .tests, instead: waiting),
  ]

  private static let codec = "use a hand-written codec, such as that of Wire"
  private static let waiting = "wait for the event itself: a line, a file descriptor, an exit"
  private static let commands: Set<String> = ["linli", "linli-bench"]
  private static let byteModules: Set<String> = [
    "OpLog", "Community", "Wire", "Peer", "SQLite", "Store",
  ]
  private static let codecModules = byteModules.union(["HTTP", "Hub", "Office"])
}
