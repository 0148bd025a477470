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
  /// The share of the bytes that may come in vain.
  static let wastedGate = 0.05
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
    let program = try Program(folder: scratch.path)
    let hubFolder = scratch.path + "/hub"
    try makeHub(in: hubFolder)
    let (hub, line) = try program.serve(
      ["hub", "serve", "--data", hubFolder, "--listen", "127.0.0.1:0"], name: "hub")
    defer { Program.end(hub) }
    guard let port = line.split(separator: ":").last.flatMap({ UInt16($0) }) else {
      throw Program.Failure(description: "no address: \(line)")
    }
    let office = try Office(program, hubFolder: hubFolder, folder: scratch.path + "/office")
    let bad = try LineSimulator(to: port, .bad)
    defer { bad.close() }
    try firstSync(office, bad, &report)
    try day(office, bad, &report)
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
    for delivery in workload.setUp { try take(delivery, into: store) }
    // Names of staff: whoever is invited is compared with them.
    try store.write { () throws(StoreError) in
      try store.set(.streetName, Array("Workload Street".utf8))
      for body in workload.setUp[0].bodies.sorted(by: {
        $0.key.bytes.lexicographicallyPrecedes($1.key.bytes)
      }) {
        try store.keep(body.value)
      }
    }
    for delivery in workload { try take(delivery, into: store) }
  }

  private func take(_ delivery: Delivery, into store: Store) throws(StoreError) {
    try store.write { () throws(StoreError) in
      guard let op = delivery.receipt, let receipt = try? Receipt(op) else {
        for run in delivery.runs { try store.take(run) }
        return
      }
      try store.take([op])
      for (run, covered) in zip(delivery.runs, receipt.runs) {
        try store.stage(run)
        try store.fold(upTo: covered.upTo, staged: run)
      }
    }
  }

  /// A new office pulls the whole street.
  private func firstSync(
    _ office: Office, _ line: LineSimulator, _ report: inout Report
  ) throws {
    var summary: [String: Any] = [:]
    let time = try Measure.time {
      summary = try office.enrol(through: line.url)
    }
    let counts = line.counts
    let received = Double(counts.down)
    let number = { (name: String) in (summary[name] as? NSNumber)?.doubleValue ?? 0 }
    let useful = number("bytes_received") - number("bytes_wasted")
    report.add("first sync", time / 1e9, "s")
    report.add("first sync, at the line's full speed", useful / 8_000, "s")
    report.add("first sync, cuts", Double(counts.cuts), "")
    report.add("first sync, tries that failed", number("failures"), "")
    report.add("first sync, round trips", number("exchanges"), "")
    report.add("first sync, bytes that reached the office", received, "B")
    report.add("first sync, bytes by its own count", number("bytes_received"), "B")
    report.add("first sync, per op", useful / Double(options.opCount), "B/op")
    report.add(
      "first sync, wasted / final", number("bytes_wasted") / useful, "", gate: Self.wastedGate)
  }

  /// Fifty ops over the line, and what staff notice of it.
  private func day(
    _ office: Office, _ line: LineSimulator, _ report: inout Report
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
  private func latency(_ office: Office, _ report: inout Report) throws {
    var idle: [Double] = []
    var busy: [Double] = []
    for _ in 0..<(Self.commandCount / 50) {
      for _ in 0..<50 { idle.append(try office.command()) }
      let (watch, _) = try office.watch()
      defer { Program.end(watch) }
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

/// The office of the benchmark.
private struct Office {
  private let program: Program
  private let folder: String
  private let code: String
  private let staff: String

  init(_ program: Program, hubFolder: String, folder: String) throws {
    self.program = program
    self.folder = folder
    let invited = try program.must([
      "hub", "invite", "--community", "Line", "--staff", "Wang Min", "--policy",
      "award.posting=on_the_spot,award.max_per_day=off,backdate.max_days=off", "--data", hubFolder,
      "--json",
    ]).object()
    guard let code = invited["code"] as? String,
      let people = invited["staff"] as? [[String: String]], let id = people.first?["id"]
    else { throw Program.Failure(description: "no code: \(invited)") }
    self.code = code
    staff = id
  }

  /// Becomes an office and pulls everything; a code that was used in vain is used again.
  func enrol(through hub: String) throws -> [String: Any] {
    let words = [
      "office", "init", "--hub", hub, "--code", code, "--attempts", "100", "--data", folder,
      "--json",
    ]
    for _ in 1...3 {
      let result = try program.run(words)
      if result.exit == 0 { return try result.object() }
      guard result.exit == 4 else { break }
    }
    return try program.must(words).object()
  }

  func sync() throws -> [String: Any] {
    try program.must([
      "office", "sync", "--attempts", "20", "--data", folder, "--json",
    ]).object()
  }

  /// Starts to sync without end, and waits for the first.
  func watch() throws -> (pid: pid_t, line: String) {
    try program.serve(
      ["office", "sync", "--watch", "1", "--data", folder, "--json"], name: "watch")
  }

  /// Records so many ops.
  func recordDay(_ count: Int) throws {
    let lines = (1...count).map { number in
      #"{"kind":"activity.publish","fields":{"title":"Sweeping \#(number)","category":"labour","#
        + #""points":3,"held_on":"2026-01-13"}}"#
    }
    _ = try program.must(
      ["record", "--json", "-", "--as", staff, "--data", folder],
      input: lines.joined(separator: "\n"))
  }

  /// One command of the staff.
  ///
  /// - Returns: How long it took, in ns.
  func command() throws -> Double {
    try Measure.time {
      _ = try program.must([
        "record", "activity.publish", "title=Sweeping", "category=labour", "points=3",
        "held_on=2026-01-13", "--as", staff, "--data", folder, "--json",
      ])
    }
  }
}
