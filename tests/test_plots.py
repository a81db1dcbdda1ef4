"""The charts, read back from their artists."""

import base64
import itertools
from functools import cache

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from pandas.testing import assert_frame_equal

import camdata as cam

GIDS = ("support", "oppose", "both", "by_reference", "missing")


@pytest.fixture(autouse=True)
def _close_figures():
    mpl.use("Agg")
    yield
    plt.close("all")


@pytest.fixture
def meeting():
    return cam.load_meeting()


@cache
def drawn(chart, **options):
    """Return a chart of the bundled meeting, for tests that only read it."""
    meeting = cam.load_meeting()
    if chart == "positions":
        return cam.plots.positions(meeting, **options)
    return cam.plots.agreement(cam.agreement(meeting.positions(), **options))


def random_meeting(n, codes=9, silent=0):
    """Return a meeting of n delegations with names as long as those of states can be."""
    rng = np.random.default_rng(n)
    names = [f"Trinidad and Tobago {i}" for i in range(n)]
    rows = [
        (name, f"code {code}")
        for i, name in enumerate(names[: n - silent])
        for code in range(codes)
        if code == i % codes or rng.random() < 0.35
    ]
    statements = pd.DataFrame(rows, columns=["actor", "code"])
    return cam.Meeting(statements, actors=pd.DataFrame({"actor": names}))


# charts as frames


def labels_of(ax, axis):
    """Return the tick labels of an axis by their place."""
    ticks = ax.get_xticks() if axis == "x" else ax.get_yticks()
    texts = ax.get_xticklabels() if axis == "x" else ax.get_yticklabels()
    return {round(float(at), 3): text.get_text() for at, text in zip(ticks, texts, strict=True)}


def names_of(ax):
    """Return the actors beside the rows, without their numbers of statements."""
    return [label.rsplit(" (", 1)[0] for label in labels_of(ax, "y").values()]


def marks(ax):
    """Return what is drawn in each cell of a grid of positions, as (gid, column, actor)."""
    columns, rows = labels_of(ax, "x"), labels_of(ax, "y")
    found = []
    for artist in (*ax.patches, *ax.lines):
        if artist.get_gid() not in GIDS:
            continue
        if artist in ax.lines:
            x, y = (float(np.mean(data)) for data in artist.get_data())
        else:
            x, y = artist.get_center()
        found.append((artist.get_gid(), columns[round(x, 3)], rows[round(y, 3)]))
    return found


def grid(ax):
    """Return a grid of positions as a frame of gids, actors × columns, each cell drawn once."""
    found = marks(ax)
    cells = [(actor, column) for _, column, actor in found]
    assert len(cells) == len(set(cells)), "a cell is drawn twice"
    table = pd.DataFrame(index=labels_of(ax, "y").values(), columns=labels_of(ax, "x").values())
    for gid, column, actor in found:
        table.at[actor, column] = gid
    return table


def texts_by_row(ax):
    """Return the numbers beside the rows of a grid of positions."""
    rows = labels_of(ax, "y")
    numbers = {}
    for text in ax.texts:
        if text.get_text().isdecimal():
            numbers[rows[round(text.get_position()[1], 3)]] = int(text.get_text())
    return numbers


def heatmap(ax):
    """Return a heatmap as a frame, NaN where no colour is drawn."""
    (mesh,) = ax.collections
    values = np.ma.filled(mesh.get_array().astype(float), np.nan)
    return pd.DataFrame(values, index=names_of(ax), columns=labels_of(ax, "x").values())


def annotations(ax):
    """Return the texts in the cells of a heatmap as a frame, empty where there are none."""
    n = len(labels_of(ax, "y"))
    table = np.full((n, n), "", dtype=object)
    for text in ax.texts:
        if text.get_transform() == ax.transData:
            x, y = text.get_position()
            table[int(y), int(x)] = text.get_text()
    return pd.DataFrame(table, index=names_of(ax), columns=labels_of(ax, "x").values())


