"""Pair tables of statements that are too many for one machine's memory, or that lie on many.

The tables of `camdata.pairs` add up over disjoint codes. So statements are taken block by block, a
block being some of the codes with everything that is said on them, and only the tables are kept:
one after the other on one machine, within the memory that is given, or each where the statements
are, on the workers of Dask and Spark.

What it takes on workers, on paper: 10 billion statements of 500 actors on 100 workers.

- One shuffle brings the statements of a code together. A statement is about 20 bytes on the way (an
  actor, a code, a stance; the engines compress), 200 GB in all, 2 GB out of and into each worker:
  16 seconds at 1 Gbit/s each way, if nothing else is on the network.
- A worker then holds 100 million statements, in partitions that the engine chooses: at 128 MB each,
  some 2,000 partitions in all, one after the other on each core.
- A partition becomes one table: with support and opposition, and rarely both, 3 sets of stances ×
  500 actors squared, in 4 bytes each 9 MB; 2,000 of them are 18 GB that travel, of the 200 GB that
  the shuffle moved. Dask adds them up eight at a time on the way; Spark hands them over one by one,
  so that the caller holds two. The multiplying is 2 × 1,500² operations for each code: with 20
  million codes 9 · 10¹³, or 10 seconds on each of 100 workers with 100 Gflops.

Nothing here grows with the statements but the time of one pass. What ends it is the square of the
number of actors: with 5,000 of them a table of two sets is 400 MB, and 2,000 of these no longer
travel; with 50,000 one of them, 40 GB, is more than a worker has.
"""

from __future__ import annotations

import itertools
import pickle
import re
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from camdata._display.checks import check_count
from camdata._display.progress import progress
from camdata._display.results import Result
from camdata._display.words import count
from camdata.analysis import lazy
from camdata.analysis.counting import Duplicates, Numbered, Question, ask, numbered, read
from camdata.analysis.lazy import MISSING, OTHER, Columns, Reading, Stream, Wrong
from camdata.analysis.pairs import Pairs, check_scale, pairs_of, pairs_of_cells, pairs_of_sets
from camdata.model.cells import name_text
from camdata.model.tally import Whole, narrow

if TYPE_CHECKING:
    import narwhals as nw

