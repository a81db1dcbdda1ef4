"""Names beside points: near them, inside the axes, covering neither points nor one another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product
from typing import Any, NamedTuple

import matplotlib as mpl
import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.patheffects import withStroke
from matplotlib.text import Annotation, Text
from matplotlib.transforms import Bbox
from numpy.typing import NDArray

from camdata.plots import _chart, _figures, _style

ANGLES = np.deg2rad([90, 270, 0, 180, 45, 135, 315, 225, *range(10, 360, 20)])
REACHES = (2, 7, 14, 22, 32, 44, 58, 74, 92, 112, 134)
"""How far from the edge of its point, in points, a name is tried."""

FAR = 12
"""From this distance on a line leads from the name to its point."""

ROUNDS = 4
"""How often names are moved to where they cover less."""

ROOM = 4
"""How much more room a chart needs than its names fill."""

SMALLER = (1.0, 0.85, 0.7)
"""By how much names are made smaller where there is no room for them."""

HARD = "\u00a0"
"""A space at which no line breaks."""

Floats = NDArray[np.float64]


class Point(NamedTuple):
    """A point to be named: where it is in the data, and its radius in points."""

    name: str
    x: float
    y: float
    radius: float


def name_points(
    ax: Axes, points: Sequence[Point], *, fontsize: float, **look: Any
) -> list[Annotation]:
    """Write names beside points, as suits the size that the axes have now (see `keep`).

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Axes with their limits.
    points : sequence of Point
        What to name; a name may have several lines. A point without a name only takes room.
    fontsize : float
        How large the names are, in points, if there is room for all of them; else smaller.
    **look
        How the names are written, as for `matplotlib.text.Text`.

    Returns
    -------
    list of matplotlib.text.Annotation
        The names, in the order of the points that have one.

    Notes
    -----
    Each name tries places around its point, near ones first, and takes the first free one, else the
    one that covers least. Further rounds move those that cover anything.
    """
    scale = _figures.figure_of(ax).dpi / 72
    dots = _boxes(
        ax.transData.transform([(point.x, point.y) for point in points]).reshape(-1, 2),
        np.array([[point.radius] * 2 for point in points]).reshape(-1, 2) * scale,
    )
    named = [i for i, point in enumerate(points) if point.name]
    texts = [_text(ax, points[i], look) for i in named]
    frame = np.array(ax.get_window_extent().extents, dtype=float)
    for share in SMALLER:
        for text in texts:
            text.set_fontsize(share * fontsize)
        half = np.array([_half(text, scale) for text in texts]).reshape(-1, 2)
        labels, cost = _placed(dots, np.array(named, dtype=np.int64), half, frame, scale)
        if cost == 0:
            break
    for i, text, label in zip(named, texts, labels, strict=True):
        away = (label[:2] + label[2:] - dots[i][:2] - dots[i][2:]) / 2 / scale
        text.set_position((float(away[0]), float(away[1])))
        _lead(ax, points[i], dots[i], label, scale)
    return texts


def _placed(
    dots: Floats, named: NDArray[np.int64], half: Floats, frame: Floats, scale: float
) -> tuple[Floats, float]:
    """Return boxes for names of these sizes, and how much they cover of anything."""
    labels = np.full((len(named), 4), np.nan)
    cost = np.full(len(named), np.inf)
    steps = np.array(list(product(REACHES, ANGLES)))
    ways = np.column_stack([np.cos(steps[:, 1]), np.sin(steps[:, 1])])
    # the largest first, since they find room hardest
    order = sorted(range(len(named)), key=lambda k: (-half[k].prod().round(), -dots[named[k]][1]))
    for _ in range(ROUNDS):
        for k in order:
            if cost[k] == 0:
                continue
            left, bottom, right, top = dots[named[k]]
            middle = np.array([(left + right) / 2, (bottom + top) / 2])
            away = (right - left) / 2 + steps[:, :1] * scale + half[k]
            places = _boxes(middle + away * ways, np.broadcast_to(half[k], ways.shape))
            labels[k] = np.nan
            others = np.vstack([dots, labels[~np.isnan(labels[:, 0])]])
            covered = np.round(np.add(_covered(places, others), _outside(places, frame)), 3)
            best = int(np.argmin(covered))
            labels[k], cost[k] = places[best], covered[best]
    return labels, float(cost.sum())


def _text(ax: Axes, point: Point, look: dict[str, Any]) -> Annotation:
    text = ax.annotate(
        point.name,
        (point.x, point.y),
        xytext=(0, 0),
        textcoords="offset points",
        ha="center",
        va="center",
        zorder=4,
        parse_math=False,
        gid=f"label {point.name}",
        **look,
    )
    text.set_path_effects([withStroke(linewidth=2.2, foreground=ax.get_facecolor())])
    return text


def _half(text: Annotation, scale: float) -> tuple[float, float]:
    """Return half the width and height of a text, with a little room around it."""
    box = text.get_window_extent()
    return box.width / 2 + 1.5 * scale, box.height / 2 + scale


def _lead(ax: Axes, point: Point, dot: Floats, label: Floats, scale: float) -> None:
    """Draw a line from a name that is far to its point."""
    middle = (dot[:2] + dot[2:]) / 2
    near = np.clip(middle, label[:2], label[2:])
    if np.hypot(*(near - middle)) < (point.radius + FAR) * scale:
        return
    ax.annotate(
        "",
        (point.x, point.y),
        xytext=tuple(((near - middle) / scale).tolist()),
        textcoords="offset points",
        zorder=1.5,
        gid="leader",
        arrowprops={
            "arrowstyle": "-",
            "color": _style.FAINT,
            "lw": 0.5,
            "shrinkA": 0,
            "shrinkB": point.radius,
        },
    )


def _boxes(centers: Floats, half: Floats) -> Floats:
    return np.hstack([centers - half, centers + half])


def _covered(boxes: Floats, others: Floats) -> Floats:
    """Return how much of the others each box covers."""
    low = np.maximum(boxes[:, None, :2], others[None, :, :2])
    high = np.minimum(boxes[:, None, 2:], others[None, :, 2:])
    return np.asarray(np.clip(high - low, 0, None).prod(axis=2).sum(axis=1))


def _outside(boxes: Floats, frame: Floats) -> Floats:
    """Return how much of each box lies outside the frame, which is worse than covering."""
    inside = _covered(boxes, frame[None, :])
    return np.asarray(4 * ((boxes[:, 2:] - boxes[:, :2]).prod(axis=1) - inside))


def spread(points: Floats, least: float, *, within: float = np.inf) -> Floats:
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


def wrapped(chart: _chart.Chart, names: Sequence[str], width: float) -> list[str]:
    """Return names in lines of at most `width` inches."""
    probe = chart.ax.text(0, 0, "", fontsize=chart.font())
    found = []
    for name in names:
        chart.wrap(probe, name, width)
        found.append(probe.get_text())
    probe.remove()
    return found


def heights(chart: _chart.Chart, *columns: Sequence[str]) -> Floats:
    """Return how high rows must be, in inches, for the words of each of their columns."""
    lines = [[words.count("\n") + 1 for words in column] for column in columns]
    line = _style.LINE * chart.font() / 72
    return np.asarray(np.max(lines, axis=0) * line + 0.08 * chart.unit)


def keep(chart: _chart.Chart, place: Callable[[], None]) -> None:
    """Call `place` when the chart has its size, and again whenever that has changed.

    What `place` has drawn is taken away before it is called again. So whatever depends on the size
    of the axes stays right where a layout or a window changes it.
    """
    chart.finish(lambda: _Keeper(chart.ax, place).start())


class _Keeper:
    """Where axes stand: they ask for it before they draw, which is when their size is known."""

    def __init__(self, ax: Axes, place: Callable[[], None]) -> None:
        self.place = place
        self.ax = ax
        self.before = ax.get_axes_locator()
        self.made: list[Artist] = []
        self.size = (0.0, 0.0)
        # the user's settings as they are now, which are others when the figure is drawn
        kinds = ("axes.", "font.", "lines.", "patch.", "text.", "xtick.", "ytick.")
        self.settings: Any = {
            name: value for name, value in mpl.rcParams.items() if name.startswith(kinds)
        }

    def start(self) -> None:
        self.ax.set_axes_locator(self)
        self(self.ax, None)

    def __call__(self, ax: Any, renderer: Any) -> Bbox:
        if self.before is None:
            position: Bbox = ax.get_position(original=True)
        else:
            position = self.before(ax, renderer)
        ax.apply_aspect(position)
        box, dpi = ax.get_window_extent(), _figures.figure_of(ax).dpi
        size = (round(box.width / dpi, 2), round(box.height / dpi, 2))
        if size != self.size and min(size) > 0:
            self.size = size
            for artist in self.made:
                artist.remove()
            before = set(ax.get_children())
            with mpl.rc_context(self.settings):
                self.place()
            self.made = [artist for artist in ax.get_children() if artist not in before]
            for artist in self.made:
                artist.set_in_layout(False)  # it suits the axes, and not they it
                for text in artist.findobj(Text):
                    text.set_parse_math(False)
        return position


def roomy(chart: _chart.Chart, names: Sequence[str]) -> None:
    """Make a chart of a given width, whose height is free, as high as its names need room."""
    if chart.fixed[0] is not None and chart.fixed[1] is None:
        filled = sum(len(name) for name in names) * 0.72 * (chart.font() / 72) ** 2
        high = min(ROOM * filled / chart.fixed[0], 2.4 * chart.fixed[0])
        chart.ask_height(max(chart.size[1], high))


def sentence(chart: _chart.Chart, words: str) -> None:
    """Let a chart be one sentence, where there is nothing to draw."""
    ax = chart.ax
    ax.set_axis_off()
    text = ax.text(0, 1, "", va="top", transform=ax.transAxes, gid="sentence")

    def wrap() -> None:
        chart.wrap(text, words, chart.inches()[0])
        high = text.get_window_extent().height / _figures.figure_of(ax).dpi
        chart.ask_height(max(high, _chart.LEAST))

    chart.adapt(wrap)
