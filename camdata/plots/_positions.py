"""The grid of who is recorded on what."""

from __future__ import annotations

from itertools import pairwise
from typing import Any, NamedTuple, Unpack

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Polygon, Rectangle
from matplotlib.text import Text
from matplotlib.transforms import ScaledTranslation
from numpy.typing import NDArray

from camdata._display.typeset import minus
from camdata._display.words import count, listed
from camdata.model.meeting import Meeting
from camdata.model.tally import By, Tally, as_tally
from camdata.plots import _chart, _figures, _look, _style
from camdata.plots._chart import Chart

GAP = 0.35
"""The room between the codes of two dimensions, in columns."""

SIDE = 0.76
"""The side of a square, in columns and rows."""

HATCH = "//////"
BAR = "−"
DASH = "#b5b5b5"


class Cell(NamedTuple):
    """One recorded position: where, what, and how it is recorded."""

    x: float
    y: float
    levels: tuple[int, ...]
    by_reference: bool
    color: Any


@_look.signed
def positions(
    of: Meeting | Tally | pd.DataFrame, *, by: By | None = None, **look: Unpack[_look.Look]
) -> Axes:
    """Draw the grid of actors and positions.

    Parameters
    ----------
    of : Meeting or Tally or pandas.DataFrame
        A meeting, a tally at its own level, or a frame of positions.
    by : {"code", "dimension"}, optional
        What the columns of a meeting's grid are, by default its codes. Codes of one dimension stand
        together.
    title, labels, palette, figsize, ax
        As for every chart (`camdata.plots`); the palette is that of the dimensions.

    Returns
    -------
    matplotlib.axes.Axes
        Rows are the actors in speaking order with the number of their statements, where it is
        known. A full square supports, a red one with a bar opposes, half of each is both recorded;
        hatched is recorded by reference only. On an ordinal scale a square is shaded by its level
        (red below 0), which is written into it; a folded corner says that several levels are
        recorded, whose mean is drawn. A dash is nothing recorded, which is none of these.

    Raises
    ------
    ValueError
        If `by` is another level than that of a tally.

    Examples
    --------
    >>> import camdata as cam
    >>> ax = cam.plots.positions(cam.load_meeting())
    >>> ax.get_title(loc="left").replace("\\n", " ")
    'Recorded positions: 14 actors × 17 codes, 38 statements'
    """
    codebook = None
    if isinstance(of, Meeting):
        tally = of.tally(by or "code")
        if "codebook" in of.given and tally.by == "code":
            codebook = of.codebook.set_index("code")
    else:
        tally = as_tally(of)
        if by not in (None, tally.by):
            raise ValueError(
                f"This tally counts by {tally.by}; one by {by} is made by its meeting."
            )
    n, keys = len(tally.actors), len(tally.keys)
    groups = tally.groups or ("",) * keys
    order = list(dict.fromkeys(groups))
    columns = sorted(range(keys), key=lambda i: order.index(groups[i]))
    gap = 0.0 if tally.by == "dimension" else GAP
    x = {key: at + gap * order.index(groups[key]) for at, key in enumerate(columns)}
    wide = max(x.values(), default=0) + 1
    size = (max((0.3 if keys <= 30 else 0.19) * wide, 1.5), (0.25 if n <= 30 else 0.17) * n)
    with _chart.drawing(size, tally=tally, codebook=codebook, **look) as chart:
        ax = chart.ax
        colors = chart.colors(order)
        held, indirect = _held(tally)
        ax.set(xlim=(-0.5, wide - 0.5), ylim=(n - 0.5, -0.5))
        ax.spines[:].set_visible(False)
        numbers: list[Text] = []
        nothing = [(x[key], row) for row, key in np.argwhere(~held.any(axis=2))]
        across, down = np.array(nothing, dtype=np.float64).reshape(-1, 2).T
        ax.hlines(down, across - 0.11, across + 0.11, color=DASH, lw=1, gid="missing")
        for row, key in np.ndindex(n, keys):
            levels = tuple(
                level
                for level, is_held in zip(tally.stances, held[row, key], strict=True)
                if is_held
            )
            color = colors[groups[key]]
            cell = Cell(x[key], row, levels, bool(indirect[row, key]), color)
            if levels and tally.ordinal:
                numbers.append(_level(chart, cell, tally.stances))
            elif levels:
                _stance(chart, cell)
        chart.adapt(lambda: _fit_numbers(chart, numbers))
        statements = tally.statements
        chart.rows(range(n), chart.actors(tally.actors, None if statements is None else statements))
        chart.columns(
            [x[i] for i in columns], [chart.code(tally.keys[i]) for i in columns], above=True
        )
        if chart.fixed[0] is not None:
            chart.ask_height(n * max(chart.pitch(), 0.19))
        if gap and order != [""]:
            _name_dimensions(chart, [(g, [x[i] for i in columns if groups[i] == g]) for g in order])
        chart.legend(_legend(chart, tally, held, indirect))
        if statements is not None:
            chart.note("in brackets: recorded statements")
        shape = f"{count(n, 'actor')} × {count(keys, tally.by)}"
        known = tally.n_statements
        silent = [tally.actors[i] for i in np.flatnonzero(~held.any(axis=(1, 2)))]
        alt = (
            f"Grid of {count(n, 'actor')} by {count(keys, tally.by)}: "
            f"{count(int(held.any(axis=2).sum()), 'cell')} with a recorded position, the others "
            "with nothing"
        )
        if silent:
            alt += f"; nothing at all is recorded of {listed(chart.actors(silent))}"
        chart.says(
            f"Recorded positions: {shape}"
            + ("" if known is None else f", {count(known, 'statement')}"),
            f"{alt}.",
        )
    return chart.ax