def strips(ax):
    """Return the cluster that is marked beside each actor of a heatmap, and its colour."""
    names = names_of(ax)
    found = {}
    for patch in ax.patches:
        gid = patch.get_gid() or ""
        if gid.startswith("cluster "):
            top, height = patch.get_y() + patch.get_height(), patch.get_height()
            first = round((1 - top) * len(names))
            for row in range(first, first + round(height * len(names))):
                assert names[row] not in found
                found[names[row]] = (int(gid.removeprefix("cluster ")), patch.get_facecolor())
    return found


def child(ax, gid):
    """Return the axes of this name beside a heatmap, None where there are none."""
    return next((axes for axes in ax.child_axes if axes.get_gid() == gid), None)


# whether labels can be read


def visible_texts(ax):
    """Return every text of a chart that is drawn."""
    texts = [*ax.texts, ax.xaxis.label, ax.yaxis.label]
    texts += [ax._left_title, ax.title, ax._right_title]
    if ax.get_legend() is not None:
        texts += ax.get_legend().get_texts()
    for axis in (ax.xaxis, ax.yaxis):
        low, high = sorted(axis.get_view_interval())
        for tick in axis.get_major_ticks():
            if low - 1e-9 <= tick.get_loc() <= high + 1e-9:
                texts += [t for t in (tick.label1, tick.label2) if t.get_visible()]
    for axes in ax.child_axes:
        texts += visible_texts(axes)
    return [text for text in texts if text.get_visible() and text.get_text().strip()]


def outline(text):
    """Return the corners of a text as it is drawn, turned with it, a little within its box."""
    angle = text.get_rotation()
    around = text.get_window_extent()
    text.set_rotation(0)
    flat = text.get_window_extent()
    text.set_rotation(angle)
    center = np.array([(around.x0 + around.x1) / 2, (around.y0 + around.y1) / 2])
    half = np.array([flat.width, flat.height]) / 2 * 0.94
    corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * half
    cos, sin = np.cos(np.radians(angle)), np.sin(np.radians(angle))
    return corners @ np.array([[cos, sin], [-sin, cos]]) + center


def cross(a, b):
    """Say whether two rectangles overlap: no side of either separates them."""
    for corners in (a, b):
        for side in (corners[1] - corners[0], corners[3] - corners[0]):
            first, second = a @ side, b @ side
            if first.max() <= second.min() or second.max() <= first.min():
                return False
    return True


def unreadable(ax):
    """Return the pairs of texts that overlap, and the texts that reach out of the figure."""
    ax.figure.draw_without_rendering()
    width, height = ax.figure.bbox.width, ax.figure.bbox.height
    texts = visible_texts(ax)
    outlines = [outline(text) for text in texts]
    overlapping = [
        (texts[i].get_text(), texts[j].get_text())
        for i, j in itertools.combinations(range(len(texts)), 2)
        if cross(outlines[i], outlines[j])
    ]
    boxes = [(text.get_text(), text.get_window_extent()) for text in texts]
    cut = [
        text
        for text, box in boxes
        if box.x0 < -1 or box.y0 < -1 or box.x1 > width + 1 or box.y1 > height + 1
    ]
    return {"overlapping": overlapping, "cut": cut}


READABLE = {"overlapping": [], "cut": []}

CHARTS = {
    "positions": lambda meeting: cam.plots.positions(meeting),
    "positions by dimension": lambda meeting: cam.plots.positions(meeting, by="dimension"),
    "agreement": lambda meeting: cam.plots.agreement(cam.agreement(meeting.positions())),
    "congruence": lambda meeting: cam.plots.agreement(
        cam.agreement(meeting.tally(duplicates="all"), "congruence")
    ),
}
ALL_CHARTS = pytest.mark.parametrize("draw", CHARTS.values(), ids=CHARTS.keys())


@ALL_CHARTS
def test_labels_of_the_bundled_meeting_neither_overlap_nor_are_cut(draw, meeting):
    assert unreadable(draw(meeting)) == READABLE


