"""Agreement becomes clusters: the tree, its cuts, who is unplaced, what clusters stand for."""

from dataclasses import FrozenInstanceError
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from pandas.testing import assert_frame_equal, assert_series_equal
from scipy.cluster import hierarchy
from scipy.spatial.distance import squareform
from sklearn.metrics import silhouette_score
from strategies import agreements, labelings, positions

import camdata as cam

SETTINGS = settings(deadline=None, max_examples=30)
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
    assert clusters.choice.index.tolist() == sorted(attainable)
    assert clusters.choice.index.name == "n_clusters"


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
    for k, score in clusters.choice["silhouette"].items():
        if not 2 <= k < n:
            assert np.isnan(score)
            continue
        labels = cut_of(clusters, agreement, k, method).to_numpy(dtype=int)
        expected = silhouette_score(distance, labels, metric="precomputed")
        assert score == pytest.approx(expected, abs=1e-12)


@SETTINGS
@given(agreement=agreements(), method=METHODS)
def test_the_largest_silhouette_is_chosen_and_fewer_clusters_where_it_ties(agreement, method):
    clusters = cam.cluster(agreement, method=method)
    choice = clusters.choice
    assert choice["chosen"].sum() == 1
    chosen = choice.index[choice["chosen"]][0]
    assert clusters.n_clusters == chosen
    valid = choice["silhouette"].dropna()
    if len(valid):
        best = valid[valid >= valid.max() - 1e-9]
        assert chosen == best.index.min()
        assert clusters.silhouette == valid[chosen]
    else:
        assert np.isnan(clusters.silhouette)
        assert chosen in (choice.index.min(), choice.index.max())


@SETTINGS
@given(agreement=agreements(), method=METHODS)
def test_singletons_are_counted_for_every_cut(agreement, method):
    clusters = cam.cluster(agreement, method=method)
    for k, number in clusters.choice["singletons"].items():
        asked = cam.cluster(agreement, n_clusters=k, method=method)
        assert asked.n_clusters == k
        assert len(asked.singletons) == number
        assert asked.choice["chosen"].tolist() == (clusters.choice.index == k).tolist()
        assert_frame_equal(asked.choice.drop(columns="chosen"), clusters.choice.iloc[:, :2])


def test_tied_merges_cannot_be_cut_apart_and_the_error_says_what_can():
    agreement = blocks(2, 2, 2)
    clusters = cam.cluster(agreement)
    assert clusters.choice.index.tolist() == [1, 3, 6]
    for wanted in (2, 4, 7, 0):
        with pytest.raises(
            ValueError, match=rf"6 placed .* into {wanted} clusters.*cut into 1, 3, 6\.$"
        ):
            cam.cluster(agreement, n_clusters=wanted)


def test_average_and_complete_linkage_differ_as_their_definitions_do():
    agreement = square([[0.9], [0.6, 0.2]])
    assert_allclose(cam.cluster(agreement).linkage[:, 2], [0.1, 0.6])
    assert_allclose(cam.cluster(agreement, method="complete").linkage[:, 2], [0.1, 0.8])


# how clusters are numbered


@SETTINGS
@given(agreement=agreements(), method=METHODS)
def test_clusters_are_numbered_by_size_and_then_by_who_spoke_first(agreement, method):
    order = agreement.attrs["actors"]
    clusters = cam.cluster(agreement, method=method)
    keys = [
        (-len(actors), min(order.index(actor) for actor in actors))
        for actors in clusters.members.values()
    ]
    assert keys == sorted(keys)
    assert list(clusters.members) == list(range(1, len(keys) + 1))
    assert str(clusters.labels.dtype) == "Int64"
    assert clusters.labels.index.tolist() == agreement.index.tolist()
    assert clusters.labels.index.name == "actor"


def test_without_a_speaking_order_rows_decide_the_numbers():
    agreement = blocks(2, 2)
    assert cam.cluster(agreement).labels.tolist() == [1, 1, 2, 2]
    assert cam.cluster(agreement.iloc[::-1, ::-1]).labels.tolist() == [1, 1, 2, 2]
    agreement.attrs["actors"] = agreement.index.tolist()
    assert cam.cluster(agreement.iloc[::-1, ::-1]).labels.tolist() == [2, 2, 1, 1]
    agreement.attrs["actors"] = agreement.index.tolist()[2:]  # not of all
    assert cam.cluster(agreement.iloc[::-1, ::-1]).labels.tolist() == [1, 1, 2, 2]


