"""Receipts: the runs by which a hub covers other logs (canonical.md §6.1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .op import Op

KIND = 5


@dataclass(frozen=True)
class Run:
    """The ops of one log behind its last receipt, up to `seq`, where the chain hash is `hash`."""

    replica: int
    seq: int
    hash: bytes


def runs(op: Op) -> list[Run]:
    """The runs of a hub's op, in order; none where it is no receipt or does not fit."""
    listed: Any = op.payload.get(1) if op.kind == KIND else None
    if not isinstance(listed, list):
        return []
    found = []
    for record in listed:
        if not isinstance(record, dict):
            return []
        replica, seq, digest = (record.get(key) for key in (1, 2, 3))
        fits = type(replica) is int and type(seq) is int and seq > 0
        if not fits or not isinstance(digest, bytes) or len(digest) != 32:
            return []
        found.append(Run(replica, seq, digest))
    return found
