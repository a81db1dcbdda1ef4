"""What leaving out single statements does to clusters."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from camdata._display.checks import check_count
from camdata._display.words import count, join_names
from camdata.analysis.robustness import Sensitivity
from camdata.plots._layout import Chart, chart
from camdata.plots._look import Labels, Look, Palette, Size, about
from camdata.plots._rows import Rows

NAMED_ACTORS = 2
"""Up to so many actors who make the same move are named, more are counted."""


@chart
def sensitivity(
    sensitivity: Sensitivity,
    *,
    most: int = 20,
    title: str | None = None,
    labels: Labels = None,
    palette: Palette = None,
    figsize: Size = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw what leaving out single statements does to clusters.

    Parameters
    ----------
    sensitivity : Sensitivity
        From `camdata.analysis.sensitivity`.
    most : int
        How many statements to draw, those with the largest effect first; those without any have no
        row.
    title, labels, palette, figsize, ax
        As for every chart (`camdata.plots`); the palette's first color is the dots'.

    Returns
    -------
    matplotlib.axes.Axes
        A row for each statement: the adjusted Rand index of the clusters without it against those
        of all statements, 1 being no change, and who moves from which cluster to which. Without a
        dot there is nothing left to compare. Where no statement changes anything, the chart is one
        sentence.

    Examples
    --------
    >>> import camdata as cam
    >>> clusters = cam.cluster(cam.agreement(cam.load_meeting().tally()), n_clusters=2)
    >>> ax = cam.plots.sensitivity(cam.analysis.sensitivity(clusters), most=5)
    >>> ax.get_xlabel()
    'adjusted Rand index'
    """
    most = check_count("most", most)
    table, tally = sensitivity.frame, sensitivity.clusters.agreement.tally
    called = dict(zip(table["code"], table["label"], strict=True))
    chart = Chart(Look(title, labels, palette, figsize, ax), tally, codes=called)
    changing = table[sensitivity.effect]
    total = count(len(table), "statement")
    if changing.empty or len(sensitivity.clusters.placed) < 2:
        words = f"Without any single one of {total}, everybody stays with the same actors."
        return chart.sentence("No single statement changes the clusters", words)
    shown = changing.head(most)
    verb = "changes" if len(changing) == 1 else "change"
    finding = f"{len(changing)} of {total} {verb} who is with whom when left out"
    note = f"{count(len(sensitivity.clusters.labels), 'actor')}{about(tally)}"
    if len(shown) < len(changing):
        note += f". Drawn: the {len(shown)} with the largest effect"
    chart.says(
        finding,
        "Each row: the clusters without this statement against those of all; 1 is no change.",
        note,
        f"Dots of what happens without each statement. {finding}.",
    )
    names = pd.Series([chart.actor(actor) for actor in shown["actor"]], shown.index)
    names += ": " + shown["code"].map(chart.code)
    # by its id where two statements have the same name
    names = names.where(~names.duplicated(keep=False), names + " (" + shown["statement"] + ")")
    rows = Rows(names.tolist(), what="statements", across=2.2)
    moves, room = sensitivity.moves, rows.share * chart.width
    rows.right = [
        _moves(chart, moves[moves["statement"] == one], room) for one in shown["statement"]
    ]
    values = shown["adjusted_rand"].to_numpy(dtype=float)
    low = min(0.0, float(np.nanmin(values, initial=0.0)))
    y = rows.lay_out(chart, (low - 0.04, 1.04), "adjusted Rand index", ticks=(0, 1))
    ax, color = chart.ax, chart.color("supports")
    ax.axvline(1, color=chart.colors.quiet, lw=1, zorder=0, gid="no change")
    ax.hlines(y, values, 1, color=chart.colors.rule, lw=2, zorder=1)
    ax.plot(values, y, "o", color=color, ms=5.5 * chart.size, gid="effect")
    return ax


def _moves(chart: Chart, moves: pd.DataFrame, room: float) -> str:
    """Say who moves from where to where, as far as it has room."""
    steps = dict[str, list[str]]()
    for actor, *ends in moves[["actor", "before", "after"]].itertuples(index=False):
        before, after = ("unplaced" if pd.isna(end) else str(end) for end in ends)
        steps.setdefault(f"{before} → {after}", []).append(chart.actor(actor))
    parts = [
        f"{join_names(names) if len(names) <= NAMED_ACTORS else count(len(names), 'actor')}: {step}"
        for step, names in sorted(steps.items(), key=lambda item: -len(item[1]))
    ]
    for kept in range(len(parts), 0, -1):
        words = "; ".join(parts[:kept]) + ("; …" if kept < len(parts) else "")
        if chart.wide(words, 8 * chart.size) <= room:
            break
    return words
