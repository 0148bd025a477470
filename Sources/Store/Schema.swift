import Community
import SQLite

/// The tables of a Linli database.
///
/// Durable tables hold what cannot be made again: the log and its heads, bodies, request keys,
/// seals. They change by migrations only. Derived tables are the fold of the log: they are made from
/// the declarations in `Community` and made anew whenever the catalogue's version changes.
enum Schema {
  /// Append only; `PRAGMA user_version` counts those that ran.
  static let migrations: [StaticString] = [
    """
    CREATE TABLE meta(
      key TEXT PRIMARY KEY, value ANY NOT NULL
    ) STRICT, WITHOUT ROWID;
    -- One row per op: hash is the chain hash after it, op its canonical bytes.
    CREATE TABLE log(
      replica INTEGER NOT NULL, seq INTEGER NOT NULL, kind INTEGER NOT NULL,
      occurred_on INTEGER NOT NULL, hash BLOB NOT NULL, op BLOB NOT NULL,
      PRIMARY KEY(replica, seq)
    ) STRICT, WITHOUT ROWID;
    -- stored: how far the log is held; folded: how far somebody vouched for it and it was folded.
    CREATE TABLE head(
      replica INTEGER PRIMARY KEY, stored INTEGER NOT NULL, stored_hash BLOB NOT NULL,
      folded INTEGER NOT NULL, folded_hash BLOB NOT NULL
    ) STRICT;
    CREATE TABLE seal(
      replica INTEGER PRIMARY KEY, seq INTEGER NOT NULL, hash BLOB NOT NULL,
      seal BLOB NOT NULL, successor_seal BLOB
    ) STRICT;
    CREATE TABLE request(
      key TEXT PRIMARY KEY, op INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    -- content is JSON text; digest = SHA-256(salt || content).
    CREATE TABLE body(
      digest BLOB PRIMARY KEY, salt BLOB NOT NULL, content TEXT NOT NULL,
      is_uploaded INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE invitation(
      code_hash BLOB PRIMARY KEY, community INTEGER NOT NULL, label TEXT NOT NULL,
      expires_at INTEGER NOT NULL, nonce BLOB, replica INTEGER
    ) STRICT, WITHOUT ROWID;
    """,
    """
    -- op: the own op that the body was recorded with; NULL for one that came over the line.
    ALTER TABLE body ADD COLUMN op INTEGER;
    CREATE INDEX body_unsent ON body(op) WHERE is_uploaded = 0;
    """,
    """
    -- Bodies that were erased; they are never kept again.
    CREATE TABLE tombstone(
      digest BLOB PRIMARY KEY
    ) STRICT, WITHOUT ROWID;
    """,
    """
    -- How staff sign in at this office; resets: how many resets were known when the PIN was set.
    CREATE TABLE pin(
      staff INTEGER PRIMARY KEY, salt BLOB NOT NULL, rounds INTEGER NOT NULL, hash BLOB NOT NULL,
      resets INTEGER NOT NULL, failures INTEGER NOT NULL, tried_at INTEGER NOT NULL
    ) STRICT;
    """,
    """
    -- The lives of the street's hub: the chains of the logs that it issued start with their bits.
    CREATE TABLE incarnation(
      number INTEGER PRIMARY KEY, random INTEGER NOT NULL
    ) STRICT;
    INSERT INTO incarnation
      SELECT n.value, r.value FROM meta n, meta r
       WHERE n.key = 'incarnation' AND r.key = 'incarnation_random';
    """,
    """
    -- Rows that differ between an office and the hub, by their keys: no data of theirs. No key: the
    -- sums kept of a table's rows. finder: who found it; office, hub: the row's hash, NULL for no row.
    CREATE TABLE difference(
      finder INTEGER NOT NULL, tbl INTEGER NOT NULL, replica INTEGER NOT NULL, key TEXT NOT NULL,
      office BLOB, hub BLOB, found_at INTEGER NOT NULL, PRIMARY KEY(finder, tbl, replica, key)
    ) STRICT, WITHOUT ROWID;
    """,
    """
    -- What this PC wrote under earlier ids and the hub did not hold when it rejoined; again: the op
    -- that says the same under the id that it then had.
    CREATE TABLE former_op(
      replica INTEGER NOT NULL, seq INTEGER NOT NULL, hash BLOB NOT NULL, op BLOB NOT NULL,
      again INTEGER, PRIMARY KEY(replica, seq)
    ) STRICT, WITHOUT ROWID;
    """,
    """
    -- Ops that come in and are not what the log has under their ids, until it is known which stay.
    CREATE TABLE beside(
      replica INTEGER NOT NULL, seq INTEGER NOT NULL, hash BLOB NOT NULL, op BLOB NOT NULL,
      PRIMARY KEY(replica, seq)
    ) STRICT, WITHOUT ROWID;
    -- Ops that lost their ids: another was received first. They count for nothing.
    CREATE TABLE put_away(
      replica INTEGER NOT NULL, seq INTEGER NOT NULL, hash BLOB NOT NULL, op BLOB NOT NULL,
      PRIMARY KEY(replica, seq, hash)
    ) STRICT, WITHOUT ROWID;
    """,
    """
    -- refused: why an op cannot be said again; somebody has to look at it. 'noted': somebody did.
    -- 'held': the hub turned out to have it; one that the log loses later is said again after all.
    ALTER TABLE former_op ADD COLUMN refused TEXT;
    CREATE INDEX former_pending ON former_op(replica, seq)
      WHERE again IS NULL AND refused IS NULL;
    -- noted_at: when somebody said that what the op did is looked after on paper.
    ALTER TABLE put_away ADD COLUMN noted_at INTEGER;
    """,
    """
    -- Ops that stand further on in their logs than these are held; while an office that has begun on a
    -- checkpoint waits for its history. id: replica << 32 | seq.
    CREATE TABLE ahead(
      id INTEGER PRIMARY KEY, hash BLOB NOT NULL, op BLOB NOT NULL
    ) STRICT;
    -- A checkpoint in parts, in order: at a hub the one that it gives, at an office what has come of it.
    CREATE TABLE checkpoint(
      first INTEGER PRIMARY KEY, bytes BLOB NOT NULL
    ) STRICT;
    """,
  ]

