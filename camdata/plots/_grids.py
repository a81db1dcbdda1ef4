"""Grids of cells: rectangles, gaps and brackets between groups, and colors of clusters."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.collections import PolyCollection
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from camdata.plots._layout import Chart, Floats

BRACKET = 0.27
"""The height that brackets below a grid take, in inches."""

MOST_VECTORS = 1_000
"""More cells of one kind than this are pixels in vector files, which stay small."""


def draw_cells(chart: Chart, x: Any, y: Any, size: Any, gid: str, **look: Any) -> None:
    """Draw rectangles of one size or of one each around points; outlines stay inside of them."""
    if not len(x):
        return
    half = np.reshape(size, (-1, 1, 2)) / 2 - (0.04 * np.max(size) if "ec" in look else 0.0)
    corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * half
    boxes: Any = np.column_stack([x, y])[:, None] + corners
    style: dict[str, Any] = {"ec": "none", "lw": 0.0, "rasterized": len(x) > MOST_VECTORS, **look}
    chart.ax.add_collection(PolyCollection(boxes, gid=gid, **style))


def draw_clusters(chart: Chart, numbers: Floats, size: tuple[float, float]) -> None:
    """Color the cells of rows × columns by the number of the cluster; unplaced ones are pale."""
    for number in np.unique(numbers[~np.isnan(numbers)]):
        y, x = np.nonzero(numbers == number)
        draw_cells(chart, x, y, size, f"cluster {number:g}", fc=chart.group_color(int(number)))
    y, x = np.nonzero(np.isnan(numbers))
    draw_cells(chart, x, y, size, "unplaced", fc=chart.colors.empty)


def cluster_key(
    chart: Chart, numbers: Iterable[float], *, others: str = "other clusters", dots: bool = False
) -> list[Artist]:
    """Return the key to the colors of clusters, as patches or as dots; NaN is unplaced."""

    def sign(label: str, fill: Any, edge: Any) -> Artist:
        if dots:
            return Line2D([], [], ls="", marker="o", ms=6, mfc=fill, mec=edge, label=label)
        return Patch(fc=fill, label=label)

    found = np.unique(np.asarray(list(numbers), dtype=float))
    present = [int(number) for number in found if not np.isnan(number)]
    own = [number for number in present if number <= len(chart.colors.groups)]
    key = [sign(f"cluster {n}", chart.group_color(n), chart.group_color(n)) for n in own]
    if len(present) > len(own):
        key.append(sign(others, chart.colors.rest, chart.colors.rest))
    if np.isnan(found).any():
        empty = chart.ground if dots else chart.colors.empty
        key.append(sign("in no cluster", empty, chart.colors.ink))
    return key


def gapped(at: Floats, groups: pd.Series[int] | None) -> Floats:
    """Return places with a gap wherever the group of the actors changes."""
    if groups is None or not len(at):
        return at
    numbers = groups.astype("float64").fillna(-1).to_numpy()
    changes = np.concatenate([[0], np.cumsum(numbers[1:] != numbers[:-1])])
    return np.asarray(at + (0.6 if len(at) <= 60 else 1.5) * changes)


def brackets(chart: Chart, labels: pd.Series[int], x: Floats, size: tuple[float, float]) -> None:
    """Mark the groups by lines below their columns."""
    ax, low = chart.ax, chart.ax.get_ylim()[0]
    inch = (low - ax.get_ylim()[1]) / size[1]
    step = size[0] / (ax.get_xlim()[1] - ax.get_xlim()[0])
    numbers = labels.astype("float64").fillna(np.inf).to_numpy()
    points = 8.5 * chart.size
    ends = {n: (x[numbers == n].min(), x[numbers == n].max()) for n in np.unique(numbers)}
    words = {n: ("Unplaced", "–") if np.isinf(n) else (f"Cluster {n:g}", f"{n:g}") for n in ends}

    def fits(words: str, number: float) -> bool:
        first, last = ends[number]
        return bool(chart.wide(words, points, bold=True) <= (last - first + 1.5) * step)

    in_full = all(fits(words[n][0], n) for n in ends if not np.isinf(n))
    for number, (first, last) in ends.items():
        full, short = words[number]
        said = full if fits(full, number) and (in_full or np.isinf(number)) else short
        y = low + 0.06 * inch
        ax.plot((first - 0.45, last + 0.45), [y, y], color=chart.colors.ink, lw=1.6, clip_on=False)
        if fits(said, number):
            look: dict[str, Any] = {"ha": "center", "va": "top", "fontweight": "bold"}
            middle = (first + last) / 2
            chart.text(middle, low + 0.1 * inch, said, points, gid=f"group {short}", **look)
