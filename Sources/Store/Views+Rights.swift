/// Views of rights away from home, and of what offices may have out on trust.
extension Views {
  static let rights: [(name: String, sql: String)] = [
    (
      // What an office holds of an account of another office.
      "rights",
      """
      SELECT g.holder AS office, printf('%d-%d', g.account >> 32, g.account & 4294967295) AS account,
        coalesce(h.held, 0) AS held, g.granted, g.returned, g.spent
      FROM granted_right g
        LEFT JOIN held_right h ON h.holder = g.holder AND h.account = g.account
      """
    ),
    (
      "rights_requests",
      """
      SELECT printf('%d-%d', id >> 32, id & 4294967295) AS id, holder AS office,
        printf('%d-%d', account >> 32, account & 4294967295) AS account, points,
        date(occurred_on * 86400, 'unixepoch') AS occurred_on,
        CASE WHEN answer IS NULL THEN 'waiting' WHEN granted > 0 THEN 'granted'
          WHEN answer >> 32 = holder THEN 'withdrawn' ELSE 'refused' END AS state,
        granted,
        CASE WHEN answer IS NOT NULL
          THEN printf('%d-%d', answer >> 32, answer & 4294967295) END AS answer
      FROM rights_request
      """
    ),
    (
      // What the street set for an office; where it set nothing, the office's rules say it.
      "budgets",
      """
      SELECT b.replica AS office, r.label, b.points, coalesce(o.uncovered, 0) AS uncovered,
        printf('%d-%d', b.op >> 32, b.op & 4294967295) AS op
      FROM office_budget b JOIN replica r ON r.id = b.replica LEFT JOIN office o USING (replica)
      """
    ),
  ]
}
