"""How sure the clusters are: resamples, single statements, structureless tables."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from camdata.chance import ClusterChoice
from camdata.plots import _style
from camdata.plots._agreement import beside, square
from camdata.robustness import Stability


def stability(stability: Stability, *, ax: Axes | None = None) -> Axes:
    """Draw how often two actors fall together, in the order of the dendrogram.

    Parameters
    ----------
    stability : Stability
        From `camdata.stability`.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default on a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        The heatmap, with the clusters of all statements marked and the share of the resamples that
        place each actor beside its name; grey where no resample places both.

    Examples
    --------
    >>> import camdata as cam
    >>> ax = cam.plots.stability(cam.stability(cam.load_meeting(), n=50))
    >>> ax.get_title(loc="left")
    'Together in the same cluster: 50 resamples of codes, 8 clusters held, 38 statements'
    """
    clusters = stability.clusters
    order = clusters.order
    with _style.style():
        table = stability.together.loc[order, order]
        ax = square(table, ax=ax, bounded=True, colorbar="share of resamples")
        beside(ax, order, clusters, clusters.labels, {})
        names = [f"{actor} ({stability.placed[actor]:.0%})" for actor in order]
        ax.set_yticks(np.arange(len(order)) + 0.5, names)
        ax.set_title(
            f"Together in the same cluster: {_style.count(stability.n, 'resample')} of "
            f"{stability.over}, {_style.count(clusters.n_clusters, 'cluster')} held"
            f"{_style.behind(clusters.labels.attrs)}"
        )
        ax.set_xlabel("in brackets: share of the resamples that place the actor", fontsize=8)
        low, high = stability.recovery["recovery"].min(), stability.recovery["recovery"].max()
        _style.describe(
            ax,
            f"Heatmap of how often {_style.count(len(order), 'actor')} fall together in "
            f"{_style.count(stability.n, 'resample')} of {stability.over}; the recovery of the "
            f"clusters goes from {low:.2f} to {high:.2f}.",
        )
    return ax


def profile(profile: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw what each cluster stands for.

    Parameters
    ----------
    profile : pandas.DataFrame
        From `camdata.profile`.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default on a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        A row for each cluster and position, those that set the cluster apart first: the bar is the
        share of its members recorded with the position, the line the share of the rest.

    Examples
    --------
    >>> import camdata as cam
    >>> positions = cam.load_meeting().positions()
    >>> clusters = cam.cluster(cam.agreement(positions), n_clusters=3)
    >>> ax = cam.plots.profile(cam.profile(positions, clusters))
    >>> ax.get_title(loc="left")
    'What each cluster stands for: 3 clusters, 13 actors, 38 statements'
    """
    key = str(profile.columns[1])
    clusters = profile["cluster"].drop_duplicates().tolist()
    gaps = {label: 0.7 * i for i, label in enumerate(clusters)}
    rows = len(profile) + 0.7 * len(clusters)
    y = np.arange(len(profile)) + profile["cluster"].map(gaps).to_numpy(dtype=float)
    with _style.style():
        ax = _style.axes(ax, (5.4, 0.5 + 0.21 * rows))
        for at, row in zip(y, profile.to_dict("records"), strict=True):
            color = _style.cluster_color(row["cluster"])
            ax.barh(at, row["share"], height=0.72, color=color, gid=f"cluster {row['cluster']}")
            if not np.isnan(row["rest"]):
                ax.plot([row["rest"]] * 2, [at - 0.42, at + 0.42], color=_style.INK, lw=2.2)
            text = f"{row['recorded']} of {row['members']}"
            end = max(row["share"], 0 if np.isnan(row["rest"]) else row["rest"])
            ax.text(end + 0.02, at, text, va="center", fontsize=7.5)
        names = [
            str(name) if stance == 1 else f"{name} ({stance:+d})"
            for name, stance in zip(profile[key], profile["stance"], strict=True)
        ]
        ax.set_yticks(y, names)
        for label in clusters:
            first = float(y[(profile["cluster"] == label).to_numpy()].min())
            _style.badge(ax, (-0.02, first - 0.85), int(label), transform=None)
        sizes = profile.drop_duplicates("cluster")["members"]
        ax.set(xlim=(-0.04, 1.16), ylim=(float(y.max(initial=0)) + 0.8, -2.6))
        ax.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0", "25", "50", "75", "100%"])
        ax.set_xlabel("share of actors recorded with the position")
        ax.tick_params(axis="y", length=0)
        ax.spines["left"].set_visible(False)
        ax.legend(
            handles=[
                Patch(fc=_style.FAINT, label="members of the cluster"),
                Line2D([], [], color=_style.INK, lw=2.2, label="all other placed actors"),
            ],
            loc="upper right",
            ncols=2,
            borderaxespad=0.1,
        )
        ax.set_title(
            f"What each cluster stands for: {_style.count(len(clusters), 'cluster')}, "
            f"{_style.count(int(sizes.sum()), 'actor')}{_style.behind(profile.attrs)}"
        )
        leads = profile.drop_duplicates("cluster")
        _style.describe(
            ax,
            "Bars of the positions of each cluster; set apart first by "
            + ", ".join(
                f"{name} (cluster {label})"
                for name, label in zip(leads[key], leads["cluster"], strict=True)
            )
            + ".",
        )
    return ax


