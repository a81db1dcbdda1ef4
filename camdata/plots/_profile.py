"""What each cluster stands for."""

from __future__ import annotations

from typing import Any, Unpack

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.text import Text

from camdata._display.checks import check_count, wrong_type
from camdata._display.words import count, listed
from camdata.analysis.profiles import Profile, stance_words
from camdata.plots import _chart, _figures, _look, _style
from camdata.plots._chart import Chart

PAGE = 9.0
"""No chart is taller than this, in inches."""

ROW = 0.21
"""The height of a row or a line of names, in inches."""

LINES = 4
"""In how many lines the members of a cluster are named; of more, the first."""

GAP = 0.5
"""The room before each cluster, in rows."""


@_look.signed
def profile(profile: Profile, *, most: int = 3, **look: Unpack[_look.Look]) -> Axes:
    """Draw what sets each cluster apart.

    Parameters
    ----------
    profile : Profile
        From `camdata.profile`.
    most : int
        How many positions of each cluster, those that set it apart most first. Fewer are drawn
        where the chart would be taller than a page, and then the largest clusters only.
    title, labels, palette, figsize, ax
        As for every chart (`camdata.plots`); the palette is that of the clusters.

    Returns
    -------
    matplotlib.axes.Axes
        Under the members of each cluster a row for each position: the bar is the share of its
        members recorded with it, the line the share of all other placed actors. Actors that are
        alone in their cluster are named below, and so is what had no room.

    Examples
    --------
    >>> import camdata as cam
    >>> clusters = cam.cluster(cam.agreement(cam.load_meeting().tally()), n_clusters=3)
    >>> ax = cam.plots.profile(cam.profile(clusters))
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['coordination', 'rights', 'pragmatism', 'terms definition']
    """
    if not isinstance(profile, Profile):
        raise wrong_type("profile", "Profile", profile)
    most = check_count("most", most)
    groups = {label: actors for label, actors in profile.members.items() if len(actors) > 1}
    alone = {label: actors for label, actors in profile.members.items() if len(actors) == 1}
    available = profile.apart(most)["cluster"].value_counts()
    shown = list(groups)
    while most > 1 and _height(groups, shown, available, most) > PAGE:
        most -= 1
    while len(shown) > 1 and _height(groups, shown, available, most) > PAGE:
        shown.pop()
    apart = profile.apart(most)
    apart = apart[apart["cluster"].isin(shown)]
    placed = sum(len(actors) for actors in profile.members.values())
    with _chart.drawing((3.0, 1.0), tally=profile.tally, **look) as chart:
        ax = chart.ax
        slots = _Slots(chart, profile, groups, shown, apart, placed)
        chart.adapt(slots.arrange)
        ax.set_xlim(0, 1)
        ax.set_xlabel("share of actors")
        ax.spines["left"].set_visible(False)
        chart.legend(
            [
                Patch(fc=_style.FAINT, label="members of the cluster"),
                Line2D([], [], color=chart.ink, lw=2.2, label="all other placed actors"),
            ]
        )
        for words, some in (
            ("alone in a cluster", alone),
            ("no room for", {label: groups[label] for label in groups if label not in shown}),
        ):
            if some:
                named = [f"{label} {listed(chart.actors(a), 4)}" for label, a in some.items()]
                more = f"; {len(named) - 12} more" if len(named) > 12 else ""
                chart.note(f"{words}: {'; '.join(named[:12])}{more}")
        first = [
            f"{_words(chart, profile, row)} (cluster {row['cluster']})"
            for row in apart.drop_duplicates("cluster").to_dict("records")
        ]
        chart.says(
            f"What each cluster stands for: {count(len(profile.members), 'cluster')}, "
            f"{count(placed, 'actor')}{_look.about(profile.tally)}",
            "Bars of the positions that set each cluster apart, first of all: "
            + (", ".join(first) or "none")
            + ".",
        )
    return chart.ax


def _words(chart: Chart, profile: Profile, row: dict[Any, Any]) -> str:
    label = chart.code(row[profile.tally.by])
    return stance_words(label, int(row["stance"]), profile.tally.ordinal)


