import Community

/// Views of the monthly reports: each begins with the community and the month it is posted in.
extension Views {
  static let reports: [(name: String, sql: String)] = [
    (
      "report_ledger",
      """
      SELECT community, month, date(occurred_on * 86400, 'unixepoch') AS date,
        printf('%d-%d', resident >> 32, resident & 4294967295) AS resident, 'award' AS entry,
        points, printf('%d-%d', op >> 32, op & 4294967295) AS op,
        CASE WHEN is_late THEN 'late' ELSE '' END AS remark
      FROM month_awards
      UNION ALL
      SELECT community, month, date(occurred_on * 86400, 'unixepoch'),
        printf('%d-%d', resident >> 32, resident & 4294967295), 'reversal', points,
        printf('%d-%d', op >> 32, op & 4294967295), CASE WHEN is_late THEN 'late' ELSE '' END
      FROM month_reversals WHERE points <> 0
      UNION ALL
      SELECT community, month, date(month * 86400, 'unixepoch'),
        printf('%d-%d', resident >> 32, resident & 4294967295), 'hours', points, '', ''
      FROM month_hours WHERE points <> 0
      UNION ALL
      SELECT community, month, date(occurred_on * 86400, 'unixepoch'),
        printf('%d-%d', account >> 32, account & 4294967295), entry, points,
        printf('%d-%d', op >> 32, op & 4294967295), CASE WHEN is_late THEN 'late' ELSE '' END
      FROM month_moves
      UNION ALL
      SELECT community, month, date(occurred_on * 86400, 'unixepoch'),
        printf('%d-%d', resident >> 32, resident & 4294967295), 'expiry', -points,
        printf('%d-%d', op >> 32, op & 4294967295), ''
      FROM month_expiry
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
      UNION ALL
      -- What a void or a return brought back, in the month in which it did.
      SELECT m.community, m.posted_month, date(m.occurred_on * 86400, 'unixepoch'),
        printf('%d-%d', d.id >> 32, d.id & 4294967295),
        printf('%d-%d', d.resident >> 32, d.resident & 4294967295), d.office,
        i.name, -t.quantity, l.price, -t.quantity * l.price, -t.quantity * i.value_fen,
        s.step || CASE WHEN m.posted_month = m.month THEN '' ELSE ' late' END
      FROM returned_line t JOIN redemption d ON d.id = t.redemption
      JOIN redemption_line l ON l.redemption = t.redemption AND l.line = t.line
      JOIN redemption_step s ON s.redemption = t.redemption AND s.op = t.op
      JOIN item i ON i.id = t.item
      JOIN op_months m ON m.replica = t.op >> 32 AND m.seq = t.op & 4294967295
      WHERE t.quantity > 0
      """
    ),
    (
      "report_stock",
      """
      SELECT m.community, m.posted_month, date(m.occurred_on * 86400, 'unixepoch') AS date,
        e.office, i.name AS item, e.move, e.quantity, e.in_transit,
        printf('%d-%d', e.op >> 32, e.op & 4294967295) AS op
      FROM (
        -- `quantity` adds up to what lies on the shelf, `in_transit` to what is on the way.
        SELECT id AS op, office, item, CASE source WHEN 1 THEN 'donation' ELSE 'purchase' END
          AS move, quantity, 0 AS in_transit FROM stock_receipt WHERE state = 'posted'
        UNION ALL
        SELECT redemption, office, item, 'redemption', -quantity, 0 FROM redemption_line
         WHERE counts = 1
        UNION ALL
        SELECT op, office, item, 'return', restocked, 0 FROM returned_line WHERE restocked > 0
        UNION ALL
        SELECT id, from_office, item, 'send', -quantity, quantity FROM stock_transfer
         WHERE state <> 'pending'
        UNION ALL
        SELECT op, office, item, 'accept', quantity, -quantity FROM transfer_step
         WHERE step = 'accept' AND state = 'posted'
        UNION ALL
        SELECT op, office, item, 'transit_loss', 0, -quantity FROM transfer_step
         WHERE step = 'write_off' AND state = 'posted'
        UNION ALL
        SELECT id, office, item, 'count', counted - booked, 0 FROM stock_count
         WHERE state = 'posted' AND counted <> booked
        UNION ALL
        SELECT id, office, item, 'write_off', -quantity, 0 FROM stock_write_off
         WHERE state = 'posted'
      ) e JOIN item i ON i.id = e.item
      JOIN op_months m ON m.replica = e.op >> 32 AND m.seq = e.op & 4294967295
      UNION ALL
      -- What a retired office's shelf came to, on that of its successor, in the month of retirement.
      SELECT r.community, CAST(strftime('%s', l.occurred_on * 86400, 'unixepoch', 'start of month')
          AS INTEGER) / 86400,
        date(l.occurred_on * 86400, 'unixepoch'), e.office, i.name, 'shelf_move', e.quantity, 0,
        printf('%d-%d', t.op >> 32, t.op & 4294967295)
      FROM (SELECT office AS retired, office, item, -quantity AS quantity FROM shelf_move
            UNION ALL SELECT office, to_office, item, quantity FROM shelf_move) e
      JOIN item i ON i.id = e.item JOIN replica r ON r.id = e.office
      JOIN retirement t ON t.replica = e.retired
      JOIN log l ON l.replica = t.op >> 32 AND l.seq = t.op & 4294967295
      """
    ),
    (
      "report_donors",
      """
      SELECT m.community, m.posted_month, date(m.occurred_on * 86400, 'unixepoch') AS date,
        nullif(s.donor, '') AS donor, s.office, i.name AS item, s.quantity, s.unit_cost_fen,
        date(s.expires_on * 86400, 'unixepoch') AS expires_on,
        printf('%d-%d', s.id >> 32, s.id & 4294967295) AS receipt
      FROM stock_receipt s JOIN item i ON i.id = s.item
      JOIN op_months m ON m.replica = s.id >> 32 AND m.seq = s.id & 4294967295
      WHERE s.state = 'posted' AND s.source = 1
      """
    ),
    (
      // For the school: its pupils, who agreed to it by name, all others as one line without names. A
      // pupil is who is said to be under 18 at the end of the month.
      "report_medals",
      """
      SELECT e.community, e.month,
        CASE WHEN c.state IS NOT NULL
          THEN printf('%d-%d', e.person >> 32, e.person & 4294967295) END AS resident,
        CASE WHEN c.state IS NOT NULL THEN (SELECT value FROM file_values v
          WHERE v.resident = e.person AND v.field = 0) END AS name,
        count(DISTINCT e.person) AS people, sum(e.awards) AS awards, sum(e.points) AS earned
      FROM (
        SELECT a.community, a.month, a.person,
          a.is_work AND NOT a.is_surplus AS awards, a.points
          FROM month_awards a WHERE a.state = 'posted'
        UNION ALL
        SELECT h.community, h.month, coalesce(r.representative, r.id), 0, h.points
          FROM month_hours h JOIN resident r ON r.id = h.resident
      ) e LEFT JOIN consent c ON c.resident = e.person AND c.purpose = 3 AND c.state = 'given'
        AND NOT EXISTS(
          SELECT 1 FROM consent w JOIN resident x ON x.id = w.resident
           WHERE w.purpose = 3 AND w.state = 'withdrawn'
             AND coalesce(x.representative, x.id) = e.person)
      WHERE EXISTS(
        SELECT 1 FROM age_band b WHERE b.band < 2
          AND b.resident IN (SELECT f.id FROM resident f
            WHERE coalesce(f.representative, f.id) = e.person)
          AND b.from_on < CAST(strftime('%s', e.month * 86400, 'unixepoch', '+1 month') AS INTEGER)
            / 86400
          AND NOT EXISTS(
            SELECT 1 FROM age_band n WHERE n.resident = b.resident
              AND n.from_on < CAST(strftime('%s', e.month * 86400, 'unixepoch', '+1 month')
                AS INTEGER) / 86400
              AND instr(' ' || n.replaces || ' ',
                printf(' %d-%d ', b.op >> 32, b.op & 4294967295)) > 0))
      GROUP BY e.community, e.month, CASE WHEN c.state IS NULL THEN 0 ELSE e.person END
      """
    ),
    (
      "report_settlement",
      """
      SELECT s.payee AS community, s.month, p.name AS payer, q.name AS payee, s.points,
        printf('%d-%d', s.op >> 32, s.op & 4294967295) AS op
      FROM settlement s JOIN community p ON p.id = s.payer JOIN community q ON q.id = s.payee
      WHERE s.op IS NOT NULL
      UNION ALL
      SELECT d.payee, d.month, p.name, q.name, d.points, ''
      FROM settlement_due d JOIN community p ON p.id = d.payer JOIN community q ON q.id = d.payee
      WHERE NOT EXISTS(SELECT 1 FROM settlement s
                        WHERE s.op IS NOT NULL AND s.month = d.month AND d.payer IN (s.payer, s.payee)
                          AND d.payee IN (s.payer, s.payee))
      """
    ),
    (
      // What an auditor looks at: everything that did not simply count, every correction, what moves
      // rights or goods by one person's word, awards without attendance where there is a sheet, and what
      // the street decided about people.
      "report_audit",
      """
      SELECT m.community, m.posted_month, date(m.occurred_on * 86400, 'unixepoch') AS date,
        printf('%d-%d', m.replica, m.seq) AS op, coalesce(k.name, '#' || m.kind) AS kind,
        coalesce(o.outcome, 'posted') AS outcome,
        (SELECT group_concat(d.reason, ' ') FROM desk d
          WHERE d.subject = (m.replica << 32) + m.seq AND d.detail = -1) AS reasons,
        trim(CASE WHEN m.posted_month = m.month THEN '' ELSE 'late' END
          || CASE WHEN (m.replica << 32) + m.seq IN (SELECT op FROM unattended_awards)
            THEN ' unattended' ELSE '' END) AS remark
      FROM op_months m LEFT JOIN kind k ON k.number = m.kind
      LEFT JOIN outcome o ON o.op = (m.replica << 32) + m.seq
      WHERE o.op IS NOT NULL OR m.kind IN (\(audited)) OR m.posted_month <> m.month
        OR EXISTS(SELECT 1 FROM desk d WHERE d.subject = (m.replica << 32) + m.seq)
        OR (m.replica << 32) + m.seq IN (SELECT op FROM unattended_awards)
      UNION ALL
      SELECT h.community, CAST(strftime('%s', l.occurred_on * 86400, 'unixepoch', 'start of month')
          AS INTEGER) / 86400,
        date(l.occurred_on * 86400, 'unixepoch'), printf('%d-%d', l.replica, l.seq), k.name,
        coalesce(o.outcome, 'posted'),
        (SELECT group_concat(d.reason, ' ') FROM desk d
          WHERE d.subject = h.op AND d.detail = -1), ''
      FROM hub_acts h JOIN log l ON l.replica = h.op >> 32 AND l.seq = h.op & 4294967295
      JOIN kind k ON k.number = l.kind LEFT JOIN outcome o ON o.op = h.op
      """
    ),
  ]

