"""Random tables that could have occurred, and where an observed one stands among them.

A table of actors × codes whose cells are categories: nothing recorded, each stance or level, or
several of them. Random tables keep how many of each category every actor has, how many every code
has, and that a cell holds one category; nothing else of the observed table is left in them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from camdata._display.checks import Seed, check_choice, check_count, check_seed
from camdata._display.progress import progress
from camdata._display.results import Result
from camdata._display.words import count, join_names
from camdata.analysis.measures import MEASURES, Agreement, remeasure
from camdata.analysis.pairs import Pairs, pairs_of_counts
from camdata.analysis.trees import TIE, Floats, fill_gaps
from camdata.model.tally import Tally

Null = Literal["positions", "sides"]
Tables = NDArray[np.int16]

QUESTIONS = {
    "positions": "who takes which positions",
    "sides": "which side is taken, given who speaks on what",
}
"""What is shuffled in random tables of each kind."""
FEWEST_MOVABLE = 0.05
"""Random tables that can change a smaller share of the recorded cells are all alike."""
TRADES = 10
"""How often an actor trades until a table counts as mixed."""
GUMBEL_RANGE = 100.0
"""More than the largest difference between two keys of a weighted draw."""
CHUNK = 8_000_000
"""About how many numbers an array holds that is made for many tables at once."""


class NoNullError(ValueError):
    """No random tables can be drawn: the reason, and advice for whoever asked."""

    def __init__(self, reason: str, advice: str = "") -> None:
        super().__init__(reason, advice)
        self.reason, self.advice = reason, advice

    def __str__(self) -> str:
        return f"{self.reason} {self.advice}".rstrip()


@dataclass(frozen=True, eq=False)
class RandomTables:
    """The observed table and random ones.

    Attributes
    ----------
    tables : numpy.ndarray of int16
        Shape (1 + n, actors, codes), numbers of categories; the first one is observed.
    contents : numpy.ndarray of float
        Shape (categories, stances): how many statements of each stance a cell of each category
        holds. Category 0 holds nothing.
    actors : numpy.ndarray of int
        Which actors of the tally the rows are: those with a recorded position.
    null : {"positions", "sides"}
        Whether all cells trade, or only recorded ones.
    stances : tuple of int
        The scale.
    """

    tables: Tables
    contents: Floats
    actors: NDArray[np.int64]
    null: Null
    stances: tuple[int, ...]

    @property
    def movable(self) -> float:
        """The share of recorded cells that differ from the observed ones in some random table."""
        recorded = self.tables[0] > 0
        changed = (self.tables[1:] != self.tables[0]).any(axis=0) & recorded
        return float(changed.sum() / max(recorded.sum(), 1))

    def check(self, names: Sequence[str]) -> None:
        """Raise a NoNullError with too few actors, or if the totals force the table.

        Parameters
        ----------
        names : sequence of str
            What the rows are called.
        """
        if len(self.actors) < 3:
            raise NoNullError("Random tables need at least three actors with a recorded position.")
        if self.movable >= FEWEST_MOVABLE:
            return
        kept = ", with who speaks on what," if self.null == "sides" else ""
        alike, advice = say_alike(self.tables[0], names), ""
        if self.null == "sides":
            free = draw(self.tables[0], 20, "positions", np.random.default_rng(0))
            if replace(self, tables=free).movable >= FEWEST_MOVABLE:
                advice = "Ask with null='positions' who takes which positions."
        raise NoNullError(
            f"Random tables give no test here: the totals of actors and codes{kept} alone force "
            f"this table (others that keep them change only {self.movable:.0%} of the recorded "
            f"cells).{'' if advice else alike}",
            advice,
        )

    def pairs(self) -> Iterator[Pairs]:
        """Yield the pair tables of all tables, some tables at a time."""
        _, n, codes = self.tables.shape
        step = max(1, CHUNK // (n * max(codes, n) * len(self.contents)))
        for start in range(0, len(self.tables), step):
            counts = self.contents[self.tables[start : start + step]]
            yield pairs_of_counts(counts, self.stances)

    def values(self, agreement: Agreement) -> Floats:
        """Return an agreement's measure in every table, shape (1 + n, actors, actors)."""
        return np.concatenate([remeasure(agreement, pairs) for pairs in self.pairs()])


def number_of_tables(n_resamples: int | None, n_actors: int) -> int:
    """Return how many random tables a test draws: by default 999, or 199 above 30 actors."""
    default = 999 if n_actors <= 30 else 199
    return check_count("n_resamples", default if n_resamples is None else n_resamples)