def assert_same_clusters(first, second):
    """Check that two results differ in the order of their rows at most."""
    assert_series_equal(second.labels.reindex(first.labels.index), first.labels)
    assert_frame_equal(second.choice, first.choice)
    assert_array_equal(second.linkage, first.linkage)
    assert second.placed == first.placed
    assert second.unplaced.to_dict() == first.unplaced.to_dict()
    assert_frame_equal(second.filled, first.filled)
    if len(first.linkage):
        placed = len(first.placed)
        assert second.order[:placed] == first.order[:placed]


@SETTINGS
@given(agreement=agreements(ties=True), method=METHODS, data=st.data())
def test_the_order_of_rows_changes_nothing(agreement, method, data):
    rows = data.draw(st.permutations(agreement.index.tolist()))
    assert_same_clusters(
        cam.cluster(agreement, method=method),
        cam.cluster(agreement.loc[rows, rows], method=method),
    )


@pytest.mark.parametrize("by", ["dimension", "code"])
@pytest.mark.parametrize("method", ["average", "complete", "louvain"])
@pytest.mark.parametrize("seed", range(5))
def test_the_order_of_rows_changes_nothing_in_the_bundled_meeting(by, method, seed):
    positions = cam.load_meeting().positions(by)
    shuffled = positions.sample(frac=1, random_state=seed)
    assert shuffled.index.tolist() != positions.index.tolist()
    assert_same_clusters(
        cam.cluster(cam.agreement(positions), method=method),
        cam.cluster(cam.agreement(shuffled), method=method),
    )


def test_numbers_may_name_actors():
    table = pd.DataFrame([[1, 0.9, 0], [0.9, 1, 0], [0, 0, 1]])
    clusters = cam.cluster(table)
    assert clusters.labels.tolist() == [1, 1, 2]
    assert clusters.labels.index.tolist() == [0, 1, 2]


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
    agreement = cam.agreement(cam.load_meeting().positions())
    before = agreement.copy()
    cam.cluster(agreement)
    assert_frame_equal(agreement, before)


# degenerate tables


@pytest.mark.parametrize("n", [2, 3, 6])
def test_all_identical_are_one_cluster(n):
    clusters = cam.cluster(blocks(n))
    assert clusters.labels.tolist() == [1] * n
    assert clusters.choice.index.tolist() == [1, n]
    assert np.isnan(clusters.silhouette)


@pytest.mark.parametrize("n", [2, 3, 6])
def test_where_nobody_agrees_each_is_alone(n):
    clusters = cam.cluster(blocks(*[1] * n))
    assert clusters.labels.tolist() == list(range(1, n + 1))
    assert clusters.choice.index.tolist() == [1, n]
    assert len(clusters.singletons) == n


@pytest.mark.parametrize("n", [2, 3, 6])
def test_where_everything_ties_there_is_one_cluster(n):
    clusters = cam.cluster(blocks(n, inside=0.5))
    assert clusters.labels.tolist() == [1] * n
    assert clusters.choice.index.tolist() == [1, n]


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
    positions = pd.DataFrame({"tax": [1, 1, -1, 1, -1, pd.NA]}, index=list("ABCDEF"), dtype="Int8")
    clusters = cam.cluster(cam.agreement(positions))
    assert clusters.members == {1: ["A", "B", "D"], 2: ["C", "E"]}
    assert clusters.unplaced.index.tolist() == ["F"]
    assert clusters.silhouette == 1
    together = cam.cluster(cam.agreement(positions.loc[["A", "B", "D"]]))
    assert together.n_clusters == 1


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
    assert clusters.choice.index.tolist() == [2]
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


# what is refused


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (square([[3.0], [0.0, 1.0]]), "0 and 1 to be a distance, but goes from 0 to 3"),
        (square([[-0.5], [0.2, 0.3]]), r"goes from -0\.5 to 0\.3.*rescale.* \(1 \+ value\) / 2"),
        (square([[0.5], [0.2, 0.3]]).iloc[:2], "square, with the same actors.* is 2 × 3"),
        (square([[0.5], [0.2, 0.3]]).iloc[:, [1, 0, 2]], "the same order on both axes"),
        (square([[0.5], [0.2, 0.3]], "ABA"), "each once; this table is 3 × 3"),
    ],
    ids=["counts", "negative", "not square", "other order", "actor twice"],
)
def test_tables_that_are_no_agreement_are_refused(table, message):
    with pytest.raises(ValueError, match=message):
        cam.cluster(table)


@pytest.mark.parametrize("value", [0.4, NAN])
def test_a_table_that_is_not_symmetric_is_refused_with_the_pair(value):
    table = square([[0.5], [0.2, 0.3]])
    table.at["A", "C"] = value
    with pytest.raises(ValueError, match=rf"A with C is {value:g} and C with A is 0\.2"):
        cam.cluster(table)


