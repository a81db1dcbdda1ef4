"""What each column may hold: values as they come, refused where they would have to be bent."""

import datetime
import fractions

import numpy as np
import pandas as pd
import pytest
from conftest import faults_of
from hypothesis import given, settings
from hypothesis import strategies as st

import camdata as cam
from camdata.model.columns import check_table, factorize
from camdata.model.errors import Origin
from camdata.model.schema import scale_fault, tables_for

TABLES = tables_for()


def column(table, name, values):
    """Return the checked values of one column, or the rows that are at fault."""
    spec = TABLES[table]
    frame, faults = check_table(spec, pd.DataFrame({name: values}), Origin(table, unit="row"), {})
    return [fault.line for fault in faults if fault.column == name] or frame[name]


def is_refused(table, name, values):
    """Say whether the last of the values, and no other one, is at fault."""
    found = column(table, name, values)
    return isinstance(found, list) and found == [len(values)]


# the spec


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_the_spec_is_sound(table):
    names = [spec.name for spec in table.fields]
    assert len(names) == len(set(names))
    assert set(table.key) <= set(names)
    assert table.quoted is None or table.quoted in names
    for name, (target, key) in table.foreign.items():
        assert name in names
        assert TABLES[target].key == (key,)
    order = list(TABLES)
    assert all(
        order.index(target) < order.index(table.name) for target, _ in table.foreign.values()
    )


def test_another_scale_changes_the_stances_and_nothing_else():
    changed = tables_for((1, 0, -1))
    for name, table in TABLES.items():
        pairs = zip(table.fields, changed[name].fields, strict=True)
        different = {a.name for a, b in pairs if a != b}
        assert different == ({"stance"} if table.field("stance") else set())
    assert changed["statements"].field("stance").expected == "one of 1, 0, -1"


# scales

SCALES = {
    "empty": ([], "no whole numbers"),
    "no list": (3, "'3'"),
    "text": (["for", "against"], "'for' among them"),
    "text of digits": (["1", "-1"], "'1' among them"),
    "truth values": ([True, False], "'True' among them"),
    "fractions": ([1, 0.5], "'0.5' among them"),
    "whole floats": ([1.0, -1.0], "'1.0' among them"),
    "nothing": ([1, None], "'None' among them"),
    "not a number": ([1, float("nan")], "'nan' among them"),
    "twice": ([1, 2, 1], "1 twice"),
    "beyond 64 bits": ([2**63], "9223372036854775808, which is beyond 64 bits"),
    "5,000 digits": ([10**5000], "a very long int, which is beyond 64 bits"),
}


@pytest.mark.parametrize(("stances", "wrong"), SCALES.values(), ids=SCALES)
def test_what_is_no_scale_is_refused_when_the_meeting_is_made(stances, wrong):
    assert scale_fault(stances) == wrong
    with pytest.raises(ValueError, match="`stances` must be different whole numbers") as caught:
        cam.Meeting(pd.DataFrame({"actor": ["A"], "code": ["x"]}), stances=stances)
    assert str(caught.value).endswith(f"but holds {wrong}.")


@pytest.mark.parametrize(
    "stances",
    [(1, -1), [1, 0, -1], range(1, 6), np.array([1, 2]), (n for n in (1, 2)), [2**63 - 1, 1]],
    ids=["pair", "list", "range", "array", "generator", "64 bits"],
)
def test_a_scale_may_come_as_any_list_of_whole_numbers(stances):
    statements = pd.DataFrame({"actor": ["A"], "code": ["x"]})
    scale = cam.Meeting(statements, stances=stances).stances
    assert 1 in scale
    assert {type(level) for level in scale} == {int}


@pytest.mark.parametrize("table", ["statements", "recodings"])
def test_a_scale_without_1_needs_stances(table):
    statements = pd.DataFrame({"actor": ["A"], "code": ["x"], "stance": [5]})
    parts = {"statements": statements, "recodings": statements.assign(coder="Ann")}
    parts[table] = parts[table].drop(columns="stance")
    ((file, line, name, _, got),) = faults_of(parts.pop("statements"), **parts, stances=[5, 6])
    assert (file, line, name) == (table, None, "stance")
    assert got == "none, and without it every statement is 1, which is not among 5, 6"


