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
        + "这些站点的登记仍会送到，居民资料要等点名结束；请各给新入网码，在新文件夹入网，再用 linli hub retire "
        + "旧号 --to 新号 --reason broken 接替。旧文件夹收起之前，在点名结束后再同步一次",
      "warning: \(list) hold another branch of a former hub's log: what it decided there is not here, and "
        + "counts no more once the roll-call has ended. Their records still arrive, the "
        + "files of people once the roll-call has ended. Give each a new code, enrol it in a new folder, "
        + "then run linli hub retire OLD --to NEW --reason broken. Before an old folder is put away, sync "
        + "it once more after the roll-call")
  }
}
