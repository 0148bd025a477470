extension BodyJSON {
  /// One member of a body; nil when it has none of this name, or is no body.
  package static func member(_ name: String, of content: String) -> String? {
    var found: String?
    do throws(WireError) {
      var json = try JSONReader(Array(content.utf8), max: WireLimits.bodyBytesMax)
      try json.object { (key, json) throws(WireError) in
        let value = try json.text(0...WireLimits.bodyBytesMax)
        if key == name { found = value }
      }
      return found
    } catch { return nil }
  }
}
