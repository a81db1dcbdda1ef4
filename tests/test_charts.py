"""Charts of clusters, chance, networks and the meeting's course, read back from their artists."""

from functools import cache
from itertools import combinations, pairwise
from types import SimpleNamespace

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import same_color, to_hex, to_rgb
from matplotlib.image import imread
from matplotlib.patches import Arc, FancyArrowPatch
from matplotlib.path import Path
from matplotlib.text import Text

import camdata as cam
from camdata import plots
from camdata.chance import ClusterChoice, NullModel
from camdata.plots import _style

mpl.use("Agg")


@pytest.fixture(autouse=True)
def closed_figures():
    yield
    plt.close("all")


# what is drawn


def synthetic(number):
    """Return a meeting of so many actors with long names in blocs; of sixty, the last is silent."""
    generator = np.random.default_rng(number)
    words = "United Northern Southern Eastern Western Central Upper Lower Grand New".split()
    actors = [f"{words[i % 10]} Republic of Landmass {i:02d}" for i in range(number)]
    codes = [f"code_number_{j}" for j in range(12)]
    blocs = 4 if number > 3 else 2
    statements = [
        (actor, code, 1 if j % 3 == 0 else int(generator.choice([1, -1], p=[0.9, 0.1])))
        for i, actor in enumerate(actors if number < 60 else actors[:-1])
        for j, code in enumerate(codes)
        if j == 3 * (i % blocs) or generator.random() < (0.6 if j // 3 == i % blocs else 0.12)
    ]
    ends = generator.integers(number, size=(number, 2))
    relations = ["echoes", "builds_on", "supports", "contrasts"]
    references = [(actors[a], actors[b], relations[a % 4]) for a, b in ends if a != b]
    references += [(actors[0], None, "echoes"), (None, actors[1], "supports")]
    return cam.Meeting(
        pd.DataFrame(statements, columns=["actor", "code", "stance"]),
        actors=pd.DataFrame({"actor": actors, "speaking_order": range(1, number + 1)}),
        codebook=pd.DataFrame(
            {"code": codes, "dimension": [f"dimension {j // 3}" for j in range(12)]}
        ),
        references=pd.DataFrame(references, columns=["actor", "target", "relation"]),
    )


@cache
def of(which):
    """Return everything that charts are drawn from: of the bundled meeting, of 3 or 60 actors."""
    meeting = cam.load_meeting() if which == "bundled" else synthetic(which)
    n = 9 if which == 60 else 60
    positions, codes = meeting.positions(), meeting.positions("code")
    agreement = cam.agreement(positions)
    clusters = cam.cluster(agreement)
    statements = meeting.statements.assign(coder="Ana")
    second = statements.drop(index=statements.index[::7]).assign(coder="Ben")
    return SimpleNamespace(
        meeting=meeting,
        positions=positions,
        agreement=agreement,
        clusters=clusters,
        stability=cam.stability(meeting, n=n),
        profile=cam.profile(codes, clusters),
        sensitivity=cam.sensitivity(meeting),
        choice=cam.cluster_choice(codes if which == 60 else positions, n=n),
        null=cam.null_model(codes, n=n),
        reliability=cam.reliability(pd.concat([statements, second]), meeting.codebook, n=20),
        coverage=meeting.coverage() if which == "bundled" else None,
    )


def title(ax):
    return ax.get_title(loc="left")


def with_gid(artists, beginning):
    return [artist for artist in artists if str(artist.get_gid()).startswith(beginning)]


def y_labels(ax):
    return [label.get_text() for label in ax.get_yticklabels()]


CHARTS = {
    "dendrogram": lambda x, ax=None: plots.dendrogram(x.clusters, ax=ax),
    "dendrogram, recovery": lambda x, ax=None: plots.dendrogram(
        x.clusters, stability=x.stability, ax=ax
    ),
    "stability": lambda x, ax=None: plots.stability(x.stability, ax=ax),
    "profile": lambda x, ax=None: plots.profile(x.profile, ax=ax),
    "sensitivity": lambda x, ax=None: plots.sensitivity(x.sensitivity, ax=ax),
    "choice": lambda x, ax=None: plots.choice(x.choice, ax=ax),
    "network": lambda x, ax=None: plots.network(x.agreement, x.clusters, ax=ax),
    "network, threshold": lambda x, ax=None: plots.network(x.agreement, threshold=0.5, ax=ax),
    "network, backbone": lambda x, ax=None: plots.network(x.agreement, backbone=x.null, ax=ax),
    "null_model": lambda x, ax=None: plots.null_model(x.null, ax=ax),
    "references": lambda x, ax=None: plots.references(x.meeting, ax=ax),
    "coders": lambda x, ax=None: plots.coders(x.reliability, ax=ax),
    "buildup": lambda x, ax=None: plots.buildup(x.positions, ax=ax),
    "coverage": lambda x, ax=None: plots.coverage(x.coverage, ax=ax),
}
"""Every chart, and how it is drawn from what `of` returns."""

TITLES = {
    "dendrogram": lambda x: ["Average linkage", "13 actors", "8 clusters"],
    "dendrogram, recovery": lambda x: ["recovery", "60 resamples of codes", "percent"],
    "stability": lambda x: ["same cluster", "60 resamples of codes", "8 clusters"],
    "profile": lambda x: ["each cluster", "8 clusters", "13 actors"],
    "sensitivity": lambda x: [
        "Without one statement",
        f"{(x.sensitivity['adjusted_rand'] < 1).sum()} of 38 statements",
        "first 20",
    ],
    "choice": lambda x: [
        "How many clusters",
        "No structure",
        f"{x.choice.best:.2f}",
        "60 random tables",
        f"p = {x.choice.p_value:.2f}",
    ],
    "network": lambda x: ["Shared recorded positions", "14 actors", "51 pairs", "Jaccard"],
    "network, threshold": lambda x: ["14 actors", "16 pairs above 0.5"],
    "network, backbone": lambda x: ["empty backbone", "none of 78 pairs"],
    "null_model": lambda x: ["Observed against expected", "78 pairs", "0 significant"],
    "references": lambda x: ["Who refers to whom", "17 references", "7 of them", "unnamed"],
    "coders": lambda x: ["Ana and Ben", f"alpha {x.reliability.alpha:.2f}", "units", "20 actors"],
    "buildup": lambda x: ["each dimension", "14 actors", "38 statements"],
    "coverage": lambda x: ["quotes cover", "25 interventions", f"{len(x.coverage)} sentences"],
}


def test_every_chart_is_tested():
    elsewhere = {"agreement", "positions", "save"}
    assert {name.split(",")[0] for name in CHARTS} | elsewhere == set(plots.__all__)
    assert set(TITLES) == set(CHARTS)


# all charts


@pytest.mark.parametrize("chart", CHARTS)
def test_chart_on_a_figure_of_its_own(chart):
    x = of("bundled")
    before = dict(mpl.rcParams)
    ax = CHARTS[chart](x)
    assert isinstance(ax, Axes)
    assert plt.get_fignums() == [ax.get_figure().number]
    assert dict(mpl.rcParams) == before
    for part in TITLES[chart](x):
        assert part in title(ax)
    alt = ax.get_figure().alt
    assert len(alt) > 40
    assert alt.endswith(".")


@pytest.mark.parametrize("chart", CHARTS)
def test_chart_on_given_axes(chart):
    figure, (left, right) = plt.subplots(1, 2, figsize=(16, 8))
    before = dict(mpl.rcParams)
    assert CHARTS[chart](of("bundled"), ax=right) is right
    assert plt.get_fignums() == [figure.number]
    assert dict(mpl.rcParams) == before
    assert not left.has_data()
    assert all(part in title(right) for part in TITLES[chart](of("bundled")))
    assert not hasattr(figure, "alt")


@pytest.mark.parametrize("chart", CHARTS)
def test_nothing_is_cut_off(chart, tmp_path):
    path = tmp_path / "chart.png"
    CHARTS[chart](of("bundled")).get_figure().savefig(path, bbox_inches="tight")
    image = imread(path)[:, :, :3]
    assert image.min() < 0.5
    for border in (image[0], image[-1], image[:, 0], image[:, -1]):
        assert (border == 1).all()


def drawn_texts(figure):
    """Draw a figure and return the texts that appear in it."""
    seen = {}
    draw = Text.draw

    def record(text, renderer):
        if text.get_visible() and text.get_text().strip():
            seen[id(text)] = text
        draw(text, renderer)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Text, "draw", record)
        figure.canvas.draw()
    return list(seen.values())


