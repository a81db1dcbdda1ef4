"""Agreement against groups that are given from outside, by random tables and by relabeling."""

from itertools import combinations, permutations

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from sklearn.metrics import adjusted_rand_score
from strategies import coin_flips, meeting_of, named, planted

import camdata as cam
from camdata.analysis.null import NoNullError, random_tables


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


def contrast(table, group):
    """Average the defined pairs within and between groups, one after the other."""
    within, between = [], []
    for a, b in combinations(table.index, 2):
        if not np.isnan(table.at[a, b]) and group.get(a) and group.get(b):
            (within if group[a] == group[b] else between).append(table.at[a, b])
    return np.mean(within), np.mean(between)


def grouped(letters, names="ABCDEFGHIJ"):
    return dict(zip(names, letters, strict=False))


# random tables


@pytest.mark.parametrize("measure", ["jaccard", "matching"])
def test_p_is_two_sided_in_random_tables(measure):
    votes = coin_flips(3, 8, 9).mask(coin_flips(4, 8, 9).eq(1) & coin_flips(5, 8, 9).eq(1))
    agreement = cam.agreement(votes, measure)
    group = dict(zip(votes.index, "uuuvvvw", strict=False))
    result = cam.analysis.association(agreement, group, 29, seed=4)
    differences = []
    for table in random_tables(agreement, 29, seed=4).values(agreement):
        within, between = contrast(pd.DataFrame(table, votes.index, votes.index), group)
        differences.append(within - between)
    assert (result.within, result.between) == pytest.approx(contrast(agreement.frame, group))
    assert_allclose([result.difference, *result.random], differences)
    far = np.abs(differences - np.mean(differences))
    assert result.p_value == (far >= far[0] - 1e-9).mean()
    assert result.null == {"jaccard": "positions", "matching": "sides"}[measure]
    assert "the share of random tables with a difference as far from chance" in result.summary
    assert result.left_out == (votes.index[7],)


@pytest.mark.parametrize(("letters", "sign"), [("uuuuuuvvvvvv", 1), ("abcdefabcdef", -1)])
def test_groups_that_agree_and_groups_that_avoid_agreeing_are_found(letters, sign):
    votes = planted(1, 2, 12, 12, 0.9, 0.1)
    groups = dict(zip(votes.index, letters, strict=True))
    result = cam.analysis.association(cam.agreement(votes), groups, 99)
    assert result.p_value == 0.01
    assert result.difference * sign > 0.3
    low, high = result.p_range
    assert low <= 0.01 <= high


def test_groups_come_as_a_column_a_series_or_a_mapping(meeting):
    agreement = cam.agreement(meeting.tally("code"))
    column = meeting.actors.set_index("actor")["process"]
    by_name, *others = (
        cam.analysis.association(agreement, groups, 49)
        for groups in ("process", column, column.to_dict(), column.sample(frac=1, random_state=1))
    )
    assert by_name.sizes.to_dict() == {"RCM": 7, "SACM": 6}
    assert by_name.left_out == ("Bolivia",)
    for other in others:
        assert repr(other) == repr(by_name)
    with pytest.raises(ValueError, match=r"no column 'proces' .*did you mean 'process'"):
        cam.analysis.association(agreement, "proces")
    with pytest.raises(ValueError, match="no column 'process'"):
        cam.analysis.association(cam.agreement(meeting.positions()), "process")


def test_the_processes_of_the_bundled_meeting_are_no_groups(meeting):
    for by in ("dimension", "code"):
        result = cam.analysis.association(cam.agreement(meeting.tally(by)), "process")
        assert result.p_value > 0.05
        assert len(result.random) == 999


def talkative(seed):
    """Draw support in which one half of the actors says much more, and nothing else differs."""
    share = np.repeat([0.7, 0.2], 6)[:, None]
    held = np.random.default_rng(seed).random((12, 17)) < share
    held[np.arange(12), np.arange(12)] = True  # nobody is silent
    return named(np.where(held, 1.0, np.nan))


@pytest.mark.slow
def test_groups_that_differ_only_in_how_much_they_say():
    found = {None: 0, "relabeling": 0}
    for seed in range(60):
        votes = talkative(seed)
        groups = dict(zip(votes.index, "u" * 6 + "v" * 6, strict=True))
        for null in found:
            p = cam.analysis.association(
                cam.agreement(votes), groups, 99, null=null, seed=seed
            ).p_value
            found[null] += p <= 0.05
    assert found[None] <= 60 * 0.05 + 3 * np.sqrt(60 * 0.05 * 0.95)
    assert found["relabeling"] > 30


def test_without_cells_only_relabeling_is_possible():
    table, groups = random_agreement(6, seed=1), grouped("uuuvvv")
    with pytest.raises(NoNullError, match="table of your own"):
        cam.analysis.association(table, groups)
    assert cam.analysis.association(table, groups, null="relabeling").p_value > 0


