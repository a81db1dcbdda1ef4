"""Agreement and clusters against a grouping known from outside."""

from dataclasses import replace
from itertools import combinations, permutations
from math import sqrt

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import adjusted_rand_score

import camdata as cam
from camdata.analysis import groupings
from camdata.analysis.measures import as_agreement


@pytest.fixture(scope="module")
def processes(meeting):
    return meeting.actors.set_index("actor")["process"]


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


def labeled(agreement, labels):
    """Return clusters of an agreement with other labels than those found."""
    clusters = cam.cluster(agreement)
    series = pd.Series(labels).reindex(clusters.labels.index).astype("Int64")
    return replace(clusters, labels=series)


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
    result = cam.association(labeled(agreement, labels), groups)
    expected = slow_association(agreement, groups, labels)
    assert result.exact
    assert len(result.random) == relabelings
    for name, value in expected.items():
        assert getattr(result, name) == pytest.approx(value), name
    assert result.sizes.to_dict() == {g: letters.count(g) for g in sorted(set(letters))}
    assert result.left_out == ()


def test_the_processes_of_the_bundled_meeting(meeting, processes):
    agreement = cam.agreement(meeting.tally())
    groups = processes
    result = cam.association(agreement, groups)
    assert (len(result.random), result.exact) == (1716, True)
    assert result.sizes.to_dict() == {"RCM": 7, "SACM": 6}
    assert result.left_out == ("Bolivia",)
    within, between = contrast(agreement.frame.drop(index="Bolivia", columns="Bolivia"), groups)
    assert result.within == pytest.approx(within)
    assert result.between == pytest.approx(between)
    assert result.difference == pytest.approx(within - between)
    labels = cam.cluster(agreement).labels.dropna()
    assert result.rand == pytest.approx(adjusted_rand_score(groups[labels.index], labels))
    assert np.isclose(result.random, result.difference).any()
    assert result.p_value > 0.05
    assert result.rand_p_value > 0.05


def test_the_summary_of_an_association_says_the_numbers(meeting, processes):
    result = cam.association(cam.cluster(cam.agreement(meeting.tally()), 3), processes)
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
    result = cam.association(labeled(agreement, grouped([1, 1, 2, 2])), grouped("uuvv"))
    assert result.within == pytest.approx((0.9 + 0.7) / 2)
    assert result.between == pytest.approx((0.1 + 0.2 + 0.3) / 3)


def test_an_association_does_not_depend_on_the_order_of_rows():
    agreement = random_agreement(7, 0.2, seed=3)
    other = agreement.loc[list("GCABFED"), list("GCABFED")]
    groups, labels = grouped("uuvvwwv"), grouped([1, 2, 1, 2, 3, 1, 2])
    one, again = (cam.association(labeled(table, labels), groups) for table in (agreement, other))
    assert one.p_value == again.p_value
    assert (one.random == again.random).all()
    assert (one.rand, one.rand_p_value) == (again.rand, again.rand_p_value)


def test_agreement_is_clustered_by_default_and_clusters_stay_what_they_are():
    agreement = random_agreement(6, seed=1)
    groups = grouped("uuuvvv")
    results = [
        cam.association(given, groups)
        for given in (agreement, as_agreement(agreement), cam.cluster(agreement))
    ]
    assert len({(r.rand, r.rand_p_value, r.p_value) for r in results}) == 1
    other = cam.association(labeled(agreement, grouped([1, 1, 1, 2, 2, 2])), groups)
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
    exact = cam.association(labeled(agreement, labels), groups)
    monkeypatch.setattr(groupings, "ENUMERATED", 1679)
    n = 4000
    sampled = cam.association(labeled(agreement, labels), groups, n_resamples=n, seed=1)
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
    monkeypatch.setattr(groupings, "ENUMERATED", 0)
    agreement, groups = random_agreement(7, seed=4), grouped("uuuvvvv")
    one, again, other = (
        cam.association(agreement, groups, n_resamples=50, seed=s) for s in (1, 1, 2)
    )
    assert (one.random == again.random).all()
    assert (one.p_value, one.rand_p_value) == (again.p_value, again.rand_p_value)
    assert not (one.random == other.random).all()


def test_as_many_relabelings_as_allowed_are_enumerated(monkeypatch):
    agreement, groups = random_agreement(6, seed=1), grouped("uuuvvv")
    monkeypatch.setattr(groupings, "ENUMERATED", 20)
    assert cam.association(agreement, groups).exact
    monkeypatch.setattr(groupings, "ENUMERATED", 19)
    assert not cam.association(agreement, groups, n_resamples=9).exact


def test_many_actors_are_sampled_without_being_asked():
    generator = np.random.default_rng(0)
    values = generator.random((20, 20))
    names = [f"a{i:02}" for i in range(20)]
    agreement = pd.DataFrame((values + values.T) / 2, names, names)
    groups = dict(zip(names, "uv" * 10, strict=True))
    result = cam.association(agreement, groups, n_resamples=99)
    assert (result.exact, len(result.random)) == (False, 99)


def test_actors_without_a_group_are_left_out():
    agreement = random_agreement(8, seed=5)
    groups = {**grouped("uuuvvv"), "G": None}
    labels = grouped([1, 1, 2, 2, 1, 1, 3, 3])
    result = cam.association(labeled(agreement, labels), groups)
    part = agreement.loc[list("ABCDEF"), list("ABCDEF")]
    alone = cam.association(labeled(part, labels), groups)
    assert result.left_out == ("G", "H")
    assert alone.left_out == ()
    assert (result.random == alone.random).all()
    for name in ("within", "between", "p_value", "rand", "rand_p_value"):
        assert getattr(result, name) == getattr(alone, name)


