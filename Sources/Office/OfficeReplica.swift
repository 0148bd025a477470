import Community
import OpLog
import Peer
import Store
import Wire

/// One office's replica of its street: records offline, syncs when there is a line.
///
/// A folder belongs to one process that writes at a time; others wait up to 5 s. Calls run one
/// after another on a queue of their own, so a slow disk stops nobody else. A durable record costs
/// about a disk flush (0.2 ms on an SSD).
public actor OfficeReplica {
  private nonisolated let executor = QueueExecutor(label: "linli.office")
  private let core: OfficeCore

  /// The queue that the office's calls run on.
  public nonisolated var unownedExecutor: UnownedSerialExecutor {
    executor.asUnownedSerialExecutor()
  }

  /// Opens an enrolled office; reads the disk on the caller's thread.
  ///
  /// - Parameter folder: The folder that ``enrol(folder:hub:code:label:through:)`` filled.
  /// - Throws: ``OfficeFailure`` with `notEnrolled` when there is no office in it, `storage` when
  ///   it cannot be read.
  public init(folder: String) throws(OfficeFailure) {
    core = try OfficeFailure.wrap { () throws(OfficeError) in try OfficeFolder(folder).open() }
  }

  /// Enrols a new office with a one-time code and opens it; ``sync(through:)`` brings its staff.
  ///
  /// May be called again with the same code after an answer was lost. A folder that is an office already
  /// is refused before the code is spent.
  ///
  /// - Parameters:
  ///   - folder: Where the office keeps its data; made when it is missing.
  ///   - hub: The hub's address, such as `https://hub.example`; kept in the folder.
  ///   - code: The code of `linli hub invite`, as printed.
  ///   - label: What the office is called, at most 60 bytes of UTF-8; empty takes the invitation's.
  ///   - line: Carries the request to the hub.
  /// - Returns: The office.
  /// - Throws: ``OfficeFailure`` with `unreachable`, `rejected` for a wrong code, `storage`.
  public static func enrol(
    folder: String, hub: String, code: String, label: String = "", through line: some Transport
  ) async throws(OfficeFailure) -> OfficeReplica {
    do throws(OfficeError) {
      _ = try await OfficeFolder(folder).enrol(
        code: code, hub: hub, label: label, through: line, random: SystemSource.random)
    } catch { throw OfficeFailure(error) }
    return try OfficeReplica(folder: folder)
  }

  /// Records something; durable when it returns.
  ///
  /// - Parameters:
  ///   - kind: What it is, such as `award.grant`; `Protocol/ops.md` has the catalogue.
  ///   - fields: Its fields by name, as text: ids as `4097-5`, dates as `2026-01-13`, records as
  ///     JSON.
  ///   - staff: The id of the member of staff who records it.
  ///   - date: The business date; nil takes today, where the hub was heard of within a day.
  ///   - key: The key of an earlier try, whose result is given again; nil makes one.
  /// - Returns: The op and what became of it.
  /// - Throws: ``OfficeFailure`` with `invalid`, `refused`, or `storage`; nothing is recorded then.
  @discardableResult
  public func record(
    _ kind: String, fields: [String: String], by staff: String, on date: String? = nil,
    key: String? = nil
  ) throws(OfficeFailure) -> RecordedOp {
    let request = RecordRequest(
      kind: kind, fields: fields, actor: staff, occurredOn: date, key: key)
    return RecordedOp(
      try OfficeFailure.wrap { () throws(OfficeError) in
        try core.record(request, now: SystemSource.now(), random: SystemSource.random)
      })
  }

  /// Signs a member of staff in who has a PIN here, until this object goes; others need not.
  ///
  /// Each try costs about 0.2 s; after three wrong ones, nobody may try again for 30 s and more.
  ///
  /// - Parameters:
  ///   - staff: The id of the member of staff.
  ///   - pin: What they typed.
  /// - Throws: ``OfficeFailure`` with `invalid` for what is no id, `refused` for a wrong PIN.
  public func signIn(_ staff: String, pin: String) throws(OfficeFailure) {
    guard let id = OpID(staff) else { throw OfficeFailure(.invalid, "id \(staff)") }
    try OfficeFailure.wrap { () throws(OfficeError) in
      try core.signIn(id, pin: pin, now: SystemSource.now())
    }
  }

  /// A resident's points as known here.
  ///
  /// - Parameter resident: The id of the op that registered the resident.
  /// - Returns: The points; below zero for an overdrawn account, 0 for an unknown one.
  /// - Throws: ``OfficeFailure`` with `invalid` for what is no id, `storage`.
  public func balance(of resident: String) throws(OfficeFailure) -> Int {
    guard let id = OpID(resident) else { throw OfficeFailure(.invalid, "id \(resident)") }
    let account = try query { () throws(StoreError) in
      try core.store.row(Tables.account, [id.packed])
    }
    return Int(account?[1].integer ?? 0)
  }

  /// Rows of a documented view, each a dictionary by column; NULL is left out.
  ///
  /// - Parameters:
  ///   - view: Such as `residents`, `items`, `ledger`, `desk_entries`; `Protocol/state.md` has all.
  ///   - limit: The most rows to return.
  /// - Returns: The rows, in the view's order.
  /// - Throws: ``OfficeFailure`` with `invalid` for an unknown view, `storage`.
  public func rows(
    of view: String, limit: Int = 1_000
  ) throws(OfficeFailure) -> [[String: String]] {
    guard Store.viewNames.contains(view) else { throw OfficeFailure(.invalid, "view \(view)") }
    let listing = try query { () throws(StoreError) in
      try core.store.listing(of: view, limit: limit)
    }
    return listing.rows.map { row in
      let named = zip(listing.columns, row).compactMap { column, cell in cell.map { (column, $0) } }
      return Dictionary(named) { first, _ in first }
    }
  }

  /// Exchanges with the hub until both sides have everything.
  ///
  /// The line may fail and come back: a failed try is repeated up to five times, with growing waits
  /// of 1 s and more. What was exchanged stays exchanged, and the next sync goes on there. The first sync
  /// with an old street folds its history at the end, which takes seconds for 100,000 ops: other processes
  /// go on recording meanwhile, other calls of this object wait.
  ///
  /// - Parameter line: Carries requests to the hub.
  /// - Returns: What was moved.
  /// - Throws: ``OfficeFailure`` with `unreachable`, `rejected`, `untrusted`, or `storage`.
  @discardableResult
  public func sync(through line: some Transport) async throws(OfficeFailure) -> SyncResult {
    let world = SyncEnvironment(
      line: line, now: SystemSource.now, random: { UInt64.random(in: 0...UInt64.max) },
      pause: { try? await Task.sleep(for: .milliseconds($0)) })
    do throws(OfficeError) {
      return SyncResult(try await core.sync(world))
    } catch { throw OfficeFailure(error) }
  }

  private func query<R>(_ body: () throws(StoreError) -> R) throws(OfficeFailure) -> R {
    do throws(StoreError) {
      return try core.store.read(body)
    } catch { throw OfficeFailure(error) }
  }
}

/// What became of something that was recorded.
public struct RecordedOp: Hashable, Sendable {
  /// The op's id, such as `4097-12`; names what it created in later records.
  public let id: String
  /// The request key, for asking again.
  public let key: String
  /// `posted`, `pending`, `duplicate`, or `void`.
  public let outcome: String
  /// Why somebody should look at it, as stable codes; empty for most.
  public let reasons: [String]
  /// Whether an earlier try had recorded it already.
  public let isRepeat: Bool

  init(_ acknowledgement: Acknowledgement) {
    id = acknowledgement.op.description
    key = acknowledgement.key
    outcome = acknowledgement.verdict.outcome.rawValue
    reasons = acknowledgement.verdict.reasons.map(\.rawValue)
    isRepeat = acknowledgement.isRepeat
  }
}

/// What a sync moved.
public struct SyncResult: Hashable, Sendable {
  /// Own ops that the hub took.
  public let pushed: Int
  /// Ops of others that came, the hub's included.
  public let pulled: Int
  /// Whether hub and office were compared and hold the same state.
  public let isEqual: Bool

  init(_ summary: SyncSummary) {
    pushed = summary.pushed
    pulled = summary.pulled
    isEqual = summary.isDigestEqual
  }
}
