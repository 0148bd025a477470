import Community
import Wire

extension ProblemKind {
  /// What the hub says of a request, for people.
  var words: Words { Words(chinese, title) }

  private var chinese: String {
    switch self {
    case .malformedJSON, .malformedOp, .missingField, .wrongType, .outOfRange, .unknownField,
      .unsupportedMediaType, .malformedBundle, .notFound, .methodNotAllowed, .tooLarge:
      chineseOfProgram
    case .unauthorized: "没有在册站点的凭证"
    case .tokenRevoked: "本站已被停用"
    case .retired: "本机已被注销"
    case .forbidden: "本站没有这项权限"
    case .sealMismatch: "印章与记录不符"
    case .chainBroken: "记录不衔接"
    case .gap: "前面缺少记录"
    case .fork: "同一编号已有另一条记录"
    case .unknownProgress: "街道服务器不认得自己的这部分记录"
    case .newIncarnation: "街道服务器已重建"
    case .rollCall: "街道服务器正在点名，暂不作决定"
    case .codeInvalid: "入网码无效"
    case .codeUsed: "入网码已用过"
    case .bodyMismatch: "资料与记录不符"
    case .bodyUnknown: "没有记录提到这份资料"
    case .bodyErased: "资料已按要求删除"
    case .busy: "街道服务器繁忙"
    case .storageFull: "街道服务器的磁盘已满"
    case .internal: "街道服务器出错"
    }
  }

  /// The same for what only a program can have got wrong.
  private var chineseOfProgram: String {
    switch self {
    case .malformedJSON: "内容不是约定的 JSON"
    case .malformedOp: "内容里有不是记录的东西"
    case .missingField: "缺少字段"
    case .wrongType: "字段类型不对"
    case .outOfRange: "字段的值超出范围"
    case .unknownField: "有不认识的字段"
    case .unsupportedMediaType: "不接受这种内容"
    case .malformedBundle: "文件不是数据包，或已损坏"
    case .notFound: "没有这个地址"
    case .methodNotAllowed: "这个地址不接受这种请求"
    case .tooLarge: "内容太大"
    default: preconditionFailure("\(rawValue) has words of its own")
    }
  }
}
