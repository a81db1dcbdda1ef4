"""Arguments checked in one place and in one voice; optional packages imported where needed."""

from __future__ import annotations

import importlib
import numbers
import operator
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from camdata._display.words import join_names, short_repr, with_suggestion

Choice = str | Iterable[str] | None
"""One value, several, or `None` for all."""
Labels = Mapping[str, str] | str | None
"""What actors and codes are called: by name, or the column of the actors' table that says it."""
Seed = int | np.random.Generator
"""Where random numbers come from: a whole number, or numpy's generator itself."""


def wrong_type(name: str, expected: str, value: object) -> TypeError:
    """Return the error for a value of the wrong type."""
    return TypeError(f"`{name}` must be {expected}, but {short_repr(value)} was passed.")


def check_choice(name: str, value: object, options: Iterable[object]) -> None:
    """Raise a ValueError that lists `options` unless `value` is one of them."""
    choices = list(options)
    if any(type(value) is type(choice) and value == choice for choice in choices):
        return
    words = [choice for choice in choices if isinstance(choice, str)]
    got = with_suggestion(value, words) if isinstance(value, str) else short_repr(value)
    among = f"[{join_names(map(repr, choices), 40)}]"
    raise ValueError(f"The value for `{name}` must be one of {among}, but {got} was passed.")


def as_list(name: str, chosen: Choice, known: Iterable[str]) -> list[str]:
    """Return a choice among `known` values as a list; unknown ones are an error."""
    values = as_names(name, chosen)
    options = list(known)
    inside = set(options)
    unknown = [value for value in values if value not in inside]
    if unknown or not values:
        named = ", ".join(with_suggestion(value, options) for value in unknown[:5]) or "nothing"
        among = f"[{join_names(map(repr, options), 40)}]"
        raise ValueError(f"The value for `{name}` must be among {among}, but {named} was passed.")
    return values


def as_names(name: str, chosen: object) -> list[str]:
    """Return one name or several as a list; anything that is no name is an error."""
    if isinstance(chosen, str):
        return [chosen]
    if isinstance(chosen, bytes | pd.DataFrame) or not isinstance(chosen, Iterable):
        raise wrong_type(name, "a name or several", chosen)
    values = list(chosen)
    for value in values:
        if not isinstance(value, str):
            raise TypeError(f"`{name}` must hold names, but {short_repr(value)} is among them.")
    return values


def names_from(labels: Labels, attributes: pd.DataFrame | None) -> dict[str, str]:
    """Return what is called otherwise than it is, by its name; `attributes` has a row per actor."""
    given: Any = {} if labels is None else labels
    if isinstance(labels, str):
        columns = [] if attributes is None else list(attributes)
        if attributes is None or labels not in columns:
            raise ValueError(
                "`labels` must be a mapping or name a column of the actors, which are here "
                f"{join_names(columns) or 'not known'}, but {with_suggestion(labels, columns)} was "
                "passed."
            )
        given = attributes[labels].dropna()
    elif not isinstance(given, Mapping | pd.Series):
        raise wrong_type("labels", "a mapping of names or the name of a column", labels)
    named = pd.Series(given, dtype=object).dropna()
    return {str(name): str(words) for name, words in named.items()}


def check_count(name: str, value: object, least: int = 1, most: int | None = 2**31 - 1) -> int:
    """Return a whole number from `least` to `most`, or raise what is wrong with it."""
    # an array of one number has an index, but is no number
    if isinstance(value, bool | np.bool_ | np.ndarray):
        raise wrong_type(name, "a whole number", value)
    try:
        number = operator.index(value)  # type: ignore[arg-type]
    except TypeError:
        raise wrong_type(name, "a whole number", value) from None
    if number < least:
        raise ValueError(f"`{name}` must be at least {least}, but {short_repr(number)} was passed.")
    if most is not None and number > most:
        raise ValueError(f"`{name}` must be at most {most:,}, but {short_repr(number)} was passed.")
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
    # float() also takes text, arrays of one number and days
    if isinstance(value, bool | np.bool_) or not isinstance(value, numbers.Real):
        raise wrong_type(name, "a number", value)
    try:
        number = float(value)
    except OverflowError:
        raise ValueError(f"`{name}` must be a smaller number.") from None
    if not np.isfinite(number):
        raise ValueError(f"`{name}` must be a finite number, but {value!r} was passed.")
    return number


def check_seed(value: object) -> np.random.Generator:
    """Return a generator of random numbers from a whole number, or the generator itself."""
    if isinstance(value, np.random.Generator):
        return value
    return np.random.default_rng(check_count("seed", value, least=0, most=None))


def seed_number(value: object) -> int:
    """Return a seed for what does not draw with numpy: the whole number, or one that is drawn."""
    if isinstance(value, np.random.Generator):
        return int(value.integers(2**63))
    return check_count("seed", value, least=0, most=None)


def check_path(name: str, value: object) -> Path:
    """Return where a file or folder is."""
    if not isinstance(value, str | Path) or not str(value) or "\0" in str(value):
        raise wrong_type(name, "a path", value)
    return Path(value)


def import_optional(module: str, extra: str) -> Any:
    """Import an optional dependency, or say which extra brings it."""
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name != module.partition(".")[0] and error.name != module:
            raise
        raise ImportError(
            f"This needs {module}, which is not installed: pip install 'camdata[{extra}]'"
        ) from error
