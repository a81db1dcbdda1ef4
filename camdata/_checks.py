"""Arguments checked in one place and in one voice; optional packages imported where needed."""

from __future__ import annotations

import importlib
import operator
from collections.abc import Iterable
from typing import Any

import numpy as np

from camdata._words import did_you_mean, shorten

Choice = str | Iterable[str] | None
"""One value, several, or `None` for all."""


def check_choice(name: str, value: object, options: Iterable[object]) -> None:
    """Raise a ValueError that lists `options` unless `value` is one of them."""
    choices = list(options)
    if any(type(value) is type(choice) and value == choice for choice in choices):
        return
    words = [choice for choice in choices if isinstance(choice, str)]
    got = did_you_mean(value, words) if isinstance(value, str) else shorten(repr(value))
    raise ValueError(f"The value for `{name}` must be one of {choices}, but {got} was passed.")


def as_list(name: str, chosen: Choice, known: Iterable[str]) -> list[str]:
    """Return a choice among `known` values as a list; unknown ones are an error."""
    if isinstance(chosen, str):
        values: list[Any] = [chosen]
    elif isinstance(chosen, Iterable):
        values = list(chosen)
    else:
        raise TypeError(f"The value for `{name}` must be a name or several, got {chosen!r}.")
    options = list(known)
    unknown = [value for value in values if value not in options]
    if unknown or not values:
        named = ", ".join(did_you_mean(str(value), options) for value in unknown[:5]) or "nothing"
        raise ValueError(f"The value for `{name}` must be among {options}, but {named} was passed.")
    return values


def check_count(name: str, value: object, least: int = 1) -> int:
    """Return a whole number of at least `least`, or raise what is wrong with it."""
    if isinstance(value, bool | np.bool_):
        raise TypeError(f"`{name}` must be a whole number, but {value!r} was passed.")
    try:
        number = operator.index(value)  # type: ignore[arg-type]
    except TypeError:
        raise TypeError(f"`{name}` must be a whole number, but {value!r} was passed.") from None
    if number < least:
        raise ValueError(f"`{name}` must be at least {least}, but {number} was passed.")
    return number


def check_share(name: str, value: object, *, open_ended: bool = False) -> float:
    """Return a number from 0 to 1 (both left out where `open_ended`), or raise what is wrong."""
    number = check_number(name, value)
    inside = 0 < number < 1 if open_ended else 0 <= number <= 1
    if not inside:
        ends = "between 0 and 1" if open_ended else "from 0 to 1"
        raise ValueError(f"`{name}` must be a number {ends}, but {value!r} was passed.")
    return number


def check_number(name: str, value: object) -> float:
    """Return a finite number as a float, or raise what is wrong with it."""
    if isinstance(value, bool | np.bool_ | str | bytes):
        raise TypeError(f"`{name}` must be a number, but {value!r} was passed.")
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        raise TypeError(f"`{name}` must be a number, but {value!r} was passed.") from None
    if not np.isfinite(number):
        raise ValueError(f"`{name}` must be a finite number, but {value!r} was passed.")
    return number


def check_seed(value: object) -> np.random.Generator:
    """Return a generator of random numbers from a whole number, or the generator itself."""
    if isinstance(value, np.random.Generator):
        return value
    return np.random.default_rng(check_count("seed", value, least=0))


def need(module: str, extra: str) -> Any:
    """Import an optional dependency, or say which extra brings it."""
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name != module.partition(".")[0] and error.name != module:
            raise
        raise ImportError(
            f"This needs {module}, which is not installed: pip install 'camdata[{extra}]'"
        ) from error
