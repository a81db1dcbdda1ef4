"""Loading a meeting: what a folder may leave out, and every fault with its place."""

import codecs
import csv
import datetime
import hashlib
import io
import json
import pickle
import shutil
from pathlib import Path

import frictionless
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

import camdata as cam

DATA = Path(cam.__file__).parent / "data"
TABLES = ("actors", "codebook", "interventions", "statements", "references")
MINIMAL = "actor,code\nA,tax\nB,tax\n"


def folder(path, files):
    """Write `files`, a mapping of name to str or bytes, and return the folder."""
    for name, content in files.items():
        file = path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def bundled(path):
    """Return a copy of the bundled folder."""
    return Path(shutil.copytree(DATA, path / "meeting"))


def edit(file, row, column, value):
    """Change one cell of a CSV file (row 1 is the first below the header)."""
    rows = list(csv.reader(io.StringIO(file.read_bytes().decode(), newline="")))
    rows[row][rows[0].index(column)] = value
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(rows)
    file.write_bytes(text.getvalue().encode())


def line_of(file, beginning):
    """Return the physical line of a file that begins so."""
    lines = file.read_bytes().decode().split("\n")
    (number,) = [n for n, line in enumerate(lines, 1) if line.startswith(beginning)]
    return number


def faults_of(source, **parts):
    """Return the faults of a folder or of frames as plain tuples, None where nothing fits."""
    with pytest.raises(cam.MeetingError) as caught:
        cam.Meeting(source, **parts) if parts else cam.load_meeting(source)
    faults = caught.value.faults.astype("object")
    return list(faults.where(faults.notna(), None).itertuples(index=False, name=None))


def tables_of(meeting):
    return {name: getattr(meeting, name) for name in TABLES}


def assert_same(one, other):
    """Assert that two meetings hold identical tables and texts."""
    for name, table in tables_of(one).items():
        assert_frame_equal(table, getattr(other, name))
    assert one.texts == other.texts
    assert one.stances == other.stances


@pytest.fixture(scope="module")
def meeting():
    return cam.load_meeting()


# every fault, one folder each: files, then file, line, column, expected, got

TWO_TEXTS = {"texts/day1.txt": "We want a tax.", "texts/day2.txt": "No."}
LISTED = '{"resources": [{"path": "%s", "hash": "%s"}]}'
ZERO = "sha256:" + 64 * "0"
SHA_OF_TEXT = "sha256:" + hashlib.sha256(b"We want a tax.").hexdigest()

