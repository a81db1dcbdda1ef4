"""Clusters under every choice: the pairs most often together, and who is with whom in each."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from camdata._display.checks import check_choice, check_count
from camdata._display.words import count, p_words
from camdata.analysis.clustering import Clusters, cluster, default_tree
from camdata.analysis.labels import align_labels
from camdata.analysis.measures import as_agreement
from camdata.analysis.shares import CHOICES, Multiverse
from camdata.plots._agreement import square
from camdata.plots._grids import cluster_key, draw_clusters
from camdata.plots._layout import Chart, Names, chart
from camdata.plots._look import Labels, Look, Palette, Size
from camdata.plots._rows import Rows, bars_with_marks

_WORDS = "Level", "Statements", "Coder", "Measure", "Linkage", "Number of clusters"
HEADINGS = dict(zip(CHOICES, _WORDS, strict=True))
BASES = {"all": "with another's remarks", "explicit": "explicit only"}


@chart
def shares(
    multiverse: Multiverse,
    *,
    kind: Literal["pairs", "matrix"] = "pairs",
    most: int = 15,
    title: str | None = None,
    labels: Labels = None,
    palette: Palette = None,
    figsize: Size = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw how often pairs of actors are together over all choices, beside what chance gives.

    Parameters
    ----------
    multiverse : Multiverse
        From `camdata.multiverse`.
    kind : {"pairs", "matrix"}
        Bars of the pairs most often together, or the matrix of all shares in the order in which
        actors fall together.
    most : int
        How many pairs to draw.
    title, labels, palette, figsize, ax
        As for every chart (`camdata.plots`); the palette's first color is the bars'.

    Returns
    -------
    matplotlib.axes.Axes
        Of pairs: a bar for the share of specifications in which the two stand together, a mark for
        the mean of random tables with the same totals, and beside it p adjusted for all pairs.

    Examples
    --------
    >>> import camdata as cam
    >>> found = cam.multiverse(cam.load_meeting(), n_resamples=19)
    >>> ax = cam.plots.shares(found, most=3)
    >>> len(ax.get_yticklabels())
    3
    """
    check_choice("kind", kind, ("pairs", "matrix"))
    most = check_count("most", most)
    chart = Chart(Look(title, labels, palette, figsize, ax), attributes=multiverse.attributes)
    finding = multiverse.finding
    made = count(len(multiverse.specifications), "specification")
    note = f"{count(len(multiverse.labels), 'actor')}, {count(len(multiverse.pairs), 'pair')}, "
    note += f"{made}. Chance: {count(multiverse.n_resamples, 'random table')} with the same totals"
    note += f"; over all pairs {p_words(multiverse.p_value)}"
    if kind == "matrix":
        order = list(default_tree(as_agreement(multiverse.together)).order)
        subtitle = "Share of the specifications in which two actors stand together."
        chart.says(finding, subtitle, note, f"Matrix of shares of {note}. {finding}.")
        square(chart, multiverse.together.loc[order, order], None, (0.0, 1.0, False))
        return chart.ax
    subtitle = "Share of all combinations of choices in which a pair stands together"
    subtitle += "; right: p adjusted for all pairs."
    chart.says(finding, subtitle, note, f"Bars of the pairs most often together. {finding}.")
    color = chart.color("supports")
    mark = Line2D([], [], color=chart.colors.ink, lw=2, label="what chance gives")
    chart.key([Patch(fc=color, label="recorded positions"), mark])
    shown = multiverse.pairs.head(most)
    names = shown["actor"].map(chart.actor) + " – " + shown["other"].map(chart.actor)
    right = shown["share"].map("{:.0%}, ".format) + shown["p_adjusted"].map(p_words)
    rows = Rows(names.tolist(), right.tolist(), what="pairs")
    y = rows.lay_out(chart, (0, 1), "share of specifications", (0, 0.5, 1))
    bars_with_marks(chart, y, shown["share"], shown["chance"], ("share", "chance"), color)
    return chart.ax


