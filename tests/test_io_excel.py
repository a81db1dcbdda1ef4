"""A meeting as a workbook: what is in its sheets, and what comes back."""

import sys

import pandas as pd
import pytest
import python_calamine
from pandas.testing import assert_frame_equal

import camdata as cam
from camdata.io import read_table, write_excel

NASTY = [
    "=1+1",
    "+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(A1)",
    "{=SUM(A1:A2)}",
    "https://example.org/a?b=c#d",
    "mailto:a@b.org",
    "007",
    "1e5",
    "TRUE",
    "#N/A",
    "NA",
    "_x0041_",
    "a\nb",
    'he said “no”, "no"',
    "😀 x₁",
    "'apostrophe",
    "<b>&amp;</b>",
]


def sheets(path):
    book = python_calamine.CalamineWorkbook.from_path(path)
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def assert_same(meeting, again):
    assert again.given == meeting.given
    for name in meeting.given:
        assert_frame_equal(getattr(again, name), getattr(meeting, name))


def test_the_bundled_meeting_comes_back(tmp_path):
    meeting = cam.load_meeting()
    write_excel(meeting, tmp_path / "meeting.xlsx")
    again = read_table(tmp_path / "meeting.xlsx", texts=meeting.texts)
    assert_same(meeting, again)
    assert_frame_equal(again.tally().frame, meeting.tally().frame)
    for what in ("merged", "trimmed", "composed", "stance", "left out", "renamed"):
        assert not again.source.changes["what"].str.contains(f"^{what}").any()


def test_one_sheet_for_each_table(tmp_path):
    meeting = cam.load_meeting()
    write_excel(meeting, tmp_path / "meeting.xlsx")
    found = sheets(tmp_path / "meeting.xlsx")
    assert tuple(found) == meeting.given
    for name, rows in found.items():
        table = getattr(meeting, name)
        assert rows[0] == list(table.columns)
        assert len(rows) == len(table) + 1


def test_text_stays_text(tmp_path):
    names = [words for words in NASTY if "\n" not in words]
    statements = pd.DataFrame({"actor": "A", "code": "x", "quote": NASTY})
    statements.loc[: len(names) - 1, "actor"] = names
    meeting = cam.Meeting(statements)
    write_excel(meeting, tmp_path / "a.xlsx")
    assert [row[-1] for row in sheets(tmp_path / "a.xlsx")["statements"][1:]] == NASTY
    again = read_table(tmp_path / "a.xlsx")
    assert again.statements["quote"].tolist() == NASTY
    assert set(again.actors["actor"]) == {"A", *names}


def test_no_cell_is_a_formula_or_a_link(tmp_path):
    import zipfile

    statements = pd.DataFrame({"actor": NASTY, "code": "x"})
    write_excel(cam.Meeting(statements), tmp_path / "a.xlsx")
    with zipfile.ZipFile(tmp_path / "a.xlsx") as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert "hyperlink" not in sheet


def test_numbers_dates_and_blanks_come_back(tmp_path):
    statements = pd.DataFrame(
        {
            "statement": ["a", "b", "c"],
            "actor": ["A", "B", "B"],
            "code": "x",
            "stance": pd.array([2, 0, None], dtype="Int64"),
            "date": ["2017-10-17", "1815-06-09", None],
            "votes": [0.1, 2.5, None],
            "large": [2**60, 2**60 + 1, 1],
            "time": pd.to_datetime(["2017-10-17 09:30", "2017-10-18 00:00", None]),
            "zone": pd.to_datetime(["2017-10-17 09:30", None, None], utc=True),
            "coder": ["Ana", None, "Ben"],
        }
    )
    meeting = cam.Meeting(statements, stances=(2, 1, 0))
    write_excel(meeting, tmp_path / "a.xlsx")
    again = read_table(tmp_path / "a.xlsx", stances=meeting.stances)
    assert again.stances == (2, 1, 0)
    apart = ["large", "time", "zone"]
    own = meeting.statements.drop(columns=apart)
    assert_frame_equal(again.statements.drop(columns=apart), own)
    assert again.statements["time"].equals(meeting.statements["time"].astype("datetime64[us]"))
    assert again.statements["zone"].tolist()[:1] == ["2017-10-17T09:30:00+00:00"]
    assert again.statements["large"].astype("str").tolist()[:2] == [str(2**60), str(2**60 + 1)]


def test_recodings_come_back(tmp_path):
    bundled = cam.load_meeting()
    recodings = bundled.statements.head(5).assign(coder="Ben")
    meeting = bundled.replace(recodings=recodings)
    write_excel(meeting, tmp_path / "a.xlsx")
    assert_same(meeting, read_table(tmp_path / "a.xlsx", texts=meeting.texts))


def test_what_no_sheet_holds_is_refused_and_nothing_written(tmp_path):
    meeting = cam.Meeting(pd.DataFrame({"actor": ["A"], "code": "x", "quote": "😀" * 20_000}))
    with pytest.raises(ValueError, match="statements, row 1, quote: 20,000 characters"):
        write_excel(meeting, tmp_path / "a.xlsx")
    with pytest.raises(ValueError, match=r"ends in \.xlsx"):
        write_excel(meeting, tmp_path / "a.csv")
    assert not list(tmp_path.iterdir())


def test_a_file_is_replaced_as_a_whole(tmp_path, monkeypatch):
    path = tmp_path / "a.xlsx"
    small = cam.Meeting(pd.DataFrame({"actor": ["A"], "code": "x"}))
    write_excel(small, path)
    before = path.read_bytes()

    def broken(*_):
        raise OSError("disk full")

    with monkeypatch.context() as patch:
        patch.setattr("os.replace", broken)
        with pytest.raises(OSError, match="disk full"):
            write_excel(cam.load_meeting(), path)
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["a.xlsx"]
    write_excel(cam.load_meeting(), path)
    assert len(read_table(path).statements) > 1


def test_the_extra_is_named_where_it_is_missing(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "xlsxwriter", None)
    with pytest.raises(ImportError, match=r"camdata\[excel\]"):
        write_excel(cam.load_meeting(), tmp_path / "a.xlsx")
