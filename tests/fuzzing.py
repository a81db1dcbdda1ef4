"""Files of every reader, damaged from a seed, read, and what came of it judged.

``python tests/fuzzing.py [MUTATIONS [SEED]]`` prints how many were read and how many refused, every
one that ended otherwise, and the slowest. A reader is right if it raises a `MeetingError` (or a
ValueError or TypeError that the library itself raises), or if its meeting holds every row of the
file, counted in a second way, and is the same once it is written and loaded.
"""

from __future__ import annotations

import contextlib
import csv
import functools
import io
import json
import linecache
import random
import re
import shutil
import sqlite3
import sys
import tempfile
import time
import traceback
import warnings
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
import python_calamine
import test_io_dna as dna
import test_io_refi as refi
import test_io_taguette as taguette
import xlsxwriter
from conftest import DATA, TABLES, assert_same, write_folder
from test_io_table import ods

import camdata as cam

PACKAGE = str(Path(cam.__file__).parent)
Random = random.Random
Files = dict[str, bytes]

# damage

BITS = [b'"', b",", b";", b"\n", b"\r", b"\0", b"\xff", b"\xed\xa0\x80", b'""', b"\xef\xbb\xbf"]
BITS += ["\u200b".encode(), b"9" * 5000, b"\x1a", b"<", b"&", b"]]>", b"\t", b"\\"]
CELLS = ["", " ", "NA", "nan", "None", "0", "1", "-1", "\u22121", "+1", "1.0", "1e3", "9" * 25]
CELLS += ["2017-10-17", "2017-02-30", "2017-10-17 12:00", "True", "pro", "contra?", "=1+1", "$5 $9"]
CELLS += ["Perú", "Peru\u0301", "\u0410", "\u200b", "\xa0", "a\nb", "a\rb", "\ufeffx", '"', "a,b"]
CELLS += ["a;b", "../x", "x" * 300, "x" * 140_000, "\u2028", "😀", "actor", "code", "null", "٣"]
ENCODINGS = ["utf-16", "utf-16-be", "cp1252", "utf-7", "utf-8-sig", "utf-32"]
WORDS = [
    "",
    "actors.csv",
    "../x",
    "/etc/passwd",
    "texts/a.txt",
    "int64",
    "http://a/b",
    "\0",
    "\ud800",
]
KEYS = [
    "path",
    "name",
    "schema",
    "fields",
    "type",
    "stances",
    "resources",
    "title",
    "actor",
    "code",
]
NAMES = ["texts", "texts/A.TXT", "Actors.csv", "statements.csv", "report.txt", "texts/a/b.txt"]
NAMES += ["references.csv", "recodings.csv", "datapackage.json", "queue.csv", "notes.csv"]


def damage_bytes(rng: Random, data: bytes) -> bytes:
    """Change bytes, lines or the encoding."""
    kind, place = rng.randrange(7), rng.randrange(len(data) + 1)
    lines = data.split(b"\n")
    if kind == 0:
        return data[:place]
    if kind == 1:
        return data[:place] + rng.choice(BITS) + data[place:]
    if kind == 2:
        return data[:place] + data[place + rng.randint(1, 40) :]
    if kind == 3 and data:
        place = min(place, len(data) - 1)
        return data[:place] + bytes([rng.randrange(256)]) + data[place + 1 :]
    if kind == 4:
        lines.insert(rng.randrange(len(lines) + 1), rng.choice(lines))
    elif kind == 5:
        del lines[rng.randrange(len(lines))]
    else:
        return data.decode("utf-8", "replace").encode(rng.choice(ENCODINGS), "replace")
    return b"\n".join(lines)


def damage_rows(rng: Random, data: bytes, delimiter: str = ",") -> bytes:
    """Change a cell, a row or a column of a CSV file."""
    try:
        rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig")), delimiter=delimiter))
    except (UnicodeDecodeError, csv.Error):
        rows = []
    rows = [row for row in rows if row]
    if not rows or rng.random() < 0.3:
        return damage_bytes(rng, data)
    row, kind = rng.choice(rows), rng.randrange(7)
    column, name = rng.randrange(len(rows[0])), rng.choice([*CELLS, "note", "coder"])
    if kind <= 2:
        row[rng.randrange(len(row))] = rng.choice(CELLS)
    elif kind == 3:
        rows.insert(rng.randrange(len(rows) + 1), list(row))
    elif kind == 4:
        rows.remove(row)
    for number, cells in enumerate(rows):
        if kind == 5 and column < len(cells):
            del cells[column]
        elif kind == 6:
            cells.insert(column, rng.choice(CELLS) if number else name)
    return written_rows(rows, delimiter)


