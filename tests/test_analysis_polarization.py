"""Polarization against enumeration, DNA's formula written out, and tables with known camps."""

from itertools import permutations, product

import numpy as np
import pandas as pd
import pytest
from conftest import sizes

import camdata as cam
from camdata.analysis import polarization


def positions(seed, n=7, codes=6):
    generator = np.random.default_rng(seed)
    values = generator.choice([1, -1, np.nan], size=(n, codes), p=[0.4, 0.3, 0.3])
    return cam.Tally.from_positions(pd.DataFrame(values, index=list("ABCDEFGHIJK")[:n]))


def camps(sizes=(5, 5), codes=4):
    votes = np.repeat([1, -1], sizes)[:, None] * np.ones(codes)
    return cam.Tally.from_positions(pd.DataFrame(votes, index=[f"a{i}" for i in range(sum(sizes))]))


def ties(tally):
    """Congruence and conflict by average activity, written out; one side on each code."""
    votes = tally.positions.to_numpy(dtype=float, na_value=np.nan)
    active = (~np.isnan(votes)).sum(axis=1)
    tables = np.zeros((2, len(votes), len(votes)))
    for i, j in permutations(range(len(votes)), 2):
        for table, side in zip(tables, (1, -1), strict=True):
            table[i, j] = (votes[i] * votes[j] == side).sum() / max((active[i] + active[j]) / 2, 1)
    return tables


def share(labels, congruence, conflict):
    same = labels[:, None] == labels
    return (congruence[same].sum() + conflict[~same].sum()) / (congruence.sum() + conflict.sum())


def dna(labels, congruence, conflict):
    """DNA's `qualityAbsdiff`, normalized, as loops over pairs."""
    k, n = labels.max() + 1, len(labels)
    size = [int((labels == g).sum()) for g in range(k)]
    within = sum(s * (s - 1) for s in size)
    between = n * (n - 1) - within
    agreed, opposed, total = congruence.sum(), conflict.sum(), 0.0
    for i in range(n):
        for j in range(n):
            a, b = labels[i], labels[j]
            if i != j and a == b:
                expected = size[a] * (size[a] - 1) / within * agreed / within
                total += abs(congruence[i, j] - expected) + conflict[i, j]
            elif i != j:
                expected = size[a] * size[b] / between * opposed / between
                total += congruence[i, j] + abs(conflict[i, j] - expected)
    return total / (2 * (agreed + opposed))


def enumerated(tally, formula, k, balanced):
    n, found, tables = len(tally.actors), [], ties(tally)
    for labels in product(range(k), repeat=n):
        labels = np.array(labels)
        sizes = np.bincount(labels, minlength=k)
        even = sorted(sizes) == sorted(np.bincount(np.arange(n) % k))
        if sizes.min() > 0 and (even or not balanced):
            found.append(formula(labels, *tables))
    return max(found)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("balanced", [True, False])
@pytest.mark.parametrize(("score", "formula"), [("camps", share), ("dna", dna)])
def test_two_camps_are_the_best_of_all_partitions(score, formula, balanced, seed):
    tally = positions(seed)
    found = polarization(tally, score=score, balanced=balanced, n_resamples=0)
    assert found.exact
    assert found.value == pytest.approx(enumerated(tally, formula, 2, balanced))
    labels = found.labels.to_numpy(dtype=int)[np.bincount(tally.cells.actor) > 0] - 1
    if score == "camps":
        assert share(labels, *ties(tally)) == pytest.approx(found.value)


@pytest.mark.parametrize("seed", range(3))
def test_camps_of_unequal_size_with_gaps_are_found_among_all_partitions(seed):
    generator = np.random.default_rng(seed)
    votes = np.repeat([1.0, -1.0], (5, 2))[:, None] * generator.choice([1, -1], 9)
    votes[generator.random(votes.shape) < 0.15] *= -1
    votes[generator.random(votes.shape) < 0.3] = np.nan
    table = pd.DataFrame(votes, index=list("ABCDEFG"))
    table.loc["silent"] = np.nan
    found = polarization(cam.Tally.from_positions(table), n_resamples=0)
    spoken = cam.Tally.from_positions(table.drop("silent"))
    assert found.value == pytest.approx(enumerated(spoken, share, 2, balanced=False))
    labels = found.labels.iloc[:7].to_numpy(dtype=int)
    assert share(labels, *ties(spoken)) == pytest.approx(found.value)
    assert pd.isna(found.labels["silent"])


