import Community
import OpLog
import Store

/// A file of somebody who seems to have another one.
package struct DoubleFile: Sendable, Equatable {
  /// The later file.
  package let file: OpID
  /// The earlier one.
  package let of: OpID
  /// Whether nothing but a second registration explains it; else the name or the day of birth differs,
  /// as those of twins or after a slip.
  package let isSure: Bool
}

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

    /// What two files of one person share at least one of.
    var keys: [[String]] {
      [
        ["name", name, "phone", phone], ["name", name, "born", birthDate],
        ["phone", phone, "born", birthDate],
      ]
      .filter { !$0[1].isEmpty && !$0[3].isEmpty }
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

  /// The files of people who have another one here, each with the first of those that are most surely
  /// theirs: registered at two offices with the line cut.
  ///
  /// O(residents): only those are compared that share two of name, phone, and date of birth.
  ///
  /// - Parameter store: An office's, or the hub's; of other communities only the hub has the names.
  /// - Returns: Ascending; without files that were merged, and those of people who left.
  /// - Throws: ``StoreError/database(_:)``.
  package static func doubles(in store: Store) throws(StoreError) -> [DoubleFile] {
    var seen: [[String]: [(file: OpID, person: Person)]] = [:]
    var doubles: [DoubleFile] = []
    for file in try store.peopleHere().sorted(by: { $0.resident < $1.resident }) {
      let person = Person(file)
      var found: DoubleFile?
      for key in person.keys {
        for earlier in seen[key, default: []] {
          let isSure = earlier.person.isSame(as: person)
          guard found == nil || isSure && found?.isSure == false,
            try isOpen(file.resident, earlier.file, in: store)
          else { continue }
          found = DoubleFile(file: file.resident, of: earlier.file, isSure: isSure)
        }
        seen[key, default: []].append((file.resident, person))
      }
      if let found { doubles.append(found) }
    }
    return doubles
  }

  /// Whether nobody has said of two files yet whose they are, and both are of people who live here.
  private static func isOpen(
    _ file: OpID, _ other: OpID, in store: Store
  ) throws(StoreError) -> Bool {
    guard let row = try store.row(Tables.resident, id: file.packed),
      let earlier = try store.row(Tables.resident, id: other.packed)
    else { return false }
    return row[5] == .null && earlier[5] == .null && (row[4] == .null || row[4] != earlier[4])
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
      label: label, name: plain(fields["name"]), phone: PhoneNumber.key(fields["phone"] ?? ""),
      birthDate: fields["birth_date"] ?? "")
  }

  fileprivate static func plain(_ name: String?) -> String {
    PersonName.tidied(name ?? "").filter { !$0.isWhitespace }
  }
}

extension KnownPeople.Person {
  fileprivate init(_ file: PersonHere) {
    self.init(
      label: file.resident.description, name: KnownPeople.plain(file.name),
      phone: PhoneNumber.key(file.phone ?? ""), birthDate: file.birthDate ?? "")
  }
}
