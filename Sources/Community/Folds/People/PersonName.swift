/// Names of people as they are typed.
package enum PersonName {
  /// What parts the names of a list, in Chinese input too: nobody's name has one of them.
  package static let separators: Set<Character> = [",", "，", "、", ";", "；"]

  /// Whether there is a letter to read in a name, of any script.
  package static func isReadable(_ name: String) -> Bool {
    name.unicodeScalars.contains {
      $0.properties.isAlphabetic && !$0.properties.isDefaultIgnorableCodePoint
    }
  }

  /// A name without blanks that say nothing: `赵 强` is 赵强, and nobody is two persons by a blank.
  ///
  /// Between words of other scripts one blank stays.
  package static func tidied(_ name: String) -> String {
    var tidied = ""
    var hasBlank = false
    for character in name where !isInvisible(character) {
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

  /// Whether a character takes no room, such as the joiners that come along when a name is copied.
  private static func isInvisible(_ character: Character) -> Bool {
    character.unicodeScalars.allSatisfy(\.properties.isDefaultIgnorableCodePoint)
  }

  private static func isHan(_ character: Character) -> Bool {
    character.unicodeScalars.allSatisfy(\.properties.isIdeographic)
  }
}
