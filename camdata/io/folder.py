"""Read a meeting's folder: each file in it is read or is a fault."""

from __future__ import annotations

import json
import os
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any, TypeVar

import pandas as pd

from camdata._display.words import shorten, suggest
from camdata.io.log import Log
from camdata.io.stances import Meaning
from camdata.model import source
from camdata.model.columns import check_column
from camdata.model.errors import Fault, Origin
from camdata.model.schema import DTYPES, STANCES, TABLES, Field, scale_fault
from camdata.model.vocabulary import fold_stance

DESCRIPTOR = "datapackage.json"
Parsed = TypeVar("Parsed")


def own_names() -> list[str]:
    """Return the names in a meeting's folder; the same names in another case are faults."""
    return [*(table.file for table in TABLES.values()), "report.txt", "texts", DESCRIPTOR]


def workplace(folder: Path) -> Path:
    """Return the temporary folder in which a meeting's folder is written."""
    real = Path(os.path.realpath(folder))
    return real.parent / f".{real.name}.camdata"


def read_folder(path: Path) -> source.Source:
    """Read every file of a meeting's folder; faults are listed, not raised.

    If another program replaces the folder meanwhile, it is read again.
    """
    for _ in range(40):
        before = _state(path)
        found = _read(path)
        if before == _state(path) and (before is not None or not workplace(path).is_dir()):
            break
        time.sleep(0.05)
    return found


def _state(path: Path) -> tuple[int, int] | None:
    """Return what changes if a folder or its list of files does; None if there is no folder."""
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_ino, stat.st_mtime_ns


def _read(path: Path) -> source.Source:
    try:
        present = sorted(entry.name for entry in path.iterdir())
    except (OSError, RuntimeError) as error:
        got = source.in_the_way(error, "nothing there")
        if workplace(path).is_dir():
            got += f"; an interrupted writing left it in {workplace(path)}"
        return source.Source(str(path), faults=(Fault(str(path), None, None, "a folder", got),))
    return _Folder(path, present).read()


