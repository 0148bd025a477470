import Community
import Dispatch
import Glibc
import HTTP
import Hub
import Wire

/// Serves a street's offices until the process is told to stop.
enum HubServeCommand: Command {
  static let name = "hub serve"
  static let summary = Words("运行街道服务，直到收到停止信号", "serve the street until told to stop")
  static let usage = "linli hub serve [--listen 127.0.0.1:8420]"

  static func run(_ arguments: Arguments) async throws(CommandError) -> Int32 {
    try arguments.expect(atMost: 0)
    let (host, port) = try address(arguments.option("listen") ?? "127.0.0.1:8420")
    // Before anybody is told that the hub is up, so that no signal is missed.
    let signals = StopSignals()
    let server = HubServer(
      try DataFolder(arguments).openHub(), host: host, port: port, clock: Machine.now)
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
    if arguments.console.isJSON {
      arguments.console.json { json in
        json.key("listening")
        json.text(url)
      }
    } else {
      arguments.console.out("listening \(url)")
    }
    await signals.wait()
    server.stop()
    return ExitCode.ok
  }

  /// `127.0.0.1:8420` or `[::1]:8420` as its parts.
  private static func address(_ text: String) throws(CommandError) -> (String, UInt16) {
    guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...])
    else { throw .badValue(option: "listen", text, "127.0.0.1:8420, [::]:8420") }
    let host = text[..<colon]
    let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
    return (String(isBracketed ? host.dropFirst().dropLast() : host), port)
  }
}

/// SIGINT and SIGTERM as something to wait for; they no longer end the process.
private struct StopSignals {
  private let sources: [any DispatchSourceSignal]
  private let stream: AsyncStream<Void>

  init() {
    let (stream, continuation) = AsyncStream.makeStream(
      of: Void.self, bufferingPolicy: .bufferingOldest(1))
    self.stream = stream
    sources = [SIGINT, SIGTERM].map { number in
      let source = DispatchSource.makeSignalSource(signal: number)
      source.setEventHandler { continuation.yield() }
      source.activate()
      return source
    }
  }

  /// Waits for the first signal since the start.
  func wait() async {
    for await _ in stream { return }
  }
}
