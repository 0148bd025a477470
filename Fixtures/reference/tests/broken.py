"""A replica with one fault: `broken.py NAME` answers the runner like `linli_ref.py drive`, with that fault
in it. A conformance test that does not find it is none (conformance.md §6.6)."""

from __future__ import annotations

import importlib.abc
import sys
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).parent.parent))

def before_a_sync(
    condition: str, what: str = "raise Problem('busy', 503, 'nobody was asked', True)"
) -> tuple[str, str, str]:
    """A sync that ends before it has asked anybody."""
    place = "        if self.store.get(\"call_again\"):"
    return "sync", place, f"        if {condition}:\n            {what}\n{place}"


COUNTS = (
    "store", "    def set(self, name",
    "    def count(self, name: str) -> int:\n"
    "        with self.writing():\n"
    "            self.set(name, self.get(name, 0) + 1)\n"
    "        return self.get(name)\n\n"
    "    def set(self, name",
)
def backing_off(syncs: int) -> list[tuple[str, str, str]]:
    """A replica that asks nobody in so many syncs behind one that did not come to its end."""
    return [
        before_a_sync(f"self.store.backs_off({syncs})"),
        ("sync", "        self._stop(None)\n",
         "        self._stop(None)\n        with self.store.writing():\n"
         "            self.store.set('tries', 0)\n"),
        ("store", "    def set(self, name",
         "    def backs_off(self, syncs: int) -> bool:\n"
         "        tries = self.get('tries', 0)\n"
         "        with self.writing():\n"
         "            self.set('tries', (tries + 1) % (syncs + 1))\n"
         "        return tries > 0\n\n"
         "    def set(self, name"),
    ]


HIDES_ONCE = "self.store.count('hidden') == 1"
IS_IDLE = (
    "self.store.get('has_pulled') and "
    "self.store.get('have') == self.store.last(self.store.get('replica'))"
)
RECORDS_BLINDLY = [
    ("record", "    if not store.get(\"has_pulled\"):", "    if False:"),
    ("record", "            raise Refused(\"waiting-for-op\", f\"{id} is not held here\")",
     "            continue"),
    ("record", "    if problem := log.problem(op):", "    if problem := None:"),
]

READS_THE_CARD = before_a_sync("True", "self.line.get('/v1')")
GIVES_ITS_OPS_UP = (
    "sync", "        before, place = store.get(\"whole\"), self._place()\n",
    "        before, place = store.get(\"whole\"), self._place()\n"
    "        if b'\"ops\":[]' not in message:\n"
    "            with store.writing():\n"
    "                store.set(\"have\", store.last(me))\n",
)
ASKS_FIRST = [
    ("sync", "        self.by_numbers = False\n",
     "        self.by_numbers = False\n        self.has_asked = False\n"),
    ("sync", "        store, size, ops = self.store, 0, []\n",
     "        store, size, ops = self.store, 0, []\n"
     "        if not self.has_asked:\n            return ops\n"),
    ("sync", "ops[-1].id.seq if ops else None", "ops[-1].id.seq if ops else store.get(\"have\")"),
    ("sync", "        self.chunk = min(2 * self.chunk, MOST_CHUNK)\n",
     "        self.has_asked = True\n        self.chunk = min(2 * self.chunk, MOST_CHUNK)\n"),
    # Who is told so has not given what was not sent.
    ("sync", "                if problem.code in (\"new-incarnation\"",
     "                if problem.code == \"retired\" and not self.has_asked:\n"
     "                    self.has_asked = True\n"
     "                elif problem.code in (\"new-incarnation\""),
]

