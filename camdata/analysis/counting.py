"""Tables of statements are counted into a tally, wherever they are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from numbers import Number
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from camdata._display.checks import check_choice, import_optional, wrong_type
from camdata._display.words import count, join_names, short_repr
from camdata.analysis.engines import WEIGHT, Batch, open_statements
from camdata.model.columns import factorize, name_text
from camdata.model.schema import STANCES, as_scale
from camdata.model.tally import NumberedStatements, Tally, make_tally, names_of
from camdata.model.vocabulary import fold_header, headers

Repeats = Literal["once", "document", "all"]
REPEATS = ("once", "document", "all")
"""Not by periods: the dates of a table without a meeting are not checked."""
Faults = Counter[tuple[str, str]]
"""In how many rows a column (the first) has a wrong value (the second, "" if missing)."""

NO_VALUE, OTHER, UNSEEN = -1, -2, -3
"""Numbers of missing values, of actors that are not asked for, and of values not met before.

Numbers below these are wrong values."""


def tally(
    source: object,
    *,
    actor: str = "actor",
    code: str = "code",
    stance: str = "stance",
    document: str = "document",
    stances: Sequence[int] | None = None,
    actors: str | Sequence[str] | None = None,
    duplicates: Repeats = "once",
) -> Tally:
    """Count a table of statements, without a meeting.

    Parameters
    ----------
    source : a table of statements, one row each
        In memory: a DataFrame of pandas, Polars or pyarrow. Lazy: a DuckDB relation, a Polars
        LazyFrame, an Ibis table, a dataframe of Dask or Spark; these count themselves, by one
        group-by, and only counts travel. A dataset or a record-batch reader of pyarrow, or the path
        of a Parquet file or of a folder of them, is read batch by batch; a reader is empty
        afterwards.
    actor, code : str
        The columns that say who, and on what: text or whole numbers.
    stance : str
        The column of stances. Without such a column every statement supports; a row without a
        stance is counted nowhere.
    document : str
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
        If a column is not there (or twice), or rows hold no actor or code, names that are neither
        text nor whole numbers, or stances that are not on the scale: one error lists all of these,
        with the number of rows.
    TypeError
        If `source` is no table.
    ImportError
        For anything but pandas without pyarrow, which comes with ``camdata[engines]``.

    See Also
    --------
    camdata.analysis.pair_tables : for tables of which not even the counts fit into memory.

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
    table = open_statements(source)
    named = {"actor": actor, "code": code, "stance": stance, "document": document}
    question = ask(table.names, named, stances, actors, duplicates)
    reading = Reading(question)
    rows = reading.everything(table.batches(question.columns))
    check_faults(reading.faults, question)
    names, keys = list(reading.actors), list(reading.codes)
    if not table.is_ordered:
        keys, key = _in_alphabetical_order(keys, rows.key)
        rows = replace(rows, key=key)
        if question.chosen is None:
            names, who = _in_alphabetical_order(names, rows.actor)
            rows = replace(rows, actor=who)
    return make_tally(rows, names, keys, question.scale, by="code", duplicates=duplicates)


def _in_alphabetical_order(
    names: list[str], numbers: NDArray[Any]
) -> tuple[list[str], NDArray[Any]]:
    order = np.argsort(np.array(names, dtype=object))
    return [names[i] for i in order], np.argsort(order)[numbers]


@dataclass(frozen=True)
class Question:
    """Which columns to count by, on which scale, whom (None: everyone), and how.

    `named` has the columns of `actor` and `code`, and where they are needed, of `stance` and
    `document`.
    """

    named: dict[str, str]
    scale: tuple[int, ...]
    chosen: tuple[str, ...] | None
    duplicates: Repeats

    @property
    def columns(self) -> list[str]:
        """The columns to read, each once."""
        return list(dict.fromkeys(self.named.values()))


