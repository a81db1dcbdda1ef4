"""Models beside coders: references, the alternative test, other codings' results, stability."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from coded import coded, coding, rated
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.stats import false_discovery_control, ttest_1samp
from sklearn.metrics import adjusted_rand_score, precision_recall_fscore_support

import camdata as cam

SCORES = ["precision", "recall", "f1"]
GOLD = coding("gold", [("A", "tax"), ("B", "tax"), ("C", "quota", -1), ("D", "quota")])
MACHINE = coding("machine", [("A", "tax"), ("B", "quota"), ("C", "quota", 1), ("D", "quota")])


def overall(found):
    return found.table.xs(("all", "all"), level=("level", "of"))


# against a reference


def test_by_hand():
    found = cam.analysis.against_reference(coded(GOLD, MACHINE), "gold")
    row = overall(found).loc["machine"]
    assert row[["reference", "recorded", "right"]].tolist() == [4, 4, 2]
    assert row[SCORES].tolist() == [0.5, 0.5, 0.5]
    tax = found.table.loc[("machine", "code", "tax"), SCORES]
    assert tax.tolist() == pytest.approx([1, 1 / 2, 2 / 3])
    rows = found.errors
    assert list(rows) == ["coder", "actor", "code", "stance", "error", "quote"]
    # a position of the other stance is missed and added
    assert sorted(rows[["actor", "code", "stance", "error"]].to_numpy().tolist(), key=str) == [
        ["B", "quota", 1, "added"],
        ["B", "tax", 1, "missed"],
        ["C", "quota", -1, "missed"],
        ["C", "quota", 1, "added"],
    ]
    assert "precision 0.50, recall 0.50, F1 0.50; 2 right of 4 recorded, 4" in found.summary


cells = st.lists(
    st.tuples(st.sampled_from("ABC"), st.sampled_from(["tax", "quota"]), st.sampled_from([1, -1])),
    min_size=1,
    unique=True,
)


@given(cells, cells)
@settings(deadline=None)
def test_against_scikit_learn(first, second):
    meeting = coded(coding("gold", first), coding("machine", second))
    found = overall(cam.analysis.against_reference(meeting, "gold", read="everything")).loc[
        "machine"
    ]
    every = sorted({*first, *second})
    truth, said = ([cell in own for cell in every] for own in (set(first), set(second)))
    expected = precision_recall_fscore_support(truth, said, average="binary", zero_division=0)
    assert found[SCORES].tolist() == pytest.approx(expected[:3])


def test_intervals_of_scores_are_jackknifed_over_actors():
    cells = [(f"actor {i}", code) for i in range(8) for code in ("tax", "quota")]
    meeting = coded(coding("gold", cells[:-2]), coding("machine", cells[2:-5] + cells[-2:]))
    row = overall(cam.analysis.against_reference(meeting, "gold", read="everything")).loc["machine"]
    right = {f"actor {i}": 2 * (i in range(1, 5)) + (i == 5) for i in range(7)}
    logits = []
    for one in right:
        share = sum(n for who, n in right.items() if who != one) / 12
        logits.append(np.log(share / (1 - share)))
    middle = np.log(row["recall"] / (1 - row["recall"]))
    wide = 2.446912 * np.sqrt(6 / 7 * ((logits - np.mean(logits)) ** 2).sum())
    low, high = (1 / (1 + np.exp(-middle - side)) for side in (-wide, wide))
    assert row[["recall_low", "recall_high"]].tolist() == pytest.approx([low, high], abs=1e-6)
    # one actor has all the positions that were added
    assert np.isnan(row["precision_low"])


def test_what_is_measured():
    rows = coded(coding("gold", [("A", "tax")]), coding("machine", [("A", "tax")]))
    row = cam.analysis.against_reference(rows, "gold").table.loc[("machine", "code", "quota")]
    assert row[["reference", "recorded", "right"]].tolist() == [0, 0, 0]
    assert row[SCORES].isna().all()
    part = MACHINE[MACHINE["actor"].isin(["A", "B"])]
    other = coding("other", [("D", "quota")])
    meeting = coded(GOLD, GOLD, part, other)  # a position counts once
    found = cam.analysis.against_reference(meeting, "gold")
    counts = overall(found)[["reference", "recorded"]]
    assert counts.to_numpy().tolist() == [[2, 2], [1, 1]]
    every = cam.analysis.against_reference(meeting, "gold", coder="machine", read="everything")
    assert overall(every)[["reference", "recorded"]].to_numpy().tolist() == [[4, 2]]
    apart = [t.assign(document=name) for name in ("1", "2") for t in (GOLD, MACHINE)]
    found = cam.analysis.against_reference(coded(*apart), "gold")
    assert overall(found).loc["machine", "reference"] == 8
    assert set(found.errors["document"]) == {"1", "2"}


def test_the_recodings_of_the_bundled_meeting(meeting):
    found = cam.analysis.against_reference(meeting, "camdata")
    # what was added after the comparison is no reference
    counts = overall(found)[["reference", "recorded", "right"]]
    assert counts.loc["definitions_only"].tolist() == [52, 53, 49]
    assert counts.loc["full_codebook"].tolist() == [52, 54, 52]
    for level in ("dimension", "code"):
        part = found.frame.xs(level, level="level")[list(counts)].groupby("coder").sum()
        assert_frame_equal(part, counts)
    assert (found.errors["quote"] != "").all()


@pytest.mark.parametrize(
    ("reference", "coder", "message"),
    [
        ("golden", None, "`reference`.*'golden'.*did you mean 'gold'"),
        ("gold", "gold", "`coder` must be among"),
        ("gold", "machin", "`coder`.*did you mean 'machine'"),
    ],
)
def test_errors(reference, coder, message):
    with pytest.raises(ValueError, match=message):
        cam.analysis.against_reference(coded(GOLD, MACHINE), reference, coder=coder)


# the alternative annotator test


def by_definition(model, humans, epsilon, score):
    """Run the test of Calderon, Reichart & Dror (2025) with loops and scipy."""
    rates, ps = [], []
    for who, own in enumerate(humans):
        wins = []
        for unit, value in enumerate(own):
            others = [h[unit] for i, h in enumerate(humans) if i != who and h[unit] is not None]
            if value is None or model[unit] is None or not others:
                continue
            a, b = score(model[unit], others), score(value, others)
            wins.append((a >= b, b >= a))
        wins = np.array(wins, dtype=float)
        rates.append(wins.mean(axis=0))
        ps.append(ttest_1samp(wins[:, 1] - wins[:, 0], epsilon, alternative="less").pvalue)
    return np.array(rates), np.array(ps), false_discovery_control(ps, method="by")


@pytest.mark.parametrize("level", ["nominal", "ordinal"])
def test_alternative_test_by_definition(level):
    rng = np.random.default_rng(4)
    truth = rng.integers(1, 6, size=120)

    def noisy(rate, missing):
        values = np.where(rng.random(120) < rate, rng.integers(1, 6, size=120), truth)
        return [int(v) if rng.random() > missing else None for v in values]

    model, humans = noisy(0.2, 0.05), [noisy(0.2, 0.3), noisy(0.3, 0.2), noisy(0.5, 0.1)]
    meeting = rated([model, *humans], range(1, 6))
    scores = {
        "nominal": lambda value, others: np.mean([value == other for other in others]),
        "ordinal": lambda v, others: -np.sqrt(np.mean([(v - other) ** 2 for other in others])),
    }
    names = ["coder 1", "coder 2", "coder 3"]
    found = cam.alternative_test(meeting, "coder 0", names, level=level, epsilon=0.1)
    rates, ps, adjusted = by_definition(model, humans, 0.1, scores[level])
    assert found.table[["model", "human"]].to_numpy() == pytest.approx(rates)
    assert found.table["p_value"].to_numpy() == pytest.approx(ps)
    assert found.table["p_adjusted"].to_numpy() == pytest.approx(adjusted)
    assert found.winning_rate == np.mean(adjusted <= 0.05)
    assert found.advantage == pytest.approx(rates[:, 0].mean())
    may = "may stand in" if found.winning_rate >= 0.5 else "may not stand in"
    assert may in found.summary


def test_alternative_test_by_hand():
    # on four units the model says what the first two humans say, and the third something else
    model, third = [1, 1, 2, 2], [2, 2, 1, 2]
    meeting = rated([model, model, model, third], (1, 2))
    names = ["coder 1", "coder 2", "coder 3"]
    found = cam.alternative_test(meeting, "coder 0", names, level="nominal", min_units=2)
    assert found.table["model"].tolist() == [1, 1, 1]
    # against the first: what both say is equally near to the others; the third loses three of four
    assert found.table["human"].tolist() == [1, 1, 0.25]
    # differences 0, 0, 0, 0 lie below 0.2 without doubt; -1, -1, -1, 0: t = -0.95 / 0.25, 3 degrees
    assert found.table["p_value"].tolist() == pytest.approx([0, 0, 0.016002], abs=1e-6)
    assert found.table["p_adjusted"].tolist() == pytest.approx([0, 0, 0.016002 * 11 / 6], abs=2e-6)
    assert (found.winning_rate, found.advantage) == (1, 1)


def test_silence_on_all_sides_does_not_help_a_model():
    humans = [coding(f"human {i}", [("A", "tax"), ("B", "quota")]) for i in range(3)]
    silent = coding("model", [("A", "tax"), ("A", "quota")])
    meeting = coded(*humans, silent, codes=["tax", "quota", *map(str, range(50))])
    names = [f"human {i}" for i in range(3)]
    found = cam.alternative_test(meeting, "model", names, read="everything", min_units=3)
    assert found.table["units"].tolist() == [3, 3, 3]
    assert found.n_silent == 101
    assert found.table["model"].tolist() == pytest.approx([1 / 3] * 3)
    assert found.winning_rate == 0


def test_alternative_test_needs_three_humans_and_enough_units():
    meeting = rated([[1, 2]] * 5, (1, 2))
    names = [f"coder {i}" for i in range(1, 5)]
    for humans in (names[:2], ["coder 0", *names[:2]]):
        with pytest.raises(ValueError, match="needs three humans"):
            cam.alternative_test(meeting, "coder 0", humans)
    with pytest.raises(ValueError, match=r"30 units each.*nobody"):
        cam.alternative_test(meeting, "coder 0", names)
    meeting = rated([[1, 2, 1], [1, 2, 1], [1, 2, 1], [1, 2, 1], [2, None, None]], (1, 2))
    found = cam.alternative_test(meeting, "coder 0", names, min_units=2)
    assert found.left_out == ("coder 4",)
    assert found.winning_rate == 1


# results from each coding


def planted(coder, blocks, rng, noise=0.05):
    """Return a coding of two blocks of actors on two blocks of codes."""
    cells = [
        (f"actor {i:02d}", f"code {j:02d}")
        for i in range(12)
        for j in range(12)
        if rng.random() < (1 - noise if blocks[i] == (j >= 6) else noise)
    ]
    return coding(coder, cells)


CODES = [f"code {j:02d}" for j in range(12)]


def test_conclusions_that_change_are_named():
    blocks = [i >= 6 for i in range(12)]
    other = [i % 2 == 0 for i in range(12)]
    one, same, third = (
        planted(who, which, np.random.default_rng(2))
        for who, which in (("A", blocks), ("B", blocks), ("C", other))
    )
    found = cam.compare_codings(coded(one, same, codes=CODES), n_resamples=99)
    assert found.changed == []
    assert found.correlation.loc["A", "B"] == pytest.approx(1)
    assert found.clusters.rand.loc["A", "B"] == 1
    assert "none" in found.summary
    assert (
        found.table.loc["A", "structure"]
        == cam.structure(cam.agreement(coded(one, codes=CODES).tally()), 99).p_value
    )
    found = cam.compare_codings(coded(one, third, codes=CODES), n_resamples=99)
    assert "members" in found.changed
    assert found.correlation.loc["A", "C"] < 0.2
    assert found.clusters.rand.loc["A", "C"] < 0.2


def test_results_of_each_coding_by_a_second_route():
    rng = np.random.default_rng(4)
    first = planted("A", [i >= 4 for i in range(12)], rng, 0.3)
    # the second coder finds nothing of one actor, and less of the others
    kept = (rng.random(len(first)) < 0.8) & (first["actor"] != "actor 11")
    second = first[kept].assign(coder="B")
    found = cam.compare_codings(coded(first, second, codes=CODES), n_resamples=19)
    assert found.table["positions"].tolist() == [len(first), len(second)]
    names = sorted({*second["actor"]})
    values, labels = [], []
    for table, who in ((first, "A"), (second, "B")):
        held = table.groupby("actor")["code"].agg(set)
        pairs = list(combinations(held[names], 2))
        values.append([len(a & b) / len(a | b) for a, b in pairs])
        tree = linkage(1 - np.array(values[-1]), "average")
        labels.append(fcluster(tree, found.table.loc[who, "n_clusters"], "maxclust"))
    assert found.correlation.loc["A", "B"] == pytest.approx(np.corrcoef(values)[0, 1])
    assert found.clusters.rand.loc["A", "B"] == pytest.approx(adjusted_rand_score(*labels))


# coding error carried into clusters


def test_stability_over_codings_draws_at_the_observed_rates():
    rng = np.random.default_rng(3)
    blocks = [i >= 6 for i in range(12)]
    first = planted("A", blocks, rng)
    # the second coder misses every fifth position
    second = first.drop(first.index[::5]).assign(coder="B")
    meeting = cam.Meeting(first, recodings=second, codebook=pd.DataFrame({"code": CODES}))
    tally = meeting.tally("code")
    from camdata.analysis.standins import recoded

    draws = np.array(list(recoded(tally, tally.coded, 300, np.random.default_rng(0))))
    own = tally.dense()
    dropped = 1 - draws[:, own > 0].mean()
    assert dropped == pytest.approx(len(first.index[::5]) / len(first), abs=0.01)
    assert draws[:, own == 0].max() == 0  # nobody adds anything
    clusters = cam.cluster(cam.agreement(tally), n_clusters=2)
    result = cam.analysis.stability(clusters, n_resamples=200)
    assert result.over == "coding"
    together = result.together.to_numpy()
    same = np.equal.outer(blocks, blocks)
    assert together[same].min() > 0.9
    assert together[~same].max() < 0.1


def test_codings_that_agree_leave_the_clusters_as_they_are(meeting):
    # two statements were added when the codings had been compared
    same = meeting.statements.query("statement not in ['s058', 's059']").assign(coder="again")
    meeting = meeting.select(coder="camdata").replace(recodings=same)
    clusters = cam.cluster(cam.agreement(meeting.tally()), n_clusters=3)
    result = cam.analysis.stability(clusters, n_resamples=5)
    labels = clusters.labels.dropna()
    together = result.together.loc[labels.index, labels.index].to_numpy()
    assert (together == np.equal.outer(labels.to_numpy(), labels.to_numpy())).all()
    alone = meeting.select(coder="camdata")
    clusters = cam.cluster(cam.agreement(alone.tally()), n_clusters=3)
    assert cam.analysis.stability(clusters, n_resamples=5).over == "codes"
    with pytest.raises(ValueError, match="at least two coders"):
        cam.analysis.stability(clusters, "coding", 5)
