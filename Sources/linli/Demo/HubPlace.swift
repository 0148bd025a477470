import Community
import Glibc

/// The hub on stage: its folder, its process while it runs, and the line to it.
final class HubPlace {
  /// Its data folder.
  let folder: String
  /// What offices reach it by; cut until somebody mends it.
  let line: Line
  /// The most memory that its processes took, in KiB.
  private(set) var peakKiB = 0
  private var process: ChildProcess?

  /// A hub in a folder that is not there yet; nothing runs.
  init(folder: String) throws(CommandError) {
    self.folder = folder
    line = try Line()
  }

  /// Its database.
  var database: String { folder + "/hub.db" }

  /// Where offices find it.
  var address: String { "http://127.0.0.1:\(line.port)" }

  /// Starts it on a free port.
  func start(by program: Program) throws(CommandError) {
    let words = ["hub", "serve", "--listen", "127.0.0.1:0", "--data", folder]
    let hub = try program.start(words)
    let answer = try Program.decode(Program.Listening.self, from: try hub.readLine())
    guard let port = answer.listening.split(separator: ":").last.flatMap({ UInt16($0) }) else {
      throw .storyDiffers(Words("街道没有端口", "the hub names no port: \(answer.listening)"))
    }
    line.connect(to: port)
    process = hub
  }

  /// Stops it as an administrator does.
  func stop() throws(CommandError) {
    guard let process else { return }
    self.process = nil
    process.sampleMemory()
    peakKiB = max(peakKiB, process.peakKiB)
    Glibc.kill(process.pid, SIGTERM)
    let exit = process.finish().exit
    guard exit == ExitCode.ok else {
      throw .storyDiffers(Words("街道退出码 \(exit)", "the hub ended with \(exit)"))
    }
  }

  /// Kills it where it stands.
  func kill() throws(CommandError) {
    guard let process else { return }
    self.process = nil
    process.sampleMemory()
    peakKiB = max(peakKiB, process.peakKiB)
    Glibc.kill(process.pid, SIGKILL)
    let exit = process.finish().exit
    guard exit == 128 + SIGKILL else {
      throw .storyDiffers(Words("街道退出码 \(exit)", "the hub ended with \(exit)"))
    }
  }

  /// Kills it when it answers the next push, and says how it ended once `sync` is over.
  func die(during sync: () throws(CommandError) -> Void) throws(CommandError) {
    guard let process else { return }
    let pid = process.pid
    line.set { Glibc.kill(pid, SIGKILL) }
    line.set(isUp: true)
    try sync()
    let exit = process.finish().exit
    self.process = nil
    guard exit == 128 + SIGKILL else {
      throw .storyDiffers(
        Words("街道没有在同步途中被杀死", "the hub was not killed in mid-sync, it ended with \(exit)"))
    }
  }

  /// Invites an office and lets it enrol; the line must be there.
  ///
  /// - Returns: The ids of its staff.
  func enrol(_ office: OfficeRequest, by program: Program) throws(CommandError) -> [String] {
    var words = ["hub", "invite", "--community", office.community, "--label", office.label]
    words += ["--staff", office.staff.joined(separator: ","), "--data", folder]
    if !office.policy.isEmpty {
      let policy = office.policy.sorted { $0.key < $1.key }
      words += ["--policy", policy.map { "\($0.key)=\($0.value)" }.joined(separator: ",")]
    }
    let answer = try program.run(words)
    let invitation = try Program.decode(Program.Invitation.self, from: answer.last ?? "")
    try program.run(
      ["office", "init", "--hub", address, "--code", invitation.code]
        + ["--label", office.label, "--data", office.folder])
    return invitation.staff.map(\.id)
  }
}

/// An office that is to be enrolled.
struct OfficeRequest {
  let community: String
  let label: String
  let staff: [String]
  /// Rules to set for the community; empty for none.
  let policy: [String: String]
  /// Its data folder.
  let folder: String
}