FAULTS: dict[str, list[tuple[str, str, str]]] = {
    "seals-pushes-wrongly": [
        ("sync", "to_base64(chain.seal(store.get(\"secret\"), head))",
         "to_base64(bytes(32) if ops else chain.seal(store.get(\"secret\"), head))"),
    ],
    "believes-any-seal": [
        ("chain", "    return hmac.compare_digest(", "    return True or hmac.compare_digest("),
    ],
    "believes-any-head": [
        ("pull", "    if head != reply.head:", "    if False:"),
        ("pull", "is_sealed(store.get(\"secret\"), head,", "is_sealed(store.get(\"secret\"), reply.head,"),
    ],
    "believes-any-op": [
        ("pull", "if held is not None and held != run.hash:", "if False:"),
    ],
    "ends-too-early": [
        ("pull", "            if not is_whole and not (reply.more", "            if False and not (reply.more"),
    ],
    "believes-surplus-members": [
        ("pull", "or not set(message) <= set(known.split())", ""),
    ],
    "salts-alike": [
        ("record", "    return secrets.token_bytes(16) +", "    return bytes(16) +"),
    ],
    "brings-bodies-once": [
        ("sync", "        for digest, content in self.store.bodies_to_bring():",
         "        for digest, content in self.store.bodies_to_bring():\n"
         "            self.store.brought(digest)"),
    ],
    "forgets-its-bits": [
        ("enrol", "    if store.get(\"code\") != code:", "    if True:"),
    ],
    "records-before-it-pulled": [*RECORDS_BLINDLY],
    "never-stops": [
        ("record", "    if store.get(\"stopped\") in STOPS:", "    if False:"),
    ],
    "keeps-late-answers": [
        ("sync", "                result.late += 1",
         "                self.store.set(\"have\", reply.have.seq)"),
    ],
    "pushes-by-names": [
        ("sync", "names = self.catalogue if knows_names and not self.by_numbers else None",
         "names = self.catalogue"),
    ],
    "acknowledges-before-it-is-durable": [
        ("record", "    with store.writing():", "    with store.writing(sure=False):"),
        ("store", "    def writing(self) ->", "    def writing(self, sure: bool = True) ->"),
        ("store", "        self.db.execute(\"BEGIN IMMEDIATE\")",
         "        self.db.in_transaction or self.db.execute(\"BEGIN IMMEDIATE\")"),
        ("store", "        self.db.execute(\"COMMIT\")",
         "        if sure:\n            self.db.execute(\"COMMIT\")"),
    ],
    "pulls-from-the-start": [
        ("pull", "            store.set(\"upto\", store.last(run.replica))",
         "            store.set(\"upto\", 0)"),
    ],
    "drops-unknown-kinds": [
        ("pull", "    for op in ops:\n        if op.id.replica",
         "    for op in (each for each in ops if each.kind < 200):\n        if op.id.replica"),
    ],
    "wants-a-policy": [
        ("pull", "        if op.id.replica != run.replica or op.id.seq > run.seq:",
         "        if op.id.replica != run.replica or op.id.seq > run.seq or op.policy is None:"),
    ],
    "names-no-policy": [
        ("record", "                    found = op.id", "                    pass"),
    ],
    "names-wrongly": [
        ("record", "    return chain.names(hashes)", "    return bytes(8)"),
    ],
    "stops-at-a-busy-hub": [
        ("sync", "STOPS = {", "STOPS = {\"busy\", "),
        ("record", "STOPS = {", "STOPS = {\"busy\", "),
    ],
    "gives-nothing": [
        ("rollcall", "page = None if is_done or goes_on_later else _page(store, wanted)",
         "page = None"),
    ],
    "is-silent-at-first": [
        before_a_sync("self.store.count('syncs') <= 2", "return result"), COUNTS, *RECORDS_BLINDLY,
    ],
    "asks-between-two-transactions": [
        ("pull", "    with store.writing():\n        check_have(store, reply.have)",
         "    if len(reply.entries) > 1:\n"
         "        from . import line\n"
         "        with store.writing():\n"
         "            _store_entry(store, reply.entries.pop(0))\n"
         "        line.Line(store.get(\"url\")).get(\"/v1\")\n"
         "    with store.writing():\n        check_have(store, reply.have)"),
    ],
    "hides-from-a-later-life": [before_a_sync(f"self.store.get('hub') > 4096 and {HIDES_ONCE}"), COUNTS],
    "hides-when-it-has-nothing": [before_a_sync(f"{IS_IDLE} and {HIDES_ONCE}"), COUNTS],
    "is-silent-when-it-has-nothing": [before_a_sync(IS_IDLE, "return result")],
    "backs-off-for-a-sync": [
        *backing_off(1),
        ("sync", "                result.late += 1",
         "                raise Problem('late', 503, 'it came late', True)"),
    ],
    "backs-off-for-four-syncs": [*backing_off(4)],
    "enrols-every-other-time": [
        COUNTS,
        ("enrol", "    reply = line.post(",
         "    if store.count('tries') % 2 == 0:\n"
         "        raise Malformed('nobody was asked')\n"
         "    reply = line.post("),
    ],
    "keeps-no-body": [
        ("record", "hashlib.sha256(content).digest() if content else None", "None"),
    ],
    "believes-a-hub-of-now-only": [
        ("pull", "    hub, whole = store.get(\"hub\"), store.get(\"whole\")\n    head = store",
         "    if not 10**12 < reply.now < 4 * 10**12:\n"
         "        raise Malformed(\"the hub's clock is wrong\")\n"
         "    hub, whole = store.get(\"hub\"), store.get(\"whole\")\n    head = store"),
    ],
    "counts-each-record-of-an-award": [
        ("awards", "rounds[key_of(op), number].append(op)",
         "rounds[(key_of(op), op.id), number].append(op)"),
    ],
    "lets-people-reverse-their-own-awards": [
        ("awards", "self.log.person(reversal.actor) != self.log.person(grant.actor)", "True"),
    ],
    "gives-its-ops-up-before-they-are-held": [READS_THE_CARD, GIVES_ITS_OPS_UP],
    "gives-its-ops-up-behind-a-question": [*ASKS_FIRST, GIVES_ITS_OPS_UP],
    "takes-its-push-for-answered": [
        *ASKS_FIRST,
        ("sync", "from .line import Line, Problem, with_retries",
         "from .line import Line, Problem, Unreachable, with_retries"),
        ("sync", "            except Spoilt:",
         "            except Unreachable:\n"
         "                if self.has_asked:\n"
         "                    return result\n"
         "                raise\n"
         "            except Spoilt:"),
    ],
    "follows-a-former-life": [
        READS_THE_CARD,
        ("rollcall", "    if life.number < newest.number:\n",
         "    if life.number < newest.number:\n"
         "        with store.writing():\n"
         "            store.set('hub', hub)\n"
         "            store.set('whole', store.last(hub))\n"
         "        return\n"),
        ("sync", "store.lives()[-1].json()", "store.lives()[hub // 4_096 - 1].json()"),
    ],
    "stops-at-what-it-does-not-believe": [
        ("driver", "    except (Unreachable, Problem, Malformed,",
         "    except Malformed as malformed:\n"
         "        return {\"end\": \"stopped\", \"why\": str(malformed)}\n"
         "    except (Unreachable, Problem,"),
    ],
    "goes-back-with-a-late-answer": [
        ("sync", "                result.late += 1",
         "                if not reply.entries:\n"
         "                    with store.writing():\n"
         "                        store.set(\"whole\", reply.head.seq)"),
    ],
    "takes-its-time-between-two-transactions": [
        ("pull", "    with store.writing():\n        check_have(store, reply.have)",
         "    import time\n"
         "    time.sleep(0.05)\n"
         "    if len(reply.entries) > 1:\n"
         "        with store.writing():\n"
         "            _store_entry(store, reply.entries.pop(0))\n"
         "        time.sleep(0.05)\n"
         "    with store.writing():\n        check_have(store, reply.have)"),
    ],
}
"""By name: modules, and what stands there in place of what."""

