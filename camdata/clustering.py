"""Agreement becomes clusters; what each cluster stands for."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from camdata.labels import Integers, Labeling, as_labels, members, number_clusters
from camdata.positions import ORDER, recorded
from camdata.schema import check_choice, need

Floats = NDArray[np.float64]
LinkageMethod = Literal["average", "complete"]
ClusterMethod = Literal["average", "complete", "louvain"]

TIE = 1e-9
"""Heights, distances and silhouettes that differ by less than this are the same."""


@dataclass(frozen=True, repr=False)
class Clusters:
    """Actors in clusters, with everything that led there.

    Attributes
    ----------
    labels : pandas.Series
        Index `actor`, all actors in the order of the agreement; ``Int64``, clusters numbered from
        1 by size and then by who spoke first; ``<NA>`` for an unplaced actor.
    method : str
        How they were made: ``average`` or ``complete`` linkage, or ``louvain``.
    choice : pandas.DataFrame
        Index `n_clusters`: the cuts that the tree can make (for ``louvain`` the one partition that
        it found). `silhouette` (float, mean over the
        placed actors, ``NaN`` where it is not defined), `singletons` (clusters of one actor, int)
        and `chosen` (bool).
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

    Examples
    --------
    >>> import camdata as cam
    >>> clusters = cam.cluster(cam.agreement(cam.load_meeting().positions(by="code")))
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

    labels: pd.Series[int]
    method: str
    choice: pd.DataFrame
    linkage: Floats
    placed: tuple[str, ...]
    unplaced: pd.Series[str]
    filled: pd.DataFrame

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
            from scipy.cluster.hierarchy import leaves_list

            placed = [self.placed[leaf] for leaf in leaves_list(self.linkage)]
        return placed + self.unplaced.index.tolist()

    @property
    def singletons(self) -> list[str]:
        """The placed actors that are alone in their cluster."""
        return [actors[0] for actors in self.members.values() if len(actors) == 1]

    @property
    def silhouette(self) -> float:
        """The mean silhouette of the chosen cut; ``NaN`` where it is not defined."""
        return float(self.choice.loc[self.choice["chosen"], "silhouette"].iloc[0])

    def _lines(self) -> list[str]:
        score = "" if np.isnan(self.silhouette) else f", silhouette {self.silhouette:.2f}"
        lines = [
            f"{_number(self.n_clusters, 'cluster')} of {_number(len(self.placed), 'actor')} "
            f"({self.method}{score})"
        ]
        lines += [
            f"{label}: {', '.join(actors)}{' (a singleton)' if len(actors) == 1 else ''}"
            for label, actors in self.members.items()
        ]
        lines += [f"unplaced: {actor} ({reason})" for actor, reason in self.unplaced.items()]
        if len(self.filled):
            lines.append(f"filled with the mean distance: {_number(len(self.filled), 'pair')}")
        return lines

    def __repr__(self) -> str:
        return "\n".join(self._lines())

    def _repr_html_(self) -> str:
        head, *rest = self._lines()
        items = "".join(f"<li style='list-style:none'>{escape(line)}</li>" for line in rest)
        return f"<p><strong>{escape(head)}</strong></p><ul>{items}</ul>"


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def check_agreement(agreement: pd.DataFrame, *, bounded: bool) -> Floats:
    """Return the values of an agreement table with no diagonal, or raise what is wrong with it."""
    if not isinstance(agreement, pd.DataFrame):
        raise TypeError(f"Expected agreement as a DataFrame, got {type(agreement).__name__}.")
    if list(agreement.index) != list(agreement.columns) or not agreement.index.is_unique:
        raise ValueError(
            "Agreement must be square, with the same actors in the same order on both axes, "
            f"each once; this table is {agreement.shape[0]} × {agreement.shape[1]}."
        )
    values = agreement.astype("Float64").to_numpy(dtype="float64", na_value=np.nan).copy()
    np.fill_diagonal(values, np.nan)
    uneven = ~np.isclose(values, values.T, equal_nan=True)
    if uneven.any():
        a, b = np.argwhere(uneven)[0]
        names = agreement.index
        raise ValueError(
            f"Agreement must be symmetric, but {names[a]} with {names[b]} is {values[a, b]:g} and "
            f"{names[b]} with {names[a]} is {values[b, a]:g}."
        )
    low, high = (np.nanmin(values), np.nanmax(values)) if (~np.isnan(values)).any() else (0, 0)
    if bounded and (low < -TIE or high > 1 + TIE):
        raise ValueError(
            f"Agreement must lie between 0 and 1 to be a distance, but goes from {low:g} to "
            f"{high:g}. Use a bounded measure (jaccard, dice, cosine, overlap, matching), counts "
            "with normalization='average', or rescale a measure from -1 to 1 as (1 + value) / 2."
        )
    return values