FAULTS = {
    "no statements": (
        {"actors.csv": "actor\nA\n"},
        ("statements.csv", None, None, "this file", "no such file"),
    ),
    "a misspelt file": (
        {"statement.csv": MINIMAL},
        (
            "statements.csv",
            None,
            None,
            "this file",
            "no such file (did you mean 'statement.csv'?)",
        ),
    ),
    "a folder in place of the file": (
        {"statements.csv/keep.txt": ""},
        ("statements.csv", None, None, "this file", "no such file"),
    ),
    "a declared file that is not there": (
        {
            "statements.csv": MINIMAL,
            "datapackage.json": '{"resources": [{"path": "codebook.csv"}, {"title": "no path"}]}',
        },
        ("codebook.csv", None, None, "this file", "no such file"),
    ),
    "a text that was changed": (
        {
            "statements.csv": MINIMAL,
            "report.txt": "We want a tax.",
            "datapackage.json": LISTED % ("report.txt", ZERO),
        },
        (
            "report.txt",
            None,
            None,
            f"the text with {ZERO}, as datapackage.json says",
            SHA_OF_TEXT,
        ),
    ),
    "no JSON": (
        {"statements.csv": MINIMAL, "datapackage.json": '{"title": "x",\n "name": }'},
        ("datapackage.json", 2, None, "JSON", "Expecting value at character 10"),
    ),
    "no JSON object": (
        {"statements.csv": MINIMAL, "datapackage.json": '["statements.csv"]'},
        ("datapackage.json", 1, None, "a JSON object", '["statements.csv"]'),
    ),
    "stances that are no numbers": (
        {"statements.csv": MINIMAL, "datapackage.json": '{"stances": [1, "for"]}'},
        ("datapackage.json", None, "stances", "a list of whole numbers", '[1, "for"]'),
    ),
    "stances that are truth values": (
        {"statements.csv": MINIMAL, "datapackage.json": '{"stances": [true, false]}'},
        ("datapackage.json", None, "stances", "a list of whole numbers", "[true, false]"),
    ),
    "no stances at all": (
        {"statements.csv": MINIMAL, "datapackage.json": '{"stances": []}'},
        ("datapackage.json", None, "stances", "a list of whole numbers", "[]"),
    ),
    "Latin-1": (
        {"statements.csv": "actor,code\nA,tax\nPerú,tax\n".encode("latin-1")},
        (
            "statements.csv",
            3,
            None,
            "UTF-8",
            "byte 0xfa, so this is probably Windows-1252 or Latin-1: save it as UTF-8",
        ),
    ),
    "UTF-16": (
        {"statements.csv": codecs.BOM_UTF16_LE + MINIMAL.encode("utf-16-le")},
        (
            "statements.csv",
            1,
            None,
            "UTF-8",
            "byte 0xff, so this is probably UTF-16: save it as UTF-8",
        ),
    ),
    "another encoding": (
        {"statements.csv": MINIMAL, "report.txt": b"one\ntwo \x81\n"},
        (
            "report.txt",
            2,
            None,
            "UTF-8",
            "byte 0x81, so this is probably an encoding that is neither UTF-8 nor Windows-1252: "
            "save it as UTF-8",
        ),
    ),
    "an empty file": (
        {"statements.csv": "\n\n"},
        ("statements.csv", 1, None, "a header with the names of the columns", "no rows"),
    ),
    "a column twice": (
        {"statements.csv": "actor,code, actor\nA,tax,B\n"},
        ("statements.csv", 1, "actor", "each column once", "'actor' again"),
    ),
    "semicolons": (
        {"statements.csv": "actor;code\nA;tax\n"},
        ("statements.csv", 1, None, "cells separated by commas", "the header 'actor;code'"),
    ),
    "a comma too many": (
        {"statements.csv": "actor,code\nA,tax\nB,tax,\nC,tax\n"},
        ("statements.csv", 3, None, "2 cells, as in the header", "3 cells"),
    ),
    "a comma too few, below a blank line and a quoted one": (
        {"statements.csv": 'actor,code,note\nA,tax,"one\n\ntwo"\n\nB,tax\nC,tax,\n'},
        ("statements.csv", 6, None, "3 cells, as in the header", "2 cells"),
    ),
    "a quotation mark that is not closed": (
        {"statements.csv": 'actor,code\nA,tax\nB,"tax\nC,tax\n'},
        (
            "statements.csv",
            3,
            None,
            "a CSV file whose quoted cells are closed",
            "unexpected end of data",
        ),
    ),
    "a column that is missing": (
        {"statements.csv": "acter,code\nA,tax\n"},
        ("statements.csv", 1, "actor", "this column", "columns acter, code"),
    ),
    "a value that is missing": (
        {"statements.csv": "actor,code\nA,tax\nB,\n"},
        ("statements.csv", 3, "code", "a value", "nothing"),
    ),
    "an identifier that is missing": (
        {"statements.csv": "statement,actor,code\n1,A,tax\n,B,tax\n"},
        ("statements.csv", 3, "statement", "a value", "nothing"),
    ),
    "a key twice": (
        {"statements.csv": 'statement,actor,code\n1,"A\nB",tax\n2,B,tax\n1,C,tax\n'},
        ("statements.csv", 5, "statement", "each statement once", "'1' again (first on line 2)"),
    ),
    "an actor twice": (
        {"statements.csv": MINIMAL, "actors.csv": "actor\nA\nB\nA\n"},
        ("actors.csv", 4, "actor", "each actor once", "'A' again (first on line 2)"),
    ),
    "a code twice": (
        {"statements.csv": MINIMAL, "codebook.csv": "code\ntax\ntax\n"},
        ("codebook.csv", 3, "code", "each code once", "'tax' again (first on line 2)"),
    ),
    "an unknown stance": (
        {"statements.csv": "actor,code,stance\nA,tax,+1\nB,tax,2\n"},
        ("statements.csv", 3, "stance", "one of 1, -1", "'2'"),
    ),
    "a stance that is missing": (
        {"statements.csv": "actor,code,stance\nA,tax,-1\nB,tax,\n"},
        ("statements.csv", 3, "stance", "a value", "nothing"),
    ),
    "an unknown ordinal stance": (
        {
            "statements.csv": "actor,code,stance\nA,tax,3\n",
            "datapackage.json": '{"stances": [0,1]}',
        },
        ("statements.csv", 2, "stance", "one of 0, 1", "'3'"),
    ),
    "an unknown basis": (
        {"statements.csv": "actor,code,basis\nA,tax,by reference\n"},
        (
            "statements.csv",
            2,
            "basis",
            "one of explicit, by_reference",
            "'by reference' (did you mean 'by_reference'?)",
        ),
    ),
    "an unknown kind": (
        {"statements.csv": MINIMAL, "actors.csv": "actor,kind\nA,delegations\nB,chair\n"},
        (
            "actors.csv",
            2,
            "kind",
            "one of delegation, official, chair, secretariat, organisation",
            "'delegations' (did you mean 'delegation'?)",
        ),
    ),
    "an unknown relation": (
        {"statements.csv": MINIMAL, "references.csv": "actor,target,relation\nA,B,ECHOES\n"},
        (
            "references.csv",
            2,
            "relation",
            "one of echoes, builds_on, supports, contrasts",
            "'ECHOES' (did you mean 'echoes'?)",
        ),
    ),
    "no whole number": (
        {"statements.csv": MINIMAL, "actors.csv": "actor,speaking_order\nA,1\nB,1.5\n"},
        ("actors.csv", 3, "speaking_order", "a whole number of 1 or more", "'1.5'"),
    ),
    "a number that is too small": (
        {"statements.csv": MINIMAL, "interventions.csv": "order,actor,passage\n0,A,x\n"},
        ("interventions.csv", 2, "order", "a whole number of 1 or more", "'0'"),
    ),
    "an offset below zero": (
        {"statements.csv": "actor,code,start\nA,tax,-1\n"},
        ("statements.csv", 2, "start", "a whole number of 0 or more", "'-1'"),
    ),
    "no date": (
        {"statements.csv": "actor,code,date\nA,tax,2017-10-17\nB,tax,17/10/2017\n"},
        ("statements.csv", 3, "date", "a date such as 2017-10-17", "'17/10/2017'"),
    ),
    "a date without dashes": (
        {"statements.csv": "actor,code,date\nA,tax,2017-10-17\nB,tax,20171017\n"},
        ("statements.csv", 3, "date", "a date such as 2017-10-17", "'20171017'"),
    ),
    "a week in place of a date": (
        {"statements.csv": "actor,code,date\nA,tax,2017-W42-2\n"},
        ("statements.csv", 2, "date", "a date such as 2017-10-17", "'2017-W42-2'"),
    ),
    "a day that the month does not have": (
        {"statements.csv": "actor,code,date\nA,tax,2017-02-29\n"},
        ("statements.csv", 2, "date", "a date such as 2017-10-17", "'2017-02-29'"),
    ),
    "an unknown actor of a statement": (
        {"statements.csv": "actor,code\nCanda,tax\n", "actors.csv": "actor\nChile\nCanada\n"},
        (
            "statements.csv",
            2,
            "actor",
            "an actor of actors.csv",
            "'Canda' (did you mean 'Canada'?)",
        ),
    ),
    "an unknown actor of an intervention": (
        {
            "statements.csv": MINIMAL,
            "actors.csv": "actor\nA\nB\n",
            "interventions.csv": 'order,actor,passage\n1,A,"x\ny"\n2,Zed,z\n',
        },
        ("interventions.csv", 4, "actor", "an actor of actors.csv", "'Zed'"),
    ),
    "an unknown target of a reference": (
        {
            "statements.csv": MINIMAL,
            "actors.csv": "actor\nA\nB\n",
            "references.csv": "actor,target,relation\nA,b,echoes\n",
        },
        ("references.csv", 2, "target", "an actor of actors.csv", "'b' (did you mean 'B'?)"),
    ),
    "an unknown code": (
        {"statements.csv": "actor,code\nA,tax\nB,taxes\n", "codebook.csv": "code\ntax\nquota\n"},
        ("statements.csv", 3, "code", "a code of codebook.csv", "'taxes' (did you mean 'tax'?)"),
    ),
    "a reference without ends": (
        {
            "statements.csv": MINIMAL,
            "references.csv": "actor,target,relation\nA,,echoes\n,,echoes\n",
        },
        ("references.csv", 3, "actor", "an actor or a target", "neither"),
    ),
    "a quote that is not in the text": (
        {"statements.csv": "actor,code,quote\nA,tax,qqqq\n", "report.txt": "We want a tax."},
        ("statements.csv", 2, "quote", "words of the text", "'qqqq'"),
    ),
    "a quote that stands twice": (
        {
            "statements.csv": "actor,code,quote\nA,tax,a tax\n",
            "report.txt": "We want a tax.\nNo, we want a tax.",
        },
        (
            "statements.csv",
            2,
            "quote",
            "a quote that occurs once: lengthen it, or fill the columns start and stop",
            "'a tax', found on lines 1 and 2 (start 8 and 27)",
        ),
    ),
    "a quote that stands twice in a line": (
        {"statements.csv": "actor,code,quote\nA,tax,tax\n", "report.txt": "A tax, a tax."},
        (
            "statements.csv",
            2,
            "quote",
            "a quote that occurs once: lengthen it, or fill the columns start and stop",
            "'tax', found on line 1 twice (start 2 and 9)",
        ),
    ),
    "a quote that is not where it is said to be": (
        {
            "statements.csv": "actor,code,quote,start,stop\nA,tax,tax,2,5\nB,tax,tax,8,11\n",
            "report.txt": "A tax, a tax.",
        },
        ("statements.csv", 3, "quote", "'tax' at 8", "' ta' there"),
    ),
    "a passage that is not in the text": (
        {
            "statements.csv": MINIMAL,
            "interventions.csv": "order,actor,passage\n1,A,qqqq\n",
            "report.txt": "We want a tax.",
        },
        ("interventions.csv", 2, "passage", "words of the text", "'qqqq'"),
    ),
    "a reference's quote that is not in the text": (
        {
            "statements.csv": MINIMAL,
            "references.csv": "actor,target,relation,quote\nA,B,echoes,qqqq\n",
            "report.txt": "We want a tax.",
        },
        ("references.csv", 2, "quote", "words of the text", "'qqqq'"),
    ),
    "passages that overlap": (
        {
            "statements.csv": MINIMAL,
            "interventions.csv": 'order,actor,passage\n1,A,"One.\nTwo."\n2,B,Two. Three.\n',
            "report.txt": "One.\nTwo. Three.",
        },
        (
            "interventions.csv",
            4,
            "passage",
            "passages that do not overlap",
            "one that overlaps the passage of line 2",
        ),
    ),
    "an unknown text": (
        {"statements.csv": "actor,code,quote,document\nA,tax,No.,day3\n", **TWO_TEXTS},
        (
            "statements.csv",
            2,
            "document",
            "the name of a text: one of day1, day2",
            "'day3' (did you mean 'day2'?)",
        ),
    ),
    "several texts and none named": (
        {"statements.csv": "actor,code,quote\nA,tax,No.\n", **TWO_TEXTS},
        ("statements.csv", 2, "document", "the name of a text: one of day1, day2", "nothing"),
    ),
}


