"""What stands on the page of a meeting: quotes in their passages, the marked text, the tree."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np
import pandas as pd

from camdata._display.spans import Span
from camdata.analysis.clustering import Clusters
from camdata.model.grid import Cell, Grid
from camdata.model.meeting import Meeting

AROUND = 400
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
    if len(words) <= AROUND:
        return words
    return "… " + words[-AROUND:].partition(" ")[2]


def _first(words: str) -> str:
    """Return the beginning of what stands behind a quote, up to a word."""
    if len(words) <= AROUND:
        return words
    return words[:AROUND].rpartition(" ")[0] + " …"


class Piece(NamedTuple):
    """A stretch of a text in which the same statements are quoted."""

    words: str
    inside: tuple[int, ...]  # the numbers of these statements
    begins: tuple[int, ...]  # those whose quote begins here
    ends: tuple[int, ...]  # and ends here
    owner: str  # whose recorded intervention it lies in; empty for nobody's


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


@dataclass(frozen=True)
class Heat:
    """Agreement in the order of its dendrogram, as the coordinates of an SVG.

    Attributes
    ----------
    width, height, left, top, size, font : float
        Of the whole; where cells begin; how wide one is; the size of names.
    names : list of (float, str, str)
        Along an axis: the middle of each row, its name, shortened, and its cluster.
    shades : list of (int, str)
        A path for each tenth of agreement.
    missing : str
        The path of pairs with nothing to compare.
    numbers : list of (float, float, str, bool)
        The values, where cells are large enough, and whether they stand on dark.
    branches : list of (str, bool)
        The tree as paths, and whether a merge lies above the cut.
    """

    width: float
    height: float
    left: float
    top: float
    size: float
    font: float
    names: list[tuple[float, str, str]]
    shades: list[tuple[int, str]]
    missing: str
    numbers: list[tuple[float, float, str, bool]]
    branches: list[tuple[str, bool]]


TREE = 110
DARK = 0.62
"""From this agreement on, numbers are light on dark."""


def heat(clusters: Clusters) -> Heat:
    """Lay out the agreement of clustered actors, with the tree to its left."""
    order = clusters.order
    values = clusters.agreement.frame.loc[order, order].to_numpy()
    n = len(order)
    size = 34.0 if n <= 16 else 26.0 if n <= 24 else 15.0
    font = 13.0 if n <= 24 else 11.0
    labels = clusters.labels
    names = [(name if len(name) <= 28 else name[:27] + "…") for name in order]
    tree = TREE if len(clusters.linkage) else 0
    room = max(map(_width, names), default=0) * font * 0.58
    left, top = tree + room + 2 * font + 14, room + 2 * font + 6
    middle = [top + (i + 0.5) * size for i in range(n)]
    paths: dict[int, list[str]] = {}
    numbers, missing = [], []
    for i in range(n):
        for j in range(n):
            if i == j:
                continue
            x, y = left + j * size, top + i * size
            box = f"M{x:g} {y:g}h{size - 1:g}v{size - 1:g}h-{size - 1:g}z"
            value = float(values[i, j])
            if np.isnan(value):
                missing.append(box)
                continue
            paths.setdefault(round(10 * min(max(value, 0), 1)), []).append(box)
            if n <= 24:
                digits = "0" if value == 0 else f"{value:.2f}".lstrip("0").replace("1.00", "1")
                numbers.append((x + size / 2 - 0.5, y + size / 2, digits, value >= DARK))
    cluster = ["" if pd.isna(labels[name]) else str(labels[name]) for name in order]
    return Heat(
        width=left + n * size + 4,
        height=top + n * size + 4,
        left=left,
        top=top,
        size=size,
        font=font,
        names=list(zip(middle, names, cluster, strict=True)),
        shades=[(level, "".join(boxes)) for level, boxes in sorted(paths.items())],
        missing="".join(missing),
        numbers=numbers,
        branches=_branches(clusters, order, middle),
    )


def _branches(
    clusters: Clusters, order: Sequence[str], middle: Sequence[float]
) -> list[tuple[str, bool]]:
    """Return the merges as paths, the root on the left, and whether each is above the cut."""
    linkage = clusters.linkage
    if not len(linkage):
        return []
    most = max(float(linkage[:, 2].max()), 1e-9)
    place: Mapping[str, float] = dict(zip(order, middle, strict=True))
    at = [(0.0, place[name]) for name in clusters.placed]
    kept = len(clusters.placed) - clusters.n_clusters
    result = []
    for row, (a, b, height, _) in enumerate(linkage.tolist()):
        (h1, y1), (h2, y2) = at[int(a)], at[int(b)]
        x, x1, x2 = (TREE - 4 - (TREE - 10) * h / most for h in (height, h1, h2))
        result.append((f"M{x1:.1f} {y1:.1f}H{x:.1f}V{y2:.1f}H{x2:.1f}", row >= kept))
        at.append((height, (y1 + y2) / 2))
    return result


_RTL = "\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefe\U00010800-\U00010fff\U0001e800-\U0001eeff"
_NAMED = re.compile(f"[{_RTL}](?:[{_RTL}0-9\\s.'’-]*[{_RTL}0-9])?")
"""Words of a script that runs from right to left, with a number that is part of a name."""


def isolated(sentence: str) -> str:
    """Return a sentence in which names that run from right to left turn nothing around them."""
    return _NAMED.sub("\u2068\\g<0>\u2069", sentence)


def _width(name: str) -> int:
    """Return how many letters wide a name is; wide letters count twice."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in name)
