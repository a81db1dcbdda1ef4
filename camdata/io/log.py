"""A record that readers pass along: what they did to what they read, and what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass, field

from camdata.model.errors import Fault
from camdata.model.source import Change


@dataclass(frozen=True)
class Log:
    """The changes and faults of one reading, in the order in which they are found."""

    changes: list[Change] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def add(self, what: str, column: str, before: str, after: str, rows: int) -> None:
        """Record a change of some rows; nothing where there are none of them."""
        if rows:
            self.changes.append(Change(what, column, before, after, int(rows)))

    def remark(self, what: str, column: str, before: str, after: str, rows: int = 0) -> None:
        """Record a change that is worth saying even if it changes no row."""
        self.changes.append(Change(what, column, before, after, rows))

    def left_out(self, what: str, column: str, why: str, rows: int) -> None:
        """Record that something was not taken over; nothing where there is none of it."""
        self.add(f"{what} left out", column, why, "", rows)

    def without_stance(self, column: str, rows: int) -> None:
        """Record statements whose stance the program has no value for."""
        self.add("stance missing", column, "no value", "counted in no tally", rows)

    def all_support(self, rows: int) -> None:
        """Record statements that are support because nothing says otherwise."""
        self.add("stance taken as", "", "nothing says it", "1", rows)
