"""Sentences, paragraphs, places of quotes, nearest passages and coverage of a text."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache, partial
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from rapidfuzz import fuzz

from camdata._display.spans import Span
from camdata._display.words import shorten

_MARKS = {**dict.fromkeys("“”„‟«»‹›‘’‚‛'`´", '"'), **dict.fromkeys("‐‑‒–—―−", "-")}
"""Quotation marks and dashes that are easily confused."""

_NEAR = 75
"""The least similarity of a passage that is near a quote, from 0 to 100."""

_ABBREVIATIONS = frozenset(
    "mr mrs ms dr prof st sr sra jr gen sen gov hon amb lic ing mme "
    "vs cf approx eds e.g i.e".split()
)
_BEFORE_NUMBERS = frozenset("no nos art arts para paras vol p pp fig núm".split())
# from the start of a run of stops only: a text of nothing but full stops stays quick
_SENTENCE_END = re.compile(r"(?<![.!?…])[.!?…]++[\"'”’»)\]]*(?=\s+[\"'“‘«(\[¿¡]*[^\W_])|\n")
_WORDS = re.compile(r"\w+")
Places = NDArray[np.int64]

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
        # a few characters around are enough, and keep long texts quick
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
    spans = (_stripped(text, a, b) for a, b in pairwise([start, *ends, stop]))
    return [span for span in spans if span[0] < span[1]]


def _stripped(text: str, start: int, stop: int) -> Span:
    """Return a stretch of text without surrounding white space."""
    piece = text[start:stop]
    left = start + len(piece) - len(piece.lstrip())
    return left, left + len(piece.strip())


def _abbreviated(before: str, after: str = "") -> bool:
    """Whether a full stop after `before` belongs to its last word: a title, an initial, …"""
    word = _WORD_BEFORE.search(before[-40:])
    last = word[0].lower() if word else ""
    if last in _BEFORE_NUMBERS:
        return after[:1].isdigit()
    return last in _ABBREVIATIONS or (len(last) == 1 and last.isalpha())


def paragraph(text: str, span: Span) -> Span:
    """Return the lines of `text` around `span`, without surrounding white space."""
    start = text.rfind("\n", 0, span[0]) + 1
    stop = text.find("\n", span[1])
    return _stripped(text, start, len(text) if stop < 0 else stop)


def line_of(text: str, position: int) -> int:
    """Return the line, from 1, of a code point of `text`."""
    return text.count("\n", 0, position) + 1


def locate(quote: str, text: str, start: int | None = None, stop: int | None = None) -> Span:
    """Find a quote in a text.

    Parameters
    ----------
    quote : str
        The quote.
    text : str
        The text.
    start, stop : int, optional
        Where the quote should be. With either of them it need not be unique.

    Returns
    -------
    (int, int)
        Code points, half open.

    Raises
    ------
    LookupError
        With three arguments, what was expected, what was found, and a function that names the
        nearest passage (or nothing), if the quote is not in the text, is elsewhere, or occurs
        twice.
    """
    if start is not None or stop is not None:
        if start is None:
            start = (stop or 0) - len(quote)
        found = text[start : start + len(quote) if stop is None else stop] if start >= 0 else ""
        if found == quote:
            return start, start + len(quote)
        raise LookupError(f"{shorten(quote)} at {start}", f"{shorten(found)} there", "")
    places = _places_of(quote, text)
    first, second = next(places, -1), next(places, -1)
    if first < 0:
        near = partial(nearest_passage, quote, text)
        raise LookupError("words of the text", shorten(quote), near)
    if second >= 0:
        one, other = line_of(text, first), line_of(text, second)
        lines = f"line {one} twice" if one == other else f"lines {one} and {other}"
        expected = "a quote that occurs once: lengthen it, or fill the columns start and stop"
        got = f"{shorten(quote)}, found on {lines} (start {first} and {second})"
        raise LookupError(expected, got, "")
    return first, first + len(quote)


def _triples(text: str) -> Places:
    """Return each three characters in a row as one number."""
    letters = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4").astype(np.int64)
    return letters[:-2] << 42 | letters[1:-1] << 21 | letters[2:]


@lru_cache(maxsize=8)
def _index(text: str) -> tuple[Places, Places, Places]:
    """Return the different triples of a text in order, and the places of each, one after another.

    The places of triple `n` are those from `ends[n]` to `ends[n + 1]`.
    """
    triples = _triples(text)
    order = np.argsort(triples, kind="stable")
    keys, first = np.unique(triples[order], return_index=True)
    return keys, np.append(first, len(order)), order


def _places_of(quote: str, text: str) -> Iterator[int]:
    """Yield every place of a quote in a text, in order."""
    if len(quote) < 3 or len(text) < 3:
        yield from (match.start() for match in re.finditer(f"(?={re.escape(quote)})", text))
        return
    # only around the rarest of some of its triples
    (keys, ends, places), step = _index(text), len(quote) // 40 + 1
    own = _triples(quote)[::step]
    at = np.minimum(np.searchsorted(keys, own), len(keys) - 1)
    if (keys[at] != own).any():
        return
    rarest = int(np.argmin(ends[at + 1] - ends[at]))
    first, last = ends[at[rarest]], ends[at[rarest] + 1]
    for start in (places[first:last] - rarest * step).tolist():
        if start >= 0 and text.startswith(quote, start):
            yield start


@lru_cache(maxsize=8)
def _words_of(text: str) -> dict[str, Places]:
    """Return where each word of a text starts."""
    found: dict[str, list[int]] = {}
    for word in _WORDS.finditer(text):
        found.setdefault(word[0], []).append(word.start())
    return {word: np.array(starts) for word, starts in found.items()}


def _windows(words: str, plain: str) -> list[Span]:
    """Return the ten stretches of a text that share most words with a quote, rare ones first.

    The whole text where it shares none.
    """
    index, size = _words_of(plain), len(words)
    votes = np.zeros(len(plain) // size + 2)
    for word in _WORDS.finditer(words):
        if (starts := index.get(word[0])) is not None:
            # where the quote would begin, in steps of its length
            steps = (starts - word.start()) // size + 1
            rarity = np.log1p(len(plain) / len(starts))
            votes += rarity * np.bincount(steps, minlength=len(votes))
    best = np.argsort(-votes, kind="stable")[:10]
    spans = [
        (max(0, min(step * size - 3 * size // 2, len(plain) - size)), (step + 1) * size + size // 2)
        for step in best[votes[best] > 0].tolist()
    ]
    return spans or [(0, len(plain))]


class Match(NamedTuple):
    """How a quote was found in a text.

    `grade` is ``verbatim``, ``typographic`` (only white space, quotation marks, dashes, case or
    accents differ; marks around the whole quote do not count), ``near`` (`start` and `stop` are
    those of the most similar passage) or ``absent``; `similarity` is from 0 to 100.
    """

    grade: str
    start: int = -1
    stop: int = -1
    similarity: float = 0.0


def match(quote: str, text: str) -> Match:
    """Find the passage of a text that is a quote, or the most similar one.

    Similarity is the normalized indel similarity of the quote and the best window of the text (the
    partial ratio of `rapidfuzz`), both without differences of typography; a passage below 75 does
    not match. A quote that is not in the text takes a few milliseconds per megabyte of it.

    Examples
    --------
    >>> match("the  “key terms”", 'They defined the "key terms" first.')
    Match(grade='typographic', start=13, stop=28, similarity=100.0)
    """
    place = next(_places_of(quote, text), -1)
    if place >= 0:
        return Match("verbatim", place, place + len(quote), 100.0)
    words = bare_text(quote)[0].strip()
    plain, places = bare_text(text)
    if not words or not plain.strip():
        return Match("absent")
    for own in dict.fromkeys((words, words.strip('" '))):
        begins: Iterator[int] = _places_of(own, plain) if own else iter(())
        if own != words:  # without its marks a short quote is easily a part of another word
            begins = (a for a in begins if not any(_inside(plain, b) for b in (a, a + len(own))))
        if (begin := next(begins, -1)) >= 0:
            start, stop = places[begin], places[begin + len(own) - 1] + 1
            while stop < len(text) and unicodedata.combining(text[stop]):
                stop += 1
            return Match("typographic", start, stop, 100.0)
    if len(words) > len(plain):  # the partial ratio would look for the text in the quote
        whole = fuzz.ratio(words, plain)
        return Match("near", 0, len(text), whole) if whole >= _NEAR else Match("absent")
    best, first, last = 0.0, 0, 0
    for a, b in _windows(words, plain):
        found = fuzz.partial_ratio_alignment(words, plain[a:b], score_cutoff=max(best, _NEAR))
        if found is not None and found.score > best:
            best, first, last = found.score, a + found.dest_start, a + found.dest_end
    if not best:
        return Match("absent")
    start, stop = places[first], places[last - 1] + 1
    # the window has the quote's length, and may cut a word or hold a part of one too many
    around = _WORDS.finditer(text, max(0, start - 40), stop + 40)
    inside = [word.span() for word in around if word.end() > start and word.start() < stop]
    starts = {start, *(first for first, _ in inside[:2])}
    stops = {stop, *(last for _, last in inside[-2:])}
    spans = [(a, b) for a in sorted(starts) for b in sorted(stops) if a < b]
    cuts = [slice(bisect_left(places, a), bisect_left(places, b)) for a, b in spans]
    ratios = [fuzz.ratio(words, plain[cut].strip()) for cut in cuts]
    scores = dict(zip(spans, ratios, strict=True))
    start, stop = max(scores, key=lambda span: (scores[span], span[0] - span[1]))
    return Match("near", start, stop, round(scores[start, stop], 1))


def _inside(text: str, place: int) -> bool:
    """Whether a place of a text is between two letters or digits."""
    return text[place - 1 : place].isalnum() and text[place : place + 1].isalnum()


@lru_cache(maxsize=8)
def bare_text(text: str) -> tuple[str, list[int]]:
    """Return a text without differences of typography, and the place of each character.

    White space and dashes are single, quotation marks of one kind; letters have no accents and no
    capitals.
    """
    plain: list[str] = []
    places: list[int] = []
    for place, letter in enumerate(text):
        for character in _plain(letter):
            if character not in " -" or plain[-1:] != [character]:
                plain.append(character)
                places.append(place)
    return "".join(plain), places


@cache
def _plain(letter: str) -> str:
    if letter.isspace():
        return " "
    if letter in _MARKS:
        return _MARKS[letter]
    letters = unicodedata.normalize("NFKD", letter).casefold()
    return "".join(c for c in letters if unicodedata.category(c) not in ("Mn", "Cf"))


def nearest_passage(quote: str, text: str) -> str:
    """Describe the passage that is most like a quote, and where they differ; empty without one."""
    found = match(quote, text)
    if found.grade == "absent":
        return ""
    passage = text[found.start : found.stop]
    pairs = enumerate(zip(quote, passage, strict=False))
    same = next((i for i, (a, b) in pairs if a != b), min(len(quote), len(passage)))
    lead = "…" + quote[max(0, same - 30) : same]
    there, here = passage[same:][:12], quote[same:][:12]
    only = ": only white space, accents, capitals or marks differ"
    return (
        f"the nearest passage, on line {line_of(text, found.start)}, goes on "
        f"{(lead + there + '…')!r}, the quote {(here + '…')!r}, from its character {same + 1} on"
        + (only if found.grade == "typographic" else "")
    )


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
    letters = {name: np.array([*map(str.isalnum, text)], bool) for name, text in texts.items()}
    quoted = {name: np.zeros(len(text), dtype=bool) for name, text in texts.items()}
    for document, start, stop in quotes[["document", "start", "stop"]].itertuples(index=False):
        quoted[document][start:stop] = True
    rows = []
    passages = interventions[["order", "actor", "document", "start", "stop"]]
    for order, actor, document, *passage in passages.itertuples(index=False):
        for number, (a, b) in enumerate(sentences(texts[document], *passage), 1):
            inside = quoted[document][a:b][letters[document][a:b]]
            covered = inside.mean() if len(inside) else np.nan
            rows.append((order, actor, number, covered, texts[document][a:b], document, a, b))
    dtypes = {"order": "Int64", "actor": "str", "sentence": "int64", "covered": "float64"}
    dtypes |= {"text": "str", "document": "str", "start": "int64", "stop": "int64"}
    return pd.DataFrame(rows, columns=list(dtypes)).astype(dtypes)
