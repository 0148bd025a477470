import FoundationEssentials
import Glibc
import OpLog
import Wire

/// Neighbours' bundles that an office keeps until its line is there, and the receipt files for them.
///
/// Files in a folder beside the database; nothing of them is believed or folded here.
package struct BundleShelf: Sendable {
  /// One file.
  package struct Entry: Equatable, Sendable {
    /// What became of a bundle.
    package enum State: String, Sendable, CaseIterable {
      /// It goes to the hub with the next sync.
      case bundle
      /// The hub has it; this is the receipt file for the neighbour.
      case receipt
      /// The hub did not take it.
      case refused
    }

    /// The neighbour.
    package let office: ReplicaID
    /// The neighbour's number of the bundle.
    package let number: UInt32
    /// What became of it.
    package let state: State
    /// Where it is.
    package let path: String
  }

  private let folder: String
  /// So many files are kept; a person has to take the receipt files away.
  private static let filesMax = 256

  /// The shelf of an office's data folder; nothing is made yet.
  package init(in folder: String) { self.folder = folder + "/bundles" }

  /// Keeps a neighbour's bundle.
  ///
  /// - Returns: Where it is; the same file again is kept once.
  /// - Throws: ``OfficeError/folder(_:)`` where it cannot be written, or too many files are here.
  package func keep(_ bytes: [UInt8], _ header: BundleHeader) throws(OfficeError) -> Entry {
    guard mkdir(folder, 0o700) == 0 || errno == EEXIST, entries().count < Self.filesMax else {
      throw .folder(folder)
    }
    let name = Hex.encode(Array(SHA256.hash(bytes).bytes.prefix(4)))
    let path = "\(folder)/\(header.replica)-\(header.number)-\(name).bundle"
    try write(bytes, to: path)
    return Entry(
      office: header.replica, number: header.number, state: .bundle, path: path)
  }

  /// All that is here, by office and number.
  package func entries() -> [Entry] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    var entries: [Entry] = []
    for name in names {
      let parts = name.split { $0 == "-" || $0 == "." }
      guard parts.count == 4, let state = Entry.State(rawValue: String(parts[3])),
        let office = UInt32(parts[0]).flatMap({ ReplicaID(rawValue: $0) }),
        let number = UInt32(parts[1])
      else { continue }
      entries.append(
        Entry(office: office, number: number, state: state, path: "\(folder)/\(name)"))
    }
    return entries.sorted { ($0.office, $0.number, $0.path) < ($1.office, $1.number, $1.path) }
  }

  /// Keeps the hub's receipt file in place of the bundle that it answers.
  ///
  /// - Returns: Where it is.
  /// - Throws: ``OfficeError/folder(_:)``; the bundle stays then and is forwarded again.
  package func answer(_ entry: Entry, with receipt: [UInt8]) throws(OfficeError) -> Entry {
    let answered = entry.becoming(.receipt)
    try write(receipt, to: answered.path)
    unlink(entry.path)
    return answered
  }

  /// Keeps a bundle that the hub did not take, so that it is not sent again.
  package func refuse(_ entry: Entry) { rename(entry.path, entry.becoming(.refused).path) }

  private func write(_ bytes: [UInt8], to path: String) throws(OfficeError) {
    do throws(WholeFile.Fault) {
      try WholeFile.write(bytes, to: path, mode: 0o600)
    } catch { throw .folder(path) }
  }
}

extension BundleShelf.Entry {
  fileprivate func becoming(_ state: State) -> BundleShelf.Entry {
    BundleShelf.Entry(
      office: office, number: number, state: state,
      path: path.dropLast(self.state.rawValue.count) + state.rawValue)
  }
}
