"""Agreement as a network, references as arcs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Arc, FancyArrowPatch
from matplotlib.patheffects import withStroke
from numpy.typing import NDArray

from camdata.chance import NullModel
from camdata.clustering import cluster
from camdata.labels import Labeling, as_labels
from camdata.measures import is_bounded, measure_label
from camdata.meeting import Meeting
from camdata.networks import to_networkx
from camdata.plots import _style
from camdata.positions import STATEMENTS
from camdata.schema import need


def network(
    agreement: pd.DataFrame,
    clusters: Labeling | None = None,
    *,
    threshold: float = 0.0,
    backbone: NullModel | None = None,
    seed: int = 0,
    ax: Axes | None = None,
) -> Axes:
    """Draw agreement as a network.

    Parameters
    ----------
    agreement : pandas.DataFrame
        Actors × actors, from `camdata.agreement`.
    clusters : Clusters, Series or mapping, optional
        Colours of the actors; by default the clusters of `camdata.cluster` where the measure lies
        between 0 and 1, and none otherwise.
    threshold : float
        Only pairs above it are joined.
    backbone : NullModel, optional
        Only its significant pairs are joined; without any, the actors stand alone and the title
        says what that means.
    seed : int
        Seed of the layout.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default on a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        Width of an edge: agreement. Size of an actor: how many statements are recorded of it.
        Unplaced actors are hollow. Distances are those of a spring layout and mean nothing exact.

    Raises
    ------
    ImportError
        Without networkx, which comes with ``camdata[networks]``.

    Examples
    --------
    >>> import camdata as cam
    >>> ax = cam.plots.network(cam.agreement(cam.load_meeting().positions()), threshold=0.5)
    >>> ax.get_title(loc="left").splitlines()[0]
    'Shared recorded positions: 14 actors, 16 pairs above 0.5'
    """
    nx = need("networkx", "networks")
    agreement = agreement.sort_index().sort_index(axis="columns")
    values = agreement.to_numpy(dtype=float)
    largest = float(np.nanmax(values, initial=0.0))
    if clusters is None and is_bounded(agreement):
        clusters = cluster(agreement)
    labels = pd.Series(pd.NA, agreement.index, dtype="Int64")
    if clusters is not None:
        labels = as_labels(clusters).reindex(agreement.index)
    statements: dict[str, int] = agreement.attrs.get(STATEMENTS, {})
    graph = to_networkx(agreement, threshold=threshold, backbone=backbone)
    place = _layout(nx, graph, agreement, seed)
    names = list(graph)
    size = {actor: 60.0 + 45 * statements.get(actor, 2) for actor in names}
    side = 6.4 if len(names) <= 20 else 6.4 + 0.1 * (len(names) - 20)
    with _style.style():
        ax = _style.axes(ax, (side, side))
        for a, b in graph.edges:
            width = 0.5 + 4.5 * max(graph.edges[a, b]["weight"], 0) / (largest or 1)
            ax.plot(*zip(place[a], place[b], strict=True), color="#a9b4bf", lw=width, zorder=1)
        for actor in names:
            label = labels[actor]
            free = pd.isna(label)
            color = "white" if free else _style.cluster_color(int(label))
            x, y = place[actor]
            ax.scatter(
                x,
                y,
                s=size[actor],
                fc=color,
                ec=_style.INK if free else "white",
                lw=1.2,
                zorder=2,
                gid=f"actor {actor}",
            )
            if not free:
                ax.text(
                    x,
                    y,
                    str(int(label)),
                    ha="center",
                    va="center",
                    zorder=3,
                    fontsize=7,
                    fontweight="bold",
                    color=_style.ink_on(color),
                )
        span = 1.0 if len(names) < 2 else 1.22
        ax.set(xlim=(-span - 0.15, span + 0.15), ylim=(-span, span))
        ax.set_aspect("equal")
        ax.set_axis_off()
        _label_points(ax, place, size, 9 if len(names) <= 20 else 7)
        title = _network_title(agreement, graph, threshold, backbone)
        ax.set_title(title)
        notes = ["colour and number: cluster; hollow: unplaced"]
        if statements:
            notes.append("size: statements recorded")
        if graph.number_of_edges():
            notes.append("width: agreement")
        figure = _style.figure_of(ax)
        figure.draw_without_rendering()
        low = min([ax.get_window_extent().y0, *(t.get_window_extent().y0 for t in ax.texts)])
        ax.annotate(
            "; ".join(notes),
            (0, ax.transAxes.inverted().transform((0, low))[1]),
            xycoords="axes fraction",
            xytext=(0, -4),
            textcoords="offset points",
            va="top",
            fontsize=8,
            color=_style.FAINT,
        )
        alone = sorted(nx.isolates(graph))
        _style.describe(
            ax,
            f"Network of {_style.count(len(names), 'actor')}: "
            f"{_style.count(graph.number_of_edges(), 'pair')} joined"
            + (f"; {_style.count(len(alone), 'actor')} joined with nobody." if alone else "."),
        )
    return ax


def _network_title(
    agreement: pd.DataFrame, graph: Any, threshold: float, backbone: NullModel | None
) -> str:
    pairs = _style.count(graph.number_of_edges(), "pair")
    actors = _style.count(len(graph), "actor")
    name = measure_label(agreement)
    if backbone is None:
        above = f" above {threshold:g}" if threshold else " that share something"
        known = _style.behind(agreement.attrs)
        return f"Shared recorded positions: {actors}, {pairs}{above}\n({name}{known})"
    if graph.number_of_edges() == 0:
        return (
            f"An empty backbone: none of {_style.count(len(backbone.pairs), 'pair')} shares\n"
            "more than activity and popularity would give"
        )
    return f"Backbone: {actors}, {pairs} that share more than\nactivity and popularity would give"


def _layout(
    nx: Any, graph: Any, weights: pd.DataFrame, seed: int
) -> dict[str, tuple[float, float]]:
    """Place joined actors by the springs of all agreement, the others on a circle around them."""
    joined = [name for name in graph if graph.degree[name] > 0]
    alone = [name for name in graph if graph.degree[name] == 0]
    place = {}
    if joined:
        springs = to_networkx(weights.loc[joined, joined])
        k = 2.2 / np.sqrt(len(joined))
        found = nx.spring_layout(springs, seed=seed, k=k, iterations=300, weight="weight")
        points = np.array([found[name] for name in joined])
        points -= (points.max(axis=0) + points.min(axis=0)) / 2
        furthest = np.abs(points).max(axis=0)
        points /= np.where(furthest > 0, furthest, 1)
        points = _spread(points, least=1.1 / np.sqrt(len(joined)))
        points *= 0.8 if alone else 1.0
        place = {name: (float(x), float(y)) for name, (x, y) in zip(joined, points, strict=True)}
    for i, name in enumerate(alone):
        angle = 2 * np.pi * (i / len(alone)) + 0.6
        place[name] = (float(1.12 * np.cos(angle)), float(1.12 * np.sin(angle)))
    return place


def _spread(points: NDArray[np.float64], least: float) -> NDArray[np.float64]:
    """Push points apart until no two are nearer than `least`, within the square from -1 to 1."""
    points = points.copy()
    golden = np.pi * (3 - np.sqrt(5))
    for _ in range(200):
        moved = False
        for a in range(len(points)):
            for b in range(a):
                apart = points[a] - points[b]
                distance = float(np.hypot(*apart))
                if distance >= least - 1e-9:
                    continue
                angle = golden * (a + 1)  # a direction for points on one spot
                way = apart / distance if distance > 1e-9 else [np.cos(angle), np.sin(angle)]
                step = np.multiply(way, (least - distance) / 2)
                points[a] += step
                points[b] -= step
                moved = True
        points = np.clip(points, -1, 1)
        if not moved:
            break
    return points


def _label_points(
    ax: Axes, place: dict[str, tuple[float, float]], size: dict[str, float], fontsize: float
) -> None:
    """Write names beside points so that they cover neither points nor one another.

    Each name tries places around its point, near ones first, and takes the first free one, else the
    one that covers least.
    """
    figure = _style.figure_of(ax)
    figure.draw_without_rendering()
    scale = figure.dpi / 72
    taken = []
    for name, point in place.items():
        x, y = ax.transData.transform(point)
        r = np.sqrt(size[name]) / 2 * scale
        taken.append((x - r, y - r, x + r, y + r))
    angles = np.deg2rad([90, 270, 0, 180, 45, 135, 315, 225, 67, 113, 247, 293])
    for name, point in sorted(place.items(), key=lambda item: (-item[1][1], item[1][0])):
        text = ax.annotate(
            name,
            point,
            xytext=(0, 0),
            textcoords="offset points",
            ha="center",
            va="center",
            fontsize=fontsize,
            zorder=4,
            gid=f"label {name}",
        )
        text.set_path_effects([withStroke(linewidth=2.2, foreground="white")])
        box = text.get_window_extent()
        wide, high = box.width / 2 + 1.5 * scale, box.height / 2 + 1 * scale
        x, y = ax.transData.transform(point)
        best: tuple[float, float, float] | None = None
        for reach in (0, 7, 14, 24, 36, 50):
            r = np.sqrt(size[name]) / 2 * scale + (2 + reach) * scale
            for angle in angles:
                cx = x + np.cos(angle) * (r + wide)
                cy = y + np.sin(angle) * (r + high)
                covered = sum(
                    max(0, min(cx + wide, right) - max(cx - wide, left))
                    * max(0, min(cy + high, top) - max(cy - high, bottom))
                    for left, bottom, right, top in taken
                )
                if best is None or covered < best[0]:
                    best = (float(covered), float(cx), float(cy))
                if covered == 0:
                    break
            if best is not None and best[0] == 0:
                break
        assert best is not None
        _, cx, cy = best
        text.set_position(((cx - x) / scale, (cy - y) / scale))
        if np.hypot(cx - x, cy - y) > (wide + high + 20 * scale):
            ax.annotate(
                "",
                point,
                xytext=((cx - x) / scale, (cy - y) / scale),
                textcoords="offset points",
                zorder=1.5,
                arrowprops={"arrowstyle": "-", "color": _style.FAINT, "lw": 0.5},
            )
        taken.append((cx - wide, cy - high, cx + wide, cy + high))


RELATIONS = {
    "echoes": (_style.DIMENSIONS[0], "-"),
    "builds_on": (_style.DIMENSIONS[3], "-."),
    "supports": (_style.DIMENSIONS[1], "--"),
    "contrasts": (_style.DIMENSIONS[2], ":"),
}


def references(meeting: Meeting, *, ax: Axes | None = None) -> Axes:
    """Draw who refers to whom, as arcs along the speaking order.

    Parameters
    ----------
    meeting : Meeting
        The meeting; only the actors with a speaking order and those that they refer to or who refer
        to them are drawn, the latter two at the right.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default on a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        An arc goes from the one who refers to the one referred to, which its arrow points at; back
        in the speaking order above the line, forward below it. An open end with a question mark is
        unnamed in the report. Colour and line say the relation.

    Raises
    ------
    ValueError
        If the meeting has no references.

    Examples
    --------
    >>> import camdata as cam
    >>> ax = cam.plots.references(cam.load_meeting())
    >>> ax.get_title(loc="left")
    'Who refers to whom: 17 references, 7 of them with an unnamed end'
    """
    table = meeting.references
    if table.empty:
        raise ValueError("This meeting has no references.")
    actors = meeting.actors
    line = actors["actor"].tolist()
    if "speaking_order" in actors and actors["speaking_order"].notna().any():
        numbered = actors.dropna(subset=["speaking_order"]).sort_values("speaking_order")
        line = numbered["actor"].tolist()
    inside = table["actor"].isin(line) | table["target"].isin(line)
    table = table[inside]
    others = [
        name
        for name in actors["actor"]
        if name not in line and (table[["actor", "target"]] == name).any(axis=None)
    ]
    x = {name: float(i) for i, name in enumerate(line)}
    x |= {name: len(line) + 0.8 + i for i, name in enumerate(others)}
    with _style.style():
        ax = _style.axes(ax, (0.9 + 0.5 * len(x), 4.2))
        stubs: dict[str, int] = {}
        drawn: dict[tuple[str, str], int] = {}
        tallest = 1.0
        for actor, target, relation in table[["actor", "target", "relation"]].itertuples(
            index=False, name=None
        ):
            color, dashes = RELATIONS[relation]
            look = {"color": color, "ls": dashes, "lw": 1.6}
            if pd.isna(actor) or pd.isna(target):
                named = str(target if pd.isna(actor) else actor)
                shift = 0.16 * stubs.get(named, 0)
                stubs[named] = stubs.get(named, 0) + 1
                _stub(ax, x[named] - shift, look, inward=pd.isna(actor))
                continue
            again = drawn.get((actor, target), 0)
            drawn[actor, target] = again + 1
            height = _arc(ax, x[actor], x[target], look, stretch=1 + 0.35 * again)
            tallest = max(tallest, height)
        ax.scatter(list(x.values()), [0] * len(x), s=34, color=_style.INK, zorder=3)
        for name, at in x.items():
            number = f"{line.index(name) + 1}. " if name in line else ""
            ax.annotate(
                f"{number}{name}",
                (at, 0),
                xytext=(3, -30),
                textcoords="offset points",
                rotation=50,
                rotation_mode="anchor",
                ha="right",
                va="top",
                fontsize=9,
                gid=f"label {name}",
            )
        ax.set(xlim=(-1.2, max(x.values()) + 0.8), ylim=(-1.6, tallest + 0.6))
        ax.set_axis_off()
        used = [name for name in RELATIONS if (table["relation"] == name).any()]
        handles = [
            Line2D(
                [], [], color=RELATIONS[n][0], ls=RELATIONS[n][1], lw=1.6, label=n.replace("_", " ")
            )
            for n in used
        ]
        handles.append(Line2D([], [], color=_style.INK, marker="$?$", ls="", label="unnamed"))
        ax.legend(handles=handles, loc="upper left", bbox_to_anchor=(1, 1))
        unnamed = int(table[["actor", "target"]].isna().any(axis="columns").sum())
        title = f"Who refers to whom: {_style.count(len(table), 'reference')}"
        if unnamed:
            title += f", {unnamed} of them with an unnamed end"
        ax.set_title(title)
        most = table["target"].value_counts()
        _style.describe(
            ax,
            f"Arc diagram of {_style.count(len(table), 'reference')} along the speaking order, "
            f"{unnamed} with an unnamed end"
            + (
                f"; {most.index[0]} is referred to most, {most.iloc[0]} times."
                if len(most)
                else "."
            ),
        )
    return ax


def _arc(ax: Axes, start: float, stop: float, look: dict[str, Any], stretch: float) -> float:
    """Draw a half circle from start to stop, with an arrow at its end; return its height."""
    middle, width = (start + stop) / 2, abs(stop - start)
    back = stop < start
    height = width * 0.9 * stretch
    theta = (0, 180) if back else (180, 360)
    flat = height if back else min(height, 2.2)
    ax.add_patch(Arc((middle, 0), width, flat, theta1=theta[0], theta2=theta[1], **look))
    sign = 1 if back else -1
    ax.add_patch(
        FancyArrowPatch(
            (stop, sign * 0.42),
            (stop, sign * 0.1),
            arrowstyle="-|>",
            mutation_scale=10,
            color=look["color"],
            lw=0,
            shrinkA=0,
            shrinkB=0,
        )
    )
    return height / 2 if back else 0.0


def _stub(ax: Axes, at: float, look: dict[str, Any], inward: bool) -> None:
    """Draw a reference with an unnamed end as a short stem that ends in a question mark."""
    if inward:
        ax.plot([at, at + 0.5], [0.1, 0.95], **look)
        ax.text(at + 0.58, 1.0, "?", color=look["color"], ha="center", va="bottom", gid="unnamed")
        tip = FancyArrowPatch(
            (at + 0.2, 0.44),
            (at + 0.03, 0.12),
            arrowstyle="-|>",
            mutation_scale=10,
            color=look["color"],
            lw=0,
        )
        ax.add_patch(tip)
        return
    ax.plot([at, at - 0.4], [0.1, 0.85], **look)
    ax.text(at - 0.48, 0.9, "?", color=look["color"], ha="center", va="bottom", gid="unnamed")
