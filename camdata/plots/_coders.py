"""How far several coders agree."""

from __future__ import annotations

from typing import Unpack

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from camdata._display.checks import wrong_type
from camdata._display.words import count, listed
from camdata.analysis.coders import Reliability, decimals
from camdata.plots import _chart, _look, _style
from camdata.plots._placing import heights, wrapped


@_look.signed
def coders(reliability: Reliability, **look: Unpack[_look.Look]) -> Axes:
    """Draw Krippendorff's alpha overall, by kind of actor, for each two coders, and by code.

    Parameters
    ----------
    reliability : Reliability
        From `camdata.reliability`.
    title, labels, palette, figsize, ax
        As for every chart (`camdata.plots`); the palette's first color, or `accent`, is the dots'.

    Returns
    -------
    matplotlib.axes.Axes
        A dot for each alpha, with its number at the right and its 95 % interval, where there is
        one; a cross where it is not defined, since the coders use one value only.

    Examples
    --------
    >>> import camdata as cam
    >>> ax = cam.plots.coders(cam.reliability(cam.load_meeting()))
    >>> [label.get_text() for label in ax.get_yticklabels()][:3]
    ['all', 'Kinds of actor', 'delegation']
    """
    if not isinstance(reliability, Reliability):
        raise wrong_type("reliability", "Reliability", reliability)
    named = pd.DataFrame({"label": pd.Series(dict(reliability.labels), dtype="str")})
    with _chart.drawing((2.8, 1.0), codebook=named, **look) as chart:
        ax = chart.ax
        names: list[str] = []
        values: dict[int, list[float]] = {}
        for heading, table in _blocks(reliability):
            names += [heading] if heading else []
            rows = table[["alpha", "low", "high"]].to_numpy(dtype=float).tolist()
            for key, row in zip(table.index, rows, strict=True):
                values[len(names)] = row
                names.append(" – ".join(key) if isinstance(key, tuple) else chart.code(key))
        across = chart.fixed[0] if chart.fixed[0] is not None else 7.2 * chart.unit
        names = wrapped(chart, names, 0.45 * across)
        high = heights(chart, names)
        high += [0.0 if number in values else 0.08 * chart.unit for number in range(len(names))]
        chart.ask_height(float(high.sum()))
        y = (np.cumsum(high) - high / 2).tolist()
        chart.rows(y, names)
        for number, (label, at) in enumerate(zip(ax.get_yticklabels(), y, strict=True)):
            if number in values:
                _row(chart, at, *values[number])
            else:
                label.set_fontweight("bold")
        ax.spines[["left", "top", "right"]].set_visible(False)
        ax.axvline(1, color=_style.FAINT, lw=1, zorder=0)
        ax.axvline(0, color=_style.FAINT, lw=0.8, ls=":", zorder=0)
        lowest = np.nanmin(reliability.frame[["alpha", "low"]].to_numpy(dtype=float), initial=0.0)
        ax.set(xlim=(float(lowest) - 0.06, 1.06), ylim=(float(high.sum()), 0))
        ax.set_xlabel("Krippendorff's alpha")
        chart.note(f"{reliability.level}; line: 95% interval over actors")
        if reliability.frame["alpha"].isna().any():
            chart.note("×: not defined, one value only")
        units = count(int(reliability.overall["units"].iloc[0]), "unit")
        who = " and ".join(reliability.coders)
        if len(reliability.coders) > 2:
            who = listed(reliability.coders)
        chart.says(
            f"{who}: alpha {decimals(reliability.alpha)} on {units} of "
            f"{count(reliability.n_actors, 'actor')}",
            f"Dots of Krippendorff's alpha. {reliability.summary}",
        )
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


def _row(chart: _chart.Chart, at: float, alpha: float, low: float, high: float) -> None:
    """Draw one alpha with its interval and number, or that it is not defined."""
    ax = chart.ax
    if np.isnan(alpha):
        ax.plot(0, at, "x", color=_style.FAINT, ms=chart.font(0.6), gid="undefined")
        return
    if not np.isnan(low):
        ax.plot([low, high], [at, at], color="#9db7d1", lw=2.5, clip_on=False, gid="interval")
    ax.plot(alpha, at, "o", color=chart.accent, ms=chart.font(0.6), clip_on=False, gid="alpha")
    ax.annotate(
        decimals(alpha),
        (1, at),
        xycoords=("axes fraction", "data"),
        xytext=(chart.font(0.4), 0),
        textcoords="offset points",
        va="center",
        fontsize=chart.font(0.85),
        annotation_clip=False,
        gid="number",
    )
