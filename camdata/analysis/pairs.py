"""The few actors × actors tables that every measure of agreement is a formula over.

For two actors: on how many codes does the one hold this set of stances and the other that one? The
tables are made by matrix products over blocks of codes, so memory does not grow with the number of
codes, and they add up over disjoint codes: partial ones that were made anywhere are summed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from camdata.model.tally import Cells, Tally, Whole

Matrix = NDArray[np.float64]

BLOCK_BYTES = 48_000_000
"""About how large a block of codes is while its products are made."""
MOST_LEVELS = 62
"""Sets of stances are kept as bits of a 64-bit number."""
RARE = 0.02
"""A set of stances that fills less than this share of a block is multiplied as a sparse matrix."""


@dataclass(frozen=True, eq=False)
class Pairs:
    """On how many codes two actors hold which stances.

    Attributes
    ----------
    stances : tuple of float
        The scale.
    patterns : tuple of tuple of int
        The sets of stances that an actor holds on one code, as numbers of `stances`.
    joint : numpy.ndarray
        Shape (…, patterns, actors, patterns, actors): on how many codes the one actor holds exactly
        the first set of stances and the other exactly the second. Leading axes are tables: every
        attribute below has them as well.
    counted : numpy.ndarray, optional
        Shape (stances, actors, stances, actors): the products of their numbers of statements,
        summed over codes. None where no cell counts more than once: `joint` then says the same.
    totals : numpy.ndarray
        Shape (actors,): how many statements count for each actor.
    """

    stances: tuple[float, ...]
    patterns: tuple[tuple[int, ...], ...]
    joint: NDArray[np.floating]
    counted: NDArray[np.floating] | None
    totals: Matrix

    def __add__(self, other: Pairs) -> Pairs:
        """Add the tables of the same actors over other codes.

        Raises
        ------
        ValueError
            If the scales or the numbers of actors differ.
        """
        if self.stances != other.stances:
            raise ValueError(
                f"Tables of different scales cannot be added: {self.stances} and {other.stances}."
            )
        if self.totals.shape != other.totals.shape:
            raise ValueError(
                "Only tables of the same actors can be added, but these are of "
                f"{len(self.totals)} and {len(other.totals)} actors."
            )
        # in one order, whatever part had which, so that sums are the same to the last bit
        patterns = _in_order({*self.patterns, *other.patterns})
        n = len(self.totals)
        # each part is exact in its own precision, the sum of many need not be
        joint = np.zeros((len(patterns), n, len(patterns), n))
        for part in (self, other):
            place = [patterns.index(pattern) for pattern in part.patterns]
            joint[np.ix_(place, range(n), place, range(n))] += part.joint
        counted = None
        if self.counted is not None or other.counted is not None:
            counted = np.add(self.products(), other.products(), dtype=np.float64)
        return Pairs(self.stances, patterns, joint, counted, self.totals + other.totals)

    def products(self) -> NDArray[np.floating]:
        """Return `counted`, also where it has to be read from `joint`."""
        if self.counted is not None:
            return self.counted
        n, k = self.totals.shape[-1], len(self.stances)
        result = np.zeros((*self.joint.shape[:-4], k, n, k, n), self.joint.dtype)
        for p, first in enumerate(self.patterns):
            for q, second in enumerate(self.patterns):
                for a in first:
                    for b in second:
                        result[..., a, :, b, :] += self.joint[..., p, :, q, :]
        return result

    @property
    def range(self) -> float:
        """The distance between the two stances furthest apart."""
        return max(self.stances, default=0.0) - min(self.stances, default=0.0)

    @cached_property
    def held(self) -> Matrix:
        """How many pairs of code and stance both actors hold."""
        return self._sum(lambda p, q: len(set(p) & set(q)))

    @cached_property
    def sizes(self) -> Matrix:
        """How many pairs of code and stance each actor holds, shape (…, actors)."""
        result = np.zeros((*self.joint.shape[:-4], self.totals.shape[-1]))
        for p, pattern in enumerate(self.patterns):
            own = np.diagonal(self.joint[..., p, :, p, :], axis1=-2, axis2=-1)
            result += np.multiply(len(pattern), own, dtype=np.float64)
        return result

    @cached_property
    def codes(self) -> Matrix:
        """On how many codes both actors are recorded, whatever their stances."""
        return self._sum(lambda p, q: 1)

    @property
    def ratings(self) -> tuple[float, ...]:
        """The rating that each set of stances stands for: the mean of its levels."""
        levels = np.array(self.stances)
        return tuple(float(levels[list(pattern)].mean()) for pattern in self.patterns)

    @cached_property
    def same(self) -> Matrix:
        """On how many codes both actors have the same rating."""
        rating = dict(zip(self.patterns, self.ratings, strict=True))
        return self._sum(lambda p, q: rating[p] == rating[q])

    @cached_property
    def distance(self) -> Matrix:
        """The distances of both actors' ratings, summed over the codes of both."""
        rating = dict(zip(self.patterns, self.ratings, strict=True))
        return self._sum(lambda p, q: abs(rating[p] - rating[q]))

    def own(self) -> dict[float, Matrix]:
        """Return for each rating on how many of the codes of both the first actor has it."""
        result: dict[float, Matrix] = {}
        for p, rating in enumerate(self.ratings):
            part = self.joint[..., p, :, :, :].sum(axis=-2, dtype=np.float64)
            result[rating] = result[rating] + part if rating in result else part
        return result

    def _sum(self, weight) -> Matrix:  # type: ignore[no-untyped-def]
        n = self.totals.shape[-1]
        result = np.zeros((*self.joint.shape[:-4], n, n))
        for p, first in enumerate(self.patterns):
            for q, second in enumerate(self.patterns):
                factor = float(weight(first, second))
                if factor:  # most of them are fractions, which single precision would bend
                    result += np.multiply(factor, self.joint[..., p, :, q, :], dtype=np.float64)
        return result


