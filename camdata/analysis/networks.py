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

from camdata._display import checks
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
OWN = "mode statements cluster bipartite degree betweenness"
TAKEN = f"{OWN} id pid parents start end slices spells viz key".split()
"""Attributes that a graph of ours has, and those that GEXF takes for its own."""


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
    graph: nx.Graph[str] = checks.import_optional("networkx", "networks").Graph()
    threshold = checks.check_number("threshold", threshold)
    if backbone is not None and not isinstance(backbone, NullModel):
        raise checks.wrong_type("backbone", "a NullModel", backbone)
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
        raise checks.wrong_type(
            "table", "agreement, clusters, a tally or a DataFrame of them", table
        )
    if centrality:
        through = checks.import_optional("networkx", "networks").betweenness_centrality(graph)
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
    def summary(self) -> str:
        """Who agrees at least as much with another cluster as with the own one."""
        between = self.table[self.table["other"] >= self.table["own"]]
        if not len(between):
            return "Every actor agrees more with its own cluster than with any other."
        words = join_names(f"{name} ({near})" for name, near in between["nearest"].items())
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
        raise checks.wrong_type("clusters", "Clusters (from camdata.cluster)", clusters)
    labels = clusters.labels.dropna()
    values = clusters.agreement.frame.loc[labels.index, labels.index]
    values = values.mask(np.eye(len(values), dtype=bool))
    by_cluster = values.T.groupby(labels)
    mean, ties = by_cluster.mean().T, by_cluster.sum().T.clip(lower=0)
    is_own = np.equal.outer(labels.to_numpy(), mean.columns.to_numpy())
    others = mean.mask(is_own)
    spread = ties.div(ties.sum(axis=1), axis=0)
    nearest = others.fillna(-np.inf).idxmax(axis=1).where(others.notna().any(axis=1))
    own, other = mean.where(is_own).max(axis=1), others.max(axis=1)
    table = pd.DataFrame({"cluster": labels, "own": own, "other": other})
    table = table.assign(nearest=nearest.astype("Int64"), n=values.notna().sum(axis=1))
    table["participation"] = 1 - (spread**2).sum(axis=1, skipna=False)
    return Brokers(table.sort_values("participation", ascending=False, kind="stable"))


def _add_actors(
    graph: nx.Graph[str], actors: tuple[str, ...], tally: Tally | None, clusters: Labeling | None
) -> None:
    labels = pd.Series(dtype="Int64") if clusters is None else as_labels(clusters).dropna()
    _check_there("clusters", labels.index, actors)
    known = None if tally is None else tally.attributes
    described: dict[Any, Any] = {} if known is None else known.to_dict("index")
    statements = None if tally is None else tally.statements
    for actor in actors:
        attributes: dict[str, Any] = {"mode": "actor"}
        for column, value in described.get(actor, {}).items():
            name = str(column)
            while name in TAKEN or name in attributes:
                name += "_"
            if not pd.isna(value):  # as every format can hold it
                plain = value.item() if isinstance(value, np.generic) else value
                attributes[name] = (
                    plain if isinstance(plain, str | bool | int | float) else str(plain)
                )
        if statements is not None and actor in statements:
            attributes["statements"] = int(statements[actor])
        if actor in labels:
            attributes["cluster"] = int(labels[actor])
        graph.add_node(actor, **attributes)


def _check_there(argument: str, named: Iterable[str], actors: tuple[str, ...]) -> None:
    if strange := sorted(set(named) - set(actors)):
        near = join_names(with_suggestion(name, actors) for name in strange)
        raise ValueError(f"`{argument}` is about actors that are not there: {near}.")


def _join_agreeing(
    graph: nx.Graph[str], agreement: Agreement, threshold: float, backbone: NullModel | None
) -> None:
    values, names = agreement.values, agreement.actors
    joined = np.triu(np.where(np.isnan(values), False, values > threshold), 1)
    if backbone is not None:
        pairs = backbone.backbone[["actor", "other"]].to_numpy()
        _check_there("backbone", pairs.ravel(), names)
        a, b = pd.Index(names).get_indexer(pd.Index(pairs.ravel())).reshape(-1, 2).T
        kept = np.zeros_like(joined)
        kept[a, b] = kept[b, a] = True
        joined &= kept
    for i, j in np.argwhere(joined).tolist():
        graph.add_edge(names[i], names[j], weight=float(values[i, j]))


def _join_codes(graph: nx.Graph[str], tally: Tally) -> None:
    same = sorted(set(tally.keys) & set(graph))
    if same:
        raise ValueError(f"{join_names(same)}: a name both of an actor and of a {tally.by}.")
    for node in graph:
        graph.nodes[node]["bipartite"] = 0
    for name, label in zip(tally.keys, tally.labels, strict=True):
        graph.add_node(name, mode=tally.by, bipartite=1, label=label)
    cells = pd.DataFrame(vars(tally.cells)).astype("int64")
    cells["stance"] = np.array(tally.stances, dtype="int64")[cells["stance"]]
    found = cells.groupby(["actor", "key"], sort=False).agg(
        weight=("count", "sum"), stance=("stance", "mean"), levels=("stance", "size")
    )
    for (actor, key), weight, stance, levels in found.itertuples(name=None):
        graph.add_edge(
            tally.actors[actor],
            tally.keys[key],
            weight=weight,
            stance=stance if tally.ordinal else int(stance),
            sign="both" if levels > 1 else SIGNS[int(np.sign(stance))],
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
    nx = checks.import_optional("networkx", "networks")
    if not isinstance(graph, nx.Graph):
        raise checks.wrong_type("graph", "a graph of networkx", graph)
    path = checks.check_path("path", path)
    suffix = path.suffix.lower()
    writers: dict[str, Any] = {
        ".graphml": nx.write_graphml_xml,
        ".gexf": nx.write_gexf,
        ".csv": lambda graph, file: nx.to_pandas_adjacency(graph).to_csv(file, lineterminator="\n"),
    }
    checks.check_choice("the suffix of path", suffix, writers)
    buffer = io.BytesIO()
    try:
        writers[suffix](graph, buffer)
    except (TypeError, ValueError, nx.NetworkXException) as error:
        raise ValueError(f"A file {suffix} cannot hold this graph: {error}") from error
    if re.search(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]", buffer.getvalue()):
        raise ValueError(f"A file {suffix} cannot hold control characters, which a name here has.")
    # the date that GEXF files carry would make the same graph another file every day
    write_file(path, re.sub(rb' lastmodifieddate="[^"]*"', b"", buffer.getvalue(), count=1))
