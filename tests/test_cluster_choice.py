"""How many clusters: silhouettes judged against random tables, and what `cluster` makes of it."""

import numpy as np
import pandas as pd
import pytest
from camdata.analysis.sampling import random_tables
from planted import numbers, planted, table_of_rules

import camdata as cam
from camdata.analysis import clustering

LEVELS = ["dimension", "code"]


@pytest.fixture(scope="module")
def agreements():
    meeting = cam.load_meeting()
    return {by: cam.agreement(meeting.tally(by)) for by in LEVELS}


def positions_of(rows):
    """Read positions written as rows of 1 (supports), - (opposes), b (both) and 0 (nothing)."""
    read = {"1": 1, "-": -1, "b": 0, "0": None}
    lines = rows.split()
    return pd.DataFrame(
        [[read[c] for c in line] for line in lines],
        index=pd.Index([chr(ord("A") + i) for i in range(len(lines))], name="actor"),
        columns=pd.Index([f"c{j:02}" for j in range(len(lines[0]))], name="code"),
        dtype="Int8",
    )


TWO_BLOCKS = positions_of("""
    1111100000 1111000000 0111100000 1101100000 1011100000
    0000011111 0000011110 0000001111 0000011011 0000010111
""")


def same(one, other):
    pd.testing.assert_frame_equal(one.frame, other.frame, check_exact=True)
    assert (one.random == other.random).all()
    assert (one.largest, one.p_value, one.n_clusters) == (
        other.largest,
        other.p_value,
        other.n_clusters,
    )


@pytest.mark.parametrize("by", LEVELS)
def test_the_choice_is_reproducible(agreements, by):
    one, again, other = (cam.cluster_choice(agreements[by], 49, seed=seed) for seed in (2, 2, 3))
    same(one, again)
    assert not (one.random == other.random).all()
    pd.testing.assert_series_equal(one.frame["silhouette"], other.frame["silhouette"])


@pytest.mark.parametrize("by", LEVELS)
@pytest.mark.parametrize("method", ["average", "complete"])
def test_the_choice_does_not_depend_on_the_order_of_rows_and_columns(agreements, by, method):
    positions = agreements[by].tally.positions
    shuffled = positions.sample(frac=1, random_state=0).sample(frac=1, random_state=1, axis=1)
    assert shuffled.index.tolist() != positions.index.tolist()
    one = cam.cluster_choice(agreements[by], 49, method=method)
    same(one, cam.cluster_choice(cam.agreement(shuffled), 49, method=method))


@pytest.mark.parametrize("by", LEVELS)
@pytest.mark.parametrize("measure", ["jaccard", "dice", "cosine", "overlap"])
@pytest.mark.parametrize("method", ["average", "complete"])
def test_the_silhouettes_are_those_of_cluster(agreements, by, measure, method):
    agreement = cam.agreement(agreements[by].tally, measure)
    choice = cam.cluster_choice(agreement, 19, method=method)
    clusters = cam.cluster(agreement, choice, method)
    expected = clusters.cuts["silhouette"].dropna()
    pd.testing.assert_series_equal(choice.frame["silhouette"], expected)
    assert clusters.n_clusters == choice.n_clusters
    assert clusters.rule == choice.rule


@pytest.mark.parametrize("method", ["average", "complete"])
def test_chance_is_what_the_public_functions_give_on_random_tables(agreements, method):
    choice = cam.cluster_choice(agreements["code"], 40, seed=1, method=method)
    held = agreements["code"].tally.positions.drop(index="Bolivia")
    held = held.sort_index().sort_index(axis="columns")
    assert (held.isna() | (held == 1)).all(axis=None)  # nothing but support is recorded
    curves = []
    for drawn in random_tables(held.notna().to_numpy(), 40, seed=1):
        table = pd.DataFrame(np.where(drawn, 1.0, np.nan), held.index, held.columns)
        cuts = cam.cluster(cam.agreement(table), method=method, n_resamples=1).cuts
        curves.append(cuts["silhouette"].dropna())
    curves = pd.DataFrame(curves)
    frame = choice.frame
    for k, row in frame.iterrows():
        values = curves[k].dropna() if k in curves else pd.Series(dtype=float)
        assert row["attained"] == pytest.approx(len(values) / 40)
        if len(values) > 1:
            expected = [values.mean(), values.quantile(0.05), values.quantile(0.95)]
            assert row[["expected", "low", "high"]].tolist() == pytest.approx(expected)
            assert row["gap"] == pytest.approx(row["silhouette"] - values.mean())
            error = values.std() * np.sqrt(1 + 1 / len(values))
            assert row["error"] == pytest.approx(error)
            assert row["standardized"] == pytest.approx(row["gap"] / values.std())
        assert row["considered"] == (len(values) >= 20 and values.std() > 0)
    judged = frame[frame["considered"]]
    each = (curves[judged.index] - judged["expected"]) / curves[judged.index].std()
    np.testing.assert_allclose(choice.random, each.max(axis=1))
    assert choice.largest == judged["standardized"].max()
    reached = int((each.max(axis=1) >= choice.largest - 1e-9).sum())
    assert choice.p_value == (reached + 1) / 41


