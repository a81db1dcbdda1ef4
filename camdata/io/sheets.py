"""Read the sheets of a file (CSV, Excel, OpenDocument), and write a meeting as a workbook."""

from __future__ import annotations

import codecs
import datetime
import io
import zipfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree import ElementTree

import numpy as np
import pandas as pd

from camdata._display.checks import check_choice, check_path, import_optional, wrong_type
from camdata._display.files import write_file
from camdata._display.words import join_names
from camdata.io.foreign import BROKEN, check_declared_size, one_error
from camdata.model.columns import unix_newlines
from camdata.model.errors import MeetingError, one_fault
from camdata.model.meeting import Meeting
from camdata.model.source import csv_rows, decode, read_bytes

Value = str | int | float | bool | datetime.date | datetime.datetime | datetime.time | None
Merged = tuple[tuple[int, int], tuple[int, int]]
Numbered = Iterable[tuple[int, list[Value]]]
Fit = Callable[[list[str]], int]
"""How much the cells of a row look like headers."""

_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
"""The first bytes of Excel and OpenDocument files; their names are not checked."""

_EXPECTED = "a workbook of Excel or OpenDocument"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"

_MOST_CELLS = 30_000_000
"""The largest number of cells in a sheet, including blank ones."""

_LONGEST = 32_767
"""The longest text in a cell of Excel, in UTF-16 code units."""

_TOP = 25
"""How many rows at the top of a sheet are searched for the header."""


def text_of(cell: Any) -> str:
    """Return a cell as text, as its sheet shows it; empty if it is blank."""
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


class Sheet(NamedTuple):
    """The rows of a sheet that are not blank, with their numbers in the file."""

    file: str
    sheet: str | None
    unit: str
    numbers: list[int]
    rows: list[list[Value]]
    merged: list[Merged]


def read_grids(table: str | Path, encoding: str | None = None) -> list[Sheet]:
    """Read the visible sheets of a file that are not empty; a CSV file is one sheet.

    Parameters
    ----------
    table : str or pathlib.Path
        CSV with commas, semicolons or tabs, a workbook of Excel (.xlsx, .xlsm, .xlsb, .xls) or of
        OpenDocument (.ods).
    encoding : str, optional
        Encoding of a CSV file; by default UTF-8, or UTF-16 if there is a byte order mark.

    Raises
    ------
    MeetingError
        If the file cannot be read.
    ImportError
        For a workbook, without the package python-calamine, which comes with ``camdata[excel]``.
    """
    path = check_path("table", table)
    data, name = read_bytes(path, path.name), path.name
    book = data.startswith(_WORKBOOKS)
    grids = _workbook(data, name) if book else [_csv(_decoded(data, name, encoding), name)]
    if not any(grid.rows for grid in grids):
        raise one_fault(name, "a sheet with a table", "no cells")
    return [grid for grid in grids if grid.rows]


def _workbook(data: bytes, name: str) -> list[Sheet]:
    calamine = import_optional("python_calamine", "excel")
    spans, grids = _opendocument_spans(data, name), []
    try:
        book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        for about in book.sheets_metadata:
            shown = about.visible == calamine.SheetVisibleEnum.Visible
            if not shown or about.typ != calamine.SheetTypeEnum.WorkSheet:
                continue
            sheet = book.get_sheet_by_name(about.name)
            _check_cells(name, about.name, sheet.total_height, sheet.total_width)
            cells: list[list[Value]] = sheet.to_python(skip_empty_area=False)
            merged = sheet.merged_cell_ranges or spans.get(about.name, [])
            grids.append(_grid(name, about.name, "row", enumerate(cells, 1), merged))
    except BaseException as error:
        # the compiled reader panics on a damaged .xls; a panic is not an Exception
        panic = type(error).__name__ == "PanicException"
        if not panic and not isinstance(error, calamine.CalamineError):
            raise
        got = "a damaged file" if panic else str(error)
        raise one_fault(name, _EXPECTED, got) from None
    return grids


def _check_cells(file: str, sheet: str, rows: int, width: float) -> None:
    """Raise a fault if a sheet has too many cells."""
    if rows * width > _MOST_CELLS:
        expected = f"a sheet of at most {_MOST_CELLS:,} cells"
        got = f"{rows * width:,.0f}, down to row {rows:,}: is there a stray cell?"
        raise one_fault(file, expected, got, sheet=sheet)


