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
from camdata._display.words import capital, count, minus
from camdata.analysis.clustering import Clusters, default_tree
from camdata.analysis.measures import agreement as agree
from camdata.model.meeting import Meeting
from camdata.model.tally import By, Tally, as_tally
from camdata.plots import _style
from camdata.plots._grids import BRACKET, brackets, draw_cells, gapped
from camdata.plots._layout import Chart, Floats, Names, chart
from camdata.plots._look import MADE_BY, Labels, Look, Palette, Size
from camdata.plots._words import chance_of, level_words, number_word, sentence_of_groups

MOST_COLUMNS = 200
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
        raise wrong_type("clusters", MADE_BY["Clusters"], clusters)
    tally, source = _tally_of(of, by)
    clusters = of if isinstance(of, Clusters) else clusters
    wide = 10.0 if 30 < len(tally.actors) <= MOST_COLUMNS else 7.0
    chart = Chart(Look(title, labels, palette, figsize, ax), tally, usual_width=wide)
    if not tally.actors or not tally.keys:
        return chart.sentence("No position is recorded", "No actor is recorded on anything.")
    grid = _Board.of(tally, clusters, order)
    if clusters is not None and len(tally.actors) > MOST_COLUMNS:
        _draw_groups(chart, clusters, grid)
        return chart.ax
    _say(chart, clusters, grid, order, source)
    chart.key(_key(chart, grid))
    along = np.argsort(grid.x)
    names = [chart.actor(tally.actors[i]) for i in along]
    named = Names("top", grid.x[along], names, first=grid.rank[along])
    size = _lay_out(chart, grid, named, bracketed=clusters is not None)
    empty, side = chart.colors.empty, grid.side
    grid.cells(chart, ~grid.recorded, "missing", (0, side), side, fc=empty)
    (_draw_levels if tally.ordinal else _draw_stances)(chart, grid, size)
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
class _Board:
    """Where actors and codes stand, and what is recorded in each cell.

    `x` and `y` are the places of actors and keys, `headings` those of dimensions, `rank` decides
    which names stay where not all have room, `held` is actors × keys × stances, `recorded` where
    any of them is, `indirect` where all of it is recorded through another's remark.
    """

    tally: Tally
    x: Floats
    y: Floats
    headings: dict[str, float]
    rank: Floats
    held: Any
    recorded: Any
    indirect: Any

    @classmethod
    def of(cls, tally: Tally, clusters: Clusters | None, order: str) -> _Board:
        names = _order_of_actors(tally, clusters, order)
        groups = None if clusters is None else clusters.labels.reindex(names)
        at = gapped(np.arange(len(names), dtype=float), groups)
        x = at[pd.Index(names).get_indexer(pd.Index(tally.actors))]
        held = tally.dense() > 0
        recorded = held.any(axis=2)
        number = recorded.sum(axis=0)
        total = (recorded * x[:, None]).sum(axis=0)
        middle = np.where(number, total / np.maximum(number, 1), np.inf)
        dimensions = np.array(tally.groups or ("",) * len(tally.keys), dtype=object)
        headings: dict[str, float] = {}
        y, top = np.zeros(len(tally.keys)), 0.0
        for name in dict.fromkeys(dimensions):
            inside = np.flatnonzero(dimensions == name)
            if name and tally.by != "dimension":
                headings[name] = top
                top += 1
            if order == "agreement":
                inside = inside[np.argsort(middle[inside], kind="stable")]
            y[inside] = top + np.arange(len(inside))
            top += len(inside) + 0.25
        deviation = np.asarray(-np.abs(recorded - number / max(len(names), 1)).sum(axis=1))
        return cls(tally, x, y, headings, deviation, held, recorded, _indirect(tally))

    @property
    def side(self) -> float:
        """The side of a cell."""
        return 0.9 if len(self.x) <= 60 else 1.0

    def holds(self, stance: int) -> Any:
        """Return where a stance is recorded, actors × keys."""
        return self.held[:, :, [level == stance for level in self.tally.stances]].any(axis=2)

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
        middle = (part[0] + part[1] - self.side) / 2
        draw_cells(chart, self.x[i] + middle, self.y[j], (part[1] - part[0], tall), gid, **look)

    def fill(
        self, chart: Chart, where: Any, gid: str, part: tuple[float, float], hue: Any, line: float
    ) -> None:
        """Fill cells; those that are recorded through another's remark only are outlined."""
        look: dict[str, Any] = {"fc": chart.ground, "ec": hue, "lw": line}
        self.cells(chart, where & ~self.indirect, gid, part, self.side, fc=hue)
        self.cells(chart, where & self.indirect, f"{gid} by reference", part, self.side, **look)


def orders(tally: Tally, clusters: Clusters | None) -> tuple[list[str], list[str]]:
    """Return all actors and all keys in the order in which the chart draws them."""
    grid = _Board.of(tally, clusters, "agreement")
    actors = [tally.actors[i] for i in np.argsort(grid.x)]
    return actors, [tally.keys[i] for i in np.argsort(grid.y)]