def agreement_by_code(meeting):
    return cam.plots.agreement(cam.agreement(meeting.positions("code")))


@pytest.mark.parametrize("n", [3, 60])
@pytest.mark.parametrize("draw", [cam.plots.positions, agreement_by_code])
def test_labels_of_few_and_many_actors_neither_overlap_nor_are_cut(draw, n):
    assert unreadable(draw(random_meeting(n))) == READABLE


@pytest.mark.parametrize("by", ["code", "dimension"])
def test_a_small_meeting_with_every_kind_of_position_can_be_read(by):
    codebook = pd.DataFrame(
        {"code": ["tax", "quota", "aid"], "dimension": ["money", "rules", "money"]}
    )
    assert unreadable(cam.plots.positions(cam.Meeting(TINY, codebook=codebook), by=by)) == READABLE


def test_names_of_dimensions_of_one_code_each_do_not_overlap():
    names = (
        "agriculture climate coordination defence education energy environment governance health "
        "integration migration transport"
    ).split()
    codebook = pd.DataFrame({"code": [f"{name} policy" for name in names], "dimension": names})
    statements = pd.DataFrame({"actor": ["A", "B"], "code": codebook["code"].iloc[:2]})
    ax = cam.plots.positions(cam.Meeting(statements, codebook=codebook))
    assert unreadable(ax) == READABLE


def test_what_cannot_be_read_is_found():
    ax = plt.figure().add_subplot()
    ax.text(0.5, 0.5, "one label")
    ax.text(0.51, 0.5, "another", rotation=50)
    ax.text(0.5, 3, "far away")
    assert unreadable(ax) == {"overlapping": [("one label", "another")], "cut": ["far away"]}


# the grid of positions


def expected_grid(meeting, by, **options):
    """Return what each cell must show, from the positions themselves."""
    positions = meeting.positions(by, **options)
    explicit = positions if options else meeting.positions(by, basis="explicit")
    names = {1: "support", -1: "oppose", 0: "both"}
    table = pd.DataFrame(index=positions.index, columns=positions.columns)
    for actor in positions.index:
        for key in positions.columns:
            value = positions.at[actor, key]
            if value is pd.NA:
                table.at[actor, key] = "missing"
            elif explicit.at[actor, key] is pd.NA:
                table.at[actor, key] = "by_reference"
            else:
                table.at[actor, key] = names[int(value)]
    return table


def test_every_cell_of_the_grid_shows_its_position(meeting):
    expected = expected_grid(meeting, "code")
    label = meeting.codebook.set_index("code")["label"]
    found = grid(drawn("positions"))
    assert found.columns.tolist() == [label[code] for code in expected.columns]
    assert found.index.tolist() == expected.index.tolist()
    assert found.to_numpy().tolist() == expected.to_numpy().tolist()
    referred = found.eq("by_reference")
    assert found.index[referred.any(axis="columns")].tolist() == ["Colombia", "United States"]


def test_the_grid_by_dimension(meeting):
    expected = expected_grid(meeting, "dimension")
    found = grid(drawn("positions", by="dimension"))
    assert found.columns.tolist() == expected.columns.tolist()
    assert found.to_numpy().tolist() == expected.to_numpy().tolist()
    assert (found.loc["Bolivia"] == "missing").all()


def test_without_what_is_recorded_by_reference_nothing_is_hatched(meeting):
    ax = drawn("positions", basis="explicit")
    expected = expected_grid(meeting, "code", basis="explicit")
    assert grid(ax).to_numpy().tolist() == expected.to_numpy().tolist()
    assert not any(patch.get_hatch() for patch in ax.patches)


def test_what_is_recorded_by_reference_is_hatched_and_nothing_else_is():
    for patch in drawn("positions").patches:
        assert bool(patch.get_hatch()) == (patch.get_gid() == "by_reference")


