"""Faults of a meeting's data: where they are, how they are grouped, the error that lists them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from camdata._display.words import count, join_names

Near = str | Callable[[], str]
"""A likely correction, or a function that finds one."""


class Fault(NamedTuple):
    """One thing that is wrong in a meeting, and where the user can see it.

    `line` and `column` are missing where none fits; `unit` says what `line` counts. `nearest` is a
    suggestion; where it is slow to find it is a function, called only for faults that are printed.
    """

    file: str
    line: int | None
    column: str | None
    expected: str
    got: str
    nearest: Near = ""
    sheet: str | None = None
    unit: str = "line"


@dataclass(frozen=True)
class Origin:
    """Where a table comes from, so that its faults are named in the user's terms.

    Attributes
    ----------
    file : str
        The name of the file, or of the table where there is no file.
    rows : numpy.ndarray, optional
        The number of each row in that file; by default 1, 2, 3, …
    header : int, optional
        The line of the header; a data frame has none.
    sheet : str, optional
        The sheet of a spreadsheet, or the table of a database.
    columns : mapping of str to str
        The column's name in the user's file, where it differs.
    unit : str
        What the numbers of rows count: line, row, statement.
    """

    file: str
    rows: NDArray[np.int64] | None = None
    header: int | None = None
    sheet: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    unit: str = "line"

    def at(self, row: int) -> int:
        """Return the user's number of a row."""
        return row + 1 if self.rows is None else int(self.rows[row])

    def of_rows(self, rows: NDArray[np.int64]) -> Origin:
        """Return the origin of some rows of the table."""
        return replace(self, rows=rows + 1 if self.rows is None else self.rows[rows])

    def fault(
        self, row: int | None, column: str | None, expected: str, got: str, nearest: Near = ""
    ) -> Fault:
        """Return a fault of one cell, of a row, of a column, or of the whole table."""
        line = self.header if row is None else self.at(row)
        name = None if column is None else self.columns.get(column, column)
        return Fault(self.file, line, name, expected, got, nearest, self.sheet, self.unit)


class SeveralCodersError(ValueError):
    """Several coders coded the same, and the caller has to choose among them."""


class MeetingError(ValueError):
    """Error that lists every fault in a meeting's data, not only the first.

    Parameters
    ----------
    faults : sequence of Fault
        What is wrong, and where.
    source : str, optional
        Name of the folder, file or object that was read.

    Attributes
    ----------
    faults : pandas.DataFrame
        One row per fault, all of them: `file`, `sheet` (str, missing where there is none), `line`
        (Int64: the physical line of the file, the row of a sheet or, for data frames, the row's
        position from 1; missing for faults of a whole file), `column` (str, missing likewise),
        `expected`, `got` and `nearest` (str: a suggestion, empty where nothing is near or the
        fault is not printed).
    found : tuple of Fault
        The same as records.

    Notes
    -----
    The printed message has one line for each thing that is wrong, with the number of rows that have
    it and the first of them. It stops after 20 lines, or 6,000 bytes, and says how many more there
    are in `faults`. Invisible characters (control characters, blanks without a width) are escaped.

    Examples
    --------
    >>> import pandas as pd
    >>> import camdata as cam
    >>> try:
    ...     cam.Meeting(pd.DataFrame({"actor": ["A", None, "B"], "date": ["2024-02-01", "-", "-"]}))
    ... except cam.MeetingError as error:
    ...     print(error)
    4 faults in the meeting:
      statements, column code: expected this column; got columns actor, date
      statements, row 2, column actor: expected a value; got nothing
      statements, rows 2 and 3, column date: expected a date such as 2017-10-17; got '-'
    """

    shown = 20
    room = 6000
    """How many bytes the message may take before it stops; one line takes 4,000 at most."""

    def __init__(self, faults: Sequence[Fault], source: str = "the meeting") -> None:
        groups: dict[tuple[object, ...], list[int]] = {}
        for i, f in enumerate(faults):
            key = (f.file, f.sheet, f.column, f.expected, f.got, f.line is None)
            groups.setdefault(key, []).append(i)
        lines = [f"{count(len(faults), 'fault')} in {_cut(source, 400)}:"]
        found = [f if isinstance(f.nearest, str) else f._replace(nearest="") for f in faults]
        n_shown = 0
        for members in list(groups.values())[: self.shown]:
            if sum(len(line.encode()) for line in lines) > self.room:
                break
            near = faults[members[0]].nearest
            words = near if isinstance(near, str) else near()
            for i in members:
                found[i] = faults[i]._replace(nearest=words)
            lines.append("  " + _line([found[i] for i in members]))
            n_shown += len(members)
        if n_shown < len(faults):
            lines.append(f"  … and {len(faults) - n_shown:,} more: see the error's .faults")
        columns = ["file", "sheet", "line", "column", "expected", "got", "nearest"]
        cells = [tuple(map(_encodable, fault)) for fault in found]
        dtypes: Any = {**dict.fromkeys(columns, "str"), "line": "Int64"}
        self.faults = pd.DataFrame(cells, columns=Fault._fields)[columns].astype(dtypes)
        super().__init__("\n".join(lines))
        self.found, self._source = tuple(found), source

    def __reduce__(self) -> tuple[type[MeetingError], tuple[tuple[Fault, ...], str]]:
        return type(self), (self.found, self._source)


def one_fault(file: str, expected: str, got: str, line: Any = None, **more: Any) -> MeetingError:
    """Return the error of one thing that is wrong in a file; `more` are fields of `Fault`."""
    column = more.pop("column", None)
    return MeetingError([Fault(file, line, column, expected, got, **more)], file)


def _encodable(value: object) -> object:
    """Return text with unpaired surrogates escaped, so that a column of text can hold it."""
    return value.encode("utf-8", "backslashreplace").decode() if isinstance(value, str) else value


def _line(faults: Sequence[Fault]) -> str:
    """Describe several faults of one kind, and where they are, in one line."""
    first = faults[0]
    place = _cut(first.file)
    if first.sheet is not None:
        place += f", sheet {_cut(first.sheet, 60)}"
    numbers = [fault.line for fault in faults if fault.line is not None]
    if len(numbers) == 1:
        place += f", {first.unit} {numbers[0]}"
    elif numbers:
        few = f"{join_names(numbers[:-1])} and {numbers[-1]}"
        place += f", {first.unit}s {few if len(numbers) < 5 else join_names(numbers, 3)}"
    if first.column is not None:
        place += f", column {_cut(first.column, 60)}"
    near = f" ({_cut(str(first.nearest))})" if first.nearest else ""
    return f"{place}: expected {_cut(first.expected)}; got {_cut(first.got)}{near}"


def _cut(words: str, most: int = 200) -> str:
    """Shorten text for a line of the message, and escape invisible characters."""
    words = words if len(words) <= most else words[: most - 1] + "…"
    if words.isprintable():
        return words
    seen = "".join(c if c.isprintable() else repr(c)[1:-1] for c in words)
    return seen if len(seen) <= most else seen[: most - 1] + "…"