def ask(
    there: Sequence[str], named: dict[str, str], stances: Any, actors: Any, duplicates: Repeats
) -> Question:
    """Return what the arguments of `tally` ask of a table with some columns, or raise an error."""
    check_choice("duplicates", duplicates, REPEATS)
    named = dict(named)
    for argument, name in named.items():
        if not isinstance(name, str):
            raise wrong_type(argument, "the name of a column", name)
    scale = STANCES if stances is None else as_scale(stances)
    # only the defaults may be absent
    if named["stance"] == "stance" and "stance" not in there:
        del named["stance"]
        own = named.values()
        likely = [c for c in there if c not in own and fold_header(c) in headers()["stance"]]
        if likely:
            raise ValueError(
                "The table has no column 'stance', without which every statement supports. Is "
                f"{join_names(map(repr, likely))} the stance? Say stance={likely[0]!r}, or leave "
                "the column out."
            )
        if 1 not in scale:
            raise ValueError(f"Without a column of stances every statement is 1, not on {scale}.")
    if duplicates != "document" and named["document"] == "document":
        del named["document"]
    if absent := [name for name in dict.fromkeys(named.values()) if name not in there]:
        has = join_names(there)
        raise ValueError(f"The table has no column {join_names(map(repr, absent))}; it has {has}.")
    if duplicates != "document":
        named.pop("document", None)
    chosen = None
    if actors is not None:
        whom = [actors] if isinstance(actors, str) else actors
        if isinstance(whom, bytes | pd.DataFrame) or not isinstance(whom, Iterable):
            raise wrong_type("actors", "a name or several", whom)
        whom = list(whom)
        if not all(map(pd.api.types.is_scalar, whom)):
            raise TypeError("`actors` must hold names, but something else is among them.")
        chosen = names_of(pd.Index(whom, dtype="object"), "actor")
    return Question(named, scale, chosen, duplicates)


class Reading:
    """Statements become numbers, batch by batch.

    Attributes
    ----------
    actors, codes : dict of str to int
        The numbers of the names met so far, which are in order of first appearance (or of the
        question's actors).
    faults : Counter
        What is wrong with the rows read so far; these are left out.
    """

    def __init__(self, question: Question) -> None:
        self.actors = {name: i for i, name in enumerate(question.chosen or ())}
        self.codes: dict[str, int] = {}
        self.faults: Faults = Counter()
        levels = {level: number for number, level in enumerate(question.scale)}
        documents: dict[str, int] = {}
        # the number of the stance of all statements where no column says it
        self._support = levels.get(1)

        def number_stance(value: Any) -> int | None:
            is_number = isinstance(value, Number) and not isinstance(value, bool)
            return levels.get(value) if is_number else None

        number: dict[str, Callable[[Any], int | None]] = {
            "actor": partial(_number_name, self.actors, is_open=question.chosen is None),
            "code": partial(_number_name, self.codes),
            "stance": number_stance,
            "document": lambda value: documents.setdefault(str(value), len(documents)),
        }
        self._columns = {
            what: _Numbering(number[what], name, self.faults, is_needed=what in ("actor", "code"))
            for what, name in question.named.items()
        }

    def rows(self, batches: Iterable[Batch]) -> Iterator[NumberedStatements]:
        """Yield the statements of each batch that count."""
        for batch in batches:
            weight = None
            if WEIGHT in batch:
                weight = np.asarray(batch[WEIGHT]).astype(np.int64)  # unsigned ones would wrap
            found = {
                what: column.numbers(batch[column.name], weight)
                for what, column in self._columns.items()
            }
            actor, code = found["actor"], found["code"]
            if "stance" not in found:
                found["stance"] = np.full(len(actor), self._support, dtype=np.int32)
            parts: list[Any] = [actor, code, found["stance"], found.get("document"), weight]
            kept = (actor >= 0) & (code >= 0) & (found["stance"] >= 0)
            if not kept.all():
                parts = [None if part is None else part[kept] for part in parts]
            yield NumberedStatements(*parts)

    def everything(self, batches: Iterable[Batch]) -> NumberedStatements:
        """Return the statements of all batches that count."""
        empty = np.empty(0, dtype=np.int32)
        unit = empty if "document" in self._columns else None
        parts = list(self.rows(batches)) or [NumberedStatements(empty, empty, empty, unit)]
        columns: Any = zip(*(vars(part).values() for part in parts), strict=True)
        joined: list[Any] = [None if c[0] is None else np.concatenate(c) for c in columns]
        return NumberedStatements(*joined)


