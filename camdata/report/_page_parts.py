"""What stands on the page of a meeting: quotes in their passages, and the marked text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from camdata._display.spans import Span
from camdata.model.grid import Cell, Grid
from camdata.model.meeting import Meeting

CONTEXT = 400
"""How many characters of a passage are shown on either side of a quote."""


@dataclass(frozen=True)
class Said:
    """One statement as the page shows it.

    Attributes
    ----------
    number : int
        From 1, in the order of the texts; statements without a place in a text come last.
    actor, code : int
        Places in the grid.
    cell : Cell
        Its own stance, as a cell of one statement.
    statement, coder, quote : str
        As in the table; empty where the meeting does not say.
    before, after : str
        What of the passage stands around the quote, shortened.
    document : str
        Name of the text; empty where the quote has no place in one.
    span : (int, int), optional
        Where it stands there.
    """

    number: int
    actor: int
    code: int
    cell: Cell
    statement: str
    coder: str
    quote: str = ""
    before: str = ""
    after: str = ""
    document: str = ""
    span: Span | None = None


def said(meeting: Meeting, grid: Grid) -> list[Said]:
    """Return the statements of the grid's actors, numbered in the order of the texts."""
    statements = meeting.statements
    found = {}
    if "quote" in statements:
        for name in grid.actors:
            found.update({q.statement: q for q in meeting.evidence(name)})
    documents = {title: place for place, title in enumerate(meeting.texts)}
    ids = statements["statement"].astype(str).tolist()
    coders = statements["coder"].fillna("").tolist() if "coder" in statements else [""] * len(ids)
    entries = []
    for (actor, code), cell in grid.cells.items():
        for own in cell.each:
            row = own.rows[0]
            q = found.get(ids[row])
            entry = Said(0, actor, code, own, ids[row], coders[row])
            place: tuple[int, ...] = (len(documents), 0, 0, row)
            if q is not None and q.start >= 0:
                low, high = q.start - q.offset, q.stop - q.offset
                entry = replace(
                    entry,
                    quote=q.quote,
                    before=_last(q.passage[:low]),
                    after=_first(q.passage[high:]),
                    document=q.document,
                    span=(q.start, q.stop),
                )
                place = (documents[q.document], q.start, q.stop, row)
            elif q is not None:
                entry = replace(entry, quote=q.quote)
            entries.append((place, entry))
    entries.sort(key=lambda pair: pair[0])
    return [replace(entry, number=number) for number, (_, entry) in enumerate(entries, 1)]


def _last(words: str) -> str:
    """Return the end of what stands before a quote, from a word on."""
    if len(words) <= CONTEXT:
        return words
    return "… " + words[-CONTEXT:].partition(" ")[2]


def _first(words: str) -> str:
    """Return the beginning of what stands behind a quote, up to a word."""
    if len(words) <= CONTEXT:
        return words
    return words[:CONTEXT].rpartition(" ")[0] + " …"


class Piece(NamedTuple):
    """A stretch of a text in which the same statements are quoted."""

    words: str
    inside: tuple[int, ...]  # the numbers of these statements
    begins: tuple[int, ...]  # those whose quote begins here
    ends: tuple[int, ...]  # and ends here
    owner: str  # whose recorded intervention it lies in; empty outside of all


@dataclass
class Line:
    """A paragraph of a text: its pieces, who is recorded in it, and what is coded from it on."""

    pieces: list[Piece] = field(default_factory=list)
    actors: list[str] = field(default_factory=list)
    notes: list[int] = field(default_factory=list)


def lines_of(
    text: str, statements: Iterable[Said], passages: Sequence[tuple[int, int, str]]
) -> list[Line]:
    """Cut a text into paragraphs, and these wherever a quote or a passage begins or ends.

    Parameters
    ----------
    text : str
        The text.
    statements : iterable of Said
        Those whose quotes stand in it; they may overlap.
    passages : iterable of (int, int, str)
        Where each recorded intervention starts and stops, and whose it is.

    Returns
    -------
    list of Line
        The lines that hold any words; joined, their pieces are the line.
    """
    begin: dict[int, list[int]] = {}
    end: dict[int, list[int]] = {}
    for one in statements:
        if one.span is None or not text[slice(*one.span)].strip():
            continue
        words = text[slice(*one.span)]
        start = one.span[0] + len(words) - len(words.lstrip())
        begin.setdefault(start, []).append(one.number)
        end.setdefault(start + len(words.strip()), []).append(one.number)
    owners = {start: actor for start, _, actor in passages}
    stops = {stop for _, stop, _ in passages}
    edges = sorted({*begin, *end, *owners, *stops})
    result: list[Line] = []
    active: set[int] = set()
    owner, at, edge = "", 0, 0
    for raw in text.split("\n"):
        cursor, high = at, at + len(raw)
        at = high + 1
        line = Line()
        while cursor < high:
            opened: list[int] = []
            while edge < len(edges) and edges[edge] <= cursor:
                here = edges[edge]
                active.difference_update(end.get(here, ()))
                opened += begin.get(here, [])
                owner = owners.get(here, "" if here in stops else owner)
                edge += 1
            active.update(opened)
            stop = min(edges[edge], high) if edge < len(edges) else high
            inside, ends = tuple(sorted(active)), tuple(sorted(end.get(stop, ())))
            line.pieces.append(Piece(text[cursor:stop], inside, tuple(opened), ends, owner))
            line.notes += opened
            if owner and owner not in line.actors and text[cursor:stop].strip():
                line.actors.append(owner)
            cursor = stop
        if raw.strip():
            result.append(line)
    return result


def passages_of(meeting: Meeting) -> dict[str, list[tuple[int, int, str]]]:
    """Return for each document where the recorded interventions stand, and whose they are."""
    coverage = meeting.coverage()
    found: dict[str, list[tuple[int, int, str]]] = {}
    for (document, _), part in coverage.groupby(["document", "order"], sort=False):
        row = (int(part["start"].min()), int(part["stop"].max()), str(part["actor"].iloc[0]))
        found.setdefault(str(document), []).append(row)
    return found


_RTL = "\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefe\U00010800-\U00010fff\U0001e800-\U0001eeff"
_NAMED = re.compile(f"[{_RTL}](?:[{_RTL}0-9\\s.'’-]*[{_RTL}0-9])?")
"""Words of a script that runs from right to left, with a number that is part of a name."""


def isolated(sentence: str) -> str:
    """Return a sentence in which names that run from right to left turn nothing around them."""
    return _NAMED.sub("\u2068\\g<0>\u2069", sentence)
