"""Agreement becomes clusters: numbered, described, with the unplaced; the number; Louvain."""

import re
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from pandas.testing import assert_frame_equal
from scipy.cluster import hierarchy
from sklearn.metrics import silhouette_score
from strategies import agreements, coin_flips, planted, positions

import camdata as cam
from camdata.analysis.null import NoNullError

SETTINGS = settings(deadline=None)
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
    """Return agreement of actors who fall into blocks of these sizes."""
    block = np.repeat(np.arange(len(sizes)), sizes)
    table = np.where(block[:, None] == block[None, :], inside, outside)
    index = pd.Index([f"actor {i:02d}" for i in range(len(block))], name="actor")
    return pd.DataFrame(table, index=index, columns=index)


def partition(labels):
    """Return labels as a set of sets of actors."""
    placed = labels.dropna()
    return {frozenset(group.index) for _, group in placed.groupby(placed)}


def distances_by_hand(table, placed):
    """Return distances among the placed, gaps taking the mean of the defined ones."""
    distance = 1 - table.loc[placed, placed].to_numpy()
    np.fill_diagonal(distance, NAN)
    distance = np.where(np.isnan(distance), np.nanmean(distance), distance)
    np.fill_diagonal(distance, 0)
    return distance


# the number of clusters


@SETTINGS
@given(table=agreements(least=2), method=METHODS)
def test_every_number_that_is_offered_can_be_had_and_no_other(table, method):
    clusters = cam.cluster(table, 1, method)
    offered = clusters.cuts.index.tolist()
    if not clusters.placed:
        assert clusters.n_clusters == 0
        return
    placed = list(clusters.placed)
    distance = distances_by_hand(table, placed)
    for number in range(1, len(placed) + 2):
        if number not in offered:
            possible = ", ".join(map(str, offered))
            with pytest.raises(ValueError, match=f"into {number} clusters.* cut into {possible};"):
                cam.cluster(table, number, method)
            continue
        found = cam.cluster(table, number, method)
        assert (found.n_clusters, found.rule, found.choice) == (number, "given", None)
        assert found.cuts["chosen"].tolist() == (found.cuts.index == number).tolist()
        assert_frame_equal(found.cuts.drop(columns="chosen"), clusters.cuts.iloc[:, :2])
        assert len(found.singletons) == found.cuts.at[number, "singletons"]
        if 2 <= number < len(placed):
            labels = found.labels[placed].to_numpy(dtype=int)
            expected = silhouette_score(distance, labels, metric="precomputed")
            assert found.silhouette == pytest.approx(expected, abs=1e-12)
        else:
            assert np.isnan(found.silhouette)


def test_the_error_names_the_nearest_number_that_ties_allow():
    for wanted, nearest in ((2, 3), (4, 3), (5, 6), (7, 6)):
        near = f"the nearest above 1 is {nearest}"
        message = rf"6 placed .* into {wanted} clusters.*cut into 1, 3, 6; {near}"
        with pytest.raises(ValueError, match=message):
            cam.cluster(blocks(2, 2, 2, outside=0.3), wanted)


@pytest.mark.parametrize("measure", ["matching", "s"])
def test_where_ties_decide_the_summary_and_the_error_say_so(measure):
    sparse = coin_flips(3, 14, 20).where(coin_flips(4, 14, 20) > 0)
    sparse = sparse.where(coin_flips(5, 14, 20) > 0)
    agreement = cam.agreement(sparse, measure)
    agreement = agreement.rescaled() if agreement.is_signed else agreement
    clusters = cam.cluster(agreement, 1)
    low, high = max(pairwise(clusters.cuts.index), key=lambda cuts: cuts[1] - cuts[0])
    assert high - low > 5
    words = rf"no cut into {low + 1} to {high - 1} clusters \(nearest: {low} and {high}\)"
    assert re.search(rf"Ties decide: \d+ of \d+ actors join in one step.*{words}", clusters.summary)
    with pytest.raises(ValueError, match=words):
        cam.cluster(agreement, low + 1)


def test_actors_who_are_alike_are_no_ties_to_speak_of(meeting):
    for table in (cam.agreement(meeting.tally()), blocks(4, 4, outside=0.3), blocks(9)):
        assert "Ties decide" not in cam.cluster(table, 1).summary


