"""Who moved on which code between two parts of a meeting, with the words before and after."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from camdata._display.results import Result
from camdata._display.words import count, minus
from camdata.model.tally import Tally


@dataclass(frozen=True, eq=False, repr=False)
class Shifts(Result):
    """Positions that differ between two windows.

    Attributes
    ----------
    before, after : str
        The windows.
    table : pandas.DataFrame
        One row per actor and code (or dimension) whose position differs, those that moved first:
        `actor`, `code`, `label`, `change` (``moved``: recorded in both with other stances; ``new``
        and ``dropped``: recorded in one of them), `stance_before`, `stance_after` (Float64, the
        mean of the stances, missing where nothing is recorded), `quotes_before` and `quotes_after`
        (tuples of str, empty without quotes). Also as `frame`.
    both : int
        How many positions are recorded in both windows.
    """

    before: str
    after: str
    table: pd.DataFrame
    both: int

    @property
    def frame(self) -> pd.DataFrame:
        return self.table

    @property
    def summary(self) -> str:
        """Who moved, and how much is new, in words."""
        numbers = self.table["change"].value_counts()
        moved = self.table[self.table["change"] == "moved"]
        lines = [
            f"{self.before} to {self.after}: {len(moved)} of "
            f"{count(self.both, 'position')} recorded in both moved; "
            f"{numbers.get('new', 0)} new, {numbers.get('dropped', 0)} no longer recorded"
        ]
        for row in moved.head(10).to_dict("records"):
            quotes = [*row["quotes_before"][:1], *row["quotes_after"][:1]]
            step = minus(f"{row['stance_before']:g} → {row['stance_after']:g}")
            words = "".join(f" “{quote}”" for quote in quotes)
            lines.append(f"  {row['actor']}, {row['label']}: {step}{words}")
        if len(moved) > 10:
            lines.append(f"  and {len(moved) - 10} more")
        return "\n".join(lines)


def find_shifts(tallies: Mapping[str, Tally]) -> Shifts:
    """Compare the positions of two tallies with the same actors and keys."""
    (before, first), (after, second) = tallies.items()
    order = pd.MultiIndex.from_product([first.actors, first.keys], names=["actor", first.by])
    parts: dict[str, Any] = {}
    for side, tally in (("before", first), ("after", second)):
        cells = tally.positions.astype("Float64").to_numpy(dtype=float, na_value=np.nan).ravel()
        parts[f"stance_{side}"] = pd.array(cells, dtype="Float64")
        quotes = _quotes(tally)
        parts[f"quotes_{side}"] = [quotes.get(place, ()) for place in order]
    table = pd.DataFrame(parts, order)
    was, now = table["stance_before"], table["stance_after"]
    both = was.notna() & now.notna()
    change = pd.Series("", table.index)
    change[both & (was != now).fillna(False)] = "moved"
    change[was.isna() & now.notna()] = "new"
    change[was.notna() & now.isna()] = "dropped"
    table.insert(0, "change", change)
    table = table[change != ""].reset_index()
    labels = dict(zip(first.keys, first.labels, strict=True))
    table.insert(2, "label", table[first.by].map(labels).astype("str"))
    rank = table["change"].map({"moved": 0, "new": 1, "dropped": 2})
    table = table.iloc[rank.argsort(kind="stable")].reset_index(drop=True)
    return Shifts(before, after, table, int(both.sum()))


def _quotes(tally: Tally) -> dict[tuple[str, str], tuple[str, ...]]:
    """Return the quotes of each actor on each key."""
    coded = tally.coded
    frame = None if coded is None else coded.frame
    if coded is None or frame is None or "quote" not in frame:
        return {}
    quotes = (frame if coded.rows is None else frame.iloc[coded.rows])["quote"]
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    for actor, key, quote in zip(coded.actor, coded.key, quotes, strict=True):
        if pd.notna(quote):
            place = tally.actors[actor], tally.keys[key]
            found[place] = (*found.get(place, ()), quote)
    return found
