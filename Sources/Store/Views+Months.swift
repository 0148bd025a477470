/// Views that the months are summed from: what each op moved, and in which month it is posted.
///
/// The points of an op are what the accounts have of it, so all months together come to the ledger.
extension Views {
  static let months: [(name: String, sql: String)] = [
    (
      // Each award that counted, also one that was taken back later. What a limit or a merge holds
      // back has its person-time and no points; hours count once. Opening balances are no day's work.
      "month_awards",
      """
      SELECT a.resident, coalesce(r.representative, r.id) AS person, a.op, a.state, m.community, m.posted_month AS month, m.occurred_on,
        m.month <> m.posted_month AS is_late,
        CASE WHEN EXISTS(SELECT 1 FROM desk k WHERE k.subject = a.op
            AND k.reason IN ('daily-cap', 'monthly-cap', 'overlap', 'merged-award'))
          THEN 0 ELSE a.points END AS points,
        CASE WHEN EXISTS(SELECT 1 FROM desk k WHERE k.subject = a.op
            AND k.reason IN ('overlap', 'merged-award'))
          THEN 0 ELSE coalesce(a.minutes, 0) END AS minutes,
        (SELECT v.category = 6 FROM activity v WHERE v.id = a.activity) AS is_opening,
        EXISTS(SELECT 1 FROM desk k WHERE k.subject = a.op AND k.reason = 'merged-award')
          AS is_surplus
      FROM award a JOIN resident r ON r.id = a.resident
      JOIN op_months m ON m.replica = a.op >> 32 AND m.seq = a.op & 4294967295
      WHERE a.state IN ('posted', 'reversed')
      """
    ),
    (
      // The first reversal of a round is the one that took the award back.
      "month_reversals",
      """
      SELECT v.resident, v.reversal AS op, m.community, m.posted_month AS month, m.occurred_on,
        m.month <> m.posted_month AS is_late, -v.points AS points, -v.minutes AS minutes
      FROM (
        SELECT resident, CASE WHEN op IS NULL THEN 0 ELSE points END AS points,
          CASE WHEN op IS NULL THEN 0 ELSE coalesce(minutes, 0) END AS minutes,
          (CAST(substr(reversals, 1, instr(reversals, '-') - 1) AS INTEGER) << 32)
            + CAST(substr(reversals, instr(reversals, '-') + 1) AS INTEGER) AS reversal
        FROM award WHERE state = 'reversed'
      ) v JOIN op_months m ON m.replica = v.reversal >> 32 AND m.seq = v.reversal & 4294967295
      """
    ),
    (
      // A year's hours under the falling scale, as far as each month brought them: the steps of
      // `HourScale`, in 720ths of a point.
      "month_hours",
      """
      SELECT h.resident, r.community,
        CAST(strftime('%s', printf('%04d-%02d-01', h.year, h.month)) AS INTEGER) / 86400 AS month,
        (min(total, 1200) * 12 + max(0, min(total, 4800) - 1200) * 6
          + max(0, min(total, 12000) - 4800) * 4 + max(0, total - 12000) * 3) / 720
        - (min(earlier, 1200) * 12 + max(0, min(earlier, 4800) - 1200) * 6
          + max(0, min(earlier, 12000) - 4800) * 4 + max(0, earlier - 12000) * 3) / 720 AS points
      FROM (
        SELECT resident, year, month, sum(minutes) OVER w AS total,
          sum(minutes) OVER w - minutes AS earlier
        FROM award_month WHERE minutes > 0
        WINDOW w AS (PARTITION BY resident, year ORDER BY month)
      ) h JOIN resident r ON r.id = h.resident
      """
    ),
    (
      // What else moved points: below zero is out of the account.
      "month_moves",
      """
      SELECT e.account, e.op, e.entry, e.points, m.community, m.posted_month AS month,
        m.occurred_on, m.month <> m.posted_month AS is_late
      FROM (
        SELECT coalesce(pool, resident) AS account, id AS op, 'redemption' AS entry,
          -points AS points FROM redemption WHERE state <> 'pending'
        UNION ALL
        SELECT account, op, step, points FROM redemption_step WHERE state = 'posted'
        UNION ALL
        SELECT resident, op, 'offer', -points FROM offer_use WHERE state = 'posted' AND points > 0
        UNION ALL
        SELECT account, op, 'coins', points FROM coin_points WHERE state = 'posted'
        UNION ALL
        SELECT from_account, id, 'gift', -points FROM points_transfer WHERE state = 'posted'
        UNION ALL
        SELECT to_account, id, 'gift', points FROM points_transfer WHERE state = 'posted'
        UNION ALL
        SELECT resident, op, 'cover', points FROM cover WHERE op IS NOT NULL
      ) e JOIN op_months m ON m.replica = e.op >> 32 AND m.seq = e.op & 4294967295
      """
    ),
    (
      // What ended, in the community of the account and the month of the op that ended it.
      "month_expiry",
      """
      SELECT e.resident, e.op, r.community, e.points, l.occurred_on,
        CAST(strftime('%s', l.occurred_on * 86400, 'unixepoch', 'start of month') AS INTEGER)
          / 86400 AS month
      FROM expiry e JOIN resident r ON r.id = e.resident
      JOIN log l ON l.replica = e.op >> 32 AND l.seq = e.op & 4294967295
      """
    ),
    (
      // Pieces that were handed out, and those that came back.
      "month_pieces",
      """
      SELECT m.community, m.posted_month AS month, l.pieces,
        l.pieces * coalesce(i.value_fen, 0) AS value_fen
      FROM (
        SELECT l.redemption AS op, l.item, l.quantity AS pieces
        FROM redemption_line l JOIN redemption d ON d.id = l.redemption
        WHERE d.state <> 'pending'
        UNION ALL
        SELECT op, item, -quantity FROM returned_line WHERE quantity > 0
      ) l JOIN item i ON i.id = l.item
      JOIN op_months m ON m.replica = l.op >> 32 AND m.seq = l.op & 4294967295
      """
    ),
  ]

