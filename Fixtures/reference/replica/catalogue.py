"""The kinds of op, read from the tables of Protocol/ops.md §2 themselves."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

DOCUMENT = Path(__file__).resolve().parents[3] / "Protocol" / "ops.md"


@dataclass
class Field:
    """One row of a kind's table: a key, a name, and what may stand there."""

    key: int
    name: str
    sort: str
    is_required: bool = True
    least: int = 0
    most: int = 0
    choices: dict[str, int] = field(default_factory=dict)
    targets: list[str] = field(default_factory=list)
    fields: list[Field] = field(default_factory=list)


@dataclass
class Kind:
    number: int
    name: str
    who: list[str] = field(default_factory=list)
    is_dated: bool = False
    fields: list[Field] = field(default_factory=list)
    body: list[Field] = field(default_factory=list)

    def field_named(self, name: str) -> Field | None:
        return next((each for each in self.fields if each.name == name), None)


class Catalogue:
    """All kinds, by number and by name, and the version that digests compare (state.md §5.3)."""

    def __init__(self, kinds: list[Kind], version: int) -> None:
        self.version = version
        self.by_number = {kind.number: kind for kind in kinds}
        self.by_name = {kind.name: kind for kind in kinds}

    def name_of(self, number: int) -> str:
        kind = self.by_number.get(number)
        return kind.name if kind else f"#{number}"

    @classmethod
    def read(cls, document: Path = DOCUMENT) -> Catalogue:
        """Reads the document. Raises `ValueError` where it has a row that is not understood."""
        text = document.read_text(encoding="utf-8")
        version = re.search(r"version of the catalogue is (\d+)", text)
        if version is None:
            raise ValueError(f"{document} does not say its version")
        part = text.split("<!-- catalogue begins -->")[1].split("<!-- catalogue ends -->")[0]
        table, *chapters = re.split(r"^### ", part, flags=re.MULTILINE)
        kinds = {}
        for cells in _rows(table):
            name = cells[1].strip("`")
            who = cells[5].split(", ")
            kinds[name] = Kind(int(cells[0]), name, who, is_dated=cells[7] == "yes")
        for chapter in chapters:
            name = re.match(r"\d+ `([^`]+)`", chapter)
            if name is None:
                raise ValueError(f"no kind: {chapter[:40]!r}")
            _fill(kinds[name.group(1)], chapter)
        return cls(list(kinds.values()), int(version.group(1)))


def _rows(text: str) -> list[list[str]]:
    """The cells of each row that begins with a number."""
    lines = [line for line in text.splitlines() if re.match(r"\| [0-9]", line)]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


def _fill(kind: Kind, chapter: str) -> None:
    for key, name, sort, required in _rows(chapter):
        row = _field(int(key.split(".")[-1]), name.strip("`"), sort, required == "yes")
        (kind.fields[-1].fields if "." in key else kind.fields).append(row)
    body = re.search(r"^Body: (.*)\.$", chapter, flags=re.MULTILINE)
    for name, least, most, rest in re.findall(
        r"`(\w+)` \((\d+)–(\d+) bytes(, optional)?\)", body.group(1) if body else ""
    ):
        kind.body.append(Field(0, name, "text", not rest, int(least), int(most)))


def _field(key: int, name: str, sort: str, is_required: bool) -> Field:
    row = Field(key, name, "", is_required)
    if sort in ("date", "replica id", "true or false"):
        row.sort = {"date": "date", "replica id": "replica", "true or false": "flag"}[sort]
    elif span := re.fullmatch(r"integer (-?\d+)–(-?\d+)", sort):
        row.sort, row.least, row.most = "integer", int(span[1]), int(span[2])
    elif span := re.fullmatch(r"text, (\d+)–(\d+) bytes", sort):
        row.sort, row.least, row.most = "text", int(span[1]), int(span[2])
    elif span := re.fullmatch(r"(\d+) bytes", sort):
        row.sort, row.least, row.most = "bytes", int(span[1]), int(span[1])
    elif span := re.fullmatch(r"(\d+)–(\d+) records of", sort):
        row.sort, row.least, row.most = "records", int(span[1]), int(span[2])
    elif sort.startswith(("one of ", "set of ")):
        row.sort = "choice" if sort.startswith("one") else "set"
        row.choices = {each: int(n) for each, n in re.findall(r"`([^`]+)` \((\d+)\)", sort)}
    elif span := re.fullmatch(r"(\d+)–(\d+) references to (.*), ascending", sort):
        row.sort, row.least, row.most = "references", int(span[1]), int(span[2])
        row.targets = re.findall(r"`([^`]+)`", span[3])
    elif sort.startswith("reference to "):
        row.sort, row.targets = "reference", re.findall(r"`([^`]+)`", sort)
    else:
        raise ValueError(f"no type: {sort!r}")
    return row
