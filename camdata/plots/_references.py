"""Who refers to whom, as arrows between rows of names."""

from __future__ import annotations

from typing import Any, NamedTuple, Unpack

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.text import Text

from camdata._display.checks import wrong_type
from camdata._display.words import count
from camdata.model.meeting import Meeting
from camdata.plots import _chart, _figures, _look, _style
from camdata.plots._placing import keep

RELATIONS = {
    "echoes": "-",
    "builds_on": (0, (5, 1, 1, 1)),
    "supports": (0, (4, 1.5)),
    "contrasts": ":",
}
"""The line of each relation."""

MANY = 30
"""Of more actors than this in the speaking order, only those with a reference have a row."""

ASIDE = 0.17
"""How far above or below the middle of its row, in rows, an arrow starts or ends."""

MARK = 26
"""The width of a reference with an unnamed end, in points at 9 points of font size."""


@_look.signed
def references(meeting: Meeting, **look: Unpack[_look.Look]) -> Axes:
    """Draw who refers to whom.

    Parameters
    ----------
    meeting : Meeting
        The meeting; only the actors with a speaking order and those that they refer to or who refer
        to them are drawn, the latter two below.
    title, labels, palette, figsize, ax
        As for every chart (`camdata.plots`); the palette is that of the relations.

    Returns
    -------
    matplotlib.axes.Axes
        A row for each actor. An arrow leads from the one who refers to the one referred to: on the
        right up the rows, on the left down. An arrow beside a name leads to or from somebody whom
        the report leaves unnamed, a question mark. Color and line say the relation.

    Raises
    ------
    ValueError
        If the meeting has no references.

    Examples
    --------
    >>> import camdata as cam
    >>> ax = cam.plots.references(cam.load_meeting(), figsize=8)
    >>> ax.get_title(loc="left")
    'Who refers to whom: 17 references, 7 of them with an unnamed end'
    """
    if not isinstance(meeting, Meeting):
        raise wrong_type("meeting", "Meeting", meeting)
    if meeting.references.empty:
        raise ValueError("This meeting has no references.")
    table, rows, numbers = _rows(meeting)
    actors = meeting.actors.set_index("actor")
    ends = table[["actor", "target"]].astype("object").where(table.notna(), None)
    found = [
        _Reference(*row)
        for row in zip(ends["actor"], ends["target"], table["relation"], strict=True)
    ]
    used = [name for name in RELATIONS if any(one.relation == name for one in found)]
    longest = max(len(name) for name in rows)
    high = 0.25 if len(rows) <= MANY else 0.19
    size = (2.4 + 0.075 * min(longest, _look.LONGEST), high * len(rows))
    with _chart.drawing(size, actors=actors, **look) as chart:
        ax = chart.ax
        ax.set(xlim=(0, 1), ylim=(len(rows) - 0.4, -0.6))
        ax.set_axis_off()
        colors = chart.colors(RELATIONS)
        looks = {name: {"color": colors[name], "ls": RELATIONS[name], "lw": 1.4} for name in used}
        names = {
            name: f"{numbers[name]}. {chart.actor(name)}" if name in numbers else chart.actor(name)
            for name in rows
        }
        keep(chart, lambda: _Rows(chart, names, found, looks).draw())
        chart.legend(
            Line2D([], [], label=name.replace("_", " "), **look) for name, look in looks.items()
        )
        chart.note("an arrow leads from the one who refers to the one referred to")
        unnamed = sum(one.actor is None or one.target is None for one in found)
        title = f"Who refers to whom: {count(len(found), 'reference')}"
        if unnamed:
            title += f", {unnamed} of them with an unnamed end"
            chart.note("?: somebody whom the report leaves unnamed")
        if numbers:
            chart.note("numbers: speaking order")
        alt = f"Arrows of {count(len(found), 'reference')} between {count(len(rows), 'actor')}"
        most = table["target"].value_counts()
        if len(most):
            times = count(int(most.iloc[0]), "time")
            alt += f"; {chart.actor(most.index[0])} is referred to most, {times}"
        chart.says(title, f"{alt}; {unnamed} with an unnamed end.")
    return ax


class _Reference(NamedTuple):
    actor: str | None
    target: str | None
    relation: str


def _rows(meeting: Meeting) -> tuple[pd.DataFrame, list[str], dict[str, int]]:
    """Return the references that are drawn, the actors from top to bottom, and their numbers."""
    table, actors = meeting.references, meeting.actors
    numbers: dict[str, int] = {}
    line = actors["actor"].tolist()
    if "speaking_order" in actors and actors["speaking_order"].notna().any():
        numbered = actors.dropna(subset=["speaking_order"]).sort_values("speaking_order")
        line = numbered["actor"].tolist()
        numbers = {name: i for i, name in enumerate(line, 1)}
    table = table[table["actor"].isin(line) | table["target"].isin(line)]
    involved = {*table["actor"].dropna(), *table["target"].dropna()}
    if len(line) > MANY or not numbers:
        line = [name for name in line if name in involved]
    others = [name for name in actors["actor"] if name in involved and name not in line]
    return table, [*line, *others], numbers


