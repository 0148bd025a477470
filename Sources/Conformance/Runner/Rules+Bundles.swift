import Community
import OpLog
import Wire

/// A sync by files: bundle.md §5 to §7.
extension ConformanceRule {
  static let bundles: [ConformanceRule] = [
    ConformanceRule(
      "bundle.7.1.a", "任何站点都可以转交别站的数据包，得到给那个站点的回执文件",
      "Any office brings another's bundle, and gets the receipt file for it, sealed."
    ) { (run) throws(RuleFinding) in
      let courier = try run.office("乙")
      var (office, reader) = (try run.enrolled(), try run.office())
      for _ in 1...3 { try office.publish() }
      let receipt = try run.receipt(
        run.carry(run.bundle(office, number: 1), by: courier), for: office)
      let sent = "a bundle of 3 ops, by another office"
      try run.expect(
        receipt.isSealed(by: office.identity.secret) && receipt.isWhole
          && receipt.header.replica == office.replica && receipt.header.number == 1
          && receipt.header.log == 3,
        sent: sent, "a whole receipt file for bundle 1, sealed, with `log` 3 (bundle.md §3)",
        came: "bundle \(receipt.header.number) of \(receipt.header.replica)")
      for (place, reply) in try run.replies(in: receipt, for: office) {
        try run.expect(
          place.hub == office.progress && reply.have == office.head, sent: sent,
          "replies that go on from what the one before brings (bundle.md §4.2)",
          came: "\(place.hub)")
        let seal = Seal.ofHub(
          secret: office.identity.secret, reply.head, successorSeal: reply.successorSeal)
        try run.expect(
          reply.seal == seal, sent: sent, "replies sealed for the office (canonical.md §5.3)",
          came: "another seal")
        office.take(reply)
      }
      try run.prepared { () throws(RuleFinding) in try run.sync(&reader) }
      try run.expect(
        reader.others[office.replica] == office.log && office.disorder.isEmpty
          && office.progress == reader.progress, sent: sent,
        "the ops at another office, and the hub's log in the receipt file (bundle.md §6.1)",
        came: "\(office.progress.seq) entries of \(reader.progress.seq)")
    },
    ConformanceRule(
      "bundle.7.1.b", "超过 2 MiB 的数据包被拒绝", "A bundle of more than 2 MiB is refused with `too-large`."
    ) { (run) throws(RuleFinding) in
      let office = try run.office()
      let file = [UInt8](repeating: 0x4C, count: WireLimits.messageBytesMax + 1)
      try run.expect(
        .tooLarge, section: "bundle.md §7.1", run.carry(file, by: office),
        sent: "\(file.count) bytes")
    },
    ConformanceRule(
      "bundle.7.1.c", "不是本街道的数据包，被拒绝", "What is no bundle of this street is refused."
    ) { (run) throws(RuleFinding) in
      var office = try run.office()
      try office.publish()
      let file = try run.bundle(office, number: 1)
      var header = run.header(of: office, number: 1)
      header.street = StreetID(run.bytes(16)) ?? header.street
      var answer = header
      (answer.kind, answer.street) = (.receipt, office.identity.street)
      let files: [(sent: String, bytes: [UInt8])] = [
        ("no bundle", Array("LINLI BUNDLX".utf8) + Array(file.dropFirst(12))),
        ("version 2", Array(file.prefix(12)) + [2] + Array(file.dropFirst(13))), ("nothing", []),
        ("a file that ends within its header", Array(file.prefix(40))),
        ("a bundle of another street", try run.bundle(office, header)),
        ("a receipt file", BundleWriter(answer, secret: office.identity.secret).finish()),
      ]
      for (sent, file) in files {
        try run.expect(
          .malformedBundle, section: "bundle.md §7.1", run.carry(file, by: office), sent: sent)
      }
      try run.expect(
        .unsupportedMediaType, section: "errors.md",
        run.call(.post("/v1/bundles", file, of: MediaType.json, as: office.token)),
        sent: "a bundle as \(MediaType.json)")
      try run.expectNothing(of: office, behind: "files that were refused")
    },
    ConformanceRule(
      "bundle.6.1.a", "依次收下，直到第一个被拒绝的；拒绝写在回执文件里",
      "Requests are taken in order up to the first that is refused, and the refusal is in the receipt file, sealed."
    ) { (run) throws(RuleFinding) in
      var office = try run.office()
      var writer = BundleWriter(
        run.header(of: office, number: 1, log: 4), secret: office.identity.secret)
      for count in 1...4 {
        try office.publish()
        var request = office.request(pushing: [office.log[count - 1]])
        if count == 3 { request.seal = .zero }
        writer.add(.request(request.encode(run.codec)))
      }
      let receipt = try run.receipt(run.carry(writer.finish(), by: office), for: office)
      let sent = "a bundle of 4 requests, the third with a wrong seal"
      let problem = try run.problem(in: receipt, for: office, sent: sent)
      try run.expect(
        problem?.kind == .sealMismatch, sent: sent, "`seal-mismatch` in the receipt file",
        came: problem?.kind.rawValue ?? "no problem")
      let have = try run.have(office)
      try run.expect(
        have == office.head(after: 2), sent: sent,
        "the first two taken, and no more (bundle.md §6.1)",
        came: "a log up to \(have.seq)")
    },
    ConformanceRule(
      "bundle.6.1.b", "停用的站点，数据包也被拒绝",
      "The bundle of a revoked office is refused like its token."
    ) { (run) throws(RuleFinding) in
      var (office, courier) = (try run.office(), try run.office())
      try run.revoke(office.replica)
      try office.publish()
      let receipt = try run.receipt(
        run.carry(run.bundle(office, number: 1), by: courier), for: office)
      let sent = "the bundle of a revoked office"
      let problem = try run.problem(in: receipt, for: office, sent: sent)
      try run.expect(
        problem?.kind == .tokenRevoked, sent: sent, "`token-revoked` in the receipt file",
        came: problem?.kind.rawValue ?? "no problem")
      try run.prepared { () throws(RuleFinding) in try run.sync(&courier) }
      try run.expect(
        courier.others[office.replica] == nil, sent: sent, "nothing of it stored (bundle.md §6.1)",
        came: "an op at another office")
    },
    ConformanceRule(
      "bundle.6.2.a", "同一个数据包来两次，不再记", "A bundle that comes twice brings nothing more."
    ) { (run) throws(RuleFinding) in
      var office = try run.office()
      try office.publish()
      try office.publish()
      let file = try run.bundle(office, number: 1)
      for sent in ["a bundle of 2 ops", "it again"] {
        let receipt = try run.receipt(run.carry(file, by: office), for: office)
        let problem = try run.problem(in: receipt, for: office, sent: sent)
        try run.expect(
          problem == nil && receipt.header.log == 2, sent: sent,
          "a receipt file with `log` 2 and no problem (bundle.md §6.2)",
          came: problem?.kind.rawValue ?? "`log` \(receipt.header.log)")
      }
      office.pushed = 2
      try run.prepared { () throws(RuleFinding) in try run.sync(&office) }
      let ends = office.receipts(of: office.replica).map(\.upTo.seq)
      try run.expect(
        ends == [2], sent: "a bundle twice", "one receipt up to 2 (bundle.md §6.2)",
        came: "receipts up to \(ends)")
    },
    ConformanceRule(
      "bundle.6.3.a", "说出哪些号没有到，内容到了没有",
      "A receipt file says which bundles never came, and whether what was in them came with others."
    ) { (run) throws(RuleFinding) in
      var office = try run.office()
      let first = try run.bundle(office, number: 2)
      try office.publish()
      let fourth = try run.bundle(office, number: 4)
      try office.publish()
      // Made when the log had two ops, and brings one: the request with the second was lost.
      let sixth = try run.bundle(
        office, run.header(of: office, number: 6), pushing: [office.log[0]], head: 1)
      let seventh = try run.bundle(office, number: 7)
      func came(_ number: UInt32, _ hasCome: Bool = true) -> BundleGap {
        BundleGap(number...number, hasCome: hasCome)
      }
      let steps: [(sent: String, file: [UInt8], missing: [BundleGap])] = [
        ("bundle 4 first", fourth, [BundleGap(1...3, hasCome: true)]),
        ("bundle 2 late", first, [came(1), came(3)]),
        ("bundle 6, which lacks an op", sixth, [came(1), came(3), came(5, false)]),
        ("bundle 7, which has all", seventh, [came(1), came(3), came(5)]),
      ]
      for (sent, file, expected) in steps {
        // Those whose content came may be forgotten.
        let receipt = try run.receipt(run.carry(file, by: office), for: office)
        let (told, needed) = (receipt.header.gaps, expected.filter { !$0.hasCome })
        try run.expect(
          told == expected
            || (told.allSatisfy(expected.contains) && needed.allSatisfy(told.contains)
              && !told.isEmpty),
          sent: sent, "`missing` \(expected.map(\.words)) (bundle.md §6.3)",
          came: "\(told.map(\.words))")
      }
    },
    ConformanceRule(
      "bundle.5.3.a", "被改动的盒子跳过，其余照收",
      "A box that was changed on the way is passed over, and the others are taken."
    ) { (run) throws(RuleFinding) in
      var office = try run.office()
      let bodies = ["王", "李"].map { run.bytes(16) + Array(#"{"name":"\#($0)"}"#.utf8) }
      for body in bodies { try office.register(body) }
      var writer = BundleWriter(
        run.header(of: office, number: 1), secret: office.identity.secret)
      writer.add(.request(office.request().encode(run.codec)))
      for body in bodies {
        writer.add(text: BundleItem.texts(of: [.body(body)], room: 4_096).texts[0])
      }
      var file = writer.finish()
      let box =
        5 + BundleItem.texts(of: [.body(bodies[0])], room: 4_096).texts[0].count
        + SealedBox.tagBytes
      file[file.count - 37 - 2 * box + 20] ^= 1
      let receipt = try run.receipt(
        run.carry(BundleBytes.mended(file), by: office), for: office)
      let told = receipt.items(secret: office.identity.secret).items
      try run.expect(
        told == [.held(SHA256.hash(bodies[1]))],
        sent: "two boxes, the first with a bit turned over",
        "the second body held (bundle.md §5.3)", came: "\(told.count) items")
    },
    ConformanceRule(
      "bundle.5.3.b", "比较盒子标签的时间不泄露内容", "The tag of a box is checked in constant time.",
      untestable: Words(
        "网络上的时间差看不出来，要看程序本身", "no measurement over a line tells it: read the program")),
    ConformanceRule(
      "bundle.5.4.a", "个人信息随数据包来，随回执文件回",
      "Bodies come with a bundle and go with a receipt file, to those who may have them and nobody else."
    ) { (run) throws(RuleFinding) in
      let (bringer, body) = try run.officeWithFile()
      let (beside, stranger) = (try run.office(), try run.office("乙"))
      let digest = SHA256.hash(body)
      let visits: [(office: TestOffice, items: [BundleItem], told: [BundleItem])] = [
        (bringer, [.body(body)], [.held(digest)]), (beside, [.wanted(digest)], [.body(body)]),
        (stranger, [.wanted(digest)], []), (stranger, [.body(body)], []),
      ]
      for (office, items, expected) in visits {
        var writer = BundleWriter(
          run.header(of: office, number: 1), secret: office.identity.secret)
        writer.add(.request(office.request().encode(run.codec)))
        for text in BundleItem.texts(of: items, room: 4_096).texts { writer.add(text: text) }
        let receipt = try run.receipt(run.carry(writer.finish(), by: office), for: office)
        let told = receipt.items(secret: office.identity.secret).items
        try run.expect(
          told == expected, sent: "a bundle with \(items[0].words)",
          expected.first.map { "\($0.words) back (bundle.md §5)" } ?? "nothing back (sync.md §6)",
          came: told.first?.words ?? "nothing")
      }
    },
  ]
}
