import Community
import OpLog
import SQLite

extension Store {
  /// Every appointment of the street, a row of `Tables.staff` each, ascending; O(staff of the street).
  package func staffRows() throws(StoreError) -> [[Cell]] {
    try flush()
    return try rows(of: Tables.staff)
  }

  /// The name in the body of an appointment, tidied (``PersonName``); nil while it is not here.
  package func tidiedName(of staff: OpID) throws(StoreError) -> String? {
    try StoreError.wrap { () throws(SQLiteFailure) in
      let select = try connection.prepare(
        """
        SELECT json_extract(b.content, '$.name') FROM body_link l JOIN body b ON b.digest = l.digest
         WHERE l.op = ?1
        """)
      select.bind(1, staff.packed)
      return try select.step() ? PersonName.tidied(select.optionalText(0) ?? "") : nil
    }
  }

  /// The name that a body tells, tidied.
  package func tidiedName(in body: Body) throws(StoreError) -> String {
    try StoreError.wrap { () throws(SQLiteFailure) in
      let select = try connection.prepare("SELECT json_extract(?1, '$.name')")
      select.bind(1, body.content)
      return try select.step() ? PersonName.tidied(select.optionalText(0) ?? "") : ""
    }
  }
}
