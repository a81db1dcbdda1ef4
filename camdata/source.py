"""What was read of a meeting, whoever read it; a folder and data frames as the first two doors."""

from __future__ import annotations

import codecs
import copy
import csv
import hashlib
import io
import json
import stat
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from camdata._words import nearest, shorten
from camdata.faults import Fault, Origin
from camdata.schema import STANCES, TABLES, scale_fault, unix_newlines

DESCRIPTOR = "datapackage.json"
STAGED = ".camdata-written"
"""The folder inside a meeting's in which written files wait to be put in their places."""


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
        If a table is no DataFrame, or a text no str.
    ValueError
        If `stances` is no scale.
    """
    wrong = scale_fault(list(stances) if isinstance(stances, Iterable) else stances)
    if wrong:
        raise ValueError(
            f"`stances` must be different whole numbers of at most 64 bits, but holds {wrong}."
        )
    found: dict[str, SourceTable] = {}
    faults: list[Fault] = []
    for table, frame in tables.items():
        if frame is None:
            continue
        if not isinstance(frame, pd.DataFrame):
            raise TypeError(f"The table of {table} must be a DataFrame, got {type(frame).__name__}.")
        origin = Origin(table, unit="row")
        frame = frame.reset_index(drop=True)
        frame.columns = pd.Index([str(column) for column in frame.columns], dtype="str")
        twice = frame.columns[frame.columns.duplicated()].unique()
        faults += [origin.fault(None, c, "each column once", f"{c!r} again") for c in twice]
        found[table] = SourceTable(frame.loc[:, ~frame.columns.duplicated()], origin)
    named = {"report": texts} if isinstance(texts, str) else dict(texts or {})
    faults += [
        Fault("texts", None, None, "a name that can be a file's", shorten(repr(text))[1:-1])
        for text in named
        if not isinstance(text, str) or not text or text.startswith(".") or set(text) & set("/\\\0")
    ]
    for text, words in named.items():
        if not isinstance(words, str):
            raise TypeError(f"The text {text!r} must be a str, got {type(words).__name__}.")
    return Source(
        name,
        found,
        {str(text): unix_newlines(words) for text, words in named.items()},
        copy.deepcopy(dict(metadata or {})),
        tuple(int(level) for level in stances),
        tuple(faults),
    )


# files


class _Unread(Exception):
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


def read_bytes(path: Path, name: str, inside: Path | None = None) -> bytes:
    """Read a regular file, or raise what stands in the way as a fault.

    With `inside`, links that lead out of that folder are not followed.
    """

    def unread(got: str, expected: str = "a file") -> _Unread:
        return _Unread(Fault(name, None, None, expected, got))

    try:
        real = path.resolve(strict=True)
        if inside is not None and not real.is_relative_to(inside.resolve()):
            raise unread("a link that leaves the folder", "a file of the folder")
        kind = real.stat().st_mode
        if not stat.S_ISREG(kind):
            words = {stat.S_IFDIR: "a folder", stat.S_IFIFO: "a pipe", stat.S_IFSOCK: "a socket"}
            raise unread(words.get(stat.S_IFMT(kind), "something that is no file"))
        return real.read_bytes()
    except FileNotFoundError:
        raise unread("a link to nothing" if path.is_symlink() else "no such file") from None
    except RuntimeError:  # a link to itself, as older Pythons say it
        raise unread("a link that leads back to itself") from None
    except (OSError, ValueError) as error:
        raise unread(f"{getattr(error, 'strerror', None) or error}", "a file to read") from None


def _encoding(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "UTF-16"
    try:
        data.decode("cp1252")
    except UnicodeDecodeError:
        return "an encoding that is neither UTF-8 nor Windows-1252"
    return "Windows-1252 or Latin-1"


def decode(data: bytes, name: str) -> str:
    """Read bytes as UTF-8, with or without a byte order mark; other encodings are a fault."""
    try:
        return unix_newlines(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        found = data[error.start : error.start + 1].hex()
        got = f"byte 0x{found}, so this is probably {_encoding(data)}: save it as UTF-8"
        raise _Unread(Fault(name, line, None, "UTF-8", got)) from None


DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs"}
_LIMIT = 131_072
"""Cells longer than this are more than the csv module reads; its limit holds for all threads."""


def _rows(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Yield each row of a CSV text that is not blank, with the line on which it starts."""
    if len(text) <= _LIMIT:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        start = 1
        for row in reader:
            if any(row):
                yield start, row
            start = reader.line_num + 1
        return
    start, record, quotes = 1, "", 0
    for number, line in enumerate(io.StringIO(text, newline="\n"), 1):
        record += line
        quotes += line.count('"')
        if quotes % 2 == 0:
            row = _cells(record, delimiter)
            if any(row):
                yield start, row
            start, record = number + 1, ""
    if record:
        raise csv.Error("unexpected end of data")


