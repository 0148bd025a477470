import Community

/// A resident's coins, and how they pay: no change is given, so the exact coins are worth knowing.
struct Purse {
  private var twos: Int64 = 0
  private var threes: Int64 = 0

  /// Reads `2:3,3:1`: three coins of 2 and one of 3.
  init(_ text: String) throws(CommandError) {
    for part in text.split(whereSeparator: PersonName.separators.contains) {
      let sides = part.split(separator: ":").map { Int64($0) }
      guard sides.count == 2, let count = sides[1], (0...9_999).contains(count) else {
        throw .badValue(option: "purse", text, "2:3,3:1")
      }
      switch sides[0] {
      case 2: twos += count
      case 3: threes += count
      default: throw .badValue(option: "purse", text, "2:3,3:1")
      }
    }
  }

  /// Adds to a list of items which coins pay each, and by how much they are more than the price;
  /// nothing where all coins together are not enough.
  func pay(for sheet: inout Sheet) {
    guard let price = sheet.columns.firstIndex(of: "points") else { return }
    sheet.columns += ["pay_with", "over"]
    for row in sheet.rows.indices {
      let points = sheet.rows[row][price].flatMap { Int64($0) } ?? 0
      let coins = Coins.least(points, twos: twos, threes: threes)
      sheet.rows[row] += [
        coins?.map { "\($0.denomination):\($0.count)" }.joined(separator: ","),
        coins.map { String(Coins.value($0) - points) },
      ]
    }
  }
}
