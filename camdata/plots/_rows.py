"""Charts in rows: a name on the left, something drawn along an axis, and words on the right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from matplotlib.ticker import MaxNLocator

from camdata.plots import _layout as lay
from camdata.plots._layout import Chart
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
    ) -> lay.Floats:
        """Name the rows, number the x axis, write the words; return where the rows stand."""
        n, ax, size = len(self.names), chart.ax, chart.size
        gaps = np.cumsum([0.45 if i in self.bold and i else 0.0 for i in range(n)])
        y = np.arange(n) + gaps
        end = float(y.max(initial=0)) + 0.6
        ax.set(xlim=limits, ylim=(end, -0.6))
        ax.spines["left"].set_visible(False)
        words = [chart.cut(w, 8 * size, self.share * chart.width) for w in self.right]
        beside = max((chart.wide(w, 8 * size) for w in words), default=0.0)
        first = np.array([0 if i in self.bold else 1 for i in range(n)])
        names = lay.Names("left", y, self.names, first=first, bold=self.bold, what=self.what)
        wide, high = chart.lay_out(
            [names],
            width=np.inf if self.across is None else self.across * size,
            height=self.pitch * size * (end + 0.6),
            right=beside + 2 * lay.GAP if beside else 0.1,
            bottom=(0.4 if label else 0.2) * size,
        )
        points = min(8 * size, 72 * high / (end + 0.6) / LINE)
        for at, written in zip(y, words, strict=False):
            text = ax.annotate(
                written,
                (1, at),
                xycoords=("axes fraction", "data"),
                xytext=(72 * lay.GAP * 1.4, 0),
                textcoords="offset points",
                va="center",
                fontsize=points,
                color=chart.colors.quiet,
                annotation_clip=False,
                gid="words",
            )
            text.set_visible(points >= 5)
        number_axis(chart, wide, label, ticks)
        return np.asarray(y)


def number_axis(chart: Chart, wide: float, label: str, ticks: Sequence[float] = ()) -> None:
    """Number the x axis at so many round places as have room, and say what it is."""
    ax, size = chart.ax, chart.size
    if not len(ticks):
        found = MaxNLocator(int(np.clip(wide / (0.7 * size), 1, 6)), steps=[1, 2, 2.5, 5, 10])
        ticks = [t for t in found.tick_values(*ax.get_xlim()) if _inside(t, ax.get_xlim())]
    words = [f"{tick:,.6g}".replace("-", "−") for tick in ticks]
    ax.set_xticks(list(ticks), words)
    ax.tick_params(axis="x", length=2, pad=2, labelsize=8 * size, labelcolor=chart.colors.quiet)
    ax.set_xlabel(label, fontsize=8 * size, loc="left", color=chart.colors.quiet, labelpad=2)


def _inside(value: float, limits: tuple[float, float]) -> bool:
    low, high = sorted(limits)
    return low - 1e-9 <= value <= high + 1e-9