CHOICES: dict[str, list[tuple[str, str, str]]] = {
    "reads-the-card-first": [
        ("sync", "        if self.store.get(\"call_again\"):",
         "        import json\n"
         "        card = json.loads(self.line.get(\"/v1\"))\n"
         "        if card[\"incarnation\"][\"number\"] < self.store.lives()[-1].number:\n"
         "            raise Malformed(\"the card is of a former life\")\n"
         "        if self.store.get(\"call_again\"):"),
    ],
    "asks-before-it-pushes": [*ASKS_FIRST],
    "keeps-what-came-whole": [
        ("pull", "            is_whole = _store_entry(store, entry)\n",
         "            store.db.execute(\"SAVEPOINT entry\")\n"
         "            try:\n"
         "                is_whole = _store_entry(store, entry)\n"
         "            except Spoilt as spoilt:\n"
         "                store.db.execute(\"ROLLBACK TO entry\")\n"
         "                found = spoilt\n"
         "                break\n"),
        ("pull", "    with store.writing():\n        check_have(store, reply.have)",
         "    found = None\n"
         "    with store.writing():\n        check_have(store, reply.have)"),
        ("pull", "        if not reply.more:\n            store.set(\"must_hold\", 0)\n"
         "            store.set(\"has_pulled\", 1)\n",
         "        if not reply.more and found is None:\n            store.set(\"must_hold\", 0)\n"
         "            store.set(\"has_pulled\", 1)\n"
         "    if found is not None:\n        raise found\n"),
    ],
}
"""The same of replicas that keep the rules in another way, which no rule may fail."""


class Spoilt(importlib.abc.Loader, importlib.abc.MetaPathFinder):
    """Gives whoever imports one of some modules its changed source, in whatever order they are imported."""

    def __init__(self, sources: dict[str, tuple[str, str]]) -> None:
        self.sources = sources

    def find_spec(self, name: str, path: Any, target: Any = None) -> ModuleSpec | None:
        return ModuleSpec(name, self) if name in self.sources else None

    def exec_module(self, module: ModuleType) -> None:
        exec(compile(*self.sources[module.__name__], "exec"), module.__dict__)


def spoil(name: str) -> None:
    """Changes the modules of a fault or a choice, which nobody has imported yet."""
    sources: dict[str, tuple[str, str]] = {}
    for module, old, new in (FAULTS | CHOICES)[name]:
        file = Path(__file__).parent.parent / "replica" / f"{module}.py"
        source, _ = sources.get(f"replica.{module}", (file.read_text(encoding="utf-8"), ""))
        assert source.count(old) == 1, f"{name}: {module}.py has not one of: {old}"
        sources[f"replica.{module}"] = source.replace(old, new), str(file)
    sys.meta_path.insert(0, Spoilt(sources))


if __name__ == "__main__":
    spoil(sys.argv[1])
    from replica import driver

    sys.exit(driver.serve())
