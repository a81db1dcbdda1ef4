"""Agreement becomes clusters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from camdata import _trees
from camdata._checks import check_choice, check_count, need
from camdata._trees import TIE, Flags, Floats, Integers, LinkageMethod
from camdata._words import count, listed
from camdata.labels import members, number_clusters
from camdata.measures import Agreement, as_agreement
from camdata.results import Result

ClusterMethod = Literal["average", "complete", "louvain"]
METHODS = ("average", "complete", "louvain")
UNPLACED = -1


@dataclass(frozen=True, eq=False, repr=False)
class Clusters(Result):
    """Actors in clusters, with everything that led there.

    Attributes
    ----------
    agreement : Agreement
        What was clustered.
    labels : pandas.Series
        Index `actor`, all actors in the order of the agreement; ``Int64``, clusters numbered from
        1 by size and then by who spoke first; ``<NA>`` for an unplaced actor.
    method : str
        How they were made: ``average`` or ``complete`` linkage, or ``louvain``.
    cuts : pandas.DataFrame
        Index `n_clusters`: the cuts that the tree can make (for ``louvain`` the one partition that
        it found). `silhouette` (float, mean over the placed actors, ``NaN`` where it is not
        defined), `singletons` (clusters of one actor, int) and `chosen` (bool).
    linkage : numpy.ndarray
        The tree as scipy writes it, shape (placed - 1, 4), its leaves being `placed`; no rows for
        ``louvain``, which makes no tree.
    placed : tuple of str
        The placed actors, in the order of the leaves' numbers.
    unplaced : pandas.Series
        Index `actor`, for each unplaced actor the reason, in words.
    filled : pandas.DataFrame
        One row per pair of placed actors without a value: `actor`, `other`, and the `distance`
        that stood in for it, the mean of the defined ones.
    seed : int
        The seed that ``louvain`` used.

    Examples
    --------
    >>> import camdata as cam
    >>> clusters = cam.cluster(cam.agreement(cam.load_meeting().tally("code")))
    >>> clusters
    5 clusters of 13 actors (average, silhouette 0.21)
    1: Colombia, Chile, Brazil, El Salvador, Paraguay
    2: United States, Guatemala
    3: Costa Rica, Dominican Republic
    4: Canada, Mexico
    5: Peru, Uruguay
    unplaced: Bolivia (nothing to compare with any actor)
    >>> clusters.labels["Mexico"]
    np.int64(4)
    """

    agreement: Agreement
    labels: pd.Series[int]
    method: str
    cuts: pd.DataFrame
    linkage: Floats
    placed: tuple[str, ...]
    unplaced: pd.Series[str]
    filled: pd.DataFrame
    seed: int = 0

    @property
    def frame(self) -> pd.DataFrame:
        """One row per actor: `cluster` (Int64), `statements` (Int64), `unplaced` (str, the reason).

        `statements` is missing where the tally does not know it.
        """
        labels = self.labels
        tally = self.agreement.tally
        known = None if tally is None else tally.statements
        statements = pd.Series(pd.NA, labels.index) if known is None else known
        return pd.DataFrame(
            {
                "cluster": labels,
                "statements": statements.astype("Int64"),
                "unplaced": self.unplaced.reindex(labels.index).fillna("").astype("str"),
            }
        )

    @property
    def n_clusters(self) -> int:
        """How many clusters there are."""
        return int(self.labels.nunique())

    @property
    def members(self) -> dict[int, list[str]]:
        """The actors of each cluster, in the order of the labels."""
        return members(self.labels)

    @property
    def order(self) -> list[str]:
        """All actors in the order of the dendrogram (or by cluster), the unplaced ones last."""
        if len(self.linkage) == 0:
            placed = [actor for group in self.members.values() for actor in group]
        else:
            placed = [self.placed[leaf] for leaf in _trees.leaves(self.linkage)]
        return placed + self.unplaced.index.tolist()

    @property
    def singletons(self) -> list[str]:
        """The placed actors that are alone in their cluster."""
        return [actors[0] for actors in self.members.values() if len(actors) == 1]

    @property
    def silhouette(self) -> float:
        """The mean silhouette of the chosen cut; ``NaN`` where it is not defined."""
        cuts = self.cuts
        return float(cuts.loc[cuts["chosen"], "silhouette"].iloc[0])

    @property
    def summary(self) -> str:
        """Who is with whom, and who is unplaced, in words."""
        score = "" if np.isnan(self.silhouette) else f", silhouette {self.silhouette:.2f}"
        lines = [
            f"{count(self.n_clusters, 'cluster')} of {count(len(self.placed), 'actor')} "
            f"({self.method}{score})"
        ]
        lines += [
            f"{label}: {', '.join(actors)}{' (a singleton)' if len(actors) == 1 else ''}"
            for label, actors in self.members.items()
        ]
        lines += [f"unplaced: {actor} ({reason})" for actor, reason in self.unplaced.items()]
        if len(self.filled):
            lines.append(f"filled with the mean distance: {count(len(self.filled), 'pair')}")
        return "\n".join(lines)


def check_bounded(agreement: Agreement) -> None:
    """Raise a ValueError unless agreement lies between 0 and 1, so that 1 - it is a distance."""
    defined = agreement.pairs[~np.isnan(agreement.pairs)]
    low, high = (defined.min(), defined.max()) if len(defined) else (0, 0)
    if low < -TIE or high > 1 + TIE:
        raise ValueError(
            f"Agreement must lie between 0 and 1 to be a distance, but goes from {low:g} to "
            f"{high:g}. Use a bounded measure (jaccard, dice, cosine, overlap, matching), counts "
            "with normalization='average', or a measure from -1 to 1 as agreement.rescaled()."
        )


def choose(distance: Floats, linkage: Floats) -> tuple[list[int], Integers, Floats, int]:
    """Return the numbers that a tree can be cut into, the labels and silhouettes, and the best.

    The largest silhouette is chosen, ties going to fewer clusters. Where no cut has one, all actors
    are one cluster, or each its own where no two of them agree at all (all distances 1).
    """
    numbers = _trees.attainable(linkage)
    labels = _trees.cuts(linkage, numbers)
    scores = _trees.silhouettes(distance, labels)
    if not np.isnan(scores).all():
        best = int(np.flatnonzero(scores >= np.nanmax(scores) - TIE)[0])
        return numbers, labels, scores, numbers[best]
    apart = distance[~np.eye(len(distance), dtype=bool)].min() >= 1 - TIE
    return numbers, labels, scores, numbers[-1] if apart else numbers[0]


def louvain(values: Floats, seed: int) -> tuple[Integers, Flags]:
    """Find communities by Louvain's method on positive weights.

    Parameters
    ----------
    values : numpy.ndarray
        Agreement, actors × actors; pairs that are missing, zero or negative have no edge.
    seed : int
        Seed of the order in which actors are visited.

    Returns
    -------
    group : numpy.ndarray
        A cluster number for each actor that has an edge, -1 for the others.
    placed : numpy.ndarray of bool
        Which actors have one.
    """
    nx = need("networkx", "networks")
    weights = np.where(values > TIE, values, 0.0)
    np.fill_diagonal(weights, 0.0)
    placed = np.asarray(weights.any(axis=1), dtype=np.bool_)
    graph = nx.Graph()
    graph.add_nodes_from(np.flatnonzero(placed).tolist())
    graph.add_weighted_edges_from(
        (int(a), int(b), float(weights[a, b])) for a, b in np.argwhere(np.triu(weights) > 0)
    )
    group = np.full(len(values), -1, dtype=np.int64)
    if placed.any():
        found = nx.community.louvain_communities(graph, weight="weight", seed=seed)
        for number, community in enumerate(found):
            group[list(community)] = number
    return group, placed


def cluster(
    agreement: Agreement | pd.DataFrame,
    n_clusters: int | None = None,
    method: ClusterMethod = "average",
    *,
    seed: int = 0,
) -> Clusters:
    """Cluster actors by their agreement.

    Parameters
    ----------
    agreement : Agreement or pandas.DataFrame
        From `camdata.agreement`, or a table of your own: actors × actors, symmetric, 0 to 1,
        ``NaN`` where there is nothing to compare; the diagonal is not used. ``louvain`` also takes
        counts and other measures, whose positive values are its weights.
    n_clusters : int, optional
        How many clusters. By default the attainable cut with the largest mean silhouette, ties
        going to fewer clusters. ``louvain`` finds its own number.
    method : {"average", "complete", "louvain"}
        Hierarchical on 1 - agreement, the distance of two clusters being the mean (UPGMA, Sokal &
        Michener 1958) or the largest of the distances of their members; or Louvain's communities
        (Blondel et al. 2008, doi:10.1088/1742-5468/2008/10/P10008) by networkx, which comes with
        ``camdata[networks]``.
    seed : int
        For ``louvain``, which visits actors in random order.

    Returns
    -------
    Clusters
        Labels over all actors, the tree, the table of attainable cuts, who is unplaced and which
        pairs were filled.

    Raises
    ------
    ValueError
        If a table is not square or symmetric, if values lie outside 0 to 1 (counts do), or if the
        tree cannot be cut into `n_clusters`; the error lists what it can be cut into.
    ImportError
        For ``louvain`` without networkx.

    Notes
    -----
    An actor that has nothing to compare with anyone is unplaced, and so is one with more than half
    of its pairs undefined. A pair of placed actors without a value takes the mean of the defined
    distances among the placed, and is listed in `Clusters.filled`. For ``louvain`` an actor without
    any positive agreement is unplaced, and nothing is filled.

    Where merges tie, the tree cannot be cut between them: only attainable numbers of clusters are
    offered. Which of several tied merges comes first is decided by the alphabetical order of the
    actors, so that the order of rows changes nothing. Clusters of the same size are numbered by
    the speaking order, which is that of the rows.

    The silhouette (Rousseeuw 1987, doi:10.1016/0377-0427(87)90125-7) of actors who are recorded on
    the same few positions is high for want of detail; it does not say that there is structure
    beyond chance. `camdata.cluster_choice` compares it with structureless tables.

    Examples
    --------
    >>> import camdata as cam
    >>> clusters = cam.cluster(cam.agreement(cam.load_meeting().tally()))
    >>> clusters.members[2]
    ['Brazil', 'Dominican Republic']
    >>> clusters.unplaced.index.tolist()
    ['Bolivia']
    """
    check_choice("method", method, METHODS)
    check_count("seed", seed, least=0)
    if n_clusters is not None:
        check_count("n_clusters", n_clusters)
        if method == "louvain":
            raise ValueError("`n_clusters` is not for louvain, which finds its own number.")
    agreement = as_agreement(agreement)
    if method != "louvain":
        check_bounded(agreement)
    names = agreement.actors
    # alphabetical order makes the result independent of the order of rows where merges tie
    alphabetical = np.array(sorted(range(len(names)), key=lambda i: names[i]), dtype=np.int64)
    values = agreement.values[np.ix_(alphabetical, alphabetical)]
    if method == "louvain":
        found = _communities(values, seed)
    else:
        found = _hierarchical(values, n_clusters, method)
    placed = alphabetical[found.placed]
    group = np.full(len(names), UNPLACED)
    chosen = found.labels[found.numbers.index(found.chosen)]
    if len(placed):
        group[placed] = number_clusters(chosen, placed)
    index = pd.Index(names, name="actor", dtype="str")
    labels = pd.Series(pd.arrays.IntegerArray(group, group < 0), index, name="cluster")
    reasons = pd.Series(
        {names[alphabetical[i]]: reason for i, reason in found.reasons.items()}, dtype="str"
    )
    unplaced = reasons.reindex(index[group < 0]).rename("reason")
    leaves = tuple(names[i] for i in placed)
    return Clusters(
        agreement=agreement,
        labels=labels,
        method=method,
        cuts=pd.DataFrame(
            {
                "silhouette": found.scores,
                "singletons": [int((np.bincount(g) == 1).sum()) for g in found.labels],
                "chosen": [k == found.chosen for k in found.numbers],
            },
            index=pd.Index(found.numbers, name="n_clusters"),
        ),
        linkage=found.linkage,
        placed=leaves,
        unplaced=unplaced,
        filled=_filled(found.filled, leaves),
        seed=int(seed),
    )


@dataclass(frozen=True)
class _Found:
    """What a method found, all of it over actors in alphabetical order."""

    placed: Flags
    reasons: dict[int, str]
    numbers: list[int]
    labels: Integers
    scores: Floats
    chosen: int
    linkage: Floats
    filled: Floats  # distance of the filled pairs of placed actors, NaN elsewhere


def _hierarchical(values: Floats, n_clusters: int | None, method: LinkageMethod) -> _Found:
    placed, reasons = _trees.find_placed(values)
    linkage, filled = np.empty((0, 4)), np.empty((0, 0))
    numbers, labels, scores, chosen = [0], np.empty((1, 0), dtype=np.int64), np.array([np.nan]), 0
    if placed.any():
        distance, gaps = _trees.distances(values[np.ix_(placed, placed)])
        linkage = _trees.link(distance, method)
        numbers, labels, scores, chosen = choose(distance, linkage)
        filled = np.where(gaps, distance, np.nan)
    if n_clusters is not None:
        if n_clusters not in numbers:
            near = min(numbers, key=lambda k: (abs(k - n_clusters), k))
            raise ValueError(
                f"The tree of these {placed.sum()} placed actors cannot be cut into {n_clusters} "
                f"clusters: merges that tie are made together. It can be cut into "
                f"{listed(numbers, 30)}; the nearest is {near}."
            )
        chosen = int(n_clusters)
    return _Found(placed, reasons, numbers, labels, scores, chosen, linkage, filled)


def _communities(values: Floats, seed: int) -> _Found:
    group, placed = louvain(values, seed)
    reasons = {int(i): "shares nothing with any actor" for i in np.flatnonzero(~placed)}
    inside = values[np.ix_(placed, placed)].copy()
    labels = group[placed][None, :]
    score = np.array([np.nan])
    np.fill_diagonal(inside, np.nan)
    if placed.any() and np.nanmax(inside) <= 1 + TIE and np.nanmin(inside) >= -TIE:
        score = _trees.silhouettes(_trees.distances(inside)[0], labels)
    number = len(np.unique(labels))
    filled = np.full(inside.shape, np.nan)
    return _Found(placed, reasons, [number], labels, score, number, np.empty((0, 4)), filled)


def _filled(distance: Floats, actors: tuple[str, ...]) -> pd.DataFrame:
    """List the pairs whose distance was filled."""
    pairs = np.argwhere(np.triu(~np.isnan(distance)))
    rows = [(actors[a], actors[b], distance[a, b]) for a, b in pairs]
    frame = pd.DataFrame(rows, columns=["actor", "other", "distance"])
    return frame.astype({"actor": "str", "other": "str", "distance": "float64"})


def partition(values: Floats, clusters: Clusters, n_clusters: int) -> tuple[Integers, Floats]:
    """Cluster other values of the same actors in the same way, the number of clusters held.

    Returns a label for each actor (UNPLACED for some), the nearest attainable number being taken
    where ties forbid `n_clusters`, and the tree of the placed ones.
    """
    labels = np.full(len(values), UNPLACED, dtype=np.int64)
    if clusters.method == "louvain":
        return louvain(values, clusters.seed)[0], np.empty((0, 4))
    placed, _ = _trees.find_placed(values)
    if not placed.any():
        return labels, np.empty((0, 4))
    method: LinkageMethod = "complete" if clusters.method == "complete" else "average"
    linkage = _trees.link(_trees.distances(values[np.ix_(placed, placed)])[0], method)
    labels[placed] = _trees.cut(linkage, _trees.nearest_attainable(linkage, n_clusters))
    return labels, linkage
