"""Against chance: cluster choice, pairs of actors, and groupings known from outside."""

from itertools import combinations, permutations, product
from math import sqrt

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import adjusted_rand_score

import camdata as cam
from camdata import chance
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


# pairs of actors


def tables_with_margins_of(table):
    """List by brute force all tables with the margins of a given one."""
    width = table.shape[1]
    ways = [
        [[i in held for i in range(width)] for held in combinations(range(width), int(row.sum()))]
        for row in table
    ]
    tables = (np.array(rows) for rows in product(*ways))
    return [t for t in tables if (t.sum(axis=0) == table.sum(axis=0)).all()]


def benjamini_hochberg(values):
    """Adjust p-values by the definition: the smallest level at which each would be rejected."""
    ranked = sorted(values)
    steps = [p * len(ranked) / rank for rank, p in enumerate(ranked, start=1)]
    return [
        min(1, *(step for other, step in zip(ranked, steps, strict=True) if other >= p))
        for p in values
    ]


def by_pair(pairs):
    """Index pairs by who they are, whichever is named first."""
    names = [tuple(sorted(pair)) for pair in zip(pairs["actor"], pairs["other"], strict=True)]
    values = pairs.drop(columns=["actor", "other"]).set_axis(names)
    return values.loc[sorted(names)]


SMALL = positions_of("11100 11000 01110 00101 00011")


@pytest.mark.parametrize("seed", [0, 1])
def test_p_values_are_those_of_all_tables_with_the_margins(seed):
    n = 4000
    result = cam.null_model(SMALL, n, seed=seed)
    tables = tables_with_margins_of(SMALL.notna().to_numpy())
    assert len(tables) > 100
    assert len(result.pairs) == 10
    for row in result.pairs.itertuples():
        a, b = SMALL.index.get_loc(row.actor), SMALL.index.get_loc(row.other)
        observed = int((SMALL.iloc[a].notna() & SMALL.iloc[b].notna()).sum())
        shared = np.array([(t[a] & t[b]).sum() for t in tables])
        exact = (shared >= observed).mean()
        assert row.shared == observed
        assert row.p_value == pytest.approx(exact, abs=4 * sqrt(exact * (1 - exact) / n) + 1 / n)
        assert row.expected == pytest.approx(shared.mean(), abs=4 * shared.std() / sqrt(n))


def test_p_values_count_the_random_tables_that_reach_as_much():
    result = cam.null_model(SMALL, 60, seed=3)
    held = SMALL.notna().to_numpy()
    drawn = list(random_tables(held, 60, seed=3))
    for row in result.pairs.itertuples():
        a, b = SMALL.index.get_loc(row.actor), SMALL.index.get_loc(row.other)
        shared = [(t[a] & t[b]).sum() for t in drawn]
        reached = sum(value >= row.shared for value in shared)
        assert row.p_value == (reached + 1) / 61
        assert row.expected == pytest.approx(np.mean(shared))


def planted_positions():
    """Make positions in which two actors share six codes that hardly anybody else holds."""
    table = np.random.default_rng(0).random((10, 16)) < 0.4
    table[:, 12:] = False
    table[:2] = False
    table[:2, 10:] = True
    return positions_of(" ".join("".join("1" if held else "0" for held in row) for row in table))


@pytest.mark.parametrize("make", [lambda: SMALL, planted_positions, lambda: TWO_BLOCKS])
def test_adjusted_p_values_are_those_of_benjamini_and_hochberg(make):
    pairs = cam.null_model(make(), 300).pairs
    expected = benjamini_hochberg(pairs["p_value"].tolist())
    np.testing.assert_allclose(pairs["p_adjusted"], expected)
    assert (pairs["p_adjusted"] >= pairs["p_value"]).all()


def test_a_planted_pair_is_found():
    result = cam.null_model(planted_positions(), 1999)
    found = result.backbone
    assert found[["actor", "other"]].to_numpy().tolist() == [["A", "B"]]
    assert found["shared"].item() == 6 > found["expected"].item()
    assert found["p_value"].item() == 1 / 2000
    assert result.pairs["significant"].equals(result.pairs["p_adjusted"] <= 0.05)
    assert result.summary.startswith("1 of 45 pairs share more than chance would give")
    assert "rate of 0.05 (the smallest adjusted p is 0.02)" in result.summary
    assert repr(result) == result.summary


