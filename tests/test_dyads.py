"""The long table of pairs that regressions are run on."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from strategies import SCALES, positions, tallies

import camdata as cam
from camdata.analysis.measures import MEASURES

SETTINGS = settings(deadline=None)


def of_pairs(table, agreement):
    """Return the values of agreement in the order of a table of dyads."""
    frame = agreement.frame
    return [frame.at[a, b] for a, b in zip(table["actor_a"], table["actor_b"], strict=True)]


@SETTINGS
@given(scale=st.sampled_from(SCALES), data=st.data())
def test_every_measure_is_that_of_agreement(scale, data):
    tally = data.draw(tallies(stances=scale))
    table = cam.dyads(tally, MEASURES)
    n = len(tally.actors)
    assert len(table) == n * (n - 1) // 2
    assert table.columns.tolist() == ["actor_a", "actor_b", "shared_codes", *MEASURES]
    for measure in MEASURES:
        agreement = cam.agreement(tally, measure)
        assert table[measure].dtype == np.float64
        assert_array_equal(table[measure], of_pairs(table, agreement))


@SETTINGS
@given(positions())
def test_every_pair_is_there_once_with_the_codes_on_which_both_are_recorded(table):
    found = cam.dyads(table)
    names = sorted(table.index)
    expected = [(a, b) for i, a in enumerate(names) for b in names[i + 1 :]]
    assert list(zip(found["actor_a"], found["actor_b"], strict=True)) == expected
    assert (found.dtypes[["actor_a", "actor_b"]] == "str").all()
    assert found["shared_codes"].dtype == np.int64
    for row in found.itertuples():
        both = table.loc[row.actor_a].notna() & table.loc[row.actor_b].notna()
        assert row.shared_codes == both.sum()


@SETTINGS
@given(table=positions(), least=st.integers(1, 3))
def test_min_shared_is_for_the_ratings_among_the_measures(table, least):
    found = cam.dyads(table, ["jaccard", "s"], min_shared=least)
    assert_array_equal(found["jaccard"], of_pairs(found, cam.agreement(table)))
    agreement = cam.agreement(table, "s", min_shared=least)
    assert_array_equal(found["s"], of_pairs(found, agreement))


def test_tables_of_two_meetings_have_the_same_pairs():
    votes = pd.DataFrame({"b1": [1, 1, -1], "b2": [1, -1, -1]}, index=["Peru", "Chile", "Cuba"])
    both = cam.dyads(votes).merge(cam.dyads(votes.iloc[::-1]), on=["actor_a", "actor_b"])
    assert len(both) == 3
    assert_array_equal(both["jaccard_x"], both["jaccard_y"])


def test_the_attributes_of_both_actors_come_along(meeting):
    found = cam.dyads(meeting.tally(), "jaccard", attributes=["process", "iso3"])
    actors = meeting.actors.set_index("actor")
    for side in "ab":
        for name in ("process", "iso3"):
            expected = actors[name].reindex(found[f"actor_{side}"])
            assert found[f"{name}_{side}"].tolist() == expected.tolist()
    same = found["process_a"] == found["process_b"]
    assert same.any()
    assert not same.all()
    one = cam.dyads(meeting.tally(), attributes="process")
    assert one.columns.tolist()[-2:] == ["process_a", "process_b"]


@pytest.mark.parametrize("names", [[], ["Ana"]])
def test_fewer_than_two_actors_have_no_pairs(names):
    table = pd.DataFrame({"tax": pd.Series([1] * len(names), names, dtype="Int8")})
    found = cam.dyads(table, MEASURES)
    assert len(found) == 0
    assert found["shared_codes"].dtype == np.int64
    assert found["actor_a"].dtype == "str"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"measures": ["jaccard", "dize"]}, r"`measures` must be one of .*did you mean 'dice'"),
        ({"attributes": ["region"]}, "no attribute 'region'; they have iso3, kind"),
        ({"attributes": ["actor"]}, "no attribute 'actor'"),
        ({"min_shared": 0}, "`min_shared` must be at least 1"),
    ],
)
def test_what_is_not_there_is_refused(meeting, options, message):
    with pytest.raises(ValueError, match=message):
        cam.dyads(meeting.tally(), **options)


def test_positions_have_no_attributes(meeting):
    with pytest.raises(ValueError, match="no attribute 'process'; they have no"):
        cam.dyads(meeting.positions(), attributes=["process"])
