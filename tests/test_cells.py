"""Columns outside the specification: of the types of Frictionless, the same after a file."""

import datetime
import decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import camdata as cam
from camdata.model.columns import Unstorable, storable

BASE = pd.DataFrame({"actor": ["A", "A"], "code": ["x", "y"]})
CELLS = {
    "integer": st.integers(-(2**63), 2**63 - 1),
    "number": st.floats(allow_nan=False),
    "boolean": st.booleans(),
    "date": st.dates(),
    "datetime": st.datetimes(min_value=datetime.datetime(1, 1, 1)),
    "string": st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), min_size=1),
}
DTYPES = {
    "integer": ["Int64"],
    "number": ["float64"],
    "boolean": ["boolean"],
    "date": ["datetime64[s]"],
    "datetime": ["datetime64[us]", "datetime64[s]"],  # days where no time is drawn
    "string": ["str"],
}


@settings(deadline=None, max_examples=8)
@given(
    st.fixed_dictionaries(
        {kind: st.lists(cell | st.none(), min_size=2, max_size=2) for kind, cell in CELLS.items()}
    )
)
def test_every_type_is_the_same_after_a_file(tmp_path_factory, columns):
    made = cam.Meeting(
        BASE.assign(**{kind: pd.Series(cells, dtype=object) for kind, cells in columns.items()})
    )
    folder = tmp_path_factory.mktemp("cells")
    cam.io.write_folder(made, folder)
    again = cam.load_meeting(folder).statements
    pd.testing.assert_frame_equal(again, made.statements)
    for kind, cells in columns.items():
        if any(cell is not None for cell in cells):
            assert str(again[kind].dtype) in DTYPES[kind]
            kept = [None if pd.isna(cell) else cell for cell in again[kind]]
            assert kept == [pd.Timestamp(c) if kind == "date" and c else c for c in cells]


@pytest.mark.parametrize(
    ("values", "dtype"),
    [
        (pd.Series([1, 2], dtype="uint8"), "Int64"),
        (pd.Series([1.5, 2], dtype="float32"), "float64"),
        (pd.Series([1, 1.5], dtype=object), "float64"),
        (pd.Series([True, False]), "boolean"),
        (pd.Series([None, None]), "str"),
        (pd.Series(["a\r\nb", None], dtype="category"), "str"),
        (pd.Series(pd.to_datetime(["2017-10-17", None])), "datetime64[s]"),
        (pd.Series(pd.to_datetime(["2017-10-17T12:30Z", None])), "datetime64[us, UTC]"),
    ],
    ids=lambda value: value if isinstance(value, str) else str(value.dtype),
)
def test_a_column_gets_the_dtype_of_its_type(values, dtype):
    kept, wrong = storable(values)
    assert (str(kept.dtype), wrong) == (dtype, [])
    assert kept.isna().tolist() == values.isna().tolist()


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
        pd.Series(np.array(["2017-10-17T00:00:00.000000001"], dtype="datetime64[ns]")),
        pd.Series([datetime.time(12)]),
        pd.Series([2**70], dtype=object),
        pd.Series([2**64 - 1], dtype="uint64"),
        pd.Series([2**53 + 1, 0.5], dtype=object),
        pd.Series([True, 1], dtype=object),
    ],
    ids=lambda v: f"{v.dtype} {type(v.iloc[0]).__name__}",
)
def test_what_could_not_be_read_back_the_same_is_refused(values):
    with pytest.raises(Unstorable, match="values such as "):
        storable(values)


def test_rows_of_text_that_no_file_can_hold_are_named():
    assert storable(pd.Series(["a", "b\0", "c", "\ud800"], dtype=object))[1] == [1, 3]
