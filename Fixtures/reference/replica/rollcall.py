"""A hub that was rebuilt: what it lacks is shown and given, and it is followed (sync.md §8)."""

from __future__ import annotations

from typing import Any, Iterator

from . import chain, jsontext, pull, receipt, view
from .catalogue import Catalogue
from .chain import Head, Life
from .ids import IDS_OF_A_LIFE, Malformed, from_base64, to_base64
from .line import Line, with_retries
from .store import Store

PAGE_BYTES = 524_288
PAGE_ENTRIES = 4_096


def call(store: Store, line: Line, catalogue: Catalogue, attempts: int) -> None:
    """Goes on until the hub wants nothing more of this replica now (§8.3 to §8.5)."""
    page: dict[str, Any] | None = None
    asked: Any = None
    while True:
        message = jsontext.dumps(_message(store, page))
        reply = with_retries(lambda: line.post("/v1/rollcall", message), attempts)
        hear(store, reply, catalogue)
        wanted = reply.get("wanted")
        # A page that moved nothing forward is not given for ever.
        is_done = wanted is None or reply.get("wait") is True
        goes_on_later = not is_done and _place(wanted) == asked
        page = None if is_done or goes_on_later else _page(store, wanted)
        with store.writing():
            store.set("call_again", int(goes_on_later or reply.get("wait") is True))
        if page is None:
            return
        asked = _place(wanted)


def _message(store: Store, page: dict[str, Any] | None) -> dict[str, Any]:
    message: dict[str, Any] = {
        "incarnations": [life.json() for life in store.lives()],
        "heads": [
            {"head": head.json(), "successor_seal": to_base64(seal)}
            for head, seal in store.sealed()
        ],
    }
    if page is not None:
        message["page"] = page
    return message


def hear(store: Store, reply: Any, catalogue: Catalogue) -> None:
    """Checks who answers, and follows a new life (§8.5)."""
    pull.members_of(reply, "incarnation first seal successor_seal have wanted wait")
    life = Life.parse(reply.get("incarnation"))
    first = view.from_json(reply.get("first"), catalogue)
    hub = IDS_OF_A_LIFE * life.number
    if (first.id.replica, first.id.seq) != (hub, 1):
        raise Malformed("the first op of another log")
    start = chain.start(store.get("street"), life, hub)
    head = Head(hub, 1, chain.link(start, first.encoded()))
    successor_seal = from_base64(reply.get("successor_seal"), 32)
    if not chain.is_sealed(
        store.get("secret"), head, from_base64(reply.get("seal"), 32), successor_seal
    ):
        raise Malformed("the seal of the new life is wrong")
    newest = store.lives()[-1]
    if life.number < newest.number:
        raise Malformed(f"life {life.number} answers after life {newest.number}")
    if life.number == newest.number:
        if life != newest:
            raise Malformed(f"there are two lives {life.number}")
        return
    have = Head.parse(reply.get("have"), store.get("replica"))
    with store.writing():
        pull.check_have(store, have)
        pull.drop_what_nobody_vouched_for(store)
        store.add_life(life)
        store.append(first)
        store.vouch(hub, 1)
        store.keep_seal(head, successor_seal)
        pull.learn_lives(store, first)
        for name, value in (
            ("hub", hub), ("whole", 1), ("run", 0), ("upto", 0), ("have", have.seq),
            ("must_hold", 1), ("hub_catalogue", None),
        ):
            store.set(name, value)
        store.offer_bodies_again()


def _place(wanted: Any) -> tuple[Any, Any]:
    return (wanted.get("replica"), wanted.get("progress")) if isinstance(wanted, dict) else (0, 0)


def _page(store: Store, wanted: Any) -> dict[str, Any] | None:
    """A page of the log that the hub wants, from where this replica's goes on; none where it has
    no sealed head of that log, or another branch of it (§8.3, §8.4, §8.10)."""
    hub = wanted.get("replica")
    sealed = next((head for head, _ in store.sealed() if head.replica == hub), None)
    if sealed is None:
        return None
    for name in ("progress", "proved"):
        place = wanted.get(name) or {}
        at = Head.parse(place, hub)
        is_unheard_of = at.seq == 0 and at.hash == bytes(32)
        if is_unheard_of or store.hash_at(hub, at.seq) == at.hash:
            return _entries(store, sealed, at.seq, place.get("run", 0), place.get("upto", 0))
    return None


def _entries(store: Store, sealed: Head, after: int, run: int, upto: int) -> dict[str, Any]:
    """The page behind (`after`, `run`, `upto`). It may end inside an entry (§4.5)."""
    page: list[dict[str, Any]] = []
    size = 0
    for seq, index, op in _pieces(store, sealed, after, run, upto):
        piece = view.to_json(op, None)
        size += len(jsontext.dumps(piece))
        if page and (size > PAGE_BYTES or index is None and len(page) == PAGE_ENTRIES):
            return {"replica": sealed.replica, "entries": page, "more": True}
        if index is None:
            page.append({"op": piece, "runs": []})
            continue
        runs = page[-1]["runs"]
        if not runs or runs[-1]["index"] != index:
            runs.append({"index": index, "ops": []})
        runs[-1]["ops"].append(piece)
    return {"replica": sealed.replica, "entries": page, "more": False}


def _pieces(
    store: Store, sealed: Head, after: int, run: int, upto: int
) -> Iterator[tuple[int, int | None, Any]]:
    """Each hub op, and behind it each op that it covers with the index of its run."""
    covered: dict[int, int] = {}
    for op in store.log(sealed.replica, 0, sealed.seq):
        is_wanted = op.id.seq > after
        if is_wanted:
            yield op.id.seq, None, op
        for index, part in enumerate(receipt.runs(op)):
            begin = covered.get(part.replica, 0)
            covered[part.replica] = max(begin, part.seq)
            if not is_wanted or op.id.seq == after + 1 and index < run:
                continue
            if op.id.seq == after + 1 and index == run:
                begin = max(begin, upto)
            for each in store.log(part.replica, begin, part.seq):
                yield op.id.seq, index, each
