"""Data frames, files and CSV texts as they are taken in, and what stands in the way of a file."""

import codecs
import csv
import hashlib
import io
import os
import socket
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from conftest import faults_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import camdata as cam
from camdata.model.errors import Origin
from camdata.model.source import (
    Source,
    SourceTable,
    decode,
    from_frames,
    matches_hash,
    parse_csv,
    read_bytes,
)

ONE = pd.DataFrame({"actor": ["A"], "code": ["tax"]})


def unread(function, *arguments):
    """Return the fault of a file that cannot be read."""
    with pytest.raises(cam.MeetingError) as caught:
        function(*arguments)
    (fault,) = caught.value.found
    return fault


# data frames


def test_a_frames_faults_name_the_table_and_the_row_from_one():
    statements = pd.DataFrame({"actor": ["A", "B"], "code": ["tax", "taxe"]}, index=[7, 7])
    assert faults_of(statements, codebook=pd.DataFrame({"code": ["tax"]})) == [
        ("statements", 2, "code", "a code of codebook.csv", "'taxe' (did you mean 'tax'?)")
    ]


def test_a_frames_missing_column_has_no_row():
    fault = ("statements", None, "code", "this column", "columns actor")
    assert faults_of(pd.DataFrame({"actor": ["A"]})) == [fault]


@pytest.mark.parametrize("again", ["actor", " actor", "actor\n"])
def test_a_frames_column_that_is_there_twice_is_a_fault(again):
    statements = pd.DataFrame([["A", "tax", "B"]], columns=["actor", "code", again])
    assert faults_of(statements) == [
        ("statements", None, "actor", "each column once", "'actor' again")
    ]


def test_blanks_around_the_name_of_a_column_do_not_count():
    made = cam.Meeting(pd.DataFrame({" actor": ["A"], "code\t": ["tax"], "\xa0note ": ["x"]}))
    assert made.statements.columns.tolist() == ["statement", "actor", "code", "stance", "note"]


@pytest.mark.parametrize("name", ["a\0", "\ud800"])
def test_the_name_of_a_column_can_be_written(name):
    frame = pd.DataFrame([["A", "tax", 1]], columns=pd.Index(["actor", "code", name], dtype=object))
    ((_, line, column, expected, got),) = faults_of(frame)
    assert (line, column) == (None, None)
    assert expected.startswith("a column named by text without NUL")
    assert got == ascii(name)


@pytest.mark.parametrize("table", ["statements", "actors", "recodings"])
@pytest.mark.parametrize("thing", [["A"], {"actor": ["A"]}, pd.Series(["A"]), "statements.csv"])
def test_a_table_that_is_no_frame_is_named(table, thing):
    with pytest.raises(TypeError, match=f"`{table}` must be a DataFrame, but .* was passed"):
        cam.Meeting(**{"statements": ONE, table: thing})


@pytest.mark.parametrize(
    ("parts", "match"),
    [
        ({"texts": 3}, "`texts` must be one text or a mapping of names to texts, but 3"),
        ({"texts": ["One."]}, "`texts` must be one text or a mapping of names to texts"),
        ({"texts": {"report": b"One."}}, "The text 'report' must be a str, got bytes"),
        ({"texts": {"report": None}}, "The text 'report' must be a str, got NoneType"),
        ({"metadata": "title"}, "`metadata` must be a mapping, but 'title' was passed"),
        ({"metadata": [("title", "x")]}, "`metadata` must be a mapping"),
    ],
    ids=str,
)
def test_texts_and_metadata_of_another_kind_are_named(parts, match):
    with pytest.raises(TypeError, match=match):
        cam.Meeting(ONE, **parts)


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", ".hidden", "a/b", "../outside", "a\\b", "a\0", "\ud800", "é" * 200, 7, None],
    ids=ascii,
)
def test_a_text_whose_name_is_no_files_is_refused_when_the_meeting_is_made(name):
    with pytest.raises(cam.MeetingError, match=r"\(UTF-8, at most 240 bytes, no slash\)"):
        cam.Meeting(ONE, texts={name: "One."})
    ((file, line, column, expected, got),) = faults_of(ONE, texts={name: "One."})
    assert (file, line, column) == ("texts", None, None)
    assert expected == "a name that can be a file's"
    assert got.startswith("'")


