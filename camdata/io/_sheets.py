"""Tables as people keep them: CSV, Excel, OpenDocument and data frames, read as they were typed."""

from __future__ import annotations

import codecs
import datetime
import io
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from camdata._display.checks import check_choice, need
from camdata._display.words import count, listed
from camdata.model.cells import Unstorable, storable, unix_newlines
from camdata.model.errors import Fault, MeetingError, Origin
from camdata.model.source import Broken, Change, Unread, csv_rows, decode, read_bytes

Cell = str | int | float | bool | datetime.date | datetime.datetime | datetime.time | None
Merged = tuple[tuple[int, int], tuple[int, int]]

_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
"""How files of Excel and OpenDocument begin: what they hold tells them, not their names."""

_MOST_CELLS = 30_000_000
"""More cells than that, blank ones included, are no table that somebody typed."""

_TOP = 25
"""Among how many rows at the top of a sheet the header is looked for."""


def text_of(cell: Any) -> str:
    """Return a cell as its sheet shows it; nothing where it is blank."""
    if isinstance(cell, str):
        return cell
    if cell is None or (pd.api.types.is_scalar(cell) and pd.isna(cell)):
        return ""
    if isinstance(cell, bool | np.bool_):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float | np.floating) and float(cell).is_integer():
        return str(int(cell))
    if isinstance(cell, datetime.datetime):
        midnight = cell.time() == datetime.time(0)
        return cell.date().isoformat() if midnight else cell.isoformat(" ")
    return str(cell)


class Grid(NamedTuple):
    """The rows of one sheet that are not blank, and what the user calls each of them."""

    file: str
    sheet: str | None
    unit: str
    numbers: list[int]
    rows: list[list[Cell]]
    merged: list[Merged]


@dataclass(frozen=True)
class Block:
    """A table below its header.

    Attributes
    ----------
    file, sheet, unit, header, numbers
        Where it stands, as in `Origin`.
    frame : pandas.DataFrame
        The cells as they are, under the user's own headers; a blank cell is missing.
    groups : dict of str to str
        What stands above the headers in cells that were merged over several of them.
    changes : list of Change
        What was done to get here.
    """

    file: str
    sheet: str | None
    unit: str
    header: int | None
    numbers: NDArray[np.int64]
    frame: pd.DataFrame
    groups: dict[str, str] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)

    @property
    def place(self) -> str:
        """The file, and the sheet where there are several."""
        return self.file if self.sheet is None else f"{self.file}, sheet {self.sheet}"

    @property
    def headers(self) -> list[str]:
        return [str(name) for name in self.frame.columns]

    def origin(self, columns: Mapping[str, str], rows: NDArray[np.int64] | None = None) -> Origin:
        """Say where a table made of this one comes from; `columns` are the user's names."""
        renamed = {own: theirs for own, theirs in columns.items() if own != theirs}
        numbers = self.numbers if rows is None else self.numbers[rows]
        return Origin(self.file, numbers, self.header, self.sheet, renamed, self.unit)

    def fault(
        self,
        row: int | None,
        column: str | None,
        expected: str,
        got: str,
        near: str | Callable[[], str] = "",
    ) -> Fault:
        """Return a fault of a cell, of a column or of the table."""
        return self.origin({}).fault(row, column, expected, got, near)


# what is read


def read_grids(table: str | Path, encoding: str | None = None) -> list[Grid]:
    """Read a file as its sheets that are shown and hold anything; a CSV file is one of them.

    Parameters
    ----------
    table : str or pathlib.Path
        CSV with commas, semicolons or tabs, a workbook of Excel (.xlsx, .xlsm, .xlsb, .xls) or of
        OpenDocument (.ods).
    encoding : str, optional
        Of a CSV file; UTF-8 by default, or UTF-16 where its first bytes say so.

    Raises
    ------
    MeetingError
        If the file cannot be read.
    ImportError
        For a workbook, without the package python-calamine, which comes with ``camdata[excel]``.
    """
    path = Path(table)
    try:
        data = read_bytes(path, path.name)
        if data.startswith(_WORKBOOKS):
            return _workbook(data, path.name)
        return [_csv(_decoded(data, path.name, encoding), path.name)]
    except Unread as unread:
        raise MeetingError([unread.fault], str(path)) from None


