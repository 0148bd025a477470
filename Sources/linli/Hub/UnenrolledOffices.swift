import Community
import OpLog
import Store
import Wire

/// Offices whose records wait at the hub, because their enrolment was lost with a former one.
struct UnenrolledOffices {
  private let offices: [UnenrolledOffice]

  /// Those of a hub.
  init(of store: Store) throws(StoreError) { offices = try store.unenrolledOffices() }

  /// What waits of each, and how it comes to count; empty for none.
  func words(inRollCall isRollCallOpen: Bool) -> [Words] {
    offices.map { office in
      let (id, count) = (office.replica, office.records)
      return isRollCallOpen
        ? Words(
          "注意: 还没有谁送来 \(id) 的入网记录，它的记录在等: 至少 \(count) 条；点名结束后仍没有，linli hub status 会说明怎么办",
          "warning: nobody has brought the enrolment of \(id) yet, and its records wait: at least \(count). If it "
            + "is still so once the roll-call has ended, linli hub status says what to do")
        : Words(
          "注意: \(id) 的入网记录随旧服务器丢了，它的记录在等: 至少 \(count) 条；先问清它以前有没有停用、注销过: "
            + "电脑在站点手里，才运行 linli hub enroll \(id)",
          "warning: the enrolment of \(id) was lost with a former hub, and its records wait: at least \(count). "
            + "Ask first: was it revoked or retired before? Only where the PC is in its office's hands, run "
            + "linli hub enroll \(id)")
    }
  }

  /// Writes the member `unenrolled`.
  func write(to json: inout JSONWriter) {
    guard !offices.isEmpty else { return }
    json.member("unenrolled", each: offices) { json, office in
      json.member("replica", office.replica.rawValue)
      json.member("ops", office.records)
    }
  }
}

extension CommandError {
  /// Nobody can shut the door of an office whose enrolment was lost with a former hub, and nobody needs to.
  static func notEnrolled(_ replica: ReplicaID) -> CommandError {
    .refused(
      "not-enrolled",
      Words(
        "\(replica) 没有入网: 旧服务器若发过这个编号，入网记录也随它丢了",
        "\(replica) is not enrolled: if a former hub enrolled it, that was lost with that hub"),
      advice: Words(
        "不必停用、注销: 它记的都不算数，没有人运行 linli hub enroll \(replica)，它就进不来。点名期间别的站点还可能"
          + "送来它的入网记录，到时再办",
        "it stays out, and nothing that it records counts, as long as nobody runs linli hub enroll \(replica). "
          + "While a roll-call is open an office may still bring its enrolment: do it then"))
  }
}