def _cells(record: str, delimiter: str) -> list[str]:
    if len(record) <= _LIMIT:
        return next(csv.reader([record], delimiter=delimiter, strict=True), [])
    frame = pd.read_csv(
        io.StringIO(record), header=None, dtype="str", keep_default_na=False, sep=delimiter
    )
    return [str(cell) for cell in frame.iloc[0]] if len(frame) else []


def parse_csv(text: str, name: str, delimiter: str = ",") -> tuple[SourceTable, list[Fault]]:
    """Read a CSV text as a table of text, keeping the line on which each row starts.

    Only an empty cell is missing: ``NA`` is a text like any other. A row with more or fewer cells
    than the header is a fault and is left out; the rows after it are still read.
    """
    faults: list[Fault] = []

    def unread(line: int, column: str | None, expected: str, got: str) -> _Unread:
        return _Unread(Fault(name, line, column, expected, got))

    first = text.partition("\n")[0]
    if delimiter not in first and any(other in first for other in DELIMITERS):
        expected = f"cells separated by {DELIMITERS[delimiter]}"
        raise unread(1, None, expected, f"the header {shorten(first)}")
    rows: list[list[str]] = []
    lines: list[int] = []
    header: list[str] | None = None
    top = start = 1
    try:
        for start, row in _rows(text, delimiter):
            if header is None:
                top, header = start, [cell.strip() for cell in row]
                twice = sorted({cell for cell in header if header.count(cell) > 1})
                if twice:
                    raise unread(top, twice[0], "each column once", f"{shorten(twice[0])} again")
            elif len(row) != len(header):
                expected = f"{len(header)} cells, as in the header"
                faults.append(Fault(name, start, None, expected, f"{len(row)} cells"))
            else:
                rows.append(row)
                lines.append(start)
    except (csv.Error, pd.errors.ParserError) as error:
        expected = "a CSV file whose quoted cells are closed"
        raise unread(start if header is None else max(start, top), None, expected, str(error)) from None
    if header is None:
        raise unread(1, None, "a header with the names of the columns", "no rows")
    frame = pd.DataFrame(rows, columns=pd.Index(header, dtype="str"), dtype="str")
    frame = frame.replace("", np.nan)
    return SourceTable(frame, Origin(name, np.array(lines, dtype=np.int64), top)), faults


