"""Tables of statements, wherever they are, as batches of columns.

There are two ways in. Rows that are in memory, or that come as Arrow batches, are read as they are.
Lazy engines (DuckDB, Polars, Ibis, Dask, Spark) count by one group-by, and only counts travel.
"""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import pandas as pd

from camdata._display.checks import import_optional
from camdata._display.words import join_names

if TYPE_CHECKING:
    import narwhals as nw

Batch = Mapping[str, Any]
"""Columns by name: each a pandas Series or an Arrow array."""
WEIGHT = "camdata_statements"
"""The column of a batch that says how many statements each row stands for, if not one."""
BATCH_ROWS = 2**18
"""How many rows of a dataset are read at once."""


@dataclass(frozen=True)
class StatementTable:
    """A table of statements that can be read in batches.

    Attributes
    ----------
    names : list of str
        Its columns.
    batches : callable
        Reads the columns of the names it is given.
    is_ordered : bool
        Whether the rows have an order that means something.
    lazy : narwhals.LazyFrame, optional
        The table in its engine.
    """

    names: list[str]
    batches: Callable[[list[str]], Iterator[Batch]]
    is_ordered: bool = False
    lazy: nw.LazyFrame[Any] | None = None

    def __post_init__(self) -> None:
        twice = sorted({name for name in self.names if self.names.count(name) > 1})
        if twice:
            raise ValueError(f"Each column must be there once, but not {join_names(twice)}.")


def open_statements(source: object, *, stream: bool = False) -> StatementTable:
    """Open a table of statements without reading any rows.

    Parameters
    ----------
    source : object
        See `camdata.tally`.
    stream : bool
        Whether engines that can give their rows as Arrow batches (DuckDB, Ibis) do so, rather than
        count them. Where most statements are different, a group-by takes several times as long.

    Raises
    ------
    TypeError
        If it is no table.
    ValueError
        If a column is there twice, or a file is not Parquet.
    """
    import narwhals as nw

    if isinstance(source, str | os.PathLike):
        source = _open_parquet(source)
    # whoever has an object of pyarrow has imported pyarrow
    arrow, datasets = sys.modules.get("pyarrow"), sys.modules.get("pyarrow.dataset")
    if datasets is not None and isinstance(source, datasets.Dataset):
        return StatementTable(source.schema.names, partial(_read_dataset, source))
    if arrow is not None and isinstance(source, arrow.RecordBatchReader):
        return StatementTable(source.schema.names, partial(_read_once, source))
    if isinstance(source, pd.DataFrame):
        return StatementTable(list(source.columns), partial(_read_frame, source), is_ordered=True)
    with warnings.catch_warnings(action="ignore", category=FutureWarning):  # of Dask's support
        table = nw.from_native(source, pass_through=True)
        if not isinstance(table, nw.DataFrame | nw.LazyFrame):
            raise TypeError(
                "Expected a table of statements (a DataFrame of pandas, Polars or pyarrow, "
                "something lazy of DuckDB, Polars, Ibis, Dask or Spark, a dataset or record-batch "
                f"reader of pyarrow, or the path of Parquet files), got {type(source).__name__}."
            )
        names = list(table.collect_schema().names())

    def read_rows(columns: list[str]) -> Iterator[Batch]:
        return _read_stream(table.select(*columns).to_native(), columns)

    if isinstance(table, nw.DataFrame):
        return StatementTable(names, read_rows, is_ordered=True)
    if stream and hasattr(source, "__arrow_c_stream__"):
        return StatementTable(names, read_rows)
    return StatementTable(names, partial(_count_rows, table), lazy=table)


def _open_parquet(path: str | os.PathLike[str]) -> object:
    if not os.path.exists(path):
        raise ValueError(f"Expected a table of statements, but there is no file {str(path)!r}.")
    try:
        return import_optional("pyarrow.dataset", "engines").dataset(path, format="parquet")
    except import_optional("pyarrow", "engines").ArrowInvalid:
        raise ValueError(
            f"Expected Parquet, but {str(path)!r} holds something else: see camdata.io.read_table."
        ) from None


def _read_frame(frame: pd.DataFrame, columns: list[str]) -> Iterator[Batch]:
    yield {name: frame[name] for name in columns}


def _read_dataset(dataset: Any, columns: list[str]) -> Iterator[Batch]:
    options = None
    kind = getattr(getattr(dataset, "format", None), "default_extname", "")
    if kind == "parquet" and dataset.filesystem.type_name == "local":
        # a file that is at hand need not be in memory as a whole
        options = import_optional("pyarrow.dataset", "engines").ParquetFragmentScanOptions(
            pre_buffer=False
        )
    batches = dataset.to_batches(
        columns=columns,
        batch_size=BATCH_ROWS,
        batch_readahead=4,  # keeps both the reader and the counting busy
        fragment_readahead=1,
        fragment_scan_options=options,
    )
    for batch in batches:
        yield {name: batch.column(name) for name in columns}


def _read_stream(source: object, columns: list[str]) -> Iterator[Batch]:
    # a connection of DuckDB does nothing else while one of its readers is open
    with import_optional("pyarrow", "engines").RecordBatchReader.from_stream(source) as reader:
        for batch in reader:
            yield {name: batch.column(name) for name in columns}


def _read_once(reader: object, columns: list[str]) -> Iterator[Batch]:
    """Read a record-batch reader, which gives its rows once and then seems to be empty."""
    batches = _read_stream(reader, columns)
    first = next(batches, None)
    if first is None:
        raise ValueError(
            "This record-batch reader gives no rows: it is empty or was read before: make one."
        )
    yield first
    yield from batches


def _count_rows(table: nw.LazyFrame[Any], columns: list[str]) -> Iterator[Batch]:
    """Count the rows of each combination of values, in the engine."""
    import narwhals as nw

    import_optional("pyarrow", "engines")
    with warnings.catch_warnings(action="ignore", category=FutureWarning):
        grouped = table.group_by(*columns).agg(nw.len().alias(WEIGHT)).collect("pyarrow")
    for batch in grouped.to_native().to_batches():
        yield {name: batch.column(name) for name in (*columns, WEIGHT)}
