import OpLog

extension MediaType {
  /// A bundle, and the receipt file that answers it.
  package static let bundle = "application/vnd.linli.bundle"
}

/// Why a file is no bundle that this program can read.
package enum BundleFault: Error, Equatable, Sendable {
  /// It does not begin like one.
  case notBundle
  /// It is of a later version of the format.
  case otherVersion(UInt8)
  /// It is one, and not as its maker wrote it; `at` counts bytes from the start.
  case damaged(at: Int)
  /// It ends before it has said whose it is.
  case cutAtStart
  /// More bytes than ``WireLimits/bundleBytesMax``.
  case tooLarge(bytes: Int)
}

/// A bundle or a receipt file: the messages of a sync in a file that anybody may carry.
///
/// Nothing in it is believed because it is in the file: each message proves itself by its seal. A file
/// that was cut off has fewer messages, and each of them is worth as much as before.
package struct BundleFile: Equatable, Sendable {
  /// A message of a file behind its header.
  package enum Frame: Equatable, Sendable {
    /// A request to sync, as it goes over the line.
    case request([UInt8])
    /// A reply, as it comes over the line, and from where it goes on.
    case reply(place: [UInt8], [UInt8])
    /// A refusal: its seal, and the problem document.
    case problem(seal: Digest, [UInt8])
    /// Bodies, and what is known about them, closed for the other side.
    case box([UInt8])
  }

  /// What the file says about itself.
  package let header: BundleHeader
  /// The header's bytes, over which its seal is.
  package let headerBytes: [UInt8]
  /// The seal over the header.
  package let headerSeal: Digest
  /// The messages that are there whole, in order.
  package let frames: [Frame]
  /// Whether the file ends as its maker ended it; else it was cut off.
  package let isWhole: Bool

  /// The bytes with which every file begins.
  static let magic = Array("LINLI BUNDLE".utf8)
  /// The version of the format.
  static let version: UInt8 = 1

  enum Tag: UInt8 {
    case header = 1
    case request
    case place
    case reply
    case problem
    case box
    case end = 0x7F

    /// The most bytes that such a frame may have.
    var bytesMax: Int {
      switch self {
      case .header, .problem: Digest.byteCount + WireLimits.smallMessageBytesMax
      case .place: WireLimits.smallMessageBytesMax
      case .request, .reply: WireLimits.messageBytesMax
      case .box: WireLimits.boxTextBytesMax + SealedBox.tagBytes
      case .end: Digest.byteCount
      }
    }
  }

  /// Whether bytes begin like a bundle.
  package static func isBegun(by bytes: [UInt8]) -> Bool { bytes.starts(with: magic) }

  /// Reads a file; O(n), and allocates no more than the file has bytes.
  ///
  /// - Throws: ``BundleFault``. A file that was cut off behind its header is none: it has fewer frames.
  package init(decoding bytes: [UInt8]) throws(BundleFault) {
    guard bytes.count <= WireLimits.bundleBytesMax else { throw .tooLarge(bytes: bytes.count) }
    guard Self.isBegun(by: bytes) else { throw .notBundle }
    guard bytes.count > Self.magic.count else { throw .cutAtStart }
    guard bytes[Self.magic.count] == Self.version else {
      throw .otherVersion(bytes[Self.magic.count])
    }
    var reader = FrameReader(bytes, from: Self.magic.count + 1)
    guard let first = try reader.next() else { throw .cutAtStart }
    guard first.tag == .header, let seal = Digest(Array(first.bytes.prefix(Digest.byteCount)))
    else { throw .damaged(at: Self.magic.count + 1) }
    headerSeal = seal
    headerBytes = Array(first.bytes.dropFirst(Digest.byteCount))
    do throws(WireError) {
      header = try BundleHeader(decoding: headerBytes)
    } catch { throw .damaged(at: Self.magic.count + 1) }
    var frames: [Frame] = []
    var place: [UInt8]?
    var isWhole = false
    while let (tag, content) = try reader.next() {
      let follows = Self.mayFollow(frames.last, place != nil, in: header.kind)
      guard follows.contains(tag) else { throw .damaged(at: reader.start) }
      switch tag {
      case .request: frames.append(.request(Array(content)))
      case .place: place = Array(content)
      case .reply:
        frames.append(.reply(place: place ?? [], Array(content)))
        place = nil
      case .problem:
        guard let seal = Digest(Array(content.prefix(Digest.byteCount))) else {
          throw .damaged(at: reader.start)
        }
        frames.append(.problem(seal: seal, Array(content.dropFirst(Digest.byteCount))))
      case .box: frames.append(.box(Array(content)))
      case .header: throw .damaged(at: reader.start)
      case .end:
        let sum = SHA256.hash(Array(bytes[..<reader.start]))
        guard Array(content) == sum.bytes, reader.isAtEnd else {
          throw .damaged(at: reader.start)
        }
        isWhole = true
      }
      guard frames.count <= WireLimits.bundleFramesMax else { throw .damaged(at: reader.start) }
    }
    self.frames = frames
    self.isWhole = isWhole
  }

  /// The frames that may stand behind one.
  private static func mayFollow(
    _ last: Frame?, _ hasPlace: Bool, in kind: BundleHeader.Kind
  ) -> Set<Tag> {
    if hasPlace { return [.reply] }
    return switch (last, kind) {
    case (nil, .bundle), (.request, .bundle): [.request, .box, .end]
    case (nil, .receipt), (.reply, .receipt): [.place, .problem, .box, .end]
    default: [.box, .end]
    }
  }
}

