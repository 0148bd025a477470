"""Ids, dates, and bytes as text: canonical.md §1 and §7.2."""

from __future__ import annotations

import base64
import binascii
import datetime
import re
from dataclasses import dataclass
from typing import Any

MAX_REPLICA = 2**31 - 1
MAX_SEQ = 2**32 - 1
MAX_DAY = 2_932_896
MAX_STAMP = 2**53 - 1
IDS_OF_A_LIFE = 4096
"""A hub's n-th life is replica 4096 × n and issues the ids above it (§1.1)."""

_EPOCH = datetime.date(1970, 1, 1)
_CHINA = datetime.timedelta(hours=8)


class Malformed(ValueError):
    """Bytes or text that the documents do not allow."""


@dataclass(frozen=True, order=True)
class OpId:
    """One op: the replica that wrote it, and its place in that one's log (§1.2)."""

    replica: int
    seq: int

    def __post_init__(self) -> None:
        if not (1 <= self.replica <= MAX_REPLICA and 1 <= self.seq <= MAX_SEQ):
            raise Malformed(f"no op id: {self.replica}-{self.seq}")

    def __str__(self) -> str:
        return f"{self.replica}-{self.seq}"

    @classmethod
    def parse(cls, text: Any) -> OpId:
        if not isinstance(text, str) or not re.fullmatch(r"[1-9][0-9]{0,9}-[1-9][0-9]{0,9}", text):
            raise Malformed(f"no op id: {text!r}")
        replica, seq = text.split("-")
        return cls(int(replica), int(seq))


@dataclass(frozen=True, order=True)
class Ref:
    """A reference in a payload (§2.3). It is not the plain pair that actor and policy are."""

    op: OpId


def life_of(replica: int) -> int:
    """The number of the hub's life that issued an id, or that a hub is (§1.1)."""
    return replica // IDS_OF_A_LIFE


def is_hub(replica: int) -> bool:
    return replica % IDS_OF_A_LIFE == 0


def day_text(day: int) -> str:
    return (_EPOCH + datetime.timedelta(days=day)).isoformat()


def parse_day(text: Any) -> int:
    if not isinstance(text, str) or not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        raise Malformed(f"no date: {text!r}")
    try:
        day = (datetime.date.fromisoformat(text) - _EPOCH).days
    except ValueError as error:
        raise Malformed(f"no date: {text!r}") from error
    if not 0 <= day <= MAX_DAY:
        raise Malformed(f"no date: {text!r}")
    return day


def day_of_stamp(stamp: int) -> int:
    """The day in China of a wall clock in milliseconds (§1.3)."""
    moment = datetime.datetime(1970, 1, 1) + datetime.timedelta(milliseconds=stamp) + _CHINA
    return (moment.date() - _EPOCH).days


def year_and_month(day: int) -> tuple[int, int]:
    date = _EPOCH + datetime.timedelta(days=day)
    return date.year, date.month


def to_base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def from_base64(text: Any, size: int | None = None) -> bytes:
    """Base64url without padding; only the one text that the bytes have."""
    if not isinstance(text, str):
        raise Malformed(f"no base64url: {text!r}")
    try:
        data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError) as error:
        raise Malformed(f"no base64url: {text!r}") from error
    if to_base64(data) != text or (size is not None and len(data) != size):
        raise Malformed(f"no base64url of that length: {text!r}")
    return data


def from_hex(text: Any, size: int) -> bytes:
    if not isinstance(text, str) or not re.fullmatch(f"[0-9a-f]{{{2 * size}}}", text):
        raise Malformed(f"no {2 * size} hexadecimal digits: {text!r}")
    return bytes.fromhex(text)
