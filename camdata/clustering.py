"""Agreement becomes clusters; what each cluster stands for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from camdata.positions import ORDER, recorded
from camdata.schema import check_choice

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
LinkageMethod = Literal["average", "complete"]

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
        How the tree was made: ``average`` or ``complete`` linkage.
    choice : pandas.DataFrame
        Index `n_clusters`: the cuts that the tree can make. `silhouette` (float, mean over the
        placed actors, ``NaN`` where it is not defined), `singletons` (clusters of one actor, int)
        and `chosen` (bool).
    linkage : numpy.ndarray
        The tree as scipy writes it, shape (placed - 1, 4), its leaves being `placed`.
    placed : tuple of str
        The placed actors, in the order of the leaves' numbers.
    unplaced : pandas.Series
        Index `actor`, for each unplaced actor the reason, in words.
    filled : pandas.DataFrame
        One row per pair of placed actors without a value: `actor`, `other`, and the `distance`
        that stood in for it, the mean of the defined ones.
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
        """All actors in the order of the dendrogram, the unplaced ones at the end."""
        if len(self.placed) < 2:
            return list(self.labels.index)
        from scipy.cluster.hierarchy import leaves_list

        leaves = [self.placed[leaf] for leaf in leaves_list(self.linkage)]
        return leaves + self.unplaced.index.tolist()

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
        lines += [f"{label}: {', '.join(actors)}" for label, actors in self.members.items()]
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


def members(labels: pd.Series[int]) -> dict[int, list[str]]:
    """Return the actors of each label in ascending order of labels."""
    placed = labels.dropna()
    return {int(label): group.index.tolist() for label, group in placed.groupby(placed)}


def as_labels(clusters: Clusters | pd.Series[int] | Mapping[str, object]) -> pd.Series[int]:
    """Return the labels of `Clusters`, or a plain labelling as a Series of ``Int64``.

    Labels of any kind are taken and numbered in ascending order; missing means unplaced.
    """
    if isinstance(clusters, Clusters):
        return clusters.labels
    labels = pd.Series(clusters)
    if not labels.index.is_unique:
        raise ValueError("Each actor must have one label.")
    if pd.api.types.is_numeric_dtype(labels):
        return labels.astype("Int64")
    codes = labels.astype("category").cat.codes.astype("Int64") + 1
    return codes.where(labels.notna())


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


def number_clusters(group: Integers, speaking: Integers) -> Integers:
    """Renumber clusters from 1 by size, then by the first speaker among their members."""
    size = np.bincount(group)
    first = np.full(len(size), np.iinfo(np.int64).max)
    np.minimum.at(first, group, speaking)
    rank: Integers = np.empty(len(size), dtype=np.int64)
    rank[np.lexsort((first, -size))] = np.arange(1, len(size) + 1)
    return rank[group]


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


def cluster(
    agreement: pd.DataFrame,
    n_clusters: int | None = None,
    method: LinkageMethod = "average",
) -> Clusters:
    """Cluster actors hierarchically on 1 - agreement.

    Parameters
    ----------
    agreement : pandas.DataFrame
        Actors × actors, symmetric, 0 to 1, ``NaN`` where there is nothing to compare; the diagonal
        is not used. From `agreement`, or any table of this shape.
    n_clusters : int, optional
        How many clusters. By default the attainable cut with the largest mean silhouette, ties
        going to fewer clusters.
    method : {"average", "complete"}
        The linkage: the distance of two clusters is the mean (UPGMA, Sokal & Michener 1958) or the
        largest of the distances of their members.

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

    Notes
    -----
    An actor that has nothing to compare with anyone is unplaced, and so is one with more than half
    of its pairs undefined. A pair of placed actors without a value takes the mean of the defined
    distances among the placed, and is listed in `Clusters.filled`.

    Where merges tie, the tree cannot be cut between them: only attainable numbers of clusters are
    offered. Which of several tied merges comes first is decided by the alphabetical order of the
    actors, so that the order of rows changes nothing. Clusters of the same size are numbered by
    the speaking order that the table carries from the meeting (else by its rows).

    The silhouette (Rousseeuw 1987, doi:10.1016/0377-0427(87)90125-7) of actors who are recorded on
    the same few positions is high for want of detail; it does not say that there is structure
    beyond chance.

    Examples
    --------
    >>> import camdata as cam
    >>> clusters = cam.cluster(cam.agreement(cam.load_meeting().positions()))
    >>> clusters.members[2]
    ['Brazil', 'Dominican Republic']
    >>> clusters.unplaced.index.tolist()
    ['Bolivia']
    """
    check_choice("method", method, ("average", "complete"))
    values = check_agreement(agreement, bounded=True)
    names = pd.Index(agreement.index, name="actor")
    placed, reasons = find_unplaced(values)
    # alphabetical order makes the tree independent of the order of rows where merges tie
    leaves = sorted(np.flatnonzero(placed).tolist(), key=lambda i: str(names[i]))
    actors = [str(names[i]) for i in leaves]
    distance, filled = _distances(values[np.ix_(leaves, leaves)], actors)
    linkage, scores, chosen = np.empty((0, 4)), {0: float("nan")}, 0
    groups: dict[int, Integers] = {0: np.empty(0, dtype=np.int64)}
    if len(leaves) > 1:
        from scipy.cluster import hierarchy
        from scipy.spatial.distance import squareform

        linkage = hierarchy.linkage(squareform(distance, checks=False), method)
        groups, scores, chosen = tree_cuts(distance, linkage)
    if n_clusters is not None:
        if n_clusters not in groups:
            raise ValueError(
                f"The tree of these {len(leaves)} placed actors cannot be cut into {n_clusters} "
                f"clusters: merges that tie are made together. It can be cut into "
                f"{', '.join(map(str, groups))}."
            )
        chosen = n_clusters
    labels = pd.Series(pd.NA, index=names, dtype="Int64", name="cluster")
    if len(leaves) > 1:
        speaking = speaking_rank(agreement)[leaves]
        labels.iloc[leaves] = number_clusters(groups[chosen], speaking)
    choice = pd.DataFrame(
        {
            "silhouette": [scores[k] for k in groups],
            "singletons": [int((np.bincount(group) == 1).sum()) for group in groups.values()],
            "chosen": [k == chosen for k in groups],
        },
        index=pd.Index(list(groups), name="n_clusters"),
    )
    missing = [i for i in range(len(names)) if not placed[i]]
    return Clusters(
        labels=labels,
        method=method,
        choice=choice,
        linkage=linkage,
        placed=tuple(actors),
        unplaced=pd.Series(
            [reasons[i] for i in missing], index=names[missing], name="reason", dtype="str"
        ),
        filled=filled,
    )


def _distances(values: Floats, actors: list[str]) -> tuple[Floats, pd.DataFrame]:
    """Return distances without gaps, and the pairs whose gap was filled with the mean."""
    distance = np.clip(1 - values, 0, 1)
    np.fill_diagonal(distance, 0)
    gaps = np.isnan(distance)
    rows = []
    if gaps.any():
        defined = ~gaps & ~np.eye(len(distance), dtype=bool)
        mean = float(distance[defined].mean())
        distance[gaps] = mean
        rows = [(actors[a], actors[b], mean) for a, b in np.argwhere(np.triu(gaps))]
    filled = pd.DataFrame(rows, columns=["actor", "other", "distance"])
    return distance, filled.astype({"actor": "str", "other": "str", "distance": "float64"})


def profile(
    positions: pd.DataFrame, clusters: Clusters | pd.Series[int] | Mapping[str, object]
) -> pd.DataFrame:
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
    if not rows:
        columns = ["cluster", key, "stance", "members", "recorded", "share", "rest", "difference"]
        return pd.DataFrame(columns=columns)
    return pd.concat(rows, ignore_index=True)
