"""Actors in a plane, the nearer the more they agree."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes

from camdata._display.words import count, join_names
from camdata.analysis.scaling import Coordinates
from camdata.plots import _placing as placing
from camdata.plots._layout import Chart, chart
from camdata.plots._look import Labels, Look, Palette, Size, about, check_type
from camdata.plots._words import measured

TOGETHER = 4
"""How many actors at one place are named; more are counted."""

CARRIED, R2 = 0.3, 0.6
"""With a smaller share and a lower R², neighbors on the map need not agree."""

RADIUS = 4.6
"""Of a dot in points, so that a number of two digits can be read in it."""


@chart
def map(
    coordinates: Coordinates,
    *,
    title: str | None = None,
    labels: Labels = None,
    palette: Palette = None,
    figsize: Size = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw actors in a plane, the nearer the more they agree.

    Parameters
    ----------
    coordinates : Coordinates
        From `camdata.coordinates`; those of clusters show their colors.
    title, labels, palette, figsize, ax
        As for every chart (`camdata.plots`); the palette is that of the clusters.

    Returns
    -------
    matplotlib.axes.Axes
        A dot for each place, with the names of all who are there; both axes have the same scale,
        and dots that would cover one another are moved apart. Each name is nearer to its own dot
        than to any other; a name without room is a number in its dot, listed below (left out with
        ``ax=``). Where the plane is a poor one (high stress, or less than 30% of the distances
        carried, with an R² below 0.6), the chart is one sentence that says so.

    Examples
    --------
    >>> import camdata as cam
    >>> agreement = cam.agreement(cam.load_meeting().tally())
    >>> ax = cam.plots.map(cam.coordinates(cam.cluster(agreement, n_clusters=2)))
    >>> ax.get_title(loc="left")
    'Where do the actors stand to one another?'
    """
    check_type("coordinates", coordinates, Coordinates)
    found, tally = coordinates.agreement, coordinates.agreement.tally
    clusters = coordinates.clusters
    chart = Chart(Look(title, labels, palette, figsize, ax), tally)
    if not len(coordinates.actors):
        words = f"None of {count(len(found.actors), 'actor')} can be placed."
        chart.sentence("There is no map", words)
        return chart.ax
    carried, stress = coordinates.share, coordinates.stress
    if coordinates.is_poor or (carried < CARRIED and coordinates.r2 < R2):
        chart.sentence(
            "No map: in two dimensions, neighbors need not agree",
            f"The plane carries {carried:.0%} of the distances between "
            f"{count(len(coordinates.actors), 'actor')} and distorts them with a stress of "
            f"{stress:.2f}; plots.agreement shows them all.",
        )
        return chart.ax
    numbered: dict[str, int | None] | None = None
    if clusters is not None:
        numbered = placing.group_numbers(clusters.labels)
    places = _places(coordinates, numbered)
    note = f"{count(len(coordinates.actors), 'actor')}{about(tally)}"
    if not np.isnan(carried):
        note += f". The plane carries {carried:.0%} of the distances, with a stress of {stress:.2f}"
    if len(coordinates.unplaced):
        names = [chart.actor(str(name)) for name in coordinates.unplaced.index]
        note += f". Unplaced: {join_names(names, 20)}"
    finding = "Where do the actors stand to one another?"
    subtitle = f"The nearer, the more alike. {measured(found)}."
    shown = numbered and {place.actors[0]: numbered[place.actors[0]] for place in places}
    look, key = placing.group_looks(chart, shown)
    chart.key(key)
    ax, radius = chart.ax, RADIUS * chart.size
    names = []
    for place in places:
        called = [placing.with_group(chart, actor, numbered) for actor in place.actors]
        more = len(called) - TOGETHER
        names.append("\n".join(called[:TOGETHER] + [f"and {more} more"] * (more > 0)))
    at = np.array([(place.x, place.y) for place in places])
    points = placing.Points(
        at.copy(),
        np.full(len(places), radius),
        names,
        size=max((8.0 if len(places) <= 30 else 7.0) * chart.size, 5.5),
    )
    low, high = at.min(axis=0), at.max(axis=0)
    middle, reach = (low + high) / 2, np.maximum((high - low) / 2, 0.05) * [1.3, 1.15]
    shape = float(np.clip(reach[1] / reach[0], 0.3, 0.95))

    def lay_out(write: bool) -> None:
        # one scale for both axes, and no more points on one spot than there are
        across, up = chart.lay_out(height=lambda wide: shape * wide, write=write)
        wide = max(reach[0], reach[1] * across / up)
        ax.set(xlim=(middle[0] - wide, middle[0] + wide))
        ax.set(ylim=(middle[1] - wide * up / across, middle[1] + wide * up / across))
        per_point = 2 * wide / (72 * across)
        points.at[:] = placing.spread(at, (2 * radius + 1) * per_point)

    chart.span((0, 1), (0, 1))
    alt = f"Map of {note}. {finding}"
    numbers = placing.name_points(chart, (finding, subtitle, note, alt), points, lay_out, "places")
    fills = []
    for place, (x, y) in zip(places, points.at, strict=True):
        drawn = look(place.actors[0])
        fills.append(drawn["fc"])
        gid = f"actors {'; '.join(place.actors)}"
        ax.scatter(x, y, (2 * radius) ** 2, lw=0.8, zorder=2, gid=gid, **drawn)
    placing.write_numbers(chart, points, numbers, fills)
    return ax


class _Place(NamedTuple):
    """Where some actors of one cluster (or of none) are."""

    x: float
    y: float
    label: int | None
    actors: list[str]


def _places(coordinates: Coordinates, labels: dict[str, int | None] | None) -> list[_Place]:
    """Return the different places, from top to bottom."""
    frame = coordinates.frame
    # what differs by less than this is one place: the eigenvectors are no more exact
    same = 1e-6 * max(float(np.abs(frame.to_numpy()).max(initial=0.0)), 1e-6)
    found: list[_Place] = []
    for actor, x, y in frame.itertuples():
        label = None if labels is None else labels[actor]
        for place in found:
            if place.label == label and max(abs(place.x - x), abs(place.y - y)) <= same:
                place.actors.append(actor)
                break
        else:
            found.append(_Place(x, y, label, [actor]))
    return sorted(found, key=lambda place: (-place.y, place.x))
