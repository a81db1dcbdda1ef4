"""Statements counted: how often each actor is recorded with each stance on each code."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from numbers import Real
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from camdata._display.checks import check_choice
from camdata._display.results import Frozen, Result
from camdata._display.words import count, join_names, short_repr
from camdata.model.columns import name_text
from camdata.model.schema import STANCES, as_scale

By = Literal["dimension", "code"]
Keys = By | Literal["actor"]
"""What the keys of a tally are; actors where it was transposed."""
Duplicates = Literal["once", "document", "week", "month", "year", "all"]
PERIODS = ("week", "month", "year")
DUPLICATES = ("once", "document", *PERIODS, "all")
_Names = Sequence[str]
Integers = NDArray[np.int64]
Whole = NDArray[Any]
"""An array of whole numbers, as narrow as they allow."""


@dataclass(frozen=True, eq=False)
class Cells(Frozen):
    """The cells of a tally that are not zero, in the order of keys, actors and stances.

    `actor`, `key` and `stance` are positions in the tally's `actors`, `keys` and `stances`; `count`
    is the count, and `statements` the number of statements behind it, repeated ones included.
    """

    actor: Whole
    key: Whole
    stance: Whole
    count: Whole
    statements: Whole


@dataclass(frozen=True, eq=False)
class NumberedStatements:
    """Statements by the numbers of their actor, key and stance.

    `unit` is the number of the document or period that repeated statements share, and `weight` how
    many statements a row represents (by default one).
    """

    actor: Whole
    key: Whole
    stance: Whole
    unit: Whole | None = None
    weight: Whole | None = None


@dataclass(frozen=True, eq=False, kw_only=True)
class Coded(NumberedStatements, Frozen):
    """The counted statements one by one, for counting them again and again.

    Attributes
    ----------
    actor, key, stance, unit
        As in `NumberedStatements`.
    code : numpy.ndarray
        The number of each statement's code, finer than the keys where a tally counts dimensions.
    codes, labels : tuple of str
        The codes, and what charts call them.
    frame : pandas.DataFrame, optional
        All statements of the meeting, where the tally was made from one.
    rows : numpy.ndarray, optional
        Which of these are counted.
    meeting : Meeting, optional
        That meeting, whose other coders say how sure the coding is.
    """

    code: Integers
    codes: tuple[str, ...]
    labels: tuple[str, ...]
    frame: pd.DataFrame | None = None
    rows: Integers | None = None
    meeting: Any = None

    def counts(self, tally: Tally, rows: Integers) -> NDArray[np.float64]:
        """Count the statements `rows` (repeated rows count again), actors × keys × stances."""
        shape = (len(tally.actors), len(tally.keys), len(tally.stances))
        flat = (self.actor[rows] * shape[1] + self.key[rows]) * shape[2] + self.stance[rows]
        if tally.duplicates not in ("once", "all") and self.unit is not None:
            flat = np.unique(np.stack([flat, self.unit[rows]]), axis=1)[0]
        values = np.bincount(flat, minlength=shape[0] * shape[1] * shape[2])
        counted = values > 0 if tally.duplicates == "once" else values
        return counted.reshape(shape).astype(np.float64)


@dataclass(frozen=True, eq=False, repr=False)
class Tally(Result):
    """How often each actor is recorded with each stance on each code (or dimension).

    Made by `Meeting.tally`, by `camdata.tally` from a table of statements, or by `from_positions`.

    Attributes
    ----------
    actors : tuple of str
        In speaking order, with or without statements.
    keys : tuple of str
        The codes or dimensions in the order of the codebook (else of first appearance).
    labels : tuple of str
        What charts call the keys.
    stances : tuple of int
        The levels that a statement may take.
    by : {"code", "dimension", "actor"}
        What the keys are; actors where the tally was transposed.
    duplicates : str
        How repeated statements count.
    cells : Cells
        The counts that are not zero, as arrays; nothing dense is kept.
    statements : pandas.Series, optional
        Index `actor`: the number of statements of each, repeated ones included. None where the
        tally was made from positions, which have no counts.
    attributes : pandas.DataFrame, optional
        Index `actor`: what the meeting says of them (kind, process, …).
    groups : tuple of str, optional
        The dimension of each key.
    coded : Coded, optional
        The statements one by one, where the tally was made from a meeting.

    Examples
    --------
    >>> import camdata as cam
    >>> tally = cam.load_meeting().tally()
    >>> tally
    38 statements of 14 actors on 4 dimensions, each once: 24 cells
    nothing is recorded of: Bolivia
    pooled codes: two actors agree on a dimension 67 times, 38 without a code in common
    (by='code' keeps them apart)
    >>> tally.frame.loc["El Salvador"].to_dict()[("coordination", 1)]
    1
    """

    actors: tuple[str, ...]
    keys: tuple[str, ...]
    labels: tuple[str, ...]
    stances: tuple[int, ...]
    by: Keys
    duplicates: str
    cells: Cells
    statements: pd.Series[int] | None
    attributes: pd.DataFrame | None = None
    groups: tuple[str, ...] | None = None
    coded: Coded | None = None

    @classmethod
    def from_positions(
        cls, positions: pd.DataFrame, *, stances: Sequence[int] = STANCES, by: By | None = None
    ) -> Tally:
        """Make a tally from positions, which say what is recorded but not how often.

        Parameters
        ----------
        positions : pandas.DataFrame
            Actors × codes (or dimensions), in speaking order. Cells are stances or missing
            (nothing recorded). Unless `stances` has a 0 among them, 0 means that both ways are
            recorded, 1 and -1.
        stances : sequence of int
            The levels that cells may take.
        by : {"code", "dimension"}, optional
            What the columns are; by default what their axis is called, else codes.

        Returns
        -------
        Tally
            Without statements: charts of it show no counts.

        Raises
        ------
        TypeError
            If `positions` is not a DataFrame.
        ValueError
            If an actor or code occurs twice, or a cell is neither a stance nor missing.

        Examples
        --------
        >>> import pandas as pd
        >>> from camdata import Tally
        >>> votes = pd.DataFrame({"bill 1": [1, 0], "bill 2": [-1, None]}, index=["A", "B"])
        >>> Tally.from_positions(votes, stances=(1, 0, -1)).positions
        code   bill 1  bill 2
        actor
        A         1.0    -1.0
        B         0.0    <NA>
        """
        if not isinstance(positions, pd.DataFrame):
            got = type(positions).__name__
            raise TypeError(
                f"Expected a tally (meeting.tally()) or positions as a DataFrame, got {got}."
            )
        scale = as_scale(stances)
        if positions.columns.nlevels != 1:
            raise ValueError("Expected positions: a table with one column for each code.")
        actors, keys = names_of(positions.index, "actor"), names_of(positions.columns, "code")
        values = numbers_of(positions, "Positions are numbers (stances) or missing")
        both = 0 not in scale and {1, -1} <= set(scale)
        strange = sorted(set(values[~np.isnan(values)]) - {*scale, *([0] if both else [])})
        if strange:
            allowed = ", ".join(map(str, scale)) + (", 0 (both)" if both else "")
            got = f"these values were found: {join_names(f'{value:g}' for value in strange)}"
            raise ValueError(f"Positions are {allowed} or missing, but {got}.")
        recorded = values[:, :, None] == np.array(scale)
        if both:
            recorded |= (values == 0)[:, :, None] & np.isin(scale, (1, -1))
        if by is None:
            by = "dimension" if positions.columns.name == "dimension" else "code"
        check_choice("by", by, ("dimension", "code"))
        cells = count_cells(NumberedStatements(*np.nonzero(recorded)), recorded.shape, "once")
        return cls(actors, keys, keys, scale, by, "once", cells, None)

    @property
    def of(self) -> str:
        """What the actors are, in the singular: codes where the tally was transposed."""
        return "code" if self.by == "actor" else "actor"

    @property
    def ordinal(self) -> bool:
        """Whether the stances are a scale of their own rather than support and opposition."""
        return not set(self.stances) <= {1, -1}

    def dense(self) -> NDArray[np.float64]:
        """Return the counts as an array, actors × keys × stances.

        Examples
        --------
        >>> import camdata as cam
        >>> cam.load_meeting().tally().dense().shape
        (14, 4, 2)
        """
        values = np.zeros((len(self.actors), len(self.keys), len(self.stances)))
        values[self.cells.actor, self.cells.key, self.cells.stance] = self.cells.count
        return values

    def transpose(self) -> Tally:
        """Return the tally with actors and codes exchanged.

        Its agreement shows on which codes the same actors take the same stances.

        Returns
        -------
        Tally
            The counts are the same; `attributes` are the label and dimension of each code.

        Examples
        --------
        >>> import camdata as cam
        >>> codes = cam.agreement(cam.load_meeting().tally().transpose())
        >>> codes.frame.loc["pragmatism"].round(2).to_list()
        [0.43, 1.0, 0.1, 0.25]
        """
        cells = self.cells
        order = np.lexsort([cells.stance, cells.key, cells.actor])
        parts = (cells.key, cells.actor, cells.stance, cells.count, cells.statements)
        turned = Cells(*(part[order] for part in parts))
        index = _index(self.keys, "actor")
        by_actor = None if self.statements is None else _count_by_actor(turned, index)
        attributes = pd.DataFrame({"label": list(self.labels)}, index, dtype="str")
        if self.groups is not None:
            attributes["dimension"] = pd.array(list(self.groups), dtype="str")
        names: Any = {"actors": self.keys, "keys": self.actors, "labels": self.actors}
        counts: Any = {"cells": turned, "statements": by_actor, "attributes": attributes}
        return replace(self, **names, **counts, by="actor", groups=None, coded=None)

    @property
    def frame(self) -> pd.DataFrame:
        """The counts, actors × (code or dimension, stance): int64, a fresh frame."""
        columns = pd.MultiIndex.from_product([self.keys, self.stances], names=[self.by, "stance"])
        values = self.dense().reshape(len(self.actors), len(columns))
        return pd.DataFrame(values.astype(np.int64), _index(self.actors, "actor"), columns)

    @property
    def positions(self) -> pd.DataFrame:
        """What is recorded, actors × codes or dimensions; missing where nothing is.

        Stances 1 and -1: ``Int8``, 1 supports, -1 opposes, 0 both are recorded. An ordinal scale:
        ``Float64``, the level, or the mean of the levels where several are recorded (`several` says
        where).
        """
        recorded = self.dense() > 0
        number = recorded.sum(axis=2)
        total = recorded @ np.array(self.stances, dtype=np.float64)
        rating = total / np.maximum(number, 1)
        dtype: Literal["Float64", "Int8"] = "Float64" if self.ordinal else "Int8"
        return self._table(rating).astype(dtype).mask(number == 0, pd.NA)

    @property
    def several(self) -> pd.DataFrame:
        """Where several stances are recorded of one actor on one code: bool, as `positions`."""
        return self._table((self.dense() > 0).sum(axis=2) > 1)

    def _table(self, values: Whole) -> pd.DataFrame:
        return pd.DataFrame(values, _index(self.actors, "actor"), _index(self.keys, self.by))

    @property
    def n_statements(self) -> int | None:
        """The number of statements in the tally; None where it was made from positions."""
        return None if self.statements is None else int(self.statements.sum())

    @property
    def summary(self) -> str:
        """What is counted, in words."""
        total = self.n_statements
        head = f"{count(total, 'statement')} of " if total is not None else "positions of "
        how = {"once": ", each once", "all": "", "document": ", once in each document"}
        again = how.get(self.duplicates, f", once in each {self.duplicates}")
        size = f"{count(len(self.actors), self.of)} on {count(len(self.keys), self.by)}"
        lines = [f"{head}{size}{again}: {count(len(self.cells.actor), 'cell')}"]
        silent = np.setdiff1d(np.arange(len(self.actors)), self.cells.actor)
        if len(silent):
            lines.append(f"nothing is recorded of: {join_names(self.actors[i] for i in silent)}")
        if self.by == "dimension" and self.coded is not None:
            coded = self.coded
            mixed, agreed, apart = count_pooled(coded.actor, coded.code, coded.key, coded.stance)
            times = f"{count(agreed, 'time')}, {apart:,} without a code in common"
            cells = f"{count(mixed, 'cell')} with different stances on different codes"
            hidden = {cells: mixed, f"two actors agree on a dimension {times}": apart}
            if parts := [words for words, number in hidden.items() if number]:
                lines.append(f"pooled codes: {'; '.join(parts)} (by='code' keeps them apart)")
        places = np.stack([self.cells.key, self.cells.actor]).astype(np.int64)
        several = np.count_nonzero(np.unique(places, axis=1, return_counts=True)[1] > 1)
        if self.ordinal and several:
            lines.append(f"{count(int(several), 'cell')} with several levels, rated by their mean")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        from camdata._display import html as _html

        small = len(self.actors) * len(self.keys) <= 20_000
        return _html.paragraph(self.summary) + (_html.frame(self.positions) if small else "")


def _index(names: Sequence[str], name: str) -> pd.Index[str]:
    return pd.Index(list(names), name=name, dtype="str")


def _count_by_actor(cells: Cells, actors: pd.Index[str]) -> pd.Series[int]:
    """Return the number of statements of each actor."""
    total = np.bincount(cells.actor, cells.statements, len(actors))
    return pd.Series(total, actors, dtype="int64", name="statements")


def names_of(axis: pd.Index[Any], noun: str) -> tuple[str, ...]:
    """Return the names on an axis of a user's table as text; each must occur once."""
    if axis.hasnans:
        raise ValueError(f"Each {noun} must have a name; missing: {np.count_nonzero(axis.isna())}.")
    names = pd.Index([name_text(value) for value in axis], dtype="str")
    if not names.is_unique:
        twice = join_names(names[names.duplicated()].unique())
        raise ValueError(f"Each {noun} must be there once; these are there again: {twice}.")
    return tuple(names)


