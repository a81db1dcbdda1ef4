"""Agreement becomes clusters: the tree, its cuts, how they are numbered, who is unplaced."""

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from pandas.testing import assert_frame_equal
from scipy.cluster import hierarchy
from scipy.spatial.distance import squareform
from sklearn.metrics import silhouette_score
from strategies import agreements, positions, tally_of

import camdata as cam

SETTINGS = settings(deadline=None, max_examples=20)
METHODS = st.sampled_from(("average", "complete"))
NAN = float("nan")


def square(values, names="ABCDEFGHIJ"):
    """Return an agreement table of actors A, B, … from the rows below its diagonal."""
    n = len(values) + 1
    table = np.eye(n)
    for i, row in enumerate(values, 1):
        table[i, :i] = table[:i, i] = row
    index = pd.Index(list(names[:n]), name="actor")
    return pd.DataFrame(table, index=index, columns=index)


def blocks(*sizes, inside=1.0, outside=0.0):
    """Return agreement of actors A, B, … who fall into blocks of these sizes."""
    block = np.repeat(np.arange(len(sizes)), sizes)
    table = np.where(block[:, None] == block[None, :], inside, outside)
    index = pd.Index([f"actor {i:02d}" for i in range(len(block))], name="actor")
    return pd.DataFrame(table, index=index, columns=index)


def partition(labels):
    """Return labels as a set of sets of actors."""
    placed = labels.dropna()
    return {frozenset(group.index) for _, group in placed.groupby(placed)}


def placed_by_hand(agreement):
    """Return who is placed, by looking at pairs: half of them must be defined, again and again."""
    placed = list(agreement.index)

    def undefined(actor, others):
        return sum(bool(np.isnan(agreement.at[actor, other])) for other in others)

    placed = [a for a in placed if undefined(a, set(placed) - {a}) < len(placed) - 1]
    while len(placed) > 1:
        share = {a: Fraction(undefined(a, set(placed) - {a}), len(placed) - 1) for a in placed}
        worst = max(share.values())
        if worst <= Fraction(1, 2):
            break
        placed = [a for a in placed if share[a] < worst]
    return placed if len(placed) > 1 else []


def distances_by_hand(agreement, placed):
    """Return distances among the placed, gaps taking the mean of the defined ones."""
    table = 1 - agreement.loc[placed, placed].to_numpy()
    pairs = [table[i, j] for i in range(len(placed)) for j in range(i)]
    mean = np.mean([value for value in pairs if not np.isnan(value)])
    table = np.where(np.isnan(table), mean, table)
    np.fill_diagonal(table, 0)
    return table


def cut_of(clusters, agreement, k, method):
    return cam.cluster(agreement, n_clusters=k, method=method).labels[list(clusters.placed)]


# the tree and its cuts


@SETTINGS
@given(agreement=agreements(least=2), method=METHODS)
def test_the_tree_is_scipys_of_one_minus_agreement(agreement, method):
    clusters = cam.cluster(agreement, method=method)
    assert sorted(clusters.placed) == sorted(placed_by_hand(agreement))
    assume(clusters.placed)
    distance = distances_by_hand(agreement, list(clusters.placed))
    expected = hierarchy.linkage(squareform(distance), method)
    assert_allclose(clusters.linkage, expected, atol=1e-12)
    assert list(clusters.placed) == sorted(clusters.placed)


@SETTINGS
@given(agreement=agreements(least=2), method=METHODS)
def test_only_cuts_that_separate_no_tied_merges_are_offered(agreement, method):
    clusters = cam.cluster(agreement, method=method)
    assume(clusters.placed)
    n, heights = len(clusters.placed), clusters.linkage[:, 2]
    distinct = heights[np.append(np.diff(heights) > 1e-9, True)]
    attainable = {n, *(n - int((heights <= height + 1e-10).sum()) for height in distinct)}
    assert clusters.cuts.index.tolist() == sorted(attainable)
    assert clusters.cuts.index.name == "n_clusters"


