"""The tree of a hierarchical clustering, with the recovery of its branches."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from camdata.clustering import Clusters
from camdata.plots import _style
from camdata.robustness import Stability


def draw_tree(ax: Axes, clusters: Clusters) -> dict[int, tuple[float, float]]:
    """Draw the tree with its root on the left; leaf i stands at 10 · i + 5 from the top.

    Returns the point (distance, height) of each merge, by its row in the linkage.
    """
    from scipy.cluster.hierarchy import leaves_list

    linkage, n = clusters.linkage, len(clusters.placed)
    at = {int(leaf): (0.0, 10.0 * i + 5) for i, leaf in enumerate(leaves_list(linkage))}
    merges = {}
    for i, (left, right, height, _) in enumerate(linkage):
        (x_left, y_left), (x_right, y_right) = at[int(left)], at[int(right)]
        ax.plot(
            [x_left, height, height, x_right],
            [y_left, y_left, y_right, y_right],
            color=_style.INK,
            lw=1,
            solid_capstyle="round",
        )
        at[n + i] = merges[i] = (float(height), (y_left + y_right) / 2)
    top = float(linkage[-1, 2])
    ax.set_xlim(max(top, 1e-6) * 1.06, -0.02)
    ax.set_yticks([])
    ax.tick_params(axis="x", labelsize=7, length=2)
    ax.spines[["left", "top", "right"]].set_visible(False)
    return merges


PLACES = [(-2, 2, "right", "bottom"), (-2, -2, "right", "top"), (3, 0, "left", "center")]
PLACES += [(-x, y, "right", side) for x in (9, 16) for y, side in ((2, "bottom"), (-2, "top"))]
PLACES += [(x, y, "left", side) for x in (3, 10) for y, side in ((3, "bottom"), (-3, "top"))]


def _write_beside(ax: Axes, point: tuple[float, float], words: str) -> None:
    """Write a number beside a merge, at the first place where no line of the tree strikes it."""
    lines = [ax.transData.transform_path(line.get_path()) for line in ax.lines]
    text = ax.annotate(
        words,
        point,
        xytext=(0, 0),
        textcoords="offset points",
        fontsize=7,
        color="#8c3b00",
        gid="recovery",
    )
    for x, y, across, along in PLACES:
        text.set(position=(x, y), ha=across, va=along)
        box = text.get_window_extent()
        if not any(line.intersects_bbox(box, filled=False) for line in lines):
            return
    x, y, across, along = PLACES[0]
    text.set(position=(x, y), ha=across, va=along)


def dendrogram(
    clusters: Clusters, *, stability: Stability | None = None, ax: Axes | None = None
) -> Axes:
    """Draw the tree that the clusters were cut from.

    Parameters
    ----------
    clusters : Clusters
        Clusters that were made by a linkage.
    stability : Stability, optional
        From `camdata.stability`, of the same clusters: branches carry their recovery, in percent.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default on a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        Leaves from top to bottom, coloured and numbered by cluster; the unplaced actors are named
        below. Merges at distance 0 carry no number: their members are recorded alike.

    Raises
    ------
    ValueError
        If there is no tree (Louvain, or nobody placed), or `stability` is of another tree.

    Examples
    --------
    >>> import camdata as cam
    >>> clusters = cam.cluster(cam.agreement(cam.load_meeting().positions("code")))
    >>> ax = cam.plots.dendrogram(clusters)
    >>> ax.get_title(loc="left")
    'Average linkage: 13 actors, 5 clusters, 38 statements'
    """
    if not len(clusters.linkage):
        raise ValueError(
            "There is no tree to draw: louvain makes none, and so do no placed actors."
        )
    if stability is not None and not np.array_equal(stability.clusters.linkage, clusters.linkage):
        raise ValueError(
            "This stability is of another tree: use the same measure, level and method."
        )
    n = len(clusters.placed)
    with _style.style():
        ax = _style.axes(ax, (5.2, 0.27 * n))
        merges = draw_tree(ax, clusters)
        ax.set_ylim(10 * n, 0)
        leaves = clusters.order[:n]
        ax.set_yticks([10 * i + 5 for i in range(n)], leaves)
        ax.yaxis.tick_right()
        ax.tick_params(axis="y", length=0, pad=18, labelsize=9 if n < 30 else 7)
        for i, actor in enumerate(leaves):
            label = int(clusters.labels[actor])
            _style.badge(ax, (1.012, 1 - (i + 0.5) / n), label, transform=ax.transAxes)
        if stability is not None:
            for row, point in merges.items():
                recovery = stability.branches["recovery"].iloc[row]
                if point[0] > 1e-9 and not np.isnan(recovery) and row < len(merges) - 1:
                    _write_beside(ax, point, f"{recovery:.0%}"[:-1])
        ax.set_xlabel("distance (1 − agreement)", fontsize=9)
        title = (
            f"{clusters.method.capitalize()} linkage: {_style.count(n, 'actor')}, "
            f"{_style.count(clusters.n_clusters, 'cluster')}{_style.behind(clusters.labels.attrs)}"
        )
        if stability is not None:
            title += f"\nnumbers: recovery of each branch in {stability.n} resamples of "
            title += f"{stability.over}, percent"
        ax.set_title(title)
        unplaced = clusters.unplaced.index.tolist()
        if unplaced:
            ax.text(
                1,
                -0.02 - 1.2 / (n + 2),
                f"unplaced: {', '.join(unplaced)}",
                transform=ax.transAxes,
                ha="left",
                va="top",
                fontsize=8,
                color=_style.FAINT,
            )
        _style.describe(
            ax,
            f"Dendrogram of {_style.count(n, 'actor')} cut into "
            f"{_style.count(clusters.n_clusters, 'cluster')}"
            + (f"; unplaced: {', '.join(unplaced)}." if unplaced else "."),
        )
    return ax
