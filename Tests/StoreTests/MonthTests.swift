import Community
import OpLog
import Store
import Testing

/// promise 6 of the ledger, and `COVERAGE.md`, case 23: what is closed stays, and all months together are the ledger.
@Suite struct MonthTests {
  private static let figures = Store.monthFigures

  private func first(_ text: String) throws -> BusinessDate {
    try #require(BusinessDate(month: text))
  }

  private func community(_ street: Street) throws -> OpID {
    try #require(try street.hub.community(named: "平安社区"))
  }

  private func figure(_ name: String, _ report: MonthReport) throws -> Int64 {
    report.figures[try #require(Self.figures.firstIndex(of: name))]
  }

  /// Closes January 2026 at the hub, as its tables stand.
  @discardableResult
  private func close(_ street: Street) throws -> OpID { try street.closeJanuary() }

  private func redeem(_ street: Street, on date: String) throws -> OpID {
    let item = PayloadValue.reference(try #require(street.item))
    return try street.record(
      street.offices[0], "redemption.record",
      [
        "resident": .reference(street.residents[0]), "basis": .integer(0),
        "lines": .records([[item, .integer(1), .integer(3)]]),
      ], on: Int64(try #require(BusinessDate(date)).day))
  }

  @Test func `a busy month comes to what was done in it`() throws {
    let street = try Street.afterABusyDay()
    let report = try street.hub.month(try first("2026-01"), of: try community(street))
    #expect(report.close == nil)
    #expect(try figure("activities", report) == 1)
    // A sheet entered twice counts once; the award that was taken back leaves again.
    #expect(try figure("points_granted", report) == 4 - 4 + 4 + 2)
    #expect(try figure("people", report) == 2)
    #expect(try figure("attendances", report) == 2)
    #expect(try figure("reversals", report) == 1)
    #expect(try figure("points_redeemed", report) == 12)
    #expect(try figure("pieces", report) == 4)
    #expect(try figure("donations", report) == 1)
  }

  @Test func `23: what comes late is posted in the current month; the closed one stays`() throws {
    let street = try Street.afterABusyDay()
    let close = try close(street)
    let (january, february) = (try first("2026-01"), try first("2026-02"))
    let id = try community(street)
    let before = try street.hub.month(january, of: id)
    #expect(before.close == close)
    let late = try redeem(street, on: "2026-01-12")
    try street.exchange()
    for store in [street.hub] + street.offices {
      #expect(try store.month(january, of: id) == before)
      let report = try store.month(february, of: id)
      #expect(try figure("points_redeemed", report) == 3)
      let desk = try store.listing(of: "desk_entries", where: ("subject", late.description))
      #expect(desk.rows.contains { $0[1] == DeskReason.lateForClosedMonth.rawValue })
      let ledger = try store.report("ledger", month: february, of: id)
      #expect(ledger.rows.contains { $0[0] == "2026-01-12" && $0.last == "late" })
    }
  }

  @Test func `an award of a closed month that is taken back is in the current one`() throws {
    let street = try Street.afterABusyDay()
    let award = try street.record(
      street.offices[1], "award.grant",
      [
        "activity": .reference(try #require(street.activity)),
        "resident": .reference(street.residents[1]), "points": .integer(5),
        "session": .integer(7),
      ])
    try street.exchange()
    try close(street)
    try street.record(
      street.offices[0], "award.reverse", ["award": .reference(award), "cause": .integer(1)],
      by: 1, on: Int64(try first("2026-02").day))
    try street.exchange()
    let (january, february) = (try first("2026-01"), try first("2026-02"))
    let id = try community(street)
    let closed = try street.hub.month(january, of: id)
    let open = try street.hub.month(february, of: id)
    #expect(try figure("points_granted", open) == -5)
    #expect(try figure("reversals", open) == 1)
    let earned = try street.hub.rows(of: Tables.account).reduce(0) { $0 + ($1[2].integer ?? 0) }
    #expect(
      try figure("points_granted", closed) + figure("points_granted", open) == earned)
  }

  private func award(
    _ street: Street, _ resident: Int, minutes: Int64? = nil, after reversal: OpID? = nil
  ) throws -> OpID {
    let values: [String: PayloadValue?] = [
      "activity": .reference(try #require(street.activity)),
      "resident": .reference(street.residents[resident]), "points": .integer(1),
      "session": .integer(8), "minutes": minutes.map(PayloadValue.integer),
      "after": reversal.map(PayloadValue.reference),
    ]
    return try street.record(street.offices[0], "award.grant", values.compactMapValues { $0 })
  }

  private func checkIn(_ street: Street, _ resident: Int, role: Int64 = 0) throws -> OpID {
    try street.record(
      street.offices[0], "attendance.check_in",
      [
        "activity": .reference(try #require(street.activity)),
        "resident": .reference(street.residents[resident]), "session": .integer(8),
        "role": .integer(role), "method": .integer(1),
      ])
  }

  @Test func `hours come from attendance, and none that comes late changes a closed month`() throws
  {
    let street = try Street.afterABusyDay()
    let (january, february) = (try first("2026-01"), try first("2026-02"))
    let id = try community(street)
    let typed = try award(street, 0, minutes: 120)
    // Somebody who came in two roles took part once, whatever the award says.
    let came = try checkIn(street, 1)
    _ = try checkIn(street, 1, role: 1)
    _ = try award(street, 1, minutes: 300)
    try street.record(
      street.offices[0], "attendance.check_out",
      ["check_in": .reference(came), "minutes": .integer(45)])
    try street.exchange()
    let before = try street.hub.month(january, of: id)
    #expect(try figure("attendances", before) == 4)
    #expect(try figure("people", before) == 2)
    #expect(try figure("minutes", before) == 120 + 45)
    // Where others checked in, an approver is told of whom nobody did.
    let unseen = try street.hub.unattended().map(\.award)
    #expect(Set(unseen).isSuperset(of: [typed]))
    let audit = try street.hub.report("audit", month: january, of: id)
    #expect(audit.rows.contains { $0[1] == typed.description && $0.last == "unattended" })
    try close(street)

    func expect(_ attendances: Int64, _ minutes: Int64) throws {
      try street.exchange()
      for store in [street.hub] + street.offices {
        #expect(try store.month(january, of: id).figures == before.figures)
        let report = try store.month(february, of: id)
        #expect(try figure("attendances", report) == attendances)
        #expect(try figure("minutes", report) == minutes)
        let basis = try store.basis(ofMonth: january, of: id)
        let again = try MonthWitness(store).month(january, of: id, below: basis)
        #expect(again.figures == before.figures)
      }
    }
    try street.record(
      street.offices[1], "attendance.supplement",
      [
        "activity": .reference(try #require(street.activity)),
        "resident": .reference(street.residents[0]), "session": .integer(8),
        "minutes": .integer(90), "witness": .reference(street.staff[1]),
      ])
    try expect(0, -30)
    // Nobody came: whatever the sheet says, that was no part.
    let reversal = try street.record(
      street.offices[0], "award.reverse",
      ["award": .reference(typed), "cause": .integer(1)], by: 1, on: Int64(february.day))
    try expect(-1, -120)
    _ = try award(street, 0, after: reversal)
    try expect(0, -30)
  }

  @Test(
    "a record that lost to one which came later keeps the part in its month",
    arguments: [true, false]
  )
  func beaten(isAttendance: Bool) throws {
    let street = try Street.afterABusyDay()
    let (january, february) = (try first("2026-01"), try first("2026-02"))
    let id = try community(street)
    func record(at office: Int, session: Int64 = 8) throws {
      var values: [String: PayloadValue] = [
        "activity": .reference(try #require(street.activity)),
        "resident": .reference(street.residents[0]), "session": .integer(session),
      ]
      values[isAttendance ? "method" : "points"] = .integer(1)
      try street.record(
        street.offices[office], isAttendance ? "attendance.check_in" : "award.grant", values,
        on: Int64(try #require(BusinessDate("2026-01-12")).day))
    }
    // Of two offices of the organiser the one with the lower id counts.
    try record(at: 1)
    try street.exchange()
    try close(street)
    let before = try street.hub.month(january, of: id)
    #expect(try figure("attendances", before) == 3)
    try record(at: 0)
    try street.exchange()
    for store in [street.hub] + street.offices {
      let report = try store.month(february, of: id)
      #expect(try figure("people", report) == 0)
      #expect(try figure("attendances", report) == 0)
      let place = try #require(Self.figures.firstIndex(of: "attendances"))
      #expect(report.corrections[place] == 0)
    }
    // What was not there is of the month in which it came.
    try record(at: 0, session: 9)
    try street.exchange()
    #expect(try figure("people", street.hub.month(february, of: id)) == 1)
  }

  @Test func `what is no work, no minutes, or at the time of another part is no hour`() throws {
    let street = try Street.afterABusyDay()
    let id = try community(street)
    func hours() throws -> [Int64] {
      try street.exchange()
      let report = try street.hub.month(try first("2026-01"), of: id)
      return try [figure("attendances", report), figure("minutes", report)]
    }
    let before = try hours()
    func activity(category: Int64, from starts: Int64? = nil) throws -> OpID {
      var values: [String: PayloadValue] = [
        "title": .text("Cleaning"), "category": .integer(category), "points": .integer(5),
        "held_on": .integer(20_466),
      ]
      values["starts"] = starts.map(PayloadValue.integer)
      values["ends"] = starts.map { .integer($0 + 90) }
      return try street.record(street.offices[0], "activity.publish", values)
    }
    func take(part activity: OpID, minutes: Int64, isSupplement: Bool = false) throws {
      var values: [String: PayloadValue] = [
        "activity": .reference(activity), "resident": .reference(street.residents[0]),
      ]
      if isSupplement {
        (values["minutes"], values["witness"]) = (.integer(minutes), .reference(street.staff[1]))
        try street.record(street.offices[0], "attendance.supplement", values)
      } else {
        (values["minutes"], values["points"]) = (.integer(minutes), .integer(1))
        try street.record(street.offices[0], "award.grant", values)
      }
    }
    for category in 6...8 as ClosedRange<Int64> {
      let other = try activity(category: category)
      try take(part: other, minutes: 60)
      try take(part: other, minutes: 60, isSupplement: true)
    }
    try take(part: try activity(category: 0), minutes: 0, isSupplement: true)
    #expect(try hours() == before)
    // Of two at one time one has no minutes.
    for starts in [540, 600] as [Int64] {
      try take(part: try activity(category: 0, from: starts), minutes: 60)
    }
    #expect(try hours() == [before[0] + 2, before[1] + 60])
  }

  @Test func `a part is in the community that recorded it, and in no other`() throws {
    let street = try Street(neighbour: "金辰园社区")
    for (number, office) in street.offices.enumerated() {
      try street.record(
        office, "attendance.check_in",
        [
          "activity": .reference(try #require(street.activity)),
          "resident": .reference(street.residents[number]), "method": .integer(1),
        ], by: number)
    }
    try street.exchange()
    for name in ["平安社区", "金辰园社区"] {
      let id = try #require(try street.hub.community(named: name))
      let report = try street.hub.month(try first("2026-01"), of: id)
      #expect(try figure("attendances", report) == 1)
    }
  }

  @Test func `a record that only waits keeps no part in its month`() throws {
    let street = try Street.afterABusyDay()
    let (january, february) = (try first("2026-01"), try first("2026-02"))
    let id = try community(street)
    func supplement(at office: Int, witness: Int) throws -> OpID {
      try street.record(
        street.offices[office], "attendance.supplement",
        [
          "activity": .reference(try #require(street.activity)),
          "resident": .reference(street.residents[0]), "session": .integer(8),
          "minutes": .integer(60), "witness": .reference(street.staff[witness]),
        ], on: Int64(try #require(BusinessDate("2026-01-12")).day))
    }
    // Its witness is its recorder.
    let waiting = try supplement(at: 1, witness: 0)
    try street.exchange()
    #expect(try street.hub.verdict(of: waiting).outcome == .pending)
    try close(street)
    _ = try supplement(at: 0, witness: 1)
    try street.exchange()
    #expect(try figure("people", street.hub.month(february, of: id)) == 1)
    #expect(try street.hub.month(january, of: id).close != nil)
  }

  @Test func `a closed month's totals follow from the ops below its basis`() throws {
    let street = try Street.afterABusyDay()
    try close(street)
    _ = try redeem(street, on: "2026-01-12")
    try street.exchange()
    let (january, id) = (try first("2026-01"), try community(street))
    for store in [street.hub] + street.offices {
      let basis = try store.basis(ofMonth: january, of: id)
      let again = try MonthWitness(store).month(january, of: id, below: basis)
      #expect(try again.figures == store.month(january, of: id).figures)
      #expect(again.close == nil)
    }
  }

  @Test func `what ends with a year is the same after a rebuild`() throws {
    let street = try Street.afterABusyDay()
    let id = try community(street)
    let rules = try street.write(
      street.hub, "policy.set",
      ["community": .reference(id), "award.posting": .integer(0), "points.expiry": .integer(1)])
    try street.exchange()
    let activity = PayloadValue.reference(try #require(street.activity))
    var draft = try street.draft(
      "award.grant",
      [
        "activity": activity, "resident": .reference(street.residents[1]), "points": .integer(5),
        "session": .integer(9),
      ], on: Int64(try first("2025-06").day))
    draft.actor = street.staff[0]
    draft.policy = rules
    let ready = draft
    try street.offices[1].write { () throws(StoreError) in
      _ = try street.offices[1].append(ready, stamp: street.now)
    }
    try street.exchange()
    try street.write(
      street.hub, "points.expire_year",
      ["community": .reference(id), "year": .integer(2025), "rule": .integer(0)])
    try street.exchange()
    for store in [street.hub] + street.offices {
      let expired = try store.rows(Tables.expiry, under: [street.residents[1].packed])
      #expect(expired.map { $0[2] } == [.integer(5)])
      let digest = try store.tablesDigest()
      try store.rebuild()
      #expect(try store.tablesDigest() == digest)
    }
  }
}

extension Street {
  /// Closes January 2026 at the hub, as its tables stand, and tells everybody.
  @discardableResult
  func closeJanuary() throws -> OpID {
    let community = try #require(try hub.community(named: "平安社区"))
    let month = try #require(BusinessDate(month: "2026-01"))
    let report = try hub.month(month, of: community)
    var values: [String: PayloadValue] = [
      "community": .reference(community), "month": .integer(Int64(month.day)),
      "basis": .records(
        try hub.replicas().map { replica in
          let seq = try hub.foldedHead(of: replica).seq
          return [.integer(Int64(replica.rawValue)), .integer(Int64(seq))]
        }),
    ]
    for (name, value) in zip(Store.monthFigures, report.figures) { values[name] = .integer(value) }
    let id = try write(hub, "period.close", values)
    try exchange()
    return id
  }
}
