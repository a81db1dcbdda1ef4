"""Against chance: how many clusters."""

import numpy as np
import pandas as pd
import pytest

import camdata as cam
from camdata.sampling import random_tables

LEVELS = ["dimension", "code"]


@pytest.fixture(scope="module")
def bundled():
    return cam.load_meeting()


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


def reordered(positions, seed=0):
    """Shuffle rows and columns; the speaking order stays with the table."""
    other = positions.sample(frac=1, random_state=seed)
    other = other.sample(frac=1, random_state=seed + 1, axis="columns")
    assert other.index.tolist() != positions.index.tolist()
    return other


TWO_BLOCKS = positions_of("""
    1111100000 1111000000 0111100000 1101100000 1011100000
    0000011111 0000011110 0000001111 0000011011 0000010111
""")


# how many clusters


def same_choice(one, other):
    pd.testing.assert_frame_equal(one.table, other.table, check_exact=True)
    assert (one.random == other.random).all()
    assert (one.best, one.p_value, one.n_clusters) == (other.best, other.p_value, other.n_clusters)


@pytest.mark.parametrize("by", LEVELS)
def test_the_choice_of_clusters_is_reproducible(bundled, by):
    positions = bundled.positions(by)
    one, again, other = (cam.cluster_choice(positions, 49, seed=seed) for seed in (2, 2, 3))
    same_choice(one, again)
    assert not (one.random == other.random).all()
    assert one.best == other.best


@pytest.mark.parametrize("by", LEVELS)
@pytest.mark.parametrize("method", ["average", "complete"])
def test_the_choice_does_not_depend_on_the_order_of_rows_and_columns(bundled, by, method):
    positions = bundled.positions(by)
    one = cam.cluster_choice(positions, 49, method=method)
    same_choice(one, cam.cluster_choice(reordered(positions), 49, method=method))


@pytest.mark.parametrize("by", LEVELS)
@pytest.mark.parametrize("measure", ["jaccard", "dice", "cosine", "overlap"])
@pytest.mark.parametrize("method", ["average", "complete"])
def test_the_silhouettes_are_those_of_cluster(bundled, by, measure, method):
    positions = bundled.positions(by)
    result = cam.cluster_choice(positions, 9, measure=measure, method=method)
    clusters = cam.cluster(cam.agreement(positions, measure), method=method)
    expected = clusters.choice["silhouette"].dropna()
    pd.testing.assert_series_equal(result.table["silhouette"], expected)
    assert result.best == pytest.approx(expected.max())
    assert result.n_clusters == clusters.n_clusters


@pytest.mark.parametrize("method", ["average", "complete"])
def test_chance_is_what_the_public_functions_give_on_random_tables(bundled, method):
    positions = bundled.positions("code")
    result = cam.cluster_choice(positions, 30, seed=1, method=method)
    held = positions.drop(index="Bolivia").sort_index().sort_index(axis="columns")
    assert (held.isna() | (held == 1)).all(axis=None)  # nothing but support is recorded
    curves, best = [], []
    for drawn in random_tables(held.notna().to_numpy(), 30, seed=1):
        table = held.notna().astype("Int8").where(drawn).mask(~drawn)
        table[:] = np.where(drawn, 1, np.nan)
        choice = cam.cluster(cam.agreement(table.astype("Int8")), method=method).choice
        curves.append(choice["silhouette"].dropna())
        best.append(curves[-1].max())
    np.testing.assert_allclose(result.random, best)
    reached = sum(value >= result.best - 1e-9 for value in best)
    assert result.p_value == (reached + 1) / 31
    for k, row in result.table.iterrows():
        values = [curve[k] for curve in curves if k in curve]
        assert row["attained"] == pytest.approx(len(values) / 30)
        if values:
            expected = [np.mean(values), *np.percentile(values, [5, 95])]
            assert row[["expected", "low", "high"]].tolist() == pytest.approx(expected)
        else:
            assert row[["expected", "low", "high"]].isna().all()


@pytest.mark.parametrize("by", LEVELS)
def test_the_bundled_meeting_has_no_structure_beyond_chance(bundled, by):
    result = cam.cluster_choice(bundled.positions(by), 199)
    assert not result.structured
    assert 0.05 < result.p_value <= 1
    assert "no structure beyond chance" in result.summary
    for number in (f"{result.best:.2f}", f"at {result.n_clusters} clusters", "199 random tables"):
        assert number in result.summary
    assert f"p = {result.p_value:.3f}" in result.summary
    assert repr(result) == result.summary


def test_two_clear_blocks_are_structure():
    result = cam.cluster_choice(TWO_BLOCKS, 199)
    assert result.n_clusters == 2
    assert result.p_value == 1 / 200
    assert result.structured
    assert result.best > result.random.max()
    assert result.table.loc[2, "silhouette"] > result.table.loc[2, "high"]
    assert "no structure" not in result.summary
    assert "structure beyond chance" in result.summary


def test_structure_is_judged_at_the_level_given(bundled):
    loose = cam.cluster_choice(bundled.positions(), 19, alpha=1)
    strict = cam.cluster_choice(TWO_BLOCKS, 19, alpha=0.01)
    assert loose.structured
    assert (strict.p_value, strict.structured) == (0.05, False)
    assert cam.cluster_choice(TWO_BLOCKS, 19, alpha=0.05).structured


def test_a_tally_gives_the_same_choice_as_its_positions(bundled):
    one = cam.cluster_choice(bundled.positions("code"), 19)
    same_choice(one, cam.cluster_choice(bundled.tally("code", duplicates="all"), 19))


def test_support_and_opposition_are_two_positions():
    opposed = TWO_BLOCKS.copy()
    opposed.iloc[5:] = TWO_BLOCKS.iloc[:5].to_numpy() * -1
    result = cam.cluster_choice(opposed, 199)
    assert (result.n_clusters, result.structured) == (2, True)


@pytest.mark.parametrize("rows", ["110 011", "111 111 111", "100 010 001"])
def test_where_no_cut_has_a_silhouette_there_is_no_structure(rows):
    result = cam.cluster_choice(positions_of(rows), 19)
    assert np.isnan(result.best)
    assert (result.p_value, result.structured) == (1, False)
    assert len(result.table) == 0
    assert result.table.columns.tolist() == ["silhouette", "expected", "low", "high", "attained"]
    assert result.summary.startswith("No cut of these actors has a silhouette")


def test_where_no_other_table_is_possible_there_is_no_structure():
    result = cam.cluster_choice(positions_of("1111 1110 1000 1000"), 19)
    assert result.best == pytest.approx(result.random)
    assert (result.p_value, result.structured) == (1, False)
    assert result.table["expected"].tolist() == pytest.approx(result.table["silhouette"].tolist())
    assert (result.table["attained"] == 1).all()


@pytest.mark.parametrize("rows", ["000 000", "110 000"])
def test_fewer_than_two_recorded_actors_are_an_error(rows):
    with pytest.raises(ValueError, match="At least two actors"):
        cam.cluster_choice(positions_of(rows), 5)


def test_the_choice_takes_measures_of_sets_and_trees_only():
    with pytest.raises(ValueError, match="`measure`"):
        cam.cluster_choice(TWO_BLOCKS, 5, measure="congruence")
    with pytest.raises(ValueError, match="`method`"):
        cam.cluster_choice(TWO_BLOCKS, 5, method="louvain")
