"""A replica that breaks one rule: `broken.py NAME` answers the runner like `linli_ref.py drive`, with one
fault in it. A conformance test that does not find it is none (conformance.md §6.6)."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

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
        ("record", "    if store.get(\"stopped\") in (", "    if False and store.get(\"stopped\") in ("),
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
}
"""By name: modules, and what stands there in place of what."""


def spoil(name: str) -> None:
    """Loads the modules of a fault as it changes them."""
    changes: dict[str, list[tuple[str, str]]] = {}
    for module, old, new in FAULTS[name]:
        changes.setdefault(module, []).append((old, new))
    for module, edits in changes.items():
        spec = importlib.util.find_spec(f"replica.{module}")
        assert spec is not None and spec.origin is not None
        source = Path(spec.origin).read_text(encoding="utf-8")
        for old, new in edits:
            assert source.count(old) == 1, f"{name}: {module}.py has not one of: {old}"
            source = source.replace(old, new)
        loaded = importlib.util.module_from_spec(spec)
        sys.modules[spec.name] = loaded
        exec(compile(source, spec.origin, "exec"), loaded.__dict__)
        setattr(sys.modules["replica"], module, loaded)


if __name__ == "__main__":
    spoil(sys.argv[1])
    from replica import driver

    sys.exit(driver.serve())
