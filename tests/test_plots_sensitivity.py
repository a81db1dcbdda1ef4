"""What single statements carry: values, who moves in words that fit, no row for nothing."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from charts import (
    SIZES,
    closed_figures,  # noqa: F401 (a fixture)
    faults,
    note,
    title,
    with_gid,
    y_labels,
)
from plotted import drawn_at, holds_for_every_chart, results

import camdata as cam
from camdata import plots

HARD = "\u00a0"


def draw(x, **look):
    return plots.sensitivity(x.sensitivity, **look)


def draw_of_agreement(x, **look):
    return plots.sensitivity(x.sensitivity_of_agreement, **look)


BOTH = pytest.mark.parametrize("draw", [draw, draw_of_agreement], ids=["clusters", "agreement"])


def names(ax):
    return [label.replace("\n", " ") for label in y_labels(ax)]


def words(ax):
    shown = [text.get_text() for text in with_gid(ax.texts, "words")]
    return [text.replace("\n", " ").replace(HARD, " ") for text in shown]


def with_rows(result, **columns):
    """Return a sensitivity whose first rows have other values."""
    table = result.table.head(len(next(iter(columns.values())))).assign(**columns)
    return replace(result, table=table)


@BOTH
def test_holds_for_every_chart(draw, tmp_path):
    holds_for_every_chart(draw, tmp_path)


@BOTH
@pytest.mark.parametrize(("which", "width"), SIZES)
def test_can_be_read(draw, which, width):
    ax = drawn_at(draw, which, width)
    if with_gid(ax.texts, "sentence"):
        assert which == 3
        return
    assert faults(ax) == {}


@pytest.mark.parametrize("most", [1, 5, 20, 1000])
def test_dots_are_the_index_of_statements_that_change_something(most):
    result = results("bundled").sensitivity
    changing = result.table[result.effect]
    shown = changing.head(most)
    ax = plots.sensitivity(result, most=most)
    (dots,) = with_gid(ax.lines, "effect")
    assert list(dots.get_xdata()) == pytest.approx(shown["adjusted_rand"].tolist())
    assert list(dots.get_ydata()) == pytest.approx(list(ax.get_yticks()))
    assert len(names(ax)) == len(shown) < len(result.table)
    assert f"{len(changing)} of 38 statements change who is with whom" in title(ax)
    assert (f"the first {most} shown" in title(ax)) == (most < len(changing))
    assert "3 clusters, 4 dimensions" in title(ax)


def test_statements_are_named_by_actor_and_label():
    result = results("bundled").sensitivity
    labels = results("bundled").meeting.codebook.set_index("code")["label"]
    shown = result.table[result.effect]
    ax = plots.sensitivity(result)
    assert names(ax) == [
        f"{actor}: {labels[code]}"
        for actor, code in zip(shown["actor"], shown["code"], strict=True)
    ]
    ax = plots.sensitivity(result, labels={"Colombia": "COL", "subjects_of_law": "Law"})
    assert names(ax)[0] == "COL: Law"


def test_statements_of_one_name_are_told_apart_by_their_ids():
    result = results("bundled").sensitivity
    table = result.table
    twice = table[(table["actor"] == "Canada") & (table["code"] == "modest_scope")]
    assert len(twice) == 2
    ax = plots.sensitivity(replace(result, table=twice.assign(adjusted_rand=0.5)))
    assert names(ax) == [f"Canada: Keep the scope modest ({i})" for i in twice["statement"]]


def test_who_moves_is_said_in_words():
    result = with_rows(
        results("bundled").sensitivity,
        adjusted_rand=[0.1, 0.2, 0.3, 0.4],
        moved=[
            "Colombia: 1 → 2; El Salvador: 1 → 2; Peru: 3 → 1",
            "; ".join(f"{name}: 1 → 2" for name in ("Brazil", "Chile", "Canada")),
            "Brazil: 1 → 2; Chile: 2 → 3; Canada: 3 → 4; Mexico: 4 → 5; Peru: unplaced → 1",
            "",
        ],
        unplaced=["", "Peru", "", "Brazil; Chile"],
    )
    assert words(plots.sensitivity(result)) == [
        "Colombia, El Salvador: 1 → 2; Peru: 3 → 1",
        "3 actors: 1 → 2; Peru: no longer placed",
        "Brazil: 1 → 2; Chile: 2 → 3; Canada: 3 → 4; 2 more move",
        "Brazil, Chile: no longer placed",
    ]
    shown = words(plots.sensitivity(result, labels={"Brazil": "BRA"}))
    assert shown[3] == "BRA, Chile: no longer placed"


def test_names_that_hold_what_joins_them():
    odd = ["A; B", "C: 1 → 2", "D – E"]
    rows = [(name, code, 1) for name in odd for code in "xyz"] + [("F", "x", 1), ("F", "w", 1)]
    tally = cam.tally(pd.DataFrame(rows, columns=["actor", "code", "stance"]))
    clusters = cam.cluster(cam.agreement(tally), n_clusters=2)
    result = cam.sensitivity(clusters)
    result = with_rows(
        result, adjusted_rand=[0.1], moved=["A; B: 1 → 2; C: 1 → 2: 2 → 1"], unplaced=["D – E"]
    )
    assert words(plots.sensitivity(result)) == [
        "A; B: 1 → 2; C: 1 → 2: 2 → 1; D – E: no longer placed"
    ]
    pair = cam.sensitivity(cam.agreement(tally))
    pair = with_rows(pair, pair=["A; B – D – E"], before=[1.0], after=[0.5], change=[-0.5])
    ax = plots.sensitivity(pair, labels={"D – E": "DE"})
    assert words(ax) == ["A; B – DE: 1.00 → 0.50"]


def test_without_an_index_there_is_no_dot():
    result = with_rows(results("bundled").sensitivity, adjusted_rand=[0.5, np.nan, 0.7])
    (dots,) = with_gid(plots.sensitivity(result).lines, "effect")
    assert np.isnan(dots.get_xdata()[1])
    assert len(dots.get_xdata()) == 3


def test_the_axis_reaches_a_negative_index_and_ends_at_1():
    result = with_rows(results("bundled").sensitivity, adjusted_rand=[-0.4, 0, 0.5])
    ax = plots.sensitivity(result)
    low, high = ax.spines["bottom"].get_bounds()
    assert low <= -0.4
    assert high == 1
    ticks = ax.get_xticks()
    assert min(ticks) < 0
    assert max(ticks) <= 1
    # words stand to the right of it
    assert min(text.get_position()[0] for text in with_gid(ax.texts, "words")) > 1


@pytest.mark.parametrize("which", [3, "bundled", 60])
def test_of_agreement_dots_are_the_largest_change(which):
    result = results(which).sensitivity_of_agreement
    shown = result.table[result.effect].head(20)
    ax = plots.sensitivity(result)
    (dots,) = with_gid(ax.lines, "effect")
    assert list(dots.get_xdata()) == pytest.approx(shown["change"].tolist(), nan_ok=True)
    for text, row in zip(words(ax), shown.to_dict("records"), strict=True):
        steps = ["no value" if np.isnan(row[k]) else f"{row[k]:.2f}" for k in ("before", "after")]
        assert text == f"{row['pair']}: {steps[0]} → {steps[1]}"
    assert "change agreement" in title(ax)
    assert "Jaccard coefficient, 4 dimensions" in title(ax)
    assert "pair of actors that changes most" in note(ax)


def test_where_nothing_changes_the_chart_is_one_sentence():
    result = results("bundled").sensitivity
    still = result.table.tail(4)
    ax = plots.sensitivity(replace(result, table=still))
    (sentence,) = with_gid(ax.texts, "sentence")
    told = "No single one of 4 statements changes who is with whom."
    assert sentence.get_text().replace("\n", " ") == told
    assert ax.get_figure().alt == told
    assert names(ax) == [] or not ax.axison


@pytest.mark.parametrize(
    ("arguments", "error", "said"),
    [
        ({"most": 0}, ValueError, "`most` must be at least 1"),
        ({"most": 2.5}, TypeError, "`most` must be a whole number"),
    ],
)
def test_wrong_arguments(arguments, error, said):
    with pytest.raises(error, match=said):
        plots.sensitivity(results("bundled").sensitivity, **arguments)


def test_another_thing_is_refused():
    with pytest.raises(TypeError, match="`sensitivity` must be Sensitivity"):
        plots.sensitivity(results("bundled").sensitivity.frame)
