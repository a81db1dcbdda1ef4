"""Clusters under every choice: a curve of specifications."""

from __future__ import annotations

from typing import Unpack

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import PatchCollection
from matplotlib.patches import Rectangle

from camdata._display.checks import wrong_type
from camdata._display.words import count, listed
from camdata.analysis import trees as _trees
from camdata.analysis.labels import adjusted_rand, as_numbers
from camdata.analysis.specifications import CHOICES, Multiverse
from camdata.plots import _chart, _look, _style

NAMES = {
    "by": {"dimension": "by dimension", "code": "by code"},
    "basis": {"all": "with by reference", "explicit": "explicit only"},
    "method": {"average": "average linkage", "complete": "complete linkage"},
}
"""What the options of a choice are called, where their names alone do not say it."""


@_look.signed
def multiverse(multiverse: Multiverse, **look: Unpack[_look.Look]) -> Axes:
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
        A column for each specification, the more alike the nearer; a row for each actor, in the
        order in which they fall together. Color and number are the cluster, matched with the first
        specification; grey is unplaced. Dots below mark the choices.

    Examples
    --------
    >>> import camdata as cam
    >>> universe = cam.multiverse(cam.load_meeting(), coder="camdata", measures=["jaccard", "dice"])
    >>> ax = cam.plots.multiverse(universe)
    >>> ax.get_title(loc="left").replace("\\n", " ")
    'Clusters under 8 specifications: 14 actors, 2 clusters held together in all: ...'
    """
    if not isinstance(multiverse, Multiverse):
        raise wrong_type("multiverse", "Multiverse", multiverse)
    labels, frame = multiverse.labels, multiverse.specifications
    columns = _order_of_columns(labels)
    actors = _order_of_actors(multiverse.together)
    different = {choice: frame[choice].unique().tolist() for choice in CHOICES}
    options = [(c, o) for c, found in different.items() if len(found) > 1 for o in found]
    tally = multiverse.reference.agreement.tally
    gap = 0.8
    rows = len(actors) + gap + len(options)
    size = (max(0.13 * len(columns), 2.4), 0.19 * rows)
    with _chart.drawing(size, tally=tally, **look) as chart:
        ax = chart.ax
        _cells(chart, labels.loc[actors, columns])
        places = [len(actors) + gap + i for i in range(len(options))]
        for y, (choice, option) in zip(places, options, strict=True):
            chosen = (frame.loc[columns, choice] == option).to_numpy()
            x = np.arange(len(columns))
            ax.plot(x, np.full(len(x), y), ".", color=_style.PALE, ms=3 * chart.unit, zorder=1)
            ax.plot(
                x[chosen],
                np.full(chosen.sum(), y),
                "o",
                color=chart.ink,
                ms=3.4 * chart.unit,
                zorder=2,
                gid=f"choice {choice} {option}",
            )
        ax.set(xlim=(-0.6, len(columns) - 0.4), ylim=(rows - 0.3, -0.7), xticks=[])
        words = [NAMES.get(choice, {}).get(option, option) for choice, option in options]
        chart.rows([*range(len(actors)), *places], [*chart.actors(actors), *words])
        ax.spines[:].set_visible(False)
        chart.note("color and number: cluster, matched with the first; grey: unplaced")
        number = multiverse.n_clusters
        held = "each with its own number" if number is None else f"{count(number, 'cluster')} held"
        left = len(multiverse.skipped)
        if left:
            chart.note(f"{count(left, 'specification')} that cannot be made left out")
        share = "all" if multiverse.threshold == 1 else f"{multiverse.threshold:.0%}"
        cores = "; ".join(listed(chart.actors(core), 20) for core in multiverse.cores)
        chart.says(
            f"Clusters under {count(len(columns), 'specification')}: "
            f"{count(len(actors), 'actor')}, {held}\n"
            f"together in {share}: {cores or 'no two actors'}",
            f"Grid of {count(len(actors), 'actor')} by "
            f"{count(len(columns), 'specification')}. {' '.join(multiverse.verdict.splitlines())}",
        )
    return chart.ax


def _cells(chart: _chart.Chart, labels: pd.DataFrame) -> None:
    """Draw each actor's cluster under each specification, with its number where there is room."""
    ax = chart.ax
    patches, colors, texts = [], [], []
    for row, (_, cells) in enumerate(labels.iterrows()):
        for column, label in enumerate(cells):
            missing = pd.isna(label)
            color = _style.MISSING if missing else chart.cluster_color(int(label))
            patches.append(Rectangle((column - 0.47, row - 0.45), 0.94, 0.9))
            colors.append(color)
            if not missing:
                ink = _style.ink_on(color)
                texts.append(
                    ax.text(column, row, str(int(label)), ha="center", va="center", color=ink)
                )
    grid = PatchCollection(patches, facecolors=colors, edgecolors="none", zorder=1)
    grid.set_gid("clusters")
    ax.add_collection(grid)

    def shrink() -> None:
        size = min(chart.font(0.7), 1.25 * chart.points("x"), 0.8 * chart.points("y"))
        for text in texts:
            text.set_fontsize(max(size, 1))
            text.set_visible(size >= 3.5)

    chart.adapt(shrink)


def _order_of_columns(labels: pd.DataFrame) -> list[int]:
    """Return specifications so that alike ones stand together, by their adjusted Rand index."""
    names: list[int] = [int(name) for name in labels.columns]
    if len(names) < 3:
        return names
    distance = np.zeros((len(names), len(names)))
    for i, a in enumerate(names):
        for j, b in enumerate(names[:i]):
            both = labels[[a, b]].dropna()
            same = adjusted_rand(as_numbers(both[a]), as_numbers(both[b])) if len(both) > 1 else 0.0
            distance[i, j] = distance[j, i] = 1 - same
    return [names[leaf] for leaf in _trees.leaves(_trees.link(distance, "average"))]


def _order_of_actors(together: pd.DataFrame) -> list[str]:
    """Return actors in the order in which they fall together, those never placed last."""
    placed = together.notna().any(axis="columns")
    names = together.index[placed].tolist()
    alone = together.index[~placed].tolist()
    if len(names) < 3:
        return names + alone
    distance = np.nan_to_num(1 - together.loc[names, names].to_numpy(), nan=1.0)
    np.fill_diagonal(distance, 0)
    return [names[leaf] for leaf in _trees.leaves(_trees.link(distance, "average"))] + alone
