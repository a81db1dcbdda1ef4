"""The multiverse: cores, swing actors, and which choices matter."""

from itertools import combinations, product

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import adjusted_rand_score

import camdata as cam
from camdata.analysis.specifications import CHOICES


@pytest.fixture(scope="module")
def meeting():
    return cam.load_meeting()


@pytest.fixture(scope="module")
def universe(meeting):
    return cam.multiverse(meeting)


def blocks():
    """Make a meeting of two camps on separate codes, and one actor with a position in both."""
    rows = [(actor, code) for actor in "ABC" for code in ("p", "q", "r")]
    rows += [(actor, code) for actor in "DEF" for code in ("x", "y", "z")]
    rows += [("G", "p"), ("G", "q"), ("G", "x"), ("G", "y")]
    return cam.Meeting(pd.DataFrame(rows, columns=["actor", "code"]))


def test_every_combination_is_made_or_said_to_be_skipped(meeting, universe):
    coders = ["camdata", "definitions_only", "full_codebook"]
    options = [["dimension", "code"], ["all", "explicit"], coders]
    options += [["jaccard", "dice", "cosine", "overlap"], ["average", "complete"]]
    every = set(product(*options))
    made = set(universe.specifications[list(CHOICES)].itertuples(index=False, name=None))
    skipped = set(universe.skipped[list(CHOICES)].itertuples(index=False, name=None))
    assert made | skipped == every
    assert not made & skipped
    assert universe.skipped["reason"].str.contains("cannot be cut into 2 clusters").all()


def test_a_specification_is_what_the_public_functions_give(meeting, universe):
    for number in (0, 7, 19, len(universe.specifications) - 1):
        row = universe.specifications.loc[number]
        part = meeting.select(coder=row["coder"])
        if row["basis"] == "explicit":
            part = part.select(basis="explicit")
        agreement = cam.agreement(part.tally(row["by"]), row["measure"])
        clusters = cam.cluster(agreement, 2, row["method"])
        assert clusters.silhouette == row["silhouette"]
        found = universe.labels[number].dropna()
        expected = clusters.labels.dropna()
        assert found.index.tolist() == expected.index.tolist()
        assert adjusted_rand_score(found, expected) == 1


def test_together_counts_the_specifications_that_place_both(universe):
    labels, together = universe.labels, universe.together
    for a, b in combinations(labels.index, 2):
        both = labels.loc[[a, b]].dropna(axis="columns")
        share = (both.loc[a] == both.loc[b]).mean() if both.shape[1] else np.nan
        assert together.at[a, b] == pytest.approx(share, nan_ok=True)
        assert together.at[b, a] == pytest.approx(share, nan_ok=True)


def test_the_cores_of_the_bundled_meeting(universe):
    assert universe.n_clusters == 2
    assert universe.cores == (
        ("United States", "Costa Rica", "Guatemala", "Dominican Republic"),
        ("Canada", "Mexico", "Peru", "Uruguay"),
        ("Chile", "Brazil"),
    )
    assert universe.swing["actor"].tolist() == ["Colombia", "El Salvador", "Paraguay"]
    assert universe.unplaced == ["Bolivia"]


def test_cores_and_swing_actors_are_everybody_who_is_placed(universe):
    named = [actor for core in universe.cores for actor in core]
    named += universe.swing["actor"].tolist() + universe.unplaced
    assert sorted(named) == sorted(universe.labels.index)
    frame = universe.frame
    for number, core in enumerate(universe.cores, 1):
        assert frame.index[(frame["core"] == number).fillna(False)].tolist() == list(core)


@pytest.mark.parametrize("threshold", [1.0, 0.8, 0.5])
def test_any_two_members_of_a_core_are_together_often_enough(meeting, threshold):
    universe = cam.multiverse(meeting, coder="camdata", threshold=threshold)
    together = universe.together
    for core in universe.cores:
        for a, b in combinations(core, 2):
            assert together.at[a, b] >= threshold - 1e-9
    for a, b in product(*universe.cores[:2]):
        assert together.at[a, b] < 1


def test_the_swing_says_how_often_with_which_core(universe):
    together = universe.together
    for row in universe.swing.to_dict("records"):
        for number, core in enumerate(universe.cores, 1):
            assert row[number] == pytest.approx(together.loc[row["actor"], list(core)].mean())


