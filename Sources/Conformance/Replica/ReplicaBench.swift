/// What the runner needs of the machine to test a replica: hubs, the replica's program, and folders.
package struct ReplicaBench {
  /// Starts a new hub with a door (conformance.md §3); nil when it cannot.
  let startHub: () -> ReplicaHub?
  /// Starts the replica's program anew; nil when it cannot.
  let startDriver: () -> DriverProcess?
  /// The path of a folder that is not there yet.
  let newFolder: () -> String
  /// Copies a folder with all that is in it to a path that is not there yet; false when it cannot.
  let copy: (_ folder: String, _ path: String) -> Bool
  /// Gives that many random bytes.
  let random: (Int) -> [UInt8]

  /// Makes one of its parts.
  package init(
    startHub: @escaping () -> ReplicaHub?, startDriver: @escaping () -> DriverProcess?,
    newFolder: @escaping () -> String, copy: @escaping (_ folder: String, _ path: String) -> Bool,
    random: @escaping (Int) -> [UInt8]
  ) {
    self.startHub = startHub
    self.startDriver = startDriver
    self.newFolder = newFolder
    self.copy = copy
    self.random = random
  }
}

/// A hub that the runner has for itself.
package struct ReplicaHub {
  /// Where it listens.
  let place: HubLocation
  /// The token of its door.
  let adminToken: String
  /// Makes it lose its database and not its key, and begin its next life.
  ///
  /// Returns where it listens then; the former life goes on where it was.
  let rebuild: () -> HubLocation?
  /// Ends it, in all its lives.
  let stop: () -> Void

  /// Makes one of its parts.
  package init(
    place: HubLocation, adminToken: String, rebuild: @escaping () -> HubLocation?,
    stop: @escaping () -> Void
  ) {
    self.place = place
    self.adminToken = adminToken
    self.rebuild = rebuild
    self.stop = stop
  }
}

/// The process of a replica's program.
package struct DriverProcess {
  /// What it reads from.
  let input: Int32
  /// What it writes to.
  let output: Int32
  /// Kills it where it stands; may be called again.
  let kill: () -> Void
  /// Closes both streams and waits for its end.
  let finish: () -> Void

  /// Makes one of its parts.
  package init(
    input: Int32, output: Int32, kill: @escaping () -> Void, finish: @escaping () -> Void
  ) {
    self.input = input
    self.output = output
    self.kill = kill
    self.finish = finish
  }
}
