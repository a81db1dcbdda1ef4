"""Trees depend on distances alone; their cuts and silhouettes, against slow second routes."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy.cluster import hierarchy
from scipy.spatial.distance import squareform
from sklearn.metrics import silhouette_score

from camdata.analysis.trees import (
    UNPLACED,
    distances,
    find_placed,
    link,
    partitions,
    silhouettes,
    turned,
)

SETTINGS = settings(deadline=None)
METHODS = st.sampled_from(("average", "complete"))
NAN = float("nan")


@st.composite
def tables(draw, least=2, most=9, steps=(1, 2, 3, 6)):
    """Draw symmetric distances from 0 to 1, many of them tied."""
    n = draw(st.integers(least, most))
    top = draw(st.sampled_from(steps))
    size = n * (n - 1) // 2
    drawn = draw(st.lists(st.integers(0, top), min_size=size, max_size=size))
    return squareform(np.array(drawn, dtype=float) / top, checks=False)


def groups(labels):
    """Return labels as a set of sets of leaves."""
    return {frozenset(np.flatnonzero(labels == k).tolist()) for k in np.unique(labels)}


def slow_steps(distance, method):
    """Return (height, partition) after each step, by the definition and without shortcuts.

    Of the pairs of clusters that tie for the smallest distance those merge whose members lie
    furthest, in the mean, from all other leaves; at distance 0 all merge.
    """
    parts = [frozenset([leaf]) for leaf in range(len(distance))]
    steps = [(0.0, set(parts))]

    def between(a, b):
        values = [distance[i, j] for i in a for j in b]
        return max(values) if method == "complete" else sum(values) / len(values)

    def outside(a, b):
        others = [c for c in parts if c not in (a, b)]
        rest = sum(len(c) for c in others)
        far = sum(len(c) * (len(a) * between(a, c) + len(b) * between(b, c)) for c in others)
        return far / rest / (len(a) + len(b)) if rest else 0.0

    while len(parts) > 1:
        pairs = [(a, b) for i, a in enumerate(parts) for b in parts[:i]]
        low = min(between(a, b) for a, b in pairs)
        tied = [(a, b) for a, b in pairs if between(a, b) <= low + 1e-9]
        if len(tied) > 1 and low > 1e-9:
            most = max(outside(a, b) for a, b in tied)
            tied = [(a, b) for a, b in tied if outside(a, b) >= most - 1e-9]
        joined = {part: part for part in parts}
        for a, b in tied:
            both = joined[a] | joined[b]
            joined = {part: both if now <= both else now for part, now in joined.items()}
        parts = sorted(set(joined.values()), key=min)
        steps.append((low, set(parts)))
    return steps


@SETTINGS
@given(distance=tables(), method=METHODS)
def test_a_tree_is_its_definition(distance, method):
    steps = slow_steps(distance, method)
    trees = link(distance[None], method)
    numbers = [len(parts) for _, parts in steps]
    assert trees.attainable() == numbers[::-1]
    for number, (_, parts) in zip(numbers, steps, strict=True):
        assert groups(trees.cut([number])[0, 0]) == parts
    heights = np.repeat([height for height, _ in steps[1:]], -np.diff(numbers))
    assert_allclose(trees.heights[0], heights, atol=1e-12)


@SETTINGS
@given(distance=tables(most=12), method=METHODS, data=st.data())
def test_the_order_of_leaves_changes_nothing(distance, method, data):
    order = np.array(data.draw(st.permutations(range(len(distance)))))
    other = distance[np.ix_(order, order)]
    one, two = link(distance[None], method), link(other[None], method)
    assert_allclose(one.heights, two.heights, atol=1e-12)
    assert_array_equal(one.ends, two.ends)
    numbers = one.attainable()
    assert two.attainable() == numbers
    first, second = one.cut(numbers), two.cut(numbers)
    for a, b in zip(first[0], second[0], strict=True):
        assert groups(a[order]) == groups(b)
    scores = silhouettes(distance[None], first), silhouettes(other[None], second)
    assert_allclose(*scores, atol=1e-12)


@SETTINGS
@given(n=st.integers(2, 25), seed=st.integers(0, 10**6), method=METHODS)
def test_where_nothing_ties_a_tree_is_scipys(n, seed, method):
    drawn = np.random.default_rng(seed).random(n * (n - 1) // 2)
    trees = link(squareform(drawn, checks=False)[None], method)
    expected = hierarchy.linkage(drawn, method)
    assert_allclose(trees.heights[0], expected[:, 2], atol=1e-12)
    assert trees.attainable() == list(range(1, n + 1))
    cuts = hierarchy.cut_tree(expected)
    for column, number in enumerate(range(n, 0, -1)):
        assert groups(trees.cut([number])[0, 0]) == groups(cuts[:, column])
    assert hierarchy.is_valid_linkage(trees.linkage())
    flat = hierarchy.fcluster(trees.linkage(), 1e9, criterion="distance")
    assert (flat == 1).all()


@SETTINGS
@given(distance=tables(most=12), method=METHODS)
def test_heights_never_fall_and_cuts_are_where_steps_end(distance, method):
    n = len(distance)
    trees = link(distance[None], method)
    assert (np.diff(trees.heights[0]) >= -1e-12).all()
    assert trees.ends[0, -1]
    possible = trees.attainable()
    for number in range(1, n + 2):
        labels = trees.cut([number])[0, 0]
        assert (labels != UNPLACED).all() == (number in possible)
        if number in possible:
            # numbered in the order of their first leaves
            assert list(dict.fromkeys(labels.tolist())) == list(range(number))
        else:
            assert (labels == UNPLACED).all()


@pytest.mark.slow
@SETTINGS
@given(seed=st.integers(0, 10**6), n=st.integers(2, 8), top=st.sampled_from((1, 2, 5)))
@pytest.mark.parametrize("method", ["average", "complete"])
def test_many_trees_at_once_are_the_trees_one_by_one(method, seed, n, top):
    size = n * (n - 1) // 2
    drawn = np.random.default_rng(seed).integers(0, top + 1, (7, size)) / top
    distance = np.array([squareform(row, checks=False) for row in drawn])
    numbers = list(range(1, n + 1))
    every = link(distance, method)
    cuts = every.cut(numbers)
    scores = silhouettes(distance, cuts)
    for i, one in enumerate(distance):
        alone = link(one[None], method)
        for name, part in vars(alone).items():
            assert_array_equal(getattr(every, name)[i], part[0])
        assert_array_equal(cuts[i], alone.cut(numbers)[0])
        assert every.attainable(i) == alone.attainable()
        assert_allclose(scores[i], silhouettes(one[None], alone.cut(numbers))[0], atol=1e-12)


@SETTINGS
@given(distance=tables(least=3), data=st.data())
def test_silhouettes_are_scikit_learns(distance, data):
    n = len(distance)
    row = st.lists(st.integers(0, n - 1), min_size=n, max_size=n)
    drawn = data.draw(st.lists(row, min_size=1, max_size=6))
    labels = np.array([np.unique(row, return_inverse=True)[1] for row in drawn])
    for score, one in zip(silhouettes(distance[None], labels[None])[0], labels, strict=True):
        if not 2 <= len(set(one)) < n:
            assert np.isnan(score)
            continue
        expected = silhouette_score(distance, one, metric="precomputed")
        assert score == pytest.approx(expected, abs=1e-12)


def test_a_silhouette_by_hand():
    # Rousseeuw (1987): a = 1, b = 4 for the first, a = 1, b = 3 for the second; the last is alone
    distance = np.array([[0, 1, 4], [1, 0, 3], [4, 3, 0]]) / 4
    found = silhouettes(distance[None], np.array([[[0, 0, 1], [UNPLACED] * 3]]))
    assert found[0, 0] == pytest.approx(((4 - 1) / 4 + (3 - 1) / 3 + 0) / 3)
    assert np.isnan(found[0, 1])


def test_gaps_take_the_mean_and_agreement_beyond_its_ends_is_cut():
    values = np.array([[9, 1.2, 0.5], [1.2, 9, NAN], [0.5, NAN, 9]])
    distance, gaps = distances(values)
    assert_allclose(distance, [[0, 0, 0.5], [0, 0, 0.25], [0.5, 0.25, 0]])
    assert_array_equal(np.argwhere(gaps), [[1, 2], [2, 1]])


def placed_by_hand(values):
    """Look at pairs again and again: half of an actor's pairs with placed ones must be defined."""
    names = list(range(len(values)))
    missing = pd.DataFrame(np.isnan(values), names, names)
    placed = [a for a in names if not missing.loc[a].drop(a).all()]
    while len(placed) > 1:
        share = {a: missing.loc[a, [b for b in placed if b != a]].mean() for a in placed}
        worst = max(share.values())
        if worst <= 0.5:
            return placed
        placed = [a for a in placed if share[a] < worst - 1e-9]
    return []


