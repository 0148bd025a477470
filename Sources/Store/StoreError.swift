import Community
import OpLog
import SQLite

/// What can go wrong in the store; decisions read the case, never a message.
package enum StoreError: Error, Equatable, Sendable {
  /// SQLite refused: disk full, I/O error, another writer, a damaged file.
  case database(SQLiteFailure)
  /// The file is no Linli database, or its set-up never finished.
  case notInitialised
  /// A newer version of this program wrote the file.
  case newerSchema(version: Int64)
  /// Ops are missing before these; the log is held up to this seq.
  case gap(replica: ReplicaID, held: UInt64)
  /// Another op with this id is held already.
  case fork(OpID)
  /// The log does not have the hash there that somebody vouched for.
  case hashMismatch(OpID)
  /// Nobody said which incarnation of the hub issued the ids of this number.
  case unknownIncarnation(UInt32)
  /// Another incarnation of this number is known here.
  case otherIncarnation(UInt32)
  /// A new op would name an op that is not here, or not admitted yet.
  case unknownReference(OpID)
  /// A new op needs this one, or those of its day, and the history has not come yet.
  case notYet(OpID?)
  /// A new op does not fit the limits of the envelope.
  case envelope(OpError)
  /// A new op does not fit its schema.
  case payload(PayloadError)
  /// A rule is against what was to be recorded; the transaction is taken back.
  case refused(Refusal)
  /// The hub was rebuilt and decides nothing until two persons end its roll-call.
  case rollCall
  /// The hub wrote something at this later time, in ms since 1970-01-01 UTC: its clock was set back.
  case clockBehind(written: Int64)
  /// The file is a backup, which nobody may go on writing as it is.
  case isBackup
  /// Stored bytes are not what was written; `op` says where.
  case damaged(op: OpID)
}

extension StoreError {
  /// Another process held the database too long; trying again may succeed.
  package var isBusy: Bool {
    guard case .database(let failure) = self else { return false }
    return failure.isBusy
  }

  /// The disk is full.
  package var isFull: Bool {
    guard case .database(let failure) = self else { return false }
    return failure.isFull
  }

  /// The disk or the folder can only be read.
  package var isReadOnly: Bool {
    guard case .database(let failure) = self else { return false }
    return failure.isReadOnly
  }

  /// The file is damaged, or no database.
  package var isCorrupt: Bool {
    guard case .database(let failure) = self else { return false }
    return failure.isCorrupt
  }

  /// The file is a database of something else: it has none of the tables.
  package var isNoTable: Bool {
    guard case .database(let failure) = self else { return false }
    return failure.extendedCode == 1
  }

  /// Runs a database call and wraps its failure.
  static func wrap<R: ~Copyable>(
    _ body: () throws(SQLiteFailure) -> R
  ) throws(StoreError) -> R {
    do throws(SQLiteFailure) {
      return try body()
    } catch { throw .database(error) }
  }
}
