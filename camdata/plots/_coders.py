"""How far several coders agree."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from camdata._display.words import count, decimals, join_names
from camdata.analysis.coders import Reliability
from camdata.plots._layout import Chart, chart
from camdata.plots._look import Labels, Look, Palette, Size, check_type
from camdata.plots._rows import Rows
from camdata.plots._words import capital


@chart
def coders(
    reliability: Reliability,
    *,
    title: str | None = None,
    labels: Labels = None,
    palette: Palette = None,
    figsize: Size = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw Krippendorff's alpha overall, by kind of actor, for each two coders, and by code.

    Parameters
    ----------
    reliability : Reliability
        From `camdata.reliability`.
    title, labels, palette, figsize, ax
        As for every chart (`camdata.plots`); the palette's first color is the dots'.

    Returns
    -------
    matplotlib.axes.Axes
        A dot for each alpha below 1, with its number at the right and its interval where there is
        one; a cross where alpha is not defined, since the coders use one value only. The note
        counts the rows in which the coders agree on everything.

    Examples
    --------
    >>> import camdata as cam
    >>> ax = cam.plots.coders(cam.reliability(cam.load_meeting()))
    >>> [label.get_text() for label in ax.get_yticklabels()][:2]
    ['All', 'Kinds of actor']
    """
    check_type("reliability", reliability, Reliability)
    named = pd.DataFrame({"label": pd.Series(dict(reliability.labels), dtype="str")})
    chart = Chart(Look(title, labels, palette, figsize, ax), codebook=named)
    names, bold, perfect = list[str](), set[int](), 0
    values: dict[int, list[float]] = {}
    for heading, table in _blocks(reliability):
        alphas = table["alpha"].to_numpy(dtype=float)
        # the overall value is shown whatever it is
        below = table[(alphas < 1) | np.isnan(alphas)] if heading else table
        perfect += len(table) - len(below)
        if heading and len(below):
            bold.add(len(names))
            names.append(heading)
        rows = below[["alpha", "low", "high"]].to_numpy(dtype=float).tolist()
        for key, row in zip(below.index, rows, strict=True):
            values[len(names)] = row
            called = " – ".join(map(str, key)) if isinstance(key, tuple) else chart.code(str(key))
            names.append(capital(called) if not heading else called)
    note = f"{count(int(reliability.overall['units'].iloc[0]), 'unit')} of "
    note += count(reliability.n_actors, "actor")
    if perfect:
        note += f". Not drawn: {count(perfect, 'row')} with alpha 1"
    undefined = any(np.isnan(row[0]) for row in values.values())
    note += ". ×: not defined, since only one value is used" if undefined else ""
    who = " and ".join(reliability.coders)
    if len(reliability.coders) > 2:
        who = count(len(reliability.coders), "coder")
    chart.says(
        f"{who}: alpha is {decimals(reliability.alpha)} over all units",
        "Krippendorff's alpha: 1 is full agreement, 0 what chance gives; lines are 95% intervals.",
        note,
        f"Dots of Krippendorff's alpha for {join_names(reliability.coders)}. {reliability.summary}",
    )
    drawn = [value for row in values.values() for value in row if not np.isnan(value)]
    limits = (min([0.0, *drawn]) - 0.03, 1.03)
    right = [decimals(values[i][0]) if i in values else "" for i in range(len(names))]
    right = ["" if i in values and np.isnan(values[i][0]) else w for i, w in enumerate(right)]
    rows_ = Rows(names, right, frozenset(bold))
    y = rows_.lay_out(chart, limits, "Krippendorff's alpha")
    ax, color = chart.ax, chart.color("supports")
    for base in (0, 1):
        ax.axvline(base, color=chart.colors.rule, lw=1, zorder=0)
    for i, (alpha, low, high) in values.items():
        if np.isnan(alpha):
            ax.plot(0, y[i], "x", color=chart.colors.quiet, ms=5 * chart.size, gid="undefined")
            continue
        if not np.isnan(low):
            ax.plot([low, high], [y[i]] * 2, color=color, alpha=0.35, lw=2.5, gid="interval")
        ax.plot(alpha, y[i], "o", color=color, ms=5 * chart.size, gid="alpha")
    return ax


def _blocks(reliability: Reliability) -> list[tuple[str, pd.DataFrame]]:
    """Return the tables that are drawn, each with its heading."""
    several = len(reliability.coders) > 2
    blocks = [
        ("", reliability.overall),
        ("Kinds of actor", reliability.by_kind),
        ("Two coders", reliability.pairs if several else reliability.pairs.iloc[:0]),
        ("Dimensions", reliability.by_dimension),
        ("Codes", reliability.by_code),
    ]
    return [(heading, table) for heading, table in blocks if len(table)]
