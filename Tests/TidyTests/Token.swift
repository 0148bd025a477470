/// The smallest piece of Swift source that the rules look at.
struct Token: Equatable {
  enum Kind {
    /// An identifier, keyword, or number; backticks stay, so an escaped name is never a keyword.
    case word
    /// One byte of punctuation.
    case symbol
    /// The text of a literal between its quotes, without escapes and the code of interpolations.
    case string
    /// A whole comment with its slashes.
    case comment
  }

  let kind: Kind
  let text: String
  /// Where the token starts, counted from 1.
  let line: Int
}
