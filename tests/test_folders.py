"""A meeting's folder: every file that is there is read, or a fault; nothing outside is opened."""

import codecs
import hashlib
import json
import os
import socket
from pathlib import Path

import pandas as pd
import pytest
from conftest import MINIMAL, assert_same, faults_of, write_folder
from hypothesis import given, settings
from hypothesis import strategies as st

import camdata as cam

JSON = "what JSON holds: text, numbers, true, false, null, lists and objects"
RESOURCES = "a list of JSON objects, one for each file"
ZERO = "sha256:" + 64 * "0"
STATEMENTS = {"statements.csv": MINIMAL}


def described(**parts):
    """Return the files of a small folder with a datapackage.json that says this."""
    return {**STATEMENTS, "datapackage.json": json.dumps(parts)}


def listing(*paths, **more):
    return described(resources=[{"path": path, **more} for path in paths])


# what is not there, or is not what it should be

FAULTS = {
    "no statements": (
        {"actors.csv": "actor\nA\n"},
        ("statements.csv", None, None, "this file", "no such file"),
    ),
    "a misspelt file": (
        {"statement.csv": MINIMAL},
        ("statements.csv", None, None, "this file", "no such file (did you mean 'statement.csv'?)"),
    ),
    "a folder in place of the file": (
        {"statements.csv/keep.txt": ""},
        ("statements.csv", None, None, "a file", "a folder"),
    ),
    "a folder in place of a text": (
        {**STATEMENTS, "texts/a.txt/keep": ""},
        ("texts/a.txt", None, None, "a file", "a folder"),
    ),
    "a file in place of the texts": (
        {**STATEMENTS, "texts": "One."},
        ("texts", None, None, "a folder", "a file"),
    ),
    "a text in another case": (
        {**STATEMENTS, "texts/a.TXT": "One."},
        ("texts/a.TXT", None, None, "a name that ends in .txt", ".TXT: rename it"),
    ),
    "a declared file that is not there": (
        listing("codebook.csv"),
        ("codebook.csv", None, None, "this file", "no such file"),
    ),
    "a declared text that is not there": (
        {**listing("texts/day1.txt"), "texts/day2.txt": "One."},
        (
            "texts/day1.txt",
            None,
            None,
            "this file",
            "no such file (did you mean 'day2.txt'?)",
        ),
    ),
    "a declared folder": (
        {**listing("notes"), "notes/a": ""},
        ("notes", None, None, "a file", "a folder"),
    ),
    "a text that was changed": (
        {**listing("report.txt", hash=ZERO), "report.txt": "We want a tax."},
        (
            "report.txt",
            None,
            None,
            f"the text with {ZERO}, as datapackage.json says",
            "sha256:" + hashlib.sha256(b"We want a tax.").hexdigest(),
        ),
    ),
    "a hash that is no text": (
        {**listing("report.txt", hash=["sha256"]), "report.txt": "We want a tax."},
        ("datapackage.json", None, "hash", "text such as sha256:…", "\"['sha256']\""),
    ),
    "two texts of one name": (
        {**STATEMENTS, "report.txt": "One.", "texts/report.txt": "Two."},
        ("texts/report.txt", None, None, "each name of a text once", "it again"),
    ),
    "a text in Latin-1": (
        {**STATEMENTS, "report.txt": "one\nSesión".encode("latin-1")},
        (
            "report.txt",
            2,
            None,
            "UTF-8",
            "byte 0xf3, so this is probably Windows-1252 or Latin-1: save it as UTF-8",
        ),
    ),
    "a text in no usual encoding": (
        {**STATEMENTS, "report.txt": b"one\nSesi\x81n"},
        (
            "report.txt",
            2,
            None,
            "UTF-8",
            "byte 0x81, so this is neither UTF-8 nor Windows-1252: save it as UTF-8",
        ),
    ),
    "a text with a NUL": (
        {**STATEMENTS, "report.txt": "one\ntwo\0"},
        (
            "report.txt",
            2,
            None,
            "text without NUL and without unpaired surrogates",
            r"'\x00'",
        ),
    ),
    "a table with a NUL": (
        {"statements.csv": MINIMAL + "C,\0\n"},
        (
            "statements.csv",
            4,
            None,
            "text without NUL and without unpaired surrogates",
            r"'\x00'",
        ),
    ),
    "a row too long": (
        {"statements.csv": "actor,code\nA,tax\nB,tax,\nC,tax\n"},
        ("statements.csv", 3, None, "2 cells, as in the header", "3 cells"),
    ),
    "a row too short, below a blank line and a quoted one": (
        {"statements.csv": 'actor,code,note\nA,tax,"one\n\ntwo"\n\nB,tax\nC,tax,\n'},
        ("statements.csv", 6, None, "3 cells, as in the header", "2 cells"),
    ),
    "no JSON": (
        {**STATEMENTS, "datapackage.json": '{"title": "x",\n "name": }'},
        ("datapackage.json", 2, None, "JSON", "Expecting value"),
    ),
    "no JSON object": (
        {**STATEMENTS, "datapackage.json": '["statements.csv"]'},
        ("datapackage.json", 1, None, "a JSON object", "'[\"statements.csv\"]'"),
    ),
    "an empty datapackage.json": (
        {**STATEMENTS, "datapackage.json": ""},
        ("datapackage.json", 1, None, "JSON", "Expecting value"),
    ),
    "a number that is none": (
        {**STATEMENTS, "datapackage.json": '{"a": Infinity}'},
        (
            "datapackage.json",
            None,
            "a",
            JSON,
            "Out of range float values are not JSON compliant",
        ),
    ),
    "resources that are no list": (
        described(resources={"path": "statements.csv"}),
        ("datapackage.json", None, "resources", RESOURCES, "\"{'path': 'statements.csv'}\""),
    ),
    "a resource that is no object": (
        described(resources=["statements.csv"]),
        ("datapackage.json", None, "resources", RESOURCES, "\"['statements.csv']\""),
    ),
    "a table somewhere else": (
        {
            **described(resources=[{"name": "actors", "path": "data/actors.csv"}]),
            "data/actors.csv": "actor\nA\nB\n",
        },
        (
            "datapackage.json",
            None,
            "path",
            "the file actors.csv for actors",
            "'data/actors.csv'",
        ),
    ),
}