def corners(text):
    """Return the corners of a text's box on the canvas, half a pixel inside, turned as it is."""
    angle = text.get_rotation()
    text.set_rotation(0)
    box = Text.get_window_extent(text)
    text.set_rotation(angle)
    if text.get_bbox_patch() is not None:
        box = text.get_bbox_patch().get_window_extent()
    flat = np.array(
        [
            (box.x0 + 0.5, box.y0 + 0.5),
            (box.x1 - 0.5, box.y0 + 0.5),
            (box.x1 - 0.5, box.y1 - 0.5),
            (box.x0 + 0.5, box.y1 - 0.5),
        ]
    )
    if angle == 0:
        return flat
    turn = np.deg2rad(angle)
    about = text.get_transform().transform(text.get_unitless_position())
    if text.get_rotation_mode() != "anchor":
        about = flat.mean(axis=0)
    matrix = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    return (flat - about) @ matrix + about


def meet(a, b):
    """Return whether two convex shapes overlap: no side of either parts them."""
    for shape in (a, b):
        for start, stop in zip(shape, np.roll(shape, -1, axis=0), strict=True):
            across = np.array([start[1] - stop[1], stop[0] - start[0]])
            first, second = a @ across, b @ across
            if first.max() <= second.min() or second.max() <= first.min():
                return False
    return True


def overlapping(texts):
    """List the pairs of texts that cover one another."""
    shapes = np.array([corners(text) for text in texts])
    low, high = shapes.min(axis=1), shapes.max(axis=1)
    near = ((low[:, None] < high) & (low < high[:, None])).all(axis=2)
    return [
        (texts[i].get_text(), texts[j].get_text())
        for i, j in np.argwhere(np.triu(near, 1))
        if meet(shapes[i], shapes[j])
    ]


def test_overlaps_are_seen():
    figure, ax = plt.subplots()
    ax.set_axis_off()
    ax.text(0.1, 0.1, "one")
    ax.text(0.12, 0.1, "two")
    ax.text(0.1, 0.5, "a steep name", rotation=50, rotation_mode="anchor")
    ax.text(0.2, 0.5, "another one", rotation=50, rotation_mode="anchor")
    ax.text(0.21, 0.5, "a third one", rotation=50, rotation_mode="anchor")
    found = overlapping(drawn_texts(figure))
    assert found == [("one", "two"), ("another one", "a third one")]


def outlines(ax):
    """Return the lines, bars and arcs of a chart as paths on the canvas."""
    drawn = [line.get_transform().transform_path(line.get_path()) for line in ax.lines]
    for patch in ax.patches:
        if isinstance(patch, Arc):
            turn = np.deg2rad(np.linspace(patch.theta1, patch.theta2, 100))
            reach = np.column_stack([np.cos(turn) * patch.width, np.sin(turn) * patch.height]) / 2
            drawn.append(Path(ax.transData.transform(patch.center + reach)))
        else:
            drawn.append(patch.get_transform().transform_path(patch.get_path()))
    return drawn


def under_the_legend(ax, texts):
    """List what is drawn where the legend stands."""
    legend = ax.get_legend()
    if legend is None:
        return []
    box = legend.get_window_extent()
    others = [text for text in texts if text not in legend.get_texts()]
    return [
        *(path for path in outlines(ax) if path.intersects_bbox(box, filled=False)),
        *(text for text in others if meet(corners(text), box.corners()[[0, 1, 3, 2]])),
    ]


SIZES = [(c, w) for c in CHARTS for w in (3, "bundled", 60) if c != "coverage" or w == "bundled"]


@pytest.mark.parametrize(("chart", "which"), SIZES)
def test_no_text_covers_another_and_no_legend_anything(chart, which):
    ax = CHARTS[chart](of(which))
    texts = drawn_texts(ax.get_figure())
    assert len(texts) > 3
    if (chart, which) == ("network", 60):  # names on dots, and so on their numbers: counted below
        texts = [text for text in texts if not text.get_text().isdigit()]
    assert overlapping(texts) == []
    assert under_the_legend(ax, texts) == []


# dendrogram