CELL_BYTES = 160
"""About what one cell takes that comes from an engine, from its text to the numbers of it."""
ROW_BYTES = 48
"""About what one statement of a stream takes until it is counted, where it has to be kept."""
UNITS = {"B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}
UNITS |= {"KIB": 2**10, "MIB": 2**20, "GIB": 2**30, "TIB": 2**40}


@dataclass(frozen=True, eq=False, repr=False)
class PairTables(Result):
    """What every measure is a formula over, for statements of which nothing else is kept.

    Goes into `camdata.agreement` and `camdata.dyads` in place of a tally.

    Attributes
    ----------
    actors : tuple of str
        As they were asked for, else in alphabetical order.
    stances : tuple of int
        The levels that a statement may take.
    duplicates : str
        How repeated statements count.
    n_statements : int
        How many statements were counted, repeated ones included.
    passes : int
        How often the source was read, or asked for a block of codes; on workers how many tables
        were added.
    pairs : Pairs
        The tables themselves.
    """

    actors: tuple[str, ...]
    stances: tuple[int, ...]
    duplicates: str
    n_statements: int
    passes: int
    pairs: Pairs

    @property
    def frame(self) -> pd.DataFrame:
        """On how many codes two actors are both recorded, actors × actors, int64."""
        index = pd.Index(self.actors, name="actor", dtype="str")
        return pd.DataFrame(self.pairs.codes.astype(np.int64), index, index)

    @property
    def summary(self) -> str:
        """What was counted, and in how many passes, in words."""
        how = {"once": ", each once", "document": ", once in each document"}
        return (
            f"{count(self.n_statements, 'statement')} of {count(len(self.actors), 'actor')}"
            f"{how.get(self.duplicates, '')}, compared in {count(self.passes, 'pass', 'passes')}"
        )


def pair_tables(
    source: object,
    *,
    actor: str = "actor",
    code: str = "code",
    stance: str = "stance",
    document: str | None = None,
    stances: Sequence[int] | None = None,
    actors: str | Sequence[str] | None = None,
    duplicates: Duplicates = "once",
    max_memory: int | str | None = None,
) -> PairTables:
    """Compare actors on statements that are too many for a tally.

    Parameters
    ----------
    source, actor, code, stance, document, stances, actors, duplicates
        As for `camdata.tally`.
    max_memory : int or str, optional
        About how much memory the counts may take, in bytes or as text (``"1 GB"``, ``"500 MiB"``).
        The codes are divided into as many blocks as that takes, and the source is read, or asked,
        once for each; `PairTables.passes` says how often. By default one pass takes everything. The
        tables themselves, what they are made with, and what pyarrow reads ahead of a large file
        come on top: up to 500 MB, and 4 bytes for each pair of actors and of sets of stances. Not
        for Dask and Spark, where the tables are made on the workers and the partitions say how much
        each of them holds.

    Returns
    -------
    PairTables
        The same, to the last bit, as the tables of the tally.

    Raises
    ------
    ValueError, TypeError, ImportError
        As for `camdata.tally`; if `max_memory` is no amount of memory; and if a record-batch
        reader, which can be read only once, would have to be read again.

    Notes
    -----
    A dataset of pyarrow is read straight into an array of one byte for each actor and code (where
    repeated statements count once; else the statements of a pass are kept as numbers): nothing is
    sorted or grouped. So is DuckDB where repeated statements count once, or `max_memory` is given.
    A table in memory is compared in one pass. The others are asked for counts, with a filter on the
    code for each block; where there are blocks, the names of all codes travel once. The memory that
    an engine needs for its own group-by is its own to bound.

    Examples
    --------
    >>> import pyarrow as pa
    >>> import pyarrow.dataset
    >>> import camdata as cam
    >>> votes = pa.table({"actor": ["A", "B", "A"], "code": ["x", "x", "y"], "stance": [1, -1, 1]})
    >>> tables = cam.pair_tables(pyarrow.dataset.dataset(votes), max_memory="1 MB")
    >>> tables
    3 statements of 2 actors, each once, compared in 1 pass
    >>> cam.agreement(tables, "matching").frame.loc["A", "B"]
    np.float64(0.0)
    """
    question = ask(actor, code, stance, document, stances, actors, duplicates)
    check_scale(question.scale)
    limit = None if max_memory is None else bytes_of(max_memory)
    import narwhals as nw

    table = lazy.opened(source)
    columns = question.columns_of(table)
    wrong = Wrong()
    if isinstance(table, nw.LazyFrame) and (limit is not None or question.duplicates == "once"):
        # where nearly every statement is a cell of its own, grouping takes six times as long
        table = lazy.streamed(table) or table
    if isinstance(table, Stream):
        found = _of_stream(table, columns, question, limit, wrong)
    elif isinstance(table, nw.LazyFrame) and _on_workers(table):
        if limit is not None:
            raise ValueError(
                "`max_memory` is not for Dask and Spark, which hold as much at a time as one of "
                "their partitions: make more partitions."
            )
        found = _of_workers(table, columns, question, wrong)
    elif isinstance(table, nw.LazyFrame) and limit is not None:
        found = _of_engine(table, columns, question, limit, wrong)
    else:
        every = read(table, columns, question, wrong)
        wrong.check(columns, question.scale)
        made = every.tally(question)
        assert made.statements is not None
        found = _Found(made.actors, int(made.statements.sum()), 1, pairs_of(made))
    wrong.check(columns, question.scale)
    return PairTables(
        found.actors,
        question.scale,
        question.duplicates,
        found.statements,
        found.passes,
        found.pairs,
    )


def bytes_of(memory: int | str) -> int:
    """Return an amount of memory in bytes.

    Raises
    ------
    ValueError, TypeError
        If it is no whole number from 1, and no text like "1 GB" or "500 MiB".
    """
    if not isinstance(memory, str):
        return check_count("max_memory", memory, most=None)
    parts = re.fullmatch(r"\s*([0-9]+(?:\.[0-9]+)?)\s*([A-Za-z]+)\s*", memory)
    unit = UNITS.get(parts[2].upper()) if parts else None
    if parts is None or unit is None or (amount := int(float(parts[1]) * unit)) < 1:
        raise ValueError(
            f"`max_memory` must be bytes, or text like '1 GB' or '500 MiB', but {memory!r} was "
            "passed."
        )
    return amount


@dataclass
class _Found:
    """What was found: whose tables, over how many statements, in how many passes."""

    actors: tuple[str, ...]
    statements: int
    passes: int
    pairs: Pairs


def _total(parts: Iterable[Pairs]) -> Pairs:
    """Add tables up, holding two of them at a time."""
    each = iter(parts)
    total = next(each)
    for part in each:
        total = total + part
    return total


def _reordered(pairs: Pairs, order: NDArray[np.int64]) -> Pairs:
    """Return the tables of the same actors in another order."""
    if (order == np.arange(len(order))).all():
        return pairs
    counted = pairs.counted
    return replace(
        pairs,
        joint=pairs.joint[:, order][:, :, :, order],
        counted=None if counted is None else counted[:, order][:, :, :, order],
        totals=pairs.totals[order],
    )


# a stream of batches


class _TooMuch(Exception):
    """More than the memory that is given."""


def _of_stream(
    stream: Stream, columns: Columns, question: Question, limit: int | None, wrong: Wrong
) -> _Found:
    reading = _Blocks(columns, question.scale, question.actors, wrong)
    keep = _Sets if question.duplicates == "once" else _Rows
    blocks, parts, statements = [(1, 0)], [], 0
    for number in itertools.count(1):
        reading.take(*blocks.pop())
        kept = keep(reading, question)
        for batch in progress(reading.read(stream), f"pass {number}"):
            kept.add(batch)
            while limit is not None and kept.size > limit and reading.divisible:
                if stream.once:
                    raise ValueError(
                        "These statements take more than the memory that `max_memory` gives, and a "
                        "record-batch reader can be read only once: give more memory, or a dataset."
                    )
                blocks.append(reading.split())
                kept.shrink(reading.renumbered())
        if number == 1:  # every pass meets all rows
            wrong.check(columns, question.scale)
            statements = reading.rows
        parts.append(kept.pairs())
        if not blocks:
            break
    names = list(reading.actors)
    n = len(names)
    order = range(n) if question.actors is not None else sorted(range(n), key=names.__getitem__)
    place = np.array(order, dtype=np.int64)
    pairs = _reordered(_total(parts), place)
    return _Found(tuple(names[i] for i in place), statements, number, pairs)


@dataclass
class _Blocks(Reading):
    """A stream of which one block of codes is read: those whose checksum leaves a remainder."""

    modulus: int = 1
    remainder: int = 0
    _moved: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, dtype=np.int64))

    def take(self, modulus: int, remainder: int) -> None:
        """Read this block from now on."""
        self.modulus, self.remainder = modulus, remainder
        self.codes.clear()
        self.forget_codes()

    def number_code(self, value: Any) -> int:
        if lazy.is_missing(value):
            return MISSING
        name = name_text(value)
        if not self._inside(name):
            return OTHER
        return self.codes.setdefault(name, len(self.codes))

    def _inside(self, name: str) -> bool:
        return zlib.crc32(name.encode("utf-8", "surrogatepass")) % self.modulus == self.remainder

    @property
    def divisible(self) -> bool:
        """Whether there are several codes, which a checksum of 32 bits can still tell apart."""
        return len(self.codes) > 1 and self.modulus < 2**32

    def split(self) -> tuple[int, int]:
        """Halve the block, and return the half that is left for another pass."""
        rest = (2 * self.modulus, self.remainder + self.modulus)
        self.modulus *= 2
        kept = [name for name in self.codes if self._inside(name)]
        self._moved = np.array([self.codes[name] for name in kept], dtype=np.int64)
        self.codes.clear()
        self.codes.update((name, i) for i, name in enumerate(kept))
        self.forget_codes()
        return rest

    def renumbered(self) -> NDArray[np.int64]:
        """Return for each code that `split` left its number before."""
        return self._moved


