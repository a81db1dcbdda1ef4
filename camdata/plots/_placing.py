"""Names beside points: nearer to their own point than to any other, without overlaps."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.patheffects import withStroke
from numpy.typing import NDArray

from camdata.plots import _layout as lay
from camdata.plots import _style
from camdata.plots._figures import figure_of
from camdata.plots._grids import cluster_key
from camdata.plots._layout import Chart

ANGLES = np.deg2rad([0, 180, 90, 270, 45, 135, 315, 225, *range(15, 360, 30)])
REACHES = (1.5, 4.0, 8.0, 13.0)
"""How far from the edge of its point, in points, a name is tried."""

ROUNDS = 3
"""How often names without room ask a neighbor to move."""


@dataclass
class Points:
    """Points to be named: `at` in the data, `radius` in points, `names` (empty: not named).

    `lines` are pairs of points of the data that names must not cross, shape (lines, 2, 2).
    """

    at: lay.Floats
    radius: lay.Floats
    names: list[str]
    lines: lay.Floats | None = None
    size: float = 8.0

    def place(self, chart: Chart) -> lay.Floats:
        """Return the middle of each name on the canvas in points; NaN where it has no room."""
        ax = chart.ax
        scale = figure_of(ax).dpi / 72
        dots = ax.transData.transform(self.at.reshape(-1, 2)) / scale
        frame = np.array(ax.get_window_extent().extents) / scale
        sizes = np.array(
            [
                (
                    72 * max(chart.wide(line, self.size) for line in name.split("\n")),
                    _style.LINE * self.size * (1 + name.count("\n")),
                )
                for name in self.names
            ]
        ).reshape(-1, 2)
        lines = None
        if self.lines is not None:
            lines = ax.transData.transform(self.lines.reshape(-1, 2)).reshape(-1, 4) / scale
        named = [i for i, name in enumerate(self.names) if name]
        return _Placing(dots, self.radius, sizes / 2, frame, lines).solve(named)

    def write(self, chart: Chart, middles: lay.Floats) -> None:
        """Write the names that have room."""
        ax, scale = chart.ax, figure_of(chart.ax).dpi / 72
        dots = ax.transData.transform(self.at.reshape(-1, 2)) / scale
        for i, name in enumerate(self.names):
            if not name or np.isnan(middles[i]).any():
                continue
            text = ax.annotate(
                name,
                tuple(self.at[i]),
                xytext=tuple((middles[i] - dots[i]).tolist()),
                textcoords="offset points",
                ha="center",
                va="center",
                zorder=4,
                fontsize=self.size,
                linespacing=_style.LINE,
                color=chart.colors.ink,
                gid=f"name {i}",
            )
            text.set_path_effects([withStroke(linewidth=1.5, foreground=chart.ground)])


class _Placing:
    """Finds places for boxes beside dots; all lengths are in points on the canvas."""

    def __init__(
        self,
        dots: lay.Floats,
        radius: lay.Floats,
        half: lay.Floats,
        frame: lay.Floats,
        lines: lay.Floats | None,
    ) -> None:
        self.dots, self.radius, self.half, self.frame = dots, radius, half, frame
        self.lines = np.empty((0, 4)) if lines is None else lines

    def _candidates(self, i: int) -> lay.Floats:
        """Return the possible places for a name regardless of other names, the best first."""
        steps = np.array(list(product(REACHES, ANGLES)))
        ways = np.column_stack([np.cos(steps[:, 1]), np.sin(steps[:, 1])])
        half = self.half[i] + [1.0, 0.0]
        middles = self.dots[i] + (self.radius[i] + steps[:, :1]) * ways + half * ways
        low, high = middles - half, middles + half
        free = (low >= self.frame[:2]).all(axis=1) & (high <= self.frame[2:]).all(axis=1)
        nearest = np.clip(self.dots[None], low[:, None], high[:, None])
        apart = np.hypot(*np.moveaxis(nearest - self.dots[None], 2, 0))
        free &= (apart > self.radius[None] + 0.7).all(axis=1)
        others = np.delete(apart, i, axis=1)
        edge = np.delete(apart - self.radius[None], i, axis=1)
        own = apart[:, i]
        # nearer to the own dot, whether its middle or its edge is looked at
        free &= (own[:, None] < 0.85 * others).all(axis=1)
        free &= (own[:, None] - self.radius[i] < 0.85 * edge).all(axis=1)
        free &= ~_crossed(low, high, self.lines)
        return np.asarray(middles[free])

    def solve(self, named: Sequence[int]) -> lay.Floats:
        """Place names one by one, the most constrained first, then move neighbors for the rest."""
        free = {i: self._candidates(i) for i in named}
        found = np.full((len(self.dots), 2), np.nan)
        for i in sorted(named, key=lambda i: (len(free[i]), -self.half[i][0])):
            self._try(i, free[i], found)
        for _ in range(ROUNDS):
            for i in named:
                if not np.isnan(found[i, 0]):
                    continue
                for middle in free[i]:
                    blocking = np.flatnonzero(self._conflicts(i, middle[None], found)[0])
                    if len(blocking) != 1:
                        continue
                    j, before = int(blocking[0]), found[blocking[0]].copy()
                    found[i], found[j] = middle, np.nan
                    if self._try(j, free[j], found):
                        break
                    found[i], found[j] = np.nan, before
        return found

    def _try(self, i: int, middles: lay.Floats, found: lay.Floats) -> bool:
        free = ~self._conflicts(i, middles, found).any(axis=1)
        if free.any():
            found[i] = middles[int(np.argmax(free))]
        return bool(free.any())

    def _conflicts(self, i: int, middles: lay.Floats, found: lay.Floats) -> NDArray[np.bool_]:
        """Return which names each place would cover."""
        apart = np.abs(middles[:, None] - found[None])
        return np.asarray((apart < self.half[i] + self.half + [2.0, 0.0]).all(axis=2))


def _crossed(low: lay.Floats, high: lay.Floats, lines: lay.Floats) -> NDArray[np.bool_]:
    """Return which boxes some line crosses."""
    start, way = lines[None, :, :2], lines[None, :, 2:] - lines[None, :, :2]
    with np.errstate(divide="ignore", invalid="ignore"):
        one, two = ((edge[:, None] - start) / way for edge in (low, high))
    enter = np.nan_to_num(np.minimum(one, two), nan=-np.inf).max(axis=2)
    leave = np.nan_to_num(np.maximum(one, two), nan=np.inf).min(axis=2)
    inside = np.maximum(enter, 0) < np.minimum(leave, 1)
    return np.asarray(inside.any(axis=1))


def spread(points: lay.Floats, least: float, within: float = np.inf) -> lay.Floats:
    """Push points apart until no two are nearer than `least`, if they can, inside a square."""
    n = len(points)
    turn = np.pi * (3 - np.sqrt(5)) * np.arange(1, n + 1)  # directions for points on one spot
    away = np.stack([np.cos(turn), np.sin(turn)], axis=1)
    later = np.maximum.outer(np.arange(n), np.arange(n))
    same_spot = away[later] * np.sign(np.subtract.outer(np.arange(n), np.arange(n)))[:, :, None]
    for _ in range(200):
        apart = points[:, None] - points[None, :]
        distance = np.hypot(apart[..., 0], apart[..., 1])
        near = (distance < least - 1e-9) & ~np.eye(n, dtype=bool)
        if not near.any():
            break
        same = distance < 1e-9 * least
        way = np.where(same[..., None], same_spot, apart / np.where(same, 1, distance)[..., None])
        step = np.where(near, (least - distance) / 2, 0)[..., None] * way
        points = np.clip(points + step.sum(axis=1) / 2, -within, within)
    return np.asarray(points)


MOST_LISTED = 60
"""Of more named points than this, names without room are not listed."""


def name_points(
    chart: Chart,
    said: tuple[str, str, str, str],
    points: Points,
    lay_out: Callable[[bool], object],
    what: str = "actors",
) -> dict[int, str]:
    """Lay out a chart of points and write their names; number those whose name has no room.

    Parameters
    ----------
    chart : Chart
        The chart, whose axes have their data.
    said : (str, str, str, str)
        Title, subtitle, note and alternative text; numbered names are listed before the note.
    points : Points
        What to name.
    lay_out : callable
        Lays out the chart and sets its limits; its argument is whether to write words around it.
    what : str
        What the points are, in the plural.

    Returns
    -------
    dict of int to str
        The numbers to write into the dots, by point.
    """
    title, subtitle, note, alt = said
    points = replace(points, names=list(points.names))
    named = sum(map(bool, points.names))
    without: dict[int, str] = {}
    for _ in range(3):  # the list takes room, so that another name may have none
        listed = [f"{k}\u00a0{name}" for k, name in enumerate(without.values(), 1)]
        words = "; ".join(", ".join(entry.split("\n")) for entry in listed)
        if named > MOST_LISTED and without:
            words = f"{len(without)} of {named} {what} have no room for their name"
        chart.says(title, subtitle, f"{words}. {note}" if words else note, alt)
        lay_out(False)
        middles = points.place(chart)
        failing = [i for i, n in enumerate(points.names) if n and np.isnan(middles[i, 0])]
        without |= {i: points.names[i] for i in failing}
        without = dict(sorted(without.items()))
        for i in failing:
            points.names[i] = ""
        if not failing:
            break
    lay_out(True)
    points.write(chart, points.place(chart))
    if named > MOST_LISTED or not chart.own:
        return {}
    return {i: str(k) for k, i in enumerate(without, 1)}


def write_numbers(chart: Chart, points: Points, numbers: dict[int, str], fills: list[Any]) -> None:
    """Write numbers into dots."""
    for i, number in numbers.items():
        x, y = points.at[i].tolist()
        text = chart.text(x, y, number, _style.FLOOR, color=_style.ink_on(fills[i]), ha="center")
        text.set(zorder=5, fontweight="bold", gid=f"number {number}")


def group_looks(
    chart: Chart, labels: Mapping[str, int | None] | None
) -> tuple[Callable[[str], dict[str, Any]], list[Artist]]:
    """Return how the dot of each actor looks by its group, and the key to it.

    The first four groups have a color; the others are grey, and their number stands behind the
    names. Actors in no group are hollow.
    """

    def look(actor: str) -> dict[str, Any]:
        number = None if labels is None else labels.get(actor)
        if labels is None:
            return {"fc": chart.color("supports"), "ec": chart.ground}
        if number is None:
            return {"fc": chart.ground, "ec": chart.colors.ink}
        return {"fc": chart.group_color(number), "ec": chart.ground}

    key = []
    if labels is not None:
        numbers = [np.nan if number is None else number for number in labels.values()]
        others = "other clusters: number behind the name"
        key = cluster_key(chart, numbers, others=others, dots=True)
    return look, key


def group_numbers(labels: pd.Series[int]) -> dict[str, int | None]:
    """Return the number of each actor's group, None for those in no group."""
    return {str(a): None if pd.isna(n) else int(n) for a, n in labels.items()}


def with_group(chart: Chart, actor: str, labels: Mapping[str, int | None] | None) -> str:
    """Return an actor's name, with the number of its group where that has no color."""
    number = None if labels is None else labels.get(actor)
    beyond = number is not None and number > len(chart.colors.groups)
    return f"{chart.actor(actor)} ({number})" if beyond else chart.actor(actor)
