"""Files and data frames become plain text tables that remember the line each row came from."""

from __future__ import annotations

import csv
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


def read_table(path: Path, name: str, faults: list[Fault]) -> RawTable | None:
    """Read one CSV file as text, keeping the line on which each row starts.

    Only an empty cell is missing: ``NA`` is a text like any other. A row with more or fewer cells
    than the header is a fault and is left out; the rows after it are still read.
    """
    text = read_text(path, name, faults)
    if text is None:
        return None
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[list[str]] = []
    lines: list[int] = []
    header: list[str] | None = None
    start = 1
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
                if len(header) == 1 and ";" in header[0]:
                    got = f"the header {row[0]!r}"
                    faults.append(Fault(name, line, None, "cells separated by commas", got))
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


def raw_table(name: str, frame: pd.DataFrame) -> RawTable:
    """Take a data frame of a user as if it had been read from a file.

    The numbers of the spec's integer columns are written as whole numbers, dates as ISO dates,
    everything else of the spec as text; columns outside the spec are kept as they are.
    """
    if not isinstance(frame, pd.DataFrame):
        raise TypeError(f"The table of {name} must be a DataFrame, got {type(frame).__name__}.")
    frame = frame.reset_index(drop=True)
    frame.columns = frame.columns.astype("str")
    table = TABLES[name]
    columns = {}
    for column in frame.columns:
        spec = table.field(column)
        values = frame[column]
        if spec is not None:
            if pd.api.types.is_datetime64_any_dtype(values):
                values = values.dt.strftime("%Y-%m-%d")
            elif pd.api.types.is_float_dtype(values) and (values.dropna() % 1 == 0).all():
                values = values.astype("Int64")
            values = values.astype("object").where(values.notna(), np.nan)
            values = values.map(lambda v: unix_newlines(str(v)), na_action="ignore").astype("str")
        columns[column] = values
    text = pd.DataFrame(columns, index=frame.index)
    known = [column for column in text.columns if table.field(column) is not None]
    text[known] = _stripped(text[known])
    return RawTable(text, list(range(1, len(text) + 1)), name)


def read_folder(folder: Path) -> RawMeeting:
    """Read every file of a meeting's folder; what cannot be read is listed, not raised."""
    raw = RawMeeting()
    if not folder.is_dir():
        got = "a file" if folder.exists() else "nothing there"
        raw.faults.append(Fault(str(folder), None, None, "a folder", got))
        return raw
    present = sorted(p.name for p in folder.iterdir())
    for name, table in TABLES.items():
        path = folder / table.file
        if path.is_file():
            read = read_table(path, table.file, raw.faults)
            if read is not None:
                raw.tables[name] = read
    for path in [folder / "report.txt", *sorted((folder / "texts").glob("*.txt"))]:
        if path.is_file():
            name = path.relative_to(folder).as_posix()
            text = read_text(path, name, raw.faults)
            if text is not None:
                raw.texts[path.stem] = text
    declared = _read_descriptor(folder, raw)
    for name in sorted({TABLES["statements"].file} | set(declared)):
        if name not in present and not (folder / name).is_file():
            near = did_you_mean(name, present).partition("(did you mean")[2].rstrip(")?")
            got = f"no such file (did you mean{near}?)" if near else "no such file"
            raw.faults.append(Fault(name, None, None, "this file", got))
    for name, digest in declared.items():
        path = folder / name
        if digest and path.is_file():
            data = path.read_bytes()
            digests = {sha256(data), sha256(data.replace(b"\r\n", b"\n"))}
            if digest not in digests:
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
    return {
        str(resource["path"]): str(resource.get("hash", ""))
        for resource in resources
        if isinstance(resource, Mapping) and isinstance(resource.get("path"), str)
    }