class _Sets:
    """The sets of stances that are held, as an array of bits, codes × actors."""

    def __init__(self, reading: Reading, question: Question) -> None:
        self._reading, self._question = reading, question
        bits = next(b for b in (8, 16, 32, 64) if len(question.scale) <= b)
        self._bits = (1 << np.arange(len(question.scale), dtype=np.uint64)).astype(f"uint{bits}")
        self._sets = np.zeros((0, 0), self._bits.dtype)

    @property
    def size(self) -> int:
        return len(self._reading.codes) * len(self._reading.actors) * self._bits.itemsize

    def add(self, batch: tuple[NDArray[np.int32], ...]) -> None:
        actor, code, level, *_ = batch
        self._grow()
        held = self._sets.reshape(-1)
        place = code.astype(np.int64)
        place *= self._sets.shape[1]
        place += actor
        bits = self._bits[level]
        while len(place):
            held[place] |= bits
            # of two statements of one actor on one code, one may have overwritten the other
            lost = (held[place] & bits) != bits
            if not lost.any():
                break
            place, bits = place[lost], bits[lost]

    def _grow(self) -> None:
        codes, actors = len(self._reading.codes), len(self._reading.actors)
        rows, width = self._sets.shape
        if actors > width:
            wider = actors if self._question.actors is not None else max(actors, 2 * width, 16)
            before, self._sets = self._sets, np.zeros((max(rows, codes), wider), self._bits.dtype)
            self._sets[:rows, :width] = before
        elif codes > rows:
            # in place: no copy is made of what is there
            self._sets.resize((max(codes, rows + rows // 2), width), refcheck=False)

    def shrink(self, kept: NDArray[np.int64]) -> None:
        self._sets = self._sets[kept]

    def pairs(self) -> Pairs:
        self._grow()
        sets = self._sets[: len(self._reading.codes), : len(self._reading.actors)]
        return pairs_of_sets(sets, self._question.scale)


class _Rows:
    """The statements themselves, where it matters how often they are repeated."""

    def __init__(self, reading: Reading, question: Question) -> None:
        self._reading, self._question = reading, question
        self._parts: list[list[Whole]] = []

    @property
    def size(self) -> int:
        return sum(len(parts[0]) for parts in self._parts) * ROW_BYTES

    def add(self, batch: tuple[NDArray[np.int32], ...]) -> None:
        actor, code, level, *unit = batch
        actors, levels = len(self._reading.actors), len(self._question.scale)
        self._parts.append([narrow(actor, actors), code, narrow(level, levels), *unit])

    def shrink(self, kept: NDArray[np.int64]) -> None:
        most = max((int(parts[1].max(initial=0)) for parts in self._parts), default=0)
        place = np.full(max(most, int(kept.max(initial=0))) + 1, OTHER, dtype=np.int32)
        place[kept] = np.arange(len(kept))
        for parts in self._parts:
            parts[1] = place[parts[1]]
            inside = parts[1] >= 0
            parts[:] = [part[inside] for part in parts]

    def pairs(self) -> Pairs:
        n_actors, n_codes = len(self._reading.actors), len(self._reading.codes)
        if not self._parts:
            self._parts = [[np.empty(0, dtype=np.int32)] * 4]
        actor, code, level, *unit = (
            np.concatenate(each) for each in zip(*self._parts, strict=True)
        )
        self._parts = []
        actors, codes = [""] * n_actors, [""] * n_codes
        rows = Numbered(actor, code, level, actors, codes, unit[0] if unit else None)
        scale = tuple(map(float, self._question.scale))
        return pairs_of_cells(rows.cells(self._question), n_actors, n_codes, scale)


# an engine of one machine


def _of_engine(
    table: nw.LazyFrame[Any], columns: Columns, question: Question, limit: int, wrong: Wrong
) -> _Found:
    import narwhals as nw

    question = _with_actors(table, columns, question, wrong)
    table = _as_sorted(table, columns)
    ends, rows = _ends(table, columns, limit, wrong)
    blocks: list[Any] = [*ends, None]
    scale = tuple(map(float, question.scale))
    statements = met = 0

    def parts() -> Iterator[Pairs]:
        nonlocal statements, met
        low = None
        for high in progress(blocks, "blocks of codes", len(blocks)):
            part = table
            if low is not None:
                part = part.filter(nw.col(columns.code) >= nw.lit(low))
            if high is not None:
                part = part.filter(nw.col(columns.code) < nw.lit(high))
            low = high
            counts = lazy.counted(part, columns)
            met += int(counts[lazy.STATEMENTS].sum())
            found = numbered(counts, columns, question, wrong)
            cells = found.cells(question)
            statements += int(cells.statements.sum(dtype=np.int64))
            yield pairs_of_cells(cells, len(found.actors), len(found.keys), scale)

    pairs = _total(parts())
    if met != rows:  # a row that two blocks have, or none, would be a wrong answer
        raise ValueError(
            f"The blocks have {met:,} rows, the table {rows:,}: it changed, or the engine sorts "
            f"{columns.code!r} in an order of its own. Make it text without a collation."
        )
    assert question.actors is not None
    return _Found(question.actors, statements, len(blocks), pairs)


def _as_sorted(table: nw.LazyFrame[Any], columns: Columns) -> nw.LazyFrame[Any]:
    """Return a table whose codes are compared as Python does: categories have their own order."""
    import narwhals as nw

    kind = table.collect_schema()[columns.code]
    if kind == nw.Categorical or kind == nw.Enum:
        return table.with_columns(nw.col(columns.code).cast(nw.String))
    return table


def _with_actors(
    table: nw.LazyFrame[Any], columns: Columns, question: Question, wrong: Wrong
) -> Question:
    """Return the question with everyone as its actors, unless it has some."""
    if question.actors is not None:
        return question
    found = lazy.different(table, columns.actor)[columns.actor].to_list()
    names = sorted({name_text(value) for value in found if not lazy.is_missing(value)})
    return replace(question, actors=tuple(names))


def _ends(
    table: nw.LazyFrame[Any], columns: Columns, limit: int, wrong: Wrong
) -> tuple[list[Any], int]:
    """Return the first codes of all blocks but the first, each within the limit, and all rows."""
    codes = lazy.different(table, columns.code)
    values = codes[columns.code].to_list()
    rows = codes[lazy.STATEMENTS].to_list()
    for value, number in zip(values, rows, strict=True):
        if lazy.is_missing(value):
            wrong.miss(columns.code, number)
    wrong.check(columns, ())
    ends, size = [], 0
    for value, number in sorted(zip(values, rows, strict=True)):
        size += number * CELL_BYTES
        if size > limit and size > number * CELL_BYTES:
            ends.append(value)
            size = number * CELL_BYTES
    return ends, sum(rows)


# workers


def _on_workers(table: nw.LazyFrame[Any]) -> bool:
    engine = table.implementation
    return bool(engine.is_dask() or engine.is_spark_like())


@dataclass
class _Part:
    """What a worker makes of its statements."""

    pairs: Pairs
    wrong: Wrong
    statements: int
    parts: int = 1

    def __add__(self, other: _Part) -> _Part:
        self.wrong.add(other.wrong)
        return _Part(
            self.pairs + other.pairs,
            self.wrong,
            self.statements + other.statements,
            self.parts + other.parts,
        )


PART = "part"
"""The column of the frames of one row that travel."""


def _of_workers(
    table: nw.LazyFrame[Any], columns: Columns, question: Question, wrong: Wrong
) -> _Found:
    question = _with_actors(table, columns, question, wrong)
    native = table.to_native()
    make = _of_dask if table.implementation.is_dask() else _of_spark
    total = make(native, columns, question)
    wrong.add(total.wrong)
    assert question.actors is not None
    return _Found(question.actors, total.statements, total.parts, total.pairs)


def _part(frame: pd.DataFrame, columns: Columns, question: Question) -> _Part:
    """Compare the actors on the codes of one partition."""
    import narwhals as nw

    wrong = Wrong()
    found = numbered(nw.from_native(frame, eager_only=True), columns, question, wrong)
    cells = found.cells(question)
    scale = tuple(map(float, question.scale))
    pairs = pairs_of_cells(cells, len(found.actors), len(found.keys), scale)
    return _Part(pairs, wrong, int(cells.statements.sum(dtype=np.int64)))


def _framed(part: _Part) -> pd.DataFrame:
    return pd.DataFrame({PART: [pickle.dumps(part)]}, dtype="object")


def _of_dask(frame: Any, columns: Columns, question: Question) -> _Part:
    """Shuffle by code, make a table for each partition, and add them up eight at a time."""

    def add(frames: pd.DataFrame) -> pd.DataFrame:
        parts = map(pickle.loads, frames[PART])
        total = next(parts)
        for part in parts:
            total = total + part
        return _framed(total)

    together = frame[columns.names].shuffle(on=columns.code)
    total = together.reduction(
        lambda part: _framed(_part(part, columns, question)),
        combine=add,
        aggregate=add,
        meta=pd.DataFrame({PART: pd.Series([], dtype="object")}),
        split_every=8,
    )
    part: _Part = pickle.loads(total.compute()[PART].iloc[0])
    return part


def _of_spark(frame: Any, columns: Columns, question: Question) -> _Part:
    """Shuffle by code, make a table for each partition, and add them up as they arrive."""

    def compared(batches: Iterator[pd.DataFrame]) -> Iterator[pd.DataFrame]:
        frames = list(batches)
        if frames:
            yield _framed(_part(pd.concat(frames, ignore_index=True), columns, question))

    together = frame.select(*columns.names).repartition(columns.code)
    rows = together.mapInPandas(compared, f"{PART} binary").toLocalIterator()
    empty = pd.DataFrame({name: pd.Series([], dtype="str") for name in columns.names})
    total = _part(empty, columns, question)
    total.parts = 0
    for row in rows:
        total = total + pickle.loads(row[PART])
    return total