def _held(tally: Tally) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return what is held (actors × keys × stances) and what only by reference (actors × keys)."""
    held = tally.dense() > 0
    indirect = np.zeros(held.shape[:2], dtype=bool)
    coded = tally.coded
    if coded is not None and coded.frame is not None and "basis" in coded.frame:
        basis = coded.frame["basis"]
        basis = basis if coded.rows is None else basis.iloc[coded.rows]
        referred = (basis == "by_reference").to_numpy(dtype=bool)
        indirect[coded.actor[referred], coded.key[referred]] = True
        indirect[coded.actor[~referred], coded.key[~referred]] = False
    return held, indirect


def _box(chart: Chart, cell: Cell, color: Any, gid: str, left: float = 0, right: float = 1) -> None:
    """Draw a square, or the part of it between two shares of its width."""
    corner = (cell.x - SIDE / 2 + left * SIDE, cell.y - SIDE / 2)
    box = Rectangle(corner, (right - left) * SIDE, SIDE, ec=color, lw=1, gid=gid)
    box.set(fc=chart.ground if cell.by_reference else color)
    if cell.by_reference:
        box.set(hatch=HATCH)
    chart.ax.add_patch(box)


def _stance(chart: Chart, cell: Cell) -> None:
    """Draw support, opposition or both."""
    how = " by_reference" if cell.by_reference else ""
    both = len(cell.levels) > 1
    if 1 in cell.levels:
        _box(chart, cell, cell.color, ("both" if both else "support") + how, 0, 0.5 if both else 1)
    if -1 in cell.levels:
        start = 0.5 if both else 0.0
        _box(chart, cell, _style.SIGNAL, ("other half" if both else "oppose") + how, start, 1)
        middle = cell.x - SIDE / 2 + (start + 1) / 2 * SIDE
        wide, high = 0.62 * SIDE * (1 - start), 0.2 * SIDE
        bar = Rectangle((middle - wide / 2, cell.y - high / 2), wide, high, gid="bar")
        bar.set(fc=_style.SIGNAL if cell.by_reference else "white", lw=0)
        chart.ax.add_patch(bar)


def level_color(chart: Chart, level: float, stances: tuple[int, ...], color: Any) -> Any:
    """Return the shade of a level of an ordinal scale: fuller further from 0, or from its low end.

    Levels below 0 of a scale that has both signs are red, and 0 is grey.
    """
    low, high = min(stances), max(stances)
    if low < 0 < high:
        if level == 0:
            return to_rgb("#b8b8b8")
        share = 0.3 + 0.7 * abs(level) / (high if level > 0 else -low)
        full = color if level > 0 else _style.SIGNAL
    else:
        share, full = 0.25 + 0.75 * (level - low) / max(high - low, 1), color
    ground, whole = np.array(to_rgb(chart.ground)), np.array(to_rgb(full))
    return tuple(whole + (1 - share) * (ground - whole))


def _level(chart: Chart, cell: Cell, stances: tuple[int, ...]) -> Text:
    """Draw a level of an ordinal scale, or the mean of several; return its number."""
    mean = float(np.mean(cell.levels))
    fill = level_color(chart, mean, stances, cell.color)
    corner = (cell.x - SIDE / 2, cell.y - SIDE / 2)
    box = Rectangle(corner, SIDE, SIDE, fc=fill, lw=1, gid="level")
    box.set(ec=chart.ground if cell.by_reference else cell.color)
    if cell.by_reference:
        box.set(hatch=HATCH, gid="level by_reference")
    chart.ax.add_patch(box)
    if len(cell.levels) > 1:
        right, top, fold = cell.x + SIDE / 2, cell.y - SIDE / 2, 0.3
        folded = Polygon([(right - fold, top), (right, top), (right, top + fold)], gid="several")
        folded.set(fc=chart.ground, ec=cell.color, lw=0.8)
        chart.ax.add_patch(folded)
    words = f"{mean:.1f}".removesuffix(".0").replace("-", BAR)
    return chart.ax.text(
        cell.x,
        cell.y,
        words,
        ha="center",
        va="center",
        color=_style.ink_on(fill),
        bbox={"fc": fill, "ec": "none", "pad": 0.5} if cell.by_reference else None,
        gid="number",
        in_layout=False,
    )


def _fit_numbers(chart: Chart, numbers: list[Text]) -> None:
    """Write the numbers as large as they fit into their squares, or not at all."""
    for text in numbers:
        room = SIDE * chart.points("x") / (0.68 * len(text.get_text()))
        size = min(chart.font(0.75), room, SIDE * chart.points("y") / _style.LINE)
        text.set(fontsize=size, visible=size >= 4)


def _name_dimensions(chart: Chart, groups: list[tuple[str, list[float]]]) -> None:
    """Name the dimensions below their codes, in their color."""
    ax = chart.ax
    scale = _figures.figure_of(ax).dpi_scale_trans
    below = ax.get_xaxis_transform() + ScaledTranslation(0, -0.06 * chart.unit, scale)
    lower = below + ScaledTranslation(0, -0.07 * chart.unit, scale)
    colors = chart.colors(name for name, _ in groups)
    named: list[Text] = []
    for name, inside in groups:
        if not name:
            continue
        ends = [min(inside) - 0.4, max(inside) + 0.4]
        line = {"color": colors[name], "lw": 3, "solid_capstyle": "butt", "clip_on": False}
        ax.plot(ends, [0, 0], transform=below, gid="dimension", **line)
        words = chart.code(name)
        named.append(
            ax.text(sum(ends) / 2, 0, words, transform=lower, color=colors[name], fontweight="bold")
        )
    apart = min(
        (b.get_position()[0] - a.get_position()[0] for a, b in pairwise(named)), default=9.0
    )

    def turn() -> None:
        for text in named:
            text.set(rotation=0, ha="center", va="top", fontsize=chart.font())
        boxes = [text.get_window_extent() for text in named]
        if not any(a.x1 > b.x0 - 4 for a, b in pairwise(boxes)):
            return
        pitch = apart * chart.points("x")
        steep = pitch * np.sin(np.deg2rad(50)) < _style.LINE * chart.font()
        for text in named:
            text.set(
                rotation=90 if steep else 50,
                ha="right",
                va="center" if steep else "top",
                rotation_mode="anchor",
                fontsize=min(chart.font(), pitch / _style.LINE),
            )

    chart.adapt(turn)


def _legend(
    chart: Chart, tally: Tally, held: NDArray[np.bool_], indirect: NDArray[np.bool_]
) -> list[Patch | Line2D]:
    """Explain the signs that occur."""
    grey = _style.FAINT
    handles: list[Patch | Line2D] = []
    several = held.sum(axis=2) > 1
    if tally.ordinal:
        occur = sorted(
            (s for i, s in enumerate(tally.stances) if held[:, :, i].any()), reverse=True
        )
        shown = occur if len(occur) <= 5 else [occur[0], occur[-1]]
        for level in shown:
            color = level_color(chart, level, tally.stances, grey)
            handles.append(Patch(fc=color, ec=grey, label=minus(str(level))))
        if several.any():
            fold = {"marker": (3, 0, 45), "mfc": chart.ground, "mec": grey, "ls": ""}
            handles.append(Line2D([], [], label="several levels: their mean", **fold))
    else:
        if (held[:, :, [s == 1 for s in tally.stances]]).any():
            handles.append(Patch(fc=grey, ec=grey, label="supports"))
        if (held[:, :, [s == -1 for s in tally.stances]]).any():
            handles.append(Patch(fc=_style.SIGNAL, ec=_style.SIGNAL, label=f"opposes ({BAR})"))
        if several.any():
            handles.append(Patch(fc=chart.ground, ec=grey, label="half of each: both"))
    if (indirect & held.any(axis=2)).any():
        handles.append(Patch(fc=chart.ground, ec=grey, hatch=HATCH, label="by reference only"))
    if not held.any(axis=2).all():
        handles.append(Line2D([], [], color=DASH, lw=1.2, label="nothing recorded"))
    return handles