def find_unplaced(values: Floats) -> tuple[NDArray[np.bool_], dict[int, str]]:
    """Decide which actors can be placed.

    Parameters
    ----------
    values : numpy.ndarray
        Agreement, actors × actors, ``NaN`` where there is nothing to compare and on the diagonal.

    Returns
    -------
    placed : numpy.ndarray of bool
        Which actors are placed: those with at least half of their pairs (with placed actors)
        defined. The actors with the most undefined pairs are taken out first, all that tie.
    reasons : dict
        For each of the others, why not.
    """
    defined: NDArray[np.bool_] = np.logical_not(np.isnan(values))
    np.fill_diagonal(defined, False)
    placed: NDArray[np.bool_] = np.asarray(defined.any(axis=1), dtype=np.bool_)
    reasons = {int(i): "nothing to compare with any actor" for i in np.flatnonzero(~placed)}
    while placed.sum() > 1:
        among = defined[np.ix_(placed, placed)]
        share = 1 - among.sum(axis=1) / (len(among) - 1)
        if share.max() <= 0.5:
            break
        worst = np.flatnonzero(placed)[share >= share.max() - TIE]
        for i in worst:
            reasons[int(i)] = f"{share.max():.0%} of its pairs have nothing to compare"
        placed[worst] = False
    if placed.sum() == 1:
        alone = int(np.flatnonzero(placed)[0])
        reasons[alone] = "no other actor is placed"
        placed[alone] = False
    return placed, reasons


def cuts(heights: Floats) -> dict[int, float]:
    """Return the numbers of clusters that a tree can be cut into, with a height that does it.

    Merges at the same height cannot be told apart, so they are made together or not at all.
    """
    n = len(heights) + 1
    result = {n: -np.inf}
    for i, height in enumerate(heights):
        if i + 1 == len(heights) or heights[i + 1] > height + TIE:
            result[n - i - 1] = float(height) + TIE / 2
    return dict(sorted(result.items()))


def cut(linkage: Floats, height: float) -> Integers:
    """Return a cluster number for each leaf, all merges up to `height` being made."""
    n = len(linkage) + 1
    group = np.arange(n)
    inside: dict[int, list[int]] = {i: [i] for i in range(n)}
    for i, (left, right, at, _) in enumerate(linkage):
        inside[n + i] = inside.pop(int(left)) + inside.pop(int(right))
        if at <= height:
            group[inside[n + i]] = n + i
    return np.unique(group, return_inverse=True)[1].astype(np.int64)


def silhouette(distance: Floats, labels: Integers) -> float:
    """Return the mean silhouette of a clustering.

    Parameters
    ----------
    distance : numpy.ndarray
        Shape (n, n), symmetric, without missing values.
    labels : numpy.ndarray
        Shape (n,), a cluster number for each row.

    Returns
    -------
    float
        Mean of (b - a) / max(a, b) over the rows, with a the mean distance to the other members
        of the own cluster and b the smallest mean distance to another cluster (Rousseeuw 1987,
        doi:10.1016/0377-0427(87)90125-7). A row alone in its cluster counts 0, and so does a row
        with a = b = 0. ``NaN`` unless there are at least 2 and at most n - 1 clusters.
    """
    membership = (labels[:, None] == np.unique(labels)[None, :]).astype(np.float64)
    size = membership.sum(axis=0)
    if not 2 <= len(size) < len(labels):
        return float("nan")
    total = distance @ membership
    own = membership.astype(bool)
    others = (membership @ size) - 1
    a = np.divide(total[own], others, out=np.zeros(len(labels)), where=others > 0)
    b = np.where(own, np.inf, total / size).min(axis=1)
    largest = np.maximum(a, b)
    valid = (others > 0) & (largest > 0)
    return float(np.divide(b - a, largest, out=np.zeros(len(labels)), where=valid).mean())


