"""Labelings: read, numbered, aligned with one another and compared."""

import re
from collections import Counter
from itertools import combinations, permutations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import adjusted_rand_score

import camdata as cam
from camdata.analysis.labels import (
    adjusted_rand,
    align_labels,
    as_labels,
    compare_clusters,
    members,
    number_clusters,
)

QUICK = settings(deadline=None)


def whole(values):
    return np.array(values, dtype=np.int64)


def labels_of(values, actors="ABCDEFGHIJKLMNOP"):
    """Label actors by letter; None is unplaced."""
    return pd.Series(values, list(actors[: len(values)]), dtype="Int64")


def partition(labels):
    """Return a labeling as a set of sets of placed actors, whatever the numbers."""
    return {frozenset(group) for group in members(labels).values()}


def overlap(labels, reference):
    """Count the actors with the same number in both."""
    return sum(
        bool(labels[actor] == reference[actor])
        for actor in labels.dropna().index.intersection(reference.dropna().index)
    )


def pairs_of_labelings(max_size=14, labels=4):
    one = st.integers(0, labels)
    both = st.lists(st.tuples(one, one), min_size=2, max_size=max_size)
    return both.map(lambda rows: (whole([a for a, _ in rows]), whole([b for _, b in rows])))


# the adjusted Rand index


def counted_by_pairs(a, b):
    """Compute the adjusted Rand index from every pair of actors (Hubert & Arabie, eq. 5)."""
    pairs = list(combinations(range(len(a)), 2))
    in_a = [a[i] == a[j] for i, j in pairs]
    in_b = [b[i] == b[j] for i, j in pairs]
    index = sum(x and y for x, y in zip(in_a, in_b, strict=True))
    expected = sum(in_a) * sum(in_b) / len(pairs)
    largest = (sum(in_a) + sum(in_b)) / 2
    return 1.0 if largest == expected else (index - expected) / (largest - expected)


@QUICK
@given(pairs_of_labelings())
def test_adjusted_rand_is_that_of_scikit_learn(labelings):
    a, b = labelings
    assert adjusted_rand(a, b) == pytest.approx(adjusted_rand_score(a, b), abs=1e-12)


@QUICK
@given(pairs_of_labelings())
def test_adjusted_rand_is_what_counting_pairs_gives(labelings):
    a, b = labelings
    assert adjusted_rand(a, b) == pytest.approx(counted_by_pairs(a, b), abs=1e-12)


@QUICK
@given(pairs_of_labelings(), st.permutations(range(5)))
def test_adjusted_rand_is_symmetric_and_blind_to_the_numbers(labelings, names):
    a, b = labelings
    assert adjusted_rand(a, b) == pytest.approx(adjusted_rand(b, a), abs=1e-12)
    renamed = whole(names)[a]
    assert adjusted_rand(renamed, b) == pytest.approx(adjusted_rand(a, b), abs=1e-12)
    assert adjusted_rand(renamed, a) == 1


@pytest.mark.parametrize(
    ("a", "b", "published"),
    [
        # the examples in the documentation of sklearn.metrics.adjusted_rand_score
        ([0, 0, 1, 1], [1, 1, 0, 0], 1.0),
        ([0, 0, 1, 2], [0, 0, 1, 1], 0.57),
        ([0, 0, 1, 1], [0, 0, 1, 2], 0.57),
        ([0, 0, 0, 0], [0, 1, 2, 3], 0.0),
        ([0, 0, 1, 1], [0, 1, 0, 1], -0.5),
    ],
)
def test_adjusted_rand_repeats_the_examples_of_scikit_learn(a, b, published):
    assert round(adjusted_rand(whole(a), whole(b)), 2) == published


def test_adjusted_rand_repeats_the_example_of_yeung_and_ruzzo():
    # Yeung & Ruzzo 2001, "Details of the adjusted Rand index and clustering algorithms", a
    # supplement to doi:10.1093/bioinformatics/17.9.763: ten objects, adjusted Rand 0.313
    classes = whole([1, 1, 2, 2, 2, 2, 3, 3, 3, 3])
    clusters = whole([1, 2, 1, 2, 2, 3, 3, 3, 3, 3])
    assert round(adjusted_rand(classes, clusters), 3) == 0.313


