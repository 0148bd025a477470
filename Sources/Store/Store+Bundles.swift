import OpLog

/// Which bundles of an office reached the hub.
package struct BundleRecord: Equatable, Sendable {
  /// Numbers that did not come, or came later than a newer one.
  package struct Gap: Equatable, Sendable {
    /// From the first to the last.
    package var numbers: ClosedRange<UInt32>
    /// Whether all that was in them came with a later one.
    package var hasCome: Bool

    /// Makes a gap.
    package init(numbers: ClosedRange<UInt32>, hasCome: Bool) {
      self.numbers = numbers
      self.hasCome = hasCome
    }
  }

  /// How a bundle stands to those that came before.
  package enum Standing: Equatable, Sendable {
    /// It is the newest.
    case new
    /// It came behind a newer one.
    case late
    /// It, or one of its number, came before.
    case again
  }

  /// The office.
  package let office: ReplicaID
  /// The number of the life of the hub in which they were made.
  package let life: UInt32
  /// The newest that came; 0 for none.
  package private(set) var newest: UInt32
  /// What is missing before it, ascending.
  package private(set) var gaps: [Gap]

  /// A record of an office of which nothing has come.
  package init(of office: ReplicaID, life: UInt32, newest: UInt32 = 0, gaps: [Gap] = []) {
    self.office = office
    self.life = life
    self.newest = newest
    self.gaps = gaps
  }

  /// Notes that a bundle came.
  ///
  /// - Parameters:
  ///   - number: Its number.
  ///   - isWhole: Whether the hub holds all that the office had recorded when it made it, and so all that
  ///     was in any before it.
  ///   - max: How many gaps are kept; the oldest go.
  /// - Returns: How it stands to those that came before.
  package mutating func note(_ number: UInt32, isWhole: Bool, max: Int) -> Standing {
    var standing = Standing.again
    if number > newest {
      standing = .new
      if number > newest + 1 { gaps.append(Gap(numbers: newest + 1...number - 1, hasCome: false)) }
      newest = number
    } else if let place = gaps.firstIndex(where: { $0.numbers.contains(number) }) {
      standing = .late
      let gap = gaps.remove(at: place)
      if number < gap.numbers.upperBound {
        gaps.insert(
          Gap(numbers: number + 1...gap.numbers.upperBound, hasCome: gap.hasCome), at: place)
      }
      if number > gap.numbers.lowerBound {
        gaps.insert(
          Gap(numbers: gap.numbers.lowerBound...number - 1, hasCome: gap.hasCome), at: place)
      }
    }
    if isWhole {
      for place in gaps.indices where gaps[place].numbers.upperBound < number {
        gaps[place].hasCome = true
      }
    }
    gaps.removeFirst(Swift.max(gaps.count - max, 0))
    return standing
  }
}

/// The numbers of bundles: an office's own, and at a hub those that came.
extension Store {
  /// The number of an office's next bundle, kept before the bundle is made; inside ``write(_:)``.
  ///
  /// It begins at 1 under each id of the office and in each life of the hub, which knows nothing of those
  /// before.
  package func nextBundleNumber() throws(StoreError) -> UInt32 {
    var place: [UInt8] = []
    place.appendBigEndian(identity.replica.rawValue)
    place.appendBigEndian(try newestIncarnation.number)
    let last = try setting(.lastBundle) ?? []
    var number: UInt32 = 1
    if last.count == 12, last.starts(with: place) {
      number = last[8...].reduce(0) { $0 << 8 | UInt32($1) } + 1
    }
    place.appendBigEndian(number)
    try set(.lastBundle, place)
    return number
  }

  /// Which bundles of each office reached this hub, ascending by office.
  package func bundleRecords() throws(StoreError) -> [BundleRecord] {
    // record := office:u32be life:u32be newest:u32be count:u8 (first:u32be last:u32be came:u8)*
    let bytes = try setting(.bundles) ?? []
    var records: [BundleRecord] = []
    var offset = 0
    func number() -> UInt32 {
      defer { offset += 4 }
      return bytes[offset..<offset + 4].reduce(0) { $0 << 8 | UInt32($1) }
    }
    while bytes.count - offset >= 13 {
      let (office, life, newest) = (number(), number(), number())
      let count = Int(bytes[offset])
      offset += 1
      guard let office = ReplicaID(rawValue: office), bytes.count - offset >= 9 * count else {
        break
      }
      var gaps: [BundleRecord.Gap] = []
      for _ in 0..<count {
        let (first, last) = (number(), number())
        gaps.append(
          BundleRecord.Gap(numbers: first...max(first, last), hasCome: bytes[offset] == 1))
        offset += 1
      }
      records.append(BundleRecord(of: office, life: life, newest: newest, gaps: gaps))
    }
    return records
  }

  /// Keeps a record in place of the office's former one; inside ``write(_:)``.
  package func keep(_ record: BundleRecord) throws(StoreError) {
    let kept = try bundleRecords().filter { $0.office != record.office } + [record]
    var bytes: [UInt8] = []
    for record in kept.sorted(by: { $0.office < $1.office }) {
      bytes.appendBigEndian(record.office.rawValue)
      bytes.appendBigEndian(record.life)
      bytes.appendBigEndian(record.newest)
      bytes.append(UInt8(record.gaps.count))
      for gap in record.gaps {
        bytes.appendBigEndian(gap.numbers.lowerBound)
        bytes.appendBigEndian(gap.numbers.upperBound)
        bytes.append(gap.hasCome ? 1 : 0)
      }
    }
    try set(.bundles, bytes)
  }
}
