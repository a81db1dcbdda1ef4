"""Statements that are not in memory: counted by an engine, or read as a stream of Arrow batches.

Nothing here knows what is made of the counts. narwhals is the one layer over the engines (DuckDB,
Polars, Ibis, Dask, Spark): counting is one group-by there, and only counts travel. Datasets and
record-batch readers of pyarrow, which narwhals does not take, are read batch by batch, and so is
DuckDB where nothing but pairs of actors is asked for.
"""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Callable, Hashable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from camdata._display.checks import need
from camdata._display.words import count, listed
from camdata.model.cells import name_text

if TYPE_CHECKING:
    import narwhals as nw

STATEMENTS, DOCUMENTS = "camdata_statements", "camdata_documents"
"""What the columns of counts are called that an engine returns."""
MISSING, OTHER, UNSEEN = -1, -2, -3
"""Numbers of what is missing, of what is not asked for, and of what was not met before."""
FEW = 100
"""Values are few if so many times more were met before."""
BATCH_ROWS = 2**18
"""About how many rows of a dataset are read at once."""


@dataclass(frozen=True)
class Columns:
    """Which columns say who, on what, how and where; the last two where the table has them."""

    actor: str
    code: str
    stance: str | None
    document: str | None

    @property
    def names(self) -> list[str]:
        """The columns, each once."""
        named = (self.actor, self.code, self.stance, self.document)
        return list(dict.fromkeys(name for name in named if name is not None))


@dataclass
class Wrong:
    """What is wrong with statements, gathered over parts of a table and raised at once."""

    missing: dict[str, int] = field(default_factory=dict)
    strange: dict[str, str] = field(default_factory=dict)

    def miss(self, column: str, rows: int) -> None:
        """Add rows that have no value in a column where each needs one."""
        if rows:
            self.missing[column] = self.missing.get(column, 0) + rows

    def level(self, value: object) -> None:
        """Add a stance that is not on the scale."""
        plain = value.item() if isinstance(value, np.generic) else value
        self.strange[repr(plain)] = str(plain)

    def add(self, other: Wrong) -> None:
        """Add what is wrong with another part."""
        for column, rows in other.missing.items():
            self.miss(column, rows)
        self.strange |= other.strange

    def check(self, columns: Columns, scale: tuple[int, ...]) -> None:
        """Raise a ValueError that says everything that is wrong, if anything is."""
        said = [
            f"{count(self.missing[name], 'row')} of the table without a value in {name!r}."
            for name in dict.fromkeys((columns.actor, columns.code))
            if name in self.missing
        ]
        if self.strange:
            found = sorted(self.strange, key=lambda written: self.strange[written])
            how = "Another scale is given with stances=."
            if any(written.startswith(("'", '"')) for written in found):
                how = (
                    "Words are made numbers before, in SQL for example by "
                    f"case {columns.stance} when 'yes' then 1 when 'no' then -1 end."
                )
            said.append(
                f"The stances in {columns.stance!r} must be among {scale}, but these were found: "
                f"{listed(found)}. {how}"
            )
        if said:
            raise ValueError(" ".join(said))


def is_missing(value: object) -> bool:
    """Say whether a value is nothing, not a number, or empty text."""
    return value is None or value == "" or bool(value != value)


class Stream:
    """Batches of Arrow: of a dataset or of DuckDB, which can be read again, or of a reader."""

    def __init__(self, source: Any, columns: list[str], nested: Iterable[str] = ()) -> None:
        self._source = source
        self.columns = columns
        self.nested = frozenset(nested)
        self.once = _is_reader(source)

    def batches(self, names: list[str]) -> Iterator[Any]:
        """Yield the columns `names` of each batch, as a mapping of name to array."""
        with _batches(self._source, names) as source:
            for batch in source:
                if batch.num_rows:
                    yield {name: batch.column(name) for name in names}


