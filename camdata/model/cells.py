"""Cells of a table: cleaned as text, parsed by type, written as in CSV files.

The only place where the text of cells is normalized. Columns that the specification does not name
get one of the Frictionless types (string, integer, number, boolean, date, datetime), so that a
table is read back as it was written.
"""

from __future__ import annotations

import datetime
import re
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from camdata._display.words import shorten
from camdata.model.schema import DTYPES, Type

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
