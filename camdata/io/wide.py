"""A table with actors in its rows and codes in its columns, as most published data come."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from camdata._display.checks import as_list
from camdata._display.words import did_you_mean, listed, shorten
from camdata.io._names import Words, merge, near_names, read_words, trim
from camdata.io._others import other_table, other_tables
from camdata.io._sheets import (
    Block,
    Grid,
    block,
    choose_sheet,
    frame_block,
    header_changes,
    header_row,
    kept,
    read_grids,
    text_of,
)
from camdata.io._stances import (
    Given,
    Stances,
    Votes,
    Zero,
    is_missing,
    is_stance,
    read_stances,
    stance_changes,
)
from camdata.io._terms import HEADERS, fold_header
from camdata.model.errors import Fault, MeetingError, Origin
from camdata.model.meeting import Meeting
from camdata.model.source import Change, Source, SourceTable


def read_wide(
    table: str | Path | pd.DataFrame,
    *,
    actor: str | None = None,
    attributes: str | Sequence[str] = (),
    zero: Zero = None,
    stances: Given = None,
    votes: Votes = None,
    aliases: Mapping[str, str] | None = None,
    codebook: str | pd.DataFrame | None = None,
    sheet: str | None = None,
    encoding: str | None = None,
) -> Meeting:
    """Read a table with one row per actor and one column per code, as a meeting.

    Parameters
    ----------
    table : str, pathlib.Path or data frame
        A CSV file, a workbook of Excel or OpenDocument, or a data frame of any kind that narwhals
        reads. Each cell holds a stance, in words or numbers; a blank one says that nothing is
        recorded.
    actor : str, optional
        The header of the column of actors; by default the one with a usual header (country, party,
        legislator, …), else the first column. The index of a pandas frame, unless it only counts
        the rows, is such a column.
    attributes : str or sequence of str, optional
        The headers of columns that say something else of the actors; they go to the meeting's table
        of actors. Columns before the first and after the last code that hold words, none of which
        is a stance, need not be named.
    zero : {"neutral", "both", "missing"}, optional
        What a 0 is: a level between 1 and -1, support and opposition both recorded, or nothing
        recorded. Needed where the table holds a 0 and neither `votes` nor `stances` say it.
    stances, votes, aliases
        As for `read_table`.
    codebook : str or pandas.DataFrame, optional
        A sheet of the workbook, or a table, with a code in each row and its `dimension`, `label`
        and `definition`. By default a sheet called codebook, else the headers: what stands above
        them, in cells that are merged over several of them (or in the upper one of two levels of a
        frame's columns), are their dimensions.
    sheet, encoding
        As for `read_table`; without `sheet`, the one named ``positions`` or the only one, apart
        from the codebook, that has a usual header of actors.

    Returns
    -------
    Meeting
        One statement per cell that is not blank, row by row; all actors and codes of the table,
        also those of whom nothing is recorded. What was done is in ``meeting.source.changes``.

    Raises
    ------
    MeetingError
        With every fault by its own row and column: an actor that is there twice or blank, cells
        that are no stance, codes that the codebook does not have.
    ValueError
        If the table holds a 0 that nothing explains, or numbers that are hardly stances.
    ImportError
        For a workbook, without python-calamine, which comes with ``camdata[excel]``.

    Examples
    --------
    A roll call in which one member was absent and another abstained:

    >>> import pandas as pd
    >>> import camdata as cam
    >>> votes = pd.DataFrame(
    ...     {"Member": ["A", "B", "C"], "bill 1": [1, 2, 3], "bill 2": [3, 8, 1]}
    ... )
    >>> meeting = cam.io.read_wide(votes, actor="Member", votes="voeten")
    >>> meeting.positions()
    code   bill 1  bill 2
    actor
    A         1.0    -1.0
    B         0.0    <NA>
    C        -1.0     1.0
    """
    grids: list[Grid] = []
    if isinstance(table, str | Path):
        grids = read_grids(table, encoding)
        sheets = [g for g in grids if len(grids) == 1 or not _is_codebook(g, codebook)]
        grid = choose_sheet(sheets or grids, sheet, "positions", lambda g: _score(g, actor) > 0)
        found = block(grid, header_row(grid, lambda row: len(_actor_headers(row, actor))))
        name = str(table)
    else:
        if sheet is not None or encoding is not None:
            raise ValueError("`sheet` and `encoding` are for files, not for data frames.")
        found, name = frame_block(table, "actor"), "the table"
    header = _actor_header(found, actor)
    made = [*found.changes, *header_changes(found, {"actor": header})]
    actors, faults, changes, near = _actors(found, header, aliases or {})
    made += changes
    others = [name for name in found.headers if name != header]
    named = as_list("attributes", attributes, others) if len(attributes) else []
    codes, cells, words, told = _cells(found, [h for h in others if h not in named], stances)
    made += [Change("kept as an attribute of actors", h, h, "", len(found.frame)) for h in told]
    read = read_stances(words.words, stances, votes, place=found.place, zero=zero, ask_zero=True)
    faults += _strange(found, codes, cells, words, read)
    made += stance_changes(read, words.words, words.rows, "")
    blank = int((cells < 0).sum())
    if blank:
        made.append(Change("blank: nothing recorded", "", "", "missing", blank))
    other = other_tables(grids, found.sheet, codebook, header, ("codebook",)).get("codebook")
    if other is None:
        book = _headers_as_codebook(found, codes)
    else:
        book, changes = other_table("codebook", other, {})
        made += changes
        known = book.frame["code"].dropna().tolist()
        for place, code in enumerate(codes):
            if trim(code) not in known:
                got = did_you_mean(code, known)
                faults.append(found.fault(None, code, "a code of the codebook as header", got))
                cells[:, place] = -1
    cells[actors.number < 0] = -1
    table_of_actors, changes = _actor_table(found, header, actors, [*named, *told])
    made += changes
    tables = {
        "actors": table_of_actors,
        "codebook": book,
        "statements": _statements(found, header, codes, actors, cells, words, read),
    }
    return Meeting.from_source(
        Source(name, tables, {}, {}, read.scale, tuple(faults), (*made, *near))
    )


# what is in the rows and columns


def _is_codebook(grid: Grid, codebook: str | pd.DataFrame | None) -> bool:
    named = isinstance(codebook, str) and grid.sheet == codebook
    return named or (grid.sheet or "").casefold() == "codebook"


def _actor_headers(headers: Sequence[str], actor: str | None) -> list[str]:
    """Return the headers that could be the column of actors."""
    filled = [header for header in headers if header]
    if actor is not None:
        exact = [header for header in filled if header == actor]
        return exact or [h for h in filled if fold_header(h) == fold_header(actor)]
    own = [header for header in filled if fold_header(header) == "actor"]
    usual = {fold_header(term) for term in HEADERS["actor"]}
    return own or [header for header in filled if fold_header(header) in usual]


def _score(grid: Grid, actor: str | None) -> int:
    at = header_row(grid, lambda row: len(_actor_headers(row, actor)))
    return len(_actor_headers([text_of(cell).strip() for cell in grid.rows[at]], actor))


def _actor_header(found: Block, actor: str | None) -> str:
    fitting = _actor_headers(found.headers, actor)
    there = f"columns {listed(found.headers, 12)}" if found.headers else "no columns"
    fault = None
    if len(fitting) > 1:
        got = " and ".join(map(repr, fitting))
        near = f'choose one, such as actor="{fitting[0]}"'
        fault = found.fault(None, None, "one column that is the actor", got, near)
    elif not fitting and actor is not None:
        got = f"no column {did_you_mean(actor, found.headers)}; {there}"
        fault = found.fault(None, actor, "this column (actor=)", got)
    elif len(found.headers) < 2:
        fault = found.fault(None, None, "a column of actors and one for each code", there)
    if fault is not None:
        raise MeetingError([fault], found.place)
    return fitting[0] if fitting else found.headers[0]


def _actors(
    found: Block, header: str, aliases: Mapping[str, str]
) -> tuple[Words, list[Fault], list[Change], list[Change]]:
    """Read the column of actors; a row whose actor is blank or there already has no number."""
    names, made = read_words(found.frame[header], header)
    names, merged = merge(names, aliases, header)
    made += merged
    unused = {trim(name) for name in aliases} - {change.before for change in merged}
    made += [Change("alias not found", "", name, "", 0) for name in sorted(unused)]
    number = names.number.copy()
    faults = []
    first: dict[int, int] = {}
    for row, actor in enumerate(names.number.tolist()):
        if actor < 0:
            faults.append(found.fault(row, header, "a value", "nothing"))
        elif first.setdefault(actor, row) != row:
            before = found.origin({}).at(first[actor])
            got = f"{names.words[actor]!r} again (first on {found.unit} {before})"
            faults.append(found.fault(row, header, "each actor once", got))
            number[row] = -1
    return Words(number, names.words), faults, made, near_names(names, header, countries=True)


def _cells(
    found: Block, columns: list[str], stances: Given
) -> tuple[list[str], NDArray[np.int64], Words, list[str]]:
    """Read all cells at once.

    Returns the headers of codes, the number of each cell's word (rows × codes, -1 where blank), the
    words, and the headers of columns at either side of the codes that hold words but no stance.
    """
    cells, words = _stacked(found, columns)
    stance = np.array([*(is_stance(word, stances) for word in words.words), False])
    blank = np.array([*(is_missing(word) for word in words.words), True])
    holds = stance[cells].any(axis=0)
    said = (~stance & ~blank)[cells].any(axis=0)
    some = np.flatnonzero(holds)
    if len(some) == 0:
        expected = "cells that hold stances"
        got = f"other words: {listed(map(repr, words.words), 5)}" if words.words else "no cells"
        near = "give words their meaning with stances={…}"
        raise MeetingError([found.fault(None, None, expected, got, near)], found.place)
    places = np.arange(len(columns))
    beside = said & ((places < some[0]) | (places > some[-1]))
    codes = [columns[place] for place in places[~beside]]
    cells, words = _stacked(found, codes) if beside.any() else (cells, words)
    return codes, cells, words, [columns[place] for place in places[beside]]


def _stacked(found: Block, columns: list[str]) -> tuple[NDArray[np.int64], Words]:
    part = found.frame[columns]
    text = all(dtype == "str" for dtype in part.dtypes)
    flat = pd.Series(part.to_numpy().ravel(), dtype="str" if text else None)
    words, _ = read_words(flat, "")
    return words.number.reshape(part.shape), words


def _strange(
    found: Block, codes: list[str], cells: NDArray[np.int64], words: Words, read: Stances
) -> list[Fault]:
    """List the cells that hold no stance, and make them blank."""
    faults = []
    strange = np.array([*(word in read.unknown for word in words.words), False])
    for place, row in np.argwhere(strange[cells].T).tolist():
        word = words.words[cells[row, place]]
        expected, meant = read.unknown[word]
        near = partial(_meant_or_no_code, meant, codes[place])
        faults.append(found.fault(row, codes[place], expected, shorten(word, 1000), near))
    cells[strange[cells]] = -1
    return faults


def _meant_or_no_code(meant: Callable[[], str], code: str) -> str:
    return meant() or f"or is {shorten(code)} no code: name it in attributes="


# the tables


def _headers_as_codebook(found: Block, codes: list[str]) -> SourceTable:
    frame = pd.DataFrame({"code": [trim(code) for code in codes]}, dtype="str")
    if any(code in found.groups for code in codes):
        frame["dimension"] = pd.Series([found.groups.get(code) for code in codes], dtype="str")
    return SourceTable(frame, Origin(found.file, None, found.header, found.sheet, {}, "column"))


def _actor_table(
    found: Block, header: str, actors: Words, attributes: Sequence[str]
) -> tuple[SourceTable, list[Change]]:
    rows = np.flatnonzero(actors.number >= 0)
    columns = {"actor": actors.series().iloc[rows].reset_index(drop=True)}
    made: list[Change] = []
    for name in attributes:
        cells = found.frame[name].iloc[rows].reset_index(drop=True)
        columns[name], changes = kept(cells, name)
        made += changes
    return SourceTable(pd.DataFrame(columns), found.origin({"actor": header}, rows)), made


def _statements(
    found: Block,
    header: str,
    codes: list[str],
    actors: Words,
    cells: NDArray[np.int64],
    words: Words,
    read: Stances,
) -> SourceTable:
    """Return one statement for each stance of each cell, row by row."""
    levels = [read.levels.get(word, ()) for word in words.words] + [()]
    many = np.array([len(several) for several in levels])
    flat = cells.ravel()
    times = many[flat]
    cell = np.repeat(np.arange(len(flat)), times)
    turn = np.arange(len(cell)) - np.repeat(np.cumsum(times) - times, times)
    table = np.array([[*several, 0, 0][:2] for several in levels], dtype=np.int64)
    row, column = np.divmod(cell, max(len(codes), 1))
    names = pd.Series(actors.words, dtype="str").array
    frame = pd.DataFrame(
        {
            "actor": pd.Series(names.take(actors.number[row])),
            "code": pd.Series(pd.Series([trim(c) for c in codes], dtype="str").array.take(column)),
            "stance": table[flat[cell], turn],
        }
    )
    return SourceTable(frame, found.origin({"actor": header}, row))
