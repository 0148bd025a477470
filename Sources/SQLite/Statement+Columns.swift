import CSQLite

/// Columns of the current row, numbered from 0. Reading without a row, or past the last column, is
/// a caller's bug and traps. A value of another type is converted as SQLite does, NULL to 0 or
/// empty: STRICT tables keep the types right. A conversion for which there is no memory traps, as all
/// of Swift does then.
extension Statement {
  /// Whether the column holds NULL.
  package func isNull(_ column: Int32) -> Bool {
    checkColumn(column)
    return sqlite3_column_type(handle, column) == SQLITE_NULL
  }

  /// The column as an integer.
  package func integer(_ column: Int32) -> Int64 {
    checkColumn(column)
    return sqlite3_column_int64(handle, column)
  }

  /// The column as an integer, or nil for NULL.
  package func optionalInteger(_ column: Int32) -> Int64? {
    isNull(column) ? nil : sqlite3_column_int64(handle, column)
  }

  /// A copy of the column's bytes.
  package func bytes(_ column: Int32) -> [UInt8] {
    [UInt8](blob(column))
  }

  /// A copy of the column's bytes, or nil for NULL.
  package func optionalBytes(_ column: Int32) -> [UInt8]? {
    isNull(column) ? nil : [UInt8](blob(column))
  }

  /// The column as text, NULs kept; bytes that are not UTF-8 become U+FFFD.
  package func text(_ column: Int32) -> String {
    checkColumn(column)
    // The order matters: column_text may convert, column_bytes then counts the converted bytes.
    let start = sqlite3_column_text(handle, column)
    precondition(
      start != nil || sqlite3_column_type(handle, column) == SQLITE_NULL, "out of memory")
    let utf8 = UnsafeBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, column)))
    return String(decoding: utf8, as: UTF8.self)
  }

  /// The column as text, or nil for NULL.
  package func optionalText(_ column: Int32) -> String? {
    isNull(column) ? nil : text(column)
  }

  /// Reads the column's bytes in place, without a copy.
  ///
  /// `body` must neither step nor reset the statement.
  package func withBytes<R, E: Error>(
    of column: Int32, _ body: (Span<UInt8>) throws(E) -> R
  ) throws(E) -> R {
    try body(blob(column).span)
  }

  /// The column's bytes where SQLite keeps them, valid until the next step, reset or read as text.
  private func blob(_ column: Int32) -> UnsafeBufferPointer<UInt8> {
    checkColumn(column)
    let start = sqlite3_column_blob(handle, column)?.assumingMemoryBound(to: UInt8.self)
    return UnsafeBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, column)))
  }

  private func checkColumn(_ column: Int32) {
    // The count is 0 without a current row.
    precondition(
      column >= 0 && column < sqlite3_data_count(handle), "caller bug: no such column, or no row")
  }
}
