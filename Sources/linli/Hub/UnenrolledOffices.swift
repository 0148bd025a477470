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
          "注意: 还没有谁送来 \(id) 的入网记录，它的记录在等: \(count) 条；点名结束后仍没有，运行 linli hub enroll \(id)",
          "warning: nobody has brought the enrolment of \(id) yet, and its records wait: \(count). If it is "
            + "still so once the roll-call has ended, run linli hub enroll \(id)")
        : Words(
          "注意: \(id) 的入网记录随旧服务器丢了，它的记录在等: \(count) 条；运行 linli hub enroll \(id)",
          "warning: the enrolment of \(id) was lost with a former hub, and its records wait: \(count). Run "
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