def pairs_of(tally: Tally) -> Pairs:
    """Return the pair tables of a tally, made over blocks of its codes.

    Raises
    ------
    ValueError
        If the scale has more levels than can be kept as sets.
    """
    return pairs_of_cells(
        tally.cells, len(tally.actors), len(tally.keys), tuple(map(float, tally.stances))
    )


def pairs_of_cells(cells: Cells, n_actors: int, n_keys: int, stances: tuple[float, ...]) -> Pairs:
    """Return the pair tables of cells in the order of their keys."""
    check_scale(stances)
    # whole numbers below 2**24 are exact in single precision, which is twice as fast
    exact = n_keys < 2**24
    most = int(cells.count.max(initial=0))
    key, actor, bits = _sets(cells)
    found = np.unique(bits) if len(bits) < 1000 else _distinct(bits, len(stances))
    patterns = _patterns(found, len(stances))
    number = np.searchsorted(found, bits)
    dtype = np.float32 if exact else np.float64
    joint = _products(key, actor, number, None, n_actors, n_keys, len(patterns), dtype)
    counted = None
    if most > 1:
        exact = most**2 * n_keys < 2**24
        counted = _products(
            cells.key,
            cells.actor,
            cells.stance,
            cells.count,
            n_actors,
            n_keys,
            len(stances),
            np.float32 if exact else np.float64,
        )
    totals = np.bincount(cells.actor, weights=cells.count, minlength=n_actors).astype(np.float64)
    return Pairs(stances, patterns, joint, counted, totals)


def check_scale(stances: Sequence[float]) -> None:
    """Raise a ValueError if a scale has more levels than can be kept as sets."""
    if len(stances) > MOST_LEVELS:
        raise ValueError(
            f"A scale of at most {MOST_LEVELS} levels can be compared, but this one has "
            f"{len(stances)}: put levels together."
        )


def _in_order(patterns: set[tuple[int, ...]]) -> tuple[tuple[int, ...], ...]:
    """Return sets of stances as `_patterns` does, in the order of their bits."""
    return tuple(sorted(patterns, key=lambda pattern: sum(1 << level for level in pattern)))


def _patterns(masks: NDArray[np.int64], n_stances: int) -> tuple[tuple[int, ...], ...]:
    """Return sets of stances that are given as bits."""
    return tuple(tuple(k for k in range(n_stances) if int(mask) >> k & 1) for mask in masks)


def _sets(cells: Cells) -> tuple[Whole, Whole, NDArray[np.int64]]:
    """Return for each actor and key that hold anything the set of stances, as bits."""
    bits = np.left_shift(1, cells.stance.astype(np.int64))
    if len(bits) == 0:
        return cells.key, cells.actor, bits
    new = np.ones(len(bits), dtype=bool)
    new[1:] = (cells.key[1:] != cells.key[:-1]) | (cells.actor[1:] != cells.actor[:-1])
    if new.all():
        return cells.key, cells.actor, bits
    return cells.key[new], cells.actor[new], np.add.reduceat(bits, np.flatnonzero(new))


