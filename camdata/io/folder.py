"""A meeting's folder read: every file that is there is read, or is a fault."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any

import pandas as pd

from camdata._display.words import meant, shorten
from camdata.model.cells import is_dtype, restored, unwritable
from camdata.model.errors import Fault, Origin
from camdata.model.schema import STANCES, TABLES, scale_fault
from camdata.model.source import (
    Source,
    SourceTable,
    Unread,
    can_be_a_file,
    decode,
    in_the_way,
    matches_hash,
    metadata_faults,
    parse_csv,
    read_bytes,
    regular_file,
    sha256,
)

DESCRIPTOR = "datapackage.json"
STAGED = ".camdata-written"
"""The folder inside a meeting's in which written files wait to be put in their places."""
OWN = (*(table.file for table in TABLES.values()), "report.txt", "texts", DESCRIPTOR)
"""What a meeting's folder holds; these names in another case are a fault, not another file."""


class _Folder:
    """A folder that is being read, and the faults found so far."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.faults: list[Fault] = []
        # files that were written as a whole, but not yet put in their places when something stopped
        staged = path / STAGED
        entries = [*staged.iterdir(), *(staged / "texts").glob("*")] if staged.is_dir() else []
        self.staged = {
            entry.relative_to(staged).as_posix(): entry
            for entry in entries
            if entry != staged / "texts" or entry.is_symlink() or not entry.is_dir()
        }
        names = {entry.name for entry in path.iterdir()}
        self.present = sorted(names | {file.partition("/")[0] for file in self.staged})

    def fault(self, file: str, expected: str, got: str, near: Any = "") -> None:
        self.faults.append(Fault(file, None, None, expected, got, near))

    def read(self, file: str) -> bytes | None:
        """Return what a file of the folder holds; where it cannot be read, that is a fault."""
        try:
            return read_bytes(self.staged.get(file, self.path / file), file, self.path)
        except Unread as unread:
            self.faults.append(unread.fault)
            return None

    def table(self, spec_file: str, dtypes: Mapping[str, str]) -> SourceTable | None:
        """Return a table, its columns outside the spec in their declared dtypes."""
        data = self.read(spec_file)
        if data is None:
            return None
        try:
            table, found = parse_csv(decode(data, spec_file), spec_file)
        except Unread as unread:
            self.faults.append(unread.fault)
            return None
        self.faults += found
        columns = {str(name): table.frame[name] for name in table.frame}
        for name in [name for name in dtypes if name in columns]:
            texts = columns[name]
            columns[name], rows = restored(texts, dtypes[name])
            expected = f"a cell that {dtypes[name]} holds, as {DESCRIPTOR} says"
            for row in rows:
                got = "nothing" if pd.isna(texts[row]) else shorten(texts[row])
                self.faults.append(table.origin.fault(row, name, expected, got))
        return SourceTable(pd.DataFrame(columns, index=table.frame.index), table.origin)

    def text_files(self, declared: Mapping[str, str]) -> list[str]:
        """Return the texts in the order in which they are declared, then by name."""
        files = {"report.txt"} & set(self.present)
        files |= {file for file in self.staged if file.startswith("texts/")}
        folder = self.path / "texts"
        if "texts" in self.present and (folder.is_symlink() or folder.exists()):
            try:
                if not folder.resolve(strict=True).is_relative_to(self.path.resolve()):
                    self.fault("texts", "a folder of the folder", "a link that leaves the folder")
                else:
                    files |= {f"texts/{file.name}" for file in folder.iterdir()}
            except (OSError, RuntimeError) as error:  # a loop, as older Pythons say it
                self.fault("texts", "a folder", in_the_way(error, "a link to nothing"))
        place = {file: number for number, file in enumerate(declared)}
        return sorted(filter(self._is_text, files), key=lambda f: (place.get(f, len(place)), f))

    def _is_text(self, file: str) -> bool:
        path = PurePosixPath(file)
        if not is_text_name(path.name):
            return False
        if path.suffix != ".txt":
            self.fault(file, "a name that ends in .txt", f"{path.suffix}: rename it")
            return False
        if not can_be_a_file(path.stem):
            self.fault(file, "a name in UTF-8, of at most 240 bytes", shorten(path.name))
            return False
        return True


def read_folder(path: Path) -> Source:
    """Read every file of a meeting's folder; what cannot be read is listed, not raised."""
    name = str(path)
    try:
        folder = _Folder(path)
    except (OSError, RuntimeError) as error:
        got = in_the_way(error, "nothing there")
        return Source(name, faults=(Fault(name, None, None, "a folder", got),))
    except ValueError as error:  # a name that no file can have
        return Source(name, faults=(Fault(name, None, None, "a folder", str(error)),))
    declared = _Declared()
    if DESCRIPTOR in folder.present and (data := folder.read(DESCRIPTOR)) is not None:
        declared = _read_descriptor(data, folder.faults)
    for other in folder.present:
        for own in OWN:
            if other != own and other.casefold() == own.casefold():
                folder.fault(other, f"the name {own}", f"{other!r}: rename it")
    tables: dict[str, SourceTable] = {}
    for name_of_table, spec in TABLES.items():
        if spec.file in folder.present:
            table = folder.table(spec.file, declared.dtypes.get(spec.file, {}))
            if table is not None:
                tables[name_of_table] = table
    texts: dict[str, str] = {}
    text_files = folder.text_files(declared.files)
    for file in text_files:
        data = folder.read(file)
        if data is None:
            continue
        digest = declared.files.get(file, "")
        if digest and not matches_hash(data, digest):
            expected = f"the text with {digest}, as {DESCRIPTOR} says"
            folder.fault(file, expected, sha256(data))
        text = PurePosixPath(file).stem
        if text in texts:
            folder.fault(file, "each name of a text once", "it again")
            continue
        try:
            texts[text] = decode(data, file)
        except Unread as unread:
            folder.faults.append(unread.fault)
    if texts and _is_uncoded(folder, declared):
        needed = TABLES["statements"].needed
        empty = pd.DataFrame({column: pd.Series(dtype="str") for column in needed})
        tables["statements"] = SourceTable(empty, Origin(TABLES["statements"].file, header=1))
    read = {TABLES[table].file for table in tables} | {fault.file for fault in folder.faults}
    for file in sorted({TABLES["statements"].file, *declared.files} - read - set(text_files)):
        try:
            regular_file(path / file, file, path)
        except Unread as unread:
            near: Any = ""
            expected = unread.fault.expected
            if unread.fault.got == "no such file":
                near, expected = partial(meant, Path(file).name, folder.present), "this file"
            folder.fault(file, expected, unread.fault.got, near)
    return Source(name, tables, texts, declared.metadata, declared.stances, tuple(folder.faults))