def some_json(rng: Random, depth: int = 0) -> Any:
    kind = rng.randrange(9) if depth < 4 else 9
    if kind < 2:
        return [some_json(rng, depth + 1) for _ in range(rng.randrange(4))]
    if kind < 4:
        return {rng.choice(KEYS): some_json(rng, depth + 1) for _ in range(rng.randrange(4))}
    return rng.choice([None, True, 0, -1, 1.5, 10**30, float("inf"), *WORDS, *CELLS])


def damage_json(rng: Random, data: bytes) -> bytes:
    """Change, or take away, one value anywhere in a JSON text."""
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return damage_bytes(rng, data)
    if rng.random() < 0.2:
        return damage_bytes(rng, data)
    inside, key = {None: value}, None
    while isinstance(inside[key], dict | list) and inside[key] and rng.random() < 0.8:
        inside = inside[key]
        key = rng.choice(list(inside) if isinstance(inside, dict) else range(len(inside)))
    if rng.random() < 0.3 and key is not None:
        del inside[key]
    elif key is None:
        value = some_json(rng)
    else:
        inside[key] = some_json(rng)
    return json.dumps(value).encode()


def damage_lines(rng: Random, data: bytes) -> bytes:
    """Change one JSON object of a file with one per line."""
    lines = data.split(b"\n")
    place = rng.randrange(len(lines))
    lines[place] = damage_json(rng, lines[place])
    return b"\n".join(lines) if rng.random() < 0.8 else damage_bytes(rng, data)


for prefix in ("office", "table", "text"):  # programs know these elements by their prefixes
    ET.register_namespace(prefix, f"urn:oasis:names:tc:opendocument:xmlns:{prefix}:1.0")


def damage_xml(rng: Random, data: bytes) -> bytes:
    """Change an element, its attributes or its text."""
    try:
        root = ET.fromstring(data)
    except (ET.ParseError, ValueError, LookupError):
        return damage_bytes(rng, data)
    kind, every = rng.randrange(7), list(root.iter())
    one, other = rng.choice(every), rng.choice(every)
    words = re.sub("[\0\ud800\r]", "", rng.choice([*CELLS, *WORDS]))
    if kind == 0 and len(one):
        one.remove(rng.choice(list(one)))
    elif kind == 1 and len(one):
        one.append(rng.choice(list(one)))
    elif kind == 2 and other not in list(one.iter()) and one not in list(other.iter()):
        other.append(one)
    elif kind == 3:
        one.text = words
    elif kind == 4 and one.attrib:
        del one.attrib[rng.choice(list(one.attrib))]
    elif kind == 5 and one.attrib:
        one.set(rng.choice(list(one.attrib)), rng.choice([words, *other.attrib.values()]))
    else:
        return damage_bytes(rng, data)
    return ET.tostring(root, encoding="utf-8", xml_declaration=True)


