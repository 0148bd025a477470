/// Views for people: the tables with ids as text, kinds by name, and dates as dates.
///
/// `sqlite3 office.db 'SELECT * FROM residents'` is a documented interface (Protocol/state.md).
enum Views {
  /// Every view, in an order in which each may use those before it.
  static let all: [(name: String, sql: String)] =
    desk + general + entities + people + rights + closing + months + monthCounts + hubActs
    + reports

  /// Those that people list by name; the others are what reports are made of.
  static let listed =
    general.map(\.name) + ["desk_entries"] + (entities + people + rights).map(\.name)

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
        coalesce(c.home,
          -- A retired office's accounts are its successor's.
          (WITH RECURSIVE heir(replica, step) AS (
             SELECT r.home, 0
             UNION ALL SELECT t.successor, step + 1 FROM heir
               JOIN retirement t ON t.replica = heir.replica AND step < 64)
           SELECT replica FROM heir ORDER BY step DESC LIMIT 1)) AS home,
        coalesce(a.balance, 0) AS balance, coalesce(a.earned, 0) AS earned,
        coalesce(a.spent, 0) AS spent, coalesce(a.uncovered, 0) AS uncovered,
        date(r.registered_on * 86400, 'unixepoch') AS registered_on
      FROM resident r LEFT JOIN account a ON a.resident = r.id
        LEFT JOIN custody c ON c.account = r.id
      """
    ),
    (
      "activities",
      """
      SELECT printf('%d-%d', id >> 32, id & 4294967295) AS id, title, points,
        date(held_on * 86400, 'unixepoch') AS held_on,
        (SELECT count(*) FROM award w WHERE w.activity = activity.id AND w.state = 'posted')
          AS awards,
        -- Whether people came is no step that anybody records.
        CASE WHEN state = 'closed' OR NOT EXISTS (
            SELECT 1 FROM attendance t WHERE t.activity = activity.id AND t.op IS NOT NULL)
          THEN state WHEN state = 'cancelled' THEN 'cancelled_with_attendance' ELSE 'running'
          END AS state,
        headcount, starts, ends, place, capacity,
        (SELECT count(DISTINCT t.resident) FROM attendance t
          WHERE t.activity = activity.id AND t.op IS NOT NULL) AS came,
        CASE award_rule WHEN 0 THEN 'fixed' WHEN 1 THEN 'per_hour' WHEN 2 THEN 'per_four_hours'
          WHEN 3 THEN 'tier' END AS award_rule,
        CASE WHEN is_large THEN 'yes' ELSE '' END AS large
      FROM activity
      """
    ),
    (
      "items",
      """
      SELECT printf('%d-%d', i.id >> 32, i.id & 4294967295) AS id, i.name,
        coalesce((SELECT p.points FROM field f JOIN item_price p
           ON p.item = f.entity AND p.op = f.shown
          WHERE f.entity = i.id AND f.field = 0), i.points) AS points, i.value_fen,
        coalesce(t.limit_per_person, i.limit_per_person) AS limit_per_person,
        CASE coalesce(t.limit_period, i.limit_period) WHEN 0 THEN 'month' WHEN 1 THEN 'quarter'
          WHEN 2 THEN 'year' END AS limit_period,
        CASE coalesce(t.min_age, i.min_age) WHEN 1 THEN 14 WHEN 2 THEN 18 END AS min_age,
        coalesce((SELECT sum(on_hand) FROM shelf_item s WHERE s.item = i.id), 0) AS on_hand
      FROM item i LEFT JOIN item_price t ON t.item = i.id AND t.op = (
        -- The terms that were announced last; an entry of them is whole.
        SELECT p.op FROM item_price p WHERE p.item = i.id
          AND coalesce(p.limit_per_person, p.limit_period, p.min_age) IS NOT NULL
        ORDER BY p.valid_from DESC, p.op DESC LIMIT 1)
      """
    ),
    (
      "awards",
      // While no record counts, the first of them names the award.
      """
      SELECT iif(op IS NULL, substr(others, 1, instr(others || ' ', ' ') - 1),
          printf('%d-%d', op >> 32, op & 4294967295)) AS id,
        printf('%d-%d', resident >> 32, resident & 4294967295) AS resident,
        printf('%d-%d', activity >> 32, activity & 4294967295) AS activity,
        session, role, round, state, points, others, reversals, minutes,
        date(occurred_on * 86400, 'unixepoch') AS occurred_on, decisions
      FROM award
      """
    ),
    (
      "attendances",
      """
      SELECT printf('%d-%d', activity >> 32, activity & 4294967295) AS activity,
        printf('%d-%d', resident >> 32, resident & 4294967295) AS resident,
        session, role, state, printf('%d-%d', op >> 32, op & 4294967295) AS id, minutes,
        CASE method WHEN 0 THEN 'qr' WHEN 1 THEN 'list' WHEN 2 THEN 'manual' END AS method,
        date(occurred_on * 86400, 'unixepoch') AS occurred_on, others, steps
      FROM attendance
      """
    ),
    (
      "award_months",
      """
      SELECT printf('%d-%d', resident >> 32, resident & 4294967295) AS resident,
        printf('%04d-%02d', year, month) AS month, counted, points, minutes,
        over_day, over_month, overlapping
      FROM award_month
      """
    ),
    (
      "tier_years",
      """
      SELECT printf('%d-%d', resident >> 32, resident & 4294967295) AS resident, year, minutes,
        points
      FROM tier_year
      """
    ),
    (
      "redemptions",
      """
      SELECT printf('%d-%d', id >> 32, id & 4294967295) AS id,
        printf('%d-%d', resident >> 32, resident & 4294967295) AS resident,
        office, CASE basis WHEN 0 THEN 'home' WHEN 1 THEN 'grant' ELSE 'stand_in' END AS basis,
        points, coins,
        iif(pool IS NULL, NULL, printf('%d-%d', pool >> 32, pool & 4294967295)) AS pool,
        uncovered, state,
        date(occurred_on * 86400, 'unixepoch') AS occurred_on
      FROM redemption
      """
    ),
    (
      "ledger",
      """
      SELECT printf('%d-%d', resident >> 32, resident & 4294967295) AS resident,
        printf('%d-%d', op >> 32, op & 4294967295) AS op, 'award' AS entry, points
      FROM award WHERE state = 'posted' AND basis = 0
      UNION ALL
      -- Under a limit an award counts unless its month holds it back; a scale counts by the year.
      SELECT printf('%d-%d', c.resident >> 32, c.resident & 4294967295),
        printf('%d-%d', c.op >> 32, c.op & 4294967295), 'award', c.points
      FROM award_claim c
      JOIN award_month m ON m.resident = c.resident AND m.year = c.year AND m.month = c.month
      WHERE c.minutes = 0 AND instr(' ' || coalesce(m.over_day, '') || ' ' || coalesce(m.over_month, '') || ' '
        || coalesce(m.overlapping, '') || ' ',
        ' ' || printf('%d-%d', c.op >> 32, c.op & 4294967295) || ' ') = 0
      UNION ALL
      SELECT printf('%d-%d', resident >> 32, resident & 4294967295), 'hours-' || year,
        'award', points
      FROM tier_year
      UNION ALL
      SELECT printf('%d-%d', coalesce(pool, resident) >> 32,
          coalesce(pool, resident) & 4294967295),
        printf('%d-%d', id >> 32, id & 4294967295), 'redemption', -points
      FROM redemption WHERE state != 'pending'
      UNION ALL
      SELECT printf('%d-%d', account >> 32, account & 4294967295),
        printf('%d-%d', op >> 32, op & 4294967295), step, points
      FROM redemption_step WHERE state = 'posted'
      UNION ALL
      SELECT printf('%d-%d', account >> 32, account & 4294967295),
        printf('%d-%d', op >> 32, op & 4294967295), 'coins', points
      FROM coin_points WHERE state = 'posted'
      UNION ALL
      SELECT printf('%d-%d', resident >> 32, resident & 4294967295),
        printf('%d-%d', op >> 32, op & 4294967295), 'offer', -points
      FROM offer_use WHERE state <> 'pending' AND points > 0
      UNION ALL
      SELECT printf('%d-%d', resident >> 32, resident & 4294967295),
        printf('%d-%d', op >> 32, op & 4294967295), 'offer_void', points
      FROM offer_void WHERE state = 'posted' AND points > 0
      UNION ALL
      SELECT printf('%d-%d', from_account >> 32, from_account & 4294967295),
        printf('%d-%d', id >> 32, id & 4294967295), 'gift', -points
      FROM points_transfer WHERE state = 'posted'
      UNION ALL
      SELECT printf('%d-%d', to_account >> 32, to_account & 4294967295),
        printf('%d-%d', id >> 32, id & 4294967295), 'gift', points
      FROM points_transfer WHERE state = 'posted'
      UNION ALL
      SELECT printf('%d-%d', resident >> 32, resident & 4294967295),
        printf('%d-%d', op >> 32, op & 4294967295), 'expiry', -points
      FROM expiry
      UNION ALL
      SELECT printf('%d-%d', resident >> 32, resident & 4294967295),
        printf('%d-%d', op >> 32, op & 4294967295), 'cover', points
      FROM cover WHERE op IS NOT NULL
      UNION ALL
      SELECT printf('%d-%d', resident >> 32, resident & 4294967295),
        printf('%d-%d', op >> 32, op & 4294967295), 'merged', -points
      FROM merged_award
      """
    ),
    (
      "stock",
      """
      SELECT s.office, i.name, s.on_hand, s.received, s.issued, s.adjusted
      FROM shelf_item s JOIN item i ON i.id = s.item
      """
    ),
    (
      "redemption_steps",
      """
      SELECT printf('%d-%d', op >> 32, op & 4294967295) AS id,
        printf('%d-%d', redemption >> 32, redemption & 4294967295) AS redemption,
        step, state, points, date(occurred_on * 86400, 'unixepoch') AS occurred_on
      FROM redemption_step
      """
    ),
    (
      "prices",
      """
      SELECT printf('%d-%d', p.item >> 32, p.item & 4294967295) AS item, i.name,
        printf('%d-%d', p.op >> 32, p.op & 4294967295) AS id, p.points,
        date(p.valid_from * 86400, 'unixepoch') AS valid_from, p.replaces
      FROM item_price p JOIN item i ON i.id = p.item
      """
    ),
    (
      "reservations",
      """
      SELECT printf('%d-%d', r.id >> 32, r.id & 4294967295) AS id, r.office,
        printf('%d-%d', r.resident >> 32, r.resident & 4294967295) AS resident,
        i.name AS item, r.quantity, r.state, date(r.expires_on * 86400, 'unixepoch') AS expires_on
      FROM reservation r JOIN item i ON i.id = r.item
      """
    ),
    (
      "offers",
      """
      SELECT printf('%d-%d', o.id >> 32, o.id & 4294967295) AS id, o.title, o.points, o.per_person,
        o.min_earned, date(o.valid_to * 86400, 'unixepoch') AS valid_to,
        coalesce((SELECT sum(times) FROM offer_use u WHERE u.offer = o.id AND u.state = 'posted'),
          0) AS used
      FROM offer o
      """
    ),
    (
      "transfers",
      """
      SELECT printf('%d-%d', t.id >> 32, t.id & 4294967295) AS id, t.from_office, t.to_office,
        i.name AS item, t.quantity, t.received, t.written_off,
        t.quantity - t.received - t.written_off AS in_transit, t.state
      FROM stock_transfer t JOIN item i ON i.id = t.item
      """
    ),
    (
      "counts",
      """
      SELECT printf('%d-%d', c.id >> 32, c.id & 4294967295) AS id, c.office, i.name AS item,
        c.as_of, c.booked, c.counted, c.counted - c.booked AS difference, c.state
      FROM stock_count c JOIN item i ON i.id = c.item
      """
    ),
    (
      "write_offs",
      """
      SELECT printf('%d-%d', w.id >> 32, w.id & 4294967295) AS id, w.office, i.name AS item,
        w.quantity, NULL AS transfer, w.state
      FROM stock_write_off w JOIN item i ON i.id = w.item
      UNION ALL
      SELECT printf('%d-%d', s.op >> 32, s.op & 4294967295), s.office, i.name, s.quantity,
        printf('%d-%d', s.transfer >> 32, s.transfer & 4294967295), s.state
      FROM transfer_step s JOIN item i ON i.id = s.item WHERE s.step <> 'accept'
      """
    ),
    (
      "coins",
      "SELECT office, denomination, vault, out, destroyed, printed FROM coin_box"
    ),
  ]
}
