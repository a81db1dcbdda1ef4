"""The map of agreement: places, what it carries, who is where."""

from dataclasses import replace

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from charts import (
    closed_figures,  # noqa: F401 (a fixture)
    drawn_texts,
    faults,
    note,
    overlapping,
    title,
    with_gid,
)
from matplotlib.colors import same_color
from matplotlib.text import Text
from plotted import ROOMY, drawn_at, holds_for_every_chart, results

import camdata as cam
from camdata import plots
from camdata.analysis.scaling import coordinates
from camdata.plots import _style


def draw(x, **look):
    return plots.map(x.coordinates, **look)


def draw_of_codes(x, **look):
    return plots.map(x.coordinates_of_codes, **look)


def draw_cores(x, **look):
    return plots.map(x.coordinates, multiverse=x.universe, **look)


EVERY = pytest.mark.parametrize(
    "draw", [draw, draw_of_codes, draw_cores], ids=["dimensions", "codes", "cores"]
)


def dots_of(ax):
    """Return the dots by who is there."""
    return {
        tuple(dot.get_gid().removeprefix("actors ").split("; ")): dot
        for dot in with_gid(ax.lines, "actors ")
    }


def place(dot):
    return np.array([dot.get_xdata()[0], dot.get_ydata()[0]])


@EVERY
def test_holds_for_every_chart(draw, tmp_path):
    holds_for_every_chart(draw, tmp_path)


@EVERY
@pytest.mark.parametrize(("which", "width"), ROOMY)
def test_can_be_read(draw, which, width):
    assert faults(drawn_at(draw, which, width)) == {}


@pytest.mark.parametrize("which", [3, "bundled", 60])
@pytest.mark.parametrize("name", ["coordinates", "coordinates_of_codes"])
def test_every_actor_is_at_its_place(which, name):
    found = getattr(results(which), name)
    ax = plots.map(found)
    dots = dots_of(ax)
    assert sorted(actor for who in dots for actor in who) == sorted(found.actors)
    diameter = max(dot.get_markersize() for dot in dots.values()) * ax.get_figure().dpi / 72
    frame = found.frame
    for who, dot in dots.items():
        # who is at one place shares one dot; a dot may be moved aside by another one
        assert np.ptp(frame.loc[list(who)].to_numpy(), axis=0) == pytest.approx([0, 0], abs=1e-6)
        moved = ax.transData.transform(place(dot)) - ax.transData.transform(frame.loc[who[0]])
        assert np.hypot(*moved) < 3 * diameter
    if which != 60:
        for who, dot in dots.items():
            assert place(dot) == pytest.approx(frame.loc[who[0]].to_numpy(), abs=0.02)


def test_names_of_one_place_stand_together_and_many_are_counted():
    rows = [(f"N{i:02}", "x") for i in range(9)] + [("M", "y"), ("M", "x")]
    tally = cam.tally(pd.DataFrame(rows, columns=["actor", "code"]))
    ax = plots.map(coordinates(cam.agreement(tally)))
    names = [text.get_text() for text in with_gid(ax.texts, "label ")]
    assert sorted(names) == ["M", "\n".join([*(f"N{i:02}" for i in range(6)), "and 3 more"])]


@pytest.mark.parametrize("width", [None, 3.5, 7, (6, 3)])
def test_both_axes_have_one_scale(width):
    ax = draw(results("bundled"), figsize=width)
    ax.get_figure().canvas.draw()
    (x0, y0), (x1, y1) = ax.transData.transform([(0, 0), (0.1, 0.1)])
    assert x1 - x0 == pytest.approx(y1 - y0)


@pytest.mark.parametrize("name", ["coordinates", "coordinates_of_codes"])
def test_axes_and_title_say_what_they_carry(name):
    found = getattr(results("bundled"), name)
    ax = plots.map(found)
    squares = (found.values**2).sum(axis=0)
    carried = squares / squares.sum() * found.share
    assert ax.get_xlabel() == f"{carried[0]:.0%} of the distances"
    assert ax.get_ylabel() == f"{carried[1]:.0%} of the distances"
    assert f"13 actors in a plane that carries {found.share:.0%} of their distances" in title(ax)
    assert found.agreement.label in title(ax)
    assert "38 statements" in title(ax)
    assert ("need not agree" in note(ax)) == found.is_little
    assert "unplaced: Bolivia" in note(ax)