@pytest.mark.parametrize("which", [3, "bundled", 60])
def test_dendrogram_is_the_tree(which):
    clusters = of(which).clusters
    ax = plots.dendrogram(clusters)
    placed = clusters.order[: len(clusters.placed)]
    assert y_labels(ax) == placed
    heights = sorted(line.get_xdata()[1] for line in ax.lines)
    assert heights == pytest.approx(sorted(clusters.linkage[:, 2]))
    # leaves are the ends at distance 0, from top to bottom
    rows = dict(zip(placed, ax.get_yticks(), strict=True))
    ends = {y for line in ax.lines for x, y in zip(*line.get_data(), strict=True) if x == 0}
    assert set(rows.values()) <= ends
    bottom, top = ax.get_ylim()
    assert bottom > max(rows.values()) > min(rows.values()) > top
    left, right = ax.get_xlim()
    assert left > max(heights)
    assert right <= 0


def test_dendrogram_joins_what_the_linkage_joins():
    clusters = of("bundled").clusters
    ax = plots.dendrogram(clusters)
    row = dict(zip(y_labels(ax), ax.get_yticks(), strict=True))
    middle = [row[actor] for actor in clusters.placed]
    for (left, right, height, _), line in zip(clusters.linkage, ax.lines, strict=True):
        ends = [middle[int(left)], middle[int(right)]]
        assert list(line.get_ydata()) == [ends[0], ends[0], ends[1], ends[1]]
        assert list(line.get_xdata()[1:3]) == [height, height]
        middle.append(sum(ends) / 2)


@pytest.mark.parametrize("which", [3, "bundled", 60])
def test_dendrogram_numbers_its_leaves_by_cluster(which):
    clusters = of(which).clusters
    ax = plots.dendrogram(clusters)
    badges = with_gid(ax.texts, "cluster")
    assert len(badges) == len(clusters.placed)
    high, low = ax.get_ylim()
    for badge, actor in zip(badges, y_labels(ax), strict=True):
        label = clusters.labels[actor]
        assert badge.get_text() == str(label)
        assert badge.get_gid() == f"cluster {label}"
        assert same_color(badge.get_bbox_patch().get_facecolor(), _style.cluster_color(label))
        # beside its leaf
        at = low + (1 - badge.get_position()[1]) * (high - low)
        assert at == pytest.approx(dict(zip(y_labels(ax), ax.get_yticks(), strict=True))[actor])


def test_dendrogram_names_the_unplaced():
    shown = [text.get_text() for text in plots.dendrogram(of("bundled").clusters).texts]
    assert "unplaced: Bolivia" in shown
    shown = [text.get_text() for text in plots.dendrogram(of(3).clusters).texts]
    assert not any("unplaced" in text for text in shown)


def test_dendrogram_carries_the_recovery_of_its_branches():
    x = of("bundled")
    ax = plots.dendrogram(x.clusters, stability=x.stability)
    branches = x.stability.branches.iloc[:-1]  # the root always comes back
    branches = branches[branches["height"] > 1e-9]
    found = {
        (text.xy[0], int(text.get_text())) for text in ax.texts if text.get_gid() == "recovery"
    }
    assert found == {
        (row["height"], round(100 * row["recovery"])) for row in branches.to_dict("records")
    }
    assert with_gid(plots.dendrogram(x.clusters).texts, "recovery") == []


@pytest.mark.parametrize("which", [3, "bundled", 60])
def test_dendrogram_numbers_are_not_struck_through(which):
    x = of(which)
    ax = plots.dendrogram(x.clusters, stability=x.stability)
    ax.get_figure().canvas.draw()
    tree = [ax.transData.transform_path(line.get_path()) for line in ax.lines]
    struck = [
        text.get_text()
        for text in with_gid(ax.texts, "recovery")
        if any(
            path.intersects_bbox(Text.get_window_extent(text).padded(-1.5), False) for path in tree
        )
    ]
    assert struck == []


def test_dendrogram_needs_a_tree():
    louvain = cam.cluster(of("bundled").agreement, method="louvain")
    with pytest.raises(ValueError, match=r"no tree.*louvain"):
        plots.dendrogram(louvain)
    silent = pd.DataFrame(np.nan, index=["A", "B"], columns=["A", "B"])
    with pytest.raises(ValueError, match="no tree"):
        plots.dendrogram(cam.cluster(silent))


def test_dendrogram_refuses_the_stability_of_another_tree():
    x = of("bundled")
    other = cam.cluster(cam.agreement(x.meeting.positions("code")))
    with pytest.raises(ValueError, match="another tree"):
        plots.dendrogram(other, stability=x.stability)


# stability


@pytest.mark.parametrize("which", ["bundled", 60])
def test_stability_shows_how_often_two_fall_together(which):
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
    assert [label.get_text() for label in ax.get_xticklabels()] == order
    assert y_labels(ax) == [f"{actor} ({stability.placed[actor]:.0%})" for actor in order]


def test_stability_writes_its_numbers_and_greys_what_is_missing():
    stability = of("bundled").stability
    ax = plots.stability(stability)
    order = stability.clusters.order
    written = {
        (order[int(text.get_position()[1])], order[int(text.get_position()[0])]): text.get_text()
        for text in ax.texts
        if text.get_transform() == ax.transData
    }
    expected = {}
    for a in order:
        for b in order:
            value = stability.together.loc[a, b]
            number = f"{value:.2f}".lstrip("0") if 0.005 <= value < 0.995 else f"{value:.0f}"
            expected[a, b] = "–" if np.isnan(value) else number
            if a == b:
                del expected[a, b]
    assert written == expected
    assert stability.together.loc["Bolivia"].drop("Bolivia").isna().all()
    assert same_color(ax.get_facecolor(), _style.MISSING)
    assert not same_color(ax.get_facecolor(), _style.SHADES(0.0))


