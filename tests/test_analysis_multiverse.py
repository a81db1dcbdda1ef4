"""The multiverse: every combination, shares beside chance, a verdict that chance has checked."""

from collections import defaultdict
from dataclasses import replace
from itertools import combinations, product

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from pandas.testing import assert_frame_equal
from scipy.stats import false_discovery_control
from sklearn.metrics import adjusted_rand_score
from strategies import coin_flips, meeting_of, parties, planted

import camdata as cam
from camdata.analysis.shares import CHOICES

NUMBERS = [2, 3, 4, 5]


@pytest.fixture(scope="module")
def universe(meeting):
    return cam.multiverse(meeting, n_resamples=199)


@pytest.fixture(scope="module")
def clear():
    return cam.multiverse(meeting_of(planted(1, 2, 12, 16)), n_resamples=99)


@pytest.fixture(scope="module")
def structureless():
    return cam.multiverse(meeting_of(coin_flips(3).where(lambda t: t == 1)), n_resamples=99)


def by_hand(meeting):
    """Cluster under every combination by the public functions: labels or None."""
    coders = meeting.statements["coder"].unique().tolist()
    coders += [c for c in meeting.recodings["coder"].unique() if c not in coders]
    measures = ("jaccard", "dice", "cosine")
    options = product(
        ("dimension", "code"), ("all", "explicit"), coders, measures, ("average", "complete")
    )
    found = {}
    for by, basis, coder, measure, method in options:
        part = meeting.select(coder=coder)
        part = part.select(basis="explicit") if basis == "explicit" else part
        agreement = cam.agreement(part.tally(by), measure)
        possible = cam.cluster(agreement, 1, method).cuts.index
        for number in NUMBERS:
            clusters = cam.cluster(agreement, number, method) if number in possible else None
            found[by, basis, coder, measure, method, number] = clusters
    return found


@pytest.mark.slow
def test_every_combination_is_what_the_public_functions_give(meeting, universe):
    expected = by_hand(meeting)
    made = list(universe.specifications[list(CHOICES)].itertuples(index=False, name=None))
    skipped = list(universe.skipped[list(CHOICES)].itertuples(index=False, name=None))
    assert len(made) == len(set(made))
    assert sorted(made) == sorted(key for key, clusters in expected.items() if clusters)
    assert sorted(skipped) == sorted(key for key, clusters in expected.items() if not clusters)
    both, same = defaultdict(int), defaultdict(int)
    for number, key in enumerate(made):
        labels = expected[key].labels.dropna()
        assert universe.specifications.at[number, "silhouette"] == pytest.approx(
            expected[key].silhouette, nan_ok=True
        )
        found = universe.labels[number].dropna()
        assert set(found.index) == set(labels.index)
        assert adjusted_rand_score(found[labels.index], labels) == 1
        for a, b in combinations(labels.index, 2):
            pair = frozenset((a, b))
            both[pair] += 1
            same[pair] += bool(labels[a] == labels[b])
    assert len(universe.pairs) == len(both)
    for row in universe.pairs.itertuples():
        pair = frozenset((row.actor, row.other))
        assert row.share == pytest.approx(same[pair] / both[pair])
        assert universe.together.at[row.actor, row.other] == pytest.approx(row.share)


def test_combinations_that_cannot_be_made_are_listed_by_choice(universe):
    made, skipped = universe.specifications, universe.skipped
    assert len(made) + len(skipped) == 2 * 2 * 3 * 3 * 2 * 4
    assert f"{len(made)} of {len(made) + len(skipped)} combinations could be" in universe.summary
    counts = skipped["by"].value_counts()
    assert f"dimension {counts['dimension']}, code {counts['code']}" in universe.summary
    assert set(skipped["reason"]) == {"merges that tie are made together"}