@pytest.mark.parametrize(("files", "fault"), FAULTS.values(), ids=FAULTS)
def test_a_fault_names_place_expected_and_got(files, fault, tmp_path):
    assert faults_of(write_folder(tmp_path, files)) == [fault]


@pytest.mark.parametrize(
    ("stances", "got"),
    [
        ("[]", "no whole numbers"),
        ("null", "'None'"),
        ('[1, "for"]', "'for' among them"),
        ("[true, false]", "'True' among them"),
        ("[1, 1.0]", "'1.0' among them"),
        ("[1, 1]", "1 twice"),
        ("[9223372036854775808]", "9223372036854775808, which is beyond 64 bits"),
        ('{"1": -1}', "\"{'1': -1}\""),
    ],
)
def test_a_declared_scale_is_checked(stances, got, tmp_path):
    files = {**STATEMENTS, "datapackage.json": f'{{"stances": {stances}}}'}
    expected = "different whole numbers"
    assert faults_of(write_folder(tmp_path, files)) == [
        ("datapackage.json", None, "stances", expected, got)
    ]


@pytest.mark.parametrize(
    "text",
    [
        '{"a": ' + "9" * 5000 + "}",
        '{"a": ' + "[" * 100_000 + "]" * 100_000 + "}",
        '{"a": ' + "[" * 900 + "]" * 900 + "}",
        r'{"title": "\ud800"}',
    ],
    ids=["digits", "very deep", "deep", "half a character"],
)
def test_json_that_cannot_be_written_again_is_a_fault_and_no_more(text, tmp_path):
    folder = write_folder(tmp_path, {**STATEMENTS, "datapackage.json": text})
    assert {fault[0] for fault in faults_of(folder)} == {"datapackage.json"}


