"""The grid of who is recorded on what: the first chart of a meeting."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from camdata._display.checks import check_choice, wrong_type
from camdata._display.words import count, minus
from camdata.analysis.clustering import Clusters, default_tree
from camdata.analysis.measures import agreement as agree
from camdata.model.meeting import Meeting
from camdata.model.tally import By, Tally, as_tally
from camdata.plots import _layout as lay
from camdata.plots import _style
from camdata.plots._grids import BRACKET, brackets, draw_cells, gapped
from camdata.plots._layout import Chart, chart
from camdata.plots._look import Labels, Look, Palette, Size
from camdata.plots._words import chance_of, number_word, sentence_of_groups

MANY = 200
"""With more actors than this, clusters are drawn in place of actors."""

PALE = "#cbc6bf"
"""The middle of an ordinal scale, darker than a cell in which nothing is recorded."""


@chart
def positions(
    of: Meeting | Tally | Clusters | pd.DataFrame,
    *,
    by: By | None = None,
    clusters: Clusters | None = None,
    order: Literal["agreement", "speaking"] = "agreement",
    title: str | None = None,
    labels: Labels = None,
    palette: Palette = None,
    figsize: Size = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the grid of actors and positions, ordered by agreement.

    Parameters
    ----------
    of : Meeting, Tally, Clusters or pandas.DataFrame
        A meeting; a tally or clusters, at their own level; or a frame of positions.
    by : {"code", "dimension"}, optional
        What the rows of a meeting's grid are, by default its codes.
    clusters : Clusters, optional
        Clusters of the same actors, at whatever level: they become groups of columns.
    order : {"agreement", "speaking"}
        The order of the actors. By agreement: cluster by cluster, the largest first, and in each
        by the number of statements; without clusters along the tree of the actors' agreement.
    title, labels, palette, figsize, ax
        As for every chart (`camdata.plots`); the palette names ``supports`` and ``opposes``.

    Returns
    -------
    matplotlib.axes.Axes
        Columns are actors, rows are codes below their dimensions. Blue is support, orange with a
        bar is opposition, half of each is both; outlined cells are recorded only through another's
        remark; pale cells have nothing recorded. The levels of an ordinal scale are steps between
        the two hues; several levels in a cell are drawn as their mean, with a white dot. With more
        than 200 actors in clusters, columns are the clusters, and a cell is filled by the share of
        members who support (from the left) and oppose (from the right).

    Raises
    ------
    ValueError
        If `by` is another level than that of a tally, or the clusters are of other actors.

    Examples
    --------
    >>> import camdata as cam
    >>> ax = cam.plots.positions(cam.load_meeting())
    >>> [label.get_text() for label in ax.get_yticklabels()][:2]
    ['Terms definition', 'Define “safe, regular, orderly”']
    """
    check_choice("order", order, ("agreement", "speaking"))
    if not isinstance(clusters, Clusters | None):
        raise wrong_type("clusters", "Clusters", clusters)
    tally, source = _tally_of(of, by)
    if isinstance(of, Clusters):
        clusters = of
    chart = Chart(Look(title, labels, palette, figsize, ax), tally)
    grid = _Grid.of(tally, clusters, order)
    if clusters is not None and len(tally.actors) > MANY:
        _draw_groups(chart, tally, clusters, grid)
        return chart.ax
    n = len(tally.actors)
    if chart.free_width and n > 30:
        chart.width = 10.0
    _say(chart, tally, clusters, grid, source)
    chart.key(_key(chart, tally, grid))
    along = np.argsort(grid.x)
    names = [chart.actor(tally.actors[i]) for i in along]
    named = lay.Names("top", grid.x[along], names, first=grid.rank[along])
    size = _lay_out(chart, tally, grid, named, clusters is not None)
    _draw(chart, tally, grid, size)
    if clusters is not None:
        brackets(chart, clusters.labels.reindex(list(tally.actors)), grid.x, size)
    return chart.ax


def _tally_of(of: Any, by: By | None) -> tuple[Tally, str]:
    """Return the tally to draw and where it comes from."""
    if isinstance(of, Meeting):
        return of.tally(by or "code"), str(of.metadata.get("title", ""))
    tally = of.agreement.tally if isinstance(of, Clusters) else as_tally(of)
    if tally is None:
        raise ValueError("These clusters come from a table of your own, which holds no positions.")
    if by not in (None, tally.by):
        raise ValueError(f"This tally counts by {tally.by}; one by {by} is made by its meeting.")
    return tally, ""


