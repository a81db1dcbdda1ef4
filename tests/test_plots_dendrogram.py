"""The dendrogram, read back from its artists."""

import numpy as np
import pandas as pd
import pytest
from charts import (
    SIZES,
    closed_figures,  # noqa: F401 (a fixture)
    clustered,
    drawn_at,
    faults,
    labels_of,
    note,
    of,
    struck,
    title,
    with_gid,
    y_labels,
)
from matplotlib.colors import same_color

import camdata as cam
from camdata import plots
from camdata.analysis.trees import cut
from camdata.plots import _style
from camdata.plots._dendrogram import cut_height

WHICH = pytest.mark.parametrize("which", [3, "bundled", 60])


@pytest.mark.parametrize(("which", "width"), SIZES)
def test_everything_can_be_read(which, width):
    ax = drawn_at(
        lambda x, **look: plots.dendrogram(x.clusters, stability=x.stability, **look), which, width
    )
    assert faults(ax) == {}
    paths = [line.get_transform().transform_path(line.get_path()) for line in ax.lines]
    numbers = [text for text in with_gid(ax.texts, "recovery") if text.get_visible()]
    assert struck(numbers, paths) == []


@WHICH
def test_it_is_the_tree(which):
    clusters = of(which).clusters
    ax = plots.dendrogram(clusters)
    merges = with_gid(ax.lines, "merge")
    assert sorted(y_labels(ax)) == sorted(clusters.placed)
    heights = sorted(line.get_xdata()[1] for line in merges)
    assert heights == pytest.approx(sorted(clusters.linkage[:, 2]))
    # leaves are the ends at distance 0, from top to bottom
    places = list(labels_of(ax, "y"))
    ends = {y for line in merges for x, y in zip(*line.get_data(), strict=True) if x == 0}
    assert set(places) <= ends
    bottom, top = ax.get_ylim()
    assert bottom > max(places) > min(places) > top
    left, right = ax.get_xlim()
    assert left > max(heights)
    assert right <= 0


@WHICH
def test_it_joins_what_the_linkage_joins(which):
    clusters = of(which).clusters
    ax = plots.dendrogram(clusters)
    row = {name: at for at, name in labels_of(ax, "y").items()}
    inside = [frozenset([actor]) for actor in clusters.placed]
    expected = set()
    for left, right, height, _ in clusters.linkage:
        inside.append(inside[int(left)] | inside[int(right)])
        expected.add((inside[-1], round(height, 9)))
    groups = {at: frozenset([name]) for name, at in row.items()}
    found = set()
    for line in with_gid(ax.lines, "merge"):
        y = line.get_ydata()
        joined = groups[y[0]] | groups[y[-1]]
        groups[(y[0] + y[-1]) / 2] = joined
        found.add((joined, round(line.get_xdata()[1], 9)))
    assert found == expected


@WHICH
def test_no_two_branches_cross(which):
    linkage = of(which).clusters.tree
    order = of(which).clusters.order
    placed = of(which).clusters.placed
    inside = [[order.index(actor)] for actor in placed]
    for left, right, *_ in linkage:
        joined = inside[int(left)] + inside[int(right)]
        assert sorted(joined) == list(range(min(joined), max(joined) + 1))
        assert max(inside[int(left)]) < min(inside[int(right)])
        inside.append(joined)


@pytest.mark.parametrize("n_clusters", [2, 3, 4, 8])
def test_clusters_are_numbered_down_the_chart_as_far_as_the_tree_allows(n_clusters):
    clusters = cam.cluster(of("bundled").agreement, n_clusters=n_clusters)
    ax = plots.dendrogram(clusters)
    numbers = [int(badge.get_text()) for badge in with_gid(ax.texts, "cluster")]
    assert numbers[0] == 1
    firsts = list(dict.fromkeys(numbers))
    # where the tree itself parts neighbours, no turning can bring them together
    inside = [frozenset([int(clusters.labels[actor])]) for actor in clusters.placed]
    for left, right, *_ in clusters.linkage:
        inside.append(inside[int(left)] | inside[int(right)])
    for group in inside:
        places = sorted(firsts.index(label) for label in group)
        assert firsts[places[0]] == min(group)
    if n_clusters < 4:
        assert firsts == sorted(firsts)


