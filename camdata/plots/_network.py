"""Agreement as a network of those who share enough to be joined."""

from __future__ import annotations

from typing import Any, Unpack

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from camdata._display.checks import Seed, check_seed, need
from camdata._display.words import count, did_you_mean, listed
from camdata.analysis.chance import NullModel
from camdata.analysis.clustering import Clusters, cluster
from camdata.analysis.measures import Agreement, as_agreement
from camdata.analysis.networks import to_networkx
from camdata.model.tally import Tally
from camdata.plots import _chart, _look, _style
from camdata.plots._placing import Point, keep, name_points, roomy, sentence, spread

Floats = NDArray[np.float64]

PAIRS_PER_ACTOR = 2
"""With more pairs than this for each actor, lines can no longer be followed."""

UNDRAWN = 0.25
"""The pull of a pair that is not drawn, for one that is."""

MARKERS = "osD^vPXp"


@_look.signed
def network(
    clusters: Clusters | Agreement | pd.DataFrame,
    *,
    threshold: float | None = None,
    backbone: NullModel | None = None,
    by_attribute: str | None = None,
    seed: Seed = 0,
    **look: Unpack[_look.Look],
) -> Axes:
    """Draw agreement as a network.

    Parameters
    ----------
    clusters : Clusters, Agreement or pandas.DataFrame
        Clusters, whose colors and numbers the actors take; an agreement (or a square table of your
        own) is clustered by `camdata.cluster` where it lies between 0 and 1.
    threshold : float, optional
        Only pairs above it are joined. By default 0, or, where more than two pairs for each actor
        share something, the smallest round number that leaves no more than that; the title says it.
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
        that is known. Unplaced actors are hollow, and who is joined with nobody is named below.
        Distances are those of a spring layout and mean nothing exact; `camdata.plots.map` draws
        distances.

    Raises
    ------
    ValueError
        For an attribute that the actors do not have.
    ImportError
        Without networkx, which comes with ``camdata[networks]``.

    Examples
    --------
    >>> import camdata as cam
    >>> clusters = cam.cluster(cam.agreement(cam.load_meeting().tally()), n_clusters=3)
    >>> print(cam.plots.network(clusters, figsize=10).get_title(loc="left"))
    Shared recorded positions: 14 actors, 16 of 51 pairs, above 0.5
    (Jaccard coefficient, 4 dimensions, 38 statements)
    """
    nx = need("networkx", "networks")
    generator = check_seed(seed)
    own = clusters if isinstance(clusters, Clusters) else None
    given = as_agreement(clusters.agreement if isinstance(clusters, Clusters) else clusters)
    groups = None if by_attribute is None else _attribute(given.tally, by_attribute)
    if own is None and groups is None and given.bounded:
        own = cluster(given)
    # alphabetical order makes the layout independent of the order of rows
    order = sorted(range(len(given.actors)), key=lambda i: given.actors[i])
    values = given.values[np.ix_(order, order)]
    names = [given.actors[i] for i in order]
    if threshold is None:
        threshold = 0.0 if backbone is not None else readable(given.pairs, len(names))
    graph = to_networkx(given, clusters=own, threshold=threshold, backbone=backbone)
    joined = [name for name in names if graph.degree[name] > 0]
    if not joined:
        return _empty(given, threshold, backbone, look)
    inside = np.array([names.index(name) for name in joined])
    place = _layout(nx, graph, joined, values[np.ix_(inside, inside)], generator)
    wide = 2.2 + 1.05 * np.sqrt(len(joined))
    with _chart.drawing((wide, 0.85 * wide), tally=given.tally, **look) as chart:
        ax = chart.ax
        roomy(chart, chart.actors(joined))
        ax.set(xlim=(-1.3, 1.3), ylim=(-1.14, 1.14))
        ax.set_axis_off()
        weights: dict[tuple[str, str], float] = {
            (a, b): edge["weight"] for a, b, edge in graph.edges(data=True)
        }
        largest = max(weights.values())
        for (a, b), weight in weights.items():
            thick = 0.5 + 4.0 * max(weight, 0) / (largest if largest > 0 else 1)
            ends = zip(place[a], place[b], strict=True)
            ax.plot(*ends, color="#b4bfca", lw=thick, zorder=1, gid="pair")
        dots = _Dots(chart, graph, joined, place, groups)
        keep(chart, dots.name)
        if groups is None:
            if own is not None:
                chart.note("number and color: cluster")
                if any("cluster" not in graph.nodes[name] for name in joined):
                    chart.note("hollow: unplaced")
        else:
            chart.legend(dots.legend(f"no {by_attribute}"))
        if dots.most:
            chart.note(f"size: statements recorded, up to {dots.most}")
        chart.note("width: agreement")
        alone = [chart.actor(name) for name in given.actors if name not in place]
        if alone:
            chart.note(f"joined with nobody: {listed(alone, 20)}")
        pairs = count(graph.number_of_edges(), "pair")
        chart.says(
            _title(given, graph.number_of_edges(), threshold, backbone),
            f"Network of {count(len(given.actors), 'actor')}: {pairs} joined"
            + (f"; joined with nobody: {listed(alone)}." if alone else "."),
        )
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


def _attribute(tally: Tally | None, name: str) -> dict[str, str]:
    """Return what an attribute of the actors says of each of whom it says anything."""
    table = None if tally is None else tally.attributes
    if table is None or name not in table:
        known = [] if table is None else list(table.columns)
        raise ValueError(
            f"The actors have no attribute {did_you_mean(name, known)}; they have "
            f"{listed(known) or 'none'}."
        )
    return {str(actor): str(value) for actor, value in table[name].dropna().items()}