@SETTINGS
@given(agreement=agreements(least=2), method=METHODS)
def test_every_cut_is_scipys_at_its_height(agreement, method):
    clusters = cam.cluster(agreement, method=method)
    assume(clusters.placed)
    for height in (-1.0, *clusters.linkage[:, 2]):
        flat = hierarchy.fcluster(clusters.linkage, height + 1e-10, criterion="distance")
        expected = pd.Series(flat, index=list(clusters.placed))
        labels = cut_of(clusters, agreement, expected.nunique(), method)
        assert partition(labels) == partition(expected)


@SETTINGS
@given(agreement=agreements(least=2), method=METHODS)
def test_silhouettes_are_scikit_learns(agreement, method):
    clusters = cam.cluster(agreement, method=method)
    assume(clusters.placed)
    n = len(clusters.placed)
    distance = distances_by_hand(agreement, list(clusters.placed))
    for k, score in clusters.cuts["silhouette"].items():
        if not 2 <= k < n:
            assert np.isnan(score)
            continue
        labels = cut_of(clusters, agreement, k, method).to_numpy(dtype=int)
        expected = silhouette_score(distance, labels, metric="precomputed")
        assert score == pytest.approx(expected, abs=1e-12)


@SETTINGS
@given(agreement=agreements(), method=METHODS)
def test_of_a_table_of_ones_own_the_largest_silhouette_is_chosen_and_fewer_clusters_where_it_ties(
    agreement, method
):
    clusters = cam.cluster(agreement, method=method)
    cuts = clusters.cuts
    assert cuts["chosen"].sum() == 1
    chosen = cuts.index[cuts["chosen"]][0]
    assert clusters.n_clusters == chosen
    assert clusters.rule == "silhouette"
    valid = cuts["silhouette"].dropna()
    if len(valid):
        best = valid[valid >= valid.max() - 1e-9]
        assert chosen == best.index.min()
        assert clusters.silhouette == valid[chosen]
    else:
        assert np.isnan(clusters.silhouette)
        assert chosen in (cuts.index.min(), cuts.index.max())


@SETTINGS
@given(agreement=agreements(), method=METHODS)
def test_singletons_are_counted_for_every_cut(agreement, method):
    clusters = cam.cluster(agreement, method=method)
    for k, number in clusters.cuts["singletons"].items():
        if k == 0:  # nobody is placed
            continue
        asked = cam.cluster(agreement, n_clusters=k, method=method)
        assert asked.n_clusters == k
        assert asked.rule == "given"
        assert len(asked.singletons) == number
        assert asked.cuts["chosen"].tolist() == (clusters.cuts.index == k).tolist()
        assert_frame_equal(asked.cuts.drop(columns="chosen"), clusters.cuts.iloc[:, :2])


def test_tied_merges_cannot_be_cut_apart_and_the_error_says_what_can():
    agreement = blocks(2, 2, 2)
    clusters = cam.cluster(agreement)
    assert clusters.cuts.index.tolist() == [1, 3, 6]
    for wanted, nearest in ((2, "[13]"), (4, "3"), (5, "6"), (7, "6")):
        message = rf"6 placed .* into {wanted} clusters.*cut into 1, 3, 6; the nearest is {nearest}"
        with pytest.raises(ValueError, match=message):
            cam.cluster(agreement, n_clusters=wanted)


def test_average_and_complete_linkage_differ_as_their_definitions_do():
    agreement = square([[0.9], [0.6, 0.2]])
    assert_allclose(cam.cluster(agreement).linkage[:, 2], [0.1, 0.6])
    assert_allclose(cam.cluster(agreement, method="complete").linkage[:, 2], [0.1, 0.8])


# how clusters are numbered


@SETTINGS
@given(agreement=agreements(), method=METHODS)
def test_clusters_are_numbered_by_size_and_then_by_who_spoke_first(agreement, method):
    order = agreement.index.tolist()
    clusters = cam.cluster(agreement, method=method)
    keys = [
        (-len(actors), min(order.index(actor) for actor in actors))
        for actors in clusters.members.values()
    ]
    assert keys == sorted(keys)
    assert list(clusters.members) == list(range(1, len(keys) + 1))
    assert str(clusters.labels.dtype) == "Int64"
    assert clusters.labels.index.tolist() == order
    assert clusters.labels.index.name == "actor"


