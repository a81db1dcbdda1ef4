"""Agreement as a heat map of actors by actors, beside its tree."""

from __future__ import annotations

import re
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.collections import LineCollection
from matplotlib.colors import Colormap, LinearSegmentedColormap, Normalize

from camdata._display.words import count, minus
from camdata.analysis.clustering import Clusters, default_tree
from camdata.analysis.measures import Agreement, as_agreement
from camdata.plots import _style
from camdata.plots._grids import BRACKET, brackets, draw_cells, gapped
from camdata.plots._layout import GAP, Chart, Floats, Names, chart
from camdata.plots._look import Labels, Look, Palette, Size, about
from camdata.plots._words import ALONE, measured

NUMBERED = 15
"""Up to this number of actors cells hold their numbers."""

TREE, BAR = 0.8, 0.42
"""The width of the tree, and the height that the scale below takes, in inches."""


@chart
def agreement(
    of: Clusters | Agreement | pd.DataFrame,
    *,
    cmap: str | Colormap | None = None,
    note: str | None = None,
    title: str | None = None,
    labels: Labels = None,
    palette: Palette = None,
    figsize: Size = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw agreement as a heat map in the order of its tree.

    Parameters
    ----------
    of : Clusters, Agreement or pandas.DataFrame
        Clusters are marked, with the cut of their tree. An agreement (or a square table of your
        own) from 0 to 1 is drawn in the order of its tree without clusters, so that no random
        tables are needed; any other agreement in its own order.
    cmap : str or matplotlib.colors.Colormap, optional
        The colors of the cells; by default from white to blue, or from orange to blue for a measure
        that goes below 0.
    note : str, optional
        The last line below the chart, in place of the chart's own.
    title, labels, palette, figsize, ax
        As for every chart (`camdata.plots`); the palette names ``supports`` and ``opposes``, the
        ends of the colors.

    Returns
    -------
    matplotlib.axes.Axes
        Actors are named once, in rows; columns are in the same order. The scale ends at the robust
        maximum: the largest value, or where single pairs stand out, the 98th percentile, which is
        then marked with ≥. A pair with nothing to compare has a dash or is pale, never 0. Unplaced
        actors come last.

    Examples
    --------
    >>> import camdata as cam
    >>> clusters = cam.cluster(cam.agreement(cam.load_meeting().tally()), n_clusters=2)
    >>> ax = cam.plots.agreement(clusters)
    >>> [label.get_text() for label in ax.get_yticklabels()][-1]
    'Bolivia'
    """
    clusters = of if isinstance(of, Clusters) else None
    found = of.agreement if isinstance(of, Clusters) else as_agreement(of)
    chart = Chart(Look(title, labels, palette, figsize, ax), found.tally)
    if not len(found.pairs):
        return chart.sentence(*ALONE)
    ordered = clusters
    if clusters is None and found.bounded and len(found.actors) > 2:
        ordered = default_tree(found)
    order = list(found.actors) if ordered is None else list(ordered.order)
    table = found.frame.loc[order, order]
    groups = None if clusters is None else clusters.labels.reindex(order)
    has_tree = ordered is not None and len(ordered.linkage) > 0
    is_cut = clusters is not None and clusters.n_clusters > 1
    cut = "; dashed: its cut" if is_cut else ""
    subtitle = f"{measured(found)}: the stronger the color, the more alike."
    subtitle += f" The tree joins the most alike first{cut}." if has_tree else ""
    words = f"{count(len(order), 'actor')}{about(found.tally)}"
    pairs = found.pairs
    if np.isnan(pairs).any():
        words += f". Nothing to compare for {np.isnan(pairs).sum():,} of {len(pairs):,} pairs"
    title_, alt = _finding(table, groups), f"Heat map of the {found.label} of {words}"
    chart.says(title_, subtitle, words if note is None else note, f"{alt}. {title_}.")
    scale = robust(pairs, signed=bool((pairs[~np.isnan(pairs)] < 0).any()) or found.is_signed)
    tree = ordered if has_tree else None
    square(chart, table, groups, scale, cmap=cmap, tree=tree, is_cut=is_cut)
    return chart.ax


def _finding(table: pd.DataFrame, groups: pd.Series[int] | None) -> str:
    """Say how much members of a cluster agree, and how much members of two clusters."""
    if groups is not None:
        numbers, (i, j) = groups.astype("float64").to_numpy(), np.triu_indices(len(groups), 1)
        values, same = table.to_numpy()[i, j], numbers[i] == numbers[j]
        known = ~np.isnan(values + numbers[i] + numbers[j])
        parts = values[known & same], values[known & ~same]
        if all(map(len, parts)):
            inside, between = (minus(f"{part.mean():.2f}") for part in parts)
            return f"Mean agreement is {inside} inside clusters and {between} between them"
    return "Who agrees with whom, and how much?"


def robust(values: Floats, *, signed: bool) -> tuple[float, float, bool]:
    """Return where a scale of colors starts and ends, and whether values lie beyond its end."""
    sizes = np.abs(values[~np.isnan(values)])
    largest = float(sizes.max(initial=0.0)) or 1.0
    usual = float(np.quantile(sizes, 0.98)) if len(sizes) else largest
    beyond = 0 < usual < 0.8 * largest
    end = max(float(f"{usual:.1g}"), usual) if beyond else largest
    return (-end if signed else 0.0), end, beyond


def square(
    chart: Chart,
    table: pd.DataFrame,
    groups: pd.Series[int] | None,
    scale: tuple[float, float, bool],
    *,
    cmap: str | Colormap | None = None,
    tree: Clusters | None = None,
    is_cut: bool = False,
) -> None:
    """Draw a square table with its actors named once, its groups, its tree and its scale."""
    n, actors = len(table), list(table.index)
    at = gapped(np.arange(n, dtype=float), groups)
    end = float(at.max(initial=0)) + 0.5
    chart.span((-0.5, end), (end, -0.5))
    values = table.to_numpy(dtype="float64", copy=True)
    np.fill_diagonal(values, np.nan)
    inside = ~np.isnan(values)
    if groups is not None:
        numbers = groups.astype("float64").to_numpy()
        inside &= numbers[:, None] == numbers
    # where not all names have room, those stay that agree least with their own group
    fit = np.where(inside, values, 0.0).sum(axis=1) / np.maximum(inside.sum(axis=1), 1)
    rows = Names("left", at, [chart.actor(name) for name in actors], first=fit)
    below = 0.0 if groups is None else BRACKET
    size = chart.lay_out(
        [rows],
        width=max(0.34 * chart.size * (end + 0.5), 1.2),
        height=lambda wide: max(wide, min((end + 0.5) * _style.LINE * _style.FLOOR / 72, 6.5)),
        right=TREE * chart.size if tree is not None else 0.0,
        bottom=(BAR + below) * chart.size,
    )
    low, high, _ = scale
    colors = _cmap(chart, cmap, signed=low < 0)
    i, j = np.nonzero(np.isnan(values) & ~np.eye(n, dtype=bool))
    draw_cells(chart, at[j], at[i], (0.94, 0.94), "missing", fc=chart.colors.empty)
    i, j = np.nonzero(~np.isnan(values))
    side = 0.94 if n <= 40 else 1.0
    look: dict[str, Any] = {"array": values[i, j], "cmap": colors, "clim": (low, high)}
    draw_cells(chart, at[j], at[i], (side, side), "agreement", antialiased=n <= 40, **look)
    if n <= NUMBERED:
        step = 72 * size[0] / (float(at.max(initial=0)) + 1)
        _write_numbers(chart, at, values, ScalarMappable(Normalize(low, high), colors), step)
    if groups is not None:
        brackets(chart, groups, at, size)
    if tree is not None:
        _draw_tree(chart, tree, dict(zip(actors, at, strict=True)), cut=is_cut)
    _draw_scale(chart, colors, scale, below * chart.size)


def _cmap(chart: Chart, cmap: str | Colormap | None, *, signed: bool) -> Colormap:
    usual = mpl.rcParams["image.cmap"]
    if cmap is not None or usual != mpl.rcParamsDefault["image.cmap"]:
        return mpl.colormaps.get_cmap(cmap or usual)
    full = chart.color("supports")
    start: Any = _style.blend(full, chart.ground, 0.05)
    ends = [chart.color("opposes"), start, full] if signed else [start, full]
    return LinearSegmentedColormap.from_list("camdata", ends)


def _write_numbers(
    chart: Chart, at: Floats, values: Floats, colors: ScalarMappable, step: float
) -> None:
    """Write all values into their cells where all have room: 0 is blank, missing a dash."""
    known = values[~np.isnan(values)]
    whole = bool((known % 1 == 0).all()) and known.max(initial=0) > 1
    words = {
        (i, j): "–" if np.isnan(value) else minus(f"{value:.0f}" if whole else _short(value))
        for (i, j), value in np.ndenumerate(values)
        if i != j and value != 0
    }
    longest = max(map(len, words.values()), default=1)
    points = min(7.5 * chart.size, step / (0.68 * longest))
    for (i, j), written in words.items() if points >= _style.FLOOR else ():
        look: dict[str, Any] = {"color": chart.colors.quiet, "ha": "center", "gid": "missing"}
        if written != "–":
            look |= {"color": _style.ink_on(colors.to_rgba(values[i, j])), "gid": "value"}
        chart.text(float(at[j]), float(at[i]), written, points, **look)


def _short(value: float) -> str:
    """Return a number with two digits, without zeros that say nothing: .44, 1, 10.50."""
    return re.sub(r"^(-?)0\.", r"\1.", f"{value:.2f}".removesuffix(".00"))


def _draw_tree(chart: Chart, tree: Clusters, place: dict[str, float], *, cut: bool) -> None:
    """Draw the tree right of the cells, its root on the right, and where it is cut."""
    ax = chart.ax
    linkage = np.asarray(tree.linkage)
    top = max(float(linkage[:, 2].max()), 1e-9)
    at = [(0.0, place[name]) for name in tree.placed]
    lines = []
    for left, right, height, _ in linkage:
        (x1, y1), (x2, y2) = at[int(left)], at[int(right)]
        lines.append([(x1, y1), (height, y1), (height, y2), (x2, y2)])
        at.append((float(height), (y1 + y2) / 2))
    box = ax.get_position()
    wide = TREE * chart.size / chart.width if chart.own else 0.12 * box.width
    inset = ax.inset_axes((1.0, 0.0, (wide - 0.04 * (wide > 0.05)) / box.width, 1.0))
    inset.set_gid("tree")
    inset.set(xlim=(-0.05 * top, 1.06 * top), ylim=ax.get_ylim())
    inset.set_axis_off()
    thin = 0.9 if len(place) <= 60 else 0.5
    inset.add_collection(LineCollection(lines, colors=chart.colors.ink, lw=thin, gid="merges"))
    if cut:
        merges = np.sort(linkage[:, 2])
        made = len(tree.placed) - tree.n_clusters
        below = merges[made - 1] if made else 0.0
        above = merges[made] if made < len(merges) else 1.04 * top
        look: dict[str, Any] = {"color": chart.colors.quiet, "lw": 1.0, "ls": (0, (4, 2))}
        inset.axvline(float(below + above) / 2, gid="cut", **look)


def _draw_scale(
    chart: Chart, cmap: Colormap, scale: tuple[float, float, bool], down: float
) -> None:
    """Draw the scale of the colors below the cells."""
    low, high, beyond = scale
    ax, (wide, tall) = chart.ax, chart.inches
    across = min(1.6 * chart.size, wide)
    y = -(down + GAP + 0.1 * chart.size)
    bar = ax.inset_axes((0.0, y / tall, across / wide, 0.09 * chart.size / tall))
    bar.set_gid("scale")
    bar.imshow(np.linspace(0, 1, 256)[None], aspect="auto", cmap=cmap, extent=(low, high, 0, 1))
    bar.set_yticks([])
    ends = [low, 0.0, high] if low < 0 else [low, high]
    words = [minus(f"{tick:.2g}") for tick in ends]
    if beyond:
        words = [f"≤ {words[0]}" if low < 0 else words[0], *words[1:-1], f"≥ {words[-1]}"]
    bar.set_xticks(ends, words)
    bar.tick_params(length=0, pad=2, labelsize=8 * chart.size, labelcolor=chart.colors.quiet)
    bar.spines[:].set_visible(False)