def test_shares_have_their_chance_and_adjusted_p(universe, clear):
    for each in (universe, clear):
        pairs = each.pairs
        assert pairs["chance"].between(0, 1).all()
        assert_allclose(pairs["p_adjusted"], false_discovery_control(pairs["p"]))
        n = each.n_resamples + 1
        assert_allclose(pairs["p"] * n, np.round(pairs["p"] * n))
        assert (pairs["p"] >= 1 / n).all()
        assert pairs["share"].is_monotonic_decreasing
    reached = (universe.pairs["p"] <= 0.05).sum()
    assert (
        f"{reached} of 78 pairs reach p ≤ 0.05 one by one; {universe.expected_pairs:.1f} do"
        in universe.summary
    )


@pytest.mark.slow
def test_p_compares_the_shares_with_those_of_random_tables():
    """With one specification, the random shares are those of the clusters of random tables."""
    positions = planted(3, 2, 9, 10, 0.6, 0.2)
    meeting = meeting_of(positions)
    one = {"by": "code", "measures": "jaccard", "methods": "average", "numbers": [2]}
    universe = cam.multiverse(meeting, **one, n_resamples=59, seed=7)
    tally = meeting.tally("code")
    drawn = cam.analysis.null.random_tables(tally, 59, null="positions", seed=7)
    shares = []
    for table in drawn.values(cam.agreement(tally)):
        frame = pd.DataFrame(table, tally.actors, tally.actors)
        possible = cam.cluster(frame, 1).cuts.index
        labels = cam.cluster(frame, 2).labels if 2 in possible else pd.Series(np.nan, frame.index)
        pairs = combinations(labels.to_numpy(dtype=float, na_value=np.nan), 2)
        shares.append([float(x == y) if x == x else np.nan for x, y in pairs])
    shares = np.array(shares)
    # a table without this cut counts as the others do on average
    chance = np.nanmean(shares[1:], axis=0)
    shares = np.where(np.isnan(shares), chance, shares)
    found = universe.pairs.set_index(["actor", "other"])
    for pair, own, mean in zip(combinations(tally.actors, 2), shares.T, chance, strict=True):
        row = found.loc[pair]
        assert row["share"] == own[0]
        assert row["chance"] == pytest.approx(mean)
        assert row["p"] == pytest.approx((own >= own[0] - 1e-9).mean())
    overall = -(shares * (1 - shares)).mean(axis=1)
    assert universe.p_value == pytest.approx((overall >= overall[0] - 1e-9).mean())


def test_one_combination_counts_once_and_choices_can_be_held(meeting):
    held = cam.multiverse(
        meeting, by="code", basis="all", coder="camdata", measures="dice", n_resamples=19
    )
    for choice, value in {"by": "code", "basis": "all", "coder": "camdata"}.items():
        assert set(held.specifications[choice]) == {value}
    assert "measure" not in held.influence.index
    twice = cam.multiverse(
        meeting.select(coder="camdata"),
        by=["code"],
        basis="all",
        measures=["dice"],
        numbers=[5, 2, 3, 4, 2],
        n_resamples=19,
    )
    assert_frame_equal(twice.specifications, held.specifications)


def test_influence_compares_specifications_that_differ_in_one_choice_alone(universe):
    frame, labels = universe.specifications, universe.labels
    choice = universe.influence.index[0]
    others = [name for name in CHOICES if name != choice]
    found = []
    for _, group in frame.groupby(others):
        for a, b in combinations(group.index, 2):
            both = labels[[a, b]].dropna()
            found.append(adjusted_rand_score(both[a], both[b]))
    row = universe.influence.loc[choice]
    assert row["pairs"] == len(found)
    assert row["adjusted_rand"] == pytest.approx(np.mean(found))
    assert row["lowest"] == pytest.approx(min(found))
    assert universe.influence["adjusted_rand"].is_monotonic_increasing


