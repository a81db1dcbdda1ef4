"""Trees of actors from distances alone, many at a time; their cuts and silhouettes.

Nothing here knows what an actor is called or what was measured. Every function takes many tables at
once (the first axis), because a claim about chance needs hundreds of trees; one tree is the case of
one table.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]
LinkageMethod = Literal["average", "complete"]

TIE = 1e-9
"""Heights, distances and silhouettes that differ by less than this are equal."""
NOTHING = "nothing to compare with any actor"
"""Why an actor is unplaced if none of its pairs has a value."""
UNPLACED = -1
"""The label of an actor in no cluster, and of all actors where a tree has no such cut."""


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
        The actors with at least half of their pairs (with placed actors) defined. The actors with
        the most undefined pairs are taken out first, all that tie at once.
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
    """Return 1 - agreement with every gap filled, and which pairs were gaps, (…, n, n) both."""
    return fill_gaps(np.clip(1 - values, 0, 1), 0.0)


def fill_gaps(values: Floats, diagonal: float) -> tuple[Floats, Flags]:
    """Return tables whose gaps take the mean of their defined pairs, and which pairs were gaps."""
    n = values.shape[-1]
    off = ~np.eye(n, dtype=bool)
    gaps = np.isnan(values) & off
    total = np.where(off & ~gaps, values, 0).sum(axis=(-2, -1))
    mean = total / np.maximum((off & ~gaps).sum(axis=(-2, -1)), 1)
    filled = np.where(gaps, mean[..., None, None], values)
    filled[..., np.arange(n), np.arange(n)] = diagonal
    return filled, gaps


@dataclass(frozen=True, eq=False)
class Trees:
    """Trees of the same number of leaves, as the merges that make them.

    Attributes
    ----------
    first, second : numpy.ndarray of int
        Shape (trees, n - 1): each merge puts the cluster of leaf `second` into that of `first`.
    heights : numpy.ndarray of float
        The distance of the two; never falls.
    ends : numpy.ndarray of bool
        Whether a step ends with this merge. Merges that tie belong to one step, so that a tree can
        be cut only where a step ends; the heights alone do not tell.
    """

    first: Integers
    second: Integers
    heights: Floats
    ends: Flags

    def attainable(self, tree: int = 0) -> list[int]:
        """Return the numbers of clusters that one tree can be cut into, ascending."""
        n = self.first.shape[1] + 1
        return [*(n - 1 - np.flatnonzero(self.ends[tree]))[::-1].tolist(), n]

    def cut(self, numbers: Sequence[int]) -> Integers:
        """Cut every tree into several numbers of clusters.

        Returns
        -------
        numpy.ndarray of int
            Shape (trees, numbers, leaves): clusters numbered from 0 in the order of their first
            leaves, or UNPLACED throughout where a tree has no such cut.
        """
        n = self.first.shape[1] + 1
        result = np.full((len(self.first), len(numbers), n), UNPLACED, dtype=np.int64)
        root = np.tile(np.arange(n), (len(self.first), 1))
        attained = np.ones((len(self.first), 1), dtype=bool)
        for number in range(n, min(numbers, default=n + 1) - 1, -1):
            if number < n:
                merge = n - 1 - number
                a, b, attained = (x[:, merge, None] for x in (self.first, self.second, self.ends))
                root = np.where(root == b, a, root)
            if number in numbers:
                # number clusters by their first leaf
                ordered = np.cumsum(root == np.arange(n), axis=1) - 1
                labels = np.take_along_axis(ordered, root, axis=1)
                result[:, numbers.index(number)] = np.where(attained, labels, UNPLACED)
        return result

    def linkage(self) -> Floats:
        """Return the first tree in the form of `scipy.cluster.hierarchy`, shape (n - 1, 4)."""
        n = self.first.shape[1] + 1
        node, size = list(range(n)), [1] * n
        rows = []
        for i, (a, b) in enumerate(zip(self.first[0], self.second[0], strict=True)):
            size[a] += size[b]
            rows.append((node[a], node[b], self.heights[0, i], size[a]))
            node[a] = n + i
        return np.array(rows, dtype=np.float64).reshape(-1, 4)


def link(distance: Floats, method: LinkageMethod) -> Trees:
    """Make trees that depend on distances alone, whatever the order of the leaves.

    Parameters
    ----------
    distance : numpy.ndarray
        Shape (trees, n, n), n at least 2, symmetric, no missing values.
    method : {"average", "complete"}
        The distance of two clusters is the mean (UPGMA) or the largest of their members'.

    Notes
    -----
    Where nothing ties this is what scipy makes. Of the pairs that tie for the smallest distance
    those merge that lie furthest, in the mean, from all other leaves; what still ties, and what
    lies at distance 0, merges in one step. Merging all ties at once is the variable-group
    agglomeration of Fernández & Gómez (2008, doi:10.1007/s00357-008-9004-x); the refinement by the
    mean distance to the others is this library's own, because the published rule makes too few and
    too large clusters of tables with many ties.
    """
    trees, n, _ = distance.shape
    table, leaf = np.arange(trees), np.arange(n)
    d = distance.astype(np.float64, copy=True)
    d[:, leaf, leaf] = np.inf
    size = np.ones((trees, n))
    near = d.argmin(axis=2)
    best = np.take_along_axis(d, near[:, :, None], axis=2)[:, :, 0]
    first, second = np.zeros((2, trees, n - 1), dtype=np.int64)
    heights, ends = np.zeros((trees, n - 1)), np.zeros((trees, n - 1), dtype=np.bool_)
    low = np.zeros(trees)
    pending = np.empty((3, 0), dtype=np.int64)  # tied pairs that the current steps still merge
    for merge in range(n - 1):
        # begin a step in the trees that have finished theirs
        fresh = np.ones(trees, dtype=bool) if merge == 0 else ends[:, merge - 1]
        low[fresh] = best[fresh].min(axis=1)
        pending = np.concatenate([pending, _ties(d, best, size, low, fresh)], axis=1)
        pending = pending[:, np.argsort(pending[0], kind="stable")]
        a, b = pending[1:, np.flatnonzero(np.diff(pending[0], prepend=-1))]
        first[:, merge], second[:, merge], heights[:, merge] = a, b, low
        _merge(d, size, (table, a, b), method)
        best[table, b] = np.inf
        stale = ((near == a[:, None]) | (near == b[:, None])) & (size > 0)
        stale[table, a] = True
        t, i = np.nonzero(stale)
        rows = d[t, i]
        near[t, i] = rows.argmin(axis=1)
        best[t, i] = rows[np.arange(len(t)), near[t, i]]
        # the second cluster is now the first, also in the pairs that are left
        t, i, j = pending
        i, j = np.where(i == b[t], a[t], i), np.where(j == b[t], a[t], j)
        pending = np.stack([t, np.minimum(i, j), np.maximum(i, j)])[:, i != j]
        ends[:, merge] = True
        ends[pending[0], merge] = False
    return Trees(first, second, heights, ends)


def _ties(d: Floats, best: Floats, size: Floats, low: Floats, fresh: Flags) -> Integers:
    """Return the pairs (tree, leaf, leaf) that merge in the next step of the `fresh` trees."""
    t, i = np.nonzero((best <= low[:, None] + TIE) & fresh[:, None] & (size > 0))
    row, j = np.nonzero(d[t, i] <= low[t, None] + TIE)
    pairs = np.stack([t[row], i[row], j])
    t, i, j = pairs = pairs[:, i[row] < j]
    several = (np.bincount(t, minlength=len(d))[t] > 1) & (low[t] > TIE)
    if not several.any():
        return pairs
    # of each tied cluster, the sum of its distances to all other leaves
    total, tied = np.zeros(size.shape), np.zeros(size.shape, dtype=bool)
    tied[t[several], i[several]] = tied[t[several], j[several]] = True
    rows = d[tied]
    rows[np.isinf(rows)] = 0.0
    total[tied] = np.einsum("rk,rk->r", rows, size[np.nonzero(tied)[0]])
    a, b, v = size[t, i], size[t, j], d[t, i, j]
    rest = d.shape[1] - a - b
    outside = a * (total[t, i] - b * v) + b * (total[t, j] - a * v)
    far = np.where(rest > 0, outside / ((a + b) * np.maximum(rest, 1)), 0.0)
    furthest = np.full(len(d), -np.inf)
    np.maximum.at(furthest, t, far)
    return pairs[:, ~several | (far >= furthest[t] - TIE)]


def _merge(
    d: Floats, size: Floats, pair: tuple[Integers, Integers, Integers], method: LinkageMethod
) -> None:
    """Put the second cluster of each tree's pair into the first."""
    table, a, b = pair
    sa, sb = size[table, a, None], size[table, b, None]
    da, db = d[table, a], d[table, b]
    new = np.maximum(da, db) if method == "complete" else (sa * da + sb * db) / (sa + sb)
    new[table, a] = new[table, b] = np.inf
    size[table, a] += size[table, b]
    size[table, b] = 0.0
    d[table, a] = d[table, :, a] = new
    d[table, b] = d[table, :, b] = np.inf


