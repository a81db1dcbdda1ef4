"""Agreement and positions as graphs, for networkx and the programs that read its files."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from camdata.chance import NullModel
from camdata.clustering import check_agreement
from camdata.labels import Labeling, as_labels
from camdata.positions import STATEMENTS, as_tally
from camdata.schema import did_you_mean, need

if TYPE_CHECKING:
    import networkx as nx

SIGNS = {1: "positive", -1: "negative", 0: "neutral"}
FORMATS = (".graphml", ".gexf", ".csv")


def to_networkx(
    table: pd.DataFrame,
    *,
    actors: pd.DataFrame | None = None,
    clusters: Labeling | None = None,
    threshold: float = 0.0,
    backbone: NullModel | None = None,
) -> nx.Graph[str]:
    """Turn agreement into a graph of actors, or positions into one of actors and codes.

    Parameters
    ----------
    table : pandas.DataFrame
        Agreement (actors × actors) for a graph of actors; positions or a tally (actors × codes or
        dimensions) for the two-mode graph.
    actors : pandas.DataFrame, optional
        ``Meeting.actors``: its columns become attributes of the nodes, what is missing is left out.
    clusters : Clusters, Series or mapping, optional
        Labels become the attribute `cluster` of the actors that have one.
    threshold : float
        For agreement: only pairs above it are joined.
    backbone : NullModel, optional
        For agreement: only its significant pairs are joined, which may be none.

    Returns
    -------
    networkx.Graph
        Every actor is a node, joined or not, with `mode` ("actor") and, where the table knows it,
        `statements`. Edges of agreement have `weight`. In the two-mode graph the codes are nodes
        with `mode` ("code" or "dimension"), `bipartite` is 0 for actors and 1 for codes, and an
        edge has `weight` (statements), `stance` (1, -1, or 0 where both are recorded; the mean of
        an ordinal scale) and `sign` ("positive", "negative" or "both"; "neutral" for level 0
        of an ordinal scale).

    Raises
    ------
    ValueError
        If a code has the name of an actor, or `threshold` or `backbone` is given for positions.
    ImportError
        Without networkx, which comes with ``camdata[networks]``.

    Examples
    --------
    >>> import camdata as cam
    >>> meeting = cam.load_meeting()
    >>> agreement = cam.agreement(meeting.positions())
    >>> graph = cam.to_networkx(agreement, actors=meeting.actors, clusters=cam.cluster(agreement))
    >>> graph.number_of_nodes(), graph.nodes["Peru"]["process"], graph.degree["Bolivia"]
    (14, 'SACM', 0)
    """
    graph: nx.Graph[str] = need("networkx", "networks").Graph()
    statements = table.attrs.get(STATEMENTS, {})
    if list(table.index) == list(table.columns):
        _add_actors(graph, table, actors, clusters, statements)
        _join_agreeing(graph, table, threshold, backbone)
    else:
        if threshold or backbone is not None:
            raise ValueError("`threshold` and `backbone` are for agreement, not for positions.")
        tally = as_tally(table)
        _add_actors(graph, table, actors, clusters, statements)
        _join_codes(graph, tally)
    return graph


def _add_actors(
    graph: nx.Graph[str],
    table: pd.DataFrame,
    actors: pd.DataFrame | None,
    clusters: Labeling | None,
    statements: dict[str, int],
) -> None:
    described = {} if actors is None else actors.set_index("actor").to_dict("index")
    labels = pd.Series(dtype="Int64") if clusters is None else as_labels(clusters)
    for actor in table.index:
        attributes: dict[str, Any] = {"mode": "actor"}
        for name, value in described.get(actor, {}).items():
            if not pd.isna(value):
                attributes[str(name)] = value.item() if isinstance(value, np.generic) else value
        if actor in statements:
            attributes["statements"] = int(statements[actor])
        if actor in labels.index and not pd.isna(labels[actor]):
            attributes["cluster"] = int(labels[actor])
        graph.add_node(str(actor), **attributes)


def _join_agreeing(
    graph: nx.Graph[str], table: pd.DataFrame, threshold: float, backbone: NullModel | None
) -> None:
    values = check_agreement(table, bounded=False)
    names = [str(name) for name in table.index]
    kept = None
    if backbone is not None:
        pairs = backbone.backbone
        kept = {frozenset(pair) for pair in zip(pairs["actor"], pairs["other"], strict=True)}
    above = np.triu(np.where(np.isnan(values), False, values > threshold), 1)
    for a, b in np.argwhere(above).tolist():
        if kept is None or frozenset((names[a], names[b])) in kept:
            graph.add_edge(names[a], names[b], weight=float(values[a, b]))


def _join_codes(graph: nx.Graph[str], tally: pd.DataFrame) -> None:
    mode = str(tally.columns.names[0] or "code")
    nodes = [str(name) for name in tally.columns.get_level_values(0).drop_duplicates()]
    same = sorted(set(nodes) & set(graph))
    if same:
        raise ValueError(f"These names are both of an actor and of a {mode}: {', '.join(same)}.")
    for actor in graph:
        graph.nodes[actor]["bipartite"] = 0
    graph.add_nodes_from(nodes, mode=mode, bipartite=1)
    ordinal = not set(tally.columns.get_level_values("stance")) <= {1, -1}
    long = tally.melt(ignore_index=False, value_name="weight").reset_index()
    long.columns = pd.Index(["actor", "code", "stance", "weight"])
    for _, cell in long[long["weight"] > 0].groupby(["actor", "code"], sort=False):
        actor, code = cell["actor"].iloc[0], cell["code"].iloc[0]
        stance = float(cell["stance"].astype("float64").mean())
        number = stance if ordinal else int(stance)
        sign = "both" if len(cell) > 1 else SIGNS[int(np.sign(stance))]
        weight = int(cell["weight"].sum())
        graph.add_edge(str(actor), str(code), weight=weight, stance=number, sign=sign)


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
    >>> graph = cam.to_networkx(cam.load_meeting().positions())
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