def test_swing_is_how_undecided_the_shares_of_an_actor_are(universe):
    together = universe.together.drop(index="Bolivia", columns="Bolivia")
    for row in universe.swing.itertuples():
        share = together.loc[row.actor].drop(row.actor)
        assert row.swing == pytest.approx((4 * share * (1 - share)).mean())
        assert 0 <= row.chance <= 1
    assert universe.swing["swing"].is_monotonic_decreasing
    assert universe.unplaced == ["Bolivia"]


# the verdict


def sentences(universe):
    return universe.verdict.replace("0.", "0·").replace("\n", " ").split(". ")


def test_what_one_of_two_tests_finds_is_called_weak(clear, universe):
    unsure = replace(clear, structure=clear.structure.assign(p_value=0.2))
    for each in (unsure, replace(universe, p_value=0.04), replace(clear, p_value=0.2)):
        assert each.is_weak
        assert each.groups == []
        assert "the evidence of groups is weak" in each.verdict
        assert each.finding.startswith("Weak evidence of groups")
        for group in each.candidates.to_dict("records"):
            for sentence in sentences(each):
                if all(name in sentence for name in group["members"]):
                    assert "where chance gives" in sentence or "by chance" in sentence


def test_groups_are_named_with_their_chance(clear):
    assert clear.is_clear
    assert clear.power > 0.5
    blocks = [{f"actor {i:02d}" for i in range(6)}, {f"actor {i:02d}" for i in range(6, 12)}]
    assert clear.groups
    number = len(clear.groups)
    stand = "group stands" if number == 1 else "groups stand"
    assert clear.finding.startswith(f"{number} {stand} together more often than chance gives")
    for group in clear.groups:
        assert any(set(group) <= block for block in blocks)
        inside = clear.pairs["actor"].isin(group) & clear.pairs["other"].isin(group)
        share, chance = clear.pairs.loc[inside, ["share", "chance"]].mean()
        named = [sentence for sentence in sentences(clear) if group[0] in sentence]
        assert len(named) == 1
        assert f"in {share:.0%} of the combinations, where chance gives {chance:.0%}" in named[0]
    # the same candidates where the overall test finds nothing
    assert replace(clear, p_value=0.2).groups == []


def test_what_chance_explains_is_named_only_with_saying_so(structureless, universe):
    # whatever the overall p of the bundled meeting is, its verdict at p = 0.2 is a no
    joint = universe.structure.assign(p_value=0.2)
    for each in (structureless, replace(universe, p_value=0.2, structure=joint)):
        assert not each.is_clear
        assert each.groups == []
        assert "not rare in random tables" in each.verdict
        assert "no evidence that there are no groups" in each.verdict
        assert f"found in {each.power:.0%} of tables like this one" in each.verdict
        pairs = each.pairs
        top = pairs[pairs["share"] == pairs["share"].max()]
        for sentence in sentences(each):
            if any(name in sentence for name in {*top["actor"], *top["other"]}):
                assert "chance gives" in sentence
                assert "may be chance (adjusted p = " in sentence
        assert each.finding.startswith("No group stands together more clearly than chance gives")


def test_no_verdict_claims_what_was_not_varied(clear, structureless, universe):
    for each in (clear, structureless, universe):
        assert len(each.finding) <= 100
        for words in ("whatever is chosen", "in all "):
            assert words not in each.summary.lower()
        low, high = each.p_range
        assert low <= each.p_value <= high


def test_the_bundled_meeting(universe):
    assert universe.pairs.loc[0, ["actor", "other"]].tolist() == ["United States", "Guatemala"]
    assert universe.pairs.at[0, "share"] == 1
    assert universe.pairs.at[0, "p_adjusted"] > 0.05
    assert "Nothing to compare: Bolivia." in universe.verdict
    assert universe.structure.at["code", "p_value"] > 0.3
    assert universe.structure.at["dimension", "p_value"] < 0.1


