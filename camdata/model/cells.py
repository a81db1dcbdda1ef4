"""What the cells of a table may hold: text that a file can, and columns outside the spec.

A column that the spec does not name keeps its dtype: the data package declares it, and reading
restores it. What could not be read back the same is refused when a meeting is made.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from camdata._display.words import shorten

WRITABLE = "text without NUL and without halves of surrogate pairs"
PLAIN = "text, numbers, truth values or dates (of no time zone, or UTC), one of them in a column"
_HALVES = re.compile("[\ud800-\udfff]")
_UNWRITABLE = re.compile("[\0\ud800-\udfff]")
_DTYPES = re.compile(
    r"u?int(8|16|32|64)|U?Int(8|16|32|64)|float(16|32|64)|Float(32|64)|bool|boolean"
    r"|datetime64\[(s|ms|us|ns)(, UTC)?\]"
)
_MOMENT = re.compile(r"-?\d{4,}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d{1,9})?)?Z?", re.ASCII)
_DEEPEST = 100
_LONGEST = 10_000
"""The bits of the longest whole number in metadata; programs refuse those of over 4,300 digits."""


class Unstorable(Exception):
    """A column that could not be read back the same; carries what was found in it."""


def unix_newlines(text: str) -> str:
    """Return `text` with every line ending as a single line feed."""
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def unwritable(text: str) -> re.Match[str] | None:
    """Find the first character of `text` that no file of text can hold."""
    return _UNWRITABLE.search(text)


def storable(values: pd.Series[Any]) -> tuple[pd.Series[Any], list[int]]:
    """Return a column of any dtype in one that can be written and read back.

    Text of every kind becomes ``str``, an empty one missing; numbers, truth values and dates keep
    their dtype; objects get the dtype of what they all are.

    Returns
    -------
    (pandas.Series, list of int)
        The column, and the rows whose text no file can hold.

    Raises
    ------
    Unstorable
        For anything else.
    """
    if _DTYPES.fullmatch(str(values.dtype)):
        return values, []
    if not isinstance(values.dtype, pd.StringDtype):
        values = values.astype(object)
        kind = pd.api.types.infer_dtype(values, skipna=True)
        if kind not in ("string", "empty"):
            return _of_objects(values, kind), []
    codes, found = pd.factorize(values)
    texts = [unix_newlines(str(text)) for text in found]
    wrong = [number for number, text in enumerate(texts) if unwritable(text)]
    if wrong:
        return values, np.flatnonzero(np.isin(codes, wrong)).tolist()
    if values.dtype == "str" and "" not in found and texts == list(found):
        return values, []
    options = pd.Series([*(text or np.nan for text in texts), np.nan], dtype="str")
    return pd.Series(options.array.take(codes), values.index), []


def _of_objects(values: pd.Series[Any], kind: str) -> pd.Series[Any]:
    """Give a column of objects the dtype of what they all are, unless that would change any."""
    missing = values.isna()
    there = values[~missing]
    dtype = {
        "integer": "Int64" if missing.any() else "int64",
        "boolean": "boolean" if missing.any() else "bool",
        "floating": "float64",
        "mixed-integer-float": "float64",
        "date": "datetime64[s]",
        "datetime": "datetime64[us]",
        "datetime64": "datetime64[us]",
    }.get(kind)
    made: pd.Series[Any] | None
    try:
        made = None if dtype is None else pd.Series(values.where(~missing, None), dtype=dtype)
    except (TypeError, ValueError, OverflowError):
        made = None
    if made is not None and kind == "date":
        there = there.map(pd.Timestamp)
    if made is None or any(a != b for a, b in zip(made[~missing], there, strict=True)):
        raise Unstorable(f"{kind} values such as {shorten(there.iloc[0])}")
    return made


def field_type(values: pd.Series[Any]) -> dict[str, str]:
    """Describe the dtype of a storable column as a data package's field does."""
    name = str(values.dtype)
    if name == "str":
        return {"type": "string"}
    if values.dtype.kind == "M":
        described = {"type": "date"} if _days(values) else {"type": "datetime", "format": "any"}
    else:
        kinds = {"i": "integer", "u": "integer", "f": "number", "b": "boolean"}
        described = {"type": kinds[values.dtype.kind]}
    return {**described, "dtype": name}


