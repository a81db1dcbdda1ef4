"""The heat map of stability, read back from its artists."""

import numpy as np
import pytest
from charts import (
    SIZES,
    child,
    closed_figures,  # noqa: F401 (a fixture)
    drawn_at,
    faults,
    note,
    of,
    title,
    with_gid,
    x_labels,
    y_labels,
)
from matplotlib.colors import same_color

from camdata import plots
from camdata.plots import _style


@pytest.mark.parametrize(("which", "width"), SIZES)
def test_everything_can_be_read(which, width):
    assert (
        faults(drawn_at(lambda x, **look: plots.stability(x.stability, **look), which, width)) == {}
    )


@pytest.mark.parametrize("which", ["bundled", 60])
def test_it_shows_how_often_two_fall_together(which):
    stability = of(which).stability
    ax = plots.stability(stability)
    order = stability.clusters.order
    expected = stability.together.loc[order, order].to_numpy()
    mesh = ax.collections[0]
    shown = mesh.get_array().reshape(expected.shape)
    hidden = np.isnan(expected) | np.eye(len(order), dtype=bool)
    assert (np.ma.getmaskarray(shown) == hidden).all()
    assert shown.data[~hidden] == pytest.approx(expected[~hidden])
    assert mesh.get_clim() == (0, 1)
    assert x_labels(ax) == order
    assert y_labels(ax) == [f"{actor} ({stability.placed[actor]:.0%})" for actor in order]
    assert "in brackets: share of the resamples that place the actor" in note(ax)


def test_it_writes_its_numbers_and_greys_what_is_missing():
    stability = of("bundled").stability
    ax = plots.stability(stability)
    order = stability.clusters.order
    written = {
        (order[int(text.get_position()[1])], order[int(text.get_position()[0])]): text.get_text()
        for text in [*with_gid(ax.texts, "value"), *with_gid(ax.texts, "missing")]
    }
    expected = {}
    for a in order:
        for b in order:
            value = stability.together.loc[a, b]
            number = f"{value:.2f}".lstrip("0") if 0.005 <= value < 0.995 else f"{value:.0f}"
            if a != b:
                expected[a, b] = "–" if np.isnan(value) else number
    assert written == expected
    assert stability.together.loc["Bolivia"].drop("Bolivia").isna().all()
    assert same_color(ax.get_facecolor(), _style.MISSING)


@pytest.mark.parametrize("which", [3, "bundled"])
def test_it_marks_the_clusters(which):
    clusters = of(which).stability.clusters
    ax = plots.stability(of(which).stability)
    order = clusters.order
    marked = {}
    for patch in with_gid(child(ax, "clusters").patches, "cluster"):
        first, size = round(patch.get_y()), round(patch.get_height())
        label = int(patch.get_gid().removeprefix("cluster "))
        marked[label] = sorted(order[first : first + size])
        assert same_color(patch.get_facecolor(), _style.CLUSTERS[label - 1])
    assert marked == {label: sorted(actors) for label, actors in clusters.members.items()}
    heights = sorted(
        line.get_xdata()[1] for line in with_gid(child(ax, "dendrogram").lines, "merge")
    )
    assert heights == pytest.approx(sorted(clusters.linkage[:, 2]))


def test_it_says_what_it_shows():
    ax = plots.stability(of("bundled").stability)
    assert child(ax, "colorbar").get_title(loc="left") == "share of resamples"
    assert title(ax) == (
        "Together in the same cluster: 60 resamples of codes, 3 clusters held, 4 dimensions, "
        "38 statements"
    )
