import SQLite

/// Runs the body of an exit test on a database in memory.
///
/// Errors are dropped on purpose: a thrown one would end the process with failure too, and only a
/// trap may pass the test.
func withMemory(_ body: (Connection) throws -> Void) {
  guard let memory = try? Connection(path: ":memory:", mode: .readWriteCreate) else { return }
  try? body(memory)
}
