import Community

/// Views of the desk: what somebody still has to look at.
extension Views {
  /// The numbers of the kinds that are posted in a month, for SQL.
  static let monthly = Catalogue.kinds.filter(\.isPostedInMonth).map { "\($0.number)" }
    .joined(separator: ", ")

  static let desk: [(name: String, sql: String)] = [
    (
      // The one definition of what stands on the desk; an entry with detail −1 is an op's own. It is
      // off the desk while a resolution that nobody took back (5 is "reopened") says so; that the
      // community bears a loss (4) only while a cover of it counts.
      "desk_open",
      """
      SELECT d.subject, d.reason, d.detail FROM (
        SELECT subject, reason, detail FROM desk
        UNION ALL
        -- What is dated in a closed month and came after it, until the next month is closed.
        SELECT (l.replica << 32) + l.seq, 'late-for-closed-month', -1
        FROM (SELECT community, max(month) AS month FROM period WHERE op IS NOT NULL GROUP BY 1) c
        JOIN replica r ON r.community = c.community
        JOIN log l ON l.replica = r.id AND l.kind IN (\(monthly))
         AND l.seq > coalesce((SELECT b.seq FROM period_basis b WHERE b.community = c.community
               AND b.month = c.month AND b.replica = r.id), 0)
        JOIN period p ON p.community = c.community AND p.op IS NOT NULL
         AND p.month = CAST(strftime('%s', l.occurred_on * 86400, 'unixepoch', 'start of month')
               AS INTEGER) / 86400
      ) d
      WHERE NOT EXISTS(
        SELECT 1 FROM resolution s WHERE s.subject = d.subject AND s.reason = d.reason
           AND s.detail = max(d.detail, 0) AND s.undone_by IS NULL AND s.outcome <> 5
           AND (s.outcome <> 4
             OR EXISTS(SELECT 1 FROM cover c WHERE c.loss = s.subject AND c.op IS NOT NULL)))
      """
    ),
    (
      "desk_entries",
      """
      SELECT printf('%d-%d', subject >> 32, subject & 4294967295) AS subject, reason, detail
      FROM desk_open
      UNION ALL
      SELECT printf('%d-%d', l.op >> 32, l.op & 4294967295), 'body-missing', 0
      FROM body_missing l
      """
    ),
  ]
}
