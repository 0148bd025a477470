import CSQLite

/// Parameters are numbered from 1, as in `?1`; they keep their values until bound again. Binding a
/// number that the SQL does not have, or while rows remain, is a caller's bug and traps. Where memory
/// runs out, the next step says so.
extension Statement {
  /// Binds an integer.
  package func bind(_ index: Int32, _ value: Int64) {
    checkBound(sqlite3_bind_int64(handle, index, value))
  }

  /// Binds a copy of `value` as a blob; empty bytes are the empty blob, not NULL.
  package func bind(_ index: Int32, _ value: [UInt8]) {
    bind(index, value.span)
  }

  /// Binds a copy of `value` as a blob; empty bytes are the empty blob, not NULL.
  package func bind(_ index: Int32, _ value: Span<UInt8>) {
    let code = value.withUnsafeBytes { bytes in
      csqlite_bind_blob_copy(handle, index, bytes.baseAddress, UInt64(bytes.count))
    }
    checkBound(code)
  }

  /// Binds a copy of `value` as text; it may hold NUL, and the empty text is not NULL.
  package func bind(_ index: Int32, _ value: String) {
    let code = value.utf8Span.span.withUnsafeBytes { utf8 in
      csqlite_bind_text_copy(handle, index, utf8.baseAddress, UInt64(utf8.count))
    }
    checkBound(code)
  }

  /// Binds NULL.
  package func bindNull(_ index: Int32) {
    checkBound(sqlite3_bind_null(handle, index))
  }

  /// Binds `bytes` in place, without a copy, while `body` runs; the parameter is NULL afterwards.
  ///
  /// `body` must leave the statement reset, as `run` and a `step` that returned false do. For one
  /// blob and no rows, ``run(binding:at:)`` says the same shorter.
  package func withBlob<R, E: Error>(
    _ bytes: [UInt8], at index: Int32, _ body: () throws(E) -> R
  ) throws(E) -> R {
    try bytes.span.withUnsafeBytes { (bytes) throws(E) -> R in
      checkBound(csqlite_bind_blob_static(handle, index, bytes.baseAddress, UInt64(bytes.count)))
      defer { bindNull(index) }
      return try body()
    }
  }

  /// All else that can go wrong in a bind is a caller's bug: the number, the moment, or a huge value.
  private func checkBound(_ code: Int32) {
    guard code != SQLITE_NOMEM else {
      lacksMemory = true
      return
    }
    precondition(code == SQLITE_OK, "caller bug: no such parameter, rows remain, or value > 1 GB")
  }
}
