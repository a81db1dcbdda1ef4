"""How many clusters: silhouettes of the data against those of random tables."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from camdata._display.words import count, minus, p_words
from camdata.analysis.chance import ClusterChoice
from camdata.plots._layout import Chart, Names, chart
from camdata.plots._look import Labels, Look, Palette, Size, about
from camdata.plots._rows import number_axis
from camdata.plots._words import capital, number_word


@chart
def cluster_choice(
    choice: ClusterChoice,
    *,
    title: str | None = None,
    labels: Labels = None,
    palette: Palette = None,
    figsize: Size = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw how clear each number of clusters is, against random tables.

    Parameters
    ----------
    choice : ClusterChoice
        From `camdata.cluster_choice`.
    title, labels, palette, figsize, ax
        As for every chart (`camdata.plots`); the palette's first color is the dots'.

    Returns
    -------
    matplotlib.axes.Axes
        For each number of clusters a dot for the silhouette of the data, a dash for the mean of the
        random tables, a bar for the middle nine tenths of them, and a number for the difference of
        dot and dash in standard deviations. The chosen number has a ring.

    Examples
    --------
    >>> import camdata as cam
    >>> choice = cam.cluster_choice(cam.agreement(cam.load_meeting().tally()), 99)
    >>> ax = cam.plots.cluster_choice(choice)
    >>> ax.get_xlabel()
    'number of clusters'
    """
    table, tally = choice.table, choice.agreement.tally
    chart = Chart(Look(title, labels, palette, figsize, ax), tally)
    if table.empty or np.isnan(choice.largest):
        chart.sentence("There are no clusters to choose among", choice.summary)
        return chart.ax
    finding = "No number of clusters is"
    if choice.is_clear:
        finding = f"{capital(number_word(choice.n_clusters))} clusters are"
    note = f"{count(len(choice.agreement.actors), 'actor')}{about(tally)}"
    note += f". Chance: {count(choice.n_resamples, 'random table')} with the same totals"
    note += ". Numbers: silhouette less chance, in standard deviations"
    chart.says(
        f"{finding} clearer than in random tables ({p_words(choice.p_value)})",
        "Silhouette: how much nearer actors are to their own cluster than to the next.",
        note,
        f"Silhouettes by number of clusters. {choice.summary}",
    )
    ax, size, color, quiet = chart.ax, chart.size, chart.color("supports"), chart.colors.quiet
    dot: dict[str, Any] = {"ls": "", "marker": "o", "color": color, "ms": 6 * size}
    dash: dict[str, Any] = {"ls": "", "marker": "_", "color": quiet, "ms": 14 * size, "mew": 1.6}
    ring: dict[str, Any] = {"ls": "", "marker": "o", "mfc": "none", "mec": chart.colors.ink}
    chart.key(
        [
            Line2D([], [], label="recorded positions", **dot),
            Patch(fc=chart.colors.rule, label="nine tenths of random tables"),
            Line2D([], [], label="their mean", **dash),
            Line2D([], [], label="chosen", ms=8, mew=1.3, **ring),
        ]
    )
    x = table.index.to_numpy(dtype=float)
    values = table[["silhouette", "expected", "low", "high"]].to_numpy(dtype=float)
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    span, edge = (high - low) or 0.1, 0.06 * (x[-1] - x[0]) + 0.4
    ax.set(xlim=(x[0] - edge, x[-1] + edge), ylim=(low - 0.12 * span, high + 0.3 * span))
    wide, high = chart.lay_out(
        height=2.6 * size, width=5.5 * size, left=0.55 * size, right=0.05, bottom=0.4 * size
    )
    ax.vlines(x, values[:, 2], values[:, 3], color=chart.colors.rule, lw=6 * size, gid="random")
    ax.plot(x, values[:, 1], gid="expected", **dash)
    ax.plot(x, values[:, 0], gid="silhouette", **dot)
    chosen = x == choice.n_clusters
    ax.plot(x[chosen], values[chosen, 0], gid="chosen", ms=11 * size, mew=1.3, **ring)
    # numbers that have room for a label, the chosen one first
    room = chart.wide("+0.0", 8 * size) * 1.15 * (x[-1] - x[0] + 2 * edge) / wide
    shown = Names("bottom", x, [str(number) for number in x], first=~chosen).chosen(room)
    look: dict[str, Any] = {"ha": "center", "va": "bottom", "color": quiet, "gid": "excess"}
    for i in shown:
        if not np.isnan(excess := float(table["excess"].iloc[i])):
            top = float(np.nanmax(values[i])) + 0.09 * span
            chart.text(x[i], top, minus(f"{excess:+.1f}"), 8 * size, **look)
    number_axis(chart, wide, "number of clusters", x[shown].tolist())
    number_axis(chart, high, "mean silhouette", upright=True)
    return ax
