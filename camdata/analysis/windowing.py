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
from camdata.model.tally import Cells, Tally

CALENDAR = {"day": "D", "week": "W-MON", "month": "MS", "quarter": "QS", "year": "YS"}
PERIOD = {"month": "M", "quarter": "Q", "year": "Y"}


@dataclass(frozen=True, eq=False)
class Window(Frozen):
    """One window: its name, its first and last date, and which coded statements are in it."""

    name: str
    start: pd.Timestamp
    end: pd.Timestamp
    rows: Integers


def counted_statements(whole: Tally) -> pd.DataFrame:
    """Return the counted statements of a tally, row by row."""
    coded = whole.coded
    assert coded is not None
    frame = coded.frame
    assert frame is not None
    frame = frame if coded.rows is None else frame.iloc[coded.rows]
    return frame.reset_index(drop=True)


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
    by = "month" if by is None and days is None and statements is None else by
    what = (
        f"by {by}"
        if by
        else "in windows of " + (f"{days} days" if days is not None else f"{statements} statements")
    )
    column = by if by in ("meeting", "document") else "date"
    if column not in frame and statements is None:
        hint = " (a meeting of one day needs none)" if column == "date" else ""
        raise ValueError(
            f"This meeting cannot be divided {what}: its statements have no column "
            f"{column!r}{hint}."
        )
    dates = frame["date"] if "date" in frame else pd.Series(pd.NaT, frame.index)
    different = frame[column].dropna().drop_duplicates() if column in frame else dates.dropna()
    if len(different) < 2 and statements is None:
        only = f"one {column}, {different.iloc[0]}" if len(different) else f"no {column}"
        if column == "date" and len(different):
            only = f"one day, {different.iloc[0]:%Y-%m-%d}"
        raise ValueError(
            f"This meeting cannot be divided {what}: all its statements are of {only}."
        )
    parts: list[tuple[str, Any]] = []
    if by in ("meeting", "document"):
        parts = [(str(name), frame.index[frame[by] == name]) for name in different]
    elif by is not None:
        parts = _calendar(dates, by)
    elif days is not None:
        length = pd.Timedelta(days=days)
        move = pd.Timedelta(days=days if step is None else step)
        start, last = dates.min(), dates.max()
        while True:
            end = start + length - pd.Timedelta(days=1)
            inside = frame.index[(dates >= start) & (dates <= end)]
            parts.append((f"{start:%Y-%m-%d} to {end:%Y-%m-%d}", inside))
            if end >= last:
                break
            start = start + move
    else:
        size = statements or 1
        order = dates.sort_values(kind="stable", na_position="last").index
        parts = [
            (f"statements {i + 1} to {min(i + size, len(order))}", order[i : i + size])
            for i in range(0, len(order), size)
        ]
    if len(parts) < 2:
        raise ValueError(f"This meeting cannot be divided {what}: that is one window.")
    return [
        Window(name, dates.loc[rows].min(), dates.loc[rows].max(), np.asarray(rows, dtype=np.int64))
        for name, rows in parts
    ]


def _calendar(dates: pd.Series[Any], by: str) -> list[tuple[str, Any]]:
    try:
        sides: Any = {"closed": "left", "label": "left"} if by in CALENDAR else {}
        grouper = pd.Grouper(freq=CALENDAR.get(by, by), **sides)
        known = dates.dropna()
        bins = known.index.to_series().set_axis(pd.DatetimeIndex(known)).groupby(grouper)
        groups: list[tuple[Any, list[int]]] = [(start, rows.tolist()) for start, rows in bins]
    except ValueError:
        words = ["meeting", "document", *CALENDAR]
        raise ValueError(
            f"`by` must be one of {words} or an offset of pandas, but {with_suggestion(by, words)} "
            "was passed."
        ) from None
    if by in PERIOD:
        return [(str(start.to_period(PERIOD[by])), rows) for start, rows in groups]
    return [(f"{start:%Y-%m-%d}", rows) for start, rows in groups]


def part_of_tally(whole: Tally, rows: Integers) -> Tally:
    """Return the tally of some of the counted statements, with all actors and keys."""
    coded = whole.coded
    assert coded is not None
    counted = coded.counts(whole, rows)
    every = coded.counts(replace(whole, duplicates="all"), rows)
    key, actor, stance = np.nonzero(counted.transpose(1, 0, 2))
    number = every.sum(axis=(1, 2)).astype(np.int64)
    index = pd.Index(whole.actors, name="actor", dtype="str")
    cells = Cells(
        actor,
        key,
        stance,
        counted[actor, key, stance].astype(np.int64),
        every[actor, key, stance].astype(np.int64),
    )
    place = rows if coded.rows is None else coded.rows[rows]
    part = replace(
        coded,
        actor=coded.actor[rows],
        key=coded.key[rows],
        stance=coded.stance[rows],
        code=coded.code[rows],
        unit=None if coded.unit is None else coded.unit[rows],
        rows=np.asarray(place, dtype=np.int64),
    )
    statements = pd.Series(number, index, name="statements")
    return replace(whole, cells=cells, statements=statements, coded=part)
