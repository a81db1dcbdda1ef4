"""What was read of a meeting, whoever read it; a folder and data frames as the first two doors."""

from __future__ import annotations

import codecs
import copy
import csv
import errno
import hashlib
import io
import re
import stat
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from camdata._display.words import shorten
from camdata.model.cells import WRITABLE, json_faults, unix_newlines, unwritable
from camdata.model.errors import Fault, MeetingError, Origin
from camdata.model.schema import STANCES, as_scale

_LONGEST_NAME = 240
"""How many bytes the name of a text may have; with ``.txt`` no file system takes over 255."""


class SourceTable(NamedTuple):
    """A table as it came, under camdata's names of columns, and where it came from."""

    frame: pd.DataFrame
    origin: Origin


class Change(NamedTuple):
    """One thing that a door did to what it read: what, in which column, from what to what."""

    what: str
    column: str
    before: str
    after: str
    rows: int


@dataclass(frozen=True)
class Source:
    """Everything that was read of a meeting, and what was wrong with the files themselves.

    Every door (a folder, data frames, a foreign format) fills one, and a meeting is made from
    nothing else, so that each fault is named where the user can see it.

    Attributes
    ----------
    name : str
        What the user calls it: a folder, a file, "the meeting".
    tables : mapping of str to SourceTable
        By the names of `camdata.schema.TABLES`, as they came.
    texts : mapping of str to str
        By name.
    metadata : mapping
        What ``datapackage.json`` says beside the tables.
    stances : tuple of int
        The stances that statements may take.
    faults : tuple of Fault
        What could not be read.
    made : tuple of Change
        What the door did to what it read; see `changes`.
    """

    name: str
    tables: Mapping[str, SourceTable] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    metadata: Mapping[str, Any] = field(default_factory=dict)
    stances: tuple[int, ...] = STANCES
    faults: tuple[Fault, ...] = ()
    made: tuple[Change, ...] = ()

    @property
    def changes(self) -> pd.DataFrame:
        """What was done to what was read.

        One row per change: `what` (str, such as "header read as"), `column` (str), `before`,
        `after` (str) and `rows` (int64, how many). No rows where everything was taken as it came.
        """
        frame = pd.DataFrame(list(self.made), columns=Change._fields)
        return frame.astype({**dict.fromkeys(Change._fields, "str"), "rows": "int64"})


def from_frames(
    tables: Mapping[str, pd.DataFrame | None],
    texts: str | Mapping[str, str] | None = None,
    metadata: Mapping[str, Any] | None = None,
    stances: Sequence[int] = STANCES,
    name: str = "the meeting",
) -> Source:
    """Take data frames as they are; see `camdata.Meeting` for what they may hold.

    Raises
    ------
    TypeError
        If a table is no DataFrame, a text no str, or the metadata no mapping.
    ValueError
        If `stances` is no scale.
    """
    if not isinstance(metadata, Mapping | None):
        raise TypeError(f"The metadata must be a mapping, got {type(metadata).__name__}.")
    if not isinstance(texts, str | Mapping | None):
        kind = type(texts).__name__
        raise TypeError(f"The texts must be one text or a mapping of names to texts, got {kind}.")
    found: dict[str, SourceTable] = {}
    for table, frame in tables.items():
        if frame is None:
            continue
        if not isinstance(frame, pd.DataFrame):
            raise TypeError(
                f"The table of {table} must be a DataFrame, got {type(frame).__name__}."
            )
        found[table] = SourceTable(frame, Origin(table, unit="row"))
    named = {"report": texts} if isinstance(texts, str) else dict(texts or {})
    return writable(Source(name, found, named, metadata or {}, as_scale(stances)))


def writable(source: Source) -> Source:
    """Return a source whose names of columns, texts and metadata can be written as a folder.

    Whoever has filled it: line endings are unix ones, and what no folder can hold is a fault.
    """
    faults: list[Fault] = []
    tables = {
        name: SourceTable(_named(table.frame, table.origin, faults), table.origin)
        for name, table in source.tables.items()
    }
    texts: dict[str, str] = {}
    for text, words in source.texts.items():
        if not isinstance(words, str):
            raise TypeError(f"The text {shorten(text)} must be a str, got {type(words).__name__}.")
        found_there = unwritable(words)
        if not can_be_a_file(text):
            got = shorten(text)
            faults.append(Fault("texts", None, None, "a name that can be a file's", got))
        elif found_there:
            line = words.count("\n", 0, found_there.start()) + 1
            faults.append(Fault(f"texts[{text!r}]", line, None, WRITABLE, ascii(found_there[0])))
        else:
            texts[text] = unix_newlines(words)
    metadata: dict[str, Any] = {}
    if wrong_there := metadata_faults(source.metadata):
        faults += wrong_there
    else:
        metadata = copy.deepcopy(dict(source.metadata))
    every = (*source.faults, *faults)
    return replace(source, tables=tables, texts=texts, metadata=metadata, faults=every)


