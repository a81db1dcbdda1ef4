"""Raw tables and texts as read, with their origin; files read as bytes, text and CSV."""

from __future__ import annotations

import codecs
import copy
import csv
import errno
import hashlib
import io
import json
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
import pandas as pd

from camdata._display.checks import wrong_type
from camdata._display.words import count, shorten, suggest
from camdata.model.columns import WRITABLE, unix_newlines, unwritable
from camdata.model.errors import Fault, MeetingError, Origin, one_fault
from camdata.model.schema import STANCES, as_scale

Quotes = Literal["strict", "triage"]
"""Whether a quote that is not in its text is a fault, or waits in the queue; see `Meeting`."""


PLACES = ["document", "start", "stop"]
"""Where a quote or a passage is: a text, and code points of it, half open."""


class SourceTable(NamedTuple):
    """A table under camdata's names of columns, and where it came from.

    Attributes
    ----------
    frame : pandas.DataFrame
        As it came, or checked; index 0, 1, 2, …
    origin : Origin
        Where it came from.
    places : pandas.DataFrame, optional
        Of a checked table that quotes a text: the `document` (str), `start` and `stop` (Int64) of
        each row's quote, missing where it has none.
    """

    frame: pd.DataFrame
    origin: Origin
    places: pd.DataFrame | None = None

    def rows(self, chosen: Any) -> SourceTable:
        """Return some rows, chosen by a flag for each row or by their numbers."""
        numbers = np.arange(len(self.frame))[np.asarray(chosen)]
        places = self.places
        if places is not None:
            places = places.iloc[numbers].reset_index(drop=True)
        frame = self.frame.iloc[numbers].reset_index(drop=True)
        return SourceTable(frame, self.origin.of_rows(numbers), places)

    def column(self, name: str) -> pd.Series[Any] | None:
        """Return a column, or None; the document of a quote also where there is only one text."""
        if name == "document" and name not in self.frame and self.places is not None:
            return self.places[name]
        return self.frame.get(name)


def join_tables(name: str, tables: Sequence[SourceTable]) -> SourceTable:
    """Return the rows of several tables, one after the other, with their places."""
    frame = pd.concat([table.frame for table in tables], ignore_index=True)
    places = [table.places for table in tables if table.places is not None]
    located = pd.concat(places, ignore_index=True) if places else None
    return SourceTable(frame, Origin(name, unit="row"), located)


class Change(NamedTuple):
    """One change made by a reader: what, in which column, from what to what, in how many rows."""

    what: str
    column: str
    before: str
    after: str
    rows: int


