"""What the tables of a meeting must hold.

One declarative spec, `TABLES`, drives everything: what is checked when a meeting is made, the
dtypes of the tables handed out, and the fields of the ``datapackage.json`` written beside them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
import pandas as pd

from camdata._display.words import shorten

STANCES = (1, -1)
"""The stances that a meeting uses unless it declares others: supports, opposes."""


@dataclass(frozen=True)
class Field:
    """One column: its type, the values it may take, and whether it may be absent or empty.

    `needed` columns must be in the table; `filled` ones must have a value in every row.
    """

    name: str
    description: str
    type: Literal["string", "integer", "date"] = "string"
    needed: bool = False
    filled: bool = False
    enum: tuple[str | int, ...] = ()
    minimum: int | None = None

    @property
    def dtype(self) -> str:
        """The pandas dtype in which the column is handed out."""
        if self.type == "date":
            return "datetime64[s]"
        if self.type == "string":
            return "str"
        small = self.name == "stance" and all(-128 <= int(level) < 128 for level in self.enum)
        return "Int8" if small else "Int64"

    @property
    def expected(self) -> str:
        """What the column asks for, in words."""
        if self.enum:
            return "one of " + ", ".join(map(str, self.enum))
        if self.type == "integer":
            low = "" if self.minimum is None else f" of {self.minimum} or more"
            return f"a whole number{low}"
        return "a date such as 2017-10-17" if self.type == "date" else "text"


@dataclass(frozen=True)
class Table:
    """One table: its grain in one sentence, its columns, its key and what it refers to."""

    name: str
    grain: str
    fields: tuple[Field, ...]
    key: tuple[str, ...] = ()
    foreign: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    quoted: str | None = None
    """The column of words that stand in a text."""

    @property
    def file(self) -> str:
        return f"{self.name}.csv"

    @property
    def needed(self) -> tuple[str, ...]:
        """The columns that the table must have."""
        return tuple(spec.name for spec in self.fields if spec.needed)

    def field(self, name: str) -> Field | None:
        return next((f for f in self.fields if f.name == name), None)


_QUOTE = "words of the report, verbatim"


def _span(words: str) -> tuple[Field, ...]:
    """Return the columns that say in which text some words stand, and where."""
    return (
        Field("document", f"name of the text that holds the {words}"),
        Field("start", f"first code point of the {words}", type="integer", minimum=0),
        Field("stop", f"code point after the {words}", type="integer", minimum=0),
    )


_STATEMENTS = (
    Field("statement", "identifier of the statement", filled=True),
    Field("actor", "who is recorded as holding the position", needed=True, filled=True),
    Field("code", "what the position is about", needed=True, filled=True),
    Field("stance", "1 supports, -1 opposes", type="integer", enum=STANCES),
    Field(
        "basis",
        "explicit: the report records it of the actor; "
        "by_reference: only through another speaker's remark",
        enum=("explicit", "by_reference"),
    ),
    Field("quote", _QUOTE),
    Field("coder", "who coded the statement"),
    Field("date", "date of the statement", type="date"),
    *_span("quote"),
)
_CODED = {"actor": ("actors", "actor"), "code": ("codebook", "code")}

TABLES: Mapping[str, Table] = {
    table.name: table
    for table in (
        Table(
            "actors",
            "One row per actor who spoke at the meeting.",
            (
                Field("actor", "short English name", needed=True, filled=True),
                Field("iso3", "ISO 3166-1 alpha-3 code of the actor's state"),
                Field(
                    "kind",
                    "capacity in which the actor spoke",
                    enum=("delegation", "official", "chair", "secretariat", "organisation"),
                ),
                Field(
                    "speaking_order",
                    "place in the order in which the delegations first took the floor",
                    type="integer",
                    minimum=1,
                ),
                Field("process", "regional consultative process of which the state is a member"),
            ),
            key=("actor",),
        ),
        Table(
            "codebook",
            "One row per code.",
            (
                Field("code", "short name of the code", needed=True, filled=True),
                Field("dimension", "the dimension that the code belongs to"),
                Field("label", "the code in a few words, as charts show it"),
                Field("definition", "what the code means"),
                Field("include", "what is coded, with an example"),
                Field("exclude", "what is not coded, with an example"),
            ),
            key=("code",),
        ),
        Table(
            "interventions",
            "One row per recorded intervention; passages never overlap.",
            (
                Field(
                    "order",
                    "place in the text",
                    type="integer",
                    needed=True,
                    filled=True,
                    minimum=1,
                ),
                Field("actor", "who took the floor", needed=True, filled=True),
                Field("passage", _QUOTE, needed=True, filled=True),
                *_span("passage"),
            ),
            key=("document", "order"),
            foreign={"actor": ("actors", "actor")},
            quoted="passage",
        ),
        Table(
            "statements",
            "One row per coded statement: one actor, one code, one stance, one quote.",
            _STATEMENTS,
            key=("statement",),
            foreign=_CODED,
            quoted="quote",
        ),
        Table(
            "references",
            "One row per mention of one actor by another; an unnamed end is empty, never both.",
            (
                Field("actor", "who refers", needed=True),
                Field("target", "who is referred to", needed=True),
                Field(
                    "relation",
                    "echoes: joins, agrees or says the same; builds_on: takes further; "
                    "supports: supports a proposal; contrasts: sets itself apart",
                    needed=True,
                    filled=True,
                    enum=("echoes", "builds_on", "supports", "contrasts"),
                ),
                Field("quote", _QUOTE),
                *_span("quote"),
            ),
            foreign={"actor": ("actors", "actor"), "target": ("actors", "actor")},
            quoted="quote",
        ),
        Table(
            "recodings",
            "One row per coded statement of another coder; never mixed into positions.",
            tuple(
                replace(spec, needed=True, filled=True) if spec.name == "coder" else spec
                for spec in _STATEMENTS
            ),
            key=("coder", "statement"),
            foreign=_CODED,
            quoted="quote",
        ),
    )
}
"""The spec: every table of a meeting by name, in the order in which they are written."""


def tables_for(stances: Sequence[int]) -> Mapping[str, Table]:
    """Return the spec for a meeting whose statements take these `stances`."""
    if tuple(stances) == STANCES:
        return TABLES
    levels = ", ".join(map(str, stances))

    def scaled(spec: Field) -> Field:
        if spec.name != "stance":
            return spec
        return replace(spec, enum=tuple(stances), description=f"one of the levels {levels}")

    return {
        name: replace(table, fields=tuple(map(scaled, table.fields)))
        for name, table in TABLES.items()
    }


def scale_fault(stances: object) -> str:
    """Say what is wrong with a scale of stances; nothing where it is sound."""
    if not isinstance(stances, list | tuple):
        return shorten(stances)
    if not stances:
        return "no whole numbers"
    seen: set[int] = set()
    for level in stances:
        if isinstance(level, bool | np.bool_) or not isinstance(level, int | np.integer):
            return f"{shorten(level)} among them"
        if not -(2**63) <= int(level) < 2**63:
            return f"{shorten(level)[1:-1]}, which is beyond 64 bits"
        if int(level) in seen:
            return f"{level} twice"
        seen.add(int(level))
    return ""


def as_scale(stances: object) -> tuple[int, ...]:
    """Return a scale of stances as a tuple, or raise what is wrong with it."""
    levels: Any = stances
    if isinstance(stances, Iterable) and not isinstance(
        stances, str | bytes | Mapping | pd.DataFrame
    ):
        levels = list(stances)
    if wrong := scale_fault(levels):
        raise ValueError(
            f"`stances` must be different whole numbers of at most 64 bits, but holds {wrong}."
        )
    return tuple(int(level) for level in levels)
