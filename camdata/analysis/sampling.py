"""Random tables with the margins of a given one: what structureless data would look like."""

from __future__ import annotations

import random
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from camdata._display.checks import Seed, check_count, seed_number

Table = NDArray[np.bool_]

TRADES_PER_ROW = 5
"""Trades between two samples, for each row of the table."""
WIDE = 64
"""Tables of more columns are drawn on arrays; narrower ones as the published numbers were."""


def random_tables(table: Table, n: int, seed: Seed) -> Iterator[Table]:
    """Draw random binary tables with the row and column sums of `table`.

    Parameters
    ----------
    table : numpy.ndarray of bool
        Rows × columns.
    n : int
        How many tables.
    seed : int or numpy.random.Generator
        Seed of the draw; the same seed gives the same tables.

    Returns
    -------
    iterator of numpy.ndarray of bool
        Tables of the same shape and margins.

    Raises
    ------
    TypeError, ValueError
        At once, if `n` or `seed` is no whole number or too small.

    Notes
    -----
    The curveball algorithm (Strona et al. 2014, doi:10.1038/ncomms5114): two rows at random pool
    the columns that only one of them has, and share them out again at random, each keeping its
    number. Every table with these margins can be reached, and in the long run all are equally
    likely (Carstens 2015, doi:10.1103/PhysRevE.91.042812). The chain starts at the given table,
    runs through ten times the interval first, and takes a sample every 5 trades per row.

    A trade takes time in proportion to the number of columns: about 10 µs up to 100 of them, 0.1 ms
    at 18,000. So 1,000 tables of 200 rows and 18,000 columns take some two minutes.
    """
    chain = _wide_chain if table.shape[1] > WIDE else _chain
    return chain(table, check_count("n", n, least=0), seed_number(seed))


def _wide_chain(table: Table, n: int, seed: int) -> Iterator[Table]:
    rows, generator = table.copy(), np.random.default_rng(seed)
    interval = TRADES_PER_ROW * max(len(rows), 1)
    _trade_wide(rows, 10 * interval, generator)
    for _ in range(n):
        _trade_wide(rows, interval, generator)
        yield rows.copy()


def _trade_wide(rows: Table, times: int, generator: np.random.Generator) -> None:
    number = len(rows)
    if number < 2:
        return
    first = generator.integers(number, size=times)
    second = generator.integers(number - 1, size=times)
    second += second >= first
    for a, b in zip(first.tolist(), second.tolist(), strict=True):
        pool = np.flatnonzero(rows[a] ^ rows[b])
        keep = int(np.count_nonzero(rows[a, pool]))
        if keep in (0, len(pool)):
            continue
        taken = np.zeros(len(pool), dtype=bool)
        taken[generator.permutation(len(pool))[:keep]] = True
        rows[a, pool], rows[b, pool] = taken, ~taken


def _chain(table: Table, n: int, seed: int) -> Iterator[Table]:
    generator = random.Random(seed)
    rows = [set(np.flatnonzero(row).tolist()) for row in table]
    interval = TRADES_PER_ROW * max(len(rows), 1)
    _trade(rows, 10 * interval, generator)
    for _ in range(n):
        _trade(rows, interval, generator)
        drawn = np.zeros(table.shape, dtype=bool)
        for i, row in enumerate(rows):
            drawn[i, list(row)] = True
        yield drawn


def _trade(rows: list[set[int]], times: int, generator: random.Random) -> None:
    if len(rows) < 2:
        return
    draw, shuffle, number = generator.random, generator.shuffle, len(rows)
    for _ in range(times):
        a = int(draw() * number)
        b = int(draw() * (number - 1))
        b += b >= a
        only_a, only_b = rows[a] - rows[b], rows[b] - rows[a]
        if not only_a or not only_b:
            continue
        pool = sorted(only_a | only_b)
        shuffle(pool)
        common, keep = rows[a] & rows[b], len(only_a)
        rows[a] = common.union(pool[:keep])
        rows[b] = common.union(pool[keep:])


def p_value(observed: float, random_values: NDArray[np.float64]) -> float:
    """Return the one-sided p of an observed value among n random ones, (r + 1) / (n + 1).

    r is how many of them are as large or larger; the observed one counts as one of them (Phipson &
    Smyth 2010, doi:10.2202/1544-6115.1585).
    """
    reached = int((random_values >= observed - 1e-9).sum())
    return (reached + 1) / (len(random_values) + 1)
