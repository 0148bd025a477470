"""Becoming an office with a one-time code: sync.md §2."""

from __future__ import annotations

import secrets
from typing import Any

from . import jsontext
from .chain import Life
from .ids import IDS_OF_A_LIFE, Malformed, from_base64, from_hex, is_hub, life_of, to_base64
from .line import Line
from .store import Store


def message(code: str, nonce: bytes, label: str) -> bytes:
    return jsontext.dumps({"code": code, "nonce": to_base64(nonce), "label": label})


def nonce_for(store: Store, code: str) -> bytes:
    """The bits of a code, durable before the first request bears them (§2.4)."""
    if store.get("code") != code:
        with store.writing():
            store.set("code", code)
            store.set("nonce", secrets.token_bytes(16))
    return store.get("nonce")


def enrol(store: Store, line: Line, code: str, label: str) -> int:
    """Asks, keeps what was issued, and returns the replica's id. May be called again (§2.3)."""
    if store.get("replica") is not None:
        raise ValueError(f"this folder is office {store.get('replica')} already")
    reply = line.post("/v1/enroll", message(code, nonce_for(store, code), label))
    keep(store, reply)
    return store.get("replica")


def keep(store: Store, reply: Any) -> None:
    """Stores a reply whole. Raises `Malformed` for one that says nothing sound."""
    if not isinstance(reply, dict):
        raise Malformed("no reply to an enrolment")
    life = Life.parse(reply.get("incarnation"))
    replica = reply.get("replica")
    if type(replica) is not int or is_hub(replica) or life_of(replica) != life.number:
        raise Malformed("an id that this life of the hub does not issue")
    street = from_hex(reply.get("street"), 16)
    secret = from_base64(reply.get("secret"), 32)
    from_base64(reply.get("token"), 32)
    with store.writing():
        store.add_life(life)
        for name, value in (
            ("street", street), ("replica", replica), ("secret", secret),
            ("token", reply["token"]), ("community", str(reply.get("community"))),
            ("hub", IDS_OF_A_LIFE * life.number), ("whole", 0), ("run", 0), ("upto", 0),
            ("have", 0), ("must_hold", 0),
        ):
            store.set(name, value)
