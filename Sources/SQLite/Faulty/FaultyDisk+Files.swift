import CSQLite

/// What a program does with whole files beside what SQLite does, failing as that does.
extension FaultyDisk {
  /// What a process leaves of all files when it is killed.
  package struct State: Hashable {
    fileprivate let files: [String: DiskFile.State]
    fileprivate let deleted: [String: DiskFile.State]
    fileprivate let renamed: [Renaming]
  }

  /// What a process leaves of all files when it is killed; equal ones are the same to who comes next.
  package var left: State {
    State(
      files: files.mapValues(\.left), deleted: deleted.mapValues(\.left), renamed: renamed)
  }

  /// Makes an empty file.
  package func make(_ path: String) throws(SQLiteFailure) {
    guard hasPower else { throw Self.failure("make \(path)", SQLITE_CANTOPEN) }
    let effect = effect(on: .open)
    if effect == nil || effect == .powerCut { files[path] = DiskFile() }
    guard effect == nil else {
      throw Self.failure("make \(path)", effect == .full ? SQLITE_FULL : SQLITE_CANTOPEN)
    }
  }

  /// Makes a file durable, gives it a name that no file has, and makes that durable.
  package func publish(_ part: String, as path: String) throws(SQLiteFailure) {
    guard hasPower, let file = files[part], files[path] == nil else {
      throw Self.failure("rename \(path)", SQLITE_CANTOPEN)
    }
    switch effect(on: .sync) {
    case nil: sync(file)
    case .powerCut: throw Self.failure("sync \(part)", SQLITE_IOERR)
    default:
      file.failSync()
      throw Self.failure("sync \(part)", SQLITE_IOERR)
    }
    let renaming = effect(on: .rename)
    guard renaming == nil || renaming == .powerCut else {
      throw Self.failure("rename \(path)", SQLITE_CANTOPEN)
    }
    files[path] = files.removeValue(forKey: part)
    renamed.append(Renaming(from: part, to: path))
    guard renaming == nil, effect(on: .sync) == nil else {
      throw Self.failure("sync the folder", SQLITE_IOERR)
    }
    syncNames()
  }

  /// Takes a file away if it can; no sync makes sure of it.
  package func discard(_ path: String) {
    guard hasPower, contains(path) else { return }
    switch effect(on: .delete) {
    case nil, .powerCut: _ = delete(path, isDurable: false)
    default: break
    }
  }

  private static func failure(_ operation: String, _ code: Int32) -> SQLiteFailure {
    SQLiteFailure(extendedCode: code, operation: operation, message: "the disk failed")
  }
}

/// A file that was given another name.
struct Renaming: Hashable {
  let from: String
  let to: String
}