def damage_archive(rng: Random, data: bytes) -> bytes:
    """Change a member of an archive, or its name."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = [(info.filename, archive.read(info)) for info in archive.infolist()]
    except Exception:
        members = []
    if not members or rng.random() < 0.15:
        return damage_bytes(rng, data)
    number, kind = rng.randrange(len(members)), rng.randrange(8)
    name, content = members[number]
    if kind == 0:
        del members[number]
    elif kind == 1:
        members.append((rng.choice([name, name.upper(), "../x", f"a/{name}"]), content))
    else:
        damage = damage_xml if re.search(r"\.(xml|qde|rels)$", name) else damage_bytes
        members[number] = (name, damage(rng, content))
    return packed(members)


def packed(members: list[tuple[str, bytes]]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the same name twice is one kind of damage
        for name, content in members:
            # OpenDocument names its type in the first bytes
            archive.writestr(name, content, zipfile.ZIP_STORED if name == "mimetype" else None)
    return target.getvalue()


def damage_database(rng: Random, data: bytes) -> bytes:
    """Change a cell, a row or a table of a database."""
    with closing(sqlite3.connect(":memory:")) as db:
        try:
            db.deserialize(data)
            query = "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"
            table = rng.choice(db.execute(query).fetchall())[0]
            column = rng.choice([row[1] for row in db.execute(f'PRAGMA table_info("{table}")')])
            row = rng.choice([row[0] for row in db.execute(f'SELECT rowid FROM "{table}"')] or [0])
            value = rng.choice([None, 0, 1, 2, 3, -1, 2**62, 0.5, b"\xff", *CELLS])
            kind = rng.randrange(10)
            if kind == 0:
                db.execute(f'DROP TABLE "{table}"')
            elif kind == 1:
                db.execute(f'ALTER TABLE "{table}" RENAME COLUMN "{column}" TO "{column}2"')
            elif kind == 2:
                db.execute(f'DELETE FROM "{table}" WHERE rowid = ?', [row])
            elif kind == 3:
                return damage_bytes(rng, data)
            else:
                db.execute(f'UPDATE "{table}" SET "{column}" = ? WHERE rowid = ?', [value, row])
            db.commit()
            return db.serialize()
        except (sqlite3.Error, IndexError, UnicodeError):
            return damage_bytes(rng, data)


def damage_folder(rng: Random, files: Files) -> Files:
    """Change a file of a meeting's folder, or its name."""
    files, name = dict(files), rng.choice(list(files))
    kind = rng.randrange(12)
    if kind == 0 and len(files) > 1:
        del files[name]
    elif kind == 1:
        files[rng.choice([name.upper(), f"{name}.bak", f"texts/{name}", *NAMES])] = files.pop(name)
    elif kind == 2:
        files[rng.choice(NAMES)] = files[name]
    else:
        damage = {".csv": damage_rows, ".json": damage_json}.get(Path(name).suffix, damage_bytes)
        files[name] = damage(rng, files[name])
    return files


# how many rows a file holds, counted without the library


def plain(data: bytes) -> str:
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    return data.decode(encoding).replace("\r\n", "\n").replace("\r", "\n")


def is_filled(cell: object) -> bool:
    return bool(re.sub("[\\s\u200b\ufeff]", "", str(cell)))


def counts_of_text(path: Path) -> set[int]:
    """Return how many rows a CSV file may have below its header, by its delimiter."""
    text = plain(path.read_bytes())
    return {
        sum(any(map(is_filled, row)) for row in csv.reader(io.StringIO(text), delimiter=d)) - 1
        for d in ",;\t"
    }


def counts_of_workbook(path: Path) -> set[int]:
    book = python_calamine.CalamineWorkbook.from_path(path)
    grids = [book.get_sheet_by_name(name).to_python() for name in book.sheet_names]
    return {sum(any(map(is_filled, row)) for row in grid) - 1 for grid in grids}


def counts_of_database(path: Path) -> set[int]:
    with closing(sqlite3.connect(path)) as db:
        return {db.execute("SELECT count(*) FROM STATEMENTS").fetchone()[0]}


def counts_of_project(path: Path) -> set[int]:
    """Return how many codings each project file of an archive holds; there may be several."""
    files = [path.read_bytes()]
    if files[0].startswith(b"PK"):
        with zipfile.ZipFile(path) as archive:
            # by member, not by name: damage can leave two members of one name
            members = [
                each for each in archive.infolist() if each.filename.lower().endswith(".qde")
            ]
            files = [archive.read(member) for member in members]
    found = set()
    for data in files:
        with contextlib.suppress(ET.ParseError):
            tags = [element.tag.rpartition("}")[2] for element in ET.fromstring(data).iter()]
            found.add(tags.count("Coding"))
    return found


def counts_of_lines(path: Path) -> set[int]:
    def held(value: Any) -> int:
        if isinstance(value, list):
            return sum(map(held, value))
        codes = value.get("code") if isinstance(value, dict) else None
        return len(codes) if isinstance(codes, list) and codes else 1

    lines = plain(path.read_bytes()).split("\n")
    return {sum(held(json.loads(line)) for line in lines if line.strip())}


LEFT_OUT = (
    r"(statements|highlights|codings.*|rows|messages? .*) left out|left out: above the header"
)


def lost_rows(counts: Callable[[Path], set[int]], path: Path, meeting: cam.Meeting) -> str:
    """Say how many rows are neither statements, nor in the queue, nor reported as left out."""
    changes = meeting.source.changes
    left = int(changes.loc[changes["what"].str.fullmatch(LEFT_OUT), "rows"].sum())
    found, held = len(meeting.statements) + len(meeting.queue), counts(path)
    words = f"{sorted(held)} rows, {found} in the meeting, {left} reported as left out"
    return "" if found + left in held else words


