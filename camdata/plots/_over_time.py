"""Measures of each window as lines, with the number of statements below."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from camdata._display.checks import as_list, wrong_type
from camdata._display.words import count, minus, p_words
from camdata.analysis.chance import ALPHA
from camdata.analysis.time import Windows
from camdata.plots import _layout as lay
from camdata.plots._layout import Chart, chart
from camdata.plots._look import Labels, Look, Palette, Size, shown

MEASURES = ("agreement", "within", "between", "modularity", "polarization")
STYLES = ("-", "--", ":", "-.", (0, (6, 1, 1, 1, 1, 1)))
"""Lines differ in more than color."""


@chart
def over_time(
    windows: Windows,
    *,
    measures: Iterable[str] = ("agreement", "within", "between"),
    events: Mapping[str, str] | None = None,
    title: str | None = None,
    labels: Labels = None,
    palette: Palette = None,
    figsize: Size = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw measures of a meeting's windows over time.

    Parameters
    ----------
    windows : Windows
        From `camdata.windows`.
    measures : sequence of str
        Among ``agreement``, ``within``, ``between``, ``modularity`` and ``polarization``; the last
        one with its chance level as a thin line.
    events : mapping of str to str, optional
        What happened, by day (such as ``"2020-03-15"``) or by name of a window: numbered marks,
        explained in the note.
    title, labels, palette, figsize, ax
        As for every chart (`camdata.plots`); the palette is that of the measures by number.

    Returns
    -------
    matplotlib.axes.Axes
        A line for each measure with a gap where it is not defined; below it the statements of each
        window as bars.

    Raises
    ------
    ValueError
        For an unknown measure, or an event that is neither a day nor a window.

    Examples
    --------
    >>> import pandas as pd
    >>> import camdata as cam
    >>> days = ["2020-01-01", "2020-02-01"]
    >>> votes = pd.DataFrame(
    ...     [(actor, "tax", 1 if actor in "AB" else -1, day) for day in days for actor in "ABCD"],
    ...     columns=["actor", "code", "stance", "date"],
    ... )
    >>> ax = cam.plots.over_time(cam.windows(cam.Meeting(votes), n_resamples=0))
    >>> [label.get_text() for label in ax.get_xticklabels()]
    ['2020-01', '2020-02']
    """
    if not isinstance(windows, Windows):
        raise wrong_type("windows", "Windows (from camdata.windows)", windows)
    names = as_list("measures", list(measures), MEASURES)
    table = windows.frame
    chart = Chart(Look(title, labels, palette, figsize, ax), called=(events or {}).values())
    marks = [(_place(windows, when), what) for when, what in (events or {}).items()]
    finding = _finding(windows)
    most = int(table["statements"].max())
    note = f"{count(len(table), 'window')} of at most {count(most, 'statement')}. Change from "
    p = windows.changes["p_adjusted"].min()
    note += f"window to window: {'not tested' if np.isnan(p) else f'smallest {p_words(p)}'}"
    note += "".join(f". {i}: {shown(what)}" for i, (_, what) in enumerate(marks, 1))
    chart.says(
        finding,
        "Lines: means over pairs of actors. Bars: statements in each window.",
        note,
        f"Lines of {', '.join(names)} over {count(len(table), 'window')}. {finding}.",
    )
    looks: list[dict[str, Any]] = [
        {"color": chart.group_color(i + 1), "ls": STYLES[i], "lw": 1.8} for i in range(len(names))
    ]
    handles: list[Any] = [
        Line2D([], [], label=name, **look) for name, look in zip(names, looks, strict=True)
    ]
    thin: dict[str, Any] = {"color": chart.colors.quiet, "ls": "-", "lw": 0.8}
    if "polarization" in names and table["polarization_expected"].notna().any():
        handles.append(Line2D([], [], label="polarization by chance", **thin))
    handles.append(Patch(fc=chart.colors.rule, label="statements"))
    chart.key(handles)
    values = table[names].to_numpy(dtype=float)
    low = min(0.0, float(np.nanmin(values, initial=0.0)))
    largest = float(np.nanmax(values, initial=0.0))
    high = next((end for end in (0.25, 0.5, 1.0) if largest <= end), largest)
    x, strip = np.arange(float(len(table))), 0.24 * (high - low)
    ax = chart.ax
    chart.span((-0.6, len(x) - 0.4), (low - 1.25 * strip, high + 0.08 * (high - low)))
    below = lay.Names("bottom", x, list(table.index), what="windows", flat=False)
    chart.lay_out([below], height=2.6 * chart.size, left=0.35 * chart.size)
    ticks = [tick for tick in np.linspace(low, high, 3) if low <= tick <= high]
    ax.set_yticks(ticks, [minus(f"{tick:.3g}") for tick in ticks])
    ax.tick_params(axis="y", length=0, labelsize=8 * chart.size, labelcolor=chart.colors.quiet)
    ax.hlines(ticks, -0.6, len(x) - 0.4, color=chart.colors.rule, lw=0.8, zorder=0)
    high_of = strip * table["statements"] / max(most, 1)
    ax.bar(x, high_of, 0.7, low - 1.2 * strip, color=chart.colors.rule, gid="statements")
    for place, name in enumerate(names):
        dot = "o" if len(x) <= 30 else ""
        ax.plot(x, values[:, place], marker=dot, ms=3.5, gid=name, **looks[place])
        if name == "polarization":
            ax.plot(x, table["polarization_expected"], gid="chance", **thin)
    for number, (at, _) in enumerate(marks, 1):
        ax.axvline(at, color=chart.colors.ink, lw=0.8, ls=":", zorder=0, gid="event")
        top = high + 0.04 * (high - low)
        chart.text(at + 0.05, top, str(number), 8 * chart.size, ha="left", gid="event number")
    return ax


def _finding(windows: Windows) -> str:
    changes = windows.changes
    found = changes[changes["p_adjusted"] <= ALPHA].sort_values("p_adjusted", kind="stable")
    if len(found):
        before, after = found.iloc[0][["before", "after"]]
        return f"Agreement changes between {before} and {after} more than chance gives"
    if changes["p_adjusted"].notna().any():
        return "Agreement changes from window to window no more than chance gives"
    return "How does agreement change from window to window?"


def _place(windows: Windows, when: str) -> float:
    """Return where an event stands: at its window, or between the days of two windows."""
    if when in windows.names:
        return float(windows.names.index(when))
    try:
        day = pd.Timestamp(when)
    except ValueError:
        raise ValueError(f"An event is a day or a window, but {when!r} is neither.") from None
    middle = windows.frame["start"] + (windows.frame["end"] - windows.frame["start"]) / 2
    known = middle.notna().to_numpy()
    if not known.any():
        raise ValueError("Events by day need windows with dates.")
    days = middle[known].astype("int64").to_numpy()
    return float(np.interp(day.as_unit("s").value // 10**9, days, np.flatnonzero(known)))
