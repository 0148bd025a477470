import Foundation
import OpLog
import Simulation

/// The kept SHA-256 of the workload: who compares two figures wants to know that it is the same.
enum WorkloadThreshold {
  /// Maps N to the digest of W(N), base64url; looked for from the root of the repository.
  static let path = "Tests/Thresholds/workload.json"

  /// Makes the workload once and compares its digest with the kept one, if one is kept for this N.
  static func check(opCount: Int) -> Note {
    let digest = Workload.digest(opCount: opCount).description
    let kept = FileManager.default.contents(atPath: path).flatMap { bytes in
      try? JSONDecoder().decode([String: String].self, from: bytes)
    }
    let text = "workload SHA-256 \(digest)"
    guard let expected = kept?[String(opCount)] else {
      return Note(text: text + " (none kept for this N)", isGood: true)
    }
    guard expected == digest else {
      return Note(text: text + " (kept: \(expected), ANOTHER WORKLOAD)", isGood: false)
    }
    return Note(text: text + " (as kept)", isGood: true)
  }
}