def _height(
    groups: dict[int, list[str]], shown: list[int], available: pd.Series[int], most: int
) -> float:
    """Return about how tall a chart of these clusters is, in inches, title and notes included."""
    rows = 0.0
    for label in shown:
        letters = sum(len(actor) + 2 for actor in groups[label])
        lines = min(-(-letters // 85), LINES)
        rows += GAP + lines + max(min(int(available.get(label, 0)), most), 1)
    return ROW * rows + 1.6


class _Slots:
    """The rows of a profile: members of a cluster in one or more lines, then its positions."""

    def __init__(
        self,
        chart: Chart,
        profile: Profile,
        groups: dict[int, list[str]],
        shown: list[int],
        apart: pd.DataFrame,
        placed: int,
    ) -> None:
        self.chart = chart
        self.heads: list[tuple[Text, Text, list[str], list[dict[str, Any]]]] = []
        self.size = np.inf
        ax = chart.ax
        names: list[str] = []
        for label in shown:
            members = groups[label]
            badge = chart.badge((0, 0), label)
            head = ax.text(0, 0, "", va="top", linespacing=_style.LINE, gid=f"members {label}")
            parts: list[dict[str, Any]] = []
            rows = apart[apart["cluster"] == label].to_dict("records")
            for row in rows:
                names.append(_words(chart, profile, row))
                parts.append(self._row(row, label, placed - len(members)))
            if not rows:
                none = ax.text(0, 0, "nothing sets it apart", va="center", color=_style.FAINT)
                parts.append({"text": none})
            self.heads.append((badge, head, chart.actors(members), parts))
        self.names = names = chart.fitting(names)
        ax.set_yticks(range(len(names)), names)
        ax.tick_params(axis="y", length=0)

    def _row(self, row: dict[Any, Any], label: int, others: int) -> dict[str, Any]:
        ax, chart = self.chart.ax, self.chart
        color = chart.cluster_color(label)
        (bar,) = ax.barh(0, row["share"], height=0.7, color=color, gid=f"cluster {label}")
        words = f"{row['holders']} of {row['members']}"
        end, line = row["share"], None
        if not np.isnan(row["rest"]):
            (line,) = ax.plot([row["rest"]] * 2, [0, 0], color=chart.ink, lw=2.2, gid="rest")
            line.set(solid_capstyle="butt", clip_on=False)
            words += f", others {round(row['rest'] * others)} of {others}"
            end = max(end, row["rest"])
        text = ax.annotate(
            words,
            (end, 0),
            xytext=(4, 0),
            textcoords="offset points",
            va="center",
            fontsize=chart.font(0.85),
            annotation_clip=False,
            gid="counts",
        )
        return {"bar": bar, "line": line, "counts": text}

    def arrange(self) -> None:
        """Wrap the names of members to the width that there is, and place every row below them."""
        chart, ax = self.chart, self.chart.ax
        dpi = _figures.figure_of(ax).dpi
        box = ax.get_window_extent()
        left = min([t.get_window_extent().x0 for t in ax.get_yticklabels()] + [box.x0])
        right = max(
            [t.get_window_extent().x1 for t in ax.texts if t.get_gid() == "counts"] + [box.x1]
        )
        across = ax.transData.inverted().transform([(left, box.y0), (left + 0.2 * dpi, box.y0)])
        width = (right - left) / dpi
        if chart.fixed[0] is not None:
            width = chart.fixed[0] - 2 * _chart.AROUND
        at, ticks = 0.0, []
        # in a figure of a given height the letters become as small as the rows
        size = min(chart.font(), chart.points("y") / _style.LINE)
        # and from the third round on no larger again, or the names would be wrapped to and fro
        self.size = min(size, self.size) if chart.round > 2 else size
        line = 1.02 * self.size * _style.LINE / chart.points("y")
        for badge, head, names, parts in self.heads:
            at += GAP
            head.set_fontsize(self.size)
            badge.set_fontsize(0.78 * self.size)
            self._name(head, names, width - 0.2)
            badge.set_position(
                (across[0][0] + (across[1][0] - across[0][0]) * 0.35, at + 0.08 + line / 2)
            )
            head.set_position((across[1][0], at + 0.08))
            at += 0.25 + line * (1 + head.get_text().count("\n"))
            for part in parts:
                middle = at + 0.5
                if "bar" in part:
                    ticks.append(middle)
                    part["bar"].set_y(middle - 0.35)
                    part["counts"].xy = (part["counts"].xy[0], middle)
                    if part["line"] is not None:
                        part["line"].set_ydata([middle - 0.45, middle + 0.45])
                else:
                    part["text"].set_position((0, middle))
                at += 1
        ax.set_yticks(ticks, self.names)
        ax.set_ylim(max(at, 1.0), 0)
        chart.ask_height(ROW * max(at, 1.0) * chart.unit)
        for *_, parts in self.heads:
            for part in parts:
                words = part["counts"] if "counts" in part else part["text"]
                words.set_fontsize(0.85 * self.size)
        for tick in ax.get_yticklabels():
            tick.set_fontsize(self.size)
        ax.set_xticks(
            *(
                ([0, 0.5, 1], ["0", "50%", "100%"])
                if box.width > 1.2 * dpi
                else ([0, 1], ["0", "100%"])
            )
        )

    def _name(self, head: Text, names: list[str], width: float) -> None:
        """Write the members of a cluster in at most `LINES` lines."""
        for most in range(len(names), 0, -1):
            self.chart.wrap(head, listed(names, most), width)
            if head.get_text().count("\n") < LINES:
                return
