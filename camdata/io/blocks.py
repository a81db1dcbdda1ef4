"""A table below its header, with the user's own headers and row numbers."""

from __future__ import annotations

import datetime
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from camdata._display.words import count, join_names, shorten
from camdata.io.foreign import Log
from camdata.io.sheets import Fit, Sheet, choose_sheet, header_row, is_filled, read_grids, text_of
from camdata.model.columns import WRITABLE, Unstorable, storable, unwritable
from camdata.model.errors import Fault, MeetingError, Near, Origin


@dataclass(frozen=True)
class Block:
    """A table below its header.

    Attributes
    ----------
    where : Origin
        Its file, sheet and row numbers.
    frame : pandas.DataFrame
        The cells as read, under the user's own headers; a blank cell is missing.
    groups : dict of str to str
        Group headers: cells above the headers, merged over several of them, by header.
    log : Log
        Changes and faults so far.
    under : array of str, optional
        For each row of a melted table, the header of the column that its value comes from.
    """

    where: Origin
    frame: pd.DataFrame
    groups: dict[str, str] = field(default_factory=dict)
    log: Log = field(default_factory=Log)
    under: NDArray[np.object_] | None = None

    @property
    def place(self) -> str:
        """The file, and the sheet where there are several."""
        file, sheet = self.where.file, self.where.sheet
        return file if sheet is None else f"{file}, sheet {sheet}"

    @property
    def headers(self) -> list[str]:
        return [str(name) for name in self.frame.columns]

    @property
    def there(self) -> str:
        """The headers, in words."""
        return f"columns {join_names(self.headers, 12)}" if self.headers else "no columns"

    def origin(self, columns: Mapping[str, str]) -> Origin:
        """Return the origin of a table made of this one; `columns` are the user's names."""
        renamed = {own: theirs for own, theirs in columns.items() if own != theirs}
        return replace(self.where, columns=renamed)

    def fault(
        self, row: int | None, column: str | None, expected: str, got: str, near: Near = ""
    ) -> Fault:
        """Return a fault of a cell, of a column or of the table."""
        if row is not None and self.under is not None:
            column = str(self.under[row])
        return self.where.fault(row, column, expected, got, near)

    def error(self, column: str | None, expected: str, got: str, near: str = "") -> MeetingError:
        """Return the error of a column or of the table."""
        return MeetingError([self.fault(None, column, expected, got, near)], self.place)

    def taken(self, rows: NDArray[np.int64], frame: pd.DataFrame) -> Block:
        """Return a block of a new frame whose rows come from these rows of this one."""
        return replace(self, where=self.where.of_rows(rows), frame=frame)


def open_block(
    table: Any, sheet: str | None, encoding: str | None, fit: Fit, role: str = "", skip: str = ""
) -> tuple[Block, list[Sheet], str]:
    """Open a file or a data frame; a block is returned as it is.

    Parameters
    ----------
    table, sheet, encoding
        What the user passed.
    fit : callable
        Scores how much a row looks like the header; a sheet without such a row is not read.
    role : str, optional
        What a row of the table is: an actor or a code. Its sheet may be called positions, and the
        index of a pandas frame may hold the names. By default a row is a statement, and the sheet
        may be called statements.
    skip : str, optional
        The name of a sheet that is not this table.

    Returns
    -------
    (Block, list of Sheet, str)
        The table, all sheets of its file, and what the user calls it.
    """
    if not isinstance(table, str | Path):
        if sheet is not None or encoding is not None:
            expected = "files of tables, not for data frames or records"
            raise ValueError(f"`sheet` and `encoding` are for {expected}.")
        if isinstance(table, Block):
            return table, [], table.place
        return frame_block(table, role), [], "the table"
    grids = read_grids(table, encoding)
    some = [grid for grid in grids if (grid.sheet or "").casefold() != skip.casefold()]
    grid = choose_sheet(some or grids, sheet, "positions" if role else "statements", fit)
    return block(grid, header_row(grid, fit), Log()), grids, str(table)


def block(grid: Sheet, at: int, log: Log) -> Block:
    """Return the table of a sheet whose header is the row at place `at`.

    The value of merged cells is copied to every row (and, in the header, every column) that they
    cover. A column without a header is named by its place unless it is blank.

    Raises
    ------
    MeetingError
        If two columns have one header, or a line of a CSV file has more or fewer cells than the
        header.
    """
    line = grid.numbers[at]
    size, faults = len(grid.rows[at]), []
    expected = f"{count(size, 'cell')}, as in the header"
    for number, row in zip(grid.numbers[at + 1 :], grid.rows[at + 1 :], strict=True):
        if grid.unit == "line" and (len(row) < size or any(map(is_filled, row[size:]))):
            faults.append(Fault(grid.file, number, None, expected, count(len(row), "cell")))
    width = max(map(len, grid.rows))
    rows = [[*row, *[None] * (width - len(row))] for row in grid.rows]
    groups, filled = _spread(grid, rows, at)
    titles = [" ".join(text_of(cell).split()) for cell in rows[at]]
    columns = [[row[number] for row in rows[at + 1 :]] for number in range(width)]
    some = [n for n, cells in enumerate(columns) if titles[n] or any(map(is_filled, cells))]
    headers = [titles[n] or f"column {n + 1}" for n in some]
    above = {name: groups[n] for n, name in zip(some, headers, strict=True) if n in groups}
    numbers = np.array(grid.numbers[at + 1 :], dtype=np.int64)
    where = Origin(grid.file, numbers, line, grid.sheet, unit=grid.unit)
    _check_headers(headers, where, faults)
    series = {name: _series(columns[n]) for n, name in zip(some, headers, strict=True)}
    frame = pd.DataFrame(series, range(len(numbers)), pd.Index(headers, dtype="str"))
    skipped = grid.rows[: at - 1 if above else at]
    if skipped:
        words = text_of(next(cell for cell in skipped[0] if is_filled(cell))).strip()
        log.add("left out: above the header", "", words, "", len(skipped))
    log.add("merged cells filled", "", "", "", filled)
    return Block(where, frame, above, log)


