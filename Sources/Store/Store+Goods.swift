import Community
import OpLog
import SQLite

/// A receipt of goods with a date, of whose item something is still on the shelf.
package struct DatedGoods: Sendable, Equatable {
  /// The receipt.
  package let receipt: OpID
  /// Whose shelf it is.
  package let office: ReplicaID
  /// What it is called.
  package let item: String
  /// How many pieces came.
  package let quantity: Int64
  /// How many pieces of the item, from this receipt and others, are there.
  package let onHand: Int64
  /// The last day on which they are good.
  package let expiresOn: BusinessDate
}

/// An item that lies on a shelf and was not counted for long.
package struct UncountedGoods: Sendable, Equatable {
  /// Whose shelf it is.
  package let office: ReplicaID
  /// What it is called.
  package let item: String
  /// How many pieces the books say.
  package let onHand: Int64
  /// When it was counted last; nil for never.
  package let countedOn: BusinessDate?
}

extension Store {
  /// The items on a community's shelves that were neither counted nor first received after a day.
  ///
  /// - Returns: By office and name; O(receipts and counts).
  /// - Throws: ``StoreError/database(_:)``.
  package func goods(
    of community: OpID, notCountedAfter day: BusinessDate
  ) throws(StoreError) -> [UncountedGoods] {
    try StoreError.wrap { () throws(SQLiteFailure) in
      let select = try connection.prepare(
        """
        SELECT h.office, i.name, h.on_hand, c.counted_on FROM shelf_item h
        JOIN item i ON i.id = h.item JOIN replica r ON r.id = h.office
        LEFT JOIN (SELECT office, item, max(occurred_on) AS counted_on FROM stock_count
                    WHERE state = 'posted' GROUP BY office, item) c
          ON c.office = h.office AND c.item = h.item
        LEFT JOIN (SELECT office, item, min(occurred_on) AS came_on FROM stock_receipt
                    WHERE state = 'posted' GROUP BY office, item) s
          ON s.office = h.office AND s.item = h.item
        WHERE r.community = ?1 AND h.on_hand <> 0
          AND coalesce(c.counted_on, s.came_on, 0) <= ?2
        ORDER BY h.office, i.name, h.item
        """)
      select.bind(1, community.packed)
      select.bind(2, Int64(day.day))
      var goods: [UncountedGoods] = []
      while try select.step() {
        guard let office = UInt32(exactly: select.integer(0)).flatMap(ReplicaID.init(rawValue:))
        else { continue }
        goods.append(
          UncountedGoods(
            office: office, item: select.text(1), onHand: select.integer(2),
            countedOn: select.optionalInteger(3).flatMap {
              BusinessDate(day: $0)
            }))
      }
      return goods
    }
  }

  /// The goods on a community's shelves that came with a date up to a day.
  ///
  /// A shelf does not know which receipt a piece came with, so each receipt is listed as long as
  /// there is anything of its item.
  ///
  /// - Returns: By date; O(receipts).
  /// - Throws: ``StoreError/database(_:)``.
  package func goods(
    of community: OpID, endingBy day: BusinessDate
  ) throws(StoreError) -> [DatedGoods] {
    try StoreError.wrap { () throws(SQLiteFailure) in
      let select = try connection.prepare(
        """
        SELECT s.id, s.office, i.name, s.quantity, h.on_hand, s.expires_on FROM stock_receipt s
        JOIN item i ON i.id = s.item JOIN replica r ON r.id = s.office
        JOIN shelf_item h ON h.office = s.office AND h.item = s.item
        WHERE s.state = 'posted' AND r.community = ?1 AND s.expires_on <= ?2 AND h.on_hand > 0
        ORDER BY s.expires_on, s.id
        """)
      select.bind(1, community.packed)
      select.bind(2, Int64(day.day))
      var goods: [DatedGoods] = []
      while try select.step() {
        guard let receipt = OpID(packed: select.integer(0)),
          let office = UInt32(exactly: select.integer(1)).flatMap(ReplicaID.init(rawValue:)),
          let expiresOn = BusinessDate(day: select.integer(5))
        else { continue }
        goods.append(
          DatedGoods(
            receipt: receipt, office: office, item: select.text(2), quantity: select.integer(3),
            onHand: select.integer(4), expiresOn: expiresOn))
      }
      return goods
    }
  }
}
