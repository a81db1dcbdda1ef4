"""Stances as people write them, read as the levels of a scale."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from camdata._display.checks import check_choice
from camdata._display.words import listed, nearest
from camdata.io._terms import AMBIGUOUS, MISSING_WORDS, STANCE_WORDS, VOTES, fold_stance
from camdata.model.schema import STANCES, scale_fault
from camdata.model.source import Change

Given = Mapping[str | int, int | None] | Sequence[int] | None
"""The meaning of words, or a scale whose levels are the numbers of the table."""

Votes = Literal["signs", "binary", "voeten", "rollcall"] | None
Zero = Literal["neutral", "both", "missing"] | None

_MOST_LEVELS = 11
"""More different numbers than a scale from 0 to 10 has are hardly stances."""


class Stances(NamedTuple):
    """What each word means.

    `levels` are the stances that a word stands for: none where it says that nothing is recorded.
    Words that mean nothing are in `unknown`, with what was expected and a function that says what
    was probably meant.
    """

    levels: dict[str, tuple[int, ...]]
    scale: tuple[int, ...]
    unknown: dict[str, tuple[str, Callable[[], str]]]


def read_stances(
    words: Sequence[str],
    given: Given,
    votes: Votes,
    *,
    place: str,
    zero: Zero = None,
    ask_zero: bool = False,
) -> Stances:
    """Read the different stances of a table.

    Parameters
    ----------
    words : sequence of str
        As they stand there.
    given, votes, zero
        What the caller says of them.
    place : str
        What to call the column in an error.
    ask_zero : bool
        Whether every 0 has to be told, or only one that might mean opposition.

    Raises
    ------
    ValueError
        If an argument is no mapping or scale, or if the table can be read in several ways.
    """
    told, scale = _given(given)
    if votes is not None:
        check_choice("votes", votes, VOTES)
    if zero is not None:
        check_choice("zero", zero, ("neutral", "both", "missing"))
        if votes is not None or scale or "0" in told:
            raise ValueError("`zero` was passed, but `votes` or `stances` say what a 0 is already.")
    numbers_told = any(_number(word) is not None for word in told if told[word] is not None)
    levels: dict[str, tuple[int, ...]] = {}
    unknown: dict[str, tuple[str, Callable[[], str]]] = {}
    usual = [*told, *STANCE_WORDS, *MISSING_WORDS]
    numbers: dict[str, int] = {}
    directed: list[str] = []
    for word in words:
        folded = fold_stance(word)
        number = _number(folded)
        key = folded if number is None else str(number)
        if key in told:
            level = told[key]
            levels[word] = () if level is None else (level,)
        elif number is not None and votes is not None:
            if number in VOTES[votes]:
                level = VOTES[votes][number]
                levels[word] = () if level is None else (level,)
            else:
                known = ", ".join(map(str, VOTES[votes]))
                unknown[word] = (f"one of {known} (votes={votes!r}), or a meaning in stances=", str)
        elif number is not None and scale and number not in scale:
            unknown[word] = (f"one of {', '.join(map(str, scale))}", str)
        elif number is not None and numbers_told:
            unknown[word] = ("a number that stances= gives a meaning", str)
        elif number is not None:
            numbers[word] = number
        elif folded in MISSING_WORDS:
            levels[word] = ()
        elif folded in STANCE_WORDS:
            levels[word] = (STANCE_WORDS[folded],)
            directed.append(word)
        else:
            expected = "a number or usual word for a stance, or its meaning in stances="
            unknown[word] = (expected, partial(_meant, folded, usual))
    found = set(numbers.values())
    if numbers and not scale:
        _check_numbers(found, directed, zero, ask_zero, place)
    for word, number in numbers.items():
        both = {"neutral": (0,), "both": (1, -1), "missing": ()}
        levels[word] = both[zero] if number == 0 and zero is not None else (number,)
    if not scale:
        used = {level for several in levels.values() for level in several}
        used |= {level for level in told.values() if level is not None}
        used |= {level for level in VOTES.get(votes or "", {}).values() if level is not None}
        scale = _scale(used)
    elif strange := {level for several in levels.values() for level in several} - set(scale):
        raise ValueError(
            f"{place} holds words for {listed(sorted(strange))}, which the scale "
            f"stances={scale} does not have."
        )
    return Stances(levels, scale, unknown)


def _meant(word: str, usual: Sequence[str]) -> str:
    near = nearest(word, usual) if len(word) > 2 else ""
    return f"did you mean {near!r}?" if near else ""


def is_stance(word: str, given: Given) -> bool:
    """Say whether a word can be a stance: a number, a usual word, or one with a given meaning."""
    folded = fold_stance(word)
    return _number(folded) is not None or folded in STANCE_WORDS or folded in _given(given)[0]


def is_plainly(word: str) -> bool:
    """Say whether a word is for stances and for little else: not yes, true or a number."""
    folded = fold_stance(word)
    return folded in STANCE_WORDS and folded not in AMBIGUOUS


def is_missing(word: str) -> bool:
    """Say whether a word usually says that nothing is recorded."""
    return fold_stance(word) in MISSING_WORDS


def _given(given: Given) -> tuple[dict[str, int | None], tuple[int, ...]]:
    """Return the meanings that were given by word, and the scale that was given instead."""
    if given is None:
        return {}, ()
    if not isinstance(given, Mapping):
        wrong = "text" if isinstance(given, str) else scale_fault(list(given))
        if wrong:
            raise ValueError(
                "`stances` must give words their meaning, such as {'support': 1, 'contra': -1}, or "
                f"be a scale of different whole numbers, such as (1, 0, -1), but holds {wrong}."
            )
        return {}, tuple(int(level) for level in given)
    told: dict[str, int | None] = {}
    for word, level in given.items():
        if level is not None and (scale_fault([level]) or isinstance(level, bool)):
            raise ValueError(
                f"`stances` must give each word a whole number, or None where it means that "
                f"nothing is recorded, but gives {word!r} {level!r}."
            )
        folded = fold_stance(str(word))
        number = _number(folded)
        told[folded if number is None else str(number)] = level
    return told, ()


def _number(word: str) -> int | None:
    """Return the whole number that a word is, if it is one."""
    match = re.fullmatch(r"([+-]?\d{1,18})(?:\.0+)?", word, re.ASCII)
    return int(match[1]) if match else None


def _scale(levels: set[int]) -> tuple[int, ...]:
    for usual in (STANCES, (1, 0, -1)):
        if levels <= set(usual):
            return usual
    return tuple(sorted(levels, reverse=True))


def _check_numbers(
    found: set[int], directed: list[str], zero: Zero, ask_zero: bool, place: str
) -> None:
    """Raise what has to be told before numbers can be taken as they are."""
    some = listed(sorted(found))
    if directed:
        raise ValueError(
            f"{place} holds numbers ({some}) and words ({listed(map(repr, directed))}): give each "
            f"number its meaning, such as stances={{{max(found)}: 1}}."
        )
    if zero == "both" and not found <= {1, 0, -1}:
        raise ValueError(f"zero='both' is for a table of 1, 0 and -1, but {place} holds {some}.")
    if 0 in found and zero is None and (ask_zero or found <= {1, 0}):
        ways = (
            "zero='neutral' (between 1 and -1), zero='both' (1 and -1 are both recorded), "
            "zero='missing' (nothing is recorded), "
            if ask_zero
            else ""
        )
        raise ValueError(
            f"{place} holds a 0 (among {some}): say what it is, by {ways}votes='signs' (abstains), "
            "votes='binary' (no), or a meaning such as stances={1: 1, 0: -1}."
        )
    if apart := _apart(found):
        none = ", ".join(f"{number}: None" for number in apart)
        raise ValueError(
            f"{place} holds {some}: far from the others, {listed(apart)} may stand for absent or "
            "missing. Say what the numbers are: by votes= ('binary', 'voeten', 'rollcall'), by "
            f"stances={{{none}}} where nothing is recorded, or by "
            f"stances={tuple(sorted(found, reverse=True))} where all are levels."
        )
    if len(found) > _MOST_LEVELS:
        raise ValueError(
            f"{place} holds {len(found)} different numbers ({some}), which are hardly stances. If "
            "they are, give the scale as stances=[…]; if not, say which columns are."
        )


def _apart(found: set[int]) -> list[int]:
    """Return numbers made of 7, 8 and 9 only and far from the others, as codes for absent are."""
    codes = sorted(number for number in found if set(str(abs(number))) <= set("789"))
    rest = found.difference(codes)
    if not rest:
        return []
    low, high = min(rest), max(rest)
    for number in codes:  # those that a scale goes on to are levels
        high = number if high < number <= high + 2 else high
    for number in reversed(codes):
        low = number if low - 2 <= number < low else low
    return [number for number in codes if not low <= number <= high]


def stance_changes(
    found: Stances, words: Sequence[str], rows: NDArray[np.int64], column: str
) -> list[Change]:
    """Say how words were read; numbers that were taken as they are go without saying."""
    changes = []
    for word, number in zip(words, rows.tolist(), strict=True):
        levels = found.levels.get(word)
        if levels is None or levels == (_number(fold_stance(word)),):
            continue
        after = " and ".join(map(str, levels)) or "missing"
        changes.append(Change("stance read as", column, word, after, int(number)))
    return changes
