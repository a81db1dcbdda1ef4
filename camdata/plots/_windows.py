"""A meeting window by window: measures as lines, and who is in which cluster."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from camdata._display.checks import as_list
from camdata._display.words import count, join_names, p_words, short_repr
from camdata.analysis.chance import ALPHA
from camdata.analysis.time import Windows
from camdata.plots._grids import cluster_key, draw_clusters
from camdata.plots._layout import Chart, Names, chart
from camdata.plots._look import Labels, Look, Palette, Size, shown
from camdata.plots._rows import number_axis
from camdata.plots._style import FLOOR, ink_on

WINDOW_MEASURES = ("agreement", "within", "between", "modularity", "polarization")
OVER_PAIRS = WINDOW_MEASURES[:3]
"""Those that are means over pairs of actors."""

STYLES = ("-", "--", ":", "-.", (0, (6, 1, 1, 1, 1, 1)))
"""Lines differ in more than color."""

MOST_NUMBERED = 40
"""Up to so many windows cells carry the number of their cluster."""


@chart
def over_time(
    windows: Windows,
    *,
    measures: Iterable[str] = ("agreement", "within", "between"),
    events: Mapping[str | date, str] | None = None,
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
    events : mapping of str or datetime.date to str, optional
        What happened, by name of a window or by day (a date, or text such as ``"2020-03-15"``):
        numbered marks, explained in the note.
    title, labels, palette, figsize, ax
        As for every chart (`camdata.plots`); the palette is that of the measures by number.

    Returns
    -------
    matplotlib.axes.Axes
        A line for each measure with a gap where it is not defined (none where it never is); below
        it the statements of each window as bars.

    Raises
    ------
    ValueError
        For an unknown measure, or events that are neither a window nor a day of the windows.

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
    asked = as_list("measures", list(measures), WINDOW_MEASURES)
    table, happened = windows.frame, events or {}
    names = [name for name in asked if table[name].notna().any()]
    chart = Chart(Look(title, labels, palette, figsize, ax), called=happened.values())
    marks = _places(windows, happened)
    finding, most = _finding(windows), int(table["statements"].max())
    tested = windows.changes["p_adjusted"].notna()
    note = f"{count(len(table), 'window')} of at most {count(most, 'statement')}. Change from "
    note += f"window to window: {tested.sum()} of {len(tested)} tested"
    never = [name for name in asked if name not in names]
    note += f". Not defined in any window: {join_names(never)}" if never else ""
    note += "".join(f". {i}: {shown(what)}" for i, what in enumerate(happened.values(), 1))
    means = [name for name in names if name in OVER_PAIRS]
    lines = "means over pairs of actors"
    if len(means) < len(names):
        lines = "measures of each window"
        lines += f" ({join_names(means)}: mean over pairs of actors)" if means else ""
    chart.says(
        finding,
        f"Lines: {lines}. Bars: statements in each window.",
        note,
        f"Lines of {join_names(names) or 'nothing'} over {count(len(table), 'window')}. {finding}.",
    )
    looks: dict[str, Any] = {
        name: {"color": chart.group_color(i + 1), "ls": STYLES[i], "lw": 1.8}
        for i, name in enumerate(asked)
        if name in names
    }
    handles: list[Any] = [Line2D([], [], label=name, **look) for name, look in looks.items()]
    thin: dict[str, Any] = {"color": chart.colors.quiet, "ls": "-", "lw": 0.8}
    if "polarization" in names and table["polarization_expected"].notna().any():
        handles.append(Line2D([], [], label="polarization by chance", **thin))
    chart.key([*handles, Patch(fc=chart.colors.rule, label="statements")])
    values = table[names].to_numpy(dtype=float)
    low = min(0.0, float(np.nanmin(values, initial=0.0)))
    largest = float(np.nanmax(values, initial=0.0))
    high = next((end for end in (0.25, 0.5, 1.0) if largest <= end), largest)
    x, strip, ends = np.arange(float(len(table))), 0.24 * (high - low), (-0.6, len(table) - 0.4)
    ax = chart.ax
    chart.span(ends, (low - 1.25 * strip, high + 0.08 * (high - low)))
    below = Names("bottom", x, list(table.index), what="windows")
    chart.lay_out([below], height=2.6 * chart.size, left=0.35 * chart.size)
    ticks = [float(f"{tick:.3g}") for tick in np.linspace(low, high, 3)]
    number_axis(chart, 0, "", ticks, upright=True)
    ax.hlines(ticks, *ends, color=chart.colors.rule, lw=0.8, zorder=0)
    high_of = strip * table["statements"] / max(most, 1)
    ax.bar(x, high_of, 0.7, low - 1.2 * strip, color=chart.colors.rule, gid="statements")
    for name, look in looks.items():
        ax.plot(x, table[name], marker="o" if len(x) <= 30 else "", ms=3.5, gid=name, **look)
        if name == "polarization":
            ax.plot(x, table["polarization_expected"], gid="chance", **thin)
    for number, at in enumerate(marks, 1):
        ax.axvline(at, color=chart.colors.ink, lw=0.8, ls=":", zorder=0, gid="event")
        top = high + 0.04 * (high - low)
        chart.text(at + 0.05, top, str(number), 8 * chart.size, ha="left", gid="event number")
    return ax


def _finding(windows: Windows) -> str:
    tested = windows.changes.dropna(subset="p_adjusted")
    if tested.empty:
        return "How does agreement change from window to window?"
    first = tested.sort_values("p_adjusted", kind="stable").iloc[0]
    words = f"adjusted {p_words(first['p_adjusted'])}"
    if first["p_adjusted"] > ALPHA:
        return f"No change of agreement from window to window is significant (smallest {words})"
    steps = f"{first['before']} and {first['after']}"
    return f"Agreement changes between {steps} more than chance gives ({words})"


def _places(windows: Windows, events: Iterable[str | date]) -> list[float]:
    """Return where events stand: at their window, or between the days of two windows."""
    table, names = windows.frame, windows.names
    known = table["start"].notna().to_numpy()
    start, end = table["start"].min(), table["end"].max()
    middle = (table["start"] + (table["end"] - table["start"]) / 2)[known].astype("int64")
    places, wrong, outside = list[float](), list[str](), list[str]()
    for when in events:
        word = str(when)[:10] if isinstance(when, date) else str(when)
        if word in names:
            places.append(float(names.index(word)))
        elif (day := _day(word)) is None:
            wrong.append(short_repr(when))
        elif not known.any():
            raise ValueError("Events by day need windows with dates.")
        # a month is a window from its first day on, whenever its first statement is
        elif start <= day <= end or {str(day.to_period(unit)) for unit in "MQY"} & {*names}:
            places.append(float(np.interp(day.timestamp(), middle, np.flatnonzero(known))))
        else:
            outside.append(word)
    if wrong:
        raise ValueError(
            "Each of `events` is the name of a window or a day (YYYY-MM-DD), but these are "
            f"neither: {join_names(wrong)}."
        )
    if outside:
        raise ValueError(
            f"The windows go from {start:%Y-%m-%d} to {end:%Y-%m-%d}, but these of `events` are "
            f"outside: {join_names(outside)}."
        )
    return places


def _day(word: str) -> pd.Timestamp | None:
    """Return an ISO day as a date; None for anything else, which could be read in several ways."""
    try:
        return pd.Timestamp(word) if re.fullmatch(r"\d{4}-\d\d-\d\d", word, re.ASCII) else None
    except ValueError:
        return None


@chart
def memberships(
    windows: Windows,
    *,
    title: str | None = None,
    labels: Labels = None,
    palette: Palette = None,
    figsize: Size = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw who is in which cluster in each window.

    Parameters
    ----------
    windows : Windows
        From `camdata.windows`.
    title, labels, palette, figsize, ax
        As for every chart (`camdata.plots`); the palette is that of the clusters.

    Returns
    -------
    matplotlib.axes.Axes
        A row for each actor, sorted by cluster in the last window, then in the one before, and so
        on; a column for each window. Color and number are those of the aligned cluster, pale is
        unplaced.

    Examples
    --------
    >>> import pandas as pd
    >>> import camdata as cam
    >>> days = ["2020-01-01", "2020-02-01"]
    >>> votes = pd.DataFrame(
    ...     [(actor, "tax", 1 if actor in "AB" else -1, day) for day in days for actor in "ABCD"],
    ...     columns=["actor", "code", "stance", "date"],
    ... )
    >>> windows = cam.windows(cam.Meeting(votes), n_resamples=0)
    >>> cam.plots.memberships(windows).get_title(loc="left")
    '0 of 4 actors are in another cluster at the end'
    """
    table, (first, *_, last) = windows.memberships, windows.names
    tally = windows.tally(last)
    order = table.iloc[:, ::-1].fillna(10**6).sort_values(list(table.columns[::-1]), kind="stable")
    table = table.loc[order.index]
    both = table[first].notna() & table[last].notna()
    moved = int((table[first] != table[last])[both].sum())
    chart = Chart(Look(title, labels, palette, figsize, ax), tally)
    finding = f"{moved} of {count(int(both.sum()), 'actor')} "
    finding += "" if both.all() else "placed at both ends "
    finding += f"{'is' if moved == 1 else 'are'} in another cluster at the end"
    if not both.any():
        finding = "No actor is in a cluster both at the beginning and at the end"
    p = windows.frame["p_value"].dropna()
    chance = "No random tables: how clear the clusters are is not tested"
    if len(p):
        chance = "Agreement has significantly more structure than chance gives in "
        chance += (
            f"{(p <= ALPHA).sum()} of {count(len(p), 'window')} (by chance in {ALPHA * len(p):.1f})"
        )
    note = f"{count(len(table), 'actor')}, {count(len(windows), 'window')}, "
    note += f"{count(len(tally.keys), tally.by)}. {chance}"
    chart.says(
        finding,
        "Color and number: clusters of each window, aligned by the members that they share.",
        note,
        f"Grid of actors by windows, colored by cluster. {finding}. {note}.",
    )
    cells = table.to_numpy(dtype=float, na_value=np.nan)
    chart.key(cluster_key(chart, cells.ravel()))
    n, m = table.shape
    chart.span((-0.5, m - 0.5), (n - 0.5, -0.5))
    sides = [
        Names("left", np.arange(float(n)), [chart.actor(name) for name in table.index]),
        Names("bottom", np.arange(float(m)), list(table.columns), what="windows"),
    ]
    pitch = 0.2 if n <= 60 else 9.0 / n
    wide, high = chart.lay_out(sides, height=pitch * n * chart.size, width=min(0.9 * m, 20.0))
    points = min(7.5 * chart.size, 72 * high / n / 1.3, 72 * wide / m / 1.8)
    draw_clusters(chart, cells, (0.94, 0.88))
    for (row, column), number in np.ndenumerate(cells):
        if points >= FLOOR and m <= MOST_NUMBERED and not np.isnan(number):
            look = {"ha": "center", "color": ink_on(chart.group_color(int(number)))}
            chart.text(column, row, f"{number:g}", points, gid="number", **look)
    return chart.ax
