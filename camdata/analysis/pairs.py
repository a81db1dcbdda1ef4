"""Pair tables: the few actors × actors tables that every measure of agreement is a formula over.

For two actors: on how many codes does the one hold this set of stances and the other that one? The
tables are matrix products over blocks of codes, so that memory does not grow with the number of
codes. Tables over different codes add up.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from camdata.model.tally import Cells, Tally

Matrix = NDArray[np.float64]
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
        # one order of the patterns, so that sums are the same to the last bit
        patterns = tuple(
            sorted({*self.patterns, *other.patterns}, key=lambda p: sum(1 << k for k in p))
        )
        n = len(self.totals)
        # double precision: each part is exact in its own precision, the sum of many need not be
        joint = np.zeros((len(patterns), n, len(patterns), n))
        for part in (self, other):
            place = [patterns.index(pattern) for pattern in part.patterns]
            joint[np.ix_(place, range(n), place, range(n))] += part.joint
        counted = None
        if self.counted is not None or other.counted is not None:
            counted = np.add(self.products(), other.products(), dtype=np.float64)
        return Pairs(self.stances, patterns, joint, counted, self.totals + other.totals)

    def placed(self, place: Sequence[int], n: int) -> Pairs:
        """Return the tables of `n` actors, of which `place` are those of these tables in turn."""

        def spread(values: NDArray[np.floating]) -> NDArray[np.floating]:
            levels = len(values)
            result = np.zeros((levels, n, levels, n), values.dtype)
            result[np.ix_(range(levels), place, range(levels), place)] = values
            return result

        totals = np.zeros(n)
        totals[list(place)] = self.totals
        counted = None if self.counted is None else spread(self.counted)
        return Pairs(self.stances, self.patterns, spread(self.joint), counted, totals)

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
        shape = len(tally.actors), len(tally.keys)
        pairs = _PAIRS[tally] = pairs_of_cells(tally.cells, *shape, tally.stances)
    return pairs


def pairs_of_cells(cells: Cells, n_actors: int, n_keys: int, stances: Sequence[float]) -> Pairs:
    """Return the pair tables of cells, which are in the order of their keys."""
    check_scale(stances)
    bits = stance_bits(len(stances))[cells.stance]
    new = np.ones(len(bits), dtype=bool)  # the first cell of an actor on a code
    new[1:] = (cells.key[1:] != cells.key[:-1]) | (cells.actor[1:] != cells.actor[:-1])
    key, actor = cells.key[new], cells.actor[new]
    if len(key) < len(bits):
        bits = np.bitwise_or.reduceat(bits, np.flatnonzero(new))
    masks = _distinct(bits)

    def sets(wide: int) -> Iterator[Bits]:
        for start, part in _blocks(key, n_keys, wide):
            block = np.zeros((min(wide, n_keys - start), n_actors), bits.dtype)
            block[key[part] - start, actor[part]] = bits[part]
            yield block

    def counts(wide: int) -> Iterator[NDArray[np.floating]]:
        for start, part in _blocks(cells.key, n_keys, wide):
            block = np.zeros((min(wide, n_keys - start), len(stances), n_actors), dtype)
            place = cells.key[part] - start, cells.stance[part], cells.actor[part]
            block[place] = cells.count[part]
            yield block.reshape(len(block), columns)

    joint = _joint(sets(_width(len(masks) * n_actors)), masks, n_actors, n_keys)
    counted, most = None, int(cells.count.max(initial=0))
    columns = len(stances) * n_actors
    if most > 1:
        dtype = np.float32 if most**2 * n_keys < EXACT else np.float64
        counted = _square(counts(_width(columns)), columns, dtype)
        counted = counted.reshape(len(stances), n_actors, len(stances), n_actors)
    totals = np.bincount(cells.actor, weights=cells.count, minlength=n_actors).astype(np.float64)
    patterns = _patterns(masks, len(stances))
    return Pairs(tuple(map(float, stances)), patterns, joint, counted, totals)


def pairs_of_sets(sets: Bits, stances: Sequence[float]) -> Pairs:
    """Return the pair tables of statements that count once, from the sets of stances.

    Parameters
    ----------
    sets : numpy.ndarray
        Codes × actors: the stances that an actor holds on a code, as bits.
    stances : sequence of float
        The scale.
    """
    check_scale(stances)
    n_codes, n = sets.shape
    parts = [_distinct(block) for block in _slices(sets, _width(n))]
    masks = np.unique(np.concatenate([sets[:0, 0] if n else sets.ravel(), *parts]))
    joint = _joint(_slices(sets, _width(len(masks) * n)), masks, n, n_codes)
    patterns = _patterns(masks, len(stances))
    pairs = Pairs(tuple(map(float, stances)), patterns, joint, None, np.zeros(n))
    return Pairs(pairs.stances, patterns, joint, None, pairs.sizes)


def pairs_of_counts(values: NDArray[np.float64], stances: Sequence[float]) -> Pairs:
    """Return the pair tables of a dense array of counts, actors × keys × stances."""
    check_scale(stances)
    n, keys, k = values.shape
    sets = np.bitwise_or.reduce(np.where(values > 0, stance_bits(k), 0), axis=2).T
    masks = _distinct(sets)
    joint = _joint([sets], masks, n, keys)
    counted = None
    if values.max(initial=0) > 1:
        flat = values.transpose(1, 2, 0).reshape(keys, k * n)
        counted = (flat.T @ flat).reshape(k, n, k, n)
    totals = values.sum(axis=(1, 2))
    return Pairs(tuple(map(float, stances)), _patterns(masks, k), joint, counted, totals)


def check_scale(stances: Sequence[float]) -> None:
    """Raise a ValueError if a scale has more levels than can be kept as sets."""
    if len(stances) > MOST_LEVELS:
        raise ValueError(
            f"A scale of at most {MOST_LEVELS} levels can be compared, but this one has "
            f"{len(stances)}: put levels together."
        )


def stance_bits(n_stances: int) -> Bits:
    """Return the bit of each stance, in the narrowest dtype that holds them all."""
    width = next(width for width in (8, 16, 32, 64) if n_stances <= width)
    return (1 << np.arange(n_stances, dtype=np.uint64)).astype(f"uint{width}")


def _distinct(sets: Bits) -> Bits:
    """Return which sets there are but the empty one, in ascending order."""
    if sets.itemsize <= 2:  # few enough to be counted, which takes a tenth of sorting
        found = np.flatnonzero(np.bincount(sets.ravel())).astype(sets.dtype)
    else:
        found = np.unique(sets)
    return found[found > 0]


def _patterns(masks: Bits, n_stances: int) -> tuple[tuple[int, ...], ...]:
    """Return sets of stances that are given as bits."""
    return tuple(tuple(k for k in range(n_stances) if mask >> k & 1) for mask in masks.tolist())


def _width(columns: int) -> int:
    """Return how many codes a block may have, so that a block of so many columns is small."""
    return max(1, BLOCK_BYTES // (4 * max(columns, 1)))


def _slices(sets: Bits, wide: int) -> Iterator[Bits]:
    """Yield blocks of codes."""
    for start in range(0, len(sets), wide):
        yield sets[start : start + wide]


def _blocks(key: NDArray[Any], n_keys: int, wide: int) -> Iterator[tuple[int, slice]]:
    """Yield the first key of each block, and which cells (in the order of keys) are in it."""
    starts = np.arange(0, n_keys + wide, wide)
    ends = np.searchsorted(key, starts).tolist()
    for start, low, high in zip(starts.tolist(), ends, ends[1:], strict=False):
        if low < high:
            yield start, slice(low, high)


def _joint(sets: Iterable[Bits], masks: Bits, n_actors: int, n_codes: int) -> NDArray[np.floating]:
    """Return `Pairs.joint` from the sets of stances, given as blocks of codes × actors."""
    n_masks = len(masks)
    dtype = np.float32 if n_codes < EXACT else np.float64

    def indicators() -> Iterator[NDArray[np.floating]]:
        for part in sets:
            block = np.empty((len(part), n_masks, n_actors), dtype)
            for i, mask in enumerate(masks):
                np.equal(part, mask, out=block[:, i], casting="unsafe")
            yield block.reshape(len(part), n_masks * n_actors)

    total = _square(indicators(), n_masks * n_actors, dtype)
    return total.reshape(n_masks, n_actors, n_masks, n_actors)


def _square(
    blocks: Iterable[NDArray[np.floating]], columns: int, dtype: type[np.floating]
) -> NDArray[np.floating]:
    """Return Σ blockᵀ block over blocks of codes × columns."""
    total: NDArray[np.floating] | None = None
    for block in blocks:
        part = block.T @ block
        total = part if total is None else np.add(total, part, out=total)
    return np.zeros((columns, columns), dtype) if total is None else total