def silhouettes(distance: Floats, labels: Integers) -> Floats:
    """Return the mean silhouette of clusterings.

    Parameters
    ----------
    distance : numpy.ndarray
        Shape (tables, n, n), symmetric, without missing values.
    labels : numpy.ndarray
        Shape (tables, clusterings, n), cluster numbers from 0, or UNPLACED throughout.

    Returns
    -------
    numpy.ndarray
        Shape (tables, clusterings): the mean of (b - a) / max(a, b) over the rows, with a the mean
        distance to the other members of the own cluster and b the smallest mean distance to another
        cluster (Rousseeuw 1987, doi:10.1016/0377-0427(87)90125-7). A row alone in its cluster
        counts 0, and so does a row with a = b = 0. ``NaN`` unless there are at least 2 and at most
        n - 1 clusters.
    """
    result = np.full(labels.shape[:2], np.nan)
    for i, label in enumerate(labels.swapaxes(0, 1)):
        inside = label[:, :, None] == np.arange(label.max(initial=-1) + 1)
        size = inside.sum(axis=1, keepdims=True)
        total = distance @ inside.astype(np.float64)
        others = (inside * size).sum(axis=2) - 1
        a = (inside * total).sum(axis=2) / np.maximum(others, 1)
        mean = np.where(inside | (size == 0), np.inf, total / np.maximum(size, 1))
        b = mean.min(axis=2, initial=np.inf)
        number = (size > 0).sum(axis=(1, 2))
        defined = (number >= 2) & (number < labels.shape[2])
        largest = np.maximum(a, b)
        counted = (others > 0) & (largest > 0) & defined[:, None]
        each = np.divide(b - a, largest, out=np.zeros_like(a), where=counted)
        result[defined, i] = each[defined].mean(axis=1)
    return result


