"""Trees of actors as arrays: made from distances, cut into clusters, judged by silhouettes.

Nothing here knows what an actor is called or what was measured; `camdata.clustering` does, and
`camdata.chance` makes trees of random tables with the same functions.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]
LinkageMethod = Literal["average", "complete"]

TIE = 1e-9
"""Heights, distances and silhouettes that differ by less than this are the same."""
NOTHING = "nothing to compare with any actor"
"""Why an actor is unplaced of whom no pair has a value."""
MANY = 50
"""Of more leaves the silhouettes of all cuts are found going up the tree, of fewer all at once."""


def find_placed(values: Floats) -> tuple[Flags, dict[int, str]]:
    """Decide which actors can be placed.

    Parameters
    ----------
    values : numpy.ndarray
        Agreement, actors × actors, ``NaN`` where there is nothing to compare; the diagonal is not
        used.

    Returns
    -------
    placed : numpy.ndarray of bool
        Which actors are placed: those with at least half of their pairs (with placed actors)
        defined. The actors with the most undefined pairs are taken out first, all that tie.
    reasons : dict
        For each of the others, why not.
    """
    defined: Flags = np.logical_not(np.isnan(values))
    np.fill_diagonal(defined, False)
    placed: Flags = np.asarray(defined.any(axis=1), dtype=np.bool_)
    reasons = {int(i): NOTHING for i in np.flatnonzero(~placed)}
    number = defined[:, placed].sum(axis=1)  # the defined pairs with placed actors
    while (count := int(placed.sum())) > 1:
        share = np.where(placed, 1 - number / (count - 1), -1.0)
        if share.max() <= 0.5:
            break
        worst = np.flatnonzero(share >= share.max() - TIE)
        for i in worst:
            reasons[int(i)] = f"{share.max():.0%} of its pairs have nothing to compare"
        placed[worst] = False
        number = number - defined[:, worst].sum(axis=1)
    if placed.sum() == 1:
        alone = int(np.flatnonzero(placed)[0])
        reasons[alone] = "no other actor is placed"
        placed[alone] = False
    return placed, reasons


def distances(values: Floats) -> tuple[Floats, Flags]:
    """Return 1 - agreement of placed actors, every gap filled, and which pairs were gaps.

    A gap takes the mean of the defined distances.
    """
    distance = np.clip(1 - values, 0, 1)
    np.fill_diagonal(distance, 0)
    gaps = np.isnan(distance)
    if gaps.any():
        defined = ~gaps & ~np.eye(len(distance), dtype=bool)
        distance[gaps] = distance[defined].mean()
    return distance, gaps


def link(distance: Floats, method: LinkageMethod) -> Floats:
    """Return the tree of at least two actors as scipy writes it."""
    from scipy.cluster import hierarchy

    upper = distance[np.triu_indices(len(distance), 1)]
    return np.asarray(hierarchy.linkage(upper, method), dtype=np.float64)


def attainable(linkage: Floats) -> list[int]:
    """Return the numbers of clusters that a tree can be cut into, in ascending order.

    Merges at the same height cannot be told apart, so they are made together or not at all.
    """
    heights = linkage[:, 2]
    n = len(heights) + 1
    ends = np.append(heights[1:] > heights[:-1] + TIE, True)
    numbers = n - 1 - np.flatnonzero(ends)
    return [*numbers[::-1].tolist(), n]


def nearest_attainable(linkage: Floats, n_clusters: int) -> int:
    """Return the attainable number nearest to the one wanted; of two as near, the smaller."""
    return min(attainable(linkage), key=lambda k: (abs(k - n_clusters), k))


def cut(linkage: Floats, n_clusters: int) -> Integers:
    """Return a cluster number from 0 for each leaf, with the first merges made."""
    n = len(linkage) + 1
    merges = n - n_clusters
    parent = list(range(n + merges))
    for i, (left, right) in enumerate(linkage[:merges, :2].astype(np.int64).tolist()):
        parent[left] = parent[right] = n + i
    for node in range(n + merges - 1, -1, -1):  # parents have larger numbers than their children
        parent[node] = parent[parent[node]]
    return np.unique(parent[:n], return_inverse=True)[1].astype(np.int64)


def cuts(linkage: Floats, numbers: Sequence[int]) -> Integers:
    """Return the labels of several cuts, shape (cuts, leaves)."""
    n = len(linkage) + 1
    result = np.empty((len(numbers), n), dtype=np.int64)
    first = np.arange(n)  # for each leaf the first leaf of its cluster
    name = list(range(n))  # for each cluster its first leaf
    place = {k: row for row, k in enumerate(numbers)}
    if n in place:
        result[place[n]] = first
    for i, (left, right) in enumerate(linkage[:, :2].astype(np.int64).tolist()):
        kept, lost = sorted((name[left], name[right]))
        first[first == lost] = kept
        name.append(kept)
        if (row := place.get(n - i - 1)) is not None:
            result[row] = first
    rank = np.cumsum(result == np.arange(n), axis=1) - 1
    return np.take_along_axis(rank, result, axis=1)


def silhouettes(distance: Floats, labels: Integers) -> Floats:
    """Return the mean silhouette of each of several clusterings.

    Parameters
    ----------
    distance : numpy.ndarray
        Shape (n, n), symmetric, without missing values.
    labels : numpy.ndarray
        Shape (clusterings, n), cluster numbers from 0 on.

    Returns
    -------
    numpy.ndarray
        Shape (clusterings,): the mean of (b - a) / max(a, b) over the rows, with a the mean
        distance to the other members of the own cluster and b the smallest mean distance to another
        cluster (Rousseeuw 1987, doi:10.1016/0377-0427(87)90125-7). A row alone in its cluster
        counts 0, and so does a row with a = b = 0. ``NaN`` unless there are at least 2 and at most
        n - 1 clusters.
    """
    result = np.full(len(labels), np.nan)
    number = labels.max(axis=1, initial=-1) + 1
    valid = np.flatnonzero((number >= 2) & (number < labels.shape[1]))
    step = max(1, 1_000_000 // max(labels.shape[1] * int(number.max(initial=1)), 1))
    for start in range(0, len(valid), step):
        rows = valid[start : start + step]
        result[rows] = _silhouettes(distance, labels[rows], int(number[rows].max()))
    return result


def _silhouettes(distance: Floats, labels: Integers, most: int) -> Floats:
    inside = labels[:, :, None] == np.arange(most)
    size = inside.sum(axis=1)
    # one product of matrices rather than one for each clustering
    wide = inside.transpose(1, 0, 2).reshape(len(distance), -1).astype(np.float64)
    total = (distance @ wide).reshape(len(distance), len(labels), most).transpose(1, 0, 2)
    own = labels[:, :, None]
    others = np.take_along_axis(size, labels, axis=1) - 1
    a = np.take_along_axis(total, own, axis=2)[:, :, 0] / np.maximum(others, 1)
    mean = total / np.maximum(size, 1)[:, None, :]
    mean[inside | (size == 0)[:, None, :]] = np.inf
    b = mean.min(axis=2)
    largest = np.maximum(a, b)
    counted = (others > 0) & (largest > 0)
    each = np.divide(b - a, largest, out=np.zeros_like(a), where=counted)
    return np.asarray(each.mean(axis=1))


def tree_silhouettes(distance: Floats, linkage: Floats, numbers: Sequence[int]) -> Floats:
    """Return the mean silhouettes of several cuts of a tree, which `silhouettes` gives as well.

    Going up the tree, each leaf's sums of distances to all clusters are kept, and which other
    cluster is the nearest in the mean. A merge makes one column of two. Its mean lies between
    theirs, so only leaves to which one of the two was the nearest are looked at again, on the whole
    about as many as there are leaves for each cluster that is left: the square of the number of
    leaves in time (their cube at worst, for a tree that adds one leaf after the other), and two
    tables of distances in memory.
    """
    n = len(distance)
    wanted = {k: row for row, k in enumerate(numbers) if 2 <= k < n}
    result = np.full(len(numbers), np.nan)
    total, size = distance.copy(), np.ones(n)
    own, inner = np.arange(n), np.zeros(n)
    nearest, b = np.zeros(n, dtype=np.int64), np.zeros(n)
    slot, node = list(range(2 * n - 1)), list(range(n))  # of a node its column, and the other way
    stale, k = np.arange(n), n
    for i, (left, right) in enumerate(linkage[:, :2].astype(np.int64).tolist()):
        _renew(total, size, own, nearest, b, stale, k)
        kept, lost, last = slot[left], slot[right], k - 1
        first, second = np.flatnonzero(own == kept), np.flatnonzero(own == lost)
        inner[first] += total[first, lost]
        inner[second] += total[second, kept]
        stale = np.flatnonzero((nearest == kept) | (nearest == lost))
        own[second] = kept
        total[:, kept] += total[:, lost]
        size[kept] += size[lost]
        # the last column takes the place that is free
        total[:, lost], size[lost], node[lost] = total[:, last], size[last], node[last]
        slot[node[last]] = lost
        own[own == last], nearest[nearest == last] = lost, lost
        slot[n + i] = kept if kept != last else lost
        node[slot[n + i]] = n + i
        k -= 1
        if (row := wanted.get(k)) is not None:
            _renew(total, size, own, nearest, b, stale, k)
            stale = stale[:0]
            others = size[own] - 1
            a = inner / np.maximum(others, 1)
            largest = np.maximum(a, b)
            counted = (others > 0) & (largest > 0)
            each = np.divide(b - a, largest, out=np.zeros(n), where=counted)
            result[row] = each.mean()
    return result


def _renew(
    total: Floats,
    size: Floats,
    own: Integers,
    nearest: Integers,
    b: Floats,
    rows: Integers,
    k: int,
) -> None:
    """Find the nearest other cluster of some leaves again."""
    if k < 2:
        return
    step = max(1, 1_000_000 // k)
    for start in range(0, len(rows), step):
        part = rows[start : start + step]
        mean = total[part, :k] / size[:k]
        each = np.arange(len(part))
        mean[each, own[part]] = np.inf
        found = mean.argmin(axis=1)
        nearest[part], b[part] = found, mean[each, found]


def best_cut(distance: Floats, linkage: Floats) -> tuple[list[int], Integers, Floats, int]:
    """Return the numbers that a tree can be cut into, labels and silhouettes, and the best number.

    The largest silhouette is chosen, ties going to fewer clusters. Where no cut has one, all actors
    are one cluster, or each its own where no two of them agree at all (all distances 1).
    """
    numbers = attainable(linkage)
    labels = cuts(linkage, numbers)
    if len(distance) > MANY:
        scores = tree_silhouettes(distance, linkage, numbers)
    else:
        scores = silhouettes(distance, labels)
    if not np.isnan(scores).all():
        best = int(np.flatnonzero(scores >= np.nanmax(scores) - TIE)[0])
        return numbers, labels, scores, numbers[best]
    apart = distance[~np.eye(len(distance), dtype=bool)].min() >= 1 - TIE
    return numbers, labels, scores, numbers[-1] if apart else numbers[0]


def branches(linkage: Floats, placed: Flags) -> Flags:
    """Return the members of every branch of a tree, branches × actors, in the order of merges."""
    n = len(linkage) + 1
    inside = np.zeros((2 * n - 1, len(placed)), dtype=bool)
    inside[np.arange(n), np.flatnonzero(placed)] = True
    for i, (left, right) in enumerate(linkage[:, :2].astype(np.int64).tolist()):
        inside[n + i] = inside[left] | inside[right]
    return inside[n:]


def turned(linkage: Floats, labels: Integers) -> Floats:
    """Return a tree with its branches turned so that labels ascend, as far as it lets them.

    A tree says which branches join, not which of two is drawn first: here it is the one that holds
    the leaf with the smaller label, and of two with the same the larger branch.
    """
    linkage = linkage.copy()
    first = [(int(label), -1) for label in labels]
    for row in linkage:
        left, right = int(row[0]), int(row[1])
        if first[right] < first[left]:
            row[:2] = right, left
        first.append((min(first[left][0], first[right][0]), -int(row[3])))
    return linkage


def leaves(linkage: Floats) -> list[int]:
    """Return the leaves of a tree in the order in which they are drawn."""
    from scipy.cluster.hierarchy import leaves_list

    return [int(leaf) for leaf in leaves_list(linkage)]
