"""The hash chain, heads, seals, and what `names` says: canonical.md §3.3, §4, and §5."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass

from .ids import Malformed, from_base64, from_hex, to_base64


@dataclass(frozen=True, order=True)
class Life:
    """A hub's incarnation: a number and 64 random bits."""

    number: int
    random: bytes

    def json(self) -> dict[str, object]:
        return {"number": self.number, "random": self.random.hex()}

    @classmethod
    def parse(cls, value: object) -> Life:
        if not isinstance(value, dict) or type(value.get("number")) is not int:
            raise Malformed("no incarnation")
        return cls(value["number"], from_hex(value.get("random"), 8))


@dataclass(frozen=True)
class Head:
    """A log up to a place (§5.1)."""

    replica: int
    seq: int
    hash: bytes

    def encoded(self) -> bytes:
        return self.replica.to_bytes(4, "big") + self.seq.to_bytes(8, "big") + self.hash

    def json(self) -> dict[str, object]:
        return {"replica": self.replica, "seq": self.seq, "hash": to_base64(self.hash)}

    @classmethod
    def parse(cls, value: object, replica: int | None = None) -> Head:
        """A head as JSON; where the message does not say the replica, `replica` is it."""
        if not isinstance(value, dict):
            raise Malformed("no head")
        writer = value.get("replica") if replica is None else replica
        seq = value.get("seq")
        if type(writer) is not int or type(seq) is not int or seq < 0:
            raise Malformed("no head")
        return cls(writer, seq, from_base64(value.get("hash"), 32))


def start(street: bytes, life: Life, replica: int) -> bytes:
    """hash(0) of a log (§4.1); `life` issued the id, or is the hub itself."""
    return hashlib.sha256(
        b"linli/1" + street + life.number.to_bytes(4, "big") + life.random
        + replica.to_bytes(4, "big")
    ).digest()


def link(before: bytes, op: bytes) -> bytes:
    """hash(n) from hash(n − 1) and the canonical bytes of op n (§4.2)."""
    return hashlib.sha256(before + op).digest()


def names(hashes: list[bytes]) -> bytes | None:
    """What an op says of the ops that it names, whose chain hashes are given in order (§3.3)."""
    return hashlib.sha256(b"".join(hashes)).digest()[:8] if hashes else None


def seal(secret: bytes, head: Head) -> bytes:
    """An office's seal of its own head (§5.3)."""
    return hmac.digest(secret, head.encoded(), "sha256")


def hub_seal(secret: bytes, head: Head, successor_seal: bytes) -> bytes:
    """The hub's seal of its head for the office with this secret (§5.3)."""
    return hmac.digest(secret, head.encoded() + successor_seal, "sha256")


def is_sealed(secret: bytes, head: Head, given: bytes, successor_seal: bytes) -> bool:
    return hmac.compare_digest(given, hub_seal(secret, head, successor_seal))