def test_statements_are_counted_beside_the_rows(meeting):
    counts = meeting.positions("code").attrs["statements"]
    assert texts_by_row(drawn("positions")) == counts
    assert counts["Bolivia"] == 0


def test_the_title_of_the_grid_carries_its_counts():
    def title(**options):
        return drawn("positions", **options).get_title(loc="left")

    assert title() == "Recorded positions: 14 actors × 17 codes, 38 statements"
    assert title(by="dimension") == "Recorded positions: 14 actors × 4 dimensions, 38 statements"
    assert title(basis="explicit") == "Recorded positions: 14 actors × 17 codes, 36 statements"
    assert title(kinds="official") == "Recorded positions: 3 actors × 17 codes, 7 statements"


def test_codes_of_one_dimension_have_one_colour_and_stand_under_its_name(meeting):
    ax = drawn("positions")
    codebook = meeting.codebook.set_index("label")["dimension"]
    columns = labels_of(ax, "x")
    colors = {}
    for patch in ax.patches:
        if patch.get_gid() in ("support", "by_reference"):
            dimension = codebook[columns[round(patch.get_center()[0], 3)]]
            colors.setdefault(dimension, set()).add(patch.get_edgecolor())
    assert set(colors) == set(codebook)
    assert all(len(used) == 1 for used in colors.values())
    assert len(set.union(*colors.values())) == len(colors)
    for text in ax.texts:
        if text.get_text() in colors:
            inside = [x for x, label in columns.items() if codebook[label] == text.get_text()]
            assert min(inside) <= text.get_position()[0] <= max(inside)
            assert to_rgba(text.get_color()) in colors[text.get_text()]


def test_codes_of_one_dimension_stand_together_whatever_their_order():
    codebook = pd.DataFrame(
        {"code": list("abcd"), "dimension": ["money", "rules", "money", "rules"]}
    )
    statements = pd.DataFrame({"actor": ["A"] * 4, "code": list("abcd")})
    ax = cam.plots.positions(cam.Meeting(statements, codebook=codebook))
    assert list(labels_of(ax, "x").values()) == ["a", "c", "b", "d"]


TINY = pd.DataFrame(
    [
        ("Ana", "tax", 1, "explicit"),
        ("Ana", "quota", -1, "explicit"),
        ("Beto", "tax", 1, "explicit"),
        ("Beto", "tax", -1, "explicit"),
        ("Beto", "aid", -1, "by_reference"),
        ("Caio", "tax", 1, "by_reference"),
        ("Zoe", "tax", 1, "by_reference"),
        ("Zoe", "tax", -1, "by_reference"),
    ],
    columns=["actor", "code", "stance", "basis"],
)


def drawn_in(ax, column, actor):
    """Return what is drawn in a cell, as plain properties to compare."""
    x = next(at for at, label in labels_of(ax, "x").items() if label == column)
    y = next(at for at, label in labels_of(ax, "y").items() if label == actor)
    boxes = []
    for patch in ax.patches:
        center = patch.get_center()
        if abs(center[0] - x) < 0.5 and abs(center[1] - y) < 0.5:
            boxes.append(
                (
                    round(patch.get_width(), 3),
                    round(center[0] - x, 3),
                    patch.get_facecolor(),
                    patch.get_hatch(),
                )
            )
    words = [
        text.get_text()
        for text in ax.texts
        if abs(text.get_position()[0] - x) < 0.5 and abs(text.get_position()[1] - y) < 0.5
    ]
    return boxes, words