def test_dots_have_the_numbers_and_colors_of_clusters():
    found = results("bundled").coordinates
    ax = plots.map(found)
    numbers = {
        tuple(np.round(text.get_position(), 9)): text.get_text()
        for text in with_gid(ax.texts, "cluster ")
    }
    for who, dot in dots_of(ax).items():
        label = found.clusters.labels[who[0]]
        assert {found.clusters.labels[actor] for actor in who} == {label}
        assert same_color(dot.get_markerfacecolor(), _style.CLUSTERS[label - 1])
        assert numbers[tuple(np.round(place(dot), 9))] == str(label)
    assert "number and color: cluster" in note(ax)


def test_without_clusters_there_are_no_numbers():
    ax = plots.map(coordinates(results("bundled").agreement))
    assert with_gid(ax.texts, "cluster ") == []
    assert len({dot.get_markerfacecolor() for dot in dots_of(ax).values()}) == 1
    assert "cluster" not in note(ax)


def test_cores_have_numbers_and_who_swings_is_open():
    meeting = cam.load_meeting()
    universe = cam.multiverse(meeting, coder="camdata")
    found = coordinates(cam.agreement(meeting.tally("code")))
    ax = plots.map(found, multiverse=universe)
    core = universe.frame["core"]
    numbers = [text.get_text() for text in with_gid(ax.texts, "cluster ")]
    assert set(numbers) == {"1", "2", "3"}
    ground = ax.get_facecolor()
    for who, dot in dots_of(ax).items():
        (number,) = {0 if pd.isna(core[actor]) else core[actor] for actor in who}
        color = _style.CLUSTERS[number - 1] if number else ground
        assert same_color(dot.get_markerfacecolor(), color)
    open_ones = {
        actor
        for who, dot in dots_of(ax).items()
        for actor in who
        if same_color(dot.get_markerfacecolor(), ground)
    }
    assert open_ones == {*universe.swing["actor"]} == {"Colombia", "El Salvador", "Paraguay"}
    made = len(universe.specifications)
    assert f"together in all {made} specifications; open: in no core" in note(ax)


def test_a_multiverse_without_cores_says_so():
    rows = [("A", "x"), ("B", "x"), ("B", "y"), ("C", "y"), ("C", "z"), ("D", "z"), ("A", "z")]
    meeting = cam.Meeting(pd.DataFrame(rows, columns=["actor", "code"]))
    universe = cam.multiverse(meeting, n_clusters=4)
    assert universe.cores == ()
    ax = plots.map(coordinates(cam.agreement(meeting.tally())), multiverse=universe)
    assert "no two actors are together in all" in note(ax)
    assert with_gid(ax.texts, "cluster ") == []


def test_a_multiverse_of_others_is_refused():
    found = results("bundled").coordinates
    with pytest.raises(ValueError, match="does not know these actors of the map: Brazil"):
        plots.map(found, multiverse=results(3).universe)
    with pytest.raises(TypeError, match="`multiverse` must be a Multiverse"):
        plots.map(found, multiverse=found)


def test_actors_of_different_clusters_at_one_place_are_side_by_side():
    table = pd.DataFrame(np.ones((3, 3)), list("ABC"), list("ABC"))
    table.loc["C", ["A", "B"]] = table.loc[["A", "B"], "C"] = 0.5
    given = coordinates(cam.cluster(table, n_clusters=2))
    labels = given.clusters.labels.copy()
    labels["A"] = 2

    ax = plots.map(replace(given, clusters=replace(given.clusters, labels=labels)))
    dots = dots_of(ax)
    assert set(dots) == {("A",), ("B",), ("C",)}
    a, b = (ax.transData.transform(place(dots[(name,)])) for name in "AB")
    diameter = dots[("A",)].get_markersize() * ax.get_figure().dpi / 72
    assert np.hypot(*(a - b)) > diameter