def test_average_and_complete_linkage_differ_as_their_definitions_do():
    table = square([[0.9], [0.6, 0.2]])
    assert_allclose(cam.cluster(table, 1).linkage[:, 2], [0.1, 0.6])
    assert_allclose(cam.cluster(table, 1, "complete").linkage[:, 2], [0.1, 0.8])


@pytest.mark.parametrize("measure", ["jaccard", "matching"])
def test_by_default_the_number_is_chosen_against_chance(measure):
    agreement = cam.agreement(coin_flips(1), measure)
    clusters = cam.cluster(agreement)
    choice = cam.cluster_choice(agreement)
    assert clusters.rule == "chance"
    assert clusters.n_clusters == choice.n_clusters
    assert clusters.choice.verdict == choice.verdict
    assert choice.verdict[1:] in clusters.summary
    assert partition(cam.cluster(agreement, choice).labels) == partition(clusters.labels)


def test_a_choice_belongs_to_its_agreement_and_linkage(meeting):
    code, dimension = (cam.agreement(meeting.tally(by)) for by in ("code", "dimension"))
    choice = cam.cluster_choice(code, 9)
    for agreement, method in ((dimension, "average"), (code, "complete")):
        with pytest.raises(ValueError, match="of another agreement, or another linkage"):
            cam.cluster(agreement, choice, method)


def test_above_200_actors_a_number_has_to_be_given():
    agreement = cam.agreement(planted(0, 4, 201, 8))
    with pytest.raises(NoNullError, match=r"201 actors.*n_clusters=, or take method='louvain'"):
        cam.cluster(agreement)
    numbers = cam.cluster(agreement, 1).cuts.index
    assert cam.cluster(agreement, int(numbers[3])).n_clusters == numbers[3]
    assert cam.cluster(agreement, method="louvain").n_clusters == 4


def test_without_a_null_a_number_has_to_be_given(meeting):
    table = cam.agreement(meeting.tally()).frame
    with pytest.raises(
        NoNullError, match=r"cannot be chosen against chance.*your own.*Give n_clusters="
    ):
        cam.cluster(table)
    assert cam.cluster(table, 3).n_clusters == 3
    supports = planted(0, 2, 6, 6)
    with pytest.raises(NoNullError, match="only 0% of the recorded cells"):
        cam.cluster(cam.agreement(supports, "matching"))


def test_a_number_that_makes_mostly_singletons_says_so():
    table = square([[0.9], [0.1, 0.2], [0.05, 0.15, 0.12], [0.0, 0.01, 0.02, 0.03]])
    clusters = cam.cluster(table, 4)
    assert "mostly clusters of one actor: only A, B are together" in clusters.summary
    assert "mostly clusters" not in cam.cluster(table, 2).summary
    assert "no two actors are together" in cam.cluster(table, 5).summary


# how clusters are numbered and who is unplaced


@SETTINGS
@given(table=agreements(), method=METHODS, data=st.data())
def test_clusters_are_numbered_by_size_and_then_by_their_first_actor(table, method, data):
    number = data.draw(st.sampled_from(cam.cluster(table, 1, method).cuts.index.tolist()))
    clusters = cam.cluster(table, max(number, 1), method)
    order = table.index.tolist()
    keys = [(-len(actors), order.index(actors[0])) for actors in clusters.members.values()]
    assert keys == sorted(keys)
    assert list(clusters.members) == list(range(1, len(keys) + 1))
    assert str(clusters.labels.dtype) == "Int64"
    assert clusters.labels.index.tolist() == order


@SETTINGS
@given(agreements(least=2))
def test_gaps_among_the_placed_take_the_mean_of_the_defined_distances(table):
    clusters = cam.cluster(table, 1)
    placed = list(clusters.placed)
    out = [actor for actor in table.index if actor not in placed]
    assert clusters.unplaced.index.tolist() == out
    assert clusters.labels.index[clusters.labels.isna()].tolist() == out
    pairs = [(a, b) for i, a in enumerate(placed) for b in placed[i + 1 :]]
    gaps = [(a, b) for a, b in pairs if np.isnan(table.at[a, b])]
    assert list(zip(clusters.filled["actor"], clusters.filled["other"], strict=True)) == gaps
    if gaps:
        defined = [1 - table.at[pair] for pair in pairs if pair not in gaps]
        assert_allclose(clusters.filled["distance"], np.mean(defined))