def check_faults(faults: Faults, question: Question) -> None:
    """Raise a ValueError that lists what is wrong with how many rows, if anything is."""

    def wrong(name: str) -> str:
        found = sorted((text, n) for (column, text), n in faults.items() if column == name and text)
        return join_names(f"{text} ({count(n, 'row')})" for text, n in found)

    said = []
    for name in dict.fromkeys((question.named["actor"], question.named["code"])):
        if missing := faults[name, ""]:
            said.append(f"{count(missing, 'row')} of the table without a value in {name!r}.")
        if values := wrong(name):
            said.append(f"Actors and codes are text or whole numbers, but {name!r} holds {values}.")
    stance = question.named.get("stance", "")
    if values := wrong(stance):
        said.append(
            f"The stances in {stance!r} must be among {question.scale}, but these were "
            f"found: {values}. Another scale is given with stances=; words are made numbers first."
        )
    if said:
        raise ValueError(" ".join(said))


def _number_name(numbers: dict[str, int], value: Any, *, is_open: bool = True) -> int | None:
    """Return the number of a name: a new one where it was not met, None where it is no name."""
    try:
        name = name_text(value)
    except TypeError:
        return None
    return numbers.setdefault(name, len(numbers)) if is_open else numbers.get(name, OTHER)


@dataclass
class _Numbering:
    """Numbers for the values of a column that comes in batches.

    `number` gives a value its number, or None where the column must not hold it. It is asked once
    for each value of a batch that some row has, in order of appearance. Rows with wrong values are
    added to `faults`, and those without one where each row needs one.
    """

    number: Callable[[Any], int | None]
    name: str
    faults: Faults
    is_needed: bool = False
    # the different values of the latest batch and their numbers, and what was wrong so far
    _values: Any = None
    _numbers: NDArray[np.int32] = field(default_factory=lambda: np.empty(0, dtype=np.int32))
    _wrong: list[str] = field(default_factory=list)

    def numbers(self, column: Any, weight: NDArray[np.int64] | None) -> NDArray[np.int32]:
        """Return the number of each row; negative ones are missing or wrong values."""
        place, values = _encode(column)
        # the batches of a file often share one dictionary
        if isinstance(values, list) or self._values is None or not values.equals(self._values):
            self._values = values
            self._numbers = np.full(len(values) + 1, UNSEEN, dtype=np.int32)
            self._numbers[-1] = NO_VALUE
        found = self._numbers[place]
        unseen = found == UNSEEN
        if unseen.any():
            # values of a dictionary that no row has get no number
            new = pd.unique(place[unseen])
            in_list = isinstance(values, list)
            met = [values[i] for i in new] if in_list else values.take(new).to_pylist()
            self._numbers[new] = [self._number_or_fault(value) for value in met]
            found = self._numbers[place]
        wrong = (found < UNSEEN) | (self.is_needed & (found == NO_VALUE))
        numbers, each = np.unique(found[wrong], return_inverse=True)
        rows = np.bincount(each, None if weight is None else weight[wrong])
        for number, n in zip(numbers.tolist(), rows.tolist(), strict=True):
            text = "" if number == NO_VALUE else self._wrong[UNSEEN - 1 - number]
            self.faults[self.name, text] += int(n)
        return found

    def _number_or_fault(self, value: Any) -> int:
        if value is None or value == "" or (isinstance(value, Number) and value != value):
            return NO_VALUE
        number = self.number(value)
        if number is not None:
            return number
        self._wrong.append(short_repr(value.item() if isinstance(value, np.generic) else value))
        return UNSEEN - len(self._wrong)


def _encode(column: Any) -> tuple[NDArray[np.int64], Any]:
    """Return the number of each row's value among the different ones (-1: missing), and these."""
    if isinstance(column, pd.Series):
        return factorize(column)
    types = import_optional("pyarrow", "engines").types
    if types.is_nested(column.type):  # lists and the like have no dictionary
        return factorize(pd.Series(column.to_pylist(), dtype="object"))
    if str(column.type) in ("string_view", "binary_view"):  # these neither
        column = column.cast("large_" + str(column.type).removesuffix("_view"))
    encoded = column if types.is_dictionary(column.type) else column.dictionary_encode()
    values = encoded.dictionary
    if str(values.type) == "string_view":
        values = values.cast("large_string")
    place = encoded.indices
    if place.null_count:  # the narrow dtype of the indices may have no room for one more
        place = place.cast("int64").fill_null(-1)
    return place.to_numpy(zero_copy_only=False), values
