/// One phrase in the two languages of the interface.
package struct Words: Hashable, Sendable {
  /// 中文.
  package let chinese: String
  /// English.
  package let english: String

  /// Makes a phrase.
  package init(_ chinese: String, _ english: String) {
    self.chinese = chinese
    self.english = english
  }
}

/// The language of the interface.
package enum Language: String, Sendable, CaseIterable {
  case chinese = "zh"
  case english = "en"

  /// The phrase in this language.
  package func callAsFunction(_ words: Words) -> String {
    self == .chinese ? words.chinese : words.english
  }
}
