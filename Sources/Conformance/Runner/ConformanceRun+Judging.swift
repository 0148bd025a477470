import Wire

/// What rules for hubs stand on and want, each with what came in its place.
extension ConformanceRun {
  /// Runs what a rule stands on: where it fails, the rule is not tested.
  func prepared<R>(_ body: () throws(RuleFinding) -> R) throws(RuleFinding) -> R {
    do throws(RuleFinding) {
      return try body()
    } catch {
      guard error.absent == nil else { throw error }
      throw RuleFinding(
        sent: error.sent, expected: error.expected, came: error.came, isPreparation: true)
    }
  }

  /// Reads an answer that should have a status and a body of some form.
  func decoded<R>(
    _ expected: String, _ sent: String, _ answer: LineAnswer, status: Int,
    _ decode: (_ bytes: [UInt8]) throws(WireError) -> R
  ) throws(RuleFinding) -> R {
    guard answer.status == status else {
      throw RuleFinding(
        sent: sent, expected: "\(status) with \(expected)", came: Self.words(of: answer))
    }
    do throws(WireError) {
      return try decode(answer.body)
    } catch {
      throw RuleFinding(sent: sent, expected: expected, came: "\(error)")
    }
  }

  /// Wants a refusal of one of some kinds.
  func expect(
    _ kinds: ProblemKind..., section: String, _ answer: LineAnswer, sent: String
  ) throws(RuleFinding) {
    let expected = kinds.map(\.rawValue).joined(separator: " or ") + " (\(section))"
    guard answer.status >= 400, let problem = try? Problem(decoding: answer.body),
      kinds.contains(problem.kind)
    else {
      throw RuleFinding(sent: sent, expected: expected, came: Self.words(of: answer))
    }
  }

  /// Wants something to hold.
  func expect(
    _ holds: Bool, sent: String, _ expected: String, came: @autoclosure () -> String
  ) throws(RuleFinding) {
    guard !holds else { return }
    throw RuleFinding(sent: sent, expected: expected, came: came())
  }

  /// An answer in a few words.
  static func words(of answer: LineAnswer) -> String {
    let start = String(decoding: answer.body.prefix(200), as: UTF8.self)
    return "\(answer.status) \(answer.mediaType) \(start)"
  }

  /// Whether the hub is in its roll-call: it has no new office in then, whatever the code.
  package var isInRollCall: Bool {
    allow(seconds: 10)
    do throws(RuleFinding) {
      let request = try enrolRequest("0000-0000-0000")
      let answer = try call(.post("/v1/enroll", request.encode()))
      return (try? Problem(decoding: answer.body))?.kind == .rollCall
    } catch { return false }
  }
}
