"""How often actors fall together when codes or statements are drawn again."""

from __future__ import annotations

from typing import Unpack

from matplotlib.axes import Axes

from camdata._display.checks import wrong_type
from camdata._display.words import count
from camdata.analysis.robustness import Stability
from camdata.plots import _chart, _look
from camdata.plots._agreement import side_of, square


@_look.signed
def stability(stability: Stability, **look: Unpack[_look.Look]) -> Axes:
    """Draw how often two actors fall together, in the order of the dendrogram.

    Parameters
    ----------
    stability : Stability
        From `camdata.stability`.
    title, labels, palette, figsize, ax
        As for every chart (`camdata.plots`); the palette is that of the clusters.

    Returns
    -------
    matplotlib.axes.Axes
        The heat map, with the clusters of all statements marked and the share of the resamples that
        place each actor beside its name; grey where no resample places both.

    Examples
    --------
    >>> import camdata as cam
    >>> clusters = cam.cluster(cam.agreement(cam.load_meeting().tally()), n_clusters=3)
    >>> ax = cam.plots.stability(cam.stability(clusters, n_resamples=50))
    >>> ax.get_title(loc="left").replace("\\n", " ")
    'Together in the same cluster: 50 resamples of codes, 3 clusters held, 4 dimensions, ...'
    """
    if not isinstance(stability, Stability):
        raise wrong_type("stability", "Stability", stability)
    clusters = stability.clusters
    order = clusters.order
    tally = clusters.agreement.tally
    with _chart.drawing(side_of(order), tally=tally, **look) as chart:
        table = stability.together.loc[order, order]
        placed = {actor: f"{share:.0%}" for actor, share in stability.placed.items()}
        square(
            chart,
            table,
            clusters,
            chart.actors(order, placed),
            bounded=True,
            scale="share of resamples",
        )
        chart.note("in brackets: share of the resamples that place the actor")
        resamples = f"{count(stability.n_resamples, 'resample')} of {stability.over}"
        low, high = stability.recovery["recovery"].min(), stability.recovery["recovery"].max()
        chart.says(
            f"Together in the same cluster: {resamples}, "
            f"{count(clusters.n_clusters, 'cluster')} held{_look.about(tally)}",
            f"Heat map of how often {count(len(order), 'actor')} fall together in {resamples}; "
            f"the recovery of the clusters goes from {low:.2f} to {high:.2f}.",
        )
    return chart.ax
