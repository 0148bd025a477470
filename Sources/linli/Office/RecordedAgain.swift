import Community
import Store
import Wire

/// What came of the records of former numbers of a PC.
struct RecordedAgain {
  private let count: Int64
  private let refused: Int

  /// Counts them.
  init(_ store: Store) throws(CommandError) {
    (count, refused) = try CommandError.wrap { () throws(StoreError) in
      (try store.recordedAgainCount(), try store.refusedFormerOps().count)
    }
  }

  /// The same in words.
  var lines: [Words] {
    let again = Words("补录 \(count) 条，都列在待处理里", "recorded again: \(count), each on the desk")
    return [again] + (RefusedRecords.words(refused).map { [$0] } ?? [])
  }

  /// Writes the members `recorded_again` and `not_recorded_again`.
  func write(to json: inout JSONWriter) {
    json.member("recorded_again", count)
    json.member("not_recorded_again", Int64(refused))
  }
}
