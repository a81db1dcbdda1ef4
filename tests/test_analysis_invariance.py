"""Names and the order of actors, columns and statements change no answer."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from strategies import coin_flips, planted

import camdata as cam

NEW_NAMES = {"Canada": "Zzz", "Peru": "Aaa", "Brazil": "Mmm"}


def partition(labels):
    placed = labels.dropna()
    return {frozenset(group.index) for _, group in placed.groupby(placed)}


def reordered(meeting, seed, names=None):
    """Return a meeting with its rows in another order, its actors perhaps with other names."""
    tables = {}
    for name in ("statements", "actors", "codebook", "recodings"):
        table = getattr(meeting, name).drop(columns=["speaking_order", "quote"], errors="ignore")
        table = table.sample(frac=1, random_state=seed)
        if "actor" in table and names:
            table["actor"] = table["actor"].replace(names)
        tables[name] = table
    return cam.Meeting(**tables)


@pytest.fixture(scope="module")
def pair(meeting):
    """Give the bundled meeting, the same in another order with other names, and these."""
    return reordered(meeting, 0), reordered(meeting, 5, NEW_NAMES), NEW_NAMES


@pytest.mark.parametrize(("by", "method"), [("dimension", "complete"), ("code", "average")])
def test_clusters_are_the_same_partition(pair, by, method):
    one, other, names = pair
    agreements = [cam.agreement(meeting.tally(by)) for meeting in (one, other)]
    cuts = [cam.cluster(agreement, 1, method).cuts for agreement in agreements]
    assert cuts[0].index.tolist() == cuts[1].index.tolist()
    assert_allclose(cuts[0]["silhouette"], cuts[1]["silhouette"])
    for number in cuts[0].index:
        first, second = (cam.cluster(agreement, number, method).labels for agreement in agreements)
        assert partition(first.rename(index=names)) == partition(second)


@pytest.mark.parametrize("by", ["dimension", "code"])
def test_statistics_are_the_same_and_p_within_its_error(pair, by):
    one, other, names = pair
    column = one.actors.set_index("actor")["process"]
    found = []
    for meeting, groups in ((one, column), (other, column.rename(index=names))):
        agreement = cam.agreement(meeting.tally(by))
        structure = cam.structure(agreement, 199)
        association = cam.analysis.association(agreement, groups, 199)
        shared = cam.analysis.null_model(meeting.tally(by), 99).frame
        relabeled = cam.analysis.association(agreement, groups, null="relabeling")
        found.append(
            {
                "exact": [structure.statistic, association.difference, relabeled.p_value],
                "shared": sorted(shared["shared"]),
                "p": [structure.p_value, association.p_value],
            }
        )
    first, second = found
    assert_allclose(first["exact"], second["exact"])
    assert first["shared"] == second["shared"]
    for p, q in zip(first["p"], second["p"], strict=True):
        assert abs(p - q) <= 4 * np.sqrt(2 * max(p * (1 - p), 1e-3) / 199)


@pytest.mark.slow
def test_shares_of_the_multiverse_are_the_same(pair):
    one, other, names = pair
    first, second = (cam.multiverse(meeting, n_resamples=99) for meeting in (one, other))
    assert len(first.specifications) == len(second.specifications)
    together = first.together.rename(index=names, columns=names)
    assert_allclose(second.together.loc[together.index, together.index], together)
    p, q = first.p_value, second.p_value
    assert abs(p - q) <= 4 * np.sqrt(2 * max(p * (1 - p), 0.01) / 99)


def test_maps_are_the_same_but_for_rotation_and_sign(pair):
    one, other, names = pair
    first, second = (cam.coordinates(cam.agreement(m.tally("code"))) for m in (one, other))
    frame = first.frame.rename(index=names)
    a, b = frame.to_numpy(), second.frame.loc[frame.index].to_numpy()
    assert_allclose(b @ b.T, a @ a.T, atol=1e-9)
    assert (first.stress, first.r2) == pytest.approx((second.stress, second.r2))


@pytest.mark.parametrize("make", [coin_flips, planted])
@pytest.mark.parametrize("seed", [0, pytest.param(1, marks=pytest.mark.slow)])
def test_tables_with_many_ties_are_clustered_alike_in_any_order(make, seed):
    table = make(seed, n_actors=11) if make is coin_flips else make(seed, 3, 11, 7)
    generator = np.random.default_rng(seed)
    names = [f"name {i}" for i in generator.permutation(len(table))]
    other = table.set_axis(names).iloc[generator.permutation(len(table))]
    other = other.iloc[:, generator.permutation(table.shape[1])]
    renamed = dict(zip(table.index, names, strict=True))
    for measure in ("jaccard", "overlap"):
        first, second = (cam.agreement(t.dropna(how="all"), measure) for t in (table, other))
        numbers = cam.cluster(first, 1).cuts.index
        assert cam.cluster(second, 1).cuts.index.equals(numbers)
        for number in numbers:
            one, two = (cam.cluster(agreement, number).labels for agreement in (first, second))
            assert partition(one.rename(index=renamed)) == partition(two)


@pytest.mark.slow
def test_stability_and_sensitivity_do_not_depend_on_the_order(pair):
    one, other, names = pair
    clusters = [cam.cluster(cam.agreement(meeting.tally()), 3) for meeting in (one, other)]
    first, second = (
        cam.analysis.sensitivity(each).frame.set_index("statement") for each in clusters
    )
    pd.testing.assert_series_equal(
        first["adjusted_rand"].sort_index(), second["adjusted_rand"].sort_index()
    )
    lost = first["n_lost"].sort_index()
    assert lost.equals(second["n_lost"].sort_index())
    shares = [cam.analysis.stability(each, n_resamples=400).together for each in clusters]
    together = shares[0].rename(index=names, columns=names)
    difference = (shares[1].loc[together.index, together.index] - together).abs().max(axis=None)
    assert difference <= 5 * np.sqrt(2 * 0.25 / 400)
