"""Squares of actors by actors, in the order of their own dendrogram."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from camdata.clustering import Clusters, check_agreement, cluster
from camdata.labels import Labeling, as_labels
from camdata.measures import is_bounded, measure_label
from camdata.plots import _style
from camdata.plots._dendrogram import draw_tree
from camdata.positions import STATEMENTS

LARGE = 24
"""From this number of actors on, cells are too small for numbers."""


def agreement(
    agreement: pd.DataFrame,
    clusters: Labeling | None = None,
    *,
    ax: Axes | None = None,
) -> Axes:
    """Draw agreement as a heatmap in the order of its own dendrogram.

    Parameters
    ----------
    agreement : pandas.DataFrame
        Actors × actors, from `camdata.agreement`.
    clusters : Clusters, Series or mapping, optional
        What to mark. By default the clusters of `camdata.cluster` where the measure lies between 0
        and 1, and none for counts and other measures.
    ax : matplotlib.axes.Axes, optional
        Where to draw the heatmap; the dendrogram stands to its left. By default on a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        The heatmap. The tree is that of the agreement itself; unplaced actors are at the end, and a
        pair with nothing to compare is grey, never 0. Names carry the number of statements where
        the table knows it. A plain labelling is marked by its colours beside the names.

    Examples
    --------
    >>> import camdata as cam
    >>> agreement = cam.agreement(cam.load_meeting().positions())
    >>> ax = cam.plots.agreement(agreement)
    >>> [label.get_text() for label in ax.get_yticklabels()][-1]
    'Bolivia (0)'
    """
    check_agreement(agreement, bounded=False)
    bounded = is_bounded(agreement)
    tree = clusters if isinstance(clusters, Clusters) else None
    if tree is None and bounded:
        tree = cluster(agreement)
    marks = clusters if clusters is not None else tree
    labels = as_labels(marks).reindex(agreement.index) if marks is not None else None
    order = tree.order if tree is not None else list(agreement.index)
    name = measure_label(agreement)
    statements: dict[str, int] = agreement.attrs.get(STATEMENTS, {})
    with _style.style():
        ax = square(agreement.loc[order, order], ax=ax, bounded=bounded, colorbar=name)
        beside(ax, order, tree, labels, statements)
        ax.set_title(
            f"Shared recorded positions: {name}, {_style.count(len(order), 'actor')}"
            f"{_style.behind(agreement.attrs)}",
            x=0,
        )
        number = 0 if labels is None else int(labels.nunique())
        unplaced = [] if tree is None else tree.unplaced.index.tolist()
        words = f"Heatmap of the {name} between {_style.count(len(order), 'actor')}"
        if tree is not None and len(tree.linkage):
            words += ", ordered by their dendrogram"
        if number:
            words += f" and marked as {_style.count(number, 'cluster')}"
        if unplaced:
            words += f"; {', '.join(unplaced)} cannot be placed"
        _style.describe(ax, f"{words}.")
    return ax


def square(table: pd.DataFrame, *, ax: Axes | None, bounded: bool, colorbar: str) -> Axes:
    """Draw a square table as a heatmap, NaN in grey, its colour bar below."""
    n = len(table)
    side = max((0.42 if n < LARGE else 0.2) * n, 2.2)
    ax = _style.axes(ax, (side, side))
    hidden = table.isna().to_numpy() | np.eye(n, dtype=bool)
    bar = ax.inset_axes((0.62, 1.012, 0.38, 0.018))
    sns.heatmap(
        table.astype("float64"),
        mask=hidden,
        ax=ax,
        cmap=_style.SHADES,
        vmin=0 if bounded else None,
        vmax=1 if bounded else None,
        annot=_written(table, bounded) if n < LARGE else False,
        fmt="",
        annot_kws={"fontsize": 6.5},
        linewidths=0.5 if n < LARGE else 0,
        linecolor="white",
        square=False,
        cbar_ax=bar,
        cbar_kws={"orientation": "horizontal"},
        xticklabels=list(table.columns),
        yticklabels=list(table.index),
    )
    bar.tick_params(labelsize=7, length=2, labeltop=True, top=True, labelbottom=False, bottom=False)
    bar.set_title(
        colorbar, fontsize=7.5, fontweight="normal", loc="left", x=-0.03, y=0.0, pad=0, ha="right"
    )
    bar.set_gid("colorbar")
    ax.set_facecolor(_style.MISSING)
    for i in range(n):
        ax.add_patch(Rectangle((i, i), 1, 1, fc="white", ec="#d5d5d5", lw=0.5, gid="diagonal"))
    for i, j in np.argwhere(table.isna().to_numpy()):
        if i != j and n < LARGE:
            ax.text(j + 0.5, i + 0.5, "–", ha="center", va="center", color=_style.FAINT, fontsize=7)
    ax.set(xlabel="", ylabel="")
    ax.yaxis.tick_right()
    size = 9 if n < LARGE else 6.5
    ax.tick_params(axis="y", rotation=0, length=0, labelsize=size)
    ax.tick_params(axis="x", length=0, labelsize=size)
    for tick in ax.get_xticklabels():
        tick.set(rotation=50, ha="right", rotation_mode="anchor")
    ax.spines[:].set_visible(False)
    return ax


def _written(table: pd.DataFrame, bounded: bool) -> NDArray[np.str_]:
    """Return the numbers in the cells, as short as they can be read."""

    def short(value: float) -> str:
        if np.isnan(value):
            return ""
        if not bounded:
            return f"{value:.0f}" if value == round(value) or abs(value) >= 100 else f"{value:.3g}"
        return f"{value:.2f}".replace("0.00", "0").replace("1.00", "1").removeprefix("0") or "0"

    cells = table.astype("float64").to_numpy()
    return np.array([[short(value) for value in row] for row in cells])


def beside(
    ax: Axes,
    order: list[str],
    tree: Clusters | None,
    labels: pd.Series[int] | None,
    statements: Mapping[str, int],
) -> None:
    """Draw the dendrogram left of a heatmap, mark the clusters, and count the statements."""
    n = len(order)
    names = [f"{a} ({statements[a]})" if a in statements else a for a in order]
    ax.set_yticks(np.arange(n) + 0.5, names)
    if tree is not None and len(tree.linkage):
        left = ax.inset_axes((-0.30, 0, 0.25, 1))
        draw_tree(left, tree)
        left.set_ylim(n * 10, 0)
        left.set_gid("dendrogram")
        # above, since the names of the columns take the room below
        left.xaxis.tick_top()
        left.set_xlabel("distance\n(1 − agreement)", loc="right", fontsize=7.5)
        left.xaxis.set_label_position("top")
        left.spines["bottom"].set_visible(False)
        left.spines["top"].set_visible(True)
    if labels is None:
        return
    for start, stop, label in runs([labels[actor] for actor in order]):
        if label is None:
            continue
        color = _style.cluster_color(label)
        strip = Rectangle(
            (-0.035, 1 - stop / n), 0.025, (stop - start) / n, fc=color, ec="white", lw=0.8
        )
        strip.set(transform=ax.transAxes, clip_on=False, gid=f"cluster {label}")
        ax.add_patch(strip)
        ax.text(
            -0.0225,
            1 - (start + stop) / 2 / n,
            str(label),
            transform=ax.transAxes,
            ha="center",
            va="center",
            fontsize=7,
            fontweight="bold",
            color=_style.ink_on(color),
        )
        size = stop - start
        if size > 1:
            box = Rectangle((start, start), size, size, fill=False, ec=_style.INK, lw=1.6)
            box.set(zorder=5, clip_on=False)
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
