import OpLog
import Testing

@Suite struct Base64URLTests {
  /// RFC 4648 §10 without its padding, and bytes whose text needs both characters of §5.
  static let pairs: [([UInt8], String)] = [
    ([], ""),
    (Array("f".utf8), "Zg"),
    (Array("fo".utf8), "Zm8"),
    (Array("foo".utf8), "Zm9v"),
    (Array("foob".utf8), "Zm9vYg"),
    (Array("fooba".utf8), "Zm9vYmE"),
    (Array("foobar".utf8), "Zm9vYmFy"),
    ([0x14, 0xFB, 0x9C, 0x03, 0xD9, 0x7E], "FPucA9l-"),  // RFC 4648 §9
    ([0x14, 0xFB, 0x9C, 0x03, 0xD9], "FPucA9k"),
    ([0x14, 0xFB, 0x9C, 0x03], "FPucAw"),
    ([0xFB, 0xFF, 0xBF], "-_-_"),
    ([0x00], "AA"),
    ([0xFF], "_w"),
  ]

  @Test("writes the published texts", arguments: pairs)
  func encodes(bytes: [UInt8], text: String) {
    #expect(Base64URL.encode(bytes) == text)
  }

  @Test("reads the published texts", arguments: pairs)
  func decodes(bytes: [UInt8], text: String) {
    #expect(Base64URL.decode(text) == bytes)
    #expect(Base64URL.decode(Array(text.utf8).span) == bytes)
  }

  @Test("appends behind what a buffer holds")
  func appends() {
    var text = Array("id:".utf8)
    Base64URL.append(Array("foob".utf8), to: &text)
    #expect(text == Array("id:Zm9vYg".utf8))
  }

  @Test("gives back every byte in every place")
  func roundTrip() {
    for length in 1...4 {
      for byte in UInt8.min...UInt8.max {
        for place in 0..<length {
          var bytes = [UInt8](repeating: 0xA5, count: length)
          bytes[place] = byte
          #expect(Base64URL.decode(Base64URL.encode(bytes)) == bytes)
        }
      }
    }
  }

  @Test(
    "refuses text that no bytes encode to",
    arguments: [
      "A", "AAAAA",  // a single character left over
      "Zg==", "Zm8=", "=", "====",  // padding
      "Zh", "Zv", "_x", "Zm9", "AAAAAB",  // unused bits that are not zero
      "Zm9+", "Zm9/",  // the other alphabet
      "Zm9v\n", " Zm9v", "Zm 9", "Zm9v\r\n",  // white space
      "Zm9.", "@AAA", "[AAA", "`AAA", "{AAA", ":AAA",  // neighbours of the alphabet in ASCII
      "Zm9\u{0}", "Zmé", "邻里",
    ])
  func refuses(text: String) {
    #expect(Base64URL.decode(text) == nil)
  }

  @Test("takes one character of the 256 bytes in the alphabet's 64 places, and no other")
  func alphabet() {
    let taken = (UInt8.min...UInt8.max).filter {
      Base64URL.decode([$0, UInt8(ascii: "A"), UInt8(ascii: "A"), UInt8(ascii: "A")].span) != nil
    }
    let letters = "-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
    #expect(taken == Array(letters.utf8))
  }
}

@Suite struct HexTests {
  @Test(
    "writes lower case and reads it back",
    arguments: [([], ""), ([0x00], "00"), ([0x09, 0xAF, 0xFF], "09afff")] as [([UInt8], String)])
  func roundTrip(bytes: [UInt8], text: String) {
    #expect(Hex.encode(bytes) == text)
    #expect(Hex.decode(text) == bytes)
  }

  @Test("gives back every byte")
  func allBytes() {
    let bytes = Array(UInt8.min...UInt8.max)
    #expect(Hex.decode(Hex.encode(bytes)) == bytes)
  }

  @Test("reads upper case, as typed from paper")
  func upperCase() {
    #expect(Hex.decode("09AFfF") == [0x09, 0xAF, 0xFF])
  }

  @Test(
    "refuses other text",
    arguments: ["0", "000", "0g", "g0", "0x00", " 00", "00\n", "/0", ":0", "@0", "G0", "`0", "é"])
  func refuses(text: String) {
    #expect(Hex.decode(text) == nil)
  }
}

@Suite struct DigestTests {
  private let counted = Array(UInt8(1)...32)

  @Test("keeps its 32 bytes")
  func bytes() throws {
    let digest = try #require(Digest(counted))
    #expect(digest.bytes == counted)
    #expect(digest.firstEightBytes == 0x0102_0304_0506_0708)
    var buffer: [UInt8] = [0xEE]
    digest.append(to: &buffer)
    #expect(buffer == [0xEE] + counted)
    #expect(Digest.zero.bytes == Array(repeating: 0, count: Digest.byteCount))
  }

  @Test("is made from any collection of bytes")
  func collections() {
    let digest = Digest(counted)
    #expect(Digest(([0] + counted + [0])[1...32]) == digest)
    #expect(Digest(UInt8(1)...32) == digest)
    #expect(Digest(counted.reversed().lazy.reversed()) == digest)
  }

  @Test("refuses any other number of bytes", arguments: [0, 1, 31, 33, 64])
  func wrongCount(count: Int) {
    #expect(Digest([UInt8](repeating: 7, count: count)) == nil)
    #expect(Digest(base64URL: Base64URL.encode([UInt8](repeating: 7, count: count))) == nil)
  }

  @Test("shows itself as 43 characters that read back")
  func text() throws {
    let digest = try #require(Digest(counted))
    #expect(digest.description == "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA")
    #expect(Digest(base64URL: digest.description) == digest)
    #expect(Digest(base64URL: digest.description + "=") == nil)
    #expect(Digest(base64URL: digest.description.dropLast() + "B") == nil, "an unused bit is set")
  }

  @Test("sorts and compares as its bytes do", arguments: 0..<32)
  func order(place: Int) throws {
    var larger = counted
    larger[place] = 0xF0
    let left = try #require(Digest(counted))
    let right = try #require(Digest(larger))
    #expect(left < right)
    #expect(!(right < left))
    #expect(!(left < left))
    #expect(left != right)
    #expect(!left.isEqualInConstantTime(to: right))
    #expect(left.isEqualInConstantTime(to: left))
  }
}