WORDS = st.sampled_from(["path", "name", "hash", "schema", "fields", "dtype", "resources"])
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inside: (
        st.lists(inside, max_size=4)
        | st.dictionaries(WORDS | st.text(max_size=5), inside, max_size=4)
    ),
)


@given(said=ANYTHING)
@settings(deadline=None, max_examples=10)
def test_whatever_a_data_package_says_the_folder_is_read_or_refused(said, tmp_path_factory):
    folder = write_folder(tmp_path_factory.mktemp("any"), described(resources=said, other=said))
    try:
        loaded = cam.load_meeting(folder)
    except cam.MeetingError as error:
        refused = error.faults["file"].tolist()
    else:
        refused = []
        assert loaded.metadata == {"other": said}
        assert len(loaded.statements) == 2
    assert isinstance(said, list) or refused == ["datapackage.json"]


# a folder that is none


@pytest.mark.parametrize(
    ("make", "got"),
    [
        (lambda path: None, "nothing there"),
        (os.mkfifo, "a file"),
        (lambda path: path.symlink_to("nowhere"), "nothing there"),
        (lambda path: path.symlink_to(path.name), "a link that leads back to itself"),
    ],
    ids=["missing", "pipe", "dangling link", "looping link"],
)
def test_a_meeting_is_a_folder(make, got, tmp_path):
    path = tmp_path / "meeting"
    make(path)
    expected = "a folder or a file" if got == "nothing there" else "a folder"
    assert faults_of(path) == [(str(path), None, None, expected, got)]
    assert faults_of(str(path)) == [(str(path), None, None, expected, got)]


def test_a_folder_may_be_reached_by_a_link(tmp_path):
    write_folder(tmp_path / "real", STATEMENTS)
    (tmp_path / "link").symlink_to("real")
    assert len(cam.load_meeting(tmp_path / "link").statements) == 2


def test_a_folder_that_may_not_be_listed_is_a_fault(tmp_path, monkeypatch):
    def refuse(path):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "iterdir", refuse)
    assert faults_of(tmp_path) == [(str(tmp_path), None, None, "a folder", "Permission denied")]


# files that are there, but not as files

OWN = ["actors.csv", "codebook.csv", "statements.csv", "datapackage.json", "report.txt"]


def pipe(path):
    os.mkfifo(path)


def bound_socket(path):
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(os.path.relpath(path))


def loop(path):
    path.symlink_to(path.name)


def dangling(path):
    path.symlink_to("nowhere")


STRANGE = {
    "a folder": (lambda path: path.mkdir(), "a folder"),
    "a pipe": (pipe, "something that is no file"),
    "a socket": (bound_socket, "something that is no file"),
    "a dangling link": (dangling, "a link to nothing"),
    "a looping link": (loop, "a link that leads back to itself"),
    "a device": (lambda path: path.symlink_to("/dev/zero"), "a link that leaves the folder"),
}