  /// The monthly columns and what each is summed from: expressions over the rows of a view that
  /// belong to one community, by month.
  static let figures: [(view: String, columns: [(name: String, sum: String)])] = [
    (
      "month_awards",
      [
        ("attendances", "sum(NOT is_opening AND NOT is_surplus)"),
        ("people", "count(DISTINCT CASE WHEN NOT is_opening THEN person END)"),
        ("points_granted", "sum(points)"), ("minutes", "sum(minutes)"),
      ]
    ),
    (
      "month_reversals",
      [
        ("reversals", "count(*)"), ("points_granted", "sum(points)"), ("minutes", "sum(minutes)"),
      ]
    ),
    ("month_hours", [("points_granted", "sum(points)")]),
    (
      "month_moves",
      [
        (
          "redemptions",
          "sum(CASE entry WHEN 'redemption' THEN 1 WHEN 'void' THEN -1 ELSE 0 END)"
        ),
        (
          "points_redeemed",
          """
          -sum(CASE WHEN entry IN ('redemption', 'void', 'return', 'offer') THEN points ELSE 0 END)
          """
        ),
        ("points_coined", "-sum(CASE entry WHEN 'coins' THEN points ELSE 0 END)"),
        ("points_covered", "sum(CASE entry WHEN 'cover' THEN points ELSE 0 END)"),
      ]
    ),
    ("month_expiry", [("points_expired", "sum(points)")]),
    ("month_pieces", [("pieces", "sum(pieces)"), ("value_fen", "sum(value_fen)")]),
    ("month_activities", [("activities", "count(*)")]),
    ("month_donations", [("donations", "count(*)")]),
  ]

  static let monthCounts: [(name: String, sql: String)] = [
    (
      "month_activities",
      """
      SELECT organiser AS community, CAST(strftime('%s', held_on * 86400, 'unixepoch',
          'start of month') AS INTEGER) / 86400 AS month FROM activity WHERE category <> 6
      """
    ),
    (
      "month_donations",
      """
      SELECT m.community, m.posted_month AS month
      FROM stock_receipt s JOIN op_months m ON m.replica = s.id >> 32
       AND m.seq = s.id & 4294967295
      WHERE s.state = 'posted' AND s.source = 1
      """
    ),
  ]
}