class _Rows:
    """Names with the arrows beside them, in axes whose size is final; lengths are in points."""

    def __init__(
        self,
        chart: _chart.Chart,
        names: dict[str, str],
        found: list[_Reference],
        looks: dict[str, dict[str, Any]],
    ) -> None:
        self.chart = chart
        self.names = names
        self.looks = looks
        self.row = {name: i for i, name in enumerate(names)}
        self.unnamed = [one for one in found if one.actor is None or one.target is None]
        named = [one for one in found if one not in self.unnamed]
        self.up = [one for one in named if self._span(one) < 0]
        self.down = [one for one in named if self._span(one) >= 0]
        self.font = min(chart.font(), chart.points("y") / _style.LINE)

    def _span(self, one: _Reference) -> int:
        return self.row[str(one.target)] - self.row[str(one.actor)]

    def draw(self) -> None:
        ax, unit = self.chart.ax, self.chart.unit
        width, gap, mark = 72 * self.chart.inches()[0], 5 * unit, MARK * unit
        ax.set_xlim(0, width)
        texts = {name: self._name(name) for name in self.names}
        scale = 72 / _figures.figure_of(ax).dpi
        wide = {name: text.get_window_extent().width * scale for name, text in texts.items()}
        marks = pd.Series([one.actor or one.target for one in self.unnamed]).value_counts()
        beside = {name: mark * int(marks.get(name, 0)) for name in self.names}
        core = max(wide.values()) + max(beside.values())
        room = max(width - core - 3 * gap, 0)
        # each side has room for its share of the arrows
        share = len(self.down) / max(len(self.down) + len(self.up), 1)
        left = room * (min(max(share, 0.3), 0.7) if 0 < share < 1 else share)
        stop = left + gap + max(wide.values())
        right = left + 2 * gap + core
        for text in texts.values():
            text.set_x(stop)
        done = dict.fromkeys(self.names, 0)
        for one in self.unnamed:
            name = str(one.actor or one.target)
            self._mark(stop + 0.6 * gap + mark * done[name], one)
            done[name] += 1
        self._arrows(self.up, right, room - left, 1, {n: stop + beside[n] for n in self.names})
        self._arrows(self.down, left, left, -1, {n: stop - wide[n] for n in self.names})

    def _name(self, name: str) -> Text:
        return self.chart.ax.text(
            0,
            self.row[name],
            self.names[name],
            ha="right",
            va="center",
            fontsize=self.font,
            parse_math=False,
            gid=f"label {name}",
        )

    def _arrows(
        self,
        found: list[_Reference],
        rail: float,
        room: float,
        side: int,
        edges: dict[str, float],
    ) -> None:
        """Draw arrows beside a rail, the longer the farther out, and the dots that they join.

        `side` is 1 on the right and -1 on the left; `edges` are where the names end there.
        """
        ax, times = self.chart.ax, dict[tuple[str | None, str | None], int]()
        spans = [max(abs(self._span(one)), 1) for one in found]
        for one, span in zip(found, spans, strict=True):
            again = times.get((one.actor, one.target), 0)
            times[one.actor, one.target] = again + 1
            out = (room - 4) * min((0.15 + 0.8 * span / max(spans)) * 0.85**again, 1)
            start = self.row[str(one.actor)] - side * ASIDE
            stop = self.row[str(one.target)] + side * ASIDE
            # a curve reaches three quarters of the way to its two middle points
            far = rail + side * out * 4 / 3
            points = [(rail, start), (far, start), (far, stop), (rail + side * 3, stop)]
            path = Path(points, [Path.MOVETO, *[Path.CURVE4] * 3])
            self._arrow(path, one)
        for name in sorted({str(end) for one in found for end in (one.actor, one.target)}):
            row, edge = self.row[name], edges[name] + side * self.font / 3
            ax.plot([rail], [row], "o", color=self.chart.ink, ms=0.4 * self.font, gid="dot")
            if side * (rail - edge) > self.font:
                ax.plot([edge, rail], [row, row], color=_style.MISSING, lw=0.8, zorder=0)

    def _mark(self, at: float, one: _Reference) -> None:
        """Draw a reference to or from somebody unnamed, beside the name that is known."""
        row = self.row[str(one.actor or one.target)]
        far = at + 0.62 * MARK * self.chart.unit
        ends = [(at, row), (far, row)] if one.target is None else [(far, row), (at, row)]
        self._arrow(Path(ends), one)
        self.chart.ax.text(
            far + 1,
            row,
            "?",
            color=self.looks[one.relation]["color"],
            va="center",
            fontsize=self.font,
            fontweight="bold",
            gid="unnamed",
        )

    def _arrow(self, path: Path, one: _Reference) -> None:
        ax, look = self.chart.ax, self.looks[one.relation]
        ax.add_patch(PathPatch(path, fc="none", gid=f"reference {one.relation}", **look))
        (before, _), (x, y) = np.asarray(path.vertices, dtype=float)[-2:].tolist()
        size = 6.0 * self.chart.unit
        ax.plot(
            [x - size / 2 * np.sign(x - before)],
            [y],
            marker=">" if x > before else "<",
            ms=size,
            mew=0,
            color=look["color"],
            gid=f"head {one.target or 'unnamed'}",
        )
