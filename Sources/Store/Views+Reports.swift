/// Views of the monthly reports: each begins with the community and the month it is posted in.
extension Views {
  static let reports: [(name: String, sql: String)] = [
    (
      "report_ledger",
      """
      SELECT m.community, m.posted_month, date(m.occurred_on * 86400, 'unixepoch') AS date,
        printf('%d-%d', e.resident >> 32, e.resident & 4294967295) AS resident, e.entry, e.points,
        printf('%d-%d', e.op >> 32, e.op & 4294967295) AS op,
        CASE WHEN m.posted_month = m.month THEN '' ELSE 'late' END AS remark
      FROM (
        SELECT op, resident, 'award' AS entry, points FROM award
         WHERE state IN ('posted', 'reversed')
        UNION ALL
        SELECT op, resident, 'reversal', -points FROM reversals WHERE award IS NOT NULL
        UNION ALL
        SELECT id, coalesce(pool, resident), 'redemption', -points FROM redemption
         WHERE state <> 'pending'
        UNION ALL
        SELECT op, account, step, points FROM redemption_step WHERE state = 'posted'
        UNION ALL
        SELECT op, resident, 'cover', points FROM cover WHERE op IS NOT NULL
      ) e JOIN op_months m ON m.replica = e.op >> 32 AND m.seq = e.op & 4294967295
      UNION ALL
      SELECT r.community, CAST(strftime('%s', l.occurred_on * 86400, 'unixepoch',
          'start of month') AS INTEGER) / 86400, date(l.occurred_on * 86400, 'unixepoch'),
        printf('%d-%d', e.resident >> 32, e.resident & 4294967295), 'expiry', -e.points,
        printf('%d-%d', e.op >> 32, e.op & 4294967295), ''
      FROM expiry e JOIN resident r ON r.id = e.resident
      JOIN log l ON l.replica = e.op >> 32 AND l.seq = e.op & 4294967295
      """
    ),
    (
      "report_redemptions",
      """
      SELECT m.community, m.posted_month, date(m.occurred_on * 86400, 'unixepoch') AS date,
        printf('%d-%d', d.id >> 32, d.id & 4294967295) AS redemption,
        printf('%d-%d', d.resident >> 32, d.resident & 4294967295) AS resident, d.office,
        i.name AS item, l.quantity, l.price, l.quantity * l.price AS points,
        l.quantity * i.value_fen AS value_fen,
        CASE WHEN m.posted_month = m.month THEN '' ELSE 'late' END AS remark
      FROM redemption d JOIN redemption_line l ON l.redemption = d.id
      JOIN item i ON i.id = l.item
      JOIN op_months m ON m.replica = d.id >> 32 AND m.seq = d.id & 4294967295
      WHERE d.state <> 'pending'
      """
    ),
    (
      "report_stock",
      """
      SELECT m.community, m.posted_month, date(m.occurred_on * 86400, 'unixepoch') AS date,
        e.office, i.name AS item, e.move, e.quantity,
        printf('%d-%d', e.op >> 32, e.op & 4294967295) AS op
      FROM (
        SELECT id AS op, office, item, CASE source WHEN 1 THEN 'donation' ELSE 'purchase' END
          AS move, quantity FROM stock_receipt WHERE state = 'posted'
        UNION ALL
        SELECT redemption, office, item, 'redemption', -quantity FROM redemption_line
         WHERE counts = 1
        UNION ALL
        SELECT op, office, item, 'return', restocked FROM returned_line WHERE restocked > 0
      ) e JOIN item i ON i.id = e.item
      JOIN op_months m ON m.replica = e.op >> 32 AND m.seq = e.op & 4294967295
      """
    ),
    (
      "report_donors",
      """
      SELECT m.community, m.posted_month, date(m.occurred_on * 86400, 'unixepoch') AS date,
        s.office, i.name AS item, s.quantity, s.unit_cost_fen,
        printf('%d-%d', s.id >> 32, s.id & 4294967295) AS receipt
      FROM stock_receipt s JOIN item i ON i.id = s.item
      JOIN op_months m ON m.replica = s.id >> 32 AND m.seq = s.id & 4294967295
      WHERE s.state = 'posted' AND s.source = 1
      """
    ),
    (
      // What each person earned in the month; no name, so nothing leaves without consent.
      "report_medals",
      """
      SELECT m.community, m.posted_month,
        printf('%d-%d', a.resident >> 32, a.resident & 4294967295) AS resident,
        count(*) AS awards, sum(a.points) AS earned
      FROM award a JOIN op_months m ON m.replica = a.op >> 32 AND m.seq = a.op & 4294967295
      WHERE a.state = 'posted' GROUP BY 1, 2, a.resident
      """
    ),
    (
      "report_settlement",
      """
      SELECT s.payee AS community, s.month, p.name AS payer, q.name AS payee, s.points,
        printf('%d-%d', s.op >> 32, s.op & 4294967295) AS op
      FROM settlement s JOIN community p ON p.id = s.payer JOIN community q ON q.id = s.payee
      UNION ALL
      SELECT d.payee, d.month, p.name, q.name, d.points, ''
      FROM settlement_due d JOIN community p ON p.id = d.payer JOIN community q ON q.id = d.payee
      WHERE NOT EXISTS(SELECT 1 FROM settlement s
                        WHERE s.month = d.month AND d.payer IN (s.payer, s.payee)
                          AND d.payee IN (s.payer, s.payee))
      """
    ),
    (
      // What an auditor looks at: everything that did not simply count, and every correction.
      "report_audit",
      """
      SELECT m.community, m.posted_month, date(m.occurred_on * 86400, 'unixepoch') AS date,
        printf('%d-%d', m.replica, m.seq) AS op, coalesce(k.name, '#' || m.kind) AS kind,
        coalesce(o.outcome, 'posted') AS outcome,
        (SELECT group_concat(d.reason, ' ') FROM desk d
          WHERE d.subject = (m.replica << 32) + m.seq AND d.detail = -1) AS reasons,
        CASE WHEN m.posted_month = m.month THEN '' ELSE 'late' END AS remark
      FROM op_months m LEFT JOIN kind k ON k.number = m.kind
      LEFT JOIN outcome o ON o.op = (m.replica << 32) + m.seq
      WHERE o.op IS NOT NULL OR m.kind IN (15, 20, 65) OR m.posted_month <> m.month
        OR EXISTS(SELECT 1 FROM desk d WHERE d.subject = (m.replica << 32) + m.seq)
      """
    ),
  ]
}