@contextmanager
def _batches(source: Any, names: list[str]) -> Iterator[Any]:
    """Read something batch by batch, and let go of it."""
    if _is_reader(source):
        yield source
    elif hasattr(source, "to_batches"):
        yield source.to_batches(
            columns=names,
            batch_size=BATCH_ROWS,
            batch_readahead=4,  # keeps both the reader and the counting busy
            fragment_readahead=1,
            fragment_scan_options=_scan_options(source),
        )
    else:
        # a connection of DuckDB does nothing else while one of its readers is open
        with source.select(*names).to_native().to_arrow_reader(BATCH_ROWS) as reader:
            yield reader


def _scan_options(dataset: Any) -> Any:
    """Return how a dataset is read: the columns of a local Parquet file are not held as a whole."""
    kind = getattr(getattr(dataset, "format", None), "default_extname", "")
    if kind == "parquet" and dataset.filesystem.type_name == "local":
        return need("pyarrow.dataset", "engines").ParquetFragmentScanOptions(pre_buffer=False)
    return None


Opened: TypeAlias = "nw.DataFrame[Any] | nw.LazyFrame[Any] | Stream"


def opened(source: object) -> Opened:
    """Return a table of statements as narwhals or as a stream, whether it is in memory or not.

    Raises
    ------
    TypeError
        If it is nothing of the kind.
    ValueError
        If a column is there twice.
    """
    import narwhals as nw

    if _is_stream(source):
        schema: Any = source.schema  # type: ignore[attr-defined]
        is_nested = need("pyarrow", "engines").types.is_nested
        nested = [column.name for column in schema if is_nested(column.type)]
        stream = Stream(source, list(schema.names), nested)
        twice = {name for name in stream.columns if stream.columns.count(name) > 1}
        if twice:
            raise ValueError(f"Each column must be there once, but not {listed(sorted(twice))}.")
        return stream
    try:
        with quiet():
            table: nw.DataFrame[Any] | nw.LazyFrame[Any] = nw.from_native(source)
    except TypeError:
        raise TypeError(
            "Expected a table of statements (a DataFrame of pandas, polars or pyarrow, something "
            "lazy of DuckDB, Polars, Ibis, Dask or Spark, or a dataset or record-batch reader of "
            f"pyarrow), got {type(source).__name__}."
            + " A file is opened first, such as by pyarrow.dataset.dataset(path) or "
            "camdata.io.read_table(path)." * isinstance(source, str | os.PathLike)
        ) from None
    except nw.exceptions.DuplicateError as error:
        raise ValueError(f"Each column must be there once. {error}") from None
    return table


def streamed(table: nw.LazyFrame[Any]) -> Stream | None:
    """Return the rows of DuckDB, which is in this process, as a stream; None of other engines."""
    if not table.implementation.is_duckdb():
        return None
    need("pyarrow", "engines")
    return Stream(table, column_names(table))


def _is_stream(source: object) -> bool:
    # whoever has something of pyarrow has imported it
    datasets = sys.modules.get("pyarrow.dataset")
    return _is_reader(source) or (datasets is not None and isinstance(source, datasets.Dataset))


def _is_reader(source: object) -> bool:
    arrow = sys.modules.get("pyarrow")
    return arrow is not None and isinstance(source, arrow.RecordBatchReader)


def is_source(source: object) -> bool:
    """Say whether something is a table of statements, in memory or not."""
    import narwhals as nw

    if _is_stream(source):
        return True
    with quiet():
        table = nw.from_native(source, pass_through=True)
    return isinstance(table, nw.LazyFrame | nw.DataFrame)