@dataclass(frozen=True)
class Source:
    """Everything that was read of a meeting, with the faults of the files.

    Every reader (of a folder, data frames, a foreign format) makes one, and `Meeting.from_source`
    checks it, so that each fault is named where the user can see it.

    Attributes
    ----------
    name : str
        The name for the user: a folder, a file, "the meeting".
    tables : mapping of str to SourceTable
        By the names of `camdata.model.schema.tables_for`.
    texts : mapping of str to str
        By name.
    metadata : mapping
        What ``datapackage.json`` says beside the tables.
    stances : tuple of int
        The stances that statements may take.
    faults : tuple of Fault
        What could not be read.
    made : tuple of Change
        What the reader changed; see `changes`.
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
        """What the reader changed.

        One row per change: `what` (str, such as "header read as"), `column` (str), `before`,
        `after` (str) and `rows` (int64, how many). No rows where nothing was changed.
        """
        frame = pd.DataFrame(list(self.made), columns=Change._fields)
        return frame.astype({**dict.fromkeys(Change._fields, "str"), "rows": "int64"})


def from_frames(
    tables: Mapping[str, pd.DataFrame | None],
    texts: str | Mapping[str, str] | None = None,
    metadata: Mapping[str, Any] | None = None,
    stances: Sequence[int] = STANCES,
) -> Source:
    """Make a source of data frames; `camdata.Meeting` says which columns they have.

    Raises
    ------
    TypeError
        If a table is not a DataFrame, the texts are not text, or the metadata not a mapping.
    ValueError
        If `stances` is not a scale.
    """
    if not isinstance(metadata, Mapping | None):
        raise wrong_type("metadata", "a mapping", metadata)
    if not isinstance(texts, str | Mapping | None):
        raise wrong_type("texts", "one text or a mapping of names to texts", texts)
    found: dict[str, SourceTable] = {}
    for table, frame in tables.items():
        if not isinstance(frame, pd.DataFrame | None):
            raise wrong_type(table, "a DataFrame", frame)
        if frame is not None:
            found[table] = SourceTable(frame.reset_index(drop=True), Origin(table, unit="row"))
    named = {"report": texts} if isinstance(texts, str) else dict(texts or {})
    # a text of one word with a suffix is the name of a file
    for text in filter(re.compile(r"\s*\S*\.\w{2,5}\s*").fullmatch, map(str, named.values())):
        raise ValueError(
            f"`texts` holds texts, not names of files; got {text!r}. Give what the file holds: "
            f"texts=Path({text!r}).read_text(encoding='utf-8')."
        )
    return Source("the meeting", found, named, dict(metadata or {}), as_scale(stances))


def can_be_a_file(name: object) -> bool:
    """Whether a text of this name can be written as a file of the folder ``texts``."""
    if not isinstance(name, str) or not name or name.startswith(".") or unwritable(name):
        return False
    return not set(name) & set("/\\") and len(name.encode()) <= 240


def metadata_faults(metadata: Mapping[Any, Any], file: str = "metadata") -> list[Fault]:
    """List metadata that a data package cannot hold, or that describe the tables themselves."""
    faults = []
    expected = "what JSON holds: text, numbers, true, false, null, lists and objects"
    for key, value in metadata.items():
        got = "other values, or keys that are not text"
        try:
            text = json.dumps({key: value}, allow_nan=False, ensure_ascii=False)
            # deeper lists than can be copied cannot be given to users as copies
            if text.encode() and json.loads(text) == copy.deepcopy({key: value}):
                continue
        except (TypeError, ValueError, RecursionError) as error:
            got = str(error)
        faults.append(Fault(file, None, shorten(key)[1:-1], expected, got))
    for key, own in (("stances", "the argument `stances`"), ("resources", "the tables and texts")):
        if key in metadata:
            faults.append(Fault(file, None, key, f"no such key: {own} say it", "one"))
    return faults


def cleaned(source: Source, faults: list[Fault]) -> Source:
    """Return a source whose names of columns, texts and metadata can be written as a folder."""
    named = {name: _named(t.frame, t.origin, faults) for name, t in source.tables.items()}
    tables = {name: SourceTable(t, source.tables[name].origin) for name, t in named.items()}
    texts: dict[str, str] = {}
    for name, text in source.texts.items():
        if not isinstance(text, str):
            raise TypeError(f"The text {shorten(name)} must be a str, got {type(text).__name__}.")
        if not can_be_a_file(name):
            expected, near = "a name that can be a file's", "UTF-8, at most 240 bytes, no slash"
            faults.append(Fault("texts", None, None, expected, shorten(name), near))
        elif wrong := unwritable(text):
            line = text.count("\n", 0, wrong.start()) + 1
            faults.append(Fault(f"texts[{name!r}]", line, None, WRITABLE, ascii(wrong[0])))
        else:
            texts[name] = unix_newlines(text)
    faults += (wrong_there := metadata_faults(source.metadata))
    metadata = {} if wrong_there else copy.deepcopy(dict(source.metadata))
    return replace(source, tables=tables, texts=texts, metadata=metadata, faults=())


def _named(frame: pd.DataFrame, origin: Origin, faults: list[Fault]) -> pd.DataFrame:
    """Return a frame whose columns have different names of clean text."""
    names = pd.Index([unix_newlines(str(name)).strip() for name in frame.columns], dtype="object")
    again, wrong = names.duplicated(), np.array([*map(unwritable, names)], dtype=bool)
    for name in names[wrong]:
        faults.append(origin.fault(None, None, f"a column named by {WRITABLE}", ascii(name)))
    for name in names[again & ~wrong]:
        faults.append(origin.fault(None, name, "each column once", f"{shorten(name)} again"))
    keep = ~again & ~wrong
    frame = frame.loc[:, keep].reset_index(drop=True)
    return frame.set_axis(names[keep].astype("str"), axis="columns")


# files


def sha256(data: bytes) -> str:
    """Return the SHA-256 of `data` as a Data Package writes it."""
    return "sha256:" + hashlib.sha256(data).hexdigest()


def matches_hash(data: bytes, declared: str) -> bool:
    """Whether a file is the one that a Data Package declares.

    Git or an editor may have changed line endings and the byte order mark. A hash
    without the name of an algorithm is MD5, as in the standard. A hash of an unknown algorithm
    cannot be checked and is accepted.
    """
    name, _, digest = declared.lower().rpartition(":")
    algorithm = name or "md5"
    if algorithm not in hashlib.algorithms_guaranteed or algorithm.startswith("shake"):
        return True
    bare = data.removeprefix(codecs.BOM_UTF8)
    versions = (data, bare, bare.replace(b"\r\n", b"\n").replace(b"\r", b"\n"))
    return digest in {hashlib.new(algorithm, v).hexdigest() for v in versions}


def regular_file(path: Path, name: str, inside: Path | None = None) -> Path:
    """Return the path of a regular file, or raise a fault that says what is there instead.

    With `inside`, links that lead out of that folder are not followed.
    """
    name = name or str(path)  # the folder "." has no name
    try:
        real = path.resolve(strict=True)
        leaves = inside is not None and not real.is_relative_to(inside.resolve())
        if real.is_file() and not leaves:
            return real
        got = "a folder" if real.is_dir() else "something that is no file"
    except (OSError, RuntimeError, ValueError) as error:
        got = in_the_way(error, "a link to nothing" if os.path.islink(path) else "no such file")
        raise one_fault(name, "a file", got, nearest=nearest_file(path)) from None
    raise one_fault(name, "a file", "a link that leaves the folder" if leaves else got)


def nearest_file(path: Path) -> str:
    """Suggest the name beside a missing file or folder that is most like its own."""
    try:
        return suggest(path.name, [entry.name for entry in path.parent.iterdir()])
    except (OSError, ValueError):
        return ""


def read_bytes(path: Path, name: str, inside: Path | None = None) -> bytes:
    """Read a regular file, or raise the reason as a fault; see `regular_file`."""
    try:
        return regular_file(path, name, inside).read_bytes()
    except OSError as error:
        raise one_fault(name, "a file to read", in_the_way(error)) from None


def in_the_way(error: Exception, absent: str = "no such file") -> str:
    """Describe in a few words why a file or folder cannot be read."""
    if isinstance(error, FileNotFoundError):
        return absent
    if isinstance(error, NotADirectoryError):
        return "a file"
    # a link to itself, which older Pythons raise as a RuntimeError
    if isinstance(error, RuntimeError) or getattr(error, "errno", None) == errno.ELOOP:
        return "a link that leads back to itself"
    return str(getattr(error, "strerror", None) or error)


def decode(data: bytes, name: str) -> str:
    """Read bytes as UTF-8, with or without a byte order mark; anything else is a fault."""
    try:
        text = unix_newlines(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
        guess = f"probably {'UTF-16' if wide else 'Windows-1252 or Latin-1'}"
        if not wide and {*b"\x81\x8d\x8f\x90\x9d"} & {*data}:  # bytes without a character
            guess = "neither UTF-8 nor Windows-1252"
        got = f"byte 0x{data[error.start]:02x}, so this is {guess}: save it as UTF-8"
        raise one_fault(name, "UTF-8", got, line) from None
    if wrong := unwritable(text):
        line = text.count("\n", 0, wrong.start()) + 1
        raise one_fault(name, WRITABLE, ascii(wrong[0]), line)
    return text


def decode_file(path: Path) -> str:
    """Read a UTF-8 text file that a user names.

    Raises
    ------
    MeetingError
        If it cannot be read, or is not UTF-8.
    """
    return decode(read_bytes(path, str(path)), str(path))


DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs"}


def csv_rows(text: str, name: str, delimiter: str) -> list[tuple[int, list[str]]]:
    """Return each row of a CSV text that is not blank, with the line on which it starts."""
    # the limit is one of the whole process, so it is only ever raised
    csv.field_size_limit(max(csv.field_size_limit(), len(text) + 1))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows, start = [], 1
    try:
        for row in reader:
            if any(row):
                rows.append((start, row))
            start = reader.line_num + 1
    except csv.Error as error:
        expected = "a CSV file whose quoted cells are closed"
        raise one_fault(name, expected, str(error), start) from None
    if not rows:
        expected = "a header with the names of the columns"
        raise one_fault(name, expected, "no rows", 1)
    return rows


def parse_csv(text: str, name: str, delimiter: str = ",") -> tuple[SourceTable, list[Fault]]:
    """Read a CSV text as a table of text, keeping the line on which each row starts.

    Only empty cells are missing: ``NA`` is text. A row with more or fewer cells
    than the header is a fault and is left out; the rows after it are still read.
    """
    try:
        rows = csv_rows(text, name, delimiter)
    except MeetingError as error:
        top = text.lstrip("\n").split("\n")[0]
        if delimiter in top or not set(top) & DELIMITERS.keys():
            raise
        rows = [(error.found[0].line or 1, [top])]
    line, header = rows[0][0], [cell.strip() for cell in rows[0][1]]
    if len(header) == 1 and set(rows[0][1][0]) & DELIMITERS.keys():
        expected = f"cells separated by {DELIMITERS[delimiter]}"
        raise one_fault(name, expected, f"the header {shorten(rows[0][1][0])}", line)
    if twice := sorted({cell for cell in header if header.count(cell) > 1}):
        got = f"{shorten(twice[0])} again"
        raise one_fault(name, "each column once", got, line, column=twice[0])
    whole = [(start, row) for start, row in rows[1:] if len(row) == len(header)]
    expected = f"{count(len(header), 'cell')}, as in the header"
    other = [(start, count(len(row), "cell")) for start, row in rows[1:] if len(row) != len(header)]
    faults = [Fault(name, start, None, expected, got) for start, got in other]
    cells, columns = [row for _, row in whole], pd.Index(header, dtype="str")
    frame = pd.DataFrame(cells, columns=columns, dtype="str").replace("", np.nan)
    lines = np.array([start for start, _ in whole], dtype=np.int64)
    return SourceTable(frame, Origin(name, lines, line)), faults