def test_support_opposition_and_both_are_drawn_differently():
    ax = cam.plots.positions(cam.Meeting(TINY))
    table = grid(ax)
    assert table.loc["Ana"].to_dict() == {"tax": "support", "quota": "oppose", "aid": "missing"}
    assert table.loc["Beto"].to_dict() == {"tax": "both", "quota": "missing", "aid": "by_reference"}
    white = to_rgba("white")
    (full,), words = drawn_in(ax, "tax", "Ana")
    assert full[2] != white
    assert words == []
    (empty,), words = drawn_in(ax, "quota", "Ana")
    assert empty[2] == white
    assert words == ["−"]
    (whole, half), words = drawn_in(ax, "tax", "Beto")
    assert whole[2] == white
    assert half[2] != white
    assert half[0] == pytest.approx(whole[0] / 2)
    assert half[1] < 0
    assert words == []
    assert drawn_in(ax, "aid", "Ana") == ([], [])


def test_by_reference_the_stances_are_drawn_differently_too():
    ax = cam.plots.positions(cam.Meeting(TINY))
    support, oppose, both = (
        drawn_in(ax, *cell) for cell in (("tax", "Caio"), ("aid", "Beto"), ("tax", "Zoe"))
    )
    assert support != oppose
    assert both != support
    assert both != oppose


def test_the_legend_names_what_occurs_and_nothing_else():
    def legend(ax):
        return [text.get_text() for text in ax.get_legend().get_texts()]

    assert legend(drawn("positions")) == [
        "supports",
        "by reference only",
        "nothing recorded",
    ]
    assert legend(cam.plots.positions(cam.Meeting(TINY))) == [
        "supports",
        "by reference only",
        "opposes (−)",
        "both recorded (half)",
        "nothing recorded",
    ]
    explicit = cam.plots.positions(cam.Meeting(TINY), basis="explicit")
    assert "by reference only" not in legend(explicit)


def test_a_meeting_with_other_stances_has_no_grid():
    table = pd.DataFrame({"actor": ["A"], "code": ["x"], "stance": [3]})
    with pytest.raises(ValueError, match="use the tally itself"):
        cam.plots.positions(cam.Meeting(table, stances=(1, 2, 3)))


# the heatmap of agreement


@pytest.mark.parametrize("by", ["dimension", "code"])
def test_the_heatmap_shows_agreement_in_the_order_of_its_tree(by, meeting):
    agreement = cam.agreement(meeting.positions(by))
    clusters = cam.cluster(agreement)
    ax = cam.plots.agreement(agreement)
    assert names_of(ax) == clusters.order
    assert list(labels_of(ax, "x").values()) == clusters.order
    expected = agreement.loc[clusters.order, clusters.order].to_numpy(copy=True)
    np.fill_diagonal(expected, np.nan)
    np.testing.assert_array_equal(heatmap(ax).to_numpy(), expected)


def test_names_carry_numbers_of_statements_where_they_are_known(meeting):
    positions = meeting.positions()
    labels = list(labels_of(drawn("agreement"), "y").values())
    assert set(labels) == {f"{a} ({n})" for a, n in positions.attrs["statements"].items()}
    assert labels[-1] == "Bolivia (0)"
    agreement = cam.agreement(positions)
    agreement.attrs = {}
    ax = cam.plots.agreement(agreement)
    assert set(labels_of(ax, "y").values()) == set(positions.index)
    assert ax.get_title(loc="left") == "Shared recorded positions: agreement, 14 actors"


@pytest.mark.parametrize(
    ("method", "title"),
    [
        ("jaccard", "Jaccard coefficient, 14 actors, 38 statements"),
        ("cosine", "cosine (Ochiai) coefficient, 14 actors, 38 statements"),
        ("congruence", "congruence, 14 actors, 38 statements"),
    ],
)
def test_the_title_says_what_is_shown_and_on_how_many_statements(method, title):
    ax = drawn("agreement", method=method)
    assert ax.get_title(loc="left") == f"Shared recorded positions: {title}"


def test_one_actor_and_one_statement_are_singular():
    meeting = cam.Meeting(pd.DataFrame({"actor": ["A"], "code": ["x"]}))
    ax = cam.plots.agreement(cam.agreement(meeting.positions("code")))
    assert ax.get_title(loc="left").endswith("Jaccard coefficient, 1 actor, 1 statement")
    ax = cam.plots.positions(meeting)
    assert ax.get_title(loc="left") == "Recorded positions: 1 actor × 1 code, 1 statement"