def _is_uncoded(folder: _Folder, declared: _Declared) -> bool:
    """Say whether a folder of texts is still to be coded, and does not just misspell its table."""
    file = TABLES["statements"].file
    if file in folder.present or file in declared.files:
        return False
    alike = [name for name in folder.present if name.endswith(".csv") and meant(file, [name])]
    return not alike and not set(folder.present) & {"recodings.csv", "references.csv"}


# datapackage.json


@dataclass(frozen=True)
class _Declared:
    """What datapackage.json says: metadata, files with their hashes, dtypes, the scale."""

    metadata: dict[str, Any] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    dtypes: dict[str, dict[str, str]] = field(default_factory=dict)
    stances: tuple[int, ...] = STANCES


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
    """Read datapackage.json: metadata, declared files and their hashes, dtypes, the scale."""

    def fault(column: str | None, expected: str, got: str, line: int | None = None) -> None:
        faults.append(Fault(DESCRIPTOR, line, column, expected, got))

    try:
        text = decode(data, DESCRIPTOR)
        descriptor = json.loads(text, parse_constant=_no_constants, object_pairs_hook=_unique_keys)
    except Unread as unread:
        faults.append(unread.fault)
        return _Declared()
    except json.JSONDecodeError as error:
        fault(None, "JSON", f"{error.msg} at character {error.colno}", error.lineno)
        return _Declared()
    except RecursionError:
        fault(None, "JSON", "too many brackets inside one another")
        return _Declared()
    except ValueError as error:
        fault(None, "JSON", shorten(str(error), 120)[1:-1])
        return _Declared()
    if not isinstance(descriptor, dict):
        fault(None, "a JSON object", shorten(text, 40), 1)
        return _Declared()
    resources = descriptor.pop("resources", [])
    stances = descriptor.pop("stances", list(STANCES))
    if wrong := scale_fault(stances):
        fault("stances", "different whole numbers of at most 64 bits", wrong)
        stances = STANCES
    if wrong_there := metadata_faults(descriptor, DESCRIPTOR):
        faults += wrong_there
        descriptor = {}
    declared = _Declared(descriptor, stances=tuple(stances))
    if not isinstance(resources, list):
        fault("resources", "a list", shorten(resources))
        return declared
    for resource in resources:
        if not isinstance(resource, dict):
            fault("resources", "a JSON object for each file", shorten(resource))
            continue
        paths = resource.get("path", [])
        for path in paths if isinstance(paths, list) else [paths]:
            if wrong := path_fault(path):
                fault("path", "a file of the folder, such as texts/a.txt", wrong)
                continue
            file = PurePosixPath(path).as_posix()
            digest = resource.get("hash", "")
            if not isinstance(digest, str):
                fault("hash", "text such as sha256:…", shorten(digest))
                digest = ""
            own = TABLES.get(str(resource.get("name")))
            if own is not None and file.casefold().endswith(".csv") and file != own.file:
                fault("path", f"the file {own.file} for {own.name}", shorten(path))
            declared.files[file] = digest
            declared.dtypes[file] = _dtypes(file, resource.get("schema"), faults)
    return declared