@pytest.mark.parametrize(("files", "fault"), FAULTS.values(), ids=FAULTS.keys())
def test_a_fault_names_place_expected_and_got(files, fault, tmp_path):
    assert faults_of(folder(tmp_path, files)) == [fault]


def test_the_message_says_the_same_as_the_faults(tmp_path):
    with pytest.raises(cam.MeetingError) as caught:
        cam.load_meeting(folder(tmp_path, {"statements.csv": "actor,code,stance\nA,tax,2\n"}))
    assert str(caught.value).splitlines() == [
        f"1 fault in {tmp_path}:",
        "  statements.csv, line 2, column stance: expected one of 1, -1; got '2'",
    ]
    assert caught.value.faults.dtypes.astype("str").to_dict() == {
        "file": "str",
        "line": "Int64",
        "column": "str",
        "expected": "str",
        "got": "str",
    }
    assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize(
    ("make", "got"),
    [(lambda path: None, "nothing there"), (lambda path: path.write_text("x"), "a file")],
    ids=["missing", "a file"],
)
def test_a_meeting_is_a_folder(make, got, tmp_path):
    path = tmp_path / "meeting"
    make(path)
    assert faults_of(path) == [(str(path), None, None, "a folder", got)]
    assert faults_of(str(path)) == [(str(path), None, None, "a folder", got)]


def test_a_quoted_header_with_semicolons_is_named_as_such(tmp_path):
    files = {"statements.csv": '"actor";"code"\n"A";"tax"\n'}
    ((file, line, _, expected, _),) = faults_of(folder(tmp_path, files))
    assert (file, line) == ("statements.csv", 1)
    assert expected == "cells separated by commas"


@pytest.mark.parametrize("resources", ["null", "3", '"statements.csv"', "[null, 3]"])
def test_resources_that_are_no_list_of_objects_break_nothing(resources, tmp_path):
    """The folder may be loaded or refused, but not with an error from inside."""
    files = {"statements.csv": MINIMAL, "datapackage.json": f'{{"resources": {resources}}}'}
    blamed = ["datapackage.json"]
    try:
        loaded = cam.load_meeting(folder(tmp_path, files))
    except cam.MeetingError as error:
        blamed = error.faults["file"].tolist()
    else:
        assert len(loaded.statements) == 2
    assert blamed == ["datapackage.json"]


@pytest.mark.parametrize(
    "digest",
    [
        hashlib.md5(MINIMAL.encode()).hexdigest(),
        f"sha1:{hashlib.sha1(MINIMAL.encode()).hexdigest()}",
    ],
    ids=["md5, the standard's default", "sha1"],
)
def test_a_right_hash_of_another_algorithm_is_no_fault(digest, tmp_path):
    files = {"statements.csv": MINIMAL, "datapackage.json": LISTED % ("statements.csv", digest)}
    assert len(cam.load_meeting(folder(tmp_path, files)).statements) == 2


def test_a_cell_may_be_longer_than_the_csv_modules_limit(tmp_path):
    passage = "We want a tax. " * 10_000
    files = {
        "statements.csv": MINIMAL,
        "interventions.csv": f"order,actor,passage\n1,A,{passage.strip()}\n",
        "report.txt": passage,
    }
    loaded = cam.load_meeting(folder(tmp_path, files))
    assert loaded.interventions.at[0, "passage"] == passage.strip()


def test_two_texts_of_one_name_are_a_fault(tmp_path):
    files = {"statements.csv": MINIMAL, "report.txt": "One.", "texts/report.txt": "Two."}
    ((file, *_),) = faults_of(folder(tmp_path, files))
    assert file in {"report.txt", "texts/report.txt"}


def test_the_nearest_passage_is_shown_where_a_quote_parts_from_it(tmp_path):
    copy = bundled(tmp_path)
    statements = copy / "statements.csv"
    edit(statements, 43, "quote", "Uruguay appealed for pragmatism of the States")
    ((file, line, column, expected, got),) = faults_of(copy)
    assert (file, line, column) == ("statements.csv", line_of(statements, "s043"), "quote")
    in_report = line_of(copy / "report.txt", "For his part, the representative of Peru")
    assert expected.startswith(f"words of the text; the nearest, on line {in_report}, go on ")
    assert "appealed for pragmatism by the St" in expected
    assert "appealed for pragmatism of the St" in got
    assert got.endswith("(they part at character 33 of the quote)")


