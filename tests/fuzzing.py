"""Files of every door spoiled from a seed, read, and what came of it judged.

``python tests/fuzzing.py [MUTATIONS [SEED]]`` prints how many of them were read and how many
refused, every one that ended otherwise, and which took longest. A door is right if it raises a
`MeetingError` (or, about arguments, a ValueError or TypeError of the library's own), or if the
meeting that it makes holds everything that the files hold and is read back the same once it is
written.
"""

from __future__ import annotations

import codecs
import csv
import functools
import io
import json
import linecache
import os
import random
import re
import shutil
import sqlite3
import sys
import tempfile
import time
import traceback
import unicodedata
import warnings
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
import python_calamine
import test_io_dna as dna
import test_io_refi as refi
import test_io_taguette as taguette
import xlsxwriter
from conftest import DATA, TABLES, assert_same
from test_io_table import ods

import camdata as cam

PACKAGE = str(Path(cam.__file__).parent)


class Link(NamedTuple):
    """A symbolic link in the place of a file."""

    target: str


FOLDER, PIPE = "a folder", "a pipe"
Files = dict[str, bytes | Link | str]
"""What stands at each path of a folder: a file, a link, or one of the two words above."""

Random = random.Random
Lost = Callable[[list[list[Any]], cam.Meeting], str]

# bytes, lines, cells

BITS = [b'"', b",", b";", b"\n", b"\r", b"\r\n", b"\0", b"\xff", b"\xed\xa0\x80", b'""', b'"""']
BITS += [codecs.BOM_UTF8, "\u200b".encode(), b"9" * 5000, b"\x1a", b"<", b"&", b"]]>", b"\t", b"\\"]
CELLS = ["", " ", "NA", "nan", "None", "0", "1", "-1", "\u22121", "+1", "1.0", "1e3", "9" * 25, "٣"]
CELLS += ["2017-10-17", "2017-02-30", "2017-10-17 12:00", "True", "pro", "contra?", "=1+1", "$5 $9"]
CELLS += [
    "Perú",
    "Peru\u0301",
    "\u0410",
    "\u200b",
    "\xa0",
    "a\nb",
    "a\rb",
    "\ufeffx",
    "\ufeff",
    '"',
]
CELLS += ["a,b", "a;b", "../x", "x" * 300, "x" * 140_000, "\u2028", "😀", "actor", "code", "null"]
ENCODINGS = ["utf-16", "utf-16-be", "cp1252", "utf-7", "utf-8-sig", "utf-32"]


def spoil_bytes(rng: Random, data: bytes) -> bytes:
    """Change bytes, lines or the encoding of a file."""
    kind = rng.randrange(8)
    place = rng.randrange(len(data) + 1)
    lines = data.split(b"\n")
    line = rng.randrange(len(lines))
    if kind == 0:
        changed = bytearray(data)
        for _ in range(rng.randint(1, 5) if data else 0):
            changed[rng.randrange(len(data))] = rng.randrange(256)
        return bytes(changed)
    if kind == 1:
        return data[:place]
    if kind == 2:
        return data[:place] + rng.choice(BITS) + data[place:]
    if kind == 3:
        return data[:place] + data[place + rng.randint(1, 40) :]
    if kind == 4:
        rng.shuffle(lines)
    elif kind == 5:
        lines.insert(rng.randrange(len(lines) + 1), lines[line])
    elif kind == 6:
        del lines[line]
    else:
        return data.decode("utf-8", "replace").encode(rng.choice(ENCODINGS), "replace")
    return b"\n".join(lines)


