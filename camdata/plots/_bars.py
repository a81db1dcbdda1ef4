"""For and against, code by code: diverging bars."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from camdata._display.words import count
from camdata.analysis.cohesion import sides_of
from camdata.model.tally import Tally, as_tally
from camdata.plots._layout import Chart, chart
from camdata.plots._look import LONGEST, Labels, Look, Palette, Size, about
from camdata.plots._rows import Rows


@chart
def bars(
    tally: Tally | pd.DataFrame,
    *,
    title: str | None = None,
    labels: Labels = None,
    palette: Palette = None,
    figsize: Size = None,
    ax: Axes | None = None,
) -> Axes:
    r"""Draw how many actors are for and how many against each code.

    Parameters
    ----------
    tally : Tally or pandas.DataFrame
        With stances 1 and -1, and 0 for an abstention where the scale has it; or positions.
    title, labels, palette, figsize, ax
        As for every chart (`camdata.plots`).

    Returns
    -------
    matplotlib.axes.Axes
        A row for each code, those on which most actors are recorded first: to the right the actors
        for it, to the left those against it; pale at both ends, half and half, those that are
        recorded both ways or abstain.

    Raises
    ------
    ValueError
        For another scale.

    Examples
    --------
    >>> import camdata as cam
    >>> ax = cam.plots.bars(cam.load_meeting().tally())
    >>> ax.get_title(loc="left").replace("\n", " ")
    'Most supported: coordination, by 9 of 13 actors'
    """
    tally = as_tally(tally)
    yes, no, other = sides_of(tally.dense(), tally.stances).sum(axis=1)
    actors = len(np.unique(tally.cells.actor))
    chart = Chart(Look(title, labels, palette, figsize, ax), tally)
    if not actors:
        chart.sentence("Nobody is recorded for or against anything", "No position is recorded.")
        return chart.ax
    names = np.array([chart.code(key) for key in tally.keys], dtype=object)
    contested = np.minimum(yes, no)
    deciding = contested if contested.any() else yes
    top = np.flatnonzero(deciding == deciding.max())
    called = " and ".join(sorted(names[top]))
    if len(top) > 2 or len(called) > LONGEST:
        called = count(len(top), tally.by)
    if len(top) > 1:
        numbers = f"{count(int(contested.max()), tally.of)} or more on each side"
    else:
        numbers = f"{yes[top[0]]} for and {no[top[0]]} against"
    finding = f"Most contested: {called}, {numbers}"
    if not no.any():
        finding = f"Most supported: {called}, by {yes.max()} of {count(actors, tally.of)}"
        finding += " each" * (len(top) > 1)
    elif not contested.any():
        finding = f"On no {tally.by} are some {tally.of}s for and others against"
    note = f"{count(actors, tally.of)} with a position{about(tally)}"
    chart.says(
        finding,
        f"Bars: number of {tally.of}s for, to the right, and against, to the left."
        if no.any()
        else f"Bars: number of {tally.of}s for. Nobody is recorded against anything.",
        note,
        f"Bars of how many {tally.of}s are for and against each {tally.by}. {finding}. {note}.",
    )
    signs = [
        ("against", no, {"fc": chart.color("opposes"), "hatch": "//"}),
        ("for", None, {"fc": chart.color("supports")}),
        ("both, or abstaining", other, {"fc": chart.colors.rule}),
    ]
    chart.key(
        Patch(ec=chart.ground, lw=0, label=word, **look)
        for word, numbers, look in signs
        if numbers is None or numbers.any()
    )
    order = np.argsort(-(yes + no + other), kind="stable")
    words = [
        f"{yes[i]} for"
        + (f", {no[i]} against" if no.any() else "")
        + (f", {other[i]} both" if other[i] else "")
        for i in order
    ]
    rows = Rows(names[order].tolist(), words, what=f"{tally.by}s", pitch=0.25)
    ends = float((no + other / 2).max()), float((yes + other / 2).max())
    y = rows.lay_out(chart, (-ends[0] - 0.02 * sum(ends), ends[1] or 1.0), f"{tally.of}s")
    ax, (yes, no, half) = chart.ax, (yes[order], no[order], other[order] / 2)
    for gid, width, start, look in (
        ("other", half, yes, {"color": chart.colors.rule}),
        ("other", -half, -no, {"color": chart.colors.rule}),
        ("for", yes, 0, {"color": chart.color("supports")}),
        ("against", -no, 0, {"fc": chart.color("opposes"), "ec": chart.ground, "hatch": "//"}),
    ):
        ax.barh(y, width, 0.7, start, gid=gid, lw=0, **look)
    ax.axvline(0, color=chart.colors.ink, lw=0.8)
    low, high = ax.get_xlim()
    ticks = [t for t in MaxNLocator(5, integer=True).tick_values(low, high) if low <= t <= high]
    ax.set_xticks(ticks, [f"{abs(tick):g}" for tick in ticks])
    return ax
