"""`load_meeting`: the bundled meeting, a single file, or a folder, each file of which is read."""

from __future__ import annotations

import json
import os
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any, TypeVar

import pandas as pd

from camdata._display.checks import check_path
from camdata._display.words import shorten, suggest
from camdata.io.dna import read_dna
from camdata.io.foreign import Log
from camdata.io.jsonl import read_jsonl
from camdata.io.refi import read_refi
from camdata.io.stances import Meaning
from camdata.io.table import read_table
from camdata.model import source
from camdata.model.columns import check_column
from camdata.model.errors import Fault, MeetingError, Origin, one_fault
from camdata.model.meeting import Meeting
from camdata.model.schema import DTYPES, STANCES, Field, Table, scale_fault, tables_for
from camdata.model.vocabulary import fold_stance

BUNDLED = Path(__file__).parents[1] / "data"
READERS: Mapping[str, Callable[..., Meeting]] = {
    **dict.fromkeys((".csv", ".tsv", ".xlsx", ".xls", ".xlsm", ".ods"), read_table),
    ".dna": read_dna,
    ".qdpx": read_refi,
    ".jsonl": read_jsonl,
}
DESCRIPTOR = "datapackage.json"
Parsed = TypeVar("Parsed")


def load_meeting(path: str | Path | None = None, *, quotes: source.Quotes = "strict") -> Meeting:
    """Load a meeting from a folder or a single file, by default the bundled meeting of the CAM.

    Parameters
    ----------
    path : str or pathlib.Path, optional
        A folder with ``statements.csv`` and, where there are any, ``actors.csv``, ``codebook.csv``,
        ``interventions.csv``, ``references.csv``, ``recodings.csv``, ``report.txt`` or
        ``texts/NAME.txt``, and ``datapackage.json``. CSV files are UTF-8, cells separated by
        commas; only an empty cell is missing. A folder that holds texts and no statements is a
        meeting that is still to be coded. Or one file: a table (``.csv``, ``.tsv``, ``.xlsx``,
        ``.ods``) as `camdata.io.read_table` reads it, a ``.dna`` database of Discourse
        Network Analyzer, a ``.qdpx`` project or a ``.jsonl`` file of records, with the defaults of
        their readers.

    quotes : {"strict", "triage"}
        As for `Meeting`: whether a quote that is not in its text is a fault or waits in the queue.
        For folders and tables; other formats take their quotes from the text.

    Returns
    -------
    Meeting

    Raises
    ------
    MeetingError
        With every fault: the file, the physical line, the column, what was expected and what was
        found.

    Examples
    --------
    >>> import camdata as cam
    >>> meeting = cam.load_meeting()
    >>> meeting.positions().shape
    (14, 4)
    """
    if path is None:
        return Meeting.from_source(read_folder(BUNDLED), quotes=quotes)
    path = check_path("path", path)
    if path.is_file():
        reader = READERS.get(path.suffix.lower())
        if reader is None:
            expected = f"a folder, or a file that ends in {', '.join(READERS)}"
            raise one_fault(str(path), expected, "another file")
        # other formats take their quotes from the text
        return reader(path, quotes=quotes) if reader is read_table else reader(path)
    return Meeting.from_source(read_folder(path), quotes=quotes)


def own_names() -> list[str]:
    """Return the names in a meeting's folder; the same names in another case are faults."""
    return [*(table.file for table in tables_for().values()), "report.txt", "texts", DESCRIPTOR]


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
        got, near = source.in_the_way(error, "nothing there"), source.nearest_file(path)
        if (left := workplace(path)).is_dir():
            got, near = f"{got}; an interrupted writing left it in {left}", ""
        expected = "a folder or a file" if got == "nothing there" else "a folder"
        fault = Fault(str(path), None, None, expected, got, near)
        return source.Source(str(path), faults=(fault,))
    return _Folder(path, present).read()