def lost_cells(path: Path, meeting: cam.Meeting) -> str:
    """Say how many filled cells of a matrix are neither statements nor reported as missing."""
    changes = meeting.source.changes
    is_above = changes["what"].isin(["left out: above the header", "further header rows"])
    above = int(changes.loc[is_above, "rows"].sum())
    codes, held = set(meeting.codebook["code"]), set()
    for delimiter in ",;\t":
        lines = csv.reader(io.StringIO(plain(path.read_bytes())), delimiter=delimiter)
        rows = [row for row in lines if any(map(is_filled, row))]
        # where rows stand above the matrix, any row may name the codes
        for header in rows[: above + 1]:
            named = [name.strip() or f"column {n}" for n, name in enumerate(header, 1)]
            places = [place for place, name in enumerate(named) if name in codes]
            filled = [sum(is_filled(row[p]) for p in places if p < len(row)) for row in rows]
            held.add(sum(filled[above + 1 :]))
    is_missing = (changes["after"] == "missing") & ~changes["what"].str.startswith("blank")
    found, left = len(meeting.statements), int(changes.loc[is_missing, "rows"].sum())
    words = f"{sorted(held)} cells, {found} in the meeting, {left} reported as missing"
    return "" if found + left in held else words


def lost_files(folder: Path, meeting: cam.Meeting) -> str:
    """Say which table or text of a folder is not in the meeting as a whole."""
    texts = set()
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if name.lower() in {f"{table}.csv" for table in TABLES}:
            if path.stem not in meeting.given:
                return f"{name} is not read"
            rows = {sum(map(any, csv.reader(io.StringIO(plain(path.read_bytes()))))) - 1}
            if len(getattr(meeting, path.stem)) not in rows:
                return f"{name} has {rows} rows"
        if re.fullmatch(r"(texts/[^./][^/]*|report)\.txt", name, re.IGNORECASE):
            texts.add(path.stem)
            if meeting.texts.get(path.stem) != plain(path.read_bytes()):
                return f"{name} is not read, or otherwise"
    return "" if texts == set(meeting.texts) else "texts that are not there"


# the readers

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
    "A,p,1,a,One two,1,2017-10-17T10:00:00,True,X,2017-10-17\n"
    'B,p,2,a,"two, ""three""",2,,False,X,\nA,q,,b,Vier,-3,1999-01-01T00:00:00,,Y,2000-02-29\n',
    "actors.csv": "actor,kind,speaking_order,note\nA,chair,1,x\nB,,2,\nC,delegation,,NA\n",
    "codebook.csv": "code,dimension,label\np,d,P\nq,d,Q\nr,e,R\n",
    "recodings.csv": "statement,coder,actor,code,stance,quote,document\n1,Z,A,p,3,End,a\n",
    "references.csv": "actor,target,relation\nA,B,echoes\n,C,contrasts\n",
    "interventions.csv": 'order,actor,passage,document\n1,A,"One two, ""three""",a\n1,B,Vier.,b\n',
    "texts/b.txt": "Vier. Fünf.\n",
    "texts/a.txt": 'One two, "three" One.\r\nEnd.',
    "notes.md": "let alone",
    "datapackage.json": json.dumps({"title": "Own", "sources": [{"n": 1.5}], "stances": [1, 2, 3]}),
}
TEXT = "We want a tax. Never a quota, said Peru."
RECORDS = [
    {"actor": "Perú", "code": "tax", "stance": "support", "quote": "We want a tax", "model": "m"},
    {"actor": "Chile", "code": "quota", "stance": "oppose", "quote": "never a QUOTA", "model": "m"},
    {"actor": "Cuba", "code": "tax", "stance": "support", "quote": "We like a tax", "model": "m"},
]


def in_file(name: str, make: Callable[[Path], object]) -> bytes:
    """Return the bytes that a function writes to a file."""
    with tempfile.TemporaryDirectory() as folder:
        make(Path(folder) / name)
        return (Path(folder) / name).read_bytes()


def written_rows(rows: list[list[str]], delimiter: str = ",") -> bytes:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator="\n").writerows(rows)
    return text.getvalue().encode("utf-8", "surrogatepass")