def read_folder(folder: Path) -> Source:
    """Read every file of a meeting's folder; what cannot be read is listed, not raised."""
    name = str(folder)
    try:
        present = sorted(path.name for path in folder.iterdir())
    except OSError as error:
        words = {FileNotFoundError: "nothing there", NotADirectoryError: "a file"}
        got = words.get(type(error), error.strerror or str(error))
        return Source(name, faults=(Fault(name, None, None, "a folder", got),))
    except ValueError as error:  # a name that no file can have
        return Source(name, faults=(Fault(shorten(name), None, None, "a folder", str(error)),))
    faults: list[Fault] = []
    tables: dict[str, SourceTable] = {}
    texts: dict[str, str] = {}
    # files that were written as a whole, but not yet put in their places when something stopped
    staged = {
        path.relative_to(folder / STAGED).as_posix(): path
        for path in (folder / STAGED).rglob("*")
        if path.is_file()
    }
    present = sorted({*present, *(file for file in staged if "/" not in file)})
    if any(file.startswith("texts/") for file in staged):
        present = sorted({*present, "texts"})

    def data_of(path: Path) -> bytes | None:
        file = path.relative_to(folder).as_posix()
        try:
            return read_bytes(staged.get(file, path), file, folder)
        except _Unread as unread:
            faults.append(unread.fault)
            return None

    declared = _Declared({}, {}, STANCES)
    if DESCRIPTOR in present:
        data = data_of(folder / DESCRIPTOR)
        if data is not None:
            declared = _read_descriptor(data, faults)
    for other in present:
        for own in (*(table.file for table in TABLES.values()), "report.txt", "texts", DESCRIPTOR):
            if other != own and other.casefold() == own.casefold():
                faults.append(Fault(other, None, None, f"the name {own}", f"{other!r}: rename it"))
    for table, spec in TABLES.items():
        if spec.file not in present:
            continue
        data = data_of(folder / spec.file)
        if data is None:
            continue
        try:
            tables[table], found = parse_csv(decode(data, spec.file), spec.file)
            faults += found
        except _Unread as unread:
            faults.append(unread.fault)
    waiting = [folder / file for file in staged if file.startswith("texts/")]
    for path in _text_paths(folder, present, waiting, faults, list(declared.files)):
        file = path.relative_to(folder).as_posix()
        data = data_of(path)
        if data is None:
            continue
        digest = declared.files.get(file, "")
        if digest and not matches_hash(data, digest):
            expected = f"the text with {digest}, as {DESCRIPTOR} says"
            faults.append(Fault(file, None, None, expected, sha256(data)))
        if path.stem in texts:
            faults.append(Fault(file, None, None, "each name of a text once", "it again"))
            continue
        try:
            texts[path.stem] = decode(data, file)
        except _Unread as unread:
            faults.append(unread.fault)
    read = {TABLES[table].file for table in tables} | {fault.file for fault in faults}
    for file in sorted({TABLES["statements"].file} | set(declared.files)):
        if file in read or not _is_absent(folder, file, declared, texts, faults):
            continue
        near = partial(_meant, Path(file).name, present)
        faults.append(Fault(file, None, None, "this file", "no such file", near))
    return Source(name, tables, texts, declared.metadata, declared.stances, tuple(faults))


def _meant(name: str, present: list[str]) -> str:
    near = nearest(name, present)
    return f"did you mean {near!r}?" if near else ""


def _is_absent(
    folder: Path,
    file: str,
    declared: _Declared,
    texts: Mapping[str, str],
    faults: list[Fault],
) -> bool:
    """Say whether a declared file is not there; check the hash of one that is not read."""
    path = folder / file
    try:
        data = read_bytes(path, file, folder)
    except _Unread as unread:
        if unread.fault.got == "no such file":
            return True
        faults.append(unread.fault)
        return False
    digest = declared.files.get(file, "")
    is_text = path.suffix == ".txt" and path.stem in texts
    if digest and not is_text and not matches_hash(data, digest):
        expected = f"the file with {digest}, as {DESCRIPTOR} says"
        faults.append(Fault(file, None, None, expected, sha256(data)))
    return False


