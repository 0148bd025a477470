import Community
import OpLog
import Store

extension StoreError {
  /// Where logs do not fit, or what of a record is beyond its limits; empty for other errors.
  var particulars: Words {
    switch self {
    case .gap(let replica, let held):
      Words("缺少 \(replica) 第 \(held) 条以后的记录", "ops of \(replica) are missing behind \(held)")
    case .fork(let id):
      Words("\(id) 处另有一条记录", "there is another op \(id)")
    case .hashMismatch(let id):
      Words("\(id) 与街道确认的不同", "\(id) is not what was vouched for")
    case .unknownIncarnation(let number):
      Words("不认识街道服务器的第 \(number) 代", "life \(number) of the hub is not known here")
    case .otherIncarnation(let number):
      Words(
        "街道服务器的第 \(number) 代在两处不是同一个", "life \(number) of the hub is another one here")
    case .envelope(let error): error.words
    case .payload(let error): error.words
    default: Words("", "")
    }
  }
}

extension OpError {
  fileprivate var words: Words {
    switch self {
    case .tooLarge(let bytes): Words("有 \(bytes) 字节，太长", "\(bytes) bytes are too many")
    case .missing(let field): Words("缺少 \(field)", "\(field) is missing")
    case .outOfRange(let field): Words("\(field) 超出范围", "\(field) is out of its range")
    case .malformed: Words("内容不合格式", "it is not well-formed")
    }
  }
}

extension PayloadError {
  fileprivate var words: Words {
    switch self {
    case .missing(let field): Words("缺少 \(field)", "\(field) is missing")
    case .wrongType(let field): Words("\(field) 的类型不对", "\(field) has the wrong type")
    case .outOfRange(let field): Words("\(field) 超出范围", "\(field) is out of its range")
    case .malformed: Words("内容不合格式", "it is not well-formed")
    }
  }
}