def test_two_coders_in_one_table():
    positions = planted(5, 2, 8, 10, 0.7, 0.2).rename_axis("actor").reset_index()
    table = positions.melt("actor", var_name="code").dropna().drop(columns="value")
    both = pd.concat([table.assign(coder="ana"), table.iloc[1:].assign(coder="ben")])
    universe = cam.multiverse(cam.Meeting(both), n_resamples=19)
    assert set(universe.specifications["coder"]) == {"ana", "ben"}
    assert "coder" in universe.influence.index
    one = cam.multiverse(cam.Meeting(both), coder="ana", n_resamples=19)
    assert set(one.specifications["coder"]) == {"ana"}


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"by": "codes"}, "`by`"),
        ({"coder": "nobody"}, "`coder`"),
        ({"measures": "kappa"}, "`measures`"),
        ({"methods": ["louvain"]}, "`methods`"),
        ({"numbers": [1]}, "`numbers`"),
        ({"numbers": [99]}, "None of 72 specifications can be computed"),
    ],
)
def test_wrong_choices_are_named(meeting, wrong, message):
    with pytest.raises(ValueError, match=message):
        cam.multiverse(meeting, **wrong, n_resamples=9)


def test_of_two_actors_there_is_no_multiverse():
    table = pd.DataFrame({"actor": ["A", "B"], "code": ["x", "x"]})
    with pytest.raises(ValueError, match="at least three actors"):
        cam.multiverse(cam.Meeting(table), n_resamples=9)


NESTED = pd.DataFrame([[1, 1, 1], [1, 1, np.nan], [1, np.nan, np.nan]], list("ABC"), list("xyz"))


@pytest.mark.parametrize(
    ("positions", "groups"),
    [(NESTED, ["A and B"]), (parties(), [f"actor 0{i} and actor 0{i + 1}" for i in (3, 8)])],
)
def test_where_no_other_table_has_these_totals_the_groups_are_told_and_not_tested(
    positions, groups
):
    universe = cam.multiverse(meeting_of(positions), n_resamples=9)
    assert universe.is_explained
    assert universe.groups == []
    assert universe.finding.startswith("The totals of actors and codes alone give these groups")
    assert "no test can tell whether there is more" in universe.verdict
    for group in groups:
        assert f"{group} stand together in 100% of the combinations, where chance gives 100%" in (
            universe.verdict
        )
    assert "p =" not in universe.verdict


def test_how_many_pairs_reach_five_percent_in_random_tables_is_counted_there():
    generator = np.random.default_rng(0)
    found, expected = [], []
    for _ in range(6):
        actors, codes = np.nonzero(generator.random((12, 14)) < 0.4)
        meeting = cam.Meeting(
            pd.DataFrame({"actor": [f"a{i}" for i in actors], "code": [f"c{i}" for i in codes]})
        )
        universe = cam.multiverse(meeting, n_resamples=59)
        found.append((universe.pairs["p"] <= 0.05).sum())
        expected.append(universe.expected_pairs)
    # shares tie, so that fewer than 5 % of 66 pairs reach it
    assert 0 < np.mean(expected) < 3.3
    assert abs(np.mean(found) - np.mean(expected)) < 2


def test_a_coder_cannot_be_chosen_where_none_is_named():
    rows = [(actor, code, 1) for actor in "ABC" for code in "xy"]
    meeting = cam.Meeting(pd.DataFrame(rows, columns=["actor", "code", "stance"]))
    with pytest.raises(
        ValueError, match="coder='Ana' was passed, but this meeting names no coders"
    ):
        cam.multiverse(meeting, coder="Ana", n_resamples=9)


def test_the_title_has_the_p_of_the_groups_that_it_counts(clear):
    certain = clear.candidates["p"][clear.candidates["p"] <= 0.05]
    one = replace(clear, candidates=clear.candidates.head(1).assign(p=0.03))
    assert "than chance gives (p = 0.03)" in one.finding
    assert len(certain) == len(clear.groups)