@contextmanager
def quiet() -> Iterator[None]:
    """Keep back a warning that is about narwhals' own packaging.

    Its support of Dask is to move into a package of its own; until then nothing changes, and
    afterwards narwhals says what to install.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Dask support is moving", FutureWarning)
        yield


def column_names(table: Opened) -> list[str]:
    """Return the names of the columns."""
    if isinstance(table, Stream):
        return table.columns
    with quiet():
        return list(table.collect_schema().names())


def check_types(table: Opened, columns: Columns) -> None:
    """Raise a TypeError if a column that is needed holds values that hold others."""
    if isinstance(table, Stream):
        nested = [name for name in columns.names if name in table.nested]
    else:
        with quiet():
            schema = table.collect_schema()
        nested = [name for name in columns.names if schema[name].is_nested()]
    if nested:
        raise TypeError(
            f"Actors and codes are text or whole numbers, but {listed(map(repr, nested))} holds "
            "lists or the like: write a row for each."
        )


def counted(table: nw.LazyFrame[Any], columns: Columns) -> nw.DataFrame[Any]:
    """Count statements where they are: one row for each actor, code and stance that is there.

    Returns
    -------
    narwhals.DataFrame
        Of pyarrow: the columns of actors, codes and (where there is one) stances, `STATEMENTS`,
        and `DOCUMENTS`, in how many documents (all without one count as one), if asked for.
    """
    import narwhals as nw

    keys = [columns.actor, columns.code]
    if columns.stance is not None:
        keys.append(columns.stance)
    if columns.document is None:
        return _grouped(table, keys, [nw.len().alias(STATEMENTS)])
    # in two steps, since Dask adds up the numbers of different values that its partitions have
    with quiet():
        if table.collect_schema()[columns.document] == nw.String:
            # of some versions of narwhals, fill_null puts an expression into cells of Dask
            known = nw.col(columns.document)
            named = nw.when(~known.is_null()).then(known).otherwise(nw.lit(""))
            table = table.with_columns(named.alias(columns.document))
        each = dict.fromkeys((*keys, columns.document))
        table = table.group_by(*each).agg(nw.len().alias(STATEMENTS))
    numbers = [nw.col(STATEMENTS).sum(), nw.len().alias(DOCUMENTS)]
    return _grouped(table, keys, numbers)


def different(table: nw.LazyFrame[Any], column: str) -> nw.DataFrame[Any]:
    """Return the different values of a column, and in how many rows (`STATEMENTS`) each is."""
    import narwhals as nw

    return _grouped(table, [column], [nw.len().alias(STATEMENTS)])


def _grouped(table: nw.LazyFrame[Any], keys: list[str], numbers: list[Any]) -> nw.DataFrame[Any]:
    import narwhals as nw

    need("pyarrow", "engines")
    with quiet():
        found = table.group_by(*dict.fromkeys(keys)).agg(*numbers).collect("pyarrow")
    # Polars counts in 32 bits without a sign, whose differences wrap
    counts = [name for name in (STATEMENTS, DOCUMENTS) if name in found.columns]
    return found.with_columns(nw.col(*counts).cast(nw.Int64))


class Numbers:
    """Numbers for the values of a column that comes in batches.

    `number` is asked once for each value that some row has, however many batches have it.
    """

    def __init__(self, number: Callable[[Any], int]) -> None:
        self._number = number
        self.forget()

    def forget(self) -> None:
        """Ask again for values that were met already."""
        self._known: Any = None
        self._numbers = np.empty(0, dtype=np.int32)
        self._met: Any = None
        self._numbers_met = np.empty(0, dtype=np.int32)

    def of(self, column: Any) -> NDArray[np.int32]:
        """Return the number of each row of an Arrow array."""
        if str(column.type) in ("string_view", "binary_view"):  # which not all of Arrow can do
            column = column.cast("large_string")
        encoded = column if hasattr(column, "dictionary") else column.dictionary_encode()
        values, indices = encoded.dictionary, encoded.indices
        # the batches of a file often share one dictionary
        if self._known is None or not values.equals(self._known):
            self._known = values
            self._numbers = np.full(len(values) + 1, UNSEEN, dtype=np.int32)
            self._numbers[-1] = self._number(None)
        # the narrow dtype of the indices may have no room for one more
        rows = indices.cast("int64").fill_null(-1) if indices.null_count else indices
        place = rows.to_numpy(zero_copy_only=False)
        found: NDArray[np.int32] = self._numbers[place]
        if found.min(initial=0) == UNSEEN:
            # values of the dictionary that no row has are nobody's
            new = np.zeros(len(values) + 1, dtype=bool)
            new[place] = True
            new &= self._numbers == UNSEEN
            where = np.flatnonzero(new)
            self._numbers[where] = self._of_values(values.take(where))
            found = self._numbers[place]
        return found

    def _of_values(self, values: Any) -> NDArray[np.int32]:
        """Return the numbers of different values; those met before are found by Arrow."""
        arrow = need("pyarrow", "engines")
        numbers = np.full(len(values), UNSEEN, dtype=np.int32)
        if self._met is not None and FEW * len(values) < len(self._met):
            # Arrow hashes all that was met for each search, which takes longer than asking for few
            numbers[:] = [self._number(value) for value in values.to_pylist()]
            return numbers
        if self._met is not None:
            at = need("pyarrow.compute", "engines").index_in(values, value_set=self._met)
            at = at.fill_null(-1).to_numpy(zero_copy_only=False)
            numbers = np.append(self._numbers_met, np.int32(UNSEEN))[at]
        new = np.flatnonzero(numbers == UNSEEN)
        if len(new):
            fresh = values.take(new)
            numbers[new] = [self._number(value) for value in fresh.to_pylist()]
            self._met = fresh if self._met is None else arrow.concat_arrays([self._met, fresh])
            self._numbers_met = np.append(self._numbers_met, numbers[new])
        return numbers


@dataclass
class Reading:
    """Statements of a stream as numbers, batch by batch.

    Attributes
    ----------
    actors, codes : dict
        The number of each name that was met.
    wrong : Wrong
        What is wrong with the rows read so far.
    rows : int
        How many statements were read that count, those on codes that are not asked for included.
    """

    columns: Columns
    scale: tuple[int, ...]
    chosen: tuple[str, ...] | None
    wrong: Wrong = field(default_factory=Wrong)
    actors: dict[str, int] = field(default_factory=dict)
    codes: dict[str, int] = field(default_factory=dict)
    rows: int = 0

    def __post_init__(self) -> None:
        self.actors = {name: i for i, name in enumerate(self.chosen or ())}
        place = {level: number for number, level in enumerate(self.scale)}
        documents: dict[Hashable, int] = {}

        def level(value: Any) -> int:
            if value is None or value != value:
                return MISSING
            if isinstance(value, str | bool) or value not in place:
                if value != "":
                    self.wrong.level(value)
                return MISSING
            return place[value]

        def document(value: Any) -> int:
            return MISSING if is_missing(value) else documents.setdefault(value, len(documents))

        self._actor = Numbers(self._number_actor)
        self._code = Numbers(self.number_code)
        self._level, self._document = Numbers(level), Numbers(document)

    def _number_actor(self, value: Any) -> int:
        if is_missing(value):
            return MISSING
        if self.chosen is not None:
            return self.actors.get(name_text(value), OTHER)
        return self.actors.setdefault(name_text(value), len(self.actors))

    def number_code(self, value: Any) -> int:
        """Return the number of a code, a new one for a new name."""
        if is_missing(value):
            return MISSING
        return self.codes.setdefault(name_text(value), len(self.codes))

    def forget_codes(self) -> None:
        """Ask `number_code` again for every code."""
        self._code.forget()

    def read(self, stream: Stream) -> Iterator[tuple[NDArray[np.int32], ...]]:
        """Yield the numbers of actors, codes, levels and (where asked for) documents."""
        columns = self.columns
        for batch in stream.batches(columns.names):
            actor = self._actor.of(batch[columns.actor])
            code = self._code.of(batch[columns.code])
            parts = [actor, code]
            if columns.stance is None:
                parts.append(np.full(len(actor), self.scale.index(1), dtype=np.int32))
            else:
                parts.append(self._level.of(batch[columns.stance]))
            if columns.document is not None:
                parts.append(self._document.of(batch[columns.document]))
            self.rows += len(actor)
            if min(int(part.min()) for part in parts[:3]) < 0:
                for name, part in ((columns.actor, actor), (columns.code, code)):
                    self.wrong.miss(name, int((part == MISSING).sum()))
                said = (actor >= 0) & (code != MISSING) & (parts[2] >= 0)
                self.rows -= len(said) - int(said.sum())
                kept = said & (code >= 0)
                parts = [part[kept] for part in parts]
            yield tuple(parts)