@pytest.mark.parametrize("which", [3, "bundled", 60])
def test_dots_do_not_cover_one_another(which):
    ax = draw(results(which))
    ax.get_figure().canvas.draw()
    dots = list(dots_of(ax).values())
    at = np.array([ax.transData.transform(place(dot)) for dot in dots])
    diameter = dots[0].get_markersize() * ax.get_figure().dpi / 72
    apart = np.hypot(*(at[:, None] - at[None, :]).transpose(2, 0, 1))
    assert apart[~np.eye(len(at), dtype=bool)].min() > diameter - 0.5


@pytest.mark.parametrize("which", ["bundled", 60])
def test_names_cover_no_dot(which):
    ax = draw(results(which))
    ax.get_figure().canvas.draw()
    radius = next(iter(dots_of(ax).values())).get_markersize() / 2 * ax.get_figure().dpi / 72
    for dot in dots_of(ax).values():
        middle = ax.transData.transform(place(dot))
        for text in with_gid(ax.texts, "label "):
            box = Text.get_window_extent(text)
            nearest = np.clip(middle, [box.x0, box.y0], [box.x1, box.y1])
            assert np.hypot(*(nearest - middle)) > radius - 2


@pytest.mark.parametrize(("near", "moved"), [(0.99, True), (0.7, False)])
@pytest.mark.parametrize("width", [None, 3.5])
def test_dots_that_are_moved_are_told(near, moved, width):
    table = pd.DataFrame(0.1, list("ABC"), list("ABC"))
    table.loc["A", "B"] = table.loc["B", "A"] = near
    found = coordinates(table)
    ax = plots.map(found, figsize=width)
    ax.get_figure().canvas.draw()
    steps = [
        ax.transData.transform(place(dot)) - ax.transData.transform(found.frame.loc[who[0]])
        for who, dot in dots_of(ax).items()
    ]
    assert (np.hypot(*np.transpose(steps)).max() > 1) == moved
    assert ("moved apart" in note(ax)) == moved


def test_labels_and_palette():
    ax = draw(results("bundled"), labels="iso3", palette={1: "lime"})
    names = [text.get_text() for text in with_gid(ax.texts, "label ")]
    assert "CAN\nURY" in names
    assert any(same_color(dot.get_markerfacecolor(), "lime") for dot in dots_of(ax).values())
    assert "unplaced: BOL" in note(ax)


def test_all_at_one_place():
    table = pd.DataFrame(np.ones((2, 2)), ["A", "B"], ["A", "B"])
    ax = plots.map(coordinates(table))
    assert set(dots_of(ax)) == {("A", "B")}
    assert title(ax).startswith("2 actors in a plane, no distances between them")


def test_nobody_to_place_is_one_sentence():
    table = pd.DataFrame(np.nan, ["A", "B"], ["A", "B"])
    ax = plots.map(coordinates(table))
    (sentence,) = with_gid(ax.texts, "sentence")
    assert sentence.get_text().replace("\n", " ") == "Nobody of 2 actors can be placed."


def test_places_stay_right_where_a_layout_changes_the_axes():
    figure, (left, right) = plt.subplots(1, 2, figsize=(15, 7), layout="constrained")
    for ax in (left, right):
        draw(results("bundled"), ax=ax)
    texts = drawn_texts(figure)
    assert overlapping(texts) == []
    for ax in (left, right):
        assert len(dots_of(ax)) == 8
        (x0, y0), (x1, y1) = ax.transData.transform([(0, 0), (0.1, 0.1)])
        assert x1 - x0 == pytest.approx(y1 - y0)


def test_another_thing_is_refused():
    with pytest.raises(TypeError, match="`coordinates` must be Coordinates"):
        plots.map(results("bundled").agreement)