def workbook(path: Path) -> None:
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet("Notes").write_row(0, 0, ["Coded in May"])
        sheet = book.add_worksheet("Statements")
        for number, row in enumerate(STATEMENTS):
            sheet.write_row(number, 0, [int(cell) if cell.isdigit() else cell for cell in row])
        sheet.merge_range("A5:A6", "Brasil")


def project() -> bytes:
    cases = '<Case guid="K" name="The North"><SourceRef targetGUID="BRAZIL"/></Case>'
    speech = refi.source(
        "Brazil",
        refi.selection(refi.BRAZIL, "We want a tax", "tax", "in favor"),
        refi.selection(refi.BRAZIL, "Never a quota", "quota", "against", user="U2"),
        path="internal://b.txt",
    )
    answer = refi.source(
        "Chile",
        f"<PlainTextContent>{refi.CHILE}</PlainTextContent>",
        refi.selection(refi.CHILE, "quota is fine", "quota", "in favor"),
    )
    xml = refi.project_xml(speech, answer, cases=cases)
    return packed([("project.qde", xml.encode()), ("sources/b.txt", refi.BRAZIL.encode())])


def codebook() -> bytes:
    codes = "\n".join(refi.code_xml(refi.CODES))
    head = f'{refi.HEAD}<CodeBook xmlns="urn:QDA-XML:codebook:1.0">'
    return f"{head}<Codes>{codes}</Codes></CodeBook>".encode()


def highlights() -> bytes:
    rows = [["id", "document", "tag", "content"], *(map(str, row) for row in taguette.HIGHLIGHTS)]
    return written_rows([list(row) for row in rows])


def records() -> bytes:
    return "\n".join(json.dumps(record) for record in RECORDS).encode()


def bundled() -> Files:
    return {path.relative_to(DATA).as_posix(): path.read_bytes() for path in DATA.rglob("*")}


class Door(NamedTuple):
    """A kind of file: how a whole one is made, damaged and read, and what a meeting lost of it."""

    make: Callable[[], Any]
    damage: Callable[[Random, Any], Any]
    read: Callable[[Path], cam.Meeting]
    lost: Callable[[Path, cam.Meeting], str]


def door(make: Any, damage: Any, counts: Any, read: Any, **options: Any) -> Door:
    lost = functools.partial(lost_rows, counts)
    return Door(make, damage, functools.partial(read, **options), lost)


semicolons = functools.partial(damage_rows, delimiter=";")
DOORS = {
    "bundled": Door(bundled, damage_folder, cam.load_meeting, lost_files),
    "folder": Door(
        lambda: {name: text.encode() for name, text in OWN.items()},
        damage_folder,
        cam.load_meeting,
        lost_files,
    ),
    "table.csv": door(
        lambda: written_rows(STATEMENTS, ";"), semicolons, counts_of_text, cam.read_table
    ),
    "wide.csv": Door(lambda: written_rows(WIDE), damage_rows, cam.read_wide, lost_cells),
    "table.xlsx": door(
        lambda: in_file("a.xlsx", workbook), damage_archive, counts_of_workbook, cam.read_table
    ),
    "table.ods": door(
        lambda: in_file("a.ods", lambda path: ods(path, STATEMENTS)),
        damage_archive,
        counts_of_workbook,
        cam.read_table,
    ),
    "records.jsonl": door(
        records, damage_lines, counts_of_lines, cam.read_jsonl, texts={"a": TEXT}
    ),
    "project.dna": door(
        lambda: in_file("a.dna", lambda path: dna.filled(dna.Project(path)).done()),
        damage_database,
        counts_of_database,
        cam.read_dna,
    ),
    "events.csv": door(
        lambda: dna.event_list_text(dna.EVENTS).encode(), semicolons, counts_of_text, cam.read_dna
    ),
    "project.qdpx": door(project, damage_archive, counts_of_project, cam.read_refi, stance=False),
    "codebook.qdc": door(codebook, damage_xml, counts_of_project, cam.read_refi, stance=False),
    "tags.csv": door(highlights, damage_rows, counts_of_text, cam.read_taguette, stance=False),
}

# judged


class Outcome(NamedTuple):
    """What came of one damaged input: read, refused, or what is wrong."""

    door: str
    number: int
    kind: str
    words: str
    seconds: float


