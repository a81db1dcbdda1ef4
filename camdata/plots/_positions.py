"""The grid of who is recorded on what."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle
from matplotlib.text import Text

from camdata.meeting import Meeting
from camdata.plots import _style
from camdata.positions import STATEMENTS, By, Choice

GAP = 0.35
SUPPORT, OPPOSE, BOTH, MISSING = "supports", "opposes", "both recorded", "nothing recorded"
BY_REFERENCE = "by reference only"


def positions(
    meeting: Meeting,
    *,
    by: By = "code",
    kinds: Choice = None,
    basis: Choice = None,
    coder: Choice = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the grid of actors and positions.

    Parameters
    ----------
    meeting : Meeting
        The meeting.
    by : {"code", "dimension"}
        What the columns are. Codes of one dimension stand together.
    kinds, basis, coder
        As for `Meeting.positions`.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default on a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        Rows are the actors in speaking order with the number of their statements. A full square
        supports, an empty one opposes, a full and an empty half are both recorded; hatched is
        recorded by reference only. A dash is nothing recorded, which is neither.

    Examples
    --------
    >>> import camdata as cam
    >>> ax = cam.plots.positions(cam.load_meeting())
    >>> ax.get_title(loc="left")
    'Recorded positions: 14 actors × 17 codes, 38 statements'
    """
    table = meeting.positions(by, kinds=kinds, basis=basis, coder=coder)
    indirect = pd.DataFrame(False, index=table.index, columns=table.columns)
    if basis is None and {"explicit", "by_reference"} <= set(meeting.statements.get("basis", ())):
        explicit = meeting.positions(by, kinds=kinds, basis="explicit", coder=coder)
        indirect = table.notna() & explicit.isna()
    codebook = meeting.codebook
    dimension_of = _dimensions(codebook, by, list(table.columns))
    label_of = {name: name for name in table.columns}
    if by == "code" and "label" in codebook:
        labelled = codebook.dropna(subset=["label"])
        label_of.update(zip(labelled["code"], labelled["label"], strict=True))
    columns = sorted(
        table.columns, key=lambda c: list(dimension_of.values()).index(dimension_of[c])
    )
    dimensions = list(dict.fromkeys(dimension_of[c] for c in columns))
    colors = _style.dimension_colors(dimensions)
    statements = table.attrs[STATEMENTS]
    gap = GAP if by == "code" else 0.0
    x = {c: i + gap * dimensions.index(dimension_of[c]) for i, c in enumerate(columns)}
    width, height = max(x.values(), default=0) + 1, len(table)
    with _style.style():
        ax = _style.axes(ax, (max(0.34 * width, 3.6), 0.25 * (height + 1)))
        for row, actor in enumerate(table.index):
            for column in columns:
                _cell(
                    ax,
                    (x[column], row),
                    table.at[actor, column],
                    colors[dimension_of[column]],
                    bool(indirect.at[actor, column]),
                )
            ax.text(
                width + 0.25, row, str(statements[actor]), ha="right", va="center", color=_style.INK
            )
        heading = ax.text(
            width + 0.25, -0.9, "statements", ha="left", va="bottom", rotation=50, fontsize=8
        )
        named: list[Text] = []
        for name in dimensions:
            inside = [x[c] for c in columns if dimension_of[c] == name]
            if not name or by == "dimension":
                continue
            left, right = min(inside) - 0.42, max(inside) + 0.42
            ax.add_patch(
                Rectangle(
                    (left, height - 0.35), right - left, 0.16, color=colors[name], clip_on=False
                )
            )
            named.append(
                ax.text(
                    (left + right) / 2,
                    height + 0.05,
                    name,
                    ha="center",
                    va="top",
                    color=colors[name],
                    fontweight="bold",
                )
            )
        ax.set_xticks([x[c] for c in columns], [label_of[c] for c in columns])
        ax.xaxis.tick_top()
        for tick in ax.get_xticklabels():
            tick.set(rotation=50, ha="left", rotation_mode="anchor", fontsize=8.5)
        ax.set_yticks(range(height), list(table.index))
        ax.set(xlim=(-0.6, width + 0.4), ylim=(height + 0.4, -0.6))
        ax.tick_params(length=0)
        ax.spines[:].set_visible(False)
        _turn_where_crowded(ax, named)
        _legend(ax, table, bool(indirect.to_numpy().any()), below=named)
        total = sum(statements[actor] for actor in table.index)
        noun = "code" if by == "code" else "dimension"
        title = (
            f"Recorded positions: {_style.count(height, 'actor')} × "
            f"{_style.count(len(columns), noun)}, {_style.count(total, 'statement')}"
        )
        _title_above(ax, title, heading)
        silent = [actor for actor in table.index if statements[actor] == 0]
        _style.describe(
            ax,
            f"Grid of {_style.count(height, 'actor')} in speaking order by "
            f"{_style.count(len(columns), noun)}: {int(table.notna().to_numpy().sum())} cells hold "
            f"a recorded position, the others nothing"
            + (f"; nothing at all is recorded of {', '.join(silent)}." if silent else "."),
        )
    return ax