@dataclass
class _Grid:
    """Where actors and codes stand, and what is recorded in each cell.

    `x` and `y` are the places of actors and keys, `headings` those of dimensions, `rank` decides
    which names stay where not all have room, `held` is actors × keys × stances, `indirect` is True
    where all of it is recorded through another's remark.
    """

    x: lay.Floats
    y: lay.Floats
    headings: dict[str, float]
    rank: lay.Floats
    held: Any
    indirect: Any

    @classmethod
    def of(cls, tally: Tally, clusters: Clusters | None, order: str) -> _Grid:
        held = tally.dense() > 0
        names = _order_of_actors(tally, clusters, order)
        place = {name: at for at, name in enumerate(names)}
        x = np.array([place[name] for name in tally.actors], dtype=float)
        groups = None if clusters is None else clusters.labels.reindex(names)
        x = gapped(np.arange(len(names), dtype=float), groups)[x.astype(int)]
        recorded = held.any(axis=2)
        middle = np.where(
            recorded.any(axis=0),
            (recorded * x[:, None]).sum(axis=0) / np.maximum(recorded.sum(axis=0), 1),
            np.inf,
        )
        dimensions = tally.groups or ("",) * len(tally.keys)
        headings: dict[str, float] = {}
        y, at = np.zeros(len(tally.keys)), 0.0
        for name in dict.fromkeys(dimensions):
            inside = [i for i, other in enumerate(dimensions) if other == name]
            if name and tally.by != "dimension":
                headings[name] = at
                at += 1
            if order == "agreement":
                inside.sort(key=lambda i: middle[i])
            for i in inside:
                y[i] = at
                at += 1
            at += 0.25
        mean = recorded.sum(axis=0, keepdims=True) / max(len(tally.actors), 1)
        deviation = -np.abs(recorded - mean).sum(axis=1)
        return cls(x, y, headings, deviation, held, _indirect(tally))

    def cells(
        self,
        chart: Chart,
        where: Any,
        gid: str,
        part: tuple[float, float],
        tall: float,
        **look: Any,
    ) -> None:
        """Draw a part of the width of some cells, given by actor and key, and of their height."""
        i, j = np.nonzero(where)
        side = 0.9 if len(self.x) <= 60 else 1.0
        middle = (part[0] + part[1] - side) / 2
        draw_cells(chart, self.x[i] + middle, self.y[j], (part[1] - part[0], tall), gid, **look)


def orders(tally: Tally, clusters: Clusters | None) -> tuple[list[str], list[str]]:
    """Return all actors and all keys in the order in which the chart draws them."""
    grid = _Grid.of(tally, clusters, "agreement")
    actors = [tally.actors[i] for i in np.argsort(grid.x)]
    return actors, [tally.keys[i] for i in np.argsort(grid.y)]


def _order_of_actors(tally: Tally, clusters: Clusters | None, order: str) -> list[str]:
    """Return all actors in the order of their columns."""
    names = list(tally.actors)
    if clusters is not None:
        if set(clusters.labels.index) != set(names):
            raise ValueError("These clusters are of other actors than the grid.")
        known = tally.statements
        said = {name: 0 if known is None else -int(known[name]) for name in names}
        place = {name: at for at, name in enumerate(clusters.order)}
        if order == "speaking":
            said = place = {name: at for at, name in enumerate(names)}
        label = clusters.labels.astype("float64").fillna(np.inf)
        return sorted(names, key=lambda name: (label[name], said[name], place[name]))
    if order == "speaking" or len(names) < 3 or not tally.keys:
        return names
    return list(default_tree(agree(tally)).order)


def _indirect(tally: Tally) -> Any:
    """Return where all that is recorded is recorded through another's remark."""
    indirect = np.zeros((len(tally.actors), len(tally.keys)), dtype=bool)
    coded = tally.coded
    if coded is not None and coded.frame is not None and "basis" in coded.frame:
        basis = coded.frame["basis"]
        basis = basis if coded.rows is None else basis.iloc[coded.rows]
        referred = (basis == "by_reference").to_numpy(dtype=bool)
        indirect[coded.actor[referred], coded.key[referred]] = True
        indirect[coded.actor[~referred], coded.key[~referred]] = False
    return indirect


def _say(chart: Chart, tally: Tally, clusters: Clusters | None, grid: _Grid, source: str) -> None:
    """Set the finding, how to read the grid, and its size and source."""
    recorded = grid.held.any(axis=2)
    title = "Who is recorded with which position?"
    if clusters is not None:
        title = sentence_of_groups(chart, tally, clusters.labels) or title
    how = "clusters, the largest first" if clusters is not None else "agreement"
    subtitle = f"Each column is an actor, in the order of {how}; each row is a {tally.by}."
    known = tally.n_statements
    words = f"{count(len(tally.actors), 'actor')} × {count(len(tally.keys), tally.by)}"
    words += "" if known is None else f", {count(known, 'statement')}"
    if not tally.ordinal and recorded.any() and not _holds(tally, grid.held, -1).any():
        words += ". Nobody is recorded as opposing"
    silent = int((~recorded.any(axis=1)).sum())
    if silent:
        words += f". Nothing is recorded for {count(silent, 'actor')}"
    words += "" if clusters is None else f". {chance_of(clusters)}"
    alt = (
        f"Grid of {count(len(tally.actors), 'actor')} by {count(len(tally.keys), tally.by)}: "
        f"{count(int(recorded.sum()), 'cell')} with a recorded position. {title}"
    )
    end = "" if alt.endswith("?") else "."
    chart.says(title, subtitle, f"{words}. Source: {source}" if source else words, f"{alt}{end}")