class _Folder:
    """A meeting's folder: the names in it, what datapackage.json says, and the faults found."""

    def __init__(self, path: Path, present: Sequence[str]) -> None:
        self.path, self.present, self.log = path, present, Log()
        self.metadata: dict[str, Any] = {}
        self.hashes: dict[str, str] = {}
        self.fields: dict[str, list[dict[str, Any]]] = {}
        self.stances: tuple[int, ...] = STANCES
        self.tables = tables_for()

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
        except MeetingError as error:
            self.log.faults.extend(error.found)
            return None

    def read(self) -> source.Source:
        """Read everything; the texts are read in the order in which they are declared."""
        log, statements = self.log, self.tables["statements"]
        if DESCRIPTOR in self.present:
            self.describe(self.opened(DESCRIPTOR, _json_object) or {})
        own = {name.casefold(): name for name in own_names()}
        for other in self.present:
            if (name := own.get(other.casefold(), other)) != other:
                self.fault(other, None, f"the name {name}", f"{other!r}: rename it")
        tables: dict[str, source.SourceTable] = {}
        for name, spec in self.tables.items():
            if spec.file in self.present and (found := self.opened(spec.file, source.parse_csv)):
                log.faults.extend(found[1])
                tables[name] = self.with_stances(self.typed(found[0], spec))
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
        read = {self.tables[name].file for name in tables} | {fault.file for fault in log.faults}
        for file in sorted({statements.file, *self.hashes} - read - set(text_files)):
            try:
                source.regular_file(self.path / file, file, self.path)
            except MeetingError as error:
                (fault,) = error.found
                absent = fault.got == "no such file"
                log.faults.append(fault._replace(expected="this file") if absent else fault)
        name, made, faults = str(self.path), tuple(log.changes), tuple(log.faults)
        return source.Source(name, tables, texts, self.metadata, self.stances, faults, made)

    def typed(self, table: source.SourceTable, of: Table) -> source.SourceTable:
        """Return a table whose own columns have their declared types."""
        frame, origin = table.frame, table.origin
        for declared in self.fields.get(of.file, ()):
            name, kind = str(declared.get("name")), declared.get("type")
            if name in frame and of.field(name) is None and kind in [*DTYPES]:
                spec = Field(name, "", kind)
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
        folder = self.path / "texts"
        try:
            if "texts" in self.present:
                if not folder.resolve(strict=True).is_relative_to(self.path.resolve()):
                    raise OSError("a link that leaves the folder")
                files |= {f"texts/{file.name}" for file in folder.iterdir()}
        except (OSError, RuntimeError) as error:
            self.fault("texts", None, "a folder", source.in_the_way(error, "a link to nothing"))
        found = []
        for file in sorted(file for file in files if is_text_name(PurePosixPath(file).name)):
            name = PurePosixPath(file)
            if name.suffix == ".txt":
                found.append(file)
            else:
                self.fault(file, None, "a name that ends in .txt", f"{name.suffix}: rename it")
        place = {file: number for number, file in enumerate(self.hashes)}
        return sorted(found, key=lambda file: place.get(file, len(place)))

    def is_uncoded(self) -> bool:
        """Whether a folder holds texts only; a misspelled name of a table is a fault instead."""
        file = self.tables["statements"].file
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
        wrong_there = source.metadata_faults(descriptor, DESCRIPTOR)
        self.log.faults.extend(wrong_there)
        self.metadata = {} if wrong_there else descriptor
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
            expected = "a file of the folder, such as texts/a.txt"
            self.fault(DESCRIPTOR, "path", expected, shorten(path))
            return
        file, schema = pure.as_posix(), resource.get("schema")
        table = self.tables.get(str(resource.get("name")))
        if table is not None and file.casefold().endswith(".csv") and file != table.file:
            expected = f"the file {table.file} for {table.name}"
            self.fault(DESCRIPTOR, "path", expected, shorten(path))
        digest = resource.get("hash", "")
        if not isinstance(digest, str):
            self.fault(DESCRIPTOR, "hash", "text such as sha256:…", shorten(digest))
        self.hashes[file] = digest if isinstance(digest, str) else ""
        fields = schema.get("fields") if isinstance(schema, dict) else None
        declared = fields if isinstance(fields, list) else []
        self.fields[file] = [own for own in declared if isinstance(own, dict)]


def _json_object(text: str, file: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        line, got = getattr(error, "lineno", None), getattr(error, "msg", error)
        raise one_fault(file, "JSON", shorten(got, 120)[1:-1], line) from None
    if not isinstance(found, dict):
        raise one_fault(file, "a JSON object", shorten(text, 40), 1)
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
