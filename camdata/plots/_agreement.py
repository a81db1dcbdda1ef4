"""Squares of actors by actors, in the order of their own dendrogram."""

from __future__ import annotations

from typing import Unpack

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from matplotlib.text import Text
from numpy.typing import NDArray

from camdata._display.words import count, listed
from camdata.analysis.clustering import Clusters, cluster
from camdata.analysis.measures import Agreement, as_agreement
from camdata.plots import _chart, _look, _style
from camdata.plots._chart import Chart
from camdata.plots._dendrogram import draw_tree

LARGE = 24
"""From this number of actors on, cells are too small for numbers."""

STRIP = 0.19
"""How far left of the heat map its clusters are marked, in inches."""


@_look.signed
def agreement(of: Clusters | Agreement | pd.DataFrame, **look: Unpack[_look.Look]) -> Axes:
    """Draw agreement as a heat map in the order of its own dendrogram.

    Parameters
    ----------
    of : Clusters or Agreement or pandas.DataFrame
        Clusters are marked; an agreement (or a square table of your own) is clustered by
        `camdata.cluster` where it lies between 0 and 1, and drawn in its own order otherwise.
    title, labels, palette, figsize, ax
        As for every chart (`camdata.plots`); the palette is that of the clusters. The dendrogram
        stands to the left of `ax`.

    Returns
    -------
    matplotlib.axes.Axes
        The heat map. The tree is that of the agreement itself, its branches turned so that clusters
        ascend as far as the tree lets them; the dashed line is its cut. Unplaced actors are at the
        end, and a pair with nothing to compare is grey, never 0. Names carry the number of
        statements where the tally knows it.

    Examples
    --------
    >>> import camdata as cam
    >>> clusters = cam.cluster(cam.agreement(cam.load_meeting().tally()), n_clusters=3)
    >>> ax = cam.plots.agreement(clusters)
    >>> [label.get_text() for label in ax.get_yticklabels()][-1]
    'Bolivia (0)'
    """
    clusters = of if isinstance(of, Clusters) else None
    agreement = of.agreement if isinstance(of, Clusters) else as_agreement(of)
    if clusters is None and agreement.bounded:
        clusters = cluster(agreement)
    order = list(agreement.actors) if clusters is None else clusters.order
    tally = agreement.tally
    numbers = None if tally is None or tally.statements is None else tally.statements
    with _chart.drawing(side_of(order), tally=tally, **look) as chart:
        table = agreement.frame.loc[order, order]
        names = chart.actors(order, numbers)
        square(chart, table, clusters, names, bounded=agreement.bounded, scale=agreement.label)
        if numbers is not None:
            chart.note("in brackets: recorded statements")
        words = f"{agreement.label}, {count(len(order), 'actor')}"
        alt = f"Heat map of the {agreement.label} between {count(len(order), 'actor')}"
        if clusters is not None and len(clusters.linkage):
            alt += ", ordered by their dendrogram"
        if clusters is not None and clusters.n_clusters:
            alt += f" and marked as {count(clusters.n_clusters, 'cluster')}"
        if clusters is not None and len(clusters.unplaced):
            alt += f"; {listed(chart.actors(clusters.unplaced.index))} cannot be placed"
        chart.says(f"Shared recorded positions: {words}{_look.about(tally)}", f"{alt}.")
    return chart.ax


def side_of(order: list[str]) -> tuple[float, float]:
    """Return the size of a square of actors, in inches."""
    side = max((0.36 if len(order) < LARGE else 0.16) * len(order), 1.4)
    return side, side


def square(
    chart: Chart,
    table: pd.DataFrame,
    clusters: Clusters | None,
    names: list[str],
    *,
    bounded: bool,
    scale: str,
) -> None:
    """Draw a square table as a heat map, NaN in grey, with its clusters, tree and color bar."""
    ax, n = chart.ax, len(table)
    values = table.to_numpy(dtype="float64")
    missing = np.isnan(values) & ~np.eye(n, dtype=bool)
    bar = chart.inset(lambda width, height: (0, height + 0.05, width, 0.07), "colorbar")
    sns.heatmap(
        table,
        mask=np.isnan(values) | np.eye(n, dtype=bool),
        ax=ax,
        cmap=chart.shades(),
        vmin=0 if bounded else None,
        vmax=1 if bounded else None,
        linewidths=0.5 if n < LARGE else 0,
        linecolor=chart.ground,
        cbar_ax=bar,
        cbar_kws={"orientation": "horizontal"},
        xticklabels=False,
        yticklabels=False,
    )
    small = chart.font(0.78)
    bar.tick_params(
        labelsize=small, length=2, labeltop=True, top=True, labelbottom=False, bottom=False
    )
    bar.set_title(scale, fontsize=small, fontweight="normal", loc="left", pad=3)
    chart.few_ticks(bar)
    ax.set_facecolor(_style.MISSING)
    for i in range(n):
        ax.add_patch(
            Rectangle((i, i), 1, 1, fc=chart.ground, ec=_style.MISSING, lw=0.5, gid="diagonal")
        )
    if n < LARGE:
        _write_cells(chart, values, missing, bounded)
        mesh = ax.collections[0]  # gaps that suit the cells, however narrow
        chart.adapt(lambda: mesh.set_linewidth(min(0.5, 0.05 * chart.points("x"))))
    ax.set(xlabel="", ylabel="")
    ax.spines[:].set_visible(False)
    if chart.fixed[0] is not None:
        chart.adapt(lambda: chart.ask_height(max(chart.inches()[0], n * chart.pitch())))
    at = [i + 0.5 for i in range(n)]
    ax.yaxis.tick_right()
    chart.rows(at, names)
    chart.columns(
        at,
        chart.actors(table.columns),
        least=4.5,
        without="columns are the actors in the order of the rows",
    )
    if clusters is not None:
        _mark_clusters(chart, clusters, list(table.index))