/// Reads frames one after the other; nil where the file ends, or was cut off.
private struct FrameReader {
  private let bytes: [UInt8]
  private var offset: Int
  /// Where the latest frame began.
  private(set) var start: Int

  init(_ bytes: [UInt8], from offset: Int) {
    self.bytes = bytes
    self.offset = offset
    start = offset
  }

  var isAtEnd: Bool { offset == bytes.count }

  // frame := tag:u8 length:u32be content:length
  mutating func next() throws(BundleFault) -> (tag: BundleFile.Tag, bytes: ArraySlice<UInt8>)? {
    start = offset
    guard offset < bytes.count else { return nil }
    guard let tag = BundleFile.Tag(rawValue: bytes[offset]) else { throw .damaged(at: offset) }
    guard bytes.count - offset >= 5 else { return nil }
    let length = bytes[offset + 1..<offset + 5].reduce(0) { $0 << 8 | Int($1) }
    guard length <= tag.bytesMax else { throw .damaged(at: offset) }
    guard bytes.count - offset - 5 >= length else { return nil }
    defer { offset += 5 + length }
    return (tag, bytes[offset + 5..<offset + 5 + length])
  }
}

/// Writes a bundle or a receipt file, frame by frame.
package struct BundleWriter {
  private let secret: [UInt8]
  private var header: BundleHeader
  private var frames: [BundleFile.Frame] = []
  private var texts: [[UInt8]] = []
  /// What the file will have at least, with its header, its boxes, and its end.
  package private(set) var byteCount: Int

  /// Begins a file.
  ///
  /// - Parameters:
  ///   - header: Its header; the nonce is set in the end.
  ///   - secret: The office's secret.
  package init(_ header: BundleHeader, secret: [UInt8]) {
    self.header = header
    self.secret = secret
    byteCount = BundleFile.magic.count + 1 + 2 * (5 + Digest.byteCount) + header.encode().count
  }

  /// Adds a message; boxes come behind all others, by ``add(text:)``.
  package mutating func add(_ frame: BundleFile.Frame) {
    frames.append(frame)
    byteCount += Self.byteCount(of: frame)
  }

  /// What a message adds to a file.
  package static func byteCount(of frame: BundleFile.Frame) -> Int {
    switch frame {
    case .request(let bytes), .box(let bytes): 5 + bytes.count
    case .reply(let place, let bytes): 10 + place.count + bytes.count
    case .problem(_, let document): 5 + Digest.byteCount + document.count
    }
  }

  /// Adds a box with a text of ``BundleItem``s.
  package mutating func add(text: [UInt8]) {
    precondition(text.count <= WireLimits.boxTextBytesMax, "caller bug: too much for a box")
    texts.append(text)
    byteCount += 5 + text.count + SealedBox.tagBytes
  }

  /// Adds a refusal of the hub's; its seal is set in the end.
  package mutating func add(problem document: [UInt8]) {
    add(.problem(seal: Digest.zero, document))
  }

  /// Ends the file.
  ///
  /// - Returns: Its bytes; more than ``WireLimits/bundleBytesMax`` are a bug of the caller.
  package consuming func finish() -> [UInt8] {
    header.nonce = BundleSeal.nonce(secret: secret, header: header.encode(), texts: texts)
    let json = header.encode()
    var out = BundleFile.magic + [BundleFile.version]
    out.reserveCapacity(byteCount)
    Self.write(.header, BundleSeal.ofHeader(secret: secret, json).bytes + json, to: &out)
    for frame in frames {
      switch frame {
      case .request(let bytes): Self.write(.request, bytes, to: &out)
      case .reply(let place, let bytes):
        Self.write(.place, place, to: &out)
        Self.write(.reply, bytes, to: &out)
      case .problem(_, let document):
        let seal = BundleSeal.ofProblem(secret: secret, nonce: header.nonce, document)
        Self.write(.problem, seal.bytes + document, to: &out)
      case .box(let bytes): Self.write(.box, bytes, to: &out)
      }
    }
    for (index, text) in texts.enumerated() {
      let key = BundleSeal.boxKey(secret: secret, nonce: header.nonce, index: index)
      Self.write(.box, SealedBox.close(text, key: key), to: &out)
    }
    Self.write(.end, SHA256.hash(out).bytes, to: &out)
    precondition(out.count <= WireLimits.bundleBytesMax, "caller bug: bundle too large")
    return out
  }

  private static func write(_ tag: BundleFile.Tag, _ content: [UInt8], to out: inout [UInt8]) {
    precondition(content.count <= tag.bytesMax, "caller bug: frame too large")
    out.append(tag.rawValue)
    out.appendBigEndian(UInt32(content.count))
    out += content
  }
}
