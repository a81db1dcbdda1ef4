"""A chart while it is drawn: names and colors in it, and room for everything around it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Unpack

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.colors import Colormap
from matplotlib.text import Text
from matplotlib.ticker import MaxNLocator
from matplotlib.transforms import Bbox, ScaledTranslation, Transform

from camdata._display.checks import wrong_type
from camdata.model.tally import Tally
from camdata.plots._figures import DescribedFigure, Locator, figure_of
from camdata.plots._look import MADE, Look, colors_of, figure_size, names_of, shown
from camdata.plots._style import (
    ACCENT,
    CLUSTERS,
    DIMENSIONS,
    FAINT,
    LINE,
    RC,
    SHADES,
    ink_on,
    style,
)

AROUND = 0.08
"""The margin of a figure, in inches."""

LEAST = 0.2
"""The least width and height of axes, in inches."""

NAMES = 0.46
"""The largest share of a figure's given width that the names of rows take."""


class Chart:
    """A chart while it is drawn: its axes, the names and colors in it, and the room around it.

    Made by `drawing`. A chart draws on `ax` and says its title, legend and note; these are laid out
    around everything else when it is done, wrapped to the width that there is.

    Attributes
    ----------
    ax : matplotlib.axes.Axes
        Where to draw.
    own : bool
        Whether the chart made its figure, and so may lay it out.
    size : list of float
        Width and height of the axes in inches where the figure grows around them.
    fixed : tuple
        Width and height of the figure in inches where the user gave them, else None.
    unit : float
        The font size over that for which `size` was thought, 9 points.
    ink, ground : color
        Of words and lines, and of what is behind them.
    """

    def __init__(
        self,
        size: tuple[float, float],
        actors: pd.DataFrame | None,
        codebook: pd.DataFrame | None,
        title: str | None = MADE,
        labels: Mapping[str, str] | str | None = None,
        palette: Sequence[Any] | Mapping[Any, Any] | None = None,
        figsize: tuple[float, float] | float | None = None,
        ax: Axes | None = None,
    ) -> None:
        if title is not None and not isinstance(title, str):
            raise TypeError(f"`title` must be a text or None, but {title!r} was passed.")
        if ax is not None and (not isinstance(ax, Axes) or ax.name != "rectilinear"):
            raise wrong_type("ax", "one Axes of matplotlib, flat and not polar", ax)
        if ax is not None and figsize is not None:
            raise ValueError("`figsize` is for a new figure; these `ax` have one already.")
        self._names = names_of(labels, actors, codebook)
        self._palette = colors_of(palette)
        self.fixed = figure_size(figsize)
        self.own = ax is None
        self.unit = float(mpl.rcParams["font.size"]) / RC["font.size"]
        self.size = [side * self.unit for side in size]
        if ax is None:
            first = [f or s + 2 for f, s in zip(self.fixed, self.size, strict=True)]
            figure = plt.figure(FigureClass=DescribedFigure, figsize=(first[0], first[1]))
            ax = figure.add_axes((0.3, 0.2, 0.5, 0.6))
        self.ax = ax
        self.ink: Any = mpl.rcParams["text.color"]
        self.ground: Any = mpl.rcParams["axes.facecolor"]
        self._asked = title
        self._title = ""
        self._alt = ""
        self.round = 0
        self._advances: dict[tuple[str, object], float] = {}
        self._handles: list[Artist] = []
        self._notes: list[str] = []
        self._adapting: list[Callable[[], None]] = []
        self._finishing: list[Callable[[], None]] = []

    # names and colors

    def actor(self, name: str) -> str:
        """Return what an actor is called in this chart."""
        return shown(self._names[0].get(name, name))

    def actors(
        self, names: Iterable[str], numbers: Mapping[Any, object] | pd.Series | None = None
    ) -> list[str]:
        """Return what actors are called, each with its number in brackets where there are any."""
        if numbers is None:
            return [self.actor(name) for name in names]
        return [f"{self.actor(name)} ({numbers[name]})" for name in names]

    def code(self, key: str) -> str:
        """Return what a code or dimension is called in this chart."""
        return shown(self._names[1].get(key, key))

    def cluster_color(self, label: int) -> Any:
        """Return the color of a cluster, the same in every chart."""
        return self._color(int(label), int(label) - 1, CLUSTERS)

    def colors(self, names: Iterable[str], default: Sequence[Any] = DIMENSIONS) -> dict[str, Any]:
        """Return the color of each dimension (or of other things that are not clusters)."""
        return {name: self._color(name, i, default) for i, name in enumerate(names)}

    def _color(self, name: object, number: int, default: Sequence[Any]) -> Any:
        if isinstance(self._palette, Mapping):
            return self._palette.get(name, default[number % len(default)])
        colors = self._palette or default
        return colors[number % len(colors)]

    @property
    def accent(self) -> Any:
        """Return the color of what is neither a cluster nor a dimension."""
        return self._color("accent", 0, (ACCENT,))

    def shades(self) -> Colormap:
        """Return the color map of heat maps: the user's ``image.cmap`` if set, else `SHADES`."""
        chosen = mpl.rcParams["image.cmap"]
        return SHADES if chosen == mpl.rcParamsDefault["image.cmap"] else mpl.colormaps[chosen]

    def font(self, share: float = 1.0) -> float:
        """Return a share of the font size, in points."""
        return share * float(mpl.rcParams["font.size"])

    # parts

    def inset(self, bounds: Callable[[float, float], Sequence[float]], gid: str) -> Axes:
        """Return axes beside or inside the chart's.

        `bounds` takes the width and height of the chart's axes in inches and returns x, y, width
        and height of the new ones, in inches from the lower left corner.
        """
        inset = self.ax.inset_axes((0.0, 0.0, 1.0, 1.0))
        inset.set_axes_locator(Locator(self.ax, bounds))
        inset.set_gid(gid)
        return inset

    def badge(
        self, at: tuple[float, float], label: int, transform: Transform | None = None
    ) -> Text:
        """Write a cluster's number on its color, at a point of `transform` (default: the data)."""
        color = self.cluster_color(label)
        return self.ax.text(
            *at,
            str(label),
            transform=self.ax.transData if transform is None else transform,
            ha="center",
            va="center",
            fontsize=self.font(0.78),
            fontweight="bold",
            color=ink_on(color),
            bbox={"boxstyle": "round,pad=0.25", "fc": color, "ec": "none"},
            gid=f"cluster {label}",
            clip_on=False,
        )

    def fitting(self, names: Iterable[str]) -> list[str]:
        """Return names of rows, cut where they would take too much of a given width."""
        if self.fixed[0] is None:
            return list(names)
        measure = self.ax.text(0, 0, "")
        result = []
        for name in names:
            measure.set_text(name)
            share = self._inches(measure.get_window_extent()).width / (NAMES * self.fixed[0])
            if share > 1:
                # what stands in brackets stays
                words, bracket = re.fullmatch(r"(.*?)( \([^()]*\))?", name).groups("")  # type: ignore[union-attr]
                kept = max(int(len(name) / share) - len(bracket) - 2, 1)
                name = f"{words[:kept].rstrip()}…{bracket}"
            result.append(name)
        measure.remove()
        return result

    def rows(self, at: Sequence[float], names: Sequence[str]) -> None:
        """Name the rows, in letters that are small enough for them."""
        self.ax.set_yticks(at, self.fitting(names))
        self.ax.tick_params(axis="y", length=0)
        apart = float(np.diff(sorted(at)).min()) if len(at) > 1 else np.inf

        def shrink() -> None:
            pitch = apart * self.points("y")
            for tick in self.ax.get_yticklabels():
                tick.set_fontsize(min(self.font(), pitch / LINE))

        self.adapt(shrink)

    def number_rows(self, at: Sequence[float], labels: Sequence[int | None]) -> None:
        """Write the number of its cluster between each row and its name, which is on the right."""
        ax = self.ax
        beside = ScaledTranslation(0.12 * self.unit, 0, figure_of(ax).dpi_scale_trans)
        place = ax.get_yaxis_transform() + beside
        badges = [
            self.badge((1, y), label, place)
            for y, label in zip(at, labels, strict=True)
            if label is not None
        ]
        ax.tick_params(axis="y", pad=0.24 * 72 * self.unit)

        def shrink() -> None:
            pitch = self.points("y") * (float(np.diff(sorted(at)).min()) if len(at) > 1 else np.inf)
            for badge in badges:
                badge.set_fontsize(min(self.font(0.78), pitch / LINE / 1.35))

        self.adapt(shrink)

    def columns(
        self,
        at: Sequence[float],
        names: Sequence[str],
        *,
        above: bool = False,
        least: float = 0.0,
        without: str = "",
    ) -> None:
        """Name the columns, turned, and steeper or smaller where they are narrow.

        Where letters would be smaller than `least` points there are no names, and the note says
        `without`.
        """
        ax = self.ax
        ax.set_xticks(at, names)
        if above:
            ax.xaxis.tick_top()
        ax.tick_params(axis="x", length=0)
        apart = float(np.diff(sorted(at)).min()) if len(at) > 1 else np.inf
        narrow = self.fixed[0] is not None and self.fixed[0] < 5
        steep = hidden = False

        def turn() -> None:
            nonlocal steep, hidden
            pitch = apart * self.points("x")
            size = min(self.font(), pitch / LINE)
            # from the third round on, what is steep or hidden stays so, or it would go to and fro
            kept = self.round > 2
            slope = np.sin(np.deg2rad(50))
            steep = (steep and kept) or narrow or pitch * slope < LINE * self.font()
            hidden = (hidden and kept) or size < least
            ax.tick_params(labelbottom=not above and not hidden, labeltop=above and not hidden)
            if hidden != (without in self._notes):
                (self._notes.append if hidden else self._notes.remove)(without)
            for tick in ax.get_xticklabels():
                tick.set(
                    rotation=90 if steep else 50,
                    ha="left" if above else "right",
                    va="center" if steep else "baseline" if above else "top",
                    rotation_mode="anchor",
                    fontsize=size,
                )

        self.adapt(turn)

    def inches(self) -> tuple[float, float]:
        """Return the width and height of the axes in inches."""
        box = self._inches(self.ax.get_window_extent())
        return box.width, box.height

    def ask_height(self, height: float) -> None:
        """Ask for axes of this height in inches, which they get unless the user said otherwise."""
        self.size[1] = height

    def pitch(self) -> float:
        """Return the least height of a row whose name has the font size, in inches."""
        return 1.05 * LINE * self.font() / 72

    def few_ticks(self, ax: Axes) -> None:
        """Number the x axis of `ax` at so many round places as have room in the chart's width."""

        def choose() -> None:
            room = min(max(int(1.5 * self.inches()[0] / self.unit), 1), 5)
            ax.xaxis.set_major_locator(MaxNLocator(room, steps=[1, 2, 2.5, 5, 10]))

        self.adapt(choose)

    def points(self, axis: str) -> float:
        """Return how many points one step of the data is long on an axis of the chart."""
        box = self.ax.get_window_extent()
        low, high = self.ax.get_xlim() if axis == "x" else self.ax.get_ylim()
        pixels = box.width if axis == "x" else box.height
        return 72 * pixels / figure_of(self.ax).dpi / (abs(high - low) or 1)

    def adapt(self, change: Callable[[], None]) -> None:
        """Call `change` whenever the size of the axes has changed, until it changes no more."""
        self._adapting.append(change)

    def finish(self, change: Callable[[], None]) -> None:
        """Call `change` when the chart has its size."""
        self._finishing.append(change)

    # words around it

    def says(self, title: str, alt: str) -> None:
        """Say what the chart shows: its title unless the user gave one, its alternative text."""
        self._title = title
        self._alt = alt

    def legend(self, handles: Iterable[Artist]) -> None:
        """Explain signs below the chart."""
        self._handles = list(handles)

    def note(self, words: str) -> None:
        """Add small print below the chart."""
        self._notes.append(words)

    # room

    def _lay_out(self) -> None:
        ax, figure = self.ax, figure_of(self.ax)
        if isinstance(figure, DescribedFigure) and self.own:
            figure.alt = self._alt
        words = self._title if self._asked == MADE else self._asked or ""
        written = ax.set_title(words, y=1.0, pad=0)
        note = ax.text(
            0, 0, "", fontsize=self.font(0.85), color=FAINT, va="top", clip_on=False, gid="note"
        )
        for text in ax.findobj(Text):  # those of given axes were made with other settings
            text.set_parse_math(False)
        for self.round in range(10):
            if not self.own and figure.get_layout_engine() is not None:
                figure.draw_without_rendering()  # the layout gives the axes their size
            for change in self._adapting:
                change()
            around = [written, note]
            if (legend := ax.get_legend()) is not None and self._handles:
                legend.remove()
            for artist in around:
                artist.set_visible(False)
            rest = self._inches(ax.get_tightbbox())
            for artist in around:
                artist.set_visible(True)
            place = self._inches(ax.get_window_extent())
            if self.fixed[0] is not None:
                width = self.fixed[0] - 2 * AROUND
            else:
                width = max(rest.width, 3.0 * self.unit) if self.own else rest.width
            total = self._write_around(rest, place, width, written, words, note)
            if self.own:
                changed = self._resize(rest, place, total)
            else:
                changed = figure.get_layout_engine() is not None and self.round < 2
            if not changed:
                break
        for change in self._finishing:
            change()

    def _inches(self, box: Bbox | None) -> Bbox:
        assert box is not None
        return box.transformed(figure_of(self.ax).dpi_scale_trans.inverted())

    def _write_around(
        self,
        rest: Bbox,
        place: Bbox,
        width: float,
        written: Text,
        words: str,
        note: Text,
    ) -> Bbox:
        """Place title, legend and note around the box of all else; return the box of everything."""
        scale = figure_of(self.ax).dpi_scale_trans
        boxes = [rest]

        def from_corner(dx: float, dy: float) -> Transform:
            # in inches, so that the words stay where they are when a layout moves the axes
            return self.ax.transAxes + ScaledTranslation(dx, dy, scale)

        left, gap = rest.x0 - place.x0, 0.07 * self.unit
        low = rest.y0 - place.y0
        if self._handles:
            low -= gap
            for columns in range(len(self._handles), 0, -1):
                legend = self.ax.legend(
                    handles=self._handles,
                    ncols=columns,
                    loc="upper left",
                    bbox_to_anchor=(0, 0),
                    bbox_transform=from_corner(left, low),
                    borderaxespad=0,
                    borderpad=0,
                    handlelength=1.4,
                    columnspacing=1.4,
                )
                box = self._inches(legend.get_window_extent())
                if box.width <= width:
                    break
            boxes.append(box)
            low = box.y0 - place.y0
        if self._notes:
            low -= gap
            note.set_transform(from_corner(left, low))
            self.wrap(note, "; ".join(self._notes), width)
            boxes.append(self._inches(note.get_window_extent()))
        if words:
            across = {"left": 0.0, "center": 0.5, "right": 1.0}[written.get_horizontalalignment()]
            written.set_position((0, 1))
            written.set_transform(
                from_corner(left + across * rest.width, rest.y1 - place.y1 + 1.4 * gap)
            )
            self.wrap(written, words, width)
            boxes.append(self._inches(written.get_window_extent()))
        return Bbox.union(boxes)

    def wrap(self, text: Text, words: str, width: float) -> None:
        """Write words in lines of at most `width` inches; line breaks in them stay."""
        lines = []
        space = self._advance(text, "")
        for paragraph in words.split("\n"):
            line: list[str] = []
            long = -space
            # a number stays with its noun
            for word in re.sub(r"(?<=[\d×]) (?=\w)", "\u00a0", paragraph).split(" "):
                advance = self._advance(text, word)
                if line and long + advance > width:
                    lines.append(" ".join(line))
                    line, long = [], -space
                line.append(word)
                long += advance
            lines.append(" ".join(line))
        text.set_text("\n".join(lines).replace("\u00a0", " "))

    def _advance(self, text: Text, word: str) -> float:
        """Return how wide a word and a space are in a text's letters, in inches."""
        look = (text.get_fontsize(), text.get_fontweight())
        if (word, look) not in self._advances:
            wide = []
            for between in (f"|{word} |", "||"):
                text.set_text(between)
                wide.append(self._inches(text.get_window_extent()).width)
            self._advances[word, look] = wide[0] - wide[1]
        return self._advances[word, look]

    def _resize(self, rest: Bbox, place: Bbox, total: Bbox) -> bool:
        """Give the figure and the axes their sizes; return whether these changed."""
        figure = figure_of(self.ax)
        before = np.array([place.width, place.height, *figure.get_size_inches()])
        left, below = place.x0 - rest.x0, place.y0 - total.y0
        beside, height = rest.width - place.width, total.height - place.height
        wide, high = self.size
        if self.fixed[0] is None:
            figure_width = max(wide + beside, total.width) + 2 * AROUND
        else:
            figure_width = self.fixed[0]
            wide = figure_width - 2 * AROUND - beside
        if self.fixed[1] is None:
            figure_height = high + height + 2 * AROUND
        else:
            figure_height = self.fixed[1]
            high = figure_height - 2 * AROUND - height
        short = min(wide, high) < LEAST
        wide, high = max(wide, LEAST), max(high, LEAST)
        after = np.array([wide, high, figure_width, figure_height])
        figure.set_size_inches(figure_width, figure_height)
        self.ax.set_position(
            (
                (AROUND + left) / figure_width,
                (AROUND + below) / figure_height,
                wide / figure_width,
                high / figure_height,
            )
        )
        changed = bool(np.abs(after - before).max() > 0.004)
        if short and (not changed or self.round > 3):  # words are as small as they get
            size = " × ".join(f"{side:g}" for side in self.fixed if side is not None)
            raise ValueError(
                f"A `figsize` of {size} inches leaves no room for this chart: its names and title "
                "take it all. Make it larger, or the names shorter with `labels`."
            )
        return changed


@contextmanager
def drawing(
    size: tuple[float, float],
    *,
    tally: Tally | None = None,
    actors: pd.DataFrame | None = None,
    codebook: pd.DataFrame | None = None,
    **look: Unpack[Look],
) -> Iterator[Chart]:
    """Draw a chart in camdata's style, and lay it out when it is done.

    Parameters
    ----------
    size : tuple of float
        Width and height of the axes, in inches at 9 points, where the figure grows around them.
    tally : Tally, optional
        What the chart is about: its labels, and the columns that `labels` may name.
    actors, codebook : pandas.DataFrame, optional
        The same by tables, with actors or codes as index.
    **look
        What every chart takes.

    Yields
    ------
    Chart
    """
    if tally is not None:
        actors = tally.attributes if actors is None else actors
        if codebook is None:
            columns = {tally.by: list(tally.keys), "label": list(tally.labels)}
            codebook = pd.DataFrame(columns, index=list(tally.keys))
    with style():
        chart = Chart(size, actors, codebook, **look)
        try:
            yield chart
            chart._lay_out()
        except BaseException:
            if chart.own:
                plt.close(figure_of(chart.ax))
            raise