# many faults at once


def test_one_error_lists_every_fault_of_a_folder(tmp_path):
    copy = bundled(tmp_path)
    statements, interventions = copy / "statements.csv", copy / "interventions.csv"
    edit(copy / "actors.csv", 2, "kind", "delegate")
    edit(copy / "codebook.csv", 3, "code", "key_terms")
    edit(interventions, 12, "actor", "Costarica")
    peru = "the first step was to begin to define the terms and then to continue by compiling"
    edit(
        interventions,
        19,
        "passage",
        f"{peru} inputs for the Global Compact.  However, Uruguay appealed for pragmatism",
    )
    edit(statements, 5, "quote", "The RCM was also working to find prevention measures")
    edit(statements, 14, "code", "specific_actionabel")
    edit(statements, 18, "quote", "subjects of law")
    edit(statements, 20, "stance", "2")
    edit(statements, 22, "statement", "s021")
    edit(statements, 30, "actor", "")
    lines = statements.read_bytes().decode().split("\n")
    lines[33] += ","
    statements.write_bytes("\n".join(lines).encode())
    (copy / "references.csv").unlink()
    (copy / "texts").mkdir()
    (copy / "texts" / "annex.txt").write_bytes("one\nSesión\n".encode("latin-1"))
    (copy / "datapackage.json").write_bytes(
        (copy / "datapackage.json").read_bytes().replace(b"sha256:8136", b"sha256:0000")
    )

    found = {fault[:3]: fault[3:] for fault in faults_of(copy)}
    on = {number: line_of(interventions, f"{number},") for number in (12, 19, 20)}
    near = line_of(copy / "report.txt", "As representative of the pro tempore Chair, Deputy")
    assert on[12] > 13  # passages of several lines stand before it
    expected = {
        ("texts/annex.txt", 2, None): ("UTF-8", "byte 0xf3, so this is probably Windows-1252"),
        ("references.csv", None, None): ("this file", "no such file"),
        ("report.txt", None, None): ("the text with sha256:0000", "sha256:8136"),
        ("actors.csv", 3, "kind"): ("one of delegation, ", "'delegate' (did you mean 'delegation'"),
        ("codebook.csv", 4, "code"): ("each code once", "'key_terms' again (first on line 2)"),
        ("interventions.csv", on[12], "actor"): (
            "an actor of actors.csv",
            "'Costarica' (did you mean 'Costa Rica'?)",
        ),
        ("interventions.csv", on[20], "passage"): (
            "passages that do not overlap",
            f"one that overlaps the passage of line {on[19]}",
        ),
        ("statements.csv", 6, "quote"): (
            f"words of the text; the nearest, on line {near}, go on",
            "…The RCM was also working to find prev",
        ),
        ("statements.csv", 15, "code"): ("a code of codebook", "(did you mean 'specific_actionab"),
        ("statements.csv", 19, "quote"): (
            "a quote that occurs once",
            "'subjects of law', found on",
        ),
        ("statements.csv", 21, "stance"): ("one of 1, -1", "'2'"),
        ("statements.csv", 23, "statement"): (
            "each statement once",
            "'s021' again (first on line 22)",
        ),
        ("statements.csv", 31, "actor"): ("a value", "nothing"),
        ("statements.csv", 34, None): ("7 cells, as in the header", "8 cells"),
        # the code whose place the repeated one took
        ("statements.csv", 46, "code"): ("a code of codebook.csv", "'document_expectations'"),
    }
    assert set(found) == set(expected)
    for place, (wanted, got) in expected.items():
        assert wanted in found[place][0], place
        assert got in found[place][1], place


def test_passages_may_touch(tmp_path):
    files = {
        "statements.csv": MINIMAL,
        "interventions.csv": "order,actor,passage\n1,A,One.\n2,B,Two.\n",
        "report.txt": "One.Two.",
    }
    assert len(cam.load_meeting(folder(tmp_path, files)).interventions) == 2


def test_faults_come_in_the_order_of_tables_and_lines(tmp_path):
    files = {
        "statements.csv": "actor,code\nC,tax\nA,\nD,tax\n",
        "actors.csv": "actor,kind\nA,x\n,chair\n",
        "codebook.csv": "code\ntax\ntax\n",
    }
    places = [fault[:2] for fault in faults_of(folder(tmp_path, files))]
    assert places == [
        ("actors.csv", 2),
        ("actors.csv", 3),
        ("codebook.csv", 3),
        ("statements.csv", 2),
        ("statements.csv", 3),
        ("statements.csv", 4),
    ]


def test_the_message_is_capped_and_the_faults_are_not(tmp_path):
    rows = "".join(f"A{n},\n" for n in range(57))
    with pytest.raises(cam.MeetingError) as caught:
        cam.load_meeting(folder(tmp_path, {"statements.csv": "actor,code\n" + rows}))
    lines = str(caught.value).splitlines()
    assert lines[0] == f"57 faults in {tmp_path}:"
    assert len(lines) == 1 + 20 + 1
    assert lines[-1] == "  … and 37 more: see the error's .faults"
    assert caught.value.faults["line"].tolist() == list(range(2, 59))


def test_twenty_faults_are_all_shown(tmp_path):
    rows = "".join(f"A{n},\n" for n in range(20))
    with pytest.raises(cam.MeetingError) as caught:
        cam.load_meeting(folder(tmp_path, {"statements.csv": "actor,code\n" + rows}))
    assert len(str(caught.value).splitlines()) == 1 + 20
    assert "more" not in str(caught.value)


def test_the_error_survives_pickling():
    """An error that cannot be unpickled breaks whoever loads meetings in several processes."""
    with pytest.raises(cam.MeetingError) as caught:
        cam.Meeting(pd.DataFrame({"actor": ["A", "B"], "code": ["tax", None]}))
    again = pickle.loads(pickle.dumps(caught.value))
    assert str(again) == str(caught.value)
    assert_frame_equal(again.faults, caught.value.faults)


# faults of frames


def test_a_frames_faults_name_the_table_and_the_row_from_one():
    statements = pd.DataFrame({"actor": ["A", "B"], "code": ["tax", "taxe"]}, index=[7, 7])
    codebook = pd.DataFrame({"code": ["tax"]})
    assert faults_of(statements, codebook=codebook) == [
        ("statements", 2, "code", "a code of codebook.csv", "'taxe' (did you mean 'tax'?)")
    ]


def test_a_frames_missing_column_has_no_row():
    fault = ("statements", None, "code", "this column", "columns actor")
    assert faults_of(pd.DataFrame({"actor": ["A"]}), texts={}) == [fault]


