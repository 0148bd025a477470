import OpLog

/// Numbers of an office's bundles that the hub did not get.
package struct BundleGap: Hashable, Sendable {
  /// From the first to the last of them.
  package var numbers: ClosedRange<UInt32>
  /// Whether all that was in them came with a later one.
  package var hasCome: Bool

  /// Makes a gap.
  package init(_ numbers: ClosedRange<UInt32>, hasCome: Bool) {
    self.numbers = numbers
    self.hasCome = hasCome
  }
}

/// What a bundle or a receipt file says about itself, before anything else.
package struct BundleHeader: Equatable, Sendable {
  /// Which way a file goes.
  package enum Kind: String, Sendable {
    /// From an office to the hub.
    case bundle
    /// The hub's answer.
    case receipt
  }

  /// Which way it goes.
  package var kind: Kind
  /// The street.
  package var street: StreetID
  /// The life of the hub that the maker knows as the newest.
  package var incarnation: Incarnation
  /// The office that made it, or that it is for.
  package var replica: ReplicaID
  /// The office's number of the bundle, from 1 in each life of the hub; of a receipt file, which one it
  /// answers.
  package var number: UInt32
  /// When it was made, by its maker's clock in ms since 1970-01-01 UTC.
  package var madeAt: Int64
  /// The maker's catalogue version.
  package var catalogue: UInt32
  /// The seq of the office's whole log when it was made; of a receipt file, as the hub holds it.
  package var log: UInt64
  /// 16 bytes that no other file has.
  package var nonce: [UInt8]
  /// Of a receipt file: bundles that the hub did not get, ascending.
  package var gaps: [BundleGap]

  /// Makes a header with a nonce of zeros.
  package init(
    _ kind: Kind, street: StreetID, incarnation: Incarnation, replica: ReplicaID, number: UInt32,
    madeAt: Int64, catalogue: UInt32, log: UInt64, gaps: [BundleGap] = []
  ) {
    self.kind = kind
    self.street = street
    self.incarnation = incarnation
    self.replica = replica
    self.number = number
    self.madeAt = madeAt
    self.catalogue = catalogue
    self.log = log
    self.gaps = gaps
    nonce = [UInt8](repeating: 0, count: BundleSeal.nonceBytes)
  }

  /// The header as JSON; beyond ``WireLimits`` it is a bug of the caller.
  package func encode() -> [UInt8] {
    precondition(nonce.count == BundleSeal.nonceBytes, "caller bug: nonce")
    precondition(gaps.count <= WireLimits.bundleGapsMax, "caller bug: too many gaps")
    var json = JSONWriter()
    json.openObject()
    json.key("kind")
    json.text(kind.rawValue)
    json.key("street")
    json.text(street.description)
    json.key("incarnation")
    json.incarnation(incarnation)
    json.key("replica")
    json.integer(Int64(replica.rawValue))
    json.key("number")
    json.integer(Int64(number))
    json.key("made_at")
    json.integer(madeAt)
    json.key("catalogue")
    json.integer(Int64(catalogue))
    json.key("log")
    json.integer(Int64(log))
    json.key("nonce")
    json.base64URL(nonce)
    if !gaps.isEmpty {
      json.key("missing")
      json.openArray()
      for gap in gaps { json.gap(gap) }
      json.closeArray()
    }
    json.closeObject()
    return json.bytes
  }

  /// Reads a header.
  ///
  /// - Throws: ``WireError`` naming the first member that is wrong.
  package init(decoding bytes: [UInt8]) throws(WireError) {
    var json = try JSONReader(bytes, max: WireLimits.smallMessageBytesMax)
    var kind: Kind?
    var street: StreetID?
    var incarnation: Incarnation?
    var replica: ReplicaID?
    var number: UInt32?
    var madeAt: Int64?
    var catalogue: UInt32?
    var log: UInt64?
    var nonce: [UInt8]?
    var gaps: [BundleGap] = []
    try json.object { (name, json) throws(WireError) in
      switch name {
      case "kind":
        kind = Kind(rawValue: try json.text(0...16))
        guard kind != nil else { throw .outOfRange(field: "") }
      case "street": street = try json.street()
      case "incarnation": incarnation = try json.incarnation()
      case "replica": replica = try json.replica()
      case "number": number = try json.bundleNumber()
      case "made_at": madeAt = try json.stamp()
      case "catalogue": catalogue = try json.catalogue()
      case "log": log = try json.seq()
      case "nonce": nonce = try json.base64URL(BundleSeal.nonceBytes...BundleSeal.nonceBytes)
      case "missing":
        try json.array(max: WireLimits.bundleGapsMax) { (json) throws(WireError) in
          gaps.append(try json.gap())
        }
      default: throw .unknownField(field: "")
      }
    }
    try json.finish()
    self.init(
      try kind.required("kind"), street: try street.required("street"),
      incarnation: try incarnation.required("incarnation"),
      replica: try replica.required("replica"), number: try number.required("number"),
      madeAt: try madeAt.required("made_at"), catalogue: try catalogue.required("catalogue"),
      log: try log.required("log"), gaps: gaps)
    self.nonce = try nonce.required("nonce")
  }
}

/// From where a reply in a receipt file goes on (`bundle.md` §4).
package struct BundlePlace: Equatable, Sendable {
  /// The life of the hub whose log it is.
  package var incarnation: Incarnation
  /// How much of it an asker has to hold.
  package var hub: HubProgress

  /// Makes a place.
  package init(incarnation: Incarnation, hub: HubProgress) {
    self.incarnation = incarnation
    self.hub = hub
  }

  /// The place as JSON.
  package func encode() -> [UInt8] {
    var json = JSONWriter()
    json.openObject()
    json.key("incarnation")
    json.incarnation(incarnation)
    json.key("hub")
    json.progress(hub)
    json.closeObject()
    return json.bytes
  }

  /// Reads a place.
  ///
  /// - Throws: ``WireError`` naming the first member that is wrong.
  package init(decoding bytes: [UInt8]) throws(WireError) {
    var json = try JSONReader(bytes, max: WireLimits.smallMessageBytesMax)
    var incarnation: Incarnation?
    var hub: HubProgress?
    try json.object { (name, json) throws(WireError) in
      switch name {
      case "incarnation": incarnation = try json.incarnation()
      case "hub": hub = try json.progress()
      default: throw .unknownField(field: "")
      }
    }
    try json.finish()
    self.init(
      incarnation: try incarnation.required("incarnation"), hub: try hub.required("hub"))
  }
}

extension JSONWriter {
  fileprivate mutating func gap(_ gap: BundleGap) {
    openObject()
    key("first")
    integer(Int64(gap.numbers.lowerBound))
    key("last")
    integer(Int64(gap.numbers.upperBound))
    key("came")
    flag(gap.hasCome)
    closeObject()
  }
}

extension JSONReader {
  fileprivate mutating func bundleNumber() throws(WireError) -> UInt32 {
    UInt32(try integer(in: 1...Int64(UInt32.max)))
  }

  fileprivate mutating func gap() throws(WireError) -> BundleGap {
    var first: UInt32?
    var last: UInt32?
    var hasCome: Bool?
    try object { (name, json) throws(WireError) in
      switch name {
      case "first": first = try json.bundleNumber()
      case "last": last = try json.bundleNumber()
      case "came": hasCome = try json.flag()
      default: throw .unknownField(field: "")
      }
    }
    let (low, high) = (try first.required("first"), try last.required("last"))
    guard low <= high else { throw .outOfRange(field: "last") }
    return BundleGap(low...high, hasCome: try hasCome.required("came"))
  }
}