def _spread(grid: Sheet, rows: list[list[Any]], at: int) -> tuple[dict[int, str], int]:
    """Copy the value of merged cells to all the cells that they cover.

    Returns the group headers (merged cells right above the header) by column, and the number of
    cells filled below the header.
    """
    place = {number: i for i, number in enumerate(grid.numbers)}
    groups: dict[int, str] = {}
    filled = 0
    for (top, left), (bottom, right) in grid.merged:
        first = place.get(top + 1)
        if first is None or left >= len(rows[first]) or not is_filled(rows[first][left]):
            continue
        value = rows[first][left]
        for i in range(first, bisect_right(grid.numbers, bottom + 1)):
            if i > at:  # not to the right: a note below the table may span all columns
                filled += not is_filled(rows[i][left])
                rows[i][left] = value
                continue
            for column in range(left, min(right + 1, len(rows[i]))):
                rows[i][column] = value
                if i == at - 1 and bottom + 1 < grid.numbers[at] and left < right:
                    groups[column] = text_of(value).strip()
    return groups, filled


def _series(cells: list[Any]) -> pd.Series[Any]:
    values = [cell if is_filled(cell) else None for cell in cells]
    if all(value is None or isinstance(value, str) for value in values):
        return pd.Series(values, dtype="str")
    if all(value is None or isinstance(value, datetime.date) for value in values):
        return pd.to_datetime(pd.Series(values, dtype=object), format="ISO8601")
    return pd.Series(values)


def frame_block(frame: Any, index: str = "", log: Log | None = None) -> Block:
    """Return the table in a data frame of any kind that narwhals reads.

    The index of a pandas frame becomes a column if it has a name, or if `index` names it and it is
    more than a count of the rows. If the columns have two levels, the upper one groups the lower.
    """
    if not isinstance(frame, pd.DataFrame):
        import narwhals as nw

        try:
            frame = nw.from_native(frame, eager_only=True).to_pandas()
        except TypeError:
            got = type(frame).__name__
            raise TypeError(f"Expected the path of a file or a data frame, got {got}.") from None
    groups: list[str] = []
    if frame.columns.nlevels > 2:
        raise ValueError("The columns of the table have more than two levels: keep one or two.")
    if frame.columns.nlevels == 2:
        groups = [text_of(name) for name in frame.columns.get_level_values(0)]
        frame = frame.set_axis(frame.columns.get_level_values(1), axis="columns")
    width = len(frame.columns)
    if None not in frame.index.names:
        frame = frame.reset_index()
    elif index and not isinstance(frame.index, pd.RangeIndex):
        frame = frame.rename_axis(index).reset_index()
    frame = frame.reset_index(drop=True)
    headers = [" ".join(text_of(name).split()) for name in frame.columns]
    where = Origin("the table", unit="row")
    _check_headers(headers, where, [])
    frame.columns = pd.Index(headers, dtype="str")
    if faults := [
        where.fault(row, name, WRITABLE, shorten(cell, 1000))
        for name in headers
        if frame[name].dtype == object
        for row, cell in enumerate(frame[name])
        if any(isinstance(part, str) and unwritable(part) for part in _parts(cell))
    ]:
        raise MeetingError(faults, where.file)
    own = headers[len(headers) - width :]
    above = {name: group for name, group in zip(own, groups, strict=False) if group}
    return Block(where, frame, above, log or Log())


def _parts(cell: Any) -> Iterable[Any]:
    return cell if isinstance(cell, list | tuple | set | frozenset) else [cell]


def _check_headers(headers: Sequence[str], where: Origin, faults: Sequence[Fault]) -> None:
    """Raise a MeetingError for headers that are there twice, and other faults of a table."""
    twice = [name for name, times in Counter(headers).items() if times > 1]
    found = [where.fault(None, name, "each column once", f"{name!r} again") for name in twice]
    wrong = [name for name in headers if unwritable(name)]
    expected = f"a column named by {WRITABLE}"
    found += [where.fault(None, None, expected, shorten(name)) for name in wrong]
    if found or faults:
        raise MeetingError([*faults, *found], where.file)


def kept(column: pd.Series[Any], header: str, log: Log) -> pd.Series[Any]:
    """Return a column outside camdata's specification, as text if its types are mixed."""
    try:
        storable(column)
    except Unstorable:
        words = [text_of(cell) or None for cell in column]
        log.add("mixed cells kept as text", header, "", "", column.notna().sum())
        return pd.Series(words, column.index, dtype="str")
    return column


def log_headers(found: Block, columns: Mapping[str, str]) -> None:
    """Record the headers that are read as columns of other names."""
    for role, header in columns.items():
        if header != role:
            found.log.remark("header read as", header, header, role, len(found.frame))
