"""Write a meeting as a workbook of Excel."""

from __future__ import annotations

import datetime
import io
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from camdata._display.checks import check_path, import_optional
from camdata._display.files import write_file
from camdata.io.datapackage import check_meeting
from camdata.model.meeting import Meeting

_LONGEST = 32_767
"""The longest text in a cell of Excel, in UTF-16 code units."""


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
    check_meeting(meeting)
    import_optional("xlsxwriter", "excel")
    path = check_path("path", path)
    if path.suffix.lower() != ".xlsx":
        raise ValueError(f"A workbook's name ends in .xlsx, but {str(path)!r} was passed.")
    tables = {name: getattr(meeting, name) for name in meeting.given}
    for name, table in tables.items():
        for header in table.columns[table.dtypes == "str"]:
            units = table[header].dropna().map(lambda text: len(text.encode("utf-16-le")) // 2)
            if (long := units[units > _LONGEST]).any():
                row, number = int(long.index[0]), len(table.at[long.index[0], header])
                raise ValueError(
                    "A sheet of Excel cannot hold this: "
                    f"{name}, row {row + 1}, {header}: {number:,} characters."
                )
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    whole = io.BytesIO()
    with pd.ExcelWriter(
        whole,
        engine="xlsxwriter",
        date_format="yyyy-mm-dd",
        datetime_format="yyyy-mm-dd hh:mm:ss",
        engine_kwargs={"options": options},
    ) as book:
        for name, table in tables.items():
            cells = {header: [_cell(value) for value in table[header]] for header in table}
            sheet = pd.DataFrame(cells, columns=table.columns, dtype=object)
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