@pytest.mark.parametrize("thing", [None, np.eye(3), pd.Series([1.0])])
def test_what_is_no_frame_is_refused(thing):
    with pytest.raises(TypeError, match=f"as a DataFrame, got {type(thing).__name__}"):
        cam.cluster(thing)


def test_choices_that_do_not_exist_are_refused():
    agreement = square([[0.5], [0.2, 0.3]])
    with pytest.raises(ValueError, match=r"`method` must be one of \['average', .*'ward' was"):
        cam.cluster(agreement, method="ward")
    with pytest.raises(ValueError, match="not for louvain, which finds its own number"):
        cam.cluster(agreement, method="louvain", n_clusters=2)


@pytest.mark.parametrize("method", ["congruence", "subtract", "s"])
def test_measures_that_are_no_distance_are_refused(method):
    columns = pd.MultiIndex.from_product([["x", "y"], [1, -1]], names=["code", "stance"])
    rows = [[3, 0, 1, 0], [2, 0, 0, 1], [0, 2, 0, 1]]
    tally = pd.DataFrame(rows, index=list("ABC"), columns=columns)
    with pytest.raises(ValueError, match="Use a bounded measure"):
        cam.cluster(cam.agreement(tally, method))


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
    assert html.count("<li") == 4


def test_the_order_is_that_of_the_leaves_with_the_unplaced_last():
    agreement = cam.agreement(cam.load_meeting().positions())
    clusters = cam.cluster(agreement)
    leaves = hierarchy.leaves_list(clusters.linkage)
    assert clusters.order == [clusters.placed[leaf] for leaf in leaves] + ["Bolivia"]
    assert sorted(clusters.order) == sorted(agreement.index)


def test_a_result_is_frozen():
    clusters = cam.cluster(square([[0.5]]))
    with pytest.raises(FrozenInstanceError):
        clusters.method = "complete"


# the bundled meeting


def test_clusters_of_the_bundled_meeting_by_dimension():
    clusters = cam.cluster(cam.agreement(cam.load_meeting().positions()))
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
    assert clusters.choice.index.tolist() == [1, 2, 3, 4, 5, 6, 8, 13]
    assert clusters.filled.empty


def test_clusters_of_the_bundled_meeting_by_code():
    clusters = cam.cluster(cam.agreement(cam.load_meeting().positions("code")))
    assert clusters.members == {
        1: ["Colombia", "Chile", "Brazil", "El Salvador", "Paraguay"],
        2: ["United States", "Guatemala"],
        3: ["Costa Rica", "Dominican Republic"],
        4: ["Canada", "Mexico"],
        5: ["Peru", "Uruguay"],
    }
    assert clusters.unplaced.to_dict() == {"Bolivia": "nothing to compare with any actor"}
    assert clusters.choice.index.tolist() == list(range(1, 14))


# what clusters stand for


def profile_by_hand(table, labels):
    """Return the rows of a profile as tuples, in no order, by counting."""
    placed = {actor: label for actor, label in labels.items() if label is not None}
    rows = set()
    for label in set(placed.values()):
        inside = [actor for actor in placed if placed[actor] == label]
        outside = [actor for actor in placed if placed[actor] != label]
        for code in table.columns:
            for stance in (1, -1):

                def holds(actor, code=code, stance=stance):
                    cell = table.at[actor, code]
                    return cell is not pd.NA and cell in (stance, 0)

                recorded = sum(map(holds, inside))
                if recorded:
                    share = Fraction(recorded, len(inside))
                    rest = Fraction(sum(map(holds, outside)), len(outside)) if outside else None
                    rows.add((label, code, stance, len(inside), recorded, share, rest))
    return rows


@SETTINGS
@given(table=positions(), data=st.data())
def test_a_profile_is_what_counting_gives(table, data):
    labels = data.draw(labelings(table.index.tolist()))
    profile = cam.profile(table, labels)
    expected = profile_by_hand(table, labels)
    columns = ["cluster", "code", "stance", "members", "recorded", "share", "rest", "difference"]
    assert profile.columns.tolist() == columns
    keys = ["cluster", "code", "stance", "members", "recorded"]
    found = {tuple(row) for row in profile[keys].itertuples(index=False)}
    assert found == {row[:5] for row in expected}
    assert len(profile) == len(expected)
    shares = {row[:3]: row[5:] for row in expected}
    for row in profile.itertuples(index=False):
        share, rest = shares[row.cluster, row.code, row.stance]
        assert row.share == pytest.approx(float(share))
        if rest is None:
            assert np.isnan(row.rest)
            assert np.isnan(row.difference)
        else:
            assert row.rest == pytest.approx(float(rest))
            assert row.difference == pytest.approx(float(share - rest))


