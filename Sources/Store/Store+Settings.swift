import Community
import OpLog
import SQLite

/// Small values by name.
extension Store {
  /// A small value kept by name: set-up and progress, never facts.
  package func setting(_ name: SettingName) throws(StoreError) -> [UInt8]? {
    try StoreError.wrap { () throws(SQLiteFailure) in try meta.bytes(name.rawValue) }
  }

  /// Forgets a value; inside ``write(_:)``.
  package func clear(_ name: SettingName) throws(StoreError) {
    try StoreError.wrap { () throws(SQLiteFailure) in
      let delete = try connection.prepare("DELETE FROM meta WHERE key = ?1")
      delete.bind(1, name.rawValue)
      try delete.run()
    }
  }

  /// Keeps a small value by name; inside ``write(_:)``.
  package func set(_ name: SettingName, _ value: [UInt8]) throws(StoreError) {
    try StoreError.wrap { () throws(SQLiteFailure) in try meta.set(name.rawValue, value) }
  }

  /// A small number kept by name.
  package func number(_ name: SettingName) throws(StoreError) -> Int64? {
    try StoreError.wrap { () throws(SQLiteFailure) in try meta.integer(name.rawValue) }
  }

  /// Keeps a small number by name; inside ``write(_:)``.
  package func set(_ name: SettingName, _ value: Int64) throws(StoreError) {
    try StoreError.wrap { () throws(SQLiteFailure) in try meta.set(name.rawValue, value) }
  }
}

/// The names under which a store keeps settings.
package enum SettingName: String, Sendable {
  /// The office's community, a packed op id; views read it.
  case community
  /// The secret that seals heads; 32 bytes.
  case secret
  /// The bearer token; 32 bytes.
  case token
  /// The hub's address.
  case hubAddress = "hub_address"
  /// The street's name.
  case streetName = "street_name"
  /// How far the hub's log is held whole, with all that it covers.
  case wholeSeq = "whole_seq"
  /// The run of the next entry that is being received.
  case partRun = "part_run"
  /// How far that run is held.
  case partSeq = "part_seq"
  /// The ids that this PC wrote under before it rejoined, four bytes each.
  case formerIDs = "former_ids"
  /// Present while this office holds another branch of the hub's log than the hub.
  case otherBranch = "other_branch"
  /// Why nothing may be recorded here any more; absent while all is well.
  case stopped
  /// Present while a later hub refuses this office, whose history with its enrolment has not come yet.
  case unknownHere = "unknown_here"
  /// How far the present hub said that it holds this office's log; set when it is a new one.
  case hubHas = "hub_has"
  /// Present while logs that this office holds need not come again from a new hub.
  case resuming
  /// Present while this office still has logs of former hubs to show to a new one.
  case rollCall = "roll_call"
  /// The former hub's log that offices are giving to this hub in parts.
  case givenLog = "given_log"
  /// When the last part of it came, in ms since 1970-01-01 UTC.
  case givenAt = "given_at"
  /// The lives of the hub that only the log being given names, four bytes each.
  case givenLives = "given_lives"
  /// The offices that called while the roll-call is open, four bytes each.
  case callers
  /// The offices that hold another branch of a former hub's log, four bytes each.
  case branched
  /// The ids that PCs gave up, each with the one that its PC took, eight bytes each pair.
  case rejoined
  /// The revoked replicas that may bring what they had not sent, twelve bytes each.
  case readmissions
  /// The first life of this hub with its present master key; absent for a street's first key.
  case keySince = "key_since"
  /// What tells a hub's present master key from the ones before it; 32 bytes that say nothing of the key.
  case keyCheck = "key_check"
  /// The codes with which offices get their secrets by a new master key, 61 bytes each.
  case renewals
  /// The heads of former hubs that offices showed and no seal proves, 48 bytes each.
  case shown
  /// Present at an office that has its secret by a new master key, until the roll-call behind it ended.
  case renewed
  /// Present in a backup, which no hub may serve as it is.
  case backup
  /// An office's last bundle: its id then, the hub's life, and the bundle's number, four bytes each.
  case lastBundle = "last_bundle"
  /// Of each office the bundles that reached this hub, and which did not.
  case bundles
  /// The ops up to which somebody said that the clock of a hub had been wrong, eight bytes each.
  case clockConfirmed = "clock_confirmed"
  /// The ends of a former hub's log that could not be taken in by the clock, sixteen bytes each.
  case clockShown = "clock_shown"
  /// Present while the hub holds this office's report of rows that differ.
  case toldDifferences = "told_differences"
  /// When the hub last answered, in ms since 1970-01-01 UTC by the hub's clock.
  case lastContact = "last_contact"
  /// The hub's clock less this PC's at the last contact, ms.
  case clockOffset = "clock_offset"
  /// The catalogue by which the hub folds, as its last digest said.
  case hubCatalogue = "hub_catalogue"
  /// 1 while a receipt may have been taken for what was put away since: the tables are to be folded anew.
  case refold
  /// Present while the hub is known to read segments.
  case hubSegments = "hub_segments"
  /// The day of ``trafficSent`` and ``trafficReceived``, in days since 1970-01-01.
  case trafficDay = "traffic_day"
  /// Bytes sent to the hub on that day.
  case trafficSent = "traffic_sent"
  /// Bytes that came from it on that day.
  case trafficReceived = "traffic_received"
  /// Bytes a day after which only own ops go; absent for no end.
  case byteBudget = "byte_budget"
  /// Bytes a second that the line moved when it was measured last.
  case lineRate = "line_rate"
  /// For how long it held between two cuts, in ms.
  case lineCalm = "line_calm"
  /// The files of people whose ops this office gave up; see ``Store/takeUpFiles()``.
  case givenUpFiles = "given_up_files"
  /// What an office works on while its history comes in; see ``Bootstrap``.
  case bootstrap
  /// The card of the checkpoint that a hub gives, or that comes in at an office.
  case checkpoint
  /// When a hub made it, in ms since 1970-01-01 UTC.
  case checkpointMadeAt = "checkpoint_made_at"
  /// Present at an office that began without one, so that it does not ask again.
  case noCheckpoint = "no_checkpoint"
  /// The tables whose rows in the checkpoint were not what the history says.
  case checkpointFaults = "checkpoint_faults"
}
