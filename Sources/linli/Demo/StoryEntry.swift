import Community
import OpLog
import Wire

/// Something that somebody records at an office.
struct StoryEntry {
  /// A value in words of the story: ids are not known before the steps are played.
  enum Value {
    case text(String)
    case integer(Int)
    /// The id of an op that an earlier entry made.
    case op(String)
    /// The ids of several.
    case ops([String])
    /// Things bought, each once or more.
    case items([String])
  }

  /// What the office's program must answer.
  enum Answer: Equatable {
    /// It counts, with these things to look at.
    case posted([DeskReason])
    /// It waits for somebody else, for these reasons.
    case waits([DeskReason])
    /// A rule is against it, by its stable code.
    case refused(String)
  }

  let office: Int
  /// Which of the office's staff.
  let staff: Int
  let date: BusinessDate
  let kind: String
  let fields: [(name: String, value: Value)]
  /// How later entries name the op.
  var name: String?
  var answer = Answer.posted([])
}

extension StoryEntry {
  /// The names that it refers to.
  var references: [String] {
    fields.flatMap { field in
      switch field.value {
      case .text, .integer: [String]()
      case .op(let name): [name]
      case .ops(let names), .items(let names): names
      }
    }
  }
}

/// The ids of what was recorded, by the story's names.
typealias StoryIDs = [String: OpID]

/// Talking to `record --json -`.
extension StoryEntry {
  /// The entry as a line for the counter.
  ///
  /// - Throws: When it names something that was never recorded.
  func line(staff ids: [String], _ names: StoryIDs) throws(CommandError) -> String {
    var json = JSONWriter()
    json.openObject()
    json.key("kind")
    json.text(kind)
    json.key("fields")
    json.openObject()
    for field in fields {
      json.key(field.name)
      switch field.value {
      case .text(let text): json.text(text)
      case .integer(let integer): json.integer(Int64(integer))
      case .op(let name): json.opID(try names.id(name))
      case .ops(let list), .items(let list): json.text(try names.list(list))
      }
    }
    json.closeObject()
    json.key("as")
    json.text(ids[staff])
    json.key("on")
    json.date(date)
    json.closeObject()
    return String(decoding: json.bytes, as: UTF8.self)
  }

  /// Reads what the counter says to the line.
  ///
  /// - Returns: The id of the op; nil where the story wants a refusal.
  /// - Throws: When it is another answer than the story's.
  func op(answeredBy line: String) throws(CommandError) -> OpID? {
    let said = try Program.decode(Program.RecordAnswer.self, from: line)
    let given: Answer =
      if said.status == "recorded", said.outcome == Outcome.posted.rawValue {
        .posted((said.reasons ?? []).compactMap { DeskReason(rawValue: $0) })
      } else if said.status == "recorded", said.outcome == Outcome.pending.rawValue {
        .waits((said.reasons ?? []).compactMap { DeskReason(rawValue: $0) })
      } else {
        .refused(said.error?.code ?? "\(said.status) \(said.outcome ?? "")")
      }
    guard given == answer else {
      throw .storyDiffers(
        Words(
          "\(date) \(kind) 应为 \(answer)，实为 \(given)",
          "\(date) \(kind): expected \(answer), got \(given)"))
    }
    return said.op.flatMap { OpID($0) }
  }
}

extension StoryIDs {
  /// The id of something that the story named.
  func id(_ name: String) throws(CommandError) -> OpID {
    guard let id = self[name] else {
      throw .storyDiffers(Words("没有记录过 \(name)", "\(name) was never recorded"))
    }
    return id
  }

  fileprivate func list(_ names: [String]) throws(CommandError) -> String {
    var texts: [String] = []
    for name in names { texts.append(try id(name).description) }
    return texts.joined(separator: ",")
  }
}
