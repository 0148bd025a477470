import Community
import OpLog
import Peer
import Store
import Wire

/// One office without files and sockets: records, answers, and the office's side of a sync.
///
/// Synchronous, on the caller's thread. Time and randomness are parameters.
package final class OfficeCore {
  /// The office's database.
  package let store: Store
  /// The community that the office belongs to.
  package let community: OpID
  let secret: [UInt8]
  let token: Digest
  let codec: OpJSON
  /// How far a hub said that it holds this office's log, in this session.
  var acknowledged: (hub: ReplicaID?, seq: UInt64) = (nil, 0)
  /// The former hub's log that the hub wants, from its last answer in a roll-call.
  var wish: RollCallWish?
  /// What the hub's last answer wanted and from where, where nothing here fits it.
  var unfitWish: RollCallWish?
  /// Whether the last reply was the hub's, by its seal, and its ops are others than are held here.
  var cannotFollow = false
  /// The search for rows that differ from the hub's, while one is under way.
  var search: DigestSearch?
  /// How often this object may begin a checkpoint anew, before it begins without one.
  var checkpointsLeft = 4
  /// Who gave their PIN to this object.
  var signedIn: Set<OpID> = []
  /// Whether the mark beside the database says that it is an old copy.
  let isBehindMark: Bool
  /// How often a new PIN is hashed; tests hash less.
  package var pinRounds = PINRule.rounds

  /// Opens an enrolled office's store.
  ///
  /// - Parameters:
  ///   - store: Its database.
  ///   - mark: How far its log came, read before the database was opened; nil where nothing is beside it.
  /// - Throws: ``OfficeError/store(_:)`` with `notInitialised` when it was never enrolled.
  package init(_ store: Store, mark: HighWaterMark? = nil) throws(OfficeError) {
    let settings = try OfficeError.wrap { () throws(StoreError) in
      (
        try store.number(.community), try store.setting(.secret), try store.setting(.token)
      )
    }
    guard let community = settings.0.flatMap(OpID.init(packed:)), let secret = settings.1,
      let token = settings.2.flatMap({ Digest($0) })
    else { throw .store(.notInitialised) }
    self.store = store
    codec = OpJSON(SchemaTable(store.edition.schemas))
    self.community = community
    self.secret = secret
    self.token = token
    isBehindMark = try OfficeError.wrap { () throws(StoreError) in
      guard let mark else { return false }
      return try !store.keep(mark)
    }
  }

  /// Keeps what enrolment gave, in a new store.
  package static func adopt(
    _ reply: EnrolReply, hubAddress: String, inPlaceOf former: Store? = nil, in store: Store
  ) throws(StoreError) {
    try store.write { () throws(StoreError) in
      try keep(reply, hubAddress: hubAddress, in: store)
      guard let former else { return }
      try store.keepRecords(of: former)
      try store.set(.stopped, Array(Stop.rejoining.rawValue.utf8))
    }
  }

  /// The same inside ``Store/write(_:)``.
  static func keep(
    _ reply: EnrolReply, hubAddress: String, in store: Store
  ) throws(StoreError) {
    try store.set(.community, reply.community.packed)
    try store.set(.secret, reply.secret)
    try store.set(.token, reply.token.bytes)
    try store.set(.hubAddress, Array(hubAddress.utf8))
    try store.set(.streetName, Array(reply.streetName.utf8))
  }

  /// The office's replica id.
  package var replica: ReplicaID { store.identity.replica }

  /// How ops are written to the hub: by names only where its catalogue is known to be this one.
  func hubCodec() throws(StoreError) -> OpJSON {
    try store.number(.hubCatalogue) == Int64(store.edition.version) ? codec : .byNumbers
  }

  /// Forgets which catalogue the hub has, so that it is written to by numbers until it says it again.
  ///
  /// - Returns: Whether it was thought to be known: a hub may have been set back to an older program.
  func forgetHubCatalogue() throws(OfficeError) -> Bool {
    try OfficeError.wrap { () throws(StoreError) in
      guard try store.number(.hubCatalogue) != nil else { return false }
      try store.write { () throws(StoreError) in try store.clear(.hubCatalogue) }
      return true
    }
  }

  /// The value of `Authorization` less its scheme: the replica id and the token.
  var bearer: String { "\(replica).\(token)" }

  /// Why nothing may be recorded here any more; nil when all is well.
  package var stop: Stop? {
    get throws(OfficeError) { try keptStop ?? (isBehindMark ? .old : nil) }
  }

  /// What an exchange with the hub found out.
  private var keptStop: Stop? {
    get throws(OfficeError) {
      let bytes = try OfficeError.wrap { () throws(StoreError) in try store.setting(.stopped) }
      return bytes.flatMap { Stop(rawValue: String(decoding: $0, as: UTF8.self)) }
    }
  }

  /// Keeps what a failed sync says about this database.
  ///
  /// Not what it says of a former id: another process may have gone on under a new one meanwhile, and
  /// has to record again what it wrote.
  ///
  /// - Parameters:
  ///   - error: Why it failed.
  ///   - bearer: Who asked; nil for this object.
  /// - Throws: ``OfficeError/store(_:)``.
  package func note(_ error: OfficeError, asking bearer: String? = nil) throws(OfficeError) {
    let stop = Stop(error)
    let isUnknown = try isUnknownHere(by: error)
    guard stop != nil || error.isOfOtherBranch || isUnknown else { return }
    let asker = bearer ?? self.bearer
    try OfficeError.wrap { () throws(StoreError) in
      try store.write { () throws(StoreError) in
        let token = try store.setting(.token).flatMap { Digest($0) }
        guard token.map({ "\(replica).\($0)" }) == asker else { return }
        if let stop {
          try store.set(.stopped, Array(stop.rawValue.utf8))
          // No receipt comes any more: only what the hub said that it has tells what is still to be sent.
          if stop == .retired { try store.set(.hubHas, Int64(try hubHas())) }
          // Whether its entries are the hub's, only a sync under the next id tells.
          if stop == .copied || stop == .old { try store.clear(.otherBranch) }
        } else {
          try store.set(isUnknown ? .unknownHere : .otherBranch, 1)
        }
      }
    }
  }

  /// Forgets a stop: a proved reply agreed with this office's log.
  ///
  /// One that rejoins goes on when it has recorded again what the hub lacks. One that is behind its mark
  /// does not go on: the hub may lack what was written under the ids that would come next.
  func resume() throws(OfficeError) {
    try OfficeError.wrap { () throws(StoreError) in
      for name in [SettingName.otherBranch, .unknownHere] where try store.number(name) != nil {
        try store.write { () throws(StoreError) in try store.clear(name) }
      }
    }
    guard let stop = try keptStop, stop != .rejoining else { return }
    try OfficeError.wrap { () throws(StoreError) in
      try store.write { () throws(StoreError) in try store.clear(.stopped) }
    }
  }

  /// Where the hub is.
  package var hubAddress: String {
    get throws(OfficeError) {
      let bytes = try OfficeError.wrap { () throws(StoreError) in
        try store.setting(.hubAddress)
      }
      return String(decoding: bytes ?? [], as: UTF8.self)
    }
  }

  /// Keeps another address of the hub, after a sync whose seals proved that the street's hub is there.
  ///
  /// - Throws: What storage refuses.
  package func keep(hubAddress: String) throws(OfficeError) {
    try OfficeError.wrap { () throws(StoreError) in
      try store.write { () throws(StoreError) in
        try store.set(.hubAddress, Array(hubAddress.utf8))
      }
    }
  }
}
