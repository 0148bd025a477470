"""Balances of accounts from the kinds that are folded here (state.md §3.7); README.md lists them.

An account that anything else may have moved is unknown: no number is better than a wrong one.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from .awards import Awards
from .ids import OpId
from .log import Log
from .op import Op

FOLDED = {
    "street.define", "community.define", "replica.enroll", "receipt", "staff.appoint",
    "staff.end", "policy.set", "resident.register", "activity.publish", "award.grant",
    "award.reverse", "award.approve", "award.reject", "item.define", "redemption.record",
    "points.transfer",
}

MOVES_NO_POINTS = {
    "replica.revoke", "hub.begin", "hub.adopt", "staff.reset_pin", "resident.update",
    "resident.merge", "resident.unmerge", "resident.erase", "consent.set",
    "household.upsert_file", "household.set_member", "volunteer.enroll", "volunteer.leave",
    "account.freeze", "account.unfreeze", "appeal.file", "appeal.decide", "activity.close",
    "attendance.check_in", "attendance.check_out", "attendance.supplement", "item.reprice",
    "reservation.place", "reservation.release", "reservation.collect", "offer.publish",
    "coin.adjust", "standin.cover", "standin.owed", "rights.grant", "rights.request",
    "rights.return", "budget.set", "stock.receive", "stock.send", "stock.accept", "stock.count",
    "stock.write_off", "period.close", "period.reopen", "settlement.post", "desk.resolve",
}
"""Kinds whose rows post no points, and that no row read here depends on.

Merges count only by the `request.decide` that approves them, which is looked at instead.
"""

BY_COMMUNITY = {"points.expire_year", "closing.reverse"}


@dataclass
class Balance:
    points: int = 0
    unknown: set[str] = field(default_factory=set)
    """The kinds for whose sake the number is not known."""


class Ledger:
    """`balances` has every account, by the id of the op that opened it."""

    def __init__(self, log: Log) -> None:
        self.log = log
        self.balances: dict[OpId, Balance] = {}
        for kind in ("resident.register", "household.upsert_file"):
            for op in log.of_kind(kind):
                if kind == "resident.register" or 1 not in op.payload:
                    self.balances[op.id] = Balance()
        awards = Awards(log)
        for resident, points in awards.posted:
            self.balances[resident].points += points
        for resident in awards.unfolded:
            self._doubt(resident, "award.grant by tier")
        self._redemptions()
        self._transfers()
        self._doubts()

    def _redemptions(self) -> None:
        """Goods that left the shelf stay gone, whoever recorded them (§4.5, §4.29.2)."""
        for op in self.log.of_kind("redemption.record"):
            pool, collector = op.payload.get(6), op.payload.get(7)
            payer = pool.op if pool else op.payload[1].op
            there = self.log.is_kind(op.payload[1].op, "resident.register")
            there = there and all(
                self.log.is_kind(line[1].op, "item.define") for line in op.payload[2]
            )
            if collector is not None:
                there = there and self.log.is_kind(collector.op, "resident.register")
            if not there or payer not in self.balances or self.log.is_future(op):
                continue
            self.balances[payer].points -= sum(line[2] * line[3] for line in op.payload[2])
            if 5 in op.payload:
                self._doubt(payer, "redemption.record with coins")

    def _transfers(self) -> None:
        """Count with standing only (§4.20); who is home after a give is not followed here."""
        moved = set()
        for op in self.log.of_kind("custody.give"):
            moved.add(op.payload[1].op)
        retired = {
            self.log.enrolments.get(op.payload[1].op) for op in self.log.of_kind("replica.retire")
        }
        for op in self.log.of_kind("points.transfer"):
            giver, taker = op.payload[1].op, op.payload[2].op
            if giver not in self.balances or taker not in self.balances or giver == taker:
                continue
            home = self.log.home(giver)
            if giver in moved or home in retired or op.id.replica in retired:
                self._doubt(giver, "points.transfer after a give")
                self._doubt(taker, "points.transfer after a give")
            elif home == op.id.replica and not self.log.problem(op) and not self.log.is_future(op):
                self.balances[giver].points -= op.payload[3]
                self.balances[taker].points += op.payload[3]

    # What is not folded

    def _doubts(self) -> None:
        for op in self.log.parked:
            self._doubt_all(op, self.log.catalogue.name_of(op.kind))
        for op in self.log.admitted.values():
            kind = self.log.catalogue.name_of(op.kind)
            if op.was is not None:
                self._doubt_all(op, f"{kind} recorded again")
            elif kind in BY_COMMUNITY or kind == "hub.succeed" and self._is_bound(op):
                for account in self.balances:
                    self._doubt(account, kind)
            elif kind == "request.decide":
                request = self.log.admitted.get(op.payload[1].op)
                merges = ("resident.merge", "resident.unmerge")
                if op.payload[2] == 0 and request and self.log.is_kind(request.id, *merges):
                    self._doubt_all(op, kind)
            elif kind == "replica.retire":
                self._doubt_late(op)
            elif kind == "custody.give":
                pass  # It decides who may spend, which only transfers depend on here.
            elif kind == "hub.succeed":
                pass  # Nothing is held behind the heads that it names.
            elif kind not in FOLDED and kind not in MOVES_NO_POINTS:
                self._doubt_all(op, kind)

    def _is_bound(self, succession: Op) -> bool:
        """Whether former hubs wrote behind the heads that are named: decisions that are late."""
        ends = {record[1]: record[2] for record in succession.payload[1]}
        return any(id.seq > ends.get(id.replica, id.seq) for id in self.log.admitted)

    def _doubt_late(self, retirement: Op) -> None:
        """Decisions behind the head at which a log was bound do not count (§1.4)."""
        replica = self.log.enrolments.get(retirement.payload[1].op)
        for op in self.log.admitted.values():
            name = self.log.catalogue.name_of(op.kind)
            is_decision = name in ("award.approve", "award.reject", "award.reverse")
            if op.id.replica == replica and op.id.seq > retirement.payload[2] and is_decision:
                self._doubt_all(op, f"late {name}")

    def _doubt_all(self, op: Op, why: str) -> None:
        touched = self.log.touched(op)
        for account in touched & set(self.balances):
            self._doubt(account, why)
        activities = {id for id in touched if self.log.is_kind(id, "activity.publish")}
        if not activities or self._is_about_one_award(op):
            return
        for grant in self.log.of_kind("award.grant"):
            if grant.payload[1].op in activities:
                self._doubt(grant.payload[2].op, why)

    def _is_about_one_award(self, op: Op) -> bool:
        """Whether an op is of a kind that reaches an activity only through an award or a person."""
        kind = self.log.catalogue.by_number.get(op.kind)
        return kind is not None and not kind.name.startswith("activity.")

    def _doubt(self, account: OpId, why: str) -> None:
        if account in self.balances:
            self.balances[account].unknown.add(why)