def test_the_order_of_rows_is_that_of_speaking():
    agreement = blocks(2, 2)
    assert cam.cluster(agreement).labels.to_dict() == dict(
        zip(agreement.index, [1, 1, 2, 2], strict=True)
    )
    turned = cam.cluster(agreement.iloc[::-1, ::-1])
    assert turned.labels.to_dict() == dict(zip(agreement.index, [2, 2, 1, 1], strict=True))


def assert_same_clusters(first, second):
    """Check that two results differ in the order of their rows at most, and so in numbers."""
    assert partition(second.labels) == partition(first.labels)
    assert_frame_equal(second.cuts, first.cuts)
    assert_array_equal(second.linkage, first.linkage)
    assert second.placed == first.placed
    assert second.unplaced.to_dict() == first.unplaced.to_dict()
    assert_frame_equal(second.filled, first.filled)


@SETTINGS
@given(agreement=agreements(ties=True), method=METHODS, data=st.data())
def test_the_order_of_rows_changes_nothing_but_the_numbers(agreement, method, data):
    rows = data.draw(st.permutations(agreement.index.tolist()))
    assert_same_clusters(
        cam.cluster(agreement, method=method),
        cam.cluster(agreement.loc[rows, rows], method=method),
    )


@pytest.mark.parametrize("by", ["dimension", "code"])
@pytest.mark.parametrize(("method", "number"), [("average", 5), ("complete", 6), ("louvain", None)])
@pytest.mark.parametrize("seed", range(5))
def test_the_order_of_rows_changes_nothing_in_the_bundled_meeting(by, method, number, seed):
    table = cam.load_meeting().positions(by)
    shuffled = table.sample(frac=1, random_state=seed)
    assert shuffled.index.tolist() != table.index.tolist()
    assert_same_clusters(
        cam.cluster(cam.agreement(table), number, method),
        cam.cluster(cam.agreement(shuffled), number, method),
    )


def test_numbers_may_name_actors():
    table = pd.DataFrame([[1, 0.9, 0], [0.9, 1, 0], [0, 0, 1]])
    clusters = cam.cluster(table)
    assert clusters.labels.tolist() == [1, 1, 2]
    assert clusters.labels.index.tolist() == ["0", "1", "2"]


# who is unplaced, and what is filled


@SETTINGS
@given(agreements())
def test_the_unplaced_have_less_than_half_of_their_pairs(agreement):
    clusters = cam.cluster(agreement)
    placed = placed_by_hand(agreement)
    assert set(clusters.placed) == set(placed)
    out = [actor for actor in agreement.index if actor not in placed]
    assert clusters.unplaced.index.tolist() == out
    assert clusters.labels.index[clusters.labels.isna()].tolist() == out
    for actor, reason in clusters.unplaced.items():
        if agreement.loc[actor].drop(actor).isna().all():
            assert reason == "nothing to compare with any actor"
        else:
            assert reason != "nothing to compare with any actor"


def test_an_actor_with_just_half_of_its_pairs_undefined_is_placed():
    agreement = square([[0.8], [0.1, 0.2], [0.1, 0.1, 0.9], [0.3, 0.4, NAN, NAN]])
    clusters = cam.cluster(agreement)
    assert clusters.unplaced.empty
    assert "E" in clusters.placed


def test_an_actor_with_more_than_half_of_its_pairs_undefined_is_unplaced():
    agreement = square([[0.8], [0.1, 0.2], [0.3, NAN, NAN]])
    clusters = cam.cluster(agreement)
    assert clusters.unplaced.to_dict() == {"D": "67% of its pairs have nothing to compare"}
    assert clusters.unplaced.index.name == "actor"
    assert clusters.labels["D"] is pd.NA


