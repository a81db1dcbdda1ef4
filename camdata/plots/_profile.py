"""What each cluster stands for."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from camdata._display.checks import check_count
from camdata._display.words import count
from camdata.analysis.profiles import Profile, stance_words
from camdata.plots import _layout as lay
from camdata.plots._layout import Chart, chart
from camdata.plots._look import Labels, Look, Palette, Size, about, check_type
from camdata.plots._rows import Rows, bars_with_marks
from camdata.plots._words import sentence_of_groups

MOST_ROWS = 36
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
    check_type("profile", profile, Profile)
    most = check_count("most", most)
    groups = {label: actors for label, actors in profile.members.items() if len(actors) > 1}
    shown = list(groups)

    def length() -> int:
        sizes = profile.apart(most)["cluster"].value_counts()
        return sum(1 + int(sizes.get(label, 0)) for label in shown)

    while most > 1 and length() > MOST_ROWS:
        most -= 1
    while len(shown) > 1 and length() > MOST_ROWS:
        shown.pop()
    apart = profile.apart(most)
    placed = sum(len(actors) for actors in profile.members.values())
    tally = profile.tally
    chart = Chart(Look(title, labels, palette, figsize, ax), tally)
    names, right, bold, drawn = list[str](), list[str](), dict[int, int](), []
    for label in shown:
        bold[len(names)] = label
        names.append(f"Cluster {label} ({len(groups[label])})")
        right.append("")
        others = placed - len(groups[label])
        for row in apart[apart["cluster"] == label].to_dict("records"):
            called = chart.code(str(row[tally.by]))
            drawn.append((len(names), row))
            names.append(stance_words(called, int(row["stance"]), tally.ordinal))
            words = f"{row['holders']} of {row['members']}"
            if not np.isnan(row["rest"]):
                words += f", others {round(row['rest'] * others)} of {others}"
            right.append(words)
    alone = len(profile.members) - len(groups)
    note = f"{count(placed, 'actor')}{about(tally)}"
    note += ". Described, not tested against chance"
    note += f". Alone in a cluster: {count(alone, 'actor')}" if alone else ""
    left_out = len(groups) - len(shown)
    note += f". Not drawn: {count(left_out, 'smaller cluster')}" if left_out else ""
    title_ = sentence_of_groups(chart, tally, profile.labels) or "What does each cluster stand for?"
    chart.says(
        title_,
        "Bars: share of the cluster's members recorded with a position. Only what sets it apart.",
        note,
        f"Bars of the positions that set {count(len(shown), 'cluster')} apart. {title_}.",
    )

    def against(row: dict[Any, Any]) -> bool:
        return bool(row["stance"] < 0) and not tally.ordinal

    opposed = any(against(row) for _, row in drawn)
    line = Line2D([], [], color=chart.colors.ink, lw=2, label="all other placed actors")
    chart.key(
        [
            Patch(fc=chart.color(name), label=f"members {word} it" if opposed else "members")
            for name, word in (("supports", "for"), ("opposes", "against"))
            if name == "supports" or opposed
        ]
        + [line]
    )
    y = Rows(names, right, frozenset(bold)).lay_out(
        chart, (0, 1), "share of actors", ticks=(0, 0.5, 1)
    )
    ax = chart.ax
    for i, row in drawn:
        color = chart.color("opposes" if against(row) else "supports")
        gids = f"cluster {row['cluster']}", "rest"
        bars_with_marks(chart, y[[i]], row["share"], row["rest"], gids, color)
    room = chart.width - 0.2 - ax.get_position().x0 * chart.width - 0.1
    for i, label in bold.items():
        members = ", ".join(chart.actor(name) for name in groups[label])
        if chart.own:
            words = chart.cut(members, 8 * chart.size, room)
            look: dict[str, Any] = {"color": chart.colors.quiet, "gid": f"members {label}"}
            chart.text(lay.GAP / 4, y[i], words, 8 * chart.size, **look)
    return ax