def _opendocument_spans(data: bytes, name: str) -> dict[str, list[Merged]]:
    """Return the merged cells of each sheet of an OpenDocument file, and none for other workbooks.

    The compiled reader does not report them. It also hangs on some damaged files, which are
    refused here.
    """
    if not data.startswith(_WORKBOOKS[0]):
        return {}
    found: dict[str, list[Merged]] = {}
    broken = (*BROKEN, ElementTree.ParseError, ValueError)
    with one_error(Path(name), _EXPECTED, broken), zipfile.ZipFile(io.BytesIO(data)) as archive:
        for info in archive.infolist():
            check_declared_size(info, name)
        if "content.xml" not in archive.namelist():
            return {}
        for sheet in ElementTree.fromstring(archive.read("content.xml")).iter(f"{_TABLE}table"):
            title = sheet.get(f"{_TABLE}name", "")
            found.setdefault(title, []).extend(_spans_of(sheet, name, title))
    return found


def _spans_of(sheet: ElementTree.Element, file: str, title: str) -> list[Merged]:
    """Return the merged cells of a sheet; raise a fault if it repeats too many filled cells."""
    spans: list[Merged] = []
    top = filled = 0
    for row in sheet.iter(f"{_TABLE}table-row"):
        times, left = _number(row, "rows-repeated"), 0
        for cell in row:
            rows, columns = _number(cell, "rows-spanned"), _number(cell, "columns-spanned")
            if rows * columns > 1:
                spans.append(((top, left), (top + rows - 1, left + columns - 1)))
            width = _number(cell, "columns-repeated")
            left += width
            filled += times * width if len(cell) else 0
        top += times
    _check_cells(file, title, top, filled / max(top, 1))
    return spans


def _number(element: ElementTree.Element, what: str) -> int:
    """Return the repetitions or the span of an element."""
    return int(element.get(f"{_TABLE}number-{what}", 1))


def _grid(
    file: str, sheet: str | None, unit: str, rows: Numbered, merged: Sequence[Merged] = ()
) -> Sheet:
    kept = {number: row for number, row in rows if any(map(is_filled, row))}
    return Sheet(file, sheet, unit, list(kept), list(kept.values()), list(merged))


def is_filled(cell: Value) -> bool:
    return cell is not None and (not isinstance(cell, str) or bool(cell.strip()))


def _decoded(data: bytes, name: str, encoding: str | None) -> str:
    if encoding is None and data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16"
    try:
        if encoding is None:
            return decode(data, name)
        return unix_newlines(data.decode(encoding).removeprefix("\N{BOM}"))
    except LookupError:
        raise ValueError(f"Python knows no `encoding` {encoding!r}.") from None
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise one_fault(name, f"text in {encoding}", error.reason, line) from None
    except MeetingError as error:
        near = 'or say what it is, such as encoding="cp1252"'
        raise MeetingError([error.found[0]._replace(nearest=near)], name) from None


def _csv(text: str, name: str) -> Sheet:
    """Read a CSV text; the most frequent delimiter of its first line is used."""
    if text[:4].lower() == "sep=" and text[5:6] in ("\n", ""):  # written by Excel
        delimiter, text = text[4], text[5:]
    else:
        first = next((line for line in text.split("\n") if set(",;\t") & set(line)), "")
        bare = "".join(first.split('"')[::2])
        delimiter = max(",;\t", key=bare.count)
    return _grid(name, None, "line", ((n, [*row]) for n, row in csv_rows(text, name, delimiter)))