def test_leaving_one_out_may_leave_the_next_one_without_enough():
    # C and D both have 3 of 4 pairs undefined, and go at once
    agreement = square(
        [[0.9], [0.2, NAN], [0.9, NAN, NAN], [0.8, 0.7, NAN, NAN]],
    )
    clusters = cam.cluster(agreement)
    assert clusters.unplaced.to_dict() == {
        "C": "75% of its pairs have nothing to compare",
        "D": "75% of its pairs have nothing to compare",
    }
    # here D goes first, and only then does C have more than half undefined
    agreement = square([[0.9], [NAN, NAN], [NAN, NAN, 0.4], [0.9, 0.8, 0.5, NAN]])
    assert placed_by_hand(agreement) == ["A", "B", "E"]
    clusters = cam.cluster(agreement)
    assert clusters.unplaced.to_dict() == {
        "C": "67% of its pairs have nothing to compare",
        "D": "75% of its pairs have nothing to compare",
    }


def test_actors_in_two_circles_that_never_meet_are_all_unplaced():
    agreement = blocks(2, 2, outside=NAN)
    clusters = cam.cluster(agreement)
    assert clusters.placed == ()
    assert set(clusters.unplaced) == {"67% of its pairs have nothing to compare"}


def test_the_last_one_left_is_unplaced():
    # B, C and D have 2 of 3 pairs undefined and go together, A is left
    clusters = cam.cluster(square([[0.5], [0.5, NAN], [0.5, NAN, NAN]]))
    assert clusters.placed == ()
    assert clusters.unplaced["A"] == "no other actor is placed"


@SETTINGS
@given(agreements(least=2))
def test_gaps_among_the_placed_take_the_mean_of_the_defined_distances(agreement):
    clusters = cam.cluster(agreement)
    placed = list(clusters.placed)
    pairs = [(a, b) for i, a in enumerate(placed) for b in placed[i + 1 :]]
    gaps = [(a, b) for a, b in pairs if np.isnan(agreement.at[a, b])]
    assert list(zip(clusters.filled["actor"], clusters.filled["other"], strict=True)) == gaps
    if gaps:
        defined = [1 - agreement.at[a, b] for a, b in pairs if (a, b) not in gaps]
        assert_allclose(clusters.filled["distance"], np.mean(defined))
    assert clusters.filled.columns.tolist() == ["actor", "other", "distance"]
    assert clusters.filled["distance"].dtype == np.float64


def test_a_filled_pair_by_hand():
    # defined distances .2, .4, .6, .8 and 1 have the mean .6
    agreement = square([[0.8], [0.6, 0.4], [0.2, 0.0, NAN]])
    clusters = cam.cluster(agreement)
    assert clusters.filled.to_dict("list") == {
        "actor": ["C"],
        "other": ["D"],
        "distance": [pytest.approx(0.6)],
    }
    assert "filled with the mean distance: 1 pair" in repr(clusters)


def test_the_diagonal_is_not_used():
    agreement = square([[0.8], [0.1, 0.2]])
    other = agreement.copy()
    np.fill_diagonal(values := other.to_numpy(copy=True), NAN)
    other = pd.DataFrame(values, index=other.index, columns=other.columns)
    assert_same_clusters(cam.cluster(agreement), cam.cluster(other))
    np.fill_diagonal(values, 99)
    other = pd.DataFrame(values, index=other.index, columns=other.columns)
    assert_same_clusters(cam.cluster(agreement), cam.cluster(other))


def test_the_table_given_is_not_changed():
    agreement = cam.agreement(cam.load_meeting().tally()).frame
    before = agreement.copy()
    cam.cluster(agreement)
    assert_frame_equal(agreement, before)
    assert not agreement.attrs


# degenerate tables


@pytest.mark.parametrize("n", [2, 3, 6])
def test_all_identical_are_one_cluster(n):
    clusters = cam.cluster(blocks(n))
    assert clusters.labels.tolist() == [1] * n
    assert clusters.cuts.index.tolist() == [1, n]
    assert np.isnan(clusters.silhouette)