@pytest.mark.parametrize("which", [3, "bundled"])
def test_stability_marks_the_clusters(which):
    clusters = of(which).stability.clusters
    ax = plots.stability(of(which).stability)
    n = len(clusters.order)
    strips = {patch.get_gid(): patch for patch in with_gid(ax.patches, "cluster")}
    assert set(strips) == {f"cluster {label}" for label in clusters.members}
    for label, actors in clusters.members.items():
        strip = strips[f"cluster {label}"]
        assert strip.get_height() * n == pytest.approx(len(actors))
        first = round((1 - strip.get_y()) * n) - len(actors)
        assert sorted(clusters.order[first : first + len(actors)]) == sorted(actors)
        assert same_color(strip.get_facecolor(), _style.cluster_color(label))
    (tree,) = [child for child in ax.child_axes if child.get_gid() == "dendrogram"]
    heights = sorted(line.get_xdata()[1] for line in tree.lines)
    assert heights == pytest.approx(sorted(clusters.linkage[:, 2]))


def test_stability_says_what_its_colours_mean():
    ax = plots.stability(of("bundled").stability)
    (bar,) = [child for child in ax.child_axes if child.get_gid() == "colorbar"]
    shown = bar.get_xlabel() + bar.get_title() + bar.get_title(loc="left")
    assert "share of resamples" in shown


# profile


@pytest.mark.parametrize("which", [3, "bundled", 60])
def test_profile_bars_are_shares(which):
    table = of(which).profile
    ax = plots.profile(table)
    bars = with_gid(ax.patches, "cluster")
    assert [bar.get_width() for bar in bars] == pytest.approx(table["share"].tolist())
    assert [bar.get_gid() for bar in bars] == [f"cluster {label}" for label in table["cluster"]]
    for bar, label in zip(bars, table["cluster"], strict=True):
        assert same_color(bar.get_facecolor(), _style.cluster_color(label))
    middles = [bar.get_y() + bar.get_height() / 2 for bar in bars]
    assert middles == pytest.approx(ax.get_yticks())
    names = [
        code if stance == 1 else f"{code} ({stance:+d})"
        for code, stance in zip(table["code"], table["stance"], strict=True)
    ]
    assert y_labels(ax) == names
    counts = [text.get_text() for text in ax.texts if " of " in text.get_text()]
    expected = zip(table["recorded"], table["members"], strict=True)
    assert counts == [f"{recorded} of {members}" for recorded, members in expected]


def test_profile_lines_are_the_share_of_the_rest():
    table = of("bundled").profile
    ax = plots.profile(table)
    assert [line.get_xdata()[0] for line in ax.lines] == pytest.approx(table["rest"].tolist())
    middles = [np.mean(line.get_ydata()) for line in ax.lines]
    assert middles == pytest.approx(ax.get_yticks())


def test_profile_of_one_cluster_has_no_rest():
    positions = of("bundled").positions
    table = cam.profile(positions, pd.Series(1, index=positions.index))
    assert table["rest"].isna().all()
    ax = plots.profile(table)
    assert len(ax.lines) == 0
    assert "1 cluster, 14 actors" in title(ax)


@pytest.mark.parametrize("which", [3, "bundled", 60])
def test_profile_counts_are_not_struck_through(which):
    table = of(which).profile
    ax = plots.profile(table)
    ax.get_figure().canvas.draw()
    counts = [text for text in ax.texts if " of " in text.get_text()]
    struck = [
        (name, text.get_text())
        for name, text, line in zip(y_labels(ax), counts, ax.lines, strict=True)
        if line.get_window_extent().overlaps(text.get_window_extent())
    ]
    assert struck == []


def test_profile_line_can_be_told_from_the_bar_of_every_cluster():
    positions = of(60).positions
    labels = pd.Series(np.arange(len(positions)) % 10 + 1, index=positions.index)
    ax = plots.profile(cam.profile(positions, labels))
    bars = {to_hex(bar.get_facecolor()) for bar in with_gid(ax.patches, "cluster")}
    assert len(bars) == 10
    line = {to_hex(line.get_color()) for line in ax.lines}
    assert {(a, b) for a in bars for b in line if distance(a, b) < 15} == set()


# sensitivity


@pytest.mark.parametrize("most", [1, 5, 20, 1000])
def test_sensitivity_dots_are_the_index(most):
    table = of("bundled").sensitivity
    ax = plots.sensitivity(table, most=most)
    shown = table.head(most)
    (dots,) = with_gid(ax.lines, "adjusted_rand")
    assert list(dots.get_xdata()) == pytest.approx(shown["adjusted_rand"].tolist())
    assert list(dots.get_ydata()) == list(range(len(shown)))
    names = [f"{actor}, {code}" for actor, code in zip(shown["actor"], shown["code"], strict=True)]
    assert y_labels(ax) == names
    assert ("shown" in title(ax)) == (most < len(table))


def test_sensitivity_says_who_moves():
    table = of("bundled").sensitivity
    ax = plots.sensitivity(table, most=len(table))
    shown = [text.get_text() for text in ax.texts]
    for text, moved, unplaced in zip(shown, table["moved"], table["unplaced"], strict=True):
        if not moved and not unplaced:
            assert text == "nobody moves"
        if moved:
            assert text.startswith(moved.split(";")[0])
        if unplaced:
            assert text.endswith(f"unplaced: {unplaced}")


def test_sensitivity_without_an_index_has_no_dot():
    table = of("bundled").sensitivity.head(3).assign(adjusted_rand=[0.5, np.nan, 1])
    (dots,) = with_gid(plots.sensitivity(table).lines, "adjusted_rand")
    assert np.isnan(dots.get_xdata()[1])


def test_sensitivity_axis_reaches_a_negative_index():
    table = of("bundled").sensitivity.head(3).assign(adjusted_rand=[-0.4, 0, 1])
    ax = plots.sensitivity(table)
    ax.get_figure().canvas.draw()
    assert ax.get_xlim()[0] < -0.4
    start, stop = ax.spines["bottom"].get_bounds()
    assert start <= -0.4
    assert stop == 1
    assert min(ax.get_xticks()) < 0


# choice


def choice_parts(ax):
    """Return the bands, as segments, and the lines by their name in the legend."""
    (bands,) = ax.collections
    return bands.get_segments(), {line.get_label(): line for line in ax.lines}


