import Community
import OpLog
import SQLite

/// A body that came over the line for an op that was given up: who else had it may have deleted it.
private struct GivenUpFile {
  /// The op that named it.
  let op: OpID
  let digest: Digest
  /// Whose personal data it is; nil for staff.
  let resident: Int64?

  /// Bytes of one in ``SettingName/givenUpFiles``.
  private static let size = 8 + 8 + 32

  static func decode(_ bytes: [UInt8]) -> [GivenUpFile] {
    stride(from: 0, to: bytes.count - bytes.count % size, by: size).compactMap { start in
      func number(_ offset: Int) -> Int64 {
        bytes[(start + offset)..<(start + offset + 8)].reduce(0) { $0 << 8 | Int64($1) }
      }
      guard let op = OpID(packed: number(0)),
        let digest = Digest(Array(bytes[(start + 16)..<(start + size)]))
      else { return nil }
      return GivenUpFile(op: op, digest: digest, resident: number(8) == 0 ? nil : number(8))
    }
  }

  var bytes: [UInt8] {
    [op.packed, resident ?? 0].flatMap { number in
      stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: number >> $0) }
    } + digest.bytes
  }
}

/// Files of people that wait for the ops that name them, which this office gave up.
///
/// Nothing in the tables says whose they are, so that is kept beside them: an erasure finds them, and no hub
/// is asked to take them before it has the op.
extension Store {
  /// Runs a change that may take ops away, and keeps in mind which files they named; inside ``write(_:)``.
  func keepingFiles(_ change: () throws(StoreError) -> Void) throws(StoreError) {
    let before = try filesFromElsewhere()
    try change()
    try flush()
    var files = try givenUpFiles()
    let known = Set(files.map(\.digest))
    for file in before where !known.contains(file.digest) {
      if try !isLinked(file) { files.append(file) }
    }
    try set(files)
  }

  /// The bodies that no hub takes yet.
  func waitingFiles() throws(StoreError) -> Set<Digest> {
    Set(try givenUpFiles().map(\.digest))
  }

  /// The bodies of a resident that wait for their ops.
  func waitingFiles(ofResident resident: Int64) throws(StoreError) -> [Digest] {
    try givenUpFiles().filter { $0.resident == resident }.map(\.digest)
  }

  /// Takes up the files whose ops have come again, and forgets those that are gone or came to another op.
  ///
  /// One whose person is another community's by now is deleted, as it would have been when that became known.
  ///
  /// - Throws: ``StoreError``.
  package func takeUpFiles() throws(StoreError) {
    guard try setting(.givenUpFiles) != nil else { return }
    try write { () throws(StoreError) in
      var waiting: [GivenUpFile] = []
      for file in try givenUpFiles() {
        if try isLinked(file) {
          let isDeleted = try StoreError.wrap { () throws(SQLiteFailure) in
            try bodies.deleteIfForeign(file.digest)
          }
          if isDeleted { try askForScrub() }
        } else if try isFromElsewhere(file.digest) {
          waiting.append(file)
        }
      }
      try set(waiting)
    }
  }

  private func givenUpFiles() throws(StoreError) -> [GivenUpFile] {
    GivenUpFile.decode(try setting(.givenUpFiles) ?? [])
  }

  private func set(_ files: [GivenUpFile]) throws(StoreError) {
    guard !files.isEmpty else { return try clear(.givenUpFiles) }
    try set(.givenUpFiles, files.flatMap(\.bytes))
  }

  private func isLinked(_ file: GivenUpFile) throws(StoreError) -> Bool {
    try StoreError.wrap { () throws(SQLiteFailure) in
      let select = try connection.prepare("SELECT 1 FROM body_link WHERE op = ?1")
      select.bind(1, file.op.packed)
      return try select.step()
    }
  }

  private func isFromElsewhere(_ digest: Digest) throws(StoreError) -> Bool {
    try StoreError.wrap { () throws(SQLiteFailure) in
      let select = try connection.prepare("SELECT 1 FROM body WHERE digest = ?1 AND op IS NULL")
      select.bind(1, digest.bytes)
      return try select.step()
    }
  }

  /// The bodies here that came over the line, with what names them; a scan.
  private func filesFromElsewhere() throws(StoreError) -> [GivenUpFile] {
    try StoreError.wrap { () throws(SQLiteFailure) in
      let select = try connection.prepare(
        """
        SELECT op, digest, resident FROM body_link
         WHERE digest IN (SELECT digest FROM body WHERE op IS NULL)
        """)
      var files: [GivenUpFile] = []
      while try select.step() {
        guard let op = OpID(packed: select.integer(0)), let digest = Digest(select.bytes(1)) else {
          continue
        }
        files.append(GivenUpFile(op: op, digest: digest, resident: select.optionalInteger(2)))
      }
      return files
    }
  }
}