def _text_paths(
    folder: Path,
    present: Iterable[str],
    waiting: Iterable[Path],
    faults: list[Fault],
    declared: list[str],
) -> list[Path]:
    """Return the texts of a folder in the order in which they are declared, then by name."""
    paths = [folder / "report.txt"] if "report.txt" in present else []
    if "texts" in present:
        texts = folder / "texts"
        if not texts.resolve().is_relative_to(folder.resolve()):
            got = "a link that leaves the folder"
            faults.append(Fault("texts", None, None, "a folder of the folder", got))
            return paths
        try:
            there = texts.iterdir() if texts.is_dir() or not waiting else ()
            paths += sorted({path for path in there if path.suffix == ".txt"} | set(waiting))
        except OSError as error:
            got = "a file" if isinstance(error, NotADirectoryError) else str(error.strerror)
            faults.append(Fault("texts", None, None, "a folder", got))
    place = {file: number for number, file in enumerate(declared)}
    last = len(place)
    return sorted(paths, key=lambda p: place.get(p.relative_to(folder).as_posix(), last))


class _Declared(NamedTuple):
    """What datapackage.json says: metadata, the declared files with their hashes, the scale."""

    metadata: dict[str, Any]
    files: dict[str, str]
    stances: tuple[int, ...]


def _no_constants(name: str) -> None:
    raise ValueError(f"{name}, which is no JSON")


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"the key {shorten(key)} twice")
        found[key] = value
    return found


def _read_descriptor(data: bytes, faults: list[Fault]) -> _Declared:
    """Read datapackage.json: metadata, declared files and their hashes, the scale of stances."""
    nothing = _Declared({}, {}, STANCES)

    def fault(column: str | None, expected: str, got: str, line: int | None = None) -> None:
        faults.append(Fault(DESCRIPTOR, line, column, expected, got))

    try:
        text = decode(data, DESCRIPTOR)
        descriptor = json.loads(
            text, parse_constant=_no_constants, object_pairs_hook=_unique_keys
        )
    except _Unread as unread:
        faults.append(unread.fault)
        return nothing
    except json.JSONDecodeError as error:
        fault(None, "JSON", f"{error.msg} at character {error.colno}", error.lineno)
        return nothing
    except RecursionError:
        fault(None, "JSON", "too many brackets inside one another")
        return nothing
    except ValueError as error:
        fault(None, "JSON", shorten(str(error), 120)[1:-1])
        return nothing
    if not isinstance(descriptor, dict):
        fault(None, "a JSON object", shorten(text, 40), 1)
        return nothing
    resources = descriptor.pop("resources", [])
    stances = descriptor.pop("stances", list(STANCES))
    if wrong := scale_fault(stances):
        fault("stances", "different whole numbers of at most 64 bits", wrong)
        stances = list(STANCES)
    files: dict[str, str] = {}
    if not isinstance(resources, list):
        fault("resources", "a list", shorten(json.dumps(resources, ensure_ascii=False)))
        return _Declared(descriptor, {}, tuple(stances))
    for resource in resources:
        path = resource.get("path") if isinstance(resource, dict) else None
        if not isinstance(path, str):
            continue
        if wrong := _path_fault(path):
            fault("path", "a file of the folder, such as texts/a.txt", wrong)
        else:
            files[path] = str(resource.get("hash", ""))
    return _Declared(descriptor, files, tuple(stances))


def _path_fault(path: str) -> str:
    """Say why a declared path names no file of the folder; nothing where it may."""
    parts = path.split("/")
    outside = "://" in path or path.startswith(("/", "~")) or "\\" in path or path[1:2] == ":"
    if outside or ".." in parts or not path.strip("./ ") or "\0" in path:
        return shorten(path)
    if len(path.encode("utf-8", "surrogatepass")) > 1000 or any(len(part) > 255 for part in parts):
        return f"a name of {len(path):,} characters"
    return ""


def meeting_files(folder: Path) -> list[str]:
    """Return the names of the tables and texts that `read_folder` would read."""
    tables = [table.file for table in TABLES.values() if (folder / table.file).is_file()]
    texts = [folder / "report.txt", *sorted((folder / "texts").glob("*.txt"))]
    return tables + [p.relative_to(folder).as_posix() for p in texts if p.is_file()]


