"""Actors in rows, codes in columns: cells, zeros, votes, and the faults of each cell."""

import re

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
    for way in ("zero='both'", "zero='missing'", "votes='signs'", "scale=(-1, 1)"):
        assert f"  {way}  #" in str(caught.value)
    assert "binary" not in str(caught.value)  # it has no -1


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
        (CELLS, {"orient": "cods"}, "`orient` must be one of"),
        (CELLS, {"orient": "codes", "actor": "Country"}, "the headers are the actors"),
        (CELLS, {"leave_out": "visa", "zero": "missing"}, "did you mean 'visas'"),
        ({"Country": ["A", "B", "C"], "x": [2.1, 3.2, 1.7], "y": [4.4, 5.1, 3.3]}, {},
         "continuous scale"),
        (CELLS, {"zero": "none"}, "must be one of"),
        ({**CELLS, "visas": [5, 4, 3]}, {"zero": "both"}, r"scale=\(0, 5\)"),
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


# occurrence, counts, totals


@pytest.mark.parametrize(("one", "none"), [(1, 0), (True, False), ("TRUE", "FALSE")])
def test_occurrence_or_yes_and_no_is_always_a_question(one, none):
    frame = pd.DataFrame({"Case": ["A", "B"], "levy": [one, none], "ports": [one, one]})
    with pytest.raises(ValueError, match="zero='missing'"):
        read_wide(frame, actor="Case")
    occurs = read_wide(frame, actor="Case", zero="missing")
    assert occurs.statements["stance"].tolist() == [1, 1, 1]
    votes = read_wide(frame, actor="Case", votes="binary")
    assert votes.statements["stance"].tolist() == [1, 1, -1, 1]


@pytest.mark.parametrize("last", [6, 0])
def test_votes_of_congress_come_before_counts(last):
    frame = pd.DataFrame({"Case": ["A", "B", "C"], "levy": [1, 6, 9], "ports": [1, 1, last]})
    with pytest.raises(ValueError, match=r"recorded:\n  votes='rollcall'  #"):
        read_wide(frame, actor="Case")


def test_counts_are_a_question():
    frame = pd.DataFrame({"Case": ["A", "B", "C"], "levy": [2, 1, 0], "ports": [0, 3, 1]})
    for given in ({}, {"zero": "missing"}):
        with pytest.raises(ValueError, match=r"stances=\{0: None, 1: 1, 2: 1, 3: 1\}"):
            read_wide(frame, actor="Case", **given)
    occurs = {0: None, 1: 1, 2: 1, 3: 1}
    meeting = read_wide(frame, actor="Case", stances=occurs)
    assert cam.agreement(meeting.tally(), "jaccard").frame.loc["A", "B"] == 0.5
    ratings = read_wide(frame, actor="Case", zero="missing", scale=(1, 3))
    assert ratings.stances == (3, 2, 1)


@pytest.mark.parametrize(
    "numbers",
    [[0, 1], [-1, 0, 1], [1, 2, 9], [0, 1, 2, 3, 9]],
    ids=str,
)
def test_advice_for_cells_is_right(numbers):
    frame = pd.DataFrame({"Case": [f"c{n}" for n in numbers], "x": numbers})
    with pytest.raises(ValueError, match="several things") as caught:
        read_wide(frame, actor="Case")
    ways = re.findall(r"^  (\w+=.*?)  # ", str(caught.value), re.MULTILINE)
    assert ways
    for way in ways:
        read_wide(frame, actor="Case", **eval(f"dict({way})"))


def test_totals_are_a_question():
    frame = pd.DataFrame(
        {"Case": ["A", "B", "C", "All"], "levy": [2, 1, 1, 4], "ports": [1, 3, 1, 5]}
    )
    frame["Sum"] = frame["levy"] + frame["ports"]
    given = {"actor": "Case", "stances": dict.fromkeys(range(1, 10), 1)}
    with pytest.raises(ValueError, match=r"column 'Sum' equals .* leave_out=\['Sum'\]"):
        read_wide(frame, **given)
    with pytest.raises(ValueError, match=r"row 'All' equals"):
        read_wide(frame.drop(columns="Sum"), **given)
    meeting = read_wide(frame, leave_out=["Sum", "All"], **given)
    assert meeting.codebook["code"].tolist() == ["levy", "ports"]
    assert meeting.actors["actor"].tolist() == ["A", "B", "C"]
    assert told(meeting, "rows left out") == [("All", "", 1)]
    assert len(read_wide(frame, leave_out=[], scale=(1, 9), actor="Case").actors) == 4