@pytest.mark.parametrize("which", ["bundled", 60])
def test_choice_dots_and_bands_are_the_table(which):
    choice = of(which).choice
    ax = plots.choice(choice)
    table = choice.table.dropna()
    segments, lines = choice_parts(ax)
    segments = [segment for segment in segments if len(segment)]
    for segment, (number, row) in zip(segments, table.iterrows(), strict=True):
        assert segment.tolist() == [[number, row["low"]], [number, row["high"]]]
    silhouettes = lines["recorded positions"]
    assert list(silhouettes.get_xdata()) == list(choice.table.index)
    assert list(silhouettes.get_ydata()) == choice.table["silhouette"].tolist()
    assert lines["their mean"].get_ydata() == pytest.approx(
        choice.table["expected"].to_numpy(), nan_ok=True
    )
    ring = lines["largest"]
    assert list(ring.get_xdata()) == [choice.n_clusters]
    assert list(ring.get_ydata()) == [choice.best]
    assert {text.get_text() for text in ax.get_legend().get_texts()} >= set(lines)


@pytest.mark.parametrize("which", ["bundled", 60])
def test_choice_names_the_number_that_is_largest(which):
    choice = of(which).choice
    ax = plots.choice(choice)
    ticks = {
        label.get_text(): x for label, x in zip(ax.get_xticklabels(), ax.get_xticks(), strict=True)
    }
    assert ticks[str(choice.n_clusters)] == choice.n_clusters


def test_choice_without_random_values_has_no_band():
    columns = ["silhouette", "expected", "low", "high", "attained"]
    rows = [[0.4, 0.3, 0.2, 0.45, 1.0], [0.5, np.nan, np.nan, np.nan, 0.0]]
    table = pd.DataFrame(rows, index=pd.Index([2, 3], name="n_clusters"), columns=columns)
    choice = ClusterChoice(table, 0.5, np.array([0.4, 0.6]), 2 / 3, 3, 0.05)
    ax = plots.choice(choice)
    segments, lines = choice_parts(ax)
    assert [segment.tolist() for segment in segments if len(segment)] == [[[2, 0.2], [2, 0.45]]]
    assert np.isnan(lines["their mean"].get_ydata()[1])
    assert "No structure beyond chance" in title(ax)


def test_choice_says_where_there_is_structure():
    rows = [(f"{bloc}{i}", f"{bloc}{j}") for bloc in "ab" for i in range(6) for j in range(4)]
    positions = cam.Meeting(pd.DataFrame(rows, columns=["actor", "code"])).positions("code")
    choice = cam.cluster_choice(positions, n=99)
    assert choice.structured
    assert "? Structure beyond chance" in title(plots.choice(choice))


def test_choice_without_any_silhouette():
    rows = [("A", "x"), ("B", "x"), ("C", "y")]
    positions = cam.Meeting(pd.DataFrame(rows[:2], columns=["actor", "code"])).positions("code")
    choice = cam.cluster_choice(positions, n=9)
    assert np.isnan(choice.best)
    ax = plots.choice(choice)
    assert "No cut has a silhouette" in title(ax)
    assert not ax.lines[0].get_xdata().size


# network


def network_parts(ax):
    """Return the dot and name of each actor, and the width of each edge."""
    dots = {dot.get_gid().removeprefix("actor "): dot for dot in with_gid(ax.collections, "actor ")}
    names = {text.get_text(): text for text in with_gid(ax.texts, "label ")}
    at = {tuple(np.round(dot.get_offsets()[0], 9)): actor for actor, dot in dots.items()}
    edges = {}
    for line in ax.lines:
        ends = [at[tuple(np.round(point, 9))] for point in zip(*line.get_data(), strict=True)]
        edges[frozenset(ends)] = line.get_linewidth()
    return dots, names, edges


def pairs_above(agreement, threshold):
    return {
        frozenset((a, b)): agreement.loc[a, b]
        for a, b in combinations(agreement.index, 2)
        if agreement.loc[a, b] > threshold
    }


@pytest.mark.parametrize(
    ("which", "threshold"), [(3, 0), (3, 0.5), ("bundled", 0), ("bundled", 0.5), (60, 0.5)]
)
def test_network_draws_every_actor_and_the_pairs_above(which, threshold):
    agreement = of(which).agreement
    ax = plots.network(agreement, threshold=threshold)
    dots, names, edges = network_parts(ax)
    assert set(dots) == set(names) == set(agreement.index)
    above = pairs_above(agreement, threshold)
    assert set(edges) == set(above)
    # the wider the more they agree, in proportion
    weights, widths = np.array(list(above.values())), np.array([edges[pair] for pair in above])
    for known, shown in combinations(zip(weights, widths, strict=True), 2):
        assert np.sign(known[0] - shown[0]) == np.sign(known[1] - shown[1])


def test_network_shows_statements_and_clusters():
    x = of("bundled")
    ax = plots.network(x.agreement, x.clusters)
    dots, _, _ = network_parts(ax)
    statements = x.meeting.select()[1]["actor"].value_counts()
    sizes = {actor: dot.get_sizes()[0] for actor, dot in dots.items()}
    for a, b in combinations(sizes, 2):
        more = statements.get(a, 0) - statements.get(b, 0)
        assert np.sign(sizes[a] - sizes[b]) == np.sign(more)
    numbers = {
        tuple(text.get_position()): text.get_text()
        for text in ax.texts
        if text.get_text().isdigit()
    }
    for actor, dot in dots.items():
        label = x.clusters.labels[actor]
        place = tuple(dot.get_offsets()[0].tolist())
        if pd.isna(label):
            assert same_color(dot.get_facecolor()[0], "white")
            assert place not in numbers
        else:
            assert same_color(dot.get_facecolor()[0], _style.cluster_color(label))
            assert numbers[place] == str(label)
    assert len(numbers) == len(x.clusters.placed)


def test_network_does_not_depend_on_the_order_of_rows():
    agreement = of("bundled").agreement
    shuffled = agreement.sample(frac=1, random_state=2)[agreement.columns[::-1]]
    shuffled = shuffled[shuffled.index]
    first, second = (network_parts(plots.network(table))[0] for table in (agreement, shuffled))
    for actor, dot in first.items():
        assert list(dot.get_offsets()[0]) == pytest.approx(list(second[actor].get_offsets()[0]))


def test_network_of_an_unbounded_measure_has_no_clusters():
    x = of("bundled")
    counts = cam.agreement(x.meeting.tally(duplicates="all"), "congruence")
    ax = plots.network(counts)
    dots, _, edges = network_parts(ax)
    assert set(edges) == set(pairs_above(counts, 0))
    assert all(same_color(dot.get_facecolor()[0], "white") for dot in dots.values())
    assert "congruence" in title(ax)


