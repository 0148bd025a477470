import OpLog
import Testing

@testable import Wire

@Suite struct BundleFileTests {
  private static let secret = Array(UInt8(0)..<32)

  private static func header(_ kind: BundleHeader.Kind = .bundle) throws -> BundleHeader {
    BundleHeader(
      kind, street: try #require(StreetID([UInt8](repeating: 2, count: 16))),
      incarnation: try #require(Incarnation(number: 1, randomBits: 7)),
      replica: try Sample.replica(4097), number: 7, madeAt: 1_768_266_003_000, catalogue: 7,
      log: 345,
      gaps: kind == .bundle
        ? [] : [BundleGap(3...3, hasCome: true), BundleGap(5...6, hasCome: false)])
  }

  private static func bundle() throws -> [UInt8] {
    var writer = BundleWriter(try header(), secret: secret)
    writer.add(.request(try Sample.syncRequest().encode(Sample.codec)))
    writer.add(.request(Array("{}".utf8)))
    writer.add(
      text: BundleItem.texts(of: [.wanted(.zero), .body([1, 2, 3])], room: 2_000).texts[0])
    let expected = writer.byteCount
    let bytes = writer.finish()
    #expect(bytes.count == expected)
    return bytes
  }

  private static func receipt() throws -> [UInt8] {
    var writer = BundleWriter(try header(.receipt), secret: secret)
    let place = BundlePlace(
      incarnation: try #require(Incarnation(number: 1, randomBits: 7)),
      hub: HubProgress(seq: 4, hash: .zero, run: 2, upTo: 9))
    #expect(try BundlePlace(decoding: place.encode()) == place)
    for _ in 0..<2 {
      writer.add(.reply(place: place.encode(), try Sample.syncReply().encode(Sample.codec)))
    }
    writer.add(problem: Sample.problem().encode())
    writer.add(text: [])
    let expected = writer.byteCount
    let bytes = writer.finish()
    #expect(bytes.count == expected)
    return bytes
  }

  @Test("a file is read as it was written")
  func roundTrip() throws {
    for (bytes, frames) in [(try Self.bundle(), 3), (try Self.receipt(), 4)] {
      let file = try BundleFile(decoding: bytes)
      #expect(file.isWhole && file.isSealed(by: Self.secret) && !file.isSealed(by: [1]))
      #expect(file.frames.count == frames)
      #expect(file.header.encode() == file.headerBytes)
    }
    let file = try BundleFile(decoding: try Self.bundle())
    #expect(file.items(secret: Self.secret).items == [.wanted(.zero), .body([1, 2, 3])])
    #expect(file.items(secret: [1]).shut == 1)
    var nonce = try Self.header().nonce
    #expect(file.header.nonce != nonce)
    nonce = file.header.nonce
    #expect(try BundleFile(decoding: Self.bundle()).header.nonce == nonce)
  }

  @Test("a file that was cut anywhere has the frames that are whole, and says that it was cut")
  func cut() throws {
    for bytes in [try Self.bundle(), try Self.receipt()] {
      let whole = try BundleFile(decoding: bytes)
      var counts: Set<Int> = []
      for end in bytes.indices {
        do throws(BundleFault) {
          let file = try BundleFile(decoding: Array(bytes[..<end]))
          #expect(!file.isWhole && file.header == whole.header)
          #expect(Array(whole.frames.prefix(file.frames.count)) == file.frames)
          counts.insert(file.frames.count)
        } catch {
          #expect(counts.isEmpty, "cut at \(end): \(error)")
          #expect(error == .cutAtStart || error == .notBundle)
        }
      }
      #expect(counts.count == whole.frames.count + 1)
    }
  }

