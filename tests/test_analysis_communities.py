"""Louvain's communities against their definition, and against networkx."""

from itertools import combinations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from networkx.algorithms.community import louvain_communities, modularity

from camdata.analysis.communities import communities


def drawn(n, seed, blocks=1, share=0.5):
    """Draw symmetric weights, larger inside of blocks, with a tie of each actor at least."""
    rng = np.random.default_rng(seed)
    weights = np.triu(rng.random((n, n)) * (rng.random((n, n)) < share), 1)
    weights *= np.where(np.arange(n) % blocks == (np.arange(n) % blocks)[:, None], 1.0, 0.2)
    weights[np.arange(n - 1), np.arange(1, n)] += 0.01
    return weights + weights.T


def groups(label):
    return [set(np.flatnonzero(label == number).tolist()) for number in np.unique(label)]


def value(weights, parts):
    return modularity(nx.from_numpy_array(weights), parts)


@settings(deadline=None)
@given(st.integers(2, 14), st.integers(0, 10**6), st.integers(1, 4))
def test_communities_hold_everyone_and_no_two_are_better_together(n, seed, blocks):
    weights = drawn(n, seed, blocks)
    label = communities(weights, seed)
    assert sorted(np.unique(label)) == list(range(label.max() + 1))
    found = groups(label)
    best = value(weights, found)
    for a, b in combinations(found, 2):
        rest = [part for part in found if part not in (a, b)]
        assert value(weights, [*rest, a | b]) <= best + 1e-9


@pytest.mark.parametrize("blocks", [1, 2, 5])
def test_communities_are_as_good_as_those_of_networkx(blocks):
    ours, theirs = [], []
    for seed in range(10):
        weights = drawn(40, seed, blocks)
        graph = nx.from_numpy_array(weights)
        ours.append(value(weights, groups(communities(weights, seed))))
        theirs.append(modularity(graph, louvain_communities(graph, seed=seed)))
    assert np.mean(ours) > np.mean(theirs) - 0.005


def test_planted_communities_are_found_whoever_is_visited_first():
    weights = np.kron(np.eye(4), np.ones((5, 5))) + 0.05
    np.fill_diagonal(weights, 0)
    for seed in range(20):
        assert {frozenset(part) for part in groups(communities(weights, seed))} == {
            frozenset(range(start, start + 5)) for start in range(0, 20, 5)
        }


def test_weights_of_any_size_and_the_same_seed_give_the_same():
    weights = drawn(30, 3, 3)
    label = communities(weights, 7)
    assert (communities(weights, 7) == label).all()
    assert (communities(weights * 1000, 7) == label).all()


def test_two_actors_are_one_community():
    assert communities(np.array([[0.0, 2.0], [2.0, 0.0]]), 0).tolist() == [0, 0]
