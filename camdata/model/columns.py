"""A table checked against its specification, column by column."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from camdata._display.words import shorten, suggest
from camdata.model.cells import PLAIN, WRITABLE, Unstorable, as_text, parse, storable
from camdata.model.errors import Fault, Origin
from camdata.model.schema import Field, Table


@dataclass(frozen=True)
class CheckedTable:
    """A table in the dtypes of its specification, and its faults."""

    frame: pd.DataFrame
    faults: list[Fault]


_Column = tuple["pd.Series[Any]", list[Fault]]


def check_column(
    spec: Field, values: pd.Series[Any], origin: Origin, known: Sequence[str] | None = None
) -> _Column:
    """Check one column, and return it in the dtype of the specification, with its faults.

    Parameters
    ----------
    spec : Field
        What it must hold.
    values : pandas.Series
        The column as it came, of any dtype, index 0, 1, 2, …
    origin : Origin
        Where it came from.
    known : sequence of str, optional
        The values that it may take because they are keys of another table.
    """
    if spec.type in ("boolean", "number", "datetime") and values.dtype.kind in "bfM":
        return storable(values)[0], []
    codes, found = factorize(values)
    options: pd.Series[Any] = pd.Series(range(len(found)), dtype=object)
    options[:] = found
    texts, bad = as_text(options)
    parsed, unread = parse(spec.type, texts)
    there = parsed.notna()
    outside = unknown = np.zeros(len(found), dtype=bool)
    if spec.enum:
        outside = (there & ~parsed.isin(spec.enum)).to_numpy(dtype=bool)
    elif spec.minimum is not None:
        outside = (there & (parsed < spec.minimum)).to_numpy(dtype=bool, na_value=False)
    if known is not None:
        unknown = (there & ~parsed.isin(known)).to_numpy(dtype=bool)
    empty = np.flatnonzero(codes < 0).tolist() if spec.filled else []
    faults = [origin.fault(row, spec.name, "a value", "nothing") for row in empty]
    wrong = np.append(bad | unread | outside | unknown, False)
    for row in np.flatnonzero(wrong[codes]).tolist():
        option, value = int(codes[row]), found[codes[row]]
        near, expected = _near(value, spec), spec.expected
        if bad[option] and isinstance(value, str):
            expected = WRITABLE
        elif unknown[option]:
            expected = "an actor of actors.csv" if spec.name != "code" else "a code of codebook.csv"
            near = partial(suggest, str(texts[option]), known or ())
        faults.append(origin.fault(row, spec.name, expected, shorten(value, 1000), near))
    if spec.type == "integer":
        parsed = parsed.mask(outside, pd.NA).astype(spec.dtype)
    return pd.Series(parsed.array.take(codes, allow_fill=True), values.index), faults


def _near(value: object, spec: Field) -> partial[str] | str:
    """Say what may be meant by a value that a column cannot hold, or how it could hold it."""
    if spec.name == "stance":
        return 'another scale is given by "stances" in datapackage.json, or by stances='
    if spec.type == "date" and re.fullmatch(r"\d{1,2}[./]\d{1,2}[./]\d{2,4}", str(value), re.ASCII):
        return "read_table reads dates that are written otherwise, by dates="
    if not isinstance(value, str) or not spec.enum:
        return ""
    return partial(suggest, value, [str(option) for option in spec.enum])


def _check_extra(name: str, values: pd.Series[Any], origin: Origin) -> _Column:
    """Check a column outside the specification, and return it in a dtype that can be read back."""
    try:
        made, rows = storable(values)
    except Unstorable as found:
        return values, [origin.fault(None, name, PLAIN, str(found))]
    return made, [origin.fault(r, name, WRITABLE, shorten(values.iloc[r], 1000)) for r in rows]


def check_table(
    table: Table, frame: pd.DataFrame, origin: Origin, known: Mapping[str, Sequence[str]]
) -> CheckedTable:
    """Check one table: its columns, their values, its key, and what it refers to.

    Parameters
    ----------
    table : Table
        The specification.
    frame : pandas.DataFrame
        The table as it came, in any dtypes, index 0, 1, 2, …
    origin : Origin
        Where it came from.
    known : mapping of str to sequence of str
        For each column that refers to another table, the values it may take.
    """
    own = set(origin.columns.values())
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
            columns[name], found = _check_extra(name, frame[name], origin)
        else:
            columns[name], found = check_column(spec, frame[name], origin, known.get(name))
        faults += found
    checked = pd.DataFrame(columns, index=frame.index)
    key = [name for name in table.key if name in frame.columns]
    if table.key and table.key[-1] in key:
        faults += _repeated(checked, key, origin)
    return CheckedTable(checked, faults)


def _repeated(frame: pd.DataFrame, key: list[str], origin: Origin) -> list[Fault]:
    """List the rows whose key stands in an earlier row."""
    column = key[-1]
    filled = frame[frame[column].notna()]
    again = filled.loc[filled.duplicated(key, keep=False), key]
    expected = f"each {column} once"
    if len(key) > 1:
        expected += f" for each {' and '.join(key[:-1])}"
    first: dict[tuple[Any, ...], int] = {}
    faults = []
    for row, values in zip(again.index.tolist(), again.itertuples(index=False), strict=True):
        start = first.setdefault(tuple(None if pd.isna(v) else v for v in values), row)
        if start != row:
            place = f"{origin.unit} {origin.at(start)}"
            got = f"{shorten(values[-1], 1000)} again (first on {place})"
            faults.append(origin.fault(row, column, expected, got))
    return faults


def factorize(values: pd.Series[Any]) -> tuple[NDArray[np.int64], list[Any]]:
    """Return the number of each value among the different ones, and these in order of appearance.

    Missing and empty values have the number -1. In a column of mixed types 1, 1.0, True and "1" are
    different values; unhashable ones are compared by how they are written.
    """
    found: list[Any]
    if values.dtype == object:
        cells = values.tolist()
        missing = values.isna().tolist()
        keys = [
            None if gone else v if type(v) is str else f"\0{type(v).__name__} {shorten(v, 1000)}"
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