def test_cells_are_annotated_with_their_value(meeting):
    agreement = cam.agreement(meeting.positions())
    found = annotations(drawn("agreement"))
    for actor, other in itertools.product(found.index, found.columns):
        value, text = agreement.at[actor, other], found.at[actor, other]
        if actor == other:
            assert text == ""
        elif np.isnan(value):
            assert text == "–"
        else:
            assert float(text) == pytest.approx(value, abs=0.005)
    assert found.at["Colombia", "Brazil"] == ".33"
    assert found.at["Canada", "Uruguay"] == "1"
    assert found.at["Canada", "Brazil"] == "0"


def test_counts_are_annotated_so_that_they_can_be_read():
    rows = [[0, 1600, 7.25], [1600, 0, 0.5], [7.25, 0.5, 0]]
    agreement = pd.DataFrame(rows, index=list("ABC"), columns=list("ABC"), dtype="float64")
    found = annotations(cam.plots.agreement(agreement))
    assert found.at["A", "B"].replace(",", "") == "1600"
    assert float(found.at["A", "C"]) == pytest.approx(7.25, abs=0.05)
    assert float(found.at["B", "C"]) == 0.5


@pytest.mark.parametrize("n", [4, 30])
def test_missing_is_never_drawn_like_zero(n):
    agreement = cam.agreement(random_meeting(n, silent=1).positions("code"))
    ax = cam.plots.agreement(agreement)
    ax.figure.draw_without_rendering()
    values, words = heatmap(ax), annotations(ax)
    colors = ax.collections[0].get_facecolor().reshape(n, n, 4)
    silent = f"Trinidad and Tobago {n - 1}"
    assert names_of(ax)[-1] == silent
    background = np.array(ax.get_facecolor())
    assert background[3] == 1
    for i, j in itertools.product(range(n), repeat=2):
        if i == j:
            continue
        if agreement.at[values.index[i], values.columns[j]] == 0:
            assert colors[i, j, 3] == 1
            assert np.abs(colors[i, j, :3] - background[:3]).sum() > 0.1
            assert words.iloc[i, j] == ("0" if n == 4 else "")
        elif np.isnan(agreement.at[values.index[i], values.columns[j]]):
            assert colors[i, j, 3] == 0  # the grey ground shows
            assert words.iloc[i, j] == ("–" if n == 4 else "")
    assert (agreement.to_numpy() == 0).any()


def test_clusters_are_marked_beside_their_members(meeting):
    agreement = cam.agreement(meeting.positions())
    for clusters in (
        cam.cluster(agreement),
        cam.cluster(agreement, n_clusters=3),
        cam.cluster(agreement, method="complete"),
        cam.cluster(agreement, method="louvain"),
    ):
        ax = cam.plots.agreement(agreement, clusters)
        assert names_of(ax) == clusters.order
        marked = {actor: label for actor, (label, _) in strips(ax).items()}
        assert marked == clusters.labels.dropna().to_dict()
        colors = dict(strips(ax).values())
        assert len(set(colors.values())) == clusters.n_clusters


def test_a_plain_labelling_is_marked_in_the_order_of_the_tree(meeting):
    agreement = cam.agreement(meeting.positions())
    labels = pd.Series({"Canada": 2, "Uruguay": 2, "Peru": 1, "Mexico": None})
    for labelling in (labels, labels.to_dict()):
        ax = cam.plots.agreement(agreement, labelling)
        assert names_of(ax) == cam.cluster(agreement).order
        marked = {actor: label for actor, (label, _) in strips(ax).items()}
        assert marked == {"Canada": 2, "Uruguay": 2, "Peru": 1}


