import Foundation
import Hub
import LineKit
import OpLog
import SQLite
import Simulation
import Store

/// `line`: real processes over a line that hardly works: a street's first sync, and an office's day.
///
/// The hub's log is the workload's; the office has a community of its own.
struct LineBench {
  /// How much slower a command of the staff may be while a sync is under way, at the 99th percentile.
  static let slowerGate = 2.0
  /// Ops of a day.
  static let dayCount = 50
  /// Commands of the staff that are timed, with and without a sync.
  static let commandCount = 200

  let options: Options
  let scratch: Scratch

  init(_ options: Options, _ scratch: Scratch) {
    self.options = options
    self.scratch = scratch
  }

  func run(_ report: inout Report) throws {
    let program = try Program()
    let hubFolder = scratch.path + "/hub"
    try makeHub(in: hubFolder)
    let (hub, line) = try program.serve([
      "hub", "serve", "--data", hubFolder, "--listen", "127.0.0.1:0",
    ])
    defer { hub.end() }
    guard let port = line.split(separator: ":").last.flatMap({ UInt16($0) }) else {
      throw Program.Failure(description: "no address: \(line)")
    }
    let office = try LineOffice(
      program, hubFolder: hubFolder, folder: scratch.path + "/office", scratch)
    let bad = try LineSimulator(to: port, .bad)
    defer { bad.close() }
    try FirstSyncBench(office, bad, opCount: options.opCount).run(&report)
    try day(office, bad, &report)
    let (own, street) = (try office.stateDigest(), try Self.stateDigest(in: hubFolder + "/hub.db"))
    report.note(
      Note(
        text: "the states of hub and office in the end: \(own == street ? "equal" : "NOT EQUAL")",
        isGood: own == street))
  }

  /// A hub's folder with the workload's log, and a key of its own.
  private func makeHub(in folder: String) throws {
    let workload = Workload(opCount: options.opCount)
    try FileManager.default.createDirectory(
      atPath: folder, withIntermediateDirectories: true)
    let masterKey = (0..<32).map { UInt8($0) }
    guard
      let key = HubKey(
        street: workload.street, incarnation: workload.incarnation, formers: [],
        masterKey: masterKey)
    else { preconditionFailure("the workload's hub has one life") }
    let file = folder + "/hub.key"
    guard
      FileManager.default.createFile(
        atPath: file, contents: Data(key.text.utf8), attributes: [.posixPermissions: 0o600])
    else { throw Program.Failure(description: "cannot write \(file)") }
    let store = try Store.create(
      try Connection(path: folder + "/hub.db", mode: .readWriteCreate),
      StoreIdentity(
        street: workload.street, incarnation: workload.incarnation,
        replica: workload.incarnation.hub))
    for delivery in workload.setUp { try store.take(delivery) }
    // Names of staff: whoever is invited is compared with them.
    try store.write { () throws(StoreError) in
      try store.set(.streetName, Array("Workload Street".utf8))
      for body in workload.setUp[0].bodies.sorted(by: {
        $0.key.bytes.lexicographicallyPrecedes($1.key.bytes)
      }) {
        try store.keep(body.value)
      }
    }
    for delivery in workload { try store.take(delivery) }
  }

  /// What a database says of the state that it holds.
  static func stateDigest(in path: String) throws -> StateDigest {
    let store = try Store(try Connection(path: path, mode: .readOnly))
    return try store.read { () throws(StoreError) in try store.stateDigest() }
  }

  /// Fifty ops over the line, and what staff notice of it.
  private func day(
    _ office: LineOffice, _ line: LineSimulator, _ report: inout Report
  ) throws {
    try office.recordDay(Self.dayCount)
    let before = line.counts
    var summary: [String: Any] = [:]
    let time = try Measure.time { summary = try office.sync() }
    let counts = line.counts
    report.add("a day's ops, sync", time / 1e9, "s")
    report.add("a day's ops, pushed", (summary["pushed"] as? NSNumber)?.doubleValue ?? 0, "ops")
    report.add(
      "a day's ops, round trips", Double(counts.answers - before.answers), "",
      gate: counts.cuts == before.cuts ? 1 : nil)
    report.add("a day's ops, bytes to the hub", Double(counts.up - before.up), "B")
    report.add("a day's ops, bytes from the hub", Double(counts.down - before.down), "B")
    try latency(office, &report)
  }

  /// How long commands of the staff take, with and without a sync under way, by turns.
  private func latency(_ office: LineOffice, _ report: inout Report) throws {
    var idle: [Double] = []
    var busy: [Double] = []
    for _ in 0..<(Self.commandCount / 50) {
      for _ in 0..<50 { idle.append(try office.command()) }
      let (watch, _) = try office.watch()
      defer { watch.end() }
      for _ in 0..<50 { busy.append(try office.command()) }
    }
    for (name, share) in [("median", 0.5), ("p99", 0.99)] {
      report.add("staff command, idle, \(name)", Measure.percentile(share, of: idle) / 1e6, "ms")
      report.add(
        "staff command, in a sync, \(name)", Measure.percentile(share, of: busy) / 1e6, "ms")
    }
    report.add(
      "staff command p99, in a sync / idle",
      Measure.percentile(0.99, of: busy) / Measure.percentile(0.99, of: idle), "x",
      gate: Self.slowerGate)
  }
}
