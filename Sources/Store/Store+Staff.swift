import Community

extension Store {
  /// Every appointment of the street, a row of `Tables.staff` each, ascending; O(staff of the street).
  package func staffRows() throws(StoreError) -> [[Cell]] {
    try flush()
    return try rows(of: Tables.staff)
  }
}