def _holds(tally: Tally, held: Any, stance: int) -> Any:
    """Return where a stance is recorded, actors × keys."""
    return held[:, :, [level == stance for level in tally.stances]].any(axis=2)


def _lay_out(
    chart: Chart, tally: Tally, grid: _Grid, columns: lay.Names, bracketed: bool
) -> tuple[float, float]:
    """Lay out rows of codes below their dimensions and columns of actors or groups."""
    across = float(columns.at.max(initial=0)) + 1
    down = float(grid.y.max(initial=0)) + 1
    chart.span((-0.5, across - 0.5), (down - 0.5, -0.5))
    headings = list(grid.headings)
    words = [f"{chart.code(name)[:1].upper()}{chart.code(name)[1:]}" for name in headings]
    words += [chart.code(key) for key in tally.keys]
    at = np.array([*grid.headings.values(), *grid.y])
    order = np.argsort(at, kind="stable")
    bold = frozenset(int(np.flatnonzero(order == i)[0]) for i in range(len(headings)))
    rows = lay.Names(
        "left",
        at[order],
        [words[i] for i in order],
        first=np.where(order < len(headings), 0, 1),
        bold=bold,
        what="rows",
    )
    pitch = (0.22 if down <= 30 else 0.17) * chart.size
    return chart.lay_out(
        [rows, columns],
        width=max(0.3 * chart.size * across, 1.0),
        height=pitch * down,
        bottom=BRACKET * chart.size if bracketed else 0.0,
        right=0.03,
    )


def _draw(chart: Chart, tally: Tally, grid: _Grid, size: tuple[float, float]) -> None:
    """Draw the cells."""
    recorded = grid.held.any(axis=2)
    side = 0.9 if len(tally.actors) <= 60 else 1.0
    grid.cells(chart, ~recorded, "missing", (0, side), side, fc=chart.colors.empty)
    if tally.ordinal:
        _draw_levels(chart, tally, grid, size)
        return
    support, oppose = (_holds(tally, grid.held, level) for level in (1, -1))
    both = support & oppose
    thin = min(1.4, 20 * size[0] / len(tally.actors))
    for name, where, start, stop in (
        ("support", support & ~both, 0, 1),
        ("oppose", oppose & ~both, 0, 1),
        ("both: support", both, 0, 0.5),
        ("both: oppose", both, 0.5, 1),
    ):
        hue = chart.color("supports" if name.endswith("support") else "opposes")
        outline: dict[str, Any] = {"fc": chart.ground, "ec": hue, "lw": thin}
        for indirect in (False, True):
            here, part = where & (grid.indirect == indirect), (start * side, stop * side)
            look = outline if indirect else {"fc": hue}
            grid.cells(chart, here, name + " by reference" * indirect, part, side, **look)
            if name.endswith("oppose"):
                inset = 0.2 * (part[1] - part[0])
                part = (part[0] + inset, part[1] - inset)
                color = hue if indirect else chart.ground
                grid.cells(chart, here, "bar", part, 0.16 * side, fc=color)


def level_color(chart: Chart, level: float, stances: tuple[int, ...]) -> Any:
    """Return the color of a level: a step from the hue of opposition through pale to support."""
    low, high = min(stances), max(stances)
    share = (level - low) / max(high - low, 1)
    pale = _style.blend(PALE, chart.ground, 1.0 if chart.colors is _style.LIGHT else 0.45)
    end = chart.color("supports" if share >= 0.5 else "opposes")
    return _style.blend(end, pale, abs(2 * share - 1))