def test_empty_backbone_reads_well():
    x = of("bundled")
    assert x.null.backbone.empty
    ax = plots.network(x.agreement, backbone=x.null)
    dots, _, edges = network_parts(ax)
    assert edges == {}
    assert set(dots) == set(x.agreement.index)
    assert "An empty backbone: none of 78 pairs" in title(ax)
    assert not any("width" in text.get_text() for text in ax.texts)
    places = np.array([dot.get_offsets()[0] for dot in dots.values()])
    gaps = [np.hypot(*(a - b)) for a, b in combinations(places, 2)]
    assert min(gaps) > 0.2
    assert "0 pairs joined" in ax.get_figure().alt


def test_backbone_draws_its_pairs():
    x = of("bundled")
    pairs = x.null.pairs.assign(significant=False)
    wanted = (pairs["actor"] == "Chile") & (pairs["other"] == "Costa Rica")
    pairs.loc[wanted, "significant"] = True
    ax = plots.network(x.agreement, backbone=NullModel(pairs, 0.05, 60))
    assert set(network_parts(ax)[2]) == {frozenset(("Chile", "Costa Rica"))}
    assert title(ax).startswith("Backbone: 14 actors, 1 pair")


def covered_dots(ax):
    """List the names that cover the dot of some actor."""
    ax.get_figure().canvas.draw()
    dots, names, _ = network_parts(ax)
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


@pytest.mark.parametrize("chart", ["network", "network, threshold", "network, backbone"])
@pytest.mark.parametrize("which", [3, "bundled"])
def test_network_names_cover_no_actor(chart, which):
    assert covered_dots(CHARTS[chart](of(which))) == []


def test_network_names_of_sixty_rarely_cover_an_actor():
    assert len(covered_dots(CHARTS["network"](of(60)))) <= 3


def test_network_of_a_measure_below_zero():
    x = of("bundled")
    table = x.agreement.copy()
    table.loc["Peru", "Mexico"] = table.loc["Mexico", "Peru"] = -0.5
    edges = network_parts(plots.network(table, threshold=-1))[2]
    assert set(edges) == set(pairs_above(table, -1))
    assert edges[frozenset(("Peru", "Mexico"))] > 0


# null model


def null_of(rows):
    pairs = pd.DataFrame(rows, columns=["actor", "other", "shared", "expected", "significant"])
    return NullModel(pairs.assign(p_value=0.5, p_adjusted=0.5), alpha=0.05, n=99)


def test_null_model_dots_are_the_pairs():
    pairs = of("bundled").null.pairs
    (dots,) = plots.null_model(of("bundled").null).collections
    expected = pairs.groupby([pairs["expected"].round(2), "shared"]).size()
    found = [tuple(point) for point in dots.get_offsets().tolist()]
    assert found == [tuple(map(float, point)) for point in expected.index]
    # as large as many pairs fall together
    sizes = pd.Series(dots.get_sizes()).groupby(expected.to_numpy()).nunique()
    assert (sizes == 1).all()
    order = np.argsort(expected.to_numpy(), kind="stable")
    assert (np.diff(dots.get_sizes()[order]) >= 0).all()
    assert len(pairs) == expected.sum() == 78


def test_null_model_names_the_significant_pairs():
    rows = [("A", "B", 4, 1.25, True), ("A", "C", 1, 1.0, False), ("B", "C", 0, 0.5, False)]
    ax = plots.null_model(null_of(rows))
    dots = {collection.get_gid(): collection for collection in ax.collections}
    assert dots["significant"].get_offsets().tolist() == [[1.25, 4]]
    assert dots["not significant"].get_offsets().tolist() == [[0.5, 0], [1, 1]]
    names = {text.get_text(): text.xy for text in ax.texts}
    assert names["A – B"] == (1.25, 4)
    assert "A – C" not in names
    assert "3 pairs, 1 significant" in title(ax)
    assert not same_color(*(d.get_facecolor()[0][:3] for d in dots.values()))


def test_null_model_line_is_what_chance_gives():
    ax = plots.null_model(of("bundled").null)
    (line,) = ax.lines
    assert (line.get_xdata() == line.get_ydata()).all()
    shown = [text.get_text() for text in ax.texts]
    assert "as expected" in shown


def test_null_model_line_does_not_strike_its_name():
    ax = plots.null_model(of("bundled").null)
    ax.get_figure().canvas.draw()
    (name,) = [text for text in ax.texts if text.get_text() == "as expected"]
    box = name.get_window_extent().padded(-1)
    along = np.linspace(0, ax.lines[0].get_xdata()[-1], 1000)
    points = ax.transData.transform(np.column_stack([along, along]))
    assert not any(box.contains(*point) for point in points)


@pytest.mark.parametrize("which", ["bundled", 60])
def test_null_model_dots_are_not_cut_by_the_axes(which):
    ax = plots.null_model(of(which).null)
    ax.get_figure().canvas.draw()
    frame = ax.get_window_extent()
    for dots in ax.collections:
        middles = np.array(ax.transData.transform(dots.get_offsets()))
        radii = np.sqrt(dots.get_sizes())[:, None] / 2 * ax.get_figure().dpi / 72
        assert (middles - radii > [frame.x0 - 1, frame.y0 - 1]).all()
        assert (middles + radii < [frame.x1 + 1, frame.y1 + 1]).all()


def test_null_model_where_nothing_is_or_could_be_shared():
    null = cam.null_model(
        cam.Meeting(pd.DataFrame({"actor": [*"ABC"], "code": [*"xyz"]})).positions("code"), n=9
    )
    assert (null.pairs["expected"] == 0).all()
    assert "3 pairs, 0 significant" in title(plots.null_model(null))


# references


def arcs_of(ax):
    """Return where each arc starts and ends, from left to right, and whether it is above."""
    return sorted(
        (arc.center[0] - arc.width / 2, arc.center[0] + arc.width / 2, arc.theta1 == 0)
        for arc in ax.patches
        if isinstance(arc, Arc)
    )


def places_of(ax):
    return {
        text.get_gid().removeprefix("label "): text.xy[0] for text in with_gid(ax.texts, "label ")
    }