def _workbook(data: bytes, name: str) -> list[Grid]:
    calamine = need("python_calamine", "excel")
    try:
        book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        grids = []
        for about in book.sheets_metadata:
            if about.visible != calamine.SheetVisibleEnum.Visible:
                continue
            if about.typ != calamine.SheetTypeEnum.WorkSheet:
                continue
            sheet = book.get_sheet_by_name(about.name)
            size = sheet.total_height * sheet.total_width
            if size > _MOST_CELLS:
                expected = f"a sheet of at most {_MOST_CELLS:,} cells"
                got = f"{size:,}, down to row {sheet.total_height:,}: is there a stray cell?"
                raise Unread(Fault(name, None, None, expected, got, "", about.name))
            cells: list[list[Cell]] = sheet.to_python(skip_empty_area=False)
            grid = _grid(name, about.name, "row", enumerate(cells, 1), sheet.merged_cell_ranges)
            if grid.rows:
                grids.append(grid)
    except calamine.CalamineError as error:
        fault = Fault(name, None, None, "a workbook of Excel or OpenDocument", str(error))
        raise MeetingError([fault], name) from None
    if not grids:
        raise MeetingError([Fault(name, None, None, "a sheet with a table", "no cells")], name)
    return grids


def _grid(
    file: str,
    sheet: str | None,
    unit: str,
    rows: Iterable[tuple[int, list[Cell]]],
    merged: Sequence[Merged] | None = None,
) -> Grid:
    kept = [(number, row) for number, row in rows if any(_filled(cell) for cell in row)]
    numbers = [number for number, _ in kept]
    return Grid(file, sheet, unit, numbers, [row for _, row in kept], list(merged or ()))


def _filled(cell: Cell) -> bool:
    return cell is not None and (not isinstance(cell, str) or bool(cell.strip()))


def _decoded(data: bytes, name: str, encoding: str | None) -> str:
    if encoding is not None:
        try:
            return unix_newlines(data.decode(encoding).removeprefix("\N{BOM}"))
        except LookupError:
            raise ValueError(f"Python knows no `encoding` {encoding!r}.") from None
        except UnicodeDecodeError as error:
            line = data[: error.start].count(b"\n") + 1
            raise Unread(Fault(name, line, None, f"text in {encoding}", error.reason)) from None
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _decoded(data, name, "utf-16")
    try:
        return decode(data, name)
    except Unread as unread:
        near = 'or say what it is, such as encoding="cp1252"'
        raise Unread(unread.fault._replace(nearest=near)) from None


def _csv(text: str, name: str) -> Grid:
    """Read a CSV text with the delimiter that its first line with any of them holds most."""
    skipped = 0
    if text[:4].lower() == "sep=" and text[5:6] in ("\n", ""):  # as Excel writes it
        delimiter, text, skipped = text[4], text[6:], 1
    else:
        first = next((line for line in text.split("\n") if set(",;\t") & set(line)), "")
        bare = "".join(first.split('"')[::2])
        delimiter = max(",;\t", key=bare.count)
    rows: list[tuple[int, list[Cell]]] = []
    try:
        for line, row in csv_rows(text, delimiter):
            rows.append((line + skipped, list(row)))
    except Broken as error:
        line, words = error.args
        expected = "a CSV file whose quoted cells are closed"
        raise Unread(Fault(name, line + skipped, None, expected, words)) from None
    grid = _grid(name, None, "line", rows)
    if not grid.rows:
        raise Unread(Fault(name, 1, None, "a header with the names of the columns", "no rows"))
    return grid


# sheets and headers