def speaking_rank(agreement: pd.DataFrame) -> Integers:
    """Return each actor's place in the speaking order: as carried by the table, else its row."""
    order = agreement.attrs.get(ORDER)
    if order is None or not set(agreement.index) <= set(order):
        return np.arange(len(agreement), dtype=np.int64)
    place = pd.Index(order).get_indexer(agreement.index)
    return np.asarray(place, dtype=np.int64)


def tree_cuts(
    distance: Floats, linkage: Floats
) -> tuple[dict[int, Integers], dict[int, float], int]:
    """Return every clustering that a tree can make, its silhouette, and the number chosen.

    The largest silhouette is chosen, ties going to fewer clusters. Where no cut has one, all actors
    are one cluster, or each its own where no two of them agree at all (all distances 1).
    """
    labels = {k: cut(linkage, height) for k, height in cuts(linkage[:, 2]).items()}
    scores = {k: silhouette(distance, group) for k, group in labels.items()}
    valid = {k: score for k, score in scores.items() if not np.isnan(score)}
    if valid:
        best = max(valid.values())
        return labels, scores, min(k for k, score in valid.items() if score >= best - TIE)
    apart = distance[~np.eye(len(distance), dtype=bool)].min() >= 1 - TIE
    return labels, scores, max(labels) if apart else min(labels)


