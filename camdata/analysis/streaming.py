"""Pair tables straight from statements that are too many for a tally, or on many machines.

Pair tables over different codes add up. So statements that come in batches are only marked in an
array of one byte for each actor and code, and on the workers of Dask and Spark each partition of
the codes becomes tables of its own, of which only the sum travels.

What that takes, on paper: 10 billion statements of 500 actors on 100 workers.

- One shuffle brings the statements of a code together. A statement is about 20 bytes on the way (an
  actor, a code, a stance; the engines compress), 200 GB in all, 2 GB out of and into each worker:
  16 seconds at 1 Gbit/s each way, if nothing else is on the network.
- A worker then has 100 million statements, in partitions that the engine chooses: at 128 MB each,
  some 2,000 partitions in all, one after the other on each core.
- A partition becomes one table: with support and opposition, and rarely both, 3 sets of stances ×
  500 actors squared, in 4 bytes each 9 MB; 2,000 of them are 18 GB that travel, of the 200 GB that
  the shuffle moved. Dask adds them up eight at a time on the way; Spark hands them over one by one,
  so that the caller holds two. The multiplying is 2 × 1,500² operations for each code: with 20
  million codes 9 · 10¹³, or 10 seconds on each of 100 workers with 100 Gflops.

The limit is the square of the number of actors: with 5,000 of them a table of two sets is 400 MB,
and 2,000 of these no longer travel.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from camdata._display.checks import import_optional
from camdata._display.progress import progress
from camdata._display.results import Result
from camdata._display.words import count
from camdata.analysis.counting import Faults, Question, Reading, Repeats, ask, check_faults
from camdata.analysis.engines import Batch, open_statements
from camdata.analysis.pairs import (
    Bits,
    Pairs,
    add_pairs,
    mark_sets,
    pairs_of_cells,
    pairs_of_sets,
    stance_bits,
)
from camdata.model.tally import count_cells


@dataclass(frozen=True, eq=False, repr=False)
class PairTables(Result):
    """What every measure is a formula over, for statements of which nothing else is kept.

    Goes into `camdata.agreement` and `camdata.dyads` in place of a tally. Tables over different
    codes can be added, also of different actors.

    Attributes
    ----------
    actors : tuple of str
        As they were asked for, else in alphabetical order (of a table in memory, in order of first
        appearance).
    stances : tuple of int
        The levels that a statement may take.
    duplicates : str
        How repeated statements count.
    n_statements : int
        How many statements were counted, repeated ones included.
    pairs : Pairs
        The tables themselves.

    Examples
    --------
    >>> import pandas as pd
    >>> import camdata as cam
    >>> first = pd.DataFrame({"actor": ["A", "B"], "code": "x", "stance": [1, -1]})
    >>> second = pd.DataFrame({"actor": ["A", "C"], "code": "y", "stance": [1, 1]})
    >>> cam.analysis.pair_tables(first) + cam.analysis.pair_tables(second)
    4 statements of 3 actors, each once
    """

    actors: tuple[str, ...]
    stances: tuple[int, ...]
    duplicates: str
    n_statements: int
    pairs: Pairs

    def __add__(self, other: PairTables) -> PairTables:
        """Add tables over other codes; their actors are put in alphabetical order if they differ.

        Raises
        ------
        ValueError
            If the scales differ, or repeated statements count in different ways.
        """
        if self.duplicates != other.duplicates:
            both = f"{self.duplicates!r} and {other.duplicates!r}"
            raise ValueError(f"Tables with different duplicates cannot be added: {both}.")
        actors = self.actors
        if other.actors != actors:
            actors = tuple(sorted({*self.actors, *other.actors}))
        return _total([self, other], actors)

    @property
    def frame(self) -> pd.DataFrame:
        """On how many codes two actors are both recorded, actors × actors, int64."""
        index = pd.Index(self.actors, name="actor", dtype="str")
        return pd.DataFrame(self.pairs.codes.astype(np.int64), index, index)

    @property
    def summary(self) -> str:
        """What was counted, in words."""
        how = {"once": ", each once", "document": ", once in each document"}
        return (
            f"{count(self.n_statements, 'statement')} of {count(len(self.actors), 'actor')}"
            f"{how.get(self.duplicates, '')}"
        )


def _total(parts: list[PairTables], actors: tuple[str, ...]) -> PairTables:
    """Add tables, and put their actors in this order."""
    number = {name: i for i, name in enumerate(actors)}
    places = [[number[name] for name in part.actors] for part in parts]
    pairs = add_pairs([part.pairs for part in parts], places, len(actors))
    n_statements = sum(part.n_statements for part in parts)
    return replace(parts[0], actors=actors, n_statements=n_statements, pairs=pairs)


def pair_tables(
    source: object,
    *,
    actor: str = "actor",
    code: str = "code",
    stance: str = "stance",
    document: str = "document",
    stances: Sequence[int] | None = None,
    actors: str | Sequence[str] | None = None,
    duplicates: Repeats = "once",
) -> PairTables:
    """Compare actors on statements that are too many for a tally.

    Parameters
    ----------
    source, actor, code, stance, document, stances, actors, duplicates
        As for `camdata.tally`.

    Returns
    -------
    PairTables
        The same, to the last bit, as the tables of the tally.

    Raises
    ------
    ValueError, TypeError, ImportError
        As for `camdata.tally`.

    Notes
    -----
    Where repeated statements count once, rows are read batch by batch, and only an array of one
    byte for each actor and code is in memory (up to eight bytes on scales of more than eight
    levels): nothing is sorted or grouped. So are DuckDB and Ibis; Polars counts by a group-by
    first. Otherwise the statements are counted as by `camdata.tally`.

    Dask and Spark make the tables where the partitions are, after one shuffle by code. Other
    engines can do the same: bring the statements of each code together, call this function on each
    part, and add up what it returns.

    Examples
    --------
    >>> import pyarrow as pa
    >>> import pyarrow.dataset
    >>> import camdata as cam
    >>> votes = pa.table({"actor": ["A", "B", "A"], "code": ["x", "x", "y"], "stance": [1, -1, 1]})
    >>> tables = cam.analysis.pair_tables(pyarrow.dataset.dataset(votes))
    >>> tables
    3 statements of 2 actors, each once
    >>> cam.agreement(tables, "matching").frame.loc["A", "B"]
    np.float64(0.0)
    """
    table = open_statements(source, stream=duplicates == "once")
    named = {"actor": actor, "code": code, "stance": stance, "document": document}
    question = ask(table.names, named, stances, actors, duplicates)
    stance_bits(question.scale)  # too long a scale is refused before anything is read
    if table.lazy is not None and table.lazy.implementation.is_dask():
        tables, faults = _on_dask(table.lazy.to_native(), question)
    elif table.lazy is not None and table.lazy.implementation.is_spark_like():
        tables, faults = _on_spark(table.lazy.to_native(), question)
    else:
        batches = progress(table.batches(question.columns), "batches")
        tables, faults = _compare(batches, question, is_ordered=table.is_ordered)
    check_faults(faults, question)
    return tables


Outcome: TypeAlias = tuple[PairTables, Faults]
"""The tables of some statements, and what is wrong with these."""


def _add(first: Outcome, second: Outcome) -> Outcome:
    return first[0] + second[0], first[1] + second[1]


def _compare(batches: Iterable[Batch], question: Question, *, is_ordered: bool = False) -> Outcome:
    """Make the pair tables of statements that come in batches."""
    reading = Reading(question)
    n_statements = 0
    if question.duplicates == "once":
        bits = stance_bits(question.scale)
        sets = np.zeros((0, len(reading.actors)), bits.dtype)
        for rows in reading.rows(batches):
            sets = _grown(sets, len(reading.codes), len(reading.actors))
            mark_sets(sets, rows.key, rows.actor, bits[rows.stance])
            n_statements += len(rows.key) if rows.weight is None else int(rows.weight.sum())
        pairs = pairs_of_sets(sets[: len(reading.codes), : len(reading.actors)], question.scale)
    else:
        every = reading.everything(batches)
        shape = (len(reading.actors), len(reading.codes), len(question.scale))
        cells = count_cells(every, shape, question.duplicates)
        n_statements = int(cells.statements.sum(dtype=np.int64))
        pairs = pairs_of_cells(cells, (shape[1], shape[0]), question.scale)
    actors = tuple(reading.actors)
    tables = PairTables(actors, question.scale, question.duplicates, n_statements, pairs)
    if question.chosen is None and not is_ordered and list(actors) != sorted(actors):
        tables = _total([tables], tuple(sorted(actors)))
    return tables, reading.faults


def _grown(sets: Bits, n_codes: int, n_actors: int) -> Bits:
    """Return the sets of codes × actors with room for at least so many."""
    rows, width = sets.shape
    if n_actors > width:
        wider = np.zeros((max(rows, n_codes), max(n_actors, 2 * width)), sets.dtype)
        wider[:rows, :width] = sets
        return wider
    if n_codes > rows:  # in place: no copy is made of what is there
        sets.resize((max(n_codes, rows + rows // 2), width), refcheck=False)
    return sets


PART = "part"
"""The column of the frames of one row in which parts travel."""


def _on_dask(frame: Any, question: Question) -> Outcome:
    """Shuffle by code, make the tables of each partition, and add them up eight at a time."""

    def framed(part: Outcome) -> pd.DataFrame:
        return pd.DataFrame({PART: [pickle.dumps(part)]}, dtype="object")

    def compare(rows: pd.DataFrame) -> pd.DataFrame:
        return framed(_compare([{name: rows[name] for name in rows.columns}], question))

    def total(frames: pd.DataFrame) -> pd.DataFrame:
        return framed(reduce(_add, map(pickle.loads, frames[PART])))

    together = frame[question.columns].shuffle(on=question.named["code"])
    meta = pd.DataFrame({PART: pd.Series([], dtype="object")})
    found = together.reduction(compare, combine=total, aggregate=total, meta=meta, split_every=8)
    part: Outcome = pickle.loads(found.compute()[PART].iloc[0])
    return part


def _on_spark(frame: Any, question: Question) -> Outcome:
    """Shuffle by code, make the tables of each partition, and add them up as they arrive."""

    def compare(batches: Iterator[Any]) -> Iterator[Any]:
        named = ({name: batch.column(name) for name in question.columns} for batch in batches)
        part = pickle.dumps(_compare(named, question))
        yield import_optional("pyarrow", "engines").RecordBatch.from_pydict({PART: [part]})

    together = frame.select(*question.columns).repartition(question.named["code"])
    rows = together.mapInArrow(compare, f"{PART} binary").toLocalIterator()
    parts = (pickle.loads(row[PART]) for row in rows)
    return reduce(_add, parts, _compare([], question))