@pytest.mark.parametrize("name", ["statements.csv", "datapackage.json", "texts/a.txt"])
@pytest.mark.parametrize(("make", "got"), STRANGE.values(), ids=STRANGE)
def test_a_file_that_is_none_is_a_fault_and_never_silence(make, got, name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    folder = write_folder(tmp_path / "m", {**STATEMENTS, "texts/b.txt": "One."})
    (folder / name).unlink(missing_ok=True)
    make(folder / name)
    assert [(fault[0], fault[4]) for fault in faults_of(folder)] == [(name, got)]


@pytest.mark.parametrize("name", [*OWN, "texts/a.txt"])
def test_a_link_that_leaves_the_folder_is_not_followed(name, tmp_path, monkeypatch):
    secret = tmp_path / "secret"
    secret.write_text(MINIMAL)
    folder = write_folder(tmp_path / "m", {**STATEMENTS, "texts/b.txt": "One."})
    (folder / name).unlink(missing_ok=True)
    (folder / name).symlink_to(secret)
    read = Path.read_bytes

    def watched(path):
        assert path.resolve() != secret
        return read(path)

    monkeypatch.setattr(Path, "read_bytes", watched)
    assert [fault[::4] for fault in faults_of(folder)] == [(name, "a link that leaves the folder")]


@pytest.mark.parametrize(
    ("make", "got"),
    [
        (lambda path, other: path.symlink_to(other), "a link that leaves the folder"),
        (lambda path, other: path.symlink_to("nowhere"), "a link to nothing"),
        (lambda path, other: path.symlink_to("texts"), "a link that leads back to itself"),
        (lambda path, other: os.mkfifo(path), "a file"),
    ],
    ids=["outside", "dangling", "looping", "pipe"],
)
def test_texts_that_are_no_folder_of_the_folder_are_a_fault(make, got, tmp_path):
    other = write_folder(tmp_path / "other", {"secret.txt": "One."})
    folder = write_folder(tmp_path / "m", STATEMENTS)
    make(folder / "texts", other)
    assert [fault[::4] for fault in faults_of(folder)] == [("texts", got)]


@pytest.mark.parametrize(
    "name",
    [
        "Actors.csv",
        "STATEMENTS.CSV",
        "codebook.CSV",
        "Report.txt",
        "report.TXT",
        "Datapackage.json",
    ],
)
def test_a_name_in_another_case_is_a_fault_and_not_another_file(name, tmp_path):
    folder = write_folder(tmp_path, {**STATEMENTS, name: "actor,code\nA,tax\n"})
    own = name.lower()
    assert (name, None, None, f"the name {own}", f"'{name}': rename it") in faults_of(folder)


def test_texts_in_another_case_are_a_fault(tmp_path):
    folder = write_folder(tmp_path, {**STATEMENTS, "Texts/a.txt": "One."})
    assert faults_of(folder) == [("Texts", None, None, "the name texts", "'Texts': rename it")]


@pytest.mark.parametrize("name", [b"a\xff.txt", b"e" * 250 + b".txt"])
def test_a_text_whose_name_could_not_be_written_again_is_a_fault(name, tmp_path):
    folder = write_folder(tmp_path, {**STATEMENTS, "texts/b.txt": "One."})
    with open(os.path.join(os.fsencode(folder), b"texts", name), "wb"):
        pass
    ((file, _, _, expected, got),) = faults_of(folder)
    assert (file, expected) == ("texts", "a name that can be a file's")
    assert got


def test_other_files_and_hidden_ones_are_let_alone(tmp_path):
    files = {
        **STATEMENTS,
        "notes.md": "mine",
        "._statements.csv": b"\0\x05\x16\x07",
        "texts/a.txt": "One.",
        "texts/._a.txt": b"\0\x05\x16\x07",
        "texts/.ipynb_checkpoints/a.txt": "Two.",
        "texts/notes.md": "mine",
    }
    assert cam.load_meeting(write_folder(tmp_path, files)).texts == {"a": "One."}


# declared paths

BAD_PATHS = [
    "/etc/passwd",
    "//server/share",
    "../secret",
    "texts/../../secret",
    "..",
    ".",
    "",
    "./",
    "texts/../report.txt",
    "http://example.org/a.csv",
    "file:///etc/passwd",
    "a\0b",
    "a/" * 600 + "b",
    7,
    None,
    {"a": 1},
]


@pytest.mark.parametrize("path", BAD_PATHS, ids=lambda path: ascii(path)[:30])
def test_a_declared_path_stays_in_the_folder(path, tmp_path, monkeypatch):
    (tmp_path / "secret").write_text("secret")
    folder = write_folder(tmp_path / "m", listing(path, hash=ZERO))
    read = Path.read_bytes

    def watched(opened):
        assert opened.parent == folder.resolve()
        return read(opened)

    monkeypatch.setattr(Path, "read_bytes", watched)
    for paths in (path, [path, "statements.csv"]):
        write_folder(folder, listing(paths, hash=ZERO))
        ((file, _, column, expected, got),) = faults_of(folder)
        assert (file, column) == ("datapackage.json", "path")
        assert expected == "a file of the folder, such as texts/a.txt"
        assert "secret" not in got or "secret" in str(path)
        assert len(got) < 100


@pytest.mark.parametrize("path", ["~/secret", "C:\\secret", "C:secret", "\\\\server\\share"])
def test_a_declared_path_means_nothing_outside_of_the_folder(path, tmp_path):
    folder = write_folder(tmp_path, listing(path))
    assert faults_of(folder) == [(path, None, None, "this file", "no such file")]


def test_a_path_may_be_written_with_a_dot_and_a_resource_have_none_or_several(tmp_path):
    files = {
        **described(
            resources=[
                {"path": "./statements.csv"},
                {"title": "no path"},
                {"path": ["texts//a.txt", "notes.md"], "hash": ""},
            ]
        ),
        "texts/a.txt": "One.",
        "notes.md": "mine",
    }
    assert cam.load_meeting(write_folder(tmp_path, files)).texts == {"a": "One."}


@pytest.mark.parametrize("digest", [ZERO, hashlib.md5(MINIMAL.encode()).hexdigest()])
def test_a_table_may_be_edited_by_hand_whatever_hash_it_had(digest, tmp_path):
    folder = write_folder(tmp_path, listing("statements.csv", hash=digest))
    assert len(cam.load_meeting(folder).statements) == 2


# text as it is


def test_na_is_a_text_and_only_an_empty_cell_is_missing(tmp_path):
    files = {
        "statements.csv": "actor,code,basis,note\nNA,null,explicit,nan\nNaN,None,,\n",
        "actors.csv": "actor,process\nNA,NA\nNaN,\n",
    }
    loaded = cam.load_meeting(write_folder(tmp_path, files))
    assert loaded.statements["actor"].tolist() == ["NA", "NaN"]
    assert loaded.statements["code"].tolist() == ["null", "None"]
    assert loaded.statements["basis"].isna().tolist() == [False, True]
    assert loaded.statements["note"].isna().tolist() == [False, True]
    assert loaded.actors["process"].isna().tolist() == [False, True]


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data.replace(b"\n", b"\r\n"),
        lambda data: data.replace(b"\n", b"\r"),
        lambda data: codecs.BOM_UTF8 + data,
        lambda data: codecs.BOM_UTF8 + data.replace(b"\n", b"\r\n"),
    ],
    ids=["CRLF", "CR", "byte order marks", "as Notepad saves"],
)
def test_line_ends_and_byte_order_marks_change_nothing(change, meeting, bundled):
    for file in filter(Path.is_file, bundled.iterdir()):
        file.write_bytes(change(file.read_bytes()))
    assert_same(cam.load_meeting(bundled), meeting)


