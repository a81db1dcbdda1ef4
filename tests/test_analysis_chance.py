"""Against chance: any structure, how many clusters, which pairs share more."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from pandas.testing import assert_frame_equal
from scipy.stats import false_discovery_control, kstest
from strategies import coin_flips, named, planted

import camdata as cam
from camdata.analysis.null import random_tables

LEVELS = ["dimension", "code"]


@pytest.fixture(scope="module")
def agreements(meeting):
    return {by: cam.agreement(meeting.tally(by)) for by in LEVELS}


# is there any structure


def eigenvalue(table):
    """Return the largest eigenvalue of one double-centred table, by the centring matrix itself."""
    values = table.copy()
    np.fill_diagonal(values, np.nan)
    values = np.where(np.isnan(values), np.nanmean(values), values)
    np.fill_diagonal(values, 1)
    centre = np.eye(len(values)) - 1 / len(values)
    return np.linalg.eigvals(centre @ values @ centre).real.max()


@pytest.mark.parametrize("measure", ["jaccard", "matching", "kappa"])
def test_the_statistic_of_structure_is_the_largest_eigenvalue(measure):
    votes = coin_flips(3).mask(coin_flips(4).eq(1) & coin_flips(5).eq(1))
    agreement = cam.agreement(votes, measure)
    result = cam.structure(agreement, 19, seed=2)
    expected = [
        eigenvalue(table) for table in random_tables(agreement, 19, seed=2).values(agreement)
    ]
    assert_allclose([result.statistic, *result.random], expected)
    assert result.p_value == (np.array(expected) >= expected[0] - 1e-9).mean()
    low, high = result.p_range
    assert low <= result.p_value <= high
    assert result.frame.loc[0, ["statistic", "p_value", "p_low", "p_high"]].tolist() == [
        result.statistic,
        result.p_value,
        low,
        high,
    ]


@pytest.mark.parametrize("seed", range(2))
def test_planted_blocks_are_structure_and_coin_flips_are_none(seed):
    found = cam.structure(cam.agreement(planted(seed)), 99)
    assert found.p_value == 0.01
    assert (
        "it finds structure: some actors agree more than chance gives (p = 0.01," in found.summary
    )
    for measure in ("jaccard", "matching"):
        none = cam.structure(cam.agreement(coin_flips(seed, 20, 20), measure), 99)
        assert none.p_value > 0.02


def test_a_no_names_the_power_and_claims_no_absence():
    result = cam.structure(cam.agreement(coin_flips(0)), 99)
    assert result.p_value > 0.05
    assert "no evidence that there is none" in result.summary
    power = f"This test would find two clear blocks in {result.power:.0%} of tables like this one."
    assert result.summary.startswith(power)
    for claim in ("there is no structure", "no structure.", "unstructured"):
        assert claim not in result.summary


def test_power_is_a_share_and_larger_in_tables_with_more_to_see():
    small, large = (
        cam.structure(cam.agreement(coin_flips(1, n, codes).where(lambda t: t == 1)), 99).power
        for n, codes in ((7, 5), (20, 30))
    )
    assert 0 <= small < large <= 1
    assert large > 0.9


def test_above_thirty_actors_fewer_tables_find_the_power():
    result = cam.structure(cam.agreement(planted(0, 2, 31, 20)), 19)
    assert len(result.planted) == 49
    assert "totals allow (49 tables)" in result.summary


# how many clusters


def chosen_by_hand(curves, numbers):
    """Standardize silhouettes over all tables, and choose as the docstring says."""
    table = pd.DataFrame(curves, columns=numbers)
    enough = table.notna().mean() >= 0.5
    deviation = table.std(ddof=0)
    excess = ((table - table.mean()) / deviation).loc[:, enough & (deviation > 1e-9)]
    own = excess.loc[0].dropna()
    p = (excess.max(axis=1) >= own.max() - 1e-9).mean()
    gap = (table.loc[0] - table.mean())[own.index]
    near = gap >= gap[own.idxmax()] - deviation[own.idxmax()] - 1e-9
    return int(near.idxmax()), own.max(), p


@pytest.mark.parametrize(("by", "method"), [("dimension", "average"), ("code", "complete")])
def test_the_choice_is_what_the_public_functions_give(agreements, by, method):
    agreement = agreements[by]
    numbers = list(range(2, 7))
    curves = np.full((30, len(numbers)), np.nan)
    values = random_tables(agreement, 29, seed=5).values(agreement)
    for i, table in enumerate(values):
        cuts = cam.cluster(named(table).set_axis(named(table).index, axis=1), 13, method).cuts
        curves[i] = cuts["silhouette"].reindex(numbers)
    choice = cam.cluster_choice(agreement, 29, method=method, seed=5)
    n_clusters, largest, p = chosen_by_hand(curves, numbers)
    assert (choice.n_clusters, choice.p_value) == (n_clusters, p)
    assert choice.largest == pytest.approx(largest)
    frame = choice.frame
    attained = ~np.isnan(curves[0])
    assert frame.index.tolist() == np.array(numbers)[attained].tolist()
    assert_allclose(frame["silhouette"], curves[0, attained])
    assert_allclose(frame["attained"], (~np.isnan(curves)).mean(axis=0)[attained])
    assert_allclose(frame["expected"], np.nanmean(curves[:, attained], axis=0))
    clusters = cam.cluster(agreement, choice, method)
    assert (clusters.choice, clusters.rule) == (choice, "chance")
    assert clusters.silhouette == pytest.approx(frame.at[n_clusters, "silhouette"])


@pytest.mark.parametrize("blocks", [2, 3, 4])
def test_planted_blocks_are_counted(blocks):
    choice = cam.cluster_choice(cam.agreement(planted(blocks, blocks, 16, 24)), 99)
    assert choice.n_clusters == blocks
    assert choice.is_clear
    assert choice.p_value == 0.01
    assert (
        "clearer than in random tables with the same totals (p = 0.01, the share" in choice.summary
    )


def test_without_clear_clusters_the_number_is_called_a_choice(agreements):
    for agreement in (cam.agreement(coin_flips(2)), agreements["code"]):
        choice = cam.cluster_choice(agreement, 99)
        assert not choice.is_clear
        assert "no clearer than in random tables" in choice.verdict
        assert "the number of clusters is a choice" in choice.summary


def test_where_no_cut_can_be_compared_there_are_no_clusters_to_speak_of():
    # each is alike with one other at most: the trees of all tables join everyone in one step
    table = named(np.where(np.eye(4) > 0, 1.0, np.nan))
    choice = cam.cluster_choice(cam.agreement(table), 9)
    assert choice.n_clusters == 1
    assert np.isnan([choice.largest, choice.p_value]).all()
    assert "no clusters to speak of" in choice.summary
    assert not choice.is_clear


@pytest.mark.slow
def test_p_of_structureless_tables_is_uniform():
    p = [cam.cluster_choice(cam.agreement(coin_flips(s)), 99, seed=s).p_value for s in range(200)]
    assert kstest(p, "uniform").pvalue > 0.001
    assert np.mean(np.array(p) <= 0.05) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 200)


def test_one_question_has_one_number(agreements):
    one, again = (cam.cluster_choice(agreements["code"]) for _ in range(2))
    assert_frame_equal(one.frame, again.frame)
    assert cam.cluster(agreements["code"]).choice.p_value == one.p_value
    assert one.n_resamples == 999


def test_a_choice_takes_distances_and_trees_only(meeting, agreements):
    for measure in ("congruence", "s"):
        with pytest.raises(ValueError, match="between 0 and 1 to be a distance"):
            cam.cluster_choice(cam.agreement(meeting.tally(), measure))
    with pytest.raises(ValueError, match="`method` must be one of"):
        cam.cluster_choice(agreements["code"], method="louvain")
    with pytest.raises(TypeError, match="an Agreement"):
        cam.cluster_choice(meeting.tally())


# which pairs share more


def planted_pair():
    """Return positions in which two actors share six codes that hardly anybody else holds."""
    table = np.random.default_rng(0).random((10, 16)) < 0.4
    table[:, 12:] = table[:2] = False
    table[:2, 10:] = True
    return named(np.where(table, 1.0, np.nan))


def test_p_values_count_the_random_tables_that_reach_as_much():
    votes = coin_flips(6, 8, 9).mask(coin_flips(7, 8, 9) == 1)
    pairs = cam.analysis.null_model(votes, 60, seed=3).frame
    drawn = random_tables(cam.Tally.from_positions(votes), 60, seed=3)
    held = drawn.contents[drawn.tables]  # tables × actors × codes × stances
    names = votes.index
    assert list(zip(pairs["actor"], pairs["other"], strict=True)) == list(combinations(names, 2))
    for row in pairs.itertuples():
        a, b = names.get_loc(row.actor), names.get_loc(row.other)
        shared = (held[:, a] * held[:, b]).sum(axis=(1, 2))
        assert row.shared == shared[0]
        assert row.expected == pytest.approx(shared[1:].mean())
        assert row.p_value == (shared >= shared[0]).mean()
    assert_allclose(pairs["p_adjusted"], false_discovery_control(pairs["p_value"]))
    assert (pairs["significant"] == (pairs["p_adjusted"] <= 0.05)).all()


def test_a_planted_pair_is_the_backbone():
    result = cam.analysis.null_model(planted_pair(), 1999)
    found = result.backbone
    assert found[["actor", "other", "shared"]].to_numpy().tolist() == [["actor 00", "actor 01", 6]]
    # one random table in about 13,000 has a pair share all six: of 1,999 none or one
    assert found["p_value"].item() <= 2 / 2000
    assert result.summary.startswith("1 of 45 pairs share more than random tables give")
    loose = cam.analysis.null_model(planted_pair(), 199, alpha=0.5)
    assert 0 < len(loose.backbone) < 45
    assert "false discovery rate of 0.5" in loose.summary


def test_reachable_is_what_would_be_significant_if_a_pair_shared_all_it_could():
    result = cam.analysis.null_model(planted_pair(), 999, seed=1)
    drawn = random_tables(cam.Tally.from_positions(planted_pair()), 999, seed=1)
    held = drawn.contents[drawn.tables][..., 0] > 0
    best = []
    for a, b in combinations(range(10), 2):
        most = min(held[0, a].sum(), held[0, b].sum())
        best.append(((held[1:, a] & held[1:, b]).sum(axis=1) >= most).sum() + 1)
    reachable = false_discovery_control(np.array(best) / 1000) <= 0.05
    assert result.frame["reachable"].tolist() == reachable.tolist()
    assert 0 < result.n_reachable == reachable.sum() < 45
    assert (result.frame["reachable"] | ~result.frame["significant"]).all()


@pytest.mark.parametrize("by", LEVELS)
def test_the_backbone_of_the_bundled_meeting_is_empty(meeting, by):
    result = cam.analysis.null_model(meeting.tally(by), 999)
    assert len(result.frame) == 13 * 12 / 2
    assert result.backbone.empty
    assert "Bolivia" not in {*result.frame["actor"], *result.frame["other"]}
    assert result.n_reachable < 39
    assert (
        f"{result.n_reachable} of 78 pairs could together have reached significance"
        in result.summary
    )
    assert result.summary.startswith("The backbone is empty: no pair shares significantly more")
    assert "Most pairs share too few codes" in result.summary


def test_a_tally_and_its_positions_share_the_same(meeting):
    one, other = (
        cam.analysis.null_model(t, 49).frame for t in (meeting.tally(), meeting.positions())
    )
    assert_frame_equal(one, other)


def test_an_ordinal_scale_shares_levels():
    levels = named(np.random.default_rng(0).integers(0, 3, (5, 8)))
    tally = cam.Tally.from_positions(levels, stances=(2, 1, 0))
    expected = [int((levels.loc[a] == levels.loc[b]).sum()) for a, b in combinations(levels.T, 2)]
    assert cam.analysis.null_model(tally, 19).frame["shared"].tolist() == expected


def test_too_few_random_tables_to_find_one_pair_are_said_to_be():
    values = np.where(np.random.default_rng(0).random((20, 40)) < 0.3, 1.0, np.nan)
    values[1] = values[0]
    tally = cam.Tally.from_positions(named(values))
    few, many = (cam.analysis.null_model(tally, n) for n in (199, 9999))
    assert few.smallest == pytest.approx(190 / 200)
    assert "a single pair cannot reach significance; draw at least 3,799" in few.summary
    assert few.backbone.empty
    assert many.smallest == pytest.approx(190 / 10_000)
    assert len(many.backbone) == 1


def test_a_choice_below_chance_is_not_said_to_exceed_it():
    found = set()
    for seed in range(20):
        values = np.where(np.random.default_rng(seed).random((10, 12)) < 0.4, 1.0, np.nan)
        choice = cam.cluster_choice(
            cam.agreement(cam.Tally.from_positions(named(values))), n_resamples=19
        )
        if not np.isnan(choice.largest):
            assert ("exceeds chance" in choice.summary) == (choice.largest > 0)
            found.add(choice.largest > 0)
    assert found == {True, False}
