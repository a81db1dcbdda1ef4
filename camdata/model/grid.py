"""The grid of actors by codes, whose cells open to their words: for the page and for notebooks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from camdata._display import html as _html
from camdata._display.typeset import BOTH, OPPOSES, SUPPORTS, minus
from camdata._display.words import count

MOST_ACTORS, MOST_KEYS, MOST_QUOTES, LONGEST = 40, 12, 300, 240
"""What the compact grid shows of a large meeting: actors, columns, quotes, characters of each."""

_CELL = "text-align:left;vertical-align:top;white-space:normal;max-width:20em"


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
        levels = "/".join(minus(str(level)) for level in self.stances)
        sign = {
            "supports": SUPPORTS,
            "opposes": OPPOSES,
            "both": BOTH,
            "level": levels,
            "unknown": "?",
        }
        if not self.by_reference:
            return sign.get(self.kind, "?")
        return "□" if self.kind == "supports" else f"({sign.get(self.kind, '?')})"

    @property
    def words(self) -> str:
        """The same in words."""
        said = {
            "supports": "supports",
            "opposes": "opposes",
            "both": "both ways",
            "level": f"level {' and '.join(map(str, self.stances))}",
            "unknown": "recorded without a stance",
        }[self.kind]
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
    basis = statements["basis"] if "basis" in statements else [""] * len(statements)
    own: dict[tuple[int, int], list[tuple[int, int | None, bool]]] = {}
    wide: dict[tuple[int, int], list[tuple[int, int | None, bool]]] = {}
    for row, (actor, code, stance, how) in enumerate(
        zip(statements["actor"], statements["code"], statements["stance"], basis, strict=True)
    ):
        if actor not in who:
            continue
        entry = (row, None if pd.isna(stance) else int(stance), how == "by_reference")
        own.setdefault((who[actor], what[code]), []).append(entry)
        if groups:
            wide.setdefault((who[actor], group[what[code]]), []).append(entry)

    scale = tuple(stances)
    return Grid(
        tuple(actors),
        tuple(codes),
        tuple(map(str, labels)),
        tuple(groups),
        {place: Cell(tuple(entries), scale) for place, entries in own.items()},
        {place: Cell(tuple(entries), scale) for place, entries in wide.items()},
    )


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
    shown = names[:MOST_KEYS]
    label = dict(zip(grid.codes, grid.labels, strict=True))
    quotes, codes = statements.get("quote"), statements["code"].tolist()
    said = [""] * len(codes) if quotes is None else quotes.fillna("").tolist()
    left, body = MOST_QUOTES, []
    for i, actor in enumerate(grid.actors):
        line = [f"<th scope='row' dir='auto' style='{_CELL}'>{_html.escape(actor)}</th>"]
        for j in range(len(shown)):
            cell = cells.get((i, j))
            if cell is None:
                line.append(f"<td style='{_CELL}'></td>")
                continue
            number = f" ×{len(cell.rows)}" if len(cell.rows) > 1 else ""
            inside = []
            for only in cell.each[: max(left, 0)]:
                row = only.rows[0]
                note = "" if only.words == "supports" else f" ({only.words})"
                words = said[row] if len(said[row]) <= LONGEST else said[row][:LONGEST] + "…"
                quote = f": “{_html.escape(words)}”" if words else ""
                name = _html.escape(label[codes[row]])
                inside.append(f"<li dir='auto'><strong>{name}</strong>{note}{quote}</li>")
            hidden = len(cell.rows) - len(inside)
            left -= len(inside)
            if hidden:
                inside.append(f"<li>{count(hidden, 'more statement')}: see .evidence()</li>")
            line.append(
                f"<td style='{_CELL}'><details><summary title='{_html.escape(cell.words)}'>"
                f"{_html.escape(cell.mark)}{number}</summary>"
                f"<ul style='margin:0;padding-left:1em'>{''.join(inside)}</ul></details></td>"
            )
        body.append(f"<tr>{''.join(line)}</tr>")
    top = "".join(
        f"<th scope='col' dir='auto' style='{_CELL}'>{_html.escape(name)}</th>" for name in shown
    )
    signs = "; ".join(f"{sign} {words}" for sign, words in legend(grid))
    more = [
        count(whole - len(part), noun)
        for whole, part, noun in (
            (len(actors), grid.actors, "more actor"),
            (len(names), shown, "more dimension" if grid.groups else "more code"),
        )
        if whole > len(part)
    ]
    note = f"{signs}; empty: nothing recorded. Open a cell for its words."
    note += f" Not shown: {' and '.join(more)}." if more else ""
    return (
        f"<table><thead><tr><td></td>{top}</tr></thead><tbody>{''.join(body)}</tbody></table>"
        f"<p><small>{_html.escape(note)}</small></p>"
    )
