import CSQLite

/// SQLite's own count of the memory that it uses.
package enum MemoryStatistics {
  /// Turns the count off, for the whole process.
  ///
  /// Each allocation takes one global lock for it, so that two threads with a database each run no
  /// faster than one. Has an effect only before the first connection is opened.
  package static func turnOff() { _ = csqlite_config_memstatus(0) }
}
