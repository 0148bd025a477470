import Conformance
import Testing
import Wire

/// The reader of scenarios is strict and says where something is wrong.
@Suite struct FormatTests {
  @Test(
    "what is wrong is named with its path",
    arguments: [
      (#"{"cases":["1"]}"#, WireError.missing(field: "name")),
      (#"{"name":"x","step":[]}"#, .unknownField(field: "step")),
      (#"{"name":"x","steps":[{"at":"A"}]}"#, .missing(field: "steps[0].record")),
      (
        #"{"name":"x","steps":[{"sync":["A"]},{"at":"A","record":"k","field":{}}]}"#,
        .unknownField(field: "steps[1].field")
      ),
      (
        #"{"name":"x","steps":[{"for":{"i":2},"each":[{"synch":[]}]}]}"#,
        .unknownField(field: "steps[0][0].synch")
      ),
      (#"{"name":"x","steps":[{"clock":{"A":"+1y"}}]}"#, .outOfRange(field: "steps[0].clock.A")),
      (#"{"name":"x","offices":{"A":"q"}}"#, .outOfRange(field: "offices.A")),
      (
        #"{"name":"x","communities":{"q":{}},"staff":{"q":{"of":"q"}}}"#, .outOfRange(field: "q")
      ),
      (#"{"name":"x","expect":{"desk":[{"reason":"fork"}]}}"#, .missing(field: "words.fork")),
      (#"{"name":"x","words":{"fork":{"zh":"a","en":"b"}}}"#, .missing(field: "desk: fork")),
      (#"{"name":"x","title":{"zh":"a"}}"#, .missing(field: "title.en")),
    ])
  func errors(text: String, error: WireError) {
    #expect(throws: error) { try Scenario(decoding: Array(text.utf8)) }
  }

  @Test func `a loop stands for its elements, the last counter first`() throws {
    let text = #"""
      {"name":"x","steps":[{"for":{"a":2,"b":2},"each":[{"again":"n{a}{b}"},{"sync":["A{b}"]}]}]}
      """#
    let steps = try Scenario(decoding: Array(text.utf8)).steps.map { step in
      switch step {
      case .again(let name): name
      case .sync(let offices, _): offices.joined()
      default: ""
      }
    }
    #expect(steps == ["n11", "A1", "n12", "A2", "n21", "A1", "n22", "A2"])
  }

  @Test func `names stand for ids in the middle of a text`() throws {
    let names = Names()
    #expect(try names.resolve("no names") == "no names")
    #expect(throws: ScenarioError.self) { try names.resolve("[$soap]") }
  }
}