def choose_sheet(
    grids: Sequence[Grid], sheet: str | None, preferred: str, fits: Callable[[Grid], bool]
) -> Grid:
    """Return the sheet that was asked for, or the only one that can be meant.

    Raises
    ------
    ValueError
        If there is no such sheet, or if several fit.
    """
    names = [grid.sheet for grid in grids]
    if sheet is not None:
        if names == [None]:
            raise ValueError(f"{grids[0].file} has no sheets, but sheet={sheet!r} was passed.")
        check_choice("sheet", sheet, names)
        return grids[names.index(sheet)]
    for grid in grids:
        if len(grids) == 1 or (grid.sheet or "").casefold() == preferred:
            return grid
    fitting = [grid for grid in grids if fits(grid)]
    if len(fitting) == 1:
        return fitting[0]
    could = [repr(grid.sheet) for grid in fitting or grids]
    if not fitting:
        raise ValueError(
            f"None of the sheets of {grids[0].file} ({listed(could)}) has the columns that are "
            "needed under usual headers. Name them, such as actor='…', or choose a sheet, such as "
            f"sheet={could[0]}."
        )
    raise ValueError(
        f"{grids[0].file} has several sheets that could hold the table: {listed(could)}. "
        f"Choose one, such as sheet={could[0]}."
    )


def header_row(grid: Grid, score: Callable[[list[str]], int]) -> int:
    """Return the place of the row at the top that looks most like a header.

    Where none does it is the first with more than one cell filled.
    """
    top = [[text_of(cell).strip() for cell in row] for row in grid.rows[:_TOP]]
    scores = [score(row) for row in top]
    best = max(scores, default=0)
    if best:
        return scores.index(best)
    wide = [place for place, row in enumerate(top) if sum(map(bool, row)) > 1]
    return wide[0] if wide else 0


def block(grid: Grid, at: int) -> Block:
    """Take the table whose header is the row at place `at`.

    Cells that were merged hold their value for all the rows (and, in the header, columns) that they
    cover. A column without a header is named by its place if it holds anything.

    Raises
    ------
    MeetingError
        If a header is there twice, or a line of a CSV file has more or fewer cells than the header.
    """
    line = grid.numbers[at]
    faults = _ragged(grid, at) if grid.unit == "line" else []
    width = max(map(len, grid.rows))
    rows = [[*row, *[None] * (width - len(row))] for row in grid.rows]
    groups, filled = _spread(grid, rows, at)
    columns: dict[str, list[Cell]] = {}
    above: dict[str, str] = {}
    for number, cell in enumerate(rows[at]):
        name = " ".join(text_of(cell).split())
        cells = [row[number] for row in rows[at + 1 :]]
        if not name and not any(map(_filled, cells)):
            continue
        name = name or f"column {number + 1}"
        if name in columns:
            got = f"{name!r} again"
            faults.append(
                Fault(grid.file, line, name, "each column once", got, "", grid.sheet, grid.unit)
            )
        columns[name] = cells
        if number in groups:
            above[name] = groups[number]
    if faults:
        raise MeetingError(faults, grid.file)
    frame = pd.DataFrame(
        {name: _series(cells) for name, cells in columns.items()},
        index=pd.RangeIndex(len(rows) - at - 1),
        columns=pd.Index(list(columns), dtype="str"),
    )
    changes = []
    skipped = grid.rows[: at - 1 if above else at]
    if skipped:
        words = text_of(next(cell for cell in skipped[0] if _filled(cell))).strip()
        changes.append(Change("left out: above the header", "", words, "", len(skipped)))
    if filled:
        changes.append(Change("merged cells filled", "", "", "", filled))
    numbers = np.array(grid.numbers[at + 1 :], dtype=np.int64)
    return Block(grid.file, grid.sheet, grid.unit, line, numbers, frame, above, changes)


def _ragged(grid: Grid, at: int) -> list[Fault]:
    """List the lines below the header that have more or fewer cells than it."""
    width = len(grid.rows[at])
    expected = f"{count(width, 'cell')}, as in the header"
    return [
        Fault(grid.file, number, None, expected, count(len(row), "cell"))
        for number, row in zip(grid.numbers[at + 1 :], grid.rows[at + 1 :], strict=True)
        if len(row) < width or any(map(_filled, row[width:]))
    ]