@pytest.mark.parametrize("same", [[1, 1, 1, 1], [1, 2, 3, 4]])
def test_partitions_that_leave_nothing_to_chance_are_the_same(same):
    assert adjusted_rand(whole(same), whole(same) + 5) == 1


@pytest.mark.parametrize("few", [[], [1]])
def test_fewer_than_two_actors_have_no_adjusted_rand(few):
    assert np.isnan(adjusted_rand(whole(few), whole(few)))


def test_adjusted_rand_averages_zero_over_all_relabelings():
    a, b = whole([1, 1, 1, 2, 2, 3]), [1, 1, 2, 2, 2, 3]
    values = [adjusted_rand(a, whole(drawn)) for drawn in permutations(b)]
    assert np.mean(values) == pytest.approx(0, abs=1e-12)


# numbering


@QUICK
@given(st.lists(st.integers(0, 4), min_size=1, max_size=12), st.randoms(use_true_random=False))
def test_clusters_are_numbered_by_size_and_then_by_first_speaker(drawn, random):
    group = np.unique(drawn, return_inverse=True)[1].astype(np.int64)
    speaking = list(range(len(group)))
    random.shuffle(speaking)
    inside = {
        g: [s for h, s in zip(group, speaking, strict=True) if h == g] for g in group.tolist()
    }
    ranked = sorted(inside, key=lambda g: (-len(inside[g]), min(inside[g])))
    expected = [ranked.index(g) + 1 for g in group.tolist()]
    assert number_clusters(group, whole(speaking)).tolist() == expected


def test_the_first_speaker_decides_between_clusters_of_one_size():
    group, speaking = whole([0, 0, 1, 1, 2]), whole([3, 4, 2, 5, 0])
    assert number_clusters(group, speaking).tolist() == [2, 2, 1, 1, 3]


def test_no_clusters_need_no_numbers():
    assert number_clusters(whole([]), whole([])).tolist() == []


def test_members_are_listed_by_ascending_label():
    labels = pd.Series([2, None, 1, 2], ["D", "C", "B", "A"], dtype="Int64")
    assert members(labels) == {1: ["B"], 2: ["D", "A"]}
    assert list(members(labels)) == [1, 2]


# reading labelings


def test_labels_of_clusters_are_taken_as_they_are(meeting):
    clusters = cam.cluster(cam.agreement(meeting.tally()), n_clusters=8)
    pd.testing.assert_series_equal(as_labels(clusters), clusters.labels)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"A": "north", "B": "east", "C": "north"}, [2, 1, 2]),
        ({"A": "north", "B": None, "C": "east"}, [2, None, 1]),
        ({"A": 3, "B": 1, "C": 3}, [3, 1, 3]),
        ({"A": 3, "B": None, "C": 7}, [3, None, 7]),
        ({"A": 3, "B": pd.NA, "C": 7}, [3, None, 7]),
        ({"A": 3.0, "B": np.nan, "C": 1.0}, [3, None, 1]),
        ({"A": 2.5, "B": np.nan, "C": 0.5}, [2, None, 1]),
        ({"A": True, "B": False, "C": True}, [2, 1, 2]),
        ({"A": None, "B": None, "C": None}, [None, None, None]),
    ],
)
@pytest.mark.parametrize("kind", [dict, pd.Series])
def test_plain_labels_are_read(given, expected, kind):
    labels = as_labels(kind(given))
    pd.testing.assert_series_equal(labels, labels_of(expected), check_names=False)


@pytest.mark.parametrize("dtype", ["uint8", "int32", "Int64", "float32", "object", "category"])
def test_whole_numbers_of_any_dtype_are_kept(dtype):
    labels = as_labels(pd.Series([4, 2], ["A", "B"], dtype=dtype))
    pd.testing.assert_series_equal(labels, labels_of([4, 2]))


def test_categories_are_numbered_in_their_order_without_the_unused_ones():
    kinds = pd.CategoricalDtype(["absent", "left", "centre", "right"])
    labels = as_labels(pd.Series(["right", "left", None, "centre"], list("ABCD"), dtype=kinds))
    pd.testing.assert_series_equal(labels, labels_of([3, 1, None, 2]))


