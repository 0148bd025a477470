import OpLog

/// What stands in the boxes of a bundle or a receipt file.
package enum BundleItem: Equatable, Sendable {
  /// A body as it travels: salt, then content.
  case body([UInt8])
  /// The hub holds this body.
  case held(Digest)
  /// The office lacks this body and may have it.
  case wanted(Digest)

  // item := tag:u8 length:u32be content:length        tag 0: padding, zeros that say nothing
  private var tag: UInt8 {
    switch self {
    case .body: 1
    case .held: 2
    case .wanted: 3
    }
  }

  private var content: [UInt8] {
    switch self {
    case .body(let bytes): bytes
    case .held(let digest), .wanted(let digest): digest.bytes
    }
  }

  /// What the item takes of a box.
  package var byteCount: Int { 5 + content.count }

  /// The items as texts of boxes, none longer than ``WireLimits/boxTextBytesMax``.
  ///
  /// - Parameters:
  ///   - items: Items, each within the limits of a body.
  ///   - room: How many bytes of a file the boxes may take.
  /// - Returns: The texts, and how many of the items found room; the others are left out.
  package static func texts(
    of items: [BundleItem], room: Int
  ) -> (texts: [[UInt8]], count: Int) {
    var texts: [[UInt8]] = []
    var (room, count) = (room, 0)
    for item in items {
      let most = WireLimits.boxTextBytesMax - item.byteCount - paddedTo
      let opens = (texts.last?.count ?? .max) > most
      let cost = item.byteCount + (opens ? 5 + SealedBox.tagBytes + paddedTo : 0)
      guard cost <= room else { break }
      room -= cost
      count += 1
      if opens { texts.append([]) }
      texts[texts.count - 1].append(item.tag)
      texts[texts.count - 1].appendBigEndian(UInt32(item.content.count))
      texts[texts.count - 1] += item.content
    }
    for box in texts.indices { pad(&texts[box]) }
    return (texts, count)
  }

  /// Bytes of which a box has a multiple, so that its length does not tell how long a name is.
  private static let paddedTo = 1 << 10

  private static func pad(_ text: inout [UInt8]) {
    let count = (paddedTo - (text.count + 5) % paddedTo) % paddedTo
    text.append(0)
    text.appendBigEndian(UInt32(count))
    text += repeatElement(0, count: count)
  }

  /// Reads the text of a box; nil for what is none.
  package static func items(in text: [UInt8]) -> [BundleItem]? {
    var items: [BundleItem] = []
    var offset = 0
    while offset < text.count {
      guard text.count - offset >= 5 else { return nil }
      let length = text[offset + 1..<offset + 5].reduce(0) { $0 << 8 | Int($1) }
      guard length <= BodyLimits.wireBytesMax, text.count - offset - 5 >= length else {
        return nil
      }
      let content = Array(text[offset + 5..<offset + 5 + length])
      switch (text[offset], Digest(content)) {
      case (0, _): break
      case (1, _): items.append(.body(content))
      case (2, let digest?): items.append(.held(digest))
      case (3, let digest?): items.append(.wanted(digest))
      default: return nil
      }
      offset += 5 + length
    }
    return items
  }
}

extension BundleFile {
  /// What the boxes hold, as far as they open with an office's secret.
  ///
  /// A box that does not open was changed on the way, and so says nothing; what was in it comes again.
  ///
  /// - Returns: The items in order, and how many boxes stayed shut.
  package func items(secret: [UInt8]) -> (items: [BundleItem], shut: Int) {
    var items: [BundleItem] = []
    var (index, shut) = (0, 0)
    for case .box(let box) in frames {
      let key = BundleSeal.boxKey(secret: secret, nonce: header.nonce, index: index)
      index += 1
      if let read = SealedBox.open(box, key: key).flatMap({ BundleItem.items(in: $0) }) {
        items += read
      } else {
        shut += 1
      }
    }
    return (items, shut)
  }

  /// Whether the header was made with an office's secret.
  package func isSealed(by secret: [UInt8]) -> Bool {
    BundleSeal.ofHeader(secret: secret, headerBytes).isEqualInConstantTime(to: headerSeal)
  }
}
