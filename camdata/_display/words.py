"""Numbers, names and choices in words: the same in errors, summaries and charts."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence

import numpy as np


def count(number: int, noun: str, plural: str = "") -> str:
    """Return a number with its noun: 1 statement, 2 statements, 1,000 statements."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def capital(words: str) -> str:
    """Return words with a capital letter at the beginning."""
    return f"{words[:1].upper()}{words[1:]}"


def join_names(names: Iterable[object], most: int = 8) -> str:
    """Return names as a list in words, cut after the first `most` of them."""
    every = [str(name) for name in names]
    more = len(every) - most
    return ", ".join(every[:most]) + (f" and {more:,} more" if more > 0 else "")


def p_words(p: float) -> str:
    """Return a p value with two digits: never 0.00, and "not defined" where it is missing.

    What two digits would round to the level of 0.05 from above has three.
    """
    if np.isnan(p):
        return "p not defined"
    if 0.05 < p < 0.055:
        return f"p = {max(p, 0.051):.3f}"
    return "p < 0.01" if p < 0.005 else f"p = {p:.2f}"


def minus(number: str) -> str:
    """Return a number with a true minus, and nothing below zero that rounds to it."""
    return number.lstrip("-") if re.fullmatch("-0(\\.0+)?", number) else number.replace("-", "−")


def signed(value: float, digits: int = 2) -> str:
    """Return a number with its sign and so many decimals; what rounds to nothing has none."""
    words = f"{value:+.{digits}f}"
    return minus(words if float(words) else words[1:])


def decimals(value: float) -> str:
    """Return a coefficient with two decimals; only what is 1 is 1.00."""
    if np.isnan(value):
        return "not defined"
    words = f"{value:.2f}"
    return ">0.99" if words == "1.00" and value < 1 else minus(words)


def percent(share: float) -> str:
    """Return a share in per cent; only all is 100%, only none is 0%."""
    if np.isnan(share):
        return "no share"
    words = f"{share:.0%}"
    if words == "100%" and share < 1:
        return ">99%"
    return "<1%" if words == "0%" and share > 0 else words


def shorten(words: object, most: int = 60) -> str:
    """Return a value as it would be typed, cut after `most` characters."""
    text = words if isinstance(words, str) else _text(words, str)
    return repr(text if len(text) <= most else text[: most - 1] + "…")


def _text(value: object, form: Callable[[object], str]) -> str:
    try:
        return form(value)
    except (ValueError, RecursionError):  # a number of thousands of digits, lists within lists
        return f"a very long {type(value).__name__}"


def short_repr(value: object) -> str:
    """Return a value as it would be typed, or its type where that is too long."""
    text = _text(value, repr)
    shows_itself = type(value).__module__.startswith("camdata")
    if len(text) <= 60 and "\n" not in text and not shows_itself:
        return text
    name = type(value).__name__
    article = "an" if name[0].upper() in "AEIOU" else "a"
    return shorten(value) if isinstance(value, str) else f"{article} {name}"


def nearest(value: str, options: Sequence[str]) -> str:
    """Return the option that is most like `value`, or nothing where none is near.

    Likeness is the normalized indel similarity (`rapidfuzz.fuzz.ratio`) of how the names look,
    whatever their case; at least 66 of 100 counts as near.
    """
    from rapidfuzz import fuzz, process

    folded = skeleton(value[:400]).casefold()
    choices = {i: skeleton(option[:400]).casefold() for i, option in enumerate(options)}
    found = process.extractOne(folded, choices, scorer=fuzz.ratio, score_cutoff=66)
    near = options[found[2]] if folded and found is not None else ""
    return "" if near == value else near


def suggest(value: str, options: Sequence[str]) -> str:
    """Ask for the nearest of `options` where one is near; names that look alike are spelled out."""
    near = nearest(value, options)
    if not near:
        return ""
    apart = f" It is {near!a}, not {value!a}." if skeleton(near) == skeleton(value) else ""
    return f"did you mean {near!r}?{apart}"


def with_suggestion(value: str, options: Iterable[object]) -> str:
    """Return `value` as it would be typed, with the nearest of `options` where one is near."""
    words = suggest(value, [str(option) for option in options])
    return f"{shorten(value)} ({words})" if words else shorten(value)


_TWINS = str.maketrans(
    "АВЕКМНОРСТХІЈЅаеорсухіјѕһԁԛԝΑΒΕΖΗΙΚΜΝΟΡΤΥΧοѵ\u2010\u2011",
    "ABEKMHOPCTXIJSaeopcyxijshdqwABEZHIKMNOPTYXov--",
)
"""Cyrillic and Greek letters, and hyphens, that cannot be told from those of ASCII."""


def skeleton(name: str) -> str:
    """Return a name as it looks: accents composed, twins of Latin letters as these, blanks as one.

    Two different names of one look cannot be told apart on a screen.
    """
    if name.isascii():
        return " ".join(name.split())
    seen = unicodedata.normalize("NFC", name).translate(_TWINS)
    return " ".join("".join(c for c in seen if unicodedata.category(c) != "Cf").split())


def lookalikes(names: Iterable[str]) -> list[list[str]]:
    """Return the different names that look alike, in groups."""
    groups: dict[str, list[str]] = {}
    for name in dict.fromkeys(names):
        groups.setdefault(skeleton(name), []).append(name)
    return [group for group in groups.values() if len(group) > 1]
