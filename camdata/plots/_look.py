"""What every chart takes besides its data: a title, names, colors, a size, axes."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from numbers import Real
from typing import Any, ParamSpec, TypedDict

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import is_color_like

from camdata._display.words import count, did_you_mean
from camdata.model.tally import Tally

P = ParamSpec("P")

MADE = "(made by the chart)"
"""The title that stands for the chart's own."""

LONGEST = 48
"""How many characters of a name or label a chart shows."""


class Look(TypedDict, total=False):
    """What every chart takes besides its data; `camdata.plots` says what each means."""

    title: str | None
    labels: Mapping[str, str] | str | None
    palette: Sequence[Any] | Mapping[Any, Any] | None
    figsize: tuple[float, float] | float | None
    ax: Axes | None


def signed(function: Callable[P, Axes]) -> Callable[P, Axes]:
    """Show the keywords of `Look` in a chart's signature, where help and editors look for them."""
    signature = inspect.signature(function)
    own = [p for p in signature.parameters.values() if p.kind is not p.VAR_KEYWORD]
    look = [
        inspect.Parameter(
            name,
            inspect.Parameter.KEYWORD_ONLY,
            default=MADE if name == "title" else None,
            annotation=annotation,
        )
        for name, annotation in Look.__annotations__.items()
    ]
    signature = signature.replace(parameters=[*own, *look])

    @functools.wraps(function)
    def drawn(*args: P.args, **kwargs: P.kwargs) -> Axes:
        signature.bind(*args, **kwargs)
        return function(*args, **kwargs)

    drawn.__signature__ = signature  # type: ignore[attr-defined]
    return drawn


def names_of(
    labels: Mapping[str, str] | str | None,
    actors: pd.DataFrame | None,
    codebook: pd.DataFrame | None,
) -> tuple[dict[str, str], dict[str, str]]:
    """Return what actors and what codes are called where that is not their own name."""
    codes: dict[str, str] = {}
    if codebook is not None and "label" in codebook:
        codes = {str(key): str(v) for key, v in codebook["label"].dropna().items()}
    if labels is None:
        return {}, codes
    if isinstance(labels, Mapping | pd.Series):
        given = {str(key): str(value) for key, value in labels.items()}
        return given, codes | given
    if not isinstance(labels, str):
        raise TypeError(
            "`labels` must be a mapping of names or the name of a column, but "
            f"{labels!r} was passed."
        )
    for table, called in ((actors, {}), (codebook, codes)):
        if table is not None and labels in table:
            called |= {str(key): str(v) for key, v in table[labels].dropna().items()}
            return (called, codes) if table is actors else ({}, called)
    known = [*(() if actors is None else actors), *(() if codebook is None else codebook)]
    raise ValueError(
        f"`labels` must be a mapping or name one of the columns {known}, but "
        f"{did_you_mean(labels, known)} was passed."
    )


def colors_of(palette: object) -> Sequence[Any] | Mapping[Any, Any] | None:
    if palette is None:
        return None
    if isinstance(palette, str) or not isinstance(palette, Sequence | Mapping) or not palette:
        raise TypeError(
            f"`palette` must be a list of colors or a mapping to them, but {palette!r} was passed."
        )
    for color in palette.values() if isinstance(palette, Mapping) else palette:
        if not is_color_like(color):
            raise ValueError(f"`palette` must hold colors of matplotlib, but {color!r} is none.")
    return palette


def figure_size(figsize: object) -> tuple[float | None, float | None]:
    """Return the width and height that a figure must have, None where it is free."""
    if figsize is None:
        return None, None
    sides: list[Any] = list(figsize) if isinstance(figsize, Iterable) else [figsize]
    right = all(isinstance(side, Real) and 0 < float(side) < np.inf for side in sides)
    if not right or len(sides) not in (1, 2):
        raise ValueError(
            "`figsize` must be a width and a height in inches (or a width alone), but "
            f"{figsize!r} was passed."
        )
    return float(sides[0]), float(sides[1]) if len(sides) == 2 else None


def shown(name: str) -> str:
    """Return a name in one line, cut where it is very long."""
    line = " ".join(str(name).split())
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"


def about(tally: Tally | None) -> str:
    """Return ", 4 dimensions, 38 statements": the level, and on how many statements if known."""
    if tally is None:
        return ""
    words = f", {count(len(tally.keys), tally.by)}"
    if tally.n_statements is not None:
        words += f", {count(tally.n_statements, 'statement')}"
    return words
