"""How much of each intervention is coded."""

from __future__ import annotations

from typing import Unpack

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from camdata._display.checks import wrong_type
from camdata._display.words import count
from camdata.plots import _chart, _look, _style

COLUMNS = ["order", "actor", "covered", "start", "stop"]


@_look.signed
def coverage(coverage: pd.DataFrame, **look: Unpack[_look.Look]) -> Axes:
    """Draw how much of each intervention coded quotes cover, sentence by sentence.

    Parameters
    ----------
    coverage : pandas.DataFrame
        From ``Meeting.coverage()``.
    title, labels, palette, figsize, ax
        As for every chart (`camdata.plots`); the palette is that of what is coded and what is not.

    Returns
    -------
    matplotlib.axes.Axes
        A bar for each intervention in the order of the text, its sentences side by side and as long
        as their text; the dark part of each is the share that some quote covers.

    Raises
    ------
    ValueError
        If a column of the table is not there.

    Examples
    --------
    >>> import camdata as cam
    >>> ax = cam.plots.coverage(cam.load_meeting().coverage())
    >>> [label.get_text() for label in ax.get_yticklabels()][:2]
    ['CAM Chair', 'OAS Assistant Secretary General']
    """
    if not isinstance(coverage, pd.DataFrame):
        raise wrong_type("coverage", "the DataFrame of Meeting.coverage()", coverage)
    absent = [name for name in COLUMNS if name not in coverage]
    if absent:
        raise ValueError(f"Coverage comes from Meeting.coverage(), but this has no {absent}.")
    length = (coverage["stop"] - coverage["start"]).astype("float64")
    by = [name for name in ("document", "order") if name in coverage]
    blocks = [
        block for _, block in coverage.assign(length=length).groupby(by, sort=False, dropna=False)
    ]
    n = len(blocks)
    size = (4.6, (0.23 if n <= 30 else 0.16) * max(n, 1))
    with _chart.drawing(size, **look) as chart:
        ax = chart.ax
        colors = chart.colors(("covered", "not coded"), (_style.ACCENT, _style.PALE))
        for row, block in enumerate(blocks):
            left = 0.0
            for long, share in zip(block["length"], block["covered"], strict=True):
                wide = max(long - 6, 0.6 * long)  # a gap before the next sentence
                ax.barh(row, wide, color=colors["not coded"], left=left, height=0.7, gid="sentence")
                full = wide * (0.0 if np.isnan(share) else share)
                ax.barh(row, full, color=colors["covered"], left=left, height=0.7, gid="covered")
                left += long
            total = (block["covered"] * block["length"]).sum() / block["length"].sum()
            ax.annotate(
                f"{total:.0%}",
                (left, row),
                xytext=(3, 0),
                textcoords="offset points",
                va="center",
                fontsize=chart.font(0.85 if n <= 30 else 0.7),
            )
        ax.set_ylim(max(n, 1) - 0.5, -0.5)
        ax.spines["left"].set_visible(False)
        chart.few_ticks(ax)
        chart.rows(range(n), chart.actors(block["actor"].iloc[0] for block in blocks))
        if chart.fixed[0] is not None:
            chart.ask_height(max(n, 1) * max(chart.pitch(), 0.17))
        ax.set_xlabel("characters of the text")
        chart.legend(
            [
                Patch(fc=colors["covered"], label="inside a coded quote"),
                Patch(fc=colors["not coded"], label="not coded"),
            ]
        )
        chart.note("each bar an intervention; gaps part its sentences")
        covered = float((coverage["covered"] * length).sum() / length.sum()) if n else 0.0
        shape = f"{count(n, 'intervention')}, {count(len(coverage), 'sentence')}"
        chart.says(
            f"What coded quotes cover: {covered:.0%} of {shape}",
            f"Bars of {count(n, 'intervention')}, {covered:.0%} of whose text lies inside coded "
            "quotes.",
        )
    return chart.ax
