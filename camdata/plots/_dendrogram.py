"""The tree of a hierarchical clustering, with its cut and the recovery of its branches."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Unpack

import numpy as np
from matplotlib.axes import Axes
from matplotlib.text import Text

from camdata._display.checks import wrong_type
from camdata._display.words import count, listed
from camdata.analysis import trees as _trees
from camdata.analysis.clustering import Clusters
from camdata.analysis.robustness import Stability
from camdata.plots import _chart, _look, _style
from camdata.plots._chart import Chart


def cut_height(clusters: Clusters) -> float:
    """Return a distance at which the tree falls into the clusters: midway between two merges."""
    merges = np.sort(clusters.linkage[:, 2])
    made = len(clusters.placed) - clusters.n_clusters
    below = merges[made - 1] if made else 0.0
    above = merges[made] if made < len(merges) else merges[-1] * 1.06
    return float(below + above) / 2


def draw_tree(chart: Chart, ax: Axes, clusters: Clusters) -> list[tuple[float, float]]:
    """Draw the tree with its root on the left; leaf i stands at i + 0.5 from the top.

    Returns the point (distance, place) of each merge, by its row in the linkage. The cut is dashed.
    """
    linkage = clusters.tree
    at = {int(leaf): (0.0, i + 0.5) for i, leaf in enumerate(_trees.leaves(linkage))}
    merges: list[tuple[float, float]] = []
    for left, right, height, _ in linkage:
        (x_left, y_left), (x_right, y_right) = at[int(left)], at[int(right)]
        ax.plot(
            [x_left, height, height, x_right],
            [y_left, y_left, y_right, y_right],
            color=chart.ink,
            lw=0.9,
            solid_capstyle="round",
            gid="merge",
        )
        merges.append((float(height), (y_left + y_right) / 2))
        at[len(clusters.placed) + len(merges) - 1] = merges[-1]
    top = max(float(linkage[:, 2].max()), 1e-6)
    ax.axvline(
        cut_height(clusters), color=_style.SIGNAL, lw=1.1, ls=(0, (4, 2)), gid="cut", zorder=0
    )
    ax.set_xlim(1.06 * top, -0.02 * top)
    ax.spines[["left", "top", "right"]].set_visible(False)
    return merges


PLACES = [(-2, 2, "right", "bottom"), (-2, -2, "right", "top"), (3, 0, "left", "center")]
PLACES += [(-x, y, "right", side) for x in (9, 16) for y, side in ((2, "bottom"), (-2, "top"))]
PLACES += [(x, y, "left", side) for x in (3, 10) for y, side in ((3, "bottom"), (-3, "top"))]
"""Where a number may stand beside a merge: offset in points and alignment, the best first."""


def _beside_merges(chart: Chart, texts: Sequence[Text]) -> Callable[[], None]:
    """Return what moves numbers to where neither a line of the tree nor another number is."""

    def move() -> None:
        lines = [line.get_transform().transform_path(line.get_path()) for line in chart.ax.lines]
        written: list[Text] = []
        for text in texts:
            for x, y, across, along in PLACES:
                text.set(position=(x, y), ha=across, va=along)
                box = text.get_window_extent().padded(1)
                struck = any(line.intersects_bbox(box, filled=False) for line in lines)
                if not struck and not any(box.overlaps(w.get_window_extent()) for w in written):
                    written.append(text)
                    break
            else:  # no room: rather no number than one that cannot be read
                text.set_visible(False)

    return move


@_look.signed
def dendrogram(
    clusters: Clusters, *, stability: Stability | None = None, **look: Unpack[_look.Look]
) -> Axes:
    """Draw the tree that the clusters were cut from, and where it was cut.

    Parameters
    ----------
    clusters : Clusters
        Clusters that were made by a linkage.
    stability : Stability, optional
        From `camdata.stability`, of the same clusters: branches carry their recovery, in percent.
    title, labels, palette, figsize, ax
        As for every chart (`camdata.plots`); the palette is that of the clusters.

    Returns
    -------
    matplotlib.axes.Axes
        Leaves from top to bottom, numbered and colored by cluster; the cut is a dashed line, the
        unplaced actors are named below. Merges at distance 0 carry no number: their members are
        recorded alike. Where branches are too close for its number, a branch has none.

    Raises
    ------
    ValueError
        If there is no tree (Louvain, or fewer than two placed actors), or `stability` is of another
        tree.

    Examples
    --------
    >>> import camdata as cam
    >>> clusters = cam.cluster(cam.agreement(cam.load_meeting().tally("code")), n_clusters=5)
    >>> ax = cam.plots.dendrogram(clusters)
    >>> ax.get_title(loc="left").replace("\\n", " ")
    'Average linkage: 13 actors in 5 clusters, 17 codes, 38 statements'
    """
    if not isinstance(clusters, Clusters):
        raise wrong_type("clusters", "Clusters", clusters)
    if stability is not None and not isinstance(stability, Stability):
        raise wrong_type("stability", "Stability", stability)
    if not len(clusters.linkage):
        raise ValueError(
            "There is no tree to draw: louvain makes none, and neither do fewer than two placed "
            "actors."
        )
    if stability is not None and not np.array_equal(stability.clusters.linkage, clusters.linkage):
        raise ValueError(
            "This stability is of another tree: use the same measure, level and method."
        )
    n = len(clusters.placed)
    pitch = 0.25 if n < 30 else 0.16
    with _chart.drawing((3.8, pitch * n), tally=clusters.agreement.tally, **look) as chart:
        ax = chart.ax
        merges = draw_tree(chart, ax, clusters)
        chart.few_ticks(ax)
        ax.set_ylim(n, 0)
        leaves = clusters.order[:n]
        ax.yaxis.tick_right()
        at = [i + 0.5 for i in range(n)]
        chart.rows(at, chart.actors(leaves))
        chart.number_rows(at, [int(clusters.labels[actor]) for actor in leaves])
        ax.set_xlabel("distance (1 − agreement)")
        title = (
            f"{clusters.method.capitalize()} linkage: {count(n, 'actor')} in "
            f"{count(clusters.n_clusters, 'cluster')}{_look.about(clusters.agreement.tally)}"
        )
        chart.note("dashed: where the tree is cut")
        if stability is not None:
            recovery = stability.branches["recovery"].to_numpy()
            texts = [
                ax.annotate(
                    f"{100 * share:.0f}",
                    point,
                    xytext=(0, 0),
                    textcoords="offset points",
                    fontsize=chart.font(0.78),
                    color=_style.SIGNAL,
                    gid="recovery",
                )
                for share, point in zip(recovery[:-1], merges[:-1], strict=True)
                if point[0] > 1e-9 and not np.isnan(share)
            ]
            chart.finish(_beside_merges(chart, texts))
            chart.note(
                f"numbers: recovery of each branch in {count(stability.n_resamples, 'resample')} "
                f"of {stability.over}, percent"
            )
        unplaced = clusters.unplaced.index.tolist()
        if unplaced:
            chart.note(f"unplaced: {', '.join(chart.actors(unplaced))}")
        alt = f"Dendrogram of {count(n, 'actor')} cut into {count(clusters.n_clusters, 'cluster')}"
        if unplaced:
            alt += f"; unplaced: {listed(chart.actors(unplaced))}"
        chart.says(title, f"{alt}.")
    return ax
