"""Windows of time: which statements of a meeting are in which, and their tallies."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from camdata._display.checks import check_count
from camdata._display.results import Frozen
from camdata._display.words import with_suggestion
from camdata.analysis.trees import Integers
from camdata.model.tally import Tally, count_cells

CALENDAR = {"day": "D", "week": "W-MON", "month": "MS", "quarter": "QS", "year": "YS"}
PERIOD = {"month": "M", "quarter": "Q", "year": "Y"}


@dataclass(frozen=True, eq=False)
class Window(Frozen):
    """One window: its name, its first and last date, and which coded statements are in it."""

    name: str
    start: pd.Timestamp
    end: pd.Timestamp
    rows: Integers


def counted_statements(tally: Tally) -> pd.DataFrame:
    """Return the counted statements of a meeting's tally, row by row."""
    coded: Any = tally.coded
    frame: pd.DataFrame = coded.frame.iloc[coded.rows].reset_index(drop=True)
    return frame


def divide(
    frame: pd.DataFrame, by: str | None, days: int | None, step: int | None, statements: int | None
) -> list[Window]:
    """Return the windows of statements."""
    if sum(given is not None for given in (by, days, statements)) > 1:
        raise ValueError("Give one of `by`, `days` and `statements`.")
    if step is not None and days is None:
        raise ValueError("`step` is for sliding windows, and needs `days`.")
    for name, number in (("days", days), ("step", step), ("statements", statements)):
        if number is not None:
            check_count(name, number)
    if by is None and days is None and statements is None:
        by = "month"
    size = f"{statements} statements" if days is None else f"{days} days"
    refused = f"This meeting cannot be divided {f'by {by}' if by else f'in windows of {size}'}:"
    column = by if by in ("meeting", "document") else "date"
    dates = frame["date"] if "date" in frame else pd.Series(pd.NaT, frame.index)
    if statements is None:
        if column not in frame:
            hint = " (a meeting of one day needs none)" if column == "date" else ""
            raise ValueError(f"{refused} its statements have no column {column!r}{hint}.")
        different = frame[column].dropna().drop_duplicates()
        if len(different) < 2:
            only = f"one {column}, {different.iloc[0]}" if len(different) else f"no {column}"
            if column == "date" and len(different):
                only = f"one day, {different.iloc[0]:%Y-%m-%d}"
            raise ValueError(f"{refused} all its statements are of {only}.")
    parts: list[tuple[str, Any]] = []
    if statements is not None:
        order = dates.sort_values(kind="stable", na_position="last").index
        for i in range(0, len(order), statements):
            rows = order[i : i + statements]
            parts.append((f"statements {i + 1} to {i + len(rows)}", rows))
    elif days is not None:
        move, last = pd.Timedelta(days=step or days), dates.max()
        for start in pd.date_range(dates.min(), last + move, freq=move):
            end = start + pd.Timedelta(days=days - 1)
            inside = frame.index[dates.between(start, end)]
            parts.append((f"{start:%Y-%m-%d} to {end:%Y-%m-%d}", inside))
            if end >= last:
                break
    elif by in ("meeting", "document"):
        parts = [(str(name), frame.index[frame[by] == name]) for name in different]
    else:
        parts = _calendar(dates, str(by))
    if len(parts) < 2:
        raise ValueError(f"{refused} that is one window.")
    return [
        Window(name, dates.loc[rows].min(), dates.loc[rows].max(), np.asarray(rows, dtype=np.int64))
        for name, rows in parts
    ]


def _calendar(dates: pd.Series[Any], by: str) -> list[tuple[str, Any]]:
    try:
        sides: Any = {"closed": "left", "label": "left"} if by in CALENDAR else {}
        known = dates.dropna()
        rows = known.index.to_series().set_axis(pd.DatetimeIndex(known))
        groups: list[Any] = [*rows.groupby(pd.Grouper(freq=CALENDAR.get(by, by), **sides))]
    except ValueError:
        words = ["meeting", "document", *CALENDAR]
        raise ValueError(
            f"`by` must be among {words} or an offset of pandas, not {with_suggestion(by, words)}."
        ) from None
    period = PERIOD.get(by, "D")
    return [(str(start.to_period(period)), part.tolist()) for start, part in groups]


def part_of_tally(whole: Tally, rows: Integers) -> Tally:
    """Return the tally of some of the counted statements, with all actors and keys."""
    coded: Any = whole.coded
    own = ("actor", "key", "stance", "code", "rows")
    chosen = {name: getattr(coded, name)[rows] for name in own}
    part = replace(coded, **chosen, unit=None if coded.unit is None else coded.unit[rows])
    shape = len(whole.actors), len(whole.keys), len(whole.stances)
    cells = count_cells(part, shape, whole.duplicates)
    index = pd.Index(whole.actors, name="actor", dtype="str")
    number = np.bincount(part.actor, minlength=len(index))
    statements = pd.Series(number, index, dtype="int64", name="statements")
    return replace(whole, cells=cells, statements=statements, coded=part)
