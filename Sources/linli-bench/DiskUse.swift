import SQLite

/// What a database takes on disk, after its WAL went into it.
enum DiskUse {
  /// Adds the bytes per op of the file, of the log alone, and of the largest tables.
  static func add(
    _ connection: Connection, path: String, opCount: Int, _ report: inout Report
  ) throws {
    try checkpoint(connection)
    let perOp = { (bytes: Int) in Double(bytes) / Double(opCount) }
    report.add("disk, whole database", perOp(Measure.bytes(of: path)), "B/op")
    // dbstat is a compile option of SQLite: Debian has it.
    guard
      let tables = try? connection.prepare(
        "SELECT name, sum(pgsize) FROM dbstat GROUP BY name ORDER BY 2 DESC LIMIT 8")
    else { return }
    while try tables.step() {
      report.add("disk, \(tables.text(0))", perOp(Int(tables.integer(1))), "B/op")
    }
  }

  static func checkpoint(_ connection: Connection) throws {
    let statement = try connection.prepare("PRAGMA wal_checkpoint(TRUNCATE)")
    try statement.run()
  }
}
