"""A table is checked against what it must hold, column by column."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from camdata._display.words import meant, shorten
from camdata.model.cells import PLAIN, WRITABLE, Unstorable, storable, unix_newlines, unwritable
from camdata.model.errors import Fault, Origin
from camdata.model.schema import TABLES, Field, Table

Flags = NDArray[np.bool_]


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
            wrong[number] = (expected, _near(value, spec))
            continue
        parsed.append(result)
        low = spec.minimum is not None and result < spec.minimum
        if low or (levels and result not in levels):
            wrong[number] = (spec.expected, _near(value, spec))
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


def _near(value: object, spec: Field) -> partial[str] | str:
    """Say what may be meant by a value that a column cannot hold, or how it could hold it."""
    if spec.name == "stance":
        return 'another scale is told by "stances" in datapackage.json, or by stances='
    if spec.type == "date" and re.fullmatch(r"\d{1,2}[./]\d{1,2}[./]\d{2,4}", str(value), re.ASCII):
        return "read_table reads dates that are written otherwise, by dates="
    if not isinstance(value, str) or not spec.enum:
        return ""
    return partial(meant, value, [str(option) for option in spec.enum])


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
