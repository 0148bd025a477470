import Community
import OpLog
import Store
import Wire

/// What rejoining comes to, as far as an office can tell without the hub.
package struct RejoinPlan: Sendable {
  /// The id that was copied.
  package let former: ReplicaID
  /// How many of its ops the hub has surely.
  package let proved: UInt64
  /// The others; those of them that the hub turns out to have are not recorded again.
  package let ops: [Op]
}

/// Going on under a new id after a copy of this database was found in use.
extension OfficeCore {
  /// What rejoining would come to.
  ///
  /// - Throws: ``OfficeError/notStopped`` for an office that may go on as it is,
  ///   ``OfficeError/otherBranch`` for one to which nothing comes back any more.
  package func rejoinPlan() throws(OfficeError) -> RejoinPlan {
    guard let stop = try stop, stop != .rejoining else { throw .notStopped }
    guard try !isOnOtherBranch else { throw .otherBranch }
    return try OfficeError.wrap { () throws(StoreError) in
      try store.read { () throws(StoreError) in
        let proved = try store.surelyReceiptedSeq()
        return RejoinPlan(
          former: replica, proved: proved, ops: try store.ownOps(behind: proved).map(\.op))
      }
    }
  }

  /// Becomes the replica that the hub issued, in one transaction; whoever holds this object opens the
  /// office anew.
  ///
  /// - Throws: ``OfficeError/otherOffice`` or ``OfficeError/sameNumber(_:)``; nothing is changed then.
  package func begin(as reply: EnrolReply, hubAddress: String) throws(OfficeError) {
    guard reply.street == store.identity.street, reply.community == community else {
      throw .otherOffice
    }
    let isTaken = try OfficeError.wrap { () throws(StoreError) in
      try store.hasRecords(of: reply.replica)
    }
    guard !isTaken else { throw .sameNumber(reply.replica) }
    try OfficeError.wrap { () throws(StoreError) in
      try store.write { () throws(StoreError) in
        // What is recorded again is found in tables that the log made.
        try store.dropBootstrap()
        if try reply.incarnation.number > store.newestIncarnation.number {
          try follow(reply.incarnation, having: 0)
        } else {
          try store.note(reply.incarnation)
        }
        try store.begin(
          as: StoreIdentity(
            street: reply.street, incarnation: reply.incarnation, replica: reply.replica))
        // What came of the next entry may leave out ops of the former id.
        try store.dropUnfolded()
        try store.set(EntryProgress(whole: try store.entryProgress().whole))
        try store.reseal(from: secret, to: reply.secret)
        try OfficeCore.keep(reply, hubAddress: hubAddress, in: store)
        try store.clear(.hubHas)
        try store.set(.stopped, Array(Stop.rejoining.rawValue.utf8))
      }
    }
  }

  /// Whether this office held, at its last sync, entries that the hub lacks: nothing comes back, not under
  /// another id either.
  package var isOnOtherBranch: Bool {
    get throws(OfficeError) {
      try OfficeError.wrap { () throws(StoreError) in try store.number(.otherBranch) != nil }
    }
  }

  /// Whether the street's log, as far as it is here, has not enrolled the id of this office: behind a
  /// sync, the hub lost its data before anybody heard of it, and the office needs another id.
  package var isForgotten: Bool {
    get throws(OfficeError) {
      try OfficeError.wrap { () throws(StoreError) in
        try store.row(Tables.replica, [Int64(replica.rawValue)]) == nil
      }
    }
  }

  /// Whether a hub of a later life does not know this office: it lost the enrolment.
  ///
  /// With it all is lost that the office could record by, but where that came ahead of the history.
  package var isEnrolmentLost: Bool {
    get throws(OfficeError) {
      guard try stop == nil else { return false }
      let isRefused = try OfficeError.wrap { () throws(StoreError) in
        guard store.bootstrap != nil else { return false }
        return try store.number(.unknownHere) != nil
      }
      let isLost = try isRefused ? true : isForgotten
      guard isLost else { return false }
      return try isOfFormerHub
    }
  }

  /// Whether a hub refuses this office by an error, as one does that knows nothing of it; asked before the
  /// history is here, which says whether the office is enrolled.
  func isUnknownHere(by error: OfficeError) throws(OfficeError) -> Bool {
    guard case .problem(let problem) = error, problem.kind == .unauthorized,
      store.bootstrap != nil
    else { return false }
    return try isOfFormerHub
  }

  private var isOfFormerHub: Bool {
    get throws(OfficeError) {
      try OfficeError.wrap { () throws(StoreError) in
        try store.newestIncarnation.number > replica.incarnation
      }
    }
  }

  /// The community into which the street has enrolled this office, where that is another than its own.
  ///
  /// That is a mistake of when it enrolled the office again. Nothing that is recorded here counts then.
  package var otherCommunity: OpID? {
    get throws(OfficeError) {
      let enrolled = try OfficeError.wrap { () throws(StoreError) in
        try store.enrolment(of: replica)?.community
      }
      return enrolled == community ? nil : enrolled
    }
  }

  /// Records again what the hub lacks, once its log is here whole; the exchanges after this one bring it
  /// there.
  func finishRejoining() throws(OfficeError) {
    let stop = try stop
    let isRejoining = stop == .rejoining
    // What it wrote under a former id may lose that id long after it rejoined.
    let isLate = try OfficeError.wrap { () throws(StoreError) in try store.mustRecordAgain }
    guard isRejoining || isLate && stop == nil, try !isForgotten else { return }
    try OfficeError.wrap { () throws(StoreError) in
      try store.write { () throws(StoreError) in
        try store.recordAgain()
        if isRejoining { try store.clear(.stopped) }
      }
    }
  }
}
