"""What comes from the hub is checked, and stored with its progress: sync.md §4.4 to §4.8."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from . import chain, receipt, view
from .catalogue import Catalogue
from .chain import Head, Life
from .ids import Malformed, from_base64
from .op import Op
from .store import Store

HUB_BEGIN = 70


class Stopped(Exception):
    """Only a person can go on from here. `code` says why (§4.7, §8.10)."""

    def __init__(self, code: str, words: str) -> None:
        super().__init__(f"{code}: {words}")
        self.code = code


class Spoilt(Exception):
    """What is held of an entry in part is not what its receipt means (§4.6)."""


@dataclass(frozen=True)
class Entry:
    """A hub's op with the ops that it covers, by run index."""

    op: Op
    runs: dict[int, list[Op]]


@dataclass(frozen=True)
class Reply:
    now: int
    have: Head
    entries: list[Entry]
    head: Head
    seal: bytes
    successor_seal: bytes
    more: bool
    catalogue: int | None


def parse(message: Any, replica: int, catalogue: Catalogue) -> Reply:
    """A reply as values. Raises `Malformed`."""
    members_of(message, "now have entries head seal successor_seal more digest")
    if type(message.get("more")) is not bool or type(message.get("now")) is not int:
        raise Malformed("no reply to a sync")
    digest = message.get("digest")
    return Reply(
        now=message["now"],
        have=Head.parse(message.get("have"), replica),
        entries=[parse_entry(each, catalogue) for each in _list(message.get("entries"))],
        head=Head.parse(message.get("head")),
        seal=from_base64(message.get("seal"), 32),
        successor_seal=from_base64(message.get("successor_seal"), 32),
        more=message["more"],
        catalogue=digest.get("catalogue") if isinstance(digest, dict) else None,
    )


def parse_entry(message: Any, catalogue: Catalogue) -> Entry:
    members_of(message, "op runs")
    runs: dict[int, list[Op]] = {}
    for run in _list(message.get("runs")):
        members_of(run, "index ops")
        index = run.get("index")
        if type(index) is not int or (runs and index <= max(runs)):
            raise Malformed("runs are listed by index")
        runs[index] = [view.from_json(each, catalogue) for each in _list(run.get("ops"))]
    return Entry(view.from_json(message.get("op"), catalogue), runs)


def members_of(message: Any, known: str) -> None:
    """Refuses what is no object, and members that sync.md does not have."""
    if not isinstance(message, dict) or not set(message) <= set(known.split()):
        raise Malformed(f"no object of {known}")


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise Malformed("no list")
    return value


def is_late(store: Store, reply: Reply) -> bool:
    """Whether a newer answer came before this one (§4.11)."""
    if reply.head.replica != store.get("hub"):
        return reply.head.replica < store.get("hub")
    whole = store.get("whole")
    return reply.head.seq < whole or (
        reply.head.seq == whole and reply.have.seq < store.get("have")
    )


def take(store: Store, reply: Reply) -> None:
    """Believes a reply or refuses it whole (§4.6). The caller has passed over late ones."""
    hub, whole = store.get("hub"), store.get("whole")
    head = store.head(hub, whole)
    for entry in reply.entries:
        if (entry.op.id.replica, entry.op.id.seq) != (hub, head.seq + 1):
            raise Malformed("the entries do not continue the hub's log")
        head = Head(hub, head.seq + 1, chain.link(head.hash, entry.op.encoded()))
    if head != reply.head:
        raise Malformed("the entries do not end in the head")
    if not chain.is_sealed(store.get("secret"), head, reply.seal, reply.successor_seal):
        raise Malformed("the seal is wrong")
    with store.writing():
        check_have(store, reply.have)
        for place, entry in enumerate(reply.entries):
            is_whole = _store_entry(store, entry)
            if not is_whole and not (reply.more and place == len(reply.entries) - 1):
                raise Malformed("an entry lacks ops that it covers")
        if store.get("whole") == head.seq:
            store.keep_seal(head, reply.successor_seal)
        store.set("have", reply.have.seq)
        store.set("now", reply.now)
        if reply.catalogue is not None:
            store.set("hub_catalogue", reply.catalogue)
        if not reply.more:
            store.set("must_hold", 0)
            store.set("has_pulled", 1)


def check_have(store: Store, have: Head) -> None:
    """Whether what the hub holds under this id was written here (§4.7)."""
    held = store.hash_at(have.replica, have.seq)
    if held is None:
        raise Stopped("old-copy", f"the hub holds this log up to {have.seq}, beyond this copy")
    if held != have.hash:
        raise Stopped("copied", f"the hub holds another {have.replica}-{have.seq}")


def _store_entry(store: Store, entry: Entry) -> bool:
    """Stores an entry as far as it came, and says whether it is whole now (§4.5)."""
    hub, me = entry.op.id.replica, store.get("replica")
    runs = receipt.runs(entry.op)
    if any(index >= len(runs) for index in entry.runs):
        raise Malformed("a run that the receipt does not list")
    for index, ops in sorted(entry.runs.items()):
        _store_run(store, runs[index], ops)
    for index, run in enumerate(runs):
        held = store.hash_at(run.replica, run.seq)
        if held is not None and held != run.hash:
            if run.replica != me and run.seq > store.vouched(run.replica):
                raise Spoilt(f"the ops of {run.replica} do not end in their receipt's hash")
            raise Stopped("other-branch", f"the hub's log names another {run.replica}-{run.seq}")
        if held is None:
            if run.replica == me:
                raise Stopped("old-copy", f"the hub holds {run.replica}-{run.seq}")
            store.set("run", index)
            store.set("upto", store.last(run.replica))
            return False
    for run in runs:
        store.vouch(run.replica, run.seq)
        if run.seq > store.covered(hub, run.replica):
            store.cover(hub, run.replica, run.seq)
    if store.hash_at(hub, entry.op.id.seq) is None:
        store.append(entry.op)
    store.vouch(hub, entry.op.id.seq)
    learn_lives(store, entry.op)
    for name, value in (("whole", entry.op.id.seq), ("run", 0), ("upto", 0)):
        store.set(name, value)
    return True


def _store_run(store: Store, run: receipt.Run, ops: list[Op]) -> None:
    for op in ops:
        if op.id.replica != run.replica or op.id.seq > run.seq:
            raise Malformed("an op outside its run")
        last = store.last(run.replica)
        if op.id.seq <= last:
            held = store.op(op.id)
            if held != op and op.id.seq > store.vouched(op.id.replica):
                raise Spoilt(f"there are two ops {op.id}")
            if held != op:
                raise Stopped("other-branch", f"there are two ops {op.id}")
        elif op.id.seq == last + 1:
            store.append(op)
        else:
            raise Malformed(f"ops are missing before {op.id}")


def drop_part(store: Store) -> None:
    """Forgets what is held of an entry in part: it is asked for again from its start."""
    with store.writing():
        drop_what_nobody_vouched_for(store)
        store.set("run", 0)
        store.set("upto", 0)


def drop_what_nobody_vouched_for(store: Store) -> None:
    me = store.get("replica")
    for replica in store.replicas():
        if replica != me:
            store.drop_behind(replica, store.vouched(replica))


def learn_lives(store: Store, op: Op) -> None:
    """`hub.begin` names the lives before it (§8.1); from then logs of theirs can be checked."""
    if op.kind != HUB_BEGIN:
        return
    formers = op.payload.get(3)
    for former in formers if isinstance(formers, list) else []:
        number, random = former.get(1), former.get(2)
        if type(number) is int and isinstance(random, bytes) and len(random) == 8:
            store.add_life(Life(number, random))