def test_a_scale_beyond_a_byte_has_its_own_dtype_everywhere():
    statements = pd.DataFrame({"actor": ["A"], "code": ["x"]})
    made = cam.Meeting(statements, stances=[1, 1000])
    again = made.replace(statements=made.statements)
    assert made.statements["stance"].dtype == again.statements["stance"].dtype == "Int64"


@given(st.lists(st.integers(-(2**63), 2**63 - 1), min_size=1, unique=True))
@settings(deadline=None, max_examples=10)
def test_every_level_of_a_scale_is_read_from_numbers_and_from_text(scale):
    for cells in (scale, [str(level) for level in scale], pd.Series(scale, dtype=object)):
        statements = pd.DataFrame({"actor": "A", "code": "x", "stance": cells})
        assert cam.Meeting(statements, stances=scale).statements["stance"].tolist() == scale


# stances, numbers, dates, text: what is taken and what is refused

TAKEN = {
    "int": (1, 1),
    "numpy": (np.int8(-1), -1),
    "whole float": (1.0, 1),
    "text": ("-1", -1),
    "with its sign": ("+1", 1),
    "with blanks": (" 1 ", 1),
    "with a true minus": ("\N{MINUS SIGN}1", -1),
}


@pytest.mark.parametrize(("cell", "stance"), TAKEN.values(), ids=TAKEN)
def test_a_stance_may_be_written_in_several_ways(cell, stance):
    values = column("statements", "stance", pd.Series([cell, None], dtype=object))
    assert values.dtype == "Int8"
    assert values.fillna(9).tolist() == [stance, 9]


@pytest.mark.parametrize(
    "cell",
    [
        1.5,
        float("inf"),
        True,
        np.True_,
        2,
        "for",
        "1.0",
        "1e0",
        "9" * 5000,
        10**5000,
        fractions.Fraction(1, 2),
        1 + 0j,
        b"1",
        [1],
        datetime.date(2017, 10, 17),
    ],
    ids=lambda cell: type(cell).__name__,
)
def test_what_is_no_stance_is_refused(cell):
    assert is_refused("statements", "stance", pd.Series([1, cell], dtype=object))


@pytest.mark.parametrize(
    ("cell", "wrong"),
    [("1", False), (3.0, False), ("0", True), (0, True), (-1, True), (1.5, True), ("1.5", True)],
)
def test_numbers_have_their_least(cell, wrong):
    assert is_refused("interventions", "order", pd.Series([9, cell], dtype=object)) is wrong


@pytest.mark.parametrize(
    "day",
    [
        "2017-10-17",
        datetime.date(2017, 10, 17),
        datetime.datetime(2017, 10, 17),
        pd.Timestamp("2017-10-17"),
        pd.Timestamp("2017-10-17", tz="America/Bogota"),
    ],
    ids=lambda day: type(day).__name__,
)
def test_a_day_may_come_as_text_or_date(day):
    values = column("statements", "date", pd.Series([day, None], dtype=object))
    assert values.dtype == "datetime64[s]"
    assert values[0] == pd.Timestamp("2017-10-17")
    assert pd.isna(values[1])


def test_a_column_of_dates_is_taken_as_it_is():
    for unit in ("s", "ms", "us", "ns"):
        days = pd.Series(np.array(["2017-10-17", "NaT"], dtype=f"datetime64[{unit}]"))
        assert column("statements", "date", days).dtype == "datetime64[s]"


@pytest.mark.parametrize(
    "cell",
    [
        "17/10/2017",
        "20171017",
        "2017-10",
        "2017-W42-2",
        "2017-02-29",
        "2017-10-17 12:30",
        "٢٠١٧-١٠-١٧",
        datetime.datetime(2017, 10, 17, 12, 30),
        pd.Timestamp("2017-10-17") + pd.Timedelta(5, "ns"),
        20171017,
        1508198400.0,
        datetime.time(12),
        b"2017-10-17",
    ],
    ids=repr,
)
def test_what_is_no_day_is_refused_a_time_of_day_as_well(cell):
    assert is_refused("statements", "date", pd.Series(["2017-10-17", cell], dtype=object))


