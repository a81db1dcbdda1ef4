"""Agreement and positions as graphs, for networkx and the programs that read its files."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from camdata._display.checks import (
    check_choice,
    check_number,
    check_path,
    import_optional,
    wrong_type,
)
from camdata._display.files import write_file
from camdata._display.results import Result
from camdata._display.words import join_names, with_suggestion
from camdata.analysis.chance import NullModel
from camdata.analysis.clustering import Clusters
from camdata.analysis.labels import Labeling, as_labels
from camdata.analysis.measures import Agreement, as_agreement
from camdata.model.tally import Tally, as_tally

if TYPE_CHECKING:
    import networkx as nx

SIGNS = {1: "positive", -1: "negative", 0: "neutral"}
FORMATS = (".graphml", ".gexf", ".csv")
OWN = ("mode", "statements", "cluster", "bipartite", "degree", "betweenness")
"""Attributes that a graph of ours has."""
TAKEN = (*OWN, "id", "pid", "parents", "start", "end", "slices", "spells", "viz", "key")
"""Those, and the ones that GEXF takes for its own."""


def to_networkx(
    table: Agreement | Clusters | Tally | pd.DataFrame,
    *,
    clusters: Labeling | None = None,
    threshold: float = 0.0,
    backbone: NullModel | None = None,
    centrality: bool = False,
) -> nx.Graph[str]:
    """Turn agreement into a graph of actors, or a tally into one of actors and codes.

    Parameters
    ----------
    table : Agreement, Clusters, Tally or pandas.DataFrame
        Agreement (or the clusters made of it, whose labels come along) for a graph of actors; a
        tally for the two-mode graph of actors and codes. A square frame with the same names on both
        axes is taken as agreement, any other frame as positions.
    clusters : Clusters, Series or mapping, optional
        Labels become the attribute `cluster` of the actors that have one.
    threshold : float
        For agreement: only pairs above it are joined, by default those that agree more than not at
        all. Ties that are negative (``s``, ``pi``, ``kappa``, ``subtract``) are kept, as negative
        weights, with a threshold below the lowest.
    backbone : NullModel, optional
        For agreement: only its significant pairs are joined, which may be none.
    centrality : bool
        Whether nodes get `degree` (the sum of the weights of their edges, as absolute values) and
        `betweenness` (Freeman 1977, doi:10.2307/3033543; the share of shortest paths, in edges,
        that run through a node). In a dense graph nearly all betweenness is 0: set a `threshold`.

    Returns
    -------
    networkx.Graph
        Every actor is a node, joined or not, with `mode` ("actor"), what the meeting's table of
        actors says of it (numbers and text as they are, anything else as text; a column whose name
        is taken, such as ``mode`` or ``id``, with a ``_`` after it), and, where the tally knows it,
        `statements`. Edges of agreement have
        `weight`. In the two-mode graph the codes are nodes with `mode` ("code" or "dimension") and
        `label`, `bipartite` is 0 for actors and 1 for codes, and an edge has `weight` (statements
        as the tally counts them), `stance` (1, -1, or 0 where both are recorded; the mean of an
        ordinal scale) and `sign` ("positive", "negative" or "both"; "neutral" for level 0 of an
        ordinal scale).

    Raises
    ------
    ValueError, TypeError
        If a code has the name of an actor, `clusters` or `backbone` is about actors that are not
        there, or `threshold` or `backbone` is given for a tally.
    ImportError
        Without networkx, which comes with ``camdata[networks]``.

    Examples
    --------
    >>> import camdata as cam
    >>> clusters = cam.cluster(cam.agreement(cam.load_meeting().tally()))
    >>> graph = cam.analysis.to_networkx(clusters)
    >>> graph.number_of_nodes(), graph.nodes["Peru"]["process"], graph.degree["Bolivia"]
    (14, 'SACM', 0)
    """
    graph: nx.Graph[str] = import_optional("networkx", "networks").Graph()
    threshold = check_number("threshold", threshold)
    if backbone is not None and not isinstance(backbone, NullModel):
        raise wrong_type("backbone", "a NullModel", backbone)
    if isinstance(table, pd.DataFrame):
        square = list(table.index) == list(table.columns)
        table = as_agreement(table) if square else as_tally(table)
    if isinstance(table, Clusters):
        clusters = table if clusters is None else clusters
        table = table.agreement
    if isinstance(table, Agreement):
        _add_actors(graph, table.actors, table.tally, clusters)
        _join_agreeing(graph, table, threshold, backbone)
    elif isinstance(table, Tally):
        if threshold or backbone is not None:
            raise ValueError("`threshold` and `backbone` are for agreement, not for a tally.")
        _add_actors(graph, table.actors, table, clusters)
        _join_codes(graph, table)
    else:
        raise wrong_type("table", "agreement, clusters, a tally or a DataFrame of them", table)
    if centrality:
        through = import_optional("networkx", "networks").betweenness_centrality(graph)
        for node, attributes in graph.nodes(data=True):
            weights = (abs(edge["weight"]) for edge in graph[node].values())
            attributes.update(degree=float(sum(weights)), betweenness=float(through[node]))
    return graph


@dataclass(frozen=True, eq=False, repr=False)
class Brokers(Result):
    """Which actors agree beyond their own cluster.

    Attributes
    ----------
    table : pandas.DataFrame
        Index `actor`, those of whom most agreement lies outside first: `cluster` (Int64), `own` and
        `other` (mean agreement with the own cluster, and with the other one that it agrees most
        with), `nearest` (Int64, that one), `n` (int, pairs with a value) and `participation` (0
        where all agreement is inside one cluster, to 1 - 1/k where it is spread evenly over k;
        Guimerà & Amaral 2005, doi:10.1038/nature03288). Also as `frame`.
    """

    table: pd.DataFrame

    @property
    def frame(self) -> pd.DataFrame:
        return self.table

    @property
    def summary(self) -> str:
        """Who agrees at least as much with another cluster as with the own one."""
        between = self.table[self.table["other"] >= self.table["own"]]
        if not len(between):
            return "Every actor agrees more with its own cluster than with any other."
        words = join_names(f"{name} ({row['nearest']})" for name, row in between.iterrows())
        return f"At least as close to another cluster as to their own: {words}."


def brokers(clusters: Clusters) -> Brokers:
    """Find actors between clusters, by the agreement that they have inside and outside.

    Parameters
    ----------
    clusters : Clusters
        With their agreement; negative agreement counts as none for `participation`.

    Returns
    -------
    Brokers

    Examples
    --------
    >>> import camdata as cam
    >>> clusters = cam.cluster(cam.agreement(cam.load_meeting().tally()), 2)
    >>> cam.analysis.brokers(clusters).frame.columns.tolist()
    ['cluster', 'own', 'other', 'nearest', 'n', 'participation']
    """
    if not isinstance(clusters, Clusters):
        raise wrong_type("clusters", "Clusters (from camdata.cluster)", clusters)
    values, labels = clusters.agreement.frame, clusters.labels
    values = values.mask(np.eye(len(values), dtype=bool))
    placed = labels.dropna().index
    by_cluster = values.loc[placed, placed].T.groupby(labels[placed])
    mean, ties = by_cluster.mean().T, by_cluster.sum().T.clip(lower=0)
    own = pd.Series({name: mean.at[name, labels[name]] for name in placed}, dtype="float64")
    others = mean.where(~np.equal.outer(labels[placed].to_numpy(), mean.columns.to_numpy()))
    spread = ties.div(ties.sum(axis=1), axis=0)
    nearest = others.fillna(-np.inf).idxmax(axis=1).where(others.notna().any(axis=1))
    table = pd.DataFrame(
        {
            "cluster": labels[placed],
            "own": own,
            "other": others.max(axis=1),
            "nearest": nearest.astype("Int64"),
            "n": values.loc[placed, placed].notna().sum(axis=1),
            "participation": 1 - (spread**2).sum(axis=1, skipna=False),
        }
    )
    return Brokers(table.sort_values("participation", ascending=False, kind="stable"))


def _add_actors(
    graph: nx.Graph[str],
    actors: tuple[str, ...],
    tally: Tally | None,
    clusters: Labeling | None,
) -> None:
    described: dict[Any, Any] = {}
    statements: dict[Any, Any] = {}
    if tally is not None and tally.attributes is not None:
        described = tally.attributes.to_dict("index")
    if tally is not None and tally.statements is not None:
        statements = tally.statements.to_dict()
    labels = pd.Series(dtype="Int64") if clusters is None else as_labels(clusters)
    _check_there("clusters", labels.dropna().index, actors)
    for actor in actors:
        attributes: dict[str, Any] = {"mode": "actor"}
        for column, value in described.get(actor, {}).items():
            name = str(column)
            while name in TAKEN or name in attributes:
                name += "_"
            if (plain := _plain(value)) is not None:
                attributes[name] = plain
        if actor in statements:
            attributes["statements"] = int(statements[actor])
        if actor in labels.index and not pd.isna(labels[actor]):
            attributes["cluster"] = int(labels[actor])
        graph.add_node(actor, **attributes)


def _check_there(argument: str, named: Iterable[object], actors: tuple[str, ...]) -> None:
    strange = sorted({str(name) for name in named} - set(actors))
    if strange:
        raise ValueError(
            f"`{argument}` is about actors that are not there: "
            f"{join_names(with_suggestion(name, actors) for name in strange)}."
        )


def _plain(value: Any) -> str | bool | int | float | None:
    """Return a value as every format can hold it, nothing where it is missing."""
    if isinstance(value, np.bool_ | np.integer | np.floating | np.str_):
        value = value.item()
    if pd.isna(value):
        return None
    return value if isinstance(value, str | bool | int | float) else str(value)


def _join_agreeing(
    graph: nx.Graph[str], agreement: Agreement, threshold: float, backbone: NullModel | None
) -> None:
    values, names = agreement.values, agreement.actors
    kept = None
    if backbone is not None:
        pairs = backbone.backbone
        _check_there("backbone", [*pairs["actor"], *pairs["other"]], names)
        kept = {frozenset(pair) for pair in zip(pairs["actor"], pairs["other"], strict=True)}
    above = np.triu(np.where(np.isnan(values), False, values > threshold), 1)
    for a, b in np.argwhere(above).tolist():
        if kept is None or frozenset((names[a], names[b])) in kept:
            graph.add_edge(names[a], names[b], weight=float(values[a, b]))


def _join_codes(graph: nx.Graph[str], tally: Tally) -> None:
    same = sorted(set(tally.keys) & set(graph))
    if same:
        raise ValueError(f"{join_names(same)}: a name both of an actor and of a {tally.by}.")
    for node in graph:
        graph.nodes[node]["bipartite"] = 0
    for name, label in zip(tally.keys, tally.labels, strict=True):
        graph.add_node(name, mode=tally.by, bipartite=1, label=label)
    held: dict[tuple[int, int], list[tuple[int, int]]] = {}
    cells = tally.cells
    for actor, key, level, number in zip(
        cells.actor.tolist(),
        cells.key.tolist(),
        cells.stance.tolist(),
        cells.count.tolist(),
        strict=True,
    ):
        held.setdefault((actor, key), []).append((tally.stances[level], number))
    for (actor, key), levels in held.items():
        stance = sum(level for level, _ in levels) / len(levels)
        graph.add_edge(
            tally.actors[actor],
            tally.keys[key],
            weight=sum(number for _, number in levels),
            stance=stance if tally.ordinal else int(stance),
            sign="both" if len(levels) > 1 else SIGNS[int(np.sign(stance))],
        )


def write_graph(graph: nx.Graph[str], path: str | Path) -> None:
    """Write a graph for Gephi, visone and others.

    Parameters
    ----------
    graph : networkx.Graph
        From `to_networkx`, or any other.
    path : str or pathlib.Path
        The file. Its suffix says the format: ``.graphml`` (Gephi, visone, igraph), ``.gexf``
        (Gephi), or ``.csv``, the adjacency matrix of the weights (UCINET, R).

    Raises
    ------
    ValueError, TypeError
        For another suffix, and where the format cannot hold an attribute or a name of the graph
        (control characters, say). Nothing is written then.
    ImportError
        Without networkx, which comes with ``camdata[networks]``.

    Notes
    -----
    The same graph gives the same bytes: the date that GEXF files usually carry is left out.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> import camdata as cam
    >>> graph = cam.analysis.to_networkx(cam.load_meeting().tally())
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder) / "positions.graphml"
    ...     cam.analysis.write_graph(graph, path)
    ...     path.stat().st_size > 0
    True
    """
    nx = import_optional("networkx", "networks")
    if not isinstance(graph, nx.Graph):
        raise wrong_type("graph", "a graph of networkx", graph)
    path = check_path("path", path)
    suffix = path.suffix.lower()
    check_choice("the suffix of path", suffix, FORMATS)
    buffer = io.BytesIO()
    try:
        if suffix == ".csv":
            nx.to_pandas_adjacency(graph, weight="weight").to_csv(buffer, lineterminator="\n")
        elif suffix == ".gexf":
            nx.write_gexf(graph, buffer)
        else:
            nx.write_graphml_xml(graph, buffer)
    except (TypeError, ValueError, nx.NetworkXException) as error:
        raise ValueError(f"A file {suffix} cannot hold this graph: {error}") from error
    if re.search(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]", buffer.getvalue()):
        raise ValueError(f"A file {suffix} cannot hold control characters, which a name here has.")
    # the date that GEXF files carry would make the same graph another file every day
    write_file(path, re.sub(rb' lastmodifieddate="[^"]*"', b"", buffer.getvalue(), count=1))