def test_actors_with_nothing_to_compare_are_left_out():
    agreement = random_agreement(7, seed=6)
    agreement.loc["C"] = agreement["C"] = np.nan
    result = cam.association(labeled(agreement, grouped([1, 1, 1, 2, 2, 2, 2])), grouped("uuuvvvv"))
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
    result = cam.association(labeled(agreement, labels), groups)
    assert result.left_out == ("A", "X")
    assert result.sizes.to_dict() == {"u": 2, "v": 2}
    assert len(result.random) == 6


def test_the_rand_index_is_over_the_actors_that_the_clusters_place():
    agreement = random_agreement(6, seed=8)
    labels = grouped([1, 1, None, 2, 2, 1])
    result = cam.association(labeled(agreement, labels), grouped("uuuvvv"))
    found = [1, 1, 2, 2, 1]
    assert result.rand == pytest.approx(adjusted_rand_score(list("uuvvv"), found))
    relabeled = [drawn[:2] + drawn[3:] for drawn in set(permutations("uuuvvv"))]
    rands = np.array([adjusted_rand_score(drawn, found) for drawn in relabeled])
    assert result.rand_p_value == pytest.approx((rands >= result.rand - 1e-9).mean())
    assert len(result.random) == 20
    nobody = cam.association(labeled(agreement, grouped([None] * 6)), grouped("uuuvvv"))
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
        cam.association(labeled(agreement, grouped([1, 1, 2, 2])), grouped("uuvv"))


def test_counts_can_be_compared_with_groups_too(meeting, processes):
    congruence = cam.agreement(meeting.tally("code"), "congruence")
    result = cam.association(cam.cluster(congruence, method="louvain"), processes)
    table = congruence.frame.drop(index="Bolivia", columns="Bolivia")
    within, between = contrast(table, processes)
    assert result.within == pytest.approx(within)
    assert result.between == pytest.approx(between)


def test_its_table_has_a_row_for_each_statistic(meeting, processes):
    result = cam.association(cam.cluster(cam.agreement(meeting.tally()), 3), processes)
    assert result.frame.index.tolist() == ["difference", "adjusted Rand"]
    assert result.frame["value"].tolist() == [result.difference, result.rand]
    assert result.frame["p_value"].tolist() == [result.p_value, result.rand_p_value]


# groups as people have them


def test_groups_of_others_too_change_nothing():
    agreement, groups = random_agreement(6, seed=1), grouped("uuuvvv")
    one, other = (cam.association(agreement, g) for g in (groups, {**groups, "Z": "w", "Y": "u"}))
    assert repr(one) == repr(other)


@pytest.mark.parametrize(
    ("groups", "sizes"),
    [
        (pd.Series([1, 1, 2, 2, 2, None], list("ABCDEF")), {"1": 2, "2": 3}),
        (pd.Series([1, 1, 2, 2, 2, 2], list("ABCDEF"), dtype="category"), {"1": 2, "2": 4}),
        (
            pd.Series([True, True, True, False, False, False], list("ABCDEF")),
            {"True": 3, "False": 3},
        ),
        (grouped([2017.0, 2017.0, 2018.0, 2018.0, 2018.0, 2018.0]), {"2017": 2, "2018": 4}),
    ],
    ids=["numbers and one missing", "categories", "flags", "years"],
)
def test_groups_need_not_be_text(groups, sizes):
    assert cam.association(random_agreement(6, seed=1), groups).sizes.to_dict() == sizes


def test_names_need_not_be_text():
    agreement = random_agreement(6, seed=1)
    numbers = agreement.set_axis(range(1, 7)).set_axis(range(1, 7), axis=1)
    one = cam.association(agreement, grouped("uuuvvv"))
    other = cam.association(numbers, dict(zip(range(1, 7), "uuuvvv", strict=True)))
    assert repr(one) == repr(other)


def test_names_and_groups_are_kept_as_they_are():
    names = ["$5", "$9 million", "a_b", "<i>", "100 %", "{x}"]
    agreement = random_agreement(6, seed=1).set_axis(names).set_axis(names, axis=1)
    result = cam.association(
        agreement, dict(zip(names, ["$", "$", "$", "<b>", "<b>", None], strict=True))
    )
    assert result.sizes.to_dict() == {"$": 3, "<b>": 2}
    assert "Left out: {x}." in result.summary
    assert "&lt;b&gt;" in result._repr_html_()
    assert "<b>" not in result._repr_html_()


def test_a_generator_seeds_the_sample(monkeypatch):
    monkeypatch.setattr(groupings, "ENUMERATED", 0)
    agreement, groups = random_agreement(7, seed=4), grouped("uuuvvvv")
    one, again = (
        cam.association(agreement, groups, n_resamples=50, seed=np.random.default_rng(3))
        for _ in range(2)
    )
    same = cam.association(agreement, groups, n_resamples=50, seed=3)
    assert (one.random == again.random).all()
    assert (one.random == same.random).all()


def test_a_small_p_is_never_printed_as_zero():
    letters = "u" * 8 + "v" * 8
    names = [f"a{i:02}" for i in range(16)]
    group = dict(zip(names, letters, strict=True))
    values = [[0.9 if group[a] == group[b] else 0.1 for b in names] for a in names]
    result = cam.association(pd.DataFrame(values, names, names), group)
    assert result.p_value == pytest.approx(2 / 12870)
    assert result.exact
    assert result.summary.count("p < 0.001") == 2