@pytest.mark.parametrize(("text", "got"), [("a\nb\0", r"'\x00'"), ("\n\udfff", r"'\udfff'")])
def test_a_text_that_no_file_can_hold_is_refused_with_its_line(text, got):
    expected = "text without NUL and without unpaired surrogates"
    assert faults_of(ONE, texts={"day 1": text}) == [("texts['day 1']", 2, None, expected, got)]


@pytest.mark.parametrize("key", ["stances", "resources"])
def test_metadata_say_nothing_that_the_meeting_says_itself(key):
    ((file, _, column, expected, _),) = faults_of(ONE, metadata={"title": "x", key: []})
    assert (file, column) == ("metadata", key)
    assert expected.startswith("no such key: the ")


def test_metadata_that_json_cannot_hold_are_refused_when_the_meeting_is_made():
    deep = []
    for _ in range(10_000):
        deep = [deep]
    metadata = {"a": {1, 2}, "b": [float("inf")], 3: "c", "d": deep, "e": (1,), "f": "fine"}
    found = faults_of(ONE, metadata=metadata)
    assert [fault[2] for fault in found] == ["a", "b", "3", "d", "e"]
    assert {fault[0] for fault in found} == {"metadata"}
    with pytest.raises(cam.MeetingError, match="what JSON holds"):
        cam.Meeting(ONE).replace(metadata={"a": {1, 2}})


@pytest.mark.parametrize(
    ("parts", "fault"),
    [
        ({"column": "a\0"}, ("mine.csv", None, "a column named by")),
        ({"column": " actor"}, ("mine.csv", "actor", "each column once")),
        ({"texts": {"a/b": "One."}}, ("texts", None, "a name that can be a file's")),
        ({"texts": {"a": "One.\ud800"}}, ("texts['a']", None, "text without NUL")),
        ({"metadata": {"title": "\udcff"}}, ("metadata", "title", "what JSON holds")),
        ({"metadata": {"stances": [1]}}, ("metadata", "stances", "no such key")),
    ],
)
def test_a_source_is_checked_whoever_has_filled_it(parts, fault):
    frame = ONE.assign(**{parts.pop("column", "note"): "x"})
    table = SourceTable(frame, Origin("mine.csv"))
    with pytest.raises(cam.MeetingError) as caught:
        cam.Meeting.from_source(Source("mine", {"statements": table}, **parts))
    found = caught.value.faults.iloc[0]
    assert (found["file"], found["expected"].startswith(fault[2])) == (fault[0], True)
    assert found["column"] == fault[1] or (fault[1] is None and pd.isna(found["column"]))


def test_line_ends_in_a_source_are_unix_ones_whoever_has_filled_it():
    table = SourceTable(ONE.assign(**{"a\rb": "x"}), Origin("mine.csv"))
    made = cam.Meeting.from_source(Source("mine", {"statements": table}, {"t": "a\r\nb"}))
    assert made.statements.columns[-1] == "a\nb"
    assert made.texts == {"t": "a\nb"}


def test_a_source_of_frames_does_not_follow_them():
    statements, texts, metadata = ONE.copy(), {"a": "One."}, {"sources": [{"title": "One"}]}
    source = from_frames({"statements": statements}, texts, metadata)
    statements.loc[0, "actor"] = "B"
    texts["a"] = "Two."
    metadata["title"] = "Two"
    assert source.tables["statements"].frame["actor"].tolist() == ["A"]
    assert source.texts == {"a": "One."}
    assert source.metadata == {"sources": [{"title": "One"}]}
    assert source.changes.empty
    assert source.changes.dtypes.astype("str").tolist() == ["str"] * 4 + ["int64"]


# files


def test_a_file_is_read_as_it_is(tmp_path):
    (tmp_path / "a").write_bytes(b"\xef\xbb\xbf\r\n\0")
    assert read_bytes(tmp_path / "a", "a") == b"\xef\xbb\xbf\r\n\0"


def make_pipe(path):
    os.mkfifo(path)


def make_socket(path):
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(str(path))


def make_loop(path):
    path.symlink_to(path.name)


def make_outside(path):
    (path.parents[1] / "secret.csv").write_text("actor,code\nsecret,secret\n")
    path.symlink_to("../secret.csv")


NO_FILES = {
    "nothing": (lambda path: None, "no such file"),
    "a folder": (lambda path: path.mkdir(), "a folder"),
    "a pipe": (make_pipe, "something that is no file"),
    "a socket": (make_socket, "something that is no file"),
    "a device": (lambda path: path.symlink_to("/dev/null"), "a link that leaves the folder"),
    "a dangling link": (lambda path: path.symlink_to("nowhere"), "a link to nothing"),
    "a looping link": (make_loop, "a link that leads back to itself"),
    "a link that leaves the folder": (make_outside, "a link that leaves the folder"),
}


