"""Who moved on which code between two parts of a meeting, with the words before and after."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from camdata._display.results import Result
from camdata._display.words import count, minus
from camdata.analysis.windowing import counted_statements
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
    """Compare the positions of two tallies of a meeting with the same actors and keys."""
    (before, first), (after, second) = tallies.items()
    order = pd.MultiIndex.from_product([first.actors, first.keys], names=["actor", first.by])
    labels = dict(zip(first.keys, first.labels, strict=True))
    table = pd.DataFrame({"label": [labels[key] for _, key in order]}, order, dtype="str")
    for side, tally in (("before", first), ("after", second)):
        stances = tally.positions.to_numpy(dtype=float, na_value=np.nan).ravel()
        table[f"stance_{side}"] = pd.array(stances, dtype="Float64")
        quotes = _quotes(tally)
        table[f"quotes_{side}"] = [quotes.get(place, ()) for place in order]
    both_sides = table[["stance_before", "stance_after"]]
    was, now = both_sides.to_numpy(dtype=float, na_value=np.nan).T
    is_new, is_gone = np.isnan(was), np.isnan(now)
    both = ~is_new & ~is_gone
    kind = np.select([both & (was != now), is_new & ~is_gone, is_gone & ~is_new], [0, 1, 2], 3)
    table.insert(1, "change", np.array(["moved", "new", "dropped", ""])[kind])
    table = table.iloc[kind.argsort(kind="stable")[: (kind < 3).sum()]].reset_index()
    return Shifts(before, after, table, int(both.sum()))


def _quotes(tally: Tally) -> dict[Any, tuple[str, ...]]:
    """Return the quotes of each actor on each key."""
    frame, coded = counted_statements(tally), tally.coded
    if coded is None or "quote" not in frame:
        return {}
    actors, keys = np.array(tally.actors)[coded.actor], np.array(tally.keys)[coded.key]
    quotes = frame[["quote"]].assign(actor=actors, key=keys).dropna()
    return quotes.groupby(["actor", "key"])["quote"].agg(tuple).to_dict()