class _Folder:
    """A meeting's folder: the names in it, what datapackage.json says, and the faults found."""

    def __init__(self, path: Path, present: Sequence[str]) -> None:
        self.path, self.present, self.log = path, present, Log()
        self.metadata: dict[str, Any] = {}
        self.hashes: dict[str, str] = {}
        self.types: dict[str, dict[str, str]] = {}
        self.stances: tuple[int, ...] = STANCES

    def fault(self, file: str, column: str | None, expected: str, got: str) -> None:
        self.log.faults.append(Fault(file, None, column, expected, got))

    def opened(self, file: str, parse: Callable[[str, str], Parsed]) -> Parsed | None:
        """Return the parsed text of a file; record a fault and return None if it cannot be read."""
        try:
            data = source.read_bytes(self.path / file, file, self.path)
            digest = self.hashes.get(file, "") if file.endswith(".txt") else ""
            if digest and not source.matches_hash(data, digest):
                expected = f"the text with {digest}, as {DESCRIPTOR} says"
                self.fault(file, None, expected, source.sha256(data))
            return parse(source.decode(data, file), file)
        except source.Unread as unread:
            self.log.faults.append(unread.fault)
            return None

    def read(self) -> source.Source:
        """Read everything; the texts are read in the order in which they are declared."""
        log, statements = self.log, TABLES["statements"]
        if DESCRIPTOR in self.present:
            self.describe(self.opened(DESCRIPTOR, _json_object) or {})
        own = {name.casefold(): name for name in own_names()}
        for other in self.present:
            if (name := own.get(other.casefold(), other)) != other:
                self.fault(other, None, f"the name {name}", f"{other!r}: rename it")
        tables: dict[str, source.SourceTable] = {}
        for name, spec in TABLES.items():
            if spec.file in self.present and (found := self.opened(spec.file, source.parse_csv)):
                log.faults.extend(found[1])
                tables[name] = self.with_stances(self.typed(found[0], spec.file))
        texts: dict[str, str] = {}
        text_files = self.text_files()
        for file in text_files:
            stem, text = PurePosixPath(file).stem, self.opened(file, lambda text, file: text)
            if stem in texts:
                self.fault(file, None, "each name of a text once", "it again")
            elif text is not None:
                texts[stem] = text
        if texts and self.is_uncoded():
            empty = pd.DataFrame({column: pd.Series(dtype="str") for column in statements.needed})
            tables["statements"] = source.SourceTable(empty, Origin(statements.file, header=1))
        read = {TABLES[table].file for table in tables} | {fault.file for fault in log.faults}
        for file in sorted({statements.file, *self.hashes} - read - set(text_files)):
            try:
                source.regular_file(self.path / file, file, self.path)
            except source.Unread as unread:
                fault = unread.fault
                if fault.got == "no such file":
                    near = partial(suggest, Path(file).name, self.present)
                    fault = fault._replace(expected="this file", nearest=near)
                log.faults.append(fault)
        made, faults = tuple(log.changes), tuple(log.faults)
        return source.Source(
            str(self.path), tables, texts, self.metadata, self.stances, faults, made
        )

    def typed(self, table: source.SourceTable, file: str) -> source.SourceTable:
        """Return a table whose own columns have their declared types."""
        frame, origin = table.frame, table.origin
        for name, kind in self.types.get(file, {}).items():
            if name in frame:
                spec = Field(name, "", kind)  # type: ignore[arg-type]
                values, found = check_column(spec, frame[name], origin)
                frame = frame.assign(**{name: values})
                expected = f"{spec.expected}, as {DESCRIPTOR} says"
                self.log.faults.extend(fault._replace(expected=expected) for fault in found)
        return source.SourceTable(frame, origin)

    def with_stances(self, table: source.SourceTable) -> source.SourceTable:
        """Return a table whose words for stances are numbers, as `read_table` reads them."""
        if "stance" not in table.frame:
            return table
        stance, known = table.frame["stance"], dict[str, str | None]()
        for word, rows in Counter(stance.dropna().tolist()).items():
            meanings = Meaning().of_word(fold_stance(word))
            # a word with two meanings stays a fault, and so do signs
            clear = len(meanings) == 1 and meanings <= {None, *self.stances}
            if clear and any(map(str.isalpha, word)):
                (level,) = meanings
                known[word] = None if level is None else str(level)
                self.log.remark("stance read as", "stance", word, known[word] or "missing", rows)
        numbers = stance.map(lambda word: known.get(word, word), na_action="ignore").astype("str")
        return source.SourceTable(table.frame.assign(stance=numbers), table.origin)

    def text_files(self) -> list[str]:
        """Return the texts in the order in which they are declared, then by name."""
        files = {"report.txt"} & set(self.present)
        if "texts" in self.present:
            folder = self.path / "texts"
            try:
                if folder.resolve(strict=True).is_relative_to(self.path.resolve()):
                    files |= {f"texts/{file.name}" for file in folder.iterdir()}
                else:
                    expected = "a folder of the folder"
                    self.fault("texts", None, expected, "a link that leaves the folder")
            except (OSError, RuntimeError) as error:
                self.fault("texts", None, "a folder", source.in_the_way(error, "a link to nothing"))
        found = []
        for file in sorted(files):
            name = PurePosixPath(file)
            if (
                name.suffix == ".txt"
                and is_text_name(name.name)
                and source.can_be_a_file(name.stem)
            ):
                found.append(file)
            elif is_text_name(name.name) and name.suffix != ".txt":
                got = f"{name.suffix}: rename it"
                self.fault(file, None, "a name that ends in .txt", got)
            elif is_text_name(name.name):
                expected = "a name in UTF-8, of at most 240 bytes"
                self.fault(file, None, expected, shorten(name.name))
        place = {file: number for number, file in enumerate(self.hashes)}
        return sorted(found, key=lambda file: (place.get(file, len(place)), file))

    def is_uncoded(self) -> bool:
        """Whether a folder holds texts only; a misspelled name of a table is a fault instead."""
        file = TABLES["statements"].file
        if file in self.present or file in self.hashes:
            return False
        alike = [name for name in self.present if name.endswith(".csv") and suggest(file, [name])]
        return not alike and not {*self.present} & {"recodings.csv", "references.csv"}

    def describe(self, descriptor: dict[str, Any]) -> None:
        """Take metadata, scale, hashes and types from datapackage.json."""
        resources = descriptor.pop("resources", [])
        stances = descriptor.pop("stances", list(STANCES))
        if wrong := scale_fault(stances):
            self.fault(DESCRIPTOR, "stances", "different whole numbers", wrong)
        else:
            self.stances = tuple(stances)
        if wrong_there := source.metadata_faults(descriptor, DESCRIPTOR):
            self.log.faults.extend(wrong_there)
        else:
            self.metadata = descriptor
        if not isinstance(resources, list) or not all(isinstance(r, dict) for r in resources):
            expected = "a list of JSON objects, one for each file"
            self.fault(DESCRIPTOR, "resources", expected, shorten(resources))
            return
        for resource in resources:
            paths = resource.get("path", [])
            for path in paths if isinstance(paths, list) else [paths]:
                self.describe_file(path, resource)

    def describe_file(self, path: Any, resource: Mapping[str, Any]) -> None:
        pure = PurePosixPath(path if isinstance(path, str) else "")
        outside = pure.is_absolute() or ".." in pure.parts or "://" in str(path)
        if not pure.parts or outside or "\0" in str(path) or len(str(path)) > 999:
            self.fault(
                DESCRIPTOR, "path", "a file of the folder, such as texts/a.txt", shorten(path)
            )
            return
        file, digest = pure.as_posix(), resource.get("hash", "")
        if not isinstance(digest, str):
            self.fault(DESCRIPTOR, "hash", "text such as sha256:…", shorten(digest))
        table = TABLES.get(str(resource.get("name")))
        if table is not None and file.casefold().endswith(".csv") and file != table.file:
            expected = f"the file {table.file} for {table.name}"
            self.fault(DESCRIPTOR, "path", expected, shorten(path))
        self.hashes[file] = digest if isinstance(digest, str) else ""
        spec = {table.file: table for table in TABLES.values()}.get(file)
        schema = resource.get("schema")
        fields = schema.get("fields") if isinstance(schema, dict) else None
        self.types[file] = {
            str(field["name"]): field["type"]
            for field in (fields if spec and isinstance(fields, list) else [])
            if isinstance(field, dict) and field.get("type") in list(DTYPES) and "name" in field
            if spec and spec.field(str(field["name"])) is None
        }


def _json_object(text: str, file: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        line, got = getattr(error, "lineno", None), getattr(error, "msg", error)
        raise source.Unread(Fault(file, line, None, "JSON", shorten(got, 120)[1:-1])) from None
    if not isinstance(found, dict):
        raise source.Unread(Fault(file, 1, None, "a JSON object", shorten(text, 40)))
    return found


def meeting_files(folder: Path) -> list[str]:
    """Return the names in a folder that `read_folder` reads or reports."""
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
    """Whether a file of the folder ``texts`` is a text; hidden files are not."""
    return name.casefold().endswith(".txt") and not name.startswith(".")