def _distinct(bits: NDArray[np.int64], n_stances: int) -> NDArray[np.int64]:
    """Return the different sets, without sorting where the scale is short."""
    if n_stances <= 16:
        return np.flatnonzero(np.bincount(bits, minlength=1))
    return np.unique(bits)


def _products(
    key: Whole,
    actor: Whole,
    level: Whole,
    weight: Whole | None,
    n_actors: int,
    n_keys: int,
    n_levels: int,
    dtype: type[np.floating],
) -> NDArray[np.floating]:
    """Return Σ over keys of x xᵀ, x being a key's column of levels × actors."""
    rows = n_levels * n_actors
    total = np.zeros((rows, rows), dtype)
    if rows == 0 or len(key) == 0:
        return total.reshape(n_levels, n_actors, n_levels, n_actors)
    wide = max(1, min(n_keys, BLOCK_BYTES // (rows * np.dtype(dtype).itemsize)))
    for start, part in _blocks(key, n_keys, wide):
        column = key[part].astype(np.int64) - start
        row = level[part].astype(np.int64) * n_actors + actor[part]
        values = np.ones(len(row), dtype) if weight is None else weight[part].astype(dtype)
        _add_block(total, row, column, values, n_actors, wide, is_first=part.start == 0)
    return total.reshape(n_levels, n_actors, n_levels, n_actors)


def _blocks(key: Whole, n_keys: int, wide: int) -> Iterator[tuple[int, slice]]:
    """Yield the first key of each block, and which cells (in the order of keys) are in it."""
    starts = range(0, n_keys, wide)
    ends = np.searchsorted(key, [min(start + wide, n_keys) - 1 for start in starts], side="right")
    begin = 0
    for start, end in zip(starts, ends.tolist(), strict=True):
        if end > begin:
            yield start, slice(begin, end)
        begin = end


def _add_block(
    total: NDArray[np.floating],
    row: NDArray[np.int64],
    column: NDArray[np.int64],
    values: NDArray[np.floating],
    n_actors: int,
    wide: int,
    *,
    is_first: bool,
) -> None:
    """Add the products of one block; levels that are hardly held are multiplied sparsely."""
    rows = len(total)
    filled = np.bincount(row // n_actors, minlength=rows // n_actors) / (n_actors * wide)
    common = _common(filled, n_actors, wide)
    if len(common) == len(filled):
        block = np.zeros((rows, wide), total.dtype)
        block[row, column] = values
        _add_square(total, block, is_first=is_first)
        return
    dense_rows = (common[:, None] * n_actors + np.arange(n_actors)).ravel()
    place = np.full(rows, -1)
    place[dense_rows] = np.arange(len(dense_rows))
    inside = place[row] >= 0
    block = np.zeros((len(dense_rows), wide), total.dtype)
    block[place[row[inside]], column[inside]] = values[inside]
    outside = ~inside
    _add_mixed(total, dense_rows, block, row[outside], column[outside], values[outside])


def _add_square(
    total: NDArray[np.floating], block: NDArray[np.floating], *, is_first: bool
) -> None:
    """Add block blockᵀ; with few codes, touching another table takes longer than the product."""
    if is_first:
        np.matmul(block, block.T, out=total)
    else:
        total += block @ block.T


def _common(filled: Matrix, n_actors: int, wide: int) -> NDArray[np.intp]:
    """Return which levels of a block are multiplied densely, given the shares that they fill."""
    rows = len(filled) * n_actors
    rare = (filled < RARE) & (filled > 0)
    if rows * wide > 1_000_000 and rows > n_actors and rare.any():
        return np.flatnonzero(filled >= RARE)
    return np.arange(len(filled))


def _add_mixed(
    total: NDArray[np.floating],
    dense_rows: NDArray[np.intp],
    block: NDArray[np.floating],
    row: NDArray[np.integer[Any]],
    column: NDArray[np.integer[Any]],
    values: NDArray[np.floating],
) -> None:
    """Add the products of a block of which some rows are dense, and few cells lie in others."""
    from scipy import sparse

    matrix: Any = sparse.csr_array
    shape = (len(total), block.shape[1])
    few = matrix((values, (row, column)), shape=shape, dtype=total.dtype)
    if len(dense_rows):
        total[np.ix_(dense_rows, dense_rows)] += block @ block.T
        mixed = few @ block.T
        total[:, dense_rows] += mixed
        total[dense_rows, :] += mixed.T
    total += (few @ few.T).toarray()


def pairs_of_sets(sets: NDArray[np.unsignedinteger[Any]], stances: Sequence[float]) -> Pairs:
    """Return the pair tables of statements that count once, given by the sets that are held.

    Parameters
    ----------
    sets : numpy.ndarray
        Codes × actors: the stances that an actor holds on a code, as bits.
    stances : sequence of float
        The scale.
    """
    check_scale(stances)
    n_codes, n = sets.shape
    wide = max(1, BLOCK_BYTES // max(8 * n, 1))
    counts: dict[int, int] = {}
    for start in range(0, n_codes, wide):
        masks, found = _counted(sets[start : start + wide], len(stances))
        for mask, number in zip(masks.tolist(), found.tolist(), strict=True):
            counts[mask] = counts.get(mask, 0) + number
    masks = np.array(sorted(set(counts) - {0}), dtype=sets.dtype)
    dtype = np.float32 if n_codes < 2**24 else np.float64
    rows = len(masks) * n
    total = np.zeros((rows, rows), dtype)
    filled = np.array([counts[mask] for mask in masks.tolist()]) / max(sets.size, 1)
    if rows:
        wide = max(1, BLOCK_BYTES // (rows * np.dtype(dtype).itemsize))
        for start in range(0, n_codes, wide):
            _add_sets(total, sets[start : start + wide], masks, filled, is_first=start == 0)
    joint = total.reshape(len(masks), n, len(masks), n)
    patterns = _patterns(masks.astype(np.int64), len(stances))
    pairs = Pairs(tuple(map(float, stances)), patterns, joint, None, np.zeros(n))
    return replace(pairs, totals=pairs.sizes)


def _counted(
    sets: NDArray[np.unsignedinteger[Any]], n_stances: int
) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Return which sets there are, and how often each."""
    if n_stances <= 16:
        found = np.bincount(sets.ravel())
        there = np.flatnonzero(found)
        return there, found[there]
    return np.unique(sets, return_counts=True)


def _add_sets(
    total: NDArray[np.floating],
    sets: NDArray[np.unsignedinteger[Any]],
    masks: NDArray[np.unsignedinteger[Any]],
    filled: Matrix,
    *,
    is_first: bool,
) -> None:
    """Add the products of a block of codes; `filled` is the share of all cells with each set."""
    wide, n = sets.shape
    common = _common(filled, n, wide)
    # codes in rows: comparing is done along the memory, and BLAS does not mind
    block = np.empty((wide, len(common) * n), total.dtype)
    for i, p in enumerate(common.tolist()):
        np.equal(sets, masks[p], out=block[:, i * n : (i + 1) * n], casting="unsafe")
    if len(common) == len(masks):
        _add_square(total, block.T, is_first=is_first)
        return
    rare = np.ones(len(masks), dtype=bool)
    rare[common] = False
    column, actor = np.nonzero(np.isin(sets, masks[rare]))
    row = np.searchsorted(masks, sets[column, actor]) * n + actor
    dense_rows = (common[:, None] * n + np.arange(n)).ravel()
    _add_mixed(total, dense_rows, block.T, row, column, np.ones(len(row), total.dtype))


def pairs_of_counts(values: NDArray[np.float64], stances: Sequence[float]) -> Pairs:
    """Return the pair tables of counts, for many small tables at once.

    Parameters
    ----------
    values : numpy.ndarray
        Shape (…, actors, keys, stances); `pairs_of` is for one large table.
    stances : sequence of float
        The scale.
    """
    check_scale(stances)
    *tables, n, keys, k = values.shape
    bits = (values > 0) @ (1 << np.arange(k))
    found = np.unique(bits[bits > 0])
    patterns = _patterns(found, k)
    # one product of matrices for all sets of stances
    held = bits[..., None, :, :] == found[:, None, None]
    block = held.astype(np.float32).reshape(*tables, len(found) * n, keys)
    joint = (block @ np.swapaxes(block, -1, -2)).reshape(*tables, len(found), n, len(found), n)
    counted = None
    if values.max(initial=0) > 1:
        flat = np.moveaxis(values, -1, -3).reshape(*tables, k * n, keys)
        counted = (flat @ np.swapaxes(flat, -1, -2)).reshape(*tables, k, n, k, n)
    return Pairs(tuple(map(float, stances)), patterns, joint, counted, values.sum(axis=(-1, -2)))
