"""Read a table with actors in its rows and codes in its columns, or the reverse."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from camdata._display.checks import as_list, as_names, check_choice
from camdata._display.words import join_names, suggest
from camdata.io.blocks import Block, kept, log_headers, open_block
from camdata.io.columns import check_asked, headers_of, other_tables, role_faults, roles_of
from camdata.io.foreign import Log, meeting_of
from camdata.io.names import Words, log_unused, merge, near_names, read_words, trim
from camdata.io.sheets import text_of
from camdata.io.stances import Ends, Given, Meaning, Votes, Zero, is_missing, is_stance, meaning_of
from camdata.io.table import How, read_long
from camdata.model.errors import MeetingError
from camdata.model.meeting import Meeting
from camdata.model.source import SourceTable
from camdata.model.vocabulary import fold_stance

Orient = Literal["actors", "codes"]


def read_wide(
    table: str | Path | pd.DataFrame,
    *,
    orient: Orient = "actors",
    actor: str | None = None,
    code: str | None = None,
    attributes: str | Sequence[str] = (),
    leave_out: str | Sequence[str] | None = None,
    zero: Zero = None,
    stances: Given = None,
    scale: Ends = None,
    missing: Iterable[int | str] = (),
    votes: Votes = None,
    language: str | None = None,
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
        reads. Each cell holds a stance, in words or numbers; a blank cell records nothing.
    orient : {"actors", "codes"}
        What the rows are. ``"codes"`` reads the transposed table: one row per code (such as a vote)
        and one column per actor.
    actor, code : str, optional
        The header of the column of actors (of codes, with ``orient="codes"``); by default the one
        with a usual header (country, party, legislator, …), else the first column. The index of a
        pandas frame, unless it only counts the rows, is such a column.
    attributes : str or sequence of str, optional
        The headers of columns with attributes of the rows, which go to the meeting's table of
        actors (of codes). Columns of other words before the first and after the last stance need
        not be named.
    leave_out : str or sequence of str, optional
        Rows (by their actor or code) and columns (by their header) to leave out, such as totals. If
        a row or a column equals the sum of the others, this argument is required; an empty list
        says that there are no totals.
    zero : {"neutral", "both", "missing"}, optional
        What a 0 is: a level between 1 and -1, support and opposition both recorded, or nothing
        recorded. Required if the table holds only 0, 1 and -1 and no other argument says it.
    stances, scale, missing, votes, language, aliases
        As for `read_table`.
    codebook : str or pandas.DataFrame, optional
        A sheet of the workbook, or a table, with a code in each row and its `dimension`, `label`
        and `definition`. By default a sheet called codebook, else the headers; group headers
        above them (merged cells, or the upper of two levels of a frame's columns) are their
        dimensions.
    sheet, encoding
        As for `read_table`; without `sheet`, the one named ``positions`` or the only one, apart
        from the codebook, that has a usual header of actors.

    Returns
    -------
    Meeting
        One statement per cell that is not blank, row by row; all actors and codes of the table,
        including those without a statement. Further header rows are kept as attributes: the first
        of them is the label of codes. Every change is in
        ``meeting.source.changes``.

    Raises
    ------
    MeetingError
        With every fault by its own row and column: repeated or blank actors, cells that are not a
        stance, codes that are not in the codebook.
    ValueError
        If the table holds a 0, counts, totals or other numbers that can mean several things; the
        error lists the arguments to choose from. If positions are continuous (2.083).
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
    check_choice("orient", orient, ("actors", "codes"))
    check_asked({"actor": actor, "code": code})
    role, asked, other = ("actor", actor, code) if orient == "actors" else ("code", code, actor)
    if other is not None:
        raise ValueError(f"With orient={orient!r} the headers are the {_OTHER[role]}s.")
    more: Any = {"zero": zero, "language": language, "in_cells": True}
    meaning = meaning_of(stances, votes, scale, missing, **more)
    names, how = dict(aliases or {}), How(meaning, compare=False)
    aside = codebook if isinstance(codebook, str) else "codebook"

    def keys_in(names: Sequence[str]) -> list[str]:
        return roles_of(names, {role: asked}).get(role, [])

    found, grids, name = open_block(table, sheet, encoding, lambda h: len(keys_in(h)), role, aside)
    fitting = keys_in(found.headers)
    if faults := role_faults(found, role, fitting, asked):
        raise MeetingError(faults, found.place)
    if len(found.headers) < 2:
        expected = f"a column of {role}s and one for each {_OTHER[role]}"
        raise found.error(None, expected, found.there)
    key = [*fitting, *found.headers][0]
    found = _without(found, key, leave_out)
    matrix = _divide(found, role, key, attributes, meaning)
    if leave_out is None:
        _ask_for_totals(matrix)
    log = found.log
    log_headers(found, {role: key})
    sides = {own: matrix.side(own, names) for own in (role, _OTHER[role])}
    melted = matrix.melted({own: side[0] for own, side in sides.items()})
    read, levels = read_long(melted, {role: role for role in melted.headers}, how)
    frame, origin = read.frame, read.origin
    whole = frame.notna().all(axis=1)
    tables = {"actors": sides["actor"][1], "codebook": sides["code"][1]}
    if given := other_tables(grids, found, codebook, key, names, ("codebook",)):
        tables |= given
        known = given["codebook"].frame["code"].dropna().tolist()
        # one fault for the name of a row or column, not one for each of its cells
        whole &= frame["code"].isin(known)
        for place, own in enumerate(sides["code"][0]):
            if isinstance(own, str) and own not in known:
                at, of = (place, key) if role == "code" else (None, matrix.cells[place])
                near = suggest(own, known)
                log.faults.append(found.fault(at, of, "a code of the codebook", repr(own), near))
    origin = replace(origin.of_rows(np.flatnonzero(whole)), columns={role: key})
    tables["statements"] = SourceTable(frame[whole].reset_index(drop=True), origin)
    log_unused(names, (*matrix.found.frame[key].map(text_of), *matrix.cells), log)
    return meeting_of(name, tables, log, stances=levels)


_OTHER = {"actor": "code", "code": "actor"}


# what is in the rows and columns


def _without(found: Block, header: str, leave_out: str | Sequence[str] | None) -> Block:
    """Leave out rows by their actor or code, and columns by their header."""
    names = [trim(name) for name in as_names("leave_out", leave_out or [])]
    keys = found.frame[header].map(text_of).map(trim)
    others, gone = [own for own in found.headers if own != header], keys.isin(names).to_numpy()
    columns = [own for own in others if own in names]
    if names:
        as_list("leave_out", names, [*others, *keys])
    for own in columns:
        found.log.add("column left out", own, own, "", len(keys))
    found.log.add("rows left out", header, join_names(keys[gone]), "", gone.sum())
    frame = found.frame.drop(columns=columns)[~gone].reset_index(drop=True)
    return found.taken(np.flatnonzero(~gone), frame)


class _Matrix(NamedTuple):
    """A table divided into names of rows, cells, and attributes of rows and columns.

    `role` is what its rows are (actor or code) and `key` the header of their names; `cells` are
    the headers of stances and `beside` those of attributes; `number` and `words` are the cells as
    in `Words`. Further header rows are not in `found` but in `above`.
    """

    found: Block
    role: str
    key: str
    cells: list[str]
    number: NDArray[np.int64]
    words: list[str]
    beside: list[str]
    above: pd.DataFrame

    def side(self, role: str, aliases: Mapping[str, str]) -> tuple[pd.Series[Any], SourceTable]:
        """Read the actors or the codes with their attributes.

        Returns a name for each row (or column), missing if it is blank, and the table of the names.
        """
        found, log = self.found, self.found.log
        column, about, origin = found.frame[self.key], found.frame[self.beside], found.where
        if role != self.role:
            column, about = pd.Series(self.cells, dtype="str"), self._about_columns(role)
            origin = replace(found.where, rows=None, unit="column")
        header = str(column.name or "")
        words = merge(read_words(column, header, log), aliases, header, log)
        names = words.series()
        near_names(words, header, log, countries=role == "actor")
        usual = headers_of(list(about.columns), "codebook") if role == "code" else {}
        own = {title: name for name, title in usual.items()}
        table = {own.get(title, title): kept(about[title], title, log) for title in about.columns}
        origin = replace(origin, columns={role: header, **usual} if header else {})
        return names, SourceTable(pd.DataFrame({role: names, **table}), origin)

    def _about_columns(self, role: str) -> pd.DataFrame:
        about, groups = self.above.T.reset_index(drop=True), self.found.groups
        titles = [str(title) for title in about.columns]
        if role == "code" and titles and not headers_of(titles, "codebook"):
            about.columns = pd.Index(["label", *titles[1:]])
        if any(header in groups for header in self.cells):
            upper = pd.Series([groups.get(header) for header in self.cells], dtype="str")
            about.insert(0, "dimension" if role == "code" else "group", upper)
        return about

    def melted(self, names: Mapping[str, pd.Series[Any]]) -> Block:
        """Make one row for each cell that is not blank, row by row."""
        filled = self.number >= 0
        row, column = np.nonzero(filled)
        self.found.log.add("blank: nothing recorded", "", "", "missing", (~filled).sum())
        place = {self.role: row, _OTHER[self.role]: column}
        frame = pd.DataFrame({own: names[own].array.take(place[own]) for own in ("actor", "code")})
        frame["stance"] = Words(self.number[filled], self.words).series()
        under = np.array(self.cells, dtype=object)[column]
        return replace(self.found.taken(row, frame), under=under, groups={})


def _divide(
    found: Block, role: str, key: str, attributes: str | Sequence[str], meaning: Meaning
) -> _Matrix:
    """Find the columns of stances, and further header rows above them."""
    others = [own for own in found.headers if own != key]
    named = as_list("attributes", attributes, others) if len(attributes) else []
    columns = [own for own in others if own not in named]
    part = found.frame[columns]
    text = all(dtype == "str" for dtype in part.dtypes)
    flat = pd.Series(part.to_numpy().ravel(), dtype="str" if text else None)
    words = read_words(flat, "", Log())
    number = words.number.reshape(part.shape)
    stance = np.array([*(is_stance(word, meaning) for word in words.words), False])
    blank = np.array([*(is_missing(word, meaning) for word in words.words), True])
    holds, says = stance[number], (~stance & ~blank)[number]
    # a further header row names most of the columns that hold stances
    under = says[:, holds.any(axis=0)]
    titles = (under.sum(axis=1) >= max(2, under.shape[1] / 2)) & ~holds.any(axis=1)
    depth = int(np.argmin(titles)) if len(titles) and not titles.all() else 0
    holds, says = holds[depth:], says[depth:]
    some = np.flatnonzero(holds.any(axis=0))
    if len(some) == 0:
        got = f"other words: {join_names(map(repr, words.words), 5)}" if words.words else "no cells"
        near = "give words their meaning with stances={…}"
        raise found.error(None, "cells that hold stances", got, near)
    places = np.arange(len(columns))
    outside = says.any(axis=0) & ((places < some[0]) | (places > some[-1]))
    outer = [columns[place] for place in places[outside]]
    cells = [columns[place] for place in places[~outside]]
    titled = [text_of(name).strip() or f"header {n + 2}" for n, name in enumerate(found.frame[key])]
    above = found.frame[cells].head(depth).set_axis(titled[:depth], axis="index")
    rows = np.arange(depth, len(found.frame))
    below = found.taken(rows, found.frame.iloc[depth:].reset_index(drop=True))
    for own in outer:
        found.log.add("kept beside the stances", own, own, "", len(rows))
    found.log.add("further header rows", "", join_names(above.index), "", depth)
    number = number[depth:, ~outside]
    beside = [*named, *outer]
    return _Matrix(below, role, key, cells, number, words.words, beside, above)


def _ask_for_totals(matrix: _Matrix) -> None:
    """Raise a ValueError if a row or a column is the sum of the others."""
    found = matrix.found
    words = pd.Series([*map(fold_stance, matrix.words), None], dtype="str")
    values = pd.to_numeric(words, errors="coerce").to_numpy(dtype=float)[matrix.number]
    keys = found.frame[matrix.key].map(text_of).tolist()
    for names, table, what in ((matrix.cells, values, "column"), (keys, values.T, "row")):
        if table.shape[1] < 3 or len(table) < 2:
            continue
        sums = np.nansum(table, axis=1, keepdims=True)
        same = (table == sums - table).all(axis=0) & ((table != 0).sum(axis=0) >= 2)
        for place in np.flatnonzero(same).tolist():
            raise ValueError(
                f"{found.place}: the {what} {names[place]!r} equals the sum of the others. Say "
                f"leave_out=[{names[place]!r}] if it is a total, or leave_out=[] if it is not."
            )
