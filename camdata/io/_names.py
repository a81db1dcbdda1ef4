"""Names and other short texts of a table: trimmed, merged where that was asked for, compared."""

from __future__ import annotations

import difflib
import importlib.util
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from camdata._display.words import count, listed
from camdata.io._sheets import text_of
from camdata.model.columns import factorize
from camdata.model.source import Change

_UNSEEN = r"[\s\u00ad\u200b-\u200f\u2060\ufeff]+"
_AT_ENDS = re.compile(f"^{_UNSEEN}|{_UNSEEN}$")
_INSIDE = re.compile(r"\s+|[\u200b\u2060\ufeff]+")

_ALIKE = 0.85
"""From which share of common letters on (difflib's ratio) two names are said to be near."""

# what comparing may cost
_MOST_NAMES = 3_000
_MOST_ASKED = 20_000
_MOST_PAIRS = 50
_LONGEST = 100
_BUCKETS = 64

SAME_COUNTRY = "not merged: same country"
SAME_SPELLING = "not merged: similar spelling"


class Words(NamedTuple):
    """A column of short texts: the number of each row's word (-1 where blank), and the words."""

    number: NDArray[np.int64]
    words: list[str]

    @property
    def rows(self) -> NDArray[np.int64]:
        """How many rows have each word."""
        return np.bincount(self.number[self.number >= 0], minlength=len(self.words))

    def series(self) -> pd.Series[Any]:
        """Return the column as text, missing where blank."""
        return pd.Series(pd.Series([*self.words, np.nan], dtype="str").array.take(self.number))


def trim(words: str) -> str:
    """Return a name in NFC, without white space at its ends and with single spaces inside."""
    return _AT_ENDS.sub("", _INSIDE.sub(_space, unicodedata.normalize("NFC", words)))


def _space(match: re.Match[str]) -> str:
    return " " if match[0].isspace() else ""


def read_words(column: pd.Series[Any], header: str) -> tuple[Words, list[Change]]:
    """Read a column of names, and say which of them were trimmed or composed."""
    codes, found = factorize(column.reset_index(drop=True))
    raw = [text_of(value) for value in found]
    clean = [trim(text) for text in raw]
    words = [word for word in dict.fromkeys(clean) if word]
    place = {word: number for number, word in enumerate(words)} | {"": -1}
    back = np.array([*(place[word] for word in clean), -1], dtype=np.int64)
    rows = np.bincount(codes[codes >= 0], minlength=len(raw))
    changes = []
    spaced = [i for i, text in enumerate(raw) if unicodedata.normalize("NFC", text) != clean[i]]
    other = [i for i, text in enumerate(raw) if i not in set(spaced) and text != clean[i]]
    for what, changed in (("white space trimmed", spaced), ("Unicode composed (NFC)", other)):
        if changed:
            before = listed((ascii(raw[i]) if what[0] == "U" else repr(raw[i]) for i in changed), 3)
            after = listed((repr(clean[i]) for i in changed), 3)
            changes.append(Change(what, header, before, after, int(rows[changed].sum())))
    return Words(back[codes], words), changes


def merge(column: Words, aliases: Mapping[str, str], header: str) -> tuple[Words, list[Change]]:
    """Give the names that `aliases` lists the names that it gives them."""
    known = {trim(name): trim(other) for name, other in aliases.items()}
    new = [known.get(word, word) for word in column.words]
    words = list(dict.fromkeys(new))
    place = {word: number for number, word in enumerate(words)}
    back = np.array([*(place[word] for word in new), -1], dtype=np.int64)
    changes = [
        Change("name merged", header, before, after, int(number))
        for before, after, number in zip(column.words, new, column.rows.tolist(), strict=True)
        if before != after
    ]
    return Words(back[column.number], words), changes


# names that are near one another


