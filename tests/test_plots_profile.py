"""What clusters stand for, read back from the chart's artists."""

import numpy as np
import pandas as pd
import pytest
from charts import (
    SIZES,
    closed_figures,  # noqa: F401 (a fixture)
    clustered,
    distance,
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
from matplotlib.colors import same_color, to_hex

import camdata as cam
from camdata import plots
from camdata.plots import _style


def shown_rows(profile, most=3):
    """Return the positions that are drawn: those that set the larger clusters apart."""
    apart = profile.apart(most)
    return apart[apart["members"] > 1]


@pytest.mark.parametrize(("which", "width"), SIZES)
def test_everything_can_be_read(which, width):
    ax = drawn_at(lambda x, **look: plots.profile(x.profile, **look), which, width)
    assert faults(ax) == {}
    paths = [line.get_transform().transform_path(line.get_path()) for line in ax.lines]
    assert struck(with_gid(ax.texts, "counts"), paths, within=0) == []


@pytest.mark.parametrize("which", [3, "bundled", 60, "ordinal"])
@pytest.mark.parametrize("most", [1, 3])
def test_bars_are_the_positions_that_set_a_cluster_apart(which, most):
    profile = of(which).profile
    ax = plots.profile(profile, most=most)
    # of sixty actors three positions of each cluster would be taller than a page
    table = shown_rows(profile, min(most, 2) if which == 60 else most)
    bars = with_gid(ax.patches, "cluster")
    assert [bar.get_width() for bar in bars] == pytest.approx(table["share"].tolist())
    assert [bar.get_gid() for bar in bars] == [f"cluster {label}" for label in table["cluster"]]
    for bar, label in zip(bars, table["cluster"], strict=True):
        assert same_color(bar.get_facecolor(), _style.CLUSTERS[label - 1])
    middles = [bar.get_y() + bar.get_height() / 2 for bar in bars]
    assert middles == pytest.approx(list(labels_of(ax, "y")), abs=1e-3)
    assert np.diff(middles).min(initial=1) > 0.9
    rests = with_gid(ax.lines, "rest")
    assert [line.get_xdata()[0] for line in rests] == pytest.approx(table["rest"].tolist())
    assert [np.mean(line.get_ydata()) for line in rests] == pytest.approx(middles)
    placed = sum(len(actors) for actors in profile.members.values())
    expected = [
        f"{row['holders']} of {row['members']}, others "
        f"{round(row['rest'] * (placed - row['members']))} of {placed - row['members']}"
        for row in table.to_dict("records")
    ]
    assert [text.get_text() for text in with_gid(ax.texts, "counts")] == expected


def test_positions_are_named_by_their_label_and_opposition_in_words():
    profile = of(60).profile
    table = shown_rows(profile, 2)
    assert (table["stance"] == -1).any()
    names = [
        label if stance == 1 else f"against {label}"
        for label, stance in zip(table["label"], table["stance"], strict=True)
    ]
    assert y_labels(plots.profile(profile)) == names
    ordinal = of("ordinal").profile
    table = shown_rows(ordinal)
    named = zip(table["label"], table["stance"], strict=True)
    words = [f"{label}: {level}".replace(": -", ": −") for label, level in named]
    assert y_labels(plots.profile(ordinal)) == words


@pytest.mark.parametrize("which", [3, "bundled", "dollars"])
def test_all_members_are_named_above_their_positions(which):
    profile = of(which).profile
    ax = plots.profile(profile)
    heads = with_gid(ax.texts, "members")
    larger = {label: actors for label, actors in profile.members.items() if len(actors) > 1}
    named = {text.get_gid(): text.get_text().replace("\n", " ") for text in heads}
    assert named == {f"members {label}": ", ".join(actors) for label, actors in larger.items()}
    badges = [t.get_text() for t in with_gid(ax.texts, "cluster")]
    assert badges == [str(label) for label in larger]
    places = {text.get_gid(): text.get_position()[1] for text in heads}
    for bar in with_gid(ax.patches, "cluster"):
        assert bar.get_y() > places[bar.get_gid().replace("cluster", "members")]


def test_of_very_many_members_the_first_are_named():
    ax = plots.profile(of(60).profile)
    (first, *_) = with_gid(ax.texts, "members")
    members = of(60).profile.members[1]
    shown = first.get_text().replace("\n", " ")
    assert shown.startswith(", ".join(members[:3]))
    names, more = shown.split(" and ")
    assert len(names.split(", ")) + int(more.removesuffix(" more")) == len(members)
    assert first.get_text().count("\n") < 4


def test_singletons_are_one_line():
    x = of("bundled")
    clusters = clustered(x.agreement, 8)
    assert len(clusters.singletons) > 2
    ax = plots.profile(cam.profile(clusters, x.codes))
    alone = [f"{label} {a[0]}" for label, a in clusters.members.items() if len(a) == 1]
    assert f"alone in a cluster: {'; '.join(alone)}" in note(ax)
    assert len(with_gid(ax.texts, "members")) == clusters.n_clusters - len(alone)
    assert faults(ax) == {}


def test_it_is_never_taller_than_a_page():
    actors = [f"Actor {i:03d}" for i in range(120)]
    rows = [
        (actor, f"code {(i // 2 + j) % 60}") for i, actor in enumerate(actors) for j in range(3)
    ]
    tally = cam.Meeting(pd.DataFrame(rows, columns=["actor", "code"])).tally()
    labels = {actor: i // 2 + 1 for i, actor in enumerate(actors)}
    ax = plots.profile(cam.profile(labels, tally), most=5)
    assert ax.get_figure().get_size_inches()[1] < 10
    shown = len(with_gid(ax.texts, "members"))
    assert 10 < shown < 60
    assert f"no room for: {shown + 1} Actor" in note(ax)
    assert faults(ax) == {}
    # fewer positions before fewer clusters
    some = {actor: i // 20 + 1 for i, actor in enumerate(actors)}
    ax = plots.profile(cam.profile(some, tally), most=5)
    assert len(with_gid(ax.texts, "members")) == 6
    assert len(with_gid(ax.patches, "cluster")) == 12
    assert ax.get_figure().get_size_inches()[1] < 10


def test_one_cluster_has_no_rest():
    tally = of("bundled").tally
    ax = plots.profile(cam.profile(pd.Series(1, index=list(tally.actors)), tally))
    assert with_gid(ax.lines, "rest") == []
    assert title(ax) == (
        "What each cluster stands for: 1 cluster, 14 actors, 4 dimensions, 38 statements"
    )
    assert "others" not in " ".join(text.get_text() for text in ax.texts)


def test_a_cluster_that_nothing_sets_apart_says_so():
    table = pd.DataFrame(1, index=list("ABCD"), columns=["x"], dtype="Int8")
    ax = plots.profile(cam.profile({"A": 1, "B": 1, "C": 2, "D": 2}, table))
    assert [t.get_text() for t in ax.texts].count("nothing sets it apart") == 2
    assert y_labels(ax) == []
    assert faults(ax) == {}


@pytest.mark.parametrize("labels", [{"A": 1, "B": 2}, {}])
def test_nothing_but_singletons_or_nobody_is_drawn(labels):
    table = pd.DataFrame(1, index=list("AB"), columns=["x"], dtype="Int8")
    ax = plots.profile(cam.profile(labels, table))
    assert with_gid(ax.texts, "members") == []
    assert f"{len(labels)} clusters" in title(ax)


def test_the_line_can_be_told_from_the_bar_of_every_cluster():
    actors, codes = [f"A{i}" for i in range(20)], list("abcdefghij")
    table = pd.DataFrame(np.nan, index=actors, columns=codes)
    for i, actor in enumerate(actors):
        table.at[actor, codes[i % 10]] = 1
    ax = plots.profile(cam.profile({actor: i % 10 + 1 for i, actor in enumerate(actors)}, table))
    bars = {to_hex(bar.get_facecolor()) for bar in with_gid(ax.patches, "cluster")}
    assert len(bars) == 10
    lines = {to_hex(line.get_color()) for line in with_gid(ax.lines, "rest")}
    assert min(distance(a, b) for a in bars for b in lines) > 15


def test_it_tells_what_it_shows_to_those_who_do_not_see_it():
    x = of("bundled")
    alt = plots.profile(cam.profile(x.clusters)).get_figure().alt
    assert alt == (
        "Bars of the positions that set each cluster apart, first of all: coordination (cluster "
        "1), pragmatism (cluster 2)."
    )


@pytest.mark.parametrize("most", [0, 1.5, True])
def test_most_is_a_number(most):
    with pytest.raises((TypeError, ValueError), match="`most` must be"):
        plots.profile(of("bundled").profile, most=most)
