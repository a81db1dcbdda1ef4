"""The grid of actors by codes, whose cells open to their words: for the page and for notebooks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from camdata._display import html as _html
from camdata._display.typeset import BOTH, OPPOSES, SUPPORTS
from camdata._display.words import count, minus

MOST_ACTORS, MOST_KEYS, MOST_QUOTES, LONGEST = 40, 12, 300, 240
"""What the compact grid shows of a large meeting: actors, columns, quotes, characters of each."""


@dataclass(frozen=True)
class Cell:
    """What is recorded of one actor on one code, or on the codes of one dimension.

    Attributes
    ----------
    entries : tuple of (int, int or None, bool)
        Its statements: which row of their table, the stance where one was coded, and whether it is
        recorded by reference only.
    scale : tuple of int
        The stances that there are.
    """

    entries: tuple[tuple[int, int | None, bool], ...]
    scale: tuple[int, ...]

    @property
    def rows(self) -> tuple[int, ...]:
        """Which rows of the statements."""
        return tuple(row for row, _, _ in self.entries)

    @property
    def stances(self) -> tuple[int, ...]:
        """The different stances, in the order of the scale; empty where none was coded."""
        coded = {stance for _, stance, _ in self.entries}
        return tuple(stance for stance in self.scale if stance in coded)

    @property
    def by_reference(self) -> bool:
        """Whether all of it is recorded by reference only."""
        return all(referred for _, _, referred in self.entries)

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
        """The sign that stands in the grid: different in shape, not in color only."""
        sign = {"supports": SUPPORTS, "opposes": OPPOSES, "both": BOTH, "unknown": "?"}.get(
            self.kind, "/".join(minus(str(level)) for level in self.stances)
        )
        if self.by_reference:
            return "□" if self.kind == "supports" else f"({sign})"
        return sign

    @property
    def words(self) -> str:
        """The same in words."""
        levels = f"level {' and '.join(map(str, self.stances))}"
        longer = {"both": "both ways", "level": levels, "unknown": "recorded without a stance"}
        said = longer.get(self.kind, self.kind)
        return f"{said}, by reference" if self.by_reference else said


@dataclass(frozen=True)
class Grid:
    """Actors by codes, and by dimensions where there are any.

    Attributes
    ----------
    actors, codes, labels : tuple of str
        The rows; the columns in the order of the codebook (else of appearance), those of one
        dimension together; and what charts call them.
    groups : tuple of (str, range)
        The dimensions with the places of their codes, in order; empty where there are none, and
        with an empty name for codes of no dimension.
    cells : mapping of (int, int) to Cell
        By the places of actor and code; nothing recorded, no cell.
    joined : mapping of (int, int) to Cell
        By the places of actor and group.
    """

    actors: tuple[str, ...]
    codes: tuple[str, ...]
    labels: tuple[str, ...]
    groups: tuple[tuple[str, range], ...]
    cells: Mapping[tuple[int, int], Cell]
    joined: Mapping[tuple[int, int], Cell]


def make_grid(
    statements: pd.DataFrame, actors: Sequence[str], codebook: pd.DataFrame, stances: Sequence[int]
) -> Grid:
    """Lay statements out as a grid.

    Parameters
    ----------
    statements : pandas.DataFrame
        `actor`, `code` and `stance`, and `basis` where it is known; actors that are not asked for
        are left out.
    actors : sequence of str
        Whom to show, in this order.
    codebook : pandas.DataFrame
        With no rows where the meeting has none.
    stances : sequence of int
        The scale.
    """
    book = codebook if len(codebook) else statements[["code"]].drop_duplicates()
    groups: list[tuple[str, range]] = []
    if "dimension" in book:
        named = book["dimension"].fillna("")
        order = {name: place for place, name in enumerate(named.drop_duplicates())}
        book = book.assign(_at=named.map(order), dimension=named).sort_values("_at", kind="stable")
        start = 0
        for name, inside in book.groupby("dimension", sort=False):
            groups.append((str(name), range(start, start + len(inside))))
            start += len(inside)
    codes = book["code"].tolist()
    labels = book["label"].fillna(book["code"]).tolist() if "label" in book else codes
    who = {name: place for place, name in enumerate(actors)}
    what = {name: place for place, name in enumerate(codes)}
    group = {code: place for place, (_, inside) in enumerate(groups) for code in inside}
    columns = ["actor", "code", "stance", "basis"]
    own: dict[tuple[int, int], list[Any]] = defaultdict(list)
    wide: dict[tuple[int, int], list[Any]] = defaultdict(list)
    rows = statements.reset_index(drop=True).reindex(columns=columns)
    for row, actor, code, stance, basis in rows[rows["actor"].isin(who)].itertuples():
        entry = (row, None if pd.isna(stance) else int(stance), basis == "by_reference")
        own[who[actor], what[code]].append(entry)
        if groups:
            wide[who[actor], group[what[code]]].append(entry)
    cells, joined = (
        {place: Cell(tuple(entries), tuple(stances)) for place, entries in found.items()}
        for found in (own, wide)
    )
    names = tuple(map(str, labels))
    return Grid(tuple(actors), tuple(codes), names, tuple(groups), cells, joined)


def legend(grid: Grid) -> list[tuple[str, str]]:
    """Return the signs that occur in a grid, with what they mean."""
    found = {cell.mark: cell.words for cell in (*grid.cells.values(), *grid.joined.values())}
    if any(cell.kind == "level" for cell in grid.cells.values()):
        found = {sign: words for sign, words in found.items() if "level" not in words}
        found = {"1": "the level of the scale; in brackets: by reference only", **found}
    order = [SUPPORTS, "□", OPPOSES, f"({OPPOSES})", BOTH, f"({BOTH})", "1", "?", "(?)"]
    return sorted(found.items(), key=lambda item: order.index(item[0]))


def compact(
    statements: pd.DataFrame, actors: Sequence[str], codebook: pd.DataFrame, stances: Sequence[int]
) -> str:
    """Return a small grid as HTML whose cells open to their words; see `make_grid`.

    Plain tags with a few styles inside: notebooks, pages made of them and previews on a code host
    drop style sheets and scripts. Dimensions are the columns where there are any, else codes. Of a
    large meeting the first actors and columns are shown, and what is left out is said.
    """
    grid = make_grid(statements, actors[:MOST_ACTORS], codebook, stances)
    if not grid.codes or not grid.actors:
        return ""
    cells = grid.joined if grid.groups else grid.cells
    names = [name or "no dimension" for name, _ in grid.groups] or list(grid.labels)
    columns = range(min(len(names), MOST_KEYS))
    labels = statements["code"].map(dict(zip(grid.codes, grid.labels, strict=True))).tolist()
    quotes = statements.get("quote", pd.Series("", statements.index)).fillna("").tolist()
    left, body = MOST_QUOTES, []
    for i, actor in enumerate(grid.actors):
        line = [f"<strong dir='auto'>{_html.escape(actor)}</strong>"]
        for cell in (cells.get((i, j)) for j in columns):
            if cell is None:
                line.append("")
                continue
            shown = cell.each[:left]
            left -= len(shown)
            inside = [_item(one, labels[one.rows[0]], quotes[one.rows[0]]) for one in shown]
            if hidden := len(cell.rows) - len(shown):
                inside.append(f"<li>{count(hidden, 'more statement')}: see .evidence()</li>")
            number = f" ×{len(cell.rows)}" if len(cell.rows) > 1 else ""
            line.append(
                f"<details><summary title='{_html.escape(cell.words)}'>"
                f"{_html.escape(cell.mark)}{number}</summary>"
                f"<ul style='margin:0;padding-left:1em'>{''.join(inside)}</ul></details>"
            )
        body.append(line)
    signs = "; ".join(f"{sign} {words}" for sign, words in legend(grid))
    note = f"{signs}; empty: nothing recorded. Open a cell for its words."
    hidden_actors, hidden_keys = len(actors) - len(grid.actors), len(names) - len(columns)
    noun = "more dimension" if grid.groups else "more code"
    numbers = [(hidden_actors, "more actor"), (hidden_keys, noun)]
    if more := " and ".join(count(number, what) for number, what in numbers if number):
        note += f" Not shown: {more}."
    table = _html.rows(["", *(names[j] for j in columns)], body)
    return f"{table}<p><small>{_html.escape(note)}</small></p>"


def _item(one: Cell, label: str, quote: str) -> str:
    """Return a statement with its words as an item of a list."""
    note = "" if one.words == "supports" else f" ({one.words})"
    words = quote if len(quote) <= LONGEST else quote[:LONGEST] + "…"
    words = f": “{_html.escape(words)}”" if words else ""
    return f"<li dir='auto'><strong>{_html.escape(label)}</strong>{note}{words}</li>"