def _days(moments: pd.Series[Any]) -> bool:
    """Say whether a column holds dates without a zone and a time of day."""
    if isinstance(moments.dtype, pd.DatetimeTZDtype):
        return False
    return bool((moments.isna() | (moments == moments.dt.normalize())).all())


def written(values: pd.Series[Any]) -> pd.Series[Any]:
    """Return a storable column as a CSV file holds it: dates as in ISO 8601, the rest as it is."""
    if values.dtype.kind != "M":
        return values
    zone = isinstance(values.dtype, pd.DatetimeTZDtype)
    moments = (values.dt.tz_localize(None) if zone else values).to_numpy()
    unit: Any = "D" if _days(values) else np.datetime_data(moments.dtype)[0]
    texts = np.datetime_as_string(moments, unit=unit)
    result: pd.Series[Any] = pd.Series(texts, values.index, dtype="str") + ("Z" if zone else "")
    return result.where(values.notna())


def is_dtype(name: object) -> bool:
    """Say whether a data package may declare this dtype for a column outside the spec."""
    return isinstance(name, str) and _DTYPES.fullmatch(name) is not None


def restored(texts: pd.Series[Any], dtype: str) -> tuple[pd.Series[Any], list[int]]:
    """Return a column of text in a declared dtype, and the rows that hold something else."""
    codes, found = pd.factorize(texts)
    parsed: list[Any] = []
    wrong = [-1] if re.match("u?int|bool$", dtype) else []  # these cannot be missing
    for number, text in enumerate(found):
        try:
            parsed.append(_parsed(str(text), dtype))
        except (ValueError, OverflowError):
            parsed.append(None)
            wrong.append(number)
    rows = np.flatnonzero(np.isin(codes, wrong)).tolist()
    if rows:
        return texts, rows
    cells = [None if code < 0 else parsed[code] for code in codes.tolist()]
    return pd.Series(cells, texts.index, dtype=dtype), []


def _parsed(text: str, dtype: str) -> Any:
    """Return the value that a cell holds in this dtype, or raise a ValueError."""
    if "bool" in dtype:
        if text.lower() not in ("true", "false"):
            raise ValueError
        return text.lower() == "true"
    if dtype.startswith("datetime"):
        zone = dtype.endswith(", UTC]")
        if not _MOMENT.fullmatch(text) or text.endswith("Z") != zone:
            raise ValueError
        moment = np.datetime64(text.removesuffix("Z"))
        made = moment.astype(dtype.replace(", UTC", ""))
        if made.astype(moment.dtype) != moment or made != moment:  # finer, or beyond the dtype
            raise ValueError
        return made
    if "_" in text:
        raise ValueError
    if "float" in dtype.lower():
        return float(text)
    number, limits = int(text), np.iinfo(dtype.lower())
    if not limits.min <= number <= limits.max:
        raise ValueError
    return number


def json_faults(value: object, place: str = "", depth: int = 0) -> Iterator[tuple[str, str, str]]:
    """Yield what in `value` JSON cannot hold, or would not give back the same.

    Yields
    ------
    (str, str, str)
        The place, such as ``sources[0].title``, what was expected there and what was found.
    """
    if depth > _DEEPEST:
        yield place[:60], f"at most {_DEEPEST} levels of lists and mappings", "more"
    elif isinstance(value, str):
        if found := _HALVES.search(value):
            yield place, "text without halves of surrogate pairs", ascii(found[0])
    elif isinstance(value, bool) or value is None:
        return
    elif isinstance(value, int):
        if value.bit_length() > _LONGEST:
            yield place, "a shorter number", f"one of {value.bit_length():,} bits"
    elif isinstance(value, float):
        if not math.isfinite(value):
            yield place, "a finite number", str(value)
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from json_faults(item, f"{place}[{number}]", depth + 1)
    elif isinstance(value, dict):
        for key, item in value.items():
            if not isinstance(key, str) or _HALVES.search(key):
                yield place, "keys that are text", shorten(key)
            else:
                inside = f"{place}.{key}" if place else key
                yield from json_faults(item, inside, depth + 1)
    else:
        expected = "what JSON holds: text, numbers, true, false, None, lists and mappings of them"
        yield place, expected, f"{type(value).__name__}"


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
