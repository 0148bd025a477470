import Community
import OpLog
import Wire

/// What a replica keeps and relays of others' ops, whatever they are: ops.md §1, canonical.md §1, §3, and §7,
/// versioning.md §3.
extension ConformanceRule {
  static let replicaRelaying: [ConformanceRule] = [
    relays(
      "ops.1.3.b", "不认得的种类和字段，原样保留",
      "Ops of unknown kinds and with unknown keys are kept as they are.", "ops of kind 900"
    ) { (office) throws(RuleFinding) in
      for kind in [900, 65_535] as [KindNumber] {
        try office.record(
          office.made(kind: kind) { cbor in
            cbor.map(count: 2)
            cbor.unsigned(1)
            cbor.text("不认得")
            cbor.unsigned(99)
            cbor.array(count: 2)
            cbor.unsigned(7)
            cbor.map(count: 1)
            cbor.unsigned(1)
            cbor.reference(office.identity.community)
          })
      }
      try office.record(
        office.made(kind: 18) { cbor in
          cbor.map(count: 1)
          cbor.unsigned(200)
          cbor.text("不认得")
        })
    },
    relays(
      "ops.1.2.b", "内容不合种类的记录，原样保留",
      "An op whose payload does not fit its kind is kept as it is.", "an activity whose title is 7"
    ) { (office) throws(RuleFinding) in
      try office.record(
        office.made(kind: 18) { cbor in
          cbor.map(count: 1)
          cbor.unsigned(1)
          cbor.unsigned(7)
        })
    },
    relays(
      "canonical.1.3.c", "任何时间戳的记录都收下",
      "Ops of any stamp are taken.", "ops with stamps 0 and 2^53 − 1"
    ) { (office) throws(RuleFinding) in
      for stamp in [0, (1 << 53) - 1] as [Int64] {
        try office.record(office.made(kind: 18, stamp: stamp) { $0.map(count: 0) })
      }
    },
    relays(
      "canonical.3.2.d", "没有写明规则、或写了别的记录的，也收下",
      "An op without `policy`, or with another op there, is taken.", "such ops"
    ) { (office) throws(RuleFinding) in
      for policy in [nil, office.staff.first] {
        var fields = office.made(kind: 18) { $0.map(count: 0) }
        fields.policy = policy
        try office.record(fields)
      }
    },
    relays(
      "canonical.3.3.d", "names 不符的记录也收下，等着",
      "An op whose `names` differ is taken: it is pending.", "such an op"
    ) { (office) throws(RuleFinding) in
      var fields = office.made(kind: 18) { $0.map(count: 0) }
      fields.names = 7
      try office.record(fields, names: false)
    },
    ConformanceRule(
      replica: "canonical.7.4.b", "认得的种类和字段写成编号，也照收",
      "Kinds and keys that it knows are taken by number too."
    ) { (street) throws(RuleFinding) in
      let replica = try street.replicaWithNews()
      let codec = street.offices.codec
      street.line.changeAnswers(at: "/v1/sync") { answer, _ in
        guard let reply = try? SyncReply(decoding: answer.body, asker: replica.id, codec)
        else { return }
        answer.body = reply.encode(.byNumbers)
      }
      try street.expectSync(of: replica, .done, "a reply by numbers", "canonical.md §7.4")
      try street.expectInStep(replica, "a reply by numbers")
    },
    ConformanceRule(
      replica: "versioning.3.2.a", "街道名片里不认得的成员，略过",
      "Members of the hub's card that it does not know are passed over."
    ) { (street) throws(RuleFinding) in
      let replica = try street.invited()
      street.line.changeAnswers(at: "/v1") { answer, _ in
        answer.body = Array(#"{"surplus":{"a":[1]},"#.utf8) + answer.body.dropFirst()
      }
      try street.offices.prepared { () throws(RuleFinding) in
        try replica.enrol()
        try replica.syncToEnd()
      }
      guard !street.line.exchanges(at: "/v1").isEmpty else {
        throw RuleFinding(absent: Words("它没有读街道名片", "it did not ask for the hub's card"))
      }
      try street.expectInStep(replica, "a card with a member `surplus`")
    },
  ]

  /// A rule about ops of another office that a replica has to hold as they are.
  private static func relays(
    _ id: String, _ chinese: String, _ english: String, _ sent: String,
    _ record: @escaping @Sendable (inout TestOffice) throws(RuleFinding) -> Void
  ) -> ConformanceRule {
    ConformanceRule(replica: id, chinese, english) { (street) throws(RuleFinding) in
      let replica = try street.replica()
      try street.offices.prepared { () throws(RuleFinding) in
        var office = try street.offices.office()
        try record(&office)
        try street.offices.sync(&office)
      }
      try street.expectToFinish(replica, sent)
      try replica.publish()
      try street.expectToFinish(replica, "\(sent), then a record of its own")
    }
  }
}
