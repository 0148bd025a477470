"""sync.md §4 against a hub in the test: chunks, late and damaged answers, copies, new kinds."""

from __future__ import annotations

import copy
import shutil
import tempfile
import unittest
from pathlib import Path
from typing import Any
from unittest import mock

from replica import enrol, jsontext, pull, record
from replica.catalogue import Catalogue
from replica.chain import Head
from replica.ids import Malformed, OpId, Ref, to_base64
from replica.ledger import Ledger
from replica.line import Unreachable
from replica.log import Log
from replica.pull import Stopped
from replica.store import Store
from replica.sync import Sync

from .street import HUB, Street

ME = 4097


class SyncTests(unittest.TestCase):
    def setUp(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)
        patch = mock.patch("replica.line.time.sleep")
        patch.start()
        self.addCleanup(patch.stop)
        self.catalogue = Catalogue.read()
        self.street = Street(self.catalogue)
        self.store = self.office(ME)

    def office(self, replica: int) -> Store:
        store = Store(self.folder / str(replica))
        enrol.keep(store, self.street.enrol(replica))
        return store

    def sync(self, store: Store | None = None, line: Any = None, attempts: int = 3) -> Any:
        made = Sync(store or self.store, line or self.street, self.catalogue, attempts)
        return made.run()

    def record(self, kind: str, store: Store | None = None, **fields: str) -> OpId:
        day = 20_000
        made = record.record(store or self.store, self.catalogue, kind, fields, f"{HUB}-4", day)
        return made.id

    def guests(self) -> None:
        """Two other offices' ops, several receipts, one of them with two runs."""
        for replica in (4098, 4099):
            self.street.enrol(replica)
            for number in range(5):
                self.street.write(replica, 900, {1: number})
        self.street.receive(4098, 4099)
        self.street.write(4098, 900, {1: Ref(OpId(4099, 2))})
        self.street.write(4099, 900, {1: [Ref(OpId(4098, 6)), {7: b"\x00", 2**63: -1}]})
        self.street.receive(4099, 4098)

    def heads(self, store: Store | None = None) -> list[Head]:
        return (store or self.store).vouched_heads()

    def test_a_chunk_may_end_anywhere(self) -> None:
        self.guests()
        self.sync(self.office(4100))
        for cut in range(2, 20):
            store = self.office(4200 + cut)
            self.street.cut = cut
            self.sync(store)
            self.assertEqual(self.heads(store), [self.street.head(n) for n in (4096, 4098, 4099)])
            self.street.cut = 1_000_000
            self.sync(store)

    def test_unknown_kinds_are_kept_and_passed_on_as_they_are(self) -> None:
        self.guests()
        self.sync()
        for replica in (4098, 4099):
            held = list(self.store.log(replica, 0, 9))
            self.assertEqual(held, self.street.logs[replica])

    def test_an_answer_that_is_lost_changes_nothing_and_is_asked_for_with_the_same_bytes(self) -> None:
        self.sync()
        self.record("resident.register", name="王芳")
        lossy = Lossy(self.street, lose=2)
        self.sync(line=lossy)
        self.assertEqual(len(set(lossy.messages)), 1)
        self.assertEqual(self.street.head(ME).seq, 1)
        self.assertEqual(self.store.get("have"), 1)
        receipts = [op for op in self.street.logs[HUB] if op.kind == 5]
        self.assertEqual(len(receipts), 1)

    def test_a_damaged_answer_changes_nothing(self) -> None:
        self.guests()
        progress = self.progress()
        for damage in (
            lambda m: m.pop("seal"), lambda m: m.update(seal=m["successor_seal"]),
            lambda m: m["entries"].pop(), lambda m: m["entries"].pop(0), lambda m: m.pop("have"),
            lambda m: m["head"].update(seq=m["head"]["seq"] + 1), lambda m: m.update(more=0),
            lambda m: m.update(foreign=1),
            lambda m: m["entries"][-1]["runs"][0]["ops"].pop(),
            lambda m: m["entries"][-1]["runs"].pop(),
            lambda m: m["entries"][-1]["runs"][0]["ops"][0]["payload"].update({"#3": 1}),
            lambda m: m["entries"][-1]["runs"][0].update(index=7),
            lambda m: m["entries"].append(copy.deepcopy(m["entries"][-1])),
        ):
            with self.assertRaises((Malformed, pull.Spoilt)):
                self.sync(line=Spoilt(self.street, damage), attempts=1)
            self.assertEqual(self.progress(), progress)
        self.sync()
        self.assertEqual(self.heads()[0], self.street.head(HUB))

    def test_an_op_that_was_damaged_in_a_part_is_asked_for_again(self) -> None:
        self.guests()
        whole = self.street.head(HUB)
        for cut in (9, 10, 11):
            store = self.office(4300 + cut)
            self.street.cut = cut
            line = SpoiltOnce(self.street)
            self.sync(store, line)
            self.assertTrue(line.is_spent)
            self.assertEqual(self.heads(store)[1:], [self.street.head(n) for n in (4098, 4099)])
        self.assertGreater(self.street.head(HUB).seq, whole.seq)

    def progress(self) -> Any:
        names = ("whole", "run", "upto", "have", "now")
        return self.heads(), self.store.replicas(), [self.store.get(each) for each in names]

    def test_an_answer_behind_a_newer_one_says_nothing(self) -> None:
        self.sync()
        place = {"seq": self.store.get("whole"), "run": 0, "upto": 0}
        late = self.street.reply(ME, place)
        self.record("resident.register", name="王芳")
        self.sync()
        progress = self.progress()
        self.sync(line=Delayed(self.street, [late, late]))
        self.assertEqual(self.progress(), progress)

    def test_a_copy_that_comes_second_stops(self) -> None:
        self.sync()
        self.store.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        shutil.copytree(self.folder / str(ME), self.folder / "copy")
        copied = Store(self.folder / "copy")
        self.record("resident.register", name="王芳")
        self.sync()
        with self.assertRaises(Stopped) as stopped:
            self.sync(copied)
        self.assertEqual(stopped.exception.code, "old-copy")
        with self.assertRaises(record.Refused):
            self.record("resident.register", copied, name="李强")

    def test_nothing_is_recorded_before_the_first_pull(self) -> None:
        with self.assertRaises(record.Refused):
            self.record("resident.register", name="王芳")

    def test_a_crash_while_an_answer_is_stored_leaves_nothing_of_it(self) -> None:
        self.guests()
        progress = self.progress()
        with mock.patch.object(Store, "vouch", side_effect=OSError("the disk")):
            with self.assertRaises(OSError):
                self.sync()
        self.assertEqual(self.progress(), progress)

    # Balances

    def balance(self, account: OpId, store: Store | None = None) -> Any:
        balance = Ledger(Log(store or self.store, self.catalogue)).balances[account]
        return sorted(balance.unknown) or balance.points

    def test_awards_redemptions_and_transfers_add_up(self) -> None:
        self.sync()
        person = self.record("resident.register", name="王芳")
        other = self.record("resident.register", name="李强")
        work = self.record(
            "activity.publish", title="扫雪", category="labour", points="9", held_on="2024-10-04"
        )
        item = self.record("item.define", name="毛巾", sort="goods", points="2")
        grant = {"activity": str(work), "resident": str(person)}
        self.record("award.grant", **grant)
        self.record("award.grant", **grant)
        self.assertEqual(self.balance(person), 9)
        lines = f'[{{"item":"{item}","quantity":2,"price":2}}]'
        self.record("redemption.record", resident=str(person), lines=lines, basis="home")
        transfer = {"from": str(person), "to": str(other)}
        self.record("points.transfer", **transfer, points="3")
        self.assertEqual((self.balance(person), self.balance(other)), (2, 3))
        with self.assertRaises(record.Refused):
            self.record("points.transfer", **transfer, points="3")

    def test_what_is_not_folded_makes_the_accounts_that_it_touches_unknown(self) -> None:
        self.sync()
        person = self.record("resident.register", name="王芳")
        other = self.record("resident.register", name="李强")
        payload = {"#1": [{"#1": {"#ref": str(person)}}]}
        record.record(self.store, self.catalogue, "#900", {}, f"{HUB}-4", None, payload)
        self.assertEqual(self.balance(person), ["#900"])
        self.assertEqual(self.balance(other), 0)


