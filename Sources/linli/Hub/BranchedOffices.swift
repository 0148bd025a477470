import Community
import OpLog

/// Offices that hold another branch of a former hub's log: the hub's disk was set back once, and it
/// wrote on before they called.
struct BranchedOffices {
  private let offices: [ReplicaID]

  /// Takes the offices.
  init(_ offices: [ReplicaID]) { self.offices = offices }

  /// What is the matter and how each comes back; nil for none.
  var words: Words? {
    guard !offices.isEmpty else { return nil }
    let list = offices.map(\.description).joined(separator: ", ")
    return Words(
      "注意: \(list) 存有旧服务器的另一份记录，那里的决定不在本机，结束点名后不再算数。"
        + "这些站点的登记一般仍会送到，居民资料要等点名结束，请在点名结束后让旧文件夹再同步一次；然后各给新入网码，"
        + "在新文件夹入网: linli office init --from 旧文件夹，没送到的会补录；再用 linli hub retire "
        + "旧号 --to 新号 --reason broken 接替",
      "warning: \(list) hold another branch of a former hub's log: what it decided there is not here, and "
        + "counts no more once the roll-call has ended. Their records mostly still arrive, the files of "
        + "people once the roll-call has ended: let each old folder sync once more then. Give each a new "
        + "code and enrol it in a new folder with linli office init --from OLDFOLDER, which records again "
        + "what did not arrive; then run linli hub retire OLD --to NEW --reason broken")
  }
}