@pytest.mark.parametrize("n", [2, 3, 6])
def test_where_nobody_agrees_each_is_alone(n):
    clusters = cam.cluster(blocks(*[1] * n))
    assert clusters.labels.tolist() == list(range(1, n + 1))
    assert clusters.cuts.index.tolist() == [1, n]
    assert len(clusters.singletons) == n


@pytest.mark.parametrize("n", [2, 3, 6])
def test_where_everything_ties_there_is_one_cluster(n):
    clusters = cam.cluster(blocks(n, inside=0.5))
    assert clusters.labels.tolist() == [1] * n
    assert clusters.cuts.index.tolist() == [1, n]


def test_one_actor_has_nobody_to_be_compared_with():
    clusters = cam.cluster(square([]))
    assert clusters.placed == ()
    assert clusters.unplaced.to_dict() == {"A": "nothing to compare with any actor"}
    assert clusters.n_clusters == 0
    assert clusters.linkage.shape == (0, 4)
    assert clusters.order == ["A"]


def test_two_actors_are_together_unless_they_agree_on_nothing():
    assert cam.cluster(square([[0.01]])).labels.tolist() == [1, 1]
    assert cam.cluster(square([[0.0]])).labels.tolist() == [1, 2]
    assert cam.cluster(square([[0.01]]), n_clusters=2).labels.tolist() == [1, 2]


def test_where_all_is_missing_nobody_is_placed():
    clusters = cam.cluster(square([[NAN], [NAN, NAN]]))
    assert clusters.placed == ()
    assert clusters.labels.isna().all()
    assert clusters.unplaced.index.tolist() == ["A", "B", "C"]
    assert clusters.n_clusters == 0
    assert clusters.members == {}
    assert clusters.order == ["A", "B", "C"]
    assert repr(clusters).startswith("0 clusters of 0 actors")


def test_nobody_at_all_is_no_cluster():
    nobody = pd.DataFrame(index=pd.Index([], dtype="str"), columns=pd.Index([], dtype="str"))
    clusters = cam.cluster(nobody.astype("float64"))
    assert clusters.labels.empty
    assert clusters.n_clusters == 0


def test_one_code_separates_those_who_support_from_those_who_oppose():
    table = pd.DataFrame({"tax": [1, 1, -1, 1, -1, pd.NA]}, index=list("ABCDEF"), dtype="Int8")
    clusters = cam.cluster(cam.agreement(table), n_clusters=2)
    assert clusters.members == {1: ["A", "B", "D"], 2: ["C", "E"]}
    assert clusters.unplaced.index.tolist() == ["F"]
    assert clusters.silhouette == 1
    assert cam.cluster(cam.agreement(table.loc[["A", "B", "D"]])).n_clusters == 1


# louvain


def test_louvain_finds_circles_and_leaves_out_who_shares_nothing():
    agreement = blocks(3, 3, 1, inside=5.0)  # counts: no distance is made of them
    clusters = cam.cluster(agreement, method="louvain")
    assert partition(clusters.labels) == {
        frozenset(agreement.index[:3]),
        frozenset(agreement.index[3:6]),
    }
    assert clusters.unplaced.to_dict() == {agreement.index[6]: "shares nothing with any actor"}
    assert clusters.linkage.shape == (0, 4)
    assert clusters.filled.empty
    assert clusters.cuts.index.tolist() == [2]
    assert np.isnan(clusters.silhouette)
    assert clusters.order == agreement.index.tolist()


def test_louvain_has_a_silhouette_where_agreement_is_a_distance():
    agreement = blocks(3, 2, inside=0.9, outside=0.1)
    clusters = cam.cluster(agreement, method="louvain")
    distance = distances_by_hand(agreement, agreement.index.tolist())
    labels = clusters.labels.to_numpy(dtype=int)
    expected = silhouette_score(distance, labels, metric="precomputed")
    assert clusters.silhouette == pytest.approx(expected)


def test_louvain_ignores_what_is_missing_or_negative():
    agreement = square([[2.0], [NAN, -1.0], [-3.0, NAN, 2.0], [-1.0, -1.0, -1.0, NAN]])
    clusters = cam.cluster(agreement, method="louvain")
    assert partition(clusters.labels) == {frozenset("AB"), frozenset("CD")}
    assert clusters.unplaced.index.tolist() == ["E"]