@SETTINGS
@given(table=positions(), data=st.data())
def test_clusters_divide_what_is_recorded_among_the_placed(table, data):
    labels = data.draw(labelings(table.index.tolist()))
    profile = cam.profile(table, labels)
    placed = [actor for actor, label in labels.items() if label is not None]
    among = table.loc[placed]
    for code in table.columns:
        for stance in (1, -1):
            rows = profile[(profile["code"] == code) & (profile["stance"] == stance)]
            expected = int((among[code].isin([stance, 0])).sum())
            assert rows["recorded"].sum() == expected
    assert profile["members"].groupby(profile["cluster"]).nunique().isin([1]).all()


@SETTINGS
@given(table=positions(), data=st.data())
def test_a_profile_is_ordered_by_cluster_and_difference(table, data):
    profile = cam.profile(table, data.draw(labelings(table.index.tolist())))
    assert profile["cluster"].is_monotonic_increasing
    for _, part in profile.groupby("cluster"):
        by = "share" if part["difference"].isna().all() else "difference"
        assert part[by].is_monotonic_decreasing


def test_every_kind_of_labelling_gives_the_same_profile():
    positions = cam.load_meeting().positions()
    clusters = cam.cluster(cam.agreement(positions))
    expected = cam.profile(positions, clusters)
    for labels in (
        clusters.labels,
        clusters.labels.to_dict(),
        clusters.labels.dropna().astype(int).to_dict(),
        clusters.labels.astype("float64"),
        clusters.labels.sample(frac=1, random_state=1),
    ):
        assert_frame_equal(cam.profile(positions, labels), expected)


def test_whole_numbers_keep_their_number_and_words_are_numbered_in_their_order():
    table = pd.DataFrame({"x": [1, 1, -1, 1]}, index=list("ABCD"), dtype="Int8")
    for missing in (None, pd.NA, NAN):
        profile = cam.profile(table, {"A": 7, "B": 7, "C": 3, "D": missing})
        assert profile["cluster"].tolist() == [3, 7]
        profile = cam.profile(table, {"A": "west", "B": "west", "C": "east", "D": missing})
        assert profile["cluster"].tolist() == [1, 2]
        assert profile["stance"].tolist() == [-1, 1]


def test_a_profile_at_a_finer_level_than_the_clusters():
    meeting = cam.load_meeting()
    clusters = cam.cluster(cam.agreement(meeting.positions()))
    profile = cam.profile(meeting.positions("code"), clusters)
    third = profile[profile["cluster"] == 3]
    assert third.iloc[0][["code", "stance", "members", "recorded"]].tolist() == [
        "key_terms",
        1,
        2,
        2,
    ]
    assert third.iloc[0]["rest"] == pytest.approx(1 / 11)
    assert str(profile["cluster"].dtype) == "Int64"


def test_a_tally_gives_the_profile_of_its_positions():
    meeting = cam.load_meeting()
    clusters = cam.cluster(cam.agreement(meeting.positions()))
    assert_frame_equal(
        cam.profile(meeting.tally(duplicates="all"), clusters),
        cam.profile(meeting.positions(), clusters),
    )


def test_without_clusters_a_profile_has_its_columns_and_no_rows():
    table = pd.DataFrame({"x": [1]}, index=["A"], dtype="Int8")
    profile = cam.profile(table, {"A": None})
    assert profile.empty
    assert profile.dtypes.equals(cam.profile(table, {"A": 1}).dtypes)


def test_a_profile_keeps_names_that_are_no_text():
    table = pd.DataFrame({2024: [1, 1], 2025: [None, 1]}, index=["A", "B"], dtype="Int8")
    for labels in ({"A": 1, "B": 2}, {"A": None, "B": None}):
        assert cam.profile(table, labels)["code"].dtype == "int64"
    assert cam.profile(table, {"A": 1, "B": 2})["code"].tolist() == [2024, 2025, 2024]


def test_a_placed_actor_must_have_a_row():
    table = pd.DataFrame({"x": [1]}, index=["A"], dtype="Int8")
    with pytest.raises(ValueError, match=r"no row in the positions: \['B'\]"):
        cam.profile(table, {"A": 1, "B": 1, "C": None})


def test_an_actor_must_have_one_label():
    table = pd.DataFrame({"x": [1]}, index=["A"], dtype="Int8")
    with pytest.raises(ValueError, match="one label"):
        cam.profile(table, pd.Series([1, 2], index=["A", "A"]))
