"""Names in a table: trimmed, merged by the user's aliases, compared."""

from __future__ import annotations

import importlib.util
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from camdata._display.words import count, join_names
from camdata.io.foreign import Log
from camdata.io.sheets import text_of
from camdata.model.columns import factorize

_UNSEEN = r"[\s\u00ad\u200b-\u200f\u2060\ufeff]+"
_AT_ENDS = re.compile(f"^{_UNSEEN}|{_UNSEEN}$")
_INSIDE = re.compile(r"\s+|[\u200b\u2060\ufeff]+")

_ALIKE = 85
"""The least similarity (rapidfuzz's ratio, 0 to 100) of names that are reported as similar."""
_MOST_NAMES = 3_000
"""How many of the most frequent names are compared with each other."""
_MOST_PAIRS = 50

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
    composed = unicodedata.normalize("NFC", words)
    return _AT_ENDS.sub("", _INSIDE.sub(lambda m: " " if m[0].isspace() else "", composed))


def read_words(column: pd.Series[Any], header: str, log: Log) -> Words:
    """Read a column of names, and record which were trimmed or composed."""
    codes, found = factorize(column.reset_index(drop=True))
    raw = [text_of(value) for value in found]
    clean = [trim(text) for text in raw]
    rows = np.bincount(codes[codes >= 0], minlength=len(raw))
    different = [i for i, text in enumerate(raw) if text != clean[i]]
    spaced = [i for i in different if unicodedata.normalize("NFC", raw[i]) != clean[i]]
    other = sorted({*different} - {*spaced})
    named = ("white space trimmed", spaced, repr), ("Unicode composed (NFC)", other, ascii)
    for what, changed, shown in named:
        before, after = (shown(raw[i]) for i in changed), (repr(clean[i]) for i in changed)
        log.add(what, header, join_names(before, 3), join_names(after, 3), rows[changed].sum())
    return _renamed(codes, clean)


def _renamed(number: NDArray[np.int64], new: Sequence[str]) -> Words:
    """Return a column whose words have new names; those without one are blank."""
    words = [word for word in dict.fromkeys(new) if word]
    place = {word: number for number, word in enumerate(words)} | {"": -1}
    return Words(np.array([*(place[word] for word in new), -1], dtype=np.int64)[number], words)


def merge(column: Words, aliases: Mapping[str, str], header: str, log: Log) -> Words:
    """Replace names by their aliases."""
    known = {trim(name): trim(other) for name, other in aliases.items()}
    new = [known.get(word, word) for word in column.words]
    for before, after, rows in zip(column.words, new, column.rows.tolist(), strict=True):
        if before != after:
            log.remark("name merged", header, before, after, rows)
    return _renamed(column.number, new)


def log_unused(aliases: Iterable[str], there: Iterable[str], log: Log) -> None:
    """Record the aliases whose names do not occur."""
    for name in sorted({*map(trim, aliases)} - {*map(trim, there)}):
        log.remark("alias not found", "", name, "")


def near_names(column: Words, header: str, log: Log, *, countries: bool = False) -> None:
    """Report names that look alike; none is merged.

    Parameters
    ----------
    column : Words
        The names.
    header : str
        The user's name of the column.
    log : Log
        The log.
    countries : bool
        Whether names and ISO codes of one country are reported as well; needs pycountry, which
        comes with ``camdata[excel]``. Names of two different countries are then never reported
        (Austria, Australia).
    """
    words, rows = column.words, column.rows
    known = countries and importlib.util.find_spec("pycountry") is not None
    if countries and not known:
        what = "names of countries not compared: pycountry is missing"
        log.remark(what, header, "", "pip install 'camdata[excel]'")
    iso = [_country(word) if known else "" for word in words]
    pairs = {(iso.index(k), n): SAME_COUNTRY for n, k in enumerate(iso) if k and k in iso[:n]}
    some = np.argsort(-rows, kind="stable")[:_MOST_NAMES].tolist()
    for i, j in _alike([words[number] for number in some]):
        a, b = some[i], some[j]
        if (b, a) not in pairs and not (iso[a] and iso[b]):
            pairs.setdefault((a, b), SAME_SPELLING)
    for (a, b), what in list(pairs.items())[:_MOST_PAIRS]:
        # prefer a country's name to its code, and both to other names
        rare, common = sorted((a, b), key=lambda n: (iso[n] != "", words[n] != iso[n], rows[n], -n))
        after = f"{words[common]} ({count(int(rows[common]), 'row')})"
        log.remark(what, header, words[rare], after, int(rows[rare]))
    if len(pairs) > _MOST_PAIRS:
        log.remark(SAME_SPELLING, header, f"{len(pairs) - _MOST_PAIRS:,} more pairs", "")
    if len(words) > _MOST_NAMES:
        log.remark("spelling compared in part: too many names", header, "", "")


def _country(name: str) -> str:
    """Return the ISO 3166-1 alpha-3 code of a country by its name or code; empty for others."""
    import pycountry

    if name.isdigit() or (len(name) <= 3 and not name.isupper()):
        return ""
    try:
        return str(pycountry.countries.lookup(name).alpha_3)
    except LookupError:
        return ""


def _alike(names: Sequence[str]) -> list[tuple[int, int]]:
    """Return the places of pairs of names with similar spelling.

    Pairs that differ in a number (Senator 12, Senator 13) and names of fewer than four letters are
    left out.
    """
    from rapidfuzz import fuzz, process

    plain = [unicodedata.normalize("NFKD", name.casefold()) for name in names]
    letters = ["".join(filter(str.isalnum, name)) for name in plain]
    digits = np.unique([re.sub(r"\D", "", name) for name in letters], return_inverse=True)[1]
    near = process.cdist(letters, letters, scorer=fuzz.ratio, score_cutoff=_ALIKE, dtype=np.uint8)
    long = np.array([len(name) >= 4 for name in letters], dtype=bool)
    pairs = np.argwhere(np.triu(near, 1))
    kept = long[pairs].all(axis=1) & (digits[pairs[:, 0]] == digits[pairs[:, 1]])
    return [(int(a), int(b)) for a, b in pairs[kept].tolist()]
