import Community
import Office
import OpLog
import Store
import Wire

/// What is wrong with an office's enrolment, behind a hub that lost its data.
enum EnrolmentFault {
  /// The street knows nothing of the office any more; nor, as far as is known here, of its community.
  case lost(ReplicaID, community: OpID, isCommunityHere: Bool, canRecord: Bool)
  /// It was enrolled again, into another community than its own.
  case elsewhere(ReplicaID, community: String, enrolled: OpID, place: String)

  /// Nil for an office that is enrolled where it is.
  init?(of office: OfficeCore) throws(OfficeError) {
    let (store, own) = (office.store, office.community)
    let (isLost, other) = (try office.isEnrolmentLost, try office.otherCommunity)
    guard isLost || other != nil else { return nil }
    do throws(StoreError) {
      if let other {
        self = .elsewhere(
          office.replica, community: try store.communityText(own), enrolled: other,
          place: try store.communityText(other))
      } else {
        // What came ahead of the history says what a former hub knew.
        let isAhead = store.bootstrap != nil
        let isHere = try store.row(Tables.community, id: own.packed) != nil
        self = .lost(
          office.replica, community: own, isCommunityHere: isHere && !isAhead, canRecord: isAhead)
      }
    } catch { throw .store(error) }
  }

  /// What is the matter, and who has to do what.
  var words: Words {
    switch self {
    case .lost(let id, let community, let isHere, let canRecord):
      let lost = Self.lost(id, canRecord)
      guard !isHere else { return lost }
      let more = Self.alsoLost(community)
      return Words("\(lost.chinese)。\(more.chinese)", "\(lost.english). \(more.english)")
    case .elsewhere(let id, let community, _, let place):
      return Words(
        "注意: 街道把 \(id) 记成了 \(place) 的站点，而本机是 \(community) 的。本机登记的不算数 (actor-not-entitled)，"
          + "也不能再登记，街道撤不回。\(Self.anew.chinese)",
        "warning: the street has enrolled \(id) as an office of \(place), and this PC is of \(community). What was "
          + "recorded here does not count (actor-not-entitled), nothing more can be recorded, and the "
          + "street cannot take that back. \(Self.anew.english)")
    }
  }

  private static func lost(_ id: ReplicaID, _ canRecord: Bool) -> Words {
    let state =
      canRecord
      ? Words("在本机登记的没有丢，都在等它", "what is recorded here is safe and waits for that")
      : Words(
        "本机暂不能登记；以前登记的没有丢，都在等它",
        "nothing can be recorded here, and what was recorded is safe and waits for that")
    return Words(
      "注意: 街道服务器丢过数据，还没有谁送来 \(id) 的入网记录，\(state.chinese)。"
        + "点名结束后仍没有，请街道运行 linli hub enroll \(id)，本机再同步一次",
      "warning: the hub lost its data and nobody has shown it that \(id) is enrolled: \(state.english). If it "
        + "is still so when the roll-call has ended, the street runs linli hub enroll \(id), and this "
        + "PC syncs once more")
  }

  /// Of the first office of a new community the community is lost too.
  private static func alsoLost(_ community: OpID) -> Words {
    Words(
      "那时街道的 linli hub status 若也没有社区 \(community)，社区就随旧服务器丢了，不要入别的社区。\(anew.chinese)",
      "If linli hub status does not list the community \(community) then either, the community was lost too: "
        + "no other one is right. \(anew.english)")
  }

  /// How a PC begins whose number is of no use any more.
  private static let anew = Words(
    "请街道用 linli hub invite 为本社区另发入网码，用它在新文件夹运行 linli office init；"
      + "这里的记录用 linli log、linli explain 还看得到，照着在那里重新登记",
    "Ask the street for a code of this community (linli hub invite) and run linli office init with it in a "
      + "new folder; linli log and linli explain still show what was recorded here: record it again there"
  )

  /// Writes what programs ask for.
  func write(to json: inout JSONWriter) {
    switch self {
    case .lost: json.member("enrolment_lost", true)
    case .elsewhere(_, _, let enrolled, _): json.member("enrolled_in", enrolled)
    }
  }
}

extension CommandError {
  /// Nothing is recorded at an office that was enrolled again into another community than its own.
  static func enrolledElsewhere(_ community: OpID) -> CommandError {
    .refused(
      "other-community",
      Words(
        "街道把本机记成了另一个社区 (\(community)) 的站点，登记不算数",
        "the street has enrolled this PC into another community (\(community)): no record would count"
      ),
      advice: Words("linli office status 会说明怎么办", "linli office status says what to do"))
  }
}
