"""What every chart takes besides its data: a title, names, colors, a size, axes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from numbers import Real
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import is_color_like

from camdata._display.checks import wrong_type
from camdata._display.words import count, with_suggestion
from camdata.model.tally import Tally

Palette = Sequence[Any] | Mapping[Any, Any] | None
Labels = Mapping[str, str] | str | None
Size = tuple[float, float] | float | None

LONGEST = 60
"""How many characters of a name or label a chart shows."""

_RTL = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")


class Look(NamedTuple):
    """What every chart takes besides its data; `camdata.plots` says what each means."""

    title: str | None
    labels: Labels
    palette: Palette
    figsize: Size
    ax: Axes | None


def shown(name: str) -> str:
    """Return a name in one line, shortened if very long, isolated if it runs from right to left."""
    line = " ".join(str(name).split())
    line = line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"
    return f"\u2068{line}\u2069" if _RTL.search(line) else line


def about(tally: Tally | None) -> str:
    """Return the level and the number of statements, if known: ", 4 dimensions, 38 statements"."""
    if tally is None:
        return ""
    words = f", {count(len(tally.keys), tally.by)}"
    if tally.n_statements is not None:
        words += f", {count(tally.n_statements, 'statement')}"
    return words


def names_of(
    labels: Labels,
    tally: Tally | None,
    actors: pd.DataFrame | None,
    codebook: pd.DataFrame | None,
) -> tuple[dict[str, str], dict[str, str]]:
    """Return the names to write for actors and for codes that are not written as they are."""
    actors = actors if tally is None else tally.attributes
    codes = {} if tally is None else dict(zip(tally.keys, tally.labels, strict=True))
    if codebook is not None and "label" in codebook:
        codes |= _called(codebook["label"])
    if isinstance(labels, Mapping | pd.Series):
        given = _called(pd.Series(labels))
        return given, codes | given
    if labels is None:
        return {}, codes
    if not isinstance(labels, str):
        raise wrong_type("labels", "a mapping of names or the name of a column", labels)
    if actors is not None and labels in actors:
        return _called(actors[labels]), codes
    if codebook is not None and labels in codebook:
        return {}, _called(codebook[labels])
    known = [*(() if actors is None else actors), *(() if codebook is None else codebook)]
    if not known:
        raise ValueError(
            f"`labels` must be a mapping of names here, since this result has no table of actors, "
            f"but {labels!r} was passed."
        )
    raise ValueError(
        f"`labels` must be a mapping or name one of the columns {known}, but "
        f"{with_suggestion(labels, known)} was passed."
    )


def _called(column: pd.Series[Any]) -> dict[str, str]:
    return {str(key): str(value) for key, value in column.dropna().items()}


def check_type(name: str, value: object, kind: type) -> None:
    """Raise a TypeError unless a value is the result that a chart draws."""
    if not isinstance(value, kind):
        raise wrong_type(name, kind.__name__, value)


def check_palette(palette: object) -> Palette:
    if palette is None:
        return None
    if isinstance(palette, str) or not isinstance(palette, Sequence | Mapping) or not palette:
        raise wrong_type("palette", "a list of colors or a mapping to them", palette)
    for color in palette.values() if isinstance(palette, Mapping) else palette:
        if not is_color_like(color):
            raise ValueError(f"`palette` must hold colors of matplotlib, but {color!r} is none.")
    return palette


def check_size(figsize: object) -> tuple[float | None, float | None]:
    """Return the width and height of a figure, None where it is not given."""
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
