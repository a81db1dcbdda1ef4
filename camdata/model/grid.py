"""The grid of actors by codes for notebooks and the page; its cells open to their quotes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pandas as pd

from camdata._display import html as _html
from camdata._display.html import escape
from camdata._display.typeset import BOTH, OPPOSES, SUPPORTS
from camdata._display.words import count, minus

MOST_ACTORS, MOST_KEYS, MOST_QUOTES, LONGEST = 40, 12, 300, 240
"""What the compact grid shows of a large meeting: actors, columns, quotes, characters of each."""

_SIGNS = {"supports": SUPPORTS, "opposes": OPPOSES, "both": BOTH, "unknown": "?"}


class Entry(NamedTuple):
    """One statement: its row in their table, its stance if coded, whether it is by reference."""

    row: int
    stance: int | None
    by_reference: bool


@dataclass(frozen=True)
class Cell:
    """What is recorded of one actor on one code, or on the codes of one dimension.

    Attributes
    ----------
    entries : tuple of Entry
        Its statements.
    scale : tuple of int
        The stances that statements may take.
    """

    entries: tuple[Entry, ...]
    scale: tuple[int, ...]

    @property
    def rows(self) -> tuple[int, ...]:
        """Which rows of the statements."""
        return tuple(entry.row for entry in self.entries)

    @property
    def stances(self) -> tuple[int, ...]:
        """The different stances, in the order of the scale; empty where none was coded."""
        coded = {entry.stance for entry in self.entries}
        return tuple(stance for stance in self.scale if stance in coded)

    @property
    def by_reference(self) -> bool:
        """Whether every statement is by reference only."""
        return all(entry.by_reference for entry in self.entries)

    @property
    def each(self) -> tuple[Cell, ...]:
        """A cell for each of its statements."""
        return tuple(Cell((entry,), self.scale) for entry in self.entries)

    @property
    def kind(self) -> str:
        """``supports``, ``opposes``, ``both``, ``level``, or ``unknown`` where none was coded."""
        if not self.stances:
            return "unknown"
        if not set(self.scale) <= {1, -1}:
            return "level"
        return "both" if len(self.stances) > 1 else "supports" if self.stances[0] > 0 else "opposes"

    @property
    def mark(self) -> str:
        """The sign in the grid, different in shape and not in color only."""
        if self.kind == "supports" and self.by_reference:
            return "□"
        levels = "/".join(minus(str(level)) for level in self.stances)
        sign = _SIGNS.get(self.kind, levels)
        return f"({sign})" if self.by_reference else sign

    @property
    def words(self) -> str:
        """The same in words."""
        levels = f"level {' and '.join(map(str, self.stances))}"
        longer = {"both": "both ways", "level": levels, "unknown": "recorded without a stance"}
        words = longer.get(self.kind, self.kind)
        return f"{words}, by reference" if self.by_reference else words


@dataclass(frozen=True)
class Grid:
    """Actors by codes, and by dimensions where there are any.

    Attributes
    ----------
    actors, codes, labels : tuple of str
        The rows; the columns in the order of the codebook (else of appearance), those of one
        dimension together; and the labels of the columns.
    groups : tuple of (str, range)
        The dimensions with the places of their codes, in order; empty where there are none, and
        with an empty name for codes of no dimension.
    cells : mapping of (int, int) to Cell
        By the places of actor and code; there is no cell where nothing is recorded.
    joined : mapping of (int, int) to Cell
        By the places of actor and group.
    """

    actors: tuple[str, ...]
    codes: tuple[str, ...]
    labels: tuple[str, ...]
    groups: tuple[tuple[str, range], ...]
    cells: Mapping[tuple[int, int], Cell]
    joined: Mapping[tuple[int, int], Cell]

    @property
    def legend(self) -> list[Cell]:
        """One cell for each sign that occurs."""
        cells = sorted((*self.cells.values(), *self.joined.values()), key=lambda c: -len(c.stances))
        found = {(cell.kind, cell.by_reference, cell.stances[:1]): cell for cell in cells}
        order = (*_SIGNS, "level")
        return sorted(found.values(), key=lambda c: (order.index(c.kind), c.by_reference, c.mark))


def make_grid(
    statements: pd.DataFrame, actors: Sequence[str], codebook: pd.DataFrame, stances: Sequence[int]
) -> Grid:
    """Lay statements out as a grid.

    Parameters
    ----------
    statements : pandas.DataFrame
        `actor`, `code` and `stance`, and `basis` where it is known.
    actors : sequence of str
        The actors to show, in this order; others are left out.
    codebook : pandas.DataFrame
        With no rows where the meeting has none.
    stances : sequence of int
        The scale.
    """
    book = codebook if len(codebook) else statements[["code"]].drop_duplicates()
    groups: list[tuple[str, range]] = []
    group: dict[str, int] = {}
    if "dimension" in book:
        numbers, found = pd.factorize(book["dimension"].fillna(""))
        book = book.iloc[np.argsort(numbers, kind="stable")]
        edges = pairwise([0, *np.cumsum(np.bincount(numbers)).tolist()])
        groups = [(str(name), range(*ends)) for name, ends in zip(found, edges, strict=True)]
        group = dict(zip(book["code"], np.sort(numbers).tolist(), strict=True))
    codes = book["code"].tolist()
    labels = book["label"].fillna(book["code"]).tolist() if "label" in book else codes
    who = {name: place for place, name in enumerate(actors)}
    what = {name: place for place, name in enumerate(codes)}
    cells: dict[tuple[int, int], list[Entry]] = defaultdict(list)
    joined: dict[tuple[int, int], list[Entry]] = defaultdict(list)
    rows = statements.reset_index(drop=True).reindex(columns=["actor", "code", "stance", "basis"])
    for row, actor, code, stance, basis in rows[rows["actor"].isin(who)].itertuples():
        entry = Entry(row, None if pd.isna(stance) else int(stance), basis == "by_reference")
        cells[who[actor], what[code]].append(entry)
        if groups:
            joined[who[actor], group[code]].append(entry)
    own, wide = (
        {place: Cell(tuple(entries), tuple(stances)) for place, entries in each.items()}
        for each in (cells, joined)
    )
    names = tuple(map(str, labels))
    return Grid(tuple(actors), tuple(codes), names, tuple(groups), own, wide)


def compact(
    statements: pd.DataFrame, actors: Sequence[str], codebook: pd.DataFrame, stances: Sequence[int]
) -> str:
    """Return a small grid as HTML whose cells open to their words; see `make_grid`.

    Plain tags with a few styles inside: notebooks, pages made of them and previews on a code host
    drop style sheets and scripts. Dimensions are the columns where there are any, else codes. A
    large meeting is cut after its first actors and columns, with a note that counts the rest.
    """
    grid = make_grid(statements, actors[:MOST_ACTORS], codebook, stances)
    if not grid.codes or not grid.actors:
        return ""
    cells = grid.joined if grid.groups else grid.cells
    names = [name or "no dimension" for name, _ in grid.groups] or list(grid.labels)
    labels = statements["code"].map(dict(zip(grid.codes, grid.labels, strict=True))).tolist()
    quotes = statements.get("quote", pd.Series("", statements.index)).fillna("").tolist()
    left, body = MOST_QUOTES, []
    for i, actor in enumerate(grid.actors):
        line = [f"<strong dir='auto'>{escape(actor)}</strong>"]
        for j in range(len(names[:MOST_KEYS])):
            cell = cells.get((i, j), Cell((), ()))
            shown = cell.each[:left]
            left -= len(shown)
            items = [_item(one, labels[one.rows[0]], quotes[one.rows[0]]) for one in shown]
            if hidden := len(cell.rows) - len(shown):
                items.append(f"<li>{count(hidden, 'more statement')}: see .evidence()</li>")
            number = f" ×{len(cell.rows)}" if len(cell.rows) > 1 else ""
            mark = f"<summary title='{escape(cell.words)}'>{escape(cell.mark)}{number}</summary>"
            inside = f"<ul style='margin:0;padding-left:1em'>{''.join(items)}</ul>"
            line.append(f"<details>{mark}{inside}</details>" if cell.rows else "")
        body.append(line)
    signs = "; ".join(f"{cell.mark} {cell.words}" for cell in grid.legend)
    note = f"{signs}; empty: nothing recorded. Open a cell for its words."
    hidden_actors, hidden_keys = len(actors) - len(grid.actors), len(names[MOST_KEYS:])
    noun = "more dimension" if grid.groups else "more code"
    numbers = [(hidden_actors, "more actor"), (hidden_keys, noun)]
    if more := " and ".join(count(number, what) for number, what in numbers if number):
        note += f" Not shown: {more}."
    return f"{_html.rows(['', *names[:MOST_KEYS]], body)}<p><small>{escape(note)}</small></p>"


def _item(one: Cell, label: str, quote: str) -> str:
    """Return a statement with its words as an item of a list."""
    note = "" if one.words == "supports" else f" ({one.words})"
    words = quote if len(quote) <= LONGEST else quote[:LONGEST] + "…"
    words = f": “{escape(words)}”" if words else ""
    return f"<li dir='auto'><strong>{escape(label)}</strong>{note}{words}</li>"
