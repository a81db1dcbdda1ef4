"""Against chance: how many clusters, and what pairs share."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from camdata._display.words import capital, count, minus, p_words
from camdata.analysis.chance import ClusterChoice, NullModel
from camdata.plots import _placing as placing
from camdata.plots._layout import Chart, Names, chart
from camdata.plots._look import Labels, Look, Palette, Size, about
from camdata.plots._rows import number_axis
from camdata.plots._style import blend
from camdata.plots._words import beyond_chance, number_word


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
        none = "There are no clusters to choose among"
        none = none if table.empty else "The number of clusters cannot be tested"
        return chart.sentence(none, choice.summary)
    finding = "No number of clusters is significantly clearer"
    if choice.is_clear:
        finding = f"{capital(number_word(choice.n_clusters))} clusters are clearer"
    note = f"{count(len(choice.agreement.actors), 'actor')}{about(tally)}"
    note += f". Chance: {count(choice.n_resamples, 'random table')} with the same totals"
    note += ". Numbers: silhouette less chance, in standard deviations"
    chart.says(
        f"{finding} than in random tables ({p_words(choice.p_value)})",
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


NAMED_PAIRS = 6
"""At most so many pairs are named."""

APART = 40
"""How many places for dots there are side by side."""

UNUSUAL = 0.05
"""Where no pair is significant, those with a p value up to this one are named all the same."""


@chart
def null_model(
    null_model: NullModel,
    *,
    title: str | None = None,
    labels: Labels = None,
    palette: Palette = None,
    figsize: Size = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw what pairs of actors share against what chance would give them.

    Parameters
    ----------
    null_model : NullModel
        From `camdata.analysis.null_model`.
    title, labels, palette, figsize, ax
        As for every chart (`camdata.plots`); the palette's first color is the dots'.

    Returns
    -------
    matplotlib.axes.Axes
        A dot for each pair, larger where several fall together; on the dashed line a pair shares
        just what random tables with the same totals give. Significant pairs are filled and named.
        Where there are none, the pairs with the smallest p values are named, if these are at most
        0.05 before adjusting for the number of pairs. The title says how many pairs could have
        reached significance at all.

    Examples
    --------
    >>> import camdata as cam
    >>> null = cam.analysis.null_model(cam.load_meeting().tally("code"), 99)
    >>> cam.plots.null_model(null).get_title(loc="left").partition(";")[0]
    'No pair shares significantly more than chance'
    """
    pairs, tally = null_model.frame, null_model.tally
    chart = Chart(Look(title, labels, palette, figsize, ax), tally)
    found, named, kept = _points(pairs), _named(pairs), int(pairs["significant"].sum())
    note = f"{count(len(pairs), 'pair')}{about(tally)}"
    note += f". Chance: {count(null_model.n_resamples, 'random table')} with the same totals"
    if kept > len(named):
        note += f". Named: the {len(named)} with the smallest p"
    elif not kept and len(named):
        note += f". Named: p up to {UNUSUAL:g} before adjusting for the number of pairs"
    words = (
        beyond_chance(null_model),
        "Each dot is a pair (larger: several); on the line, it shares what chance gives.",
        note,
        f"Scatter of shared against expected positions. {null_model.summary}",
    )
    both = named["actor"].map(chart.actor) + " – " + named["other"].map(chart.actor)
    names = dict(zip(named["row"], both, strict=True))
    written = ["\n".join(names[row] for row in rows if row in names) for rows in found["rows"]]
    radius = np.maximum(np.sqrt(14 + 22 * np.sqrt(found["pairs"].to_numpy())) / 2, 4.6)
    at = found[["expected", "shared"]].to_numpy(dtype=float)
    wide = float(pairs["expected"].max()) or 1.0
    high = max(float(pairs["shared"].max()), 1.0)
    ax, color = chart.ax, chart.color("supports")
    ax.set(xlim=(-0.06 * wide, 1.12 * wide), ylim=(-0.12 * high, 1.15 * high))
    dash: dict[str, Any] = {"color": chart.colors.quiet, "ls": "--", "lw": 1}
    signs = [Line2D([], [], label="as expected by chance", **dash)]
    fills = {"not significant": blend(color, chart.ground, 0.25), "significant": color}
    kinds = ["significant" if clear else "not significant" for clear in found["significant"]]
    for kind in [kind for kind in fills if kind in kinds]:
        dot: dict[str, Any] = {"ls": "", "marker": "o", "mfc": fills[kind], "mec": color}
        signs.append(Line2D([], [], ms=5, label=kind, **dot))
    chart.key(signs)
    looks = [{"fc": fills[kind], "ec": color} for kind in kinds]
    size = 7.5 * chart.size
    points = placing.Points(at, radius * chart.size, written, looks, kinds, size=size)
    room: dict[str, Any] = {"left": 0.45 * chart.size, "right": 0.05, "bottom": 0.4 * chart.size}
    lay_out = partial(chart.lay_out, height=lambda w: 0.62 * w, **room)
    placing.draw_points(chart, words, points, lay_out, "dots")
    end = min(1.12 * wide, 1.08 * high)
    ax.plot([0, end], [0, end], zorder=1, gid="expected", **dash)
    number_axis(chart, chart.inches[0], "shared positions expected by chance")
    ticks = MaxNLocator(6, integer=True).tick_values(0, high)
    number_axis(chart, 0, "shared positions", [t for t in ticks if t <= 1.1 * high], upright=True)
    return ax


def _points(pairs: pd.DataFrame) -> pd.DataFrame:
    """Return the places of the dots, with which pairs fall together in each, by their rows.

    Pairs that share as many fall together where what is expected differs by less than could be
    seen; the dot is at the mean.
    """
    wide = float(pairs["expected"].max()) or 1.0
    near = (pairs["expected"] / wide * APART).round()
    table, by = pairs.assign(near=near, row=range(len(pairs))), ["near", "shared", "significant"]
    found = table.groupby(by, as_index=False).agg(expected=("expected", "mean"), rows=("row", list))
    return found.assign(pairs=found["rows"].map(len))


def _named(pairs: pd.DataFrame) -> pd.DataFrame:
    """Return the pairs that are named: the significant ones, else the most unusual ones."""
    pairs = pairs.assign(row=range(len(pairs)), excess=pairs["expected"] - pairs["shared"])
    chosen = pairs[pairs["significant"]]
    if chosen.empty:
        chosen = pairs[pairs["p_value"] <= UNUSUAL]
    return chosen.sort_values(["p_value", "excess"], kind="stable").head(NAMED_PAIRS)
