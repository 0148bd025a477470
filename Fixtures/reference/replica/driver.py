"""The replica under test: a question in JSON a line, an answer a line (conformance.md §6)."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from . import enrol, record
from .catalogue import Catalogue
from .ids import Malformed, parse_day
from .ledger import Ledger
from .line import Line, Problem, Unreachable
from .log import Log
from .pull import Spoilt, Stopped
from .store import Store, UnknownLife
from .sync import Sync

CATALOGUE = Catalogue.read()
STORES: dict[str, Store] = {}


def serve() -> int:
    """Answers until stdin ends."""
    for line in sys.stdin:
        question = json.loads(line)
        try:
            reply = VERBS[question["do"]](question)
        except (Malformed, ValueError, Unreachable, Problem) as error:
            reply = {"why": f"{type(error).__name__}: {error}"}
        print(json.dumps(reply, separators=(",", ":")), flush=True)
    return 0


def _store(question: dict[str, Any]) -> Store:
    folder = question["data"]
    if folder not in STORES:
        STORES[folder] = Store(Path(folder))
    return STORES[folder]


def _level(question: dict[str, Any]) -> dict[str, Any]:
    return {"level": 2}


def _enrol(question: dict[str, Any]) -> dict[str, Any]:
    store = _store(question)
    replica = enrol.enrol(store, Line(question["hub"]), question["code"], "reference")
    with store.writing():
        store.set("url", question["hub"])
    return {"replica": replica}


def _sync(question: dict[str, Any]) -> dict[str, Any]:
    store = _store(question)
    try:
        Sync(store, Line(store.get("url")), CATALOGUE, attempts=1).run()
    except Stopped as stopped:
        return {"end": "stopped" if stopped.code in record.STOPS else "again", "why": str(stopped)}
    except (Unreachable, Problem, Malformed, Spoilt, UnknownLife) as error:
        return {"end": "again", "why": f"{type(error).__name__}: {error}"}
    return {"end": "done"}


def _record(question: dict[str, Any]) -> dict[str, Any]:
    fields = {name: _text(value) for name, value in question["fields"].items()}
    try:
        op = record.record(
            _store(question), CATALOGUE, question["kind"], fields, question["as"],
            parse_day(question["on"]),
        )
    except record.Refused as refused:
        return {"refused": refused.code}
    return {"op": str(op.id)}


def _text(value: Any) -> str:
    """A field's value as the command line takes it."""
    if isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return ",".join(value)
    return json.dumps(value, ensure_ascii=False)


def _heads(question: dict[str, Any]) -> dict[str, Any]:
    return {"heads": [head.json() for head in _store(question).vouched_heads() if head.seq]}


def _balances(question: dict[str, Any]) -> dict[str, Any]:
    balances = Ledger(Log(_store(question), CATALOGUE)).balances.items()
    return {"balances": {str(id): None if each.unknown else each.points for id, each in balances}}


VERBS = {
    "level": _level, "enrol": _enrol, "sync": _sync, "record": _record, "heads": _heads,
    "balances": _balances,
}
