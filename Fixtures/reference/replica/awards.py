"""Awards: one record counts for a natural key and round, and limits cut a month (state.md §4.3)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from .ids import OpId, year_and_month
from .log import Log
from .op import Op

Key = tuple[OpId, OpId, int, int]

FIXED, PER_HOUR, PER_FOUR_HOURS, TIER = range(4)
REPORT = 4
NO_WORK = (6, 7, 8)
"""Categories whose awards are no day's work: opening, referral, joining."""

MOST_ROUNDS = 16
MOST_RECORDS = 32


@dataclass(frozen=True)
class Claim:
    """A counted grant that a limit, or the times of its activity, may leave out (§4.3.2)."""

    op: OpId
    day: int
    activity: OpId
    points: int
    minutes: int
    per_day: int | None
    reports: int | None
    times: tuple[int, int] | None
    is_approved: bool


class Awards:
    """`posted` are (resident, points); `unfolded` are residents whose awards need more than this."""

    def __init__(self, log: Log) -> None:
        self.log = log
        self.posted: list[tuple[OpId, int]] = []
        self.unfolded: set[OpId] = set()
        self.rounds: dict[OpId, int | None] = {}
        self.decisions = self._decisions()
        self.reversals = self._reversals()
        self._fold()

    def _fold(self) -> None:
        rounds: dict[tuple[Key, int], list[Op]] = defaultdict(list)
        for op in self.log.of_kind("award.grant"):
            there = self.log.is_kind(op.payload[1].op, "activity.publish")
            there = there and self.log.is_kind(op.payload[2].op, "resident.register")
            number = self._round(op)
            if there and number is not None:
                rounds[key_of(op), number].append(op)
        ended = {
            (key_of(self.log.admitted[id]), self.rounds[id]) for id in self.reversals
        }
        months: dict[tuple[OpId, int, int], list[Claim]] = defaultdict(list)
        for (key, number), grants in rounds.items():
            counted = None if (key, number) in ended else self._counted(grants)
            if counted is not None:
                self._post(counted, months)
        for (resident, _, _), claims in months.items():
            self.posted.append((resident, month_points(claims)))

    # Rounds and reversals (§4.3, §4.4)

    def _round(self, op: Op, depth: int = 0) -> int | None:
        """The round of a grant; None where its chain makes it void."""
        if op.id in self.rounds:
            return self.rounds[op.id]
        number: int | None = 0
        after = op.payload.get(7)
        if after is not None:
            reversal = self.log.admitted.get(after.op)
            named = reversal.payload[1].op if self.log.is_kind(after.op, "award.reverse") else None
            grant = self.log.admitted[named] if self.log.is_kind(named, "award.grant") else None
            if grant is None or key_of(grant) != key_of(op) or depth > MOST_ROUNDS:
                number = None
            else:
                before = self._round(grant, depth + 1)
                step = 1 if self._is_sound(reversal, grant) else 0
                number = None if before is None else before + step
                if number is not None and number > MOST_ROUNDS:
                    number = None
        self.rounds[op.id] = number
        return number

    def _reversals(self) -> set[OpId]:
        """The grants that reversals with effect name."""
        found = set()
        for op in self.log.of_kind("award.reverse"):
            grant = self.log.admitted.get(op.payload[1].op)
            if grant and self.log.is_kind(grant.id, "award.grant") and self._is_sound(op, grant):
                found.add(grant.id)
        for id in found:
            self._round(self.log.admitted[id])
        return found

    def _is_sound(self, reversal: Op, grant: Op) -> bool:
        return (
            self.log.problem(reversal, ends=False) is None
            and self.log.person(reversal.actor) != self.log.person(grant.actor)
            and self._may_judge(reversal, grant)
        )

    def _may_judge(self, step: Op, grant: Op) -> bool:
        """Whether a step is of the recorder's or of the organiser's community."""
        mine = self.log.community_of.get(step.id.replica)
        return mine in (self.log.community_of.get(grant.id.replica), self._organiser(grant))

    def _organiser(self, grant: Op) -> OpId | None:
        return self.log.community_of.get(grant.payload[1].op.replica)

    # Decisions (§4.3.1)

    def _decisions(self) -> dict[OpId, list[Op]]:
        """For each grant its decisions of other recorders, in canonical order."""
        found: dict[OpId, list[Op]] = defaultdict(list)
        room: dict[tuple[OpId, int], int] = defaultdict(int)
        for name in ("award.approve", "award.reject"):
            for op in self.log.of_kind(name):
                for ref in op.payload[1]:
                    grant = self.log.admitted.get(ref.op)
                    if not self.log.is_kind(ref.op, "award.grant") or self.log.problem(op):
                        continue
                    is_other = self.log.person(op.actor) != self.log.person(grant.actor)
                    if is_other and self._may_judge(op, grant):
                        room[grant.id, op.id.replica] += 1
                        if room[grant.id, op.id.replica] <= MOST_RECORDS:
                            found[grant.id].append(op)
        for steps in found.values():
            steps.sort(key=lambda op: self.log.place(op.id))
        return found

    # Which record counts (§4.3)

    def _counted(self, grants: list[Op]) -> Op | None:
        def is_organisers(op: Op) -> bool:
            return self.log.community_of.get(op.id.replica) == self._organiser(op)

        grants = sorted(grants, key=lambda op: (not is_organisers(op), op.id))[:MOST_RECORDS]
        sound = [op for op in grants if self._is_posted(op)]
        own = [op for op in sound if is_organisers(op)]
        if own:
            return own[0]
        return min(
            sound, default=None,
            key=lambda op: (self.value(op)[0], self.value(op)[1], op.id),
        )

    def _is_posted(self, op: Op) -> bool:
        rules = self.log.rules(op)
        if rules is None or self.log.is_future(op):
            return False
        problem = self.log.problem(op)
        if problem not in (None, "actor-not-entitled"):
            return False
        if problem is None and rules.get("award.posting") == 0:
            return True
        decisions = self.decisions.get(op.id)
        return bool(decisions) and self.log.is_kind(decisions[0].id, "award.approve")

    def mode(self, op: Op) -> int:
        activity = self.log.admitted[op.payload[1].op]
        if activity.payload[2] in NO_WORK:
            return FIXED
        rules = self.log.rules(op) or {}
        return activity.payload.get(10, rules.get("award.mode", FIXED))

    def value(self, op: Op) -> tuple[int, int]:
        """Points and minutes of a grant."""
        activity = self.log.admitted[op.payload[1].op]
        rules = self.log.rules(op) or {}
        most = rules.get("award.max_minutes")
        if activity.payload.get(9):
            most = rules.get("award.max_minutes_large", most)
        minutes = op.payload.get(6, 0)
        minutes = minutes if most is None else min(minutes, most)
        mode = self.mode(op)
        if mode in (PER_HOUR, PER_FOUR_HOURS):
            return minutes // (60 if mode == PER_HOUR else 240), minutes
        if mode == TIER:
            return 0, minutes
        claim = op.payload[3]
        decisions = self.decisions.get(op.id)
        waits = self.log.problem(op) is not None or rules.get("award.posting") != 0
        if decisions and waits and self.log.is_kind(decisions[0].id, "award.approve"):
            claim = decisions[0].payload.get(2, claim)
        return min(claim, activity.payload[3]), minutes

    def _post(self, op: Op, months: dict[tuple[OpId, int, int], list[Claim]]) -> None:
        activity = self.log.admitted[op.payload[1].op]
        resident, rules = op.payload[2].op, self.log.rules(op) or {}
        if self.mode(op) == TIER:
            self.unfolded.add(resident)
            return
        points, minutes = self.value(op)
        category, starts, ends = (activity.payload.get(key) for key in (2, 5, 6))
        per_day = None if category in NO_WORK else rules.get("award.max_per_day")
        reports = rules.get("award.max_reports_per_month") if category == REPORT else None
        times = (starts, ends) if starts is not None and ends is not None else None
        if per_day is None and reports is None and times is None:
            self.posted.append((resident, points))
            return
        steps = self.decisions.get(op.id, [])
        months[(resident, *year_and_month(op.occurred_on))].append(Claim(
            op.id, op.occurred_on, activity.id, points, minutes, per_day, reports, times,
            any(self.log.is_kind(step.id, "award.approve") for step in steps),
        ))