def is_own(error: BaseException) -> bool:
    """Whether an error is raised by a line of the library itself, not somewhere below it."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    line = linecache.getline(last.filename, last.lineno or 0)
    raised = last.filename.startswith(PACKAGE) and line.lstrip().startswith("raise")
    return isinstance(error, cam.MeetingError) or (
        isinstance(error, ValueError | TypeError) and raised
    )


def ask(meeting: cam.Meeting) -> None:
    """Ask a meeting for what every meeting has; a refusal in the library's words is an answer."""
    repr(meeting)
    meeting._repr_html_()
    for question in (
        lambda: cam.agreement(meeting.tally("code")).summary,
        lambda: meeting.positions(),
        lambda: meeting.coverage(),
        lambda: meeting.evidence(meeting.actors["actor"].iloc[0]) if len(meeting.actors) else 0,
    ):
        try:
            question()
        except ValueError as error:
            if not is_own(error):
                raise


@functools.cache
def whole(name: str) -> Any:
    """Return what a reader is given before it is damaged."""
    return DOORS[name].make()


def damaged(name: str, number: int, seed: int = 0) -> Any:
    """Return one damaged input; the same for the same numbers."""
    rng = random.Random(f"{name} {seed} {number}")
    content = whole(name)
    for _ in range(rng.choice([1, 1, 2, 4])):
        content = DOORS[name].damage(rng, content)
    return content


def lay(name: str, content: Any, scratch: Path) -> Path:
    """Write an input, and return where."""
    path = scratch / (name if "." in name else "folder")
    if not isinstance(content, dict):
        path.write_bytes(content)
        return path
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir()
    for file, data in content.items():
        try:
            write_folder(path, {file: data})
        except (OSError, ValueError):  # a file where a folder is needed, a name too long
            continue
    return path


def judge(name: str, number: int, scratch: Path, seed: int = 0) -> Outcome:
    """Damage an input, read it, and say what came of it."""
    path = lay(name, damaged(name, number, seed), scratch)
    kind, words, start, seconds = "raw", "", time.perf_counter(), 0.0
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            warnings.filterwarnings("ignore", "Different .* look alike")
            meeting = DOORS[name].read(path)
            seconds, kind = time.perf_counter() - start, "raw: asked"
            ask(meeting)
            kind, words = "lost", DOORS[name].lost(path, meeting)
            if not words:
                kind = "raw: written"
                shutil.rmtree(scratch / "written", ignore_errors=True)
                cam.io.write_folder(meeting, scratch / "written")
                again = cam.load_meeting(scratch / "written")
                kind = "changed"
                assert_same(again, meeting)
                kind = "read"
    except Exception as error:
        seconds = seconds or time.perf_counter() - start
        if kind == "raw" and is_own(error):
            kind = "refused" if len(str(error).encode()) < 10_000 else "a very long error"
        else:
            last = traceback.extract_tb(error.__traceback__)[-1]
            words = f"{type(error).__name__}: {str(error)[:300]} ({last.filename}:{last.lineno})"
    return Outcome(name, number, kind, words, seconds)


def judged(most: int, seed: int = 0, budget: float = float("inf")) -> list[Outcome]:
    """Judge inputs of all readers in turn: as many as asked, or as fit into the seconds."""
    found, end = [], time.perf_counter() + budget
    with tempfile.TemporaryDirectory() as folder:
        for place in range(most):
            if time.perf_counter() > end:
                break
            name = list(DOORS)[place % len(DOORS)]
            found.append(judge(name, place // len(DOORS), Path(folder), seed))
    return found


def table(found: list[Outcome]) -> str:
    """Return the outcomes as a table, with the slowest of each reader, and all that are wrong."""
    frame = pd.DataFrame(found)
    counted = pd.crosstab(frame["door"], frame["kind"])
    counted["slowest (s)"] = frame.groupby("door")["seconds"].max().round(2)
    wrong = frame[~frame["kind"].isin(["read", "refused"])]
    lines = [f"{one.door} {one.number}: {one.kind}: {one.words}" for one in wrong.itertuples()]
    return "\n".join([f"{len(frame)} damaged inputs", counted.to_string(), *lines])


if __name__ == "__main__":
    most, seed = map(int, (sys.argv[1:] + ["1200", "0"][len(sys.argv) - 1 :])[:2])
    print(table(judged(most, seed)))
