import Community
import OpLog
import Wire

extension WireError {
  /// What is wrong with a message or a line, in a phrase.
  var words: Words {
    switch self {
    case .malformed(_, let offset):
      Words("第 \(offset + 1) 个字节处不是 JSON", "it is not JSON at byte \(offset + 1)")
    case .missing(let field): Words("缺少 \(field)", "\(field) is missing")
    case .wrongType(let field): Words("\(named(field)) 的类型不对", "\(named(field)) has the wrong type")
    case .outOfRange(let field):
      Words("\(named(field)) 的值不对", "\(named(field)) has a value that does not fit")
    case .unknownField(let field): Words("没有 \(field) 这一项", "there is no member \(field)")
    case .malformedOp(_, let field): Words("\(named(field)) 不是一条记录", "\(named(field)) is no op")
    case .malformedCBOR: Words("不是 CBOR", "it is not CBOR")
    case .malformedSegment: Words("记录段不对", "its segment of ops cannot be read")
    case .tooLarge(let bytes, let max):
      Words("有 \(bytes) 字节，最多 \(max)", "it has \(bytes) bytes, at most \(max) are taken")
    }
  }

  private func named(_ field: String) -> String { field.isEmpty ? "JSON" : field }
}