def test_the_backbone_follows_the_false_discovery_rate():
    positions = planted_positions()
    strict, loose = (cam.null_model(positions, 199, alpha=alpha) for alpha in (0.05, 0.5))
    assert strict.pairs["p_adjusted"].min() == pytest.approx(45 / 200)
    assert len(strict.backbone) == 0
    assert strict.backbone.columns.tolist() == strict.pairs.columns.tolist()
    assert (loose.pairs["significant"] == (loose.pairs["p_adjusted"] <= 0.5)).all()
    assert 0 < len(loose.backbone) < 45
    assert "at a false discovery rate of 0.5" in loose.summary
    pd.testing.assert_series_equal(strict.pairs["p_value"], loose.pairs["p_value"])


@pytest.mark.parametrize("by", LEVELS)
def test_the_backbone_of_the_bundled_meeting_is_empty(bundled, by):
    result = cam.null_model(bundled.positions(by), 999)
    assert len(result.pairs) == 13 * 12 / 2
    assert len(result.backbone) == 0
    assert result.summary.startswith("None of 78 pairs shares more than chance would give")
    assert "the backbone is empty" in result.summary
    smallest = result.pairs["p_adjusted"].min()
    assert f"the smallest adjusted p is {smallest:.2f}" in result.summary
    assert result.pairs["p_value"].between(1 / 1000, 1).all()
    assert "Bolivia" not in {*result.pairs["actor"], *result.pairs["other"]}


def test_pairs_are_listed_in_speaking_order(bundled):
    positions = bundled.positions()
    speaking = positions.index.drop("Bolivia").tolist()
    pairs = cam.null_model(positions, 5).pairs
    found = list(zip(pairs["actor"], pairs["other"], strict=True))
    assert found == list(combinations(speaking, 2))


@pytest.mark.parametrize("by", LEVELS)
def test_what_pairs_share_does_not_depend_on_the_order_of_rows_and_columns(bundled, by):
    positions = bundled.positions(by)
    one, other = (cam.null_model(table, 99).pairs for table in (positions, reordered(positions)))
    pd.testing.assert_frame_equal(by_pair(one), by_pair(other), check_exact=True)


def test_what_pairs_share_does_not_depend_on_rows_without_a_speaking_order_either():
    positions = planted_positions()
    assert not positions.attrs
    one, other = (cam.null_model(table, 99).pairs for table in (positions, reordered(positions)))
    pd.testing.assert_frame_equal(by_pair(one), by_pair(other), check_exact=True)


def test_pairs_are_in_speaking_order_also_when_rows_are_not(bundled):
    positions = bundled.positions()
    one, other = (cam.null_model(table, 5).pairs for table in (positions, reordered(positions)))
    pd.testing.assert_frame_equal(one, other, check_exact=True)


def test_the_null_model_is_reproducible():
    one, again, other = (cam.null_model(SMALL, 99, seed=seed).pairs for seed in (4, 4, 5))
    pd.testing.assert_frame_equal(one, again, check_exact=True)
    assert not one["p_value"].equals(other["p_value"])
    assert one["shared"].equals(other["shared"])


def test_opposite_stances_are_not_shared():
    pairs = by_pair(cam.null_model(positions_of("11 1- b-"), 19).pairs)
    assert pairs["shared"].to_dict() == {("A", "B"): 1, ("A", "C"): 1, ("B", "C"): 2}


@pytest.mark.parametrize("rows", ["000", "111 000", "000 000"])
def test_fewer_than_two_actors_have_no_pairs(rows):
    result = cam.null_model(positions_of(rows), 9)
    assert len(result.pairs) == len(result.backbone) == 0
    assert result.summary == "There are no two actors to compare."


# groupings


def agreement_of(values, names="ABCDEFGHIJ"):
    """Make an agreement table from its upper triangle, row by row; None is missing."""
    n = next(k for k in range(2, 11) if k * (k - 1) / 2 == len(values))
    table = pd.DataFrame(np.nan, list(names[:n]), list(names[:n]))
    for (a, b), value in zip(combinations(names[:n], 2), values, strict=True):
        table.at[a, b] = table.at[b, a] = np.nan if value is None else value
    return table


