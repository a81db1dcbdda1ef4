"""Quotes located in the text, split into sentences, measured as coverage, shown in context."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from typing import overload

import numpy as np
import pandas as pd

Span = tuple[int, int]
"""Code points of a text, half open: `start` is the first, `stop` the one after the last."""

_ABBREVIATIONS = frozenset(
    "mr mrs ms dr prof st sr sra jr gen sen gov hon amb lic ing mme "
    "vs cf approx eds e.g i.e".split()
)
_BEFORE_NUMBERS = frozenset("no nos art arts para paras vol p pp fig núm".split())
_SENTENCE_END = re.compile(r"[.!?…]+[\"'”’»)\]]*(?=\s+[\"'“‘«(\[¿¡]*[^\W_])|\n")
_WORD_BEFORE = re.compile(r"[^\s(\[“‘\"'«]+$")


def sentences(text: str, start: int = 0, stop: int | None = None) -> list[Span]:
    """Split a stretch of text into sentences.

    A sentence ends at a full stop, question or exclamation mark (with the quotation marks or
    brackets that close it) before a space and a capital letter or a digit, and at the end of a
    line, unless the next line goes on in lower case. Titles ("Mr."), common abbreviations and
    initials do not end one.

    Parameters
    ----------
    text : str
        The text.
    start, stop : int, optional
        The stretch to split, in code points, half open; the whole text by default.

    Returns
    -------
    list of (int, int)
        Where each sentence starts and stops in `text`, without surrounding white space.

    Examples
    --------
    >>> text = "Mr. Calderón spoke. He said “orderly.” 25% agreed."
    >>> [text[a:b] for a, b in sentences(text)]
    ['Mr. Calderón spoke.', 'He said “orderly.”', '25% agreed.']
    """
    stop = len(text) if stop is None else stop
    ends = []
    for match in _SENTENCE_END.finditer(text, start, stop):
        # a little of what stands around is enough, and keeps long texts quick
        rest = text[match.end() : min(match.end() + 400, stop)].lstrip()
        before = text[max(start, match.start() - 400) : match.start()]
        if match[0] == "\n":
            before = before.rstrip()
            wrapped = before[-1:] not in ".!?…" or _abbreviated(before.removesuffix("."), rest)
            if rest[:1].islower() and wrapped:
                continue  # a line that was wrapped by hand
        elif rest[:1].islower() or (match[0] == "." and _abbreviated(before, rest)):
            continue
        ends.append(match.end())
    spans = []
    for a, b in zip([start, *ends], [*ends, stop], strict=True):
        piece = text[a:b]
        if piece.strip():
            left = a + len(piece) - len(piece.lstrip())
            spans.append((left, left + len(piece.strip())))
    return spans


def _abbreviated(before: str, after: str = "") -> bool:
    """Say whether a full stop after `before` belongs to its last word: a title, an initial, …"""
    word = _WORD_BEFORE.search(before[-40:])
    last = word[0].lower() if word else ""
    if last in _BEFORE_NUMBERS:
        return after[:1].isdigit()
    return last in _ABBREVIATIONS or (len(last) == 1 and last.isalpha())


def paragraph(text: str, span: Span) -> Span:
    """Return the lines of `text` that hold `span`, without surrounding white space."""
    start = text.rfind("\n", 0, span[0]) + 1
    stop = text.find("\n", span[1])
    stop = len(text) if stop < 0 else stop
    piece = text[start:stop]
    left = start + len(piece) - len(piece.lstrip())
    return left, left + len(piece.strip())


def line_of(text: str, position: int) -> int:
    """Return the line, from 1, on which a code point of `text` stands."""
    return text.count("\n", 0, position) + 1


def locate(quote: str, text: str, start: int | None = None, stop: int | None = None) -> Span:
    """Find a quote in a text.

    Parameters
    ----------
    quote : str
        The words, verbatim.
    text : str
        The text.
    start, stop : int, optional
        Where the quote is said to stand. With either of them the quote need not be unique.

    Returns
    -------
    (int, int)
        Code points, half open.

    Raises
    ------
    LookupError
        With two arguments, what was expected and what was found, when the quote is not in the
        text (the nearest passage, and where they part), stands elsewhere or stands there twice.
    """
    if start is not None or stop is not None:
        if start is None:
            start = (stop or 0) - len(quote)
        found = text[start : start + len(quote) if stop is None else stop]
        if found == quote:
            return start, start + len(quote)
        raise LookupError(f"{_shorten(quote)} at {start}", f"{_shorten(found)} there")
    first = text.find(quote)
    if first < 0:
        raise LookupError(*_nearest(quote, text))
    second = text.find(quote, first + 1)
    if second >= 0:
        places = f"lines {line_of(text, first)} and {line_of(text, second)}"
        if line_of(text, first) == line_of(text, second):
            places = f"line {line_of(text, first)} twice"
        raise LookupError(
            "a quote that occurs once: lengthen it, or fill the columns start and stop",
            f"{_shorten(quote)}, found on {places} (start {first} and {second})",
        )
    return first, first + len(quote)


def _nearest(quote: str, text: str) -> tuple[str, str]:
    """Describe the passage of `text` that is most like `quote`, and where the two part."""
    block = difflib.SequenceMatcher(None, quote, text, autojunk=False).find_longest_match()
    if block.size < min(8, len(quote)):
        return "words of the text", _shorten(quote)
    # the passage begins about as far before the longest stretch they share as the quote does;
    # where the quote follows it furthest is where it begins
    about = block.b - block.a
    begins = range(max(0, about - block.a // 4 - 4), min(block.b, about + block.a // 4 + 4) + 1)
    begin = max(begins, key=lambda i: (_common(quote, text, i), -abs(i - about)))
    same = _common(quote, text, begin)
    there, here = text[begin + same :][:12], quote[same:][:12]
    lead = "…" + quote[max(0, same - 30) : same]
    return (
        f"words of the text; the nearest, on line {line_of(text, begin)}, "
        f"go on {(lead + there + '…')!r}",
        f"{(lead + here + '…')!r} (they part at character {same + 1} of the quote)",
    )


def _common(quote: str, text: str, begin: int) -> int:
    """Count how many characters `text` has in common with `quote` from `begin` on."""
    passage = text[begin : begin + len(quote)]
    parts = (i for i, (a, b) in enumerate(zip(quote, passage, strict=False)) if a != b)
    return next(parts, len(passage))


def _shorten(words: str, most: int = 60) -> str:
    return repr(words if len(words) <= most else words[: most - 1] + "…")


def coverage(
    interventions: pd.DataFrame, quotes: pd.DataFrame, texts: dict[str, str]
) -> pd.DataFrame:
    """Measure how much of each sentence of each intervention is covered by coded quotes.

    Parameters
    ----------
    interventions : pandas.DataFrame
        `order`, `actor`, `document`, `start`, `stop` of each passage.
    quotes : pandas.DataFrame
        `document`, `start`, `stop` of each coded quote; overlapping quotes count once.
    texts : dict of str to str
        The documents by name.

    Returns
    -------
    pandas.DataFrame
        One row per sentence: `order` of the intervention (Int64), `actor`, `sentence` (its number
        within the intervention, from 1), `covered` (float, 0 to 1: share of the letters and digits
        of the sentence that lie inside a quote), `text`, `document`, `start`, `stop`.
    """
    inside = {name: np.zeros(len(text), dtype=bool) for name, text in texts.items()}
    for document, start, stop in zip(
        quotes["document"], quotes["start"], quotes["stop"], strict=True
    ):
        inside[document][start:stop] = True
    rows = []
    for order, actor, document, start, stop in interventions[
        ["order", "actor", "document", "start", "stop"]
    ].itertuples(index=False):
        text = texts[document]
        for number, (a, b) in enumerate(sentences(text, start, stop), 1):
            counted = np.array([character.isalnum() for character in text[a:b]])
            covered = float(inside[document][a:b][counted].mean()) if counted.any() else np.nan
            rows.append((order, actor, number, covered, text[a:b], document, a, b))
    columns = ["order", "actor", "sentence", "covered", "text", "document", "start", "stop"]
    return pd.DataFrame(rows, columns=columns).astype(
        {"order": "Int64", "actor": "str", "covered": "float64", "text": "str", "document": "str"}
    )


def marked(passage: str, spans: Iterable[Span]) -> str:
    """Return `passage` as HTML, escaped, with `spans` (offsets within it) marked."""
    pieces, done = [], 0
    for start, stop in merged(spans):
        pieces += [escape(passage[done:start]), f"<mark>{escape(passage[start:stop])}</mark>"]
        done = stop
    pieces.append(escape(passage[done:]))
    return "".join(pieces)


def merged(spans: Iterable[Span]) -> list[Span]:
    """Return `spans` in order, those that overlap or touch as one."""
    result: list[Span] = []
    for start, stop in sorted(spans):
        if result and start <= result[-1][1]:
            result[-1] = (result[-1][0], max(stop, result[-1][1]))
        else:
            result.append((start, stop))
    return result


@dataclass(frozen=True)
class Quotation:
    """One coded statement with its words and the passage that they stand in.

    Attributes
    ----------
    statement, actor, code : str
        The statement's id, who holds the position, and what it is about.
    stance : int
        1 supports, -1 opposes.
    basis : str
        ``explicit`` or ``by_reference``; empty where the meeting does not say.
    quote : str
        The words, verbatim.
    document : str
        Name of the text; empty where the meeting has none.
    start, stop : int
        Where the quote stands in the text (code points, half open); -1 without a text.
    passage : str
        The actor's own intervention where the quote stands in one, else the paragraph of the text;
        the quote itself without a text.
    offset : int
        Where the passage starts in the text.
    coder : str
        Who coded it; empty where the meeting does not say.
    """

    statement: str
    actor: str
    code: str
    stance: int
    basis: str
    quote: str
    document: str
    start: int
    stop: int
    passage: str
    offset: int
    coder: str


class Evidence(Sequence[Quotation]):
    """The words behind a cell: a sequence of `Quotation`, shown marked in their passages.

    Attributes
    ----------
    title : str
        What the evidence is for.
    frame : pandas.DataFrame
        One row per statement with the attributes of `Quotation` as columns; a fresh frame.
    """

    def __init__(self, quotations: Iterable[Quotation], title: str) -> None:
        self._quotations = tuple(quotations)
        self.title = title

    @overload
    def __getitem__(self, index: int) -> Quotation: ...
    @overload
    def __getitem__(self, index: slice) -> Evidence: ...
    def __getitem__(self, index: int | slice) -> Quotation | Evidence:
        if isinstance(index, slice):
            return Evidence(self._quotations[index], self.title)
        return self._quotations[index]

    def __len__(self) -> int:
        return len(self._quotations)

    def __iter__(self) -> Iterator[Quotation]:
        return iter(self._quotations)

    @property
    def frame(self) -> pd.DataFrame:
        columns = list(Quotation.__dataclass_fields__)
        rows = [[getattr(q, name) for name in columns] for q in self._quotations]
        text = dict.fromkeys(columns, "str")
        numbers = {"stance": "Int8", "start": "Int64", "stop": "Int64", "offset": "Int64"}
        return pd.DataFrame(rows, columns=columns).astype({**text, **numbers})

    def __repr__(self) -> str:
        lines = [f"{self.title}: {_count(len(self))}"]
        for q in self._quotations:
            note = " (by reference)" if q.basis == "by_reference" else ""
            lines.append(f"  {q.code} {q.stance:+d}{note}: “{q.quote}”")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        parts = [f"<p><strong>{escape(self.title)}</strong>: {_count(len(self))}</p>"]
        passages: dict[tuple[str, int, str], list[Quotation]] = {}
        for q in self._quotations:
            passages.setdefault((q.document, q.offset, q.passage), []).append(q)
        for (_, offset, passage), quotations in passages.items():
            spans = [(q.start - offset, q.stop - offset) for q in quotations if q.start >= 0]
            notes = "; ".join(
                f"{q.code} {q.stance:+d}" + (" by reference" if q.basis == "by_reference" else "")
                for q in quotations
            )
            body = marked(passage, spans) if spans else f"<mark>{escape(passage)}</mark>"
            parts.append(
                f"<blockquote style='white-space:pre-line'>{body}<br>"
                f"<small>{escape(notes)}</small></blockquote>"
            )
        return "\n".join(parts)


def _count(number: int) -> str:
    if number == 0:
        return "nothing is recorded"
    return f"{number} statement{'s' if number != 1 else ''}"
