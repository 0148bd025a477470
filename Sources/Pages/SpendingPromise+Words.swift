import Community

extension SpendingPromise {
  /// What a counter tells a person, and no more than it can keep.
  package var words: Words {
    switch (guaranteed, onTrust) {
    case (0, 0): Words("现在不能兑", "nothing can be redeemed here now")
    case (0, let trust): Words("可先兑后补 \(trust) 分", "up to \(trust) points on trust")
    case (let sure, 0): Words("本机保证可兑 \(sure) 分", "\(sure) points guaranteed here")
    case (let sure, let trust):
      Words(
        "本机保证可兑 \(sure) 分，另可先兑后补 \(trust) 分",
        "\(sure) points guaranteed here, and up to \(trust) on trust")
    }
  }
}