def test_a_frames_column_that_is_there_twice_is_a_fault():
    statements = pd.DataFrame([["A", "tax", "B"]], columns=["actor", "code", "actor"])
    ((file, _, column, expected, _),) = faults_of(statements, texts={})
    assert (file, column, expected) == ("statements", "actor", "each column once")


@pytest.mark.parametrize("table", ["statements", "actors"])
def test_a_table_that_is_no_frame_is_named(table):
    parts = {"statements": pd.DataFrame({"actor": ["A"], "code": ["tax"]})}
    with pytest.raises(TypeError, match=f"table of {table} must be a DataFrame, got list"):
        cam.Meeting(**{**parts, table: ["A"]})


@pytest.mark.parametrize("stance", [1.5, np.inf, True, "for"])
def test_a_frames_stance_that_is_no_stance_is_a_fault(stance):
    ((_, line, column, expected, got),) = faults_of(
        pd.DataFrame({"actor": ["A", "B"], "code": ["tax", "tax"], "stance": [1, stance]}), texts={}
    )
    assert (line, column, expected) == (2, "stance", "one of 1, -1")
    assert str(stance) in got


# text as it is


def test_na_is_a_text_and_only_an_empty_cell_is_missing(tmp_path):
    files = {
        "statements.csv": "actor,code,basis,note\nNA,null,explicit,nan\nNaN,None,,\n",
        "actors.csv": "actor,process\nNA,NA\nNaN,\n",
    }
    loaded = cam.load_meeting(folder(tmp_path, files))
    assert loaded.statements["actor"].tolist() == ["NA", "NaN"]
    assert loaded.statements["code"].tolist() == ["null", "None"]
    assert loaded.statements["basis"].isna().tolist() == [False, True]
    assert loaded.statements["note"].isna().tolist() == [False, True]
    assert loaded.actors["process"].isna().tolist() == [False, True]
    loaded.write(tmp_path / "again")
    assert_same(cam.load_meeting(tmp_path / "again"), loaded)


def convert(path, change):
    """Return a copy of the bundled folder, every file with its bytes changed."""
    copy = bundled(path)
    for file in copy.iterdir():
        file.write_bytes(change(file.read_bytes()))
    return copy


def test_a_folder_with_crlf_gives_identical_frames(meeting, tmp_path):
    copy = convert(tmp_path, lambda data: data.replace(b"\n", b"\r\n"))
    assert b"\r\n" in (copy / "report.txt").read_bytes()
    assert_same(cam.load_meeting(copy), meeting)


def test_a_folder_with_byte_order_marks_gives_identical_frames(meeting, tmp_path):
    copy = convert(tmp_path, lambda data: codecs.BOM_UTF8 + data)
    assert_same(cam.load_meeting(copy), meeting)


def test_a_folder_saved_by_notepad_gives_identical_frames(meeting, tmp_path):
    copy = convert(tmp_path, lambda data: codecs.BOM_UTF8 + data.replace(b"\n", b"\r\n"))
    assert_same(cam.load_meeting(copy), meeting)


def test_byte_order_marks_of_tables_alone_do_no_harm(meeting, tmp_path):
    copy = bundled(tmp_path)
    for table in copy.glob("*.csv"):
        table.write_bytes(codecs.BOM_UTF8 + table.read_bytes())
    assert_same(cam.load_meeting(copy), meeting)


def test_lines_are_counted_alike_with_crlf(tmp_path):
    table = 'actor,code,note\r\nA,tax,"one\r\ntwo"\r\n\r\nB,,\r\n'
    files = {"statements.csv": table}
    assert faults_of(folder(tmp_path, files)) == [
        ("statements.csv", 5, "code", "a value", "nothing")
    ]


@pytest.mark.parametrize(
    ("encoding", "named"), [("cp1252", "Windows-1252 or Latin-1"), ("utf-16", "UTF-16")]
)
def test_every_file_in_another_encoding_is_named(encoding, named, tmp_path):
    copy = convert(tmp_path, lambda data: data.decode().encode(encoding))
    unreadable = {file.name for file in copy.iterdir() if not _is_utf8(file.read_bytes())}
    faults = [fault for fault in faults_of(copy) if fault[3] == "UTF-8"]
    assert {fault[0] for fault in faults} == unreadable
    assert unreadable >= {"actors.csv", "interventions.csv", "report.txt"}
    assert all(named in fault[4] and fault[1] >= 1 for fault in faults)


def _is_utf8(data):
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


@pytest.mark.parametrize("cell", ["+1", "1", " 1 "])
def test_support_may_be_written_with_its_sign(cell, tmp_path):
    files = {"statements.csv": f"actor,code,stance\nA,tax,{cell}\n"}
    assert cam.load_meeting(folder(tmp_path, files)).statements["stance"].tolist() == [1]


@pytest.mark.parametrize("cell", ["-1", "\N{MINUS SIGN}1"])
def test_opposition_may_be_written_with_a_true_minus_sign(cell, tmp_path):
    files = {"statements.csv": f"actor,code,stance\nA,tax,{cell}\n"}
    assert cam.load_meeting(folder(tmp_path, files)).statements["stance"].tolist() == [-1]


# what may be left out


def test_a_minimal_meeting_needs_only_actor_and_code(tmp_path):
    loaded = cam.load_meeting(folder(tmp_path, {"statements.csv": "actor,code\nB,tax\nA,fee\n"}))
    expected = pd.DataFrame(
        {
            "statement": pd.Series(["s1", "s2"], dtype="str"),
            "actor": pd.Series(["B", "A"], dtype="str"),
            "code": pd.Series(["tax", "fee"], dtype="str"),
            "stance": pd.Series([1, 1], dtype="Int8"),
        }
    )
    assert_frame_equal(loaded.statements, expected)
    assert loaded.actors["actor"].tolist() == ["B", "A"]
    positions = loaded.positions(by="code")
    assert positions.index.tolist() == ["B", "A"]
    assert positions.columns.tolist() == ["tax", "fee"]
    assert positions.isna().to_numpy().tolist() == [[False, True], [True, False]]
    assert loaded.texts == {}
    assert loaded.title == ""
    assert loaded.stances == (1, -1)


def test_absent_tables_are_empty_and_have_their_columns(tmp_path):
    loaded = cam.load_meeting(folder(tmp_path, {"statements.csv": MINIMAL}))
    columns = {name: table.columns.tolist() for name, table in tables_of(loaded).items()}
    assert columns["codebook"] == ["code"]
    assert columns["interventions"] == ["order", "actor", "passage"]
    assert columns["references"] == ["actor", "target", "relation"]
    for name in ("codebook", "interventions", "references"):
        assert getattr(loaded, name).empty


