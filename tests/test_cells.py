"""Columns outside the spec keep their dtype through a file, or are refused; what JSON can hold."""

import datetime
import decimal
import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import pandas as some
from pandas.testing import assert_series_equal

from camdata.model.cells import (
    Unstorable,
    is_dtype,
    json_faults,
    restored,
    storable,
    unwritable,
    written,
)

SETTINGS = settings(deadline=None, max_examples=20)


def through_a_file(values):
    """Return a column as it comes back from a CSV file."""
    text = written(values).to_csv(index=False, header=False, lineterminator="\n", na_rep="")
    cells = [cell.strip('"') or None for cell in text.split("\n")[:-1]]
    return pd.Series(cells, dtype="str", name=values.name)


NUMPY = [
    *(f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)),
    *("float16", "float32", "float64", "bool"),
]
NULLABLE = [name.replace("i", "I", 1).replace("uI", "UI") for name in NUMPY[:8]]
DATES = [f"datetime64[{unit}]" for unit in ("s", "ms", "us", "ns")]


@pytest.mark.parametrize("dtype", NUMPY)
@SETTINGS
@given(data=st.data())
def test_numbers_and_truth_values_come_back_the_same(dtype, data):
    values = data.draw(some.series(dtype=np.dtype(dtype)))
    kept, wrong = storable(values)
    assert wrong == []
    assert_series_equal(kept, values)
    back, wrong = restored(through_a_file(kept), dtype)
    assert wrong == []
    assert_series_equal(back, values.reset_index(drop=True), check_names=False)


@pytest.mark.parametrize("dtype", [*NULLABLE, "Float32", "Float64", "boolean"])
@SETTINGS
@given(data=st.data())
def test_missing_ones_among_them_come_back_as_well(dtype, data):
    plain = dtype.lower().replace("boolean", "bool")
    numbers = data.draw(some.series(dtype=np.dtype(plain))).reset_index(drop=True)
    if plain.startswith("float"):
        numbers = numbers.fillna(0)
    gone = data.draw(st.lists(st.booleans(), min_size=len(numbers), max_size=len(numbers)))
    values = numbers.astype(dtype).mask(np.array(gone, dtype=bool))
    back, wrong = restored(through_a_file(storable(values)[0]), dtype)
    assert wrong == []
    assert_series_equal(back, values, check_names=False)


@pytest.mark.parametrize("dtype", [*DATES, "datetime64[us, UTC]"])
@SETTINGS
@given(data=st.data())
def test_moments_come_back_to_the_last_digit(dtype, data):
    plain = np.dtype(dtype.replace(", UTC", ""))
    few = st.integers(-(2**33), 2**33) | st.just(0)
    moments = data.draw(st.lists(few.map(lambda n: np.datetime64(n, plain.str[4:-1])) | st.none()))
    values = pd.Series(np.array(moments, dtype=plain))
    if "UTC" in dtype:
        values = values.dt.tz_localize("UTC")
    back, wrong = restored(through_a_file(storable(values)[0]), dtype)
    assert wrong == []
    assert_series_equal(back, values, check_names=False)


def test_dates_before_the_year_1000_and_after_9999_come_back():
    values = pd.Series(np.array(["0001-02-03", "0999-12-31", "12017-01-01"], dtype="datetime64[s]"))
    assert written(values).tolist() == ["0001-02-03", "0999-12-31", "12017-01-01"]
    assert_series_equal(restored(written(values), "datetime64[s]")[0], values)


@pytest.mark.parametrize(
    ("cells", "dtype"),
    [
        (["a", "b"], "str"),
        (["a", None, float("nan")], "str"),
        ([None, None], "str"),
        ([1, 2], "int64"),
        ([1, None], "Int64"),
        ([1.5, None], "float64"),
        ([1, 1.5], "float64"),
        ([True, False], "bool"),
        ([True, None], "boolean"),
        ([datetime.date(2017, 10, 17), None], "datetime64[s]"),
        ([datetime.datetime(2017, 10, 17, 12, 30)], "datetime64[us]"),
        ([pd.Timestamp("2017-10-17")], "datetime64[us]"),
    ],
    ids=str,
)
def test_objects_get_the_dtype_of_what_they_are(cells, dtype):
    values = pd.Series(cells, dtype=object)
    kept, wrong = storable(values)
    assert (str(kept.dtype), wrong) == (dtype, [])
    assert kept.isna().tolist() == values.isna().tolist()
    assert [a == b for a, b in zip(kept.dropna(), values.dropna(), strict=True)].count(
        False
    ) == 0 or isinstance(cells[0], datetime.date)


@pytest.mark.parametrize("kind", ["category", "string", "object", "str"])
def test_text_in_any_clothing_is_text(kind):
    kept, wrong = storable(pd.Series(["a\r\nb", "c", None, ""], dtype=kind))
    assert (str(kept.dtype), wrong) == ("str", [])
    assert kept.fillna("-").tolist() == ["a\nb", "c", "-", "-"]


