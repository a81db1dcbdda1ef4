"""The layout of a chart: title, subtitle and key above it, names around it, the note below.

All room is computed from measured words before anything is drawn: names are measured once, margins
follow in closed form. A first pass decides how large names can be and which of them have room, a
second one places everything. With ``ax=`` a chart only draws, and its caller lays out.
"""

from __future__ import annotations

import functools
import inspect
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, NamedTuple, ParamSpec, get_args, get_type_hints

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.legend import Legend
from matplotlib.text import Text
from numpy.typing import NDArray

from camdata._display.checks import names_from, wrong_type
from camdata._display.words import with_suggestion
from camdata.model.tally import Tally
from camdata.plots import _style
from camdata.plots._figures import DescribedFigure, figure_of
from camdata.plots._look import Look, as_palette, check_size, shown, wrong_result
from camdata.plots._style import FLOOR, LINE, RC

P = ParamSpec("P")
Floats = NDArray[np.float64]
AROUND = 0.1
"""The margin of a figure, in inches."""

TALLEST = 9.5
"""No figure is higher than this unless its height is given, in inches."""

LEAST = 0.35
"""The least width and height of axes, in inches."""

GAP = 0.07
"""The room between the parts of a chart, in inches."""

_PROBE = Figure(dpi=100)
"""Where words are measured."""

TITLE, SUBTITLE, NOTE = 12.5, 9.0, 8.0
"""Font sizes in points."""


@dataclass(frozen=True)
class Names:
    """Names along one side of the axes.

    Attributes
    ----------
    side : {"left", "top", "bottom"}
    at : numpy.ndarray
        Where they stand in the data.
    words : list of str
    first : numpy.ndarray, optional
        Ranks: names of a smaller rank stay where not all have room; by default headings.
    bold : frozenset of int
        Which of them are headings.
    what : str
        A plural noun for the note on names that have no room.
    size : float
        The font size in points.
    flat : bool
        Whether the names are horizontal; otherwise they are turned.
    """

    side: Literal["left", "top", "bottom"]
    at: Floats
    words: list[str]
    first: Floats | None = None
    bold: frozenset[int] = frozenset()
    what: str = "actors"
    size: float = 8.5
    flat: bool = True

    @property
    def upright(self) -> bool:
        """Whether the names stand one below the other."""
        return self.side == "left"

    def chosen(self, least: float) -> list[int]:
        """Return which names stay if they must be so far apart, preferring small ranks."""
        headings = [i not in self.bold for i in range(len(self.at))]
        ranks = np.array(headings) if self.first is None else self.first
        kept: list[int] = []
        for i in np.argsort(ranks, kind="stable").tolist():
            if self.words[i] and all(abs(self.at[i] - self.at[j]) >= least for j in kept):
                kept.append(i)
        return sorted(kept)


@functools.lru_cache(4096)
def _width_of(words: str, bold: bool, family: tuple[str, ...]) -> float:
    """Return how wide some words are at one point, in inches."""
    probe = Text(0, 0, words, fontsize=40, weight="bold" if bold else "normal", figure=_PROBE)
    probe.set(fontfamily=family, parse_math=False)
    return float(probe.get_window_extent().width / _PROBE.dpi / 40)


def chart(function: Callable[P, Axes]) -> Callable[P, Axes]:
    """Draw in camdata's style; errors list the known keywords, and name the call for a result."""
    known = list(inspect.signature(function).parameters)
    kind = get_type_hints(function)[known[0]]

    @functools.wraps(function)
    def drawn(*args: P.args, **kwargs: P.kwargs) -> Axes:
        for name in kwargs:
            if name not in known:
                has, takes = with_suggestion(name, known), ", ".join(known)
                raise TypeError(f"{function.__name__}() has no keyword {has}; it takes {takes}.")
        value = args[0] if args else kwargs.get(known[0])
        if not isinstance(value, kind):
            raise wrong_result(function.__name__, known[0], get_args(kind) or (kind,), value)
        before = plt.get_fignums()
        with _style.style():
            try:
                return function(*args, **kwargs)
            except BaseException:
                for number in set(plt.get_fignums()) - set(before):
                    plt.close(number)
                raise

    return drawn


