import OpLog
import Wire

/// Members of objects in one word each; a value that is nil leaves its member out.
extension JSONWriter {
  /// Writes a member with a text.
  mutating func member(_ name: String, _ value: String?) {
    guard let value else { return }
    key(name)
    text(value)
  }

  /// Writes a member with an op's id.
  mutating func member(_ name: String, _ value: OpID?) {
    guard let value else { return }
    key(name)
    opID(value)
  }

  /// Writes a member with an integer within ±(2^53 − 1).
  mutating func member(_ name: String, _ value: (some BinaryInteger)?) {
    guard let value else { return }
    key(name)
    integer(Int64(value))
  }

  /// Writes a member with true or false.
  mutating func member(_ name: String, _ value: Bool) {
    key(name)
    flag(value)
  }

  /// Writes a member with an object.
  mutating func member<Failure>(
    _ name: String, object: (inout JSONWriter) throws(Failure) -> Void
  ) throws(Failure) {
    key(name)
    openObject()
    try object(&self)
    closeObject()
  }

  /// Writes a member with an array of objects, one for each element.
  mutating func member<Element, Failure>(
    _ name: String, each elements: some Sequence<Element>,
    _ object: (inout JSONWriter, Element) throws(Failure) -> Void
  ) throws(Failure) {
    key(name)
    openArray()
    for element in elements {
      openObject()
      try object(&self, element)
      closeObject()
    }
    closeArray()
  }

  /// Writes a member with an array of texts.
  mutating func member(_ name: String, texts: some Sequence<String>) {
    key(name)
    openArray()
    for text in texts { self.text(text) }
    closeArray()
  }
}