def test_a_column_of_moments_is_refused():
    moments = pd.Series(pd.to_datetime(["2017-10-17T00:00", "2017-10-17T12:30"]))
    assert is_refused("statements", "date", moments)


@pytest.mark.parametrize(
    ("cell", "text"),
    [("A", "A"), (7, "7"), (7.0, "7"), (1.5, "1.5"), ("a\r\nb\rc", "a\nb\nc"), (" A ", " A ")],
)
def test_text_is_taken_as_it_is_and_numbers_as_they_are_written(cell, text):
    assert column("statements", "actor", pd.Series([cell], dtype=object)).tolist() == [text]


@pytest.mark.parametrize(
    "cell",
    [b"A", bytearray(b"A"), np.bytes_(b"A"), True, ["A"], ("A",), {"A"}, object(), "A\0", "\ud800"],
    ids=lambda cell: type(cell).__name__,
)
def test_what_is_no_text_is_refused(cell):
    values = np.empty(2, dtype=object)
    values[:] = ["A", cell]
    assert is_refused("statements", "actor", pd.Series(values, dtype=object))


def test_what_no_file_can_hold_is_refused_with_the_reason():
    cells = pd.Series(["a\0", "b", "\ud800"], dtype=object)
    frame = pd.DataFrame({"actor": "A", "code": "x", "quote": cells, "note": cells})
    expected = "text without NUL and without unpaired surrogates"
    assert faults_of(frame) == [
        ("statements", 1, "quote", expected, r"'a\x00'"),
        ("statements", 1, "note", expected, r"'a\x00'"),
        ("statements", 3, "quote", expected, r"'\ud800'"),
        ("statements", 3, "note", expected, r"'\ud800'"),
    ]


def test_a_column_outside_the_spec_that_is_no_column_is_refused_as_a_whole():
    frame = pd.DataFrame({"actor": ["A", "B"], "code": ["x", "y"], "tags": [["a"], ["b"]]})
    ((_, line, name, expected, got),) = faults_of(frame)
    assert (line, name) == (None, "tags")
    assert expected.startswith("one type of values: text, numbers, true and false, or dates")
    assert got.startswith("mixed values such as")


# different values


@given(
    st.lists(
        st.none()
        | st.sampled_from(["", "a", "1", 1, 1.0, True, float("nan"), pd.NA, pd.NaT])
        | st.lists(st.integers(0, 2), max_size=2)
    )
)
@settings(deadline=None)
def test_different_values_are_told_apart_by_type_and_in_order_of_appearance(cells):
    boxes = np.empty(len(cells), dtype=object)
    for row, cell in enumerate(cells):
        boxes[row] = cell
    values = pd.Series(boxes, dtype=object)

    def is_missing(cell):
        return not isinstance(cell, list) and (
            pd.isna(cell) or (isinstance(cell, str) and not cell)
        )

    keys = [None if is_missing(cell) else (type(cell), repr(cell)) for cell in cells]
    codes, found = factorize(values)
    back = [None if n < 0 else (type(found[n]), repr(found[n])) for n in codes.tolist()]
    assert back == keys
    used = [(type(cell), repr(cell)) for cell in found if not is_missing(cell)]
    assert used == list(dict.fromkeys(key for key in keys if key is not None))


@pytest.mark.parametrize("dtype", ["category", "str", "string", "object"])
def test_text_columns_of_every_dtype_are_factorized_alike(dtype):
    codes, found = factorize(pd.Series(["b", None, "a", "", "b"], dtype=dtype))
    assert [found[n] if n >= 0 else None for n in codes] == ["b", None, "a", None, "b"]


@pytest.mark.parametrize(
    "dtype", ["category", "string", "object", "str", "Int64", "float64", "int8"]
)
def test_a_meeting_may_be_made_of_columns_of_any_dtype(dtype):
    names = pd.Series([1, 2, 1] if dtype[:3] in ("Int", "int", "flo") else ["1", "2", "1"])
    frame = pd.DataFrame({"actor": names.astype(dtype), "code": ["x", "y", "y"]})
    actors = pd.DataFrame({"actor": ["1", "2"]})
    assert cam.Meeting(frame, actors=actors).statements["actor"].tolist() == ["1", "2", "1"]
