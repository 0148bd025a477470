#!/usr/bin/env python3
"""The command line of the reference replica. Exit codes: 0 ok, 1 stopped or wrong, 2 usage,
3 refused by a rule, 4 not reachable, as README.md has them."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

sys.dont_write_bytecode = True

from replica import driver, enrol, record, view  # noqa: E402
from replica.catalogue import Catalogue  # noqa: E402
from replica.ids import Malformed, parse_day, to_base64  # noqa: E402
from replica.ledger import Ledger  # noqa: E402
from replica.line import Line, Problem, Unreachable, with_retries  # noqa: E402
from replica.log import Log  # noqa: E402
from replica.pull import Spoilt, Stopped  # noqa: E402
from replica.store import Store, UnknownLife  # noqa: E402
from replica.sync import FIRST_CHUNK, Sync  # noqa: E402


def main() -> int:
    arguments = _parser().parse_args()
    try:
        return arguments.run(arguments)
    except record.Refused as error:
        return _fail(3, error.code, error)
    except Stopped as error:
        return _fail(1, error.code, error)
    except Unreachable as error:
        return _fail(4, "unreachable", error)
    except Problem as error:
        return _fail(4 if error.retry else 3, error.code, error)
    except UnknownLife as error:
        return _fail(1, "unknown-life", error)
    except (Malformed, Spoilt) as error:
        return _fail(1, "malformed", error)
    except ValueError as error:
        return _fail(2, "usage", error)


def _fail(status: int, code: str, error: Exception) -> int:
    _print({"error": {"code": code, "message": str(error)}}, sys.stderr)
    return status


def _print(value: Any, to: Any = None) -> None:
    print(json.dumps(value, ensure_ascii=False, separators=(",", ":")), file=to or sys.stdout)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="linli_ref.py", description="A replica of Linli, written from Protocol/ alone."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, run: Any, words: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=words, description=words)
        added.add_argument("--data", type=Path, required=True, help="the data folder")
        added.set_defaults(run=run)
        return added

    enrolling = command("enroll", _enroll, "become an office with a one-time code")
    enrolling.add_argument("url", metavar="URL")
    enrolling.add_argument("code", metavar="CODE")
    enrolling.add_argument("--label", default="reference", help="what the office calls itself")
    syncing = command("sync", _sync, "exchange with the hub until nothing is left")
    syncing.add_argument("--hub", metavar="URL", help="the hub's new address")
    syncing.add_argument("--attempts", type=int, default=6, help="how often a failed try is made")
    syncing.add_argument("--chunk", type=int, default=FIRST_CHUNK, help="bytes of the first chunk")
    recording = command("record", _record, "record an op")
    recording.add_argument("kind", metavar="KIND")
    recording.add_argument("fields", metavar="FIELD=VALUE", nargs="*")
    recording.add_argument("--as", dest="actor", metavar="STAFF", help="who records it")
    recording.add_argument("--on", metavar="DATE", help="the business date; today without it")
    recording.add_argument(
        "--payload", metavar="JSON", help="keys by number: a kind of a newer version, KIND being #N"
    )
    logging = command("log", _log, "list the ops that are held")
    logging.add_argument("--replica", type=int)
    logging.add_argument("--numbers", action="store_true", help="kinds and keys by numbers")
    command("heads", _heads, "list the heads of the logs that somebody vouched for")
    commands.add_parser("drive", help="answer the runner of conformance tests").set_defaults(
        run=lambda _: driver.serve()
    )
    command("balances", _balances, "list accounts; null where something is not folded here")
    return parser


def _open(arguments: argparse.Namespace) -> Store:
    store = Store(arguments.data)
    if store.get("replica") is None:
        raise ValueError(f"{arguments.data} is no office yet: enroll first")
    return store


def _enroll(arguments: argparse.Namespace) -> int:
    store = Store(arguments.data)
    line = Line(arguments.url)
    replica = with_retries(
        lambda: enrol.enrol(store, line, arguments.code, arguments.label), attempts=4
    )
    with store.writing():
        store.set("url", arguments.url)
    _print({"replica": replica, "community": store.get("community")})
    return 0


def _sync(arguments: argparse.Namespace) -> int:
    store = _open(arguments)
    url = arguments.hub or store.get("url")
    sync = Sync(store, Line(url), Catalogue.read(), arguments.attempts, arguments.chunk)
    result = sync.run()
    with store.writing():
        store.set("url", url)
    _print(result.__dict__)
    return 0


def _record(arguments: argparse.Namespace) -> int:
    store = _open(arguments)
    fields = {}
    for text in arguments.fields:
        name, equals, value = text.partition("=")
        if not equals:
            raise ValueError(f"FIELD=VALUE, not {text}")
        fields[name] = value
    payload = json.loads(arguments.payload) if arguments.payload else None
    day = parse_day(arguments.on) if arguments.on else None
    catalogue = Catalogue.read()
    op = record.record(store, catalogue, arguments.kind, fields, arguments.actor, day, payload)
    _print(view.to_json(op, catalogue))
    return 0


def _log(arguments: argparse.Namespace) -> int:
    store = _open(arguments)
    catalogue = None if arguments.numbers else Catalogue.read()
    for head in store.vouched_heads():
        if arguments.replica in (None, head.replica):
            for op in store.log(head.replica, 0, head.seq):
                digest = store.hash_at(op.id.replica, op.id.seq) or b""
                _print({"op": view.to_json(op, catalogue), "hash": to_base64(digest)})
    return 0


def _heads(arguments: argparse.Namespace) -> int:
    store = _open(arguments)
    for head in store.vouched_heads():
        _print(head.json())
    if store.get("stopped"):
        _print({"stopped": store.get("stopped")})
        return 1
    return 0


def _balances(arguments: argparse.Namespace) -> int:
    ledger = Ledger(Log(_open(arguments), Catalogue.read()))
    for account, balance in sorted(ledger.balances.items()):
        row: dict[str, Any] = {"account": str(account), "balance": balance.points}
        if balance.unknown:
            row = {"account": str(account), "balance": None, "unknown": sorted(balance.unknown)}
        _print(row)
    return 0


if __name__ == "__main__":
    sys.exit(main())