def _named(frame: pd.DataFrame, origin: Origin, faults: list[Fault]) -> pd.DataFrame:
    """Return a frame with columns named by text, as a file would name them, each once."""
    frame = frame.reset_index(drop=True)
    names = [unix_newlines(str(column)).strip() for column in frame.columns]
    keep: list[int] = []
    for place, column in enumerate(names):
        if unwritable(column):
            faults.append(origin.fault(None, None, f"a column named by {WRITABLE}", ascii(column)))
        elif column in names[:place]:
            got = f"{shorten(column)} again"
            faults.append(origin.fault(None, column, "each column once", got))
        else:
            keep.append(place)
    frame = frame.iloc[:, keep]
    frame.columns = pd.Index([names[place] for place in keep], dtype="str")
    return frame


def can_be_a_file(name: object) -> bool:
    """Say whether a text of this name can be written as a file of the folder ``texts``."""
    if not isinstance(name, str) or not name or name.startswith(".") or unwritable(name):
        return False
    return not set(name) & set("/\\") and len(name.encode()) <= _LONGEST_NAME


def metadata_faults(metadata: Mapping[Any, Any], file: str = "metadata") -> list[Fault]:
    """List what no data package could say, or what it says of the tables themselves."""
    faults = [
        Fault(file, None, place or None, expected, got)
        for place, expected, got in json_faults(dict(metadata))
    ]
    for key, own in (("stances", "the argument `stances`"), ("resources", "the tables and texts")):
        if key in metadata:
            faults.append(Fault(file, None, key, f"no such key: {own} say it", "one"))
    return faults


# files


class Unread(Exception):
    """A file that cannot be read; carries the fault."""

    def __init__(self, fault: Fault) -> None:
        super().__init__()
        self.fault = fault


def sha256(data: bytes) -> str:
    """Return the SHA-256 of `data` as a Data Package writes it."""
    return "sha256:" + hashlib.sha256(data).hexdigest()


