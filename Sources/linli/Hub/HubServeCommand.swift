import Community
import Glibc
import HTTP
import Hub
import OpLog
import Store
import Wire

/// Serves a street's offices until the process is told to stop.
enum HubServeCommand: Command {
  static let name = "hub serve"
  static let summary = Words("运行街道服务，直到收到停止信号", "serve the street until told to stop")
  static let usage = "linli hub serve [--listen 127.0.0.1:8420] [--admin-token-file FILE]"
  static let example = "linli hub serve --data hub --listen 127.0.0.1:8420"

  static func run(_ arguments: Arguments) async throws(CommandError) -> Int32 {
    try arguments.expect(atMost: 0)
    let token = try arguments.option("admin-token-file").map { (file) throws(CommandError) in
      try AdminToken.read(file)
    }
    let (host, port) = try address(arguments.option("listen") ?? "127.0.0.1:8420")
    // Before anybody is told that the hub is up, so that no signal is missed.
    let signals = StopSignals()
    // A street does not stop because nobody reads any more what its hub prints.
    signal(SIGPIPE, SIG_IGN)
    let console = arguments.console
    let folder = DataFolder(arguments)
    // A folder without a hub gets no lock file.
    _ = try folder.openHubStore()
    try folder.lockHub()
    let hub = try folder.openHub { key in
      let number = key.incarnation.number
      if console.isJSON {
        console.json { json in
          json.key("life")
          json.integer(Int64(number))
        }
      } else {
        console.out(
          Words(
            "一个站点有本机没有的街道记录: 数据曾被换成旧的。已开始第 \(number) 代并点名，见 linli hub status",
            "an office holds hub records that this hub lacks: its data was rolled back. Life \(number) "
              + "begins, with a roll-call; see linli hub status"))
        if number > (key.formers.last?.number ?? 0) + 1 {
          console.out(
            Words(
              "第 \(number - 1) 代不是从这里开始的。如果别处还有一个街道服务器的副本在运行，请停掉一个",
              "life \(number - 1) did not begin here. If a copy of this hub runs elsewhere, stop one of "
                + "them"))
        }
      }
    }
    hub.door = token.flatMap { HubDoor(token: $0, random: Machine.random) }
    // A hub that takes nothing is none: whoever started it should hear now why.
    try CommandError.wrap { () throws(StoreError) in
      try hub.store.checkWritable()
      // A database of a former version keeps no check of its key yet.
      try hub.store.write { () throws(StoreError) in try hub.key.keepCheck(in: hub.store) }
    }
    if let warning = try HubClockCommand.Reading(of: hub.store).warning {
      console.error(console.language(warning))
    }
    let server = HubServer(hub, host: host, port: port, clock: Machine.now)
    do throws(HTTPServerError) {
      try server.start()
    } catch {
      throw CommandError(
        exit: ExitCode.usage, code: "usage",
        message: Words("无法监听 \(host):\(port)", "cannot listen on \(host):\(port)"),
        advice: Words("用 --listen 换一个地址或端口", "name another address or port with --listen"),
        detail: error.description)
    }
    let url = "http://\(host.contains(":") ? "[\(host)]" : host):\(server.port)"
    arguments.console.answer(Words("listening \(url)", "listening \(url)")) { json in
      json.member("listening", url)
    }
    await signals.wait()
    server.stop()
    return ExitCode.ok
  }

  /// `127.0.0.1:8420` or `[::1]:8420` as its parts.
  private static func address(_ text: String) throws(CommandError) -> (String, UInt16) {
    guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...])
    else { throw .badValue(option: "listen", text, example: "127.0.0.1:8420, [::]:8420") }
    let host = text[..<colon]
    let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
    return (String(isBracketed ? host.dropFirst().dropLast() : host), port)
  }
}