@pytest.mark.parametrize("by", LEVELS)
def test_the_number_is_the_smallest_within_one_error_of_the_largest_gap(agreements, by):
    choice = cam.cluster_choice(agreements[by], 199)
    judged = choice.frame[choice.frame["considered"]]
    largest = judged.loc[judged["gap"].idxmax()]
    near = judged.index[judged["gap"] >= largest["gap"] - largest["error"]]
    assert choice.n_clusters == near.min()


def test_the_bundled_meeting_falls_into_two_at_both_levels_for_different_reasons(agreements):
    """By dimension 2 stands out most; by code nothing does, and 2 is the smallest number."""
    dimension, code = (cam.cluster_choice(agreements[by]) for by in LEVELS)
    assert (dimension.n_clusters, code.n_clusters) == (2, 2)
    assert dimension.frame["standardized"].where(dimension.frame["considered"]).idxmax() == 2
    assert dimension.frame.loc[2, "silhouette"] > dimension.frame.loc[2, "high"]
    assert 0.05 < dimension.p_value < 0.15
    assert code.frame.loc[2, "gap"] < 0
    assert code.p_value > 0.4
    for choice in (dimension, code):
        assert not choice.structured
        assert "no structure beyond chance" in choice.summary
        assert "the number is a convention" in choice.verdict
        assert choice.verdict in choice.summary
        assert repr(choice) == choice.summary


def test_two_clear_blocks_are_structure():
    choice = cam.cluster_choice(cam.agreement(TWO_BLOCKS), 199)
    assert choice.n_clusters == 2
    assert choice.p_value == 1 / 200
    assert choice.structured
    assert choice.frame.loc[2, "silhouette"] > choice.frame.loc[2, "high"]
    assert choice.verdict == "structure beyond chance (p = 0.005)"
    assert "convention" not in choice.summary


def test_structure_is_judged_at_the_level_given(agreements):
    assert cam.cluster_choice(agreements["dimension"], 19, alpha=1).structured
    assert not cam.cluster_choice(cam.agreement(TWO_BLOCKS), 19, alpha=0.01).structured


def test_support_and_opposition_are_two_positions():
    apart = positions_of("11 11 -- --")
    choice = cam.cluster_choice(cam.agreement(apart), 19)
    assert choice.frame.loc[2, "silhouette"] == 1


@pytest.mark.parametrize("rows", ["110 011", "111 111 111", "100 010 001"])
def test_where_no_cut_has_a_silhouette_there_is_no_structure(rows):
    choice = cam.cluster_choice(cam.agreement(positions_of(rows)), 19)
    assert choice.frame.empty
    assert np.isnan(choice.largest)
    assert not choice.structured
    assert "no structure to speak of" in choice.summary


def test_where_no_other_table_is_possible_nothing_can_be_judged():
    choice = cam.cluster_choice(cam.agreement(positions_of("111 110 100")), 19)
    assert choice.rule == "silhouette"
    assert not choice.structured
    assert "no cut can be judged against chance" in choice.verdict


@pytest.mark.parametrize("rows", ["000 000", "110 000"])
def test_fewer_than_two_recorded_actors_are_an_error(rows):
    with pytest.raises(ValueError, match="At least two actors"):
        cam.cluster_choice(cam.agreement(positions_of(rows)), 9)


