import OpLog
import Testing

@Suite struct OpIDTests {
  @Test("packs and unpacks", arguments: [(1, 1), (4097, 345), (0x7FFF_FFFF, 0xFFFF_FFFF)])
  func packing(replica: UInt32, seq: UInt64) throws {
    let id = try id(replica, seq)
    #expect(id.replica.rawValue == replica)
    #expect(id.seq == seq)
    #expect(id.packed > 0)
    #expect(OpID(packed: id.packed) == id)
    #expect(id.description == "\(replica)-\(seq)")
    #expect(OpID(id.description) == id)
  }

  @Test(
    "no id has such a packed form", arguments: [.min, -1, 0, 1, 0xFFFF_FFFF, 1 << 32] as [Int64])
  func packedRefused(packed: Int64) {
    #expect(OpID(packed: packed) == nil)
  }

  @Test("a log starts at 1 and ends at its limit", arguments: [0, EnvelopeLimits.seqMax + 1, .max])
  func seqRefused(seq: UInt64) throws {
    let writer = try #require(ReplicaID(rawValue: 1))
    #expect(OpID(writer, seq) == nil)
  }

  @Test(
    "refuses every other text",
    arguments: [
      "", "-", "1", "1-", "-1", "0-1", "1-0", "01-1", "1-01", "+1-1", "1-+1", " 1-1", "1-1 ",
      "1--1", "1-1-1", "1-4294967296", "2147483648-1", "99999999999-1", "1-99999999999",
      "18446744073709551617-1", "a-1", "1-b", "１-１", "1–1",
    ])
  func textRefused(text: String) {
    #expect(OpID(text) == nil)
  }

  @Test func `sorts by replica, then by seq`() throws {
    let sorted = [try id(1, 9), try id(2, 1), try id(2, 2), try id(10, 1), try id(4096, 1)]
    #expect(sorted.reversed().sorted() == sorted)
    #expect(sorted.map(\.packed) == sorted.map(\.packed).sorted())
  }
}

@Suite struct ReplicaIDTests {
  @Test("has limits", arguments: [0, EnvelopeLimits.replicaMax + 1, .max])
  func refused(number: UInt32) {
    #expect(ReplicaID(rawValue: number) == nil)
  }

  @Test("a hub issues the ids above its own", arguments: [1, 2, 524_287] as [UInt32])
  func incarnations(number: UInt32) throws {
    let hub = ReplicaID.hub(incarnation: number)
    #expect(hub.rawValue == 4096 * number)
    #expect(hub.isHub)
    #expect(hub.incarnation == number)
    for offset in [1, 4095] as [UInt32] {
      let office = try #require(ReplicaID(rawValue: hub.rawValue + offset))
      #expect(!office.isHub)
      #expect(office.incarnation == number)
      #expect(hub < office)
    }
  }

  @Test func `a hub of no incarnation traps`() async {
    await #expect(processExitsWith: .failure) { _ = ReplicaID.hub(incarnation: 0) }
    await #expect(processExitsWith: .failure) { _ = ReplicaID.hub(incarnation: 524_288) }
  }
}
