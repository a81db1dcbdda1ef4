"""Actors in a plane, the nearer the more they agree."""

from __future__ import annotations

from typing import NamedTuple, Unpack

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from camdata._display.checks import wrong_type
from camdata._display.words import count, listed
from camdata.analysis.scaling import Coordinates
from camdata.analysis.specifications import Multiverse
from camdata.plots import _chart, _figures, _look, _style
from camdata.plots._placing import ROOM, Floats, Point, keep, name_points, sentence, spread

TOGETHER = 6
"""So many actors at one place are named, more are counted."""


@_look.signed
def map(
    coordinates: Coordinates,
    *,
    multiverse: Multiverse | None = None,
    **look: Unpack[_look.Look],
) -> Axes:
    """Draw actors in a plane, the nearer the more they agree.

    Parameters
    ----------
    coordinates : Coordinates
        From `camdata.coordinates`; those of clusters show their colors and numbers.
    multiverse : Multiverse, optional
        From `camdata.multiverse`, of the same meeting: dots show its cores instead, and who swings
        between them is an open dot.
    title, labels, palette, figsize, ax
        As for every chart (`camdata.plots`); the palette is that of the clusters or
        cores.

    Returns
    -------
    matplotlib.axes.Axes
        A dot for each place, with the names of all who are there. Both axes have the same scale,
        and each says how much of the distances it carries. Dots that would cover one another are
        moved apart.

    Raises
    ------
    ValueError
        If the multiverse does not know all actors of the map.

    Examples
    --------
    >>> import camdata as cam
    >>> from camdata.analysis.scaling import coordinates
    >>> agreement = cam.agreement(cam.load_meeting().tally("code"))
    >>> ax = cam.plots.map(coordinates(cam.cluster(agreement, n_clusters=5)), figsize=8)
    >>> print(ax.get_title(loc="left"))
    13 actors in a plane that carries 40% of their distances
    (Jaccard coefficient, 17 codes, 38 statements)
    """
    if not isinstance(coordinates, Coordinates):
        raise wrong_type("coordinates", "Coordinates", coordinates)
    if not isinstance(multiverse, Multiverse | None):
        raise wrong_type("multiverse", "a Multiverse", multiverse)
    tally = coordinates.agreement.tally
    labels = _labels(coordinates, multiverse)
    places = _places(coordinates, labels)
    # what names of 9 points fill
    filled = sum(0.0113 * len(actor) for place in places for actor in place.actors)
    side = max(2.8 + 0.7 * np.sqrt(len(places)), np.sqrt(ROOM * filled))
    spans = np.ptp(coordinates.values, axis=0) if places else np.ones(2)
    shape = float(np.clip(spans[1] / (spans[0] or 1), 0.55, 1.0))
    with _chart.drawing((side, shape * side), tally=tally, **look) as chart:
        if not places:
            words = f"Nobody of {count(len(coordinates.agreement.actors), 'actor')} can be placed."
            sentence(chart, words)
            chart.says("Map: empty", words)
            return chart.ax
        ax = chart.ax
        low, high = coordinates.values.min(axis=0), coordinates.values.max(axis=0)
        middle, reach = (low + high) / 2, np.maximum((high - low) / 2, 0.05) * [1.3, 1.2]

        def scale() -> None:
            # one scale for both axes; an aspect of the axes would cut them, or warn of its limits
            across, up = chart.inches()
            wide = max(reach[0], reach[1] * across / up)
            tall = wide * up / across
            chart.ask_height(shape * across)
            ax.set(xlim=(middle[0] - wide, middle[0] + wide))
            ax.set(ylim=(middle[1] - tall, middle[1] + tall))

        def draw() -> None:
            scale()
            _draw(chart, places, marked=labels is not None)

        chart.adapt(scale)
        ax.set(xticks=[], yticks=[])
        for line in (ax.axhline, ax.axvline):
            line(0, color=_style.MISSING, lw=0.8, zorder=0)
        carried = _carried(coordinates)
        ax.set_xlabel(f"{carried[0]:.0%} of the distances")
        ax.set_ylabel(f"{carried[1]:.0%} of the distances")
        keep(chart, draw)
        across = (chart.fixed[0] or chart.size[0]) if chart.own else chart.inches()[0]
        points = 72 * across / (2 * max(reach[0], reach[1] / shape))
        if _nearest(places) * points < 2 * _radius(chart, marked=labels is not None):
            chart.note("dots that would cover one another are moved apart")
        if coordinates.is_little:
            chart.note("so little is carried that actors near one another need not agree")
        if multiverse is not None:
            chart.note(_cores(multiverse))
        elif coordinates.clusters is not None:
            chart.note("number and color: cluster")
        if len(coordinates.unplaced):
            chart.note(f"unplaced: {listed(chart.actors(coordinates.unplaced.index), 20)}")
        share = "" if np.isnan(coordinates.share) else f" that carries {coordinates.share:.0%}"
        words = f"{count(len(coordinates.actors), 'actor')} in a plane{share}"
        words += " of their distances" if share else ", no distances between them"
        known = f"({coordinates.agreement.label}{_look.about(tally)})"
        chart.says(f"{words}\n{known}", f"Map of {words}.")
    return ax