def _draw_levels(chart: Chart, tally: Tally, grid: _Grid, size: tuple[float, float]) -> None:
    """Draw the levels of an ordinal scale, with all their numbers or none."""
    number = grid.held.sum(axis=2)
    mean = (grid.held @ np.array(tally.stances, dtype=float)) / np.maximum(number, 1)
    limits = chart.ax.get_xlim(), chart.ax.get_ylim()
    wide, high = (72 * s / abs(b - a) for s, (a, b) in zip(size, limits, strict=True))
    written = {level: minus(f"{level:.1f}".removesuffix(".0")) for level in np.unique(mean)}
    longest = max((len(words) for words in written.values()), default=1)
    points = min(7.5 * chart.size, 0.85 * wide / (0.65 * longest), high / _style.LINE)
    side = 0.9 if len(tally.actors) <= 60 else 1.0
    for level in np.unique(mean[number > 0]):
        fill = level_color(chart, float(level), tally.stances)
        outline: dict[str, Any] = {"fc": chart.ground, "ec": fill, "lw": 1.4}
        for indirect, look in ((False, {"fc": fill}), (True, outline)):
            here = (number > 0) & (mean == level) & (grid.indirect == indirect)
            gid = f"level {level:g}" + " by reference" * indirect
            grid.cells(chart, here, gid, (0, side), side, **look)
            ink = _style.ink_on(look["fc"])
            for i, j in np.argwhere(here) if points >= _style.FLOOR else ():
                centered: dict[str, Any] = {"color": ink, "ha": "center", "gid": "number"}
                chart.text(grid.x[i], grid.y[j], written[level], points, **centered)
    dots = np.argwhere(number > 1)
    chart.ax.plot(
        grid.x[dots[:, 0]] + 0.3,
        grid.y[dots[:, 1]] - 0.3,
        "o",
        ms=min(2.5, 0.2 * wide),
        color=chart.ground,
        gid="several",
    )


def _key(chart: Chart, tally: Tally, grid: _Grid) -> list[Artist]:
    """Explain the signs that occur."""
    ground, handles = chart.ground, list[Artist]()
    recorded = grid.held.any(axis=2)
    if tally.ordinal:
        shown = sorted(tally.stances)
        if len(shown) > 7:
            shown = [shown[0], shown[len(shown) // 2], shown[-1]]
        for level in shown:
            fill = level_color(chart, level, tally.stances)
            handles.append(Patch(fc=fill, label=minus(str(level))))
    else:
        support, oppose = (_holds(tally, grid.held, level) for level in (1, -1))
        if support.any():
            handles.append(Patch(fc=chart.color("supports"), label="supports"))
        if oppose.any():
            handles.append(Patch(fc=chart.color("opposes"), label="opposes (with a bar)"))
        if (support & oppose).any():
            handles.append(Patch(fc=ground, ec=chart.colors.quiet, label="half of each: both"))
    if (grid.indirect & recorded).any():
        hue = chart.color("supports")
        handles.append(Patch(fc=ground, ec=hue, lw=1.4, label="only through another's remark"))
    if not recorded.all():
        handles.append(Patch(fc=chart.colors.empty, label="nothing recorded"))
    return handles


def _draw_groups(chart: Chart, tally: Tally, clusters: Clusters, grid: _Grid) -> None:
    """Draw clusters by codes: cells filled by the shares of members who support and oppose."""
    labels = clusters.labels.reindex(list(tally.actors))
    groups = sorted(int(label) for label in labels.dropna().unique())[:40]
    inside = np.array([(labels == label).fillna(False).to_numpy(dtype=bool) for label in groups])
    share = {}
    for name, sign in (("supports", 1), ("opposes", -1)):
        center = np.median(tally.stances) if tally.ordinal and 0 not in tally.stances else 0
        chosen = [sign * (level - center) > 0 for level in tally.stances]
        held = grid.held[:, :, chosen].any(axis=2)
        share[name] = np.array([held[members].mean(axis=0) for members in inside])
    grid.x = np.arange(len(groups), dtype=float)
    title = sentence_of_groups(chart, tally, labels) or "What do the groups stand for?"
    words = f"{count(len(tally.actors), 'actor')} in {count(clusters.n_clusters, 'cluster')}"
    if clusters.n_clusters > len(groups):
        words += f", the {number_word(len(groups))} largest drawn"
    chart.says(
        title,
        "A cell is filled by the share of the cluster's members who support (from the left) and "
        "oppose (from the right).",
        f"{words}; {count(len(tally.keys), tally.by)}. {chance_of(clusters)}",
        f"Grid of {words} by {count(len(tally.keys), tally.by)}. {title}.",
    )
    chart.key(Patch(fc=chart.color(name), label=name) for name in share if (share[name] > 0).any())
    sizes = [f"{g} ({n:,})" for g, n in zip(groups, inside.sum(axis=1), strict=True)]
    _lay_out(chart, tally, grid, lay.Names("top", grid.x, sizes, what="clusters"), False)
    every = np.ones((len(groups), len(tally.keys)), dtype=bool)
    grid.cells(chart, every, "missing", (0, 0.9), 0.9, fc=chart.colors.empty)
    for name, values in share.items():
        for i, j in np.argwhere(values > 0):
            wide, one = 0.9 * values[i, j], np.zeros_like(every)
            one[i, j] = True
            part = (0.0, wide) if name == "supports" else (0.9 - wide, 0.9)
            grid.cells(chart, one, f"share {name}", part, 0.9, fc=chart.color(name))