@chart
def multiverse(
    multiverse: Multiverse,
    *,
    title: str | None = None,
    labels: Labels = None,
    palette: Palette = None,
    figsize: Size = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw who is in which cluster under every specification, and what each of them chooses.

    Parameters
    ----------
    multiverse : Multiverse
        From `camdata.multiverse`.
    title, labels, palette, figsize, ax
        As for every chart (`camdata.plots`); the palette is that of the clusters.

    Returns
    -------
    matplotlib.axes.Axes
        A column for each specification, ordered by what it chooses; a row for each actor, in the
        order in which they fall together. Color is the cluster: those of each column are numbered
        so that they match the clusters of the shares (at most four) as well as they can; others
        are grey, and unplaced actors pale. Below, dots mark the choices of each column.

    Examples
    --------
    >>> import camdata as cam
    >>> found = cam.multiverse(cam.load_meeting(), n_resamples=19)
    >>> cam.plots.multiverse(found).get_title(loc="left")
    'Who is with whom under each way to choose?'
    """
    found = multiverse.specifications
    chart = Chart(Look(title, labels, palette, figsize, ax), attributes=multiverse.attributes)
    differing = [choice for choice in CHOICES if len(found[choice].unique()) > 1]
    found = found.sort_values(differing[::-1], kind="stable")
    tree = default_tree(as_agreement(multiverse.together))
    cells = multiverse.labels.loc[list(tree.order), found.index]
    names = [chart.actor(actor) for actor in cells.index]
    places, bold, at = list(np.arange(len(names), dtype=float)), set[int](), float(len(names))
    marks: dict[float, pd.Series[bool]] = {}
    for choice in differing:
        bold.add(len(names))
        options = found[choice].drop_duplicates()
        names.append(HEADINGS[choice])
        names += [BASES.get(str(option), str(option)) for option in options]
        places += [at + 0.3 + i for i in range(len(options) + 1)]
        marks |= {at + 1.3 + i: found[choice] == option for i, option in enumerate(options)}
        at = places[-1] + 1
    note = f"{count(len(cells), 'actor')}, {count(len(found), 'specification')}"
    left = len(multiverse.skipped)
    note += f". {count(left, 'combination')} could not be computed" if left else ""
    chart.says(
        "Who is with whom under each way to choose?",
        "Each column is one way to choose; similar clusters have the same color in all columns.",
        note,
        f"Grid of {note}. {multiverse.finding}.",
    )
    ax, n = chart.ax, len(found)
    numbers = _aligned(tree, cells).astype("float64").to_numpy()
    chart.key(cluster_key(chart, numbers.ravel()))
    chart.span((-0.5, n - 0.5), (at - 0.3, -0.6))
    # without room for all names, those of the choices stay
    rank = np.array([0 if i in bold or i >= len(cells) else 1 for i in range(len(names))])
    rows = Names("left", np.array(places), names, first=rank, bold=frozenset(bold), what="rows")
    tall = 0.18 * chart.size * (at + 0.3)
    wide, high = chart.lay_out([rows], width=0.2 * chart.size * n, height=tall)
    draw_clusters(chart, numbers, (1.0, 0.9))
    size = min(3.5, 60 * wide / n, 45 * high / (at + 0.3))
    for y, chosen in marks.items():
        x = np.flatnonzero(chosen)
        ax.plot([-0.5, n - 0.5], [y, y], color=chart.colors.empty, lw=1, zorder=0)
        ax.plot(x, np.full(len(x), y), "o", color=chart.colors.ink, ms=size, gid="choice")
    return ax


def _aligned(tree: Clusters, labels: pd.DataFrame) -> pd.DataFrame:
    """Number the clusters of all specifications alike, by those of the shares of all of them."""
    number = max((n for n in tree.cuts.index if n <= 4), default=1)
    reference = cluster(tree.agreement, int(number)).labels
    known: dict[tuple[object, ...], pd.Series[int]] = {}
    found = {}
    for name, column in labels.items():
        same = tuple(column.fillna(0))  # many specifications give the same clusters
        if same not in known:
            known[same] = align_labels(column, reference)
        found[name] = known[same]
    return pd.DataFrame(found, index=labels.index)