def _spread(grid: Grid, rows: list[list[Cell]], at: int) -> tuple[dict[int, str], int]:
    """Write the value of merged cells into all that they cover.

    Returns what stands right above the header, over several of its columns, and how many cells
    below it were filled.
    """
    place = {number: i for i, number in enumerate(grid.numbers)}
    groups: dict[int, str] = {}
    filled = 0
    for (top, left), (bottom, right) in grid.merged:
        first = place.get(top + 1)
        if first is None or left >= len(rows[first]) or not _filled(rows[first][left]):
            continue
        value = rows[first][left]
        for i in range(first, bisect_right(grid.numbers, bottom + 1)):
            if i > at:  # a note below the table may be merged over all of its columns
                filled += not _filled(rows[i][left])
                rows[i][left] = value
                continue
            for column in range(left, min(right + 1, len(rows[i]))):
                rows[i][column] = value
                if i == at - 1 and bottom + 1 < grid.numbers[at] and left < right:
                    groups[column] = text_of(value).strip()
    return groups, filled


def _series(cells: list[Cell]) -> pd.Series[Any]:
    values = [cell if _filled(cell) else None for cell in cells]
    if all(value is None or isinstance(value, str) for value in values):
        return pd.Series(values, dtype="str")
    if all(value is None or isinstance(value, datetime.date) for value in values):
        return pd.to_datetime(pd.Series(values, dtype=object), format="ISO8601")
    return pd.Series(values)


def frame_block(frame: Any, index: str | None = None) -> Block:
    """Take a data frame of any kind that narwhals reads.

    The index of a pandas frame is a column where it has a name or, if `index` gives it one, where
    it is more than a count of the rows. Of columns in two levels the lower one is the header, the
    upper one what stands above it.
    """
    if not isinstance(frame, pd.DataFrame):
        import narwhals as nw

        try:
            frame = nw.from_native(frame, eager_only=True).to_pandas()
        except TypeError:
            got = type(frame).__name__
            raise TypeError(f"Expected the path of a file or a data frame, got {got}.") from None
    groups: list[str] | None = None
    if frame.columns.nlevels == 2:
        groups = [text_of(name) for name in frame.columns.get_level_values(0)]
        frame = frame.set_axis(frame.columns.get_level_values(1), axis="columns")
    elif frame.columns.nlevels > 2:
        raise ValueError("The columns of the table have more than two levels: keep one or two.")
    names = [name for name in frame.index.names if name is not None]
    before = 0
    if names and len(names) == frame.index.nlevels:
        before = len(names)
        frame = frame.reset_index()
    elif index is not None and not isinstance(frame.index, pd.RangeIndex):
        before = 1
        frame = frame.rename_axis(index).reset_index()
    frame = frame.reset_index(drop=True)
    headers = [" ".join(text_of(name).split()) for name in frame.columns]
    twice = sorted({name for name in headers if headers.count(name) > 1})
    if twice:
        faults = [Fault("the table", None, c, "each column once", f"{c!r} again") for c in twice]
        raise MeetingError(faults, "the table")
    frame.columns = pd.Index(headers, dtype="str")
    above = dict(zip(headers[before:], groups, strict=True)) if groups else {}
    above = {name: group for name, group in above.items() if group}
    numbers = np.arange(1, len(frame) + 1)
    return Block("the table", None, "row", None, numbers, frame, above)


def kept(column: pd.Series[Any], header: str) -> tuple[pd.Series[Any], list[Change]]:
    """Return a column that camdata does not know as it is, or as text where its cells are mixed."""
    try:
        storable(column)
    except Unstorable:
        words = [text_of(cell) or None for cell in column]
        change = Change("mixed cells kept as text", header, "", "", int(column.notna().sum()))
        return pd.Series(words, column.index, dtype="str"), [change]
    return column, []


def header_changes(found: Block, columns: Mapping[str, str]) -> list[Change]:
    """Say which headers were read as which columns."""
    rows = len(found.frame)
    return [
        Change("header read as", header, header, role, rows)
        for role, header in columns.items()
        if header != role
    ]
