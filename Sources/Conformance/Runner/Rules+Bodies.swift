import Community
import OpLog
import Wire

/// Bodies: bodies.md.
extension ConformanceRule {
  static let bodies: [ConformanceRule] = [
    ConformanceRule(
      "bodies.1.1.a", "每份个人信息的盐都是随机的", "The salts of the bodies that a hub makes are random.",
      untestable: Words("从外面看不出是否随机", "chance cannot be seen from outside: read the program")),
    ConformanceRule(
      "bodies.1.2.a", "个人信息必须是一个字符串的 JSON 对象",
      "A body that is not one JSON object of strings is refused."
    ) { (run) throws(RuleFinding) in
      var office = try run.office()
      let contents = ["{", "[]", #"{"name":1}"#, #"{"name":{"a":"b"}}"#, #""王""#, #"{"a":"b"} x"#]
      var bodies: [[UInt8]] = []
      for content in contents {
        bodies.append(run.bytes(16) + Array(content.utf8))
        try office.register(bodies[bodies.count - 1])
      }
      try run.prepared { () throws(RuleFinding) in try run.sync(&office) }
      for (body, content) in zip(bodies, contents) {
        let answer = try run.bring(body, by: office)
        try run.expect(
          .malformedJSON, .wrongType, section: "bodies.md §1.2", answer, sent: "the body \(content)"
        )
      }
    },
    ConformanceRule(
      "bodies.3.1.a", "送来个人信息得 204，再送一次也是", "A body is taken with 204, and again with 204."
    ) { (run) throws(RuleFinding) in
      let (office, body) = try run.officeWithFile()
      for sent in ["a body", "it again"] {
        let answer = try run.bring(body, by: office)
        try run.expect(
          answer.status == 204, sent: sent, "204 (bodies.md §3.1)",
          came: ConformanceRun.words(of: answer))
      }
    },
    ConformanceRule(
      "bodies.3.2.a", "内容与摘要不符，被拒绝",
      "Bytes with another digest are refused with `body-mismatch`."
    ) { (run) throws(RuleFinding) in
      let (office, body) = try run.officeWithFile()
      let digest = SHA256.hash(body)
      for bytes in [body.dropLast() + [0x7C], body + [0x20], Array(body.prefix(15)), []] {
        let answer = try run.call(.put("/v1/bodies/\(digest)", Array(bytes), as: office.token))
        try run.expect(
          .bodyMismatch, section: "bodies.md §3.2", answer, sent: "other bytes under a digest")
      }
    },
    ConformanceRule(
      "bodies.3.2.b", "没有记录担保的个人信息，被拒绝",
      "A digest that no op vouches for is refused with `body-unknown`."
    ) { (run) throws(RuleFinding) in
      let office = try run.office()
      let body = run.bytes(16) + Array(#"{"name":"无"}"#.utf8)
      try run.expect(
        .bodyUnknown, section: "bodies.md §3.2", run.bring(body, by: office),
        sent: "a body that no op names")
    },
    ConformanceRule(
      "bodies.2.3.a", "别的社区的站点不能送来", "An office of neither community may not bring a body."
    ) { (run) throws(RuleFinding) in
      let (_, body) = try run.officeWithFile()
      let stranger = try run.office("乙")
      try run.expect(
        .forbidden, section: "bodies.md §2.3", run.bring(body, by: stranger),
        sent: "a body of another community")
    },
    ConformanceRule(
      "bodies.2.3.b", "替别的社区建档的站点，可以送来而不能读",
      "The writer's offices may bring the file of a person of another community, and not read it."
    ) { (run) throws(RuleFinding) in
      let home = try run.office("甲")
      var (away, beside) = (try run.office("乙"), try run.office("乙"))
      let body = run.bytes(16) + Array(#"{"name":"客"}"#.utf8)
      try away.register(body, home: try run.enrolment(of: home, in: away))
      try run.prepared { () throws(RuleFinding) in
        try run.sync(&away)
        try run.sync(&beside)
      }
      for bringer in [away, beside] {
        let answer = try run.bring(body, by: bringer)
        try run.expect(
          answer.status == 204, sent: "a body by an office of the writer's community",
          "204 (bodies.md §2.3)", came: ConformanceRun.words(of: answer))
        try run.expect(
          .forbidden, section: "bodies.md §2.3",
          run.call(.get("/v1/bodies/\(SHA256.hash(body))", as: bringer.token)),
          sent: "a GET of it by the writer's community")
      }
      let read = try run.call(.get("/v1/bodies/\(SHA256.hash(body))", as: home.token))
      try run.expect(
        read.status == 200 && read.body == body, sent: "a GET of it by the person's community",
        "200 and the bytes (bodies.md §2.3)", came: ConformanceRun.words(of: read))
    },
    ConformanceRule(
      "bodies.4.1.a", "本社区的站点读到原样", "Offices of the person's community read a body as it came."
    ) { (run) throws(RuleFinding) in
      let (office, body) = try run.officeWithFile()
      let beside = try run.office()
      _ = try run.prepared { () throws(RuleFinding) in try run.bring(body, by: office) }
      for reader in [office, beside] {
        let answer = try run.call(.get("/v1/bodies/\(SHA256.hash(body))", as: reader.token))
        try run.expect(
          answer.status == 200 && answer.body == body
            && answer.mediaType == "application/octet-stream",
          sent: "a GET of a body", "200, its bytes, application/octet-stream (bodies.md §4.1)",
          came: ConformanceRun.words(of: answer))
      }
    },
    ConformanceRule(
      "bodies.2.3.c", "别的社区读不到", "Offices of another community may not read a body."
    ) { (run) throws(RuleFinding) in
      let (office, body) = try run.officeWithFile()
      let stranger = try run.office("乙")
      _ = try run.prepared { () throws(RuleFinding) in try run.bring(body, by: office) }
      try run.expect(
        .forbidden, section: "bodies.md §2.3",
        run.call(.get("/v1/bodies/\(SHA256.hash(body))", as: stranger.token)),
        sent: "a GET of another community's body")
    },
    ConformanceRule(
      "bodies.4.2.a", "还没送来的，回答 body-unknown",
      "A body that nobody has brought yet is answered with `body-unknown`."
    ) { (run) throws(RuleFinding) in
      let (office, body) = try run.officeWithFile()
      try run.expect(
        .bodyUnknown, section: "bodies.md §4.2",
        run.call(.get("/v1/bodies/\(SHA256.hash(body))", as: office.token)),
        sent: "a GET of a body that was not brought")
    },
    ConformanceRule(
      "bodies.7.2.a", "删除的个人信息在任何文件里都不留字节", "Of an erased body no byte is left in the hub's files.",
      untestable: Words("要看服务器自己的磁盘", "it takes a look at the hub's own disk")),
  ]
}

extension ConformanceRun {
  /// An office that has pushed a person's file and not brought the body.
  func officeWithFile() throws(RuleFinding) -> (TestOffice, [UInt8]) {
    var office = try office()
    let body = bytes(16) + Array(#"{"name":"刘小娥"}"#.utf8)
    try office.register(body)
    try prepared { () throws(RuleFinding) in try sync(&office) }
    return (office, body)
  }

  /// Brings a body under its digest.
  func bring(_ body: [UInt8], by office: TestOffice) throws(RuleFinding) -> LineAnswer {
    try call(.put("/v1/bodies/\(SHA256.hash(body))", body, as: office.token))
  }

  /// The enrolment of an office, as another holds it.
  func enrolment(of office: TestOffice, in other: TestOffice) throws(RuleFinding) -> OpID {
    let found = other.hubLog.first { $0.kind == 3 && ConformanceRule.names($0, office.replica) }
    guard let found else {
      throw RuleFinding(
        sent: "a pull", expected: "the enrolment of \(office.replica)", came: "none",
        isPreparation: true)
    }
    return found.id
  }
}