def spoil_rows(rng: Random, data: bytes, delimiter: str = ",") -> bytes:
    """Change cells, rows and columns of a CSV file; bytes where it is none."""
    try:
        rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig")), delimiter=delimiter))
    except (UnicodeDecodeError, csv.Error):
        return spoil_bytes(rng, data)
    rows = [row for row in rows if row]
    if not rows or rng.random() < 0.3:
        return spoil_bytes(rng, data)
    spoil_grid(rng, rows)
    text = io.StringIO()
    quoting = rng.choice([csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
    ends = rng.choice(["\n", "\r\n"])
    csv.writer(text, delimiter=delimiter, lineterminator=ends, quoting=quoting).writerows(rows)
    return text.getvalue().encode("utf-8", "surrogatepass")


def spoil_grid(rng: Random, rows: list[list[Any]]) -> None:
    """Change one thing in a table of cells."""
    row, other = rng.choice(rows), rng.choice(rows)
    kind = rng.randrange(9)
    if kind <= 2 and row:
        row[rng.randrange(len(row))] = rng.choice(CELLS)
    elif kind == 3 and row and other:
        a, b = rng.randrange(len(row)), rng.randrange(len(other))
        row[a], other[b] = other[b], row[a]
    elif kind == 4:
        rows.insert(rng.randrange(len(rows) + 1), list(row))
    elif kind == 5:
        rows.remove(row)
    else:
        column, name = rng.randrange(max(len(rows[0]), 1)), rng.choice([*CELLS, "note", "coder"])
        for number, cells in enumerate(rows):
            if kind == 6 and column < len(cells):
                del cells[column]
            elif kind == 7:
                cells.insert(column, rng.choice(CELLS) if number else name)
            elif kind == 8 and column < len(cells):
                cells.append(cells.pop(column))


# JSON, XML, archives, databases

WORDS = ["", "x", "actors", "actors.csv", "statements.csv", "../x", "/etc/passwd", "texts/a.txt"]
WORDS += ["sha256:00", "int64", "datetime64[s]", "texts", ".", "http://a/b", "\0", "\ud800", "true"]
KEYS = ["path", "name", "hash", "schema", "fields", "type", "stances", "resources", "title", "x"]


def some_json(rng: Random, depth: int = 0) -> Any:
    kind = rng.randrange(9) if depth < 4 else 9
    if kind < 2:
        return [some_json(rng, depth + 1) for _ in range(rng.randrange(4))]
    if kind < 4:
        return {rng.choice(KEYS): some_json(rng, depth + 1) for _ in range(rng.randrange(4))}
    return rng.choice([None, True, 0, 1, -1, 1.5, 10**30, float("inf"), *WORDS, *CELLS])


def places(value: Any, above: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the place of everything in a JSON value."""
    keys = value if isinstance(value, dict) else range(len(value) if isinstance(value, list) else 0)
    return [above, *(place for key in keys for place in places(value[key], (*above, key)))]


def spoil_json(rng: Random, data: bytes) -> bytes:
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return spoil_bytes(rng, data)
    kind = rng.random()
    if kind < 0.2:
        return spoil_bytes(rng, data)
    place = rng.choice(places(value))
    inside = value
    for key in place[:-1]:
        inside = inside[key]
    if not place:
        value = some_json(rng)
    elif kind < 0.4:
        del inside[place[-1]]
    else:
        inside[place[-1]] = some_json(rng)
    return json.dumps(value).encode()


for prefix in ("office", "table", "text"):  # which programs know by these names only
    ET.register_namespace(prefix, f"urn:oasis:names:tc:opendocument:xmlns:{prefix}:1.0")


def spoil_xml(rng: Random, data: bytes) -> bytes:
    """Change an element of an XML file, its attributes or its text; bytes where it is none."""
    try:
        root = ET.fromstring(data)
    except (ET.ParseError, ValueError, LookupError):
        return spoil_bytes(rng, data)
    kind = rng.randrange(9)
    if kind < 2:
        return spoil_bytes(rng, data)
    every = list(root.iter())
    one, other = rng.choice(every), rng.choice(every)
    named = [
        (e, name) for e in (one, other, *every[:: max(len(every) // 5, 1)]) for name in e.attrib
    ]
    words = re.sub("[\0\ud800\r]", "", rng.choice([*CELLS, *WORDS]))
    if kind == 2 and len(one):
        one.remove(rng.choice(list(one)))
    elif kind == 3 and len(one):
        one.insert(rng.randrange(len(one) + 1), rng.choice(list(one)))
    elif kind == 4 and other not in list(one.iter()) and one not in list(other.iter()):
        other.append(one)
    elif kind == 5:
        one.text = words
    elif named:
        element, name = rng.choice(named)
        if kind == 6:
            del element.attrib[name]
        else:
            twin, its = rng.choice(named)
            element.set(name, twin.get(its, "") if kind == 7 else words)
    return ET.tostring(root, encoding="utf-8", xml_declaration=True)


def spoil_archive(rng: Random, data: bytes) -> bytes:
    """Change a file of an archive or its name, or bytes of the whole."""
    if rng.random() < 0.15:
        return spoil_bytes(rng, data)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = [(info.filename, archive.read(info)) for info in archive.infolist()]
    except Exception:
        return spoil_bytes(rng, data)
    if not members:
        return spoil_bytes(rng, data)
    number = rng.randrange(len(members))
    name, content = members[number]
    kind = rng.randrange(10)
    if kind == 0:
        del members[number]
    elif kind == 1:
        members.append((rng.choice([name, name.upper(), "../x", f"a/{name}"]), content))
    elif kind == 2:
        members[number] = (rng.choice(members)[0], content)
    else:
        spoil = spoil_xml if re.search(r"\.(xml|qde|rels)$", name) else spoil_bytes
        members[number] = (name, spoil(rng, content))
    return packed(members)


def packed(members: list[tuple[str, bytes]]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the same name twice is what is wanted
        for name, content in members:
            # OpenDocument wants to see what it is in the first bytes
            way = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            archive.writestr(name, content, way)
    return target.getvalue()


def spoil_database(rng: Random, data: bytes) -> bytes:
    """Change a cell, a row or a table of a database, or bytes of the file."""
    if rng.random() < 0.25:
        return spoil_bytes(rng, data)
    with closing(sqlite3.connect(":memory:")) as db:
        try:
            db.deserialize(data)
            query = "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"
            table = rng.choice(db.execute(query).fetchall())[0]
            columns = [row[1] for row in db.execute(f'PRAGMA table_info("{table}")')]
            rows = [row[0] for row in db.execute(f'SELECT rowid FROM "{table}"')]
            row, column = rng.choice(rows or [0]), rng.choice(columns)
            value = rng.choice([None, 0, 1, 2, 3, -1, 2**62, 0.5, b"\xff", *CELLS])
            kind = rng.randrange(10)
            if kind == 0:
                db.execute(f'DROP TABLE "{table}"')
            elif kind == 1:
                db.execute(f'ALTER TABLE "{table}" RENAME COLUMN "{column}" TO "{column}2"')
            elif kind == 2:
                db.execute(f'DELETE FROM "{table}" WHERE rowid = ?', [row])
            elif kind == 3:
                query = f'SELECT * FROM "{table}" WHERE rowid = ?'
                cells = db.execute(query, [row]).fetchall()[0]
                marks = ", ".join("?" * len(cells))
                db.execute(f'INSERT INTO "{table}" VALUES({marks})', [None, *cells[1:]])
            else:
                db.execute(f'UPDATE "{table}" SET "{column}" = ? WHERE rowid = ?', [value, row])
            db.commit()
            return db.serialize()
        except (sqlite3.Error, IndexError, UnicodeError):
            return spoil_bytes(rng, data)


# folders

NAMES = ["texts", "texts/a.txt", "texts/A.TXT", "texts/.a.txt", "Actors.csv", "statements.csv"]
NAMES += [
    "report.txt",
    "texts/report.txt",
    "texts/a.md",
    "notes.csv",
    "TEXTS/a.txt",
    "texts/a/b.txt",
]
NAMES += [
    "references.csv",
    "recodings.csv",
    "datapackage.json",
    "queue.csv",
]
TARGETS = ["/etc/passwd", "nowhere", "statements.csv", "../../x", "/dev/zero", ".", "texts", "a/b"]


def spoil_folder(rng: Random, files: Files) -> Files:
    """Change a file of a meeting's folder, its name, or what stands in its place."""
    files = dict(files)
    readable = [name for name, content in files.items() if isinstance(content, bytes)]
    if not readable:
        return files
    name = rng.choice(readable)
    content = files[name]
    assert isinstance(content, bytes)
    kind = rng.randrange(20)
    if kind == 0:
        del files[name]
    elif kind == 1:
        others = [name.upper(), name.capitalize(), f"{name}.bak", f"texts/{name}", *NAMES]
        files[rng.choice(others)] = files.pop(name)
    elif kind == 2:
        files[rng.choice([name, *NAMES])] = rng.choice([FOLDER, PIPE, b""])
    elif kind == 3:
        files[rng.choice([name, *NAMES])] = Link(rng.choice([*TARGETS, *readable]))
    elif kind == 4:
        files[rng.choice([*readable, *NAMES])] = content
    elif kind < 9 and isinstance(files.get("datapackage.json"), bytes):
        files["datapackage.json"] = spoil_json(rng, files["datapackage.json"])
    else:
        spoil = {".csv": spoil_rows, ".json": spoil_json}.get(Path(name).suffix, spoil_bytes)
        files[name] = spoil(rng, content)
    return files


def lay(folder: Path, files: Files) -> None:
    """Write files; those that cannot stand where they should are left out."""
    folder.mkdir()
    for name, content in files.items():
        path = folder / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            if content == FOLDER:
                path.mkdir()
            elif content == PIPE:
                os.mkfifo(path)
            elif isinstance(content, Link):
                path.symlink_to(content.target)
            elif isinstance(content, bytes):
                path.write_bytes(content)
        except (OSError, ValueError):
            continue


# what the files hold, read in another way than the library reads it


def rows_of(text: str, delimiter: str = ",") -> list[list[str]]:
    """Return the rows of a CSV text that are not blank."""
    rows: list[list[str]] = []
    row: list[str] = []
    cell: list[str] = []
    quoted = False
    text = text.removesuffix("\n") + "\n"
    position, length = 0, len(text)
    special = re.compile(f'[{delimiter}"\n]')
    while position < length:
        if quoted:
            end = text.find('"', position)
            if end < 0:  # never closed: read with the wrong delimiter, the text is no table
                end = length
            cell.append(text[position:end])
            quoted = text[end + 1 : end + 2] == '"'
            cell.append('"' if quoted else "")
            position = end + (2 if quoted else 1)
            continue
        found = special.search(text, position)
        if found is None:
            break
        cell.append(text[position : found.start()])
        position = found.end()
        if found[0] == '"':
            quoted = not any(cell)
            cell.append("" if quoted else '"')
            continue
        row.append("".join(cell))
        cell = []
        if found[0] == "\n":
            rows.append(row)
            row = []
    return [row for row in rows if any(row)]


def plain(data: bytes) -> str:
    encoding = "utf-16" if data[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) else "utf-8-sig"
    return data.decode(encoding).replace("\r\n", "\n").replace("\r", "\n")


def lost_of_folder(folder: Path, meeting: cam.Meeting) -> str:
    """Say what a folder holds that the meeting does not; nothing where that is nothing."""
    files = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*")}
    texts = set()
    for name, path in sorted(files.items()):
        if name.casefold() in {f"{table}.csv" for table in TABLES}:
            if path.stem not in meeting.given:
                return f"{name} is not read"
            if wrong := changed_cells(plain(path.read_bytes()), getattr(meeting, path.stem)):
                return f"{name}: {wrong}"
        if re.fullmatch(r"(texts/[^./][^/]*|report)\.txt", name, re.IGNORECASE):
            texts.add(path.stem)
            if meeting.texts.get(path.stem) != plain(path.read_bytes()):
                return f"{name} is not read, or otherwise"
    if texts != set(meeting.texts):
        return "texts that are not there"
    package = files.get("datapackage.json")
    said = {} if package is None else json.loads(plain(package.read_bytes()))
    if tuple(said.pop("stances", (1, -1))) != meeting.stances:
        return "the scale"
    said.pop("resources", None)
    return "" if said == meeting.metadata else "metadata"


def changed_cells(text: str, table: pd.DataFrame) -> str:
    header, *rows = rows_of(text)
    if len(rows) != len(table):
        return f"{len(rows)} rows, {len(table)} in the meeting"
    for place, name in enumerate(cell.strip() for cell in header):
        cells = [row[place] for row in rows]
        column = table[name]
        there = column.isna().tolist()
        if column.dtype == "str":
            if [cell or None for cell in cells] != column.astype(object).where(
                column.notna(), None
            ).tolist():
                return f"cells of {name}"
        elif [not cell for cell in cells] != there and column.dtype.kind != "f":
            return f"blank cells of {name}"
        elif column.dtype.kind in "iu" and any(
            int(cell.strip().replace("\u2212", "-")) != value
            for cell, value, gone in zip(cells, column, there, strict=True)
            if not gone
        ):
            return f"numbers of {name}"
    return ""


def fold(words: object) -> str:
    """Return the letters of a cell as they may be read: composed, without what is not seen."""
    if isinstance(words, float) and words.is_integer():
        words = int(words)
    text = unicodedata.normalize("NFC", str(words)).casefold()
    return "".join(
        c for c in text if not c.isspace() and unicodedata.category(c) not in ("Cf", "Cc")
    )


def said_by(meeting: cam.Meeting) -> str:
    """Return every word of a meeting, and of what was done to it, between line ends."""
    changes = meeting.source.changes
    tables = [getattr(meeting, name) for name in meeting.given]
    cells: set[Any] = {value for change in changes.itertuples(index=False) for value in change}
    for table in [*tables, *(table.frame for table in meeting.source.tables.values())]:
        cells |= set(map(str, table.columns))
        for name in table:
            cells |= set(table[name].dropna().astype(object))
    return "\n".join(map(fold, cells))


def lost_of_sheet(rows: list[list[Any]], meeting: cam.Meeting) -> str:
    """Say which words of a sheet are nowhere in the meeting, nor in what was done to it."""
    said = said_by(meeting)
    for row in rows:
        for cell in row:
            if fold(cell) and fold(cell) not in said:
                # a time of day is left out of a date, which is reported for all of them at once
                if fold(cell)[:10] in said and re.match(r"\d{4}-\d\d-\d\d", str(cell)):
                    continue
                return f"the cell {cell!r:.80}"
    return ""


def lost_of_statements(rows: list[list[Any]], meeting: cam.Meeting) -> str:
    if len(rows) != len(meeting.statements) + 1:
        return f"{len(rows) - 1} rows, {len(meeting.statements)} in the meeting"
    return lost_of_sheet(rows, meeting)


def lost_of_cells(rows: list[list[Any]], meeting: cam.Meeting) -> str:
    codes = set(map(fold, meeting.codebook["code"]))
    headers = [fold(cell) or f"column{place}" for place, cell in enumerate(rows[0], 1)]
    places = [place for place, header in enumerate(headers) if header in codes]
    cells = sum(bool(fold(row[place])) for row in rows[1:] for place in places if place < len(row))
    changes = meeting.source.changes
    found = len(meeting.statements) + changes[changes["after"] == "missing"]["rows"].sum()
    found -= changes[changes["what"] == "blank: nothing recorded"]["rows"].sum()
    return (
        f"{cells} cells, {found} in the meeting" if cells != found else lost_of_sheet(rows, meeting)
    )


def number_left_out(meeting: cam.Meeting, *what: str) -> int:
    changes = meeting.source.changes
    return int(changes[changes["what"].isin([f"{w} left out" for w in what])]["rows"].sum())


def lost_of_any(grids: Iterable[list[list[Any]]], lost: Lost, meeting: cam.Meeting) -> str:
    """Say what is lost of the one table, of several that may have been read, of which least is."""
    above = meeting.source.changes.query("what == 'left out: above the header'")["rows"].sum()
    tries = []
    for rows in grids:
        filled = [row for row in rows if any(map(fold, row))][int(above) :]
        tries.append(lost(filled, meeting) if filled else "everything")
    return "" if "" in tries else tries[0]


def lost_of_csv(path: Path, meeting: cam.Meeting, lost: Lost = lost_of_statements) -> str:
    text = plain(path.read_bytes())
    if text[:4].lower() == "sep=":
        text = text.partition("\n")[2]
    return lost_of_any([rows_of(text, delimiter) for delimiter in ",;\t"], lost, meeting)


def lost_of_wide(path: Path, meeting: cam.Meeting) -> str:
    return lost_of_csv(path, meeting, lost_of_cells)


def lost_of_workbook(path: Path, meeting: cam.Meeting) -> str:
    book = python_calamine.CalamineWorkbook.from_path(path)
    shown = [
        about.name
        for about in book.sheets_metadata
        if about.visible == python_calamine.SheetVisibleEnum.Visible
    ]
    grids = [book.get_sheet_by_name(name).to_python() for name in shown]
    return lost_of_any(grids, lost_of_statements, meeting)


def lost_of_events(path: Path, meeting: cam.Meeting) -> str:
    rows = len(rows_of(plain(path.read_bytes()), ";")) - 1
    found = len(meeting.statements) + number_left_out(meeting, "statements")
    return "" if rows == found else f"{rows} rows, {found} in the meeting"


def lost_of_database(path: Path, meeting: cam.Meeting) -> str:
    with closing(sqlite3.connect(path)) as db:
        rows = db.execute("SELECT count(*) FROM STATEMENTS").fetchone()[0]
        texts = db.execute("SELECT count(*) FROM DOCUMENTS").fetchone()[0]
    found = len(meeting.statements) + number_left_out(meeting, "statements")
    if texts != len(meeting.texts):
        return f"{texts} documents, {len(meeting.texts)} in the meeting"
    return "" if rows == found else f"{rows} statements, {found} in the meeting"


def lost_of_project(path: Path, meeting: cam.Meeting) -> str:
    data = path.read_bytes()
    if data.startswith(b"PK"):
        with zipfile.ZipFile(path) as archive:
            names = [name for name in archive.namelist() if name.lower().endswith(".qde")]
            data = archive.read(sorted(names, key=lambda name: (name.count("/"), name))[0])
    root = ET.fromstring(data)
    local = [element.tag.rpartition("}")[2].rpartition(":")[2] for element in root.iter()]
    changes = meeting.source.changes
    left = changes[changes["what"].str.fullmatch("codings.* left out")]["rows"].sum()
    found = len(meeting.statements) + int(left)
    if local.count("Coding") != found:
        return f"{local.count('Coding')} codings, {found} in the meeting"
    return ""


def lost_of_highlights(path: Path, meeting: cam.Meeting) -> str:
    rows = len(rows_of(plain(path.read_bytes()))) - 1
    found = len(meeting.statements) + number_left_out(meeting, "highlights")
    return "" if rows == found else f"{rows} rows, {found} in the meeting"


# the doors


class Door(NamedTuple):
    """A kind of file: what it is made of, how it is spoiled and read, and what it holds."""

    name: str
    make: Callable[[], Any]
    spoil: Callable[[Random, Any], Any]
    read: Callable[[Path], cam.Meeting]
    lost: Callable[[Path, cam.Meeting], str]


STATEMENTS = [
    ["Country", "Issue", "Position", "Quote", "Coded by", "Date", "Page", "Note"],
    ["Perú", "visas", "support", "we do", "AB", "2017-10-17", "3", "first, of all"],
    ["Chile", "visas", "contra", "“never”, they said", "AB", "2017-10-17", "4", ""],
    ["Perú", "quota", "abstain", "no opinion\nat all", "CD", "2017-10-18", "4", "x"],
    ["Brasil", "quota", "yes", "", "CD", "", "7", "9"],
    ["Brasil", "data", "", "asked", "AB", "2017-10-18", "", "semi;colon"],
    ["Chile", "data", "-", "", "", "", "11", ""],
]
WIDE = [
    ["Country", "Region", "visas", "quota", "data"],
    ["Perú", "Andes", "yes", "no", ""],
    ["Chile", "Andes", "no", "abstain", "yes"],
    ["Brasil", "Amazon", "", "yes", "absent"],
    ["Cuba", "Caribbean", "", "", ""],
]
OWN = {
    "statements.csv": "actor,code,stance,document,quote,n,when,flag,coder,date\n"
    "A,p,1,a,One,1,2017-10-17T10:00:00,True,X,2017-10-17\n"
    'B,p,2,a,"two, ""three""",2,,False,X,\nA,q,,b,Vier,-3,1999-01-01T00:00:00,,Y,2000-02-29\n',
    "actors.csv": "actor,kind,speaking_order,note\nA,chair,1,x\nB,,2,\nC,delegation,,NA\n",
    "codebook.csv": "code,dimension,label\np,d,P\nq,d,Q\nr,e,R\n",
    "recodings.csv": "statement,coder,actor,code,stance,quote,document\n1,Z,A,p,3,One,a\n",
    "references.csv": "actor,target,relation\nA,B,echoes\n,C,contrasts\n",
    "interventions.csv": 'order,actor,passage,document\n1,A,"One two, ""three""",a\n1,B,Vier.,b\n',
    "texts/b.txt": "Vier. Fünf.\n",
    "texts/a.txt": 'One two, "three" One.\r\nEnd.',
    "notes.md": "let alone",
    "datapackage.json": json.dumps(
        {
            "title": "Own",
            "sources": [{"title": "x", "n": [1, 2.5, None]}],
            "stances": [1, 2, 3],
            "resources": [
                {
                    "name": "statements",
                    "path": "statements.csv",
                    "schema": {
                        "fields": [
                            {"name": "n", "type": "integer"},
                            {"name": "when", "type": "datetime"},
                            {"name": "flag", "type": "boolean"},
                        ]
                    },
                },
                {"name": "b", "path": "texts/b.txt"},
                {"name": "a", "path": "texts/a.txt"},
            ],
        }
    ),
}
OWN["statements.csv"] = OWN["statements.csv"].replace("a,One,", "a,One two,")
OWN["recodings.csv"] = OWN["recodings.csv"].replace("One,a", "End,a")


def in_file(name: str, make: Callable[[Path], object]) -> bytes:
    """Return the bytes that a function writes to a file."""
    with tempfile.TemporaryDirectory() as folder:
        make(Path(folder) / name)
        return (Path(folder) / name).read_bytes()


def written_rows(rows: list[list[str]], delimiter: str) -> bytes:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()


def workbook(path: Path) -> None:
    with xlsxwriter.Workbook(path) as book:
        for name, rows in (("Notes", [["Coded in May"]]), ("Statements", STATEMENTS)):
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                for column, cell in enumerate(row):
                    sheet.write(number, column, int(cell) if cell.isdigit() else cell)
        book.get_worksheet_by_name("Statements").merge_range("A5:A6", "Brasil")


def project() -> bytes:
    variable = '<Variable guid="V" name="party" typeOfVariable="Text"/>'
    cases = '<Case guid="K" name="The North"><SourceRef targetGUID="BRAZIL"/></Case>'
    speech = refi.source(
        "Brazil",
        refi.value("V", "green"),
        refi.selection(refi.BRAZIL, "We want a tax", "tax", "in favor"),
        refi.selection(refi.BRAZIL, "Never a quota", "quota", "against", user="U2"),
        refi.selection(refi.BRAZIL, "“Brazil”", "tax"),
        path="internal://b.txt",
    )
    answer = refi.source(
        "Chile",
        f"<PlainTextContent>{refi.CHILE}</PlainTextContent>",
        refi.selection(refi.CHILE, "quota is fine", "quota", "in favor"),
    )
    xml = refi.project_xml(speech, answer, variables=variable, cases=cases)
    return packed([("project.qde", xml.encode()), ("sources/b.txt", refi.BRAZIL.encode())])


def codebook() -> bytes:
    codes = "\n".join(
        refi.code_xml({**refi.CODES, "deep": {"definition": "d", "inside": {"e": {}}}})
    )
    head = f'{refi.HEAD}<CodeBook xmlns="urn:QDA-XML:codebook:1.0">'
    return f"{head}<Codes>{codes}</Codes></CodeBook>".encode()


def highlights() -> bytes:
    header = ["id", "document", "tag", "content"]
    return written_rows(
        [header, *([str(cell) for cell in row] for row in taguette.HIGHLIGHTS)], ","
    )


def dna_folder(path: Path) -> None:
    made = dna.filled(dna.Project(path))
    made.attribute("organization", "EPA", "type", "agency")
    made.done()


def semicolons(rng: Random, data: bytes) -> bytes:
    return spoil_rows(rng, data, ";")


def bundled() -> Files:
    return {path.relative_to(DATA).as_posix(): path.read_bytes() for path in DATA.rglob("*")}


def own() -> Files:
    return {name: text.encode() for name, text in OWN.items()}


def not_told(path: Path, meeting: cam.Meeting) -> str:
    """Say nothing: with these options, what is left out is not one kind of row."""
    return ""


all_support = functools.partial(cam.io.read_refi, stance=False)
all_highlights = functools.partial(cam.io.read_taguette, stance=False)
ASKED = (
    (
        "of cases",
        "project.qdpx",
        spoil_archive,
        cam.io.read_refi,
        {"actor": "case", "stance": False},
    ),
    ("by codes", "project.qdpx", spoil_archive, cam.io.read_refi, {"stance": "code"}),
    ("by tags", "tags.csv", spoil_rows, cam.io.read_taguette, {"stance": "tag"}),
    ("persons", "project.dna", spoil_database, cam.io.read_dna, {"actor": "person"}),
    ("unrated", "project.dna", spoil_database, cam.io.read_dna, {"stance": False}),
    ("zeros", "wide.csv", spoil_rows, cam.io.read_wide, {"zero": "both"}),
    ("binary", "wide.csv", spoil_rows, cam.io.read_wide, {"votes": "binary"}),
    ("scaled", "table.csv", semicolons, cam.io.read_table, {"stances": {"support": 3, "no": 1}}),
)
"""What is asked of a door, the file that it is asked of, and how."""


events = functools.partial(dna.event_list_text, dna.EVENTS)
DOORS: Mapping[str, Door] = {
    door.name: door
    for door in (
        Door("bundled", bundled, spoil_folder, cam.load_meeting, lost_of_folder),
        Door("folder", own, spoil_folder, cam.load_meeting, lost_of_folder),
        Door(
            "table.csv",
            lambda: written_rows(STATEMENTS, ";"),
            semicolons,
            cam.io.read_table,
            lost_of_csv,
        ),
        Door(
            "wide.csv",
            lambda: written_rows(WIDE, ","),
            spoil_rows,
            cam.io.read_wide,
            lost_of_wide,
        ),
        Door(
            "table.xlsx",
            lambda: in_file("a.xlsx", workbook),
            spoil_archive,
            cam.io.read_table,
            lost_of_workbook,
        ),
        Door(
            "table.ods",
            lambda: in_file("a.ods", lambda path: ods(path, STATEMENTS)),
            spoil_archive,
            cam.io.read_table,
            lost_of_workbook,
        ),
        Door(
            "project.dna",
            lambda: in_file("a.dna", dna_folder),
            spoil_database,
            cam.io.read_dna,
            lost_of_database,
        ),
        Door("events.csv", lambda: events().encode(), semicolons, cam.io.read_dna, lost_of_events),
        Door("project.qdpx", project, spoil_archive, all_support, lost_of_project),
        Door("codebook.qdc", codebook, spoil_xml, all_support, lost_of_project),
        Door("tags.csv", highlights, spoil_rows, all_highlights, lost_of_highlights),
        *(
            Door(
                f"{words.replace(' ', '-')}{Path(name).suffix}",
                lambda name=name: whole(name),
                spoil,
                functools.partial(read, **options),
                not_told,
            )
            for words, name, spoil, read, options in ASKED
        ),
    )
}


# judged


class Outcome(NamedTuple):
    """What came of one spoiled input: read, refused, or what is wrong with it."""

    door: str
    number: int
    kind: str
    words: str
    seconds: float
    size: int


def in_own_words(error: BaseException) -> bool:
    """Say whether an error was raised by the library itself, not from inside another one."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    own = last.filename.startswith(PACKAGE)
    return own and linecache.getline(last.filename, last.lineno or 0).lstrip().startswith("raise")


def ask(meeting: cam.Meeting) -> None:
    """Ask a meeting for what every meeting has; a refusal in the library's words is an answer."""
    repr(meeting)
    meeting._repr_html_()
    for question in (
        lambda: meeting.tally().frame,
        lambda: cam.agreement(meeting.tally("code")).summary,
        lambda: meeting.positions("code"),
        lambda: meeting.coverage(),
        lambda: meeting.evidence(meeting.actors["actor"].iloc[0]) if len(meeting.actors) else 0,
    ):
        try:
            question()
        except ValueError as error:
            if not in_own_words(error):
                raise


@functools.cache
def whole(name: str) -> Any:
    """Return what a door reads before it is spoiled."""
    return DOORS[name].make()


def spoiled(name: str, number: int, seed: int = 0) -> Any:
    """Return one spoiled input; the same for the same numbers."""
    rng = random.Random(f"{name} {seed} {number}")
    content = whole(name)
    for _ in range(rng.choice([1, 1, 2, 4])):
        content = DOORS[name].spoil(rng, content)
    return content


def judge(name: str, number: int, scratch: Path, seed: int = 0) -> Outcome:
    """Spoil an input, read it, and say what came of it."""
    door = DOORS[name]
    content = spoiled(name, number, seed)
    path = scratch / (name if "." in name else "folder")
    if isinstance(content, dict):
        shutil.rmtree(path, ignore_errors=True)
        lay(path, content)
        size = sum(len(data) for data in content.values() if isinstance(data, bytes))
    else:
        path.write_bytes(content)
        size = len(content)
    kind, words = "read", ""
    start = time.perf_counter()
    taken = 0.0
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            warnings.filterwarnings("ignore", "Different .* look alike")
            meeting = door.read(path)
            taken = time.perf_counter() - start
            kind = "raw: asked"
            ask(meeting)
            kind = "lost"
            words = door.lost(path, meeting)
            if not words:
                kind = "raw: written"
                shutil.rmtree(scratch / "written", ignore_errors=True)
                cam.io.write_folder(meeting, scratch / "written")
                again = cam.load_meeting(scratch / "written")
                kind = "changed"
                assert_same(again, meeting)
                kind = "read"
    except Exception as error:
        taken = taken or time.perf_counter() - start
        told = isinstance(error, cam.MeetingError) or (
            isinstance(error, ValueError | TypeError) and in_own_words(error)
        )
        if kind == "read" and told:
            kind = "refused" if len(str(error).encode()) < 10_000 else "a very long error"
        else:
            kind = "raw" if kind == "read" else kind
            last = traceback.extract_tb(error.__traceback__)[-1]
            words = f"{type(error).__name__}: {str(error)[:300]} ({last.filename}:{last.lineno})"
    return Outcome(name, number, kind, words, taken, size)


def main() -> None:
    number, seed = map(int, (sys.argv[1:] + ["1100", "0"][len(sys.argv) - 1 :])[:2])
    found: list[Outcome] = []
    with tempfile.TemporaryDirectory() as folder:
        for place in range(number):
            name = list(DOORS)[place % len(DOORS)]
            found.append(judge(name, place // len(DOORS), Path(folder), seed))
            if found[-1].kind not in ("read", "refused"):
                print(*found[-1][:4], flush=True)
    print(pd.crosstab([o.door for o in found], [o.kind for o in found]).to_string())
    slowest = pd.DataFrame(found).sort_values("seconds").groupby("door").tail(1)
    print(slowest[["door", "number", "kind", "seconds", "size"]].to_string(index=False))


if __name__ == "__main__":
    main()
