"""A table of statements becomes a tally, wherever the table is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from camdata._display.checks import check_choice, wrong_type
from camdata._display.words import listed
from camdata.analysis import lazy
from camdata.analysis.lazy import Columns, Opened, Reading, Stream, Wrong
from camdata.model.cells import name_text
from camdata.model.columns import factorize
from camdata.model.schema import STANCES, as_scale
from camdata.model.tally import (
    Cells,
    Integers,
    Tally,
    Whole,
    cells_of_counts,
    count_cells,
    names_of,
    narrow,
    tally_of_cells,
)
from camdata.model.vocabulary import fold_header, headers

if TYPE_CHECKING:
    import narwhals as nw

Duplicates = Literal["once", "document", "all"]
DUPLICATES = ("once", "document", "all")
"""A table without a meeting has no dates that are checked, so it is not counted by periods."""


def tally(
    source: object,
    *,
    actor: str = "actor",
    code: str = "code",
    stance: str = "stance",
    document: str | None = None,
    stances: Sequence[int] | None = None,
    actors: str | Sequence[str] | None = None,
    duplicates: Duplicates = "once",
) -> Tally:
    """Count a table of statements, without a meeting.

    Parameters
    ----------
    source : a table of statements, one row each
        In memory: a DataFrame of pandas, polars, pyarrow or whatever else narwhals reads. Lazy: a
        DuckDB relation, a Polars LazyFrame, an Ibis table, a dataframe of Dask or Spark; these
        count themselves, by one group-by, and only counts travel. A dataset or a record-batch
        reader of pyarrow is read batch by batch; a reader is empty afterwards.
    actor, code : str
        The columns that say who, and on what: text or whole numbers.
    stance : str
        The column of stances. Without such a column every statement supports; a row without a
        stance is counted nowhere.
    document : str, optional
        The column that ``duplicates="document"`` goes by; rows without one share one.
    stances : sequence of int, optional
        The scale. By default support and opposition, (1, -1).
    actors : str or sequence of str, optional
        Whom to count, in this order, whether anything is recorded of them or not. By default
        everyone: in order of first appearance where the table is in memory, in alphabetical order
        where it is not, since engines have no order of rows. The same holds for codes.
    duplicates : {"once", "document", "all"}
        Whether an actor's repeated statements of one stance on one code count once, once in each
        document, or every time.

    Returns
    -------
    Tally

    Raises
    ------
    ValueError
        If a column is not there (or twice), an actor or a code is missing, or a stance is not on
        the scale.
    TypeError
        If `source` is no table that narwhals reads, and nothing of pyarrow.
    ImportError
        For a lazy table without pyarrow, which comes with ``camdata[engines]``.

    See Also
    --------
    camdata.pair_tables : for tables of which not even the counts fit into memory.

    Examples
    --------
    >>> import pandas as pd
    >>> import camdata as cam
    >>> rows = [("A", "x", 1), ("B", "x", -1), ("A", "y", 1)]
    >>> votes = pd.DataFrame(rows, columns=["actor", "code", "stance"])
    >>> cam.tally(votes).positions
    code    x     y
    actor
    A       1     1
    B      -1  <NA>
    """
    question = ask(actor, code, stance, document, stances, actors, duplicates)
    table = lazy.opened(source)
    columns = question.columns_of(table)
    wrong = Wrong()
    found = read(table, columns, question, wrong)
    wrong.check(columns, question.scale)
    return found.tally(question)


@dataclass(frozen=True)
class Question:
    """What is asked of a table of statements: which columns, which scale, whom, and how."""

    actor: str
    code: str
    stance: str
    document: str | None
    scale: tuple[int, ...]
    actors: tuple[str, ...] | None
    duplicates: Duplicates

    def columns_of(self, table: Opened) -> Columns:
        """Return the columns of a table that are needed, or raise which it does not have."""
        there = lazy.column_names(table)
        wanted = [self.actor, self.code]
        if self.stance != "stance":
            wanted.append(self.stance)  # only a column that nobody named may be missing
        document = self.document
        if self.duplicates == "document" and document is None:
            document = "document"
        if document is not None:
            wanted.append(document)
        absent = [name for name in wanted if name not in there]
        if absent:
            raise ValueError(
                f"The table has no column {listed(map(repr, absent))}; it has {listed(there)}."
            )
        stance = self.stance if self.stance in there else None
        own = {self.actor, self.code, document}
        likely = [c for c in there if c not in own and fold_header(c) in headers()["stance"]]
        if stance is None and likely:
            raise ValueError(
                f"The table has no column {self.stance!r}, without which every statement supports. "
                f"Is {listed(map(repr, likely))} the stance? Say stance={likely[0]!r}, or leave "
                "the column out."
            )
        if stance is None and 1 not in self.scale:
            raise ValueError(
                f"Without a column of stances every statement is 1, not on {self.scale}."
            )
        unit = document if self.duplicates == "document" else None
        taken = sorted({lazy.STATEMENTS, lazy.DOCUMENTS}.intersection(there))
        if taken:
            raise ValueError(f"{listed(map(repr, taken))} is a name that counts have: rename it.")
        columns = Columns(self.actor, self.code, stance, unit)
        lazy.check_types(table, columns)
        return columns


def ask(
    actor: str,
    code: str,
    stance: str,
    document: str | None,
    stances: Sequence[int] | None,
    actors: str | Sequence[str] | None,
    duplicates: Duplicates,
) -> Question:
    """Check what is asked of a table before anything of it is read."""
    check_choice("duplicates", duplicates, DUPLICATES)
    for argument, named in (("actor", actor), ("code", code), ("stance", stance)):
        if not isinstance(named, str):
            raise wrong_type(argument, "the name of a column", named)
    if document is not None and not isinstance(document, str):
        raise wrong_type("document", "the name of a column", document)
    chosen = None
    if actors is not None:
        whom = [actors] if isinstance(actors, str) else actors
        if isinstance(whom, bytes | pd.DataFrame) or not isinstance(whom, Iterable):
            raise wrong_type("actors", "a name or several", actors)
        whom = list(whom)
        if not all(map(pd.api.types.is_scalar, whom)):
            raise TypeError("`actors` must hold names, but something else is among them.")
        chosen = names_of(pd.Index(whom, dtype="object"), "actor")
    scale = STANCES if stances is None else as_scale(stances)
    return Question(actor, code, stance, document, scale, chosen, duplicates)


@dataclass(frozen=True)
class Numbered:
    """Statements, or cells that an engine counted, as numbers of their names.

    `counted` and `statements` say how much stands behind each row; None where it is one statement.
    """

    actor: Whole
    key: Whole
    stance: Whole
    actors: Sequence[str]
    keys: Sequence[str]
    unit: Whole | None = None
    counted: Whole | None = None
    statements: Whole | None = None

    def cells(self, question: Question) -> Cells:
        """Count them into cells."""
        shape = (len(self.actors), len(self.keys), len(question.scale))
        if self.statements is None:
            return count_cells(
                self.actor, self.key, self.stance, shape, question.duplicates, self.unit
            )
        counted = self.statements if self.counted is None else self.counted
        if question.duplicates == "once":
            counted = np.ones(len(self.actor), dtype=np.int8)
        return cells_of_counts(self.actor, self.key, self.stance, shape, counted, self.statements)

    def tally(self, question: Question) -> Tally:
        """Return the tally of them."""
        return tally_of_cells(
            self.cells(question),
            self.actors,
            self.keys,
            question.scale,
            by="code",
            duplicates=question.duplicates,
        )

    def in_order(self, question: Question) -> Numbered:
        """Return the same with codes, and actors unless they were given, in alphabetical order."""
        actor, actors = self.actor, self.actors
        if question.actors is None:
            actor, actors = _sorted(actor, actors)
        key, keys = _sorted(self.key, self.keys)
        return Numbered(
            actor, key, self.stance, actors, keys, self.unit, self.counted, self.statements
        )


def _sorted(numbers: Whole, names: Sequence[str]) -> tuple[Whole, list[str]]:
    order = sorted(range(len(names)), key=names.__getitem__)
    place = np.empty(len(names), dtype=np.int64)
    place[order] = np.arange(len(names))
    return narrow(place, len(names))[numbers], [names[i] for i in order]


def read(table: Opened, columns: Columns, question: Question, wrong: Wrong) -> Numbered:
    """Return the statements of a table as numbers; what is wrong with them is added to `wrong`."""
    import narwhals as nw

    if isinstance(table, Stream):
        return _streamed(table, columns, question, wrong)
    if isinstance(table, nw.LazyFrame):
        counts = lazy.counted(table, columns)
        return numbered(counts, columns, question, wrong).in_order(question)
    return numbered(table, columns, question, wrong)


def _streamed(stream: Stream, columns: Columns, question: Question, wrong: Wrong) -> Numbered:
    reading = Reading(columns, question.scale, question.actors, wrong)
    parts: list[list[Whole]] = [[], [], [], []]
    largest = [0, 0, len(question.scale), 0]
    for batch in reading.read(stream):
        largest[:2] = len(reading.actors), len(reading.codes)
        for kept, part, most in zip(parts, batch, largest, strict=False):
            kept.append(narrow(part, most or 2**31 - 1))
    actor, key, stance, unit = (
        np.concatenate(part) if part else np.empty(0, dtype=np.int8) for part in parts
    )
    found = Numbered(
        actor,
        key,
        stance,
        list(reading.actors),
        list(reading.codes),
        None if columns.document is None else unit,
    )
    return found.in_order(question)


def numbered(
    table: nw.DataFrame[Any], columns: Columns, question: Question, wrong: Wrong
) -> Numbered:
    """Return the rows of a table in memory as numbers, names in order of first appearance.

    Parameters
    ----------
    table : narwhals.DataFrame
        Statements, or what `lazy.counted` returned of them.
    columns, question
        What is asked of it.
    wrong : Wrong
        What is wrong with the rows is added to it.
    """
    weights = table[lazy.STATEMENTS].to_numpy() if lazy.STATEMENTS in table.columns else None
    who, names = _numbered(table[columns.actor], columns.actor, weights, wrong)
    what, keys = _numbered(table[columns.code], columns.code, weights, wrong)
    if columns.stance is None:
        level = narrow(np.full(len(who), question.scale.index(1)), len(question.scale))
    else:
        level = _levels(table[columns.stance], question.scale, wrong)
    unit = counted = None
    if columns.document is not None:
        if weights is None:
            unit = _factorized(table[columns.document])[0]
        else:
            counted = table[lazy.DOCUMENTS].to_numpy()
    kept = (who >= 0) & (what >= 0) & (level >= 0)
    if question.actors is not None:
        chosen = question.actors
        place = pd.Index(chosen, dtype="str").get_indexer(pd.Index(names, dtype="str"))
        who = np.append(place, -1)[who]
        kept &= who >= 0
        names = list(chosen)
    parts: list[Whole | None] = [who, what, level, unit, counted, weights]
    if not kept.all():
        parts = [None if part is None else part[kept] for part in parts]
    who, what, level, unit, counted, weights = parts  # type: ignore[assignment]
    return Numbered(who, what, level, names, keys, unit, counted, weights)


def _factorized(column: Any) -> tuple[Integers, list[Any]]:
    """Return the number of each value of a narwhals column, -1 if missing, and the values.

    Values stand in order of appearance.
    """
    native = column.to_native()
    if not hasattr(native, "dictionary_encode"):
        series = native if isinstance(native, pd.Series) else pd.Series(column.to_numpy())
        return factorize(series)
    # text of pyarrow is told apart by its own engine, in a third of the time
    encoded = native.combine_chunks().dictionary_encode()
    number, found = factorize(pd.Series(encoded.dictionary.to_pylist(), dtype="object"))
    place = encoded.indices.cast("int64").fill_null(-1)  # narrow or unsigned ones have no room
    rows = np.append(number, -1)[place.to_numpy(zero_copy_only=False)]
    # a column that came as a dictionary has it in any order, and values that no row has
    codes, order = pd.factorize(pd.Series(pd.arrays.IntegerArray(rows, rows < 0)))
    return codes.astype(np.int64), [found[place] for place in order]


def _numbered(
    column: Any, name: str, weights: Whole | None, wrong: Wrong
) -> tuple[Whole, list[str]]:
    """Return the number of each name in a narwhals column, and the names as they appear."""
    codes, found = _factorized(column)
    missing = codes < 0
    wrong.miss(name, int(missing.sum() if weights is None else weights[missing].sum()))
    same, names = pd.factorize(np.array([name_text(value) for value in found], dtype=object))
    if len(names) < len(found):
        codes = np.append(same, -1)[codes]
    return narrow(codes, len(names)), list(names)


def _levels(column: Any, scale: tuple[int, ...], wrong: Wrong) -> Whole:
    """Return the number of each stance on the scale, -1 where it is missing or not on it."""
    codes, found = _factorized(column)
    place = {level: number for number, level in enumerate(scale)}
    numbers = np.full(len(found) + 1, -1, dtype=np.int64)
    for i, value in enumerate(found):
        if isinstance(value, str | bool | np.bool_) or value not in place:
            wrong.level(value)
        else:
            numbers[i] = place[value]
    return narrow(numbers, len(scale))[codes]