@pytest.mark.parametrize(
    "values",
    [
        pd.Series([1, "a"], dtype=object),
        pd.Series([[1], [2]]),
        pd.Series([b"a"]),
        pd.Series([1 + 2j]),
        pd.Series([decimal.Decimal("1.5")]),
        pd.to_timedelta(pd.Series(["1 day"])),
        pd.Series(pd.period_range("2017-10", periods=2, freq="M")),
        pd.Series(pd.to_datetime(["2017-10-17"])).dt.tz_localize("America/Bogota"),
        pd.Series([datetime.time(12)]),
        pd.Series([2**70], dtype=object),
        pd.Series([2**53 + 1, 0.5], dtype=object),
        pd.Series([10**5000], dtype=object),
        pd.Series([True, 1], dtype=object),
    ],
    ids=lambda v: f"{v.dtype} {type(v.iloc[0]).__name__}",
)
def test_what_could_not_be_read_back_the_same_is_refused(values):
    with pytest.raises(Unstorable, match="values such as "):
        storable(values)


def test_rows_of_text_that_no_file_can_hold_are_named():
    assert storable(pd.Series(["a", "b\0", "c", "\ud800"], dtype=object))[1] == [1, 3]


@pytest.mark.parametrize(
    ("cell", "dtype"),
    [
        ("x", "int64"),
        ("1.5", "int64"),
        ("1_0", "int64"),
        ("200", "int8"),
        ("-1", "UInt8"),
        (None, "int64"),
        (None, "bool"),
        ("9" * 5000, "Int64"),
        ("one", "float64"),
        ("1_0", "Float64"),
        ("1", "boolean"),
        ("yes", "bool"),
        ("2017", "datetime64[s]"),
        ("today", "datetime64[s]"),
        ("2017-02-29", "datetime64[s]"),
        ("2017-10-17T12:30:00.5", "datetime64[s]"),
        ("3017-10-17", "datetime64[ns]"),
        ("2017-10-17T12:30:00Z", "datetime64[s]"),
        ("2017-10-17T12:30:00", "datetime64[s, UTC]"),
    ],
)
def test_a_cell_that_is_not_what_was_declared_is_named_and_not_bent(cell, dtype):
    good = {"b": "True", "d": "2017-10-17"}.get(dtype[0].lower(), "1") + "Z" * ("UTC" in dtype)
    column = pd.Series([good, cell], dtype="str")
    assert restored(column, dtype)[1] == [1]
    assert restored(column[:1], dtype)[1] == []


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("int64", True),
        ("Float32", True),
        ("datetime64[us, UTC]", True),
        ("datetime64[us, dateutil//etc/localtime]", False),
        ("object", False),
        ("category", False),
        ("str", False),
        ("int64 ", False),
        (None, False),
        (["int64"], False),
    ],
)
def test_only_plain_dtypes_may_be_declared(name, known):
    assert is_dtype(name) is known


@given(st.text(st.characters() | st.sampled_from("\0\ud800\udfff")))
def test_text_can_be_written_or_is_told_apart(text):
    try:
        data = text.encode()
    except UnicodeEncodeError:
        assert unwritable(text)
    else:
        assert bool(unwritable(text)) == (b"\0" in data)


# JSON

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.binary()
    | st.dates()
    | st.just((1,)),
    lambda inside: st.lists(inside) | st.dictionaries(st.text() | st.integers(), inside),
)


@given(JSON)
def test_what_json_gives_back_the_same_is_sound_and_nothing_else(value):
    try:
        text = json.dumps(value, allow_nan=False)
        text.encode("utf-8")
        same = json.loads(text) == value and json.dumps(value, ensure_ascii=False).encode()
    except (TypeError, ValueError):
        same = False
    # a tuple equals no list, and keys that are numbers come back as text
    assert (next(json_faults(value), None) is None) == bool(same)


@pytest.mark.parametrize(
    ("value", "place", "expected"),
    [
        ({"sources": [{"title": {1, 2}}]}, "sources[0].title", "what JSON holds"),
        ({"a": float("nan")}, "a", "a finite number"),
        ({"a": [0, float("inf")]}, "a[1]", "a finite number"),
        ({"a": 10**5000}, "a", "a shorter number"),
        ({1: "a"}, "", "keys that are text"),
        ({"a": "\ud800"}, "a", "text without halves"),
        ({"\ud800": "a"}, "", "keys that are text"),
        ({"a": datetime.date(2017, 10, 17)}, "a", "what JSON holds"),
        ({"a": (1, 2)}, "a", "what JSON holds"),
        ({"a": np.int64(1)}, "a", "what JSON holds"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, dict) else value,
)
def test_what_json_cannot_hold_is_named_with_its_place(value, place, expected):
    ((where, wanted, got),) = json_faults(value)
    assert where == place
    assert wanted.startswith(expected)
    assert len(got) < 100


@pytest.mark.parametrize("kind", [list, dict])
def test_metadata_may_be_deep_but_not_bottomless(kind):
    def nested(levels):
        value = 1
        for _ in range(levels):
            value = [value] if kind is list else {"a": value}
        return value

    assert list(json_faults(nested(100))) == []
    assert "at most 100 levels" in next(json_faults(nested(5000)))[1]
    endless = []
    endless.append(endless)
    assert "at most 100 levels" in next(json_faults(endless))[1]
