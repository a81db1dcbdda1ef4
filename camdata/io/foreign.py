"""What readers of other programs' files share: one error, names kept apart, what is left out."""

from __future__ import annotations

import re
import sqlite3
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from camdata._display.words import shorten, with_suggestion
from camdata.io.log import Log
from camdata.model.cells import unix_newlines
from camdata.model.errors import Fault, MeetingError
from camdata.model.meeting import Meeting
from camdata.model.schema import STANCES, TABLES
from camdata.model.source import Source, SourceTable, Unread, decode, parse_csv, read_bytes

BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    sqlite3.Error,
    EOFError,
    OSError,
    NotImplementedError,  # a way of packing that Python does not know
    RuntimeError,  # an encrypted file
)
"""What the libraries raise that unpack and query files."""


@contextmanager
def one_error(
    path: Path, expected: str, broken: tuple[type[Exception], ...] = BROKEN
) -> Iterator[None]:
    """Turn whatever a library raises about a file into one MeetingError."""
    try:
        yield
    except MeetingError:
        raise
    except Unread as unread:
        raise MeetingError([unread.fault], str(path)) from None
    except broken as error:
        words = shorten(str(error) or type(error).__name__, 120)[1:-1]
        raise MeetingError([Fault(path.name, None, None, expected, words)], str(path)) from None


def kept_apart(
    names: Iterable[str], table: str, prefix: str, also: Iterable[str] = ()
) -> dict[str, str]:
    """Name foreign columns so that none is taken for a column of camdata's.

    Parameters
    ----------
    names : iterable of str
        The names in the file; each gets one.
    table : str
        The table of `camdata.schema.TABLES` that the columns join.
    prefix : str
        What is put before a name that is taken, or empty.
    also : iterable of str
        Further names that are taken.

    Returns
    -------
    dict of str to str
        The file's names to those of the columns.
    """
    taken = {spec.name for spec in TABLES[table].fields} | {"", *also}
    found: dict[str, str] = {}
    for name in names:
        column = unix_newlines(name.replace("\0", "")).strip()
        while column in taken:
            column = prefix + column
        taken.add(column)
        found[name] = column
    return found


def beginning(data: bytes) -> str:
    """Say how a file of an unknown kind begins."""
    return f"a file that begins with {data[:16]!r}" if data else "an empty file"


def read_export(
    path: Path, what: str, columns: Iterable[str], log: Log, delimiter: str = ","
) -> SourceTable:
    """Read a CSV file that another program exports.

    Raises
    ------
    MeetingError
        If it cannot be read, or if one of these columns is missing.
    """
    with one_error(path, what):
        text = decode(read_bytes(path, path.name), path.name)
        table, faults = parse_csv(text, path.name, delimiter=delimiter)
    there = [str(name) for name in table.frame.columns]
    missing = [
        table.origin.fault(None, name, "this column", f"no column {with_suggestion(name, there)}")
        for name in columns
        if name not in there
    ]
    if missing:
        raise MeetingError([*faults, *missing], str(path))
    log.faults.extend(faults)
    return table


def meeting_of(
    path: Path,
    tables: Mapping[str, SourceTable],
    log: Log,
    *,
    texts: Mapping[str, str] | None = None,
    title: str = "",
    stances: tuple[int, ...] = STANCES,
) -> Meeting:
    """Return the meeting that a file holds; by default the file's name is its title."""
    # bytes of a file's name that are no UTF-8 are written out
    about = {"title": title or path.stem.encode("utf-8", "backslashreplace").decode()}
    faults, made = tuple(log.faults), tuple(log.changes)
    return Meeting.from_source(Source(str(path), tables, texts or {}, about, stances, faults, made))


def text_names(names: Iterable[str]) -> list[str]:
    """Return names that can be those of files, each once, as near to the given ones as may be."""
    usual = [re.sub(r"[/\\\0\n\r\t]+", "_", name).strip().lstrip(".") for name in names]
    return each_once(name.encode()[:150].decode(errors="ignore") or "document" for name in usual)


def each_once(names: Iterable[str]) -> list[str]:
    """Return names, those that are there already with a number after them, in any case.

    Examples
    --------
    >>> each_once(["Ann", "Bo", "ann"])
    ['Ann', 'Bo', 'ann (2)']
    """
    given = list(names)
    taken = {name.casefold() for name in given}
    last: dict[str, int] = {}
    found = []
    for name in given:
        folded, own = name.casefold(), name
        if folded in last:
            while own.casefold() in taken:
                last[folded] += 1
                own = f"{name} ({last[folded]})"
            taken.add(own.casefold())
        else:
            last[folded] = 1
        found.append(own)
    return found


def log_names(
    what: str, given: Iterable[str], own: Iterable[str], rows: Mapping[str, int], log: Log
) -> None:
    """Record the names that are changed so that each is there once."""
    for old, new in zip(given, own, strict=True):
        if old != new:
            log.remark(f"{what} named", what, old, new, int(rows.get(new, 0)))
