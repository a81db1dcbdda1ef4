"""Who is in which cluster, window by window."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from camdata._display.checks import wrong_type
from camdata._display.words import count
from camdata.analysis.chance import ALPHA
from camdata.analysis.time import Windows
from camdata.plots import _layout as lay
from camdata.plots._grids import cluster_key, draw_clusters
from camdata.plots._layout import Chart, chart
from camdata.plots._look import Labels, Look, Palette, Size
from camdata.plots._style import FLOOR, ink_on

NUMBERED = 40
"""Up to so many windows cells carry the number of their cluster."""


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
    if not isinstance(windows, Windows):
        raise wrong_type("windows", "Windows (from camdata.windows)", windows)
    table = windows.memberships
    first, *_, last = windows.names
    tally = windows.tally(last)
    order = table.iloc[:, ::-1].fillna(10**6).sort_values(list(table.columns[::-1]), kind="stable")
    table = table.loc[order.index]
    both = table[first].notna() & table[last].notna()
    moved = int((table[first] != table[last])[both].sum())
    chart = Chart(Look(title, labels, palette, figsize, ax), tally)
    finding = f"{moved} of {count(int(both.sum()), 'actor')} are in another cluster at the end"
    p = windows.frame["p_value"].dropna()
    chance = "No random tables: how clear the clusters are is not tested"
    if len(p):
        chance = "Agreement has more structure than chance gives in "
        chance += f"{int((p <= ALPHA).sum())} of {count(len(p), 'window')}"
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
    ax = chart.ax
    chart.span((-0.5, m - 0.5), (n - 0.5, -0.5))
    sides = [
        lay.Names("left", np.arange(float(n)), [chart.actor(name) for name in table.index]),
        lay.Names("bottom", np.arange(float(m)), list(table.columns), what="windows", flat=False),
    ]
    pitch = 0.2 if n <= 60 else 9.0 / n
    wide, high = chart.lay_out(sides, height=pitch * n * chart.size, width=min(0.9 * m, 20.0))
    points = min(7.5 * chart.size, 72 * high / n / 1.3, 72 * wide / m / 1.8)
    draw_clusters(chart, cells, (0.94, 0.88))
    for (row, column), number in np.ndenumerate(cells):
        if points >= FLOOR and m <= NUMBERED and not np.isnan(number):
            look = {"ha": "center", "color": ink_on(chart.group_color(int(number)))}
            chart.text(column, row, f"{number:g}", points, gid="number", **look)
    return ax
