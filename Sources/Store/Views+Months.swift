import Community

/// Views that the months are summed from: what each op moved, and in which month it is posted.
///
/// The points of an op are what the accounts have of it, so all months together come to the ledger.
extension Views {
  /// The categories of activities that are no day's work, for SQL.
  private static let withoutWork =
    ActivityCategory.withoutWork.map(String.init).joined(separator: ", ")

  static let months: [(name: String, sql: String)] = [
    (
      // Each award that counted, also one that was taken back later. What a limit or a merge holds
      // back has no points.
      "month_awards",
      """
      SELECT a.resident, coalesce(r.representative, r.id) AS person, a.op, a.state, m.community, m.posted_month AS month, m.occurred_on,
        m.month <> m.posted_month AS is_late,
        CASE WHEN EXISTS(SELECT 1 FROM desk k WHERE k.subject = a.op
            AND k.reason IN ('daily-cap', 'monthly-cap', 'overlap', 'merged-award'))
          THEN 0 ELSE a.points END AS points,
        (SELECT v.category NOT IN (\(withoutWork)) FROM activity v WHERE v.id = a.activity) AS is_work,
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
        m.month <> m.posted_month AS is_late, -v.points AS points
      FROM (
        SELECT resident, CASE WHEN op IS NULL THEN 0 ELSE points END AS points,
          (CAST(substr(reversals, 1, instr(reversals, '-') - 1) AS INTEGER) << 32)
            + CAST(substr(reversals, instr(reversals, '-') + 1) AS INTEGER) AS reversal
        FROM award WHERE state = 'reversed'
      ) v JOIN op_months m ON m.replica = v.reversal >> 32 AND m.seq = v.reversal & 4294967295
      """
    ),
    (
      // The activities of whose attendance or awards an office of a community wrote what counts: by a look
      // at each record's id.
      "part_places",
      """
      SELECT w.community, t.activity FROM attendance t JOIN replica w ON w.id = t.op >> 32
      UNION
      SELECT w.community, a.activity FROM award a JOIN replica w ON w.id = a.op >> 32
      """
    ),
    (
      // What says that somebody took part: the attendance, unless the last award that counted for it
      // was taken back for another cause than a mistake of staff, or a supplement says no minutes; and
      // each award that counts. Where the activity was cancelled a person has decided about the award.
      // `ops` are the record that counts and those beside it, as elements of JSON. Each is there once
      // for each community (`place`) that has a part in the activity, so one community costs its own
      // activities and not the street's.
      "part_records",
      """
      SELECT k.community AS place, t.activity, t.resident, t.session, t.op, t.minutes, 1 AS came,
        0 AS is_overlapping,
        t.op || coalesce(',"' || replace(t.others, ' ', '","') || '"', '') AS ops
      FROM part_places k JOIN attendance t ON t.activity = k.activity
      JOIN activity v ON v.id = t.activity
      WHERE t.op IS NOT NULL AND v.category NOT IN (\(withoutWork)) AND (t.state <> 'corrected' OR t.minutes > 0)
        AND coalesce((
          SELECT a.state = 'posted' OR v.state <> 'cancelled'
            AND EXISTS(SELECT 1 FROM lost_award l WHERE l.resident = a.resident AND l.op = a.op)
          FROM award a WHERE a.activity = t.activity AND a.resident = t.resident
            AND a.session = t.session AND a.role = t.role AND a.op IS NOT NULL
          ORDER BY a.round DESC LIMIT 1), v.state <> 'cancelled')
      UNION ALL
      SELECT k.community, a.activity, a.resident, a.session, a.op, a.minutes, 0,
        EXISTS(SELECT 1 FROM desk d WHERE d.subject = a.op AND d.reason = 'overlap'),
        a.op || coalesce(',"' || replace(a.others, ' ', '","') || '"', '')
      FROM part_places k JOIN award a ON a.activity = k.activity
      JOIN activity v ON v.id = a.activity
      WHERE a.state = 'posted' AND v.category NOT IN (\(withoutWork))
      """
    ),
    (
      // Each person's part in each session, once: its minutes are those of the attendance, else of the
      // award, and none while two activities at one time claim them. It is in the first month that a
      // record of it is posted in, also one that lost to a later one: so no later record moves it to
      // another month. Records that wait or were rejected say nothing.
      "month_parts",
      """
      SELECT community,
        (SELECT min(m.posted_month) FROM json_each('[' || ops || ']') o
          JOIN op_months m
            ON m.replica = CASE o.type WHEN 'integer' THEN o.value >> 32
                 ELSE CAST(substr(o.value, 1, instr(o.value, '-') - 1) AS INTEGER) END
           AND m.seq = CASE o.type WHEN 'integer' THEN o.value & 4294967295
                 ELSE CAST(substr(o.value, instr(o.value, '-') + 1) AS INTEGER) END
          WHERE NOT EXISTS(SELECT 1 FROM outcome x WHERE x.op = (m.replica << 32) + m.seq
              AND x.outcome IN ('pending', 'void'))) AS month,
        person, activity, session, minutes
      FROM (
        SELECT p.place AS community, w.community AS own,
          coalesce(r.representative, r.id) AS person, p.activity, p.session,
          group_concat(p.ops) OVER part AS ops,
          CASE WHEN max(p.is_overlapping) OVER part THEN 0
            ELSE coalesce(max(CASE WHEN p.came THEN p.minutes END) OVER part,
              max(p.minutes) OVER part, 0) END AS minutes,
          row_number() OVER (part ORDER BY p.came DESC, p.op) AS number
        FROM part_records p JOIN resident r ON r.id = p.resident
        JOIN replica w ON w.id = p.op >> 32
        WINDOW part AS (
          PARTITION BY p.place, coalesce(r.representative, r.id), p.activity, p.session)
      ) WHERE number = 1 AND own = community
      """
    ),
    (
      // Awards of whom nobody checked in, under any file, where others of the activity did.
      "unattended_awards",
      """
      SELECT a.activity, a.resident, a.session, a.role, a.minutes, a.occurred_on,
        coalesce(a.op, (CAST(substr(a.others, 1, instr(a.others, '-') - 1) AS INTEGER) << 32)
          + CAST(substr(a.others, instr(a.others, '-') + 1) AS INTEGER)) AS op
      FROM award a JOIN activity v ON v.id = a.activity JOIN resident r ON r.id = a.resident
      WHERE a.state IN ('posted', 'pending') AND v.category NOT IN (\(withoutWork))
        AND EXISTS(SELECT 1 FROM attendance t WHERE t.activity = a.activity AND t.op IS NOT NULL)
        AND NOT EXISTS(
          SELECT 1 FROM attendance t WHERE t.activity = a.activity AND t.resident = a.resident
             AND t.session = a.session AND t.op IS NOT NULL)
        AND (r.representative IS NULL OR NOT EXISTS(
          SELECT 1 FROM attendance t JOIN resident q ON q.id = t.resident
           WHERE t.activity = a.activity AND t.session = a.session AND t.op IS NOT NULL
             AND q.representative = r.representative))
      """
    ),
    (
      // A year's hours under the falling scale, as far as each month brought them: the steps of
      // `HourScale`, in 720ths of a point. They are of the community in which the month began.
      "month_hours",
      """
      SELECT h.resident,
        coalesce((SELECT s.community FROM stays s WHERE s.account = r.id
            AND max(s.from_on, s.month)
              <= CAST(strftime('%s', printf('%04d-%02d-01', h.year, h.month)) AS INTEGER) / 86400
          ORDER BY s.number DESC LIMIT 1), r.community) AS community,
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
        SELECT resident, op, 'offer', -points FROM offer_use WHERE state <> 'pending' AND points > 0
        UNION ALL
        SELECT resident, op, 'offer_void', points FROM offer_void
         WHERE state = 'posted' AND points > 0
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
      // What each op ended of whose points, in the community for which the hub ended them and where the
      // person lived then, and in the month of the op.
      "month_expiry",
      """
      SELECT e.resident, e.op, y.community, e.points, l.occurred_on,
        CAST(strftime('%s', l.occurred_on * 86400, 'unixepoch', 'start of month') AS INTEGER)
          / 86400 AS month
      FROM expiry e JOIN (
        SELECT op, community FROM expiry_year UNION ALL SELECT op, community FROM expiry_office
      ) y ON y.op = e.op
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
      "month_parts",
      [
        ("attendances", "count(*)"), ("people", "count(DISTINCT person)"),
        ("minutes", "sum(minutes)"),
      ]
    ),
    ("month_awards", [("points_granted", "sum(points)")]),
    ("month_reversals", [("reversals", "count(*)"), ("points_granted", "sum(points)")]),
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
          -sum(CASE WHEN entry IN ('redemption', 'void', 'return', 'offer', 'offer_void')
            THEN points ELSE 0 END)
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
          'start of month') AS INTEGER) / 86400 AS month
      FROM activity WHERE category NOT IN (\(withoutWork)) AND state <> 'cancelled'
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
