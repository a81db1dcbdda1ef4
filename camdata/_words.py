"""Numbers, names and choices in words: the same in errors, summaries and charts."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence

import numpy as np


def count(number: int, noun: str, plural: str = "") -> str:
    """Return a number with its noun: 1 statement, 2 statements, 1,000 statements."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def listed(names: Iterable[object], most: int = 8) -> str:
    """Return names as a list in words, cut after the first `most` of them."""
    every = [str(name) for name in names]
    more = len(every) - most
    return ", ".join(every[:most]) + (f" and {more:,} more" if more > 0 else "")


def p_words(p: float) -> str:
    """Return a p value in words: never 0.00, and "not defined" where it is missing."""
    if np.isnan(p):
        return "p not defined"
    if p < 0.001:
        return "p < 0.001"
    return f"p = {p:.3f}" if p < 0.1 else f"p = {p:.2f}"


def shorten(words: object, most: int = 60) -> str:
    """Return a value as it would be typed, cut after `most` characters."""
    text = words if isinstance(words, str) else str(words)
    return repr(text if len(text) <= most else text[: most - 1] + "…")


def nearest(value: str, options: Sequence[str]) -> str:
    """Return the option that is most like `value`, or nothing where none is near.

    Differences in case only always count as near. Of very many or very long options only those of a
    similar length are looked at, so that no value takes long.
    """
    value = value[:200]
    folded = value.strip().casefold()
    for option in options:
        if option.casefold() == folded and option != value:
            return option
    low, high = 0.6 * len(value), len(value) / 0.6
    similar = [option for option in options if low <= len(option) <= high][:20_000]
    near = difflib.get_close_matches(value, similar, n=1, cutoff=0.6)
    return near[0] if near else ""


def did_you_mean(value: str, options: Iterable[object]) -> str:
    """Return `value` as it would be typed, with the nearest of `options` where one is near."""
    near = nearest(value, [str(option) for option in options])
    return f"{shorten(value)} (did you mean {near!r}?)" if near else shorten(value)
