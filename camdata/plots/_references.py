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
from camdata.plots import _layout as lay
from camdata.plots._agreement import square
from camdata.plots._layout import Chart, chart
from camdata.plots._look import Labels, Look, Palette, Size, check_type

RELATIONS: dict[str, Any] = {
    "echoes": "-",
    "builds_on": (0, (5, 1, 1, 1)),
    "supports": (0, (4, 1.5)),
    "contrasts": ":",
}
"""The line of each relation."""

MANY = 20
"""With more actors than this, references are drawn as a matrix."""

UNNAMED = "unnamed actor"


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
    check_type("meeting", meeting, Meeting)
    if meeting.references.empty:
        raise ValueError("This meeting has no references.")
    table = meeting.references[["actor", "target", "relation"]].astype("object")
    unnamed = int(table[["actor", "target"]].isna().any(axis=1).sum())
    table[["actor", "target"]] = table[["actor", "target"]].fillna(UNNAMED)
    names = _order(meeting, {*table["actor"], *table["target"]})
    chart = Chart(Look(title, labels, palette, figsize, ax), meeting.tally())
    known = table[(table["actor"] != UNNAMED) & (table["target"] != UNNAMED)]
    total = count(len(table), "reference")
    most = known["target"].value_counts()
    finding = f"{unnamed} of {total} name only one side"
    if not unnamed:
        finding = "Who refers to whom?"
        if len(most) > 1 and most.iloc[0] > most.iloc[1]:
            times = f"{most.iloc[0]} of {total}"
            finding = f"{times} are to {chart.actor(str(most.index[0]))}"
    alt = f"{total} between {count(len(names), 'actor')}. {finding}."
    note = f"{total}, {count(len(names) - (UNNAMED in names), 'actor')} in speaking order"
    if len(names) > MANY:
        counts = pd.crosstab(table["actor"], table["target"])
        counts = counts.reindex(index=names, columns=names, fill_value=0).astype(float)
        subtitle = "Rows refer to columns, which have the same order; color: how often."
        chart.says(finding, subtitle, note, f"Matrix of {alt}")
        square(chart, counts, None, (0.0, max(float(np.max(counts.to_numpy())), 1.0), False))
        return chart.ax
    subtitle = "Each arc is a reference; its arrow points to the actor referred to."
    chart.says(finding, subtitle, note, f"Arcs of {alt}")
    _draw_arcs(chart, table, names)
    return chart.ax


def _order(meeting: Meeting, involved: set[str]) -> list[str]:
    """Return the actors to draw, in speaking order; the unnamed one comes last."""
    actors = meeting.actors
    if "speaking_order" in actors:
        actors = actors.sort_values("speaking_order", kind="stable", na_position="last")
    names = [name for name in actors["actor"] if name in involved]
    return [*names, *([UNNAMED] if UNNAMED in involved else [])]


def _draw_arcs(chart: Chart, table: pd.DataFrame, names: list[str]) -> None:
    used = [name for name in RELATIONS if name in set(table["relation"])]
    looks = {
        name: {"color": chart.group_color(list(RELATIONS).index(name) + 1), "ls": RELATIONS[name]}
        for name in used
    }
    chart.key(
        Line2D([], [], label=name.replace("_", " "), lw=1.5, **look) for name, look in looks.items()
    )
    ax, n = chart.ax, len(names)
    chart.span((0, 1), (n - 0.4, -0.6))
    words = [name if name == UNNAMED else chart.actor(name) for name in names]
    rows = lay.Names("left", np.arange(n, dtype=float), words)
    chart.lay_out([rows], height=0.24 * chart.size * n, left=0.08, right=0.05)
    row = {name: i for i, name in enumerate(names)}
    longest = max(
        (abs(row[a] - row[b]) for a, b in zip(table["actor"], table["target"], strict=True)),
        default=1,
    )
    times = dict[frozenset[str], int]()
    for actor, target, relation in table.itertuples(index=False):
        pair = frozenset((actor, target))
        again = times[pair] = times.get(pair, -1) + 1
        start, stop = row[actor], row[target]
        # a curve reaches three quarters of the way to its two middle points
        out = (0.12 + 0.85 * abs(stop - start) / max(longest, 1)) * 0.86**again * 4 / 3
        aside = 0.14 * np.sign(stop - start)
        ends = (start + aside, stop - aside)
        path = Path(
            [(0.0, ends[0]), (out, ends[0]), (out, ends[1]), (0.035, ends[1])],
            [Path.MOVETO, *[Path.CURVE4] * 3],
        )
        look = looks[relation]
        ax.add_patch(PathPatch(path, fc="none", lw=1.3, gid=f"reference {relation}", **look))
        size = 5 * chart.size
        ax.plot([0.02], [ends[1]], "<", ms=size, mew=0, color=look["color"], gid=f"to {target}")
    ax.plot(np.zeros(n), np.arange(n), "o", ms=2.2, color=chart.colors.ink, clip_on=False)
