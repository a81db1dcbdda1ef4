"""What several doors share: names kept apart, positions counted otherwise, what was left out."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from camdata.io._stances import Stances, read_stances
from camdata.io._terms import fold_stance
from camdata.model.cells import unix_newlines
from camdata.model.errors import Fault
from camdata.model.schema import TABLES
from camdata.model.source import Change


class Unreadable(Exception):
    """A file, or a part of it, that cannot be read; carries what stands in the way."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__()
        self.faults = faults


def kept_apart(
    names: Iterable[str], table: str, prefix: str, also: Iterable[str] = ()
) -> dict[str, str]:
    """Name foreign columns so that none is taken for a column of camdata's.

    Parameters
    ----------
    names : iterable of str
        The names in the file; each gets one.
    table : str
        The table of `camdata.schema.TABLES` that the columns join.
    prefix : str
        What is put before a name that is taken, or empty.
    also : iterable of str
        Further names that are taken.

    Returns
    -------
    dict of str to str
        The file's names to those of the columns.
    """
    taken = {spec.name for spec in TABLES[table].fields} | {"", *also}
    found: dict[str, str] = {}
    for name in names:
        column = unix_newlines(name.replace("\0", "")).strip()
        while column in taken:
            column = prefix + column
        taken.add(column)
        found[name] = column
    return found


def unix_positions(text: str, *, utf16: bool = False) -> NDArray[np.int64] | None:
    """Say where each position in a text stands once its newlines are unix ones.

    Parameters
    ----------
    text : str
        The text as the other program has it.
    utf16 : bool
        Whether that program counts UTF-16 code units, as Java and .NET do: a character beyond the
        basic plane counts for two. Otherwise it counts code points.

    Returns
    -------
    numpy.ndarray of int64, optional
        For each position from 0 to the length of the text, both included, the code point in
        ``unix_newlines(text)``; -1 inside a character. Nothing where no position changes.
    """
    data = text.encode("utf-16-le") if utf16 else b""
    if "\r" not in text and len(data) in (0, 2 * len(text)):
        return None
    units = np.frombuffer(data, "<u2") if utf16 else np.frombuffer(text.encode("utf-32-le"), "<u4")
    second = (units >= 0xDC00) & (units <= 0xDFFF) if utf16 else np.zeros(len(units), dtype=bool)
    dropped = second.copy()
    dropped[:-1] |= (units[:-1] == 13) & (units[1:] == 10)
    places = np.concatenate([[0], np.cumsum(~dropped)])
    places[:-1][second] = -1
    return places


def title_of(path: Path) -> str:
    """Return the name of a file as a title; bytes of it that are no UTF-8 are written out."""
    return path.stem.encode("utf-8", "backslashreplace").decode()


def left_out(what: str, column: str, why: str, rows: int) -> list[Change]:
    """Report something that was not taken over; nothing where there is none of it."""
    return [Change(f"{what} left out", column, why, "", rows)] if rows else []


def text_names(names: Iterable[str]) -> list[str]:
    """Return names that can be those of files, each once, as near to the given ones as may be."""
    usual = [re.sub(r"[/\\\0\n\r\t]+", "_", name).strip().lstrip(".") for name in names]
    return each_once(name.encode()[:150].decode(errors="ignore") or "document" for name in usual)


def each_once(names: Iterable[str]) -> list[str]:
    """Return names, those that are there already with a number after them, in any case.

    Examples
    --------
    >>> each_once(["Ann", "Bo", "ann"])
    ['Ann', 'Bo', 'ann (2)']
    """
    given = list(names)
    taken = {name.casefold() for name in given}
    last: dict[str, int] = {}
    found = []
    for name in given:
        folded, own = name.casefold(), name
        if folded in last:
            while own.casefold() in taken:
                last[folded] += 1
                own = f"{name} ({last[folded]})"
            taken.add(own.casefold())
        else:
            last[folded] = 1
        found.append(own)
    return found


Words = Mapping[str | int, int | None] | None
"""What the words for stances mean; the usual English ones where nothing is said."""


class Levels(NamedTuple):
    """The stances that each word stands for, all of them, and the words that mean nothing."""

    levels: Mapping[str, tuple[int, ...]]
    scale: tuple[int, ...]
    faults: list[Fault]


def word_levels(words: Iterable[str], stances: Words, place: Fault) -> Levels:
    """Read words for stances that stand in a file.

    Parameters
    ----------
    words : iterable of str
        The words.
    stances : mapping, optional
        What they mean, by the user.
    place : Fault
        Where they stand; expected and got are filled in.

    Raises
    ------
    Unreadable
        If the words are numbers that can be read in several ways.
    ValueError
        If `stances` gives no whole numbers.
    """
    read_stances([], stances, None, place="")
    try:
        found: Stances = read_stances(sorted(set(words)), stances, None, place="it")
    except ValueError as error:
        expected = "words for stances, or their meaning in stances="
        raise Unreadable(place._replace(expected=expected, got=str(error))) from None
    faults = [
        place._replace(expected=expected, got=repr(word), nearest=near)
        for word, (expected, near) in found.unknown.items()
    ]
    return Levels(found.levels, found.scale, faults)


class Suffixed(NamedTuple):
    """A name in two: what it is about, and the word for a stance at its end."""

    name: str
    word: str


def stance_suffix(name: str, known: Container[str]) -> Suffixed:
    """Split a word for a stance off the end of a name, as in "tax: oppose", "tax (pro)", "tax +".

    Parameters
    ----------
    name : str
        The name of a code or a tag.
    known : container of str
        The words for stances, as `camdata.io._terms.fold_stance` writes them.

    Returns
    -------
    Suffixed
        The longest such word; it is empty where the name ends with none, and the name is empty
        where it is nothing but such a word.

    Examples
    --------
    >>> stance_suffix("Carbon tax (in favor)", {"favor", "in favor"})
    Suffixed(name='Carbon tax', word='in favor')
    >>> stance_suffix("protax", {"tax"})
    Suffixed(name='protax', word='')
    """
    for start in range(max(0, len(name) - 60), len(name)):
        apart = start == 0 or not name[start - 1].isalnum() or not name[start].isalnum()
        word = name[start:].strip(" ()[]:;,/|_.")
        if apart and fold_stance(word) in known:
            return Suffixed(name[:start].strip(" ()[]:;,/|_.-\u2013\u2014"), word)
    return Suffixed(name, "")
