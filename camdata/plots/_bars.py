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
from camdata.plots._look import Labels, Look, Palette, Size, about
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
    order = np.argsort(-(yes + no + other), kind="stable")
    names = [chart.code(tally.keys[i]) for i in order]
    most = int(order[0])
    finding = f"Most supported: {names[0]}, by {yes[most]} of {count(actors, tally.of)}"
    contested = int(np.argmax(np.minimum(yes, no)))
    if min(yes[contested], no[contested]):
        finding = f"Most contested: {chart.code(tally.keys[contested])}, {yes[contested]} for and "
        finding += f"{no[contested]} against"
    elif no.any():
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
    signs = [(chart.color("supports"), "for", "")]
    if no.any():
        signs.insert(0, (chart.color("opposes"), "against", "//"))
    if other.any():
        signs.append((chart.colors.rule, "both, or abstaining", ""))
    chart.key(
        Patch(fc=color, ec=chart.ground, lw=0, hatch=hatch, label=word)
        for color, word, hatch in signs
    )
    words = [
        f"{yes[i]} for" + (f", {no[i]} against" if no.any() else "") + f"{_other(other[i])}"
        for i in order
    ]
    rows = Rows(names, words, what=f"{tally.by}s", pitch=0.25)
    ends = float((no + other / 2).max(initial=0)), float((yes + other / 2).max(initial=0))
    y = rows.lay_out(chart, (-ends[0] - 0.02 * sum(ends), ends[1] or 1.0), f"{tally.of}s")
    ax = chart.ax
    half = other[order] / 2
    ax.barh(y, half, 0.7, yes[order], color=chart.colors.rule, gid="other")
    ax.barh(y, -half, 0.7, -no[order], color=chart.colors.rule, gid="other")
    ax.barh(y, yes[order], 0.7, color=chart.color("supports"), gid="for")
    against = ax.barh(y, -no[order], 0.7, color=chart.color("opposes"), gid="against")
    for bar in against:
        bar.set(hatch="//", edgecolor=chart.ground, linewidth=0)
    ax.axvline(0, color=chart.colors.ink, lw=0.8)
    low, high = ax.get_xlim()
    found = MaxNLocator(5, integer=True).tick_values(low, high)
    whole = [tick for tick in found if low <= tick <= high]
    ax.set_xticks(whole, [f"{abs(tick):g}" for tick in whole])
    return ax


def _other(number: int) -> str:
    return f", {number} both" if number else ""
