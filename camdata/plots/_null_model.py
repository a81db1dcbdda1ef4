"""What pairs of actors share, against what chance would give them."""

from __future__ import annotations

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
from camdata.plots._look import Labels, Look, Palette, Size, about, check_type
from camdata.plots._rows import number_axis
from camdata.plots._style import blend

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
        0.05 before adjusting for the number of pairs. The note says how many pairs could have
        reached significance at all.

    Examples
    --------
    >>> import camdata as cam
    >>> null = cam.analysis.null_model(cam.load_meeting().tally("code"), 99)
    >>> cam.plots.null_model(null).get_title(loc="left")
    'No pair shares more than chance would give'
    """
    check_type("null_model", null_model, NullModel)
    pairs, tally = null_model.frame, null_model.tally
    chart = Chart(Look(title, labels, palette, figsize, ax), tally)
    if pairs.empty:
        chart.sentence("There are no two actors to compare", null_model.summary)
        return chart.ax
    found = _points(pairs)
    named = _named(pairs)
    kept = int(pairs["significant"].sum())
    finding = "No pair shares more than chance would give"
    if kept:
        verb = "shares" if kept == 1 else "share"
        finding = f"{count(kept, 'pair')} {verb} more than chance would give"
    note = f"{count(len(pairs), 'pair')}{about(tally)}"
    note += f". Chance: {count(null_model.n_resamples, 'random table')} with the same totals"
    note += f". {null_model.n_reachable:,} of {len(pairs):,} pairs could have been significant"
    if kept > len(named):
        note += f". Named: the {len(named)} with the smallest p"
    elif not kept and len(named):
        note += f". Named: p up to {UNUSUAL:g} before adjusting for the number of pairs"
    subtitle = "Each dot is a pair (larger: several); on the line, it shares what chance gives."
    alt = f"Scatter of shared against expected positions. {null_model.summary}"
    color = chart.color("supports")
    fills = [color if s else blend(color, chart.ground, 0.25) for s in found["significant"]]
    names = {
        row: f"{chart.actor(a)} – {chart.actor(b)}"
        for row, a, b in zip(named["row"], named["actor"], named["other"], strict=True)
    }
    words = ["\n".join(names[row] for row in rows if row in names) for rows in found["rows"]]
    radius = np.maximum(np.sqrt(14 + 22 * np.sqrt(found["pairs"].to_numpy())) / 2, 4.6)
    at = found[["expected", "shared"]].to_numpy(dtype=float)
    points = placing.Points(at, radius * chart.size, words, size=7.5 * chart.size)
    wide = float(pairs["expected"].max()) or 1.0
    high = max(float(pairs["shared"].max()), 1.0)
    ax = chart.ax
    ax.set(xlim=(-0.06 * wide, 1.12 * wide), ylim=(-0.12 * high, 1.15 * high))
    chart.key(_signs(chart, found))
    size = [0.0]

    def lay_out(write: bool) -> None:
        room: dict[str, Any] = {
            "left": 0.45 * chart.size,
            "right": 0.05,
            "bottom": 0.4 * chart.size,
        }
        size[0] = chart.lay_out(height=lambda w: 0.62 * w, write=write, **room)[0]

    numbers = placing.name_points(chart, (finding, subtitle, note, alt), points, lay_out, "dots")
    end = min(1.12 * wide, 1.08 * high)
    ax.plot([0, end], [0, end], color=chart.colors.quiet, lw=1, ls="--", zorder=1, gid="expected")
    for i, (x, y) in enumerate(at):
        kind = "significant" if found["significant"].iloc[i] else "not significant"
        look: dict[str, Any] = {"fc": fills[i], "ec": color, "lw": 0.8}
        ax.scatter(x, y, (2 * points.radius[i]) ** 2, zorder=3, clip_on=False, gid=kind, **look)
    placing.write_numbers(chart, points, numbers, fills)
    number_axis(chart, size[0], "shared positions expected by chance")
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


def _signs(chart: Chart, found: pd.DataFrame) -> list[Line2D]:
    """Explain line and fill."""
    color = chart.color("supports")
    dash: dict[str, Any] = {"color": chart.colors.quiet, "ls": "--", "lw": 1}
    signs = [Line2D([], [], label="as expected by chance", **dash)]
    dot: dict[str, Any] = {"ls": "", "marker": "o", "mec": color, "ms": 5}
    for kind, words in ((False, "not significant"), (True, "significant")):
        if (found["significant"] == kind).any():
            fill = color if kind else blend(color, chart.ground, 0.25)
            signs.append(Line2D([], [], mfc=fill, label=words, **dot))
    return signs