def partitions(values: Floats, number: int, method: LinkageMethod) -> Integers:
    """Cluster many tables of agreement between the same actors into one number of clusters.

    Parameters
    ----------
    values : numpy.ndarray
        Agreement, shape (tables, n, n), ``NaN`` where there is nothing to compare.
    number : int
        The number wanted; where a tree has no such cut, the nearest one that it has, of two as near
        the smaller.
    method : {"average", "complete"}
        The linkage.

    Returns
    -------
    numpy.ndarray of int
        Shape (tables, n): clusters from 0, UNPLACED for actors that a table cannot place.
    """
    n = values.shape[-1]
    labels = np.full(values.shape[:2], UNPLACED, dtype=np.int64)
    placed = np.array([find_placed(table)[0] for table in values]).reshape(len(values), n)
    for pattern in np.unique(placed, axis=0):
        rows = np.flatnonzero((placed == pattern).all(axis=1))
        inside = np.flatnonzero(pattern)
        if len(inside) < 2:
            continue
        trees = link(distances(values[np.ix_(rows, inside, inside)])[0], method)
        near = [nearest(trees.attainable(i), number) for i in range(len(rows))]
        numbers = sorted(set(near))
        cuts = trees.cut(numbers)[np.arange(len(rows)), np.searchsorted(numbers, near)]
        labels[np.ix_(rows, inside)] = cuts
    return labels


def nearest(numbers: list[int], wanted: int) -> int:
    """Return the number that is nearest to one that is wanted, of two as near the smaller."""
    return min(numbers, key=lambda number: (abs(number - wanted), number))


def turned(linkage: Floats, labels: Integers) -> Floats:
    """Return a tree with its branches turned so that labels ascend, as far as it lets them.

    A tree says which branches join, not which of the two is drawn first: here it is the one with
    the smaller label, and of two with the same label the larger branch.
    """
    linkage = linkage.copy()
    first = [(int(label), -1) for label in labels]
    for row in linkage:
        left, right = int(row[0]), int(row[1])
        if first[right] < first[left]:
            row[:2] = right, left
        first.append((min(first[left][0], first[right][0]), -int(row[3])))
    return linkage