def random_tables(
    source: Agreement | Tally,
    n_resamples: int | None = None,
    *,
    null: Null | None = None,
    seed: Seed = 0,
) -> RandomTables:
    """Draw random tables for an agreement, or for a tally.

    Raises
    ------
    NoNullError
        If the cells are not known (a table of the user's own, streamed pair tables), if fewer than
        three actors have a recorded position, or if trades can change fewer than 5 % of the
        recorded cells.

    Notes
    -----
    By default measures of sets and counts ask who says the same things (``positions``). Those of
    ratings compare sides where both speak, so that who speaks on what has to stay (``sides``).

    Two actors trade: for every two categories, who has which is reshuffled over all codes in which
    one actor has the one and the other actor the other. This is curveball (Strona et al. 2014,
    doi:10.1038/ncomms5114) for cells of more than two categories. With three or more of them
    trades do not always connect all tables, so the chains start at the observed
    one: as many trades lead from it to a common ancestor as from there to each random table, and a
    p value is exact whether or not the chain mixes (Besag & Clifford 1989,
    doi:10.1093/biomet/76.4.633).
    """
    tally = source if isinstance(source, Tally) else source.tally
    if tally is None:
        raise NoNullError(
            "Random tables need the cells of a tally, but this agreement holds none: it is a table "
            "of your own, or was made from streamed pair tables."
        )
    measure = source.measure if isinstance(source, Agreement) else None
    family = "set" if measure is None else MEASURES[measure].family
    if null is None:
        null = "sides" if family == "rating" else "positions"
    check_choice("null", null, ("positions", "sides"))
    counts = tally.dense()
    actors = np.flatnonzero(counts.any(axis=(1, 2)))
    if family != "count":
        counts = np.minimum(counts, 1.0)  # sets and ratings do not know how often something is said
    observed, contents = categories(counts[actors])
    n = number_of_tables(n_resamples, len(actors))
    drawn = draw(observed, n, null, check_seed(seed))
    found = RandomTables(drawn, contents, actors, null, tally.stances)
    found.check([tally.actors[i] for i in actors])
    return found


def say_alike(table: NDArray[Any], names: Sequence[str]) -> str:
    """Return a sentence on the blocs whose rows of a table are the same, empty without any."""
    rows: dict[bytes, list[str]] = {}
    for name, row in zip(names, table, strict=True):
        if row.any():  # who is silent is like nobody
            rows.setdefault(row.tobytes(), []).append(name)
    blocs = "; ".join(join_names(bloc) for bloc in rows.values() if len(bloc) > 1)
    return f" Blocs that agree in everything: {blocs}." if blocs else ""


def categories(counts: Floats) -> tuple[Tables, Floats]:
    """Number the different contents of cells, an empty cell as 0.

    Parameters
    ----------
    counts : numpy.ndarray
        Shape (actors, codes, stances) or any number of last entries that describe a cell.

    Returns
    -------
    table : numpy.ndarray of int16
        Shape (actors, codes).
    contents : numpy.ndarray of float
        Shape (categories, stances), in ascending order of contents, so that numbers do not depend
        on the order of actors.
    """
    flat = counts.reshape(-1, counts.shape[-1])
    empty = np.zeros((1, flat.shape[1]))
    contents, number = np.unique(np.concatenate([empty, flat]), axis=0, return_inverse=True)
    # counts are not negative, so that the empty cell comes first
    return number[1:].reshape(counts.shape[:2]).astype(np.int16), contents