def _order_of_actors(tally: Tally, clusters: Clusters | None, order: str) -> list[str]:
    """Return all actors in the order of their columns."""
    names = list(tally.actors)
    if clusters is None:
        if order == "speaking" or len(names) < 3 or not tally.keys:
            return names
        return list(default_tree(agree(tally)).order)
    if set(clusters.labels.index) != set(names):
        raise ValueError("These clusters are of other actors than the grid.")
    place = {name: at for at, name in enumerate(clusters.order)}
    keys = pd.DataFrame({"label": clusters.labels.reindex(names).astype("float64")})
    if order == "agreement":
        keys["said"] = 0 if tally.statements is None else -tally.statements
        keys["place"] = keys.index.map(place)
    return list(keys.sort_values(keys.columns.tolist(), kind="stable").index)


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


def _say(chart: Chart, clusters: Clusters | None, grid: _Board, how: str, source: str) -> None:
    """Set the finding, how to read the grid, and its size and source."""
    tally = grid.tally
    title = "Who is recorded with which position?"
    if clusters is not None:
        title = sentence_of_groups(chart, tally, clusters.labels) or title
        how = "clusters, the largest first"
    actors, keys = count(len(tally.actors), "actor"), count(len(tally.keys), tally.by)
    silent = int((~grid.recorded.any(axis=1)).sum())
    unopposed = not tally.ordinal and grid.recorded.any() and not grid.holds(-1).any()
    known = tally.n_statements
    note = [
        f"{actors} × {keys}" + ("" if known is None else f", {count(known, 'statement')}"),
        "Nobody is recorded as opposing" if unopposed else "",
        f"Nothing is recorded for {count(silent, 'actor')}" if silent else "",
        "" if clusters is None else chance_of(clusters),
        f"Source: {source}" if source else "",
    ]
    cells = count(int(grid.recorded.sum()), "cell")
    chart.says(
        title,
        f"Each column is an actor, in the order of {how}; each row is a {tally.by}.",
        ". ".join(filter(None, note)),
        f"Grid of {actors} by {keys}: {cells} with a recorded position. {title}.",
    )


def _lay_out(chart: Chart, grid: _Board, columns: Names, *, bracketed: bool) -> tuple[float, float]:
    """Lay out rows of codes below their dimensions and columns of actors or groups."""
    across = float(columns.at.max(initial=0)) + 1
    down = float(grid.y.max(initial=0)) + 1
    chart.span((-0.5, across - 0.5), (down - 0.5, -0.5))
    headings = grid.headings
    words = [capital(chart.code(name)) for name in headings]
    words += [chart.code(key) for key in grid.tally.keys]
    at = np.array([*headings.values(), *grid.y])
    order = np.argsort(at, kind="stable")
    bold = frozenset(np.flatnonzero(order < len(headings)).tolist())
    rows = Names("left", at[order], [words[i] for i in order], bold=bold, what="rows")
    pitch = (0.22 if down <= 30 else 0.17) * chart.size
    return chart.lay_out(
        [rows, columns],
        width=max(0.3 * chart.size * across, 1.0),
        height=pitch * down,
        bottom=BRACKET * chart.size if bracketed else 0.0,
        right=0.03,
    )


def _draw_stances(chart: Chart, grid: _Board, size: tuple[float, float]) -> None:
    """Draw support, opposition with a bar, and both as half of each."""
    support, oppose = grid.holds(1), grid.holds(-1)
    both, half = support & oppose, grid.side / 2
    thin = min(1.4, 20 * size[0] / len(grid.x))
    for name, where, start, stop in (
        ("support", support & ~both, 0.0, grid.side),
        ("oppose", oppose & ~both, 0.0, grid.side),
        ("both: support", both, 0.0, half),
        ("both: oppose", both, half, grid.side),
    ):
        hue = chart.color("opposes" if name.endswith("oppose") else "supports")
        grid.fill(chart, where, name, (start, stop), hue, thin)
        if name.endswith("oppose"):
            inset, tall = 0.2 * (stop - start), 0.16 * grid.side
            for here, bar in ((~grid.indirect, chart.ground), (grid.indirect, hue)):
                part = (start + inset, stop - inset)
                grid.cells(chart, where & here, "bar", part, tall, fc=bar)


def level_color(chart: Chart, level: float, stances: tuple[int, ...]) -> Any:
    """Return the color of a level: a step from the hue of opposition through pale to support."""
    low, high = min(stances), max(stances)
    share = (level - low) / max(high - low, 1)
    pale = _style.blend(PALE, chart.ground, 1.0 if chart.colors is _style.LIGHT else 0.45)
    end = chart.color("supports" if share >= 0.5 else "opposes")
    return _style.blend(end, pale, abs(2 * share - 1))


