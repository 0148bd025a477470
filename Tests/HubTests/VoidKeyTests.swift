import Hub
import Office
import OpLog
import Store
import Testing

/// A hub's database knows which master key is the present one.
@Suite struct VoidKeyTests {
  @Test("the former master key is void for a database that began a life with a new one")
  func void() throws {
    let street = try Street()
    let (office, staff) = try street.office(code: "ONE")
    try street.sync(office)
    let (former, backup) = (street.key, try street.copyOfHub())
    // A database of a former version keeps no check: there the seals tell.
    #expect(try former.fits(backup) && !former.isVoid(in: backup))
    try street.loseKey(keeping: street.hub.store)
    let (store, key) = (street.hub.store, street.key)
    #expect(try key.fits(store) && !key.isVoid(in: store))
    // As two sheets give it back, with what the database says of lives: no seal is kept that tells.
    #expect(try store.sealedHeads() == [])
    let joined = try #require(
      HubKey(
        street: key.street, incarnation: key.incarnation, formers: key.formers,
        masterKey: former.masterKey, since: key.since))
    #expect(try joined.isVoid(in: store) && !joined.fits(store))
    // An older file says of a life before; it is no less void.
    #expect(try former.isVoid(in: store) && !former.fits(store))
    // The new one goes on with a backup from before it.
    #expect(try key.fits(backup) && !key.isVoid(in: backup))

    // It stays so behind later lives, of the key file and of two sheets.
    try street.succeed(with: staff, office)
    try street.recoverHub(from: store)
    #expect(try street.key.fits(store) && joined.isVoid(in: store))
    let sheets = try #require(
      HubKey(
        street: key.street, incarnation: street.key.incarnation, formers: street.key.formers,
        masterKey: key.masterKey))
    #expect(try sheets.fits(store))
    #expect(sheets.since(atLeast: key.since) == street.key)
  }

  @Test("a hub that is being made keeps the check of its key")
  func first() throws {
    let street = try Street()
    let store = street.hub.store
    try store.write { () throws(StoreError) in try street.key.keepCheck(in: store) }
    #expect(try street.key.fits(store))
    var random: UInt8 = 40
    let other = HubKey { count in
      random += 1
      return [UInt8](repeating: random, count: count)
    }
    let forged = try #require(
      HubKey(
        street: street.key.street, incarnation: street.key.incarnation, formers: [],
        masterKey: other.masterKey))
    #expect(try forged.isVoid(in: store) && !forged.fits(store))
  }
}

extension Street {
  /// Renews an office and ends the roll-call.
  fileprivate func succeed(with staff: [OpID], _ office: OfficeCore) throws {
    let renewed = try renew([office])[0]
    try meet(renewed)
    try succeed(by: staff)
    try meet(renewed)
  }
}
