import Community
import Office
import OpLog
import Pages
import Store
import Wire

/// What a counter tells a person about an account: what its rules promise, or that the office records
/// nothing at all any more.
struct CounterPromise {
  private let promise: SpendingPromise
  private let stop: CommandError?

  /// What an office promises of an account on a day; nil where it is not set up.
  init?(of account: OpID, at office: OfficeCore, on day: BusinessDate) throws(CommandError) {
    let promise = try CommandError.wrap { () throws(OfficeError) in
      try office.promise(of: account, on: day)
    }
    guard let promise else { return nil }
    self.promise = promise
    stop = try CommandError.wrap { () throws(OfficeError) in try office.stop }.map {
      CommandError($0)
    }
  }

  /// It in words.
  var words: Words {
    guard let stop else { return promise.words }
    return SpendingPromise.barred(stop.message, stop.advice)
  }

  /// Why nothing can be redeemed, as a code; nil where something can.
  var bar: String? { stop?.code ?? promise.bar?.code }

  /// The points for certain, and on trust.
  var points: (guaranteed: Int64, onTrust: Int64) {
    stop == nil ? (promise.guaranteed, promise.onTrust) : (0, 0)
  }
}

extension JSONWriter {
  /// Writes the members `promise`, what a counter may tell a person, and `barred`, why that is nothing.
  mutating func promise(_ promise: CounterPromise) {
    key("promise")
    openObject()
    key("guaranteed")
    integer(promise.points.guaranteed)
    key("on_trust")
    integer(promise.points.onTrust)
    closeObject()
    member("barred", promise.bar)
  }
}
