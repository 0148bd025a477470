import Office
import SQLite
import Store

/// Disks that fail at some call while the power stays: short writes, no room, I/O errors.
extension World {
  /// Lets a disk fail at one of its next calls, in some worlds.
  ///
  /// - Returns: What is to strike; nil for nothing.
  func armDisk(_ disk: Disk, _ faults: [Fault]) -> Fault? {
    var armed: Fault?
    for fault in faults where mix[fault] > 0 && diskChance.happens(mix[fault]) { armed = fault }
    guard let armed else { return nil }
    let number = diskChance.below(12) + 1
    disk.fail(Self.effect(of: armed), at: number)
    return armed
  }

  private static func effect(of fault: Fault) -> DiskFault.Effect {
    switch fault {
    case .officeShortWrite, .hubShortWrite: .shortWrite
    case .officeDiskFull, .hubDiskFull: .full
    default: .error
    }
  }

  /// Ends what was armed.
  ///
  /// - Returns: Whether it struck.
  func endFault(_ armed: Fault?, of disk: Disk) -> Bool {
    guard let armed, disk.endFault() else { return false }
    marks.hit(armed)
    return true
  }

  /// An office's disk failed under what it did: it goes on, or somebody starts it anew.
  func goOnAfterFault(at office: OfficeNode, _ what: String) throws(Violation) {
    note("the disk of \(office.replica) fails under \(what)")
    if diskChance.happens(500) { try office.restart() }
  }

  /// The same of the hub's.
  func goOnAfterFaultAtHub(_ what: String) throws(Violation) {
    note("the hub's disk fails under \(what)")
    if diskChance.happens(500) { try hub.restart(at: time) }
  }
}

extension OfficeError {
  /// Whether the disk failed.
  var isOfDisk: Bool {
    guard case .store(let error) = self else { return false }
    return error.isOfDisk
  }
}

extension StoreError {
  /// Whether the disk failed.
  var isOfDisk: Bool {
    guard case .database(let failure) = self else { return false }
    return failure.isOfDisk
  }
}

extension SQLiteFailure {
  /// Whether it says that the disk failed, so that people can be told.
  var isOfDisk: Bool { isIOError || isCannotOpen || isFull }
}