def draw(
    observed: Tables, n: int, null: Null, generator: Generator, tilt: Floats | None = None
) -> Tables:
    """Return the observed table and n random ones, shape (1 + n, actors, codes).

    With a `tilt` (tables × actors × codes) trades favour the higher category where it is larger:
    this is how structure is planted in tables with the same totals (see `blocks`).
    """
    lowest = 1 if null == "sides" else 0
    # fewer cells can trade where silence is held, and tilted trades mix more slowly
    mixed = 3 * TRADES if null == "sides" else TRADES
    rounds = mixed if tilt is None else 5 * mixed
    ancestor = observed[None].copy()
    trade(ancestor, mixed, lowest, generator)
    result = np.concatenate([observed[None], np.repeat(ancestor, n, axis=0)])
    step = max(1, CHUNK // max(observed.size, 1))
    for start in progress(range(1, n + 1, step), "random tables"):
        part = result[start : start + step]
        trade(part, rounds, lowest, generator, None if tilt is None else tilt[start - 1 :][:step])
    return result


def trade(
    tables: Tables, rounds: int, lowest: int, generator: Generator, tilt: Floats | None = None
) -> None:
    """Trade in place: in each round every actor trades with one other (one sits out if odd)."""
    number, n, _ = tables.shape
    half = n // 2
    row = np.arange(number)[:, None]
    kinds = int(tables.max(initial=0)) + 1
    for _ in range(rounds if half else 0):
        order = generator.random((number, n)).argsort(axis=1)
        i, j = order[:, :half], order[:, half : 2 * half]
        x, y = tables[row, i], tables[row, j]
        low, high = np.minimum(x, y), np.maximum(x, y)
        # codes with the same two categories are a pool; those that may not trade have their own
        pool = np.where(low < lowest, -1, low * np.int32(kinds) + high)
        key = generator.random(x.shape)
        if tilt is not None:
            # Gumbel noise on log weights: the smallest keys are a weighted draw
            key = np.log(-np.log(np.clip(key, 1e-12, 1 - 1e-12)))
            key = (key - tilt[row, i] + tilt[row, j]) / GUMBEL_RANGE
        # pools in order, and within each a random order of codes: as many of the first ones as
        # before, now others, have the higher category on the side of the first actor
        behind = np.sort(2 * pool + (x < high), axis=2) & 1
        first = np.empty_like(behind)
        np.put_along_axis(first, (pool + key).argsort(axis=2), behind == 0, axis=2)
        first = np.where(low < lowest, x == high, first)
        tables[row, i] = np.where(first, high, low)
        tables[row, j] = np.where(first, low, high)


def blocks(
    observed: Tables, n: int, generator: Generator, dimension: NDArray[np.int64] | None = None
) -> Floats:
    """Return tilts that plant two clear blocks in n tables with the totals of an observed one.

    Each block is half of the actors with half of the codes (of the dimensions, where the number of
    each code's dimension is given), so that both halves hold about as much; which of equals is in
    which is drawn for each table, and no order of rows matters. The odds are
    those of positions taken with probability 0.8 inside a block and 0.15 outside:
    log(0.8 / 0.2) - log(0.15 / 0.85) = 3.12.
    """
    held = observed > 0
    group = np.arange(observed.shape[1]) if dimension is None else dimension
    sides = []
    for totals in (held.sum(axis=1), np.bincount(group, weights=held.sum(axis=0))):
        rank = (totals + generator.random((n, len(totals)))).argsort(axis=1).argsort(axis=1)
        sides.append(np.where((rank + 1) // 2 % 2 == 0, 1.0, -1.0))  # + - - + + - - …
    return np.asarray(3.12 / 2 * sides[0][:, :, None] * sides[1][:, None, group])


def p_value(statistics: Sequence[float] | Floats) -> float:
    """Return how often a table does as well as the first, which is the observed one.

    One-sided, the larger the better; the observed table counts as one of them (Phipson & Smyth
    2010, doi:10.2202/1544-6115.1585). Give deviations from the mean for a two-sided test.
    """
    values = np.asarray(statistics, dtype=np.float64)
    return float((values >= values[0] - TIE).mean())


def p_range(p: float, n_tables: int) -> tuple[float, float]:
    """Return within which bounds p would lie if all random tables were drawn, with 95 % certainty.

    Clopper & Pearson (1934, doi:10.1093/biomet/26.4.404), for r of n random tables.
    """
    from scipy.special import betaincinv

    reached = round(p * (n_tables + 1)) - 1
    low = 0.0 if reached <= 0 else betaincinv(reached, n_tables - reached + 1, 0.025)
    high = 1.0 if reached >= n_tables else betaincinv(reached + 1, n_tables - reached, 0.975)
    return float(low), float(high)


def explained(values: Floats, expected: Floats) -> float:
    """Return how much of the differences between values is what chance expects of each.

    1 minus the mean squared deviation from what is expected, divided by the variance; ``NaN`` where
    all are alike.
    """
    defined = ~np.isnan(values + expected)
    values, expected = values[defined], expected[defined]
    if len(values) < 2 or values.std() <= TIE:
        return float("nan")
    return float(1 - ((values - expected) ** 2).mean() / values.var())


def shuffled(n_resamples: int, null: Null) -> str:
    """Return how many random tables there are and what they shuffle, in words."""
    return f"{count(n_resamples, 'random table')} shuffle {QUESTIONS[null]} and keep all totals"


class ChanceResult(Result):
    """A result whose statistic is compared with that of random tables."""

    random: Floats
    p_value: float

    @property
    def n_resamples(self) -> int:
        """How many random tables were drawn."""
        return len(self.random)

    @property
    def p_range(self) -> tuple[float, float]:
        """Where p would lie if all random tables were drawn, with 95 % certainty."""
        return p_range(self.p_value, self.n_resamples)


def first_eigenvalues(values: Floats) -> Floats:
    """Return the largest eigenvalue of each double-centred table of agreement.

    Undefined pairs take their table's mean. The diagonal is 1; any constant gives the same order.
    """
    table, _ = fill_gaps(values, 1.0)
    rows = table.mean(axis=-1, keepdims=True)
    centred = table - rows - np.swapaxes(rows, -1, -2) + rows.mean(axis=-2, keepdims=True)
    return np.asarray(np.linalg.eigvalsh(centred)[..., -1])
