/// Views of months: where each op is posted, and what each month comes to.
///
/// A month is the day number of its first day, as in the table `period`.
extension Views {
  /// What was closed, settled, covered, and resolved.
  static let entities: [(name: String, sql: String)] = [
    (
      "months",
      """
      SELECT CASE WHEN p.op IS NOT NULL
          THEN printf('%d-%d', p.op >> 32, p.op & 4294967295) END AS id, c.name AS community,
        strftime('%Y-%m', p.month * 86400, 'unixepoch') AS month, p.state, p.points_granted,
        p.points_redeemed, p.closes, p.reopenings
      FROM period p JOIN community c ON c.id = p.community
      """
    ),
    (
      "settlements",
      """
      SELECT printf('%d-%d', s.op >> 32, s.op & 4294967295) AS id,
        strftime('%Y-%m', s.month * 86400, 'unixepoch') AS month, p.name AS payer,
        q.name AS payee, s.points
      FROM settlement s JOIN community p ON p.id = s.payer JOIN community q ON q.id = s.payee
      WHERE s.op IS NOT NULL
      """
    ),
    (
      "year_ends",
      """
      SELECT printf('%d-%d', y.op >> 32, y.op & 4294967295) AS id, c.name AS community, y.year,
        CASE y.rule WHEN 1 THEN 'year_end' ELSE 'carry_one_year' END AS rule, y.away,
        NULL AS office, NULL AS until
      FROM expiry_year y JOIN community c ON c.id = y.community WHERE y.op IS NOT NULL
      UNION ALL
      SELECT printf('%d-%d', y.op >> 32, y.op & 4294967295), c.name, y.year,
        CASE y.rule WHEN 1 THEN 'year_end' ELSE 'carry_one_year' END, NULL, y.office,
        date(y.until * 86400, 'unixepoch')
      FROM expiry_office y JOIN community c ON c.id = y.community WHERE y.op IS NOT NULL
      """
    ),
    (
      "covers",
      """
      SELECT printf('%d-%d', op >> 32, op & 4294967295) AS id,
        printf('%d-%d', resident >> 32, resident & 4294967295) AS resident,
        printf('%d-%d', loss >> 32, loss & 4294967295) AS loss, points
      FROM cover WHERE op IS NOT NULL
      """
    ),
    (
      "resolutions",
      """
      SELECT printf('%d-%d', op >> 32, op & 4294967295) AS id,
        printf('%d-%d', subject >> 32, subject & 4294967295) AS subject, reason, detail,
        CASE outcome WHEN 0 THEN 'noted' WHEN 1 THEN 'corrected' WHEN 2 THEN 'accepted'
          WHEN 3 THEN 'rejected' WHEN 4 THEN 'borne_by_community' ELSE 'reopened' END AS outcome,
        CASE WHEN undone_by IS NOT NULL
          THEN printf('%d-%d', undone_by >> 32, undone_by & 4294967295) END AS undone_by
      FROM resolution
      """
    ),
  ]

