"""Words found in a text: quotes located, sentences, passages, what of them is covered."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from functools import cache, partial

import numpy as np
import pandas as pd

from camdata._display.spans import Span
from camdata._display.words import shorten

_MARKS = {**dict.fromkeys("“”„‟«»‹›‘’‚‛'", '"'), **dict.fromkeys("‐‑‒–—−", "-"), "\u00a0": " "}
"""Quotation marks, dashes and spaces that are easily taken for one another."""

_ABBREVIATIONS = frozenset(
    "mr mrs ms dr prof st sr sra jr gen sen gov hon amb lic ing mme "
    "vs cf approx eds e.g i.e".split()
)
_BEFORE_NUMBERS = frozenset("no nos art arts para paras vol p pp fig núm".split())
# from the start of a run of stops only: a text of nothing but full stops stays quick
_SENTENCE_END = re.compile(r"(?<![.!?…])[.!?…]++[\"'”’»)\]]*(?=\s+[\"'“‘«(\[¿¡]*[^\W_])|\n")
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


def occurrences(quote: str, text: str) -> Iterator[int]:
    """Yield where `quote` begins in `text`, those that overlap too."""
    start = text.find(quote)
    while start >= 0:
        yield start
        start = text.find(quote, start + 1)


def index(text: str) -> Callable[[str, str], Iterator[int]]:
    """Return what does as `occurrences` for many quotes of one text, without reading it for each.

    Blocks of the text, one after the other, are kept by their words. A quote of twice a block's
    length holds one of them whole, wherever it stands, so that only its own stretches are looked
    up. Short quotes, and those of blocks that the text is full of, are looked for as usual.
    """

    @cache
    def blocks(size: int) -> dict[str, list[int]]:
        places: dict[str, list[int]] = {}
        for start in range(0, len(text) - size + 1, size):
            places.setdefault(text[start : start + size], []).append(start)
        return places

    def found(quote: str, text: str) -> Iterator[int]:
        size = next((size for size in (32, 16, 8, 6, 4) if len(quote) >= 2 * size - 1), 0)
        if not size:
            return occurrences(quote, text)
        known = blocks(size)
        near = [(a, known.get(quote[a : a + size], ())) for a in range(size)]
        if sum(len(places) for _, places in near) > len(text) // 500:
            return occurrences(quote, text)
        starts = sorted({place - a for a, places in near for place in places if place >= a})
        return (start for start in starts if text.startswith(quote, start))

    return found


def locate(
    quote: str,
    text: str,
    start: int | None = None,
    stop: int | None = None,
    search: Callable[[str, str], Iterator[int]] = occurrences,
) -> Span:
    """Find a quote in a text.

    Parameters
    ----------
    quote : str
        The words, verbatim.
    text : str
        The text.
    start, stop : int, optional
        Where the quote is said to stand. With either of them the quote need not be unique.
    search : callable, optional
        What looks for it: `occurrences`, or the `index` of this text.

    Returns
    -------
    (int, int)
        Code points, half open.

    Raises
    ------
    LookupError
        With three arguments, what was expected, what was found, and a function that names the
        nearest passage (or nothing), when the quote is not in the text, stands elsewhere or stands
        there twice.
    """
    if start is not None or stop is not None:
        if start is None:
            start = (stop or 0) - len(quote)
        found = text[start : start + len(quote) if stop is None else stop] if start >= 0 else ""
        if found == quote:
            return start, start + len(quote)
        raise LookupError(f"{shorten(quote)} at {start}", f"{shorten(found)} there", "")
    places = search(quote, text)
    first = next(places, None)
    if first is None:
        near = partial(nearest_passage, quote, text)
        raise LookupError("words of the text", shorten(quote), near)
    second = next(places, None)
    if second is not None:
        lines = f"lines {line_of(text, first)} and {line_of(text, second)}"
        if line_of(text, first) == line_of(text, second):
            lines = f"line {line_of(text, first)} twice"
        raise LookupError(
            "a quote that occurs once: lengthen it, or fill the columns start and stop",
            f"{shorten(quote)}, found on {lines} (start {first} and {second})",
            "",
        )
    return first, first + len(quote)


def nearest_passage(quote: str, text: str) -> str:
    """Say which passage of `text` is most like `quote`, and where the two part; else nothing.

    The longest stretch that both have is looked for from pieces of the quote that stand in the
    text, so that the time grows with the length of the text and of the quote, not their product.
    """
    quote = quote[:2000]
    if (alike := _plain(text).find(_plain(quote))) >= 0:
        return _parting(quote, text, alike) + ": only accents, capitals or marks differ"
    best = (0, 0, 0)  # length of a stretch that both have, where it begins in the quote and text
    for size in (32, 16, 8, 6, 4):
        for a in range(0, len(quote) - size + 1, size // 2):
            b = text.find(quote[a : a + size])
            if b < 0:
                continue
            before = _same(quote[:a][::-1], text[max(b - a, 0) : b][::-1])
            after = _same(quote[a + size :], text[b + size : b + len(quote)])
            best = max(best, (before + size + after, a - before, b - before))
        if best[0]:
            break
    if not best[0]:
        return ""
    _, a, b = best
    # the passage begins about as far before that stretch as the quote does; where the quote follows
    # it furthest is where it begins
    about = b - a
    low = max(0, about - a // 4 - 4)  # 0 where the text begins in the middle of the quote
    begins = range(low, max(low, min(b, about + a // 4 + 4)) + 1)
    begin = max(begins, key=lambda i: (_same(quote, text[i : i + len(quote)]), -abs(i - about)))
    return _parting(quote, text, begin)


def _parting(quote: str, text: str, begin: int) -> str:
    """Say how a passage that begins like a quote goes on where the two part."""
    same = _same(quote, text[begin : begin + len(quote)])
    there, here = text[begin + same :][:12], quote[same:][:12]
    lead = "…" + quote[max(0, same - 30) : same]
    return (
        f"the nearest passage, on line {line_of(text, begin)}, goes on {(lead + there + '…')!r}, "
        f"the quote {(here + '…')!r}, from its character {same + 1} on"
    )


def _plain(text: str) -> str:
    """Return a text, letter by letter, without accents, capitals and kinds of marks."""
    letters = {
        letter: _MARKS.get(letter) or unicodedata.normalize("NFD", letter)[0].lower()[:1]
        for letter in set(text)
    }
    return text.translate({ord(letter): plain for letter, plain in letters.items()})


def _same(a: str, b: str) -> int:
    """Count how many characters two texts have in common from their beginning on."""
    low, high = 0, min(len(a), len(b))
    while low < high:  # the longest common beginning, by halves
        middle = (low + high + 1) // 2
        low, high = (middle, high) if a[:middle] == b[:middle] else (low, middle - 1)
    return low


def coverage(
    interventions: pd.DataFrame, quotes: pd.DataFrame, texts: Mapping[str, str]
) -> pd.DataFrame:
    """Measure how much of each sentence of each intervention is covered by coded quotes.

    Parameters
    ----------
    interventions : pandas.DataFrame
        `order`, `actor`, `document`, `start`, `stop` of each passage.
    quotes : pandas.DataFrame
        `document`, `start`, `stop` of each coded quote; overlapping quotes count once.
    texts : mapping of str to str
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
    # running sums of letters and digits, and of those inside a quote
    sums = {}
    for name, text in texts.items():
        letters = np.fromiter(map(str.isalnum, text), dtype=bool, count=len(text))
        sums[name] = [
            np.concatenate([[0], np.cumsum(counted)])
            for counted in (letters, letters & inside[name])
        ]
    rows = []
    for order, actor, document, start, stop in interventions[
        ["order", "actor", "document", "start", "stop"]
    ].itertuples(index=False):
        text = texts[document]
        for number, (a, b) in enumerate(sentences(text, start, stop), 1):
            said, within = (int(total[b] - total[a]) for total in sums[document])
            covered = within / said if said else np.nan
            rows.append((order, actor, number, covered, text[a:b], document, a, b))
    columns = ["order", "actor", "sentence", "covered", "text", "document", "start", "stop"]
    return pd.DataFrame(rows, columns=columns).astype(
        {
            **dict.fromkeys(("actor", "text", "document"), "str"),
            **dict.fromkeys(("sentence", "start", "stop"), "int64"),
            "order": "Int64",
            "covered": "float64",
        }
    )
