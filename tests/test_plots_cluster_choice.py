"""How many clusters: cuts beside what random tables give, and the answer in the title."""

from dataclasses import replace

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
    x_labels,
)
from plotted import drawn_at, holds_for_every_chart, results

import camdata as cam
from camdata import plots


def draw(x, **look):
    return plots.cluster_choice(x.choice, **look)


def draw_of_codes(x, **look):
    return plots.cluster_choice(x.choice_of_codes, **look)


BOTH = pytest.mark.parametrize("draw", [draw, draw_of_codes], ids=["dimensions", "codes"])


def bars_of(ax):
    """Return the bars of random tables: number, lower and upper end."""
    (bars,) = ax.collections
    segments = [segment for segment in bars.get_segments() if len(segment)]
    return [(low[0], low[1], high[1]) for low, high in segments if not np.isnan(low[1])]


def dots_of(ax, gid):
    found = [line for line in ax.lines if line.get_gid() == gid]
    return [pair for line in found for pair in zip(*line.get_data(), strict=True)]


@BOTH
def test_holds_for_every_chart(draw, tmp_path):
    holds_for_every_chart(draw, tmp_path, names=False)


@BOTH
@pytest.mark.parametrize(("which", "width"), SIZES)
def test_can_be_read(draw, which, width):
    assert faults(drawn_at(draw, which, width)) == {}


@pytest.mark.parametrize("which", ["bundled", 60])
@pytest.mark.parametrize("name", ["choice", "choice_of_codes"])
def test_dots_and_bars_are_the_table(which, name):
    choice = getattr(results(which), name)
    ax = plots.cluster_choice(choice)
    table = choice.table
    for judged, gid in ((True, "judged"), (False, "not judged")):
        part = table[table["considered"] == judged]
        assert dots_of(ax, gid) == list(zip(part.index, part["silhouette"], strict=True))
    known = table.dropna(subset=["low"])
    assert bars_of(ax) == list(zip(known.index, known["low"], known["high"], strict=True))
    (means,) = [line for line in ax.lines if line.get_label() == "their mean"]
    assert means.get_ydata() == pytest.approx(table["expected"].to_numpy(), nan_ok=True)
    assert ("not judged" in legend(ax)) == (not table["considered"].all())
    assert ("not judged" in note(ax)) == (not table["considered"].all())
    assert f"{len(choice.random)} random tables" in note(ax)


@pytest.mark.parametrize("which", ["bundled", 60])
@pytest.mark.parametrize("name", ["choice", "choice_of_codes"])
def test_the_chosen_number_has_a_ring_and_a_tick(which, name):
    choice = getattr(results(which), name)
    ax = plots.cluster_choice(choice)
    silhouette = choice.table.at[choice.n_clusters, "silhouette"]
    assert dots_of(ax, "chosen") == [(choice.n_clusters, silhouette)]
    assert str(choice.n_clusters) in x_labels(ax)
    assert set(map(int, x_labels(ax))) <= set(choice.table.index)


def test_the_title_says_the_answer():
    x = results("bundled")
    shown = title(draw(x)).replace("\u00a0", " ")
    assert shown.startswith(f"2 clusters: {x.choice.verdict}")
    assert "no structure beyond chance (p = 0." in shown
    assert "Jaccard coefficient, 4 dimensions, 38 statements" in shown
    blocs = [(f"{bloc}{i}", f"{bloc}{j}") for bloc in "ab" for i in range(6) for j in range(4)]
    tally = cam.tally(pd.DataFrame(blocs, columns=["actor", "code"]))
    choice = cam.cluster_choice(cam.agreement(tally), 99)
    assert choice.structured
    assert title(plots.cluster_choice(choice)).startswith("2 clusters: structure beyond chance")


def test_of_many_numbers_some_have_a_tick():
    choice = results("bundled").choice
    numbers = range(2, 90)
    table = pd.concat([choice.table.iloc[:1]] * len(numbers))
    table.index = pd.Index(numbers, name="n_clusters")
    ax = plots.cluster_choice(replace(choice, table=table, n_clusters=41))
    ticks = [int(label) for label in x_labels(ax)]
    assert 41 in ticks
    assert 5 < len(ticks) < 16
    assert min(np.diff(ticks)) >= 7
    assert faults(ax) == {}


def test_one_number_alone():
    choice = results(3).choice
    assert list(choice.table.index) == [2]
    ax = draw(results(3))
    assert x_labels(ax) == ["2"]
    low, high = ax.get_xlim()
    assert low < 2 < high


def test_what_random_tables_never_attain_has_no_bar():
    choice = results("bundled").choice
    table = choice.table.iloc[:2].copy()
    table.loc[table.index[1], ["expected", "low", "high"]] = np.nan
    table["considered"] = [True, False]
    ax = plots.cluster_choice(replace(choice, table=table))
    assert [bar[0] for bar in bars_of(ax)] == [table.index[0]]
    assert [number for number, _ in dots_of(ax, "not judged")] == [table.index[1]]


def test_without_any_silhouette_the_chart_is_one_sentence():
    tally = cam.tally(pd.DataFrame({"actor": ["A", "B"], "code": ["x", "x"]}))
    choice = cam.cluster_choice(cam.agreement(tally), 9)
    assert choice.table.empty
    ax = plots.cluster_choice(choice)
    (sentence,) = with_gid(ax.texts, "sentence")
    assert sentence.get_text().replace("\n", " ") == choice.summary


def test_another_thing_is_refused():
    with pytest.raises(TypeError, match="`choice` must be ClusterChoice"):
        plots.cluster_choice(results("bundled").clusters)
