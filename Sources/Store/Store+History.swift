import OpLog
import SQLite

/// A copy of an office's file in which the history is folded.
package struct FoldedCopy: Sendable {
  /// The copy.
  let path: String
  /// What the office worked on when it was made.
  let begun: Bootstrap
  /// How far the office's own log went then.
  let own: Head
  /// What ``Store/checkpointFaults()`` says there.
  let faults: [String]
  /// The bodies that were erased.
  let erased: Set<Digest>
}

/// Folding the history of an old street while the counter goes on recording.
///
/// It takes minutes on an old PC, and one transaction would keep everybody else from the file. So it is
/// folded in a copy of the file, whose tables then take the places of those here in one short transaction.
extension Store {
  /// Folds the history of an office that began on a working set, once it is here up to the hub's present
  /// head; does nothing for one that has it.
  ///
  /// Where no copy can be made, as on a disk without room, it is folded in the file itself, and others wait.
  ///
  /// - Returns: Whether it is folded; false while another process is about to.
  /// - Throws: ``StoreError``; the office works on its working set as before then, and the next sync tries
  ///   again.
  @discardableResult
  package func foldHistory() throws(StoreError) -> Bool {
    guard bootstrap != nil else {
      removeLeftCopy()
      return true
    }
    let lock = foldLock
    guard lock?.isElsewhere != true else { return false }
    defer { withExtendedLifetime(lock) {} }
    let isFolded = lock?.isHeld == false ? false : try foldInCopy()
    if !isFolded {
      try write { () throws(StoreError) in try endBootstrap() }
    }
    return true
  }

  /// Folds the history in a copy, and takes it; false where the file itself is to be folded.
  private func foldInCopy() throws(StoreError) -> Bool {
    defer { removeCopy() }
    do throws(StoreError) {
      guard let copy = try copyFolded() else { return false }
      return try take(copy)
    } catch {
      // A quota is an I/O error to SQLite. What is wrong with the file itself is said when that is folded.
      guard case .database(let failure) = error,
        failure.isFull || failure.isCannotOpen || failure.isIOError
      else { throw error }
      return false
    }
  }

  /// Copies the file, and folds the history in the copy; must not run inside ``write(_:)``.
  ///
  /// - Returns: The copy; nil for a database in memory, and where a log has two branches: which ops stay is
  ///   decided in the file itself.
  /// - Throws: ``StoreError``.
  package func copyFolded() throws(StoreError) -> FoldedCopy? {
    guard let path = copyPath, let begun = bootstrap, try !hasBranches() else { return nil }
    let disk = connection.disk
    try StoreError.wrap { () throws(SQLiteFailure) in try PrivateFile.make(path, on: disk) }
    try copy(to: path)
    let copy = try Store(path: path, mode: .readWrite, on: disk, as: edition)
    defer { copy.connection.close() }
    try StoreError.wrap { () throws(SQLiteFailure) in
      // A copy that is not finished is of no use to anybody.
      try copy.connection.execute("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF")
    }
    try copy.write { () throws(StoreError) in try copy.endBootstrap() }
    guard try !copy.hasBranches() else { return nil }
    return FoldedCopy(
      path: path, begun: begun, own: try copy.foldedHead(of: identity.replica),
      faults: try copy.checkpointFaults(), erased: try copy.erasedDigests())
  }

  /// Takes the tables of a copy, and folds what was recorded here since.
  ///
  /// - Returns: False where this is not what was copied any more; nothing is changed then.
  /// - Throws: ``StoreError``; nothing is changed then.
  package func take(_ copy: FoldedCopy) throws(StoreError) -> Bool {
    // Somebody may have removed it.
    guard !Connection.isEmpty(copy.path, on: connection.disk) else { return false }
    // After a failure it may still be there.
    detachCopy()
    try StoreError.wrap { () throws(SQLiteFailure) in
      let attach = try connection.prepare("ATTACH ?1 AS copy")
      attach.bind(1, copy.path)
      try attach.run()
    }
    defer { detachCopy() }
    return try write { () throws(StoreError) in
      guard try isOrigin(of: copy) else { return false }
      try StoreError.wrap { () throws(SQLiteFailure) in
        for name in Schema.rebuilt {
          try connection.execute(
            "DELETE FROM main.\(name); INSERT INTO main.\(name) SELECT * FROM copy.\(name)")
        }
        try connection.execute(
          """
          DELETE FROM main.difference;
          INSERT OR IGNORE INTO main.incarnation SELECT * FROM copy.incarnation
          """)
      }
      forget()
      _ = try forgetBootstrap()
      try clear(.refold)
      try noteCheckpoint(copy.faults)
      for digest in copy.erased.subtracting(try erasedDigests()) { try bury(digest) }
      var own = try head(of: identity.replica)
      let end = own.folded
      own.folded = copy.own
      set(own)
      try fold(upTo: end)
      try flush()
      try matchBodies()
      return true
    }
  }

  /// Whether the history here is that of a copy: nobody else folded it, or brought more of it.
  private func isOrigin(of copy: FoldedCopy) throws(StoreError) -> Bool {
    guard bootstrap == copy.begun, try holds(copy.own), try !hasBranches() else { return false }
    return try StoreError.wrap { () throws(SQLiteFailure) in
      let others = try connection.prepare(
        """
        SELECT 1 FROM copy.meta WHERE key = 'bootstrap'
        UNION ALL
        SELECT 1 FROM (SELECT * FROM main.head EXCEPT SELECT * FROM copy.head) WHERE replica <> ?1
        UNION ALL
        SELECT 1 FROM (SELECT * FROM copy.head EXCEPT SELECT * FROM main.head) WHERE replica <> ?1
        """)
      others.bind(1, Int64(identity.replica.rawValue))
      defer { others.reset() }
      return try !others.step()
    }
  }

  /// Whether ops are held that are not in a log, whose places a fold decides.
  private func hasBranches() throws(StoreError) -> Bool {
    try StoreError.wrap { () throws(SQLiteFailure) in
      try connection.scalar(
        """
        SELECT 1 FROM beside UNION ALL SELECT 1 FROM put_away UNION ALL SELECT 1 FROM former_op LIMIT 1
        """) != nil
    }
  }

  /// Deletes the bodies of whom the links say to be another community's, and notes which are to be fetched:
  /// bodies came and went since the copy was made.
  private func matchBodies() throws(StoreError) {
    let isDeleted = try StoreError.wrap { () throws(SQLiteFailure) in
      try connection.execute(BodyTable.SQL.dropForeign)
      let isDeleted = connection.changes > 0
      try connection.execute(BodyTable.SQL.noteMissing)
      return isDeleted
    }
    if isDeleted { try askForScrub() }
  }

  private var copyPath: String? { connection.path.map { $0 + ".folding" } }

  /// The lock that a copy is made under; nil for a database in memory, and for one on a disk of its own.
  private var foldLock: FoldLock? {
    connection.disk == nil ? connection.path.map(FoldLock.init(besides:)) : nil
  }

  /// Removes what a process that was killed left of a copy; nothing while another process works on one.
  func removeLeftCopy() {
    guard hasCopy else { return }
    let lock = foldLock
    guard lock?.isElsewhere != true else { return }
    withExtendedLifetime(lock) { removeCopy() }
  }

  /// Whether there is a copy, or what a process left of one.
  var hasCopy: Bool { copyPath.map { Connection.exists($0, on: connection.disk) } ?? false }

  private func removeCopy() {
    if let copyPath { PrivateFile.remove(copyPath, on: connection.disk) }
  }

  private func detachCopy() { try? connection.execute("DETACH copy") }
}
