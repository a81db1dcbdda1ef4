"""Coordinates of actors: recovered, repeated by hand, free of the order of rows."""

import string

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.linalg import orthogonal_procrustes
from scipy.optimize import minimize_scalar
from scipy.spatial.distance import pdist, squareform
from scipy.stats import linregress, spearmanr

import camdata as cam
from camdata.analysis.scaling import coordinates


def table_of(distance):
    """Return a table of agreement with these distances, its actors named A, B, C, …"""
    names = list(string.ascii_uppercase[: len(distance)])
    return pd.DataFrame(1 - distance, names, names)


def by_hand(distance):
    """Return inner products and eigenvalues, by the double-centred matrix itself."""
    n = len(distance)
    centering = np.eye(n) - np.ones((n, n)) / n
    inner = -centering @ (distance**2) @ centering / 2
    found, vectors = np.linalg.eigh(inner)
    return found[::-1], vectors[:, ::-1]


@st.composite
def distances(draw):
    """Draw distances from 0 to 1, with many ties, of 2 to 8 actors."""
    n = draw(st.integers(2, 8))
    steps = draw(st.sampled_from([2, 4, 1000]))
    number = n * (n - 1) // 2
    drawn = draw(st.lists(st.integers(0, steps), min_size=number, max_size=number))
    return squareform(np.array(drawn, dtype=float) / steps, checks=False)


@pytest.mark.parametrize("seed", range(5))
def test_a_planted_configuration_is_recovered_up_to_rotation(seed):
    planted = np.random.default_rng(seed).uniform(-0.35, 0.35, size=(12, 2))
    found = coordinates(table_of(squareform(pdist(planted))))
    planted -= planted.mean(axis=0)
    turn, _ = orthogonal_procrustes(found.values, planted)
    np.testing.assert_allclose(found.values @ turn, planted, atol=1e-9)
    assert found.share == pytest.approx(1)


@given(distances())
def test_coordinates_and_share_are_those_of_the_eigenvalues(distance):
    result = coordinates(table_of(distance))
    found, _ = by_hand(distance)
    if np.abs(found).sum() < 1e-9:
        assert np.isnan(result.share)
        assert (result.values == 0).all()
        return
    assert result.share == pytest.approx(found[:2].sum() / np.abs(found).sum())
    # each axis is as long as the root of its eigenvalue, and they stand upright on one another
    lengths = result.values.T @ result.values
    np.testing.assert_allclose(lengths, np.diag(np.maximum(found[:2], 0)), atol=1e-7)
    np.testing.assert_allclose(result.values.mean(axis=0), 0, atol=1e-7)


@pytest.mark.parametrize("seed", range(5))
def test_inner_products_are_those_of_the_two_largest_eigenvectors(seed):
    generator = np.random.default_rng(seed)
    distance = squareform(generator.uniform(0, 1, size=45))
    found, vectors = by_hand(distance)
    expected = (vectors[:, :2] * found[:2]) @ vectors[:, :2].T
    values = coordinates(table_of(distance)).values
    np.testing.assert_allclose(values @ values.T, expected, atol=1e-9)


@given(distances(), st.randoms(use_true_random=False))
def test_the_order_of_rows_turns_the_map_at_most(distance, random):
    table = table_of(distance)
    order = list(table.index)
    random.shuffle(order)
    first, second = coordinates(table), coordinates(table.loc[order, order])
    assert second.actors == tuple(order)
    assert second.share == pytest.approx(first.share, nan_ok=True)
    found, _ = by_hand(distance)
    if len(found) < 3 or found[1] - found[2] > 1e-6:  # else there are several planes as good
        expected = squareform(pdist(first.values))
        place = [order.index(name) for name in table.index]
        other = squareform(pdist(second.values[place]))
        np.testing.assert_allclose(other, expected, atol=1e-6)
        assert second.stress == pytest.approx(first.stress, nan_ok=True, abs=1e-6)