def test_a_table_without_rows_is_a_meeting_of_nothing(tmp_path):
    loaded = cam.load_meeting(folder(tmp_path, {"statements.csv": "actor,code\n"}))
    assert loaded.statements.empty
    assert loaded.positions(by="code").empty
    assert loaded.statements.dtypes.astype("str").to_dict() == {
        "statement": "str",
        "actor": "str",
        "code": "str",
        "stance": "Int8",
    }


def test_generated_identifiers_sort_as_they_stand():
    statements = pd.DataFrame({"actor": ["A"] * 12, "code": [f"c{n}" for n in range(12)]})
    ids = cam.Meeting(statements).statements["statement"].tolist()
    assert ids[0] == "s01"
    assert ids == sorted(ids)
    assert len(set(ids)) == 12


def test_actors_come_in_order_of_first_appearance_in_all_tables():
    made = cam.Meeting(
        pd.DataFrame({"actor": ["C", "A", "C"], "code": ["x", "x", "y"]}),
        interventions=pd.DataFrame({"order": [1], "actor": ["B"], "passage": ["x"]}),
        references=pd.DataFrame({"actor": [None], "target": ["D"], "relation": ["echoes"]}),
    )
    assert made.actors["actor"].tolist() == ["C", "A", "B", "D"]


def test_without_kinds_everyone_counts_and_with_them_the_delegations(tmp_path):
    files = {"statements.csv": MINIMAL, "actors.csv": "actor,kind\nA,chair\nB,delegation\n"}
    with_kinds = cam.load_meeting(folder(tmp_path / "with", files))
    assert with_kinds.positions("code").index.tolist() == ["B"]
    assert with_kinds.positions("code", kinds="chair").index.tolist() == ["A"]
    files["actors.csv"] = "actor\nA\nB\n"
    without = cam.load_meeting(folder(tmp_path / "without", files))
    assert without.positions("code").index.tolist() == ["A", "B"]


def test_kinds_without_a_delegation_leave_nobody_out():
    actors = pd.DataFrame({"actor": ["A", "B"], "kind": ["chair", None]})
    statements = pd.DataFrame({"actor": ["A", "B"], "code": ["x", "x"]})
    assert cam.Meeting(statements, actors=actors).positions("code").index.tolist() == ["A", "B"]


def test_speaking_order_decides_the_order_of_rows():
    actors = pd.DataFrame({"actor": ["A", "B", "C"], "speaking_order": [None, 2, 1]})
    statements = pd.DataFrame({"actor": ["A", "B", "C"], "code": ["x", "x", "x"]})
    made = cam.Meeting(statements, actors=actors)
    assert made.positions("code").index.tolist() == ["C", "B", "A"]


# extra columns, offsets, several texts, ordinal stances


def test_extra_columns_are_kept(tmp_path):
    files = {"statements.csv": "note,actor,code,page\n x ,A,tax,3\n,B,tax,\n"}
    loaded = cam.load_meeting(folder(tmp_path / "one", files))
    assert set(loaded.statements) == {"note", "statement", "actor", "code", "stance", "page"}
    assert loaded.statements["note"].fillna("-").tolist() == [" x ", "-"]
    assert loaded.statements["page"].fillna("-").tolist() == ["3", "-"]
    loaded.write(tmp_path / "two")
    assert_same(cam.load_meeting(tmp_path / "two"), loaded)


def test_extra_columns_of_frames_keep_their_types():
    statements = pd.DataFrame({"actor": ["A"], "code": ["tax"], "page": [3], "share": [0.5]})
    kept = cam.Meeting(statements).statements
    assert kept["page"].tolist() == [3]
    assert kept["page"].dtype == "int64"
    assert kept["share"].dtype == "float64"


def test_a_quote_with_offsets_need_not_be_unique(tmp_path):
    files = {
        "statements.csv": "actor,code,quote,start,stop\nA,x,tax,2,5\nB,x,tax,9,\nC,x,tax,,12\n",
        "report.txt": "A tax, a tax.",
    }
    loaded = cam.load_meeting(folder(tmp_path, files))
    places = {name: (q.start, q.stop) for name in "ABC" for q in loaded.evidence(name)}
    assert places == {"A": (2, 5), "B": (9, 12), "C": (9, 12)}
    assert loaded.statements["start"].dtype == "Int64"
    assert loaded.statements["start"].fillna(-1).tolist() == [2, 9, -1]


def test_offsets_count_code_points():
    text = "🌎 a tax, a tax"
    statements = pd.DataFrame(
        {"actor": ["A"], "code": ["x"], "quote": ["a tax"], "start": [9], "stop": [14]}
    )
    (quotation,) = cam.Meeting(statements, texts=text).evidence("A")
    assert text[quotation.start : quotation.stop] == "a tax"
    assert quotation.start == 9


def test_several_texts_are_told_apart_by_the_column_document(tmp_path):
    files = {
        "statements.csv": "actor,code,quote,document\nA,tax,a tax,day2\nB,tax,a tax,day1\n",
        "texts/day1.txt": "We want a tax.",
        "texts/day2.txt": "So, a tax it is.",
    }
    loaded = cam.load_meeting(folder(tmp_path / "one", files))
    assert loaded.texts == {"day1": "We want a tax.", "day2": "So, a tax it is."}
    found = {name: loaded.evidence(name)[0] for name in "AB"}
    assert {name: (q.document, q.start) for name, q in found.items()} == {
        "A": ("day2", 4),
        "B": ("day1", 8),
    }
    with pytest.raises(ValueError, match=r"has 2 texts, not one: see `texts` \(day1, day2\)"):
        _ = loaded.text
    loaded.write(tmp_path / "two")
    assert_same(cam.load_meeting(tmp_path / "two"), loaded)


@pytest.mark.parametrize("name", ["day-1", "Day 1", "Sesión", "actors", "REPORT"])
def test_a_written_meeting_is_a_valid_data_package_whatever_its_texts_are_called(name, tmp_path):
    statements = pd.DataFrame(
        {"actor": ["A", "B"], "code": ["x", "x"], "quote": ["One", "Two"]}
    ).assign(document=["report", name])
    made = cam.Meeting(statements, texts={"report": "One.", name: "Two."})
    made.write(tmp_path)
    report = frictionless.validate(str(tmp_path / "datapackage.json"))
    assert report.flatten(["type", "message"]) == []
    assert_same(cam.load_meeting(tmp_path), made)


@pytest.mark.parametrize("name", ["a/b", "../outside"])
def test_a_text_whose_name_is_no_file_name_is_refused(name, tmp_path):
    statements = pd.DataFrame({"actor": ["A"], "code": ["x"]})
    with pytest.raises(ValueError, match="text"):
        cam.Meeting(statements, texts={name: "One."}).write(tmp_path / "a" / "meeting")
    assert list(tmp_path.rglob("*.txt")) == []


