"""Charts in rows: a name on the left, something drawn along an axis, and words on the right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from matplotlib.ticker import MaxNLocator

from camdata._display.words import minus
from camdata.plots._layout import GAP, Chart, Floats, Names
from camdata.plots._style import LINE


@dataclass
class Rows:
    """The rows of a chart from top to bottom; those in `bold` are headings.

    `right` are words beside the rows, `what` is what the rows are, in the plural, `pitch` the
    height of a row in inches and `across` the most that the axes take.
    """

    names: list[str]
    right: list[str] = field(default_factory=list)
    bold: frozenset[int] = frozenset()
    what: str = "rows"
    pitch: float = 0.21
    across: float | None = None
    share: float = 0.34

    def lay_out(
        self, chart: Chart, limits: tuple[float, float], label: str, ticks: Sequence[float] = ()
    ) -> Floats:
        """Name the rows, number the x axis, write the words; return where the rows stand."""
        n, ax, size = len(self.names), chart.ax, chart.size
        gaps = np.cumsum([0.45 if i in self.bold and i else 0.0 for i in range(n)])
        y = np.arange(n) + gaps
        end = float(y.max(initial=0)) + 0.6
        ax.set(xlim=limits, ylim=(end, -0.6))
        ax.spines["left"].set_visible(False)
        words = [chart.cut(w, 8 * size, self.share * chart.width) for w in self.right]
        beside = max((chart.wide(w, 8 * size) for w in words), default=0.0)
        names = Names("left", y, self.names, bold=self.bold, what=self.what)
        wide, high = chart.lay_out(
            [names],
            width=np.inf if self.across is None else self.across * size,
            height=self.pitch * size * (end + 0.6),
            right=beside + 2 * GAP if beside else 0.1,
            bottom=(0.4 if label else 0.2) * size,
        )
        points = min(8 * size, 72 * high / (end + 0.6) / LINE)
        for at, written in zip(y, words, strict=False):
            place: dict[str, Any] = {"xycoords": ("axes fraction", "data"), "va": "center"}
            place |= {"textcoords": "offset points", "annotation_clip": False}
            look: dict[str, Any] = {"fontsize": points, "color": chart.colors.quiet, "gid": "words"}
            text = ax.annotate(written, (1, at), xytext=(100 * GAP, 0), **place, **look)
            text.set_visible(points >= 5)
        number_axis(chart, wide, label, ticks)
        return np.asarray(y)


def bars_with_marks(
    chart: Chart, y: Floats, bars: Any, marks: Any, gids: tuple[str, str], color: Any
) -> None:
    """Draw shares as bars, each with a mark for what it is compared with; NaN has no mark."""
    ax = chart.ax
    ax.set_xticks([0, 0.5, 1], ["0", "50%", "100%"])
    ax.barh(y, bars, 0.66, color=color, gid=gids[0])
    ends = y - 0.42, y + 0.42
    ax.vlines(marks, *ends, color=chart.colors.ink, lw=2, clip_on=False, gid=gids[1])


def number_axis(
    chart: Chart, long: float, label: str, ticks: Sequence[float] = (), *, upright: bool = False
) -> None:
    """Number an axis that is so many inches long at round places, and say what it is."""
    ax, points, quiet = chart.ax, 8 * chart.size, chart.colors.quiet
    axis = ax.yaxis if upright else ax.xaxis
    if not len(ticks):
        low, high = sorted(ax.get_ylim() if upright else ax.get_xlim())
        room = 0.35 if upright else 0.7
        most = int(np.clip(long / (room * chart.size), 1, 6))
        found = MaxNLocator(most, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high)
        ticks = [tick for tick in found if low - 1e-9 <= tick <= high + 1e-9]
    axis.set_ticks(list(ticks), [minus(f"{tick:,.6g}") for tick in ticks])
    axis.set_tick_params(length=2, pad=2, labelsize=points, labelcolor=quiet)
    place: Any = {"loc": "center"} if upright else {"loc": "left", "labelpad": 2}
    (ax.set_ylabel if upright else ax.set_xlabel)(label, fontsize=points, color=quiet, **place)