def key_of(grant: Op) -> Key:
    """The natural key: activity, resident, session, role (§4.3)."""
    payload = grant.payload
    return payload[1].op, payload[2].op, payload.get(4, 1), payload.get(5, 0)


def month_points(claims: list[Claim]) -> int:
    """What the claims of one resident and month come to (§4.3.2)."""
    kept: list[Claim] = []
    for claim in sorted(claims, key=lambda claim: claim.op):
        if not any(_overlap(claim, other) for other in kept):
            kept.append(claim)
    kept.sort(key=lambda claim: (-claim.points, -claim.minutes, claim.op))
    points = reports = 0
    on_day: dict[int, int] = defaultdict(int)
    for claim in kept:
        if claim.reports is not None:
            if reports >= claim.reports:
                continue
            reports += 1
        if claim.per_day is not None:
            if on_day[claim.day] >= claim.per_day:
                continue
            on_day[claim.day] += 1
        points += claim.points
    return points


def _overlap(claim: Claim, other: Claim) -> bool:
    """Whether two claims of one day are of two activities that have a part of their time in common."""
    if claim.is_approved or other.is_approved or claim.times is None or other.times is None:
        return False
    if claim.day != other.day or claim.activity == other.activity:
        return False
    return claim.times[0] < other.times[1] and other.times[0] < claim.times[1]
