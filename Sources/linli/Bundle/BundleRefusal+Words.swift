import Community
import Hub
import Office
import OpLog
import Wire

extension CommandError {
  /// A file that was carried here and is not what is needed.
  init(_ refusal: BundleRefusal) {
    switch refusal {
    case .fault(let fault): self.init(fault)
    case .otherStreet: self = Self.otherStreet
    case .own(let number):
      self = .refused(
        "own-bundle",
        Words("这是本站自己的第 \(number) 号数据包", "this is this office's own bundle \(number)"),
        advice: Words(
          "它要带到街道，在那里导入，再把回执带回来",
          "carry it to the hub, import it there, and bring the receipt file back"))
    case .receipt(let office):
      self = .refused(
        "others-receipt", Words("这是给 \(office) 的回执", "this receipt file is for \(office)"),
        advice: Words("请交给那个站点", "hand it to that office"))
    case .ahead(let number):
      self = CommandError(
        exit: ExitCode.checkFailed, code: "receipt-ahead",
        message: Words(
          "第 \(number) 号数据包的回执接在本站还没有的记录后面: 前面的一个回执没有导入",
          "the receipt for bundle \(number) goes on behind records that are not here: an earlier receipt "
            + "file is missing"),
        advice: Words(
          "先导入前面的回执；找不到，就再导出一个数据包，它的回执会从对的地方接上",
          "import the earlier one first; if it is lost, export another bundle: its answer begins at the "
            + "right place"))
    }
  }

  /// A file that a hub does not take, in words that tell whose it is; copying such a one again is of no
  /// use.
  init(_ problem: Problem, of bytes: [UInt8], at key: HubKey) {
    guard problem.kind == .malformedBundle || problem.kind == .sealMismatch,
      let header = (try? BundleFile(decoding: bytes))?.header
    else {
      self.init(problem)
      return
    }
    if header.street != key.street {
      self = Self.otherStreet
    } else if header.kind == .receipt {
      self = .refused(
        "receipt",
        Words(
          "这是给站点 \(header.replica) 的回执，不是数据包",
          "this is the receipt file for office \(header.replica), and no bundle"),
        advice: Words(
          "请带回 \(header.replica)，在那里运行 linli bundle import",
          "carry it to \(header.replica) and run linli bundle import there"))
    } else if problem.kind == .sealMismatch, header.incarnation.number < key.since {
      self = .refused(
        "former-key",
        Words(
          "这是街道换密钥以前的数据包", "this bundle was sealed before the street had a new key"),
        advice: Words(
          "先给 \(header.replica) 发换钥码 (linli hub renew \(header.replica)，在它上面 linli office renew)，"
            + "再在它上面导出一次；记录不会丢失",
          "give \(header.replica) a code first (linli hub renew \(header.replica), linli office renew "
            + "there), and export there again; no record is lost"))
    } else {
      self.init(problem)
    }
  }

  private static let otherStreet = CommandError.refused(
    "other-street", Words("这是别的街道的数据包", "this bundle is of another street"),
    advice: Words("拿回去核对是哪个街道的", "give it back to whoever brought it"))

  private init(_ fault: BundleFault) {
    let again = Words(
      "请从原处重新拷贝；仍不行，就在原处重新导出。记录不会丢失",
      "copy it once more from where it was made, or export it there again; no record is lost")
    let message =
      switch fault {
      case .notBundle: Words("这个文件不是数据包", "this file is no bundle")
      case .otherVersion(let version):
        Words("数据包的版本 \(version) 本程序读不了", "this program cannot read version \(version) of a bundle")
      case .damaged(let offset):
        Words("数据包在第 \(offset) 字节处损坏", "the bundle is damaged at byte \(offset)")
      case .cutAtStart: Words("数据包几乎是空的，没有拷全", "the bundle was cut off at its start")
      case .tooLarge: Words("文件超过 64 MiB，不是数据包", "the file has more than 64 MiB: it is no bundle")
      }
    let advice =
      if case .otherVersion = fault {
        Words("请先更新程序", "update the program first")
      } else { again }
    self.init(
      exit: ExitCode.checkFailed, code: "malformed-bundle", message: message, advice: advice)
  }
}