def test_lines_are_counted_alike_with_crlf(tmp_path):
    files = {"statements.csv": 'actor,code,note\r\nA,tax,"one\r\ntwo"\r\n\r\nB,,\r\n'}
    assert faults_of(write_folder(tmp_path, files)) == [
        ("statements.csv", 5, "code", "a value", "nothing")
    ]


@pytest.mark.parametrize(
    ("encoding", "named"), [("cp1252", "Windows-1252 or Latin-1"), ("utf-16", "UTF-16")]
)
def test_every_file_in_another_encoding_is_named(encoding, named, bundled):
    for other in ("schema.json", "words.json", "README.md"):  # not files of the meeting
        (bundled / other).unlink()
    plain = {file.name for file in bundled.iterdir() if file.read_bytes().isascii()}
    for file in bundled.iterdir():
        file.write_bytes(file.read_bytes().decode().encode(encoding))
    faults = [fault for fault in faults_of(bundled) if fault[3] == "UTF-8"]
    everything = {file.name for file in bundled.iterdir()}
    assert {fault[0] for fault in faults} == everything - (plain if encoding == "cp1252" else set())
    assert all(named in fault[4] and fault[1] >= 1 for fault in faults)


def test_a_cell_may_be_longer_than_the_csv_modules_limit(tmp_path):
    passage = "We want a tax. " * 10_000
    files = {
        **STATEMENTS,
        "interventions.csv": f"order,actor,passage\n1,A,{passage.strip()}\n",
        "report.txt": passage,
    }
    loaded = cam.load_meeting(write_folder(tmp_path, files))
    assert loaded.interventions.at[0, "passage"] == passage.strip()