def test_influence_compares_specifications_that_differ_in_one_choice_alone(universe):
    frame, labels = universe.specifications, universe.labels
    for choice, row in universe.influence.iterrows():
        others = [name for name in CHOICES if name != choice]
        found = []
        for a, b in combinations(frame.index, 2):
            if (frame.loc[a, others] == frame.loc[b, others]).all():
                both = labels[[a, b]].dropna()
                found.append(adjusted_rand_score(both[a], both[b]))
        assert row["pairs"] == len(found)
        assert row["adjusted_rand"] == pytest.approx(np.mean(found))
        assert row["lowest"] == pytest.approx(min(found))
    assert universe.influence["adjusted_rand"].is_monotonic_increasing
    assert "method" not in universe.influence.index  # complete linkage cannot make the number


def test_two_camps_are_cores_and_who_is_in_both_swings():
    universe = cam.multiverse(blocks(), n_clusters=2, methods="average")
    for camp in ({"A", "B", "C"}, {"D", "E", "F"}):
        assert any(camp <= set(core) for core in universe.cores)
    assert universe.specifications["by"].unique().tolist() == ["code"]
    assert universe.specifications["basis"].unique().tolist() == ["all"]
    assert universe.specifications["coder"].unique().tolist() == [""]


def test_a_given_number_is_held_and_chosen_numbers_vary(meeting):
    held = cam.multiverse(meeting, coder="camdata", n_clusters=3)
    assert (held.specifications["n_clusters"] == 3).all()
    chosen = cam.multiverse(
        meeting, coder="camdata", measures="jaccard", n_clusters="chosen", n_resamples=9
    )
    assert chosen.n_clusters is None
    assert len(chosen.specifications) == 8
    assert chosen.skipped.empty
    assert len(set(chosen.specifications["n_clusters"])) > 1
    assert "its own number of clusters" in chosen.summary


def test_the_verdict_is_three_lines_from_the_results(universe):
    together, swing, sure = universe.verdict.splitlines()
    for core in universe.cores:
        assert ", ".join(core) in together
    assert f"{len(universe.specifications)} specifications" in together
    for actor in universe.swing["actor"]:
        assert actor in swing
    assert "Bolivia" in swing
    assert universe.reference.choice.verdict in sure
    assert f"{universe.reference.n_clusters} clusters" in sure


def test_the_summary_names_the_choice_that_matters_most(universe):
    assert universe.influence.index[0] == "basis"
    assert "what matters most is whether positions by reference count" in universe.summary
    assert f"{len(universe.skipped)} could not be made" in universe.summary
    assert repr(universe) == universe.summary


def test_choices_that_change_nothing_are_said_to():
    rows = [(actor, code) for group, codes in (("AB", "xy"), ("CD", "zw"))
            for actor in group for code in codes]  # fmt: skip
    same = cam.multiverse(cam.Meeting(pd.DataFrame(rows, columns=["actor", "code"])), n_clusters=2)
    assert len(same.influence)
    assert (same.influence["lowest"] == 1).all()
    assert same.summary.endswith("none of these choices changes anything")


def test_the_reference_is_the_first_specification(meeting, universe):
    assert universe.reference.agreement.tally.by == "dimension"
    assert universe.reference.rule == "gap"
    own = cam.cluster(cam.agreement(meeting.tally()))
    pd.testing.assert_series_equal(universe.reference.labels, own.labels)
    by_code = cam.multiverse(meeting, by=["code", "dimension"], coder="camdata")
    assert by_code.reference.agreement.tally.by == "code"


def test_labels_do_not_depend_on_the_order_of_statements(meeting):
    shuffled = meeting.replace(statements=meeting.statements.sample(frac=1, random_state=3))
    one, other = (
        cam.multiverse(each, coder="camdata", measures="jaccard") for each in (meeting, shuffled)
    )
    pd.testing.assert_frame_equal(one.labels, other.labels)
    assert one.cores == other.cores


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"by": "codes"}, "`by`"),
        ({"coder": "nobody"}, "`coder`"),
        ({"measures": "kappa"}, "`measures`"),
        ({"methods": ["louvain"]}, "`methods`"),
        ({"threshold": 1.5}, "`threshold`"),
        ({"n_clusters": 0}, "`n_clusters`"),
        ({"n_clusters": "some"}, "`n_clusters`"),
        ({"n_clusters": 99}, "None of"),
    ],
)
def test_wrong_choices_are_named(meeting, wrong, message):
    with pytest.raises(ValueError, match=message):
        cam.multiverse(meeting, **wrong)