def test_members_that_stand_together_are_framed(meeting):
    agreement = cam.agreement(meeting.positions())
    ax = drawn("agreement")
    names = names_of(ax)
    frames = [
        sorted(names[round(p.get_y()) : round(p.get_y() + p.get_height())])
        for p in ax.patches
        if not p.get_fill()
    ]
    expected = [m for m in cam.cluster(agreement).members.values() if len(m) > 1]
    assert sorted(frames) == sorted(sorted(m) for m in expected)


def test_the_tree_beside_the_heatmap_is_that_of_the_agreement(meeting):
    agreement = cam.agreement(meeting.positions("code"))
    clusters = cam.cluster(agreement)
    ax = cam.plots.agreement(agreement)
    tree = child(ax, "dendrogram")
    heights = sorted(max(line.get_xdata()) for line in tree.lines)
    np.testing.assert_allclose(heights, np.sort(clusters.linkage[:, 2]))
    leaves = sorted(
        y
        for line in tree.lines
        for x, y in zip(line.get_xdata(), line.get_ydata(), strict=True)
        if x == 0
    )
    assert leaves == [10 * i + 5 for i in range(len(clusters.placed))]
    assert tree.get_ylim() == (10 * len(agreement), 0)  # a row of the heatmap is 10 high
    assert tree.get_xlim()[0] > tree.get_xlim()[1]


@pytest.mark.parametrize("method", ["congruence", "subtract"])
def test_counts_are_neither_clustered_nor_reordered(method, meeting):
    agreement = cam.agreement(meeting.tally("code", duplicates="all"), method)
    ax = cam.plots.agreement(agreement)
    assert names_of(ax) == agreement.index.tolist()
    assert strips(ax) == {}
    assert child(ax, "dendrogram") is None
    assert child(ax, "colorbar") is not None


def test_counts_are_not_clustered_even_where_none_is_larger_than_1():
    table = pd.DataFrame([[1, None], [1, 1], [None, 1]], index=list("ABC"), columns=["x", "y"])
    agreement = cam.agreement(table.astype("Int8"), "congruence")
    assert agreement.max(axis=None) == 1
    ax = cam.plots.agreement(agreement)
    assert strips(ax) == {}
    assert child(ax, "dendrogram") is None


def test_colours_grow_darker_with_agreement():
    mesh = drawn("agreement").collections[0]
    assert mesh.get_clim() == (0, 1)
    grey = mesh.get_cmap()(np.linspace(0, 1, 20))[:, :3] @ [0.299, 0.587, 0.114]
    assert (np.diff(grey) < 0).all()


def test_an_agreement_of_nobody_comparable_is_drawn():
    table = pd.DataFrame({"x": [pd.NA, pd.NA]}, index=["A", "B"], dtype="Int8")
    ax = cam.plots.agreement(cam.agreement(table))
    assert heatmap(ax).isna().all(axis=None)
    assert annotations(ax).to_numpy().tolist() == [["", "–"], ["–", ""]]
    assert strips(ax) == {}
    assert "A, B cannot be placed" in ax.figure.alt


def test_a_table_that_is_no_agreement_is_refused():
    with pytest.raises(TypeError, match="as a DataFrame"):
        cam.plots.agreement([[1.0]])
    with pytest.raises(ValueError, match="square"):
        cam.plots.agreement(pd.DataFrame([[1.0, 0.5]]))


# what holds for every chart


@ALL_CHARTS
def test_a_chart_is_axes_of_a_new_figure_and_leaves_the_users_settings_alone(draw, meeting):
    with mpl.rc_context({"font.size": 17, "axes.titlelocation": "right"}):
        before = mpl.rcParams.copy()
        ax = draw(meeting)
        assert mpl.rcParams == before
    assert isinstance(ax, mpl.axes.Axes)
    assert plt.get_fignums() == [ax.figure.number]