def _draw_levels(chart: Chart, grid: _Board, size: tuple[float, float]) -> None:
    """Draw the levels of an ordinal scale, with all their numbers or none."""
    stances, number = grid.tally.stances, grid.held.sum(axis=2)
    mean = (grid.held @ np.array(stances, dtype=float)) / np.maximum(number, 1)
    limits = chart.ax.get_xlim(), chart.ax.get_ylim()
    wide, high = (72 * s / abs(b - a) for s, (a, b) in zip(size, limits, strict=True))
    written = {level: minus(f"{level:.1f}".removesuffix(".0")) for level in np.unique(mean)}
    longest = max((len(words) for words in written.values()), default=1)
    points = min(7.5 * chart.size, 0.85 * wide / (0.65 * longest), high / _style.LINE)
    for level in np.unique(mean[number > 0]):
        fill = level_color(chart, float(level), stances)
        here = (number > 0) & (mean == level)
        grid.fill(chart, here, f"level {level:g}", (0, grid.side), fill, 1.4)
        for i, j in np.argwhere(here) if points >= _style.FLOOR else ():
            ink = _style.ink_on(chart.ground if grid.indirect[i, j] else fill)
            look: dict[str, Any] = {"color": ink, "ha": "center", "gid": "number"}
            chart.text(grid.x[i], grid.y[j], written[level], points, **look)
    i, j = np.nonzero(number > 1)
    dot: dict[str, Any] = {"ms": min(2.5, 0.2 * wide), "color": chart.ground, "gid": "several"}
    chart.ax.plot(grid.x[i] + 0.3, grid.y[j] - 0.3, "o", **dot)


def _key(chart: Chart, grid: _Board) -> list[Artist]:
    """Explain the signs that occur."""
    support, oppose, stances = grid.holds(1), grid.holds(-1), sorted(grid.tally.stances)
    hue, ground = chart.color("supports"), chart.ground
    if len(stances) > 7:
        stances = [stances[0], stances[len(stances) // 2], stances[-1]]
    signs: list[tuple[Any, str, dict[str, Any]]] = [
        (support, "supports", {"fc": hue}),
        (oppose, "opposes (with a bar)", {"fc": chart.color("opposes")}),
        (support & oppose, "half of each: both", {"fc": ground, "ec": chart.colors.quiet}),
    ]
    if grid.tally.ordinal:
        scale = grid.tally.stances
        words = [": ".join(filter(None, (minus(f"{n}"), level_words([n], scale)))) for n in stances]
        hues = [{"fc": level_color(chart, n, scale)} for n in stances]
        signs = [(np.True_, *sign) for sign in zip(words, hues, strict=True)]
    referred, outline = grid.indirect & grid.recorded, {"fc": ground, "ec": hue, "lw": 1.4}
    signs += [
        (referred, "only through another's remark", outline),
        (~grid.recorded, "nothing recorded", {"fc": chart.colors.empty}),
    ]
    return [Patch(label=words, **look) for where, words, look in signs if where.any()]


def _draw_groups(chart: Chart, clusters: Clusters, grid: _Board) -> None:
    """Draw clusters by codes: cells filled by the shares of members who support and oppose."""
    tally = grid.tally
    labels = clusters.labels.reindex(list(tally.actors)).astype("float64").to_numpy()
    groups = np.unique(labels[~np.isnan(labels)])[:40]
    inside = labels == groups[:, None]
    share = {}
    for name, sign in (("supports", 1), ("opposes", -1)):
        center = np.median(tally.stances) if tally.ordinal and 0 not in tally.stances else 0
        held = grid.held[:, :, [sign * (level - center) > 0 for level in tally.stances]].any(axis=2)
        share[name] = inside.astype(float) @ held / inside.sum(axis=1, keepdims=True)
    grid.x = np.arange(len(groups), dtype=float)
    title = sentence_of_groups(chart, tally, clusters.labels) or "What do the groups stand for?"
    words = f"{count(len(tally.actors), 'actor')} in {count(clusters.n_clusters, 'cluster')}"
    if clusters.n_clusters > len(groups):
        words += f", the {number_word(len(groups))} largest drawn"
    keys = count(len(tally.keys), tally.by)
    chart.says(
        title,
        "A cell is filled by the share of the cluster's members who support (from the left) and "
        "oppose (from the right).",
        f"{words}; {keys}. {chance_of(clusters)}",
        f"Grid of {words} by {keys}. {title}.",
    )
    chart.key(Patch(fc=chart.color(name), label=name) for name in share if share[name].any())
    sizes = [f"{g:g} ({n:,})" for g, n in zip(groups, inside.sum(axis=1), strict=True)]
    _lay_out(chart, grid, Names("top", grid.x, sizes, what="clusters"), bracketed=False)
    every = np.ones((len(groups), len(tally.keys)), dtype=bool)
    grid.cells(chart, every, "missing", (0, 0.9), 0.9, fc=chart.colors.empty)
    for name, values in share.items():
        i, j = np.nonzero(values)
        wide = 0.9 * values[i, j]
        aside = (wide - 0.9) / 2 * (1 if name == "supports" else -1)
        sizes_ = np.column_stack([wide, np.full_like(wide, 0.9)])
        look = {"gid": f"share {name}", "fc": chart.color(name)}
        draw_cells(chart, grid.x[i] + aside, grid.y[j], sizes_, **look)