@pytest.mark.parametrize("which", [3, "bundled", 60])
def test_references_are_arcs(which):
    meeting = of(which).meeting
    ax = plots.references(meeting)
    at = places_of(ax)
    numbered = meeting.actors.dropna(subset=["speaking_order"])["actor"]
    table = meeting.references
    table = table[table["actor"].isin(numbered) | table["target"].isin(numbered)]
    named = table.dropna(subset=["actor", "target"])
    expected = sorted(
        (min(at[a], at[b]), max(at[a], at[b]), at[b] < at[a])
        for a, b in zip(named["actor"], named["target"], strict=True)
    )
    assert np.array(arcs_of(ax), dtype=float) == pytest.approx(np.array(expected, dtype=float))
    marks = [text for text in ax.texts if text.get_text() == "?"]
    assert len(marks) == len(table) - len(named)
    pointed = named["target"].map(at).tolist()
    tips = [patch for patch in ax.patches if isinstance(patch, FancyArrowPatch)]
    assert len(tips) == len(named) + int(table["actor"].isna().sum())
    # an arrow is vertical where it ends an arc
    ends = [patch._posA_posB for patch in tips]
    assert sorted(b[0] for a, b in ends if a[0] == b[0]) == pytest.approx(sorted(pointed))


def test_references_stand_in_speaking_order():
    meeting = of("bundled").meeting
    ax = plots.references(meeting)
    shown = [text.get_text() for text in with_gid(ax.texts, "label ")]
    order = meeting.actors.dropna(subset=["speaking_order"]).sort_values("speaking_order")["actor"]
    assert shown[:14] == [f"{i}. {actor}" for i, actor in enumerate(order, 1)]
    assert shown[14:] == ["CAM Chair", "RCM Chair", "SACM Chair"]
    places = list(places_of(ax).values())
    assert places == sorted(places)


def test_references_say_their_relation():
    meeting = of("bundled").meeting
    ax = plots.references(meeting)
    legend = [text.get_text() for text in ax.get_legend().get_texts()]
    assert legend == ["echoes", "builds on", "supports", "unnamed"]
    at = places_of(ax)
    (arc,) = [
        patch
        for patch in ax.patches
        if isinstance(patch, Arc) and patch.center[0] - patch.width / 2 == at["Mexico"]
    ]
    handle = ax.get_legend().legend_handles[1]
    assert same_color(arc.get_edgecolor(), handle.get_color())
    assert arc.get_linestyle() == handle.get_linestyle() == "-."


@pytest.mark.parametrize("times", [1, 2, 3])
def test_references_are_not_cut_where_a_pair_has_several(times):
    number = 14
    actors = pd.DataFrame(
        {"actor": [f"A{i}" for i in range(number)], "speaking_order": range(1, number + 1)}
    )
    references = pd.DataFrame({"actor": "A13", "target": "A0", "relation": "echoes"}, range(times))
    statements = pd.DataFrame({"actor": actors["actor"], "code": "x"})
    ax = plots.references(cam.Meeting(statements, actors=actors, references=references))
    low, high = ax.get_ylim()
    arcs = [patch for patch in ax.patches if isinstance(patch, Arc)]
    assert len({arc.height for arc in arcs}) == times
    assert low <= 0
    assert max(arc.center[1] + arc.height / 2 for arc in arcs) <= high


def test_references_of_a_meeting_without_a_speaking_order():
    table = pd.DataFrame({"actor": ["A", "B"], "code": "x"})
    references = pd.DataFrame({"actor": ["B"], "target": ["A"], "relation": ["supports"]})
    unnumbered = pd.DataFrame({"actor": ["A", "B"], "speaking_order": [None, None]})
    for actors in (None, unnumbered):
        ax = plots.references(cam.Meeting(table, actors=actors, references=references))
        assert list(places_of(ax)) == ["A", "B"]
        assert "1 reference" in title(ax)


def test_references_are_needed():
    meeting = cam.Meeting(pd.DataFrame({"actor": ["A"], "code": ["x"]}))
    with pytest.raises(ValueError, match="no references"):
        plots.references(meeting)


# coders


def test_coders_dots_are_alphas_with_their_intervals():
    result = of("bundled").reliability
    ax = plots.coders(result)
    table = pd.concat(
        [result.overall.rename(index={"all": "all codes"}), result.by_dimension, result.by_code]
    )
    assert y_labels(ax) == table.index.tolist()
    rows = dict(zip(table.index, ax.get_yticks(), strict=True))
    defined = table.dropna(subset=["alpha"])
    dots = with_gid(ax.lines, "alpha")
    found = [(line.get_ydata()[0], line.get_xdata()[0]) for line in dots]
    assert found == [(rows[name], alpha) for name, alpha in defined["alpha"].items()]
    bars = {
        line.get_ydata()[0]: tuple(line.get_xdata())
        for line in ax.lines
        if line.get_gid() is None and line.get_transform() == ax.transData
    }
    assert bars == {rows[name]: (row["low"], row["high"]) for name, row in defined.iterrows()}


def test_coders_undefined_alpha_is_no_dot():
    table = pd.DataFrame({"actor": ["A", "B", "A"], "code": ["x", "x", "y"]})
    both = pd.concat([table.assign(coder=who) for who in ("Ana", "Ben")])
    result = cam.reliability(both, pd.DataFrame({"code": ["x", "y"]}), n=9)
    assert np.isnan(result.by_code.loc["x", "alpha"])
    ax = plots.coders(result)
    (cross,) = with_gid(ax.lines, "undefined")
    row = dict(zip(y_labels(ax), ax.get_yticks(), strict=True))["x"]
    assert cross.get_ydata()[0] == row
    assert cross.get_marker() == "x"
    assert row not in [line.get_ydata()[0] for line in with_gid(ax.lines, "alpha")]
    assert "not defined: one value only" in [text.get_text() for text in ax.texts]


def test_coders_low_values_stay_inside():
    table = pd.DataFrame({"actor": ["A", "B"], "code": ["x", "y"]})
    both = pd.concat(
        [table.assign(coder="Ana"), table.iloc[::-1].assign(coder="Ben", code=["x", "y"])]
    )
    result = cam.reliability(both, pd.DataFrame({"code": ["x", "y"]}), n=50)
    assert result.alpha < -0.5
    low, high = plots.coders(result).get_xlim()
    assert low < min(result.interval[0], result.alpha)
    assert high > 1


# along the meeting


