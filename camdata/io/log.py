"""A log of changes and faults that readers pass along."""

from __future__ import annotations

from dataclasses import dataclass, field

from camdata.model.errors import Fault
from camdata.model.source import Change


@dataclass(frozen=True)
class Log:
    """The changes and faults of one reading, in order."""

    changes: list[Change] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def add(self, what: str, column: str, before: str, after: str, rows: int) -> None:
        """Record a change, unless it changes no row."""
        if rows:
            self.changes.append(Change(what, column, before, after, int(rows)))

    def remark(self, what: str, column: str, before: str, after: str, rows: int = 0) -> None:
        """Record a change or an observation, even of no rows."""
        self.changes.append(Change(what, column, before, after, rows))

    def left_out(self, what: str, column: str, why: str, rows: int) -> None:
        """Record what was left out, unless it is nothing."""
        self.add(f"{what} left out", column, why, "", rows)

    def without_stance(self, column: str, rows: int) -> None:
        """Record statements without a stance."""
        self.add("stance missing", column, "no value", "counted in no tally", rows)

    def all_support(self, rows: int) -> None:
        """Record statements that support because there is no stance."""
        self.add("stance taken as", "", "nothing says it", "1", rows)
