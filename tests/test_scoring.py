"""Coders against a reference coding, by hand and by scikit-learn."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import precision_recall_fscore_support

import camdata as cam

SCORES = ["precision", "recall", "f1"]


def coding(coder, cells, **columns):
    rows = [(*cell, 1)[:3] for cell in cells]
    return pd.DataFrame(rows, columns=["actor", "code", "stance"]).assign(coder=coder, **columns)


def coded(*tables, codes=("tax", "quota"), **metadata):
    codebook = pd.DataFrame({"code": list(codes), "dimension": ["money", "rules"][: len(codes)]})
    return cam.Meeting(pd.concat(tables, ignore_index=True), codebook=codebook, metadata=metadata)


GOLD = coding("gold", [("A", "tax"), ("B", "tax"), ("C", "quota", -1), ("D", "quota")])
MACHINE = coding("machine", [("A", "tax"), ("B", "quota"), ("C", "quota", 1), ("D", "quota")])


@pytest.fixture(scope="module")
def meeting():
    return coded(GOLD, MACHINE)


def test_by_hand(meeting):
    found = cam.against_reference(meeting, "gold")
    assert (found.reference, found.coders) == ("gold", ("machine",))
    counts = found.overall[["reference", "recorded", "right"]]
    assert counts.loc["machine"].tolist() == [4, 4, 2]
    assert found.overall.loc["machine", SCORES].tolist() == [0.5, 0.5, 0.5]
    assert found.by_code.loc[("machine", "tax"), SCORES].tolist() == pytest.approx(
        [1, 1 / 2, 2 / 3]
    )
    assert found.by_code.loc[("machine", "quota"), "right"] == 1
    assert found.by_dimension.loc[("machine", "money")].tolist() == pytest.approx(
        found.by_code.loc[("machine", "tax")].tolist()
    )


def test_errors_say_what_was_missed_and_what_was_added(meeting):
    rows = cam.against_reference(meeting, "gold").errors
    assert list(rows) == ["coder", "actor", "code", "stance", "error", "quote"]
    cells = rows[["actor", "code", "stance", "error"]].to_numpy().tolist()
    # a position of the other stance is missed and added
    assert sorted(cells, key=str) == [
        ["B", "quota", 1, "added"],
        ["B", "tax", 1, "missed"],
        ["C", "quota", -1, "missed"],
        ["C", "quota", 1, "added"],
    ]


cells = st.lists(
    st.tuples(st.sampled_from("ABC"), st.sampled_from(["tax", "quota"]), st.sampled_from([1, -1])),
    min_size=1,
    unique=True,
)


@given(cells, cells)
@settings(max_examples=40, deadline=None)
def test_against_scikit_learn(first, second):
    meeting = coded(coding("gold", first), coding("machine", second))
    found = cam.against_reference(meeting, "gold", read="everything").overall.loc["machine"]
    every = sorted({*first, *second})
    truth, said = ([cell in own for cell in every] for own in (set(first), set(second)))
    expected = precision_recall_fscore_support(truth, said, average="binary", zero_division=0)
    assert found[SCORES].tolist() == pytest.approx(expected[:3])


def test_nothing_to_divide_by_is_missing():
    only = coding("gold", [("A", "tax")]), coding("machine", [("A", "tax")])
    row = cam.against_reference(coded(*only), "gold").by_code.loc[("machine", "quota")]
    assert row[["reference", "recorded", "right"]].tolist() == [0, 0, 0]
    assert row[SCORES].isna().all()


def test_a_coder_is_measured_on_what_it_read():
    part = MACHINE[MACHINE["actor"].isin(["A", "B"])]
    found = cam.against_reference(coded(GOLD, part), "gold")
    assert found.overall.loc["machine", ["reference", "recorded"]].tolist() == [2, 2]
    every = cam.against_reference(coded(GOLD, part), "gold", read="everything")
    assert every.overall.loc["machine", ["reference", "recorded"]].tolist() == [4, 2]


def test_each_coder_is_measured_on_its_own_part():
    other = coding("other", [("D", "quota")])
    found = cam.against_reference(coded(GOLD, MACHINE, other), "gold")
    alone = cam.against_reference(coded(GOLD, MACHINE), "gold")
    assert found.coders == ("machine", "other")
    assert found.overall.loc["machine"].tolist() == alone.overall.loc["machine"].tolist()
    assert found.overall.loc["other", SCORES].tolist() == [1, 1, 1]
    assert cam.against_reference(coded(GOLD, MACHINE, other), "gold", coder="other").coders == (
        "other",
    )


def test_a_position_counts_once_and_by_document():
    twice = coded(GOLD, GOLD, MACHINE)
    overall = cam.against_reference(twice, "gold").overall
    assert overall.loc["machine", "reference"] == 4
    apart = coded(
        GOLD.assign(document="1"), MACHINE.assign(document="1"),
        GOLD.assign(document="2"), MACHINE.assign(document="2"),
    )  # fmt: skip
    found = cam.against_reference(apart, "gold")
    assert found.overall.loc["machine", "reference"] == 8
    assert set(found.errors["document"]) == {"1", "2"}


def test_the_recodings_of_the_bundled_meeting():
    meeting = cam.load_meeting()
    found = cam.against_reference(meeting, "camdata")
    assert found.coders == ("definitions_only", "full_codebook")
    assert found.overall["right"].tolist() == [49, 52]
    # what was added after the comparison is no reference
    assert found.overall["reference"].tolist() == [52, 52]
    for column in ("reference", "recorded", "right"):
        for table in (found.by_code, found.by_dimension):
            sums = table[column].groupby("coder").sum()
            assert sums.tolist() == found.overall[column].tolist()
    assert (found.errors["quote"] != "").all()
    assert found.frame.loc[""].index.tolist() == [(who, "all") for who in found.coders]
    assert np.isclose(found.frame.loc[("code", "full_codebook", "procedure"), "recall"], 1)


def test_summary_in_words(meeting):
    assert cam.against_reference(meeting, "gold").summary == (
        "Against gold:\n  machine: precision 0.50, recall 0.50, F1 0.50 (2 right of 4 recorded; "
        "4 positions in the reference)"
    )


@pytest.mark.parametrize(
    ("reference", "coder", "error", "message"),
    [
        ("golden", None, ValueError, "`reference`.*'golden'.*did you mean 'gold'"),
        (["gold"], None, TypeError, "`reference` must be the name of a coder"),
        ("gold", "gold", ValueError, "`coder` must be among"),
        ("gold", "machin", ValueError, "`coder`.*did you mean 'machine'"),
    ],
)
def test_errors(meeting, reference, coder, error, message):
    with pytest.raises(error, match=message):
        cam.against_reference(meeting, reference, coder=coder)


def test_one_coder_is_not_enough():
    with pytest.raises(ValueError, match="at least two coders"):
        cam.against_reference(coded(GOLD), "gold")
