"""Along the meeting: how dimensions or codes build up."""

from __future__ import annotations

from itertools import pairwise
from typing import Unpack

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.text import Text
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from camdata._display.words import count, listed
from camdata.model.tally import Tally, as_tally
from camdata.plots import _chart, _look, _style
from camdata.plots._chart import Chart

TOGETHER = 6
"""Up to this number of lines share one panel; more have a row each."""


@_look.signed
def buildup(tally: Tally | pd.DataFrame, **look: Unpack[_look.Look]) -> Axes:
    """Draw how many actors are recorded on each dimension or code, along the speaking order.

    Parameters
    ----------
    tally : Tally or pandas.DataFrame
        A tally of a meeting, or positions; without a speaking order, actors stand in the order of
        the table.
    title, labels, palette, figsize, ax
        As for every chart (`camdata.plots`); the palette is that of the dimensions.

    Returns
    -------
    matplotlib.axes.Axes
        A line for each dimension or code that rises by one where an actor is recorded on it,
        whatever its stance; a dot marks each rise. The place is that of the actor's first turn.
        Lines at the same number lie on one another, the first of them being the widest. More than
        six have a row each, all of the same scale.

    Examples
    --------
    >>> import camdata as cam
    >>> ax = cam.plots.buildup(cam.load_meeting().tally())
    >>> ax.get_title(loc="left").replace("\\n", " ")
    'How each of 4 dimensions builds up: 14 actors in speaking order, 38 statements'
    """
    tally = as_tally(tally)
    n, keys = len(tally.actors), len(tally.keys)
    held: NDArray[np.bool_] = np.any(tally.dense() > 0, axis=2)
    risen = held.cumsum(axis=0)
    final = risen[-1] if n else np.zeros(keys, dtype=np.int64)
    together = keys <= TOGETHER
    size = (max((0.3 if n <= 20 else 0.17) * n, 2.4), 2.5 if together else 0.3 * keys)
    with _chart.drawing(size, tally=tally, **look) as chart:
        ax = chart.ax
        names = [chart.code(key) for key in tally.keys]
        ax.set_xlim(-0.5, n - 0.5)
        if together:
            _lines(chart, tally, names, held, risen)
        else:
            _ridges(chart, tally, names, held, risen)
        order = _speaking_order(tally)
        numbered = [
            f"{chart.actor(actor)}" if number is None else f"{number}. {chart.actor(actor)}"
            for actor, number in zip(tally.actors, order, strict=True)
        ]
        chart.columns(range(n), numbered)
        spoken = any(number is not None for number in order)
        known = tally.n_statements
        chart.says(
            f"How each of {count(keys, tally.by)} builds up: {count(n, 'actor')} in "
            + ("speaking order" if spoken else "the order of the table")
            + ("" if known is None else f", {count(known, 'statement')}"),
            f"Step lines of the actors recorded on each {tally.by} so far; at the end: "
            + listed((f"{name} {last}" for name, last in zip(names, final, strict=True)), 20)
            + ".",
        )
    return chart.ax


def _speaking_order(tally: Tally) -> list[int | None]:
    """Return the place of each actor in the speaking order, None where it has none."""
    if tally.attributes is None or "speaking_order" not in tally.attributes:
        return [None] * len(tally.actors)
    order = tally.attributes["speaking_order"].reindex(list(tally.actors))
    return [None if pd.isna(place) else int(place) for place in order]


def _steps(values: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the corners of a line that is 0 before the first actor and keeps its last number."""
    x = np.concatenate([[-0.5], np.arange(len(values)), [len(values) - 0.5]])
    return x, np.concatenate([[0], values, values[-1:] if len(values) else [0]]).astype(np.float64)


def _lines(
    chart: Chart,
    tally: Tally,
    names: list[str],
    held: NDArray[np.bool_],
    risen: NDArray[np.int64],
) -> None:
    """Draw all lines in one panel, named at their ends."""
    ax, keys = chart.ax, len(tally.keys)
    colors = chart.colors(tally.keys)
    texts: list[Text] = []
    for i, key in enumerate(tally.keys):
        x, y = _steps(risen[:, i])
        # a line that covers another is narrower, so that both are seen
        width = 1.6 + (1.4 if len(held) <= 20 else 0.8) * (keys - 1 - i)
        ax.plot(x, y, drawstyle="steps-post", color=colors[key], lw=width, gid=f"line {key}")
        at = np.flatnonzero(held[:, i])
        ax.plot(at, risen[at, i], "o", color=colors[key], ms=2.5 + width, gid=f"rise {key}")
        texts.append(
            ax.text(
                len(held) - 0.35,
                y[-1],
                f"{names[i]} ({y[-1]:.0f})",
                color=colors[key],
                va="center",
                fontweight="bold",
                clip_on=False,
                gid=f"end {key}",
            )
        )
    top = int(risen.max(initial=1))
    ax.set_ylim(-0.05 * top, 1.05 * top)
    ax.yaxis.set_major_locator(MaxNLocator(5, integer=True))
    ax.set_ylabel("actors recorded so far")
    ends = [float(text.get_position()[1]) for text in texts]

    def part() -> None:
        least = _style.LINE * chart.font() / chart.points("y")
        for text, y in zip(texts, spread(ends, least), strict=True):
            text.set_y(y)

    chart.adapt(part)


def spread(values: list[float], least: float) -> list[float]:
    """Return `values` pushed apart, in their order, so that labels at them do not overlap."""
    order = sorted(range(len(values)), key=lambda i: values[i])
    result = list(values)
    for before, after in pairwise(order):
        result[after] = max(result[after], result[before] + least)
    return result


def _ridges(
    chart: Chart,
    tally: Tally,
    names: list[str],
    held: NDArray[np.bool_],
    risen: NDArray[np.int64],
) -> None:
    """Draw each line in a row of its own, all of the same scale."""
    ax, keys = chart.ax, len(tally.keys)
    groups = tally.groups or ("",) * keys
    colors = chart.colors(dict.fromkeys(groups))
    top = max(int(risen.max(initial=1)), 1)
    for i, key in enumerate(tally.keys):
        x, y = _steps(risen[:, i])
        color, floor = colors[groups[i]], i + 0.4
        ax.fill_between(x, floor, floor - 0.8 * y / top, step="post", color=color, alpha=0.25, lw=0)
        ax.plot(
            x,
            floor - 0.8 * y / top,
            drawstyle="steps-post",
            color=color,
            lw=1.4,
            gid=f"line {key}",
        )
        at = np.flatnonzero(held[:, i])
        dots = floor - 0.8 * risen[at, i] / top
        ax.plot(at, dots, "o", color=color, ms=3.2, gid=f"rise {key}")
    ax.set_ylim(keys - 0.5, -0.6)
    ax.spines["left"].set_visible(False)
    shown = [f"{name} ({last})" for name, last in zip(names, risen[-1], strict=True)]
    chart.rows(range(keys), shown)
    chart.note(f"height: actors recorded so far, all rows from 0 to {top}; at the end in brackets")
