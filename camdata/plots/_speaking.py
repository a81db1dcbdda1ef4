"""Along the meeting: how dimensions build up, and how much of each intervention is coded."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from camdata.plots import _style
from camdata.positions import STATEMENTS


def buildup(positions: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw how many actors are recorded on each dimension, along the speaking order.

    Parameters
    ----------
    positions : pandas.DataFrame
        From ``Meeting.positions()``: dimensions (or a few codes) as columns.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default on a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        A step line for each column that rises by one where an actor is recorded on it, whatever
        its stance; a dot marks each rise. The place is that of the actor's first turn.

    Examples
    --------
    >>> import camdata as cam
    >>> ax = cam.plots.buildup(cam.load_meeting().positions())
    >>> ax.get_title(loc="left")
    'How each dimension builds up: 14 actors in speaking order, 38 statements'
    """
    held = positions.notna()
    risen = held.cumsum()
    colors = _style.dimension_colors(list(map(str, positions.columns)))
    x = np.arange(len(positions))
    with _style.style():
        ax = _style.axes(ax, (0.8 + 0.4 * len(positions), 2.6))
        highest = int(risen.to_numpy().max(initial=1))
        apart = 0.3 / max(len(positions.columns), 1)
        last = [float(n) for n in risen.iloc[-1]] if len(risen) else []
        ends = _style.spread(last, 0.07 * (highest + 1))
        for i, (name, end) in enumerate(zip(positions.columns, ends, strict=True)):
            # a little apart, so that lines at the same number are all seen
            color, steps = colors[str(name)], risen[name].to_numpy() + min(apart, 0.07) * i
            ax.step(x, steps, where="post", color=color, lw=2)
            at = held[name].to_numpy()
            ax.plot(x[at], steps[at], "o", color=color, ms=5.5, gid=f"rise {name}")
            ax.annotate(
                f"{name} ({risen[name].iloc[-1]})",
                (x[-1], steps[-1]),
                xytext=(len(x) - 0.55, end),
                textcoords="data",
                color=color,
                va="center",
                fontweight="bold",
                fontsize=9,
                annotation_clip=False,
            )
        ax.set_xticks(x, [f"{i}. {actor}" for i, actor in enumerate(positions.index, 1)])
        for tick in ax.get_xticklabels():
            tick.set(rotation=50, ha="right", rotation_mode="anchor")
        ax.set_ylim(-0.4, None)
        ax.yaxis.set_major_locator(MaxNLocator(integer=True))
        ax.set_ylabel("actors recorded so far")
        statements: dict[str, int] = positions.attrs.get(STATEMENTS, {})
        behind = sum(statements.get(actor, 0) for actor in positions.index)
        ax.set_title(
            f"How each {positions.columns.name or 'column'} builds up: "
            f"{_style.count(len(x), 'actor')} in speaking order"
            + (f", {_style.count(behind, 'statement')}" if statements else "")
        )
        final = ", ".join(f"{name} {number}" for name, number in risen.iloc[-1].items())
        _style.describe(
            ax, f"Step lines of the actors recorded on each column so far; at the end: {final}."
        )
    return ax


def coverage(coverage: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw how much of each intervention coded quotes cover, sentence by sentence.

    Parameters
    ----------
    coverage : pandas.DataFrame
        From ``Meeting.coverage()``.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default on a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        A bar for each intervention in the order of the text, its sentences side by side and as long
        as their text; the dark part of each is the share that some quote covers.

    Examples
    --------
    >>> import camdata as cam
    >>> ax = cam.plots.coverage(cam.load_meeting().coverage())
    >>> ax.get_title(loc="left")
    'What coded quotes cover: 28% of 25 interventions, 77 sentences'
    """
    length = (coverage["stop"] - coverage["start"]).astype("float64")
    blocks = list(coverage.assign(length=length).groupby("order", sort=False))
    with _style.style():
        ax = _style.axes(ax, (6.4, 0.2 + 0.25 * len(blocks)))
        names = []
        for row, (_, block) in enumerate(blocks):
            left = 0.0
            for size, share in zip(block["length"], block["covered"], strict=True):
                wide = max(size - 6, 0.6 * size)  # a gap before the next sentence
                ax.barh(row, wide, left=left, height=0.68, color="#dfe6ec", gid="sentence")
                full = wide * (0.0 if np.isnan(share) else share)
                ax.barh(row, full, left=left, height=0.68, color=_style.CLUSTERS[0], gid="covered")
                left += size
            covered = float((block["covered"] * block["length"]).sum() / block["length"].sum())
            ax.text(left + 8, row, f"{covered:.0%}", va="center", fontsize=8)
            names.append(str(block["actor"].iloc[0]))
        ax.set_yticks(range(len(blocks)), names)
        ax.set_ylim(len(blocks) - 0.4, -0.6)
        ax.tick_params(axis="y", length=0)
        ax.spines["left"].set_visible(False)
        ax.set_xlabel("characters of the report; gaps part sentences")
        ax.legend(
            handles=[
                Patch(fc=_style.CLUSTERS[0], label="inside a coded quote"),
                Patch(fc="#dfe6ec", label="not coded"),
            ],
            loc="lower right",
        )
        total = float((coverage["covered"] * length).sum() / length.sum()) if len(coverage) else 0.0
        ax.set_title(
            f"What coded quotes cover: {total:.0%} of {_style.count(len(blocks), 'intervention')}, "
            f"{_style.count(len(coverage), 'sentence')}"
        )
        _style.describe(
            ax,
            f"Bars of {_style.count(len(blocks), 'intervention')}, {total:.0%} of whose text lies "
            "inside coded quotes.",
        )
    return ax
