/// Views of residents' files, households, volunteers, and what the hub decides.
extension Views {
  static let people: [(name: String, sql: String)] = [
    (
      "requests",
      """
      SELECT printf('%d-%d', r.id >> 32, r.id & 4294967295) AS id, k.name AS kind, k.chinese,
        r.state, printf('%d-%d', r.resident >> 32, r.resident & 4294967295) AS resident,
        CASE WHEN r.other IS NOT NULL
          THEN printf('%d-%d', r.other >> 32, r.other & 4294967295) END AS other,
        date(r.until * 86400, 'unixepoch') AS until,
        CASE WHEN d.op IS NOT NULL
          THEN printf('%d-%d', d.op >> 32, d.op & 4294967295) END AS decision
      FROM hub_request r JOIN kind k ON k.number = r.kind LEFT JOIN decision d ON d.request = r.id
      """
    ),
    (
      // Residents of whom there is something to say beside their points.
      "resident_status",
      """
      SELECT printf('%d-%d', id >> 32, id & 4294967295) AS id,
        CASE WHEN representative IS NOT NULL
          THEN printf('%d-%d', representative >> 32, representative & 4294967295) END
          AS representative,
        date(left_on * 86400, 'unixepoch') AS left_on,
        date(frozen_until * 86400, 'unixepoch') AS frozen_until,
        erased_by IS NOT NULL AS is_erased
      FROM resident
      WHERE representative IS NOT NULL OR left_on IS NOT NULL OR frozen_until IS NOT NULL
        OR erased_by IS NOT NULL
      """
    ),
    (
      // The files of one person, each with the points of its own account.
      "person_files",
      """
      SELECT printf('%d-%d', r.id >> 32, r.id & 4294967295) AS resident,
        printf('%d-%d', f.id >> 32, f.id & 4294967295) AS file, f.home,
        coalesce(a.balance, 0) AS balance
      FROM resident r JOIN resident f ON f.representative = r.representative
      LEFT JOIN account a ON a.resident = f.id
      WHERE r.representative IS NOT NULL
      """
    ),
    (
      "departures",
      """
      SELECT printf('%d-%d', resident >> 32, resident & 4294967295) AS resident,
        printf('%d-%d', op >> 32, op & 4294967295) AS id,
        CASE cause WHEN 0 THEN 'moved' WHEN 1 THEN 'died' ELSE 'left' END AS cause,
        date(effective_on * 86400, 'unixepoch') AS effective_on,
        CASE WHEN undone_by IS NOT NULL
          THEN printf('%d-%d', undone_by >> 32, undone_by & 4294967295) END AS undone_by
      FROM departure
      """
    ),
    (
      "merged_awards",
      """
      SELECT printf('%d-%d', op >> 32, op & 4294967295) AS id,
        printf('%d-%d', resident >> 32, resident & 4294967295) AS resident, points,
        printf('%d-%d', counted >> 32, counted & 4294967295) AS counted
      FROM merged_award
      """
    ),
    (
      "consents",
      """
      SELECT printf('%d-%d', resident >> 32, resident & 4294967295) AS resident,
        CASE purpose WHEN 0 THEN 'account' WHEN 1 THEN 'board_name' WHEN 2 THEN 'photo'
          ELSE 'school_share' END AS purpose, state, live,
        CASE WHEN guardian IS NOT NULL
          THEN printf('%d-%d', guardian >> 32, guardian & 4294967295) END AS guardian
      FROM consent
      """
    ),
    (
      "households",
      """
      SELECT printf('%d-%d', h.id >> 32, h.id & 4294967295) AS id,
        json_extract(b.content, '$.building') AS building,
        json_extract(b.content, '$.unit') AS unit,
        json_extract(b.content, '$.strengths') AS strengths,
        json_extract(b.content, '$.needs') AS needs,
        CASE WHEN h.head IS NOT NULL
          THEN printf('%d-%d', h.head >> 32, h.head & 4294967295) END AS head,
        (SELECT count(*) FROM household_member m
          WHERE m.household = h.id AND m.state = 'posted') AS members,
        coalesce((SELECT a.balance FROM account a WHERE a.resident = h.id), 0) AS balance
      FROM household h LEFT JOIN body_link l ON l.op = h.shown
        LEFT JOIN body b ON b.digest = l.digest AND json_valid(b.content)
      """
    ),
    (
      "household_members",
      """
      SELECT printf('%d-%d', id >> 32, id & 4294967295) AS id,
        printf('%d-%d', household >> 32, household & 4294967295) AS household,
        printf('%d-%d', resident >> 32, resident & 4294967295) AS resident, state,
        date(from_on * 86400, 'unixepoch') AS from_on,
        date(until * 86400, 'unixepoch') AS until
      FROM household_member
      """
    ),
    (
      "volunteers",
      """
      SELECT printf('%d-%d', id >> 32, id & 4294967295) AS id,
        printf('%d-%d', resident >> 32, resident & 4294967295) AS resident,
        CASE team_or_circle WHEN 0 THEN 'team' ELSE 'circle' END AS kind, number,
        date(enrolled_on * 86400, 'unixepoch') AS enrolled_on,
        date(left_on * 86400, 'unixepoch') AS left_on
      FROM volunteer
      """
    ),
    (
      "appeals",
      """
      SELECT printf('%d-%d', a.id >> 32, a.id & 4294967295) AS id,
        printf('%d-%d', a.against >> 32, a.against & 4294967295) AS against,
        CASE WHEN a.resident IS NOT NULL
          THEN printf('%d-%d', a.resident >> 32, a.resident & 4294967295) END AS resident,
        date(a.filed_on * 86400, 'unixepoch') AS filed_on,
        date(a.due_on * 86400, 'unixepoch') AS due_on, a.state,
        json_extract(b.content, '$.grounds') AS grounds,
        CASE WHEN a.decision IS NOT NULL
          THEN printf('%d-%d', a.decision >> 32, a.decision & 4294967295) END AS decision,
        CASE WHEN a.remedy IS NOT NULL
          THEN printf('%d-%d', a.remedy >> 32, a.remedy & 4294967295) END AS remedy
      FROM appeal a LEFT JOIN body_link l ON l.op = a.id
        LEFT JOIN body b ON b.digest = l.digest AND json_valid(b.content)
      """
    ),
  ]
}