def choose_sheet(grids: list[Sheet], sheet: str | None, preferred: str, score: Fit) -> Sheet:
    """Return the sheet that was asked for, or the only one that fits.

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
    why = "several sheets that could hold the table"
    if not fitting:
        why = "no sheet with usual headers for the columns (name them, such as actor='…')"
    raise ValueError(
        f"{grids[0].file} has {why}: {join_names(could)}. Choose one, such as sheet={could[0]}."
    )


def texts_of(row: list[Value]) -> list[str]:
    """Return the cells of a row as trimmed text."""
    return [text_of(cell).strip() for cell in row]


def header_row(grid: Sheet, score: Fit) -> int:
    """Return the place of the row at the top that looks most like a header.

    If no row does, it is the first row with more than one filled cell.
    """
    top = [texts_of(row) for row in grid.rows[:_TOP]]
    scores = [score(row) for row in top]
    best = max(scores, default=0)
    if best > 0 or len(set(scores)) > 1:
        return scores.index(best)
    wide = [place for place, row in enumerate(top) if sum(map(bool, row)) > 1]
    return wide[0] if wide else 0


# writing


def write_excel(meeting: Meeting, path: str | Path) -> None:
    """Write the tables of a meeting as a workbook, one sheet for each.

    Parameters
    ----------
    meeting : Meeting
        The meeting.
    path : str or pathlib.Path
        The file to write, ``….xlsx``; an existing file is replaced once the new one is complete.

    Raises
    ------
    ValueError
        If a table has more rows, or a cell more characters, than a sheet can hold, or if the path
        does not end in ``.xlsx``. In these cases nothing is written.
    ImportError
        Without xlsxwriter, which comes with ``camdata[excel]``.

    Notes
    -----
    Text stays text, even if it looks like a formula or a link. Numbers are numbers, dates are dates
    (text before March 1900, because Excel counts a day that did not exist), and missing values are
    blank cells.

    `read_table` reads the sheets back as the same tables. A workbook holds no texts, metadata or
    scale of stances: give it ``texts=meeting.texts`` and, where the scale is not the usual one,
    ``stances=meeting.stances``, or use `Meeting.write`, which keeps everything.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> import camdata as cam
    >>> meeting = cam.load_meeting()
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder) / "meeting.xlsx"
    ...     cam.io.write_excel(meeting, path)
    ...     again = cam.io.read_table(path, texts=meeting.texts)
    >>> again.statements.equals(meeting.statements)
    True
    """
    if not isinstance(meeting, Meeting):
        raise wrong_type("meeting", "a Meeting", meeting)
    import_optional("xlsxwriter", "excel")
    path = check_path("path", path)
    if path.suffix.lower() != ".xlsx":
        raise ValueError(f"A workbook's name ends in .xlsx, but {str(path)!r} was passed.")
    tables = {name: getattr(meeting, name) for name in meeting.given}
    for name, table in tables.items():
        for header in table.columns[table.dtypes == "str"]:
            units = table[header].dropna().map(lambda text: len(text.encode("utf-16-le")) // 2)
            for row in units.index[units > _LONGEST]:
                got = f"{name}, row {row + 1}, {header}: {len(table.at[row, header]):,} characters"
                raise ValueError(f"A sheet of Excel cannot hold this: {got}.")
    forms: Any = {"date_format": "yyyy-mm-dd", "datetime_format": "yyyy-mm-dd hh:mm:ss"}
    whole = io.BytesIO()
    with pd.ExcelWriter(whole, engine="xlsxwriter", **forms) as book:
        for name, table in tables.items():
            cells = {header: [_cell(value) for value in table[header]] for header in table}
            sheet = pd.DataFrame(cells, columns=table.columns, dtype=object)
            # text stays text, whatever it looks like
            own: Any = book.book.add_worksheet(name)
            own.add_write_handler(str, lambda sheet, *cell: sheet.write_string(*cell))
            sheet.to_excel(book, sheet_name=name, index=False, freeze_panes=(1, 0))
    write_file(path, whole.getvalue())


def _cell(value: Any) -> Any:
    """Return a value for a cell: as text if Excel cannot store the number or the date exactly."""
    if pd.api.types.is_scalar(value) and pd.isna(value):
        return None
    if isinstance(value, datetime.date):
        moment = pd.Timestamp(value)
        known = moment.tzinfo is None and (moment.year, moment.month) >= (1900, 3)
        day = moment == moment.normalize() and moment.tzinfo is None
        if known and moment == moment.floor("ms"):
            return moment.date() if day else moment.to_pydatetime()
        return moment.date().isoformat() if day else moment.isoformat()
    if isinstance(value, bool | np.bool_):
        return bool(value)
    # Excel stores numbers as floats
    exact = isinstance(value, int | float | np.number) and abs(float(value)) < 2**53
    return value if exact else str(value)
