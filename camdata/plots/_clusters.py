"""Clusters: what each stands for, and what single statements do to them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from camdata._display.checks import check_count
from camdata._display.words import count, join_names
from camdata.analysis.profiles import Profile, stance_words
from camdata.analysis.robustness import Sensitivity
from camdata.plots._layout import GAP, Chart, chart
from camdata.plots._look import Labels, Look, Palette, Size, about
from camdata.plots._rows import Rows, bars_with_marks
from camdata.plots._words import sentence_of_groups

ROWS_ON_A_PAGE = 36
"""So many rows have room on a page."""


@chart
def profile(
    profile: Profile,
    *,
    most: int = 3,
    title: str | None = None,
    labels: Labels = None,
    palette: Palette = None,
    figsize: Size = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw what sets each cluster apart.

    Parameters
    ----------
    profile : Profile
        From `camdata.profile`.
    most : int
        How many positions of each cluster, those that set it apart most first. Fewer are drawn
        where the chart would be taller than a page, and then the largest clusters only.
    title, labels, palette, figsize, ax
        As for every chart (`camdata.plots`); the palette names ``supports`` and ``opposes``.

    Returns
    -------
    matplotlib.axes.Axes
        Below each cluster and its members a row for each position: the bar is the share of its
        members recorded with it, the line the share of all other placed actors. The note counts
        the actors that are alone in their cluster, and the clusters that have no room.

    Examples
    --------
    >>> import camdata as cam
    >>> clusters = cam.cluster(cam.agreement(cam.load_meeting().tally()), n_clusters=2)
    >>> ax = cam.plots.profile(cam.profile(clusters))
    >>> [label.get_text() for label in ax.get_yticklabels()][:3]
    ['Cluster 1 (7)', 'rights', 'coordination']
    """
    most = check_count("most", most)
    groups = {label: actors for label, actors in profile.members.items() if len(actors) > 1}
    shown, apart = list(groups), profile.apart(most)

    def too_long() -> bool:
        return len(shown) + int(apart["cluster"].isin(shown).sum()) > ROWS_ON_A_PAGE

    while most > 1 and too_long():
        most -= 1
        apart = profile.apart(most)
    while len(shown) > 1 and too_long():
        shown.pop()
    placed, tally = sum(map(len, profile.members.values())), profile.tally
    chart = Chart(Look(title, labels, palette, figsize, ax), tally)
    if not shown:
        words = "Each actor is alone in its cluster, or none is placed."
        return chart.sentence("There are no groups to describe", words)
    names, right, heads = list[str](), list[str](), dict[int, int]()
    drawn = list[tuple[int, dict[Any, Any]]]()
    for label in shown:
        heads[len(names)] = label
        names.append(f"Cluster {label} ({len(groups[label])})")
        right.append("")
        others = placed - len(groups[label])
        for row in apart[apart["cluster"] == label].to_dict("records"):
            drawn.append((len(names), row))
            called = chart.code(str(row[tally.by]))
            names.append(stance_words(called, int(row["stance"]), tally.ordinal))
            rest = "" if np.isnan(row["rest"]) else f", others {round(row['rest'] * others)} of "
            right.append(f"{row['holders']} of {row['members']}{rest}{others if rest else ''}")
    alone, left_out = len(profile.members) - len(groups), len(groups) - len(shown)
    note = f"{count(placed, 'actor')}{about(tally)}. Described, not tested against chance"
    note += f". Alone in a cluster: {count(alone, 'actor')}" if alone else ""
    note += f". Not drawn: {count(left_out, 'smaller cluster')}" if left_out else ""
    finding = sentence_of_groups(chart, tally, profile.labels)
    finding = finding or "What does each cluster stand for?"
    chart.says(
        finding,
        "Bars: share of the cluster's members recorded with a position. Only what sets it apart.",
        note,
        f"Bars of the positions that set {count(len(shown), 'cluster')} apart. {finding}.",
    )
    opposed = [not tally.ordinal and row["stance"] < 0 for _, row in drawn]
    members = "members for it" if any(opposed) else "members"
    signs: list[Artist] = [Patch(fc=chart.color("supports"), label=members)]
    if any(opposed):
        signs.append(Patch(fc=chart.color("opposes"), label="members against it"))
    line = Line2D([], [], color=chart.colors.ink, lw=2, label="all other placed actors")
    chart.key([*signs, line] if apart["rest"].notna().any() else signs)
    rows = Rows(names, right, frozenset(heads))
    y = rows.lay_out(chart, (0, 1), "share of actors", ticks=(0, 0.5, 1))
    for (i, row), against in zip(drawn, opposed, strict=True):
        color, gids = chart.color("opposes" if against else "supports"), f"cluster {row['cluster']}"
        bars_with_marks(chart, y[[i]], row["share"], row["rest"], (gids, "rest"), color)
    room = chart.width - 0.3 - chart.ax.get_position().x0 * chart.width
    for i, label in heads.items() if chart.own else ():
        members = ", ".join(chart.actor(name) for name in groups[label])
        look: dict[str, Any] = {"color": chart.colors.quiet, "gid": f"members {label}"}
        words = chart.cut(members, 8 * chart.size, room)
        chart.text(GAP / 4, y[i], words, 8 * chart.size, **look)
    return chart.ax