@pytest.mark.parametrize(("make", "got"), NO_FILES.values(), ids=NO_FILES)
def test_what_is_no_file_is_named_and_not_opened(make, got, tmp_path, monkeypatch):
    folder = tmp_path / "m"  # short: the path of a socket has a limit
    folder.mkdir()
    monkeypatch.chdir(folder)
    make(folder / "x" if make is not make_socket else Path("x"))
    fault = unread(read_bytes, folder / "x", "x", folder)
    assert (fault.file, fault.got) == ("x", got)
    assert fault.expected in ("a file", "a file of the folder")


def test_a_link_inside_the_folder_is_followed(tmp_path):
    (tmp_path / "a").write_bytes(b"one")
    (tmp_path / "b").symlink_to("a")
    assert read_bytes(tmp_path / "b", "b", tmp_path) == b"one"


def test_a_file_that_may_not_be_read_is_a_fault(tmp_path, monkeypatch):
    def refuse(path):
        raise PermissionError(13, "Permission denied", str(path))

    (tmp_path / "a").write_bytes(b"one")
    monkeypatch.setattr("pathlib.Path.read_bytes", refuse)
    assert unread(read_bytes, tmp_path / "a", "a")[:5] == (
        "a",
        None,
        None,
        "a file to read",
        "Permission denied",
    )


@pytest.mark.parametrize("name", ["a\0b", "x" * 5000])
def test_a_name_that_no_file_can_have_is_a_fault(name, tmp_path):
    assert unread(read_bytes, tmp_path / name, "x").got


# text


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"one\ntwo", "one\ntwo"),
        (b"one\r\ntwo\rthree", "one\ntwo\nthree"),
        (codecs.BOM_UTF8 + b"one", "one"),
        (codecs.BOM_UTF8 * 2 + b"one", "\ufeffone"),
        (b"", ""),
        ("Perú 🌎".encode(), "Perú 🌎"),
    ],
)
def test_utf8_is_read_with_and_without_a_mark(data, text):
    assert decode(data, "x") == text


@pytest.mark.parametrize(
    ("data", "line", "named"),
    [
        ("one\nPerú".encode("latin-1"), 2, "Windows-1252 or Latin-1"),
        ("“Peru”".encode("cp1252"), 1, "Windows-1252 or Latin-1"),
        (codecs.BOM_UTF16_LE + "Peru".encode("utf-16-le"), 1, "UTF-16"),
        (codecs.BOM_UTF16_BE + "Peru".encode("utf-16-be"), 1, "UTF-16"),
    ],
)
def test_another_encoding_is_named_with_its_line(data, line, named):
    fault = unread(decode, data, "x")
    assert (fault.line, fault.expected) == (line, "UTF-8")
    assert f"so this is probably {named}: save it as UTF-8" in fault.got


def test_a_nul_is_a_fault_of_its_line():
    fault = unread(decode, b"one\r\ntwo\0", "x")
    assert (fault.line, fault.got) == (2, r"'\x00'")


@pytest.mark.parametrize(
    "algorithm", ["", "md5:", "sha1:", "sha256:", "SHA256:", "sha384:", "sha512:"]
)
def test_a_hash_holds_whatever_git_did_to_the_line_ends(algorithm):
    name = algorithm.strip(":").lower() or "md5"
    digest = algorithm + hashlib.new(name, b"one\ntwo\n").hexdigest()
    for data in (b"one\ntwo\n", b"one\r\ntwo\r\n", codecs.BOM_UTF8 + b"one\ntwo\n"):
        assert matches_hash(data, digest)
        assert matches_hash(data, digest.upper())
    assert not matches_hash(b"one\nTwo\n", digest)


@pytest.mark.parametrize("digest", ["crc32:00", "shake_128:00"])
def test_a_hash_that_cannot_be_checked_is_taken_on_trust(digest):
    assert matches_hash(b"one", digest)


# CSV

CELL = st.text(
    st.sampled_from('ab,;\t"\n é') | st.characters(codec="utf-8", exclude_characters="\0\r")
)