@WHICH
def test_it_numbers_its_leaves_by_cluster(which):
    clusters = of(which).clusters
    ax = plots.dendrogram(clusters)
    badges = with_gid(ax.texts, "cluster")
    assert len(badges) == len(clusters.placed)
    for badge, (at, actor) in zip(badges, labels_of(ax, "y").items(), strict=True):
        label = clusters.labels[actor]
        assert badge.get_text() == str(label)
        assert badge.get_position()[1] == at
        color = _style.CLUSTERS[(label - 1) % len(_style.CLUSTERS)]
        assert same_color(badge.get_bbox_patch().get_facecolor(), color)


@pytest.mark.parametrize("n_clusters", [1, 2, 3, 5, 13])
def test_the_cut_is_drawn_where_it_makes_the_clusters(n_clusters):
    clusters = clustered(of("bundled").agreement, n_clusters)
    ax = plots.dendrogram(clusters)
    (line,) = with_gid(ax.lines, "cut")
    at = line.get_xdata()[0]
    assert at == cut_height(clusters)
    crossed = sum(
        sum(end < at < line.get_xdata()[1] for end in (line.get_xdata()[0], line.get_xdata()[-1]))
        for line in with_gid(ax.lines, "merge")
    )
    # as many branches are cut as there are clusters; the root's own is not drawn, and actors that
    # are recorded alike are parted at distance 0 only
    assert crossed == (clusters.n_clusters if 1 < clusters.n_clusters < 13 else 0)
    assert (at == 0) == (clusters.n_clusters == 13)
    assert clusters.n_clusters == len(set(cut(clusters.linkage, clusters.n_clusters)))
    left, right = ax.get_xlim()
    assert left > at > right
    assert "dashed: where the tree is cut" in note(ax)


def test_it_names_the_unplaced():
    assert "unplaced: Bolivia" in note(plots.dendrogram(of("bundled").clusters))
    assert "unplaced" not in note(plots.dendrogram(of(3).clusters))
    assert "unplaced: BOL" in note(plots.dendrogram(of("bundled").clusters, labels="iso3"))


@WHICH
def test_it_carries_the_recovery_of_its_branches(which):
    x = of(which)
    ax = plots.dendrogram(x.clusters, stability=x.stability)
    branches = x.stability.branches.iloc[:-1]  # the root always comes back
    branches = branches[branches["height"] > 1e-9]
    found = [(t.xy[0], int(t.get_text())) for t in with_gid(ax.texts, "recovery")]
    assert sorted(found) == sorted(
        (row["height"], int(f"{100 * row['recovery']:.0f}")) for row in branches.to_dict("records")
    )
    assert with_gid(plots.dendrogram(x.clusters).texts, "recovery") == []
    assert f"recovery of each branch in {x.stability.n_resamples} resamples of codes" in note(ax)
    if which == "bundled":
        assert all(text.get_visible() for text in with_gid(ax.texts, "recovery"))


def test_the_title_says_what_is_shown():
    ax = plots.dendrogram(of("bundled").clusters)
    assert title(ax) == "Average linkage: 13 actors in 3 clusters, 4 dimensions, 38 statements"
    codes = cam.cluster(cam.agreement(of("bundled").codes), 5)
    assert "5 clusters, 17 codes, 38 statements" in title(plots.dendrogram(codes))
    own = clustered(of("bundled").agreement.frame, 3)
    assert title(plots.dendrogram(own)) == "Average linkage: 13 actors in 3 clusters"


def test_it_needs_a_tree():
    louvain = cam.cluster(of("bundled").agreement, method="louvain")
    with pytest.raises(ValueError, match=r"no tree.*louvain"):
        plots.dendrogram(louvain)
    silent = pd.DataFrame(np.nan, index=["A", "B"], columns=["A", "B"])
    with pytest.raises(ValueError, match="no tree"):
        plots.dendrogram(cam.cluster(silent))


def test_it_refuses_the_stability_of_another_tree():
    other = cam.cluster(cam.agreement(of("bundled").codes), 5)
    with pytest.raises(ValueError, match="another tree"):
        plots.dendrogram(other, stability=of("bundled").stability)


def test_actors_that_all_agree_have_a_tree():
    table = pd.DataFrame({"x": [1, 1, 1]}, index=list("ABC"), dtype="Int8")
    ax = plots.dendrogram(cam.cluster(cam.agreement(table)))
    assert faults(ax) == {}