def test_an_actor_with_more_than_half_of_its_pairs_undefined_is_unplaced():
    table = square([[0.8], [0.1, 0.2], [0.1, 0.1, 0.9], [0.3, 0.4, NAN, NAN]])
    clusters = cam.cluster(table, 2)
    assert clusters.unplaced.empty  # just half
    assert "filled with the mean distance: 2 pairs" in clusters.summary
    table.loc["E", "B"] = table.loc["B", "E"] = NAN
    clusters = cam.cluster(table, 2)
    assert clusters.unplaced.to_dict() == {"E": "75% of its pairs have nothing to compare"}
    assert clusters.labels["E"] is pd.NA


def test_leaving_one_out_may_leave_the_next_one_without_enough():
    table = square([[0.9], [NAN, NAN], [NAN, NAN, 0.4], [0.9, 0.8, 0.5, NAN]])
    assert cam.cluster(table, 1).unplaced.to_dict() == {
        "C": "67% of its pairs have nothing to compare",
        "D": "75% of its pairs have nothing to compare",
    }
    # B, C and D have 2 of 3 pairs undefined and go together, A is left
    clusters = cam.cluster(square([[0.5], [0.5, NAN], [0.5, NAN, NAN]]), 1)
    assert clusters.placed == ()
    assert clusters.unplaced["A"] == "no other actor is placed"


@pytest.mark.parametrize(
    "table", [square([]), square([[NAN], [NAN, NAN]]), square([]).iloc[:0, :0]]
)
def test_where_nothing_can_be_compared_nobody_is_placed(table):
    clusters = cam.cluster(table, 1)
    assert clusters.placed == ()
    assert clusters.labels.isna().all()
    assert (clusters.n_clusters, clusters.members) == (0, {})
    assert clusters.linkage.shape == (0, 4)
    assert clusters.order == clusters.unplaced.index.tolist() == table.index.tolist()
    assert set(clusters.unplaced) <= {"nothing to compare with any actor"}
    assert repr(clusters).startswith("0 clusters of 0 actors")


@pytest.mark.parametrize(("inside", "outside"), [(1.0, 1.0), (0.5, 0.5), (0.0, 0.0)])
def test_where_everything_ties_there_is_one_step(inside, outside):
    clusters = cam.cluster(blocks(4, inside=inside, outside=outside), 1)
    assert clusters.cuts.index.tolist() == [1, 4]
    assert clusters.labels.tolist() == [1] * 4


def test_numbers_may_name_actors_and_the_diagonal_is_not_used():
    table = pd.DataFrame([[1, 0.9, 0], [0.9, 99, 0], [0, 0, NAN]])
    clusters = cam.cluster(table, 2)
    assert clusters.labels.to_dict() == {"0": 1, "1": 1, "2": 2}
    assert table.iloc[1, 1] == 99


# louvain


def test_louvain_finds_circles_and_leaves_out_who_shares_nothing():
    table = blocks(3, 3, 1, inside=5.0)  # counts: no distance is made of them
    table.iloc[0, 4] = table.iloc[4, 0] = -1.0  # has no weight
    table.iloc[6, :6] = table.iloc[:6, 6] = [0, NAN, NAN, NAN, NAN, NAN]
    clusters = cam.cluster(table, method="louvain")
    names = table.index
    assert partition(clusters.labels) == {frozenset(names[:3]), frozenset(names[3:6])}
    assert clusters.unplaced.to_dict() == {names[6]: "shares nothing with any actor"}
    assert clusters.linkage.shape == (0, 4)
    assert (clusters.rule, clusters.cuts.index.tolist()) == ("louvain", [2])
    assert np.isnan(clusters.silhouette)
    assert clusters.order == names.tolist()
    table.iloc[6, :6] = table.iloc[:6, 6] = NAN
    alone = cam.cluster(table, method="louvain").unplaced
    assert alone.tolist() == ["nothing to compare with any actor"]


def test_louvain_has_a_silhouette_where_agreement_is_a_distance():
    table = blocks(3, 2, inside=0.9, outside=0.1)
    clusters = cam.cluster(table, method="louvain")
    distance = distances_by_hand(table, table.index.tolist())
    labels = clusters.labels.to_numpy(dtype=int)
    expected = silhouette_score(distance, labels, metric="precomputed")
    assert clusters.silhouette == pytest.approx(expected)


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
        cam.cluster(table, 2)