def _write_cells(
    chart: Chart, values: NDArray[np.float64], missing: NDArray[np.bool_], bounded: bool
) -> None:
    """Write the numbers of a heat map into its cells, where they have room."""
    shades, ax = chart.ax.collections[0], chart.ax
    colors = shades.to_rgba(values)
    texts: list[Text] = []
    for i, j in np.argwhere(~np.eye(len(values), dtype=bool)):
        absent = bool(missing[i, j])
        texts.append(
            ax.text(
                j + 0.5,
                i + 0.5,
                "–" if absent else short(float(values[i, j]), bounded),
                ha="center",
                va="center",
                fontsize=chart.font(0.72),
                color=_style.FAINT if absent else _style.ink_on(colors[i, j]),
                gid="missing" if absent else "value",
                in_layout=False,  # what is inside the axes needs no room around them
            )
        )
    most = max((len(text.get_text()) for text in texts), default=1)

    def fit() -> None:
        # a digit is about 0.64 of the font size wide
        size = min(
            chart.font(0.72), chart.points("x") / (0.66 * most), chart.points("y") / _style.LINE
        )
        for text in texts:
            text.set(fontsize=size, visible=size >= 4)

    chart.adapt(fit)


def short(value: float, bounded: bool) -> str:
    """Return a number as short as it can be read."""
    if not bounded:
        return f"{value:.0f}" if value == round(value) or abs(value) >= 100 else f"{value:.3g}"
    return f"{value:.2f}".replace("0.00", "0").replace("1.00", "1").removeprefix("0") or "0"


def _mark_clusters(chart: Chart, clusters: Clusters, order: list[str]) -> None:
    """Draw the tree left of a heat map, and number its clusters down the chart."""
    ax, n = chart.ax, len(order)
    wide = 0.9 * chart.unit
    if len(clusters.linkage):
        left = chart.inset(
            lambda width, height: (
                -STRIP - 0.05 - min(wide, 0.35 * width),
                0,
                min(wide, 0.35 * width),
                height,
            ),
            "dendrogram",
        )
        draw_tree(chart, left, clusters)
        left.set_ylim(n, 0)
        left.set_axis_off()
        chart.note("dashed: where the tree is cut")
    labels = clusters.labels
    strip = chart.inset(lambda width, height: (-STRIP, 0, STRIP - 0.05, height), "clusters")
    strip.set(xlim=(0, 1), ylim=(n, 0))
    strip.set_axis_off()
    for start, stop, label in runs([labels[actor] for actor in order]):
        if label is None:
            continue
        color = chart.cluster_color(label)
        strip.add_patch(
            Rectangle(
                (0, start), 1, stop - start, fc=color, ec=chart.ground, gid=f"cluster {label}"
            )
        )
        strip.text(
            0.5,
            (start + stop) / 2,
            str(label),
            ha="center",
            va="center",
            fontsize=chart.font(0.78 if n < LARGE else 0.66),
            fontweight="bold",
            color=_style.ink_on(color),
        )
        if stop - start > 1:
            box = Rectangle((start, start), stop - start, stop - start, fill=False, ec=chart.ink)
            box.set(lw=1.5, zorder=5, clip_on=False, gid=f"members of {label}")
            ax.add_patch(box)


def runs(labels: list[int]) -> list[tuple[int, int, int | None]]:
    """Return stretches of the same label: start, stop (half open), label or None for missing."""
    result: list[tuple[int, int, int | None]] = []
    for i, label in enumerate(labels):
        value = None if pd.isna(label) else int(label)
        if result and result[-1][2] == value:
            result[-1] = (result[-1][0], i + 1, value)
        else:
            result.append((i, i + 1, value))
    return result
