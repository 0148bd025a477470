import Community
import OpLog
import Store

/// The people whose files are here, to notice who is registered a second time.
///
/// Two files are likely one person's where the phone is the same and the name or the date of birth too,
/// or where name and date of birth are. A family shares a phone, and a village its names: one of them
/// alone says nothing.
package struct KnownPeople {
  fileprivate struct Person {
    let label: String
    let name: String
    let phone: String
    let birthDate: String

    /// Whether nothing but a second registration explains it: one name, one phone or day of birth, and
    /// no two days of birth.
    func isSame(as other: Person) -> Bool {
      guard isLike(other), !name.isEmpty, name == other.name else { return false }
      return birthDate.isEmpty || other.birthDate.isEmpty || birthDate == other.birthDate
    }

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
    for file in try store.peopleHere() { add(Person(file)) }
  }

  /// The files that are surely somebody's who has another one here, each with the first of them:
  /// registered at two offices with the line cut.
  ///
  /// O(residents).
  ///
  /// - Parameter store: An office's, or the hub's; of other communities only the hub has the names.
  /// - Returns: Ascending; without files that were merged, and those of people who left.
  /// - Throws: ``StoreError/database(_:)``.
  package static func doubles(in store: Store) throws(StoreError) -> [(file: OpID, of: OpID)] {
    var seen: [String: [(file: OpID, person: Person)]] = [:]
    var doubles: [(file: OpID, of: OpID)] = []
    for file in try store.peopleHere().sorted(by: { $0.resident < $1.resident }) {
      let person = Person(file)
      guard !person.name.isEmpty else { continue }
      for earlier in seen[person.name, default: []] where earlier.person.isSame(as: person) {
        guard let row = try store.row(Tables.resident, id: file.resident.packed),
          let other = try store.row(Tables.resident, id: earlier.file.packed),
          row[5] == .null, other[5] == .null, row[4] == .null || row[4] != other[4]
        else { continue }
        doubles.append((file.resident, earlier.file))
        break
      }
      seen[person.name, default: []].append((file.resident, person))
    }
    return doubles
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

  fileprivate static func plain(_ name: String?) -> String {
    String(name?.filter { !$0.isWhitespace } ?? "")
  }

  fileprivate static func digits(_ phone: String?) -> String {
    String(phone?.filter(\.isNumber) ?? "")
  }
}

extension KnownPeople.Person {
  fileprivate init(_ file: PersonHere) {
    self.init(
      label: file.resident.description, name: KnownPeople.plain(file.name),
      phone: KnownPeople.digits(file.phone), birthDate: file.birthDate ?? "")
  }
}