NAMED_ACTORS = 2
"""Up to so many actors who make the same move are named, more are counted."""


@chart
def sensitivity(
    sensitivity: Sensitivity,
    *,
    most: int = 20,
    title: str | None = None,
    labels: Labels = None,
    palette: Palette = None,
    figsize: Size = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw what leaving out single statements does to clusters.

    Parameters
    ----------
    sensitivity : Sensitivity
        From `camdata.analysis.sensitivity`.
    most : int
        How many statements to draw, those with the largest effect first; those without any have no
        row.
    title, labels, palette, figsize, ax
        As for every chart (`camdata.plots`); the palette's first color is the dots'.

    Returns
    -------
    matplotlib.axes.Axes
        A row for each statement: the adjusted Rand index of the clusters without it against those
        of all statements, 1 being no change, and who moves from which cluster to which. Without a
        dot there is nothing left to compare. Where no statement changes anything, the chart is one
        sentence.

    Examples
    --------
    >>> import camdata as cam
    >>> clusters = cam.cluster(cam.agreement(cam.load_meeting().tally()), n_clusters=2)
    >>> ax = cam.plots.sensitivity(cam.analysis.sensitivity(clusters), most=5)
    >>> ax.get_xlabel()
    'adjusted Rand index'
    """
    most = check_count("most", most)
    table, tally = sensitivity.frame, sensitivity.clusters.agreement.tally
    called = dict(zip(table["code"], table["label"], strict=True))
    chart = Chart(Look(title, labels, palette, figsize, ax), tally, codes=called)
    changing = table[sensitivity.effect]
    total = count(len(table), "statement")
    if changing.empty or len(sensitivity.clusters.placed) < 2:
        words = f"Without any single one of {total}, everybody stays with the same actors."
        return chart.sentence("No single statement changes the clusters", words)
    shown = changing.head(most)
    verb = "changes" if len(changing) == 1 else "change"
    finding = f"{len(changing)} of {total} {verb} who is with whom when left out"
    note = f"{count(len(sensitivity.clusters.labels), 'actor')}{about(tally)}"
    if len(shown) < len(changing):
        note += f". Drawn: the {len(shown)} with the largest effect"
    chart.says(
        finding,
        "Each row: the clusters without this statement against those of all; 1 is no change.",
        note,
        f"Dots of what happens without each statement. {finding}.",
    )
    names = pd.Series([chart.actor(actor) for actor in shown["actor"]], shown.index)
    names += ": " + shown["code"].map(chart.code)
    # by its id where two statements have the same name
    names = names.where(~names.duplicated(keep=False), names + " (" + shown["statement"] + ")")
    rows = Rows(names.tolist(), what="statements", across=2.2)
    moves, room = sensitivity.moves, rows.share * chart.width
    rows.right = [
        _moves(chart, moves[moves["statement"] == one], room) for one in shown["statement"]
    ]
    values = shown["adjusted_rand"].to_numpy(dtype=float)
    low = min(0.0, float(np.nanmin(values, initial=0.0)))
    y = rows.lay_out(chart, (low - 0.04, 1.04), "adjusted Rand index", ticks=(0, 1))
    ax, color = chart.ax, chart.color("supports")
    ax.axvline(1, color=chart.colors.quiet, lw=1, zorder=0, gid="no change")
    ax.hlines(y, values, 1, color=chart.colors.rule, lw=2, zorder=1)
    ax.plot(values, y, "o", color=color, ms=5.5 * chart.size, gid="effect")
    return ax


def _moves(chart: Chart, moves: pd.DataFrame, room: float) -> str:
    """Say who moves from where to where, as far as it has room."""
    steps = dict[str, list[str]]()
    for actor, *ends in moves[["actor", "before", "after"]].itertuples(index=False):
        before, after = ("unplaced" if pd.isna(end) else str(end) for end in ends)
        steps.setdefault(f"{before} → {after}", []).append(chart.actor(actor))
    parts = [
        f"{join_names(names) if len(names) <= NAMED_ACTORS else count(len(names), 'actor')}: {step}"
        for step, names in sorted(steps.items(), key=lambda item: -len(item[1]))
    ]
    for kept in range(len(parts), 0, -1):
        words = "; ".join(parts[:kept]) + ("; …" if kept < len(parts) else "")
        if chart.wide(words, 8 * chart.size) <= room:
            break
    return words