def test_louvain_tells_having_nothing_to_compare_from_sharing_nothing():
    table = square([[2.0], [0.0, 0.0], [NAN, NAN, NAN]])
    clusters = cam.cluster(table, method="louvain")
    assert clusters.unplaced.to_dict() == {
        "C": "shares nothing with any actor",
        "D": "nothing to compare with any actor",
    }


@pytest.mark.parametrize("measure", ["s", "pi", "kappa"])
def test_a_measure_from_minus_one_is_no_distance_whatever_its_values(measure):
    rows = [(actor, code, 1) for actor in "AB" for code in "xy"] + [("C", "x", 1), ("C", "y", -1)]
    rows += [("A", "z", -1), ("B", "z", -1)]
    tally = cam.tally(pd.DataFrame(rows, columns=["actor", "code", "stance"]))
    agreement = cam.agreement(tally, measure)
    assert not agreement.bounded
    with pytest.raises(ValueError, match=r"agreement\.rescaled\(\)"):
        cam.cluster(agreement)
    assert cam.cluster(agreement.rescaled()).placed


# what is refused


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (square([[3.0], [0.0, 1.0]]), "0 and 1 to be a distance, but goes from 0 to 3"),
        (square([[-0.5], [0.2, 0.3]]), r"goes from -0\.5 to 0\.3.*as agreement\.rescaled\(\)"),
        (square([[0.5], [0.2, 0.3]]).iloc[:2], "square, with the same actors.* is 2 × 3"),
    ],
    ids=["counts", "negative", "not square"],
)
def test_tables_that_are_no_distances_are_refused(table, message):
    with pytest.raises(ValueError, match=message):
        cam.cluster(table)


@pytest.mark.parametrize("thing", [None, np.eye(3), pd.Series([1.0])])
def test_what_is_no_agreement_is_refused(thing):
    with pytest.raises(TypeError, match=f"a DataFrame of it, got {type(thing).__name__}"):
        cam.cluster(thing)


def test_choices_that_do_not_exist_are_refused():
    agreement = square([[0.5], [0.2, 0.3]])
    with pytest.raises(ValueError, match=r"`method` must be one of \['average', .*'ward' was"):
        cam.cluster(agreement, method="ward")
    with pytest.raises(ValueError, match="not for louvain, which finds its own number"):
        cam.cluster(agreement, method="louvain", n_clusters=2)


@pytest.mark.parametrize("measure", ["congruence", "subtract", "s"])
def test_measures_that_are_no_distance_are_refused(measure):
    tally = tally_of([[3, 0, 1, 0], [2, 0, 0, 1], [0, 2, 0, 1]], "ABC", "xy")
    with pytest.raises(ValueError, match="Use a bounded measure"):
        cam.cluster(cam.agreement(tally, measure))


@pytest.mark.parametrize("measure", ["s", "pi", "kappa"])
@SETTINGS
@given(table=positions(least=2))
def test_a_rescaled_measure_can_be_clustered(measure, table):
    agreement = cam.agreement(table, measure).rescaled()
    clusters = cam.cluster(agreement)
    assert clusters.agreement is agreement
    assert sorted(clusters.placed) == sorted(placed_by_hand(agreement.frame))


# the result


def test_the_result_in_words():
    agreement = square(
        [[0.9], [0.1, 0.1], [0.0, 0.2, 0.1], [NAN, NAN, NAN, NAN]],
        ["Ana", "Zoe & Co", "Beto", "Caio", "<b>Luz"],
    )
    clusters = cam.cluster(agreement, n_clusters=3)
    assert clusters.members == {1: ["Ana", "Zoe & Co"], 2: ["Beto"], 3: ["Caio"]}
    assert clusters.singletons == ["Beto", "Caio"]
    assert repr(clusters).splitlines() == [
        f"3 clusters of 4 actors (average, silhouette {clusters.silhouette:.2f})",
        "1: Ana, Zoe & Co",
        "2: Beto (a singleton)",
        "3: Caio (a singleton)",
        "unplaced: <b>Luz (nothing to compare with any actor)",
    ]
    html = clusters._repr_html_()
    assert "Zoe &amp; Co" in html
    assert "&lt;b&gt;Luz" in html
    assert "<b>Luz" not in html


