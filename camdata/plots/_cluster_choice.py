"""How many clusters: attainable cuts against those of structureless tables."""

from __future__ import annotations

from typing import Unpack

from matplotlib.axes import Axes

from camdata._display.checks import wrong_type
from camdata._display.words import count
from camdata.analysis.chance import ClusterChoice
from camdata.plots import _chart, _look, _style
from camdata.plots._placing import HARD, sentence


@_look.signed
def cluster_choice(choice: ClusterChoice, **look: Unpack[_look.Look]) -> Axes:
    """Draw the silhouettes of attainable cuts against those of structureless tables.

    Parameters
    ----------
    choice : ClusterChoice
        From `camdata.cluster_choice`.
    title, labels, palette, figsize, ax
        As for every chart (`camdata.plots`); the palette's first color, or `accent`, is the dots'.

    Returns
    -------
    matplotlib.axes.Axes
        Dots are the cuts of the data, hollow where too few random tables can be cut into as many to
        judge; the bar holds nine tenths of the random tables, its mark their mean. The number that
        is chosen has a ring, and the title says whether there is structure.

    Examples
    --------
    >>> import camdata as cam
    >>> choice = cam.cluster_choice(cam.agreement(cam.load_meeting().tally()), 99)
    >>> ax = cam.plots.cluster_choice(choice)
    >>> ax.get_xlabel()
    'number of clusters'
    """
    if not isinstance(choice, ClusterChoice):
        raise wrong_type("choice", "ClusterChoice", choice)
    table, tally = choice.table, choice.agreement.tally
    with _chart.drawing((4.6, 2.8), tally=tally, **look) as chart:
        known = f"{choice.agreement.label}{_look.about(tally)}"
        verdict = choice.verdict.replace("p = ", f"p{HARD}={HARD}")
        title = f"{count(choice.n_clusters, 'cluster')}: {verdict}\n({known})"
        if table.empty:
            sentence(chart, choice.summary)
            chart.says(title, choice.summary)
            return chart.ax
        ax = chart.ax
        x = table.index.to_numpy(dtype=float)
        judged = table["considered"].to_numpy(dtype=bool)
        wide = min(9.0, 200 / len(x)) * chart.unit
        bars = ax.vlines(
            x, table["low"], table["high"], color="#d3d3d3", lw=wide, label="random tables, 90%"
        )
        (means,) = ax.plot(
            x,
            table["expected"],
            "_",
            color=_style.FAINT,
            ms=1.3 * wide,
            mew=1.6,
            label="their mean",
        )
        dot = {"ls": "", "marker": "o", "mec": chart.accent, "ms": min(chart.font(0.7), wide)}
        (dots,) = ax.plot(
            x[judged],
            table["silhouette"].to_numpy()[judged],
            mfc=chart.accent,
            label="recorded positions",
            gid="judged",
            **dot,
        )
        signs = [dots, bars, means]
        if not judged.all():
            (hollow,) = ax.plot(
                x[~judged],
                table["silhouette"].to_numpy()[~judged],
                mfc=chart.ground,
                label="not judged",
                gid="not judged",
                **dot,
            )
            signs.append(hollow)
            chart.note("not judged: fewer than half of the random tables can be cut into as many")
        if choice.n_clusters in table.index:
            (ring,) = ax.plot(
                x[table.index == choice.n_clusters],
                table["silhouette"].to_numpy()[table.index == choice.n_clusters],
                "o",
                mfc="none",
                mec=chart.ink,
                ms=dot["ms"] + chart.font(0.6),
                mew=1.4,
                label="chosen",
                gid="chosen",
            )
            signs.append(ring)
        shown = _numbers(table.index.tolist(), choice.n_clusters)
        ax.set_xticks(shown, [str(number) for number in shown])
        ax.set_xlim(x[0] - 0.06 * (x[-1] - x[0]) - 0.4, x[-1] + 0.06 * (x[-1] - x[0]) + 0.4)
        ax.margins(y=0.12)
        ax.set(xlabel="number of clusters", ylabel="mean silhouette")
        chart.legend(signs)
        chart.note(count(len(choice.random), "random table"))
        chart.says(title, f"Silhouettes by number of clusters. {choice.summary}")
    return ax


def _numbers(attainable: list[int], chosen: int) -> list[int]:
    """Return the numbers of clusters that have a tick: the chosen one, and not too many."""
    step = max(1, (attainable[-1] - attainable[0]) // 12)
    shown = [chosen] if chosen in attainable else []
    for number in attainable:
        if all(abs(number - other) >= step for other in shown):
            shown.append(number)
    return sorted(shown)
