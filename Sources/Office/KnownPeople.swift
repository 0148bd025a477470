import OpLog
import Store

/// The people whose files are here, to notice who is registered a second time.
///
/// Two files are likely one person's where the phone is the same and the name or the date of birth too,
/// or where name and date of birth are. A family shares a phone, and a village its names: one of them
/// alone says nothing.
package struct KnownPeople {
  private struct Person {
    let label: String
    let name: String
    let phone: String
    let birthDate: String

    func isLike(_ other: Person) -> Bool {
      let hasName = !name.isEmpty && name == other.name
      let wasBorn = !birthDate.isEmpty && birthDate == other.birthDate
      let hasPhone = !phone.isEmpty && phone == other.phone
      return hasPhone && (hasName || wasBorn) || hasName && wasBorn
    }
  }

  private var byName: [String: [Person]] = [:]
  private var byPhone: [String: [Person]] = [:]

  /// Reads what the files here say.
  ///
  /// O(residents), so once for a file of many.
  ///
  /// - Throws: ``StoreError/database(_:)``.
  package init(in store: Store) throws(StoreError) {
    for file in try store.peopleHere() {
      add(
        Person(
          label: file.resident.description, name: Self.plain(file.name),
          phone: Self.digits(file.phone), birthDate: file.birthDate ?? ""))
    }
  }

  /// The file that is likely of the same person as a registration; nil for none.
  package func like(_ fields: [String: String]) -> String? {
    let person = Self.person(fields, "")
    let candidates = byName[person.name, default: []] + byPhone[person.phone, default: []]
    return candidates.first { $0.isLike(person) }?.label
  }

  /// Adds a registration under what people know it by, such as its line in a file.
  package mutating func add(_ fields: [String: String], as label: String) {
    add(Self.person(fields, label))
  }

  private mutating func add(_ person: Person) {
    if !person.name.isEmpty { byName[person.name, default: []].append(person) }
    if !person.phone.isEmpty { byPhone[person.phone, default: []].append(person) }
  }

  private static func person(_ fields: [String: String], _ label: String) -> Person {
    Person(
      label: label, name: plain(fields["name"]), phone: digits(fields["phone"]),
      birthDate: fields["birth_date"] ?? "")
  }

  private static func plain(_ name: String?) -> String {
    String(name?.filter { !$0.isWhitespace } ?? "")
  }

  private static func digits(_ phone: String?) -> String {
    String(phone?.filter(\.isNumber) ?? "")
  }
}
