"""Agreement as a network of those who share enough to be joined."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from camdata._display.checks import Seed, check_seed, import_optional
from camdata._display.words import count, join_names
from camdata.analysis.chance import NullModel
from camdata.analysis.clustering import Clusters
from camdata.analysis.groups import groups_of
from camdata.analysis.measures import Agreement, as_agreement
from camdata.analysis.networks import to_networkx
from camdata.plots import _placing as placing
from camdata.plots._layout import Chart, Floats, chart
from camdata.plots._look import Labels, Look, Palette, Size, about
from camdata.plots._words import ALONE, beyond_chance, measured

PAIRS_PER_ACTOR = 2
"""With more pairs than this for each actor, lines can no longer be followed."""

UNDRAWN = 0.25
"""The pull of a pair that is not drawn, for one that is."""

MARKERS = "osD^vPXp"


@chart
def network(
    clusters: Clusters | Agreement | pd.DataFrame,
    *,
    threshold: float | None = None,
    backbone: NullModel | None = None,
    by_attribute: str | None = None,
    seed: Seed = 0,
    title: str | None = None,
    labels: Labels = None,
    palette: Palette = None,
    figsize: Size = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw agreement as a network.

    Parameters
    ----------
    clusters : Clusters, Agreement or pandas.DataFrame
        Clusters, whose colors the actors take; or an agreement, or a square table of your own.
    threshold : float, optional
        Only pairs above it are joined. By default 0, or, where more than two pairs for each actor
        share something, the smallest round number that leaves no more than that; the note says it.
    backbone : NullModel, optional
        Only its significant pairs are joined; where there are none, the chart is one sentence.
    by_attribute : str, optional
        A column of the meeting's table of actors, such as ``"process"``, that colors and shapes
        show in place of clusters.
    seed : int or numpy.random.Generator
        Seed of the layout.
    title, labels, palette, figsize, ax
        As for every chart (`camdata.plots`); the palette is that of the clusters, or of the values
        of the attribute.

    Returns
    -------
    matplotlib.axes.Axes
        Width of a line: agreement. Size of an actor: how many statements are recorded of it, where
        that is known. Names keep off lines and other dots; a name without room is a number in its
        dot, listed below (left out with ``ax=``). Distances are those of a spring layout and mean
        nothing exact; `camdata.plots.map` draws distances.

    Raises
    ------
    ValueError
        For an attribute that the actors do not have.
    ImportError
        Without networkx, which comes with ``camdata[networks]``.

    Examples
    --------
    >>> import camdata as cam
    >>> clusters = cam.cluster(cam.agreement(cam.load_meeting().tally()), n_clusters=2)
    >>> cam.plots.network(clusters, figsize=10).get_title(loc="left")
    '16 of 51 agreeing pairs lie above 0.5'
    """
    nx = import_optional("networkx", "networks")
    generator = check_seed(seed)
    own = clusters if isinstance(clusters, Clusters) else None
    given = as_agreement(clusters.agreement if isinstance(clusters, Clusters) else clusters)
    groups = None if by_attribute is None else groups_of(given, by_attribute)
    # alphabetical order makes the layout independent of the order of rows
    names = sorted(given.actors)
    if threshold is None:
        threshold = 0.0 if backbone is not None else readable(given.pairs, len(names))
    graph = to_networkx(given, clusters=own, threshold=threshold, backbone=backbone)
    joined = [name for name in names if graph.degree[name] > 0]
    chart = Chart(Look(title, labels, palette, figsize, ax), given.tally)
    actors = count(len(given.actors), "actor")
    if not joined and backbone is not None and backbone.backbone.empty:
        return chart.sentence(
            beyond_chance(backbone),
            f"Of {count(len(backbone.frame), 'pair')} none shares significantly more than random "
            "tables with the same totals, so there are no lines to draw.",
        )
    if not joined:
        none = f"No pair lies above {threshold:g}", f"No two of {actors} agree so much."
        return chart.sentence(*(none if len(given.pairs) else ALONE))
    values = given.frame.loc[joined, joined].to_numpy()
    place = _layout(nx, graph, joined, values, generator)
    pairs = [(a, b, float(edge["weight"])) for a, b, edge in graph.edges(data=True)]
    segments = np.array([(place[a], place[b]) for a, b, _ in pairs])
    numbers: placing.GroupNumbers = None
    if groups is not None:
        kinds = groups[joined].astype("str")
        number = {kind: i for i, kind in enumerate(sorted(kinds.dropna().unique()), 1)}
        numbers = {name: number.get(kind) for name, kind in zip(joined, kinds, strict=True)}
    elif own is not None:
        numbers = placing.group_numbers(own.labels[joined])
    said = [graph.nodes[name].get("statements", 0) for name in joined]
    radius = np.sqrt([20.0 + 60.0 * s / max(*said, 6) for s in said]) * chart.size / 1.6
    clustered = numbers if groups is None else None
    looks = [placing.group_look(chart, name, numbers) for name in joined]
    chart.key(placing.group_key(chart, clustered))
    if groups is not None:
        signs = {}
        for look, kind in zip(looks, kinds.fillna(f"no {by_attribute}"), strict=True):
            look["marker"] = MARKERS[(number.get(kind, 1) - 1) % len(MARKERS)]
            dot: dict[str, Any] = {"marker": look["marker"], "mfc": look["fc"], "mec": look["ec"]}
            signs[kind] = Line2D([], [], ls="", ms=6, label=kind, **dot)
        chart.key(signs[kind] for kind in sorted(signs, key=lambda kind: number.get(kind, np.inf)))
    points = placing.Points(
        np.array([place[name] for name in joined]),
        np.maximum(radius, 4.6),
        [placing.with_group(chart, name, clustered) for name in joined],
        looks,
        [f"actor {name}" for name in joined],
        lines=segments,
        size=max((8.0 if len(joined) <= 30 else 7.0) * chart.size, 5.5),
    )
    ax = chart.ax
    ax.set(xlim=(-1.35, 1.35), ylim=(-1.12, 1.12))
    ax.set_axis_off()
    note = [f"{actors}{about(given.tally)}"]
    if backbone is not None:
        finding = beyond_chance(backbone)
        note.append(f"False discovery rate {backbone.alpha:g}")
    elif threshold > 0:
        shared = count(int((given.pairs > 0).sum()), "agreeing pair")
        finding = f"{len(pairs):,} of {shared} lie above {threshold:g}"
    else:
        verb = "agrees" if len(pairs) == 1 else "agree"
        finding = f"{count(len(pairs), 'pair')} of actors {verb} at all"
    note += [f"Joined: pairs above {threshold:g}"] if threshold > 0 else []
    alt = f"Network of {'. '.join(note)}. {finding}."
    alone = [chart.actor(name) for name in given.actors if name not in place]
    note += [f"Without a line: {join_names(alone, 20)}"] if alone else []
    subtitle = f"Lines: {measured(given)}."
    subtitle += f" Size of a dot: statements, up to {max(said)}." if max(said) else ""
    # few actors need no large sheet
    lay_out = partial(chart.lay_out, height=lambda w: min(0.8 * w, 6.5, 1.5 + 0.4 * len(joined)))
    words = (finding, subtitle, ". ".join(note), alt)
    placing.draw_points(chart, words, points, lay_out)
    weights = np.maximum([weight for *_, weight in pairs], 0)
    thick = 0.5 + 3.5 * weights / (weights.max() or 1)
    lines = LineCollection(segments.tolist(), lw=thick, colors=chart.colors.rule, zorder=1)
    lines.set_gid("pairs")
    ax.add_collection(lines)
    return ax