def test_texts_come_in_the_order_in_which_they_are_declared_then_by_name(tmp_path):
    texts = {f"texts/{name}.txt": "One." for name in "abcd"}
    files = {**listing("texts/c.txt", "report.txt", "texts/a.txt"), **texts, "report.txt": "Two."}
    loaded = cam.load_meeting(write_folder(tmp_path, files))
    assert list(loaded.texts) == ["c", "report", "a", "b", "d"]


# stances in words


def test_words_for_stances_are_read_as_in_a_table(tmp_path):
    files = {"statements.csv": "actor,code,stance\nA,x,Supports\nB,x,against\nC,x,n/a\nD,x,-1\n"}
    loaded = cam.load_meeting(write_folder(tmp_path, files))
    assert loaded.statements["stance"].fillna(0).tolist() == [1, -1, 0, -1]
    changes = loaded.source.changes
    assert changes[["before", "after", "rows"]].to_numpy().tolist() == [
        ["Supports", "1", 1],
        ["against", "-1", 1],
        ["n/a", "missing", 1],
    ]
    files = {"statements.csv": "actor,code,stance\nA,x,abstains\nB,x,huh\n"}
    faults = faults_of(write_folder(tmp_path / "two", files))
    assert [fault[4].split(" (")[0] for fault in faults] == ["'abstains'", "'huh'"]


# types of columns outside the specification


def typed(kind, cells):
    fields = [{"name": "actor", "type": "integer"}, {"name": "page", "type": kind}]
    package = described(resources=[{"path": "statements.csv", "schema": {"fields": fields}}])
    rows = "".join(f"A,tax,{cell}\n" for cell in cells)
    return {**package, "statements.csv": "actor,code,page\n" + rows}


@pytest.mark.parametrize(
    ("kind", "cells", "dtype", "values"),
    [
        ("integer", ["3", "", "-4"], "Int64", [3, None, -4]),
        ("number", ["3", "", "0.5"], "float64", [3, None, 0.5]),
        ("boolean", ["true", "", "False"], "boolean", [True, None, False]),
        ("date", ["2017-10-17", ""], "datetime64[s]", [pd.Timestamp("2017-10-17"), None]),
        ("string", ["3", ""], "str", ["3", None]),
        ("any", ["3", ""], "str", ["3", None]),
    ],
)
def test_a_declared_type_is_restored_and_changes_no_column_of_the_spec(
    kind, cells, dtype, values, tmp_path
):
    loaded = cam.load_meeting(write_folder(tmp_path, typed(kind, cells))).statements
    assert loaded["page"].dtype == dtype
    assert [None if pd.isna(value) else value for value in loaded["page"]] == values
    assert loaded["actor"].dtype == "str"


def test_fields_without_a_type_leave_the_types_of_others(tmp_path):
    fields = [{"name": "actor"}, "code", {"type": "date"}, {"name": "page", "type": "integer"}]
    package = described(resources=[{"path": "statements.csv", "schema": {"fields": fields}}])
    files = {**package, "statements.csv": "actor,code,page\nA,tax,3\n"}
    loaded = cam.load_meeting(write_folder(tmp_path, files)).statements
    assert loaded["page"].dtype == "Int64"


def test_a_cell_of_another_type_than_declared_is_a_fault_of_its_line(tmp_path):
    folder = write_folder(tmp_path, typed("integer", ["3", "2.5", "", "x"]))
    expected = "a whole number, as datapackage.json says"
    assert faults_of(folder) == [
        ("statements.csv", 3, "page", expected, "'2.5'"),
        ("statements.csv", 5, "page", expected, "'x'"),
    ]
