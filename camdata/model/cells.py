"""Cells of a table: cleaned as text, parsed by type, and written as a CSV file holds them.

The only place where the text of cells is normalized. Columns that the specification does not name
get one of the types of Frictionless (string, integer, number, boolean, date, datetime), so that a
written table is read back the same.
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

WRITABLE = "text without NUL and without halves of surrogate pairs"
PLAIN = "text, numbers, truth values or dates (of no time zone, or UTC), one of them in a column"
_UNWRITABLE = re.compile("[\0\ud800-\udfff]")
_PATTERNS: dict[Type, str] = {
    "integer": r"[+-]?[0-9]{1,19}",
    "number": r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?|-?inf|nan",
    "boolean": r"true|false",
    "date": r"[0-9]{4}-[0-9]{2}-[0-9]{2}",
    "datetime": r"[0-9-]{10}(?:[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?Z?)?",
}
_NUMBERS = dict.fromkeys(("floating", "mixed-integer-float", "number"), "float64")
_STORED: dict[str, Any] = {"integer": "Int64", "boolean": "boolean", **_NUMBERS}


class Unstorable(Exception):
    """A column that could not be read back the same; carries what was found in it."""


def unix_newlines(text: str) -> str:
    """Return `text` with every line ending as a single line feed."""
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def unwritable(text: str) -> re.Match[str] | None:
    """Find the first character of `text` that no file of text can hold."""
    return _UNWRITABLE.search(text)


def as_text(values: pd.Series[Any]) -> tuple[pd.Series[Any], Flags]:
    """Return a column of any dtype as clean text.

    Line endings become line feeds, whole numbers lose their ``.0``, days are written as in ISO
    8601, and empty cells are missing.

    Returns
    -------
    (pandas.Series, numpy.ndarray)
        The text (str), and which cells hold something that is no text; these are missing.
    """
    missing = values.isna().to_numpy(dtype=bool)
    cells = [
        "" if gone else cell if type(cell) is str else _written(cell)
        for cell, gone in zip(values.tolist(), missing.tolist(), strict=True)
    ]
    bad = np.zeros(len(cells), dtype=bool)
    # one search through all cells is much quicker than one for each
    everything = "".join(cell or "" for cell in cells)
    if "\r" in everything:
        cells = [cell and unix_newlines(cell) for cell in cells]
    elif values.dtype == "str" and "\0" not in everything and "" not in cells:
        return values, bad
    elif values.dtype == "str" and "\0" not in everything:
        return values.where(np.array(cells, dtype=object) != "", np.nan), bad
    if None in cells or _UNWRITABLE.search(everything):
        bad = np.array([cell is None or unwritable(cell) is not None for cell in cells])
    texts = [np.nan if wrong or not cell else cell for cell, wrong in zip(cells, bad, strict=True)]
    return pd.Series(texts, values.index, dtype="str"), bad


def _written(value: Any) -> str | None:
    """Return a cell of another type as text; None where it is no text."""
    if isinstance(value, str):
        return str(value)
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


def parse(kind: Type, texts: pd.Series[Any]) -> tuple[pd.Series[Any], Flags]:
    """Parse a column of text as a type; return its values, and which cells are of another type."""
    if kind == "string":
        return texts, np.zeros(len(texts), dtype=bool)
    clean = texts.str.strip()
    if kind == "integer":
        clean = clean.str.replace("\N{MINUS SIGN}", "-")
    elif kind == "boolean":
        clean = clean.str.lower()
    fits = np.array(clean.str.fullmatch(_PATTERNS[kind], na=False), dtype=bool)
    if kind in ("date", "datetime"):
        zone = clean.str.endswith("Z", na=False).to_numpy(dtype=bool)
        fits &= zone == (zone & fits).any()
        moments = pd.to_datetime(clean.where(fits), format="ISO8601", errors="coerce")
        dtype: Any = DTYPES[kind].replace("]", ", UTC]" if moments.dt.tz else "]")
        return moments.astype(dtype), (moments.isna() & texts.notna()).to_numpy(dtype=bool)
    if kind == "integer":
        fits[fits] = [-(2**63) <= int(cell) < 2**63 for cell in clean[fits]]
    there = clean.to_numpy(dtype=object)[fits]
    wrong = (texts.notna() & ~fits).to_numpy(dtype=bool)
    if kind == "number":
        numbers = np.full(len(texts), np.nan)
        numbers[fits] = there.astype(np.float64)
        return pd.Series(numbers, texts.index), wrong
    whole = np.zeros(len(texts), dtype=np.int64)
    whole[fits] = there == "true" if kind == "boolean" else there.astype(np.int64)
    values: pd.Series[Any] = pd.Series(pd.arrays.IntegerArray(whole, ~fits), texts.index)
    return values.astype(DTYPES[kind]), wrong


def storable(values: pd.Series[Any]) -> tuple[pd.Series[Any], list[int]]:
    """Return a column of any dtype in the dtype of the Frictionless type that it is of.

    Returns
    -------
    (pandas.Series, list of int)
        The column, and the rows whose text no file can hold.

    Raises
    ------
    Unstorable
        For values of several types, or of one that no table holds.
    """
    found = {"i": "integer", "u": "integer", "f": "number", "b": "boolean", "M": "datetime64"}.get(
        values.dtype.kind
    ) or pd.api.types.infer_dtype(values.astype(object), skipna=True)
    if found in ("string", "empty"):
        texts, bad = as_text(values)
        return texts, np.flatnonzero(bad).tolist()
    try:
        if found in ("date", "datetime", "datetime64"):
            made = _moments(values)
        else:
            made = values.astype(object).where(values.notna(), None).astype(_STORED[found])
        there = values.notna()
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
    """Return the Frictionless type of a column that is `storable` as it is."""
    if values.dtype.kind == "M":
        return "date" if values.dtype == "datetime64[s]" else "datetime"
    kinds: dict[str, Type] = {"i": "integer", "f": "number", "b": "boolean"}
    return kinds.get(values.dtype.kind, "string")


def written(values: pd.Series[Any]) -> pd.Series[Any]:
    """Return a column as a CSV file holds it: dates as in ISO 8601, the rest as it is."""
    if values.dtype.kind != "M":
        return values
    zone = isinstance(values.dtype, pd.DatetimeTZDtype)
    moments = (values.dt.tz_localize(None) if zone else values).to_numpy()
    unit: Any = "D" if type_of(values) == "date" else "us"
    texts = np.datetime_as_string(moments, unit=unit)
    result: pd.Series[Any] = pd.Series(texts, values.index, dtype="str") + ("Z" if zone else "")
    return result.where(values.notna())


_NO_NAMES = (bool, np.bool_, bytes, bytearray, list, dict, set, tuple, np.ndarray)


def name_text(value: object) -> str:
    """Return a name as text; a whole number is the same name whatever its type.

    Raises
    ------
    TypeError
        For truth values, bytes and values that hold others, which name nothing.
    """
    if isinstance(value, _NO_NAMES):
        raise TypeError(
            f"Actors and codes are text or whole numbers, but {shorten(value)} was found."
        )
    whole = isinstance(value, float | np.floating) and float(value).is_integer()
    return str(int(value) if whole else value)  # type: ignore[call-overload]