def sensitivity(sensitivity: pd.DataFrame, *, most: int = 20, ax: Axes | None = None) -> Axes:
    """Draw what leaving out single statements does to the clusters.

    Parameters
    ----------
    sensitivity : pandas.DataFrame
        From `camdata.sensitivity`.
    most : int
        How many statements to draw, those with the largest effect first.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default on a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        A row for each statement: the adjusted Rand index of the clusters without it against those
        of all statements, and who moves. 1 is no change.

    Examples
    --------
    >>> import camdata as cam
    >>> ax = cam.plots.sensitivity(cam.sensitivity(cam.load_meeting()), most=5)
    >>> [label.get_text() for label in ax.get_yticklabels()][0]
    'United States, joint_action'
    """
    shown = sensitivity.head(most)
    y = np.arange(len(shown))
    with _style.style():
        ax = _style.axes(ax, (6.4, 0.2 + 0.26 * len(shown)))
        rand = shown["adjusted_rand"].to_numpy(dtype=float)
        ax.hlines(y, rand, 1, color="#c9c9c9", lw=2)
        ax.plot(rand, y, "o", color=_style.CLUSTERS[0], ms=6, gid="adjusted_rand")
        ax.axvline(1, color=_style.FAINT, lw=1)
        for at, moved, lost in zip(y.tolist(), shown["moved"], shown["unplaced"], strict=True):
            parts = [_style.clipped(moved, 62)] if moved else []
            parts += [f"unplaced: {lost}"] if lost else []
            ax.text(1.05, at, "; ".join(parts) or "nobody moves", va="center", fontsize=7.5)
        names = [f"{a}, {c}" for a, c in zip(shown["actor"], shown["code"], strict=True)]
        ax.set_yticks(y, names)
        low = min(0.0, float(np.nanmin(rand, initial=0.0)))
        ax.set(xlim=(low - 0.03, 1.95), ylim=(len(shown) - 0.4, -0.6))
        ax.set_xticks(np.arange(np.floor(low * 4) / 4, 1.01, 0.25))
        ax.set_xlabel("adjusted Rand index without the statement", loc="left")
        ax.tick_params(axis="y", length=0)
        ax.spines[["left"]].set_visible(False)
        ax.spines["bottom"].set_bounds(low, 1)
        changing = int((sensitivity["adjusted_rand"] < 1 - 1e-9).sum())
        total = _style.count(len(sensitivity), "statement")
        shown_of = "" if len(shown) == len(sensitivity) else f", the first {len(shown)} shown"
        ax.set_title(f"Without one statement: {changing} of {total} change the clusters{shown_of}")
        _style.describe(
            ax,
            f"Dot chart of the adjusted Rand index without each statement: {changing} of {total} "
            "change who is with whom.",
        )
    return ax


def choice(choice: ClusterChoice, *, ax: Axes | None = None) -> Axes:
    """Draw the silhouettes of attainable cuts against those of structureless tables.

    Parameters
    ----------
    choice : ClusterChoice
        From `camdata.cluster_choice`.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default on a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        Dots are the cuts of the data, the band holds nine tenths of the random tables that attain
        the same number, the line is their mean. The title says the answer.

    Examples
    --------
    >>> import camdata as cam
    >>> choice = cam.cluster_choice(cam.load_meeting().positions(), n=99)
    >>> ax = cam.plots.choice(choice)
    >>> ax.get_xlabel()
    'number of clusters'
    """
    table = choice.table
    x = table.index.to_numpy(dtype=float)
    with _style.style():
        ax = _style.axes(ax, (5.0, 3.0))
        ax.vlines(x, table["low"], table["high"], color="#d3d3d3", lw=9, label="random tables, 90%")
        ax.plot(x, table["expected"], "_", color=_style.FAINT, ms=12, mew=2, label="their mean")
        ax.plot(
            x, table["silhouette"], "o", color=_style.CLUSTERS[0], ms=7, label="recorded positions"
        )
        best = table.index == choice.n_clusters
        ax.plot(
            x[best],
            table["silhouette"][best],
            "o",
            mfc="none",
            mec=_style.CLUSTERS[1],
            ms=13,
            mew=2,
            label="largest",
        )
        step = max(1, -(-len(x) // 16))
        shown = [k for i, k in enumerate(table.index) if i % step == 0 or k == choice.n_clusters]
        if step > 1:  # the ring's own number needs the room of its neighbours
            near = range(choice.n_clusters - step + 1, choice.n_clusters + step)
            shown = [k for k in shown if k == choice.n_clusters or k not in near]
        ax.set_xticks(shown, [str(k) for k in shown])
        ax.set(xlabel="number of clusters", ylabel="mean silhouette")
        ax.legend(loc="upper left", bbox_to_anchor=(1, 1))
        answer = "structure" if choice.structured else "no structure"
        if np.isnan(choice.best):
            ax.set_title("How many clusters? No cut has a silhouette")
        else:
            ax.set_title(
                f"How many clusters? {answer.capitalize()} beyond chance\n"
                f"(best silhouette {choice.best:.2f}, {len(choice.random)} random tables, "
                f"p = {choice.p_value:.2f}{_style.behind(choice.table.attrs)})"
            )
        _style.describe(ax, f"Silhouettes by number of clusters. {choice.summary}")
    return ax