def _title(agreement: Agreement, joined: int, threshold: float, backbone: NullModel | None) -> str:
    actors = count(len(agreement.actors), "actor")
    known = f"({agreement.label}{_look.about(agreement.tally)})"
    if backbone is not None:
        pairs = count(joined, "pair")
        return f"Backbone: {actors}, {pairs} sharing more than chance would give\n{known}"
    shared = int((agreement.pairs > 0).sum())
    if threshold == 0:
        pairs = f"{count(shared, 'pair')} sharing something"
    elif threshold > 0:
        pairs = f"{joined:,} of {count(shared, 'pair')}, above {threshold:g}"
    else:
        pairs = f"{count(joined, 'pair')} above {threshold:g}"
    return f"Shared recorded positions: {actors}, {pairs}\n{known}"


def _empty(
    agreement: Agreement, threshold: float, backbone: NullModel | None, look: _look.Look
) -> Axes:
    """Say in one sentence that nobody is joined."""
    if backbone is not None:
        title = "Backbone: empty"
        words = (
            f"None of {count(len(backbone.table), 'pair')} shares more than the activity of actors "
            "and the popularity of positions would give, so nobody is joined with anybody."
        )
    else:
        title = f"Shared recorded positions: no pair above {threshold:g}"
        words = f"No two of {count(len(agreement.actors), 'actor')} share so much."
    with _chart.drawing((4.6, 0.3), tally=agreement.tally, **look) as chart:
        sentence(chart, words)
        chart.says(title, words)
    return chart.ax


class _Dots:
    """The actors of a network: dots with their colors, sizes and names."""

    def __init__(
        self,
        chart: _chart.Chart,
        graph: Any,
        names: list[str],
        place: dict[str, tuple[float, float]],
        groups: dict[str, str] | None,
    ) -> None:
        self.chart = chart
        self.names = names
        self.place = place
        self.groups = groups
        statements = [graph.nodes[name].get("statements") for name in names]
        self.most = 0 if None in statements else max(statements)
        self.area = [50 + 330 * (s or 0) / max(self.most, 6) for s in statements]
        kinds = sorted(set((groups or {}).values()))
        self.colors = chart.colors(kinds)
        self.markers = {kind: MARKERS[i % len(MARKERS)] for i, kind in enumerate(kinds)}
        self.dots = [self._dot(name, graph.nodes[name].get("cluster")) for name in names]

    def _dot(self, name: str, cluster: int | None) -> Any:
        chart, marker, number = self.chart, "o", ""
        color: Any = chart.ground
        if self.groups is not None:
            kind = self.groups.get(name)
            marker, color = self.markers.get(kind or "", "o"), self.colors.get(kind or "", color)
        elif cluster is not None:
            color, number = chart.cluster_color(cluster), str(cluster)
        edge = chart.ink if color is chart.ground else chart.ground
        x, y = self.place[name]
        if number:
            chart.ax.text(
                x,
                y,
                number,
                ha="center",
                va="center",
                zorder=3,
                fontsize=chart.font(0.78),
                fontweight="bold",
                color=_style.ink_on(color),
                gid=f"cluster {number}",
            )
        return chart.ax.scatter(
            x, y, fc=color, ec=edge, lw=1.2, marker=marker, zorder=2, gid=f"actor {name}"
        )

    def legend(self, without: str) -> list[Line2D]:
        looks = [(kind, self.markers[kind], self.colors[kind]) for kind in self.colors]
        groups = self.groups or {}
        if any(name not in groups for name in self.names):
            looks.append((without, "o", self.chart.ground))
        return [
            Line2D(
                [],
                [],
                ls="",
                marker=marker,
                mfc=color,
                mec=self.chart.ink if color is self.chart.ground else color,
                ms=self.chart.font(0.8),
                label=kind,
            )
            for kind, marker, color in looks
        ]

    def name(self) -> None:
        """Give the dots sizes that suit the room there is, and write the names beside them."""
        wide, high = self.chart.inches()
        room = wide * high / len(self.names)
        fit = float(np.clip(room / 1.2, 0.3, 1)) * self.chart.unit**2
        points = []
        for dot, name, area in zip(self.dots, self.names, self.area, strict=True):
            dot.set_sizes([area * fit])
            radius = float(np.sqrt(area * fit)) / 2 + 0.6
            points.append(Point(self.chart.actor(name), *self.place[name], radius))
        name_points(self.chart.ax, points, fontsize=self.chart.font())


def _layout(
    nx: Any, graph: Any, names: list[str], values: Floats, seed: np.random.Generator
) -> dict[str, tuple[float, float]]:
    """Place joined actors by springs, from -1 to 1; pairs that are not drawn pull less."""
    springs = nx.Graph()
    springs.add_nodes_from(names)
    drawn = np.array([[graph.has_edge(a, b) for b in names] for a in names])
    weights = np.triu(np.nan_to_num(values) * np.where(drawn, 1, UNDRAWN), 1)
    springs.add_weighted_edges_from(
        (names[a], names[b], float(weights[a, b])) for a, b in np.argwhere(weights > 0)
    )
    k = 2.2 / np.sqrt(len(names))
    number = int(seed.integers(2**31))  # networkx knows only the older kind of generators
    found = nx.spring_layout(springs, seed=number, k=k, iterations=300, weight="weight")
    points = np.array([found[name] for name in names])
    points -= (points.max(axis=0) + points.min(axis=0)) / 2
    furthest = np.abs(points).max(axis=0)
    points /= np.where(furthest > 0, furthest, 1)
    points = spread(points, 1.1 / np.sqrt(len(names)), within=1.0)
    return {name: (float(x), float(y)) for name, (x, y) in zip(names, points, strict=True)}