@pytest.mark.parametrize("minus", "-−–")
def test_totals_are_seen_with_any_minus(tmp_path, minus):
    path = tmp_path / "a.csv"
    rows = ["Country,t,u,v,sum", "A,-1,1,1,1", "B,1,-1,1,1", "C,1,1,1,3"]
    path.write_text("\n".join(rows).replace("-", minus), encoding="utf-8")
    with pytest.raises(ValueError, match="column 'sum' equals"):
        read_wide(path, scale=(-3, 3))


# the transposed table, and several header rows

VOTES_IN_ROWS = [
    ["rcid", "Title", "Peru", "Chile", "Cuba"],
    ["party", None, "left", "right", "left"],
    ["r1", "On trade", "yes", "no", "abstain"],
    ["r2", "On visas", "no", None, "yes"],
]


def test_votes_in_rows_with_a_second_header_row():
    frame = pd.DataFrame(VOTES_IN_ROWS[1:], columns=VOTES_IN_ROWS[0])
    meeting = read_wide(frame, orient="codes")
    found = meeting.positions("code").astype("Float64")
    assert found.loc["Peru"].tolist() == [1, -1]
    assert found.loc["Chile", "r1"] == -1
    assert meeting.actors.set_index("actor")["party"].to_dict() == {
        "Peru": "left", "Chile": "right", "Cuba": "left"
    }  # fmt: skip
    assert meeting.codebook.set_index("code")["label"].to_dict() == {
        "r1": "On trade", "r2": "On visas"
    }  # fmt: skip
    assert told(meeting, "further header rows") == [("party", "", 1)]
    wrong = frame.replace("abstain", "abstan")
    message = faults(lambda: read_wide(wrong, orient="codes"))
    assert "row 2, column Cuba: expected a number or usual word" in message
    assert "did you mean 'abstain'?" in message


@pytest.mark.parametrize("seed", range(3))
def test_the_transposed_table_is_the_same_meeting(seed):
    draw = np.random.default_rng(seed)
    words = draw.choice(["yes", "no", "abstain", ""], size=(7, 5))
    table = pd.DataFrame(
        words, columns=[f"b{n}" for n in range(5)], index=[f"a{n}" for n in range(7)]
    )
    expected = read_wide(table.rename_axis("actor")).positions("code")
    found = read_wide(table.T.rename_axis("code"), orient="codes").positions("code")
    assert_frame_equal(found, expected)


def test_a_second_header_row_of_codes_is_their_label():
    frame = pd.DataFrame(
        [[None, "Trade", "Visas"], ["A", "yes", "no"], ["B", "no", "yes"]],
        columns=["Member", "r1", "r2"],
    )
    meeting = read_wide(frame, actor="Member")
    assert meeting.codebook["label"].tolist() == ["Trade", "Visas"]
    assert meeting.actors["actor"].tolist() == ["A", "B"]


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
    assert [name for name, *_ in told(meeting, "kept beside the stances")] == [
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
    with pytest.raises(ValueError, match=r"numbers .* beside words"):
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
    expected = "row 1, column dd: expected a code of the codebook; got 'dd' (did you mean 'd'?)"
    assert expected in message
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


@pytest.mark.parametrize(
    "measure",
    [pytest.param(m, marks=pytest.mark.slow) if n > 1 else m for n, m in enumerate(MEASURES)],
)
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


def test_an_actor_without_a_known_stance_is_no_header_row():
    rows = [["Peru", "Andes", "n/x", ""], ["Chile", "Andes", "no", "yes"]]
    frame = pd.DataFrame(rows, columns=["Country", "Region", "visas", "data"])
    with pytest.raises(cam.MeetingError, match="n/x"):
        cam.read_wide(frame, actor="Country", attributes="Region")