def _dimensions(codebook: pd.DataFrame, by: By, columns: list[str]) -> dict[str, str]:
    if by == "dimension":
        return {name: name for name in columns}
    if "dimension" not in codebook:
        return dict.fromkeys(columns, "")
    named = codebook.set_index("code")["dimension"].fillna("").to_dict()
    return {name: str(named.get(name, "")) for name in columns}


def _cell(ax: Axes, at: tuple[float, float], value: Any, color: str, by_reference: bool) -> None:
    x, y = at
    side = 0.74
    corner = (x - side / 2, y - side / 2)
    if pd.isna(value):
        ax.plot([x - 0.11, x + 0.11], [y, y], color="#c4c4c4", lw=1.1, gid="missing")
        return
    face = color if value == 1 else "white"
    if by_reference:
        box = Rectangle(corner, side, side, fc="white", ec=color, lw=1.2, hatch="/////")
        box.set_gid("by_reference")
        ax.add_patch(box)
        if value != 1:
            sign = "−" if value == -1 else "±"
            ax.text(x, y, sign, ha="center", va="center", fontweight="bold", color=_style.INK)
        return
    box = Rectangle(corner, side, side, fc=face, ec=color, lw=1.4)
    box.set_gid({1: "support", -1: "oppose", 0: "both"}[int(value)])
    ax.add_patch(box)
    if value == 0:
        ax.add_patch(Rectangle(corner, side / 2, side, fc=color, ec="none"))
    if value == -1:
        ax.text(x, y, "−", ha="center", va="center", fontweight="bold", color=color)


def _title_above(ax: Axes, title: str, heading: Text) -> None:
    """Write the title higher where the turned heading of the counts would reach into it."""
    written = ax.set_title(title)
    figure = _style.figure_of(ax)
    figure.draw_without_rendering()
    low, high = written.get_window_extent().y0, heading.get_window_extent().y1
    if high > low - 2:
        ax.set_title(title, pad=14 + (high - low) * 72 / figure.dpi)


def _turn_where_crowded(ax: Axes, texts: list[Text]) -> None:
    """Turn the names of dimensions where they would run into one another."""
    _style.figure_of(ax).draw_without_rendering()
    boxes = [text.get_window_extent() for text in texts]
    if any(a.x1 > b.x0 - 2 for a, b in pairwise(boxes)):
        for text in texts:
            text.set(rotation=50, ha="right", va="top", rotation_mode="anchor")


def _legend(ax: Axes, table: pd.DataFrame, by_reference: bool, below: list[Text]) -> None:
    values = set(table.melt()["value"].dropna())
    grey = _style.INK
    handles: list[Patch | Line2D] = [Patch(fc=grey, ec=grey, label=SUPPORT)]
    if by_reference:
        handles.append(Patch(fc="white", ec=grey, hatch="/////", label=BY_REFERENCE))
    if -1 in values:
        handles.append(Patch(fc="white", ec=grey, label=f"{OPPOSE} (−)"))
    if 0 in values:
        handles.append(Patch(fc=_style.FAINT, ec=grey, label=f"{BOTH} (half)"))
    handles.append(Line2D([], [], color="#c4c4c4", lw=1.5, label=MISSING))
    _style.figure_of(ax).draw_without_rendering()
    lows = [text.get_window_extent().y0 for text in below]
    low = min([ax.get_window_extent().y0, *lows])
    ax.legend(
        handles=handles,
        loc="upper left",
        bbox_to_anchor=(0, ax.transAxes.inverted().transform((0, low))[1]),
        ncols=len(handles),
        handlelength=1.2,
        borderaxespad=0.8,
    )
