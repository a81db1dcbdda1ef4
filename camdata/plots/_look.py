"""What every chart takes besides its data: a title, names, colors, a size, axes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from numbers import Real
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import is_color_like

from camdata._display.checks import Labels as Labels
from camdata._display.checks import wrong_type
from camdata._display.words import count, short_repr
from camdata.model.tally import Tally

Palette = Sequence[Any] | Mapping[Any, Any] | None
Size = tuple[float, float] | float | None

LONGEST_NAME = 60
"""How many characters of a name or label a chart shows."""

_RTL = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")

MADE_BY = {
    "Agreement": "an Agreement, from cam.agreement(meeting.tally())",
    "ClusterChoice": "a ClusterChoice, from cam.cluster_choice(agreement)",
    "Clusters": "Clusters, from cam.cluster(agreement)",
    "Coordinates": "Coordinates, from cam.coordinates(agreement)",
    "DataFrame": "a DataFrame",
    "Meeting": "a Meeting, from cam.load_meeting(path)",
    "Multiverse": "a Multiverse, from cam.multiverse(meeting)",
    "NullModel": "a NullModel, from cam.analysis.null_model(meeting.tally())",
    "Profile": "a Profile, from cam.profile(clusters)",
    "Reliability": "a Reliability, from cam.reliability(meeting)",
    "Sensitivity": "a Sensitivity, from cam.analysis.sensitivity(clusters)",
    "Tally": "a Tally, from meeting.tally()",
    "Windows": "Windows, from cam.windows(meeting)",
    "coverage": "a DataFrame, from meeting.coverage()",
}
"""What makes each class that a chart draws; or, under its name, what a single chart draws."""


class Look(NamedTuple):
    """What every chart takes besides its data; `camdata.plots` says what each means."""

    title: str | None
    labels: Labels
    palette: Palette
    figsize: Size
    ax: Axes | None


def wrong_result(chart: str, argument: str, kinds: Iterable[type], value: object) -> TypeError:
    """Return the error for something that a chart does not draw, with the call that makes it."""
    names = [chart] if chart in MADE_BY else [kind.__name__ for kind in kinds]
    return TypeError(
        f"plots.{chart} needs {', or '.join(MADE_BY[name] for name in names)}, but "
        f"{short_repr(value)} was passed as `{argument}`."
    )


def shown(name: str) -> str:
    """Return a name in one line, shortened if very long, isolated if it runs from right to left."""
    line = " ".join(str(name).split())
    line = line if len(line) <= LONGEST_NAME else f"{line[: LONGEST_NAME - 1]}…"
    return f"\u2068{line}\u2069" if _RTL.search(line) else line


def about(tally: Tally | None) -> str:
    """Return the level and the number of statements, if known: ", 4 dimensions, 38 statements"."""
    if tally is None:
        return ""
    words = f", {count(len(tally.keys), tally.by)}"
    known = tally.n_statements
    return words if known is None else f"{words}, {count(known, 'statement')}"


def as_palette(palette: object) -> dict[Any, Any]:
    """Return colors by the numbers of groups and the names of stances."""
    if palette is None:
        return {}
    if isinstance(palette, str) or not isinstance(palette, Sequence | Mapping) or not palette:
        raise wrong_type("palette", "a list of colors or a mapping to them", palette)
    for color in palette.values() if isinstance(palette, Mapping) else palette:
        if not is_color_like(color):
            raise ValueError(f"`palette` must hold colors of matplotlib, but {color!r} is none.")
    if isinstance(palette, Mapping):
        return dict(palette)
    stances = zip(("supports", "opposes"), palette, strict=False)
    return {**dict(enumerate(palette, 1)), **dict(stances)}


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
