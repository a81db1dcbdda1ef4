"""Pair tables: the few actors × actors tables that every measure of agreement is a formula over.

For two actors: on how many codes does the one hold this set of stances and the other that one? The
tables are matrix products over blocks of codes, so that memory does not grow with the number of
codes. Tables over different codes add up.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import ArrayLike, NDArray

from camdata.analysis.trees import Floats
from camdata.model.tally import Cells, Tally

Bits = NDArray[np.unsignedinteger[Any]]
"""Sets of stances: bit k is set where the set has the stance number k."""

BLOCK_BYTES = 48_000_000
"""About how large a block of codes is while its products are made."""
MOST_LEVELS = 62
"""Sets of stances are kept as bits of a 64-bit number."""
EXACT = 2**24
"""Whole numbers below this are exact in single precision, which is twice as fast."""


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
    totals: Floats

    @cached_property
    def holds(self) -> Floats:
        """Whether each set of stances has each stance, as 1 and 0: patterns × stances."""
        rows = [[k in pattern for k in range(len(self.stances))] for pattern in self.patterns]
        return np.array(rows, dtype=np.float64).reshape(len(rows), len(self.stances))

    def products(self) -> NDArray[np.floating]:
        """Return `counted`, also where it has to be read from `joint`."""
        if self.counted is not None:
            return self.counted
        joint = self.joint
        holds = self.holds.astype(joint.dtype)
        return np.asarray(np.einsum("pk,...paqb,ql->...kalb", holds, joint, holds, optimize=True))

    def weigh_codes(self, weight: ArrayLike) -> Floats:
        """Return the codes of each two actors, each with the weight of their two sets of stances.

        `weight` is patterns × patterns.
        """
        return _weigh(self.joint, np.asarray(weight, dtype=np.float64))

    def weigh_statements(self, weight: ArrayLike) -> Floats:
        """Return the pairs of statements of each two actors, each with the weight of its stances.

        `weight` is stances × stances.
        """
        by_stance = np.asarray(weight, dtype=np.float64)
        if self.counted is not None:
            return _weigh(self.counted, by_stance)
        return _weigh(self.joint, self.holds @ by_stance @ self.holds.T)

    @property
    def range(self) -> float:
        """The distance between the two stances furthest apart."""
        return max(self.stances, default=0.0) - min(self.stances, default=0.0)

    @cached_property
    def held(self) -> Floats:
        """How many pairs of code and stance both actors hold."""
        return self.weigh_codes(self.holds @ self.holds.T)

    @cached_property
    def sizes(self) -> Floats:
        """How many pairs of code and stance each actor holds, shape (…, actors)."""
        return np.asarray(np.einsum("p,...papa->...a", self.holds.sum(axis=1), self.joint))

    @cached_property
    def codes(self) -> Floats:
        """On how many codes both actors are recorded, whatever their stances."""
        return self.weigh_codes(np.ones((len(self.patterns),) * 2))

    @property
    def ratings(self) -> Floats:
        """The rating that each set of stances stands for: the mean of its levels."""
        levels = np.array(self.stances)
        return np.array([levels[list(pattern)].mean() for pattern in self.patterns])


def ratio(top: ArrayLike, bottom: ArrayLike) -> Floats:
    """Divide, and return ``NaN`` where there is nothing to divide by."""
    shape = np.broadcast_shapes(np.shape(top), np.shape(bottom))
    result: Floats = np.full(shape, np.nan)
    np.divide(top, bottom, out=result, where=np.asarray(bottom) > 0)
    return result


def mean_defined(values: Floats) -> Floats:
    """Return the mean of the defined values along the last axis; ``NaN`` where there is none."""
    return ratio(np.nansum(values, axis=-1), (~np.isnan(values)).sum(axis=-1))


def _weigh(table: NDArray[np.floating], weight: Floats) -> Floats:
    """Return the sum over two levels of (…, levels, actors, levels, actors), weighted."""
    total = np.zeros((*table.shape[:-4], table.shape[-1], table.shape[-1]))
    for p, q in np.argwhere(weight):
        # many weights are fractions, which single precision would bend
        total += np.multiply(weight[p, q], table[..., p, :, q, :], dtype=np.float64)
    return total


_PAIRS: WeakKeyDictionary[Tally, Pairs] = WeakKeyDictionary()


def pairs_of(tally: Tally) -> Pairs:
    """Return the pair tables of a tally: made at the first call, kept as long as the tally.

    Raises
    ------
    ValueError
        If the scale has more levels than can be kept as sets.
    """
    pairs = _PAIRS.get(tally)
    if pairs is None:
        shape = len(tally.keys), len(tally.actors)
        pairs = _PAIRS[tally] = pairs_of_cells(tally.cells, shape, tally.stances)
    return pairs


def pairs_of_cells(cells: Cells, shape: tuple[int, int], stances: Sequence[float]) -> Pairs:
    """Return the pair tables of cells of so many codes and actors, in the order of the codes."""
    bits = stance_bits(stances)
    sets = np.zeros(shape, bits.dtype)
    mark_sets(sets, cells.key, cells.actor, bits[cells.stance])
    pairs = pairs_of_sets(sets, stances)
    most = int(cells.count.max(initial=0))
    if most <= 1:
        return pairs
    n_codes, n = shape
    dtype = np.float32 if most**2 * n_codes < EXACT else np.float64

    def counts() -> Iterator[NDArray[np.floating]]:
        for codes in _spans(n_codes, len(stances) * n):
            ends = np.array([codes.start, codes.stop], cells.key.dtype)
            inside = slice(*np.searchsorted(cells.key, ends))
            block = np.zeros((codes.stop - codes.start, len(stances), n), dtype)
            place = cells.key[inside] - codes.start, cells.stance[inside], cells.actor[inside]
            block[place] = cells.count[inside]
            yield block

    totals = np.bincount(cells.actor, weights=cells.count, minlength=n).astype(np.float64)
    return replace(pairs, counted=_square(counts(), len(stances), n, dtype), totals=totals)


def pairs_of_sets(sets: Bits, stances: Sequence[float]) -> Pairs:
    """Return the pair tables of statements that count once, from the sets of stances.

    Parameters
    ----------
    sets : numpy.ndarray
        Codes × actors: the stances that an actor holds on a code, as bits.
    stances : sequence of float
        The scale.
    """
    n_codes, n = sets.shape
    parts = [_distinct(sets[codes]) for codes in _spans(n_codes, n)]
    masks = np.unique(np.concatenate([np.empty(0, sets.dtype), *parts]))
    dtype = np.float32 if n_codes < EXACT else np.float64

    def indicators() -> Iterator[NDArray[np.floating]]:
        for codes in _spans(n_codes, len(masks) * n):
            block = np.empty((codes.stop - codes.start, len(masks), n), dtype)
            np.equal(sets[codes, None], masks[:, None], out=block, casting="unsafe")
            yield block

    joint = _square(indicators(), len(masks), n, dtype)
    pairs = Pairs(tuple(map(float, stances)), _patterns(masks), joint, None, np.zeros(n))
    return replace(pairs, totals=pairs.sizes)


def pairs_of_counts(values: NDArray[np.float64], stances: Sequence[float]) -> Pairs:
    """Return the pair tables of counts, of many small tables at once.

    Parameters
    ----------
    values : numpy.ndarray
        Shape (…, actors, keys, stances); `pairs_of` is for one large table.
    stances : sequence of float
        The scale.
    """
    *tables, n, keys, k = values.shape
    bits = stance_bits(stances)
    sets = np.bitwise_or.reduce(np.where(values > 0, bits, bits.dtype.type(0)), axis=-1)
    masks = _distinct(sets)
    # one product of matrices for all sets of stances
    held = sets[..., None, :, :] == masks[:, None, None]
    block = held.astype(np.float32).reshape(*tables, len(masks) * n, keys)
    joint = (block @ np.swapaxes(block, -1, -2)).reshape(*tables, len(masks), n, len(masks), n)
    counted = None
    if values.max(initial=0) > 1:
        flat = np.moveaxis(values, -1, -3).reshape(*tables, k * n, keys)
        counted = (flat @ np.swapaxes(flat, -1, -2)).reshape(*tables, k, n, k, n)
    totals = values.sum(axis=(-1, -2))
    scale = tuple(map(float, stances))
    return Pairs(scale, _patterns(masks), joint, counted, totals)


def add_pairs(parts: Sequence[Pairs], places: Sequence[Sequence[int]], n_actors: int) -> Pairs:
    """Add tables over different codes; `places` are their actors among those of the sum.

    Raises
    ------
    ValueError
        If the scales differ.
    """
    stances = parts[0].stances
    for part in parts:
        if part.stances != stances:
            scales = f"{stances} and {part.stances}"
            raise ValueError(f"Tables of different scales cannot be added: {scales}.")
    # one order of the patterns, so that sums are the same to the last bit
    found = {pattern for part in parts for pattern in part.patterns}
    patterns = tuple(sorted(found, key=lambda pattern: sum(1 << k for k in pattern)))
    # double precision: each part is exact in its own precision, the sum of many need not be
    joint = np.zeros((len(patterns), n_actors) * 2)
    counted = np.zeros((len(stances), n_actors) * 2)
    is_counted = any(part.counted is not None for part in parts)
    totals = np.zeros(n_actors)
    for part, place in zip(parts, places, strict=True):
        rows = [patterns.index(pattern) for pattern in part.patterns]
        joint[np.ix_(rows, place, rows, place)] += part.joint
        totals[list(place)] += part.totals
        if is_counted:
            levels = range(len(stances))
            counted[np.ix_(levels, place, levels, place)] += part.products()
    return Pairs(stances, patterns, joint, counted if is_counted else None, totals)


def stance_bits(stances: Sequence[float]) -> Bits:
    """Return the bit of each stance, in the narrowest dtype that holds them all.

    Raises
    ------
    ValueError
        If a scale has more levels than can be kept as sets.
    """
    if len(stances) > MOST_LEVELS:
        raise ValueError(
            f"Scales of at most {MOST_LEVELS} levels can be compared, and this one has "
            f"{len(stances)}: put levels together."
        )
    width = next(width for width in (8, 16, 32, 64) if len(stances) <= width)
    return (1 << np.arange(len(stances), dtype=np.uint64)).astype(f"uint{width}")


def _patterns(masks: Bits) -> tuple[tuple[int, ...], ...]:
    """Return sets of stances that are given as bits."""
    numbers = masks.tolist()
    return tuple(tuple(k for k in range(mask.bit_length()) if mask >> k & 1) for mask in numbers)


def mark_sets(sets: Bits, code: NDArray[Any], actor: NDArray[Any], bits: Bits) -> None:
    """Add stances, as bits, to the sets of codes × actors, in place."""
    flat = sets.reshape(-1)
    place = code.astype(np.int64)
    place *= sets.shape[1]
    place += actor
    while len(place):  # `numpy.bitwise_or.at` takes three times as long
        flat[place] |= bits
        # of two stances of one actor on one code, one may have overwritten the other
        lost = (flat[place] & bits) != bits
        place, bits = place[lost], bits[lost]


def _distinct(sets: Bits) -> Bits:
    """Return which sets there are but the empty one, in ascending order."""
    if sets.itemsize <= 2:  # few enough to be counted, which takes a tenth of sorting
        found = np.flatnonzero(np.bincount(sets.ravel())).astype(sets.dtype)
    else:
        found = np.unique(sets)
    return found[found > 0]


def _spans(n_codes: int, columns: int) -> Iterator[slice]:
    """Yield as many codes at a time as make a block of so many columns."""
    wide = max(1, BLOCK_BYTES // (4 * max(columns, 1)))
    for start in range(0, n_codes, wide):
        yield slice(start, min(start + wide, n_codes))


def _square(
    blocks: Iterable[NDArray[np.floating]], n_levels: int, n_actors: int, dtype: type
) -> NDArray[np.floating]:
    """Return Σ blockᵀ block over blocks of codes × levels × actors."""
    total: NDArray[np.floating] = np.zeros((n_levels * n_actors,) * 2, dtype)
    for block in blocks:
        flat = block.reshape(len(block), len(total))
        total += flat.T @ flat
    return total.reshape(n_levels, n_actors, n_levels, n_actors)