  @Test("a file with flipped bits is refused", arguments: 1...2 as ClosedRange<UInt64>)
  func flipped(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    for whole in [try Self.bundle(), try Self.receipt()] {
      for _ in 0..<1_000 {
        var bytes = whole
        let bit = Int.random(in: 0..<8 * bytes.count, using: &generator)
        bytes[bit / 8] ^= 1 << UInt8(bit % 8)
        guard let file = try? BundleFile(decoding: bytes) else { continue }
        // A frame that says it is longer than the rest looks cut; what is before it stands.
        #expect(!file.isWhole, "bit \(bit)")
        let before = try BundleFile(decoding: whole)
        #expect(Array(before.frames.prefix(file.frames.count)) == file.frames)
      }
    }
  }

  @Test(
    "any bytes behind the magic are refused or read, and never crash",
    arguments: 1...200 as ClosedRange<UInt64>)
  func noise(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    var bytes = BundleFile.magic + [BundleFile.version] + generator.bytes(400)
    for place in stride(from: 13, to: bytes.count, by: Int.random(in: 5...60, using: &generator)) {
      bytes[place] = UInt8.random(in: 1...6, using: &generator)
      for byte in 1...3 where place + byte < bytes.count { bytes[place + byte] = 0 }
    }
    do throws(BundleFault) {
      #expect(try !BundleFile(decoding: bytes).isWhole)
    } catch { #expect(error != .notBundle) }
    _ = BundleItem.items(in: bytes)
  }

  @Test("frames in another order, doubled headers, and bytes behind the end are refused")
  func order() throws {
    let whole = try Self.bundle()
    #expect(throws: BundleFault.self) { _ = try BundleFile(decoding: whole + [0]) }
    var writer = BundleWriter(try Self.header(), secret: Self.secret)
    writer.add(text: [])
    writer.add(.request([]))
    // A message counts as before the boxes: so it is made by hand.
    var wrong = BundleWriter(try Self.header(), secret: Self.secret)
    wrong.add(.box([UInt8](repeating: 0, count: 32)))
    wrong.add(.request([]))
    let made = wrong.finish()
    #expect(throws: BundleFault.self) { _ = try BundleFile(decoding: made) }
    #expect(try BundleFile(decoding: writer.finish()).isWhole)
    var reply = BundleWriter(try Self.header(), secret: Self.secret)
    reply.add(.reply(place: [], []))
    let misplaced = reply.finish()
    #expect(throws: BundleFault.self) { _ = try BundleFile(decoding: misplaced) }
  }

  @Test("a frame beyond its limit is refused before anything is read of it")
  func limits() throws {
    var bytes = Array(try Self.bundle().prefix(13))
    bytes += [1, 0x7F, 0xFF, 0xFF, 0xFF]
    #expect(throws: BundleFault.damaged(at: 13)) { _ = try BundleFile(decoding: bytes) }
    #expect(throws: BundleFault.otherVersion(2)) {
      _ = try BundleFile(decoding: BundleFile.magic + [2])
    }
    #expect(throws: BundleFault.tooLarge(bytes: WireLimits.bundleBytesMax + 1)) {
      _ = try BundleFile(decoding: [UInt8](repeating: 0, count: WireLimits.bundleBytesMax + 1))
    }
    var many = BundleWriter(try Self.header(), secret: Self.secret)
    for _ in 0...WireLimits.bundleFramesMax { many.add(.request([])) }
    let made = many.finish()
    #expect(throws: BundleFault.self) { _ = try BundleFile(decoding: made) }
  }

  @Test("bodies are packed into boxes within their limit and the file's room")
  func boxes() throws {
    let body = [UInt8](repeating: 7, count: 16_000)
    let items = (0..<40).map { _ in BundleItem.body(body) }
    let (texts, count) = BundleItem.texts(of: items, room: 1 << 20)
    #expect(texts.count == 3 && count == 40)
    #expect(texts.allSatisfy { $0.count <= WireLimits.boxTextBytesMax && $0.count % 1_024 == 0 })
    #expect(texts.flatMap { BundleItem.items(in: $0) ?? [] } == items)
    let few = BundleItem.texts(of: items, room: 100_000)
    #expect(few.count == 6)
    #expect(few.texts.reduce(0) { $0 + $1.count + 37 } <= 100_000)
    #expect(BundleItem.texts(of: items, room: -1).count == 0)
  }
}
