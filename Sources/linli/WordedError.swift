import Office
import Store

/// A module's error that has words for staff.
protocol WordedError: Error {
  /// The error as a command ends with it.
  var commandError: CommandError { get }
}

extension OfficeError: WordedError {
  var commandError: CommandError { CommandError(self) }
}

extension StoreError: WordedError {
  var commandError: CommandError { CommandError(self) }
}

extension CommandError {
  /// Runs a call of a module and words its error.
  static func wrap<R, E: WordedError>(
    _ body: () throws(E) -> R
  ) throws(CommandError) -> R {
    do throws(E) {
      return try body()
    } catch { throw error.commandError }
  }
}