  /// The numbers of the kinds that an auditor sees each of, for SQL.
  private static let audited = [
    "custody.give", "points.cover", "award.reverse", "redemption.void", "redemption.return",
    "offer.void",
    "coin.adjust", "stock.count", "stock.write_off", "resident.merge", "resident.unmerge",
    "resident.erase", "resident.deactivate", "resident.reactivate", "points.transfer",
    "account.freeze", "account.unfreeze", "appeal.file", "desk.resolve", "staff.reset_pin",
  ].compactMap { Catalogue.kind(named: $0).map { "\($0.number)" } }.joined(separator: ", ")

  /// What the hub decided about a community, its staff, and its people, by the op; and each entry that it
  /// took off a desk.
  static let hubActs: [(name: String, sql: String)] = [
    (
      "hub_acts",
      """
      WITH lists AS (
        SELECT community, reopenings AS ops FROM period WHERE reopenings IS NOT NULL
        UNION SELECT community, reversals FROM expiry_year WHERE reversals IS NOT NULL
        UNION SELECT community, reversals FROM expiry_office WHERE reversals IS NOT NULL
        UNION SELECT payer, reversals FROM settlement WHERE reversals IS NOT NULL
        UNION SELECT payee, reversals FROM settlement WHERE reversals IS NOT NULL
      ), acts AS (
        SELECT id AS op, community FROM staff
        UNION SELECT (CAST(substr(e.value, 1, instr(e.value, '-') - 1) AS INTEGER) << 32)
            + CAST(substr(e.value, instr(e.value, '-') + 1) AS INTEGER), l.community
          FROM lists l, json_each('["' || replace(l.ops, ' ', '","') || '"]') e
        UNION SELECT id, community FROM policy
        UNION SELECT e.op, s.community FROM staff_end e JOIN staff s ON s.id = e.staff
        UNION SELECT p.op, s.community FROM pin_reset p JOIN staff s ON s.id = p.staff
        UNION SELECT d.op, r.community FROM decision d JOIN hub_request q ON q.id = d.request
          JOIN resident r ON r.id = q.resident
        UNION SELECT a.decision, r.community FROM appeal a JOIN resident r ON r.id = a.resident
        UNION SELECT t.op, r.community FROM retirement t JOIN replica r ON r.id = t.replica
        UNION SELECT revoked_by, community FROM replica
        UNION SELECT op, community FROM period
        UNION SELECT op, community FROM expiry_year
        UNION SELECT op, community FROM expiry_office
        UNION SELECT b.op, r.community FROM office_budget b JOIN replica r ON r.id = b.replica
      )
      SELECT op, community FROM (
        SELECT op, community FROM acts
        -- About what an office wrote, or the hub about a community; else each community is told.
        UNION SELECT s.op, c.id FROM resolution s JOIN community c
          LEFT JOIN replica r ON r.id = s.subject >> 32
         WHERE c.id = coalesce(
           r.community, (SELECT a.community FROM acts a WHERE a.op = s.subject), c.id)
      ) WHERE op IS NOT NULL AND op >> 32 NOT IN (SELECT id FROM replica)
      """
    )
  ]
}