# relabeling


@pytest.mark.parametrize(
    ("letters", "number"),
    [("uuuvvv", 20), ("uvuvvv", 15), ("uuvvww", 90), ("uvwwww", 30), ("uuuvw", 20)],
)
@pytest.mark.parametrize("missing", [0.0, 0.25])
def test_relabeling_takes_all_ways_to_give_the_groups(letters, number, missing):
    table = random_agreement(len(letters), missing, seed=len(letters))
    result = cam.analysis.association(table, grouped(letters), null="relabeling")
    differences = []
    for drawn in sorted(set(permutations(letters))):
        within, between = contrast(table, grouped(drawn))
        differences.append(within - between)
    assert len(differences) == number
    assert_allclose(np.sort(result.random), np.sort(differences), atol=1e-12)
    far = np.abs(differences - np.mean(differences))
    own = abs(result.difference - np.mean(differences))
    assert result.p_value == pytest.approx((far >= own - 1e-9).mean())
    assert f"{number} relabelings" in result.summary
    assert "ignore how much each actor says" in result.summary


@pytest.mark.slow
def test_many_relabelings_are_sampled():
    votes = planted(0, 2, 20, 12)
    groups = dict(zip(votes.index, "u" * 10 + "v" * 10, strict=True))
    result = cam.analysis.association(cam.agreement(votes).frame, groups, null="relabeling")
    assert len(result.random) == 20_000  # of 184,756
    assert 1 / 20_001 <= result.p_value < 0.001


# who is compared


def test_who_has_no_group_or_nothing_to_compare_is_left_out():
    table = random_agreement(9, seed=5)
    table.loc["C"] = table["C"] = np.nan
    table.loc["A", list("BDEFGH")] = table.loc[list("BDEFGH"), "A"] = np.nan  # I has no group
    groups = {**grouped("uuuuuvvv"), "Z": "w"}
    result = cam.analysis.association(table, groups, null="relabeling")
    assert result.left_out == ("A", "C", "I")
    assert result.sizes.to_dict() == {"u": 3, "v": 3}
    part = table.loc[list("BDEFGH"), list("BDEFGH")]
    alone = cam.analysis.association(part, groups, null="relabeling")
    assert (result.within, result.between, result.p_value) == (
        alone.within,
        alone.between,
        alone.p_value,
    )
    assert "left out: A, C, I" in result.summary


def test_clusters_are_compared_with_the_groups_as_well():
    meeting = meeting_of(planted(2, 2, 10, 10))
    clusters = cam.cluster(cam.agreement(meeting.tally()), 2)
    names = clusters.labels.index
    groups = dict(zip(names, "uuuuuvvvvw", strict=True))
    result = cam.analysis.association(clusters, groups, 19)
    assert result.rand == pytest.approx(
        adjusted_rand_score([groups[name] for name in names], clusters.labels)
    )
    assert f"adjusted Rand of {result.rand:.2f}" in result.summary
    assert np.isnan(cam.analysis.association(clusters.agreement, groups, 19).rand)


@pytest.mark.parametrize(
    "groups",
    [grouped("uuuu"), grouped("uvwx"), {}, {"A": "u", "C": "v"}, {"Z": "u", "Y": "v"}],
    ids=["one group", "no pair inside", "no groups", "two actors", "others' groups"],
)
def test_without_a_pair_within_and_one_between_there_is_an_error(groups):
    with pytest.raises(ValueError, match="At least two groups are needed"):
        cam.analysis.association(random_agreement(4), groups, null="relabeling")


@pytest.mark.parametrize(
    ("groups", "sizes"),
    [
        (pd.Series([1, 1, 2, 2, 2, None], list("ABCDEF")), {"1": 2, "2": 3}),
        (pd.Series([1, 1, 2, 2, 2, 2], list("ABCDEF"), dtype="category"), {"1": 2, "2": 4}),
        (grouped([True, True, True, False, False, False]), {"True": 3, "False": 3}),
        (grouped([2017.0, 2017.0, 2018.0, 2018.0, 2018.0, 2018.0]), {"2017": 2, "2018": 4}),
    ],
    ids=["numbers and one missing", "categories", "flags", "years"],
)
def test_groups_need_not_be_text(groups, sizes):
    result = cam.analysis.association(random_agreement(6, seed=1), groups, null="relabeling")
    assert {str(group): size for group, size in result.sizes.items()} == sizes


def test_names_are_escaped_in_html():
    table = random_agreement(6, seed=1).set_axis([*"ABCDE", "<i>"])
    table.columns = table.index
    groups = dict(zip(table.index, ["<b>", "<b>", "v", "v", "v", None], strict=True))
    html = cam.analysis.association(table, groups, null="relabeling")._repr_html_()
    assert "&lt;b&gt; 2" in html
    assert "<i>" not in html
