"""What clusters stand for: shares counted by hand, in order, in words."""

from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal, assert_series_equal
from strategies import SCALES, labelings, positions, tallies

import camdata as cam
from camdata import Tally

SETTINGS = settings(deadline=None)
NAN = float("nan")
COLUMNS = [
    "cluster",
    "code",
    "label",
    "stance",
    "members",
    "holders",
    "share",
    "rest",
    "difference",
]


def clusters_of_eight():
    return cam.cluster(cam.agreement(cam.load_meeting().tally()), n_clusters=8)


def profile_by_hand(tally, labels):
    """Return the rows of a profile as tuples, in no order, by counting."""
    placed = {actor: label for actor, label in labels.items() if label is not None}
    held, rows = tally.frame > 0, set()
    for label in set(placed.values()):
        inside = [actor for actor in placed if placed[actor] == label]
        outside = [actor for actor in placed if placed[actor] != label]
        for code, stance in held.columns:
            holders = sum(bool(held.at[actor, (code, stance)]) for actor in inside)
            others = sum(bool(held.at[actor, (code, stance)]) for actor in outside)
            if holders:
                share = Fraction(holders, len(inside))
                rest = Fraction(others, len(outside)) if outside else None
                rows.add((label, code, stance, len(inside), holders, share, rest))
    return rows


@SETTINGS
@given(scale=st.sampled_from(SCALES), data=st.data())
def test_a_profile_is_what_counting_gives(scale, data):
    tally = data.draw(tallies(stances=scale))
    labels = data.draw(labelings(list(tally.actors)))
    profile = cam.profile(labels, tally).frame
    expected = profile_by_hand(tally, labels)
    assert profile.columns.tolist() == COLUMNS
    keys = ["cluster", "code", "stance", "members", "holders"]
    found = {tuple(row) for row in profile[keys].itertuples(index=False)}
    assert found == {row[:5] for row in expected}
    assert len(profile) == len(expected)
    shares = {row[:3]: row[5:] for row in expected}
    for row in profile.itertuples(index=False):
        share, rest = shares[row.cluster, row.code, row.stance]
        assert row.share == pytest.approx(float(share))
        if rest is None:
            assert np.isnan(row.rest)
            assert np.isnan(row.difference)
        else:
            assert row.rest == pytest.approx(float(rest))
            assert row.difference == pytest.approx(float(share - rest))


@SETTINGS
@given(table=positions(), data=st.data())
def test_clusters_divide_what_is_recorded_among_the_placed(table, data):
    labels = data.draw(labelings(table.index.tolist()))
    profile = cam.profile(labels, table).frame
    among = table.loc[[actor for actor, label in labels.items() if label is not None]]
    for code in table.columns:
        for stance in (1, -1):
            rows = profile[(profile["code"] == code) & (profile["stance"] == stance)]
            assert rows["holders"].sum() == int(among[code].isin([stance, 0]).sum())
    assert profile["members"].groupby(profile["cluster"]).nunique().isin([1]).all()


@SETTINGS
@given(table=positions(), data=st.data())
def test_a_profile_is_ordered_by_cluster_and_difference(table, data):
    profile = cam.profile(data.draw(labelings(table.index.tolist())), table)
    frame = profile.frame
    assert frame["cluster"].is_monotonic_increasing
    for _, part in frame.groupby("cluster"):
        by = "share" if part["difference"].isna().all() else "difference"
        assert part[by].is_monotonic_decreasing


@SETTINGS
@given(table=positions(), most=st.integers(1, 3), data=st.data())
def test_what_sets_a_cluster_apart_is_more_frequent_inside(table, most, data):
    profile = cam.profile(data.draw(labelings(table.index.tolist())), table)
    frame = profile.frame
    apart = profile.apart(most)
    assert ((apart["difference"] > 0) | apart["rest"].isna()).all()
    for label, part in frame.groupby("cluster"):
        more = part[(part["difference"] > 0) | part["rest"].isna()]
        assert_frame_equal(apart[apart["cluster"] == label], more.head(most))


def test_by_default_the_positions_that_were_clustered_are_profiled(meeting):
    clusters = clusters_of_eight()
    profile = cam.profile(clusters)
    assert profile.tally is clusters.agreement.tally
    assert profile.members == clusters.members
    assert_frame_equal(profile.frame, cam.profile(clusters, clusters.agreement.tally).frame)
    codes = cam.cluster(cam.agreement(meeting.tally("code")), n_clusters=5)
    assert "code" in cam.profile(codes).frame


def test_every_kind_of_labeling_gives_the_same_profile():
    clusters = clusters_of_eight()
    tally = clusters.agreement.tally
    expected = cam.profile(clusters)
    for labels in (
        clusters.labels,
        clusters.labels.to_dict(),
        clusters.labels.dropna().astype(int).to_dict(),
        clusters.labels.astype("float64"),
        clusters.labels.sample(frac=1, random_state=1),
    ):
        profile = cam.profile(labels, tally)
        assert_frame_equal(profile.frame, expected.frame)
        assert_series_equal(
            profile.labels.dropna().sort_index(),
            expected.labels.dropna().sort_index(),
            check_names=False,
        )


