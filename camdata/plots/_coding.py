"""How a meeting is coded: agreement of the coders, and how much of the text is quoted."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from camdata._display.words import capital, count, decimals, join_names
from camdata.analysis.coders import Reliability
from camdata.plots._layout import Chart, chart
from camdata.plots._look import Labels, Look, Palette, Size
from camdata.plots._rows import Rows


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
    chart = Chart(Look(title, labels, palette, figsize, ax), codes=reliability.labels)
    several = len(reliability.coders) > 2
    blocks = {
        "": reliability.overall,
        "Kinds of actor": reliability.by_kind,
        "Two coders": reliability.pairs if several else reliability.pairs.iloc[:0],
        "Dimensions": reliability.by_dimension,
        "Codes": reliability.by_code,
    }
    rows: list[tuple[str, list[float]]] = []  # headings have no values
    for heading, table in blocks.items():
        # the overall value is shown whatever it is
        below = table[~(table["alpha"] >= 1)] if heading else table
        rows += [(heading, [])] if heading and len(below) else []
        for key, *row in below[["alpha", "low", "high"]].itertuples():
            called = " – ".join(map(str, key)) if isinstance(key, tuple) else chart.code(str(key))
            rows.append((called if heading else capital(called), [float(v) for v in row]))
    values = {i: row for i, (_, row) in enumerate(rows) if row}
    defined = {i: row for i, row in values.items() if not np.isnan(row[0])}
    perfect = sum(map(len, blocks.values())) - len(values)
    note = f"{count(int(reliability.overall['units'].iloc[0]), 'unit')} of "
    note += count(reliability.n_actors, "actor")
    note += f". Not drawn: {count(perfect, 'row')} with alpha 1" if perfect else ""
    if len(defined) < len(values):
        note += ". ×: not defined, since only one value is used"
    who = count(len(reliability.coders), "coder") if several else " and ".join(reliability.coders)
    chart.says(
        f"{who}: alpha is {decimals(reliability.alpha)} over all units",
        "Krippendorff's alpha: 1 is full agreement, 0 what chance gives; lines are 95% intervals.",
        note,
        f"Dots of Krippendorff's alpha for {join_names(reliability.coders)}. {reliability.summary}",
    )
    right = [decimals(values[i][0]) if i in defined else "" for i in range(len(rows))]
    bold = frozenset(i for i in range(len(rows)) if i not in values)
    lowest = np.nanmin([0.0, *(value for row in defined.values() for value in row)])
    limits = float(lowest) - 0.03, 1.03
    y = Rows([name for name, _ in rows], right, bold).lay_out(chart, limits, "Krippendorff's alpha")
    ax, color = chart.ax, chart.color("supports")
    for base in (0, 1):
        ax.axvline(base, color=chart.colors.rule, lw=1, zorder=0)
    for i, (alpha, low, high) in values.items():
        if i not in defined:
            ax.plot(0, y[i], "x", color=chart.colors.quiet, ms=5 * chart.size, gid="undefined")
            continue
        if not np.isnan(low):
            ax.plot([low, high], [y[i]] * 2, color=color, alpha=0.35, lw=2.5, gid="interval")
        ax.plot(alpha, y[i], "o", color=color, ms=5 * chart.size, gid="alpha")
    return ax


@chart
def coverage(
    coverage: pd.DataFrame,
    *,
    title: str | None = None,
    labels: Labels = None,
    palette: Palette = None,
    figsize: Size = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw how much of each intervention coded quotes cover, sentence by sentence.

    Parameters
    ----------
    coverage : pandas.DataFrame
        From ``Meeting.coverage()``.
    title, labels, palette, figsize, ax
        As for every chart (`camdata.plots`); the palette's first color is that of what is coded.

    Returns
    -------
    matplotlib.axes.Axes
        A bar for each intervention in the order of the text, its sentences side by side and as long
        as their text; the dark part of each is the share that some quote covers.

    Raises
    ------
    ValueError
        If a column of the table is not there.

    Examples
    --------
    >>> import camdata as cam
    >>> ax = cam.plots.coverage(cam.load_meeting().coverage())
    >>> [label.get_text() for label in ax.get_yticklabels()][:2]
    ['CAM Chair', 'OAS Assistant Secretary General']
    """
    absent = sorted({"order", "actor", "covered", "start", "stop"} - {*coverage})
    if absent:
        raise ValueError(f"Coverage comes from Meeting.coverage(), but this has no {absent}.")
    if coverage.empty:
        look = Look(title, labels, palette, figsize, ax)
        return Chart(look).sentence("No intervention is recorded", "There is no text to cover.")
    length = (coverage["stop"] - coverage["start"]).astype("float64")
    by = [name for name in ("document", "order") if name in coverage]
    table = coverage.assign(length=length)
    blocks = [block for _, block in table.groupby(by, sort=False, dropna=False)]
    chart = Chart(Look(title, labels, palette, figsize, ax), called=coverage["actor"].dropna())
    shares = [(b["covered"] * b["length"]).sum() / (b["length"].sum() or 1) for b in blocks]
    covered = float((coverage["covered"] * length).sum() / (length.sum() or 1))
    shape = f"{count(len(blocks), 'intervention')}, {count(len(coverage), 'sentence')}"
    chart.says(
        f"Coded quotes cover {covered:.0%} of what was said",
        "Each bar is an intervention in the order of the text, cut into its sentences.",
        shape,
        f"Bars of {shape}; {covered:.0%} of the text lies inside coded quotes.",
    )
    full, pale = chart.color("supports"), chart.colors.rule
    chart.key([Patch(fc=full, label="inside a coded quote"), Patch(fc=pale, label="not coded")])
    rows = Rows(
        [chart.actor(block["actor"].iloc[0]) for block in blocks],
        [f"{share:.0%}" for share in shares],
        what="interventions",
    )
    longest = max((float(block["length"].sum()) for block in blocks), default=1.0)
    y = rows.lay_out(chart, (0, longest), "characters of the text")
    for at, block in zip(y, blocks, strict=True):
        long = block["length"].to_numpy()
        left = np.cumsum(long) - long
        wide = np.maximum(long - 0.004 * longest, 0.6 * long)  # a gap before the next sentence
        inside = wide * block["covered"].fillna(0).to_numpy(dtype=float)
        chart.ax.barh(np.full(len(long), at), wide, 0.7, left, color=pale, gid="sentence")
        chart.ax.barh(np.full(len(long), at), inside, 0.7, left, color=full, gid="covered")
    return chart.ax
