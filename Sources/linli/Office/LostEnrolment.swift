import Community
import Office
import OpLog

/// An office of which the street knows nothing any more: its enrolment was lost with a former hub.
struct LostEnrolment {
  private let office: ReplicaID

  /// Nil for an office whose enrolment is here.
  init?(of office: OfficeCore) throws(OfficeError) {
    guard try office.isEnrolmentLost else { return nil }
    self.office = office.replica
  }

  /// What is the matter, and who has to do what.
  var words: Words {
    Words(
      "注意: 街道服务器丢过数据，还没有谁送来 \(office) 的入网记录，本机暂不能登记；以前登记的没有丢，都在等它。"
        + "点名结束后仍没有，请街道运行 linli hub enroll \(office)，本机再同步一次",
      "warning: the hub lost its data and nobody has shown it that \(office) is enrolled, so nothing can be "
        + "recorded here; what was recorded is safe and waits for that. If it is still so when the "
        + "roll-call has ended, the street runs linli hub enroll \(office), and this PC syncs once more"
    )
  }
}