class _Place(NamedTuple):
    """Where some actors of one cluster or core (or of none) are."""

    x: float
    y: float
    label: int | None
    actors: list[str]


def _labels(coordinates: Coordinates, multiverse: Multiverse | None) -> pd.Series[int] | None:
    """Return the number that each actor's dot shows: its core's, or its cluster's."""
    if multiverse is None:
        return None if coordinates.clusters is None else coordinates.clusters.labels
    cores: pd.Series[int] = multiverse.frame["core"]
    if strange := sorted(set(coordinates.actors) - set(cores.index)):
        raise ValueError(f"`multiverse` does not know these actors of the map: {listed(strange)}.")
    return cores


def _cores(multiverse: Multiverse) -> str:
    """Say what dots mean where they show the cores of a multiverse."""
    made = count(len(multiverse.specifications), "specification")
    share = "all" if multiverse.threshold == 1 else f"at least {multiverse.threshold:.0%} of"
    if not multiverse.cores:
        return f"no two actors are together in {share} {made}"
    return f"number and color: core, together in {share} {made}; open: in no core"


def _places(coordinates: Coordinates, labels: pd.Series[int] | None) -> list[_Place]:
    """Return the different places, from top to bottom."""
    # what differs by less than this is one place: the eigenvectors are no more exact
    same = 1e-6 * max(float(np.abs(coordinates.values).max(initial=0.0)), 1e-6)
    found: list[_Place] = []
    for actor, (x, y) in zip(coordinates.actors, coordinates.values.tolist(), strict=True):
        label = pd.NA if labels is None else labels[actor]
        number = None if pd.isna(label) else int(label)
        for place in found:
            if place.label == number and max(abs(place.x - x), abs(place.y - y)) <= same:
                place.actors.append(actor)
                break
        else:
            found.append(_Place(x, y, number, [actor]))
    return sorted(found, key=lambda place: (-place.y, place.x))


def _carried(coordinates: Coordinates) -> Floats:
    """Return how much of the distances each axis carries."""
    carried = (coordinates.values**2).sum(axis=0)  # the eigenvalues
    total = carried.sum()
    return np.asarray(carried / total * coordinates.share if total > 0 else carried)


def _radius(chart: _chart.Chart, *, marked: bool) -> float:
    """Return how large a dot is, in points; one with a number needs room for it."""
    return float((6.5 if marked else 4.0) * chart.unit)


def _nearest(places: list[_Place]) -> float:
    """Return how far apart the two places are that are nearest to one another."""
    at = np.array([(place.x, place.y) for place in places])
    apart = at[:, None] - at[None, :]
    distance = np.hypot(apart[..., 0], apart[..., 1])[~np.eye(len(places), dtype=bool)]
    return float(distance.min(initial=np.inf))


def _draw(chart: _chart.Chart, places: list[_Place], *, marked: bool) -> None:
    """Draw dots and names as suits the size of the axes."""
    ax, scale = chart.ax, _figures.figure_of(chart.ax).dpi / 72
    radius = _radius(chart, marked=marked)
    pixels = ax.transData.transform([(place.x, place.y) for place in places])
    moved = spread(np.asarray(pixels, dtype=float), (2 * radius + 1) * scale)
    points = []
    for place, (x, y) in zip(
        places, ax.transData.inverted().transform(moved).tolist(), strict=True
    ):
        color = chart.accent if place.label is None else chart.cluster_color(place.label)
        # who is in no core (or cluster) where others are
        is_open = marked and place.label is None
        ax.plot(
            [x],
            [y],
            "o",
            ms=2 * radius - (1.2 if is_open else 0),
            mfc=chart.ground if is_open else color,
            mec=chart.ink if is_open else chart.ground,
            mew=1.2 if is_open else 0.8,
            zorder=2,
            gid=f"actors {'; '.join(place.actors)}",
        )
        if place.label is not None:
            ax.text(
                x,
                y,
                str(place.label),
                ha="center",
                va="center",
                zorder=3,
                fontsize=chart.font(0.78),
                fontweight="bold",
                color=_style.ink_on(color),
                gid=f"cluster {place.label}",
            )
        names = chart.actors(place.actors)
        more = [f"and {len(names) - TOGETHER} more"] if len(names) > TOGETHER else []
        points.append(Point("\n".join([*names[:TOGETHER], *more]), x, y, radius))
    name_points(ax, points, fontsize=chart.font(), linespacing=1.1)
