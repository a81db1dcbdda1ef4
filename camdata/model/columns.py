"""Columns of tables: cells cleaned as text, parsed by type, checked against the specification.

The only place where the text of cells is normalized. Columns that the specification does not name
get one of the Frictionless types (string, integer, number, boolean, date, datetime), so that a
table is read back as it was written.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from camdata._display.words import join_names, shorten, suggest
from camdata.model.errors import Fault, Origin
from camdata.model.schema import DTYPES, Field, Table, Type

Flags = NDArray[np.bool_]

WRITABLE = "text without NUL and without unpaired surrogates"
PLAIN = "one type of values: text, numbers, true and false, or dates (without a time zone, or UTC)"
_UNWRITABLE = re.compile("[\0\ud800-\udfff]")
_PATTERNS: dict[Type, str] = {
    "integer": r"[+-]?[0-9]{1,19}",
    "number": r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?|-?inf|nan",
    "boolean": r"true|false",
    "date": r"[0-9]{4}-[0-9]{2}-[0-9]{2}",
    "datetime": r"[0-9-]{10}(?:[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?Z?)?",
}
_KINDS: dict[str, Type] = {"i": "integer", "f": "number", "b": "boolean", "M": "datetime"}
_INFERRED: dict[str, Type] = {
    **{name: name for name in _KINDS.values()},
    **dict.fromkeys(("floating", "mixed-integer-float"), "number"),
}


class Unstorable(Exception):
    """A column that would not be read back as it was written; carries what was found in it."""


def unix_newlines(text: str) -> str:
    """Return `text` with every line ending as a single line feed."""
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def unwritable(text: str) -> re.Match[str] | None:
    """Find the first character of `text` that no text file can hold."""
    return _UNWRITABLE.search(text)


def _text_of(value: object) -> str | None:
    """Return a cell as clean text, or None if it is not text, a number or a day."""
    if isinstance(value, str):
        return None if unwritable(value) else unix_newlines(str(value))
    if isinstance(value, datetime.datetime):
        midnight = value.time() == datetime.time(0) and not getattr(value, "nanosecond", 0)
        return value.date().isoformat() if midnight else None
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, bool | np.bool_ | bytes) or not np.isscalar(value):
        return None
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    try:
        return str(value)
    except ValueError:  # more digits than Python writes
        return None


def name_text(value: object) -> str:
    """Return the name of an actor or code as text; 1 and 1.0 are the same name.

    Raises
    ------
    TypeError
        For values that are not text, numbers or days.
    """
    text = _text_of(value)
    if text is None:
        raise TypeError(
            f"Actors and codes are text or whole numbers, but {shorten(value)} was found."
        )
    return text


def as_text(values: pd.Series[Any]) -> tuple[pd.Series[Any], Flags]:
    """Return a column of any dtype as clean text.

    Line endings become line feeds, whole numbers lose their ``.0``, days are written as in ISO
    8601, and empty cells are missing.

    Returns
    -------
    (pandas.Series, numpy.ndarray)
        The text (str), and which cells cannot be written as text; these are missing.
    """
    missing = values.isna().to_numpy(dtype=bool)
    pairs = zip(values.tolist(), missing.tolist(), strict=True)
    cells = [None if gone else _text_of(value) for value, gone in pairs]
    texts = pd.Series(cells, values.index, dtype="str")
    return texts.mask(texts == ""), texts.isna().to_numpy(dtype=bool) & ~missing


def parse(kind: Type, texts: pd.Series[Any]) -> tuple[pd.Series[Any], Flags]:
    """Parse a column of text as a type; return its values, and which cells are of another type."""
    wrong = texts.notna()
    if kind == "string":
        return texts, np.zeros(len(texts), dtype=bool)
    clean = texts.str.strip()
    if kind == "integer":
        clean = clean.str.replace("\N{MINUS SIGN}", "-")
    elif kind == "boolean":
        clean = clean.str.lower()
    # as objects, since pyarrow reads no plus sign
    found = clean[clean.str.fullmatch(_PATTERNS[kind], na=False)].astype(object)
    dtype = DTYPES[kind]
    if kind in ("date", "datetime"):
        zoned = found.str.endswith("Z").astype(bool)
        found = found[zoned == zoned.any()]
        found = pd.to_datetime(found, format="ISO8601", errors="coerce").dropna()
        dtype = dtype.replace("]", ", UTC]" if found.dt.tz else "]")
    elif kind == "integer":
        found = found.map(int)
        found = found[found.between(-(2**63), 2**63 - 1)]
    elif kind == "boolean":
        found = found == "true"
    wrong[found.index] = False
    return found.astype(dtype).reindex(texts.index), wrong.to_numpy(dtype=bool)


def storable(values: pd.Series[Any]) -> tuple[pd.Series[Any], list[int]]:
    """Return a column of any dtype in the dtype of its Frictionless type.

    Returns
    -------
    (pandas.Series, list of int)
        The column, and the rows whose text no file can hold.

    Raises
    ------
    Unstorable
        For values of several types, or of one that no table holds.
    """
    found = _KINDS.get(values.dtype.kind) or pd.api.types.infer_dtype(values.astype(object))
    if found in ("string", "empty"):
        texts, bad = as_text(values)
        return texts, np.flatnonzero(bad).tolist()
    there = values.notna()
    try:
        if found in ("date", "datetime", "datetime64"):
            made = _moments(values)
        else:
            made = values.astype(object).where(there, None).astype(DTYPES[_INFERRED[found]])
        if list(made[there]) == [pd.Timestamp(v) if found == "date" else v for v in values[there]]:
            return made, []
    except (KeyError, TypeError, ValueError, OverflowError):
        pass
    raise Unstorable(f"{found} values such as {shorten(values.dropna().iloc[0])}")


def _moments(values: pd.Series[Any]) -> pd.Series[Any]:
    """Return dates as days where none has a time, else as moments; of no time zone, or UTC."""
    moments = pd.to_datetime(values)
    if moments.dt.tz is not None:
        if str(moments.dt.tz) not in ("UTC", "UTC+00:00"):
            raise ValueError
        return moments.astype("datetime64[us, UTC]")
    days = bool((moments.isna() | (moments == moments.dt.normalize())).all())
    return moments.astype("datetime64[s]" if days else "datetime64[us]")


def type_of(values: pd.Series[Any]) -> Type:
    """Return the Frictionless type of a column that `storable` has returned."""
    return "date" if values.dtype == "datetime64[s]" else _KINDS.get(values.dtype.kind, "string")


def written(values: pd.Series[Any]) -> pd.Series[Any]:
    """Return a column as it is written in CSV files: dates as in ISO 8601."""
    if values.dtype.kind != "M":
        return values
    zone = "Z" if isinstance(values.dtype, pd.DatetimeTZDtype) else ""
    unit: Any = "D" if type_of(values) == "date" else "us"
    # strftime writes years before 1000 with three digits
    texts = np.datetime_as_string(values.to_numpy(f"datetime64[{unit}]"), unit=unit)
    return (pd.Series(texts, values.index, dtype="str") + zone).where(values.notna())


# checks against the specification

_Column = tuple["pd.Series[Any]", list[Fault]]
_FORMATS = "%d.%m.%Y %d.%m.%y %d/%m/%Y %m/%d/%Y %d/%m/%y %m/%d/%y %d-%m-%Y %Y/%m/%d %Y%m%d".split()
_FORMATS += ["%d %B %Y", "%d %b %Y", "%B %d, %Y", "%b %d, %Y"]
"""Usual formats of dates, which a fault suggests."""


def check_column(
    spec: Field, values: pd.Series[Any], origin: Origin, known: Sequence[str] | None = None
) -> _Column:
    """Check one column, and return it in the dtype of the specification, with its faults.

    Parameters
    ----------
    spec : Field
        The specification of the column.
    values : pandas.Series
        The column as read, of any dtype, index 0, 1, 2, …
    origin : Origin
        Where it came from.
    known : sequence of str, optional
        The keys of the table that the column refers to.
    """
    if spec.type in ("boolean", "number", "datetime") and values.dtype.kind in "bfM":
        return storable(values)[0], []
    codes, found = factorize(values)
    texts, bad = as_text(pd.Series(found, dtype=object))
    parsed, unread = parse(spec.type, texts)
    outside = np.zeros(len(found), dtype=bool)
    if spec.enum:
        outside = ~parsed.isin(spec.enum).to_numpy(dtype=bool)
    elif spec.minimum is not None:
        outside = (parsed < spec.minimum).to_numpy(dtype=bool, na_value=False)
    unknown = ~parsed.isin(known).to_numpy(dtype=bool) if known is not None else False & outside
    wrong = np.flatnonzero(bad | unread | outside | unknown).tolist()
    reasons = {}
    for option in wrong:
        value, near, expected = found[option], _near(found[option], spec), spec.expected
        if bad[option] and isinstance(value, str):
            expected = WRITABLE
        elif unknown[option] and not bad[option]:
            expected = "an actor of actors.csv" if spec.name != "code" else "a code of codebook.csv"
            near = partial(suggest, texts[option], known or ())
        reasons[option] = (expected, shorten(value, 1000), near)
    if spec.type == "date":
        # dates in one other format are one thing to correct
        advice, alike = _advice(texts[unread])
        got = join_names(map(shorten, alike), 3)
        reasons |= dict.fromkeys(alike.index.tolist(), (spec.expected, got, advice))
    if spec.filled:
        reasons[-1] = ("a value", "nothing", "")
    rows = np.flatnonzero(np.isin(codes, list(reasons))).tolist() if reasons else []
    faults = [origin.fault(row, spec.name, *reasons[int(codes[row])]) for row in rows]
    if spec.type == "integer":
        parsed = parsed.mask(outside, pd.NA).astype(spec.dtype)
    return pd.Series(parsed.array.take(codes, allow_fill=True), values.index), faults


def _near(value: object, spec: Field) -> partial[str] | str:
    """Suggest what an invalid value may mean, or how to make it valid."""
    if spec.name == "stance":
        return 'another scale is given by "stances" in datapackage.json, or by stances='
    if not isinstance(value, str) or not spec.enum:
        return ""
    return partial(suggest, value, [str(option) for option in spec.enum])


def _advice(dates: pd.Series[Any]) -> tuple[str, pd.Series[Any]]:
    """Suggest a format that most dates have (empty if there is none), and return those it reads."""
    if len(dates) and dates.str.fullmatch(r"(?:[2-5]\d{4}|60000)(?:\.0)?").all():
        excel = 'pandas.to_datetime(frame[column], unit="D", origin="1899-12-30")'
        return f"these are Excel's day numbers: convert them by {excel}", dates
    some = dates.head(200)
    fit = [form for form in _FORMATS if 2 * read_days(some, form).notna().sum() > len(some)]
    read = pd.DataFrame({form: read_days(dates, form).notna() for form in fit}, dates.index)
    forms = " or ".join(f"dates={form!r}" for form in fit)
    return forms and f"read_table reads such dates by {forms}", dates[read.any(axis=1)]


def read_days(words: pd.Series[Any], form: str) -> pd.Series[Any]:
    """Read dates in a format of strptime; what has another form is missing."""
    # pandas takes words such as "today" too, and years and months for %Y%m%d
    known = words.where(words.str.contains(r"^\s*\d{8}\s*$" if form == "%Y%m%d" else r"\d"))
    try:
        return pd.to_datetime(known, format=form, errors="coerce")
    except ValueError:  # several time zones: the day that each cell has
        days = [pd.to_datetime(w, format=form, errors="coerce").tz_localize(None) for w in known]
        return pd.Series(days, known.index)


def check_table(
    table: Table, frame: pd.DataFrame, origin: Origin, known: Mapping[str, Sequence[str]]
) -> tuple[pd.DataFrame, list[Fault]]:
    """Check one table: its columns, their values, its key and references to other tables.

    Returns the table in the dtypes of its specification, and its faults.

    Parameters
    ----------
    table : Table
        The specification.
    frame : pandas.DataFrame
        The table as read, in any dtypes, index 0, 1, 2, …
    origin : Origin
        Where it came from.
    known : mapping of str to sequence of str
        For each column that refers to another table, the keys of that table.
    """
    there = ", ".join(origin.columns.get(name, name) for name in frame.columns)
    own, named = f"columns {shorten(there, 300)[1:-1]}", {*frame.columns, *origin.columns.values()}
    faults = [origin.fault(None, n, "this column", own) for n in table.needed if n not in named]
    columns = {}
    for name in frame.columns:
        if (spec := table.field(name)) is not None:
            columns[name], found = check_column(spec, frame[name], origin, known.get(name))
            faults += found
            continue
        values = columns[name] = frame[name]
        try:
            columns[name], rows = storable(values)
            got = [shorten(values.iloc[row], 1000) for row in rows]
            faults += [origin.fault(r, name, WRITABLE, w) for r, w in zip(rows, got, strict=True)]
        except Unstorable as wrong:
            faults.append(origin.fault(None, name, PLAIN, str(wrong)))
    checked = pd.DataFrame(columns, index=frame.index)
    if table.key and table.key[-1] in columns:
        faults += _repeated(checked, [name for name in table.key if name in columns], origin)
    return checked, faults


def _repeated(frame: pd.DataFrame, key: list[str], origin: Origin) -> list[Fault]:
    """List the rows whose key already occurs in an earlier row."""
    *others, column = key
    filled = frame[frame[column].notna()]
    if not filled.duplicated(key).any():
        return []
    rows = filled.index.to_series()
    first = rows.groupby([filled[name] for name in key], dropna=False).transform("first")
    again = first[first != rows]
    expected = f"each {column} once" + (f" for each {' and '.join(others)}" if others else "")
    faults = []
    for row, start in zip(again.index.tolist(), again.tolist(), strict=True):
        place = f"first on {origin.unit} {origin.at(start)}"
        got = f"{shorten(filled.at[row, column], 1000)} again ({place})"
        faults.append(origin.fault(row, column, expected, got))
    return faults


def factorize(values: pd.Series[Any]) -> tuple[NDArray[np.int64], list[Any]]:
    """Return the number of each value among the different ones, and these in order of appearance.

    Missing and empty values have the number -1. In a column of mixed types 1, 1.0, True and "1" are
    different values; unhashable ones are compared by how they are written.
    """
    if values.dtype == "str":
        values = values.mask(values == "")
    elif values.dtype.kind not in "iufbM":
        values = values.astype(object)
    if values.dtype != object:
        numbers, options = pd.factorize(values)
        return numbers.astype(np.int64), list(options)
    values = values.where(values.notna(), None)
    cells = [None if type(v) is str and not v else v for v in values]
    keys = [v if v is None or type(v) is str else (type(v), shorten(v, 1000)) for v in cells]
    place: dict[Any, int] = {}  # pandas 3.0 takes "A" and "A\0" for one value
    numbers = np.array([-1 if k is None else place.setdefault(k, len(place)) for k in keys], int)
    first = pd.Series(numbers).drop_duplicates()
    return numbers, [cells[row] for row in first.index[first >= 0]]