def test_charts_are_drawn_into_the_axes_given(meeting):
    figure, (left, right) = plt.subplots(1, 2, figsize=(20, 9))
    left.text(0.5, 0.5, "Table 10.50")
    agreement = cam.agreement(meeting.positions())
    assert cam.plots.positions(meeting, ax=right) is right
    assert cam.plots.agreement(agreement, ax=left) is left
    assert plt.get_fignums() == [figure.number]
    assert left.texts[0].get_text() == "Table 10.50"
    assert_frame_equal(heatmap(left), heatmap(drawn("agreement")))
    assert_frame_equal(grid(right), grid(drawn("positions")))
    figure.draw_without_rendering()


def test_a_chart_tells_what_it_shows_to_those_who_do_not_see_it():
    assert drawn("positions").figure.alt == (
        "Grid of 14 actors in speaking order by 17 codes: 34 cells hold a recorded position, the "
        "others nothing; nothing at all is recorded of Bolivia."
    )
    assert drawn("agreement").figure.alt == (
        "Heatmap of the Jaccard coefficient between 14 actors, ordered by their dendrogram and "
        "marked as 8 clusters; Bolivia cannot be placed."
    )


def test_jupyter_is_given_the_picture_with_its_alternative_text(meeting):
    figure = cam.plots.positions(meeting).figure
    data, metadata = figure._repr_mimebundle_()
    assert base64.b64decode(data["image/png"]).startswith(b"\x89PNG")
    assert data["text/plain"] == figure.alt
    assert metadata["image/png"]["alt"] == figure.alt


@pytest.mark.parametrize("method", ["subtract", "louvain"])
def test_the_alternative_text_tells_of_no_tree_where_there_is_none(method, meeting):
    if method == "louvain":
        agreement = cam.agreement(meeting.positions())
        ax = cam.plots.agreement(agreement, cam.cluster(agreement, method="louvain"))
    else:
        ax = cam.plots.agreement(cam.agreement(meeting.tally("code"), method))
        assert "0 clusters" not in ax.figure.alt
    assert child(ax, "dendrogram") is None
    assert "dendrogram" not in ax.figure.alt


@pytest.mark.parametrize(
    ("draw", "suffix"),
    [
        (cam.plots.positions, "png"),
        (cam.plots.positions, "svg"),
        (cam.plots.positions, "pdf"),
        (agreement_by_code, "png"),
        (agreement_by_code, "svg"),
    ],
)
def test_a_chart_saved_twice_is_the_same_file(draw, suffix, meeting, tmp_path):
    ax = draw(meeting)
    first, second = tmp_path / f"first.{suffix}", tmp_path / f"second.{suffix}"
    cam.plots.save(ax, first)
    cam.plots.save(ax, str(second))
    assert len(first.read_bytes()) > 1000
    assert first.read_bytes() == second.read_bytes()


@pytest.mark.parametrize("draw", [cam.plots.positions, agreement_by_code])
def test_a_chart_drawn_again_is_the_same_file(draw, meeting, tmp_path):
    for name in ("first.svg", "second.svg"):
        cam.plots.save(draw(meeting), tmp_path / name)
    assert (tmp_path / "first.svg").read_bytes() == (tmp_path / "second.svg").read_bytes()


def test_words_stay_words_in_an_svg(meeting, tmp_path):
    cam.plots.save(cam.plots.positions(meeting), tmp_path / "chart.svg")
    drawing = (tmp_path / "chart.svg").read_text(encoding="utf-8")
    assert ">Dominican Republic<" in drawing
    assert "Recorded positions: 14 actors × 17 codes, 38 statements" in drawing
    assert "<dc:date>" not in drawing


def test_a_chart_of_the_users_own_figure_is_saved(meeting, tmp_path):
    ax = cam.plots.positions(meeting, ax=Figure().add_subplot())
    cam.plots.save(ax, tmp_path / "figure.png")
    assert (tmp_path / "figure.png").stat().st_size > 1000
    part, _ = plt.figure().subfigures(1, 2)
    ax = cam.plots.positions(meeting, ax=part.subplots())
    cam.plots.save(ax, tmp_path / "part.png")
    assert (tmp_path / "part.png").stat().st_size > 1000
