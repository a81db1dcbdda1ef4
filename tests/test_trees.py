"""Arrays of trees: cut, judged and drawn, against scipy and scikit-learn."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy.cluster import hierarchy
from sklearn.metrics import silhouette_score

from camdata.analysis import trees as _trees

SETTINGS = settings(deadline=None, max_examples=40)
METHODS = st.sampled_from(("average", "complete"))


@st.composite
def distances(draw, least=2, most=9):
    """Draw symmetric distances from 0 to 1 without gaps, often tied."""
    n = draw(st.integers(least, most))
    steps = draw(st.sampled_from((2, 5, 1_000)))
    upper = np.triu_indices(n, 1)
    size = len(upper[0])
    values = draw(st.lists(st.integers(0, steps), min_size=size, max_size=size))
    table = np.zeros((n, n))
    table[upper] = np.array(values) / steps
    return table + table.T


def same_partition(first, second):
    return _renumbered(first) == _renumbered(second)


def _renumbered(labels):
    numbers = {}
    return [numbers.setdefault(label, len(numbers)) for label in labels]


@SETTINGS
@given(distance=distances(), method=METHODS)
def test_a_cut_makes_the_first_merges(distance, method):
    linkage = _trees.link(distance, method)
    assert_allclose(linkage, hierarchy.linkage(distance[np.triu_indices(len(distance), 1)], method))
    every = _trees.attainable(linkage)
    assert every == sorted(set(every))
    assert every[-1] == len(distance)
    assert every[0] == 1
    for k in every:
        labels = _trees.cut(linkage, k)
        assert sorted(set(labels)) == list(range(k))
        height = linkage[len(distance) - k - 1, 2] if k < len(distance) else -1.0
        flat = hierarchy.fcluster(linkage, height + 1e-10, criterion="distance")
        assert same_partition(labels, flat)


@SETTINGS
@given(distance=distances(), method=METHODS, data=st.data())
def test_many_cuts_at_once_are_the_cuts_one_by_one(distance, method, data):
    linkage = _trees.link(distance, method)
    numbers = data.draw(
        st.lists(st.integers(1, len(distance)), min_size=1, max_size=5, unique=True)
    )
    found = _trees.cuts(linkage, numbers)
    assert found.shape == (len(numbers), len(distance))
    for row, k in zip(found, numbers, strict=True):
        assert sorted(set(row)) == list(range(k))
        assert same_partition(row, _trees.cut(linkage, k))


@SETTINGS
@given(distance=distances(), method=METHODS)
def test_the_nearest_attainable_number_goes_to_fewer_clusters_where_two_are_as_near(
    distance, method
):
    linkage = _trees.link(distance, method)
    every = _trees.attainable(linkage)
    for wanted in range(len(distance) + 3):
        found = _trees.nearest_attainable(linkage, wanted)
        nearest = min(abs(k - wanted) for k in every)
        assert found == min(k for k in every if abs(k - wanted) == nearest)


@SETTINGS
@given(distance=distances(least=3), data=st.data())
def test_the_silhouettes_of_many_clusterings_are_scikit_learns(distance, data):
    n = len(distance)
    row = st.lists(st.integers(0, n - 1), min_size=n, max_size=n)
    drawn = data.draw(st.lists(row, min_size=1, max_size=6))
    labels = np.array([np.unique(row, return_inverse=True)[1] for row in drawn])
    scores = _trees.silhouettes(distance, labels)
    for score, one in zip(scores, labels, strict=True):
        if not 2 <= len(set(one)) < n:
            assert np.isnan(score)
            continue
        expected = silhouette_score(distance, one, metric="precomputed")
        assert score == pytest.approx(expected, abs=1e-12)


def test_so_many_silhouettes_that_they_are_made_in_parts():
    rng = np.random.default_rng(2)
    points = rng.random((60, 2))
    distance = np.abs(points[:, None] - points[None]).sum(axis=2)
    labels = rng.integers(0, 20, (1_500, 60))
    labels[:, :20] = np.arange(20)
    scores = _trees.silhouettes(distance, labels)
    for number in (0, 700, 1_499):
        expected = silhouette_score(distance, labels[number], metric="precomputed")
        assert scores[number] == pytest.approx(expected, abs=1e-12)


def test_a_silhouette_by_hand():
    # Rousseeuw (1987): a = 1, b = (4 + 5) / 2 for the first, and so on; the last is alone, so 0
    distance = np.array([[0, 1, 4], [1, 0, 3], [4, 3, 0]]) / 4
    found = _trees.silhouettes(distance, np.array([[0, 0, 1]]))
    assert found == pytest.approx([((4 - 1) / 4 + (3 - 1) / 3 + 0) / 3])


@SETTINGS
@given(distance=distances(), method=METHODS)
def test_the_best_cut_has_the_largest_silhouette_and_fewer_clusters_where_it_ties(distance, method):
    linkage = _trees.link(distance, method)
    numbers, labels, scores, best = _trees.best_cut(distance, linkage)
    assert numbers == _trees.attainable(linkage)
    assert_array_equal(labels, _trees.cuts(linkage, numbers))
    defined = {k: score for k, score in zip(numbers, scores, strict=True) if not np.isnan(score)}
    if defined:
        assert best == min(k for k, s in defined.items() if s >= max(defined.values()) - 1e-9)
    else:
        apart = (distance[np.triu_indices(len(distance), 1)] == 1).all()
        assert best == (len(distance) if apart else 1)


@SETTINGS
@given(distance=distances(), method=METHODS, data=st.data())
def test_branches_are_the_groups_that_cuts_make(distance, method, data):
    n = len(distance)
    linkage = _trees.link(distance, method)
    extra = data.draw(st.integers(0, 2))  # actors that are not placed
    placed = np.array([True] * n + [False] * extra)
    found = _trees.branches(linkage, placed)
    assert found.shape == (n - 1, n + extra)
    assert not found[:, n:].any()
    assert found[-1, :n].all()
    groups = {
        frozenset(np.flatnonzero(labels == label).tolist())
        for k in range(1, n)
        for labels in [_trees.cut(linkage, k)]
        for label in range(k)
    }
    groups = {group for group in groups if len(group) > 1}
    assert {frozenset(np.flatnonzero(row).tolist()) for row in found} == groups


@SETTINGS
@given(distance=distances(), method=METHODS)
def test_the_leaves_are_drawn_as_scipy_draws_them(distance, method):
    linkage = _trees.link(distance, method)
    assert _trees.leaves(linkage) == hierarchy.leaves_list(linkage).tolist()


def test_gaps_are_filled_with_the_mean_and_agreement_beyond_its_ends_is_cut():
    nan = float("nan")
    values = np.array([[9, 1.2, 0.5], [1.2, 9, nan], [0.5, nan, 9]])
    distance, gaps = _trees.distances(values)
    assert_allclose(distance, [[0, 0, 0.5], [0, 0, 0.25], [0.5, 0.25, 0]])
    assert_array_equal(np.argwhere(gaps), [[1, 2], [2, 1]])


@SETTINGS
@given(distance=distances(most=14), method=METHODS)
def test_going_up_the_tree_gives_the_silhouettes_of_all_cuts(distance, method):
    linkage = _trees.link(distance, method)
    numbers = _trees.attainable(linkage)
    expected = _trees.silhouettes(distance, _trees.cuts(linkage, numbers))
    assert_allclose(_trees.tree_silhouettes(distance, linkage, numbers), expected, atol=1e-12)


@pytest.mark.parametrize("kind", ["blocks", "noise", "chain"])
@pytest.mark.parametrize("method", ["average", "complete"])
def test_large_trees_are_judged_as_small_ones_are(kind, method, monkeypatch):
    rng = np.random.default_rng(3)
    points = rng.random((150, 3))
    if kind == "blocks":
        points += 9 * rng.random((5, 3))[np.arange(150) % 5]
    if kind == "chain":  # every merge adds one leaf
        points = np.cumsum(np.arange(150.0))[:, None]
    distance = np.abs(points[:, None] - points[None]).sum(axis=2)
    distance /= distance.max()
    linkage = _trees.link(distance, method)
    large = _trees.best_cut(distance, linkage)
    monkeypatch.setattr(_trees, "MANY", 1_000)
    small = _trees.best_cut(distance, linkage)
    assert large[0] == small[0]
    assert_array_equal(large[1], small[1])
    assert_allclose(large[2], small[2], atol=1e-12)
    assert large[3] == small[3]