def matches_hash(data: bytes, declared: str) -> bool:
    """Say whether a file is the one that a Data Package declares.

    Line endings and a byte order mark may have been changed on the way, by git or an editor. A hash
    without the name of an algorithm is MD5, as in the standard; one of an unknown algorithm cannot
    be checked and is taken on trust.
    """
    algorithm, _, digest = declared.rpartition(":")
    algorithm = algorithm.lower() or "md5"
    if algorithm not in hashlib.algorithms_guaranteed or algorithm.startswith("shake"):
        return True
    bare = data.removeprefix(codecs.BOM_UTF8)
    unix = unix_newlines(bare.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")
    return any(
        hashlib.new(algorithm, version, usedforsecurity=False).hexdigest() == digest.lower()
        for version in (data, bare, unix)
    )


def regular_file(path: Path, name: str, inside: Path | None = None) -> Path:
    """Return where a regular file is, or raise what is there instead as a fault.

    With `inside`, links that lead out of that folder are not followed.
    """

    def unread(got: str, expected: str = "a file") -> Unread:
        return Unread(Fault(name, None, None, expected, got))

    try:
        real = path.resolve(strict=True)
        if inside is not None and not real.is_relative_to(inside.resolve()):
            raise unread("a link that leaves the folder", "a file of the folder")
        kind = real.stat().st_mode
        if not stat.S_ISREG(kind):
            words = {stat.S_IFDIR: "a folder", stat.S_IFIFO: "a pipe", stat.S_IFSOCK: "a socket"}
            raise unread(words.get(stat.S_IFMT(kind), "something that is no file"))
        return real
    except (OSError, RuntimeError, ValueError) as error:
        absent = "a link to nothing" if path.is_symlink() else "no such file"
        raise unread(in_the_way(error, absent)) from None


def read_bytes(path: Path, name: str, inside: Path | None = None) -> bytes:
    """Read a regular file, or raise what stands in the way as a fault; see `regular_file`."""
    try:
        return regular_file(path, name, inside).read_bytes()
    except OSError as error:
        raise Unread(Fault(name, None, None, "a file to read", in_the_way(error))) from None


def in_the_way(error: Exception, absent: str = "no such file") -> str:
    """Say in a few words why a file or folder cannot be read."""
    if isinstance(error, FileNotFoundError):
        return absent
    if isinstance(error, NotADirectoryError):
        return "a file"
    # a link to itself, which older Pythons raise as a RuntimeError
    if isinstance(error, RuntimeError) or getattr(error, "errno", None) == errno.ELOOP:
        return "a link that leads back to itself"
    return str(getattr(error, "strerror", None) or error)


def _encoding(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "UTF-16"
    try:
        data.decode("cp1252")
    except UnicodeDecodeError:
        return "an encoding that is neither UTF-8 nor Windows-1252"
    return "Windows-1252 or Latin-1"


def decode(data: bytes, name: str) -> str:
    """Read bytes as UTF-8, with or without a byte order mark; anything else is a fault."""
    try:
        text = unix_newlines(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        found = data[error.start : error.start + 1].hex()
        got = f"byte 0x{found}, so this is probably {_encoding(data)}: save it as UTF-8"
        raise Unread(Fault(name, line, None, "UTF-8", got)) from None
    if wrong := unwritable(text):
        line = text.count("\n", 0, wrong.start()) + 1
        raise Unread(Fault(name, line, None, WRITABLE, ascii(wrong[0])))
    return text


def decode_file(path: Path) -> str:
    """Read a UTF-8 text file that a user names.

    Raises
    ------
    MeetingError
        If it cannot be read, or is not UTF-8.
    """
    try:
        return decode(read_bytes(path, str(path)), str(path))
    except Unread as unread:
        raise MeetingError([unread.fault], str(path)) from None


DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs"}


class Broken(Exception):
    """A row that is no CSV; carries its line and what the csv module says of it."""


def csv_rows(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Yield each row of a CSV text that is not blank, with the line on which it starts.

    The csv module reads no cell of more than 131,072 characters, and that limit holds for all
    threads: a row that has one is read here.
    """
    stream = io.StringIO(text, newline="\n")
    line = offset = 0
    while True:
        start = line
        reader = csv.reader(stream, delimiter=delimiter, strict=True)
        try:
            for row in reader:
                if any(row):
                    yield start + 1, row
                start = line + reader.line_num
            return
        except csv.Error as error:
            if "field limit" not in str(error):
                raise Broken(start + 1, str(error)) from None
        for _ in range(start - line):
            offset = text.index("\n", offset) + 1
        row, stop = _long_row(text, offset, delimiter, start + 1)
        yield start + 1, row
        line, offset = start + text.count("\n", offset, stop), stop
        stream.seek(offset)


def _long_row(text: str, offset: int, delimiter: str, line: int) -> tuple[list[str], int]:
    """Read one row from a place in a text on; return its cells and the place after it."""
    cell = re.compile(rf'(?:"((?:[^"]++|"")*+)"|((?!")[^{delimiter}\n]*+))({delimiter}|\n|\Z)')
    row: list[str] = []
    while match := cell.match(text, offset):
        quoted, plain, end = match.groups()
        row.append(plain if quoted is None else quoted.replace('""', '"'))
        offset = match.end()
        if end != delimiter:
            return row, offset
    raise Broken(line, "a quotation mark that does not close its cell")


def parse_csv(text: str, name: str, delimiter: str = ",") -> tuple[SourceTable, list[Fault]]:
    """Read a CSV text as a table of text, keeping the line on which each row starts.

    Only an empty cell is missing: ``NA`` is a text like any other. A row with more or fewer cells
    than the header is a fault and is left out; the rows after it are still read.
    """
    faults: list[Fault] = []

    def unread(line: int, column: str | None, expected: str, got: str) -> Unread:
        return Unread(Fault(name, line, column, expected, got))

    def separated(line: int, first: str) -> None:
        if any(other in first for other in DELIMITERS):
            expected = f"cells separated by {DELIMITERS[delimiter]}"
            raise unread(line, None, expected, f"the header {shorten(first)}")

    rows: list[list[str]] = []
    lines: list[int] = []
    header: list[str] | None = None
    top = 1
    try:
        for start, row in csv_rows(text, delimiter):
            if header is None:
                top, header = start, [cell.strip() for cell in row]
                if len(row) == 1:
                    separated(top, row[0])
                twice = sorted({cell for cell in header if header.count(cell) > 1})
                if twice:
                    raise unread(top, twice[0], "each column once", f"{shorten(twice[0])} again")
            elif len(row) != len(header):
                expected = f"{len(header)} cells, as in the header"
                faults.append(Fault(name, start, None, expected, f"{len(row)} cells"))
            else:
                rows.append(row)
                lines.append(start)
    except Broken as broken:
        line, got = broken.args
        if header is None and delimiter not in (first := text.split("\n")[line - 1]):
            separated(line, first)
        raise unread(line, None, "a CSV file whose quoted cells are closed", got) from None
    if header is None:
        raise unread(1, None, "a header with the names of the columns", "no rows")
    frame = pd.DataFrame(rows, columns=pd.Index(header, dtype="str"), dtype="str")
    frame = frame.replace("", np.nan)
    return SourceTable(frame, Origin(name, np.array(lines, dtype=np.int64), top)), faults