def test_the_text_of_a_meeting_without_texts_is_a_clear_error():
    with pytest.raises(ValueError, match="has 0 texts, not one"):
        _ = cam.Meeting(pd.DataFrame({"actor": ["A"], "code": ["x"]})).text


@pytest.fixture
def ordinal(tmp_path):
    files = {
        "statements.csv": "actor,code,stance\nA,tax,2\nB,tax,0\nB,tax,1\n",
        "datapackage.json": '{"title": "Ordinal", "stances": [0, 1, 2]}',
    }
    return cam.load_meeting(folder(tmp_path / "ordinal", files))


def test_ordinal_stances_are_declared_in_the_data_package(ordinal):
    assert ordinal.stances == (0, 1, 2)
    tally = ordinal.tally("code")
    assert tally.columns.tolist() == [("tax", 0), ("tax", 1), ("tax", 2)]
    assert tally.loc["B"].tolist() == [1, 1, 0]
    assert ordinal.statements["stance"].dtype == "Int8"
    assert ordinal.metadata == {"title": "Ordinal"}


def test_ordinal_stances_are_written_and_kept_by_replace(ordinal, tmp_path):
    ordinal.write(tmp_path / "again")
    assert_same(cam.load_meeting(tmp_path / "again"), ordinal)
    assert json.loads((tmp_path / "again" / "datapackage.json").read_text("utf-8"))["stances"] == [
        0,
        1,
        2,
    ]
    assert ordinal.replace(metadata={"title": "x"}).stances == (0, 1, 2)


def test_positions_of_ordinal_stances_are_a_clear_error(ordinal):
    with pytest.raises(ValueError, match=r"this tally has \[0, 1, 2\]: use the tally itself"):
        ordinal.positions("code")


def test_a_scale_of_stances_may_go_beyond_a_byte():
    statements = pd.DataFrame({"actor": ["A", "B"], "code": ["x", "x"], "stance": [0, 200]})
    made = cam.Meeting(statements, stances=range(0, 1001, 100))
    assert made.statements["stance"].tolist() == [0, 200]


# two doors, fresh frames, frozen meetings


def plain(name):
    """Read a bundled table as a user of pandas would."""
    return pd.read_csv(DATA / f"{name}.csv", keep_default_na=False, na_values=[""])


def test_folder_and_frames_give_the_same_meeting(meeting):
    text = (DATA / "report.txt").read_bytes().decode()
    made = cam.Meeting(**{name: plain(name) for name in TABLES}, texts=text)
    assert_same(made, meeting)
    assert_frame_equal(made.positions(), meeting.positions())
    assert_frame_equal(made.coverage(), meeting.coverage())
    for actor in meeting.actors["actor"]:
        assert_frame_equal(made.evidence(actor).frame, meeting.evidence(actor).frame)


def test_a_meetings_own_frames_make_the_same_meeting(meeting):
    made = cam.Meeting(**tables_of(meeting), texts=meeting.texts, metadata=meeting.metadata)
    assert_same(made, meeting)
    assert made.metadata == meeting.metadata
    assert made.title == meeting.title


def test_the_path_may_be_text_or_path(meeting):
    assert_same(cam.load_meeting(DATA), meeting)
    assert_same(cam.load_meeting(str(DATA)), meeting)


def test_columns_have_the_dtypes_of_the_spec(meeting):
    assert meeting.actors["speaking_order"].dtype == "Int64"
    assert meeting.interventions["order"].dtype == "Int64"
    assert meeting.statements["stance"].dtype == "Int8"
    for table in tables_of(meeting).values():
        others = table.drop(columns=["speaking_order", "order", "stance"], errors="ignore")
        assert set(others.dtypes.astype("str")) == {"str"}


def test_dates_of_frames_become_iso_dates():
    statements = pd.DataFrame(
        {"actor": ["A", "B"], "code": ["x", "x"], "date": pd.to_datetime(["2017-10-17", None])}
    )
    dates = cam.Meeting(statements).statements["date"]
    assert dates.fillna("-").tolist() == ["2017-10-17", "-"]
    statements["date"] = [datetime.date(2017, 10, 17), None]
    assert_frame_equal(cam.Meeting(statements).statements[["date"]], dates.to_frame())


def test_frames_are_fresh(meeting):
    before = tables_of(meeting)
    for name in TABLES:
        table = getattr(meeting, name)
        table.loc[:, "actor" if "actor" in table else "code"] = "nobody"
        table["new"] = 1
    texts, metadata = meeting.texts, meeting.metadata
    texts["report"] = ""
    metadata["sources"].clear()
    for name, table in before.items():
        assert_frame_equal(getattr(meeting, name), table)
    assert meeting.texts["report"] == meeting.text != ""
    assert len(meeting.metadata["sources"]) == 3


def test_a_meeting_does_not_follow_what_it_was_made_of():
    statements = pd.DataFrame({"actor": ["A"], "code": ["x"], "page": [1]})
    texts, metadata = {"report": "One."}, {"title": "x", "sources": [{"title": "One"}]}
    made = cam.Meeting(statements, texts=texts, metadata=metadata)
    statements.loc[0, ["actor", "page"]] = ["B", 2]
    texts["report"] = "Two."
    metadata["title"] = "y"
    metadata["sources"].append({"title": "Two"})
    assert made.statements[["actor", "page"]].to_numpy().tolist() == [["A", 1]]
    assert made.text == "One."
    assert made.metadata == {"title": "x", "sources": [{"title": "One"}]}


@pytest.mark.parametrize("name", ["statements", "texts", "title", "note"])
def test_a_meeting_is_frozen(meeting, name):
    with pytest.raises(AttributeError, match=rf"frozen.*meeting\.replace\({name}="):
        setattr(meeting, name, "x")


def test_replace_changes_a_copy_and_checks_it(meeting):
    explicit = meeting.statements.query("basis == 'explicit'")
    changed = meeting.replace(statements=explicit, metadata={"title": "Explicit only"})
    assert len(changed.statements) == 55
    assert changed.title == "Explicit only"
    assert changed.texts == meeting.texts
    assert_frame_equal(changed.actors, meeting.actors)
    assert len(meeting.statements) == 57
    with pytest.raises(cam.MeetingError, match=r"an actor of actors\.csv"):
        meeting.replace(statements=explicit.assign(actor="Canda"))
    with pytest.raises(cam.MeetingError, match="words of the text"):
        meeting.replace(texts="qqqq")


def test_replacing_nothing_gives_the_same_meeting(meeting):
    assert_same(meeting.replace(), meeting)
    assert meeting.replace().metadata == meeting.metadata


