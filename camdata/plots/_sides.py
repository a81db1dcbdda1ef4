"""For and against: diverging bars by code, and actors and codes joined by lines."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from camdata._display.words import count
from camdata.analysis.cohesion import sides_of
from camdata.model.tally import Integers, Tally, as_tally
from camdata.plots._layout import GAP, Chart, Floats, Names, chart
from camdata.plots._look import LONGEST_NAME, Labels, Look, Palette, Size, about
from camdata.plots._rows import Rows
from camdata.plots._style import FLOOR, LINE


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
    contents = tally.dense()
    yes, no, other = sides_of(contents, tally.stances).sum(axis=1)
    abstaining = contents[:, :, [level == 0 for level in tally.stances]].any()
    both = ((contents > 0).sum(axis=2) > 1).any()
    neither = " or ".join(["neither"] * bool(abstaining) + ["both"] * bool(both))
    actors = len(np.unique(tally.cells.actor))
    chart = Chart(Look(title, labels, palette, figsize, ax), tally)
    if not actors:
        return chart.sentence(
            "Nobody is recorded for or against anything", "No position is recorded."
        )
    names = np.array([chart.code(key) for key in tally.keys], dtype=object)
    contested = np.minimum(yes, no)
    deciding = contested if contested.any() else yes
    top = np.flatnonzero(deciding == deciding.max())
    called = " and ".join(sorted(names[top]))
    if len(top) > 2 or len(called) > LONGEST_NAME:
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
    sides = "for. Nobody is recorded against anything"
    sides = "for, to the right, and against, to the left" if no.any() else sides
    chart.says(
        finding,
        f"Bars: number of {tally.of}s {sides}.",
        note,
        f"Bars of how many {tally.of}s are for and against each {tally.by}. {finding}. {note}.",
    )
    hatched: dict[str, Any] = {"ec": chart.ground, "lw": 0, "hatch": "//"}
    signs = [Patch(fc=chart.color("supports"), lw=0, label="for")]
    if no.any():
        signs.insert(0, Patch(fc=chart.color("opposes"), label="against", **hatched))
    if other.any():
        signs.append(Patch(fc=chart.colors.rule, lw=0, label=neither))
    chart.key(signs)
    order = np.argsort(-(yes + no + other), kind="stable")
    words = [
        f"{yes[i]} for"
        + (f", {no[i]} against" if no.any() else "")
        + (f", {other[i]} {neither}" if other[i] else "")
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
        ("against", -no, 0, {"fc": chart.color("opposes"), **hatched}),
    ):
        ax.barh(y, width, 0.7, start, gid=gid, **look)
    ax.axvline(0, color=chart.colors.ink, lw=0.8)
    low, high = ax.get_xlim()
    ticks = [t for t in MaxNLocator(5, integer=True).tick_values(low, high) if low <= t <= high]
    ax.set_xticks(ticks, [f"{abs(tick):g}" for tick in ticks])
    return ax


ROUNDS = 20
"""How often both columns are sorted by the other one."""


@chart
def two_mode(
    tally: Tally | pd.DataFrame,
    *,
    title: str | None = None,
    labels: Labels = None,
    palette: Palette = None,
    figsize: Size = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw actors and codes as a two-mode network: who is for and who is against what.

    Parameters
    ----------
    tally : Tally or pandas.DataFrame
        A tally, or positions.
    title, labels, palette, figsize, ax
        As for every chart (`camdata.plots`).

    Returns
    -------
    matplotlib.axes.Axes
        Actors on the left, codes on the right, so ordered that lines cross little. Solid lines are
        support (levels above 0), dashed ones opposition (below 0), dotted ones level 0; width is
        the number of statements that count. Actors and codes without a line are left out and
        counted in the note.

    Examples
    --------
    >>> import camdata as cam
    >>> ax = cam.plots.two_mode(cam.load_meeting().tally())
    >>> ax.get_title(loc="left")
    '13 actors take 24 positions on 4 dimensions, 0 of them against'
    """
    tally = as_tally(tally)
    cells = tally.cells
    chart = Chart(Look(title, labels, palette, figsize, ax), tally)
    if not len(cells.actor):
        return chart.sentence("No position is recorded", "No actor is recorded on anything.")
    side = np.sign(np.array(tally.stances))[cells.stance]
    table = np.zeros((len(tally.actors), len(tally.keys)))
    table[cells.actor, cells.key] = 1
    actors, keys = _ordered(table)
    finding = count(len(actors), f"{tally.of} takes", f"{tally.of}s take")
    finding += f" {count(len(side), 'position')} on "
    finding += f"{count(len(keys), tally.by)}, {(side < 0).sum()} of them against"
    silent = count(len(tally.actors) - len(actors), tally.of)
    note = f"{count(len(tally.actors), tally.of)}{about(tally)}. Without a line: {silent}, "
    note += count(len(tally.keys) - len(keys), tally.by)
    chart.says(
        finding,
        "Each line: an actor's position on a code; width: how often it is stated.",
        note,
        f"Two columns, {tally.of}s and {tally.by}s, joined by lines. {finding}.",
    )
    looks = {
        1: ("support", "-", chart.color("supports")),
        -1: ("opposition", (0, (3, 1.5)), chart.color("opposes")),
        0: ("neither", ":", chart.colors.quiet),
    }
    looks = {sign: look for sign, look in looks.items() if (side == sign).any()}
    chart.key(Line2D([], [], color=c, ls=ls, lw=2, label=word) for word, ls, c in looks.values())
    ax, high = chart.ax, max(len(actors), len(keys))
    # places of all actors and keys; those without a line are not drawn
    up, down = np.zeros(len(tally.actors)), np.zeros(len(tally.keys))
    up[actors] = np.linspace(0, high - 1, len(actors))
    down[keys] = np.linspace(0, high - 1, len(keys))
    chart.span((-0.02, 1.02), (high - 0.4, -0.6))
    left = Names("left", up[actors], [chart.actor(tally.actors[i]) for i in actors])
    points, room = 8.5 * chart.size, 0.4 * chart.width
    right = [chart.cut(chart.code(tally.keys[i]), points, room) for i in keys]
    beside = max(chart.wide(words, points) for words in right) + 0.1
    wide, tall = chart.lay_out([left], height=0.2 * high * chart.size, right=beside)
    pitch = 72 * tall / high * (high - 1) / max(len(keys) - 1, 1)
    for at, words in zip(down[keys], right, strict=True):
        if pitch / LINE >= FLOOR:
            chart.text(1 + GAP / wide, at, words, min(points, pitch / LINE), gid="code")
    most = int(cells.count.max())
    width = 0.6 + 2.4 * cells.count / most if most > 1 else np.full(len(side), 1.3)
    ends = np.zeros((len(side), 2, 2))  # from (0, actor) to (1, code)
    ends[:, 0, 1], ends[:, 1, 0], ends[:, 1, 1] = up[cells.actor], 1, down[cells.key]
    for sign, (word, style, color) in looks.items():
        lines = LineCollection(
            ends[side == sign], colors=[color], linestyles=[style], linewidths=width[side == sign]
        )
        lines.set(gid=word, alpha=0.8 if len(side) <= 200 else 0.4)
        ax.add_collection(lines)
    for x, column in ((0, up[actors]), (1, down[keys])):
        ax.scatter(np.full(len(column), x), column, 9, color=chart.colors.ink, zorder=3)
    return ax


def _ordered(table: Floats) -> tuple[Integers, Integers]:
    """Order rows and columns that hold anything, each by the mean place of what it is tied to."""
    rows, columns = np.flatnonzero(table.any(axis=1)), np.flatnonzero(table.any(axis=0))
    for _ in range(ROUNDS):
        inside = table[np.ix_(rows, columns)]
        place = np.arange(len(rows)) / max(len(rows) - 1, 1)
        columns = columns[np.argsort(place @ inside / inside.sum(axis=0), kind="stable")]
        inside = table[np.ix_(rows, columns)]
        place = np.arange(len(columns)) / max(len(columns) - 1, 1)
        rows = rows[np.argsort(inside @ place / inside.sum(axis=1), kind="stable")]
    return rows, columns