class Chart:
    """A chart while it is drawn.

    First set its words (`says`), then lay it out (`lay_out`), then draw on `ax`, whose size is
    final by then.

    Attributes
    ----------
    ax : matplotlib.axes.Axes
        Where to draw.
    own : bool
        Whether the chart made its figure; if not, the caller lays it out.
    width, height : float or None
        Of the figure in inches; the height is None where it is free.
    colors : Colors
        The colors for its background.
    size : float
        Factor for all font sizes: smaller in narrow figures, larger with the user's ``font.size``.
    """

    def __init__(
        self,
        look: Look,
        tally: Tally | None = None,
        *,
        attributes: pd.DataFrame | None = None,
        codes: Mapping[str, str] | None = None,
        called: Iterable[str] = (),
        usual_width: float = 7.0,
    ) -> None:
        title, labels, palette, figsize, ax = look
        if title is not None and not isinstance(title, str):
            raise TypeError(f"`title` must be a text ('' for none), but {title!r} was passed.")
        if ax is not None and (not isinstance(ax, Axes) or ax.name != "rectilinear"):
            raise wrong_type("ax", "one Axes of matplotlib, flat and not polar", ax)
        if ax is not None and figsize is not None:
            raise ValueError("`figsize` is for a new figure; these `ax` have one already.")
        self._actors = names_from(labels, attributes if tally is None else tally.attributes)
        known = {} if tally is None else dict(zip(tally.keys, tally.labels, strict=True))
        # a column of the actors' table names no codes
        renamed = {} if isinstance(labels, str) else self._actors
        self._codes = {**known, **(codes or {}), **renamed}
        self._palette = as_palette(palette)
        self._asked = title
        self.own = ax is None
        width, self.height = check_size(figsize)
        self.width = usual_width if width is None else width
        self.ground: Any = mpl.rcParams["figure.facecolor"] if ax is None else ax.get_facecolor()
        self.colors = _style.DARK if _style.luminance(self.ground) < 0.18 else _style.LIGHT
        self.ax: Axes = ax  # type: ignore[assignment]
        self._said = ("", "", "", "")
        self._key: list[Artist] = []
        self._written: list[Text] = []
        called = [*called, *self._actors.values(), *self._codes.values(), title or ""]
        called += [] if tally is None else [*tally.actors, *tally.keys]
        called += [] if attributes is None else list(attributes.index)
        mpl.rcParams["font.family"] = _style.fonts_for(called)
        if ax is None:
            size = self.width, self.height or 5.0
            figure = plt.figure(FigureClass=DescribedFigure, figsize=size)
            self.ax = figure.add_axes((0.2, 0.2, 0.6, 0.6))
        self.ax.set_facecolor(self.ground)

    @property
    def size(self) -> float:
        """The factor for all font sizes."""
        wide = self.width if self.own else figure_of(self.ax).get_size_inches()[0]
        return float(mpl.rcParams["font.size"] / RC["font.size"] * (1.0 if wide >= 5 else 0.85))

    # names and colors

    def actor(self, name: str) -> str:
        """Return what an actor is called in this chart."""
        return shown(self._actors.get(name, name))

    def code(self, key: str) -> str:
        """Return what a code or dimension is called in this chart."""
        return shown(self._codes.get(key, key))

    def group_color(self, label: int) -> Any:
        """Return the color of a group: the first four have one of their own, the others grey."""
        groups = self.colors.groups
        default = groups[label - 1] if label <= len(groups) else self.colors.rest
        return self._palette.get(label, default)

    def color(self, name: str) -> Any:
        """Return the color of a stance, ``supports`` or ``opposes``."""
        return self._palette.get(name, getattr(self.colors, name))

    # words

    def says(self, title: str, subtitle: str, note: str, alt: str) -> None:
        """Set title (the finding), subtitle (how to read it), note (n, source) and alt text."""
        self._said = (title, subtitle, note, alt.replace("?.", "?"))

    def key(self, handles: Iterable[Artist]) -> None:
        """Put a key to the signs below the subtitle."""
        self._key = list(handles)

    def wide(self, words: str, points: float, *, bold: bool = False) -> float:
        """Return how wide some words are, in inches."""
        return _width_of(words, bold, tuple(mpl.rcParams["font.family"])) * points

    def wrap(self, words: str, points: float, width: float, *, bold: bool = False) -> list[str]:
        """Return words in lines of at most so many inches; line breaks in them stay."""
        lines: list[str] = []
        for paragraph in words.split("\n"):
            lines.append("")
            # a number stays with its noun, and p with its value
            for word in re.sub(r"(?<=[\d×=<]) (?=\w)|(?<=\bp) ", "\u00a0", paragraph).split(" "):
                longer = f"{lines[-1]} {word}" if lines[-1] else word
                if lines[-1] and self.wide(longer, points, bold=bold) > width:
                    lines.append(word)
                else:
                    lines[-1] = longer
        return [line.replace("\u00a0", " ") for line in lines if line]

    def cut(self, words: str, points: float, width: float, *, bold: bool = False) -> str:
        """Shorten words to a width in inches; a short last word, such as a number, stays."""
        share = width / max(self.wide(words, points, bold=bold), 1e-9)
        if share >= 1:
            return words
        if " – " in words:  # a pair: both names keep their beginning
            first, second = words.split(" – ", 1)
            half = (width - self.wide("n – n", points, bold=bold)) / 2
            return " – ".join(self.cut(name, points, half, bold=bold) for name in (first, second))
        rest, _, last = words.rpartition(" ")
        last = f" {last}" if rest and len(last) <= 4 else ""
        for kept in range(min(int(len(words) * share) + 4, len(words) - 1 - len(last)), 0, -1):
            short = f"{words[:kept].rstrip()}…{last}"
            if self.wide(short, points, bold=bold) <= width:
                return short
        return "…"

    def sentence(self, title: str, words: str) -> Axes:
        """Write one sentence where there is nothing to draw, and return the axes."""
        self.says(title, "", "", words)
        points = 9 * self.size
        wide = self.width - 2 * AROUND if self.own else 0.9 * self.width / 2
        lines = self.wrap(words, points, wide)
        self.ax.set_axis_off()
        self.lay_out(height=max(LINE * points * len(lines) / 72, LEAST))
        text = self.text(0, 1, "\n".join(lines), points, va="top", gid="sentence")
        text.set(transform=self.ax.transAxes, linespacing=LINE)
        return self.ax

    def text(self, x: float, y: float, words: str, points: float, **look: Any) -> Text:
        """Write words at a point of the data."""
        own: dict[str, Any] = {"color": self.colors.ink, "va": "center", "clip_on": False}
        return self.ax.text(x, y, words, fontsize=points, **{**own, **look})

    # room

    @property
    def inches(self) -> tuple[float, float]:
        """Width and height of the axes in inches."""
        box, dpi = self.ax.get_window_extent(), figure_of(self.ax).dpi
        return box.width / dpi, box.height / dpi

    def span(self, x: tuple[float, float], y: tuple[float, float]) -> None:
        """Set the limits of axes that have neither a frame nor numbers."""
        self.ax.set(xlim=x, ylim=y, xticks=[], yticks=[])
        self.ax.spines[:].set_visible(False)

    def lay_out(
        self,
        names: Sequence[Names] = (),
        *,
        height: float | Callable[[float], float],
        width: float = np.inf,
        left: float = 0.0,
        right: float = 0.0,
        bottom: float = 0.0,
    ) -> tuple[float, float]:
        """Set the size of the figure and the place of the axes; write the names and words.

        A chart may be laid out again, with other words.

        Parameters
        ----------
        names : sequence of Names
            For axes whose limits are set.
        height : float or callable
            Of the axes in inches, or a function of their width.
        width : float
            The largest width of the axes in inches; by default all there is.
        left, right, bottom : float
            Room around the axes besides that of the names, in inches.

        Returns
        -------
        (float, float)
            Width and height of the axes in inches.
        """
        names = [replace(one, size=one.size * self.size) for one in names]
        if not self.own:
            wide, high = self.inches
            fitted = [self._fit(one, high if one.upright else wide, np.inf)[0] for one in names]
            self._write_into_axes(wide)
        else:
            tall = height if callable(height) else lambda _: height
            limit, room = 0.44 * self.width, self.width - 2 * AROUND - left - right
            # first pass: names beside the axes at their full size decide the width, that decides
            # the names above and below, and those decide the height
            beside = [min(self._thickness(one), limit + GAP) for one in names if one.upright]
            wide = min(width, room - sum(beside))
            tallest = 0.25 * (self.height or TALLEST)
            found = [self._fit(one, wide, tallest) for one in names if not one.upright]
            bottom += sum(self._thickness(one) for one, _ in found if one.side == "bottom")
            above = sum(self._thickness(one) for one, _ in found if one.side == "top")
            high = self._height(tall(wide), above + bottom, self._words([]))
            found += [self._fit(one, high, limit) for one in names if one.upright]
            # second pass: their final sizes, and a note on those that have no room
            fitted, notes = [one for one, _ in found], [note for _, note in found if note]
            words = self._words(notes)
            named = sum(self._thickness(one) for one in fitted if one.upright)
            wide, left = min(width, room - named), left + AROUND + named
            high = self._height(tall(wide), above + bottom, words)
            # a chart of a single cell asks for less than the least that others need
            if wide < min(LEAST, width) or high < min(LEAST, tall(wide)):
                raise ValueError(
                    f"A `figsize` of {self.width:g} × {self.height or TALLEST:g} inches leaves no "
                    "room for this chart: its names and words take it all. Make it larger, or "
                    "shorten names with `labels`."
                )
            bottom += AROUND + words.footer
            total = self.height or high + bottom + above + words.header + AROUND
            figure_of(self.ax).set_size_inches(self.width, total)
            at = left / self.width, bottom / total, wide / self.width, high / total
            self.ax.set_position(at)
            self._write(words, total)
        for one in fitted:
            self._label(one)
        return wide, high

    def _height(self, asked: float, names: float, words: _Words) -> float:
        """Return the height of axes that have names and words around them."""
        around = 2 * AROUND + words.header + words.footer + names
        return min(asked, TALLEST - around) if self.height is None else self.height - around

    def _thickness(self, one: Names) -> float:
        """Return how much room names take away from the axes, in inches."""
        if one.flat and not one.upright:
            return LINE * one.size / 72 + GAP
        wide = [self.wide(w, one.size, bold=i in one.bold) for i, w in enumerate(one.words)]
        return max(wide) + GAP if wide else 0.0

    def _fit(self, one: Names, length: float, limit: float) -> tuple[Names, str]:
        """Return names as large as they have room, without those that have none, and a note."""
        ends = self.ax.get_ylim() if one.upright else self.ax.get_xlim()
        step = 72 * length / (abs(ends[1] - ends[0]) or 1)
        gaps = np.diff(np.sort(one.at))
        least = float(gaps.min()) * step if len(gaps) else np.inf
        points = min(one.size, max(least / LINE, FLOOR))
        kept = list(range(len(one.at)))
        if least / LINE < FLOOR:
            kept = one.chosen(LINE * FLOOR / step)
        room = 0.95 * least / 72
        flat = one.upright or all(self.wide(w, points, bold=True) < room for w in one.words)
        words = [self.cut(one.words[i], points, limit, bold=i in one.bold) for i in kept]
        note = ""
        if len(kept) < len(one.at):
            note = f"{len(kept)} of {len(one.at)} {one.what} have room for their name"
        bold = frozenset(new for new, old in enumerate(kept) if old in one.bold)
        found = replace(one, at=one.at[kept], words=words, bold=bold, size=points, flat=flat)
        return found, note

    def _label(self, one: Names) -> None:
        """Write names as the labels of an axis."""
        ax, axis = self.ax, self.ax.yaxis if one.upright else self.ax.xaxis
        look: dict[str, Any] = {"labelsize": one.size, "labelcolor": self.colors.ink}
        if not one.upright:
            look |= {f"label{side}": side == one.side for side in ("bottom", "top")}
        axis.set_tick_params(length=0, pad=72 * GAP / 2, **look)
        (ax.set_yticks if one.upright else ax.set_xticks)(one.at, one.words)
        labels = axis.get_ticklabels()
        for i in one.bold:
            labels[i].set_fontweight("bold")
        for label in labels if not (one.upright or one.flat) else ():
            label.set(rotation=90, rotation_mode="anchor", va="center")
            label.set(ha="left" if one.side == "top" else "right")

    # words

    def _words(self, left_out: Sequence[str]) -> _Words:
        """Wrap title, subtitle and note to the width of the figure."""
        title, subtitle, note, _ = self._said
        width, size = self.width - 2 * AROUND, self.size
        title = title if self._asked is None else self._asked
        titles = self.wrap(title, TITLE * size, width, bold=True)
        subtitles = self.wrap(subtitle, SUBTITLE * size, width) if title else []
        notes = self.wrap(". ".join([*left_out, note]) if note else "", NOTE * size, width)
        parts = [len(titles) * TITLE, len(subtitles) * SUBTITLE * 1.05]
        header = LINE * size * sum(parts) / 72 + (GAP if title else 0.0)
        if self._key:
            header += self._key_height() + 2 * GAP
        footer = LINE * size * len(notes) * NOTE / 72 + (2 * GAP if notes else 0)
        return _Words(titles, subtitles, notes, header + GAP, footer)

    def _key_height(self) -> float:
        """Draw the key in as many columns as have room; return its height in inches."""
        inches = figure_of(self.ax).dpi_scale_trans
        at: dict[str, Any] = {"bbox_to_anchor": (AROUND, 0), "bbox_transform": inches}
        for columns in range(len(self._key), 0, -1):
            legend = self._explain(SUBTITLE, ncols=columns, **at)
            box = legend.get_window_extent().transformed(inches.inverted())
            if box.width <= self.width - 2 * AROUND:
                break
        return float(box.height)

    def _explain(self, points: float, **place: Any) -> Legend:
        """Draw the key as a legend."""
        look: dict[str, Any] = {"loc": "upper left", "labelcolor": self.colors.quiet}
        return self.ax.legend(handles=self._key, fontsize=points * self.size, **look, **place)

    def _write(self, words: _Words, total: float) -> None:
        """Write title, subtitle, key and note around axes in a figure of this height."""
        ax, figure, size = self.ax, figure_of(self.ax), self.size
        inches, top = figure.dpi_scale_trans, total - AROUND
        look: dict[str, Any] = {"transform": inches, "clip_on": False, "linespacing": LINE}
        title = ax.set_title("\n".join(words.title), loc="left", y=1.0, pad=0)
        title.set(position=(AROUND, top), va="top", fontweight="bold", color=self.colors.ink)
        title.set(fontsize=TITLE * size, **look)
        top -= LINE * size * len(words.title) * TITLE / 72 + (GAP if words.title else 0)
        for text in self._written:
            text.remove()
        foot = AROUND + words.footer - 2 * GAP
        below, note = "\n".join(words.subtitle), "\n".join(words.note)
        quiet = {"color": self.colors.quiet, "va": "top", **look}
        self._written = [
            ax.text(AROUND, top, below, fontsize=SUBTITLE * size, gid="subtitle", **quiet),
            ax.text(AROUND, foot, note, fontsize=NOTE * size, gid="note", **quiet),
        ]
        top -= LINE * size * len(words.subtitle) * SUBTITLE * 1.05 / 72
        if self._key:
            ax.get_legend().set_bbox_to_anchor((AROUND, top - GAP), transform=inches)  # type: ignore[union-attr]
        if isinstance(figure, DescribedFigure):
            figure.alt, figure.words = self._said[3], self._said[:2]

    def _write_into_axes(self, width: float) -> None:
        """Write title and key into axes whose layout is the caller's."""
        title = self._said[0] if self._asked is None else self._asked
        points = 10 * self.size
        lines = self.wrap(title, points, width, bold=True)
        look: dict[str, Any] = {"fontweight": "bold", "color": self.colors.ink}
        self.ax.set_title("\n".join(lines), loc="left", fontsize=points, **look)
        if self._key:
            self._explain(8, bbox_to_anchor=(1.02, 1))


class _Words(NamedTuple):
    """The wrapped words around a chart, and how much room they take."""

    title: list[str]
    subtitle: list[str]
    note: list[str]
    header: float
    footer: float
