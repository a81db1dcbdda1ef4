"""Names beside points: nearer to their own point than to any other, without overlaps."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.patheffects import withStroke

from camdata.plots import _style
from camdata.plots._figures import figure_of
from camdata.plots._grids import cluster_key
from camdata.plots._layout import Chart, Floats

ANGLES = np.deg2rad([0, 180, 90, 270, 45, 135, 315, 225, *range(15, 360, 30)])
REACHES = (1.5, 4.0, 8.0, 13.0)
"""How far from the edge of its point, in points, a name is tried."""

STEPS = np.array(list(product(REACHES, ANGLES)))
"""The places that are tried for a name: reach and angle, the best first."""

MOST_LISTED = 60
"""Of more named points than this, names without room are not listed."""


@dataclass
class Points:
    """Points to be drawn and named: `at` in the data, `radius` in points, `names` (empty: none).

    `looks` and `gids` are those of the dots; `lines` are pairs of points of the data that names
    must not cross, shape (lines, 2, 2).
    """

    at: Floats
    radius: Floats
    names: list[str]
    looks: list[dict[str, Any]]
    gids: list[str]
    lines: Floats | None = None
    size: float = 8.0

    def _on_canvas(self, chart: Chart, points: Floats) -> Floats:
        scale = figure_of(chart.ax).dpi / 72
        return np.asarray(chart.ax.transData.transform(points.reshape(-1, 2)) / scale)

    def place(self, chart: Chart) -> Floats:
        """Return the middle of each name on the canvas in points; NaN where it has no room.

        Names are placed one by one, the most constrained first.
        """
        lines = np.empty((0, 2, 2)) if self.lines is None else self.lines
        crossing = self._on_canvas(chart, lines).reshape(-1, 4)
        dots = self._on_canvas(chart, self.at)
        frame = np.array(chart.ax.get_window_extent().extents) / (figure_of(chart.ax).dpi / 72)
        texts = [name.split("\n") for name in self.names]
        wide = [36 * max(chart.wide(line, self.size) for line in text) for text in texts]
        high = [_style.LINE * self.size * len(text) / 2 for text in texts]
        half = np.column_stack([wide, high]).reshape(-1, 2)
        named = [i for i, name in enumerate(self.names) if name]
        free = {i: _candidates(i, dots, self.radius, half[i], frame, crossing) for i in named}
        found = np.full((len(dots), 2), np.nan)

        for i in sorted(named, key=lambda i: (len(free[i]), -half[i][0])):
            apart = np.abs(free[i][:, None] - found[None])
            clear = ~(apart < half[i] + half + [2.0, 0.0]).all(axis=2).any(axis=1)
            if clear.any():
                found[i] = free[i][int(np.argmax(clear))]
        return found

    def write(self, chart: Chart, middles: Floats) -> None:
        """Write the names that have room."""
        look: dict[str, Any] = {"ha": "center", "va": "center", "textcoords": "offset points"}
        look |= {"fontsize": self.size, "linespacing": _style.LINE, "color": chart.colors.ink}
        away = middles - self._on_canvas(chart, self.at)
        for i, name in enumerate(self.names):
            if name and not np.isnan(middles[i]).any():
                at, offset = tuple(self.at[i]), tuple(away[i].tolist())
                text = chart.ax.annotate(name, at, offset, zorder=4, gid=f"name {i}", **look)
                text.set_path_effects([withStroke(linewidth=1.5, foreground=chart.ground)])


def _candidates(
    i: int, dots: Floats, radius: Floats, half: Floats, frame: Floats, lines: Floats
) -> Floats:
    """Return the possible places for a name regardless of other names, the best first."""
    ways = np.column_stack([np.cos(STEPS[:, 1]), np.sin(STEPS[:, 1])])
    half = half + np.array([1.0, 0.0])
    middles = dots[i] + (radius[i] + STEPS[:, :1]) * ways + half * ways
    low, high = middles - half, middles + half
    free = (low >= frame[:2]).all(axis=1) & (high <= frame[2:]).all(axis=1)
    nearest = np.clip(dots[None], low[:, None], high[:, None])
    apart = np.hypot(*np.moveaxis(nearest - dots[None], 2, 0))
    free &= (apart > radius[None] + 0.7).all(axis=1)
    # nearer to the own dot, whether its middle or its edge is looked at
    for distance in (apart, apart - radius[None]):
        free &= (distance[:, [i]] < 0.85 * np.delete(distance, i, axis=1)).all(axis=1)
    return np.asarray(middles[free & ~_crossed(low, high, lines)])


def _crossed(low: Floats, high: Floats, lines: Floats) -> Any:
    """Return which boxes some line crosses."""
    start, way = lines[None, :, :2], lines[None, :, 2:] - lines[None, :, :2]
    with np.errstate(divide="ignore", invalid="ignore"):
        one, two = ((edge[:, None] - start) / way for edge in (low, high))
    enter = np.nan_to_num(np.minimum(one, two), nan=-np.inf).max(axis=2)
    leave = np.nan_to_num(np.maximum(one, two), nan=np.inf).min(axis=2)
    return (np.maximum(enter, 0) < np.minimum(leave, 1)).any(axis=1)


def spread(points: Floats, least: float, within: float = np.inf) -> Floats:
    """Push points apart until no two are nearer than `least`, if they can, inside a square."""
    n = len(points)
    turn = np.pi * (3 - np.sqrt(5)) * np.arange(1, n + 1)  # directions for points on one spot
    away = np.stack([np.cos(turn), np.sin(turn)], axis=1)
    order = np.arange(n)
    later, sign = np.maximum.outer(order, order), np.sign(np.subtract.outer(order, order))
    same_spot = away[later] * sign[:, :, None]
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


def draw_points(
    chart: Chart,
    said: tuple[str, str, str, str],
    points: Points,
    lay_out: Callable[[], object],
    what: str = "actors",
) -> None:
    """Lay out a chart of points, draw them and their names; number those whose name has no room.

    Parameters
    ----------
    chart : Chart
        The chart, whose axes have their data.
    said : (str, str, str, str)
        Title, subtitle, note and alternative text; numbered names are listed before the note.
    points : Points
        What to name.
    lay_out : callable
        Lays out the chart and sets its limits.
    what : str
        What the points are, in the plural.
    """
    title, subtitle, note, alt = said
    points = replace(points, names=list(points.names))
    named = sum(map(bool, points.names))
    without: dict[int, str] = {}
    for _ in range(3):  # the list takes room, so that another name may have none
        entries = [f"{k}\u00a0{name}" for k, name in enumerate(without.values(), 1)]
        words = "; ".join(", ".join(entry.split("\n")) for entry in entries)
        if named > MOST_LISTED and without:
            words = f"{len(without)} of {named} {what} have no room for their name"
        chart.says(title, subtitle, f"{words}. {note}" if words else note, alt)
        lay_out()
        middles = points.place(chart)
        failing = [i for i, n in enumerate(points.names) if n and np.isnan(middles[i, 0])]
        without = dict(sorted({**without, **{i: points.names[i] for i in failing}}.items()))
        for i in failing:
            points.names[i] = ""
        if not failing:
            break
    points.write(chart, points.place(chart))
    listed = list(without) if chart.own and named <= MOST_LISTED else []
    for i, (look, gid) in enumerate(zip(points.looks, points.gids, strict=True)):
        (x, y), size = points.at[i].tolist(), (2 * points.radius[i]) ** 2
        chart.ax.scatter(x, y, size, zorder=2, gid=gid, **{"lw": 0.8, "clip_on": False, **look})
        if i in listed:
            number, ink = str(listed.index(i) + 1), _style.ink_on(look["fc"])
            text = chart.text(x, y, number, _style.FLOOR, color=ink, ha="center")
            text.set(zorder=5, fontweight="bold", gid=f"number {number}")


GroupNumbers = Mapping[str, int | None] | None
"""The number of each actor's group, None for those in no group; None where there are no groups."""


def group_numbers(labels: pd.Series[int]) -> dict[str, int | None]:
    """Return the number of each actor's group."""
    return {str(a): None if pd.isna(n) else int(n) for a, n in labels.items()}


def group_look(chart: Chart, actor: str, numbers: GroupNumbers) -> dict[str, Any]:
    """Return how the dot of an actor looks: hollow in no group, grey beyond the first four."""
    if numbers is None:
        return {"fc": chart.color("supports"), "ec": chart.ground}
    if (number := numbers.get(actor)) is None:
        return {"fc": chart.ground, "ec": chart.colors.ink}
    return {"fc": chart.group_color(number), "ec": chart.ground}


def group_key(chart: Chart, numbers: GroupNumbers) -> list[Artist]:
    """Return the key to the colors of groups."""
    found = [np.nan if number is None else number for number in (numbers or {}).values()]
    return cluster_key(chart, found, others="other clusters: number behind the name", dots=True)


def with_group(chart: Chart, actor: str, numbers: GroupNumbers) -> str:
    """Return an actor's name, with the number of its group where that has no color."""
    number = (numbers or {}).get(actor)
    beyond = number is not None and number > len(chart.colors.groups)
    return f"{chart.actor(actor)} ({number})" if beyond else chart.actor(actor)