def test_whole_numbers_keep_their_number_and_words_are_numbered_in_their_order():
    table = pd.DataFrame({"x": [1, 1, -1, 1]}, index=list("ABCD"), dtype="Int8")
    for missing in (None, pd.NA, NAN):
        profile = cam.profile({"A": 7, "B": 7, "C": 3, "D": missing}, table).frame
        assert profile["cluster"].tolist() == [3, 7]
        profile = cam.profile({"A": "west", "B": "west", "C": "east", "D": missing}, table).frame
        assert profile["cluster"].tolist() == [1, 2]
        assert profile["stance"].tolist() == [-1, 1]


def test_a_profile_at_a_finer_level_than_the_clusters(meeting):
    profile = cam.profile(clusters_of_eight(), meeting.tally("code")).frame
    third = profile[profile["cluster"] == 3].iloc[0]
    assert third[["code", "stance", "members", "holders"]].tolist() == ["key_terms", 1, 2, 2]
    codebook = meeting.codebook.set_index("code")
    assert third["label"] == codebook.at["key_terms", "label"]
    assert third["rest"] == pytest.approx(1 / 11)
    assert str(profile["cluster"].dtype) == "Int64"


def test_how_often_something_was_said_changes_no_profile(meeting):
    clusters = clusters_of_eight()
    expected = cam.profile(clusters).frame
    assert_frame_equal(cam.profile(clusters, meeting.tally(duplicates="all")).frame, expected)
    assert_frame_equal(cam.profile(clusters, meeting.positions()).frame, expected)


def test_an_ordinal_scale_is_profiled_level_by_level():
    table = pd.DataFrame({"x": [0, 0, 1], "y": [-1, None, 0]}, index=list("ABC"))
    profile = cam.profile({"A": 1, "B": 1, "C": 2}, Tally.from_positions(table, stances=(1, 0, -1)))
    frame = profile.frame
    found = frame.set_index(["cluster", "code", "stance"])["holders"].to_dict()
    assert found == {(1, "x", 0): 2, (1, "y", -1): 1, (2, "x", 1): 1, (2, "y", 0): 1}
    assert profile.summary.splitlines()[0] == (
        "1 (A, B): x: 0 (2 of 2, others 0 of 1), y: −1 (1 of 2, others 0 of 1)"
    )


def test_a_profile_in_words():
    table = pd.DataFrame(
        {"x": [1, 1, -1, None], "y": [1, None, 1, None]}, index=list("ABCD"), dtype="Int8"
    )
    profile = cam.profile({"A": 1, "B": 1, "C": 2, "D": 3}, table)
    assert repr(profile).splitlines() == [
        "1 (A, B): x (2 of 2, others 0 of 2)",
        "2 (C): against x (1 of 1, others 0 of 3), y (1 of 1, others 1 of 3)",
        "3 (D): nothing sets it apart",
    ]
    alone = cam.profile({"A": 1, "B": 1}, table)
    assert repr(alone) == "1 (A, B): x (2 of 2), y (1 of 2)"


def test_without_clusters_a_profile_has_its_columns_and_no_rows():
    table = pd.DataFrame({"x": [1]}, index=["A"], dtype="Int8")
    profile = cam.profile({"A": None}, table)
    assert profile.frame.empty
    assert profile.frame.dtypes.equals(cam.profile({"A": 1}, table).frame.dtypes)
    assert repr(profile) == "there are no clusters"
    assert profile.members == {}


def test_codes_that_are_no_text_are_named_as_text():
    table = pd.DataFrame({2024: [1, 1], 2025: [None, 1]}, index=["A", "B"], dtype="Int8")
    profile = cam.profile({"A": 1, "B": 2}, table).frame
    assert profile["code"].tolist() == ["2024", "2025", "2024"]


def test_a_placed_actor_must_have_a_row():
    table = pd.DataFrame({"x": [1]}, index=["A"], dtype="Int8")
    with pytest.raises(ValueError, match="1 placed actor without a row in the tally: B"):
        cam.profile({"A": 1, "B": 1, "C": None}, table)


def test_an_actor_must_have_one_label():
    table = pd.DataFrame({"x": [1]}, index=["A"], dtype="Int8")
    with pytest.raises(ValueError, match="Each actor must be there once"):
        cam.profile(pd.Series([1, 2], index=["A", "A"]), table)


def test_labels_of_ones_own_need_a_tally(meeting):
    own = cam.cluster(cam.agreement(meeting.tally()).frame, 3)
    for labels in ({"A": 1}, own):
        with pytest.raises(ValueError, match="do not know their tally: give it as tally="):
            cam.profile(labels)


@pytest.mark.parametrize("most", [0, -1])
def test_at_least_one_row_sets_a_cluster_apart(most):
    with pytest.raises(ValueError, match="`most` must be at least 1"):
        cam.profile(clusters_of_eight()).apart(most)


def test_words_say_how_many_more_positions_set_a_cluster_apart():
    votes = pd.DataFrame(
        [[1.0] * 5, [1.0] * 5, [-1.0] * 5, [-1.0] * 5], list("ABCD"), list("vwxyz")
    )
    found = cam.profile({"A": 1, "B": 1, "C": 2, "D": 2}, votes)
    assert found.words(1).endswith("x (2 of 2, others 0 of 2), and 2 more")
    assert found.words(1, most=5).endswith("z (2 of 2, others 0 of 2)")
