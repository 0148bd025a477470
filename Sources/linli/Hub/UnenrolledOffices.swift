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
      let waiting = Words(
        "注意: \(id) 的入网记录随旧服务器丢了，它的 \(count) 条记录在等",
        "warning: the enrolment of \(id) was lost with a former hub, and \(count) records of it wait"
      )
      return isRollCallOpen
        ? Words(
          waiting.chinese + "；别的站点可能还会送来，点名结束后仍没有，运行 linli hub enroll \(id)",
          waiting.english
            + ": another office may still bring it; if none does, run linli hub enroll "
            + "\(id) once the roll-call has ended")
        : Words(
          waiting.chinese + ": 运行 linli hub enroll \(id)",
          waiting.english + ": run linli hub enroll \(id)")
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
