"""A meeting's folder read: every file that is there is read, or is a fault."""

from __future__ import annotations

import json
import os
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any

import pandas as pd

from camdata._display.words import shorten, suggest
from camdata.io.log import Log
from camdata.io.stances import Meaning
from camdata.model.columns import check_column
from camdata.model.errors import Fault, Origin
from camdata.model.schema import DTYPES, STANCES, TABLES, Field, scale_fault
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
from camdata.model.vocabulary import fold_stance

DESCRIPTOR = "datapackage.json"


def own_names() -> list[str]:
    """Return what a meeting's folder holds; these names in another case are a fault."""
    return [*(table.file for table in TABLES.values()), "report.txt", "texts", DESCRIPTOR]


def workplace(folder: Path) -> Path:
    """Return the folder beside a meeting's in which it is written before it is put in place."""
    real = Path(os.path.realpath(folder))
    return real.parent / f".{real.name}.camdata"


def read_folder(path: Path) -> Source:
    """Read every file of a meeting's folder; what cannot be read is listed, not raised.

    A folder that is replaced by another writing while it is read is read again.
    """
    for _ in range(40):
        before = _state(path)
        source = _read(path)
        if before == _state(path) and (before is not None or not workplace(path).is_dir()):
            break
        time.sleep(0.05)
    return source


def _state(path: Path) -> tuple[int, int] | None:
    """Return what identifies a folder and its list of files; None where there is none."""
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_ino, stat.st_mtime_ns


def _read(path: Path) -> Source:
    log = Log()
    faults = log.faults
    try:
        present = sorted(entry.name for entry in path.iterdir())
    except (OSError, RuntimeError) as error:
        got = in_the_way(error, "nothing there")
        if workplace(path).is_dir():
            got += f"; an interrupted writing left it in {workplace(path)}"
        return Source(str(path), faults=(Fault(str(path), None, None, "a folder", got),))

    def read(file: str) -> str | None:
        try:
            data = read_bytes(path / file, file, path)
            digest = declared.files.get(file, "") if file.endswith(".txt") else ""
            if digest and not matches_hash(data, digest):
                expected = f"the text with {digest}, as {DESCRIPTOR} says"
                faults.append(Fault(file, None, None, expected, sha256(data)))
            return decode(data, file)
        except Unread as unread:
            faults.append(unread.fault)
            return None

    declared = _Declared()
    if DESCRIPTOR in present and (text := read(DESCRIPTOR)) is not None:
        declared = _read_descriptor(text, faults)
    for other in present:
        for own in own_names():
            if other != own and other.casefold() == own.casefold():
                got = f"{other!r}: rename it"
                faults.append(Fault(other, None, None, f"the name {own}", got))
    tables: dict[str, SourceTable] = {}
    for name, spec in TABLES.items():
        if spec.file in present and (text := read(spec.file)) is not None:
            try:
                table, found = parse_csv(text, spec.file)
            except Unread as unread:
                faults.append(unread.fault)
                continue
            faults += found
            table = _typed(table, declared.types.get(spec.file, {}), log)
            tables[name] = _with_stances(table, declared.stances, log)
    texts: dict[str, str] = {}
    text_files = _text_files(path, present, declared.files, faults)
    for file in text_files:
        text = read(file)
        if PurePosixPath(file).stem in texts:
            faults.append(Fault(file, None, None, "each name of a text once", "it again"))
        elif text is not None:
            texts[PurePosixPath(file).stem] = text
    statements = TABLES["statements"]
    if texts and _is_uncoded(present, declared):
        empty = pd.DataFrame({column: pd.Series(dtype="str") for column in statements.needed})
        tables["statements"] = SourceTable(empty, Origin(statements.file, header=1))
    read_files = {TABLES[table].file for table in tables} | {fault.file for fault in faults}
    for file in sorted({statements.file, *declared.files} - read_files - set(text_files)):
        try:
            regular_file(path / file, file, path)
        except Unread as unread:
            fault = unread.fault
            if fault.got == "no such file":
                near = partial(suggest, Path(file).name, present)
                fault = fault._replace(expected="this file", nearest=near)
            faults.append(fault)
    about, scale, made = declared.metadata, declared.stances, tuple(log.changes)
    return Source(str(path), tables, texts, about, scale, tuple(faults), made)


def _typed(table: SourceTable, types: Mapping[str, str], log: Log) -> SourceTable:
    """Return a table whose own columns have their declared types."""
    frame, origin = table.frame, table.origin
    for name in [name for name in types if name in frame]:
        spec = Field(name, "", types[name])  # type: ignore[arg-type]
        values, found = check_column(spec, frame[name], origin)
        frame = frame.assign(**{name: values})
        expected = f"{spec.expected}, as {DESCRIPTOR} says"
        log.faults.extend(fault._replace(expected=expected) for fault in found)
    return SourceTable(frame, origin)


def _with_stances(table: SourceTable, scale: Iterable[int], log: Log) -> SourceTable:
    """Return a table whose words for stances are numbers, as `read_table` reads them."""
    if "stance" not in table.frame:
        return table
    stance, known = table.frame["stance"], dict[str, str | None]()
    for word, rows in Counter(stance.dropna().tolist()).items():
        meanings = Meaning().of_word(fold_stance(word))
        # a word of two meanings is a fault, and so are signs, which need a column of their own
        if len(meanings) == 1 and meanings <= {None, *scale} and any(map(str.isalpha, word)):
            (level,) = meanings
            known[word] = None if level is None else str(level)
            log.remark("stance read as", "stance", word, known[word] or "missing", rows)
    numbers = stance.map(lambda word: known.get(word, word), na_action="ignore").astype("str")
    return SourceTable(table.frame.assign(stance=numbers), table.origin)


