"""What pairs share against chance: dots of the right size, outliers named, nothing cut."""

import numpy as np
import pandas as pd
import pytest
from charts import (
    SIZES,
    closed_figures,  # noqa: F401 (a fixture)
    faults,
    legend,
    note,
    title,
    with_gid,
)
from matplotlib.colors import same_color
from plotted import drawn_at, holds_for_every_chart, results

import camdata as cam
from camdata import plots
from camdata.analysis.chance import NullModel


def draw(x, **look):
    return plots.null_model(x.null, **look)


def dots_of(ax):
    """Return the places and sizes of the dots, by whether they are significant."""
    return {
        dots.get_gid(): (np.asarray(dots.get_offsets()), dots.get_sizes(), dots.get_facecolor()[0])
        for dots in ax.collections
    }


def names_of(ax):
    return {text.get_text(): text.xy for text in with_gid(ax.texts, "label ")}


def null_of(rows, alpha=0.05):
    columns = ["actor", "other", "shared", "expected", "p_value", "significant"]
    table = pd.DataFrame(rows, columns=columns)
    return NullModel(table.assign(p_adjusted=0.5), alpha, 99, results("bundled").codes)


def test_holds_for_every_chart(tmp_path):
    holds_for_every_chart(draw, tmp_path, names=False)


@pytest.mark.parametrize(("which", "width"), SIZES)
def test_can_be_read(which, width):
    assert faults(drawn_at(draw, which, width)) == {}


@pytest.mark.parametrize("which", [3, "bundled", 60])
def test_every_pair_is_in_a_dot_of_its_own_height(which):
    table = results(which).null.table
    (places, sizes, _) = dots_of(draw(results(which)))["not significant"]
    assert sorted(set(places[:, 1])) == sorted(set(table["shared"]))
    # a dot is near the pairs that it stands for, and as large as they are many
    step = table["expected"].max() / 40
    counted = {}
    for shared, expected in zip(table["shared"], table["expected"], strict=True):
        row = np.flatnonzero(places[:, 1] == shared)
        near = row[np.abs(places[row, 0] - expected).argmin()]
        assert abs(places[near, 0] - expected) <= step
        counted.setdefault(near, []).append(expected)
    assert set(counted) == set(range(len(places)))
    largest = max(counted, key=lambda dot: len(counted[dot]))
    if which != 3:
        assert sizes[largest] > np.median(sizes)


def test_the_sizes_are_explained():
    rows = [("A", str(i), 1, 1.0, 0.5, False) for i in range(9)] + [("B", "C", 2, 1, 0.5, False)]
    ax = plots.null_model(null_of(rows))
    (places, sizes, _) = dots_of(ax)["not significant"]
    assert places.tolist() == [[1, 1], [1, 2]]
    assert legend(ax) == ["as expected by chance", "1 pair", "9 pairs"]
    shown = [handle.get_markersize() ** 2 for handle in ax.get_legend().legend_handles[1:]]
    assert shown == pytest.approx(sorted(sizes))


def test_pairs_of_which_one_is_significant_do_not_share_a_dot():
    rows = [("A", "B", 2, 1.0, 0.001, True), ("A", "C", 2, 1.0, 0.4, False)]
    ax = plots.null_model(null_of(rows))
    found = dots_of(ax)
    assert set(found) == {"significant", "not significant"}
    assert not same_color(found["significant"][2], found["not significant"][2])
    assert "significant" in legend(ax)


def test_significant_pairs_are_named_at_their_dots():
    rows = [
        ("A", "B", 4, 1.25, 0.001, True),
        ("A", "C", 1, 1.0, 0.04, False),
        ("B", "C", 0, 0.5, 0.9, False),
    ]
    ax = plots.null_model(null_of(rows))
    assert names_of(ax) == {"A – B": (1.25, 4)}
    assert "1 pair sharing more than chance would give" in title(ax)
    assert "3 pairs, 17 codes, 38 statements, false discovery rate 0.05" in title(ax)
    assert "named" not in note(ax) if with_gid(ax.texts, "note") else True


def test_where_none_is_significant_the_outliers_are_named():
    x = results("bundled")
    table = x.null.table
    ax = draw(x)
    unusual = table[table["p_value"] <= 0.05].sort_values("p_value")
    expected = {f"{a} – {b}" for a, b in zip(unusual["actor"], unusual["other"], strict=True)}
    shown = {name for text in names_of(ax) for name in text.split("\n")}
    assert expected
    assert shown == expected
    assert "p up to 0.05 before adjusting" in note(ax)
    assert "No pair shares more than chance" in title(ax)


def test_of_many_pairs_the_most_unusual_are_named_and_the_note_says_so():
    rows = [("A", f"B{i:02}", 5, i / 4, 0.001 + i / 1000, True) for i in range(20)]
    ax = plots.null_model(null_of(rows[::-1]))
    shown = [name for text in names_of(ax) for name in text.split("\n")]
    assert sorted(shown) == [f"A – B{i:02}" for i in range(6)]
    assert "named: the 6 significant pairs with the smallest p values" in note(ax)


def test_pairs_at_one_dot_are_named_one_below_the_other():
    rows = [("A", "B", 4, 1.0, 0.001, True), ("C", "D", 4, 1.0, 0.001, True)]
    assert names_of(plots.null_model(null_of(rows))) == {"A – B\nC – D": (1, 4)}


def test_labels_name_the_pairs():
    ax = plots.null_model(
        null_of([("Peru", "Chile", 4, 1.0, 0.001, True)]), labels={"Peru": "PER", "Chile": "CHL"}
    )
    assert list(names_of(ax)) == ["PER – CHL"]


def test_the_line_is_what_chance_gives():
    ax = draw(results("bundled"))
    (line,) = with_gid(ax.lines, "expected")
    assert (line.get_xdata() == line.get_ydata()).all()
    assert legend(ax)[0] == "as expected by chance"
    assert "60 random tables" in ax.get_xlabel()


@pytest.mark.parametrize("which", ["bundled", 60])
@pytest.mark.parametrize("width", [None, 3.5])
def test_dots_are_not_cut_by_the_axes(which, width):
    ax = drawn_at(draw, which, width)
    ax.get_figure().canvas.draw()
    frame = ax.get_window_extent()
    for dots in ax.collections:
        middles = np.array(ax.transData.transform(dots.get_offsets()))
        radii = np.sqrt(dots.get_sizes())[:, None] / 2 * ax.get_figure().dpi / 72
        assert (middles - radii > [frame.x0 - 1, frame.y0 - 1]).all()
        assert (middles + radii < [frame.x1 + 1, frame.y1 + 1]).all()


def test_where_nothing_could_be_shared():
    tally = cam.tally(pd.DataFrame({"actor": [*"ABC"], "code": [*"xyz"]}))
    null = cam.null_model(tally, 9)
    assert (null.table["expected"] == 0).all()
    ax = plots.null_model(null)
    (places, _, _) = dots_of(ax)["not significant"]
    assert places.tolist() == [[0, 0]]
    assert legend(ax) == ["as expected by chance", "3 pairs"]


def test_without_a_pair_the_chart_is_one_sentence():
    tally = cam.tally(pd.DataFrame({"actor": ["A"], "code": ["x"]}))
    null = cam.null_model(tally, 9)
    ax = plots.null_model(null)
    (sentence,) = with_gid(ax.texts, "sentence")
    assert sentence.get_text().replace("\n", " ") == null.summary


def test_another_thing_is_refused():
    with pytest.raises(TypeError, match="`null_model` must be NullModel"):
        plots.null_model(results("bundled").codes)