def test_the_choice_takes_measures_of_sets_and_trees_only(agreements):
    tally = agreements["dimension"].tally
    with pytest.raises(ValueError, match=r"measures of sets .* not for simple matching"):
        cam.cluster_choice(cam.agreement(tally, "matching"))
    with pytest.raises(ValueError, match="`method` must be one of"):
        cam.cluster_choice(agreements["dimension"], method="louvain")
    own = cam.cluster(agreements["dimension"].frame, 2).agreement
    with pytest.raises(ValueError, match="table of your own"):
        cam.cluster_choice(own)
    with pytest.raises(TypeError, match="Expected agreement"):
        cam.cluster_choice(tally)


# what `cluster` does by default


@pytest.mark.parametrize("by", LEVELS)
def test_cluster_takes_the_number_that_is_judged_against_chance(agreements, by):
    clusters = cam.cluster(agreements[by])
    choice = cam.cluster_choice(agreements[by], 99)
    assert clusters.rule == "gap"
    same(clusters.choice, choice)
    assert clusters.n_clusters == choice.n_clusters
    assert choice.verdict in clusters.summary
    assert "99 random tables" in clusters.summary


def test_a_given_number_wins(agreements):
    clusters = cam.cluster(agreements["dimension"], 3)
    assert (clusters.n_clusters, clusters.rule, clusters.choice) == (3, "given", None)
    assert "random" not in clusters.summary


@pytest.mark.parametrize("measure", ["matching", "congruence"])
def test_without_a_null_the_largest_silhouette_decides_and_says_so(agreements, measure):
    tally = agreements["code"].tally
    normalization = "average" if measure == "congruence" else None
    agreement = cam.agreement(tally, measure, normalization=normalization)
    clusters = cam.cluster(agreement)
    assert clusters.rule == "silhouette"
    assert "not judged against chance" in clusters.summary
    cuts = clusters.cuts
    if cuts["silhouette"].notna().any():
        assert clusters.silhouette == cuts["silhouette"].max()


def test_a_table_of_ones_own_has_no_null(agreements):
    assert cam.cluster(agreements["code"].frame).rule == "silhouette"


def test_large_tables_take_the_largest_silhouette(agreements, monkeypatch):
    monkeypatch.setattr(clustering, "MOST_ACTORS", 13)
    assert cam.cluster(agreements["code"]).rule == "silhouette"
    monkeypatch.setattr(clustering, "MOST_ACTORS", 14)
    assert cam.cluster(agreements["code"], n_resamples=9).rule == "gap"
    monkeypatch.setattr(clustering, "MOST_POSITIONS", 10)
    assert cam.cluster(agreements["code"]).rule == "silhouette"


def test_a_choice_belongs_to_its_agreement_and_linkage(agreements):
    choice = cam.cluster_choice(agreements["code"], 9)
    with pytest.raises(ValueError, match="of another agreement, or another linkage"):
        cam.cluster(agreements["dimension"], choice)
    with pytest.raises(ValueError, match="of another agreement, or another linkage"):
        cam.cluster(agreements["code"], choice, "complete")


def test_a_number_that_ties_forbid_names_those_that_can_be_made_and_the_nearest(agreements):
    with pytest.raises(ValueError, match=r"cannot be cut into 2 clusters.* 3, .*nearest is 3"):
        cam.cluster(agreements["dimension"], 2, "complete")


# the rules beside one another


def test_the_rules_are_read_from_one_choice():
    choice = cam.cluster_choice(cam.agreement(planted(np.random.default_rng(1), 2, 12, 12)), 49)
    found = numbers(choice)
    assert found["one error around the largest gap"] == choice.n_clusters
    assert found["largest silhouette"] == choice.frame["silhouette"].idxmax()


@pytest.mark.slow
def test_the_table_of_rules_in_the_docstring_is_what_a_run_gives():
    lines = [line.split() for line in cam.cluster_choice.__doc__.splitlines()]
    lines = [line for line in lines if len(line) == 9 and line[1] == "of" and line[3] == "×"]
    rows = {" ".join(line[:5]): [int(cell) for cell in line[5:]] for line in lines}
    table = table_of_rules()
    assert list(rows) == table.index.tolist()
    # sums in another order may turn one of the 25 tables
    assert np.abs(np.array(list(rows.values())) - table.to_numpy()).max() <= 4
