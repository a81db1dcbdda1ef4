"""Files and data frames become plain text tables that remember the line each row came from."""

from __future__ import annotations

import codecs
import csv
import datetime
import hashlib
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from camdata.schema import TABLES, Fault, did_you_mean


@dataclass(frozen=True)
class RawTable:
    """A table as text (dtype ``str``, empty = NaN), with the physical line of each row."""

    frame: pd.DataFrame
    lines: list[int]
    file: str
    header: int | None = 1


@dataclass
class RawMeeting:
    """All that was read of a meeting, and what was wrong with the files themselves."""

    tables: dict[str, RawTable] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    metadata: dict[str, Any] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)


def unix_newlines(text: str) -> str:
    """Return `text` with every line ending as a single line feed."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def sha256(data: bytes) -> str:
    """Return the SHA-256 of `data` as a Data Package writes it."""
    return "sha256:" + hashlib.sha256(data).hexdigest()


def matches_hash(data: bytes, declared: str) -> bool:
    """Say whether a file is the one that a Data Package declares.

    Line endings and a byte order mark may have been changed on the way, by git or an editor. A hash
    without the name of an algorithm is MD5, as in the standard; one of an unknown algorithm cannot
    be checked and is let pass.
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


def _name_encoding(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "UTF-16"
    try:
        data.decode("cp1252")
    except UnicodeDecodeError:
        return "an encoding that is neither UTF-8 nor Windows-1252"
    return "Windows-1252 or Latin-1"


def read_text(path: Path, name: str, faults: list[Fault]) -> str | None:
    """Read a UTF-8 file, with or without a byte order mark; other encodings are a fault."""
    data = path.read_bytes()
    try:
        return unix_newlines(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        found = data[error.start : error.start + 1].hex()
        got = f"byte 0x{found}, so this is probably {_name_encoding(data)}: save it as UTF-8"
        faults.append(Fault(name, line, None, "UTF-8", got))
        return None


DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs"}


def read_table(path: Path, name: str, faults: list[Fault], delimiter: str = ",") -> RawTable | None:
    """Read one CSV file as text, keeping the line on which each row starts.

    Only an empty cell is missing: ``NA`` is a text like any other. A row with more or fewer cells
    than the header is a fault and is left out; the rows after it are still read.
    """
    text = read_text(path, name, faults)
    if text is None:
        return None
    first = text.partition("\n")[0]
    if delimiter not in first and any(other in first for other in DELIMITERS):
        got = f"the header {first!r}"
        expected = f"cells separated by {DELIMITERS[delimiter]}"
        faults.append(Fault(name, 1, None, expected, got))
        return None
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[list[str]] = []
    lines: list[int] = []
    header: list[str] | None = None
    start = 1
    limit = csv.field_size_limit(max(len(text), 131_072))
    try:
        for row in reader:
            line, start = start, reader.line_num + 1
            if not any(row):
                continue
            if header is None:
                header = [cell.strip() for cell in row]
                twice = sorted({cell for cell in header if header.count(cell) > 1})
                faults.extend(
                    Fault(name, line, cell, "each column once", f"{cell!r} again") for cell in twice
                )
                if twice:
                    return None
            elif len(row) != len(header):
                expected = f"{len(header)} cells, as in the header"
                faults.append(Fault(name, line, None, expected, f"{len(row)} cells"))
            else:
                rows.append(row)
                lines.append(line)
    except csv.Error as error:
        expected = "a CSV file whose quoted cells are closed"
        faults.append(Fault(name, start, None, expected, str(error)))
        return None
    finally:
        csv.field_size_limit(limit)
    if header is None:
        faults.append(Fault(name, 1, None, "a header with the names of the columns", "no rows"))
        return None
    frame = pd.DataFrame(rows, columns=pd.Index(header, dtype="str"), dtype="str")
    return RawTable(_stripped(frame), lines, name)


def _stripped(frame: pd.DataFrame) -> pd.DataFrame:
    """Read an empty cell as missing and `+1` as `1`."""
    frame = frame.replace("", np.nan)
    for name in frame.columns.intersection(["stance"]):
        frame[name] = (
            frame[name].str.strip().str.replace("\N{MINUS SIGN}", "-").str.removeprefix("+")
        )
    return frame


def raw_table(name: str, frame: pd.DataFrame, faults: list[Fault]) -> RawTable:
    """Take a data frame of a user as if it had been read from a file.

    Whole numbers of any dtype, dates and text become the text that a file would hold; columns
    outside the spec are kept as they are. A column that is there twice is a fault.
    """
    if not isinstance(frame, pd.DataFrame):
        raise TypeError(f"The table of {name} must be a DataFrame, got {type(frame).__name__}.")
    frame = frame.reset_index(drop=True)
    frame.columns = frame.columns.astype("str")
    twice = frame.columns[frame.columns.duplicated()].unique()
    faults.extend(Fault(name, None, c, "each column once", f"{c!r} again") for c in twice)
    frame = frame.loc[:, ~frame.columns.duplicated()]
    table = TABLES[name]
    columns = {}
    for column in frame.columns:
        values = frame[column]
        if table.field(column) is not None:
            values = values.astype("object").where(values.notna(), np.nan)
            values = values.map(_as_text, na_action="ignore").astype("str")
        columns[column] = values
    text = pd.DataFrame(columns, index=frame.index)
    known = [column for column in text.columns if table.field(column) is not None]
    text[known] = _stripped(text[known])
    return RawTable(text, list(range(1, len(text) + 1)), name, header=None)


def _as_text(value: Any) -> str:
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    if isinstance(value, datetime.date):
        return value.strftime("%Y-%m-%d")
    return unix_newlines(str(value))


def _text_paths(folder: Path) -> list[Path]:
    paths = [folder / "report.txt", *sorted((folder / "texts").glob("*.txt"))]
    return [path for path in paths if path.is_file()]


def meeting_files(folder: Path) -> list[str]:
    """Return the names of the tables and texts that `read_folder` would read."""
    tables = [table.file for table in TABLES.values() if (folder / table.file).is_file()]
    return tables + [path.relative_to(folder).as_posix() for path in _text_paths(folder)]


def read_folder(folder: Path) -> RawMeeting:
    """Read every file of a meeting's folder; what cannot be read is listed, not raised."""
    raw = RawMeeting()
    if not folder.is_dir():
        got = "a file" if folder.exists() else "nothing there"
        raw.faults.append(Fault(str(folder), None, None, "a folder", got))
        return raw
    present = sorted(p.name for p in folder.iterdir() if p.is_file())
    for name, table in TABLES.items():
        path = folder / table.file
        if path.is_file():
            read = read_table(path, table.file, raw.faults)
            if read is not None:
                raw.tables[name] = read
    for path in _text_paths(folder):
        name = path.relative_to(folder).as_posix()
        text = read_text(path, name, raw.faults)
        if path.stem in raw.texts:
            raw.faults.append(Fault(name, None, None, "each name of a text once", "it again"))
        elif text is not None:
            raw.texts[path.stem] = text
    declared = _read_descriptor(folder, raw)
    for name in sorted({TABLES["statements"].file} | set(declared)):
        if not (folder / name).is_file():
            near = did_you_mean(name, present).partition("(did you mean")[2].rstrip(")?")
            got = f"no such file (did you mean{near}?)" if near else "no such file"
            raw.faults.append(Fault(name, None, None, "this file", got))
    for name, digest in declared.items():
        path = folder / name
        if digest and path.is_file():
            data = path.read_bytes()
            if not matches_hash(data, digest):
                expected = f"the text with {digest}, as datapackage.json says"
                raw.faults.append(Fault(name, None, None, expected, sha256(data)))
    return raw


def _read_descriptor(folder: Path, raw: RawMeeting) -> dict[str, str]:
    """Read datapackage.json into `raw.metadata`; return the files it declares and their hashes."""
    path = folder / "datapackage.json"
    if not path.is_file():
        return {}
    text = read_text(path, path.name, raw.faults)
    if text is None:
        return {}
    try:
        descriptor = json.loads(text)
        if not isinstance(descriptor, Mapping):
            raise TypeError
    except json.JSONDecodeError as error:
        got = f"{error.msg} at character {error.colno}"
        raw.faults.append(Fault(path.name, error.lineno, None, "JSON", got))
        return {}
    except TypeError:
        raw.faults.append(Fault(path.name, 1, None, "a JSON object", text[:40]))
        return {}
    raw.metadata = {str(key): value for key, value in descriptor.items()}
    resources = raw.metadata.pop("resources", [])
    if not isinstance(resources, list):
        got = json.dumps(resources, ensure_ascii=False)[:40]
        raw.faults.append(Fault(path.name, None, "resources", "a list", got))
        return {}
    return {
        str(resource["path"]): str(resource.get("hash", ""))
        for resource in resources
        if isinstance(resource, Mapping) and isinstance(resource.get("path"), str)
    }