def test_more_labels_than_fit_one_byte_keep_apart():
    names = [f"{i:03}" for i in range(300)]
    labels = as_labels(pd.Series(names, names))
    assert labels.tolist() == list(range(1, 301))


def test_no_labels_are_an_empty_labeling():
    labels = as_labels({})
    assert (len(labels), str(labels.dtype)) == (0, "Int64")


def test_an_actor_with_two_labels_is_an_error():
    with pytest.raises(ValueError, match=r"Each actor must be there once.*again: A"):
        as_labels(pd.Series([1, 2, 1], ["A", "B", "A"]))


@pytest.mark.parametrize("labels", [{0: 1, 1: 2}, {0.0: 1, 1.0: 2}, pd.Series([1, 2])])
def test_actors_are_told_apart_by_their_names_as_text(labels):
    assert as_labels(labels).to_dict() == {"0": 1, "1": 2}
    with pytest.raises(ValueError, match=r"Each actor must be there once.*again: 1"):
        as_labels({1: 1, "1": 2})
    with pytest.raises(ValueError, match="Each actor must have a name"):
        as_labels({None: 1})


def test_labels_of_several_kinds_have_no_order():
    with pytest.raises(ValueError, match=r"Labels must be of one kind .* but are int, str"):
        as_labels({"A": 1, "B": "x"})


@pytest.mark.parametrize("thing", [None, 3, "A", [1, 2], np.array([1]), pd.DataFrame({"A": [1]})])
def test_what_is_no_labeling_is_refused(thing):
    with pytest.raises(TypeError, match=f"labels by actor .*, got {type(thing).__name__}"):
        as_labels(thing)


# aligning


def most_shared(labels, reference):
    """Count the shared actors under the best matching of two labelings, by trying all."""
    both = labels.dropna().index.intersection(reference.dropna().index)
    shared = Counter(zip(labels[both], reference[both], strict=True))
    names, targets = sorted(set(labels.dropna())), sorted(set(reference.dropna()))
    nobody = [None] * len(names)
    return max(
        sum(shared[pair] for pair in zip(names, chosen, strict=True))
        for chosen in permutations([*targets, *nobody], len(names))
    )


few_labels = st.lists(
    st.tuples(
        st.one_of(st.none(), st.integers(1, 3)), st.one_of(st.none(), st.sampled_from([1, 2, 4]))
    ),
    min_size=1,
    max_size=9,
)


@QUICK
@given(few_labels)
def test_aligning_is_optimal_and_keeps_the_partition(rows):
    labels = labels_of([a for a, _ in rows])
    reference = labels_of([b for _, b in rows])
    aligned = align_labels(labels, reference)
    assert overlap(aligned, reference) == most_shared(labels, reference)
    assert partition(aligned) == partition(labels)
    assert aligned.index.equals(labels.index)
    assert (aligned.isna() == labels.isna()).all()
    assert str(aligned.dtype) == "Int64"


@QUICK
@given(few_labels)
def test_what_is_left_over_is_numbered_after_the_largest_in_use(rows):
    labels = labels_of([a for a, _ in rows])
    reference = labels_of([b for _, b in rows])
    used = set(reference.dropna())
    new = sorted(set(align_labels(labels, reference).dropna()) - used)
    after = max(used, default=0)
    assert new == list(range(after + 1, after + 1 + len(new)))


@QUICK
@given(
    st.lists(st.one_of(st.none(), st.integers(1, 5)), min_size=1, max_size=14),
    st.permutations(range(1, 6)),
)
def test_a_renumbered_labeling_aligns_back_to_itself(values, names):
    labels = labels_of(values)
    renumbered = labels_of([None if v is None else names[v - 1] for v in values])
    pd.testing.assert_series_equal(align_labels(renumbered, labels), labels)


def test_a_cluster_that_ties_takes_the_smaller_number():
    assert align_labels(labels_of([7, 7]), labels_of([1, 2])).tolist() == [1, 1]


def test_clusters_without_a_shared_actor_are_not_matched():
    labels, reference = labels_of([1, 1, 2, None]), labels_of([1, 1, None, 2])
    assert align_labels(labels, reference).tolist() == [1, 1, 3, pd.NA]


