import Community
import Office
import OpLog
import Store
import Wire

/// Ops that this version's counter would not have written: of a newer program, of an older one
/// that checks less, or of a faulty one.
extension World {
  private enum Oddity: Int, CaseIterable {
    case unknownKind, unknownKey, malformed, otherNames, dangling, namesParked, noActor, noRole
    case hubKind, forgedReceipt, ownReversal, awayAsHome, withGrant, standInAtHome, overPublished
    case notAResident, namesAhead, returnsTooMuch, careless
    case recordedByTwo
  }

  /// Lets an office write one strange op into its log.
  func writeStrangeOp(at office: OfficeNode) throws(Violation) {
    guard let oddity = random.pick(Oddity.allCases.dropLast(2)) else { return }
    if try write(oddity, at: office) { marks.hit(.strangeOp) }
  }

  /// Lets an office write what a PC does that was copied, and whose copies record the same again: in no
  /// order of their ids.
  func recordAsCopiesDo(at office: OfficeNode) throws(Violation) {
    if try write(.recordedByTwo, at: office) { marks.hit(.recordedByTwo) }
  }

  /// Lets an office write down what staff filled in without any of the checks that refuse it.
  func writeCarelessly(at office: OfficeNode) throws(Violation) {
    if try write(.careless, at: office) { marks.hit(Mishap.carelessOp) }
  }

  /// Writes an op of this oddity; false when there is nothing to do it with.
  private func write(_ oddity: Oddity, at office: OfficeNode) throws(Violation) -> Bool {
    guard let actor = random.pick(Array(staff[office.community][..<2])),
      let resident = random.pick(known.residents), try office.holds(resident.id),
      let item = random.pick(known.items), try office.holds(item)
    else { return false }
    let next = try must("read a head") { try office.store.storedHead(of: office.replica).seq + 1 }
    guard let id = OpID(office.replica, next) else { return false }
    var fields = OpFields(
      id: id, stamp: office.clock.reading(at: time), kind: 22,
      occurredOn: BusinessDate(stamp: time), payload: Self.stock(item))
    fields.actor = actor
    fields.policy = try must("look up the policy") {
      try office.store.policy(of: office.core.community)
    }
    guard try spoil(&fields, oddity, resident, item, at: office) else { return false }
    let op = try must("encode a strange op") {
      fields.names = try names(of: try Op(fields), at: office)
      if oddity == .otherNames { fields.names = fields.names.map { $0 ^ 1 } }
      return try Op(fields)
    }
    let seen = try office.hubHead()
    try must("write a strange op") {
      try office.store.write { () throws(StoreError) in try office.store.take([op]) }
    }
    if oddity == .unknownKind { known.parked.append(id) }
    for named in op.namedOps where try !office.holds(named) {
      marks.hit(Mishap.namedAhead)
      namedAhead.insert(id)
    }
    hubOpSeen[id] = OpID(seen.replica, seen.seq)
    let hash = try must("read a head") { try office.store.storedHead(of: office.replica).hash }
    unasked.formUnion([hash, op.was ?? hash])
    unchecked.formUnion([hash, op.was ?? hash])
    let kind = Catalogue.kind(op.kind)?.name ?? "#\(op.kind)"
    let sheet = known.sheets[id].map { ": \(Self.text($0.fields))" } ?? " about \(op.namedOps)"
    note("\(office.replica) writes \(id), strange: \(oddity), a \(kind)\(sheet)")
    return true
  }

