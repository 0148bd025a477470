import SQLite

/// The bytes of a checkpoint: at a hub the one that it gives, at an office what has come of it.
extension Store {
  /// Bytes of a part as a hub keeps it.
  package static let checkpointPartBytes = 64 << 10

  /// How many bytes there are, from the first on.
  package func checkpointSize() throws(StoreError) -> Int {
    try StoreError.wrap { () throws(SQLiteFailure) in
      Int(try connection.scalar("SELECT max(first + length(bytes)) FROM checkpoint") ?? 0)
    }
  }

  /// The bytes in a range, as far as they are there.
  package func checkpointBytes(in range: ClosedRange<Int>) throws(StoreError) -> [UInt8] {
    try StoreError.wrap { () throws(SQLiteFailure) in
      let select = try connection.prepare(
        """
        SELECT first, bytes FROM checkpoint WHERE first <= ?2
           AND first >= (SELECT ifnull(max(first), 0) FROM checkpoint WHERE first <= ?1)
         ORDER BY first
        """)
      select.bind(1, Int64(range.lowerBound))
      select.bind(2, Int64(range.upperBound))
      var found: [UInt8] = []
      while try select.step() {
        let first = Int(select.integer(0))
        let bytes = select.bytes(1)
        let from = max(0, range.lowerBound - first)
        let to = min(bytes.count, range.upperBound - first + 1)
        if from < to { found += bytes[from..<to] }
      }
      return found
    }
  }

  /// Keeps bytes behind those that are there; inside ``write(_:)``.
  package func keepCheckpoint(_ bytes: [UInt8], at first: Int) throws(StoreError) {
    try StoreError.wrap { () throws(SQLiteFailure) in
      let insert = try connection.prepare("INSERT INTO checkpoint VALUES(?1, ?2)")
      insert.bind(1, Int64(first))
      insert.bind(2, bytes)
      try insert.run()
    }
  }

  /// Drops all bytes and the card; inside ``write(_:)``.
  package func dropCheckpoint() throws(StoreError) {
    try StoreError.wrap { () throws(SQLiteFailure) in
      try connection.prepare("DELETE FROM checkpoint").run()
    }
    try clear(.checkpoint)
  }
}
