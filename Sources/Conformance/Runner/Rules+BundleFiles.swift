import OpLog
import Wire

/// What a hub refuses of a bundle's bytes: bundle.md §2, §3.
extension ConformanceRule {
  static let bundleFiles: [ConformanceRule] = [
    ConformanceRule(
      "bundle.2.2.a", "次序不对、标签不识、过长、过多、末尾不符的文件，被拒绝",
      "A file with frames in another order, of another tag, too long, or too many of them, with bytes "
        + "behind its end, or with another end is refused."
    ) { (run) throws(RuleFinding) in
      var office = try run.office()
      try office.publish()
      let (secret, request) = (office.identity.secret, office.request().encode(run.codec))
      func made(_ frames: [BundleFile.Frame]) -> [UInt8] {
        var writer = BundleWriter(run.header(of: office, number: 1), secret: secret)
        for frame in frames { writer.add(frame) }
        return writer.finish()
      }
      let sound = made([.request(request)])
      let frames = BundleBytes.frames(of: sound)
      let box = [UInt8](repeating: 0, count: SealedBox.tagBytes)
      let place = BundlePlace(incarnation: office.life, hub: office.progress).encode()
      let many = made(Array(repeating: .request([]), count: WireLimits.bundleFramesMax + 1))
      let unknown: [UInt8] = [9, 0, 0, 0, 0]
      // One byte more than the limit, which is no byte too many for the file.
      let large: [UInt8] = [6, 0, 4, 0, 33] + [UInt8](repeating: 0, count: 262_177)
      let files: [(sent: String, bytes: [UInt8])] = [
        ("a box before a request", made([.box(box), .request(request)])),
        ("a reply", made([.request(request), .reply(place: place, request)])),
        ("a refusal", made([.request(request), .problem(seal: .zero, request)])),
        ("two headers", BundleBytes.joined([frames[0], frames[1], frames[1], frames[2]])),
        ("no header", BundleBytes.joined([frames[0], frames[2]])),
        ("a tag that there is not", BundleBytes.joined(frames + [unknown])),
        ("a box of more than 256 KiB", BundleBytes.joined(frames + [large])),
        ("1,025 requests", many), ("a byte behind the end", sound + [0]),
        ("another end", BundleBytes.turned(sound, 1)),
        ("a bit turned over", BundleBytes.turned(sound, 60)),
      ]
      for (sent, file) in files {
        try run.expect(
          .malformedBundle, section: "bundle.md §2.2", run.carry(file, by: office), sent: sent)
      }
      try run.expectNothing(of: office, behind: "files that were refused")
      let receipt = try run.prepared { () throws(RuleFinding) in
        try run.receipt(run.carry(sound, by: office), for: office)
      }
      try run.expect(
        receipt.header.log == 1, sent: "the sound file", "it taken", came: "\(receipt.header.log)")
    },
    ConformanceRule(
      "bundle.2.3.a", "被截断的文件，完整的部分照收", "Of a file that was cut off the whole frames are taken."
    ) { (run) throws(RuleFinding) in
      var office = try run.office()
      var writer = BundleWriter(
        run.header(of: office, number: 1, log: 2), secret: office.identity.secret)
      for count in 1...2 {
        try office.publish()
        writer.add(.request(office.request(pushing: [office.log[count - 1]]).encode(run.codec)))
      }
      let file = writer.finish()
      for (cut, seq) in [(37 + 60, UInt64(1)), (20, 2)] {
        let receipt = try run.receipt(
          run.carry(Array(file.dropLast(cut)), by: office), for: office)
        try run.expect(
          receipt.header.log == seq, sent: "a bundle of 2 requests without its last \(cut) bytes",
          "the ops of the \(seq) whole ones taken (bundle.md §2.3)", came: "\(receipt.header.log)")
      }
    },
    ConformanceRule(
      "bundle.3.3.a", "签章不对的数据包，整个被拒绝",
      "A bundle with a wrong seal is refused with `seal-mismatch`, and nothing of it kept."
    ) { (run) throws(RuleFinding) in
      var (office, other) = (try run.office(), try run.office())
      try office.publish()
      let request = office.request().encode(run.codec)
      var forged = BundleWriter(
        run.header(of: office, number: 1), secret: other.identity.secret)
      forged.add(.request(request))
      try other.publish()
      var foreign = run.header(of: other, number: 1)
      foreign.replica = office.replica
      for (sent, file) in [
        ("a bundle sealed by another office", forged.finish()),
        ("another's header under this office's id", try run.bundle(other, foreign)),
        (
          "a seal with a bit turned over",
          BundleBytes.withSealTurned(try run.bundle(office, number: 1))
        ),
      ] {
        try run.expect(
          .sealMismatch, section: "bundle.md §3.3", run.carry(file, by: other), sent: sent)
      }
      try run.expectNothing(of: office, behind: "bundles with wrong seals")
    },
  ]
}

/// Bundles whose bytes are not as their maker would write them.
enum BundleBytes {
  /// Magic and version, then each frame but the end.
  static func frames(of file: [UInt8]) -> [[UInt8]] {
    var (frames, offset) = ([Array(file.prefix(13))], 13)
    while file.count - offset >= 5, file[offset] != 0x7F {
      let length = file[offset + 1..<offset + 5].reduce(0) { $0 << 8 | Int($1) }
      frames.append(Array(file[offset..<min(offset + 5 + length, file.count)]))
      offset += 5 + length
    }
    return frames
  }

