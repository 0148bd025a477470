import OpLog
import Testing

@testable import Wire

@Suite("Questions about a digest")
struct DigestsCallTests {
  private static let partition = Partition(table: 20, replica: 4097)
  private static let sum = LaneSum(a: 1, b: .max)
  private static let key: [Int64] = [.max, -1, 0]

  private func head() throws -> Head {
    Head(replica: try Sample.replica(4096), seq: 7, hash: .zero)
  }

  @Test(
    "a question goes there and back, and no piece of one is taken",
    arguments: [
      .partitions(after: nil), .partitions(after: partition), .range(RowRange(partition)),
      .range(RowRange(partition, after: key, through: key)), .found([]),
      .found([RowDifference(partition, key: key, office: sum, hub: nil)]),
    ] as [DigestsQuestion])
  func question(question: DigestsQuestion) throws {
    let request = DigestsRequest(catalogue: 2, head: try head(), question: question)
    let bytes = request.encode()
    #expect(try DigestsRequest(decoding: bytes) == request)
    for end in bytes.indices {
      #expect(throws: WireError.self) { _ = try DigestsRequest(decoding: Array(bytes[..<end])) }
    }
  }

  @Test(
    "a reply goes there and back, and no piece of one is taken",
    arguments: [
      nil, .partitions([PartitionSum(partition, rows: 3, sum: sum)], hasMore: true),
      .spans([
        RowSpan(through: key, rows: 2, sum: sum), RowSpan(through: nil, rows: 1, sum: sum),
      ]),
      .rows([RowSum(key: key, sum: sum)]), .rows([]),
    ] as [DigestsAnswer?])
  func reply(answer: DigestsAnswer?) throws {
    let reply = DigestsReply(head: try head(), answer: answer)
    let bytes = reply.encode()
    #expect(try DigestsReply(decoding: bytes) == reply)
    for end in bytes.indices {
      #expect(throws: WireError.self) { _ = try DigestsReply(decoding: Array(bytes[..<end])) }
    }
  }

  @Test("the largest report fits into a small message")
  func largest() throws {
    let key = Array(repeating: Int64.min, count: WireLimits.rowKeyMax)
    let row = RowDifference(
      Partition(table: Int(UInt16.max), replica: .max), key: key, office: Self.sum, hub: Self.sum)
    let rows = Array(repeating: row, count: WireLimits.differencesMax)
    let request = DigestsRequest(catalogue: .max, head: try head(), question: .found(rows))
    #expect(request.encode().count <= WireLimits.smallMessageBytesMax)
    #expect(try DigestsRequest(decoding: request.encode()) == request)
  }

  @Test(
    "a question is refused by the member that is wrong",
    arguments: [
      (#""partitions":{"table":1}"#, .missing(field: "partitions.replica")),
      (#""range":{"table":1,"replica":2,"after":["01"]}"#, .outOfRange(field: "range.after[0]")),
      (#""range":{"table":1,"replica":2,"sum":"00"}"#, .unknownField(field: "range.sum")),
      (#""found":[{"table":1,"replica":2}]"#, .missing(field: "found[0].key")),
      (#""partitions":{},"found":[]"#, .unknownField(field: "found")),
      (#""catalogue2":1"#, .unknownField(field: "catalogue2")),
    ] as [(String, WireError)])
  func refused(member: String, error: WireError) {
    let head = #"{"replica":4096,"seq":7,"hash":"\#(Digest.zero)"}"#
    #expect(throws: error) {
      _ = try DigestsRequest(
        decoding: Array(#"{"catalogue":2,"head":\#(head),\#(member)}"#.utf8))
    }
  }
}