def test_choices_that_do_not_exist_are_refused():
    table = square([[0.5], [0.2, 0.3]])
    with pytest.raises(ValueError, match=r"`method` must be one of \['average', .*'ward' was"):
        cam.cluster(table, 2, method="ward")
    with pytest.raises(ValueError, match="not for louvain, which finds its own number"):
        cam.cluster(table, method="louvain", n_clusters=2)
    with pytest.raises(TypeError, match="a DataFrame of it, got ndarray"):
        cam.cluster(np.eye(3), 2)


@pytest.mark.parametrize("measure", ["s", "pi", "kappa"])
@SETTINGS
@given(table=positions(least=2))
def test_a_measure_from_minus_one_is_clustered_only_if_rescaled(measure, table):
    agreement = cam.agreement(table, measure)
    with pytest.raises(ValueError, match=r"agreement\.rescaled\(\)"):
        cam.cluster(agreement, 1)
    assert cam.cluster(agreement.rescaled(), 1).agreement.is_rescaled


# the result


def test_the_result_in_words():
    table = square(
        [[0.9], [0.1, 0.1], [0.0, 0.2, 0.1], [NAN, NAN, NAN, NAN]],
        ["Ana", "Zoe & Co", "Beto", "Caio", "<b>Luz"],
    )
    clusters = cam.cluster(table, 3)
    assert repr(clusters).splitlines() == [
        f"3 clusters of 4 actors (average linkage, silhouette {clusters.silhouette:.2f})",
        "of agreement by agreement: a table of your own",
        "1: Ana, Zoe & Co",
        "2: Beto (a singleton)",
        "3: Caio (a singleton)",
        "unplaced: <b>Luz (nothing to compare with any actor)",
    ]
    html = clusters._repr_html_()
    assert "Zoe &amp; Co" in html
    assert "<b>Luz" not in html


def test_the_table_of_a_result_has_a_row_for_every_actor(meeting):
    tally = meeting.tally("code")
    clusters = cam.cluster(cam.agreement(tally), 5)
    frame = clusters.frame
    assert frame.index.tolist() == list(tally.actors)
    assert frame["cluster"].equals(clusters.labels)
    assert frame["statements"].tolist() == tally.statements.tolist()
    assert frame.at["Bolivia", "unplaced"] == "nothing to compare with any actor"
    assert frame["unplaced"].drop("Bolivia").eq("").all()
    own = cam.cluster(cam.agreement(tally).frame, 5)
    assert own.frame["statements"].isna().all()


@SETTINGS
@given(table=agreements(ties=True), method=METHODS, data=st.data())
def test_charts_draw_cluster_after_cluster_with_the_unplaced_last(table, method, data):
    number = data.draw(st.sampled_from(cam.cluster(table, 1, method).cuts.index.tolist()))
    clusters = cam.cluster(table, max(number, 1), method)
    assert sorted(clusters.order) == sorted(table.index)
    numbers = clusters.labels[clusters.order].dropna().to_list()
    assert sum(a != b for a, b in pairwise(numbers)) == max(clusters.n_clusters - 1, 0)
    if clusters.placed:
        drawn = [clusters.placed[leaf] for leaf in hierarchy.leaves_list(clusters.tree)]
        assert clusters.order == drawn + clusters.unplaced.index.tolist()


def test_clusters_of_the_bundled_meeting(meeting):
    dimension = cam.cluster(cam.agreement(meeting.tally()))
    assert dimension.members == {
        1: [
            *"Colombia,United States,Chile,Brazil,Costa Rica,Guatemala".split(","),
            "Dominican Republic",
        ],
        2: "Canada,El Salvador,Mexico,Paraguay,Peru,Uruguay".split(","),
    }
    assert dimension.unplaced.to_dict() == {"Bolivia": "nothing to compare with any actor"}
    assert "no clearer than in random tables" in dimension.summary
    code = cam.cluster(cam.agreement(meeting.tally("code")), 5)
    assert code.members == {
        1: ["Colombia", "Chile", "Brazil", "El Salvador", "Paraguay"],
        2: ["United States", "Guatemala"],
        3: ["Costa Rica", "Dominican Republic"],
        4: ["Canada", "Mexico"],
        5: ["Peru", "Uruguay"],
    }