class Lossy:
    """Takes each request, and loses the first answers."""

    authorization: str | None = None

    def __init__(self, street: Street, lose: int) -> None:
        self.street, self.lose, self.messages = street, lose, []

    def post(self, path: str, data: bytes) -> Any:
        self.messages.append(data)
        answer = self.street.post(path, data)
        if len(self.messages) <= self.lose:
            raise Unreachable("lost")
        return answer

    put = Street.put


class Spoilt(Lossy):
    """Damages each answer."""

    def __init__(self, street: Street, damage: Any) -> None:
        super().__init__(street, 0)
        self.damage = damage

    def post(self, path: str, data: bytes) -> Any:
        answer = jsontext.loads(jsontext.dumps(super().post(path, data)))
        self.damage(answer)
        return answer


class SpoiltOnce(Lossy):
    """Changes one op of another office, in the first answer that ends inside an entry."""

    def __init__(self, street: Street) -> None:
        super().__init__(street, 0)
        self.is_spent = False

    def post(self, path: str, data: bytes) -> Any:
        answer = jsontext.loads(jsontext.dumps(super().post(path, data)))
        runs = answer["entries"][-1]["runs"]
        if runs and answer["more"] and not self.is_spent:
            runs[-1]["ops"][-1]["payload"]["#9"] = 1
            self.is_spent = True
        return answer


class Delayed(Lossy):
    """Gives answers of before first."""

    def __init__(self, street: Street, late: list[Any]) -> None:
        super().__init__(street, 0)
        self.late = late

    def post(self, path: str, data: bytes) -> Any:
        return self.late.pop() if self.late else super().post(path, data)


if __name__ == "__main__":
    unittest.main()