def random_agreement(n, missing=0.0, seed=0):
    generator = np.random.default_rng(seed)
    values = generator.integers(0, 11, n * (n - 1) // 2) / 10
    hidden = generator.random(len(values)) < missing
    return agreement_of([None if hide else v for v, hide in zip(values, hidden, strict=True)])


def contrast(agreement, group):
    """Average the defined pairs within and between groups, one after the other."""
    within, between = [], []
    for a, b in combinations(agreement.index, 2):
        value = agreement.at[a, b]
        if not np.isnan(value):
            (within if group[a] == group[b] else between).append(value)
    return [np.mean(values) if values else np.nan for values in (within, between)]


def slow_association(agreement, groups, labels):
    """Relabel the actors in every way that there is."""
    names = agreement.index.tolist()
    within, between = contrast(agreement, groups)
    rand = adjusted_rand_score([groups[a] for a in names], [labels[a] for a in names])
    differences, rands = [], []
    for drawn in sorted(set(permutations([groups[a] for a in names]))):
        inside, outside = contrast(agreement, dict(zip(names, drawn, strict=True)))
        differences.append(inside - outside)
        rands.append(adjusted_rand_score(drawn, [labels[a] for a in names]))
    return {
        "within": within,
        "between": between,
        "difference": within - between,
        "p_value": np.mean([value >= within - between - 1e-9 for value in differences]),
        "rand": rand,
        "rand_p_value": np.mean([value >= rand - 1e-9 for value in rands]),
    }


def grouped(letters, names="ABCDEFGHIJ"):
    return dict(zip(names, letters, strict=False))


@pytest.mark.parametrize(
    ("letters", "relabelings"),
    [("uuuvvv", 20), ("uvuvvv", 15), ("uuvvww", 90), ("uvwwww", 30), ("uuuvw", 20)],
)
@pytest.mark.parametrize("missing", [0.0, 0.25])
def test_p_is_the_share_of_all_relabelings(letters, relabelings, missing):
    agreement = random_agreement(len(letters), missing, seed=len(letters))
    groups = grouped(letters)
    labels = grouped([1, 1, 2, 2, 3, 1][: len(letters)])
    result = cam.association(agreement, groups, labels)
    expected = slow_association(agreement, groups, labels)
    assert result.exact
    assert len(result.random) == relabelings
    for name, value in expected.items():
        assert getattr(result, name) == pytest.approx(value), name
    assert result.sizes.to_dict() == {g: letters.count(g) for g in sorted(set(letters))}
    assert result.left_out == ()


def test_the_processes_of_the_bundled_meeting(bundled):
    agreement = cam.agreement(bundled.positions())
    groups = bundled.actors.set_index("actor")["process"]
    result = cam.association(agreement, groups)
    assert (len(result.random), result.exact) == (1716, True)
    assert result.sizes.to_dict() == {"RCM": 7, "SACM": 6}
    assert result.left_out == ("Bolivia",)
    within, between = contrast(agreement.drop(index="Bolivia", columns="Bolivia"), groups)
    assert result.within == pytest.approx(within)
    assert result.between == pytest.approx(between)
    assert result.difference == pytest.approx(within - between)
    labels = cam.cluster(agreement).labels.dropna()
    assert result.rand == pytest.approx(adjusted_rand_score(groups[labels.index], labels))
    assert np.isclose(result.random, result.difference).any()
    assert result.p_value > 0.05
    assert result.rand_p_value > 0.05


def test_the_summary_of_an_association_says_the_numbers(bundled):
    groups = bundled.actors.set_index("actor")["process"]
    result = cam.association(cam.agreement(bundled.positions()), groups)
    for part in (
        f"averages {result.within:.2f} within groups (RCM 7, SACM 6)",
        f"{result.between:.2f} between them, a difference of {result.difference:+.2f}",
        f"(p = {result.p_value:.2f}, all 1716 relabelings)",
        f"adjusted Rand index of {result.rand:.2f} (p = {result.rand_p_value:.2f})",
        "Left out: Bolivia.",
    ):
        assert part in result.summary
    assert repr(result) == result.summary


def test_pairs_without_a_value_are_ignored():
    agreement = agreement_of([0.9, None, 0.1, 0.2, 0.3, 0.7])
    result = cam.association(agreement, grouped("uuvv"), grouped([1, 1, 2, 2]))
    assert result.within == pytest.approx((0.9 + 0.7) / 2)
    assert result.between == pytest.approx((0.1 + 0.2 + 0.3) / 3)


def test_an_association_does_not_depend_on_the_order_of_rows():
    agreement = random_agreement(7, 0.2, seed=3)
    other = agreement.loc[list("GCABFED"), list("GCABFED")]
    groups, labels = grouped("uuvvwwv"), grouped([1, 2, 1, 2, 3, 1, 2])
    one, again = (cam.association(table, groups, labels) for table in (agreement, other))
    assert one.p_value == again.p_value
    assert (one.random == again.random).all()
    assert (one.rand, one.rand_p_value) == (again.rand, again.rand_p_value)


def test_clusters_are_those_of_the_agreement_unless_given():
    agreement = random_agreement(6, seed=1)
    groups = grouped("uuuvvv")
    clusters = cam.cluster(agreement)
    results = [
        cam.association(agreement, groups, given)
        for given in (None, clusters, clusters.labels, clusters.labels.to_dict())
    ]
    assert len({(r.rand, r.rand_p_value, r.p_value) for r in results}) == 1
    other = cam.association(agreement, groups, grouped("uuuvvv"))
    assert other.rand == 1 != results[0].rand
    assert other.p_value == results[0].p_value


def test_groups_come_as_series_or_mapping():
    agreement = random_agreement(6, seed=1)
    letters = grouped("uuuvvv")
    one, other = (cam.association(agreement, groups) for groups in (letters, pd.Series(letters)))
    assert repr(one) == repr(other)


def test_a_perfect_separation_gives_the_smallest_possible_p():
    letters = "uuuvvvv"
    values = [0.9 if a == b else 0.1 for a, b in combinations(letters, 2)]
    result = cam.association(agreement_of(values), grouped(letters))
    assert result.difference == pytest.approx(0.8)
    assert result.rand == 1
    assert result.p_value == result.rand_p_value == 1 / 35
    assert result.random.max() == pytest.approx(result.difference)


def test_groups_that_avoid_agreeing_have_a_p_of_one():
    values = [0.1 if a == b else 0.9 for a, b in combinations("uuuvvvv", 2)]
    result = cam.association(agreement_of(values), grouped("uuuvvvv"))
    assert result.difference == pytest.approx(-0.8)
    assert result.p_value == 1


def test_too_many_relabelings_are_sampled(monkeypatch):
    agreement = random_agreement(9, 0.1, seed=2)
    groups, labels = grouped("uuuvvvwww"), grouped([1, 1, 2, 2, 2, 3, 3, 3, 1])
    exact = cam.association(agreement, groups, labels)
    monkeypatch.setattr(chance, "ENUMERATED", 1679)
    n = 4000
    sampled = cam.association(agreement, groups, labels, n=n, seed=1)
    assert (exact.exact, len(exact.random)) == (True, 1680)
    assert (sampled.exact, len(sampled.random)) == (False, n)
    assert f"a sample of {n} relabelings" in sampled.summary
    for name in ("within", "between", "difference", "rand"):
        assert getattr(sampled, name) == getattr(exact, name)
    for name in ("p_value", "rand_p_value"):
        p = getattr(exact, name)
        assert getattr(sampled, name) == pytest.approx(p, abs=4 * sqrt(p * (1 - p) / n) + 1 / n)
    reached = (sampled.random >= sampled.difference - 1e-9).sum()
    assert sampled.p_value == (reached + 1) / (n + 1)
    # what is sampled is what would be enumerated
    assert set(sampled.random.round(9)) <= set(exact.random.round(9))
    assert sampled.random.mean() == pytest.approx(
        exact.random.mean(), abs=4 * exact.random.std() / sqrt(n)
    )


def test_a_sample_of_relabelings_is_reproducible(monkeypatch):
    monkeypatch.setattr(chance, "ENUMERATED", 0)
    agreement, groups = random_agreement(7, seed=4), grouped("uuuvvvv")
    one, again, other = (cam.association(agreement, groups, n=50, seed=s) for s in (1, 1, 2))
    assert (one.random == again.random).all()
    assert (one.p_value, one.rand_p_value) == (again.p_value, again.rand_p_value)
    assert not (one.random == other.random).all()


def test_as_many_relabelings_as_allowed_are_enumerated(monkeypatch):
    agreement, groups = random_agreement(6, seed=1), grouped("uuuvvv")
    monkeypatch.setattr(chance, "ENUMERATED", 20)
    assert cam.association(agreement, groups).exact
    monkeypatch.setattr(chance, "ENUMERATED", 19)
    assert not cam.association(agreement, groups, n=9).exact


def test_many_actors_are_sampled_without_being_asked():
    generator = np.random.default_rng(0)
    values = generator.random((20, 20))
    names = [f"a{i:02}" for i in range(20)]
    agreement = pd.DataFrame((values + values.T) / 2, names, names)
    groups = dict(zip(names, "uv" * 10, strict=True))
    result = cam.association(agreement, groups, n=99)
    assert (result.exact, len(result.random)) == (False, 99)


def test_actors_without_a_group_are_left_out():
    agreement = random_agreement(8, seed=5)
    groups = {**grouped("uuuvvv"), "G": None}
    labels = grouped([1, 1, 2, 2, 1, 1, 3, 3])
    result = cam.association(agreement, groups, labels)
    part = agreement.loc[list("ABCDEF"), list("ABCDEF")]
    alone = cam.association(part, groups, labels)
    assert result.left_out == ("G", "H")
    assert alone.left_out == ()
    assert (result.random == alone.random).all()
    for name in ("within", "between", "p_value", "rand", "rand_p_value"):
        assert getattr(result, name) == getattr(alone, name)


def test_actors_with_nothing_to_compare_are_left_out():
    agreement = random_agreement(7, seed=6)
    agreement.loc["C"] = agreement["C"] = np.nan
    result = cam.association(agreement, grouped("uuuvvvv"), grouped([1, 1, 1, 2, 2, 2, 2]))
    assert result.left_out == ("C",)
    assert result.sizes.to_dict() == {"u": 2, "v": 4}
    assert len(result.random) == 15


def test_an_actor_comparable_with_nobody_in_a_group_is_left_out():
    # A can be compared with X only, and X has no group
    agreement = (
        random_agreement(6, seed=7).set_axis(list("ABCDEX")).set_axis(list("ABCDEX"), axis=1)
    )
    agreement.loc["A", list("BCDE")] = agreement.loc[list("BCDE"), "A"] = np.nan
    groups = grouped("uuuvv")
    labels = grouped([1, 1, 1, 2, 2, 2], "ABCDEX")
    result = cam.association(agreement, groups, labels)
    assert result.left_out == ("A", "X")
    assert result.sizes.to_dict() == {"u": 2, "v": 2}
    assert len(result.random) == 6


def test_the_rand_index_is_over_the_actors_that_the_clusters_place():
    agreement = random_agreement(6, seed=8)
    labels = grouped([1, 1, None, 2, 2, 1])
    result = cam.association(agreement, grouped("uuuvvv"), labels)
    found = [1, 1, 2, 2, 1]
    assert result.rand == pytest.approx(adjusted_rand_score(list("uuvvv"), found))
    relabeled = [drawn[:2] + drawn[3:] for drawn in set(permutations("uuuvvv"))]
    rands = np.array([adjusted_rand_score(drawn, found) for drawn in relabeled])
    assert result.rand_p_value == pytest.approx((rands >= result.rand - 1e-9).mean())
    assert len(result.random) == 20
    nobody = cam.association(agreement, grouped("uuuvvv"), grouped([None] * 6))
    assert np.isnan(nobody.rand)
    assert np.isnan(nobody.rand_p_value)
    assert nobody.p_value == result.p_value


@pytest.mark.parametrize(
    "groups",
    [
        grouped("uuuu"),  # one group
        grouped("uvwx"),  # no pair inside a group
        {},  # no groups
        {"A": "u", "C": "v"},
        {"Z": "u", "Y": "v"},  # others' groups
    ],
)
def test_without_a_pair_within_and_one_between_there_is_an_error(groups):
    with pytest.raises(ValueError, match="At least two groups are needed"):
        cam.association(random_agreement(4), groups)


def test_a_missing_contrast_is_an_error_too():
    # both groups are there, but no pair between them has a value
    agreement = agreement_of([0.5, None, None, None, None, 0.5])
    with pytest.raises(ValueError, match="one between them"):
        cam.association(agreement, grouped("uuvv"), grouped([1, 1, 2, 2]))


def test_counts_can_be_compared_with_groups_too(bundled):
    congruence = cam.agreement(bundled.tally("code"), "congruence")
    groups = bundled.actors.set_index("actor")["process"]
    louvain = cam.cluster(congruence, method="louvain")
    result = cam.association(congruence, groups, louvain)
    within, between = contrast(congruence.drop(index="Bolivia", columns="Bolivia"), groups)
    assert result.within == pytest.approx(within)
    assert result.between == pytest.approx(between)
