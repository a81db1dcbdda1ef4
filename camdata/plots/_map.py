"""Actors in a plane, the nearer the more they agree."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from camdata._display.words import count, join_names
from camdata.analysis.scaling import Coordinates
from camdata.plots import _placing as placing
from camdata.plots._layout import Chart, chart
from camdata.plots._look import Labels, Look, Palette, Size, about
from camdata.plots._words import measured

TOGETHER = 12, 4
"""How many actors at one place are named; more are counted, the first where all have room."""

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
    found, tally = coordinates.agreement, coordinates.agreement.tally
    chart = Chart(Look(title, labels, palette, figsize, ax), tally)
    placed, carried = count(len(coordinates.actors), "actor"), coordinates.share
    if len(coordinates.actors) < 2:
        return chart.sentence("There is no map", "No two actors have anything to compare.")
    if coordinates.is_poor or (carried < CARRIED and coordinates.r2 < R2):
        return chart.sentence(
            "No map: in two dimensions, neighbors need not agree",
            f"The plane carries {carried:.0%} of the distances between {placed} and distorts them "
            f"with a stress of {coordinates.stress:.2f}; plots.agreement shows them all.",
        )
    numbers: placing.GroupNumbers = None
    if coordinates.clusters is not None:
        numbers = placing.group_numbers(coordinates.clusters.labels)
    places = _places(coordinates, numbers)
    if len(places) == 1:
        words = f"All positions of {placed} agree, so that they stand at one place."
        return chart.sentence("There is no map", words)
    note = f"{placed}{about(tally)}"
    if not np.isnan(carried + coordinates.stress):
        note += f". The plane carries {carried:.0%} of the distances, with a stress of "
        note += f"{coordinates.stress:.2f}"
    if len(coordinates.unplaced):
        names = [chart.actor(str(name)) for name in coordinates.unplaced.index]
        note += f". Unplaced: {join_names(names, 20)}"
    finding = "Where do the actors stand to one another?"
    said = finding, f"The nearer, the more alike. {measured(found)}.", note
    leading = [actors[0] for actors in places["actors"]]
    chart.key(placing.group_key(chart, numbers and {name: numbers[name] for name in leading}))
    ax, radius = chart.ax, RADIUS * chart.size

    def stacks(most: int) -> list[str]:
        names = []
        for actors in places["actors"]:
            called = [placing.with_group(chart, actor, numbers) for actor in actors]
            more = len(called) - most
            names.append("\n".join(called[:most] + [f"and {more} more"] * (more > 0)))
        return names

    at = places[["x", "y"]].to_numpy()
    size = max((8.0 if len(places) <= 30 else 7.0) * chart.size, 5.5)
    looks = [placing.group_look(chart, name, numbers) for name in leading]
    gids = [f"actors {'; '.join(actors)}" for actors in places["actors"]]
    radii = np.full(len(places), radius)
    points = placing.Points(at.copy(), radii, stacks(TOGETHER[0]), looks, gids, size=size)
    low, high = at.min(axis=0), at.max(axis=0)
    middle, reach = (low + high) / 2, np.maximum((high - low) / 2, 0.05) * [1.3, 1.15]
    shape = float(np.clip(reach[1] / reach[0], 0.3, 0.95))

    def lay_out() -> None:
        # one scale for both axes, and no more points on one spot than there are
        across, up = chart.lay_out(height=lambda wide: shape * wide)
        wide = max(reach[0], reach[1] * across / up)
        ax.set(xlim=(middle[0] - wide, middle[0] + wide))
        ax.set(ylim=(middle[1] - wide * up / across, middle[1] + wide * up / across))
        points.at[:] = placing.spread(at, (2 * radius + 1) * 2 * wide / (72 * across))

    chart.span((0, 1), (0, 1))
    alt = f"Map of {note}. {finding}"
    if places["actors"].str.len().max() > TOGETHER[1]:
        chart.says(*said, alt)
        lay_out()
        if np.isnan(points.place(chart)).any():
            points.names[:] = stacks(TOGETHER[1])
    placing.draw_points(chart, (*said, alt), points, lay_out, "places")
    return ax


def _places(coordinates: Coordinates, numbers: placing.GroupNumbers) -> pd.DataFrame:
    """Return the different places of one group (or of none) and who is there, from the top."""
    frame = coordinates.frame
    # what differs by less than this is one place: the eigenvectors are no more exact
    same = 1e-6 * max(float(np.abs(frame.to_numpy()).max(initial=0.0)), 1e-6)
    table = frame.assign(actors=frame.index, group=frame.index.map((numbers or {}).get))
    keys = [*(frame / same).round().to_numpy().T, table["group"]]
    found = table.groupby(keys, dropna=False, sort=False)
    places = found.agg({"x": "first", "y": "first", "actors": list})
    return places.sort_values(["y", "x"], ascending=[False, True], kind="stable")
