/// The content of a detached body: one JSON object whose values are strings.
package enum BodyJSON {
  /// Fails unless the bytes are such an object.
  ///
  /// - Throws: ``WireError`` naming the first member that is wrong.
  package static func check(_ bytes: [UInt8]) throws(WireError) {
    var json = try JSONReader(bytes, max: WireLimits.bodyBytesMax)
    try json.object { (_, json) throws(WireError) in
      _ = try json.text(0...WireLimits.bodyBytesMax)
    }
    try json.finish()
  }
}
