import Community
import OpLog
import Peer
import Store
import Wire

/// Why the office could not do something; each says what staff can do about it.
package enum OfficeError: Error, Sendable {
  /// No kind has this name.
  case unknownKind(String)
  /// The kind has no such field.
  case unknownField(kind: String, field: String)
  /// A value does not fit its field.
  case badValue(field: String)
  /// A field is missing.
  case missingField(String)
  /// Nobody is named as the recorder.
  case missingActor
  /// The PC's date cannot be trusted, so staff give the business date.
  case dateNeeded
  /// The request key is no key, or another replica's.
  case badKey(String)
  /// The community has no rules yet: sync first.
  case notReady
  /// The street has enrolled this office into another community than its own: no record would count.
  case otherCommunity(OpID)
  /// What is recorded here could not reach the hub any more: this database must not be used.
  case stopped(Stop)
  /// A rule is against it.
  case refused(Refusal)
  /// Somebody did not sign in.
  case pin(PINFault)
  /// The folder cannot be written.
  case folder(String)
  /// The folder is an office already.
  case enrolled(String)
  /// The office may go on as it is: it need not rejoin.
  case notStopped
  /// It holds entries that the hub lacks, so that rejoining could never end: it takes a new folder.
  case otherBranch
  /// The code is for another community or another street than this office's.
  case otherOffice
  /// The hub gave a number that this PC had: its disk was set back, and it does not know so yet.
  case sameNumber(ReplicaID)
  /// The store could not do it.
  case store(StoreError)
  /// The hub did not answer.
  case transport(TransportError)
  /// The hub refused.
  case problem(Problem)
  /// The hub's answer is not what the protocol says.
  case wire(WireError)
  /// The hub's answer is not to be believed.
  case untrusted(Distrust)
  /// A bundle's file is not what is needed here.
  case bundle(BundleRefusal)
}

/// Why an office does not take a file that was carried to it.
package enum BundleRefusal: Sendable, Equatable {
  /// It is no bundle, or not as its maker wrote it.
  case fault(BundleFault)
  /// It is of another street.
  case otherStreet
  /// It is this office's own bundle, which belongs to the hub.
  case own(number: UInt32)
  /// It is a receipt file for another office.
  case receipt(of: ReplicaID)
  /// The receipt file goes on behind entries that are not here.
  case ahead(number: UInt32)
}

/// Why a database must not record any more; kept in it once a sync found out.
package enum Stop: String, Sendable {
  /// It is an old copy: the hub holds ops of this office that it lacks.
  case old
  /// It was copied: the hub holds other ops under this office's ids.
  case copied
  /// The street has revoked the replica.
  case revoked
  /// The street has retired the replica, and another took its place.
  case retired
  /// It goes on under a new id, and the sync that records again what the hub lacks has not ended yet.
  case rejoining

  /// What an error of a sync says about this database; nil when it may go on.
  init?(_ error: OfficeError) {
    switch error {
    case .untrusted(.olderThanHub): self = .old
    case .untrusted(.fork): self = .copied
    case .problem(let problem) where problem.kind == .fork: self = .copied
    case .problem(let problem) where problem.kind == .tokenRevoked: self = .revoked
    case .problem(let problem) where problem.kind == .retired: self = .retired
    default: return nil
    }
  }
}

/// What is wrong with a hub's answer, or with this database.
package enum Distrust: Sendable, Equatable {
  /// The hub's entries do not continue its log as held here.
  case chain
  /// The seal is not made with this office's secret.
  case seal
  /// The hub is in an earlier life than this office has seen: an old copy of it runs.
  case formerHub
  /// The hub holds ops of this office that this database lacks: it is an old copy.
  case olderThanHub(held: UInt64)
  /// The hub holds other ops under this office's ids: the database was copied.
  case fork(OpID)
  /// All ops are equal and the tables are not: one side's are wrong, and a rebuild tells which.
  case digest
}

extension OfficeError {
  /// Whether the hub's log and what is held of it here part: nothing more comes from it, and what is
  /// recorded here goes on to arrive there.
  var isOfOtherBranch: Bool {
    switch self {
    case .untrusted(.chain): true
    case .problem(let problem): problem.kind == .unknownProgress
    default: false
    }
  }

  /// What a refusal of the hub's says; a broken line where it is no problem document.
  init(refusal response: PeerResponse) {
    if let problem = try? Problem(decoding: response.body) {
      self = .problem(problem)
    } else {
      self = .transport(.broken("status \(response.status)"))
    }
  }

  static func wrap<R>(_ body: () throws(StoreError) -> R) throws(OfficeError) -> R {
    do throws(StoreError) {
      return try body()
    } catch { throw .store(error) }
  }
}