def _text_files(
    path: Path, present: Iterable[str], declared: Iterable[str], faults: list[Fault]
) -> list[str]:
    """Return the texts in the order in which they are declared, then by name."""
    files = {"report.txt"} & set(present)
    if "texts" in present:
        folder, expected, got = path / "texts", "a folder", ""
        try:
            if folder.resolve(strict=True).is_relative_to(path.resolve()):
                files |= {f"texts/{file.name}" for file in folder.iterdir()}
            else:
                expected, got = "a folder of the folder", "a link that leaves the folder"
        except (OSError, RuntimeError) as error:
            got = in_the_way(error, "a link to nothing")
        if got:
            faults.append(Fault("texts", None, None, expected, got))
    found = []
    for file in sorted(files):
        name = PurePosixPath(file)
        if not is_text_name(name.name):
            continue
        if name.suffix != ".txt":
            got = f"{name.suffix}: rename it"
            faults.append(Fault(file, None, None, "a name that ends in .txt", got))
        elif not can_be_a_file(name.stem):
            expected = "a name in UTF-8, of at most 240 bytes"
            faults.append(Fault(file, None, None, expected, shorten(name.name)))
        else:
            found.append(file)
    place = {file: number for number, file in enumerate(declared)}
    return sorted(found, key=lambda file: (place.get(file, len(place)), file))


def _is_uncoded(present: Iterable[str], declared: _Declared) -> bool:
    """Whether a folder of texts is still to be coded, and does not just misspell its table."""
    file = TABLES["statements"].file
    if file in present or file in declared.files:
        return False
    alike = [name for name in present if name.endswith(".csv") and suggest(file, [name])]
    return not alike and not set(present) & {"recodings.csv", "references.csv"}


def meeting_files(folder: Path) -> list[str]:
    """Return the names in a folder that `read_folder` would take for tables, texts, or faults."""
    if not folder.is_dir():
        return []
    own = {name.casefold() for name in own_names()}
    found = [entry.name for entry in folder.iterdir() if entry.name.casefold() in own]
    texts = folder / "texts"
    if texts.is_dir():
        found = [name for name in found if name != "texts"]
        found += [f"texts/{entry.name}" for entry in texts.iterdir() if is_text_name(entry.name)]
    return sorted(found)


def is_text_name(name: str) -> bool:
    """Whether a file of the folder ``texts`` is taken for a text, hidden ones apart."""
    return name.casefold().endswith(".txt") and not name.startswith(".")


# datapackage.json


@dataclass(frozen=True)
class _Declared:
    """What datapackage.json says: metadata, files with their hashes, types, the scale."""

    metadata: dict[str, Any] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    types: dict[str, dict[str, str]] = field(default_factory=dict)
    stances: tuple[int, ...] = STANCES


def _read_descriptor(text: str, faults: list[Fault]) -> _Declared:
    def fault(column: str | None, expected: str, got: str, line: int | None = None) -> None:
        faults.append(Fault(DESCRIPTOR, line, column, expected, got))

    try:
        descriptor = json.loads(text)
    except (ValueError, RecursionError) as error:
        line = getattr(error, "lineno", None)
        fault(None, "JSON", shorten(getattr(error, "msg", error), 120)[1:-1], line)
        return _Declared()
    if not isinstance(descriptor, dict):
        fault(None, "a JSON object", shorten(text, 40), 1)
        return _Declared()
    resources = descriptor.pop("resources", [])
    stances = descriptor.pop("stances", list(STANCES))
    if wrong := scale_fault(stances):
        fault("stances", "different whole numbers", wrong)
        stances = STANCES
    if wrong_there := metadata_faults(descriptor, DESCRIPTOR):
        faults += wrong_there
        descriptor = {}
    declared = _Declared(descriptor, stances=tuple(stances))
    if not isinstance(resources, list) or not all(isinstance(r, dict) for r in resources):
        fault("resources", "a list of JSON objects, one for each file", shorten(resources))
        return declared
    own = {table.file: table for table in TABLES.values()}
    for resource in resources:
        paths = resource.get("path", [])
        for path in paths if isinstance(paths, list) else [paths]:
            if not _is_inside(path):
                fault("path", "a file of the folder, such as texts/a.txt", shorten(path))
                continue
            file, digest = PurePosixPath(path).as_posix(), resource.get("hash", "")
            if not isinstance(digest, str):
                fault("hash", "text such as sha256:…", shorten(digest))
                digest = ""
            table = TABLES.get(str(resource.get("name")))
            if table is not None and file.casefold().endswith(".csv") and file != table.file:
                fault("path", f"the file {table.file} for {table.name}", shorten(path))
            declared.files[file] = digest
            schema = resource.get("schema")
            fields = schema.get("fields") if isinstance(schema, dict) and file in own else None
            declared.types[file] = {
                str(entry["name"]): str(entry.get("type", "string"))
                for entry in (fields if isinstance(fields, list) else [])
                if isinstance(entry, dict)
                and entry.get("type") in DTYPES
                and own[file].field(str(entry.get("name"))) is None
            }
    return declared


def _is_inside(path: object) -> bool:
    """Whether a declared path can be a file of the folder."""
    if not isinstance(path, str) or set(path) & set("\\\0") or "://" in path or len(path) > 999:
        return False
    parts = PurePosixPath(path).parts
    return (
        bool(parts) and not path.startswith(("/", "~")) and path[1:2] != ":" and ".." not in parts
    )