  /// Frames with the right end behind them.
  static func joined(_ frames: [[UInt8]]) -> [UInt8] {
    let body = frames.flatMap { $0 }
    return body + [0x7F, 0, 0, 0, 32] + SHA256.hash(body).bytes
  }

  /// The same file with the right end.
  static func mended(_ file: [UInt8]) -> [UInt8] { joined([Array(file.dropLast(37))]) }

  /// The file with a bit turned over so many bytes before where it ends.
  static func turned(_ file: [UInt8], _ place: Int) -> [UInt8] {
    var file = file
    if file.count > place { file[file.count - place] ^= 1 }
    return file
  }

  /// The file with a bit of the seal over its header turned over, and the right end.
  static func withSealTurned(_ file: [UInt8]) -> [UInt8] {
    var file = file
    if file.count > 60 { file[20] ^= 1 }
    return mended(file)
  }
}

extension BundleGap {
  /// In a finding.
  var words: String {
    "\(numbers.lowerBound)–\(numbers.upperBound) \(hasCome ? "came otherwise" : "is missing")"
  }
}

extension BundleItem {
  /// In a finding.
  var words: String {
    switch self {
    case .body: "a body"
    case .held: "that a body is held"
    case .wanted: "that a body is wanted"
    }
  }
}

extension ConformanceRun {
  /// The header of an office's bundle; `log` where it is not all that it recorded.
  func header(of office: TestOffice, number: UInt32, log: UInt64? = nil) -> BundleHeader {
    BundleHeader(
      .bundle, street: office.identity.street, incarnation: office.life, replica: office.replica,
      number: number, madeAt: 1_768_266_007_000, catalogue: Self.catalogue,
      log: log ?? office.head.seq)
  }

  /// A bundle of all that the hub has not said to have.
  func bundle(_ office: TestOffice, number: UInt32) throws(RuleFinding) -> [UInt8] {
    try bundle(office, header(of: office, number: number))
  }

  /// A bundle of one request under a header; of other ops than all, with the head behind so many.
  func bundle(
    _ office: TestOffice, _ header: BundleHeader, pushing ops: [Op]? = nil, head: Int? = nil
  ) throws(RuleFinding) -> [UInt8] {
    var request = office.request(pushing: ops)
    if let head {
      request.head = office.head(after: head)
      request.seal = office.seal(request.head)
    }
    var writer = BundleWriter(header, secret: office.identity.secret)
    writer.add(.request(request.encode(codec)))
    return writer.finish()
  }

  /// Brings a file to the hub.
  func carry(_ file: [UInt8], by courier: TestOffice) throws(RuleFinding)
    -> LineAnswer
  {
    try call(
      .post(
        "/v1/bundles", file, of: MediaType.bundle, accept: MediaType.bundle,
        as: courier.token))
  }

  /// Reads the receipt file in an answer.
  func receipt(_ answer: LineAnswer, for office: TestOffice) throws(RuleFinding) -> BundleFile {
    let sent = "POST /v1/bundles"
    guard answer.status == 200, answer.mediaType == MediaType.bundle else {
      throw RuleFinding(
        sent: sent, expected: "200 with \(MediaType.bundle) (bundle.md §7.1)",
        came: Self.words(of: answer))
    }
    let file: BundleFile
    do throws(BundleFault) {
      file = try BundleFile(decoding: answer.body)
    } catch {
      throw RuleFinding(sent: sent, expected: "a receipt file (bundle.md §2)", came: "\(error)")
    }
    try expect(
      file.header.kind == .receipt && file.header.replica == office.replica, sent: sent,
      "a receipt file for \(office.replica)", came: "\(file.header.kind) for \(file.header.replica)"
    )
    return file
  }

  /// The replies in a receipt file, with the places that they go on from.
  func replies(
    in file: BundleFile, for office: TestOffice
  ) throws(RuleFinding) -> [(place: BundlePlace, reply: SyncReply)] {
    var replies: [(BundlePlace, SyncReply)] = []
    for case .reply(let place, let reply) in file.frames {
      do throws(WireError) {
        replies.append(
          (
            try BundlePlace(decoding: place),
            try SyncReply(decoding: reply, asker: office.replica, codec)
          ))
      } catch {
        throw RuleFinding(
          sent: "POST /v1/bundles", expected: "replies in the receipt file (bundle.md §4)",
          came: "\(error)")
      }
    }
    return replies
  }

  /// The refusal in a receipt file, whose seal has to be right; nil for none.
  func problem(
    in file: BundleFile, for office: TestOffice, sent: String
  ) throws(RuleFinding) -> Problem? {
    for case .problem(let seal, let document) in file.frames {
      let right = BundleSeal.ofProblem(
        secret: office.identity.secret, nonce: file.header.nonce, document)
      try expect(
        seal == right, sent: sent, "a refusal that is sealed (bundle.md §4.3)",
        came: "another seal")
      return try? Problem(decoding: document)
    }
    return nil
  }

  /// Wants that the hub holds nothing of an office.
  func expectNothing(of office: TestOffice, behind sent: String) throws(RuleFinding) {
    let have = try have(office)
    try expect(
      have == office.head(after: 0), sent: sent, "nothing of them stored",
      came: "a log up to \(have.seq)")
  }
}