  static let closing: [(name: String, sql: String)] = [
    (
      "op_dates",
      """
      SELECT l.replica, l.seq, l.kind, r.community, l.occurred_on,
        CAST(strftime('%s', l.occurred_on * 86400, 'unixepoch', 'start of month') AS INTEGER)
          / 86400 AS month,
        CAST(strftime('%s', l.occurred_on * 86400, 'unixepoch', 'start of month', '+1 month')
          AS INTEGER) / 86400 AS next_month,
        (SELECT CAST(strftime('%s', c.received_at / 1000, 'unixepoch', '+8 hours',
                   'start of month') AS INTEGER) / 86400
           FROM receipt_run c WHERE c.replica = l.replica AND c.to_seq >= l.seq
          ORDER BY c.to_seq LIMIT 1) AS received_month
      FROM log l JOIN replica r ON r.id = l.replica
      """
    ),
    (
      // An op dated in a closed month counts in it only below its basis; else it is late, for the
      // month of its receipt.
      "late_ops",
      """
      SELECT d.replica, d.seq, d.kind, d.community, d.occurred_on, d.month,
        max(d.next_month, coalesce(d.received_month, 0)) AS late_month
      FROM op_dates d JOIN period p ON p.community = d.community AND p.month = d.month
      WHERE p.op IS NOT NULL AND NOT EXISTS(
        SELECT 1 FROM period_basis b WHERE b.community = d.community AND b.month = d.month
           AND b.replica = d.replica AND b.seq >= d.seq)
      """
    ),
    (
      // The month of the receipt may be closed too, before the op came: then the next that holds it.
      "late_months",
      """
      SELECT l.replica, l.seq, l.kind, l.community, l.occurred_on, l.month,
        CASE WHEN NOT EXISTS(
               SELECT 1 FROM period p WHERE p.community = l.community AND p.month = l.late_month
                  AND p.op IS NOT NULL)
          THEN l.late_month
          ELSE coalesce(
            (SELECT min(b.month) FROM period_basis b WHERE b.community = l.community
                AND b.month >= l.late_month AND b.replica = l.replica AND b.seq >= l.seq),
            (SELECT CAST(strftime('%s', max(p.month) * 86400, 'unixepoch', '+1 month') AS INTEGER)
                / 86400 FROM period p WHERE p.community = l.community AND p.op IS NOT NULL))
          END AS posted_month
      FROM late_ops l
      """
    ),
    (
      "op_months",
      """
      SELECT d.replica, d.seq, d.kind, d.community, d.occurred_on, d.month,
        coalesce((SELECT l.posted_month FROM late_months l
                   WHERE l.replica = d.replica AND l.seq = d.seq), d.month) AS posted_month
      FROM op_dates d
      """
    ),
    (
      // Where accounts that moved to another community were, in turn. A stay is known from `month` on:
      // after the last month that this community or the one before closed without the give that began it.
      "stays",
      """
      SELECT s.account, s.number, s.op, s.community, s.from_on,
        coalesce((SELECT CAST(strftime('%s', max(p.month) * 86400, 'unixepoch', '+1 month')
              AS INTEGER) / 86400
            FROM residence q JOIN period p ON p.community = q.community AND p.op IS NOT NULL
           WHERE s.number > 0 AND q.account = s.account AND q.number IN (s.number - 1, s.number)
             AND NOT EXISTS(
               SELECT 1 FROM period_basis b WHERE b.community = p.community AND b.month = p.month
                  AND b.replica = s.op >> 32 AND b.seq >= s.op & 4294967295)), 0) AS month
      FROM residence s
      """
    ),
    (
      // Who took what of whose goods: each op in its own month, as long as it counts.
      "goods_taken",
      """
      SELECT d.id AS op, d.id AS taken, coalesce(d.pool, d.resident) AS account,
        coalesce(h.community, r.community) AS community, o.community AS payee, d.points
      FROM redemption d JOIN resident r ON r.id = d.resident
      LEFT JOIN household h ON h.id = d.pool JOIN replica o ON o.id = d.office
      WHERE d.state <> 'pending'
      UNION ALL
      SELECT s.op, d.id, coalesce(d.pool, d.resident), coalesce(h.community, r.community),
        o.community, -s.points
      FROM redemption_step s JOIN redemption d ON d.id = s.redemption
      JOIN resident r ON r.id = d.resident
      LEFT JOIN household h ON h.id = d.pool JOIN replica o ON o.id = d.office
      WHERE s.state = 'posted'
      UNION ALL
      SELECT c.op, d.id, coalesce(d.pool, d.resident), coalesce(h.community, r.community),
        o.community, -c.points
      FROM coin_points c JOIN redemption d ON d.id = c.subject
      JOIN resident r ON r.id = d.resident
      LEFT JOIN household h ON h.id = d.pool JOIN replica o ON o.id = d.office
      WHERE c.state = 'posted'
      UNION ALL
      SELECT u.op, u.op, u.resident, r.community, f.community, u.points
      FROM offer_use u JOIN offer f ON f.id = u.offer JOIN resident r ON r.id = u.resident
      WHERE u.state <> 'pending'
      UNION ALL
      SELECT v.op, v.use, v.resident, r.community, f.community, -v.points
      FROM offer_void v JOIN offer f ON f.id = v.offer JOIN resident r ON r.id = v.resident
      WHERE v.state = 'posted'
      """
    ),
    (
      // Who pays for it: the community where the person lived, or the pool was, on the day on which the
      // goods were taken, as far as that was known in that month; what comes back goes to who paid.
      "settlement_moves",
      """
      SELECT m.posted_month AS month,
        coalesce((SELECT s.community FROM stays s JOIN op_months t
              ON t.replica = g.taken >> 32 AND t.seq = g.taken & 4294967295
            WHERE s.account = g.account AND s.from_on <= t.occurred_on
              AND s.month <= t.posted_month
          ORDER BY s.number DESC LIMIT 1), g.community) AS payer, g.payee, g.points
      FROM goods_taken g
      JOIN op_months m ON m.replica = g.op >> 32 AND m.seq = g.op & 4294967295
      """
    ),
    (
      // What one community owes another, after what the other owes it.
      "settlement_due",
      """
      SELECT month, payer, payee, sum(points) AS points
      FROM (SELECT month, payer, payee, points FROM settlement_moves
            UNION ALL SELECT month, payee, payer, -points FROM settlement_moves)
      WHERE payer <> payee GROUP BY 1, 2, 3 HAVING sum(points) > 0
      """
    ),
  ]
}
