import Community
import HTTPClient
import Office
import OpLog
import Peer
import Wire

/// Forwards neighbours' bundles to the hub, and keeps the receipt files for them.
enum BundleForwarding {
  /// What is said of a bundle that no line takes.
  static let tooLarge = Words(
    "它超过 2 MiB，不能代为上传: 请把文件带到街道，或让那个站点用 --max-mib 2 重新导出",
    "it has more than 2 MiB and cannot be forwarded: carry it to the hub, or have it exported again with "
      + "--max-mib 2")

  /// Forwards all that wait; what fails waits for the next sync, and does not spoil this one.
  static func run(
    _ office: OfficeCore, in folder: DataFolder, through line: HTTPTransport, _ console: Console,
    isolation: isolated (any Actor)? = #isolation
  ) async {
    let shelf = BundleShelf(in: folder.path)
    for entry in shelf.entries() where entry.state == .bundle {
      do throws(CommandError) {
        try await forward(entry, of: shelf, office, through: line, console)
      } catch {
        console.error(error.message)
        console.error(
          Words(
            "\(entry.office) 的第 \(entry.number) 号数据包留到下次同步",
            "bundle \(entry.number) of \(entry.office) waits for the next sync"))
      }
    }
  }

  private static func forward(
    _ entry: BundleShelf.Entry, of shelf: BundleShelf, _ office: OfficeCore,
    through line: HTTPTransport, _ console: Console, isolation: isolated (any Actor)? = #isolation
  ) async throws(CommandError) {
    let bytes = try BundlePath.read(entry.path)
    guard bytes.count <= WireLimits.messageBytesMax else {
      return console.error(Self.tooLarge)
    }
    let outcome = await line.carry(office.forwarding(bytes))
    try CommandError.wrap { () throws(OfficeError) in
      try office.count(
        sent: outcome.traffic.sent, received: outcome.traffic.received, now: Machine.now())
    }
    let response: PeerResponse
    do throws(TransportError) {
      response = try outcome.result.get()
    } catch { throw CommandError(OfficeError.transport(error)) }
    guard response.status == 200 else {
      return try refuse(entry, response, on: shelf, console)
    }
    let answered = try CommandError.wrap { () throws(OfficeError) in
      try shelf.answer(entry, with: response.body)
    }
    console.answer(
      Words(
        "已上传 \(entry.office) 的第 \(entry.number) 号数据包，请把回执文件交给它: \(answered.path)",
        "forwarded bundle \(entry.number) of \(entry.office); hand it the receipt file \(answered.path)"
      )
    ) { json in
      json.member("forwarded") { $0.entry(answered) }
    }
  }

  /// A bundle that the hub will never take is not sent again; any other waits.
  private static func refuse(
    _ entry: BundleShelf.Entry, _ response: PeerResponse, on shelf: BundleShelf, _ console: Console
  ) throws(CommandError) {
    guard let problem = try? Problem(decoding: response.body) else {
      throw CommandError(OfficeError.transport(.broken("status \(response.status)")))
    }
    let isOfFile = [.malformedBundle, .sealMismatch, .tooLarge].contains(problem.kind)
    guard isOfFile else { throw CommandError(problem) }
    shelf.refuse(entry)
    console.error(
      Words(
        "街道没有接受 \(entry.office) 的第 \(entry.number) 号数据包: \(problem.kind.words.chinese)。请告诉那个站点重新导出",
        "the hub refused bundle \(entry.number) of \(entry.office): \(problem.kind.words.english) Let that "
          + "office export again"))
  }
}