  /// Makes an op strange; false when there is nothing to do it with.
  private func spoil(
    _ fields: inout OpFields, _ oddity: Oddity, _ resident: Known.Resident, _ item: OpID,
    at office: OfficeNode
  ) throws(Violation) -> Bool {
    switch oddity {
    case .unknownKind:
      fields.kind = 9_999
      fields.payload = Self.map([(1, .reference(resident.id)), (2, .integer(7))])
    case .unknownKey: fields.payload = Self.stock(item, also: (40, .integer(1)))
    case .malformed: fields.payload = Self.map([(1, .integer(5)), (2, .integer(1))])
    case .otherNames: break
    case .dangling:
      guard let nobody = OpID(office.replica, 4_000_000) else { return false }
      fields.payload = Self.stock(nobody)
    case .namesParked:
      guard let parked = random.pick(known.parked), try office.holds(parked) else { return false }
      fields.kind = 17
      fields.payload = Self.map([(1, .reference(resident.id)), (3, .list([.reference(parked)]))])
    case .noActor: fields.actor = nil
    case .noRole: fields.actor = staff[office.community][2]
    case .hubKind:
      fields.kind = 2
      fields.payload = Self.map([(1, .text("假社区"))])
    case .forgedReceipt:
      fields.kind = Receipt.kind
      let head = Head(replica: office.replica, seq: 1, hash: .zero)
      fields.payload = Receipt(runs: [ReceiptRun(upTo: head)]).payload
    case .ownReversal:
      guard let grant = random.pick(known.grants), try office.holds(grant.id) else { return false }
      fields.kind = 20
      fields.actor = grant.actor
      fields.payload = Self.map([(1, .reference(grant.id)), (2, .integer(0))])
    case .awayAsHome, .withGrant, .standInAtHome:
      // A debit at home has no check here, so it takes only what is there.
      let isAtHome = resident.home == office.replica
      let hasEnough = try balance(of: resident, at: office) >= 6
      guard oddity == .withGrant || isAtHome == (oddity == .standInAtHome),
        hasEnough || !isAtHome
      else { return false }
      fields.kind = 23
      let basis: Int64 = oddity == .awayAsHome ? 0 : oddity == .withGrant ? 1 : 2
      fields.payload = Self.redemption(resident.id, item, basis: basis)
    case .namesAhead:
      guard let stranger = try unseenResident(at: office) else { return false }
      fields.kind = 17
      fields.payload = Self.map([
        (1, .reference(stranger)), (3, .list([.reference(stranger)])),
      ])
    case .returnsTooMuch:
      guard !isPlain, resident.home != office.replica else { return false }
      fields.kind = 11
      fields.payload = Self.map([(1, .reference(resident.id)), (2, .integer(random.within(1...4)))])
    case .recordedByTwo:
      fields.was = SHA256.hash([UInt8(office.community), UInt8(random.within(1...2))])
    case .careless: return try fillCarelessly(&fields, at: office)
    case .notAResident:
      fields.kind = 23
      fields.payload = Self.redemption(item, item, basis: 0)
    case .overPublished:
      guard let activity = random.pick(known.activities), try office.holds(activity.id) else {
        return false
      }
      fields.kind = 19
      fields.payload = Self.map([
        (1, .reference(activity.id)), (2, .reference(resident.id)),
        (3, .integer(activity.points + 2)), (4, .integer(random.within(1...99))),
      ])
    }
    return true
  }

  /// A form as staff fill it in, written down by a program that refuses nothing.
  private func fillCarelessly(
    _ fields: inout OpFields, at office: OfficeNode
  ) throws(Violation) -> Bool {
    let any = Form.work + Form.people + Form.counter + Form.closing + [Form.give]
    let forms = random.happens(300) ? Form.unasked : any
    guard let wish = try wish(for: forms, at: office),
      let kind = Catalogue.kind(named: wish.request.kind)
    else { return false }
    let filled = try programFields(wish.request, at: office).merging(wish.request.fields) { $1 }
    let values = kind.schema.fields.map { field in
      filled[field.name].flatMap { FieldText.parse($0, as: field.type) }
    }
    guard zip(kind.schema.fields, values).allSatisfy({ !$0.isRequired || $1 != nil }) else {
      return false
    }
    fields.kind = kind.number
    fields.actor = wish.request.actor.flatMap { OpID($0) }
    // Nobody looks who recorded what the form is about.
    let recorders = recorders(of: wish.request.fields)
    if random.happens(250), let recorder = random.pick(recorders) { fields.actor = recorder }
    fields.occurredOn = wish.request.occurredOn.flatMap { BusinessDate($0) } ?? fields.occurredOn
    fields.payload = try must("encode a careless op") {
      try kind.schema.encode(Payload(values: values))
    }
    known.made[kind.number, default: []].append(fields.id)
    known.sheets[fields.id] = (wish.request.fields, fields.actor)
    return true
  }

