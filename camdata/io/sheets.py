"""Files of tables (CSV, Excel, OpenDocument) read as the sheets that they hold."""

from __future__ import annotations

import codecs
import datetime
import io
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from camdata._display.checks import check_choice, import_optional
from camdata._display.words import join_names
from camdata.model.cells import unix_newlines
from camdata.model.errors import Fault, MeetingError
from camdata.model.source import Broken, Unread, csv_rows, decode, read_bytes

Cell = str | int | float | bool | datetime.date | datetime.datetime | datetime.time | None
Merged = tuple[tuple[int, int], tuple[int, int]]
Numbered = Iterable[tuple[int, list[Cell]]]

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
    calamine = import_optional("python_calamine", "excel")
    try:
        book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        grids = []
        for about in book.sheets_metadata:
            shown = about.visible == calamine.SheetVisibleEnum.Visible
            if not shown or about.typ != calamine.SheetTypeEnum.WorkSheet:
                continue
            sheet = book.get_sheet_by_name(about.name)
            size = sheet.total_height * sheet.total_width
            if size > _MOST_CELLS:
                expected = f"a sheet of at most {_MOST_CELLS:,} cells"
                got = f"{size:,}, down to row {sheet.total_height:,}: is there a stray cell?"
                raise Unread(Fault(name, None, None, expected, got, "", about.name))
            cells: list[list[Cell]] = sheet.to_python(skip_empty_area=False)
            merged = sheet.merged_cell_ranges or []
            grids.append(_grid(name, about.name, "row", enumerate(cells, 1), merged))
    except calamine.CalamineError as error:
        expected = "a workbook of Excel or OpenDocument"
        raise Unread(Fault(name, None, None, expected, str(error))) from None
    if not any(grid.rows for grid in grids):
        raise Unread(Fault(name, None, None, "a sheet with a table", "no cells"))
    return [grid for grid in grids if grid.rows]


def _grid(
    file: str, sheet: str | None, unit: str, rows: Numbered, merged: Sequence[Merged] = ()
) -> Grid:
    kept = {number: row for number, row in rows if any(map(is_filled, row))}
    return Grid(file, sheet, unit, list(kept), list(kept.values()), list(merged))


def is_filled(cell: Cell) -> bool:
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
    try:
        rows = [(line + skipped, list[Cell](row)) for line, row in csv_rows(text, delimiter)]
    except Broken as error:
        line, words = error.args
        expected = "a CSV file whose quoted cells are closed"
        raise Unread(Fault(name, line + skipped, None, expected, words)) from None
    grid = _grid(name, None, "line", rows)
    if not grid.rows:
        raise Unread(Fault(name, 1, None, "a header with the names of the columns", "no rows"))
    return grid


def choose_sheet(
    grids: Sequence[Grid], sheet: str | None, preferred: str, score: Callable[[list[str]], int]
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
    fitting = [grid for grid in grids if (grid.sheet or "").casefold() == preferred]
    if fitting or len(grids) == 1:
        return [*fitting, *grids][0]
    fitting = [grid for grid in grids if score(texts_of(grid.rows[header_row(grid, score)])) > 0]
    if len(fitting) == 1:
        return fitting[0]
    could = [repr(grid.sheet) for grid in fitting or grids]
    if not fitting:
        raise ValueError(
            f"None of the sheets of {grids[0].file} ({join_names(could)}) has the columns that are "
            "needed under usual headers. Name them, such as actor='…', or choose a sheet, such as "
            f"sheet={could[0]}."
        )
    raise ValueError(
        f"{grids[0].file} has several sheets that could hold the table: {join_names(could)}. "
        f"Choose one, such as sheet={could[0]}."
    )


def texts_of(row: list[Cell]) -> list[str]:
    """Return the cells of a row as text, without white space at their ends."""
    return [text_of(cell).strip() for cell in row]


def header_row(grid: Grid, score: Callable[[list[str]], int]) -> int:
    """Return the place of the row at the top that looks most like a header.

    Where none does it is the first with more than one cell filled.
    """
    top = [texts_of(row) for row in grid.rows[:_TOP]]
    scores = [score(row) for row in top]
    best = max(scores, default=0)
    if best > 0 or len(set(scores)) > 1:
        return scores.index(best)
    wide = [place for place, row in enumerate(top) if sum(map(bool, row)) > 1]
    return wide[0] if wide else 0
