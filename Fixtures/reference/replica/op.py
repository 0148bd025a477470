"""The envelope of an op, and what it names: canonical.md §3."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Iterator

from . import cbor
from .ids import MAX_DAY, MAX_STAMP, Malformed, OpId, Ref

MAX_KIND = 65_535
MOST_BYTES = 32_768
MOST_LEVELS = 6
MOST_REFERENCES = 64


@dataclass(frozen=True)
class Op:
    """One fact in one log. `payload` maps keys to values of `cbor`."""

    id: OpId
    stamp: int
    kind: int
    occurred_on: int
    payload: dict[int, Any]
    actor: OpId | None = None
    policy: OpId | None = None
    names: bytes | None = None
    body: bytes | None = None
    was: bytes | None = None

    def encoded(self) -> bytes:
        """The canonical bytes (§3). Raises `Malformed` for an op that breaks a limit."""
        check(self)
        fields: dict[int, Any] = {
            1: self.id.replica, 2: self.id.seq, 3: self.stamp, 4: self.kind,
            6: self.occurred_on, 8: self.payload,
        }
        for key, pair in ((5, self.actor), (7, self.policy)):
            if pair is not None:
                fields[key] = [pair.replica, pair.seq]
        for key, data in ((9, self.names), (10, self.body), (11, self.was)):
            if data is not None:
                fields[key] = data
        data = cbor.encode(fields)
        if len(data) > MOST_BYTES:
            raise Malformed("an op of more than 32 KiB")
        return data

    def named(self) -> list[OpId]:
        """Policy, actor, and every reference, each once, ascending (§3.1)."""
        found = {reference.op for reference in references(self.payload)}
        found.update(pair for pair in (self.actor, self.policy) if pair is not None)
        return sorted(found)


def decode(data: bytes) -> Op:
    """The op whose canonical bytes `data` are."""
    if len(data) > MOST_BYTES:
        raise Malformed("an op of more than 32 KiB")
    fields = cbor.decode(data)
    if not isinstance(fields, dict) or not set(fields) <= set(range(1, 12)):
        raise Malformed("no envelope")
    missing = {1, 2, 3, 4, 6, 8} - set(fields)
    if missing:
        raise Malformed(f"the envelope lacks {sorted(missing)}")
    op = Op(
        id=cbor.op_id([fields[1], fields[2]]), stamp=fields[3], kind=fields[4],
        occurred_on=fields[6], payload=fields[8],
        actor=cbor.op_id(fields[5]) if 5 in fields else None,
        policy=cbor.op_id(fields[7]) if 7 in fields else None,
        names=fields.get(9), body=fields.get(10), was=fields.get(11),
    )
    check(op)
    return op


def check(op: Op) -> None:
    """The ranges of the envelope and the limits of the payload (§1.3, §2.5, limits.md)."""
    for value, least, most in (
        (op.stamp, 0, MAX_STAMP), (op.kind, 1, MAX_KIND), (op.occurred_on, 0, MAX_DAY),
    ):
        if type(value) is not int or not least <= value <= most:
            raise Malformed("the envelope has a number that it may not have")
    for data, size in ((op.names, 8), (op.body, 32), (op.was, 32)):
        if data is not None and (not isinstance(data, bytes) or len(data) != size):
            raise Malformed("the envelope has bytes of a wrong length")
    if not isinstance(op.payload, dict):
        raise Malformed("a payload is a map")
    if levels(op.payload) > MOST_LEVELS:
        raise Malformed("a payload of more than 6 levels")
    if sum(1 for _ in references(op.payload)) > MOST_REFERENCES:
        raise Malformed("more than 64 references")


def references(value: Any) -> Iterator[Ref]:
    """Every reference in a value, in order. Kinds that nobody knows here have them too (§2.3)."""
    if isinstance(value, Ref):
        yield value
    elif isinstance(value, (list, dict)):
        for element in value.values() if isinstance(value, dict) else value:
            yield from references(element)


def levels(value: Any) -> int:
    """On how many levels values stand inside one; a reference is one value (§2.5)."""
    if isinstance(value, (list, dict)):
        inner = value.values() if isinstance(value, dict) else value
        return max((1 + levels(each) for each in inner), default=0)
    return 0