  /// The derived tables that every catalogue has: equal wherever the same logs are folded.
  static let derived: [(name: String, sql: String)] = [
    (
      "receipt_run",
      """
      CREATE TABLE receipt_run(
        replica INTEGER NOT NULL, to_seq INTEGER NOT NULL, from_seq INTEGER NOT NULL,
        receipt INTEGER NOT NULL, run INTEGER NOT NULL, received_at INTEGER NOT NULL,
        PRIMARY KEY(replica, to_seq)
      ) STRICT, WITHOUT ROWID
      """
    ),
    // The runs of the receipts of the second hub and later ones; see HubRunTable.
    (
      "hub_run",
      """
      CREATE TABLE hub_run(
        hub INTEGER NOT NULL, replica INTEGER NOT NULL, to_seq INTEGER NOT NULL,
        from_seq INTEGER NOT NULL, PRIMARY KEY(hub, replica, to_seq)
      ) STRICT, WITHOUT ROWID
      """
    ),
    // The ops that bound logs, few in a street's life; see LogBounds.
    ("bounding", "CREATE TABLE bounding(op INTEGER PRIMARY KEY) STRICT"),
    (
      "outcome", "CREATE TABLE outcome(op INTEGER PRIMARY KEY, outcome TEXT NOT NULL) STRICT"
    ),
    (
      "desk",
      """
      CREATE TABLE desk(
        subject INTEGER NOT NULL, detail INTEGER NOT NULL, reason TEXT NOT NULL,
        PRIMARY KEY(subject, detail, reason)
      ) STRICT, WITHOUT ROWID
      """
    ),
    (
      "unadmitted", "CREATE TABLE unadmitted(op INTEGER PRIMARY KEY) STRICT"
    ),
    (
      "waiting",
      """
      CREATE TABLE waiting(
        on_op INTEGER NOT NULL, op INTEGER NOT NULL, PRIMARY KEY(on_op, op)
      ) STRICT, WITHOUT ROWID
      """
    ),
    // What ops touch whose kind or fields a newer version knows.
    (
      "parked_ref",
      """
      CREATE TABLE parked_ref(
        ref INTEGER NOT NULL, op INTEGER NOT NULL, PRIMARY KEY(ref, op)
      ) STRICT, WITHOUT ROWID
      """
    ),
    (
      "body_link",
      """
      CREATE TABLE body_link(
        op INTEGER PRIMARY KEY, digest BLOB NOT NULL, community INTEGER NOT NULL,
        resident INTEGER, household INTEGER
      ) STRICT;
      -- Few bodies are a household's, so this costs no page for the others.
      CREATE INDEX body_link_by_household ON body_link(household) WHERE household IS NOT NULL
      """
    ),
    (
      "digest",
      """
      CREATE TABLE digest(
        tbl INTEGER NOT NULL, replica INTEGER NOT NULL, lane_a INTEGER NOT NULL,
        lane_b INTEGER NOT NULL, row_count INTEGER NOT NULL, PRIMARY KEY(tbl, replica)
      ) STRICT, WITHOUT ROWID
      """
    ),
    (
      "kind",
      "CREATE TABLE kind(number INTEGER PRIMARY KEY, name TEXT NOT NULL, chinese TEXT NOT NULL) STRICT"
    ),
  ]

  /// Derived tables that follow from what else this replica holds too, so no two need be equal.
  static let local: [(name: String, sql: String)] = [
    // The links of an office's own community whose body is not here; empty at a hub.
    (
      "body_missing",
      """
      CREATE TABLE body_missing(
        digest BLOB NOT NULL, op INTEGER NOT NULL, PRIMARY KEY(digest, op)
      ) STRICT, WITHOUT ROWID
      """
    )
  ]

  /// The names of all tables that a rebuild makes again.
  static let rebuilt = (derived + local).map(\.name) + Tables.all.map(\.name)

