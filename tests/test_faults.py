"""One error lists every fault, in words that fit on a screen whatever the data hold."""

import pickle

import pandas as pd
import pytest
from conftest import write_folder
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

import camdata as cam
from camdata.model.errors import Fault, MeetingError, Origin


def fault(line=None, **parts):
    """Return a fault of one statement's stance, with some of its parts changed."""
    given = {
        "file": "statements.csv",
        "line": line,
        "column": "stance",
        "expected": "one of 1, -1",
        "got": "'2'",
    }
    return Fault(**{**given, **parts})


def lines(*faults):
    return str(MeetingError(list(faults))).splitlines()


def test_the_message_says_the_same_as_the_faults(tmp_path):
    with pytest.raises(MeetingError) as caught:
        cam.load_meeting(write_folder(tmp_path, {"statements.csv": "actor,code,stance\nA,tax,2\n"}))
    assert str(caught.value).splitlines() == [
        f"1 fault in {tmp_path}:",
        "  statements.csv, line 2, column stance: expected one of 1, -1; got '2' "
        '(another scale is given by "stances" in datapackage.json, or by stances=)',
    ]
    assert caught.value.faults.dtypes.astype("str").to_dict() == {
        "file": "str",
        "sheet": "str",
        "line": "Int64",
        "column": "str",
        "expected": "str",
        "got": "str",
        "nearest": "str",
    }
    assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (fault(), "statements.csv, column stance: expected one of 1, -1; got '2'"),
        (fault(column=None), "statements.csv: expected one of 1, -1; got '2'"),
        (fault(3), "statements.csv, line 3, column stance: expected one of 1, -1; got '2'"),
        (
            fault(3, file="book.xlsx", sheet="Votes", unit="row"),
            "book.xlsx, sheet Votes, row 3, column stance: expected one of 1, -1; got '2'",
        ),
        (
            fault(nearest="did you mean '1'?"),
            "statements.csv, column stance: expected one of 1, -1; got '2' (did you mean '1'?)",
        ),
    ],
    ids=["column", "file", "line", "sheet", "nearest"],
)
def test_a_fault_in_one_line(found, said):
    assert lines(found)[1:] == [f"  {said}"]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([3], "line 3"),
        ([3, 4], "lines 3 and 4"),
        ([3, 4, 9, 12], "lines 3, 4, 9 and 12"),
        (range(2, 102), "lines 2, 3, 4 and 97 more"),
    ],
)
def test_rows_with_the_same_fault_share_a_line(rows, said):
    message = lines(*(fault(row) for row in rows))
    assert len(message) == 2
    assert message[0].startswith(f"{len(rows)} fault")
    assert f"statements.csv, {said}, column stance:" in message[1]


def test_the_message_is_capped_and_the_faults_are_not():
    error = MeetingError([fault(n, got=f"'{n}'") for n in range(2, 59)], "my meeting")
    message = str(error).splitlines()
    assert message[0] == "57 faults in my meeting:"
    assert len(message) == 1 + 20 + 1
    assert message[-1] == "  … and 37 more: see the error's .faults"
    assert error.faults["line"].tolist() == list(range(2, 59))


def test_twenty_kinds_of_fault_are_all_shown():
    message = lines(*(fault(n, got=f"'{n}'") for n in range(20) for _ in range(2)))
    assert len(message) == 1 + 20
    assert "more" not in message[-1]


def test_what_was_meant_is_looked_for_only_where_it_is_shown():
    asked = []

    def search(number):
        return lambda: asked.append(number) or f"did you mean {number}?"

    error = MeetingError([fault(n, got=f"'{n}'", nearest=search(n)) for n in range(50)])
    assert asked == list(range(20))
    assert error.faults["nearest"].tolist() == [f"did you mean {n}?" for n in range(20)] + [""] * 30


def test_the_error_survives_pickling():
    """An error that cannot be unpickled breaks whoever loads meetings in several processes."""
    with pytest.raises(MeetingError) as caught:
        cam.Meeting(pd.DataFrame({"actor": ["A", "Bo"], "code": ["tax", None], "stance": [1, "x"]}))
    again = pickle.loads(pickle.dumps(caught.value))
    assert str(again) == str(caught.value)
    assert_frame_equal(again.faults, caught.value.faults)


STRANGE = st.text(st.characters() | st.sampled_from("\n\r\0\u200b\u202e\ud800🌎 \x1b"), max_size=40)
LONG = STRANGE.flatmap(lambda word: st.sampled_from([word, word * 50, word * 5000]))


@given(
    st.lists(st.tuples(LONG, LONG, LONG, LONG, LONG, LONG), min_size=1, max_size=40),
    LONG,
)
@settings(deadline=None, max_examples=15)
def test_a_printed_error_is_short_and_can_be_printed_whatever_the_cells_hold(cells, source):
    faults = [
        Fault(file, n, column, expected, got, nearest, sheet)
        for n, (file, column, expected, got, nearest, sheet) in enumerate(cells)
    ]
    error = MeetingError(faults, source)
    message = str(error)
    assert len(message.encode()) < 10_000  # which lone halves of surrogates would refuse
    assert message.replace("\n", "").isprintable()
    assert 2 <= len(message.splitlines()) <= 22
    assert len(error.faults) == len(faults)
    assert error.faults["line"].tolist() == list(range(len(faults)))


@pytest.mark.parametrize("cell", ["x" * 100_000, "🌎" * 9999, "\n" * 9999])
def test_an_error_of_a_meeting_is_short_whatever_its_cells_hold(cell):
    names = [f"{cell}{n}" for n in range(30)]
    statements = pd.DataFrame({"actor": names, "code": "x", "stance": names})
    for parts in ({}, {"actors": pd.DataFrame({"actor": [cell, *"AB"]})}):
        with pytest.raises(MeetingError) as caught:
            cam.Meeting(statements, **parts)
        assert len(str(caught.value).encode()) < 10_000


def test_an_origin_names_rows_and_columns_as_the_user_has_them():
    origin = Origin("book.xlsx", [4, 9], 3, "Votes", {"actor": "Country"}, "row")
    assert origin.fault(1, "actor", "a value", "nothing") == Fault(
        "book.xlsx", 9, "Country", "a value", "nothing", "", "Votes", "row"
    )
    assert origin.fault(None, "code", "this column", "none")[1:3] == (3, "code")
    assert Origin("statements", unit="row").at(0) == 1
