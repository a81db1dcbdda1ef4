"""Shared by readers: the log, errors of libraries, names, identifiers, positions in texts."""

from __future__ import annotations

import re
import sqlite3
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from camdata._display.words import shorten, with_suggestion
from camdata.model.columns import unix_newlines
from camdata.model.errors import Fault, MeetingError, one_fault
from camdata.model.meeting import Meeting
from camdata.model.schema import tables_for
from camdata.model.source import Change, Quotes, Source, SourceTable, decode, parse_csv, read_bytes

BROKEN = (zipfile.BadZipFile, zlib.error, sqlite3.Error, EOFError, OSError, RuntimeError)
"""Errors of the libraries that unpack and query files; RuntimeError for encrypted ones."""


MAX_BYTES = 500_000_000
"""The largest declared size of a file in an archive, in bytes."""


@dataclass(frozen=True)
class Log:
    """The changes and faults of one reading, in order."""

    changes: list[Change] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def add(self, what: str, column: str, before: str, after: str, rows: int) -> None:
        """Record a change, unless it changes no row."""
        if rows:
            self.changes.append(Change(what, column, before, after, int(rows)))

    def remark(self, what: str, column: str, before: str, after: str, rows: int = 0) -> None:
        """Record a change or an observation, even of no rows."""
        self.changes.append(Change(what, column, before, after, rows))

    def left_out(self, what: str, column: str, why: str, rows: int) -> None:
        """Record what was left out, unless it is nothing."""
        self.add(f"{what} left out", column, why, "", rows)

    def without_stance(self, column: str, rows: int) -> None:
        """Record statements without a stance."""
        self.add("stance missing", column, "no value", "counted in no tally", rows)

    def all_support(self, rows: int) -> None:
        """Record statements that support because there is no stance."""
        self.add("stance taken as", "", "nothing says it", "1", rows)


def check_declared_size(info: zipfile.ZipInfo, file: str) -> None:
    """Raise a fault if the declared size of a file in an archive is too large."""
    if info.file_size > MAX_BYTES:
        expected, got = f"at most {MAX_BYTES:,} bytes", f"{info.file_size:,} in {info.filename}"
        raise one_fault(file, expected, got)


@contextmanager
def one_error(
    path: Path, expected: str, broken: tuple[type[Exception], ...] = BROKEN
) -> Iterator[None]:
    """Turn whatever a library raises about a file into one MeetingError."""
    try:
        yield
    except MeetingError:
        raise
    except broken as error:
        words = shorten(str(error) or type(error).__name__, 120)[1:-1]
        raise one_fault(path.name, expected, words) from None


def kept_apart(
    names: Iterable[str], table: str, prefix: str, also: Iterable[str] = ()
) -> dict[str, str]:
    """Rename foreign columns that have the names of camdata's columns.

    Parameters
    ----------
    names : iterable of str
        The names in the file; each gets one.
    table : str
        The table of `camdata.model.schema.tables_for` that the columns join.
    prefix : str
        What is put before a name that is taken, or empty.
    also : iterable of str
        Further names that are taken.

    Returns
    -------
    dict of str to str
        The file's names to those of the columns.
    """
    taken, found = {spec.name for spec in tables_for()[table].fields} | {"", *also}, {}
    for name in names:
        column = unix_newlines(name.replace("\0", "")).strip()
        while column in taken:
            column = prefix + column
        taken.add(column)
        found[name] = column
    return found


def beginning(data: bytes) -> str:
    """Describe the beginning of a file of an unknown kind."""
    if not data:
        return "an empty file"
    first = data[:16].decode("utf-8", "replace").rstrip("\ufffd")  # a letter may be cut
    is_text = first and not {"\ufffd", "\0"} & {*first}
    return f"a file that begins with {shorten(first)}" if is_text else "a file that is no text"


def read_export(path: Path, columns: Iterable[str], log: Log, delimiter: str = ",") -> SourceTable:
    """Read a CSV file that another program exports.

    Raises
    ------
    MeetingError
        If it cannot be read, or if one of these columns is missing.
    """
    text = decode(read_bytes(path, path.name), path.name)
    table, faults = parse_csv(text, path.name, delimiter=delimiter)
    there, fault = [str(name) for name in table.frame.columns], table.origin.fault
    absent = {n: f"no column {with_suggestion(n, there)}" for n in columns if n not in there}
    missing = [fault(None, name, "this column", got) for name, got in absent.items()]
    if missing:
        raise MeetingError([*faults, *missing], str(path))
    log.faults.extend(faults)
    return table