def numbers_of(frame: pd.DataFrame, expected: str) -> NDArray[np.float64]:
    """Return the numbers of a user's table, ``NaN`` where missing; text and bool are errors."""
    for name, column in frame.items():
        if pd.api.types.is_bool_dtype(column) or not pd.api.types.is_numeric_dtype(column):
            for value in column.dropna().tolist():
                if isinstance(value, bool | np.bool_) or not isinstance(value, Real):
                    raise ValueError(f"{expected}, but {name} holds {short_repr(value)}.")
    return frame.astype("Float64").to_numpy(dtype="float64", na_value=np.nan)


def count_cells(rows: NumberedStatements, shape: tuple[int, int, int], duplicates: str) -> Cells:
    """Count statements into cells.

    Parameters
    ----------
    rows : NumberedStatements
        The statements.
    shape : tuple of int
        How many actors, keys and stances there are.
    duplicates : {"once", "document", "week", "month", "year", "all"}
        Whether repeated statements of one cell count once, once for each unit, or every time.

    Raises
    ------
    ValueError
        If repeated statements count once for each unit, and there are no units.
    """
    n_actors, n_keys, n_stances = shape
    flat = (rows.key.astype(np.int64) * n_actors + rows.actor) * n_stances + rows.stance
    if rows.weight is None:
        place, statements = np.unique(flat, return_counts=True)
    else:
        place, cell = np.unique(flat, return_inverse=True)
        statements = np.bincount(cell, rows.weight, len(place)).astype(np.int64)
    statements = narrow(statements, int(statements.max(initial=0)))
    if duplicates == "all":
        counted = statements
    elif duplicates == "once":
        counted = np.ones(len(place), dtype=np.int8)
    elif rows.unit is None:
        needed = "date" if duplicates in PERIODS else "document"
        raise ValueError(f"duplicates={duplicates!r} needs the column `{needed}` of statements.")
    else:
        units, unit = np.unique(rows.unit, return_inverse=True)
        different = np.unique(flat * max(len(units), 1) + unit)
        counted = np.unique(different // max(len(units), 1), return_counts=True)[1]
        counted = narrow(counted, int(counted.max(initial=0)))
    rest, stance = np.divmod(place, n_stances)
    key, actor = np.divmod(rest, max(n_actors, 1))
    places = (narrow(actor, n_actors), narrow(key, n_keys), narrow(stance, n_stances))
    return Cells(*places, counted, statements)


def units_of(
    documents: pd.Series[Any] | None, dates: pd.Series[Any] | None, duplicates: str
) -> Integers | None:
    """Return the number of each statement's document or period; None where none is needed or known.

    Weeks begin on Monday and, like months, are those of their year: the first week of one year and
    of the next are two. All statements without a date share one period.
    """
    if duplicates == "document" and documents is not None:
        return pd.factorize(documents, use_na_sentinel=False)[0]
    if duplicates not in PERIODS or dates is None:
        return None
    days = dates.to_numpy().astype("datetime64[D]")
    if duplicates == "week":
        numbers = (days.astype(np.int64) + 3) // 7  # 1 January 1970 was a Thursday
    else:
        numbers = days.astype(f"datetime64[{duplicates[0].upper()}]").astype(np.int64)
    return np.where(np.isnat(days), np.iinfo(np.int64).min, numbers)


def narrow(values: Whole, largest: int) -> Whole:
    """Return whole numbers up to `largest` in the narrowest signed dtype that holds them."""
    return values.astype(np.min_scalar_type(-1 - largest))


def as_tally(table: Tally | pd.DataFrame) -> Tally:
    """Return a tally as it is, and a frame of positions as the tally of what it records."""
    return table if isinstance(table, Tally) else Tally.from_positions(table)


def make_tally(
    rows: NumberedStatements, actors: _Names, keys: _Names, stances: tuple[int, ...], **more: Any
) -> Tally:
    """Make a tally of numbered statements; `more` are fields of `Tally`."""
    by, duplicates = more.pop("by"), more.pop("duplicates")
    cells = count_cells(rows, (len(actors), len(keys), len(stances)), duplicates)
    by_actor = _count_by_actor(cells, _index(actors, "actor"))
    labels = more.pop("labels", tuple(keys))
    coded = rows if isinstance(rows, Coded) else None
    names = (tuple(actors), tuple(keys), labels)
    return Tally(*names, stances, by, duplicates, cells, by_actor, coded=coded, **more)


def count_pooled(actor: Whole, code: Whole, key: Whole, stance: Whole) -> tuple[int, int, int]:
    """Count how often pooling codes makes opposition or agreement that no single code shows.

    Parameters
    ----------
    actor, code, key, stance : numpy.ndarray
        The numbers of each statement's actor, code, key (what the code is pooled into) and stance.

    Returns
    -------
    (int, int, int)
        The cells in which an actor takes different stances on different codes, but on no single
        code; the pairs of actors with a stance in common on a key, once for each key; and those of
        them without a code in common on which both take that stance.

    Examples
    --------
    >>> import numpy as np
    >>> actor, code = np.array([0, 0, 1]), np.array([0, 1, 2])
    >>> count_pooled(actor, code, np.zeros(3, dtype=int), np.array([0, 1, 0]))
    (1, 1, 1)
    """
    mixed = agreements = apart = 0
    for number in np.unique(key):
        here = key == number
        who, what, how = actor[here], code[here], stance[here]
        _, who = np.unique(who, return_inverse=True)
        pooled = _incidence(who, how)
        single = _incidence(who, np.unique(np.stack([what, how]), axis=1, return_inverse=True)[1])
        cells = np.unique(np.stack([who, what, how]), axis=1)
        per_code = np.unique(cells[:2], axis=1, return_counts=True)
        torn = np.zeros(len(pooled), dtype=bool)  # different stances on one code
        torn[per_code[0][0][per_code[1] > 1]] = True
        mixed += int(((pooled.sum(axis=1) > 1) & ~torn).sum())
        together = np.triu(pooled @ pooled.T > 0, 1)
        agreements += int(together.sum())
        apart += int((together & (single @ single.T == 0)).sum())
    return mixed, agreements, apart


def _incidence(row: Whole, column: Whole) -> NDArray[np.float32]:
    """Return which rows have which columns, as 1 and 0."""
    table = np.zeros((int(row.max()) + 1, int(column.max()) + 1), dtype=np.float32)
    table[row, column.ravel()] = 1
    return table
