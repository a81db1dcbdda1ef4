"""What pairs of actors share, against what chance would give them."""

from __future__ import annotations

from typing import Unpack

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from camdata._display.checks import wrong_type
from camdata._display.words import count
from camdata.analysis.chance import NullModel
from camdata.plots import _chart, _look, _style
from camdata.plots._placing import Point, keep, name_points, sentence

NAMED = 6
"""At most so many pairs are named."""

APART = 40
"""How many places for dots there are side by side."""

UNUSUAL = 0.05
"""Where no pair is significant, those with a p value up to this one are named all the same."""


@_look.signed
def null_model(null_model: NullModel, **look: Unpack[_look.Look]) -> Axes:
    """Draw what pairs of actors share against what chance would give them.

    Parameters
    ----------
    null_model : NullModel
        From `camdata.null_model`.
    title, labels, palette, figsize, ax
        As for every chart (`camdata.plots`); the palette's first color, or `accent`, is the bars'.

    Returns
    -------
    matplotlib.axes.Axes
        A dot for each pair, larger where several fall together; on the dashed line a pair shares
        just what its activity and the positions' popularity give. Significant pairs are filled and
        named. Where there are none, those with the smallest p values are named, if these are at
        most 0.05 before they are adjusted for the number of pairs.

    Examples
    --------
    >>> import camdata as cam
    >>> null = cam.null_model(cam.load_meeting().tally("code"), 99)
    >>> print(cam.plots.null_model(null, figsize=8).get_title(loc="left"))
    No pair shares more than chance would give
    (78 pairs, 17 codes, 38 statements)
    """
    if not isinstance(null_model, NullModel):
        raise wrong_type("null_model", "NullModel", null_model)
    pairs, tally = null_model.table, null_model.tally
    with _chart.drawing((4.6, 3.4), tally=tally, **look) as chart:
        if pairs.empty:
            sentence(chart, null_model.summary)
            chart.says("Observed against expected: no pair", null_model.summary)
            return chart.ax
        ax = chart.ax
        points = _points(pairs)
        area = (14 + 22 * np.sqrt(points["pairs"])) * chart.unit**2
        colors = {False: "#c5d5e4", True: chart.accent}
        for significant, part in points.groupby("significant"):
            ax.scatter(
                part["expected"],
                part["shared"],
                s=area.loc[part.index],
                fc=colors[bool(significant)],
                ec=chart.accent,
                lw=0.8,
                alpha=0.9,
                zorder=3,
                clip_on=False,
                gid="significant" if significant else "not significant",
            )
        wide = float(pairs["expected"].max()) or 1.0
        high = max(float(pairs["shared"].max()), 1.0)
        end = min(1.12 * wide, 1.08 * high)
        ax.plot([0, end], [0, end], color=_style.FAINT, lw=1, ls="--", zorder=1, gid="expected")
        ax.set(xlim=(-0.06 * wide, 1.12 * wide), ylim=(-0.08 * high, 1.12 * high))
        ax.yaxis.set_major_locator(MaxNLocator(6, integer=True))
        ax.xaxis.set_major_locator(MaxNLocator(5))
        draws = count(null_model.n_resamples, "random table")
        ax.set_xlabel(f"shared positions expected\n(mean of {draws})")
        ax.set_ylabel("shared positions observed")
        named = _named(pairs)
        keep(chart, lambda: _name(chart, points, area, named))
        chart.legend(_signs(chart, points, area, colors))
        kept = len(null_model.backbone)
        if kept > len(named):
            chart.note(f"named: the {len(named)} significant pairs with the smallest p values")
        elif not kept and len(named):
            chart.note(f"named: p up to {UNUSUAL:g} before adjusting for the number of pairs")
        title = (
            f"{count(kept, 'pair')} sharing more than chance would give"
            if kept
            else "No pair shares more than chance would give"
        )
        rate = f", false discovery rate {null_model.alpha:g}" if kept else ""
        chart.says(
            f"{title}\n({count(len(pairs), 'pair')}{_look.about(tally)}{rate})",
            f"Scatter of shared against expected positions. {null_model.summary}",
        )
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
    pairs = pairs.assign(row=range(len(pairs)))
    chosen = pairs[pairs["significant"]]
    if chosen.empty:
        chosen = pairs[pairs["p_value"] <= UNUSUAL]
    excess = chosen["expected"] - chosen["shared"]
    order = chosen.assign(excess=excess).sort_values(["p_value", "excess"], kind="stable")
    return order.head(NAMED)


def _name(
    chart: _chart.Chart, points: pd.DataFrame, area: pd.Series[float], named: pd.DataFrame
) -> None:
    """Write the names of pairs beside their dots."""
    names = {
        row: f"{chart.actor(actor)} – {chart.actor(other)}"
        for row, actor, other in zip(named["row"], named["actor"], named["other"], strict=True)
    }
    places = [
        Point("\n".join(names[row] for row in rows if row in names), x, y, float(np.sqrt(size)) / 2)
        for rows, x, y, size in zip(
            points["rows"], points["expected"], points["shared"], area, strict=True
        )
    ]
    name_points(chart.ax, places, fontsize=chart.font(0.9))


def _signs(
    chart: _chart.Chart, points: pd.DataFrame, area: pd.Series[float], colors: dict[bool, str]
) -> list[Line2D]:
    """Explain line, sizes and fill."""
    line = Line2D([], [], color=_style.FAINT, ls="--", lw=1, label="as expected by chance")

    def dot(size: float, fill: str, label: str) -> Line2D:
        return Line2D(
            [],
            [],
            ls="",
            marker="o",
            mfc=fill,
            mec=chart.accent,
            mew=0.8,
            ms=float(np.sqrt(size)),
            label=label,
        )

    sizes = points["pairs"].drop_duplicates().sort_values()
    chosen = sizes.iloc[sorted({0, len(sizes) // 2, len(sizes) - 1})]
    fill = colors[bool(points["significant"].all())]
    large = area.loc[chosen.index]
    signs = [line]
    for size, number in zip(large, chosen, strict=True):
        signs.append(dot(size, fill, count(int(number), "pair")))
    if points["significant"].nunique() == 2:
        signs.append(dot(float(area.min()), colors[True], "significant"))
    return signs