def rows_of(text, delimiter=","):
    """Return the header, and each row with its line, as they were read."""
    table, faults = parse_csv(text, "x", delimiter)
    assert faults == []
    rows = table.frame.fillna("").to_numpy().tolist()
    return table.frame.columns.tolist(), list(zip(table.origin.rows.tolist(), rows, strict=True))


def csv_text(rows, delimiter=",", quoting=csv.QUOTE_MINIMAL):
    """Write rows with the csv module; return the text and the line on which each begins."""
    stream, lines = io.StringIO(newline=""), []
    writer = csv.writer(stream, delimiter=delimiter, lineterminator="\n", quoting=quoting)
    for row in rows:
        lines.append(stream.getvalue().count("\n") + 1)
        writer.writerow(row)
    return stream.getvalue(), lines


@given(data=st.data())
@settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.too_slow])
def test_every_cell_and_line_is_read_back(data):
    width = data.draw(st.integers(1, 4))
    rows = data.draw(st.lists(st.lists(CELL, min_size=width, max_size=width), max_size=6))
    delimiter = data.draw(st.sampled_from(",;\t"))
    quoting = data.draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
    names = [f"column {n}" for n in range(width)]
    text, lines = csv_text([names, *rows], delimiter, quoting)
    header, found = rows_of(text, delimiter)
    assert header == names
    assert found == [(n, row) for n, row in zip(lines[1:], rows, strict=True) if any(row)]


def test_a_cell_may_be_longer_than_the_csv_modules_limit():
    long = 'We want a "tax",\n' * 20_000
    text, lines = csv_text([["a", "b"], ["one", long], ["two", ""], [long, long], ["end", "."]])
    assert rows_of(text) == (
        ["a", "b"],
        list(zip(lines[1:], [["one", long], ["two", ""], [long, long], ["end", "."]], strict=True)),
    )


def test_only_an_empty_cell_is_missing():
    table, _ = parse_csv("a,b\nNA,null\nNaN,\n,None\n", "x")
    assert table.frame.isna().to_numpy().tolist() == [[False] * 2, [False, True], [True, False]]
    assert table.frame.dtypes.astype("str").tolist() == ["str", "str"]


CSV_FAULTS = {
    "nothing": ("\n\n", 1, None, "a header with the names of the columns", "no rows"),
    "a column twice": (
        "actor,code, actor\nA,tax,B\n",
        1,
        "actor",
        "each column once",
        "'actor' again",
    ),
    "semicolons": (
        "actor;code\nA;tax\n",
        1,
        None,
        "cells separated by commas",
        "the header 'actor;code'",
    ),
    "one quoted cell": ('"a,b"\n1\n', 1, None, "cells separated by commas", "the header 'a,b'"),
    "tabs": ("a\tb\n1\t2\n", 1, None, "cells separated by commas", r"the header 'a\tb'"),
    "quoted and semicolons": (
        '"actor";"code"\n"A";"tax"\n',
        1,
        None,
        "cells separated by commas",
        'the header \'"actor";"code"\'',
    ),
    "not closed": (
        'actor,code\nA,tax\nB,"tax\nC,tax\n',
        3,
        None,
        "a CSV file whose quoted cells are closed",
        "unexpected end of data",
    ),
    "more behind a quotation mark": (
        'a,b\n"A"x,y\n',
        2,
        None,
        "a CSV file whose quoted cells are closed",
        "',' expected after '\"'",
    ),
}


@pytest.mark.parametrize(
    ("text", "line", "column", "expected", "got"), CSV_FAULTS.values(), ids=CSV_FAULTS
)
def test_what_is_no_csv_is_named_with_its_line(text, line, column, expected, got):
    assert unread(parse_csv, text, "x")[:5] == ("x", line, column, expected, got)


def test_a_header_may_hold_semicolons_and_line_ends():
    assert rows_of('"x;\ny",code\nA,tax\n') == (["x;\ny", "code"], [(3, ["A", "tax"])])


def test_rows_of_another_length_are_faults_and_the_rest_is_read():
    table, faults = parse_csv('a,b\n1,2\n3\n\n"x\ny",4,5\n6,7\n', "x")
    assert [(fault.line, fault.expected, fault.got) for fault in faults] == [
        (3, "2 cells, as in the header", "1 cell"),
        (5, "2 cells, as in the header", "3 cells"),
    ]
    assert table.frame["a"].tolist() == ["1", "6"]
    assert table.origin.rows.tolist() == [2, 7]
    assert table.origin.rows.dtype == np.int64
