import OpLog
import Testing

@testable import Wire

@Suite("Questions about rights")
struct RightsCallTests {
  @Test("a question goes there and back")
  func question() throws {
    let question = RightsQuestion(request: try #require(OpID("4098-17")))
    #expect(question.encode().text == #"{"request":"4098-17"}"#)
    #expect(try RightsQuestion(decoding: question.encode()) == question)
  }

  @Test(
    "an answer goes there and back",
    arguments: [
      (.granted(9), #"{"state":"granted","points":9}"#), (.refused, #"{"state":"refused"}"#),
      (.waiting, #"{"state":"waiting"}"#), (.homeOffline, #"{"state":"home-offline"}"#),
    ] as [(RightsAnswer, String)])
  func answer(answer: RightsAnswer, text: String) throws {
    #expect(answer.encode().text == text)
    #expect(try RightsAnswer(decoding: Array(text.utf8)) == answer)
    for end in 0..<text.utf8.count {
      #expect(throws: WireError.self) {
        _ = try RightsAnswer(decoding: Array(text.utf8.prefix(end)))
      }
    }
  }

  @Test(
    "an answer is refused by the member that is wrong",
    arguments: [
      (#"{"state":"granted"}"#, .missing(field: "points")),
      (#"{"state":"granted","points":0}"#, .outOfRange(field: "points")),
      (#"{"state":"granted","points":10001}"#, .outOfRange(field: "points")),
      (#"{"state":"refused","points":9}"#, .unknownField(field: "points")),
      (#"{"state":"maybe"}"#, .outOfRange(field: "state")),
      (#"{"points":9}"#, .missing(field: "state")),
      (#"{"state":"refused","why":1}"#, .unknownField(field: "why")),
    ] as [(String, WireError)])
  func refused(text: String, error: WireError) {
    #expect(throws: error) { _ = try RightsAnswer(decoding: Array(text.utf8)) }
  }

  @Test("a question is refused by the member that is wrong")
  func refusedQuestions() {
    #expect(throws: WireError.missing(field: "request")) {
      _ = try RightsQuestion(decoding: Array("{}".utf8))
    }
    #expect(throws: WireError.self) {
      _ = try RightsQuestion(decoding: Array(#"{"request":"4098"}"#.utf8))
    }
  }
}