  /// The SQL of a table that folds declare, with its index.
  static func create(_ table: Table) -> String {
    let columns = table.columns.map { column in
      "\(column.name) \(column.isText ? "TEXT" : "INTEGER")\(column.isOptional ? "" : " NOT NULL")"
    }
    let list = columns.joined(separator: ", ")
    let made: String
    if table.keyCount == 1 {
      let rest = columns.dropFirst().map { ", " + $0 }.joined()
      let key = "\(table.columns[0].name) INTEGER PRIMARY KEY"
      made = "CREATE TABLE \(table.name)(\(key)\(rest)) STRICT"
    } else {
      let key = table.columns[..<table.keyCount].map(\.name).joined(separator: ", ")
      made = "CREATE TABLE \(table.name)(\(list), PRIMARY KEY(\(key))) STRICT, WITHOUT ROWID"
    }
    // What stands in the key is found by it, see ``ReadModel/rows(_:where:is:)``.
    guard let indexed = table.indexed, indexed >= table.keyCount else { return made }
    let column = table.columns[indexed].name
    return "\(made); CREATE INDEX \(table.name)_by_\(column) ON \(table.name)(\(column))"
  }

  /// Brings a file to the present schema; returns whether the derived tables are new and empty.
  ///
  /// A file that is up to date is only read, so that it opens while another process writes, and from a
  /// disk that cannot be written.
  static func migrate(
    _ connection: Connection, to edition: Edition
  ) throws(StoreError) -> Bool {
    try StoreError.wrap { () throws(SQLiteFailure) in
      try connection.execute(Store.pragmas)
    }
    let version = try userVersion(connection)
    guard version <= Int64(migrations.count) else { throw .newerSchema(version: version) }
    if version == Int64(migrations.count), try isCurrent(connection, edition) { return false }
    var isNew = version == 0
    try connection.transaction(wrapping: StoreError.database) { () throws(StoreError) in
      for (index, sql) in migrations.enumerated() where index >= Int(version) {
        try StoreError.wrap { () throws(SQLiteFailure) in
          try connection.execute("\(sql); PRAGMA user_version=\(index + 1)")
        }
      }
      if try isCurrent(connection, edition) { return }
      isNew = true
      try makeDerived(connection, edition)
    }
    return isNew
  }

  /// Whether the derived tables are of this edition and all there; somebody may have dropped one to
  /// have it made again.
  private static func isCurrent(
    _ connection: Connection, _ edition: Edition
  ) throws(StoreError) -> Bool {
    try StoreError.wrap { () throws(SQLiteFailure) in
      let built = try connection.scalar("SELECT value FROM meta WHERE key = 'catalogue'")
      guard built == Int64(edition.version) else { return false }
      let find = try connection.prepare(
        "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?1")
      for name in rebuilt {
        find.bind(1, name)
        guard try find.step() else { return false }
        find.reset()
      }
      return true
    }
  }

  /// Drops and makes every derived table and view; call inside a transaction.
  static func makeDerived(_ connection: Connection, _ edition: Edition) throws(StoreError) {
    try StoreError.wrap { () throws(SQLiteFailure) in
      for view in Views.all { try connection.execute("DROP VIEW IF EXISTS \(view.name)") }
      let tables = derived + local + Tables.all.map { ($0.name, create($0)) }
      for table in tables {
        try connection.execute("DROP TABLE IF EXISTS \(table.name)")
        try connection.execute(table.sql)
      }
      try fillKinds(connection, edition)
      for view in Views.all {
        try connection.execute("CREATE VIEW \(view.name) AS \(view.sql)")
      }
      // Set again by the rebuild that fills the tables: a crash in between must not go unnoticed.
      try connection.execute("REPLACE INTO meta VALUES('catalogue', 0)")
    }
  }

  /// Fills the table that gives views the names of kinds.
  static func fillKinds(_ connection: Connection, _ edition: Edition) throws(SQLiteFailure) {
    let insert = try connection.prepare("INSERT INTO kind VALUES(?1, ?2, ?3)")
    for kind in edition.kinds {
      insert.bind(1, Int64(kind.number))
      insert.bind(2, kind.name)
      insert.bind(3, kind.words.chinese)
      try insert.run()
    }
  }

  private static func userVersion(_ connection: Connection) throws(StoreError) -> Int64 {
    try StoreError.wrap { () throws(SQLiteFailure) in
      try connection.scalar("PRAGMA user_version") ?? 0
    }
  }
}

extension Store {
  /// How a connection to a Linli database is set up; benchmarks set theirs up the same way.
  ///
  /// An erased body must leave no byte behind, hence `secure_delete`, which costs nothing measurable.
  /// The cache is 64 MiB at most; the WAL grows to 64 MiB before it is copied into the file, so that a
  /// page that every batch of a sync changes is copied once for many batches.
  package static let pragmas = """
    PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;
    PRAGMA secure_delete=ON; PRAGMA cache_size=-65536; PRAGMA wal_autocheckpoint=16384
    """
}
