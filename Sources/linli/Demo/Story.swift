import Community
import OpLog

/// A half year as a list of steps, and what must come out of it.
struct Story {
  /// What happens, in order.
  let steps: [Step]
  /// What an honest book-keeper has at the end.
  let books: StoryBooks
  /// Entries that are left on the desk of every place.
  let desk: [DeskReason: Int]
}

/// One thing that happens.
enum Step {
  /// A line for the reader.
  case tell(BusinessDate, Words)
  /// Somebody records something at an office.
  case record(StoryEntry)
  /// The line is there for once, and an office syncs.
  case sync(office: Int, BusinessDate)
  /// The same for several offices, one after another.
  case round([Int], BusinessDate)
  /// An office tries to sync while the line is cut, and is told so.
  case trySync(office: Int)
  /// The hub is killed when it answers an office's push, and started again; the office syncs again.
  case killHub(duringSyncOf: Int)
  /// The clock of an office's PC jumps to a year; nil sets it right.
  case setClock(office: Int, year: Int?)
  /// Something must be so now.
  case check(StoryCheck)
}

/// Something that must be so at a moment of the story.
enum StoryCheck {
  /// A resident's balance, and whether the desk lists it as overdrawn.
  case balance(office: Int, resident: String, points: Int)
  /// Values of a field that stand side by side; one means that nothing is open.
  case values(office: Int, resident: String, field: String, [String])
  /// Whether an office warns its staff about the PC's clock.
  case clockWarning(office: Int, Bool)
  /// How many entries the desk has for a reason.
  case desk(office: Int, DeskReason, Int)
}
