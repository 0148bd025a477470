/// Views for people: the tables with ids as text, kinds by name, and dates as dates.
///
/// `sqlite3 office.db 'SELECT * FROM residents'` is a documented interface (Protocol/state.md).
enum Views {
  /// Every view, in an order in which each may use those before it.
  static let all: [(name: String, sql: String)] = general + entities + closing + reports

  /// Those that people list by name; the others are what reports are made of.
  static let listed = (general + entities).map(\.name)

  private static let general: [(name: String, sql: String)] = [
    (
      "ops",
      """
      SELECT printf('%d-%d', l.replica, l.seq) AS id, coalesce(k.name, '#' || l.kind) AS kind,
        k.chinese, date(l.occurred_on * 86400, 'unixepoch') AS occurred_on,
        coalesce(o.outcome, 'posted') AS outcome,
        (SELECT strftime('%Y-%m-%d %H:%M:%S', r.received_at / 1000, 'unixepoch', '+8 hours')
           FROM receipt_run r WHERE r.replica = l.replica AND r.to_seq >= l.seq
          ORDER BY r.to_seq LIMIT 1) AS received_at,
        hex(l.hash) AS hash, length(l.op) AS bytes
      FROM log l LEFT JOIN kind k ON k.number = l.kind
        LEFT JOIN outcome o ON o.op = (l.replica << 32) + l.seq
      """
    ),
    (
      "file_values",
      // The value of each register whose body is here: the shown update's, else the registration's.
      """
      SELECT r.id AS resident, f.field, f.name, json_extract(b.content, '$.' || f.name) AS value
      FROM resident r
      JOIN (SELECT 0 AS field, 'name' AS name UNION ALL SELECT 1, 'phone'
            UNION ALL SELECT 2, 'birth_date' UNION ALL SELECT 3, 'address'
            UNION ALL SELECT 4, 'note') f
      LEFT JOIN field s ON s.entity = r.id AND s.field = f.field
      JOIN body_link l ON l.op = coalesce(s.shown, r.id)
      JOIN body b ON b.digest = l.digest AND json_valid(b.content)
      """
    ),
    (
      "residents",
      """
      SELECT printf('%d-%d', r.id >> 32, r.id & 4294967295) AS id,
        (SELECT value FROM file_values v WHERE v.resident = r.id AND v.field = 0) AS name,
        r.home, coalesce(a.balance, 0) AS balance, coalesce(a.earned, 0) AS earned,
        coalesce(a.spent, 0) AS spent, coalesce(a.uncovered, 0) AS uncovered,
        date(r.registered_on * 86400, 'unixepoch') AS registered_on
      FROM resident r LEFT JOIN account a ON a.resident = r.id
      """
    ),
    (
      "activities",
      """
      SELECT printf('%d-%d', id >> 32, id & 4294967295) AS id, title, points,
        date(held_on * 86400, 'unixepoch') AS held_on,
        (SELECT count(*) FROM award w WHERE w.activity = activity.id AND w.state = 'posted')
          AS awards
      FROM activity
      """
    ),
    (
      "items",
      """
      SELECT printf('%d-%d', i.id >> 32, i.id & 4294967295) AS id, i.name, i.points, i.value_fen,
        coalesce((SELECT sum(on_hand) FROM shelf_item s WHERE s.item = i.id), 0) AS on_hand
      FROM item i
      """
    ),
    (
      "awards",
      """
      SELECT printf('%d-%d', op >> 32, op & 4294967295) AS id,
        printf('%d-%d', resident >> 32, resident & 4294967295) AS resident,
        printf('%d-%d', activity >> 32, activity & 4294967295) AS activity,
        session, role, round, state, points, others, reversals
      FROM award
      """
    ),
    (
      "redemptions",
      """
      SELECT printf('%d-%d', id >> 32, id & 4294967295) AS id,
        printf('%d-%d', resident >> 32, resident & 4294967295) AS resident,
        office, CASE basis WHEN 0 THEN 'home' WHEN 1 THEN 'grant' ELSE 'stand_in' END AS basis,
        points, uncovered, state, date(occurred_on * 86400, 'unixepoch') AS occurred_on
      FROM redemption
      """
    ),
    (
      "ledger",
      """
      SELECT printf('%d-%d', resident >> 32, resident & 4294967295) AS resident,
        printf('%d-%d', op >> 32, op & 4294967295) AS op, 'award' AS entry, points
      FROM award WHERE state = 'posted'
      UNION ALL
      SELECT printf('%d-%d', resident >> 32, resident & 4294967295),
        printf('%d-%d', id >> 32, id & 4294967295), 'redemption', -points
      FROM redemption WHERE state = 'posted'
      UNION ALL
      SELECT printf('%d-%d', resident >> 32, resident & 4294967295),
        printf('%d-%d', op >> 32, op & 4294967295), 'expiry', -points
      FROM expiry
      UNION ALL
      SELECT printf('%d-%d', resident >> 32, resident & 4294967295),
        printf('%d-%d', op >> 32, op & 4294967295), 'cover', points
      FROM cover WHERE op IS NOT NULL
      """
    ),
    (
      "stock",
      """
      SELECT s.office, i.name, s.on_hand, s.received, s.issued
      FROM shelf_item s JOIN item i ON i.id = s.item
      """
    ),
    (
      "desk_entries",
      """
      SELECT printf('%d-%d', subject >> 32, subject & 4294967295) AS subject, reason, detail
      FROM desk
      WHERE detail <> -1 OR NOT EXISTS(
        SELECT 1 FROM resolution s WHERE s.subject = desk.subject AND s.reason = desk.reason
           AND s.undone_by IS NULL AND s.outcome <> 5)
      UNION ALL
      -- What is dated in a closed month and came after it, until the next month is closed.
      SELECT printf('%d-%d', l.replica, l.seq), 'late-for-closed-month', 0
      FROM (SELECT community, max(month) AS month FROM period WHERE op IS NOT NULL GROUP BY 1) c
      JOIN replica r ON r.community = c.community
      JOIN log l ON l.replica = r.id AND l.kind NOT IN (16, 17, 18, 21, 65)
       AND l.seq > coalesce((SELECT b.seq FROM period_basis b WHERE b.community = c.community
             AND b.month = c.month AND b.replica = r.id), 0)
      JOIN period p ON p.community = c.community AND p.op IS NOT NULL
       AND p.month = CAST(strftime('%s', l.occurred_on * 86400, 'unixepoch', 'start of month')
             AS INTEGER) / 86400
      UNION ALL
      SELECT printf('%d-%d', l.op >> 32, l.op & 4294967295), 'body-missing', 0
      FROM body_link l JOIN meta m ON m.key = 'community' AND m.value = l.community
      LEFT JOIN body b ON b.digest = l.digest WHERE b.digest IS NULL
      """
    ),
  ]
}
