"""The network of agreement: who is joined, how it is thinned, what its dots say."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from charts import (
    closed_figures,  # noqa: F401 (a fixture)
    clustered,
    drawn_texts,
    faults,
    note,
    overlapping,
    title,
    with_gid,
)
from matplotlib.colors import same_color
from matplotlib.text import Text
from plotted import ROOMY, drawn_at, holds_for_every_chart, results

import camdata as cam
from camdata import plots
from camdata.analysis.chance import NullModel
from camdata.plots import _style
from camdata.plots._network import PAIRS_PER_ACTOR, readable


def draw(x, **look):
    return plots.network(x.clusters, **look)


def parts(ax):
    """Return the dot and name of each actor, and the width of each line."""
    dots = {dot.get_gid().removeprefix("actor "): dot for dot in with_gid(ax.collections, "actor ")}
    names = {text.get_text(): text for text in with_gid(ax.texts, "label ")}
    at = {tuple(np.round(dot.get_offsets()[0], 9)): actor for actor, dot in dots.items()}
    edges = {}
    for line in with_gid(ax.lines, "pair"):
        ends = [at[tuple(np.round(point, 9))] for point in zip(*line.get_data(), strict=True)]
        edges[frozenset(ends)] = line.get_linewidth()
    return dots, names, edges


def pairs_above(agreement, threshold):
    table = agreement.frame
    return {
        frozenset((a, b)): table.loc[a, b]
        for a, b in combinations(table.index, 2)
        if table.loc[a, b] > threshold
    }


def test_holds_for_every_chart(tmp_path):
    holds_for_every_chart(draw, tmp_path)


@pytest.mark.parametrize(("which", "width"), ROOMY)
def test_can_be_read(which, width):
    assert faults(drawn_at(draw, which, width)) == {}


@pytest.mark.parametrize(
    ("which", "threshold"), [(3, 0), (3, 0.3), ("bundled", 0), ("bundled", 0.5), (60, 0.7)]
)
def test_the_pairs_above_are_joined_and_who_has_none_is_named(which, threshold):
    x = results(which)
    ax = plots.network(x.clusters, threshold=threshold)
    dots, names, edges = parts(ax)
    above = pairs_above(x.agreement, threshold)
    joined = set().union(*above)
    assert set(edges) == set(above)
    assert set(dots) == set(names) == joined
    alone = [actor for actor in x.agreement.actors if actor not in joined]
    assert ("joined with nobody" in note(ax)) == bool(alone)
    assert all(actor in note(ax) for actor in alone[:20])
    # the wider the more they agree
    weights, widths = np.array(list(above.values())), np.array([edges[pair] for pair in above])
    for known, shown in combinations(zip(weights, widths, strict=True), 2):
        assert np.sign(known[0] - shown[0]) == np.sign(known[1] - shown[1])


# thinning


@pytest.mark.parametrize("which", [3, "bundled", 60])
@pytest.mark.parametrize("by", ["dimension", "code"])
def test_by_default_lines_can_be_followed_and_the_title_says_above_what(which, by):
    agreement = cam.agreement(results(which).meeting.tally(by))
    shared, n = len(pairs_above(agreement, 0)), len(agreement.actors)
    ax = plots.network(clustered(agreement, 4))
    drawn = len(parts(ax)[2])
    assert 0 < drawn <= max(PAIRS_PER_ACTOR * n, 10)
    if drawn == shared:
        assert f"{shared} pair" in title(ax)
        assert "above" not in title(ax)
    else:
        number = float(title(ax).split("above ")[1].split(" ")[0])
        assert drawn == len(pairs_above(agreement, number))
        assert f"{drawn:,} of {shared:,} pairs, above {number:g}" in title(ax)


def test_a_given_threshold_wins():
    x = results("bundled")
    ax = plots.network(x.clusters, threshold=0)
    assert len(parts(ax)[2]) == 51
    assert "51 pairs sharing something" in title(ax)
    assert "above -1" in title(plots.network(x.agreement, threshold=-1))


@pytest.mark.parametrize(
    ("values", "n", "expected"),
    [
        ([0.2] * 10, 4, 0.0),
        ([], 0, 0.0),
        ([0.2] * 15 + [0.8] * 5, 4, 0.2),
        ([0.21] * 15 + [0.8] * 5, 4, 0.25),
        ([1.0] * 30, 4, 0.95),
        ([3.0] * 15 + [9.0] * 5, 4, 3.0),
        ([np.nan, -0.5, 0.3], 3, 0.0),
    ],
)
def test_the_threshold_is_the_smallest_round_number_that_leaves_few(values, n, expected):
    assert readable(np.array(values, dtype=float), n) == pytest.approx(expected)


# backbones


def test_an_empty_backbone_is_one_sentence():
    x = results("bundled")
    assert x.null.backbone.empty
    ax = plots.network(x.clusters, backbone=x.null)
    dots, names, edges = parts(ax)
    assert (dots, names, edges) == ({}, {}, {})
    assert title(ax) == "Backbone: empty"
    (sentence,) = with_gid(ax.texts, "sentence")
    words = sentence.get_text().replace("\n", " ")
    assert words.startswith("None of 78 pairs shares more than the activity of actors")
    assert ax.get_figure().alt == words
    assert ax.get_figure().get_size_inches()[1] < 1.2


@pytest.mark.parametrize("width", [None, 2.5, 7])
def test_the_sentence_can_be_read(width):
    x = results("bundled")
    ax = plots.network(x.clusters, threshold=2, figsize=width)
    assert "no pair above 2" in title(ax)
    figure = ax.get_figure()
    texts = drawn_texts(figure)
    assert len(texts) == 2
    for text in texts:
        box = text.get_window_extent()
        assert box.x0 > 0
        assert box.y0 > 0
        assert box.x1 < figure.bbox.width
        assert box.y1 < figure.bbox.height


def test_a_backbone_draws_its_pairs():
    x = results("bundled")
    table = x.null.table.assign(significant=False)
    wanted = (table["actor"] == "Chile") & (table["other"] == "Costa Rica")
    table.loc[wanted, "significant"] = True
    ax = plots.network(x.clusters, backbone=NullModel(table, 0.05, 60, x.codes))
    dots, _, edges = parts(ax)
    assert set(edges) == {frozenset(("Chile", "Costa Rica"))}
    assert set(dots) == {"Chile", "Costa Rica"}
    assert "Backbone: 14 actors, 1 pair sharing more than chance" in title(ax)


# dots


def test_dots_say_cluster_and_statements():
    x = results("bundled")
    ax = plots.network(x.clusters, threshold=0)
    dots, _, _ = parts(ax)
    sizes = {actor: dot.get_sizes()[0] for actor, dot in dots.items()}
    for a, b in combinations(sizes, 2):
        more = x.tally.statements[a] - x.tally.statements[b]
        assert np.sign(sizes[a] - sizes[b]) == np.sign(more)
    numbers = {tuple(text.get_position()): text for text in with_gid(ax.texts, "cluster ")}
    assert len(numbers) == len(dots)
    for actor, dot in dots.items():
        label = x.clusters.labels[actor]
        assert same_color(dot.get_facecolor()[0], _style.CLUSTERS[label - 1])
        assert numbers[tuple(dot.get_offsets()[0].tolist())].get_text() == str(label)
    assert "size: statements recorded, up to 6" in note(ax)
    assert "hollow" not in note(ax)


def test_an_unplaced_actor_is_hollow():
    agreement = results("bundled").agreement
    gaps = agreement.frame
    gaps.loc["Peru", gaps.columns.difference(["Peru", "Mexico"])] = np.nan
    gaps = gaps.where(gaps.T.notna())
    clusters = cam.cluster(gaps, n_clusters=2)
    assert "Peru" in clusters.unplaced
    ax = plots.network(clusters, threshold=-1)
    dot = parts(ax)[0]["Peru"]
    assert same_color(dot.get_facecolor()[0], "white")
    assert not same_color(dot.get_edgecolor()[0], "white")
    assert "hollow: unplaced" in note(ax)
    assert "statements" not in note(ax) + title(ax)  # a table of one's own knows of none


def test_colors_and_shapes_can_show_an_attribute():
    x = results("bundled")
    ax = plots.network(x.clusters, by_attribute="process")
    dots, _, _ = parts(ax)
    process = x.meeting.actors.set_index("actor")["process"]
    looks = {}
    for actor, dot in dots.items():
        shape = dot.get_paths()[0].vertices.shape
        looks.setdefault(process[actor], set()).add((tuple(dot.get_facecolor()[0]), shape))
    assert set(looks) == {"RCM", "SACM"}
    assert all(len(look) == 1 for look in looks.values())
    (rcm,), (sacm,) = looks["RCM"], looks["SACM"]
    assert rcm[0] != sacm[0]
    assert rcm[1] != sacm[1]
    assert not any(same_color(color, c) for color, _ in (rcm, sacm) for c in _style.CLUSTERS)
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["RCM", "SACM"]
    assert with_gid(ax.texts, "cluster ") == []


def test_who_has_no_value_of_an_attribute_is_hollow_and_explained():
    meeting = results("bundled").meeting
    actors = meeting.actors
    actors.loc[actors["actor"] == "Chile", "process"] = None
    tally = meeting.replace(actors=actors).tally()
    ax = plots.network(cam.agreement(tally), by_attribute="process")
    assert same_color(parts(ax)[0]["Chile"].get_facecolor()[0], "white")
    assert [t.get_text() for t in ax.get_legend().get_texts()] == ["RCM", "SACM", "no process"]


def test_an_attribute_that_is_not_there_is_an_error():
    x = results("bundled")
    with pytest.raises(ValueError, match=r"'proces' \(did you mean 'process'\?\); they have iso3"):
        plots.network(x.clusters, by_attribute="proces")
    with pytest.raises(ValueError, match="no attribute 'process'"):
        plots.network(x.agreement.frame, by_attribute="process")


def test_agreement_alone_is_clustered_where_it_lies_between_0_and_1():
    x = results("bundled")
    default = cam.cluster(x.agreement)
    ax = plots.network(x.agreement)
    dots, _, _ = parts(ax)
    for actor, dot in dots.items():
        assert same_color(dot.get_facecolor()[0], _style.CLUSTERS[default.labels[actor] - 1])
    counts = cam.agreement(x.meeting.tally(duplicates="all"), "congruence")
    ax = plots.network(counts, threshold=0)
    dots, _, edges = parts(ax)
    assert set(edges) == set(pairs_above(counts, 0))
    assert with_gid(ax.texts, "cluster ") == []
    assert len({tuple(dot.get_facecolor()[0]) for dot in dots.values()}) == 1
    assert "congruence" in title(ax)


def test_counts_are_not_clustered_even_where_none_is_larger_than_1():
    table = pd.DataFrame({"x": [1, 1, None], "y": [None, 1, 1]}, index=list("ABC"), dtype="Int8")
    ax = plots.network(cam.agreement(table, "congruence"))
    assert with_gid(ax.texts, "cluster ") == []


def test_a_measure_below_zero():
    table = results("bundled").agreement.frame
    table.loc["Peru", "Mexico"] = table.loc["Mexico", "Peru"] = -0.5
    ax = plots.network(table, threshold=-1)
    edges = parts(ax)[2]
    assert frozenset(("Peru", "Mexico")) in edges
    assert min(edges.values()) > 0


# layout


def test_the_order_of_rows_changes_nothing():
    table = results("bundled").agreement.frame
    shuffled = table.sample(frac=1, random_state=2)
    shuffled = shuffled[shuffled.index]
    first, second = (
        parts(plots.network(cam.cluster(frame, n_clusters=3)))[0] for frame in (table, shuffled)
    )
    assert set(first) == set(second)
    for actor, dot in first.items():
        assert list(dot.get_offsets()[0]) == pytest.approx(list(second[actor].get_offsets()[0]))


def test_the_seed_decides_the_layout():
    x = results("bundled")
    places = [
        np.array([dot.get_offsets()[0] for dot in parts(draw(x, seed=seed))[0].values()])
        for seed in (0, 0, np.random.default_rng(0), 1)
    ]
    assert (places[0] == places[1]).all()
    assert (places[0] == places[2]).all()
    assert not np.allclose(places[0], places[3])


def covered_dots(ax):
    """List the names that cover the dot of some actor."""
    ax.get_figure().canvas.draw()
    dots, names, _ = parts(ax)
    covered = []
    for dot in dots.values():
        middle = ax.transData.transform(dot.get_offsets()[0])
        radius = np.sqrt(dot.get_sizes()[0]) / 2 * ax.get_figure().dpi / 72
        for name, text in names.items():
            box = Text.get_window_extent(text)
            nearest = np.clip(middle, [box.x0, box.y0], [box.x1, box.y1])
            if np.hypot(*(nearest - middle)) < radius - 2:
                covered.append(name)
    return covered


@pytest.mark.parametrize("which", [3, "bundled", 60])
def test_names_cover_no_actor(which):
    assert covered_dots(draw(results(which))) == []


def test_names_that_are_far_have_a_line_to_their_dot():
    ax = draw(results(60))
    dots, names, _ = parts(ax)
    led = [line.xy for line in with_gid(ax.texts, "leader")]
    assert led
    for name, text in names.items():
        middle = np.array(ax.transData.transform(dots[name].get_offsets()[0]))
        box = Text.get_window_extent(text)
        nearest = np.clip(middle, [box.x0, box.y0], [box.x1, box.y1])
        radius = np.sqrt(dots[name].get_sizes()[0]) / 2 * ax.get_figure().dpi / 72
        if np.hypot(*(nearest - middle)) > radius + 20 * ax.get_figure().dpi / 72:
            assert any(np.allclose(xy, dots[name].get_offsets()[0]) for xy in led)


def test_names_stand_right_where_the_figure_changes_its_size():
    ax = draw(results("bundled"))
    figure = ax.get_figure()
    figure.set_size_inches(12, 4)
    assert covered_dots(ax) == []
    figure.canvas.draw()
    names = with_gid(ax.texts, "label ")
    assert len(names) == len(parts(ax)[0])  # those for the other size are gone
    assert overlapping(drawn_texts(figure)) == []


@pytest.mark.parametrize(
    ("arguments", "error", "said"),
    [
        ({"seed": -1}, ValueError, "`seed` must be at least 0"),
        ({"seed": 1.5}, TypeError, "`seed` must be a whole number"),
        ({"threshold": "0.5"}, TypeError, "`threshold` must be a number"),
        ({"threshold": np.nan}, ValueError, "`threshold` must be a finite number"),
    ],
)
def test_wrong_arguments(arguments, error, said):
    with pytest.raises(error, match=said):
        draw(results("bundled"), **arguments)