def test_aligning_with_nobody_or_of_nobody():
    nobody = labels_of([None, None])
    assert align_labels(nobody, labels_of([1, 2])).isna().all()
    assert align_labels(labels_of([2, 1]), nobody).nunique() == 2


# comparing


@pytest.fixture
def three():
    """Give a labeling, the same with other numbers and a move, and one that loses an actor."""
    return compare_clusters(
        {
            "first": {"A": 1, "B": 1, "C": 1, "D": 2, "E": 2},
            "moved": pd.Series({"A": 5, "B": 5, "C": 9, "D": 9, "E": 9}),
            "lost": {"A": "x", "B": "x", "C": "x", "D": "w", "E": None},
        }
    )


def test_compared_labels_are_matched_with_the_first(three):
    assert three.labels.index.tolist() == list("ABCDE")
    assert three.labels.index.name == "actor"
    assert three.labels["first"].tolist() == [1, 1, 1, 2, 2]
    assert three.labels["moved"].tolist() == [1, 1, 2, 2, 2]
    assert three.labels["lost"].tolist() == [1, 1, 1, 2, pd.NA]
    assert (three.labels.dtypes == "Int64").all()


def test_rand_is_symmetric_with_one_on_the_diagonal(three):
    rand = three.rand
    assert rand.index.tolist() == rand.columns.tolist() == ["first", "moved", "lost"]
    pd.testing.assert_frame_equal(rand, rand.T)
    assert (np.diag(rand) == 1).all()
    assert rand.at["first", "lost"] == 1  # over the four that both place
    expected = adjusted_rand_score([1, 1, 1, 2, 2], [1, 1, 2, 2, 2])
    assert rand.at["first", "moved"] == pytest.approx(expected)
    expected = adjusted_rand_score([1, 1, 2, 2], [1, 1, 1, 2])
    assert rand.at["moved", "lost"] == pytest.approx(expected)


def test_who_differs_from_the_first(three):
    expected = pd.DataFrame(
        {
            "labeling": ["moved", "lost"],
            "actor": ["C", "E"],
            "before": pd.array([1, 2], dtype="Int64"),
            "after": pd.array([2, None], dtype="Int64"),
        }
    )
    pd.testing.assert_frame_equal(three.differ, expected)


def test_the_summary_says_who_moved_and_who_is_lost(three):
    rand = adjusted_rand_score([1, 1, 1, 2, 2], [1, 1, 2, 2, 2])
    assert three.summary.splitlines() == [
        f"moved against first: adjusted Rand {rand:.2f}; differ: C",
        "lost against first: adjusted Rand 1.00; nobody differs; no longer placed: E",
    ]
    assert repr(three) == three.summary


def test_in_html_an_unplaced_actor_has_a_dot(three):
    html = three._repr_html_()
    assert html.count("<table") == 2
    assert all(f">{name}</th>" in html for name in ("first", "moved", "lost"))
    assert ">·</td>" in html
    assert "NA" not in html


def test_an_actor_that_one_labeling_newly_places_differs():
    result = compare_clusters({"first": {"A": 1, "B": None}, "second": {"A": 1, "B": 1}})
    assert result.differ[["actor", "after"]].to_numpy().tolist() == [["B", 1]]
    assert result.differ["before"].isna().all()
    assert result.summary == "second against first: adjusted Rand not defined; differ: B"
    assert np.isnan(result.rand.at["first", "second"])


def test_labelings_over_different_actors_are_compared_where_both_place():
    result = compare_clusters({"first": {"B": 1, "A": 1, "C": 2}, "second": {"D": 3, "A": 4}})
    assert result.labels.index.tolist() == ["B", "A", "C", "D"]
    assert result.labels["first"].tolist() == [1, 1, 2, pd.NA]
    assert result.labels["second"].tolist() == [pd.NA, 1, pd.NA, 3]
    assert np.isnan(result.rand.at["first", "second"])
    assert result.rand.at["second", "second"] == 1
    assert result.differ.empty  # who is only in one of them is absent, and does not differ
    assert dict(result.absent) == {"first": ("D",), "second": ("B", "C")}
    assert result.summary.endswith("nobody differs; absent: B, C; only there: D")


