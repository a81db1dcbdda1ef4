"""What pairs of actors share, against what chance would give them."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from camdata._display.words import count
from camdata.analysis.chance import NullModel
from camdata.plots import _placing as placing
from camdata.plots._layout import Chart, chart
from camdata.plots._look import Labels, Look, Palette, Size, about
from camdata.plots._rows import number_axis
from camdata.plots._style import blend
from camdata.plots._words import beyond_chance

NAMED = 6
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
    'No pair shares more than chance would give'
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
    names = {
        row: f"{chart.actor(a)} – {chart.actor(b)}"
        for row, a, b in zip(named["row"], named["actor"], named["other"], strict=True)
    }
    written = ["\n".join(names[row] for row in rows if row in names) for rows in found["rows"]]
    radius = np.maximum(np.sqrt(14 + 22 * np.sqrt(found["pairs"].to_numpy())) / 2, 4.6)
    at = found[["expected", "shared"]].to_numpy(dtype=float)
    points = placing.Points(at, radius * chart.size, written, size=7.5 * chart.size)
    wide = float(pairs["expected"].max()) or 1.0
    high = max(float(pairs["shared"].max()), 1.0)
    ax, color = chart.ax, chart.color("supports")
    ax.set(xlim=(-0.06 * wide, 1.12 * wide), ylim=(-0.12 * high, 1.15 * high))
    dash: dict[str, Any] = {"color": chart.colors.quiet, "ls": "--", "lw": 1}
    signs = [Line2D([], [], label="as expected by chance", **dash)]
    looks = {False: {"fc": blend(color, chart.ground, 0.25)}, True: {"fc": color}}
    for kind, look in looks.items():
        if (found["significant"] == kind).any():
            dot: dict[str, Any] = {"ls": "", "marker": "o", "mfc": look["fc"], "mec": color}
            signs.append(Line2D([], [], ms=5, label="not " * (not kind) + "significant", **dot))
    chart.key(signs)
    room: dict[str, Any] = {"left": 0.45 * chart.size, "right": 0.05, "bottom": 0.4 * chart.size}
    lay_out = partial(chart.lay_out, height=lambda w: 0.62 * w, **room)
    numbers = placing.name_points(chart, words, points, lay_out, "dots")
    end = min(1.12 * wide, 1.08 * high)
    ax.plot([0, end], [0, end], zorder=1, gid="expected", **dash)
    for (x, y), size, kind in zip(at, points.radius, found["significant"], strict=True):
        shape: dict[str, Any] = {"ec": color, "lw": 0.8, "clip_on": False, **looks[kind]}
        gid = "not " * (not kind) + "significant"
        ax.scatter(x, y, (2 * size) ** 2, zorder=3, gid=gid, **shape)
    fills = [looks[kind]["fc"] for kind in found["significant"]]
    placing.write_numbers(chart, points, numbers, fills)
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
    places = pairs.assign(near=near, row=range(len(pairs))).groupby(
        ["near", "shared", "significant"], as_index=False
    )
    found = places.agg(expected=("expected", "mean"), rows=("row", list))
    return found.assign(pairs=found["rows"].map(len))


def _named(pairs: pd.DataFrame) -> pd.DataFrame:
    """Return the pairs that are named: the significant ones, else the most unusual ones."""
    pairs = pairs.assign(row=range(len(pairs)), excess=pairs["expected"] - pairs["shared"])
    chosen = pairs[pairs["significant"]]
    if chosen.empty:
        chosen = pairs[pairs["p_value"] <= UNUSUAL]
    return chosen.sort_values(["p_value", "excess"], kind="stable").head(NAMED)
