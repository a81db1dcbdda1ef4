"""How much of each intervention is coded."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from camdata._display.words import count
from camdata.plots._layout import Chart, chart
from camdata.plots._look import Labels, Look, Palette, Size
from camdata.plots._rows import Rows

COLUMNS = ["order", "actor", "covered", "start", "stop"]


@chart
def coverage(
    coverage: pd.DataFrame,
    *,
    title: str | None = None,
    labels: Labels = None,
    palette: Palette = None,
    figsize: Size = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw how much of each intervention coded quotes cover, sentence by sentence.

    Parameters
    ----------
    coverage : pandas.DataFrame
        From ``Meeting.coverage()``.
    title, labels, palette, figsize, ax
        As for every chart (`camdata.plots`); the palette's first color is that of what is coded.

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
    absent = [name for name in COLUMNS if name not in coverage]
    if absent:
        raise ValueError(f"Coverage comes from Meeting.coverage(), but this has no {absent}.")
    length = (coverage["stop"] - coverage["start"]).astype("float64")
    by = [name for name in ("document", "order") if name in coverage]
    table = coverage.assign(length=length)
    blocks = [block for _, block in table.groupby(by, sort=False, dropna=False)]
    chart = Chart(Look(title, labels, palette, figsize, ax), called=coverage["actor"].dropna())
    shares = [(b["covered"] * b["length"]).sum() / (b["length"].sum() or 1) for b in blocks]
    covered = float((coverage["covered"] * length).sum() / (length.sum() or 1))
    shape = f"{count(len(blocks), 'intervention')}, {count(len(coverage), 'sentence')}"
    chart.says(
        f"Coded quotes cover {covered:.0%} of what was said",
        "Each bar is an intervention in the order of the text, cut into its sentences.",
        shape,
        f"Bars of {shape}; {covered:.0%} of the text lies inside coded quotes.",
    )
    full, pale = chart.color("supports"), chart.colors.rule
    chart.key([Patch(fc=full, label="inside a coded quote"), Patch(fc=pale, label="not coded")])
    rows = Rows(
        [chart.actor(block["actor"].iloc[0]) for block in blocks],
        [f"{share:.0%}" for share in shares],
        what="interventions",
    )
    longest = max((float(block["length"].sum()) for block in blocks), default=1.0)
    y = rows.lay_out(chart, (0, longest), "characters of the text")
    for at, block in zip(y, blocks, strict=True):
        long = block["length"].to_numpy()
        left = np.cumsum(long) - long
        wide = np.maximum(long - 0.004 * longest, 0.6 * long)  # a gap before the next sentence
        inside = wide * block["covered"].fillna(0).to_numpy(dtype=float)
        chart.ax.barh(np.full(len(long), at), wide, 0.7, left, color=pale, gid="sentence")
        chart.ax.barh(np.full(len(long), at), inside, 0.7, left, color=full, gid="covered")
    return chart.ax
