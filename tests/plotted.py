"""What the tests of charts of results share: the results of the meetings in `charts`, made once."""

from functools import cache, cached_property
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from charts import SIZES, Material, clustered, drawn_texts, faults, of, title
from matplotlib.axes import Axes

import camdata as cam
from camdata import plots
from camdata.analysis.scaling import coordinates

ROOMY = [size for size in SIZES if size.values != (60, 3.5)]
"""Names beside points: sixty of thirty letters have no room in one column of a journal."""


class Results:
    """What charts are drawn from, each part made when it is first asked for."""

    def __init__(self, which):
        self.base: Material = of(which)
        self.few = 9 if which == 60 else 60

    def __getattr__(self, name: str) -> Any:
        return getattr(self.base, name)

    @cached_property
    def sensitivity(self):
        return cam.sensitivity(self.clusters)

    @cached_property
    def sensitivity_of_agreement(self):
        return cam.sensitivity(self.agreement)

    @cached_property
    def choice(self):
        return cam.cluster_choice(self.agreement, self.few)

    @cached_property
    def choice_of_codes(self):
        return cam.cluster_choice(cam.agreement(self.codes), self.few)

    @cached_property
    def null(self):
        return cam.null_model(self.codes, self.few)

    @cached_property
    def reliability(self):
        meeting = self.meeting
        if len(meeting.recodings) == 0:
            first = meeting.statements.drop(columns=["statement"], errors="ignore")
            second = first.drop(index=first.index[::7]).assign(coder="Ben")
            meeting = cam.Meeting(
                pd.concat([first.assign(coder="Ana"), second], ignore_index=True),
                actors=meeting.actors,
                codebook=meeting.codebook,
                stances=meeting.stances,
            )
        return cam.reliability(meeting)

    @cached_property
    def coordinates(self):
        return coordinates(self.clusters)

    @cached_property
    def coordinates_of_codes(self):
        return coordinates(clustered(cam.agreement(self.codes), 5))

    @cached_property
    def universe(self):
        return cam.multiverse(self.meeting, measures="jaccard", n_resamples=9)


@cache
def results(which):
    """Return the results of the bundled meeting, of 3 or 60 actors, and others of `charts.of`."""
    return Results(which)


def holds_for_every_chart(draw, tmp_path, *, names=True):
    """Assert what holds for every chart: its figure, title, size, axes, names and file.

    `draw` takes results and the keywords of every chart; `names` says whether it always names
    actors or codes.
    """
    x = results("bundled")
    before = dict(mpl.rcParams)
    ax = draw(x)
    own = title(ax)
    assert isinstance(ax, Axes)
    assert dict(mpl.rcParams) == before
    assert plt.get_fignums() == [ax.get_figure().number]
    assert own
    alt = ax.get_figure().alt
    assert len(alt) > 40
    assert alt.endswith(".")
    assert title(draw(x, title="Who stands with whom")) == "Who stands with whom"
    assert title(draw(x, title=None)) == ""
    assert not np.array_equal(pixels(draw(x)), pixels(draw(x, palette=["lime", "cyan", "gold"])))
    with pytest.raises(TypeError, match="`ax` must be one Axes"):
        draw(x, ax=plt.figure())
    ax = draw(x, figsize=(6.5, 7))
    assert tuple(ax.get_figure().get_size_inches()) == (6.5, 7)
    assert faults(ax) == {}
    plt.close("all")
    figure, (left, right) = plt.subplots(1, 2, figsize=(18, 9))
    place = right.get_position().bounds
    assert draw(x, ax=right) is right
    assert plt.get_fignums() == [figure.number]
    assert right.get_position().bounds == place
    assert not left.has_data()
    assert title(right) == own
    assert not hasattr(figure, "alt")
    ax = draw(results("dollars"), title="From $1 to $2")
    dollars = [text for text in drawn_texts(ax.get_figure()) if "$" in text.get_text()]
    assert len(dollars) > names
    assert not any(text.get_parse_math() for text in dollars)
    assert faults(ax) == {}
    for suffix in ("png", "svg", "pdf"):
        paths = [tmp_path / f"{name}.{suffix}" for name in ("first", "second")]
        for path in paths:
            plots.save(draw(results(3)), path)
        first, second = (path.read_bytes() for path in paths)
        assert len(first) > 1000
        assert first == second


def pixels(ax):
    figure = ax.get_figure()
    figure.canvas.draw()
    return np.array(figure.canvas.buffer_rgba())


def drawn_at(draw, which, width, points=8.0):
    """Draw a chart of results at a width in inches and a font size, as a journal asks for."""
    if width is None:
        return draw(results(which))
    with mpl.rc_context({"font.size": points}):
        return draw(results(which), figsize=width)
