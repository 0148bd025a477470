import Community
import Conformance
import Foundation
import Glibc

/// The machine around a replica under test: its program, its folders, and hubs.
final class TestedProgram {
  private let command: String
  private let folder: String
  private var folders = 0
  private var hubs: [TestHub] = []

  /// Prepares to run a command, which `sh` reads.
  ///
  /// - Throws: A storage error when no folder can be made for what it keeps.
  init(_ command: String) throws(CommandError) {
    self.command = command
    // Whoever is gone at the other end of a pipe is an error of the write, not the end of this process.
    signal(SIGPIPE, SIG_IGN)
    folder = FileManager.default.temporaryDirectory.path + "/linli-conform-\(UUID().uuidString)"
    guard mkdir(folder, 0o700) == 0 else {
      throw .storage(
        "folder", Words("无法写入文件夹 \(folder)", "cannot write to the folder \(folder)"),
        advice: Words("检查权限和磁盘空间", "check its permissions and the disk's space"))
    }
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  /// The machine as the runner sees it.
  var bench: ReplicaBench {
    ReplicaBench(
      startHub: { [self] in
        guard let hub = TestHub() else { return nil }
        hubs.append(hub)
        return hub.asReplicaHub
      },
      startDriver: { [self] in start() },
      newFolder: { [self] in
        folders += 1
        return "\(folder)/\(folders)"
      },
      copy: { from, to in
        (try? FileManager.default.copyItem(atPath: from, toPath: to)) != nil
      },
      random: Machine.random)
  }

  private func start() -> DriverProcess? {
    guard let input = SpawnPipe() else { return nil }
    guard let output = SpawnPipe() else {
      close(input.reading)
      close(input.writing)
      return nil
    }
    // It takes the place of the shell, so that it is the program that gets killed.
    let process = Spawn(
      "/bin/sh", ["sh", "-c", "exec \(command)"], environment: Machine.variables,
      streams: (.descriptor(input.reading), .descriptor(output.writing), .inherited))
    close(input.reading)
    close(output.writing)
    guard let process else {
      close(input.writing)
      close(output.reading)
      return nil
    }
    return DriverProcess(
      input: input.writing, output: output.reading, kill: { Glibc.kill(process.pid, SIGKILL) },
      finish: {
        close(input.writing)
        close(output.reading)
        // One that does not end with its input is not waited for.
        Glibc.kill(process.pid, SIGKILL)
        _ = process.wait()
      })
  }
}