def readable(pairs: Floats, n_actors: int) -> float:
    """Return a round threshold that leaves at most two pairs for each actor, 0 where there are."""
    shared = pairs[pairs > 0]
    most = max(PAIRS_PER_ACTOR * n_actors, 10)
    if len(shared) <= most:
        return 0.0
    steps = MaxNLocator(20, steps=[1, 2, 5, 10]).tick_values(0, float(shared.max()))
    rounded = [float(f"{step:.6g}") for step in steps if 0 < step < shared.max()]
    enough = [step for step in rounded if (shared > step).sum() <= most]
    return (enough or rounded[-1:] or [0.0])[0]


def _layout(
    nx: Any, graph: Any, names: list[str], values: Floats, seed: np.random.Generator
) -> dict[str, tuple[float, float]]:
    """Place joined actors by springs, from -1 to 1; pairs that are not drawn pull less."""
    springs = nx.Graph()
    springs.add_nodes_from(names)
    drawn = np.array([[graph.has_edge(a, b) for b in names] for a in names])
    weights = np.triu(np.nan_to_num(values) * np.where(drawn, 1, UNDRAWN), 1)
    pulls = [(names[a], names[b], float(weights[a, b])) for a, b in np.argwhere(weights > 0)]
    springs.add_weighted_edges_from(pulls)
    k = 2.2 / np.sqrt(len(names))
    number = int(seed.integers(2**31))  # networkx knows only the older kind of generators
    found = nx.spring_layout(springs, seed=number, k=k, iterations=300, weight="weight")
    points = np.array([found[name] for name in names])
    points -= (points.max(axis=0) + points.min(axis=0)) / 2
    furthest = np.abs(points).max(axis=0)
    points /= np.where(furthest > 0, furthest, 1)
    points = placing.spread(points, 1.1 / np.sqrt(len(names)), within=1.0)
    return {name: (float(x), float(y)) for name, (x, y) in zip(names, points, strict=True)}