def test_an_actor_that_only_a_third_labeling_has_is_not_said_of_the_second():
    result = compare_clusters({"first": {"A": 1}, "second": {"A": 1}, "third": {"A": 1, "B": 1}})
    second, third = result.summary.splitlines()
    assert second.endswith("nobody differs")
    assert third.endswith("nobody differs; only there: B")


def test_clusters_series_and_mappings_compare_alike(meeting):
    agreement = cam.agreement(meeting.tally())
    average, complete = (cam.cluster(agreement, 3, method) for method in ("average", "complete"))
    given = compare_clusters({"average": average, "complete": complete})
    plain = compare_clusters(
        {"average": average.labels, "complete": complete.labels.astype(object).to_dict()}
    )
    for name in ("labels", "rand", "differ"):
        pd.testing.assert_frame_equal(getattr(given, name), getattr(plain, name))


def test_without_the_basis_by_reference_who_differs_in_the_bundled_meeting(meeting):
    every = cam.cluster(cam.agreement(meeting.tally()), n_clusters=8)
    explicit = cam.cluster(cam.agreement(meeting.select(basis="explicit").tally()), n_clusters=6)
    result = compare_clusters({"both": every, "explicit": explicit})
    assert result.labels.loc["Bolivia"].isna().all()
    assert "Bolivia" not in result.differ["actor"].tolist()
    placed = every.labels.notna() & explicit.labels.notna()
    expected = adjusted_rand_score(every.labels[placed], explicit.labels[placed])
    assert result.rand.at["both", "explicit"] == pytest.approx(expected)
    aligned = result.labels["explicit"]
    assert partition(aligned) == partition(explicit.labels)
    unequal = aligned[placed] != every.labels[placed]
    listed = result.differ.dropna(subset=["after"])
    assert listed["actor"].tolist() == unequal.index[unequal].tolist()


def test_an_actor_that_falls_silent_is_newly_unplaced(meeting):
    every = cam.cluster(cam.agreement(meeting.tally()), n_clusters=8)
    silent = meeting.statements.query("actor != 'Mexico'")
    without = cam.cluster(cam.agreement(meeting.replace(statements=silent).tally()), n_clusters=7)
    result = compare_clusters({"all": every, "without": without})
    lost = result.differ[result.differ["after"].isna()]
    assert lost["actor"].tolist() == ["Mexico"]
    assert lost["before"].tolist() == [every.labels["Mexico"]]
    assert re.search(r"no longer placed: Mexico$", result.summary)


def test_one_labeling_is_compared_with_itself_only():
    result = compare_clusters({"only": {"A": 1, "B": 2}})
    assert result.rand.to_numpy().tolist() == [[1]]
    assert result.differ.columns.tolist() == ["labeling", "actor", "before", "after"]
    assert len(result.differ) == 0
    assert repr(result) == "one labeling: only"


def test_who_differs_has_the_same_dtypes_when_nobody_does():
    same = {"A": 1, "B": 2}
    for labelings in ({"a": same}, {"a": same, "b": same}):
        differ = compare_clusters(labelings).differ
        assert len(differ) == 0
        assert differ[["before", "after"]].dtypes.astype(str).tolist() == ["Int64", "Int64"]


def test_nothing_to_compare_is_an_error():
    with pytest.raises(ValueError, match="At least one labeling"):
        compare_clusters({})


@pytest.mark.parametrize("thing", [None, [{"A": 1}], pd.DataFrame({"a": [1]})])
def test_labelings_are_compared_by_their_names(thing):
    with pytest.raises(TypeError, match="`labelings` must be a mapping of names to labelings"):
        compare_clusters(thing)


def test_the_names_of_labelings_are_text():
    result = compare_clusters({1: {"A": 1, "B": 2}, 2: {"A": 1, "B": 1}})
    assert result.labels.columns.tolist() == ["1", "2"]
    assert result.summary.startswith("2 against 1: ")
    with pytest.raises(ValueError, match=r"Each labeling must be there once.*again: 1"):
        compare_clusters({1: {"A": 1}, "1": {"A": 1}})
