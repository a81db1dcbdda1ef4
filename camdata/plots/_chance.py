"""Against chance, and between coders."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from camdata.chance import NullModel
from camdata.plots import _style
from camdata.reliability import Reliability


def null_model(null_model: NullModel, *, ax: Axes | None = None) -> Axes:
    """Draw what pairs share against what chance would give them.

    Parameters
    ----------
    null_model : NullModel
        From `camdata.null_model`.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default on a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        A dot for each pair, larger where several fall together; on the line a pair shares just what
        its activity and the positions' popularity give. Significant pairs are filled and named.

    Examples
    --------
    >>> import camdata as cam
    >>> null = cam.null_model(cam.load_meeting().positions(), n=99)
    >>> ax = cam.plots.null_model(null)
    >>> ax.get_title(loc="left").splitlines()[0]
    'Observed against expected: 78 pairs, 0 significant, 38 statements'
    """
    pairs = null_model.pairs
    with _style.style():
        ax = _style.axes(ax, (5.2, 3.8))
        points = pairs.assign(expected=pairs["expected"].round(2)).groupby(
            ["expected", "shared", "significant"], as_index=False
        )
        counted = points.size()
        for significant, part in counted.groupby("significant"):
            ax.scatter(
                part["expected"],
                part["shared"],
                s=14 + 22 * np.sqrt(part["size"]),
                fc=_style.CLUSTERS[1] if significant else "#c5d5e4",
                ec=_style.CLUSTERS[0],
                lw=1.0,
                alpha=0.85,
                zorder=3,
                clip_on=False,
                gid="significant" if significant else "not significant",
            )
        top = float(max(pairs["shared"].max(), pairs["expected"].max())) if len(pairs) else 1.0
        ax.plot([0, top], [0, top], color=_style.FAINT, lw=1, ls="--", zorder=1)
        wide = (float(pairs["expected"].max()) if len(pairs) else 0.0) * 1.12 or 1.0
        low = min(wide, top)
        ax.annotate(
            "as expected",
            (0.8 * low, 0.8 * low),
            xytext=(6, -4),
            textcoords="offset points",
            ha="left",
            va="top",
            fontsize=8,
            color=_style.FAINT,
        )
        ax.set(xlim=(-0.06 * wide, wide), ylim=(-0.08 * max(top, 1), 1.06 * max(top, 1)))
        for actor, other, expected, shared in null_model.backbone[
            ["actor", "other", "expected", "shared"]
        ].itertuples(index=False, name=None):
            ax.annotate(
                f"{actor} – {other}",
                (expected, shared),
                xytext=(8, 0),
                textcoords="offset points",
                va="center",
                fontsize=8,
            )
        ax.set(
            xlabel=f"shared positions expected (mean of {null_model.n} random tables)",
            ylabel="shared positions observed",
        )
        ax.set_yticks(np.arange(0, int(top) + 1, -(-int(top) // 12) or 1))
        kept = len(null_model.backbone)
        second = (
            "no pair shares more than activity and popularity give"
            if kept == 0
            else f"at a false discovery rate of {null_model.alpha:g}"
        )
        ax.set_title(
            f"Observed against expected: {_style.count(len(pairs), 'pair')}, {kept} significant"
            f"{_style.behind(pairs.attrs)}\n"
            f"{second}"
        )
        _style.describe(ax, f"Scatter of shared against expected positions. {null_model.summary}")
    return ax


def coders(reliability: Reliability, *, ax: Axes | None = None) -> Axes:
    """Draw Krippendorff's alpha overall, by dimension and by code.

    Parameters
    ----------
    reliability : Reliability
        From `camdata.reliability`.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default on a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        A dot for each alpha with its interval when actors are drawn again; a cross where alpha is
        not defined, since the coders use one value only.

    Examples
    --------
    >>> import pandas as pd
    >>> import camdata as cam
    >>> rows = [("A", "tax"), ("A", "quota"), ("B", "tax"), ("C", "quota")]
    >>> first = pd.DataFrame(rows, columns=["actor", "code"]).assign(coder="Ana")
    >>> both = pd.concat([first, first.iloc[[0, 2, 3]].assign(coder="Ben")])
    >>> result = cam.reliability(both, pd.DataFrame({"code": ["tax", "quota"]}), n=50)
    >>> ax = cam.plots.coders(result)
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['all codes', 'tax', 'quota']
    """
    blocks = [
        (reliability.overall.rename(index={"all": "all codes"}), _style.INK),
        (reliability.by_dimension, _style.CLUSTERS[0]),
        (reliability.by_code, _style.CLUSTERS[4]),
    ]
    names, y, at = [], [], 0.0
    with _style.style():
        rows = sum(len(table) for table, _ in blocks)
        ax = _style.axes(ax, (4.8, 0.6 + 0.26 * rows))
        for table, color in blocks:
            for name, row in table.iterrows():
                names.append(f"{name}")
                y.append(at)
                if np.isnan(row["alpha"]):
                    ax.plot(0, at, "x", color=_style.FAINT, ms=6, gid="undefined")
                    ax.text(0.03, at, "not defined: one value only", va="center", fontsize=7.5)
                else:
                    ax.plot([row["low"], row["high"]], [at, at], color=color, lw=2.5, alpha=0.45)
                    ax.plot(row["alpha"], at, "o", color=color, ms=6.5, gid="alpha")
                at += 1
            at += 0.6 if len(table) else 0
        ax.axvline(1, color=_style.FAINT, lw=1)
        ax.axvline(0, color=_style.FAINT, lw=0.8, ls=":")
        ax.set_yticks(y, names)
        ax.set_ylim(at - 0.2, -0.8)
        ax.set_xlim(min(-0.1, ax.get_xlim()[0]), 1.06)
        ax.tick_params(axis="y", length=0)
        ax.spines["left"].set_visible(False)
        ax.set_xlabel(
            "Krippendorff's alpha (nominal), with the interval when actors are drawn again"
        )
        ax.set_title(
            f"{' and '.join(reliability.coders)}: alpha {reliability.alpha:.2f} on "
            f"{_style.count(int(reliability.overall['units'].iloc[0]), 'unit')} of "
            f"{_style.count(reliability.n_actors, 'actor')}"
        )
        _style.describe(ax, f"Dots of Krippendorff's alpha. {reliability.summary}")
    return ax
