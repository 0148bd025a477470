/// Names of people as they are typed.
package enum PersonName {
  /// A name without blanks that say nothing: `赵 强` is 赵强, and nobody is two persons by a blank.
  ///
  /// Between words of other scripts one blank stays.
  package static func tidied(_ name: String) -> String {
    var tidied = ""
    var hasBlank = false
    for character in name {
      guard !character.isWhitespace else {
        hasBlank = true
        continue
      }
      if hasBlank, let last = tidied.last, !isHan(last) || !isHan(character) {
        tidied.append(" ")
      }
      hasBlank = false
      tidied.append(character)
    }
    return tidied
  }

  private static func isHan(_ character: Character) -> Bool {
    character.unicodeScalars.allSatisfy(\.properties.isIdeographic)
  }
}
