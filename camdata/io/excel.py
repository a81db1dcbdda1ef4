"""Write a meeting as a workbook of Excel."""

from __future__ import annotations

import datetime
import io
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from camdata._display.checks import check_path, import_optional, wrong_type
from camdata._display.files import write_file
from camdata._display.words import join_names
from camdata.model.meeting import Meeting

_LONGEST = 32_767
"""The longest text in a cell of Excel, in UTF-16 code units."""

_MOST_ROWS = 1_048_575


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
    xlsxwriter = import_optional("xlsxwriter", "excel")
    path = check_path("path", path)
    if path.suffix.lower() != ".xlsx":
        raise ValueError(f"A workbook's name ends in .xlsx, but {str(path)!r} was passed.")
    tables = {name: getattr(meeting, name) for name in meeting.given}
    wrong = [fault for name, table in tables.items() for fault in _too_large(name, table)]
    if wrong:
        raise ValueError(f"A sheet of Excel cannot hold this: {join_names(wrong)}.")
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    whole = io.BytesIO()
    with xlsxwriter.Workbook(whole, options) as book:
        bold = book.add_format({"bold": True})
        forms = ("yyyy-mm-dd hh:mm:ss", "yyyy-mm-dd")
        formats = [book.add_format({"num_format": form}) for form in forms]
        for name, table in tables.items():
            sheet = book.add_worksheet(name)
            sheet.freeze_panes(1, 0)
            for column, header in enumerate(table.columns):
                sheet.write_string(0, column, str(header), bold)
                for row, value in enumerate(table[header], 1):
                    cell = _cell(value)
                    if isinstance(cell, datetime.datetime):
                        form = formats[cell.time() == datetime.time(0)]
                        sheet.write_datetime(row, column, cell, form)
                    elif isinstance(cell, str):
                        sheet.write_string(row, column, cell)
                    elif cell is not None:
                        sheet.write(row, column, cell)
    write_file(path, whole.getvalue())


def _too_large(name: str, table: pd.DataFrame) -> list[str]:
    wrong = []
    if len(table) > _MOST_ROWS:
        wrong.append(f"{name} has {len(table):,} rows")
    for header in table.columns:
        if table[header].dtype != "str":
            continue
        for row, text in enumerate(table[header], 1):
            if isinstance(text, str) and len(text.encode("utf-16-le")) // 2 > _LONGEST:
                wrong.append(f"{name}, row {row}, {header}: {len(text):,} characters")
    return wrong


def _cell(value: Any) -> Any:
    """Return a value for a cell: as text if Excel cannot store the number or the date exactly."""
    if pd.api.types.is_scalar(value) and pd.isna(value):
        return None
    if isinstance(value, datetime.date):
        moment = pd.Timestamp(value)
        known = moment.tzinfo is None and (moment.year, moment.month) >= (1900, 3)
        if known and moment == moment.floor("ms"):
            return moment.to_pydatetime()
        day = moment == moment.normalize() and moment.tzinfo is None
        return moment.date().isoformat() if day else moment.isoformat()
    if isinstance(value, bool | np.bool_):
        return bool(value)
    # Excel stores numbers as floats
    exact = isinstance(value, int | float | np.number) and abs(float(value)) < 2**53
    return value if exact else str(value)
