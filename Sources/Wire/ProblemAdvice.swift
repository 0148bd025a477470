/// What the staff of an office can do about a problem.
package struct ProblemAdvice: Equatable, Sendable {
  /// In Chinese, as on the pages that staff use.
  package let chinese: String
  /// In English.
  package let english: String

  fileprivate init(_ chinese: String, _ english: String) {
    self.chinese = chinese
    self.english = english
  }
}

extension ProblemKind {
  /// What staff can do about a problem of this kind.
  package var advice: ProblemAdvice {
    switch self {
    case .malformedJSON, .malformedOp, .missingField, .wrongType, .outOfRange, .unknownField,
      .unsupportedMediaType, .malformedBundle, .notFound, .methodNotAllowed, .tooLarge:
      programAdvice
    case .unauthorized, .tokenRevoked, .retired, .forbidden, .codeInvalid, .codeUsed:
      rightsAdvice
    case .sealMismatch, .chainBroken, .gap, .fork, .unknownProgress, .newIncarnation: logAdvice
    case .bodyMismatch, .bodyUnknown, .bodyErased: bodyAdvice
    case .busy, .rollCall, .storageFull, .internal: hubAdvice
    }
  }

  private var programAdvice: ProblemAdvice {
    switch self {
    case .tooLarge:
      ProblemAdvice(
        "内容太大。请分几次提交；照片请先缩小。",
        "Too much at once. Send it in parts; make a picture smaller first.")
    case .malformedBundle:
      ProblemAdvice(
        "请从原处重新拷贝一次；仍不行，就在原站点再运行 linli bundle export。记录不会丢失。",
        "Copy the file once more from where it was made; if that fails too, run linli bundle export "
          + "there again. No record is lost.")
    case .missingField, .wrongType, .outOfRange, .unknownField:
      ProblemAdvice(
        "请按提示的字段改正后再提交。本机记录不会丢失。",
        "Correct the field that is named and send it again. What this PC recorded is safe.")
    default:
      ProblemAdvice(
        "程序版本可能不一致。请核对街道服务器的地址和软件版本，再联系管理员。本机记录不会丢失。",
        "The versions may differ. Check the hub's address and the program's version, then call the "
          + "administrator. What this PC recorded is safe.")
    }
  }

  private var rightsAdvice: ProblemAdvice {
    switch self {
    case .tokenRevoked:
      ProblemAdvice(
        "本机已被停用。请保留本机数据，联系街道管理员。",
        "This PC was revoked. Keep its data and call the street's administrator.")
    case .retired:
      ProblemAdvice(
        "本机已被注销，由另一站点接替。本机的记录都已送到街道，没有丢失；注销后才送到的审核不再有效，扣减列入待处理。请保留本机数据，联系管理员；要继续使用，用新的入网码运行 linli office rejoin。",
        "This PC was retired and another office took its place. All that it recorded is at the hub, "
          + "nothing is lost; approvals that came after that have no effect, and debits are on the "
          + "desk. Keep its data and call the administrator; to go on it takes a new code: "
          + "linli office rejoin."
      )
    case .forbidden:
      ProblemAdvice(
        "本社区无权查看或提交这项内容，请联系所属社区。",
        "This community has no right to it. Ask the community that it belongs to.")
    case .codeInvalid:
      ProblemAdvice(
        "入网码不正确、已过期，或是别的社区的。请核对后重新输入，或向管理员索取本社区的新码。",
        "The code is wrong, too old, or of another community. Type it again, or ask the administrator for a "
          + "new one of this community.")
    case .codeUsed:
      ProblemAdvice(
        "入网码已被使用。若不是本机所用，请立即告知管理员，并索取新码。",
        "The code was used. If not by this PC, tell the administrator at once and ask for a new "
          + "one.")
    default:
      ProblemAdvice(
        "街道不认得本机，也可能地址是别的街道的。先核对地址，再联系管理员: 街道若丢过数据，由街道运行 linli hub enroll 本机编号；若换了密钥，要一个换钥码，运行 linli office renew；否则重新入网。本机记录不会丢失。",
        "The hub does not know this PC, or the address is another street's. Check it, then call the "
          + "administrator: if the hub lost its data, linli hub enroll with this PC's number; if the street "
          + "has a new key, ask for a code and run linli office renew; else the PC is enrolled anew. What "
          + "it recorded is safe.")
    }
  }

  private var logAdvice: ProblemAdvice {
    switch self {
    case .fork:
      ProblemAdvice(
        "另一台电脑使用了本机的数据副本。请向管理员要新的入网码，运行 linli office rejoin。本机的记录不会丢失。街道重建后正在点名时，先等点名结束，再同步一次。",
        "Another PC uses a copy of this PC's data. Ask the administrator for a new code and run "
          + "linli office rejoin. What this PC recorded is not lost. While a rebuilt hub calls the roll, first "
          + "sync again once that has ended.")
    case .unknownProgress:
      ProblemAdvice(
        "街道服务器可能用旧备份恢复过。请勿删除本机数据，立即联系管理员。",
        "The hub may have been restored from an old backup. Delete nothing here and call the "
          + "administrator at once.")
    case .newIncarnation:
      ProblemAdvice(
        "街道服务器已重建。请联网再同步一次，程序会交上本机的记录。",
        "The hub was rebuilt. Sync once over a line: the program gives it what this PC holds.")
    case .gap:
      ProblemAdvice(
        "请重新同步一次，程序会补上缺少的记录。",
        "Sync once more: the program sends what is missing.")
    default:
      ProblemAdvice(
        "本机记录与街道服务器不衔接。请先备份本机数据，运行检查，再联系管理员。",
        "This PC's log does not fit the hub's. Back up its data, run the check, and call the "
          + "administrator.")
    }
  }

  private var bodyAdvice: ProblemAdvice {
    switch self {
    case .bodyUnknown:
      ProblemAdvice(
        "街道服务器还没有这条记录。请先同步记录，再传送资料。",
        "The hub does not have this record yet. Sync first, then send the details.")
    case .bodyErased:
      ProblemAdvice(
        "该居民的个人信息已按要求删除，不能再传送。",
        "The person's data was erased on request and is not taken again.")
    default:
      ProblemAdvice(
        "资料在传送中损坏。请再试一次；若仍失败，请重新录入资料。",
        "The details were damaged on the way. Try again; if it fails again, enter them anew.")
    }
  }

  private var hubAdvice: ProblemAdvice {
    switch self {
    case .storageFull:
      ProblemAdvice(
        "街道服务器存储已满。可继续在本机工作，请通知管理员清理磁盘。",
        "The hub's disk is full. Go on working here, and tell the administrator.")
    case .rollCall:
      ProblemAdvice(
        "街道服务器正在重建，各站点交齐记录后由街道确认。可继续在本机工作，请等街道通知。",
        "The hub is being rebuilt: the street confirms it once the offices have called. Go on "
          + "working here until then.")
    case .busy:
      ProblemAdvice(
        "街道服务器繁忙，程序会自动重试。可继续在本机工作。",
        "The hub is busy and the program tries again by itself. Go on working here.")
    default:
      ProblemAdvice(
        "街道服务器出错，程序会自动重试。可继续在本机工作；若持续出现，请通知管理员。",
        "The hub has failed and the program tries again by itself. Go on working here; tell the "
          + "administrator if it stays.")
    }
  }
}