def test_the_table_of_a_result_has_a_row_for_every_actor():
    tally = cam.load_meeting().tally("code")
    clusters = cam.cluster(cam.agreement(tally), n_clusters=5)
    frame = clusters.frame
    assert frame.index.tolist() == list(tally.actors)
    assert frame.columns.tolist() == ["cluster", "statements", "unplaced"]
    assert frame["cluster"].equals(clusters.labels)
    assert frame["statements"].tolist() == tally.statements.tolist()
    assert frame.at["Bolivia", "unplaced"] == "nothing to compare with any actor"
    assert frame["unplaced"].drop("Bolivia").eq("").all()
    own = cam.cluster(cam.agreement(tally).frame, n_clusters=5)
    assert own.frame["statements"].isna().all()


def test_the_order_is_that_of_the_leaves_with_the_unplaced_last():
    agreement = cam.agreement(cam.load_meeting().tally())
    clusters = cam.cluster(agreement)
    leaves = hierarchy.leaves_list(clusters.tree)
    assert clusters.order == [clusters.placed[leaf] for leaf in leaves] + ["Bolivia"]
    assert sorted(clusters.order) == sorted(agreement.actors)


@SETTINGS
@given(agreement=agreements(ties=True), method=METHODS)
def test_the_tree_is_turned_so_that_the_smaller_number_comes_first(agreement, method):
    clusters = cam.cluster(agreement, method=method)
    numbers = clusters.labels[clusters.order].dropna().to_list()
    first = [int(clusters.labels[actor]) for actor in clusters.placed]
    for left, right in clusters.tree[:, :2].astype(int).tolist():
        assert first[left] <= first[right]
        first.append(first[left])
    # the members of a cluster are together
    assert sum(a != b for a, b in pairwise(numbers)) == max(clusters.n_clusters - 1, 0)
    # turning a branch changes neither what joins nor where
    assert_array_equal(clusters.tree[:, 2:], clusters.linkage[:, 2:])
    assert_array_equal(np.sort(clusters.tree[:, :2]), np.sort(clusters.linkage[:, :2]))


# the bundled meeting


def test_clusters_of_the_bundled_meeting_by_dimension():
    clusters = cam.cluster(cam.agreement(cam.load_meeting().tally()), n_clusters=8)
    assert clusters.members == {
        1: ["United States", "Chile", "Costa Rica", "Guatemala"],
        2: ["Brazil", "Dominican Republic"],
        3: ["Canada", "Uruguay"],
        4: ["Colombia"],
        5: ["El Salvador"],
        6: ["Mexico"],
        7: ["Paraguay"],
        8: ["Peru"],
    }
    assert clusters.unplaced.to_dict() == {"Bolivia": "nothing to compare with any actor"}
    assert clusters.cuts.index.tolist() == [1, 2, 3, 4, 5, 6, 8, 13]
    assert clusters.filled.empty
    assert round(clusters.silhouette, 3) == 0.615
    assert round(clusters.cuts.at[2, "silhouette"], 3) == 0.495


def test_clusters_of_the_bundled_meeting_by_code():
    clusters = cam.cluster(cam.agreement(cam.load_meeting().tally("code")), n_clusters=5)
    assert clusters.members == {
        1: ["Colombia", "Chile", "Brazil", "El Salvador", "Paraguay"],
        2: ["United States", "Guatemala"],
        3: ["Costa Rica", "Dominican Republic"],
        4: ["Canada", "Mexico"],
        5: ["Peru", "Uruguay"],
    }
    assert clusters.unplaced.to_dict() == {"Bolivia": "nothing to compare with any actor"}
    assert clusters.cuts.index.tolist() == list(range(1, 14))