@pytest.mark.slow
@SETTINGS
@given(distance=tables(least=1, most=8), seed=st.integers(0, 10**6), method=METHODS)
def test_tables_with_gaps_are_cut_into_the_nearest_number(distance, seed, method):
    rng = np.random.default_rng(seed)
    n = len(distance)
    values = np.repeat(1 - distance[None], 3, axis=0)
    for table in values:
        i, j = np.nonzero(np.triu(rng.random((n, n)) < 0.4, 1))
        table[i, j] = table[j, i] = NAN
    for wanted in (1, 3, 9):
        found = partitions(values, wanted, method)
        for table, labels in zip(values, found, strict=True):
            placed = placed_by_hand(table)
            assert np.flatnonzero(find_placed(table)[0]).tolist() == placed
            assert np.flatnonzero(labels != UNPLACED).tolist() == placed
            if placed:
                inside = table[np.ix_(placed, placed)]
                tree = link(distances(inside)[0][None], method)
                near = min(tree.attainable(), key=lambda k: (abs(k - wanted), k))
                assert groups(labels[placed]) == groups(tree.cut([near])[0, 0])


@SETTINGS
@given(distance=tables(), method=METHODS)
def test_a_turned_tree_joins_the_same_and_its_labels_ascend(distance, method):
    trees = link(distance[None], method)
    for number in trees.attainable():
        labels = trees.cut([number])[0, 0]
        tree = turned(trees.linkage(), labels)
        drawn = [int(labels[leaf]) for leaf in hierarchy.leaves_list(tree)]
        # the members of a cluster are side by side
        assert sum(a != b for a, b in pairwise(drawn)) == number - 1
        assert drawn[0] == 0
        assert_array_equal(tree[:, 2:], trees.linkage()[:, 2:])
        assert_array_equal(np.sort(tree[:, :2]), np.sort(trees.linkage()[:, :2]))