@pytest.mark.parametrize("balanced", [True, False])
def test_swaps_find_the_best_of_three_camps(balanced):
    for seed in range(3):
        tally = positions(seed)
        found = polarization(tally, 3, balanced=balanced, n_resamples=0)
        assert not found.exact
        assert found.value == pytest.approx(enumerated(tally, share, 3, balanced))
        assert found.labels.nunique() == 3


def test_swaps_find_two_camps_of_more_actors_than_can_be_enumerated():
    found = polarization(camps((13, 11)), n_resamples=0)
    assert not found.exact
    assert found.value == pytest.approx(1.0)
    assert sorted(map(len, found.members.values())) == [11, 13]


def test_full_camps_have_one_and_are_found():
    found = polarization(camps())
    assert found.no_chance  # everybody always takes one side, so that no side can be shuffled
    assert found.value == pytest.approx(1.0)
    assert found.members == {1: [f"a{i}" for i in range(5)], 2: [f"a{i}" for i in range(5, 10)]}
    assert found.congruence == pytest.approx(20 * 4 / 4)
    assert found.conflict == pytest.approx(25 * 4 / 4)


def test_dnas_score_is_least_for_the_camps_themselves():
    labels = np.repeat([0, 1], 5)
    tables = ties(camps())
    assert dna(labels, *tables) == pytest.approx(0.25)
    found = polarization(camps(), score="dna", balanced=True, n_resamples=0)
    assert found.value == pytest.approx(31 / 60)
    assert len(set(found.labels.iloc[:5])) == 2


def test_planted_camps_are_more_polarized_than_random_tables_and_noise_is_not():
    generator = np.random.default_rng(0)
    side = generator.choice([1, -1], size=20)
    votes = np.outer(np.repeat([1, -1], 5), side).astype(float)
    votes[generator.random(votes.shape) < 0.3] = np.nan
    planted = polarization(cam.Tally.from_positions(pd.DataFrame(votes)), n_resamples=199)
    assert planted.p_value == pytest.approx(0.005)
    assert planted.value > planted.random.max()
    noise = polarization(positions(5, 10, 20), n_resamples=199)
    assert noise.p_value > 0.05
    assert noise.frame["expected"].item() == pytest.approx(noise.random.mean())


def test_without_opposition_it_is_not_defined(meeting):
    found = polarization(meeting.tally("code"))
    assert np.isnan(found.value)
    assert "not defined" in found.summary


def test_the_score_does_not_depend_on_the_order_of_actors():
    tally = positions(1, 9)
    other = cam.Tally.from_positions(tally.positions.astype(float).iloc[::-1])
    one, again = (polarization(t, n_resamples=0) for t in (tally, other))
    assert one.value == pytest.approx(again.value)


def test_silent_actors_are_in_no_camp():
    table = camps().positions.astype(float)
    table.loc["silent"] = np.nan
    found = polarization(cam.Tally.from_positions(table), n_resamples=0)
    assert pd.isna(found.labels["silent"])
    assert found.frame["actors"].item() == 10


def test_what_cannot_be_had_is_an_error():
    with pytest.raises(ValueError, match="equal size"):
        polarization(camps((13, 11)), score="dna")
    with pytest.raises(ValueError, match="camps need as many actors"):
        polarization(camps((2, 1)), 4)


@sizes("tables", 80, 200)
def test_of_structureless_tables_one_in_twenty_is_polarized(tables):
    rejected = [
        polarization(positions(seed, 10, 15), n_resamples=99, seed=seed).p_value <= 0.05
        for seed in range(tables)
    ]
    error = np.sqrt(0.05 * 0.95 / tables)
    assert 0 < np.mean(rejected) <= 0.05 + 2.6 * error
