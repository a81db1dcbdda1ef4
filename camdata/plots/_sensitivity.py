"""What leaving out single statements does to clusters, or to agreement."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple, Unpack

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.text import Text
from matplotlib.ticker import MaxNLocator

from camdata._display.checks import check_count, wrong_type
from camdata._display.words import count, listed
from camdata.analysis.clustering import Clusters
from camdata.analysis.robustness import Sensitivity
from camdata.plots import _chart, _figures, _look, _style
from camdata.plots._placing import HARD, heights, keep, sentence, wrapped

STEPS = 3
"""How many steps from cluster to cluster a row tells."""

NAMED = 2
"""Up to so many actors who make the same step are named, more are counted."""


@_look.signed
def sensitivity(sensitivity: Sensitivity, *, most: int = 20, **look: Unpack[_look.Look]) -> Axes:
    """Draw what leaving out single statements does to clusters, or to agreement.

    Parameters
    ----------
    sensitivity : Sensitivity
        From `camdata.sensitivity`.
    most : int
        How many statements to draw, those with the largest effect first; those without any have no
        row.
    title, labels, palette, figsize, ax
        As for every chart (`camdata.plots`); the palette's first color, or `accent`, is the dots'.

    Returns
    -------
    matplotlib.axes.Axes
        A row for each statement. Of clusters: the adjusted Rand index of those without it against
        those of all statements, 1 being no change, and who moves. Of agreement: the largest change
        of any pair, and which pair that is. Without a dot there is nothing left to compare. Where
        no statement changes anything, the chart is one sentence.

    Examples
    --------
    >>> import camdata as cam
    >>> clusters = cam.cluster(cam.agreement(cam.load_meeting().tally()), n_clusters=3)
    >>> ax = cam.plots.sensitivity(cam.sensitivity(clusters), most=5)
    >>> [label.get_text() for label in ax.get_yticklabels()][0].replace("\\n", " ")
    'Colombia: Migrants are subjects of law'
    """
    if not isinstance(sensitivity, Sensitivity):
        raise wrong_type("sensitivity", "Sensitivity", sensitivity)
    check_count("most", most)
    of, table = sensitivity.of, sensitivity.table
    changing = table[sensitivity.effect]
    agreement = of.agreement if isinstance(of, Clusters) else of
    tally = agreement.tally
    actors = [] if tally is None else list(tally.actors)
    shown = changing.head(most)
    what = "who is with whom" if isinstance(of, Clusters) else "agreement"
    with _chart.drawing((4.2, 1.0), tally=tally, **look) as chart:
        if changing.empty:
            words = f"No single one of {count(len(table), 'statement')} changes {what}."
            sentence(chart, words)
            chart.says("Without one statement: no change", words)
            return chart.ax
        rows = (
            _of_clusters(chart, shown, actors)
            if isinstance(of, Clusters)
            else _of_agreement(chart, shown, actors)
        )
        names = _names(chart, shown, sensitivity.labels)
        _Rows(chart, names, rows).draw()
        if isinstance(of, Clusters):
            chart.ax.set_xlabel("adjusted Rand index", loc="left")
            chart.note("adjusted Rand index: 1 where the clusters are the same without it")
            chart.note("numbers: clusters, without the statement those most like the own")
            about = count(of.n_clusters, "cluster")
        else:
            chart.ax.set_xlabel("largest change", loc="left")
            chart.note("beside it the pair of actors that changes most")
            about = agreement.label
        cut = f", the first {len(shown)} shown" if len(shown) < len(changing) else ""
        level = "" if tally is None else f", {count(len(tally.keys), tally.by)}"
        total = count(len(table), "statement")
        chart.says(
            f"Without one statement: {len(changing)} of {total} change {what}{cut}\n"
            f"({about}{level})",
            f"Dots of what happens without each statement: {len(changing)} of {total} change "
            f"{what}; most of all {names[0]}.",
        )
    return chart.ax


class _Effects(NamedTuple):
    """What the rows show: a value each, from where it counts, and words beside it."""

    values: np.ndarray[tuple[int], np.dtype[np.float64]]
    base: float
    low: float
    high: float
    words: list[str]


def _of_clusters(chart: _chart.Chart, shown: pd.DataFrame, actors: Sequence[str]) -> _Effects:
    values = shown["adjusted_rand"].to_numpy(dtype=float)
    words = [
        _moves(chart, moved, lost, actors)
        for moved, lost in zip(shown["moved"], shown["unplaced"], strict=True)
    ]
    return _Effects(values, 1.0, min(0.0, float(np.nanmin(values, initial=0.0))), 1.0, words)


def _of_agreement(chart: _chart.Chart, shown: pd.DataFrame, actors: Sequence[str]) -> _Effects:
    values = shown["change"].to_numpy(dtype=float)
    words = []
    for pair, before, after in zip(shown["pair"], shown["before"], shown["after"], strict=True):
        steps = [
            f"no{HARD}value" if np.isnan(value) else f"{value:.2f}" for value in (before, after)
        ]
        both = " – ".join(map(chart.actor, _parted(pair, " – ", actors)))
        words.append(f"{both}: {f'{HARD}→{HARD}'.join(steps)}")
    low, high = np.nanmin(values, initial=0.0), np.nanmax(values, initial=0.0)
    return _Effects(values, 0.0, float(low), float(high if high > low else low + 1), words)


def _moves(chart: _chart.Chart, moved: str, lost: str, actors: Sequence[str]) -> str:
    """Say who moves from where to where, in few words."""
    steps: dict[str, list[str]] = {}
    rest = ""
    for piece in moved.split("; ") if moved else []:
        rest = f"{rest}; {piece}" if rest else piece  # a name may hold a semicolon
        match = re.fullmatch(r"(.*): ((?:unplaced|-?\d+) → -?\d+)", rest, re.DOTALL)
        if match is not None:
            step = match[2].replace(" ", HARD)
            steps.setdefault(step, []).append(chart.actor(match[1]))
            rest = ""
    if lost:
        steps["no longer placed"] = [chart.actor(name) for name in _parted(lost, "; ", actors)]
    words = []
    for step, names in list(steps.items())[:STEPS]:
        who = listed(names) if len(names) <= NAMED else count(len(names), "actor")
        words.append(f"{who}: {step}")
    more = sum(len(names) for names in list(steps.values())[STEPS:])
    return "; ".join(words) + (f"; {more} more move" if more else "")


def _parted(words: str, between: str, actors: Sequence[str]) -> list[str]:
    """Part joined names of actors, which may hold what joins them."""
    names, rest = [], ""
    for piece in words.split(between):
        rest = f"{rest}{between}{piece}" if rest else piece
        if rest in actors:
            names.append(rest)
            rest = ""
    return [*names, rest] if rest else names


def _names(chart: _chart.Chart, shown: pd.DataFrame, labels: object) -> list[str]:
    """Name each statement by its actor and the label of its code, and by its id where it must."""
    known = labels if isinstance(labels, dict) else dict(labels)  # type: ignore[call-overload]
    names = []
    for actor, code in zip(shown["actor"], shown["code"], strict=True):
        called = chart.code(code)
        label = called if called != code else known.get(code, code)
        names.append(f"{chart.actor(actor)}: {label}")
    if "statement" in shown:
        ids = shown["statement"].tolist()
        names = [
            f"{name} ({of})" if names.count(name) > 1 else name
            for name, of in zip(names, ids, strict=True)
        ]
    return names


class _Rows:
    """Rows as high as their words need: a name on the left, a dot, and words on the right."""

    def __init__(self, chart: _chart.Chart, names: list[str], effects: _Effects) -> None:
        self.chart = chart
        across = chart.fixed[0] if chart.fixed[0] is not None else 7.2 * chart.unit
        self.names = wrapped(chart, names, 0.36 * across)
        self.effects = effects
        n = len(names)
        ax = chart.ax
        self.lines = [ax.plot([], [], color="#c2c7cc", lw=2, zorder=1)[0] for _ in range(n)]
        (self.dots,) = ax.plot([], [], "o", color=chart.accent, ms=chart.font(0.65), gid="effect")
        self.words = [ax.text(0, 0, "", va="center", gid="words") for _ in range(n)]
        for text in self.words:
            text.set_in_layout(False)  # they suit the axes, and not these them

    def draw(self) -> None:
        ax, effects = self.chart.ax, self.effects
        ax.axvline(effects.base, color=_style.FAINT, lw=1, zorder=0)
        ax.tick_params(axis="y", length=0)
        ax.spines[["left", "top", "right"]].set_visible(False)
        self.chart.adapt(self._fit)
        keep(self.chart, self._fit)

    def _inches(self, text: Text) -> tuple[float, float]:
        box = text.get_window_extent()
        dpi = _figures.figure_of(self.chart.ax).dpi
        return box.width / dpi, box.height / dpi

    def _fit(self) -> None:
        """Wrap names and words to the room there is, and place all rows accordingly."""
        chart, ax, effects = self.chart, self.chart.ax, self.effects
        wide, _ = chart.inches()
        for text, words in zip(self.words, effects.words, strict=True):
            text.set_fontsize(chart.font(0.9))
            chart.wrap(text, words, 0.58 * wide)
        column = max(self._inches(text)[0] for text in self.words) + 0.12 * chart.unit
        high = heights(chart, self.names, [text.get_text() for text in self.words])
        chart.ask_height(float(high.sum()))
        bottom = np.cumsum(high)
        y = bottom - high / 2
        ax.set_ylim(float(bottom[-1]), 0)
        # the dots have what the words leave
        low, span = effects.low, effects.high - effects.low
        margin = 0.04 * span
        right = low + span * wide / max(wide - column, 0.2 * wide)
        ax.set_xlim(low - margin, right)
        number = int(np.clip((wide - column) / (0.6 * chart.unit), 1, 5))
        ticks = MaxNLocator(number).tick_values(low, effects.high)
        ax.set_xticks([tick for tick in ticks if low - 1e-9 <= tick <= effects.high + 1e-9])
        ax.spines["bottom"].set_bounds(low, effects.high)
        ax.set_yticks(y, self.names)
        at = effects.high + (right - effects.high) * 0.1 / max(column, 0.1) * chart.unit
        for row, value in enumerate(effects.values):
            self.words[row].set_position((at, float(y[row])))
            self.lines[row].set_data([effects.base, value], [y[row], y[row]])
        self.dots.set_data(effects.values, y)
        if chart.own and chart.fixed[1] is None:
            return
        small = min(1.0, chart.points("y") / 71)  # letters must fit the height that is given
        for text in self.words:
            text.set_fontsize(chart.font(0.9) * small)
        for label in ax.get_yticklabels():
            label.set_fontsize(chart.font() * small)
