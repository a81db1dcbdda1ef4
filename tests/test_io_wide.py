"""Actors in rows, codes in columns: cells, zeros, votes, and the faults of each cell."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
import xlsxwriter
from pandas.testing import assert_frame_equal

import camdata as cam
from camdata.analysis.measures import MEASURES
from camdata.io import read_table, read_wide

CELLS = {"Country": ["A", "B", "C"], "visas": [1, -1, 1], "data": [0, None, 1]}


@pytest.fixture
def wide():
    return pd.DataFrame(CELLS)


def write(path, sheets, merged=()):
    with xlsxwriter.Workbook(path) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                for column, cell in enumerate(row):
                    if cell is not None:
                        sheet.write(number, column, cell)
            for area, value in merged:
                sheet.merge_range(area, value)
    return path


def told(meeting, what):
    changes = meeting.source.changes
    rows = changes[changes["what"] == what]
    return list(zip(rows["before"], rows["after"], rows["rows"].tolist(), strict=True))


def faults(call):
    with pytest.raises(cam.MeetingError) as caught:
        call()
    return str(caught.value)


def positions(meeting):
    return meeting.positions("code").astype("Float64").to_numpy(dtype=float, na_value=np.nan)


# zeros


def test_a_zero_has_to_be_told(wide):
    with pytest.raises(ValueError, match="zero='neutral'") as caught:
        read_wide(wide)
    for way in ("zero='both'", "zero='missing'", "votes='signs'", "votes='binary'", "stances={"):
        assert way in str(caught.value)


@pytest.mark.parametrize(
    ("arguments", "cell", "statements", "scale"),
    [
        ({"zero": "neutral"}, 0, 5, (1, 0, -1)),
        ({"votes": "signs"}, 0, 5, (1, 0, -1)),
        ({"stances": (1, 0, -1)}, 0, 5, (1, 0, -1)),
        ({"zero": "both"}, 0, 6, (1, -1)),
        ({"zero": "missing"}, np.nan, 4, (1, -1)),
        ({"stances": {1: 1, -1: -1, 0: None}}, np.nan, 4, (1, -1)),
    ],
)
def test_what_a_zero_is(wide, arguments, cell, statements, scale):
    meeting = read_wide(wide, **arguments)
    np.testing.assert_equal(positions(meeting), [[1, cell], [-1, np.nan], [1, 1]])
    assert (len(meeting.statements), meeting.stances) == (statements, scale)
    assert told(meeting, "blank: nothing recorded") == [("", "missing", 1)]


def test_both_is_read_and_reported_as_two_statements(wide):
    meeting = read_wide(wide, zero="both")
    assert told(meeting, "stance read as") == [("0", "1 and -1", 1)]
    cell = meeting.statements.query("actor == 'A' and code == 'data'")
    assert cell["stance"].tolist() == [1, -1]


@pytest.mark.parametrize(
    ("cells", "arguments", "words"),
    [
        (CELLS, {"zero": "both", "votes": "signs"}, "what a 0 is already"),
        (CELLS, {"zero": "none"}, "must be one of"),
        ({**CELLS, "visas": [5, 4, 3]}, {"zero": "both"}, "for a table of 1, 0 and -1"),
        ({**CELLS, "Population": [10_000, 20, 9], **{f"c{i}": i for i in range(1, 12)}},
         {"zero": "missing"}, "hardly stances"),
        (CELLS, {"attributes": ["Region"], "zero": "missing"}, "`attributes`"),
    ],
)  # fmt: skip
def test_what_has_to_be_told(cells, arguments, words):
    with pytest.raises(ValueError, match=words):
        read_wide(pd.DataFrame(cells), **arguments)


# the same table as a long one, another way round


@pytest.mark.parametrize("seed", range(5))
def test_wide_and_long_give_the_same_positions(seed):
    draw = np.random.default_rng(seed)
    words = draw.choice(["yes", "no", "abstain", ""], size=(12, 9), p=[0.5, 0.2, 0.1, 0.2])
    actors = [f"Actor {n}" for n in range(12)]
    table = pd.DataFrame(words, columns=[f"bill {n}" for n in range(9)])
    table.insert(0, "Party", actors)
    long = table.melt("Party", var_name="Bill", value_name="Vote").query("Vote != ''")
    expected = read_table(long, actor="Party", code="Bill").positions("code")
    found = read_wide(table).positions("code")
    silent = set(found.index) - set(expected.index)
    assert found.loc[sorted(silent)].isna().all(axis=None)
    assert_frame_equal(found.loc[expected.index, expected.columns], expected)


# actors, codes and what else is there


def test_all_actors_and_codes_stay_in_the_order_of_the_table():
    frame = pd.DataFrame({"Party": ["B", "A"], "y": [None, None], "x": [None, "pro"]})
    meeting = read_wide(frame)
    tally = meeting.tally()
    assert (tally.actors, tally.keys) == (("B", "A"), ("y", "x"))
    assert "nothing is recorded of: B" in tally.summary


def test_words_beside_the_codes_say_something_of_the_actors():
    frame = pd.DataFrame(
        {
            "Country": ["A", "B"],
            "Region": ["North", "South"],
            "Year": [2001, 2002],
            "visas": ["pro", "contra"],
            "Notes": ["late", None],
        }
    )
    meeting = read_wide(frame, attributes="Year")
    assert meeting.codebook["code"].tolist() == ["visas"]
    assert list(meeting.actors) == ["actor", "Year", "Region", "Notes"]
    assert [name for name, *_ in told(meeting, "kept as an attribute of actors")] == [
        "Region",
        "Notes",
    ]


def test_the_index_of_a_frame_holds_the_actors():
    frame = pd.DataFrame({"visas": [1, -1]}, index=["A", "B"])
    assert read_wide(frame).actors["actor"].tolist() == ["A", "B"]
    named = frame.rename_axis("Member")
    assert read_wide(named, actor="Member").actors["actor"].tolist() == ["A", "B"]
    other = pl.DataFrame({"Member": ["A", "B"], "visas": [1, -1]})
    assert_frame_equal(read_wide(other).positions(), read_wide(frame).positions())


def test_two_levels_of_columns_are_dimensions_and_codes():
    columns = pd.MultiIndex.from_tuples([("rights", "a"), ("rights", "b"), ("trade", "c")])
    meeting = read_wide(pd.DataFrame([[1, -1, 1]], index=["A"], columns=columns))
    assert meeting.codebook["dimension"].tolist() == ["rights", "rights", "trade"]
    assert meeting.tally().keys == ("rights", "trade")


def test_merged_cells_above_the_headers_are_dimensions(tmp_path):
    rows = [
        ["Positions of the parties"],
        [],
        [None, "rights", None, "trade", None],
        ["Party", "a", "b", "c", "d"],
        ["A", 1, -1, None, 1],
        ["B", None, 1, "no", "oops"],
    ]
    merged = [("A1:E1", "Positions of the parties"), ("B3:C3", "rights"), ("D3:E3", "trade")]
    path = write(tmp_path / "a.xlsx", {"Sheet1": rows}, merged)
    with pytest.raises(ValueError, match=r"numbers .* and words"):
        read_wide(path)
    message = faults(lambda: read_wide(path, stances={1: 1, -1: -1}))
    assert "a.xlsx, sheet Sheet1, row 6, column d: expected a number or usual word" in message
    meeting = read_wide(path, stances={1: 1, -1: -1, "oops": None})
    assert meeting.codebook["dimension"].tolist() == ["rights", "rights", "trade", "trade"]
    assert told(meeting, "left out: above the header") == [("Positions of the parties", "", 1)]


def test_a_codebook_from_another_sheet(tmp_path):
    book = [["Code", "Dimension", "Label"], ["v", "entry", "Visas"], ["d", "data", "Data"]]
    rows = [["Country", "d", "v"], ["A", 1, -1], ["B", -1, 1]]
    path = write(tmp_path / "a.xlsx", {"Codebook": book, "Positions 2017": rows})
    meeting = read_wide(path)
    assert meeting.tally().keys == ("entry", "data")
    assert meeting.tally("code").labels == ("Visas", "Data")
    rows[0][1] = "dd"
    message = faults(lambda: read_wide(write(path, {"Codebook": book, "Positions": rows})))
    assert "row 1, column dd: expected a code of the codebook as header" in message
    assert message.count("\n") == 1


# faults


def test_every_fault_is_named_by_its_own_row_and_column(tmp_path):
    words = "Country,visas,data\nA,yes,no\nB,yess,no\nA,no,\n,no,pro\nD,pro,yess\n"
    path = tmp_path / "a.csv"
    path.write_text(words, encoding="utf-8")
    message = faults(lambda: read_wide(path))
    assert "5 faults" not in message
    for fault in (
        "a.csv, line 3, column visas: expected a number or usual word",
        "a.csv, line 6, column data: expected a number or usual word",
        "a.csv, line 4, column Country: expected each actor once; got 'A' again (first on line 2)",
        "a.csv, line 5, column Country: expected a value; got nothing",
    ):
        assert fault in message
    assert message.count("did you mean 'yes'?") == 2


@pytest.mark.parametrize(
    ("cells", "arguments", "words"),
    [
        ({"Country": ["A"], "State": ["B"], "x": [1]}, {}, 'choose one, such as actor="Country"'),
        ({"Country": ["A"], "x": [1]}, {"actor": "Countri"}, "did you mean 'Country'?"),
        ({"Country": ["A"]}, {}, "a column of actors and one for each code"),
        ({"Country": ["A"], "x": ["S"]}, {}, "give words their meaning with stances="),
    ],
)
def test_tables_that_are_none(cells, arguments, words):
    assert words in faults(lambda: read_wide(pd.DataFrame(cells), **arguments))


def test_aliases_merge_no_two_rows(wide):
    wide["Country"] = ["USA", "United States", "Peru"]
    meeting = read_wide(wide, zero="missing")
    assert told(meeting, "not merged: same country") == [("USA", "United States (1 row)", 1)]
    message = faults(lambda: read_wide(wide, zero="missing", aliases={"USA": "United States"}))
    assert "row 2, column Country: expected each actor once" in message
    meeting = read_wide(wide, zero="missing", aliases={"USA": "US"})
    assert meeting.actors["actor"].tolist() == ["US", "United States", "Peru"]


# roll calls


def roll_call(seed=0, members=20, bills=30):
    """Return a made roll call: two camps, some abstentions, some absences; words and its S."""
    draw = np.random.default_rng(seed)
    camp = np.repeat([1, -1], members // 2)[:, None]
    votes = camp * draw.choice([1, -1], size=bills)
    votes = np.where(draw.random(votes.shape) < 0.1, 0, votes)
    return np.where(draw.random(votes.shape) < 0.15, 9, votes)


FORMS = {
    "words": ({1: "yea", 0: "abstain", -1: "nay", 9: "absent"}, {}),
    "blanks": ({1: "Yes", 0: "abst", -1: "No", 9: None}, {}),
    "signs": ({1: 1, 0: 0, -1: -1, 9: None}, {"votes": "signs"}),
    "voeten": ({1: 1, 0: 2, -1: 3, 9: 8}, {"votes": "voeten"}),
    "given": ({1: "J", 0: "E", -1: "N", 9: "-9"},
              {"stances": {"J": 1, "E": 0, "N": -1, -9: None}}),
}  # fmt: skip


def table_of(votes, form):
    frame = pd.DataFrame(votes, columns=[f"bill {n}" for n in range(votes.shape[1])])
    frame = frame.astype(object).map(FORMS[form][0].get)
    frame.insert(0, "Member", [f"Member {n}" for n in range(len(votes))])
    return frame


@pytest.mark.parametrize("form", FORMS)
def test_roll_calls_in_the_forms_that_people_have(form):
    votes = roll_call()
    meeting = read_wide(table_of(votes, form), actor="Member", **FORMS[form][1])
    np.testing.assert_equal(positions(meeting), np.where(votes == 9, np.nan, votes))
    assert meeting.stances == (1, 0, -1)


def test_agreement_on_a_roll_call_with_absences():
    votes = roll_call()
    meeting = read_wide(table_of(votes, "voeten"), actor="Member", votes="voeten")
    found = cam.agreement(meeting.tally(), "s").frame.to_numpy()
    rated = np.where(votes == 9, np.nan, votes)
    # S = 1 - 2 Σ|a - b| / (n d), over the bills on which both voted; d is the scale's width
    distance = np.abs(rated[:, None] - rated[None, :])
    both = (~np.isnan(distance)).sum(axis=2)
    expected = 1 - 2 * np.nansum(distance, axis=2) / (both * 2)
    np.testing.assert_allclose(found, expected)


@pytest.mark.parametrize("measure", MEASURES)
def test_absences_leave_every_measure_of_a_roll_call_as_it_is(measure):
    votes = np.where(roll_call() == 0, 9, roll_call())
    meeting = read_wide(table_of(votes, "words"), actor="Member")
    found = cam.agreement(meeting.tally(), measure).frame.to_numpy()
    # a bill from which all were absent, and blanks instead of words, are no information
    blank = table_of(votes, "blanks").assign(**{"bill 99": None})
    again = cam.agreement(read_wide(blank, actor="Member").tally(), measure).frame.to_numpy()
    np.testing.assert_allclose(found, found.T)
    np.testing.assert_allclose(again, found)
    camps = np.arange(20) < 10
    same = np.nanmean(found[np.ix_(camps, camps)][~np.eye(10, dtype=bool)])
    across = np.nanmean(found[np.ix_(camps, ~camps)])
    assert (same < across) if measure == "conflict" else (same > across)


def test_a_roll_call_of_congress():
    rows = {"icpsr": [1, 2, 3], "rc1": [1, 6, 0], "rc2": [3, 4, 9], "rc3": [7, 5, 2]}
    meeting = read_wide(pd.DataFrame(rows), actor="icpsr", votes="rollcall")
    expected = [[1, 1, np.nan], [-1, -1, -1], [np.nan, np.nan, 1]]
    np.testing.assert_equal(positions(meeting), expected)


def test_a_roll_call_as_large_as_the_general_assembly_s():
    draw = np.random.default_rng(2)
    votes = draw.choice([1, 2, 3, 8], size=(200, 1500), p=[0.6, 0.1, 0.1, 0.2])
    frame = pd.DataFrame(votes, columns=[f"v{n}" for n in range(1500)])
    frame.insert(0, "Country", [f"c{n}" for n in range(200)])
    meeting = read_wide(frame, votes="voeten")
    assert len(meeting.statements) == (votes != 8).sum()
