"""A database of another program, read without writing to it and without trusting it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

from camdata._display.words import did_you_mean, listed, shorten
from camdata.io._common import Unreadable
from camdata.model.errors import Fault

MAGIC = b"SQLite format 3\0"
"""The first bytes of every SQLite database."""

MAX_CELL = 20_000_000
"""Bytes of the longest cell that is read: several times the longest book."""

STEPS = (2_000_000, 20)
"""Steps of SQLite's machine that may be taken, and how many more for each byte of the file.

A database of 100,000 statements needs less than one for each byte; one whose pages refer to one
another in circles would need endlessly many.
"""

Kinds = Mapping[str, tuple[type, ...]]
"""The columns that are read of a table, and the types of their cells: int, str, NoneType."""

_WORDS = {int: "a whole number", str: "text", float: "a number", bytes: "a blob"}


class Rows(NamedTuple):
    """The columns of a table as lists, and the cells that hold something else than they may."""

    columns: dict[str, list[Any]]
    faults: list[Fault]

    def __len__(self) -> int:
        return len(next(iter(self.columns.values()), []))


class Database:
    """The tables of an open database; see `open_database`."""

    def __init__(self, connection: sqlite3.Connection, name: str) -> None:
        self.name = name
        self._connection = connection
        for pragma in ("query_only", "cell_size_check"):
            self._all(f"PRAGMA {pragma} = 1")
        self._all("PRAGMA trusted_schema = 0")
        rows = self._all("SELECT name FROM sqlite_master WHERE type = 'table' AND rootpage > 0")
        self._tables = {str(table).upper(): str(table) for (table,) in rows}

    def _all(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        flat, width = self._flat(query, *values)
        return list(zip(*(flat[i::width] for i in range(width)), strict=True))

    def _flat(self, query: str, *values: object) -> tuple[list[Any], int]:
        """Return all cells, row after row, and how many make a row.

        No row is kept as a tuple: hundreds of thousands of them cost more than reading them.
        """
        try:
            cursor = self._connection.execute(query, values)
            return list(chain.from_iterable(cursor)), len(cursor.description or ())
        except (sqlite3.Error, UnicodeDecodeError, MemoryError) as error:
            words = shorten(str(error) or type(error).__name__, 120)[1:-1]
            if words == "interrupted":
                words = "more steps than a file of its size can need"
            fault = Fault(self.name, None, None, "a database that SQLite can read", words)
            raise Unreadable(fault) from None

    def has(self, table: str) -> bool:
        """Say whether there is such a table; views and virtual tables are none."""
        return table.upper() in self._tables

    def check(self, tables: Mapping[str, Kinds]) -> list[Fault]:
        """Return which of `tables`, and which of their columns, are missing."""
        faults = []
        for table, kinds in tables.items():
            if not self.has(table):
                found = f"tables {listed(sorted(self._tables.values()), 12)}"
                got = found if self._tables else "no tables"
                faults.append(Fault(self.name, None, None, f"a table {table}", got))
                continue
            rows = self._all(f'PRAGMA table_xinfo("{table}")')
            there = {str(row[1]).upper(): str(row[1]) for row in rows}
            # a column that SQLite computes can cost any time and memory
            wrong = [
                (str(row[1]), "a column of values", "a formula") for row in rows if row[6] != 0
            ]
            wrong += [
                (column, "this column", f"no column {did_you_mean(column, there.values())}")
                for column in kinds
                if column.upper() not in there
            ]
            faults += [
                Fault(self.name, None, column, expected, got, sheet=table)
                for column, expected, got in wrong
            ]
        return faults

    def damage(self, tables: Iterable[str]) -> list[Fault]:
        """Return what SQLite finds broken in some tables, if anything."""
        return [
            Fault(
                self.name, None, None, "an undamaged table", shorten(words, 120)[1:-1], sheet=table
            )
            for table in tables
            for (words,) in self._all(f'PRAGMA quick_check("{table}")')[:1]
            if words != "ok"
        ]

    def count(self, table: str, where: str = "1") -> int:
        """Return how many rows a table has; none where there is no such table."""
        if not self.has(table):
            return 0
        return int(self._all(f'SELECT count(*) FROM "{table}" WHERE {where}')[0][0])

    def rows(self, table: str, kinds: Kinds, where: str = "1", *values: object) -> Rows:
        """Read some columns of a table.

        The number that names a row in a fault is its first column, where this is a whole number.
        """
        names = ", ".join(f'"{column}"' for column in kinds)
        flat, width = self._flat(f'SELECT {names} FROM "{table}" WHERE {where}', *values)
        columns = {column: flat[i::width] for i, column in enumerate(kinds)}
        numbers = next(iter(columns.values()))
        faults = []
        for column, allowed in kinds.items():
            if set(map(type, columns[column])) <= set(allowed):
                continue
            expected = _WORDS[allowed[0]]
            for row, value in zip(numbers, columns[column], strict=True):
                if type(value) not in allowed:
                    line = row if isinstance(row, int) else None
                    got = "nothing" if value is None else repr(value)[:60]
                    faults.append(
                        Fault(self.name, line, column, expected, got, sheet=table, unit="row")
                    )
        return Rows(columns, faults)


def _declared(header: bytes) -> int:
    """Return the length of a database by its own header: https://www.sqlite.org/fileformat.html."""
    size = int.from_bytes(header[16:18], "big")
    return (65_536 if size == 1 else size) * int.from_bytes(header[28:32], "big")


@contextmanager
def open_database(path: Path) -> Iterator[Database]:
    """Open an SQLite file so that nothing is written, neither to it nor beside it.

    Its triggers and views are not run, its conditions on columns are not tried out (SQLite does not
    in a file that is only read), and its own definitions are not trusted: queries read one table
    each, take a bounded number of steps (`STEPS`) and no cell above `MAX_CELL` bytes.

    Raises
    ------
    Unreadable
        If it is no database, is damaged, or holds changes that are not in the file yet.
    """
    name = path.name
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            length = _declared(file.read(32))
        if size < length:
            got = f"{size:,} of its {length:,} bytes"
            raise Unreadable(Fault(name, None, None, "a whole database", got))
        for ending in ("-wal", "-journal"):
            beside = path.with_name(name + ending)
            if beside.exists() and beside.stat().st_size:
                got = f"changes that are still in {beside.name}: close the program that has it open"
                raise Unreadable(Fault(name, None, None, "a closed database", got))
        connection = sqlite3.connect(
            f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True, isolation_level=None
        )
    except (sqlite3.Error, OSError) as error:
        raise Unreadable(Fault(name, None, None, "a database to read", str(error))) from None
    try:
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MAX_CELL)
        left = STEPS[0] + STEPS[1] * size

        def interrupted() -> bool:
            nonlocal left
            left -= 10_000
            return left < 0

        connection.set_progress_handler(interrupted, 10_000)
        yield Database(connection, name)
    finally:
        connection.close()
