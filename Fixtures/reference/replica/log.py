"""The set of ops as folds see it: what is admitted, its order, and who may (state.md §1, §4.1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Iterator

from . import chain, receipt, view
from .catalogue import Catalogue
from .ids import IDS_OF_A_LIFE, OpId, Ref, day_of_stamp, is_hub, life_of
from .op import Op, references
from .store import Store

NEVER = (1 << 62, 0, 0)
"""The place of an op without a receipt: behind all that have one (canonical.md §6.2)."""


@dataclass(frozen=True)
class Appointment:
    community: OpId
    roles: int
    valid_from: int
    valid_to: int | None
    person: OpId


class Log:
    """All ops that may be folded here, with what their folds read about writers and people."""

    def __init__(self, store: Store, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self.ops: dict[OpId, Op] = {}
        self.hashes: dict[OpId, bytes] = {}
        for head in store.vouched_heads():
            for op in store.log(head.replica, 0, head.seq):
                self.ops[op.id] = op
                self.hashes[op.id] = store.hash_at(op.id.replica, op.id.seq) or b""
        self.places, self.received = self._receipts()
        self.community_of: dict[int, OpId] = {}
        self.enrolments: dict[OpId, int] = {}
        self.appointments: dict[OpId, Appointment] = {}
        self.admitted: dict[OpId, Op] = {}
        self.parked: list[Op] = []
        self._admit()
        self.ended_on = self._ends()

    def of_kind(self, name: str) -> Iterator[Op]:
        """The admitted ops of a kind, ascending by id."""
        number = self.catalogue.by_name[name].number
        return (op for id, op in sorted(self.admitted.items()) if op.kind == number)

    def is_kind(self, id: OpId | None, *names: str) -> bool:
        op = self.admitted.get(id) if id else None
        return op is not None and self.catalogue.name_of(op.kind) in names

    # Order (canonical.md §6)

    def _receipts(self) -> tuple[dict[OpId, tuple[int, int, int]], dict[OpId, int]]:
        places: dict[OpId, tuple[int, int, int]] = {}
        received: dict[OpId, int] = {}
        covered: dict[tuple[int, int], int] = {}
        for id in sorted(id for id in self.ops if is_hub(id.replica)):
            packed = id.replica << 32 | id.seq
            places[id] = (packed, -1, 0)
            for index, run in enumerate(receipt.runs(self.ops[id])):
                begin = covered.get((id.replica, run.replica), 0)
                covered[id.replica, run.replica] = max(begin, run.seq)
                for seq in range(begin + 1, run.seq + 1):
                    op = OpId(run.replica, seq)
                    if not is_hub(run.replica) and op in self.ops and op not in places:
                        places[op] = (packed, index, seq)
                        received[op] = day_of_stamp(self.ops[id].stamp)
        return places, received

    def place(self, id: OpId) -> tuple[int, int, int]:
        return self.places.get(id, (NEVER[0], 0, id.seq))

    # Admission (§1.2)

    def _admit(self) -> None:
        waiting = sorted(self.ops.values(), key=lambda op: self.place(op.id))
        while waiting:
            rest = [op for op in waiting if not self._try(op)]
            if len(rest) == len(waiting):
                return
            waiting = rest

    def _try(self, op: Op) -> bool:
        """Whether nothing more has to become known about this op."""
        kind = self.catalogue.by_number.get(op.kind)
        if kind is None or view.has_newer_key(op.payload, kind.fields):
            self.parked.append(op)
            return True
        if view.misfit(op.payload, kind.fields) is not None:
            return True
        if not is_hub(op.id.replica) and op.id.replica not in self.community_of:
            return False
        named = op.named()
        if any(id not in self.admitted for id in named):
            return False
        if op.names != chain.names([self.hashes[id] for id in named]):
            return False
        self.admitted[op.id] = op
        self._note(op, kind.name)
        return True

    def _note(self, op: Op, kind: str) -> None:
        if not is_hub(op.id.replica):
            return
        if kind == "replica.enroll":
            replica = op.payload[1]
            issues = IDS_OF_A_LIFE * life_of(replica) == op.id.replica and not is_hub(replica)
            if issues and replica not in self.community_of:
                self.community_of[replica] = op.payload[2].op
                self.enrolments[op.id] = replica
        elif kind == "staff.appoint":
            named = op.payload.get(5)
            before = self.appointments.get(named.op) if named else None
            self.appointments[op.id] = Appointment(
                op.payload[1].op, op.payload[2], op.payload[3], op.payload.get(4),
                before.person if before else op.id,
            )

    def _ends(self) -> dict[OpId, int]:
        """The last day of each appointment that ended (§4.11)."""
        ends = [op for op in self.of_kind("staff.end") if is_hub(op.id.replica)]
        replaced = {ref.op for op in ends for ref in op.payload.get(3, [])}
        found: dict[OpId, int] = {}
        for op in ends:
            if op.id not in replaced:
                staff = op.payload[1].op
                found[staff] = min(found.get(staff, op.payload[2]), op.payload[2])
        return found

    # Who may (§4.1)

    def problem(self, op: Op, ends: bool = True) -> str | None:
        """Why an op's actor had no right to it; `ends` says whether an end takes it away."""
        kind = self.catalogue.by_number[op.kind]
        if is_hub(op.id.replica):
            return None
        if kind.who == ["the hub"]:
            return "only-hub"
        if kind.who == ["the office's program"]:
            return None
        if op.actor is None:
            return "actor-missing"
        staff = self.appointments.get(op.actor)
        numbers = {"clerk": 0, "approver": 1, "grid": 2, "auditor": 3}
        mask = sum(1 << numbers[role] for role in kind.who)
        if (
            staff is None or not staff.roles & mask
            or staff.community != self.community_of.get(op.id.replica)
            or op.occurred_on < staff.valid_from
            or staff.valid_to is not None and op.occurred_on > staff.valid_to
            or ends and op.occurred_on > self.ended_on.get(op.actor, op.occurred_on)
        ):
            return "actor-not-entitled"
        return None

    def person(self, actor: OpId | None) -> OpId | None:
        """Two appointments of one person are one person (§4.1)."""
        staff = self.appointments.get(actor) if actor else None
        return staff.person if staff else actor

    def is_future(self, op: Op) -> bool:
        """`future-date`: later than the day after the receipt (ops.md §1.6)."""
        received = self.received.get(op.id)
        return received is not None and op.occurred_on > received + 1

    def rules(self, op: Op) -> dict[str, int] | None:
        """The rules that an op was made under, by name; None without them (§4.28)."""
        policy = self.admitted.get(op.policy) if op.policy else None
        if policy is None or not self.is_kind(policy.id, "policy.set"):
            return None
        if policy.payload[1].op != self.community_of.get(op.id.replica):
            return None
        fields = self.catalogue.by_number[policy.kind].fields
        return {f.name: policy.payload[f.key] for f in fields if f.key in policy.payload}

    def home(self, account: OpId) -> int:
        """Where an account was opened: the enrolment that it names, or its writer (§3.6, §4.20)."""
        op = self.admitted[account]
        named = op.payload.get(1) if self.is_kind(account, "resident.register") else None
        named_home = self.enrolments.get(named.op) if isinstance(named, Ref) else None
        return named_home or account.replica

    def touched(self, op: Op) -> set[OpId]:
        """What an op's payload names, what those ops name, and what these name (§4.8)."""
        found: set[OpId] = {op.id}
        edge: list[Any] = [op]
        for _ in range(3):
            names = {ref.op for each in edge for ref in references(each.payload)} - found
            found |= names
            edge = [self.ops[id] for id in names if id in self.ops]
        return found