def _dtypes(file: str, schema: object, faults: list[Fault]) -> dict[str, str]:
    """Return the declared dtypes of the columns of a table that its spec does not name."""
    spec = next((table for table in TABLES.values() if table.file == file), None)
    fields = schema.get("fields") if isinstance(schema, dict) else None
    found: dict[str, str] = {}
    for described in fields if spec is not None and isinstance(fields, list) else []:
        if not isinstance(described, dict) or "dtype" not in described:
            continue
        name, dtype = described.get("name"), described["dtype"]
        if not is_dtype(dtype):
            expected = "a dtype of numbers, truth values or dates, such as int64"
            faults.append(Fault(DESCRIPTOR, None, "dtype", expected, shorten(dtype)))
        elif spec is not None and isinstance(name, str) and spec.field(name) is None:
            found[name] = dtype
    return found


def path_fault(path: object) -> str:
    """Say why a declared path names no file of the folder; nothing where it may."""
    if not isinstance(path, str):
        return shorten(path)
    parts = path.split("/")
    outside = "://" in path or path.startswith(("/", "~")) or "\\" in path or path[1:2] == ":"
    if outside or ".." in parts or not path.strip("./ ") or unwritable(path):
        return shorten(path)
    if len(path.encode()) > 1000 or any(len(part.encode()) > 255 for part in parts):
        return f"a name of {len(path):,} characters"
    return ""


def meeting_files(folder: Path) -> list[str]:
    """Return the names in a folder that `read_folder` would take for tables, texts, or faults."""
    if not folder.is_dir():
        return []
    own = {name.casefold() for name in OWN}
    found = [entry.name for entry in folder.iterdir() if entry.name.casefold() in own]
    texts = folder / "texts"
    if texts.is_dir():
        found = [name for name in found if name != "texts"]
        found += [f"texts/{entry.name}" for entry in texts.iterdir() if is_text_name(entry.name)]
    return sorted(found)


def is_text_name(name: str) -> bool:
    """Say whether a file of the folder ``texts`` is taken for a text, hidden ones apart."""
    return name.casefold().endswith(".txt") and not name.startswith(".")