def test_buildup_rises_where_an_actor_is_recorded():
    positions = of("bundled").positions
    ax = plots.buildup(positions)
    for name in positions.columns:
        (dots,) = with_gid(ax.lines, f"rise {name}")
        recorded = positions[name].notna().to_numpy()
        assert list(dots.get_xdata()) == np.flatnonzero(recorded).tolist()
        # lines are set a little apart, less than what would read as another number
        assert np.round(dots.get_ydata()).tolist() == list(range(1, recorded.sum() + 1))
        shown = [text.get_text() for text in ax.texts]
        assert f"{name} ({recorded.sum()})" in shown
    ticks = [label.get_text() for label in ax.get_xticklabels()]
    assert ticks == [f"{i}. {actor}" for i, actor in enumerate(positions.index, 1)]


def test_buildup_lines_of_all_codes_read_as_their_numbers():
    codes = of("bundled").meeting.positions("code")
    ax = plots.buildup(codes)
    for name in codes.columns:
        (dots,) = with_gid(ax.lines, f"rise {name}")
        assert np.round(dots.get_ydata()).tolist() == list(range(1, codes[name].count() + 1))


def test_coverage_bars_are_sentences():
    table = of("bundled").coverage
    ax = plots.coverage(table)
    sentences, covered = with_gid(ax.patches, "sentence"), with_gid(ax.patches, "covered")
    assert len(sentences) == len(covered) == len(table)
    lengths = (table["stop"] - table["start"]).to_numpy(dtype=float)
    shares = [
        dark.get_width() / bar.get_width() for dark, bar in zip(covered, sentences, strict=True)
    ]
    assert shares == pytest.approx(table["covered"].tolist())
    widths = np.array([bar.get_width() for bar in sentences])
    assert widths == pytest.approx(lengths, abs=8)
    assert y_labels(ax) == table.drop_duplicates("order")["actor"].tolist()
    weighted = (table["covered"] * lengths).groupby(table["order"], sort=False).sum()
    total = pd.Series(lengths).groupby(table["order"], sort=False).sum()
    shown = [text.get_text() for text in ax.texts]
    assert shown == [f"{share:.0%}" for share in weighted / total]
    assert f"{weighted.sum() / total.sum():.0%} of 25 interventions" in title(ax)


def test_coverage_of_a_very_short_sentence():
    text = "We want a common position. So."
    meeting = cam.Meeting(
        pd.DataFrame({"actor": ["A"], "code": ["x"], "quote": ["We want"]}),
        interventions=pd.DataFrame({"order": [1], "actor": ["A"], "passage": [text]}),
        texts=text,
    )
    table = meeting.coverage()
    assert len(table) == 2
    ax = plots.coverage(table)
    bars = with_gid(ax.patches, "sentence")
    assert all(bar.get_width() > 0 for bar in bars)
    edges = [(bar.get_x(), bar.get_x() + bar.get_width()) for bar in bars]
    assert all(before[1] <= after[0] for before, after in pairwise(edges))


# colours: Machado, Oliveira & Fernandes (2009, doi:10.1109/TVCG.2009.113), severity 1

VISION = {
    "normal": np.eye(3),
    "protanopia": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deuteranopia": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
}

XYZ = np.array(
    [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ]
)
"""Linear sRGB to CIE XYZ, D65."""


def linear(color):
    values = np.array(to_rgb(color))
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def lab(color, vision="normal"):
    """Return a colour in CIELAB, as it is seen."""
    seen = np.clip(VISION[vision] @ linear(color), 0, 1)
    ratio = XYZ @ seen / XYZ.sum(axis=1)
    root = np.where(ratio > (6 / 29) ** 3, np.cbrt(ratio), ratio / (3 * (6 / 29) ** 2) + 4 / 29)
    x, y, z = root
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def distance(a, b, vision="normal"):
    """Return the difference of two colours, CIE 1976."""
    return float(np.linalg.norm(lab(a, vision) - lab(b, vision)))


def test_lab_of_known_colours():
    assert lab("white") == pytest.approx([100, 0, 0], abs=0.01)
    assert lab("#ff0000") == pytest.approx([53.24, 80.09, 67.20], abs=0.01)
    # red and green of the same lightness are what deuteranopes confuse
    assert distance("#b04040", "#606000", "deuteranopia") < distance("#b04040", "#606000") / 2


@pytest.mark.parametrize("vision", VISION)
@pytest.mark.parametrize(
    "colors",
    [_style.CLUSTERS[:5], _style.DIMENSIONS[:4]],
    ids=["first five clusters", "four dimensions"],
)
def test_colours_can_be_told_apart(colors, vision):
    least, pair = min((distance(a, b, vision), (a, b)) for a, b in combinations(colors, 2))
    assert least > 15, pair


def test_colours_of_charts_are_those_of_the_style():
    assert [_style.cluster_color(label) for label in (1, 2, 11)] == [
        _style.CLUSTERS[0],
        _style.CLUSTERS[1],
        _style.CLUSTERS[0],
    ]
    names = ["d", "c", "b", "a"]
    assert _style.dimension_colors(names) == dict(zip(names, _style.DIMENSIONS, strict=False))


def test_numbers_can_be_read_on_every_cluster():
    for color in _style.CLUSTERS:
        light, dark = sorted(float(XYZ[1] @ linear(c)) for c in (color, _style.ink_on(color)))[::-1]
        assert (light + 0.05) / (dark + 0.05) > 3


def test_shades_grow_steadily_darker():
    luminance = [float(XYZ[1] @ linear(_style.SHADES(value))) for value in np.linspace(0, 1, 256)]
    assert (np.diff(luminance) < 0).all()
    assert luminance[0] > 0.9
    assert luminance[-1] < 0.1


def test_missing_is_grey_and_no_shade():
    red, green, blue = to_rgb(_style.MISSING)
    assert red == green == blue
    nearest = min(distance(_style.MISSING, _style.SHADES(v)) for v in np.linspace(0, 1, 101))
    assert nearest > 5


def test_network_of_counts_is_not_clustered_even_where_none_is_larger_than_1():
    table = pd.DataFrame({"x": [1, 1, None], "y": [None, None, 1]}, index=list("ABC"), dtype="Int8")
    counts = cam.agreement(table, "congruence")
    assert counts.max(axis=None) == 1
    ax = plots.network(counts)
    assert {text.get_text() for text in ax.texts if len(text.get_text()) == 1} == set("ABC")
