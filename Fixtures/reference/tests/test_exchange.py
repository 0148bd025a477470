"""The real exchanges that sync.md shows, played from the office's side, byte for byte."""

from __future__ import annotations

import re
import shutil
import tempfile
import unittest
from pathlib import Path
from typing import Any

from replica import enrol, jsontext, pull, rollcall, view
from replica.catalogue import Catalogue
from replica.store import Store
from replica.sync import Sync

from . import PROTOCOL


def messages(section: str) -> list[Any]:
    """The JSON of a section, in order, as the texts that they are."""
    text = (PROTOCOL / "sync.md").read_text(encoding="utf-8")
    parts = re.split(r"^(?=[0-9]+\.[0-9]+ |## )", text, flags=re.MULTILINE)
    part = next(each for each in parts if each.startswith(section + " "))
    return [each.encode() for each in re.findall(r"^```json\n(.*?)\n```", part, re.M | re.S)]


class Script:
    """A line that gives answers in turn, and keeps what it was sent."""

    authorization: str | None = None

    def __init__(self, answers: list[bytes]) -> None:
        self.answers, self.sent = answers, []

    def post(self, path: str, data: bytes) -> Any:
        self.sent.append(data)
        return jsontext.loads(self.answers.pop(0))


class ExchangeTests(unittest.TestCase):
    def setUp(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)
        self.catalogue = Catalogue.read()
        self.store = Store(self.folder)
        enrol.keep(self.store, jsontext.loads(messages("2.3")[0]))

    def test_the_first_pull_and_the_first_push(self) -> None:
        first, reply = messages("5.1")
        push, receipt = messages("5.2")
        line = Script([reply])
        Sync(self.store, line, self.catalogue).run()
        self.assertEqual(line.sent, [first])
        self.assertEqual(len(list(self.store.log(4096, 0, 99))), 5)

        op = view.from_json(jsontext.loads(push)["ops"][0], self.catalogue)
        with self.store.writing():
            self.store.append(op)
            self.store.vouch(op.id.replica, op.id.seq)
        line = Script([receipt])
        sync = Sync(self.store, line, self.catalogue)
        # How much it asks for is a matter of its line (sync.md 4.16).
        sync.chunk = jsontext.loads(push)["max_bytes"]
        sync.run()
        self.assertEqual(line.sent, [push])
        self.assertEqual((self.store.get("have"), self.store.get("whole")), (1, 6))

    def test_a_roll_call(self) -> None:
        ask, wants, give, done = messages("8.12")
        page = jsontext.loads(give)["page"]
        entries = [pull.parse_entry(each, self.catalogue) for each in page["entries"]]
        head = jsontext.loads(ask)["heads"][0]
        with self.store.writing():
            for entry in entries:
                sealed = self.store.append(entry.op)
                self.store.vouch(sealed.replica, sealed.seq)
            self.store.set("whole", sealed.seq)
            seal = rollcall.from_base64(head["successor_seal"], 32)
            self.store.keep_seal(sealed, seal)
        self.assertEqual(sealed.json(), head["head"])

        line = Script([wants, done])
        rollcall.call(self.store, line, self.catalogue, 1)
        self.assertEqual(line.sent, [ask, give])
        self.assertEqual((self.store.get("hub"), self.store.get("whole")), (8192, 1))
        self.assertEqual([life.number for life in self.store.lives()], [1, 2])


if __name__ == "__main__":
    unittest.main()
