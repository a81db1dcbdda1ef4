"""The tree of a hierarchical clustering."""

from __future__ import annotations

from matplotlib.axes import Axes

from camdata.clustering import Clusters
from camdata.plots import _style


def draw_tree(ax: Axes, clusters: Clusters) -> None:
    """Draw the tree with its root on the left; leaf i stands at 10 · i + 5 from the top."""
    from scipy.cluster.hierarchy import dendrogram

    drawn = dendrogram(clusters.linkage, no_plot=True)
    for across, along in zip(drawn["icoord"], drawn["dcoord"], strict=True):
        ax.plot(along, across, color=_style.INK, lw=1, solid_capstyle="round")
    top = float(clusters.linkage[-1, 2])
    ax.set_xlim(max(top, 1e-6) * 1.04, -0.02)
    ax.set_yticks([])
    ax.set_xlabel("distance\n(1 − agreement)", fontsize=7.5)
    ax.tick_params(axis="x", labelsize=7, length=2)
    ax.spines[["left", "top", "right"]].set_visible(False)
