"""Who refers to whom: arcs between rows of names, or a matrix of many actors."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import PathPatch
from matplotlib.path import Path

from camdata._display.words import count
from camdata.model.meeting import Meeting
from camdata.plots._agreement import square
from camdata.plots._layout import Chart, Names, chart
from camdata.plots._look import Labels, Look, Palette, Size

RELATIONS: dict[str, Any] = {
    "echoes": "-",
    "builds_on": (0, (5, 1, 1, 1)),
    "supports": (0, (4, 1.5)),
    "contrasts": ":",
}
"""The line of each relation."""

MOST_ARCS = 20
"""With more actors than this, references are drawn as a matrix."""

UNNAMED_ACTOR = "unnamed actor"


@chart
def references(
    meeting: Meeting,
    *,
    title: str | None = None,
    labels: Labels = None,
    palette: Palette = None,
    figsize: Size = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw who refers to whom.

    Parameters
    ----------
    meeting : Meeting
        The meeting; only actors who refer to others or are referred to are drawn.
    title, labels, palette, figsize, ax
        As for every chart (`camdata.plots`); the palette is that of the relations.

    Returns
    -------
    matplotlib.axes.Axes
        A row for each actor in speaking order, and one for actors that the text does not name. Each
        arc is a reference; its arrow points to the actor referred to, color and line show the
        relation. With more than 20 actors, a matrix: rows refer to columns, color is how often.

    Raises
    ------
    ValueError
        If the meeting has no references.

    Examples
    --------
    >>> import camdata as cam
    >>> ax = cam.plots.references(cam.load_meeting())
    >>> ax.get_title(loc="left")
    '7 of 19 references name only one side'
    """
    if meeting.references.empty:
        raise ValueError("This meeting has no references.")
    table = meeting.references[["actor", "target", "relation"]].astype("object")
    ends = table[["actor", "target"]]
    unnamed, known = int(ends.isna().any(axis=1).sum()), ends.dropna()
    table[["actor", "target"]] = ends.fillna(UNNAMED_ACTOR)
    names = _order(meeting, {*table["actor"], *table["target"]})
    chart = Chart(Look(title, labels, palette, figsize, ax), meeting.tally())
    total = count(len(table), "reference")
    most = known["target"].value_counts()
    finding = f"{unnamed} of {total} {'names' if unnamed == 1 else 'name'} only one side"
    if not unnamed:
        finding = "Who refers to whom?"
        if len(most) == 1 or most.iloc[0] > most.iloc[1]:
            verb = "is" if most.iloc[0] == 1 else "are"
            finding = f"{most.iloc[0]} of {total} {verb} to {chart.actor(str(most.index[0]))}"
    many = len(names) > MOST_ARCS
    subtitle = "Each arc is a reference; its arrow points to the actor referred to."
    if many:
        subtitle = "Rows refer to columns, which have the same order; color: how often."
    note = f"{total}, {count(len(names) - (UNNAMED_ACTOR in names), 'actor')} in speaking order"
    alt = f"{total} between {count(len(names), 'actor')}. {finding}."
    chart.says(finding, subtitle, note, f"{'Matrix' if many else 'Arcs'} of {alt}")
    if many:
        counts = pd.crosstab(table["actor"], table["target"])
        counts = counts.reindex(index=names, columns=names, fill_value=0).astype(float)
        square(chart, counts, None, (0.0, max(float(counts.to_numpy().max()), 1.0), False))
    else:
        _draw_arcs(chart, table, names)
    return chart.ax


def _order(meeting: Meeting, involved: set[str]) -> list[str]:
    """Return the actors to draw, in speaking order; the unnamed one comes last."""
    actors = meeting.actors
    if "speaking_order" in actors:
        actors = actors.sort_values("speaking_order", kind="stable", na_position="last")
    return [name for name in (*actors["actor"], UNNAMED_ACTOR) if name in involved]


def _draw_arcs(chart: Chart, table: pd.DataFrame, names: list[str]) -> None:
    used = set(table["relation"])
    looks = {
        name: {"color": chart.group_color(i), "ls": style}
        for i, (name, style) in enumerate(RELATIONS.items(), 1)
        if name in used
    }
    chart.key(
        Line2D([], [], label=name.replace("_", " "), lw=1.5, **look) for name, look in looks.items()
    )
    ax, n = chart.ax, len(names)
    chart.span((0, 1), (n - 0.4, -0.6))
    words = [name if name == UNNAMED_ACTOR else chart.actor(name) for name in names]
    rows = Names("left", np.arange(n, dtype=float), words)
    chart.lay_out([rows], height=0.24 * chart.size * n, left=0.08, right=0.05)
    row = {name: i for i, name in enumerate(names)}
    starts, stops = table["actor"].map(row), table["target"].map(row)
    longest = max(int((starts - stops).abs().max()), 1)
    again = table.groupby([np.minimum(starts, stops), np.maximum(starts, stops)]).cumcount()
    for start, stop, times, relation, target in zip(
        starts, stops, again, table["relation"], table["target"], strict=True
    ):
        # a curve reaches three quarters of the way to its two middle points
        out = (0.12 + 0.85 * abs(stop - start) / longest) * 0.86**times * 4 / 3
        aside = 0.14 * np.sign(stop - start)
        low, high = start + aside, stop - aside
        curve = [(0.0, low), (out, low), (out, high), (0.035, high)]
        path = Path(curve, [Path.MOVETO, *[Path.CURVE4] * 3])
        look, size = looks[relation], 5 * chart.size
        ax.add_patch(PathPatch(path, fc="none", lw=1.3, gid=f"reference {relation}", **look))
        ax.plot([0.02], [high], "<", ms=size, mew=0, color=look["color"], gid=f"to {target}")
    ax.plot(np.zeros(n), np.arange(n), "o", ms=2.2, color=chart.colors.ink, clip_on=False)