def link(values: Floats, method: LinkageMethod) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Make the tree of placed actors.

    Parameters
    ----------
    values : numpy.ndarray
        Agreement of at least two placed actors, ``NaN`` where there is nothing to compare.
    method : {"average", "complete"}
        The linkage.

    Returns
    -------
    linkage : numpy.ndarray
        As scipy writes it.
    distance : numpy.ndarray
        1 - agreement, every gap filled with the mean of the defined distances.
    gaps : numpy.ndarray of bool
        Which pairs were filled.
    """
    from scipy.cluster import hierarchy
    from scipy.spatial.distance import squareform

    distance = np.clip(1 - values, 0, 1)
    np.fill_diagonal(distance, 0)
    gaps = np.isnan(distance)
    if gaps.any():
        defined = ~gaps & ~np.eye(len(distance), dtype=bool)
        distance[gaps] = distance[defined].mean()
    linkage = hierarchy.linkage(squareform(distance, checks=False), method)
    return np.asarray(linkage, dtype=np.float64), distance, gaps


def nearest_cut(linkage: Floats, n_clusters: int) -> Integers:
    """Cut a tree into the attainable number of clusters nearest to the one wanted.

    Of two that are as near, the smaller is taken.
    """
    attainable = cuts(linkage[:, 2])
    nearest = min(attainable, key=lambda k: (abs(k - n_clusters), k))
    return cut(linkage, attainable[nearest])


def louvain(values: Floats, seed: int) -> tuple[Integers, NDArray[np.bool_]]:
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
    agreement: pd.DataFrame,
    n_clusters: int | None = None,
    method: ClusterMethod = "average",
    *,
    seed: int = 0,
) -> Clusters:
    """Cluster actors by their agreement.

    Parameters
    ----------
    agreement : pandas.DataFrame
        Actors × actors, symmetric, 0 to 1, ``NaN`` where there is nothing to compare; the diagonal
        is not used. From `camdata.agreement`, or any table of this shape. ``louvain`` also takes
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
        If the table is not square or symmetric, if values lie outside 0 to 1 (counts do), or if the
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
    the speaking order that the table carries from the meeting (else by its rows).

    The silhouette (Rousseeuw 1987, doi:10.1016/0377-0427(87)90125-7) of actors who are recorded on
    the same few positions is high for want of detail; it does not say that there is structure
    beyond chance. `camdata.cluster_choice` compares it with structureless tables.

    Examples
    --------
    >>> import camdata as cam
    >>> clusters = cam.cluster(cam.agreement(cam.load_meeting().positions()))
    >>> clusters.members[2]
    ['Brazil', 'Dominican Republic']
    >>> clusters.unplaced.index.tolist()
    ['Bolivia']
    """
    check_choice("method", method, ("average", "complete", "louvain"))
    values = check_agreement(agreement, bounded=method != "louvain")
    names = pd.Index(agreement.index, name="actor")
    # alphabetical order makes the result independent of the order of rows where merges tie
    alphabetical = sorted(range(len(names)), key=lambda i: str(names[i]))
    values = values[np.ix_(alphabetical, alphabetical)]
    actors = [names[i] for i in alphabetical]
    speaking = speaking_rank(agreement)[alphabetical]
    if method == "louvain":
        if n_clusters is not None:
            raise ValueError("`n_clusters` is not for louvain, which finds its own number.")
        found = _communities(values, seed)
    else:
        found = _hierarchical(values, n_clusters, method)
    placed = np.flatnonzero(found.placed)
    labels = pd.Series(pd.NA, index=names[alphabetical], dtype="Int64", name="cluster")
    labels.iloc[placed] = number_clusters(found.groups[found.chosen], speaking[placed])
    choice = pd.DataFrame(
        {
            "silhouette": [found.scores[k] for k in found.groups],
            "singletons": [int((np.bincount(g) == 1).sum()) for g in found.groups.values()],
            "chosen": [k == found.chosen for k in found.groups],
        },
        index=pd.Index(list(found.groups), name="n_clusters"),
    )
    labels = labels.reindex(names)
    labels.attrs = dict(agreement.attrs)
    reasons = pd.Series(found.reasons.values(), dtype="str", name="reason")
    reasons.index = names[alphabetical][list(found.reasons)]
    return Clusters(
        labels=labels,
        method=method,
        choice=choice,
        linkage=found.linkage,
        placed=tuple(actors[i] for i in placed),
        unplaced=reasons.reindex(names[names.isin(reasons.index)]),
        filled=_filled(found.filled, [actors[i] for i in placed]),
    )


@dataclass(frozen=True)
class _Found:
    """What a method found, all of it over actors in alphabetical order."""

    placed: NDArray[np.bool_]
    reasons: dict[int, str]
    groups: dict[int, Integers]
    scores: dict[int, float]
    chosen: int
    linkage: Floats
    filled: Floats  # distance of the filled pairs of placed actors, NaN elsewhere


_NOBODY = {0: np.empty(0, dtype=np.int64)}


def _hierarchical(values: Floats, n_clusters: int | None, method: LinkageMethod) -> _Found:
    placed, reasons = find_unplaced(values)
    linkage, filled = np.empty((0, 4)), np.empty((0, 0))
    groups, scores, chosen = _NOBODY, {0: float("nan")}, 0
    if placed.any():
        linkage, distance, gaps = link(values[np.ix_(placed, placed)], method)
        groups, scores, chosen = tree_cuts(distance, linkage)
        filled = np.where(gaps, distance, np.nan)
    if n_clusters is not None:
        if n_clusters not in groups:
            raise ValueError(
                f"The tree of these {placed.sum()} placed actors cannot be cut into {n_clusters} "
                f"clusters: merges that tie are made together. It can be cut into "
                f"{', '.join(map(str, groups))}."
            )
        chosen = n_clusters
    return _Found(placed, reasons, groups, scores, chosen, linkage, filled)


def _communities(values: Floats, seed: int) -> _Found:
    group, placed = louvain(values, seed)
    reasons = {int(i): "shares nothing with any actor" for i in np.flatnonzero(~placed)}
    inside = values[np.ix_(placed, placed)]
    score = float("nan")
    if placed.any() and np.nanmax(inside) <= 1 + TIE and np.nanmin(inside) >= -TIE:
        score = silhouette(link(inside, "average")[1], group[placed])
    number = len(np.unique(group[placed]))
    return _Found(
        placed,
        reasons,
        {number: group[placed]},
        {number: score},
        number,
        np.empty((0, 4)),
        np.full(inside.shape, np.nan),
    )


def _filled(distance: Floats, actors: list[str]) -> pd.DataFrame:
    """List the pairs whose distance was filled."""
    pairs = np.argwhere(np.triu(~np.isnan(distance)))
    rows = [(actors[a], actors[b], distance[a, b]) for a, b in pairs]
    frame = pd.DataFrame(rows, columns=["actor", "other", "distance"])
    return frame.astype({"actor": "str", "other": "str", "distance": "float64"})


def profile(positions: pd.DataFrame, clusters: Labeling) -> pd.DataFrame:
    """Say what each cluster stands for.

    Parameters
    ----------
    positions : pandas.DataFrame
        Positions or a tally; at another level than the one clustered on, if wished.
    clusters : Clusters or Series or mapping
        Labels by actor; unplaced actors are left out on both sides.

    Returns
    -------
    pandas.DataFrame
        One row per cluster and recorded position, ordered by cluster and then by how much the
        position sets it apart. Columns: `cluster` (Int64), the code or dimension, `stance` (int),
        `members` (size of the cluster), `recorded` (members recorded with this position), `share`
        (recorded / members), `rest` (the share among the other placed actors, ``NaN`` where there
        are none) and `difference` (share - rest). Positions that no member holds are left out.

    Raises
    ------
    ValueError
        If a placed actor has no row in `positions`.

    Notes
    -----
    There are no tests of these differences: the positions made the clusters, so any p-value would
    be circular.

    Examples
    --------
    >>> import camdata as cam
    >>> positions = cam.load_meeting().positions()
    >>> clusters = cam.cluster(cam.agreement(positions))
    >>> table = cam.profile(positions, clusters)
    >>> table.loc[table["cluster"] == 2, ["dimension", "members", "recorded", "share"]]
           dimension  members  recorded  share
    2   coordination        2         2    1.0
    """
    labels = as_labels(clusters).dropna()
    held = recorded(positions)
    absent = [actor for actor in labels.index if actor not in held.index]
    if absent:
        raise ValueError(f"These placed actors have no row in the positions: {absent}.")
    held = held.loc[labels.index]
    key = str(held.columns.names[0] or "code")
    rows = []
    for label in sorted(labels.unique()):
        inside = (labels == label).to_numpy(dtype=bool)
        outside = ~inside
        within = held.to_numpy()[inside].sum(axis=0)
        share = within / inside.sum()
        rest = held.to_numpy()[outside].mean(axis=0) if outside.any() else share * np.nan
        table = pd.DataFrame(
            {
                "cluster": pd.Series(int(label), range(len(share)), dtype="Int64"),
                key: held.columns.get_level_values(0),
                "stance": held.columns.get_level_values("stance"),
                "members": int(inside.sum()),
                "recorded": within,
                "share": share,
                "rest": rest,
                "difference": share - rest,
            }
        )
        table = table[table["recorded"] > 0]
        rows.append(
            table.sort_values(["difference", "share"], ascending=False, kind="stable")
            if outside.any()
            else table.sort_values("share", ascending=False, kind="stable")
        )
    whole = dict.fromkeys(("stance", "members", "recorded"), "int64")
    shares = dict.fromkeys(("share", "rest", "difference"), "float64")
    named = held.columns.get_level_values(0).dtype
    dtypes = {"cluster": "Int64", key: named, **whole, **shares}
    result = pd.concat(rows, ignore_index=True) if rows else pd.DataFrame(columns=list(dtypes))
    result = result.astype(dtypes)
    result.attrs = dict(held.attrs)
    return result
