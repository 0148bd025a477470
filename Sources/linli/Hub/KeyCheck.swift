import Community
import Hub
import OpLog
import Wire

/// What tells the present master key from a void one where only an office is left: its number, and
/// digits that follow from its secret, such as `4097:5f3a9c01`.
///
/// An office has its secret by the present key once it renewed, and lists most lives then.
struct KeyCheck: Equatable {
  /// As it is printed and typed.
  let text: String
  private let replica: ReplicaID

  /// The check of an office.
  init(of replica: ReplicaID, secret: [UInt8]) {
    self.replica = replica
    // 32 bits of a hash of 256 random ones: enough to tell two keys apart, and no help to guess one.
    let digest = SHA256.hash(Array("secret check".utf8) + secret)
    text = "\(replica):\(Hex.encode(Array(digest.bytes.prefix(4))))"
  }

  /// Reads what was typed; nil for what is none.
  init?(text: some StringProtocol) {
    let parts = text.lowercased().split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, let number = UInt32(parts[0]),
      let replica = ReplicaID(rawValue: number), parts[1].utf8.count == 8,
      Hex.decode(String(parts[1])) != nil
    else { return nil }
    self.replica = replica
    self.text = text.lowercased()
  }

  /// Refuses a key that did not make the office's secret.
  func check(_ key: HubKey) throws(CommandError) {
    let secret = key.secret(of: replica)
    guard secret.map({ KeyCheck(of: replica, secret: $0) }) != self else { return }
    throw .refused(
      "wrong-key",
      Words(
        "站点 \(replica) 的凭证不是这把密钥发的: 密钥已作废，或者 \(text) 抄错了，或者换密钥后它还没有更新",
        "the secret of office \(replica) is not by this key: it is void, \(text) was misread, or that "
          + "office did not renew since the street had a new key"),
      advice: Words(
        "核对 \(text)；换过密钥的，用换密钥时印出的两张纸；还没有 linli office renew 的站点，不写它的校验值；"
          + "两张纸都没有了，用 --new-key 换密钥",
        "check \(text); where the street had a new key, type the two sheets that were printed then; leave "
          + "out the digits of an office that has not run linli office renew; only if all sheets are lost, "
          + "make a new key with --new-key"))
  }
}
