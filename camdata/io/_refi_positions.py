"""How a program counted positions: the standard leaves room, and programs use it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from camdata.io._common import unix_positions
from camdata.io._refi_project import Document
from camdata.model.cells import unix_newlines
from camdata.model.source import Change

UNITS = ("code points", "utf-16")
NEWLINES = ("as in the file", "as one", "as two")

_TRIED = 2_000
"""Selections by which the way of counting is told."""

Span = tuple[int, int]


@dataclass(frozen=True)
class Counting:
    """One way to count: units, newlines of two characters, and a byte order mark that counts."""

    unit: str
    newlines: str
    mark: bool

    def places(self, document: Document) -> NDArray[np.int64]:
        """Return the code point of the text for each position, -1 where there is none."""
        text = document.text or ""
        if self.newlines != "as in the file":
            text = unix_newlines(text)
        if self.newlines == "as two":
            text = text.replace("\n", "\r\n")
        places = unix_positions(text, utf16=self.unit == "utf-16")
        if places is None:
            places = np.arange(len(text) + 1)
        return np.concatenate([[0], places]) if self.mark and document.bom else places

    def __str__(self) -> str:
        unit = "UTF-16 code units" if self.unit == "utf-16" else "code points"
        newlines = {"as one": ", a newline as one", "as two": ", a newline as two"}
        mark = ", after a byte order mark that counts" if self.mark else ""
        return unit + newlines.get(self.newlines, "") + mark


@dataclass(frozen=True)
class Located:
    """Where the selections of each document stand, in code points of its text.

    A place is missing where the position lies outside of the text or within a character.
    """

    spans: list[list[Span | None]]
    changes: list[Change]


def locate_selections(documents: Sequence[Document], unit: str | None = None) -> Located:
    """Find out how positions were counted, and count them in code points.

    The standard says code points from 0; NVivo for Windows writes UTF-16 code units. Every way to
    count is tried for all texts at once. The one is taken with which most selections hold the words
    that the file gives for them, and then the one with which most begin and end at the edge of a
    word; of equals the standard's.

    Parameters
    ----------
    documents : sequence of Document
        Those without a text get no places.
    unit : {"code points", "utf-16"}, optional
        Take this unit, whatever fits.
    """
    ways = [
        Counting(*way)
        for way in product(UNITS if unit is None else (unit,), NEWLINES, (False, True))
        if not way[2] or any(document.bom for document in documents)
    ]
    tried = [_Edges.of(document) for document in _some(documents)]
    scores = [
        tuple(map(sum, zip((0, 0), *(edges.fit(way) for edges in tried), strict=True)))
        for way in ways
    ]
    best = max(range(len(ways)), key=scores.__getitem__)
    spans = [_spans(document, ways[best]) for document in documents]
    number = sum(len(edges.document.selections) for edges in tried)
    read = sum(span is not None for found in spans for span in found)
    if not read:
        return Located(spans, [])
    how = f"{scores[best][1] / (2 * number):.0%} of the ends of {number:,} at the edge of a word"
    change = Change("positions read as", "PlainTextSelection", how, str(ways[best]), read)
    return Located(spans, [change])


def _some(documents: Sequence[Document]) -> list[Document]:
    """Return documents with enough selections to tell how they were counted."""
    found: list[Document] = []
    for document in documents:
        if document.text is not None and document.selections:
            found.append(document)
        if sum(len(chosen.selections) for chosen in found) >= _TRIED:
            break
    return found


def _spans(document: Document, counting: Counting) -> list[Span | None]:
    """Return the place of each selection of a document."""
    if document.text is None:
        return [None] * len(document.selections)
    places = counting.places(document)
    spans: list[Span | None] = []
    for selection in document.selections:
        a, b = selection.start, selection.stop
        span = None
        if a is not None and b is not None and a < b < len(places):
            start, stop = int(places[a]), int(places[b])
            span = (start, stop) if 0 <= start < stop else None
        spans.append(span)
    return spans


@dataclass(frozen=True)
class _Edges:
    """A document, its text with unix newlines, and where in it words begin or end."""

    document: Document
    text: str
    edges: NDArray[np.bool_]

    @classmethod
    def of(cls, document: Document) -> _Edges:
        text = unix_newlines(document.text or "")
        letters = np.fromiter(map(str.isalnum, text), dtype=bool, count=len(text))
        edges = np.ones(len(text) + 1, dtype=bool)
        edges[1:-1] = ~(letters[1:] & letters[:-1])
        return cls(document, text, edges)

    def fit(self, counting: Counting) -> tuple[int, int]:
        """Return how many selections hold the words they should, and how many ends fit."""
        same = ends = 0
        spans = _spans(self.document, counting)
        for selection, span in zip(self.document.selections, spans, strict=True):
            if span is not None:
                start, stop = span
                ends += int(self.edges[start]) + int(self.edges[stop])
                found = self.text[start:stop]
                same += any(begins(found, own) for own in (selection.words, selection.comment))
        return same, ends


def begins(text: str, words: str) -> bool:
    """Say whether a selection holds the words that its name repeats, often cut short."""
    given = " ".join(words.split()).rstrip("….")
    return len(given) > 2 and " ".join(text.split()).startswith(given)