def near_names(column: Words, header: str, *, countries: bool = False) -> list[Change]:
    """Say which names look like the same one; none of them is merged.

    Parameters
    ----------
    column : Words
        The names.
    header : str
        The user's name of the column.
    countries : bool
        Whether names and ISO codes of one country are looked for as well; needs pycountry, which
        comes with ``camdata[excel]``. Names of two different countries are then never called near,
        however alike they are (Austria, Australia).
    """
    words, rows = column.words, column.rows
    iso = [""] * len(words)
    changes: list[Change] = []
    if countries and importlib.util.find_spec("pycountry") is None:
        what = "not compared: names of countries, without pycountry"
        changes.append(Change(what, header, "", "pip install 'camdata[excel]'", 0))
    elif countries:
        iso = [_country(word) for word in words]
    pairs = [(a, b, SAME_COUNTRY) for a, b in _same(iso)]
    told = {frozenset(pair[:2]) for pair in pairs}
    some = np.argsort(-rows, kind="stable")[:_MOST_NAMES].tolist()
    alike, complete = _alike([words[number] for number in some])
    for i, j in alike:
        a, b = some[i], some[j]
        if frozenset((a, b)) not in told and not (iso[a] and iso[b]):
            pairs.append((a, b, SAME_SPELLING))
    for a, b, what in pairs[:_MOST_PAIRS]:
        # a country's name is more likely to be meant than its code, or than what is no country
        rare, common = sorted((a, b), key=lambda n: (iso[n] != "", words[n] != iso[n], rows[n], -n))
        after = f"{words[common]} ({count(int(rows[common]), 'row')})"
        changes.append(Change(what, header, words[rare], after, int(rows[rare])))
    if len(pairs) > _MOST_PAIRS:
        more = f"{len(pairs) - _MOST_PAIRS:,} more pairs"
        changes.append(Change(SAME_SPELLING, header, more, "", 0))
    if len(words) > _MOST_NAMES or not complete:
        changes.append(Change("spelling compared in part: too many names", header, "", "", 0))
    return changes


def _country(name: str) -> str:
    """Return the ISO 3166-1 alpha-3 code of a country by its name or code; nothing for others."""
    import pycountry

    if name.isdigit() or (len(name) <= 3 and not name.isupper()):
        return ""
    try:
        return str(pycountry.countries.lookup(name).alpha_3)
    except LookupError:
        return ""


def _same(keys: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Yield the places of equal keys that are not empty, each with the first one's."""
    first: dict[str, int] = {}
    for place, key in enumerate(keys):
        if key and first.setdefault(key, place) != place:
            yield first[key], place


def _folded(name: str) -> str:
    """Return a name's letters and digits, without case and accents."""
    letters = unicodedata.normalize("NFKD", name.casefold())
    return "".join(letter for letter in letters if letter.isalnum())


def _alike(names: Sequence[str]) -> tuple[list[tuple[int, int]], bool]:
    """Return the places of names that are near one another by spelling, and whether all were seen.

    difflib is asked only about pairs that have letters enough in common, which is counted for all
    pairs at once (in buckets, which can only make them more), and about so many of them at most.
    Names that differ in a number (Senator 12, Senator 13) and names of fewer than four letters are
    no mistyped ones.
    """
    folded = [_folded(name)[:_LONGEST] for name in names]
    digits = np.unique([re.sub(r"\D", "", name) for name in folded], return_inverse=True)[1]
    counts = np.zeros((_BUCKETS, len(names)), dtype=np.int16)
    for place, name in enumerate(folded):
        np.add.at(counts[:, place], [ord(letter) % _BUCKETS for letter in name], 1)
    lengths = counts.sum(axis=0)
    places = np.arange(len(names))
    matcher = difflib.SequenceMatcher(autojunk=False)
    near: list[tuple[int, int]] = []
    asked = 0
    for start in range(0, len(names), 32):
        part = slice(start, start + 32)
        common = np.zeros((len(places[part]), len(names)), dtype=np.int16)
        for bucket in counts:
            common += np.minimum(bucket[part, None], bucket)
        enough = 2 * common >= _ALIKE * (lengths[part, None] + lengths)
        enough &= (lengths >= 4) & (lengths[part, None] >= 4)
        enough &= (digits == digits[part, None]) & (places > places[part, None])
        for row, other in np.argwhere(enough).tolist():
            asked += 1
            if asked > _MOST_ASKED:
                return near, False
            matcher.set_seqs(folded[start + row], folded[other])
            if matcher.ratio() >= _ALIKE:
                near.append((start + row, other))
    return near, True