  /// What the program fills in beside staff, of a careless one that looks at nothing first.
  private func programFields(
    _ request: RecordRequest, at office: OfficeNode
  ) throws(Violation) -> [String: String] {
    switch request.kind {
    case "award.grant": return ["points": "\(random.within(1...6))"]
    case "stock.count": return ["booked": "\(random.within(0...6))", "as_of": "1"]
    case "item.reprice":
      return ["valid_from": day(in: -3...3), "replaces": request.fields["item"] ?? ""]
    case "redemption.record":
      guard let parts = request.fields["items"]?.split(separator: "*"),
        let item = parts.first.flatMap({ OpID($0) }), let quantity = parts.last
      else { return [:] }
      let price = try must("look up a price") {
        try office.store.points(ofItem: item, on: BusinessDate(stamp: time)) ?? 1
      }
      let isAtHome = known.residents.contains {
        $0.id.description == request.fields["resident"] && $0.home == office.replica
      }
      return [
        "lines": #"[{"item":"\#(item)","quantity":\#(quantity),"price":\#(price)}]"#,
        "basis": isAtHome ? "home" : "stand_in",
      ]
    default: return [:]
    }
  }

  /// The check value over what an op names; a made-up one where something is nowhere.
  private func names(of op: Op, at office: OfficeNode) throws -> UInt64? {
    var hashes: [Digest] = []
    for id in op.namedOps {
      let writer = offices.first { $0.replica == id.replica } ?? office
      let head = try Self.head(at: id, in: office.store) ?? Self.head(at: id, in: writer.store)
      hashes.append(head?.hash ?? .zero)
    }
    return Chain.names(of: hashes)
  }

  /// The head of a log at an op; nil where it is not there, or nobody said who issued its writer's id.
  private static func head(at id: OpID, in store: Store) throws -> Head? {
    do throws(StoreError) {
      return try store.head(of: id.replica, at: id.seq)
    } catch {
      guard case .unknownIncarnation = error else { throw error }
      return nil
    }
  }

  /// Somebody whom the office knows only from a telephone call: the file has not come yet.
  private func unseenResident(at office: OfficeNode) throws(Violation) -> OpID? {
    var unseen: [OpID] = []
    for resident in known.residents where try office.holds(resident.id) == false {
      unseen.append(resident.id)
    }
    return random.pick(unseen)
  }

  // MARK: Payloads without a schema

  private static func stock(_ item: OpID, also more: (UInt64, PlainValue)? = nil) -> [UInt8] {
    map([(1, .reference(item)), (2, .integer(3)), (3, .integer(0))] + (more.map { [$0] } ?? []))
  }

  private static func redemption(_ resident: OpID, _ item: OpID, basis: Int64) -> [UInt8] {
    let line: [UInt64: PlainValue] = [1: .reference(item), 2: .integer(2), 3: .integer(3)]
    return map([
      (1, .reference(resident)), (2, .list([.map(line)])), (3, .integer(basis)),
    ])
  }

  private static func map(_ fields: [(key: UInt64, value: PlainValue)]) -> [UInt8] {
    var writer = CBORWriter()
    write(fields, to: &writer)
    return writer.bytes
  }

  private static func write(
    _ fields: [(key: UInt64, value: PlainValue)], to writer: inout CBORWriter
  ) {
    writer.map(count: fields.count)
    for field in fields {
      writer.unsigned(field.key)
      write(field.value, to: &writer)
    }
  }

  private static func write(_ value: PlainValue, to writer: inout CBORWriter) {
    switch value {
    case .integer(let number): writer.integer(number)
    case .text(let text): writer.text(text)
    case .bytes: writer.byteString([])
    case .reference(let id): writer.reference(id)
    case .list(let items):
      writer.array(count: items.count)
      for item in items { write(item, to: &writer) }
    case .map(let fields):
      write(fields.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }, to: &writer)
    }
  }
}
