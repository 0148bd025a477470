/// The media types of messages.
package enum MediaType {
  /// Every message that is not a problem.
  package static let json = "application/json"
  /// A problem document (RFC 9457).
  package static let problem = "application/problem+json"
  /// A request or reply of a sync whose ops are a segment (Protocol/segment.md §7).
  package static let segment = "application/vnd.linli.segment"

  /// The `Accept` of whoever reads both.
  package static let segmentOrJSON = "\(segment), \(json)"

  /// Whether an `Accept` names segments; whoever names nothing wants JSON.
  ///
  /// Weights are not looked at: who names a segment can read it.
  package static func wantsSegment(_ accept: String?) -> Bool {
    accept?.split(separator: ",").contains { range in
      range.prefix { $0 != ";" }.filter { $0 != " " && $0 != "\t" }.lowercased() == segment
    } ?? false
  }
}
