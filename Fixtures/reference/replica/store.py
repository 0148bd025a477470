"""What a replica keeps durably, in one SQLite file.

Logs are dense. Of each log a part is *vouched for* (state.md §1.1): the writer's own ops, a hub's
log up to a sealed head, another office's up to a receipt. Ops behind it are held in part.
"""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Iterator

from . import chain, op as ops
from .chain import Head, Life
from .ids import OpId, life_of

_SCHEMA = """
CREATE TABLE IF NOT EXISTS value (name TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS life (number INTEGER PRIMARY KEY, random BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS op (replica INTEGER, seq INTEGER, bytes BLOB NOT NULL,
  hash BLOB NOT NULL, PRIMARY KEY (replica, seq)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS vouched (replica INTEGER PRIMARY KEY, seq INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS covered (hub INTEGER, replica INTEGER, seq INTEGER NOT NULL,
  PRIMARY KEY (hub, replica)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS sealed (hub INTEGER PRIMARY KEY, seq INTEGER NOT NULL,
  hash BLOB NOT NULL, successor_seal BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS body (digest BLOB PRIMARY KEY, content BLOB NOT NULL,
  is_brought INTEGER NOT NULL) WITHOUT ROWID;
"""


class UnknownLife(Exception):
    """A log whose first hash needs a life of the hub that nobody told of here."""


class Store:
    """One folder's database. Every change happens inside `writing`."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.db = sqlite3.connect(folder / "replica.db", isolation_level=None)
        self.db.execute("PRAGMA journal_mode = WAL")
        self.db.execute("PRAGMA synchronous = FULL")
        self.db.executescript(_SCHEMA)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """One transaction: all of it is durable when it ends, or nothing of it happened."""
        self.db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self.db.execute("ROLLBACK")
            raise
        self.db.execute("COMMIT")

    # Values

    def get(self, name: str, default: Any = None) -> Any:
        row = self.db.execute("SELECT value FROM value WHERE name = ?", (name,)).fetchone()
        return default if row is None else row[0]

    def set(self, name: str, value: Any) -> None:
        self.db.execute("INSERT OR REPLACE INTO value VALUES (?, ?)", (name, value))

    # Lives

    def lives(self) -> list[Life]:
        return [Life(*row) for row in self.db.execute("SELECT * FROM life ORDER BY number")]

    def add_life(self, life: Life) -> None:
        self.db.execute("INSERT OR IGNORE INTO life VALUES (?, ?)", (life.number, life.random))

    # Logs

    def start(self, replica: int) -> bytes:
        """hash(0) of a log (canonical.md §4.1)."""
        row = self.db.execute(
            "SELECT number, random FROM life WHERE number = ?", (life_of(replica),)
        ).fetchone()
        if row is None:
            raise UnknownLife(f"the life that issued {replica} is not known here")
        return chain.start(self.get("street"), Life(*row), replica)

    def hash_at(self, replica: int, seq: int) -> bytes | None:
        if seq == 0:
            return self.start(replica)
        row = self.db.execute(
            "SELECT hash FROM op WHERE replica = ? AND seq = ?", (replica, seq)
        ).fetchone()
        return None if row is None else row[0]

    def last(self, replica: int) -> int:
        """The seq of the last op that is held of a log, also in part."""
        row = self.db.execute("SELECT max(seq) FROM op WHERE replica = ?", (replica,)).fetchone()
        return row[0] or 0

    def head(self, replica: int, seq: int | None = None) -> Head:
        seq = self.last(replica) if seq is None else seq
        digest = self.hash_at(replica, seq)
        assert digest is not None, f"{replica}-{seq} is not held"
        return Head(replica, seq, digest)

    def append(self, op: ops.Op) -> Head:
        """Chains an op to its log. The caller has seen that its seq is the next."""
        data = op.encoded()
        before = self.head(op.id.replica)
        assert before.seq + 1 == op.id.seq, f"{op.id} does not continue its log"
        digest = chain.link(before.hash, data)
        self.db.execute(
            "INSERT INTO op VALUES (?, ?, ?, ?)", (op.id.replica, op.id.seq, data, digest)
        )
        return Head(op.id.replica, op.id.seq, digest)

    def op(self, id: OpId) -> ops.Op | None:
        row = self.db.execute(
            "SELECT bytes FROM op WHERE replica = ? AND seq = ?", (id.replica, id.seq)
        ).fetchone()
        return None if row is None else ops.decode(row[0])

    def log(self, replica: int, after: int, upto: int) -> Iterator[ops.Op]:
        for row in self.db.execute(
            "SELECT bytes FROM op WHERE replica = ? AND seq > ? AND seq <= ? ORDER BY seq",
            (replica, after, upto),
        ):
            yield ops.decode(row[0])

    def replicas(self) -> list[int]:
        return [row[0] for row in self.db.execute("SELECT DISTINCT replica FROM op")]

    def drop_behind(self, replica: int, seq: int) -> None:
        self.db.execute("DELETE FROM op WHERE replica = ? AND seq > ?", (replica, seq))

    # What vouches for them

    def vouched(self, replica: int) -> int:
        row = self.db.execute("SELECT seq FROM vouched WHERE replica = ?", (replica,)).fetchone()
        return row[0] if row else 0

    def vouch(self, replica: int, seq: int) -> None:
        if seq > self.vouched(replica):
            self.db.execute("INSERT OR REPLACE INTO vouched VALUES (?, ?)", (replica, seq))

    def vouched_heads(self) -> list[Head]:
        rows = self.db.execute("SELECT replica, seq FROM vouched ORDER BY replica").fetchall()
        return [self.head(*row) for row in rows]

    def covered(self, hub: int, replica: int) -> int:
        """How far the receipts of one hub's log cover another log (canonical.md §6.1, §6.3)."""
        row = self.db.execute(
            "SELECT seq FROM covered WHERE hub = ? AND replica = ?", (hub, replica)
        ).fetchone()
        return row[0] if row else 0

    def cover(self, hub: int, replica: int, seq: int) -> None:
        self.db.execute("INSERT OR REPLACE INTO covered VALUES (?, ?, ?)", (hub, replica, seq))

    def sealed(self) -> list[tuple[Head, bytes]]:
        """The newest head of each hub's log with its seal for successors (sync.md §8.3)."""
        rows = self.db.execute("SELECT * FROM sealed ORDER BY hub").fetchall()
        return [(Head(hub, seq, digest), seal) for hub, seq, digest, seal in rows]

    def keep_seal(self, head: Head, successor_seal: bytes) -> None:
        self.db.execute(
            "INSERT OR REPLACE INTO sealed VALUES (?, ?, ?, ?)",
            (head.replica, head.seq, head.hash, successor_seal),
        )

    # Bodies (bodies.md)

    def keep_body(self, digest: bytes, content: bytes) -> None:
        self.db.execute("INSERT OR IGNORE INTO body VALUES (?, ?, 0)", (digest, content))

    def bodies_to_bring(self) -> list[tuple[bytes, bytes]]:
        return self.db.execute("SELECT digest, content FROM body WHERE is_brought = 0").fetchall()

    def brought(self, digest: bytes) -> None:
        self.db.execute("UPDATE body SET is_brought = 1 WHERE digest = ?", (digest,))

    def offer_bodies_again(self) -> None:
        self.db.execute("UPDATE body SET is_brought = 0")