def test_replaced_statements_bring_their_actors_where_no_actors_were_given():
    made = cam.Meeting(pd.DataFrame({"actor": ["A", "B"], "code": ["x", "x"]}))
    changed = made.replace(statements=pd.DataFrame({"actor": ["C", "A"], "code": ["x", "x"]}))
    assert changed.actors["actor"].tolist() == ["C", "A"]


def test_a_meeting_survives_pickling(meeting):
    assert_same(pickle.loads(pickle.dumps(meeting)), meeting)


TEXT = st.text(
    st.characters(codec="utf-8", exclude_characters="\r\0\ufeff") | st.sampled_from(' ,;"\n'),
    min_size=1,
    max_size=12,
)


@given(
    statements=st.lists(st.tuples(TEXT, TEXT, TEXT | st.none(), st.sampled_from([1, -1]))),
    report=TEXT,
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_what_is_written_is_what_is_loaded(statements, report, tmp_path_factory):
    frame = pd.DataFrame(statements, columns=["actor", "code", "note", "stance"])
    made = cam.Meeting(frame.astype({"note": "str"}), texts={"a": report})
    path = tmp_path_factory.mktemp("written")
    made.write(path)
    assert_same(cam.load_meeting(path), made)


# choices, and what is asked of a meeting that does not have it


@pytest.mark.parametrize(
    ("choice", "match"),
    [
        (
            {"by": "codes"},
            r"`by` must be one of \['dimension', 'code'\], but 'codes' \(did you",
        ),
        ({"duplicates": "twice"}, r"`duplicates` must be one of \['once', 'document', 'all'\]"),
        ({"kinds": "delegations"}, r"`kinds` .*'delegations' \(did you mean 'delegation'\?\)"),
        ({"kinds": ["chair", "nobody"]}, r"`kinds` must be among .*'nobody' was passed"),
        ({"basis": "by reference"}, r"`basis` .*'by reference' \(did you mean 'by_reference'\?\)"),
        ({"coder": "camdat"}, r"`coder` must be among \['camdata'\].*did you mean 'camdata'"),
    ],
    ids=lambda value: str(value) if isinstance(value, dict) else "",
)
def test_an_unknown_choice_lists_the_known_ones(meeting, choice, match):
    for method in (meeting.tally, meeting.positions):
        with pytest.raises(ValueError, match=match):
            method(**choice)


@pytest.mark.parametrize(
    ("choice", "match"),
    [
        ({"by": "dimension"}, "has no dimensions: they come from the codebook"),
        ({"kinds": "chair"}, "the actors of this meeting have no kinds"),
        ({"basis": "explicit"}, "the statements have no column 'basis'"),
        ({"coder": "Ann"}, "the statements have no column 'coder'"),
        ({"duplicates": "document"}, "needs the column `document`"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_what_a_minimal_meeting_does_not_have_is_a_clear_error(choice, match):
    made = cam.Meeting(pd.DataFrame({"actor": ["A", "B"], "code": ["x", "x"]}))
    with pytest.raises(ValueError, match=match):
        made.tally(**{"by": "code", **choice})


def test_a_codebook_without_dimensions_gives_codes_and_no_dimensions():
    made = cam.Meeting(
        pd.DataFrame({"actor": ["A"], "code": ["x"]}),
        codebook=pd.DataFrame({"code": ["y", "x"]}),
    )
    assert made.positions("code").columns.tolist() == ["y", "x"]
    with pytest.raises(ValueError, match=r"no dimensions.*Use by='code', or add a codebook"):
        made.positions()


def test_several_coders_of_one_actor_need_a_choice():
    statements = pd.DataFrame(
        {
            "actor": ["A", "A", "B"],
            "code": ["x", "y", "x"],
            "coder": ["Ann", "Bob", "Ann"],
        }
    )
    made = cam.Meeting(statements)
    with pytest.raises(ValueError, match=r"\(A\); choose with coder=, one of \['Ann', 'Bob'\]"):
        made.positions("code")
    assert made.tally("code", coder="Ann").sum(axis="columns").tolist() == [1, 1]
    assert made.tally("code", coder="Bob").sum(axis="columns").tolist() == [1, 0]
    assert made.tally("code", coder=["Ann", "Bob"]).sum(axis="columns").tolist() == [2, 1]


def test_coders_who_share_no_actor_need_no_choice():
    statements = pd.DataFrame({"actor": ["A", "B"], "code": ["x", "x"], "coder": ["Ann", "Bob"]})
    assert cam.Meeting(statements).positions("code")["x"].tolist() == [1, 1]


# parts rejoin


@pytest.mark.parametrize("by", ["dimension", "code"])
@pytest.mark.parametrize("kinds", [None, ["delegation", "chair", "official", "organisation"]])
def test_explicit_and_by_reference_rejoin_to_all(meeting, by, kinds):
    parts = [
        meeting.tally(by, basis=basis, duplicates="all", kinds=kinds)
        for basis in ("explicit", "by_reference")
    ]
    assert_frame_equal(parts[0] + parts[1], meeting.tally(by, duplicates="all", kinds=kinds))
    assert parts[1].to_numpy().sum() == 2


def test_kinds_rejoin_to_everyone(meeting):
    kinds = meeting.actors["kind"].unique().tolist()
    parts = pd.concat([meeting.tally("code", kinds=kind) for kind in kinds])
    everyone = meeting.tally("code", kinds=kinds)
    assert sorted(parts.index) == sorted(everyone.index) == sorted(meeting.actors["actor"])
    assert_frame_equal(parts.loc[everyone.index], everyone)


def test_meetings_of_the_parts_rejoin_to_the_whole(meeting):
    by_basis = dict(list(meeting.statements.groupby("basis")))
    parts = [meeting.replace(statements=part).statements for part in by_basis.values()]
    whole = pd.concat(parts).sort_values("statement", ignore_index=True)
    assert_frame_equal(whole, meeting.statements)


def test_writing_beside_what_is_not_the_meetings_own_is_refused(tmp_path):
    whole, bare = cam.load_meeting(), cam.Meeting(pd.DataFrame({"actor": ["A"], "code": ["tax"]}))
    whole.write(tmp_path)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    with pytest.raises(FileExistsError, match=r"actors\.csv, codebook\.csv, .*report\.txt, which"):
        bare.write(tmp_path)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before
    whole.write(tmp_path)  # over itself is no trouble
    assert cam.load_meeting(tmp_path).statements.equals(whole.statements)


def test_writing_beside_other_files_leaves_them(tmp_path):
    (tmp_path / "notes.md").write_text("mine", encoding="utf-8")
    cam.Meeting(pd.DataFrame({"actor": ["A"], "code": ["tax"]})).write(tmp_path)
    assert (tmp_path / "notes.md").read_text(encoding="utf-8") == "mine"
    assert cam.load_meeting(tmp_path).statements["code"].tolist() == ["tax"]