@pytest.mark.parametrize("seed", range(5))
def test_stress_and_r2_are_those_of_the_distances_on_the_map(seed):
    distance = squareform(np.random.default_rng(seed).uniform(0.2, 1, size=45))
    result = coordinates(table_of(distance))
    real, drawn = squareform(distance), pdist(result.values)
    scale = minimize_scalar(lambda c: ((real - c * drawn) ** 2).sum()).x
    fitted = scale * drawn
    expected = np.sqrt(((real - fitted) ** 2).sum() / (fitted**2).sum())
    assert result.stress == pytest.approx(expected, abs=1e-6)
    assert result.r2 == pytest.approx(linregress(drawn, real).rvalue ** 2)
    assert f"stress {result.stress:.2f}" in result.summary
    assert f"R² {result.r2:.2f}" in result.summary


def test_votes_along_one_line_are_not_called_poor():
    generator = np.random.default_rng(1)
    ideal, cut = np.linspace(-1, 1, 40), generator.uniform(-1, 1, 60)
    noise = generator.normal(0, 0.3, (40, 60))
    votes = pd.DataFrame(np.where(ideal[:, None] + noise > cut, 1, -1)).rename(str)
    result = coordinates(cam.agreement(votes, "matching"))
    assert abs(spearmanr(result.values[:, 0], ideal).statistic) > 0.95
    assert result.r2 > 0.6
    assert not result.is_poor
    assert "too poor" not in result.summary
    flips = pd.DataFrame(generator.choice([1, -1], (40, 60))).rename(str)
    noise_only = coordinates(cam.agreement(flips, "matching"))
    assert noise_only.is_poor
    assert "too poor a map" in noise_only.summary


@given(distances())
def test_on_each_axis_the_actor_farthest_out_is_positive(distance):
    for axis in coordinates(table_of(distance)).values.T:
        reach = np.abs(axis)
        if reach.max() > 1e-6:
            assert axis[np.flatnonzero(reach >= reach.max() - 1e-6)].max() > 0


def test_two_actors_lie_on_one_axis():
    found = coordinates(table_of(np.array([[0, 0.5], [0.5, 0]])))
    np.testing.assert_allclose(found.values, [[0.25, 0], [-0.25, 0]], atol=1e-12)
    assert found.share == pytest.approx(1)


def test_actors_who_agree_in_everything_lie_on_one_another():
    found = coordinates(table_of(np.zeros((3, 3))))
    assert (found.values == 0).all()
    assert np.isnan(found.share)
    assert "no distances" in found.summary
    assert not found.is_poor


def test_nobody_to_compare_has_no_place():
    found = coordinates(pd.DataFrame(np.nan, ["A", "B"], ["A", "B"]))
    assert found.actors == ()
    assert found.values.shape == (0, 2)
    assert found.unplaced.index.tolist() == ["A", "B"]
    assert found.frame.columns.tolist() == ["x", "y"]


def test_unplaced_and_filled_are_those_of_clusters():
    table = table_of(squareform(np.linspace(0.1, 0.9, 15), checks=False))
    table.loc["F", :] = table.loc[:, "F"] = np.nan
    table.loc["A", "B"] = table.loc["B", "A"] = np.nan
    found, clusters = coordinates(table), cam.cluster(table, n_clusters=2)
    assert found.actors == ("A", "B", "C", "D", "E")
    assert found.unplaced.to_dict() == clusters.unplaced.to_dict()
    assert found.filled == len(clusters.filled) == 1
    assert "filled with the mean distance: 1 pair" in found.summary


def test_of_a_meeting_the_coordinates_know_agreement_and_clusters(meeting):
    agreement = cam.agreement(meeting.tally())
    clusters = cam.cluster(agreement, n_clusters=3)
    plain, colored = coordinates(agreement), coordinates(clusters)
    assert plain.clusters is None
    assert colored.clusters is clusters
    assert colored.agreement is plain.agreement is agreement
    np.testing.assert_array_equal(plain.values, colored.values)
    assert colored.unplaced.index.tolist() == ["Bolivia"]
    assert not colored.values.flags.writeable


def test_what_is_no_distance_is_refused(meeting):
    counts = cam.agreement(meeting.tally(), "congruence")
    with pytest.raises(ValueError, match="between 0 and 1"):
        coordinates(counts)
    with pytest.raises(ValueError, match="square"):
        coordinates(pd.DataFrame([[1.0, 0.5]]))
    with pytest.raises(TypeError, match="agreement"):
        coordinates([[1.0]])
