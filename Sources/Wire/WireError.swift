import OpLog

/// Why bytes are not JSON as this protocol wants it.
package enum JSONFault: Equatable, Sendable {
  case unexpectedEnd
  case unexpectedByte
  case badNumber
  case badEscape
  case loneSurrogate
  case controlCharacter
  case invalidUTF8
  case duplicateKey
  case tooDeep
  case trailingBytes
}

/// Why a message was refused.
///
/// `field` is the path from the root, such as `ops[3].payload.points`; empty for the root itself.
package enum WireError: Error, Equatable, Sendable {
  /// Not JSON; `at` counts bytes from the start.
  case malformed(JSONFault, at: Int)
  /// A field that must be there is not.
  case missing(field: String)
  /// The field holds another JSON type.
  case wrongType(field: String)
  /// The right type, but not a value that the field may have.
  case outOfRange(field: String)
  /// A field that this message does not have.
  case unknownField(field: String)
  /// The fields are well and make no op.
  case malformedOp(OpError, field: String)
  /// Not CBOR as ops are written.
  case malformedCBOR(CBORError)
  /// The ops of a message are no segment.
  case malformedSegment(SegmentError)
  /// More bytes than `max`.
  case tooLarge(bytes: Int, max: Int)

  /// The same error, seen from the object around it.
  func inside(_ key: String) -> WireError {
    relocated { path in
      if path.isEmpty { return key }
      return path.hasPrefix("[") ? key + path : "\(key).\(path)"
    }
  }

  /// The same error, seen from the array around it.
  func inside(index: Int) -> WireError {
    relocated { path in
      path.isEmpty || path.hasPrefix("[") ? "[\(index)]\(path)" : "[\(index)].\(path)"
    }
  }

  private func relocated(_ move: (String) -> String) -> WireError {
    switch self {
    case .missing(let path): .missing(field: move(path))
    case .wrongType(let path): .wrongType(field: move(path))
    case .outOfRange(let path): .outOfRange(field: move(path))
    case .unknownField(let path): .unknownField(field: move(path))
    case .malformedOp(let error, let path): .malformedOp(error, field: move(path))
    case .malformed, .malformedCBOR, .malformedSegment, .tooLarge: self
    }
  }
}

extension Optional {
  /// The value of a field that must be there.
  func required(_ field: String) throws(WireError) -> Wrapped {
    guard let self else { throw .missing(field: field) }
    return self
  }
}
