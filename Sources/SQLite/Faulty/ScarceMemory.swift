import CSQLite

/// Lets an allocation of SQLite fail, for all connections of the process at once.
///
/// Only for a process that does nothing else: ``install()`` must come before the first connection, and
/// all connections must be used by one thread.
package enum ScarceMemory {
  // SAFETY: written once, before the library is used; see the type's comment.
  nonisolated(unsafe) private static var allocator = sqlite3_mem_methods()
  // SAFETY: one thread uses SQLite in this process; see the type's comment.
  nonisolated(unsafe) private static var count = 0
  // SAFETY: as above.
  nonisolated(unsafe) private static var failing: Range<Int>?

  /// Makes SQLite ask here for memory.
  ///
  /// - Returns: False when the library was used before: nothing can be changed then.
  package static func install() -> Bool {
    guard csqlite_get_allocator(&allocator) == SQLITE_OK else { return false }
    var methods = allocator
    methods.xMalloc = { ScarceMemory.hasFailed() ? nil : ScarceMemory.allocator.xMalloc($0) }
    methods.xRealloc = { ScarceMemory.hasFailed() ? nil : ScarceMemory.allocator.xRealloc($0, $1) }
    return csqlite_set_allocator(&methods) == SQLITE_OK
  }

  /// Lets allocations fail while `body` runs.
  ///
  /// - Parameters:
  ///   - number: The first that fails, counted from 1.
  ///   - isLasting: Whether all later ones fail too.
  ///   - body: Uses SQLite.
  /// - Returns: What `body` returned, and whether an allocation has failed.
  package static func failing<R>(
    at number: Int, isLasting: Bool, _ body: () -> R
  ) -> (result: R, hasFired: Bool) {
    count = 0
    failing = number..<(isLasting ? .max : number + 1)
    defer { failing = nil }
    let result = body()
    return (result, count >= number)
  }

  private static func hasFailed() -> Bool {
    guard let failing else { return false }
    count += 1
    return failing.contains(count)
  }
}
