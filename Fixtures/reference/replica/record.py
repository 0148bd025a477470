"""Recording an op of one's own: ops.md §1, canonical.md §3.2 and §3.3, sync.md §2.4."""

from __future__ import annotations

import hashlib
import secrets
import time
from typing import Any

from . import chain, jsontext, view
from .catalogue import Catalogue, Field, Kind
from .ids import OpId, Ref, day_of_stamp, day_text
from .ledger import Ledger
from .log import Log
from .op import Op
from .store import Store

STOPS = {"fork", "copied", "old-copy", "token-revoked", "retired"}
"""Why nothing more is recorded here (sync.md §4.7)."""


class Refused(Exception):
    """A rule that a recorder follows (state.md §4.32); `code` is its reason."""

    def __init__(self, code: str, words: str = "") -> None:
        super().__init__(f"{code}: {words}" if words else code)
        self.code = code


def record(
    store: Store, catalogue: Catalogue, kind: str, fields: dict[str, str], actor: str | None,
    day: int | None = None, payload: Any = None,
) -> Op:
    """Makes the next op of this replica durable and returns it.

    `payload` in the generic view (canonical.md §7.3) records a kind that this catalogue lacks, as
    a newer version would.
    """
    if store.get("stopped") in STOPS:
        raise Refused(store.get("stopped"), "this replica records nothing more")
    if not store.get("has_pulled"):
        raise Refused("never-synced", "the hub's log comes first")
    stamp = int(time.time() * 1000)
    draft: dict[str, Any] = {}
    known = catalogue.by_name.get(kind)
    content: bytes | None = None
    if payload is None:
        if known is None:
            raise Refused("unknown-kind", kind)
        draft, body = _split(store, known, fields)
        content = _body(known, body)
    with store.writing():
        me = store.get("replica")
        op = view.from_json(
            {
                "id": str(OpId(me, store.last(me) + 1)), "stamp": stamp, "kind": kind,
                "occurred_on": day_text(day_of_stamp(stamp) if day is None else day),
                "payload": draft if payload is None else payload,
                **({"actor": actor} if actor else {}),
                **({"policy": str(policy)} if (policy := policy_of(store, catalogue)) else {}),
            },
            catalogue,
        )
        if known is not None and (why := view.misfit(op.payload, known.fields)):
            raise Refused("malformed-payload", why)
        digest = hashlib.sha256(content).digest() if content else None
        op = Op(**{**op.__dict__, "names": _names(store, op), "body": digest})
        _judge(store, catalogue, op)
        store.append(op)
        store.vouch(me, op.id.seq)
        if content is not None and digest is not None:
            store.keep_body(digest, content)
    return op


def policy_of(store: Store, catalogue: Catalogue) -> OpId | None:
    """The rules of this office's community with the highest id (canonical.md §3.2)."""
    kind = catalogue.by_name["policy.set"].number
    community = Ref(OpId.parse(store.get("community")))
    found = None
    for head in store.vouched_heads():
        if head.replica % 4096 == 0:
            for op in store.log(head.replica, 0, head.seq):
                if op.kind == kind and op.payload.get(1) == community:
                    found = op.id
    return found


def _names(store: Store, op: Op) -> bytes | None:
    hashes = []
    for id in op.named():
        digest = store.hash_at(id.replica, id.seq)
        if digest is None or id.seq > store.vouched(id.replica):
            raise Refused("waiting-for-op", f"{id} is not held here")
        hashes.append(digest)
    return chain.names(hashes)


def _judge(store: Store, catalogue: Catalogue, op: Op) -> None:
    """What must not be recorded, as far as this replica can tell (state.md §4.32, §4.5.3, §4.8)."""
    log = Log(store, catalogue)
    kind = catalogue.by_number.get(op.kind)
    if kind is None:
        return
    if problem := log.problem(op):
        raise Refused(problem)
    if kind.name not in ("redemption.record", "points.transfer"):
        return
    account = op.payload[1].op
    balance = Ledger(log).balances.get(account)
    if kind.name == "redemption.record":
        price = sum(line[2] * line[3] for line in op.payload[2])
        account = op.payload[6].op if 6 in op.payload else account
        balance = Ledger(log).balances.get(account)
        if op.payload[3] != 0 or log.home(account) != op.id.replica:
            raise Refused("not-home", "this replica takes points at home only")
    else:
        price = op.payload[3]
    if balance is None or balance.unknown:
        raise Refused("account-not-firm", "something touches the account that is not folded here")
    if balance.points < price:
        raise Refused("not-enough-points", f"{balance.points} of {price}")


def _split(
    store: Store, kind: Kind, fields: dict[str, str]
) -> tuple[dict[str, Any], dict[str, str]]:
    """The fields of the payload as a view, and those of the body."""
    draft, body = {}, {}
    in_body = {each.name for each in kind.body}
    for name, text in fields.items():
        field = kind.field_named(name)
        if field is not None:
            draft[name] = _from_text(text, field)
        elif name in in_body:
            body[name] = text
        else:
            raise Refused("unknown-field", name)
    if kind.name == "award.grant" and "points" not in draft and "activity" in draft:
        activity = store.op(OpId.parse(draft["activity"]))
        if activity is not None and type(activity.payload.get(3)) is int:
            draft["points"] = activity.payload[3]
    return draft, body


def _from_text(text: str, field: Field) -> Any:
    if field.sort in ("integer", "replica"):
        return int(text)
    if field.sort == "flag":
        return {"true": True, "false": False}[text]
    if field.sort in ("set", "references"):
        return text.split(",") if text else []
    return jsontext.loads(text.encode()) if field.sort == "records" else text


def _body(kind: Kind, body: dict[str, str]) -> bytes | None:
    """Salt and body (bodies.md §1); None for a kind that has none."""
    for field in kind.body:
        size = len(body.get(field.name, "").encode())
        if field.name in body and not field.least <= size <= field.most:
            raise Refused("malformed-body", field.name)
    if not body:
        if any(field.is_required for field in kind.body):
            raise Refused("malformed-body", f"{kind.body[0].name} is missing")
        return None
    return secrets.token_bytes(16) + jsontext.dumps(body)

