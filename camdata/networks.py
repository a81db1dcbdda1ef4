"""Agreement and positions as graphs, for networkx and the programs that read its files."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from camdata._checks import check_number, need
from camdata._words import did_you_mean, listed
from camdata.chance import NullModel
from camdata.clustering import Clusters
from camdata.counts import Tally, as_tally
from camdata.labels import Labeling, as_labels
from camdata.measures import Agreement, as_agreement

if TYPE_CHECKING:
    import networkx as nx

SIGNS = {1: "positive", -1: "negative", 0: "neutral"}
FORMATS = (".graphml", ".gexf", ".csv")


def to_networkx(
    table: Agreement | Clusters | Tally | pd.DataFrame,
    *,
    clusters: Labeling | None = None,
    threshold: float = 0.0,
    backbone: NullModel | None = None,
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
        For agreement: only pairs above it are joined.
    backbone : NullModel, optional
        For agreement: only its significant pairs are joined, which may be none.

    Returns
    -------
    networkx.Graph
        Every actor is a node, joined or not, with `mode` ("actor"), what the meeting's table of
        actors says of it, and, where the tally knows it, `statements`. Edges of agreement have
        `weight`. In the two-mode graph the codes are nodes with `mode` ("code" or "dimension") and
        `label`, `bipartite` is 0 for actors and 1 for codes, and an edge has `weight` (statements
        as the tally counts them), `stance` (1, -1, or 0 where both are recorded; the mean of an
        ordinal scale) and `sign` ("positive", "negative" or "both"; "neutral" for level 0 of an
        ordinal scale).

    Raises
    ------
    ValueError
        If a code has the name of an actor, or `threshold` or `backbone` is given for a tally.
    ImportError
        Without networkx, which comes with ``camdata[networks]``.

    Examples
    --------
    >>> import camdata as cam
    >>> clusters = cam.cluster(cam.agreement(cam.load_meeting().tally()))
    >>> graph = cam.to_networkx(clusters)
    >>> graph.number_of_nodes(), graph.nodes["Peru"]["process"], graph.degree["Bolivia"]
    (14, 'SACM', 0)
    """
    graph: nx.Graph[str] = need("networkx", "networks").Graph()
    check_number("threshold", threshold)
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
        raise TypeError(f"Expected agreement, clusters or a tally, got {type(table).__name__}.")
    return graph


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
    for actor in actors:
        attributes: dict[str, Any] = {"mode": "actor"}
        for name, value in described.get(actor, {}).items():
            if not pd.isna(value):
                attributes[str(name)] = value.item() if isinstance(value, np.generic) else value
        if actor in statements:
            attributes["statements"] = int(statements[actor])
        if actor in labels.index and not pd.isna(labels[actor]):
            attributes["cluster"] = int(labels[actor])
        graph.add_node(actor, **attributes)


def _join_agreeing(
    graph: nx.Graph[str], agreement: Agreement, threshold: float, backbone: NullModel | None
) -> None:
    values, names = agreement.values, agreement.actors
    kept = None
    if backbone is not None:
        pairs = backbone.backbone
        kept = {frozenset(pair) for pair in zip(pairs["actor"], pairs["other"], strict=True)}
    above = np.triu(np.where(np.isnan(values), False, values > threshold), 1)
    for a, b in np.argwhere(above).tolist():
        if kept is None or frozenset((names[a], names[b])) in kept:
            graph.add_edge(names[a], names[b], weight=float(values[a, b]))


def _join_codes(graph: nx.Graph[str], tally: Tally) -> None:
    same = sorted(set(tally.keys) & set(graph))
    if same:
        raise ValueError(f"{listed(same)}: a name both of an actor and of a {tally.by}.")
    for actor in graph:
        graph.nodes[actor]["bipartite"] = 0
    for key, label in zip(tally.keys, tally.labels, strict=True):
        graph.add_node(key, mode=tally.by, bipartite=1, label=label)
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
    ValueError
        For another suffix.
    ImportError
        Without networkx, which comes with ``camdata[networks]``.

    Notes
    -----
    The same graph gives the same bytes: the date that GEXF files usually carry is left out.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> import camdata as cam
    >>> graph = cam.to_networkx(cam.load_meeting().tally())
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder) / "positions.graphml"
    ...     cam.write_graph(graph, path)
    ...     path.stat().st_size > 0
    True
    """
    nx = need("networkx", "networks")
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix not in FORMATS:
        raise ValueError(
            f"The suffix of a graph's file must be one of {list(FORMATS)}, but "
            f"{did_you_mean(suffix, FORMATS)} was passed."
        )
    if suffix == ".csv":
        matrix = nx.to_pandas_adjacency(graph, weight="weight")
        matrix.to_csv(path, encoding="utf-8", lineterminator="\n")
        return
    if suffix == ".gexf":
        text = "\n".join(nx.generate_gexf(graph))
        text = re.sub(r' lastmodifieddate="[^"]*"', "", text)
    else:
        text = "\n".join(nx.generate_graphml(graph))
        text = "<?xml version='1.0' encoding='utf-8'?>\n" + text
    path.write_text(text + "\n", encoding="utf-8", newline="\n")
