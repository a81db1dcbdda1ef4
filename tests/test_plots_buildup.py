"""The buildup along the speaking order, read back from its artists."""

import numpy as np
import pandas as pd
import pytest
from charts import (
    SIZES,
    closed_figures,  # noqa: F401 (a fixture)
    drawn_at,
    faults,
    note,
    of,
    title,
    with_gid,
    x_labels,
    y_labels,
)

import camdata as cam
from camdata import plots
from camdata.plots import _style


@pytest.mark.parametrize(("which", "width"), SIZES)
@pytest.mark.parametrize("level", ["tally", "codes"])
def test_everything_can_be_read(which, width, level):
    ax = drawn_at(lambda x, **look: plots.buildup(getattr(x, level), **look), which, width)
    assert faults(ax) == {}


@pytest.mark.parametrize("which", [3, "bundled", 60, "ordinal"])
def test_lines_stand_at_their_numbers(which):
    tally = of(which).tally
    ax = plots.buildup(tally)
    for name in tally.keys:
        recorded = tally.positions[name].notna().to_numpy()
        (line,) = with_gid(ax.lines, f"line {name}")
        assert line.get_xdata().tolist() == [-0.5, *range(len(recorded)), len(recorded) - 0.5]
        assert line.get_ydata().tolist() == [0, *recorded.cumsum(), recorded.sum()]
        assert line.get_drawstyle() == "steps-post"
        (dots,) = with_gid(ax.lines, f"rise {name}")
        assert dots.get_xdata().tolist() == np.flatnonzero(recorded).tolist()
        assert dots.get_ydata().tolist() == list(range(1, recorded.sum() + 1))
        (end,) = with_gid(ax.texts, f"end {name}")
        assert end.get_text() == f"{name} ({recorded.sum()})"


def test_lines_on_one_another_can_all_be_seen():
    table = pd.DataFrame(1, index=list("ABC"), columns=["x", "y", "z"], dtype="Int8")
    lines = with_gid(plots.buildup(table).lines, "line")
    assert len({tuple(line.get_ydata()) for line in lines}) == 1
    widths = [line.get_linewidth() for line in lines]
    assert (np.diff(widths) < -0.7).all()
    assert min(widths) > 1


@pytest.mark.parametrize("which", [3, "bundled", 60])
def test_many_lines_have_a_row_each_on_one_scale(which):
    tally = of(which).codes
    ax = plots.buildup(tally)
    held = tally.positions.notna()
    top = held.sum().max()
    for row, (key, label) in enumerate(zip(tally.keys, tally.labels, strict=True)):
        (line,) = [line for line in ax.lines if line.get_gid() == f"line {key}"]
        heights = (row + 0.4 - line.get_ydata()) / 0.8 * top
        number = held[key].cumsum().to_numpy()
        assert heights == pytest.approx([0, *number, number[-1]])
        assert y_labels(ax)[row] == f"{label} ({number[-1]})"
        (dots,) = [line for line in ax.lines if line.get_gid() == f"rise {key}"]
        assert dots.get_xdata().tolist() == np.flatnonzero(held[key]).tolist()
    assert f"all rows from 0 to {top}" in note(ax)


def test_actors_stand_in_speaking_order_where_there_is_one():
    x = of("bundled")
    ax = plots.buildup(x.tally)
    assert x_labels(ax) == [f"{i}. {actor}" for i, actor in enumerate(x.tally.actors, 1)]
    assert title(ax) == (
        "How each of 4 dimensions builds up: 14 actors in speaking order, 38 statements"
    )
    later = x.meeting.select(actors=["Mexico", "Peru"]).tally()
    assert x_labels(plots.buildup(later)) == ["10. Mexico", "13. Peru"]


def test_without_a_speaking_order_none_is_claimed():
    meeting = cam.Meeting(pd.DataFrame({"actor": ["B", "A"], "code": ["x", "y"]}))
    for tally in (meeting.tally(), meeting.tally().positions):
        ax = plots.buildup(tally)
        assert x_labels(ax) == ["B", "A"]
        assert "speaking" not in title(ax)
        assert "2 actors in the order of the table" in title(ax)
    assert "statement" not in title(ax)
    some = cam.Meeting(
        pd.DataFrame({"actor": ["B", "A"], "code": ["x", "y"]}),
        actors=pd.DataFrame({"actor": ["A", "B"], "speaking_order": [None, 1]}),
    )
    assert x_labels(plots.buildup(some.tally())) == ["1. B", "A"]


def test_dimensions_have_their_color_at_both_levels():
    x = of("bundled")
    lines = {name: with_gid(plots.buildup(x.tally).lines, f"line {name}") for name in x.tally.keys}
    colors = {name: line.get_color() for name, (line,) in lines.items()}
    assert list(colors.values()) == list(_style.DIMENSIONS[:4])
    ax = plots.buildup(x.codes)
    for key, dimension in zip(x.codes.keys, x.codes.groups, strict=True):
        (line,) = [line for line in ax.lines if line.get_gid() == f"line {key}"]
        assert line.get_color() == colors[dimension]


def test_it_tells_what_it_shows_to_those_who_do_not_see_it():
    alt = plots.buildup(of("bundled").tally).get_figure().alt
    assert alt.endswith("terms definition 4, pragmatism 6, rights 5, coordination 9.")
