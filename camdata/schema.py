"""What the tables of a meeting must hold, and the checks of one table.

One declarative spec, `TABLES`, drives everything: what is checked when a meeting is made, the
dtypes of the tables handed out, and the fields of the ``datapackage.json`` written beside them.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from camdata._cells import PLAIN, WRITABLE, Unstorable, storable, unwritable
from camdata._cells import unix_newlines as unix_newlines
from camdata._words import meant, shorten
from camdata.faults import Fault, Origin

STANCES = (1, -1)
"""The stances that a meeting uses unless it declares others: supports, opposes."""

Flags = NDArray[np.bool_]


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


class _Strange(Exception):
    """A value that the column cannot hold."""


def _as_text(value: Any) -> str:
    if isinstance(value, str):
        if unwritable(value):
            raise _Strange(WRITABLE)
        return unix_newlines(value)
    if isinstance(value, bool | np.bool_ | bytes | bytearray) or not np.isscalar(value):
        if isinstance(value, datetime.date):
            return _as_date(value)
        raise _Strange
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    try:
        return str(value)
    except ValueError:  # of more digits than Python writes
        raise _Strange from None


def _as_whole(value: Any) -> int:
    if isinstance(value, str):
        text = value.strip().replace("\N{MINUS SIGN}", "-").removeprefix("+")
        if not re.fullmatch(r"-?[0-9]{1,19}", text, re.ASCII):
            raise _Strange
        value = int(text)
    elif isinstance(value, float | np.floating):
        if not float(value).is_integer():
            raise _Strange
    elif isinstance(value, bool | np.bool_) or not isinstance(value, int | np.integer):
        raise _Strange
    if not -(2**63) <= int(value) < 2**63:
        raise _Strange
    return int(value)


def _as_date(value: Any) -> str:
    if isinstance(value, datetime.datetime):
        finer = isinstance(value, pd.Timestamp) and value.nanosecond
        if value.time() != datetime.time(0) or finer:
            raise _Strange
        value = value.date()
    text = value.isoformat() if isinstance(value, datetime.date) else value
    if not isinstance(text, str) or not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
        raise _Strange
    try:
        datetime.date.fromisoformat(text)
    except ValueError:
        raise _Strange from None
    return text


_PARSERS = {"string": _as_text, "integer": _as_whole, "date": _as_date}


def factorize(values: pd.Series[Any]) -> tuple[NDArray[np.int64], list[Any]]:
    """Return the number of each value among the different ones, and these in order of appearance.

    Missing and empty values have the number -1. In a column of mixed types 1, 1.0, True and "1" are
    different values, and what cannot be hashed is told apart by how it is written.
    """
    found: list[Any]
    if values.dtype == object:
        cells = values.tolist()
        missing = values.isna().tolist()
        keys = [
            None if gone else v if type(v) is str else _told_apart(v)
            for v, gone in zip(cells, missing, strict=True)
        ]
        numbers = pd.factorize(np.array([*keys, None], dtype=object))[0][:-1]
        different, first = np.unique(numbers, return_index=True)
        found = [cells[row] for row, number in zip(first, different, strict=True) if number >= 0]
    else:
        numbers, options = pd.factorize(values)
        found = list(options)
    codes = numbers.astype(np.int64)
    empty = [number for number, value in enumerate(found) if isinstance(value, str) and not value]
    if empty:
        codes[codes == empty[0]] = -1
    return codes, found


def _told_apart(value: object) -> str:
    """Return a key of one value in a column of mixed types, which no text is."""
    try:
        return f"\0{type(value).__name__} {value!r}"
    except (ValueError, RecursionError):  # of more digits, or more lists in lists, than are written
        return f"\0{type(value).__name__} {id(value)}"


@dataclass(frozen=True)
class Column:
    """A column in the dtype of the spec, and its faults; what the dtype cannot hold is missing."""

    values: pd.Series[Any]
    faults: list[Fault]


def check_column(
    spec: Field, values: pd.Series[Any], origin: Origin, known: Sequence[str] | None, target: str
) -> Column:
    """Check one column by its different values, and return it in the dtype of the spec.

    Parameters
    ----------
    spec : Field
        What it must hold.
    values : pandas.Series
        The column as it came, of any dtype, index 0, 1, 2, …
    origin : Origin
        Where it came from.
    known : sequence of str, optional
        The values that it may take because they are keys of the table `target`.
    target : str
        That table.
    """
    codes, found = factorize(values)
    parse: Callable[[Any], Any] = _PARSERS[spec.type]
    parsed: list[Any] = []
    wrong: dict[int, tuple[str, partial[str] | str]] = {}
    keys = None if known is None else set(known)
    levels = set(spec.enum)
    used = np.zeros(len(found) + 1, dtype=bool)
    used[codes] = True
    for number, value in enumerate(found):
        if not used[number]:
            parsed.append(None)
            continue
        try:
            result = parse(value)
        except _Strange as strange:
            parsed.append(None)
            expected = str(strange) or spec.expected
            wrong[number] = (expected, _near(value, spec.enum))
            continue
        parsed.append(result)
        low = spec.minimum is not None and result < spec.minimum
        if low or (levels and result not in levels):
            wrong[number] = (spec.expected, _near(value, spec.enum))
            parsed[-1] = result if spec.type == "string" else None
        elif keys is not None and result not in keys:
            article = "an actor" if target == "actors" else "a code"
            near_it = partial(meant, str(result), known or ())
            wrong[number] = (f"{article} of {TABLES[target].file}", near_it)
    faults = []
    if spec.filled:
        faults += [
            origin.fault(row, spec.name, "a value", "nothing")
            for row in np.flatnonzero(codes < 0).tolist()
        ]
    if wrong:
        numbers = np.array(sorted(wrong))
        for row in np.flatnonzero(np.isin(codes, numbers)).tolist():
            expected, near = wrong[int(codes[row])]
            got = shorten(found[codes[row]], 1000)
            faults.append(origin.fault(row, spec.name, expected, got, near))
        # the checks of the whole table go on with what could be read
        codes = np.where(np.array([*(p is None for p in parsed), True])[codes], -1, codes)
    return Column(_typed(spec, values, codes, parsed, found), faults)


def _near(value: object, options: Sequence[object]) -> partial[str] | str:
    if not isinstance(value, str) or not options:
        return ""
    return partial(meant, value, [str(option) for option in options])


def _check_extra(name: str, values: pd.Series[Any], origin: Origin) -> Column:
    """Check a column outside the spec, and return it in a dtype that can be read back."""
    try:
        values, rows = storable(values)
    except Unstorable as found:
        return Column(values, [origin.fault(None, name, PLAIN, str(found))])
    faults = [origin.fault(r, name, WRITABLE, shorten(values.iloc[r], 1000)) for r in rows]
    return Column(values, faults)


def _typed(
    spec: Field,
    values: pd.Series[Any],
    codes: NDArray[np.int64],
    parsed: list[Any],
    found: list[Any],
) -> pd.Series[Any]:
    """Put the parsed values back in their rows, in the dtype of the spec."""
    if spec.type == "string":
        if values.dtype == "str" and "" not in found and parsed == found:
            return values
        options = pd.Series([*parsed, np.nan], dtype="str")
        return pd.Series(options.array.take(codes), values.index)
    if spec.type == "date":
        dates = np.array([*(p or "NaT" for p in parsed), "NaT"], dtype="datetime64[s]")
        return pd.Series(dates[codes], values.index)
    whole: type[np.signedinteger[Any]] = np.int8 if spec.dtype == "Int8" else np.int64
    numbers = np.array([*(p or 0 for p in parsed), 0], dtype=whole)
    return pd.Series(pd.arrays.IntegerArray(numbers[codes], codes < 0), values.index)


@dataclass(frozen=True)
class CheckedTable:
    """A table in the dtypes of the spec, and its faults."""

    frame: pd.DataFrame
    faults: list[Fault]


def check_table(
    table: Table, frame: pd.DataFrame, origin: Origin, known: Mapping[str, Sequence[str]]
) -> CheckedTable:
    """Check one table: its columns, their values, its key, and what it refers to.

    Parameters
    ----------
    table : Table
        The spec.
    frame : pandas.DataFrame
        The table as it came, in any dtypes, index 0, 1, 2, …
    origin : Origin
        Where it came from.
    known : mapping of str to sequence of str
        For each column that refers to another table, the values it may take.
    """
    own = {name: column for column, name in origin.columns.items()}
    there = ", ".join(origin.columns.get(c, str(c)) for c in map(str, frame.columns))
    faults = [
        origin.fault(None, name, "this column", f"columns {shorten(there, 300)[1:-1]}")
        for name in table.needed
        if name not in frame.columns and name not in own
    ]
    columns = {}
    for name in frame.columns:
        spec = table.field(name)
        if spec is None:
            column = _check_extra(name, frame[name], origin)
        else:
            target = table.foreign.get(name, ("", ""))[0]
            column = check_column(spec, frame[name], origin, known.get(name), target)
        columns[name] = column.values
        faults += column.faults
    checked = pd.DataFrame(columns, index=frame.index)
    key = [name for name in table.key if name in frame.columns]
    if table.key and table.key[-1] in key:
        faults += _repeated(checked, key, origin)
    return CheckedTable(checked, faults)


def _repeated(frame: pd.DataFrame, key: list[str], origin: Origin) -> list[Fault]:
    """List the rows whose key stands in an earlier row."""
    column = key[-1]
    filled = frame[frame[column].notna()]
    again = filled.index[filled.duplicated(key)]
    if len(again) == 0:
        return []
    number = filled.groupby(key, dropna=False, sort=False).ngroup()
    first = number.drop_duplicates()
    first_row = pd.Series(first.index, first.to_numpy())
    expected = f"each {column} once"
    if len(key) > 1:
        expected += f" for each {' and '.join(key[:-1])}"
    rows = first_row.loc[number[again]].tolist()
    return [
        origin.fault(
            int(row),
            column,
            expected,
            f"{shorten(filled.at[row, column], 1000)} again (first on {origin.unit} "
            f"{origin.at(int(start))})",
        )
        for row, start in zip(again.tolist(), rows, strict=True)
    ]