def meeting_of(
    name: str, tables: Mapping[str, SourceTable], log: Log, quotes: Quotes = "strict", **more: Any
) -> Meeting:
    """Return the meeting that was read from a file; `more` are fields of its `Source`."""
    made, faults = tuple(log.changes), tuple(log.faults)
    source = Source(name, tables, made=made, faults=faults, **more)
    return Meeting.from_source(source, quotes=quotes)


def title_of(path: Path, title: str = "") -> dict[str, str]:
    """Return the metadata of a file without metadata: a title, by default the file's name."""
    # escape the bytes of a file name that are not UTF-8
    return {"title": title or path.stem.encode("utf-8", "backslashreplace").decode()}


def statement_ids(ids: pd.Series[Any]) -> pd.Series[Any]:
    """Return identifiers of statements, with a number after repeated ones: 7, 7/2, 7/3."""
    turn = ids.groupby(ids, dropna=False).cumcount() + 1
    return ids.where((turn == 1) | ids.isna(), ids + "/" + turn.astype("str"))


def text_names(names: Iterable[str]) -> list[str]:
    """Return different and possible file names, as similar to the given ones as possible."""
    usual = [re.sub(r"[/\\\0\n\r\t]+", "_", name).strip().lstrip(".") for name in names]
    return each_once(name.encode()[:150].decode(errors="ignore") or "document" for name in usual)


def each_once(names: Iterable[str]) -> list[str]:
    """Return different names: repeated ones, whatever their case, get a number that is free.

    Examples
    --------
    >>> each_once(["Ann", "Bo", "ann"])
    ['Ann', 'Bo', 'ann (2)']
    >>> each_once(["Ann", "Ann", "Ann (2)"])
    ['Ann', 'Ann (3)', 'Ann (2)']
    """
    given, found = list(names), []
    taken, last = {name.casefold() for name in given}, Counter[str]()
    for name in given:
        folded, own = name.casefold(), name
        while last[folded] and own.casefold() in taken:
            last[folded] += 1
            own = f"{name} ({last[folded]})"
        taken.add(own.casefold())
        last[folded] = max(last[folded], 1)
        found.append(own)
    return found


def log_names(
    what: str, given: Iterable[str], own: Iterable[str], rows: Mapping[str, int], log: Log
) -> None:
    """Record the names that were changed."""
    for old, new in zip(given, own, strict=True):
        if old != new:
            log.remark(f"{what} named", what, old, new, int(rows.get(new, 0)))


def unix_positions(text: str, *, utf16: bool = False) -> NDArray[np.int64]:
    """Return where each position in a text is after its newlines became unix newlines.

    Parameters
    ----------
    text : str
        The text as the other program has it.
    utf16 : bool
        Whether that program counts UTF-16 code units, as Java and .NET do: a character beyond the
        basic plane counts for two. Otherwise it counts code points.

    Returns
    -------
    numpy.ndarray of int64
        For each position from 0 to the length of the text, both included, the code point in the
        text with unix newlines; -1 inside a character.
    """
    encoding, width = ("utf-16-le", "<u2") if utf16 else ("utf-32-le", "<u4")
    units = np.frombuffer(text.encode(encoding), width)
    second = (units >= 0xDC00) & (units <= 0xDFFF) & utf16
    dropped = second.copy()
    dropped[:-1] |= (units[:-1] == 13) & (units[1:] == 10)
    places = np.concatenate([[0], np.cumsum(~dropped)]).astype(np.int64)
    places[:-1][second] = -1
    return places


def span_of(places: NDArray[np.int64], start: int, stop: int) -> tuple[int, int] | None:
    """Return a passage in code points; None if it is empty, outside, or cuts a character."""
    if not 0 <= start < stop < len(places):
        return None
    a, b = int(places[start]), int(places[stop])
    return (a, b) if 0 <= a < b else None
